"""Distributions of a column over a space, and the best networks of each regime.

A space is compared with another by the distribution of its networks' errors (or costs), not by its best network:
Radosavovic et al. 2020, "Designing Network Design Spaces", arXiv:2003.13678, which document 003 cites for its spaces.
Equation 1 there is the empirical distribution function `F(e) = 1/n * sum of 1[e_i < e]`, the share of networks with an
error less than e; networks are compared within a regime of mult-adds, such as 360 to 400 million.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.spaces.ranges import ColumnRange, within
from archcalc.spaces.tables import TableLike, table_of

SHARE = 0.25
"""The share of networks that are the best of a regime, as in RegNet's study of trends."""


class Distribution(NamedTuple):
    """An empirical distribution function."""

    values: Any
    """The n different values, ascending."""
    shares: Any
    """n + 1 shares: of the weight of values less than the first, less than the second ..., and at last 1."""
    networks: int
    """The number of networks."""

    def at(self, value: Any) -> Any:
        """The share of networks with less than a value, or than each of an array of values."""
        numpy: Any = need("numpy", "a distribution")
        return self.shares[numpy.searchsorted(self.values, value, side="left")]

    def quantile(self, share: float) -> Any:
        """The least value that at least this share of networks does not exceed; `quantile(0.5)` is a median."""
        numpy: Any = need("numpy", "a distribution")
        at = numpy.searchsorted(self.shares[1:], share * (1 - 1e-12), side="left")
        return self.values[min(int(at), len(self.values) - 1)]


def distribution(values: Any, weights: Any = None) -> Distribution:
    """The empirical distribution function of an array of numbers, each with the weight 1 or its own.

    Raises ArchcalcError where there are no values, or their weights are negative or all zero.

    >>> found = distribution([3, 1, 2, 2])
    >>> found.at(2).item(), found.at(2.5).item(), found.quantile(0.5).item()
    (0.25, 0.75, 2)
    """
    numpy: Any = need("numpy", "a distribution")
    given = numpy.asarray(values)
    if not len(given):
        raise ArchcalcError("a distribution of no networks", about="column")
    if weights is None:
        different, counts = numpy.unique(given, return_counts=True)
    else:
        own = numpy.asarray(weights, dtype=float)
        if not (own >= 0).all() or not 0 < own.sum() < math.inf:
            raise ArchcalcError("weights of networks are not negative, and not all zero", about="weights")
        different, place = numpy.unique(given, return_inverse=True)
        counts = numpy.bincount(place.reshape(-1), weights=own)
    below = numpy.concatenate([numpy.zeros(1, dtype=counts.dtype), numpy.cumsum(counts)])
    return Distribution(different, below / below[-1], len(given))


def uniform_weights(values: Any, bins: int = 10) -> Any:
    """Weights under which a column (mult-adds) is spread evenly over its range, to compare spaces of other sizes.

    The range is cut into bins of one width; each of the m networks of a bin weighs 1/m: Radosavovic et al. 2019, "On
    Network Design Spaces for Visual Recognition", arXiv:1905.13214, for its normalized error distributions.

    >>> uniform_weights([0, 1, 2, 10], bins=2).round(2).tolist()
    [0.33, 0.33, 0.33, 1.0]
    """
    numpy: Any = need("numpy", "a distribution")
    given = numpy.asarray(values, dtype=float)
    low, high = given.min(), given.max()
    place = numpy.minimum(((given - low) / ((high - low) or 1) * bins).astype(int), bins - 1)
    return 1 / numpy.bincount(place, minlength=bins)[place]


def distribution_of(
    table: TableLike, column: str, ranges: Sequence[ColumnRange] = (), weights: str = "", uniform: str = ""
) -> Distribution:
    """The distribution of a column of a table over the rows in some ranges that have a value.

    `weights` is a column of weights, or `uniform` a column that weights spread evenly (see `uniform_weights`). Raises
    ArchcalcError for an unknown column, for both, and where no row is left.

    >>> from archcalc.spaces.ranges import read_range
    >>> table = {"mult_adds": [1, 2, 3, 4], "error": [0.4, 0.3, 0.2, 0.1]}
    >>> distribution_of(table, "error", [read_range("mult_adds=2..4")]).values.tolist()
    [0.2, 0.3]
    """
    read = table_of(table)
    if weights and uniform:
        raise ArchcalcError(f"weights are those of the column {weights}, or even over {uniform}; not both")
    values, kept = read.numbers(column)
    kept = kept & within(read, ranges)
    given: Any = None
    if weights or uniform:
        given, there = read.numbers(weights or uniform)
        kept &= there
    if not kept.any():
        raise ArchcalcError(f"{read.name}: no network is left that has {column}", about="range")
    own = None if given is None else uniform_weights(given[kept]) if uniform else given[kept]
    return distribution(values[kept], own)


class Regime(NamedTuple):
    """The networks between two limits of a column, and the best of them."""

    low: float | None
    high: float | None
    """It holds the low limit and not the high one; None: without a limit."""
    networks: int
    best: Mapping[str, Any] | None
    """The row with the best value, the first of several; None where there is no network."""
    value: float | None
    """The best value."""
    median: float | None
    """The median of the best share of values."""
    medians: Mapping[str, float | None]
    """Medians of other columns over the networks with the best share of values."""


def regimes_of(values: Any) -> tuple[float, ...]:
    """Limits 1, 2, 5, 10, 20 ... within the range of positive values; none where they are close.

    >>> regimes_of([30, 700])
    (50.0, 100.0, 200.0, 500.0)
    """
    low, high = float(min(values)), float(max(values))
    if not 0 < low < high:
        return ()
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return tuple([step * 10.0**power for power in powers for step in (1, 2, 5) if low < step * 10.0**power < high])


def best_in_regimes(
    table: TableLike,
    column: str,
    by: str = "mult_adds",
    limits: Sequence[float] | None = None,
    *,
    maximize: bool = False,
    medians: Sequence[str] = (),
    ranges: Sequence[ColumnRange] = (),
) -> list[Regime]:
    """The best network of each regime of `by`: below the first limit, between each two, and from the last on.

    Less of `column` is better unless `maximize`. `limits` are by default 1, 2, 5, 10 ... within the range. `medians`
    are other columns whose median over the best quarter of each regime shows the trend of good networks: at least one
    network, and of networks with equal values the first.

    Raises ArchcalcError for an unknown column, and where no row is left.

    >>> table = {"mult_adds": [1, 2, 3, 4], "error": [0.4, 0.3, 0.1, 0.2], "depth": [5, 6, 7, 8]}
    >>> [(each.networks, each.best["depth"]) for each in best_in_regimes(table, "error", limits=[3])]
    [(2, 6), (2, 7)]
    """
    numpy: Any = need("numpy", "a table of regimes")
    read = table_of(table)
    values, there = read.numbers(column)
    cost, known = read.numbers(by)
    rows = numpy.flatnonzero(there & known & within(read, ranges))
    if not len(rows):
        raise ArchcalcError(f"{read.name}: no network is left that has {column} and {by}", about="range")
    given = regimes_of((cost[rows].min(), cost[rows].max())) if limits is None else tuple(limits)
    others = {read.find(each): read.numbers(each) for each in medians}
    ranked = rows[numpy.argsort(rank(values[rows], maximize=maximize), kind="stable")]
    place = numpy.searchsorted(numpy.array(given, dtype=float), cost[ranked], side="right")
    members = [ranked[place == number] for number in range(len(given) + 1)]
    firsts = numpy.array([each[0] for each in members if len(each)], dtype=numpy.int64)
    taken = iter(read.take(firsts))
    found: list[Regime] = []
    for number, each in enumerate(members):
        low, high = (given[at] if 0 <= at < len(given) else None for at in (number - 1, number))
        if not len(each):
            found.append(Regime(low, high, 0, None, None, None, dict.fromkeys(others)))
            continue
        quarter = each[: math.ceil(len(each) * SHARE)]
        trends = {name: _median(numbers[quarter][known[quarter]]) for name, (numbers, known) in others.items()}
        found.append(
            Regime(low, high, len(each), next(taken), values[each[0]].item(), _median(values[quarter]), trends)
        )
    return found


def rank(values: Any, *, maximize: bool) -> Any:
    """Numbers of which less is better, from an array of which more is better with `maximize`."""
    return (~values if values.dtype.kind in "iu" else -values) if maximize else values


def _median(values: Any) -> float | None:
    numpy: Any = need("numpy", "a median")
    return float(numpy.median(values)) if len(values) else None


class TrendPoint(NamedTuple):
    """The quartiles of a column over the networks of one regime."""

    at: float
    """The median of the regime's column."""
    networks: int
    lower: float
    median: float
    upper: float


def trend(x: Any, y: Any, limits: Sequence[float], by: Any = None, fewest: int = 1) -> list[TrendPoint]:
    """Quartiles of `y` in each regime of `x`, where it has at least `fewest` networks.

    `x`, `y` are arrays of n numbers. With `by`, an array of numbers of which less is better, only the best quarter of
    each regime counts.

    >>> import numpy
    >>> x = numpy.array([1, 1, 1, 9]); y = numpy.array([10, 20, 30, 90])
    >>> [(each.at, each.median) for each in trend(x, y, [5])]
    [(1.0, 20.0), (9.0, 90.0)]
    """
    numpy: Any = need("numpy", "a trend")
    place = numpy.searchsorted(numpy.array(limits, dtype=float), x, side="right")
    order = numpy.argsort(place, kind="stable") if by is None else numpy.lexsort((by, place))
    ends = numpy.searchsorted(place[order], numpy.arange(len(limits) + 2))
    found: list[TrendPoint] = []
    for start, end in pairwise(ends.tolist()):
        if end - start < fewest:
            continue
        own = order[start:end] if by is None else order[start : start + math.ceil((end - start) * SHARE)]
        lower, median, upper = numpy.percentile(y[own], (25, 50, 75)).tolist()
        found.append(TrendPoint(float(numpy.median(x[own])), len(own), lower, median, upper))
    return found
