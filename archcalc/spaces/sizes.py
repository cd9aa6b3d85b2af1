"""The exact number of points of a space that fulfil its constraints, without walking over them: variable elimination.

A comparison is a table of zeros and ones over the axes that it speaks of. The number of points is the sum, over all
points, of the product of the tables. One axis after another is summed out: the tables that have it are multiplied into
one, which is summed along it. What is never made is a table over all axes. Source: Dechter 1999, "Bucket elimination:
A unifying framework for reasoning", Artificial Intelligence 113.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.spaces.axes import Axis
from archcalc.spaces.constraints import Comparison, Constraint

LARGEST_TABLE = 2**24
"""Numbers in a table, at most."""
LARGEST_OF_OBJECTS = 2**21
"""Numbers in a table, at most, where they need more than 63 bits."""


class Table(NamedTuple):
    """A number for every combination of values of some axes."""

    names: tuple[str, ...]
    """The axes, in the order of the array's."""
    numbers: Any
    most: int
    """A bound of the numbers."""


def count(axes: Sequence[Axis], constraints: Sequence[Constraint]) -> int:
    """The number of points of the axes at which all constraints hold.

    Raises ArchcalcError where a table over the axes that the constraints join would have more than 2^24 numbers.

    >>> rising = [Axis.of(name, range(1, 129)) for name in ("w1", "w2", "w3", "w4")]
    >>> count(rising, [Constraint("w1 <= w2 <= w3 <= w4")])
    11716640
    """
    lengths = {axis.name: len(axis) for axis in axes}
    by_name = {axis.name: axis for axis in axes}
    comparisons = list(dict.fromkeys([each for constraint in constraints for each in constraint.comparisons]))
    bound = {name for each in comparisons for name in each.names}
    free = prod([length for name, length in lengths.items() if name not in bound])
    tables: list[Table] = _joined([_table(each, by_name) for each in comparisons])
    left = sorted(bound, key=list(lengths).index)
    found = 1
    while left:
        check_cancelled()
        name = min(left, key=lambda each: _cost(each, tables, lengths))
        left.remove(name)
        own = [table for table in tables if name in table.names]
        summed = _sum_out(name, own, lengths)
        tables = [table for table in tables if name not in table.names]
        if summed.names:
            tables.append(summed)
        else:
            found *= int(summed.numbers)
    return free * found


def _table(comparison: Comparison, axes: Mapping[str, Axis]) -> Table:
    """Ones where a comparison holds, zeros elsewhere."""
    import numpy

    names = comparison.names
    _check(names, [len(axes[name]) for name in names], LARGEST_TABLE)
    columns = {name: axes[name].array.reshape([-1 if each == name else 1 for each in names]) for name in names}
    holds = numpy.broadcast_to(comparison.holds(columns), [len(axes[name]) for name in names])
    return Table(names, holds, 1)


def _joined(tables: Sequence[Table]) -> list[Table]:
    """The tables, those over the same axes as one: several comparisons of two axes are one table of zeros and ones."""
    import numpy

    found: dict[frozenset[str], Table] = {}
    for table in tables:
        key = frozenset(table.names)
        if key not in found:
            found[key] = table
            continue
        names, numbers, most = found[key]
        places = [table.names.index(name) for name in names]
        found[key] = Table(names, numbers & numpy.transpose(table.numbers, places), most)
    return list(found.values())


def _cost(name: str, tables: Sequence[Table], lengths: Mapping[str, int]) -> int:
    """The numbers in the table that is made when an axis is summed out."""
    return prod([lengths[each] for each in {each for table in tables if name in table.names for each in table.names}])


def _sum_out(name: str, tables: Sequence[Table], lengths: Mapping[str, int]) -> Table:
    """The product of tables that have an axis, summed along it."""
    import numpy

    names = (*dict.fromkeys([each for table in tables for each in table.names if each != name]), name)
    shape = [lengths[each] for each in names]
    most = prod([table.most for table in tables]) * lengths[name]
    large = most >= 2**63
    _check(names, shape, LARGEST_OF_OBJECTS if large else LARGEST_TABLE)
    product: Any = None
    for table in sorted(tables, key=lambda each: len(each.names)):
        places = [table.names.index(each) for each in names if each in table.names]
        numbers = numpy.transpose(table.numbers, places).astype(object if large else numpy.int64)
        numbers = numbers.reshape([lengths[each] if each in table.names else 1 for each in names])
        product = numbers if product is None else product * numbers
    summed = product.sum(axis=-1)
    largest = int(summed.max()) if names[:-1] else int(summed)
    return Table(names[:-1], numpy.broadcast_to(summed, shape[:-1]), max(largest, 1))


def _check(names: Sequence[str], shape: Sequence[int], most: int) -> None:
    if prod(shape) > most:
        said = f"the constraints join {', '.join(names)}: a table of {prod(shape):,} combinations, more than {most:,}"
        raise ArchcalcError(f"the points cannot be counted: {said}", "constraints")
