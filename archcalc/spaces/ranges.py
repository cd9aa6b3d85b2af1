"""Ranges of a column, such as the regime of 360 to 400 million mult-adds: `mult_adds=360M..400M`.

A range holds its low end and not its high one, so that ranges side by side share no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from archcalc.algebra.amounts import BYTES, COUNTS, read_amount
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.spelling import shown
from archcalc.spaces.tables import SweepTable


class ColumnRange(NamedTuple):
    """The values of a column from `low` on and below `high`; None: without an end."""

    column: str
    low: float | None
    high: float | None
    given: str


def read_value(text: str, about: str = "range") -> float:
    """A number as a user types one: 360M, 2GiB, 0.25, -1.5, 2e-3. Raises ArchcalcError for anything else.

    >>> read_value("360M"), read_value("0.25")
    (360000000, 0.25)
    """
    amount = read_amount(text, {**BYTES, **COUNTS, "B": 10**9})
    if amount is not None:
        return int(amount) if amount.denominator == 1 else float(amount)
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value - value != 0:
        raise ArchcalcError(f"{shown(text)} is not a number such as 400M, 2GiB or 0.25", about=about)
    return value


def read_range(text: str) -> ColumnRange:
    """A range such as `mult_adds=360M..400M`, `error=..0.3` or `params=1M..`. Raises ArchcalcError for anything else.

    >>> read_range("mult_adds=360M..400M")[:3]
    ('mult_adds', 360000000, 400000000)
    """
    column, equals, ends = text.partition("=")
    low, dots, high = ends.partition("..")
    if not (column.strip() and equals and dots and (low.strip() or high.strip())):
        raise ArchcalcError(f"{shown(text)} is not a range such as mult_adds=360M..400M", about="range")
    first, last = (read_value(end.strip()) if end.strip() else None for end in (low, high))
    if first is not None and last is not None and not first < last:
        raise ArchcalcError(f"{shown(text)}: its low end is not below its high end", about="range")
    return ColumnRange(column.strip(), first, last, text)


def within(table: SweepTable, ranges: Sequence[ColumnRange]) -> Any:
    """An array that is true for the rows that are in all of the ranges. Raises UnknownName for an unknown column."""
    numpy: Any = need("numpy", "a table of a sweep")
    kept = numpy.ones(table.rows, dtype=bool)
    for each in ranges:
        values, there = table.numbers(each.column)
        kept &= there
        if each.low is not None:
            kept &= values >= each.low
        if each.high is not None:
            kept &= values < each.high
    return kept


def read_edges(text: str) -> tuple[float, ...]:
    """Limits of regimes that ascend, such as `200M,400M,800M`. Raises ArchcalcError for anything else."""
    edges = tuple([read_value(part.strip(), about="regimes") for part in text.split(",")])
    if any([a >= b for a, b in pairwise(edges)]):
        raise ArchcalcError(f"{shown(text)}: the limits of regimes ascend, as in 200M,400M,800M", about="regimes")
    return edges
