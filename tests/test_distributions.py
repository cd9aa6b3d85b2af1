"""Distributions of a column and the best of each regime: against their definitions, written out one by one."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.base.errors import ArchcalcError
from archcalc.spaces.distributions import (
    best_in_regimes,
    distribution,
    distribution_of,
    regimes_of,
    trend,
    uniform_weights,
)
from archcalc.spaces.ranges import read_edges, read_range

VALUES = st.lists(st.integers(-5, 5), min_size=1, max_size=30)


@given(VALUES, st.integers(-6, 6))
def test_a_distribution_is_the_share_of_networks_with_less(values: list[int], at: int) -> None:
    """Equation 1 of Radosavovic et al. 2020, with less than, not at most."""
    wanted = sum(1 for value in values if value < at) / len(values)
    assert distribution(values).at(at) == pytest.approx(wanted, abs=1e-15)


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 4)), min_size=1, max_size=12), st.integers(-6, 6))
def test_a_weight_is_a_number_of_equal_networks(pairs: list[tuple[int, int]], at: int) -> None:
    repeated = [value for value, weight in pairs for _ in range(weight)]
    values, weights = zip(*pairs, strict=True)
    if not repeated:
        with pytest.raises(ArchcalcError, match="weights of networks"):
            distribution(values, weights)
        return
    assert distribution(values, weights).at(at) == pytest.approx(distribution(repeated).at(at))


@given(VALUES, st.floats(0.01, 1))
def test_a_quantile_is_the_least_value_that_a_share_does_not_exceed(values: list[int], share: float) -> None:
    found = distribution(values).quantile(share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    lower = [value for value in values if value < found]
    assert not lower or len(lower) < share * len(values) + 1e-9


def test_uniform_weights_give_every_bin_the_same_weight() -> None:
    values = numpy.random.default_rng(0).exponential(1, 5000).clip(0, 3)
    weights = uniform_weights(values, bins=6)
    totals = [weights[(values >= low) & (values < low + 0.5)].sum() for low in numpy.arange(0, 2.5, 0.5)]
    assert totals == pytest.approx([1] * 5, rel=0.01)
    assert uniform_weights([2, 2, 2]).tolist() == pytest.approx([1 / 3] * 3)


TABLE = {
    "mult_adds": [359, 360, 380, 400, 390],
    "error": [0.1, 0.4, 0.2, 0.05, None],
    "share": [1, 3, 1, 1, 1],
}


def test_a_distribution_of_a_regime_has_its_low_limit_and_not_its_high_one() -> None:
    found = distribution_of(TABLE, "error", [read_range("mult_adds=360..400")])
    assert (found.values.tolist(), found.networks) == ([0.2, 0.4], 2)
    assert distribution_of(TABLE, "error", [read_range("mult_adds=360..400")], "share").at(0.3) == 0.25
    with pytest.raises(ArchcalcError, match="no network is left that has error"):
        distribution_of(TABLE, "error", [read_range("mult_adds=500..")])
    with pytest.raises(ArchcalcError, match="not both"):
        distribution_of(TABLE, "error", (), "share", "mult_adds")


def best_by_hand(rows: list[dict[str, Any]], limits: list[int], *, down: bool) -> list[Any]:
    found: list[Any] = []
    for low, high in zip([-math.inf, *limits], [*limits, math.inf], strict=True):
        own = [row for row in rows if low <= row["cost"] < high]
        own.sort(key=lambda row: -row["score"] if down else row["score"])  # a stable sort: the first of equal ones
        quarter = own[: -(-len(own) // 4)]
        scores, depths = ([row[key] for row in quarter] for key in ("score", "depth"))
        medians = (statistics.median(scores), statistics.median(depths)) if own else (None, None)
        found.append((len(own), own[0] if own else None, *medians))
    return found


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=40),
    st.booleans(),
)
def test_the_best_of_each_regime_is_what_sorting_it_shows(points: list[tuple[int, int, int]], down: bool) -> None:
    rows = [{"cost": cost, "score": score, "depth": depth} for cost, score, depth in points]
    table = {key: [row[key] for row in rows] for key in ("cost", "score", "depth")}
    found = best_in_regimes(table, "score", "cost", [5, 10, 12], maximize=down, medians=["depth"])
    shown = [(each.networks, each.best, each.median, each.medians["depth"]) for each in found]
    assert shown == best_by_hand(rows, [5, 10, 12], down=down)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), min_size=1, max_size=40), st.booleans())
def test_a_trend_has_the_quartiles_of_each_regime(points: list[tuple[int, int]], best: bool) -> None:
    x, y = (numpy.array(each) for each in zip(*points, strict=True))
    found = trend(x, y, [5, 10], by=y if best else None)
    wanted = []
    for low, high in ((-1, 5), (5, 10), (10, 99)):
        own = sorted(b for a, b in points if low <= a < high)
        own = own[: -(-len(own) // 4)] if best else own
        if own:
            ends = statistics.quantiles(own, n=4, method="inclusive") if len(own) > 1 else own * 3
            wanted.append((len(own), *ends))
    assert [(each.networks, each.lower, each.median, each.upper) for each in found] == [
        pytest.approx(each) for each in wanted
    ]


def test_limits_by_default_are_1_2_5_10_within_the_range() -> None:
    assert regimes_of([3e6, 2.5e8]) == (5e6, 1e7, 2e7, 5e7, 1e8, 2e8)
    assert regimes_of([3, 3]) == regimes_of([0, 9]) == ()
    assert [each.high for each in best_in_regimes({"mult_adds": [3, 30], "error": [1, 2]}, "error")] == [
        5,
        10,
        20,
        None,
    ]


def test_limits_that_do_not_ascend_are_refused() -> None:
    assert read_edges("200M, 400M") == (200_000_000, 400_000_000)
    for text in ("400M,200M", "1,1"):
        with pytest.raises(ArchcalcError, match="ascend"):
            read_edges(text)
    with pytest.raises(ArchcalcError, match="is not a number"):
        read_edges("200M,")


@pytest.mark.parametrize(("weights", "words"), [([1, -1], "not negative"), ([0, 0], "all zero")])
def test_bad_weights_are_refused(weights: list[int], words: str) -> None:
    with pytest.raises(ArchcalcError, match=words):
        distribution([1, 2], weights)
    with pytest.raises(ArchcalcError, match="no networks"):
        distribution([])
