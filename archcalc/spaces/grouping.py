"""Rows of columns that are alike: by equal values in all columns, in order of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

MOST_DIFFERENT = 1 << 20
"""Combinations of values from which points that all differ are not looked at as parts: none will recur."""
LARGEST = (1 << 63) - 1


def grouped(columns: Sequence[Any], count: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Rows with equal values in all columns: the values, and the places of the rows, in order; None if all rows."""
    import numpy

    varying = [(place, *_coded(column)) for place, column in enumerate(columns)]
    same = {place: values[0] for place, _, values in varying if len(values) == 1}
    varying = [each for each in varying if each[0] not in same]
    if not varying or count == 0:
        if count:
            yield tuple([same[place] for place in range(len(columns))]), None
        return
    codes: Any = 0
    size = 1
    for _, code, values in varying:
        if size * len(values) > LARGEST:
            _, codes = numpy.unique(codes, return_inverse=True)
            size = int(codes.max()) + 1
        size *= len(values)
        kind = numpy.uint16 if size <= 1 << 16 else numpy.int64
        codes = numpy.asarray(codes, kind) * kind(len(values)) + code.astype(kind)
    starts = numpy.flatnonzero(codes[1:] != codes[:-1]) + 1
    if len(starts) < size and (codes[starts] > codes[starts - 1]).all():  # they are in order
        groups = [numpy.arange(first, last) for first, last in pairwise((0, *starts.tolist(), count))]
    else:
        order = numpy.argsort(codes, kind="stable")
        groups = numpy.split(order, numpy.flatnonzero(numpy.diff(codes[order])) + 1)
    for rows in groups:
        own = {place: values[code[rows[0]]] for place, code, values in varying} | same
        yield tuple([own[place] for place in range(len(columns))]), rows


def all_differ(columns: Sequence[Any]) -> bool:
    """Return True if no two rows agree in all columns, and of so many combinations none will come again."""
    combinations = 1
    for column in columns:
        if combinations <= MOST_DIFFERENT:
            span = int(column.max()) - int(column.min()) + 1 if len(column) and column.dtype.kind in "iu" else 0
            combinations *= min(span or len(column), len(column))
    if combinations <= MOST_DIFFERENT:
        return False
    combinations, values = 1, [column.tolist() for column in columns]
    for some in values:
        combinations *= len(set(some))
    return combinations > MOST_DIFFERENT and len(set(zip(*values, strict=True))) == len(values[0])


def _coded(column: Any) -> tuple[Any, list[Any]]:
    """The values of a column by numbers from 0, and the values."""
    import numpy

    if column.dtype.kind == "O":
        known: dict[Any, int] = {}
        codes = numpy.array([known.setdefault(_key(value), len(known)) for value in column], numpy.int64)
        return codes, [value for _, value in known]
    if not len(column):
        return column, []
    if column.dtype.kind in "iu":
        low, high = int(column.min()), int(column.max())
        if high - low < 64:
            return column - low, list(range(low, high + 1))
    values, codes = numpy.unique(column, return_inverse=True)
    return codes, values.tolist()


def _key(value: Any) -> Any:
    """A value with its type: 1, 1.0 and True are different words."""
    return (type(value), value)
