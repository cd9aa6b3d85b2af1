"""Pareto fronts of tables: the networks that no other network beats in two or three quantities at once.

A network is beaten if another one is at least as good in every quantity and better in one. Networks that are equal in
all of the quantities beat each other in none, so that all of them are on the front, or none.

Kung, Luccio & Preparata 1975, "On finding the maxima of a set of vectors": O(n log n) for two quantities and for three,
by sorting and, for three, a staircase of the second and third quantity of what came before. Most rows never come to be
sorted: the front of a small sample beats them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.spaces.ranges import ColumnRange, within
from archcalc.spaces.tables import SweepTable, TableLike, tables_of, titles_of

SAMPLE = 4096
"""Rows of the sample whose front discards others."""
MOST_BEATERS = 48
"""The most rows of the sample's front that all others are compared with."""
FEW = 50_000
"""Rows from which on others are discarded first."""
BLOCK = 8192
"""Rows that are compared with a staircase at once, or as many as it has steps if these are more."""


class Front(NamedTuple):
    """A Pareto front: its quantities, and its rows, by the first quantity from the best on."""

    minimize: tuple[str, ...]
    maximize: tuple[str, ...]
    tables: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    """Every column of each row; with several tables, `table` first."""
    compared: int
    """Networks that were compared."""
    without: int
    """Networks in the ranges that lack one of the quantities, as those that cannot be built do."""
    equal: int = 0
    """With `distinct`, the networks of the front that were left out, as an earlier one has the same quantities."""
    chosen: tuple[str, ...] = ()
    """A sentence for each table that says which networks of its space it has, where it does."""


def front(
    tables: Sequence[TableLike] | TableLike,
    minimize: Sequence[str] = (),
    maximize: Sequence[str] = (),
    ranges: Sequence[ColumnRange] = (),
    *,
    distinct: bool = False,
) -> Front:
    """The Pareto front of one table of a sweep or of several together.

    `minimize` and `maximize` name two or three columns of numbers. With `distinct`, of rows that are equal in all of
    them only the first stays. Raises ArchcalcError for other columns, and where no row is left.

    >>> table = {"mult_adds": [1, 2, 2, 3], "accuracy": [60, 70, 65, 70]}
    >>> [row["mult_adds"] for row in front(table, minimize=["mult_adds"], maximize=["accuracy"]).rows]
    [1, 2]
    """
    numpy: Any = need("numpy", "a Pareto front")
    read = tables_of(tables)
    names = [[table.find(word) for word in (*minimize, *maximize)] for table in read]
    check_objectives(names[0])
    columns: list[list[Any]] = []
    places: list[Any] = []
    rows: list[Any] = []
    without = 0
    for number, (table, own) in enumerate(zip(read, names, strict=True)):
        found = [table.numbers(name) for name in own]
        kept = within(table, ranges)
        there = numpy.logical_and.reduce([each for _, each in found])
        without += int((kept & ~there).sum())
        row = numpy.flatnonzero(kept & there)
        columns.append([values[row] for values, _ in found])
        rows.append(row)
        places.append(numpy.full(len(row), number))
    joined = [numpy.concatenate(each) for each in zip(*columns, strict=True)]
    if not len(joined[0]):
        raise ArchcalcError(f"no network is left that has {' and '.join(names[0])}", about="range")
    downs = [False] * len(minimize) + [True] * len(maximize)
    best = pareto(joined, downs)
    kept = best[_first_of_equal(joined, best)] if distinct else best
    taken = _rows(read, numpy.concatenate(places)[kept], numpy.concatenate(rows)[kept])
    low, high = tuple(names[0][: len(minimize)]), tuple(names[0][len(minimize) :])
    return Front(low, high, tuple(titles_of(read)), taken, len(joined[0]), without, len(best) - len(kept),
                 tuple([each.remark for each in read if each.remark]))  # fmt: skip


def check_objectives(names: Sequence[str]) -> None:
    """Raise ArchcalcError unless these are two or three different columns."""
    if len(names) not in (2, 3):
        raise ArchcalcError(f"a front is of two or three quantities, not of {len(names)}", about="minimize")
    if len(set(names)) < len(names):
        raise ArchcalcError(f"a front takes {max(names, key=list(names).count)} once only", about="minimize")


def _rows(tables: Sequence[SweepTable], places: Any, rows: Any) -> tuple[dict[str, Any], ...]:
    """Whole rows, each from the table at its place."""
    found: list[dict[str, Any]] = [{} for _ in rows]
    for number, (table, title) in enumerate(zip(tables, titles_of(tables), strict=True)):
        own = [at for at, place in enumerate(places) if place == number]
        label = {"table": title} if len(tables) > 1 else {}
        for at, row in zip(own, table.take(rows[own]), strict=True):
            found[at] = {**label, **row}
    return tuple(found)


def pareto(columns: Sequence[Any], maximize: Sequence[bool] = ()) -> Any:
    """The places of the rows on the Pareto front, in the order of the first quantity, then of the next, then as given.

    `columns` are two or three arrays of n numbers without NaN, each minimized unless `maximize` says otherwise: an
    array of int64 of the places. All of several equal rows are on the front, or none.

    >>> import numpy
    >>> pareto([numpy.array([3, 1, 2, 2]), numpy.array([0.1, 0.5, 0.3, 0.4])]).tolist()
    [1, 2, 0]
    """
    numpy: Any = need("numpy", "a Pareto front")
    costs = [_cost(numpy.asarray(each), down) for each, down in zip(columns, maximize or (False,) * 3, strict=False)]
    check_objectives([str(number) for number in range(len(costs))])
    rows = _unbeaten_by_a_sample(numpy, costs)
    return rows[_by_sorting(numpy, [each[rows] for each in costs])]


def _by_sorting(numpy: Any, costs: Sequence[Any]) -> Any:
    """The places of the rows on the front, in order; each cost is minimized."""
    order = numpy.lexsort(costs[::-1])
    costs = [each[order] for each in costs]
    new = numpy.ones(len(order), dtype=bool)
    new[1:] = numpy.logical_or.reduce([each[1:] != each[:-1] for each in costs])
    single = [each[new] for each in costs]
    best = _best_of_two(numpy, single[1]) if len(single) == 2 else _best_of_three(numpy, single[1], single[2])
    return order[best[numpy.cumsum(new) - 1]]


def _cost(values: Any, maximized: bool) -> Any:
    """Numbers of which less is better; of whole numbers, `~n` is -n - 1, which always fits."""
    if not maximized:
        return values
    return ~values if values.dtype.kind in "iu" else -values


def _unbeaten_by_a_sample(numpy: Any, costs: Sequence[Any]) -> Any:
    """The places of the rows that the front of an evenly spaced sample does not beat."""
    rows = numpy.arange(len(costs[0]))
    if len(rows) < FEW:
        return rows
    sample = numpy.arange(0, len(rows), max(1, len(rows) // SAMPLE))
    beaters = sample[_by_sorting(numpy, [each[sample] for each in costs])]
    ranks = sum([numpy.argsort(numpy.argsort(each[beaters])) ** 2 for each in costs])
    beaters = beaters[numpy.argsort(ranks, kind="stable")][:MOST_BEATERS]  # those near the middle beat most
    left = list(costs)
    for beater in beaters:
        better, equal = numpy.ones(len(rows), dtype=bool), numpy.ones(len(rows), dtype=bool)
        for each, whole in zip(left, costs, strict=True):
            better &= each >= whole[beater]
            equal &= each == whole[beater]
        kept = ~better | equal
        if not kept.all():
            rows, left = rows[kept], [each[kept] for each in left]
        if len(rows) < FEW:
            break
    return rows


def _best_of_two(numpy: Any, second: Any) -> Any:
    """True where the second quantity is less than in every row before; rows are different and in order."""
    best = numpy.ones(len(second), dtype=bool)
    best[1:] = second[1:] < numpy.minimum.accumulate(second)[:-1]
    return best


def _best_of_three(numpy: Any, second: Any, third: Any) -> Any:
    """True where no row before has at most the same second and third quantity; rows are different and in order."""
    best = numpy.zeros(len(second), dtype=bool)
    stairs: list[Any] = []
    """Ascending second quantities, and the least third quantity that comes with at most each: it descends."""
    heights: list[Any] = []
    end = 0
    while end < len(second):
        start, end = end, min(end + max(BLOCK, len(stairs)), len(second))
        block = numpy.arange(start, end)
        if stairs:
            step = numpy.searchsorted(numpy.array(stairs), second[block], side="right") - 1
            block = block[(step < 0) | (numpy.array(heights)[step] > third[block])]
        found: list[int] = []
        for row, y, z in zip(block.tolist(), second[block].tolist(), third[block].tolist(), strict=True):
            at = bisect_right(stairs, y) - 1
            if at >= 0 and heights[at] <= z:
                continue
            found.append(row)
            first = last = bisect_left(stairs, y)
            while last < len(stairs) and heights[last] >= z:
                last += 1
            stairs[first:last], heights[first:last] = [y], [z]
        best[found] = True
    return best


def _first_of_equal(columns: Sequence[Any], rows: Any) -> Any:
    """True for the first of rows side by side that are equal in every column."""
    numpy: Any = need("numpy", "a Pareto front")
    new = numpy.ones(len(rows), dtype=bool)
    new[1:] = numpy.logical_or.reduce([each[rows][1:] != each[rows][:-1] for each in columns])
    return new
