"""The exact number of points of a space that fulfil its constraints, without walking over them: variable elimination.

A comparison is a table of zeros and ones over the axes that it speaks of. The number of points is the sum, over all
points, of the product of the tables. One axis after another is summed out: the tables that have it are multiplied into
one, which is summed along it. A table over all axes is never made. Source: Dechter 1999, "Bucket elimination: A
unifying framework for reasoning", Artificial Intelligence 113.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import installed
from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.constraints import Constraint, Relation

LARGEST_TABLE = 2**24
"""Numbers in a table, at most."""
LARGEST_OF_OBJECTS = 2**21
"""Numbers in a table, at most, where they need more than 63 bits, or where numpy is not installed."""


class CountTable(NamedTuple):
    """A number for every combination of values of some axes."""

    names: tuple[str, ...]
    """The axes, the last one fastest."""
    numbers: Any
    """A numpy array with these axes; without numpy a list."""
    most: int
    """A bound of the numbers."""


def count(axes: Sequence[SpaceAxis], constraints: Sequence[Constraint]) -> int:
    """The number of points of the axes at which all constraints hold.

    Raises ArchcalcError where a table over the axes that the constraints join would have more than 2^24 numbers, 2^21
    where they need more than 63 bits.

    >>> rising = [SpaceAxis.of(name, range(1, 129)) for name in ("w1", "w2", "w3", "w4")]
    >>> count(rising, [Constraint("w1 <= w2 <= w3 <= w4")])
    11716640
    """
    lengths = {axis.name: len(axis) for axis in axes}
    comparisons = list(dict.fromkeys([each for constraint in constraints for each in constraint.comparisons]))
    joined = {name for each in comparisons for name in each.names}
    arrays = installed("numpy")
    tables = [_table(each, {axis.name: axis for axis in axes}, arrays) for each in comparisons]
    left = [name for name in lengths if name in joined]
    found = prod([length for name, length in lengths.items() if name not in joined])
    while left:
        check_cancelled()
        name = min(left, key=lambda each: prod([lengths[other] for other in _beside(each, tables)]))
        left.remove(name)
        names = tuple([each for each in _beside(name, tables) if each != name])
        own = [table for table in tables if name in table.names]
        summed = (_summed_array if arrays else _summed_list)((*names, name), own, lengths)
        tables = [*[table for table in tables if name not in table.names], *([summed] if names else [])]
        found *= 1 if names else int(summed.numbers if arrays else summed.numbers[0])
    return found


def _beside(name: str, tables: Sequence[CountTable]) -> dict[str, None]:
    """The axes of the tables that have an axis."""
    return dict.fromkeys([each for table in tables if name in table.names for each in table.names])


def _table(comparison: Relation, axes: Mapping[str, SpaceAxis], arrays: bool) -> CountTable:
    """Ones where a comparison holds, zeros elsewhere."""
    names = comparison.names
    shape = [len(axes[name]) for name in names]
    _check(names, shape, LARGEST_TABLE if arrays else LARGEST_OF_OBJECTS)
    if not arrays:
        points = product(*[axes[name].values for name in names])
        return CountTable(names, [int(comparison.holds(dict(zip(names, point, strict=True)))) for point in points], 1)
    import numpy

    columns = {name: axes[name].array.reshape([-1 if each == name else 1 for each in names]) for name in names}
    return CountTable(names, numpy.broadcast_to(comparison.holds(columns), shape), 1)


def _summed_array(names: tuple[str, ...], tables: Sequence[CountTable], lengths: Mapping[str, int]) -> CountTable:
    """The product of tables over some axes, summed along the last one."""
    import numpy

    large = _most(names, tables, lengths) >= 2**63
    _check(names, [lengths[each] for each in names], LARGEST_OF_OBJECTS if large else LARGEST_TABLE)
    multiplied: Any = None
    for table in sorted(tables, key=lambda each: len(each.names)):
        places = [table.names.index(each) for each in names if each in table.names]
        numbers = numpy.transpose(table.numbers, places).astype(object if large else numpy.int64)
        numbers = numbers.reshape([lengths[each] if each in table.names else 1 for each in names])
        multiplied = numbers if multiplied is None else multiplied * numbers
    summed: Any = multiplied.sum(axis=-1)
    return CountTable(names[:-1], summed, max(int(numpy.max(summed)), 1))


def _summed_list(names: tuple[str, ...], tables: Sequence[CountTable], lengths: Mapping[str, int]) -> CountTable:
    """The same without numpy: the numbers of every table are a list."""
    _check(names, [lengths[each] for each in names], LARGEST_OF_OBJECTS)
    steps: list[tuple[Any, list[int]]] = []
    for table in tables:
        sizes = [lengths[each] for each in table.names]
        step = {each: prod(sizes[place + 1 :]) for place, each in enumerate(table.names)}
        steps.append((table.numbers, [step.get(each, 0) for each in names]))
    summed: list[int] = []
    for point in product(*[range(lengths[each]) for each in names[:-1]]):
        starts = [(numbers, sum(map(int.__mul__, own, point)), own[-1]) for numbers, own in steps]
        summed.append(
            sum(
                [
                    prod([numbers[at + step * last] for numbers, at, step in starts])
                    for last in range(lengths[names[-1]])
                ]
            )
        )
    return CountTable(names[:-1], summed, max(*summed, 1))


def _most(names: tuple[str, ...], tables: Sequence[CountTable], lengths: Mapping[str, int]) -> int:
    return prod([table.most for table in tables]) * lengths[names[-1]]


def _check(names: Sequence[str], shape: Sequence[int], most: int) -> None:
    if prod(shape) > most:
        said = f"the constraints join {', '.join(names)}: a table of {prod(shape):,} combinations, more than {most:,}"
        raise ArchcalcError(f"the points cannot be counted: {said}", "constraints")
