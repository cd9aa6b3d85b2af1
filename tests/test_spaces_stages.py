"""RegNet's rule on arrays equals the definition to the bit, and its arguments make the networks of the catalogue."""

from __future__ import annotations

import pickle
from typing import Any

import numpy
import pytest

from archcalc import ArchcalcError, analyze
from archcalc.analysis.quantities import Basis, totals
from archcalc.spaces import stages as staged
from archcalc.spaces.named import named_space
from archcalc.spaces.named.regnet import MOST_STAGES
from archcalc.spaces.quantized import AT_ONCE, quantized
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.stages import RULE, assembled, different_regnets, fitted, of_anynet, of_regnet
from archcalc.zoo.regnetx import TABLE, stages

REGNETX, REGNETY = named_space("regnetx"), named_space("regnety")
HALVES = (1.01, 1.21, 1.44, 1.5, 1.96, 2.25, 2.5, 2.56, 2.89, 3.0, 4.0, 9.0)
"""Ratios whose powers or roots are short decimals, so that many blocks and widths lie at halves."""


def drawn(kind: str, count: int, seed: int) -> list[Any]:
    """Depths, initial widths, slopes and ratios: of the grid of the space, of any decimals, or many at halves."""
    random = numpy.random.default_rng(seed)
    depth, w_0 = random.integers(1, 64, count), 8 * random.integers(1, 33, count)
    if kind == "grid":
        return [depth, w_0, 4 * random.integers(0, 64, count), numpy.array(REGNETX.axis("w_m").values)[depth * 2]]
    if kind == "decimals":
        return [depth, w_0, random.uniform(0, 256, count).round(1), random.uniform(1.5, 3, count).round(3)]
    return [depth, w_0, random.integers(0, 33, count) / 4, random.choice(HALVES, count)]


@pytest.mark.parametrize("kind", ["grid", "decimals", "halves"])
def test_the_rule_on_arrays_is_the_definition(kind: str) -> None:
    """Depths and widths of every stage, over more networks than are computed together."""
    columns = drawn(kind, AT_ONCE + 1000, 20)
    found = quantized(*columns)
    for row in range(0, len(columns[0]), 3):
        wanted = stages(*[column[row].item() for column in columns], group_width=1)
        count = len(wanted)
        assert found.counts[row] == count
        assert found.depths[:count, row].tolist() == [stage.depth for stage in wanted]
        assert found.widths[:count, row].tolist() == [stage.width for stage in wanted]
        assert not found.depths[count:, row].any()
        assert not found.widths[count:, row].any()


def test_many_blocks_and_widths_do_lie_at_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above meets what it is for: rows that the definition decides, where sums of roundings might not."""
    decided: list[int] = []
    monkeypatch.setattr(
        "archcalc.spaces.quantized.stages", lambda *given, **more: decided.append(1) or stages(*given, **more)
    )
    quantized(*drawn("halves", 2000, 20))
    assert 20 < len(decided) < 1000


def _assert_arguments(columns: dict[str, Any], arguments: dict[str, Any], rows: range) -> None:
    for row in rows:
        ratio, group = columns["bottleneck_ratio"][row].item(), columns["group_width"][row].item()
        wanted = stages(*[columns[name][row].item() for name in RULE], group, bottleneck_ratio=ratio)
        one = {name: values[row].item() for name, values in arguments.items()}
        assert [stage[:4] for stage in assembled(one)[1]["stages"]] == [stage[:4] for stage in wanted]


@pytest.mark.parametrize("largest", [staged.LARGEST_TABLE, 0])
def test_arguments_make_the_stages_of_the_definition(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order, drawn at random, and where ratios and group widths are anything; by a table and without it."""
    monkeypatch.setattr(staged, "LARGEST_TABLE", largest)
    for begin in (0, 123_456_789, REGNETX.combinations - 40_000):
        columns = REGNETX.columns(numpy.arange(begin, begin + 40_000))
        _assert_arguments(columns, REGNETX.translated(columns), range(0, 40_000, 41))
    random = numpy.random.default_rng(3)
    columns = REGNETX.columns(random.integers(0, REGNETX.combinations, 3000))
    _assert_arguments(columns, REGNETX.translated(columns), range(3000))
    columns["bottleneck_ratio"] = random.integers(1, 60, 3000)
    columns["group_width"] = random.choice([1, 7, 24, 100, 70_000, 10**6], 3000)
    _assert_arguments(columns, of_regnet(columns), range(3000))


def _rows(arguments: dict[str, Any]) -> Any:
    """The arguments of each network as a row, without those of stages that it does not have."""
    stage = {name: arguments[f"d_{name.partition('_')[2]}"] > 0 for name in arguments}
    return numpy.array([numpy.where(stage[name], column, 0) for name, column in sorted(arguments.items())]).T


@pytest.mark.parametrize("space", [REGNETX, REGNETY])
@pytest.mark.parametrize("begin", [7, 50_000_000, REGNETX.combinations - 100_003])
def test_different_networks_are_those_of_the_points(space: DesignSpace, begin: int) -> None:
    """Places lead to every point's own network; there are fewer, in order of their stages, and none that is no
    point's, though runs are cut at both ends and points of one ratio and group width are left out."""
    columns = space.columns(numpy.arange(begin, begin + 100_003))
    kept = (columns["w_a"] < 100) | (columns["bottleneck_ratio"] * columns["group_width"] < 128)
    columns = {name: column[kept] for name, column in columns.items()}
    arguments, places = space.networks(columns)
    networks, wanted = _rows(arguments), _rows(space.translated(columns))
    assert (networks[places] == wanted).all()
    assert len(networks) < len(wanted)
    assert set(map(tuple, networks.tolist())) == set(map(tuple, wanted.tolist()))
    counts = sum([arguments[f"d_{stage}"] > 0 for stage in range(1, 1 + len(arguments) // (4 + (space is REGNETY)))])
    assert (numpy.diff(counts) >= 0).all()


def test_points_that_share_nothing_are_translated_one_by_one() -> None:
    columns = REGNETX.columns(numpy.random.default_rng(3).integers(0, REGNETX.combinations, 3000))
    assert REGNETX.networks(columns)[1] is None
    assert REGNETX.networks({name: column[:0] for name, column in columns.items()})[1] is None


def test_a_collision_of_mixed_numbers_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """With numbers that are all the same, networks are there twice, and places are right."""
    monkeypatch.setattr(staged, "MIXING", 0)
    columns = REGNETX.columns(numpy.arange(50_000_000, 50_030_000))
    found = different_regnets(columns)
    assert found is not None
    assert (_rows(found[0])[found[1]] == _rows(of_regnet(columns))).all()


def test_a_drawn_network_has_the_totals_of_the_family() -> None:
    """Points of both spaces: as `regnetx` with those hyperparameters builds them."""
    random = numpy.random.default_rng(4)
    for space, gated in ((REGNETX, False), (REGNETY, True)):
        columns = space.columns(random.integers(0, space.combinations, 12))
        arguments = space.translated(columns)
        for row in range(12):
            one = {name: values[row].item() for name, values in arguments.items()}
            shape, settings = space.assembled(one)
            found = totals(Basis(space.resolved.graph(shape, settings)))
            same = {name: values[row].item() for name, values in columns.items()}
            assert found == analyze("regnetx_400mf", **same, se=gated).totals


@pytest.mark.parametrize("name", TABLE)
def test_a_named_network_is_a_point(name: str) -> None:
    columns = dict(zip((*RULE, "group_width"), [numpy.array([value]) for value in TABLE[name]], strict=False))
    one = {key: values.item() for key, values in of_regnet({**columns, "bottleneck_ratio": numpy.array([1])}).items()}
    found = totals(Basis(REGNETX.resolved.graph(*REGNETX.assembled(one))))
    assert found == analyze(f"regnetx_{name}").totals


def test_anynet_makes_widths_of_whole_groups() -> None:
    """As pycls: of 32-wide bottlenecks in groups of 24 one group is left, of 40 and 60 two; halves go to even."""
    groups, group_width = fitted(
        *map(numpy.array, ([32, 40, 60, 8, 16, 80], [1, 1, 1, 4, 32, 2], [24, 16, 24, 32, 8, 16]))
    )
    assert groups.tolist() == [1, 2, 2, 1, 1, 2]
    assert group_width.tolist() == [24, 16, 24, 2, 1, 16]
    columns = {"d1": [1, 2], "w1": [32, 40], "b1": [1, 1], "g1": [24, 16], "d2": [3, 1], "w2": [8, 80], "b2": [4, 2]}
    columns = {name: numpy.array(values) for name, values in (columns | {"g2": [32, 16]}).items()}
    one = {name: values[1].item() for name, values in of_anynet(columns).items()}
    assert assembled(one) == (None, {"stages": ((2, 32, 1, 16, None), (1, 64, 2, 16, None))})


IMPOSSIBLE = [
    ({"w_0": 20}, "RegNetX has a w_0 that is a multiple of 8, not 20"),
    ({"w_0": -8}, "RegNetX has a w_0 that is 8 or more, not -8"),
    ({"depth": 0}, "RegNetX has a depth that is 1 or more, not 0"),
    ({"w_a": -1.0}, "RegNetX has a w_a that is 0 or more, not -1.0"),
    ({"w_m": float("nan")}, "RegNetX has a w_m that is 1.01 or more, not nan"),
]


@pytest.mark.parametrize(("wrong", "message"), IMPOSSIBLE)
def test_impossible_numbers_are_told(wrong: dict[str, Any], message: str) -> None:
    right = {"depth": 5, "w_0": 8, "w_a": 4.0, "w_m": 2.0}
    with pytest.raises(ArchcalcError, match=f"^{message}$"):
        quantized(*[numpy.array([right[name], value]) for name, value in (right | wrong).items()])


def test_a_network_of_the_space_has_so_many_stages_at_most() -> None:
    """The deepest networks have the most."""
    w_0, w_a, w_m = [axis.ravel() for axis in numpy.meshgrid(*[REGNETX.axis(name).array for name in RULE[1:]])]
    assert quantized(numpy.full(len(w_0), 63), w_0, w_a, w_m).counts.max() == MOST_STAGES


def test_anynet_spaces_are_built() -> None:
    """A point of A, whose stages have ratios and groups of their own, and one of E, which has one of each."""
    for name in ("anynet_a", "anynet_e"):
        space = named_space(name)
        point = {axis.name: numpy.array([axis.values[-1 if axis.name[0] in "gb" else 3]]) for axis in space.axes}
        one = {key: values.item() for key, values in space.translated(point).items()}
        stages = ((4, 32, 4, 8, None),) * 4
        assert space.assembled(one) == (None, {"stages": stages})
        graph = space.resolved.graph(*space.assembled(one))
        first, other = (32 * 8 + 9 * 8 * 8 + 8 * 32 + 2 * (8 + 8 + 32) + more for more in (32 * 32 + 2 * 32, 0))
        assert totals(Basis(graph)).params == 27 * 32 + 2 * 32 + 4 * (first + 3 * other) + 33 * 1000


def test_no_networks_have_no_stages() -> None:
    empty = {name: numpy.array([], int) for name in REGNETX.names}
    assert of_regnet(empty) == {}


def test_the_spaces_travel_to_other_processes() -> None:
    for space in (REGNETX, REGNETY):
        again = pickle.loads(pickle.dumps(space))  # noqa: S301
        assert again.names == space.names
        assert again.combinations == 339_728_256
