"""Latency on arrays: at the values of the symbols it is that of the networks built one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy
import pytest

from archcalc import Network, Value, latency, row, zoo
from archcalc.algebra.polynomial import Space
from archcalc.algebra.unsettled import NeedsPeriod
from archcalc.analysis.latency.forms import LatencyForm, latency_form
from archcalc.analysis.latency.kernels import forward_kernels, step_kernels
from archcalc.analysis.latency.setups import setup_of
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Whole, block
from archcalc.ops import Conv, Flatten, GlobalAvgPool, Linear
from archcalc.training import PRECISIONS, Training
from archcalc.zoo import resnet
from archcalc.zoo._anynetx import Stage, x_block

SETUPS: Sequence[tuple[str, str, Mapping[str, Any]]] = (
    ("rtx-4090", "amp_fp16", {}),
    ("rtx-4090", "amp_fp16", {"runtime": "compiled"}),
    ("t4", "float16", {}),
    ("i7-12700h", "float32", {}),
    ("rtx-3090", "amp_fp16", {"task": "training", "layout": "nhwc"}),
)


def widths(x: Value, w1: Any = 64, w2: Any = 128, d1: int = 2, d2: int = 2) -> Value:
    """Two stages of basic blocks of any widths."""
    x = resnet.stem(x, "7x7", w1)
    for stage, (width, depth) in enumerate(((w1, d1), (w2, d2))):
        for number in range(depth):
            x = block(f"s{stage}.{number}", resnet.basic, x, width, 1 + (number == 0 < stage))
    return resnet.classifier(x, 10)


def regnet(x: Value, m1: Any = 4, g1: Any = 8, m2: Any = 8, g2: Any = 16) -> Value:
    """Two stages of X blocks with groups of any width."""
    x = row("stem", x, Conv(32, 3, stride=2, padding=1, bias=False))
    for stage, (many, group) in enumerate(((m1, g1), (m2, g2))):
        for number in range(2):
            x = block(f"s{stage}.{number}", x_block, x, Stage(2, many * group, 1, group), 2 - number)
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(10))


BATCH = 512
"""So large that launches do not bound most kernels."""
ANY = Whole(1, 4096, "")
WIDTHS = Network("widths", widths, ((3, 96, 96),), hyperparameters={"w1": ANY, "w2": ANY})
REGNET = Network("regnet", regnet, ((3, 224, 224),), hyperparameters=dict.fromkeys(("m1", "g1", "m2", "g2"), ANY))
CASES: Mapping[str, tuple[Network, Mapping[str, Sequence[Any]], tuple[str, ...]]] = {
    "resnet stages": (WIDTHS, {"w1": (8, 24, 64, 72), "w2": (16, 64, 136, 512)}, ()),
    "regnet stages": (REGNET, {"m1": (1, 2, 5), "g1": (1, 8, 24), "m2": (3, 64), "g2": (4, 16)}, ()),
    "wrn": (zoo.network("wrn50_2"), {"k": (1, 2, 3, 8)}, ()),
    "resnext": (zoo.network("resnext50_32x4d"), {"width": (1, 4, 7, 33)}, ()),
    "mobilenet": (zoo.network("mobilenet_v1"), {"width": (Fraction(1, 4), Fraction(1, 2), 1, 2)}, ("width",)),
    "densenet": (zoo.network("densenet121"), {"growth": (4, 12, 32, 48)}, ()),
    "swin": (zoo.network("swin_t"), {"classes": (1, 10, 1000), "in_channels": (1, 3, 4)}, ()),
}


def conditions_hold(space: Space, values: Mapping[str, Any]) -> bool:
    """Whether all that a space has noted holds at some values."""
    return (
        all(each.value(values) >= 0 for each in space.at_least)
        and all(each.value(values) == 0 for each in space.zero)
        and all(each.value(values) != 0 for each in space.nonzero)
        and all(Fraction(each.value(values)).denominator == 1 for each in space.whole)
    )


def predicted(network: Any, device: str, **given: Any) -> float:
    """The seconds of a network that is built for the purpose."""
    return latency(network, device=device, **given).seconds


def points(choices: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """All combinations of some choices."""
    return [dict(zip(choices, each, strict=True)) for each in product(*choices.values())]


def formed(case: str, setup: tuple[str, str, Mapping[str, Any]], batch: Any = BATCH) -> tuple[LatencyForm, Space]:
    """The form of a case's network, and its space."""
    network, choices, real = CASES[case]
    device, precision, given = setup
    space = Space(tuple(choices), real, near={name: values[-1] for name, values in choices.items()})
    graph = network.graph(None, {name: space.symbol(name) for name in choices})
    form = latency_form(graph, setup_of(device, PRECISIONS[precision], **given), batch, Training("adam"))
    return form, space


@pytest.mark.parametrize("setup", SETUPS, ids=lambda each: "-".join([each[0], *each[2].values()]))
@pytest.mark.parametrize("case", CASES)
def test_values_at_symbols_are_those_of_networks_built_one_by_one(
    case: str, setup: tuple[str, str, Mapping[str, Any]]
) -> None:
    device, precision, given = setup
    network, choices, _ = CASES[case]
    form, space = formed(case, setup)
    every = [each for each in points(choices) if conditions_hold(space, each)]
    assert len(every) >= 3
    found = form.seconds({name: [each[name] for each in every] for name in choices})
    assert max(found) > min(found)
    for values, seconds in zip(every, found, strict=True):
        settings = {name: float(v) if isinstance(v, Fraction) else v for name, v in values.items()}
        built = predicted(network, device, batch=BATCH, precision=precision, optimizer="adam", **given, **settings)
        assert seconds == pytest.approx(built, rel=1e-12, abs=0)


def test_a_group_for_each_channel_is_another_kernel_which_the_space_notes() -> None:
    """With groups of one channel the convolution is depthwise, with one group it has none: neither is this form."""
    form, space = formed("regnet stages", SETUPS[0])
    fine = {"m1": 5, "g1": 8, "m2": 64, "g2": 16}
    assert conditions_hold(space, fine)
    for changed in ({"g1": 1}, {"m1": 1}, {"m2": 1}, {"g2": 1}):
        assert not conditions_hold(space, fine | changed), changed
    depthwise = predicted(REGNET, "rtx-4090", batch=BATCH, precision="amp_fp16", **fine | {"g2": 1})
    wrong = float(form.seconds(fine | {"g2": 1}))
    right = predicted(REGNET, "rtx-4090", batch=BATCH, precision="amp_fp16", **fine)
    assert form.seconds(fine) == pytest.approx(right, rel=1e-12, abs=0)
    assert wrong != pytest.approx(depthwise, rel=1e-12, abs=0)


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v1", "convnext_tiny"])
def test_sizes_and_batch_may_be_symbols_together(name: str) -> None:
    space = Space(("s", "N"))
    side, batch = space.symbol("s") * 32, space.symbol("N")
    setup = setup_of("rtx-4090", PRECISIONS["amp_fp16"])
    form = latency_form(zoo.network(name).graph((3, side, side)), setup, batch)
    assert form.symbols() == ("s", "N")
    sides, batches = numpy.array([[3], [7], [10]]), numpy.array([1, 64, 1000])
    found = form.seconds({"s": sides, "N": batches})
    assert found.shape == (3, 3)
    for (i, s), (j, n) in product(enumerate([3, 7, 10]), enumerate([1, 64, 1000])):
        built = latency(name, device="rtx-4090", input=(3, 32 * s, 32 * s), batch=n, precision="amp_fp16")
        assert found[i, j] == pytest.approx(built.seconds, rel=1e-12, abs=0)


def test_kernels_that_are_alike_are_kept_once() -> None:
    """The blocks of a stage are alike, so that a deeper network has hardly more kernels that differ."""
    setup = setup_of("rtx-4090", PRECISIONS["float32"])
    few, many = [latency_form(zoo.network(name).graph(), setup) for name in ("resnet50", "resnet152")]
    assert [len(each.kernels) for each in (few, many)] == [len(few.kernels), len(few.kernels)]
    for form, name in ((few, "resnet50"), (many, "resnet152")):
        graph = zoo.network(name).graph()
        assert sum(times for _, times in form.kernels) == len(forward_kernels(graph, 1, PRECISIONS["float32"]))
        assert form.seconds({}) == pytest.approx(latency(name, device="rtx-4090").seconds, rel=1e-12, abs=0)


def test_a_training_step_has_the_kernels_of_its_phases() -> None:
    setup = setup_of("rtx-3090", PRECISIONS["amp_fp16"], task="training")
    graph = zoo.network("resnet18").graph()
    phases = step_kernels(graph, 8, PRECISIONS["amp_fp16"], Training())
    form = latency_form(graph, setup, 8)
    assert sum(times for _, times in form.kernels) == sum(map(len, phases.values()))


def test_nothing_overflows() -> None:
    """FLOPs above 2**63 are computed in float64: the time goes on growing with the batch."""
    space = Space(("N",))
    setup = setup_of("rtx-4090", PRECISIONS["float32"])
    form = latency_form(zoo.network("vgg16").graph((3, 4096, 4096)), setup, space.symbol("N"))
    small, large = form.seconds({"N": [10**3, 10**9]})
    assert large == pytest.approx(small * 10**6, rel=1e-3)


def test_what_is_no_polynomial_is_refused() -> None:
    setup = setup_of("rtx-4090", PRECISIONS["float32"])
    space = Space(("s",))
    with pytest.raises(NeedsPeriod):
        latency_form(zoo.network("resnet50").graph((3, space.symbol("s"), 224)), setup)
    arrays = zoo.network("vgg11").graph((3, numpy.array([224, 256]), 224))
    with pytest.raises(ArchcalcError, match="sizes that are numbers or polynomials"):
        latency_form(arrays, setup)
    form = latency_form(zoo.network("vgg11").graph(), setup, space.symbol("s"))
    with pytest.raises(ArchcalcError, match="a latency in s needs its values"):
        form.seconds({"t": 1})
