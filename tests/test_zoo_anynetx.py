"""RegNetY, bottleneck ratios and AnyNetX: against timm's networks, and on widths that are symbols."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from reference import archcalc_layers, counts, reference

from archcalc import ArchcalcError, Network, analyze
from archcalc.algebra.polynomial import Space
from archcalc.analysis.quantities import Basis, totals
from archcalc.graph.hyperparameters import Other
from archcalc.importers.exporting import keep_compiled_ops_out
from archcalc.zoo._anynetx import anynetx, quarter
from archcalc.zoo.regnetx import stages

torch.set_num_threads(1)
ANY = Other("any value")

# depth, w_0, w_a, w_m, group width, of timm 1.0.31
REGNETY = {
    "002": (13, 24, 36.44, 2.49, 8),
    "004": (16, 48, 27.89, 2.09, 8),
    "006": (15, 48, 32.54, 2.32, 16),
    "008": (14, 56, 38.84, 2.4, 16),
    "016": (27, 48, 20.71, 2.65, 24),
    "032": (21, 80, 42.63, 2.66, 24),
    "064": (25, 112, 33.22, 2.27, 72),
    "080": (17, 192, 76.82, 2.19, 56),
    "320": (20, 232, 115.89, 2.53, 232),
}


def settings(depth: int, w_0: int, w_a: float, w_m: float, group_width: int, **more: Any) -> dict[str, Any]:
    return {"depth": depth, "w_0": w_0, "w_a": w_a, "w_m": w_m, "group_width": group_width, **more}


@pytest.mark.parametrize("name", REGNETY)
def test_gates_make_timms_regnety(name: str) -> None:
    """Parameters, mult-adds, and every convolution and linear layer, at two sizes."""
    module = reference("timm", f"regnety_{name}")
    for at in ((3, 224, 224), (3, 161, 97)):
        ours = analyze("regnetx_400mf", input=at, **settings(*REGNETY[name], se=True))
        theirs = counts(module, at)
        assert archcalc_layers(ours) == theirs.layers
        assert (ours.totals.params, ours.totals.mult_adds) == (theirs.params, theirs.mult_adds)


def timms(depth: int, w_0: int, w_a: float, w_m: float, group_width: int, ratio: int, se: bool) -> Any:
    """timm's RegNet of any numbers, on the meta device."""
    keep_compiled_ops_out()
    from timm.models.regnet import RegNet, RegNetCfg

    with torch.device("meta"):
        return RegNet(RegNetCfg(depth, w_0, w_a, w_m, group_width, 1 / ratio, 0.25 if se else 0.0)).eval()


BOTTLENECKS = [
    ((13, 24, 36.44, 2.49, 8), 2, False),
    ((13, 24, 36.44, 2.49, 8), 4, True),
    ((22, 24, 24.48, 2.54, 16), 4, False),  # of the first stage, 24 wide, the group is the bottleneck
    ((10, 8, 12.8, 2.9, 32), 4, False),
    ((17, 184, 60.83, 2.07, 1), 2, True),
]


@pytest.mark.parametrize(("numbers", "ratio", "se"), BOTTLENECKS)
def test_bottlenecks_are_timms(numbers: tuple[Any, ...], ratio: int, se: bool) -> None:
    theirs = counts(timms(*numbers, ratio=ratio, se=se), (3, 96, 130))
    ours = analyze("regnetx_400mf", input=(3, 96, 130), **settings(*numbers, bottleneck_ratio=ratio, se=se))
    assert archcalc_layers(ours) == theirs.layers
    assert (ours.totals.params, ours.totals.mult_adds) == (theirs.params, theirs.mult_adds)


def test_the_inner_width_of_a_gate_is_rounded_as_python_rounds() -> None:
    """Half a channel goes to the even number: pycls rounds by `round`."""
    assert [quarter(width) for width in range(1, 1000)] == [round(width / 4) for width in range(1, 1000)]


@pytest.mark.parametrize("se", [False, True])
def test_widths_may_be_symbols(se: bool) -> None:
    """A network on b, g and m of two stages, w = b * g * m: its totals at numbers are those of the network of them.

    The gates' inner widths are given: a quarter of a symbol is no polynomial.
    """
    names = [f"{letter}{i}" for i in (1, 2) for letter in "bgms"]
    space = Space(names)
    network = Network("anynetx", anynetx, ((3, 64, 64),), dict.fromkeys(("stages", "se"), ANY))

    def counted(at: Any) -> tuple[Any, Any]:
        given = [(2, at(f"b{i}") * at(f"g{i}") * at(f"m{i}"), at(f"b{i}"), at(f"g{i}"), at(f"s{i}")) for i in (1, 2)]
        found = totals(Basis(network.graph(None, {"stages": given, "se": se})), ("params", "mult_adds"))
        return found.params, found.mult_adds

    symbolic = counted(space.symbol)
    for numbers in ([1, 8, 3, 6, 2, 16, 5, 40], [4, 2, 7, 14, 1, 1, 9, 2], [2, 1, 1, 1, 4, 32, 2, 64]):
        values = dict(zip(names, numbers, strict=True))
        assert tuple(each.value(values) for each in symbolic) == counted(values.__getitem__)


def test_stages_hold_whole_groups() -> None:
    """The stages are whole groups, none wider than its bottleneck."""
    for stage in stages(10, 8, 12.8, 2.9, 32, bottleneck_ratio=4):
        inner = stage.width // stage.bottleneck_ratio
        assert inner % stage.group_width == 0
        assert stage.group_width <= inner
        assert inner * 4 == stage.width


IMPOSSIBLE = [
    ([], "AnyNetX has at least one stage"),
    ([(0, 64)], "AnyNetX: stage 1 has a number of blocks from 1 on, not 0"),
    ([(1, 64), (1, 64.0)], "AnyNetX: stage 2 has a width that is a whole number from 1 on, not 64.0"),
    ([(1, 62, 4)], "AnyNetX: stage 1 is 62 wide, no multiple of its bottleneck ratio 4"),
    ([(1, 64, 2, 24)], "AnyNetX: the bottlenecks of stage 1 have 32 channels, which do not split into groups of 24"),
    ([7], "AnyNetX: stage 1 is (depth, width, bottleneck ratio, group width), not 7"),
]


@pytest.mark.parametrize(("given", "message"), IMPOSSIBLE)
def test_impossible_stages_are_told(given: list[Any], message: str) -> None:
    with pytest.raises(ArchcalcError, match=f"^{re.escape(message)}$"):
        Network.build(anynetx, input=(3, 64, 64), stages=given)
