"""Figures of memory: their data are those of `archcalc.analysis.memory.statement`, and what is drawn is the data."""

from __future__ import annotations

import csv
import io
import itertools
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from archcalc import ArchcalcError, Network, Request, row
from archcalc.analysis.memory import KINDS
from archcalc.analysis.memory.statement import memory
from archcalc.cli import cli
from archcalc.figures import TYPICAL, Plot, batches, gather, style
from archcalc.figures import memory as along
from archcalc.figures.labels import spread
from archcalc.graph import Value
from archcalc.hardware.devices import device
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pool import GlobalAvgPool
from archcalc.present.tables import human_bytes
from archcalc.training import Training
from tests.test_plots import apart, inside

STEPS = {
    "plain": ("resnet18", 8, Training()),
    "Adam under autocast": ("vgg11", 4, Training(optimizer="adam", precision="amp_bf16")),
    "loop with master weights": (
        "mobilenet_v1",
        2,
        Training(optimizer="adamw", implementation="loop", precision="bfloat16", master_weights=True),
    ),
    "checkpoints": ("resnet34", 8, Training(checkpoint=1)),
    "the last layer": ("alexnet", 1, Training(train_from="fc8")),
    "a network of several outputs": ("unet", 1, Training(optimizer="rmsprop", weight_decay=True)),
}
EACH_STEP = pytest.mark.parametrize("name", STEPS)
BOTH = pytest.mark.parametrize("width", [style.COLUMN, style.PAGE])


@cache
def step_of(name: str) -> along.StepMemory:
    network, batch, training = STEPS[name]
    return gather(Plot("memory", (Request.of(network, training=training),), batch=batch))


@cache
def drawn(name: str, width: float = style.PAGE) -> Any:
    return rendered(along, step_of(name), width)


def rendered(module: Any, data: Any, width: float) -> Any:
    with style.styled():
        figure = module.draw(data, width)
        FigureCanvasAgg(figure).draw()
    return figure


def height_at(patch: Any, x: float) -> float:
    """The upper edge of a polygon of steps at a place between two edges."""
    corners = patch.get_xy()[1:-2]
    return next(a[1] for a, b in itertools.pairwise(corners) if a[0] < x < b[0])


@EACH_STEP
@BOTH
def test_no_two_texts_overlap_and_nothing_leaves_the_canvas(name: str, width: float) -> None:
    apart(drawn(name, width))
    inside(drawn(name, width), width)


@EACH_STEP
def test_kinds_add_up_to_the_total_of_every_call(name: str) -> None:
    lines = along.records(step_of(name))
    assert [each["call"] for each in lines] == list(range(1, len(lines) + 1))
    for each in lines:
        assert sum(each[kind] for kind in KINDS) == each["total"]  # type: ignore[misc]


@EACH_STEP
def test_the_peak_is_that_of_the_statement(name: str) -> None:
    network, batch, training = STEPS[name]
    step = memory(network, batch=batch, training=training).step
    peak = step_of(name).calls[step_of(name).peak]
    assert (peak.total, peak.layer, peak.op) == (step.bytes, step.layer, step.op)
    assert {kind: held for kind, held in zip(KINDS, peak.alive, strict=True) if held} == dict(step.kinds)


@EACH_STEP
def test_the_stack_is_as_high_as_the_total_and_each_band_as_its_kinds(name: str) -> None:
    (axes,) = drawn(name).axes
    data = step_of(name)
    unit = {"TB": 1e12, "GB": 1e9, "MB": 1e6}[axes.get_ylabel()[8:-1]]
    bands = {each.get_gid()[5:]: each for each in axes.patches if (each.get_gid() or "").startswith("band ")}
    kinds = {label: kinds for label, kinds, _, _ in along.BANDS}
    order = [label for label, _, _, _ in along.BANDS if label in bands]
    edges = along.edges_of(sum(each.phase != "optimizer" for each in data.calls), _optimizer_calls(data))
    for call, (left, right) in list(zip(data.calls, itertools.pairwise(edges), strict=True))[::3]:
        below = 0.0
        for label in order:
            above = height_at(bands[label], (left + right) / 2)
            held = sum(call.alive[KINDS.index(kind)] for kind in kinds[label])
            assert (above - below) * unit == pytest.approx(held, rel=1e-9, abs=1)
            below = above
        assert below * unit == pytest.approx(call.total, rel=1e-12)


def _optimizer_calls(data: along.StepMemory) -> int:
    return [each.phase for each in data.calls].count("optimizer")


def test_every_kind_is_in_one_band() -> None:
    assert sorted(kind for _, kinds, _, _ in along.BANDS for kind in kinds) == sorted(KINDS)


@EACH_STEP
def test_the_mark_and_its_words_are_those_of_the_highest_call(name: str) -> None:
    figure, data = drawn(name), step_of(name)
    (mark,) = [line for line in figure.axes[0].get_lines() if line.get_gid() == "peak"]
    peak = max(each.total for each in data.calls)
    tops = [patch.get_xy()[:, 1].max() for patch in figure.axes[0].patches]
    assert mark.get_ydata()[0] == pytest.approx(max(tops))
    words = [each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("label peak")]
    said = " ".join(reversed(words))
    assert said.startswith(f"peak {human_bytes(peak)}, ")
    first = next(each for each in data.calls if each.total == peak)
    assert said.endswith(f"at {first.layer} ({first.op})" if first.layer else "optimizer's step")


def test_checkpointed_parts_run_forward_again_and_the_peak_is_lower() -> None:
    phases = [each.phase for each in step_of("checkpoints").calls]
    assert along.AGAIN in phases
    assert phases.index("backward") < phases.index(along.AGAIN)
    assert phases[: phases.index("backward")].count("forward") == phases.count("forward")
    assert along.AGAIN not in [each.phase for each in step_of("plain").calls]
    network, batch, _ = STEPS["checkpoints"]
    plain = gather(Plot("memory", (network,), batch=batch))
    assert max(each.total for each in step_of("checkpoints").calls) < max(each.total for each in plain.calls)


def test_a_network_with_long_names_is_drawn() -> None:
    def net(x: Value) -> Value:
        x = row("fc", x, Flatten(), Linear(200))
        return row(".".join(["a_name_that_is_longer_than_most"] * 4), x, Linear(2))

    network = Network.build(net, input=(3, 8, 8), name="a network whose name is longer than all that a person reads")
    for width in (style.COLUMN, style.PAGE):
        for module, request in (
            (along, Plot("memory", (network,))),
            (batches, Plot("memory-batch", (network, "vgg16"))),
        ):
            figure = rendered(module, gather(request), width)
            apart(figure)
            inside(figure, width)


# --- Memory against the batch.


@cache
def by_batch() -> batches.MemoryByBatch:
    training = Training(optimizer="adam", precision="amp_bf16")
    names = tuple([Request.of(name, training=training) for name in ("vgg16", "resnet18", "googlenet")])
    return gather(Plot("memory-batch", names, batch=48, device="t4, jetson-tx1,a100-40gb"))


@pytest.mark.parametrize("batch", [1, 6, 48])
def test_the_lines_have_the_peaks_of_the_statement_and_say_what_fits(batch: int) -> None:
    found = {(each["architecture"], each["batch"]): each for each in batches.records(by_batch())}
    for name in ("vgg16", "resnet18", "googlenet"):
        each = found[name, batch]
        training = Training(optimizer="adam", precision="amp_bf16")
        statements = [memory(name, batch=batch, training=training, device=key) for key in ("t4", "jetson-tx1")]
        assert each["training_step_bytes"] == statements[0].step.bytes
        assert each["inference_bytes"] == statements[0].inference.eager.bytes
        for key, statement in zip(("t4", "jetson-tx1"), statements, strict=True):
            assert (key in each["fits"].split()) == statement.fit.fits  # type: ignore[union-attr, attr-defined]


def test_more_images_never_need_less_and_training_never_less_than_inference() -> None:
    for each in by_batch().networks:
        for amounts in (each.training_step, each.inference):
            assert all(a <= b for a, b in itertools.pairwise(amounts))
        assert all(run <= step for run, step in zip(each.inference, each.training_step, strict=True))


def test_what_is_drawn_is_the_data() -> None:
    data = by_batch()
    figure = rendered(batches, data, style.PAGE)
    lines = {line.get_gid(): line for axes in figure.axes for line in axes.get_lines()}
    for each in data.networks:
        for kind, amounts in (("training step", each.training_step), ("inference", each.inference)):
            line = lines[f"{kind} {each.name}"]
            assert tuple(line.get_xdata()) == data.batches
            assert tuple(line.get_ydata()) == amounts
    for key in ("t4", "jetson-tx1", "a100-40gb"):
        assert lines[f"device inference {key}"].get_ydata()[0] == device(key).usable_bytes
    first, second = figure.axes
    assert first.get_ylim() == second.get_ylim()


@BOTH
@pytest.mark.parametrize("names", ["t4,v100-sxm2-16gb,a10g,l4", "a100-80gb-sxm,h100-sxm,h100-pcie"])
def test_names_of_devices_with_nearly_equal_memory_do_not_overlap(names: str, width: float) -> None:
    figure = rendered(batches, gather(Plot("memory-batch", ("vgg16", "resnet50"), device=names)), width)
    apart(figure)
    inside(figure, width)


@BOTH
def test_the_axis_of_many_batches_has_labels_apart(width: float) -> None:
    figure = rendered(batches, gather(Plot("memory-batch", ("lenet5", "nin_imagenet"), batch=60_000)), width)
    apart(figure)
    inside(figure, width)


def test_batches_are_the_powers_of_two_those_between_and_the_largest() -> None:
    assert by_batch().batches == (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
    assert gather(Plot("memory-batch", ("lenet5",), batch=5)).batches == (1, 2, 3, 4, 5)


def test_typical_networks_are_drawn_by_default() -> None:
    assert tuple(each.name for each in gather(Plot("memory-batch", batch=2)).networks) == TYPICAL


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=9),
    st.floats(0.5, 30),
)
def test_spread_positions_are_apart_in_order_and_inside(wanted: list[float], gap: float) -> None:
    found = spread(wanted, gap, 0, 100)
    gap = min(gap, 100 / max(len(wanted) - 1, 1))
    pairs = sorted(zip(wanted, found, strict=True))
    assert all(b - a >= gap - 1e-9 for a, b in itertools.pairwise(sorted(found)))
    assert [x for _, x in pairs] == pytest.approx(sorted(found))
    assert min(found) >= -1e-9
    assert max(found) <= 100 + 1e-9
    order = sorted(wanted)
    if all(b - a >= gap for a, b in itertools.pairwise(order)):
        assert found == pytest.approx(wanted)


# --- The command.


def run(*args: str) -> list[dict[str, str]]:
    result = CliRunner().invoke(cli, ["plot", *args, "--format", "csv"], standalone_mode=False)
    assert result.exception is None, result.exception
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_options_of_training_and_of_the_network_are_those_of_the_command_memory() -> None:
    lines = run("memory", "resnet18", "--size", "64", "--batch", "4", "--optimizer", "adam", "--precision", "amp_bf16")
    step = memory(
        "resnet18", input=(3, 64, 64), batch=4, training=Training(optimizer="adam", precision="amp_bf16")
    ).step
    assert max(int(each["total"]) for each in lines) == step.bytes
    assert {each["training"] for each in lines} == {"Adam (foreach), amp_bf16"}


def test_options_of_training_apply_to_networks_that_are_not_named() -> None:
    lines = run("memory-batch", "--batch", "2", "--optimizer", "sgd")
    assert {each["training"] for each in lines} == {"SGD (foreach), float32"}
    assert len({each["architecture"] for each in lines}) == len(TYPICAL)


def test_several_devices_are_given_one_by_one() -> None:
    lines = run("memory-batch", "lenet5", "--batch", "2", "--device", "t4", "--device", "a100-40gb")
    assert lines[0]["fits"] == "t4 a100-40gb"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Plot("memory", (Request.of("vgg16", dtype="int8"),)), "not trained in int8"),
        (
            Plot("memory-batch", ("vgg16", Request.of("vgg11", training=Training(optimizer="adam")))),
            "shows one way of training, not SGD with momentum",
        ),
        (Plot("memory-batch", ("vgg16", Request.of("vgg16", input=(3, 64, 64)))), "shows vgg16 at one input"),
        (Plot("memory-batch", ("vgg16",), device="t4,l4,a30,a40,p100-pcie-16gb"), "at most 4 devices"),
        (Plot("memory-batch", ("vgg16",), device="epyc-7742"), "no source says how much memory"),
    ],
)
def test_requests_that_cannot_be_drawn_are_refused(request_: Plot, words: str) -> None:
    with pytest.raises(ArchcalcError, match=words):
        gather(request_)


def test_a_network_of_which_no_parameter_learns_is_refused() -> None:
    def net(x: Value) -> Value:
        return row("pool", x, GlobalAvgPool())

    network = Network.build(net, input=(3, 8, 8), name="pool")
    for kind in ("memory", "memory-batch"):
        with pytest.raises(ArchcalcError, match="none of its parameters learns"):
            gather(Plot(kind, (network,)))


def test_symbols_are_refused() -> None:
    sympy = pytest.importorskip("sympy")
    side = sympy.Symbol("side", positive=True, integer=True)
    with pytest.raises(ArchcalcError, match="sizes that are numbers"):
        gather(Plot("memory", (Request.of("lenet5", batch=side),)))
