"""Readings of a printed number: its possible meanings, and the exact number for each.

A reading differs from the obvious one in a few assumptions: the variant of the network, its auxiliary heads, the
input's size, the number of classes, the convention, whether a multiply-add is one operation or two, whether K, M, G are
powers of 1000 or of 1024, the type of a value. `explain` ranks the readings that give a number, `audit` looks for one
under which a claim holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from archcalc.algebra.amounts import Printed, Span
from archcalc.algebra.expressions import Expression, Fact, Identifier
from archcalc.base.errors import ArchcalcError
from archcalc.evidence.alternatives import CONFUSED, Change, Scope, Way, ways
from archcalc.evidence.facts import value


class Reading(NamedTuple):
    """A reading of a printed number, its value, and whether that agrees with the printed digits."""

    networks: tuple[str, ...]
    """The networks that are counted, with variants in place of the named ones."""
    input: tuple[int, ...]
    """The input of the first network; empty for examples."""
    convention: str
    """The convention; empty for quantities without conventions."""
    changes: tuple[Change, ...]
    """Assumptions that differ from the obvious reading; empty for the obvious reading."""
    value: Any
    """The exact number, in single units."""
    digits: str
    """The way of reading the printed digits; empty: rounded to the last."""
    agrees: bool
    """True if the value agrees with the printed number within its digits."""
    distance: float
    """The distance from the printed number, as a fraction of it."""

    @property
    def rank(self) -> tuple[Any, ...]:
        """The sort key: the likeliest first, then fewer changes, then the nearer value."""
        weight = round(sum(change.weight for change in self.changes) + (0.3 if self.digits else 0), 3)
        return weight, len(self.changes), self.distance, self.networks


def readings(tree: Expression, printed: Printed, scope: Scope) -> Iterator[Reading]:
    """All readings within a scope that give the printed number within its digits."""
    return _search(tree, printed, scope, near=False)


def near(tree: Expression, printed: Printed, scope: Scope) -> Iterator[Reading]:
    """Readings with at most one change, whether or not they give the printed number."""
    return _search(tree, printed, scope._replace(most_changes=min(scope.most_changes, 1)), near=True)


def _search(tree: Expression, printed: Printed, scope: Scope, *, near: bool) -> Iterator[Reading]:
    rounded = rounding_up(tree)
    for way in ways(tree, scope):
        up = Change("rounding", "pools whose last window may be partial (ceil)")
        for each, changes in ((tree, way.changes), *([(rounded, (*way.changes, up))] if rounded != tree else [])):
            try:
                number = value(each, way.context)
            except ArchcalcError:  # a variant may lack a row, or its rows may differ
                continue
            if not isinstance(number, (bool, tuple)) and len(changes) <= scope.most_changes:
                yield from _compared(way._replace(changes=changes), number, printed, scope, near=near)


def rounding_up(tree: Expression) -> Expression:
    """An expression in which pools round the size of their output up."""
    return tree.mapped(_rounding_up)


def _rounding_up(fact: Fact) -> Fact:
    subject = fact.subject
    if subject.name != "max_pool" or "rounding" in dict(subject.settings):
        return fact
    return Fact(
        fact.quantity, subject._replace(settings=(*subject.settings, ("rounding", Identifier("ceil")))), fact.rows
    )


def _compared(way: Way, value: Any, printed: Printed, scope: Scope, *, near: bool) -> Iterator[Reading]:
    """Readings of some networks and a convention, in all units."""
    for factor, unit in _units(way, printed):
        for base, words in printed.bases():
            thousand = [Change("base", words, 0.5 if printed.unit == "bytes" else 2.1)] if words else []
            changes = (*way.changes, *([unit] if unit else []), *thousand)
            room = scope.most_changes - len(changes)
            for place, number in _places(value, factor, base, room, near=near):
                reading = _reading(way, changes, place, number * factor, base)
                if len(reading.changes) <= scope.most_changes and (reading.agrees or (near and number != 0)):
                    yield reading


def _places(
    value: Any, factor: Any, printed: Printed, room: int, *, near: bool
) -> Iterator[tuple[tuple[int, int], Any]]:
    """Points of the grid at which a number may agree with the printed one (all, for `near`), with the number there.

    `room` is the number of assumptions about size and classes that may still differ from the obvious ones.
    """
    if room < 0:
        return
    if not getattr(value, "shape", ()):
        yield (0, 0), value
        return
    if room == 0:
        yield (0, 0), int(value[0, 0])
        return
    spans = [(low, high) for low, high, *_ in printed.spans()]
    wanted = {number: near or any(low <= number * factor <= high for low, high in spans) for number in value.values}
    if not any(wanted.values()):
        return
    rows, columns = value.shape
    for row, column in product(range(rows), range(columns)):
        differs = (row == 0 or value[row, column] != value[0, column]) and (
            column == 0 or value[row, column] != value[row, 0]
        )
        if differs and (row == 0) + (column == 0) + room >= 2 and wanted[value[row, column]]:
            yield (row, column), int(value[row, column])


def _units(way: Way, printed: Printed) -> Iterator[tuple[Any, Change | None]]:
    yield 1, None
    if way.bytes and printed.unit == "bytes":
        yield Fraction(1, 2), Change("dtype", "float16")
        yield Fraction(1, 4), Change("dtype", "int8", 1.5)
        yield 2, Change("dtype", "float64", 2)
    if way.doubles and printed.unit in ("", "FLOPs", "mult-adds"):
        weight = {"FLOPs": 0.5, "": 1}.get(printed.unit, 1.5)
        yield 2, Change("operations", "two operations for each mult-add", weight)


def _reading(way: Way, changes: tuple[Change, ...], place: tuple[int, int], value: Any, printed: Printed) -> Reading:
    shape = way.plain_input
    if way.grid is not None:
        size, classes = way.grid.sizes[place[0]], way.grid.classes[place[1]]
        if place[0]:
            shape = (shape[0], size, size)
            changes = (*changes, Change("size", f"input {size}x{size}", _size_weight(size, way.plain_input[-1])))
        if place[1]:
            changes = (*changes, Change("classes", f"{classes} classes", 1.2 if classes in (1000, 1001) else 1.5))
    span = agreeing(value, printed, whole=all(change.kind == "variant" for change in changes))
    if span is not None and span.changed:
        changes = (*changes, Change("digits", span.reading, 1))
    words = "" if span is None or span.changed else span.reading
    distance = abs(float((value - printed.value) / (printed.value or 1)))
    return Reading(way.names, shape, way.convention, changes, value, words, span is not None, distance)


def _size_weight(size: int, usual: int) -> float:
    return 0.4 if {size, usual} == set(CONFUSED) else 1.2 if size in (224, 256, 299) else 1.5


def agreeing(value: Any, printed: Printed, *, whole: bool = True) -> Span | None:
    """The first way of reading printed digits with which an exact number agrees; None if there is none.

    Unless `whole`, digits are read as rounded: a reading that changes something else does not also reinterpret them.
    """
    for span in printed.spans():
        if span.holds(value) and (whole or not span.changed):
            return span
    return None
