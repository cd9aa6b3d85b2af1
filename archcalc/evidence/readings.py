"""Readings of a printed number: its possible meanings, and the exact number for each.

A reading differs from the obvious one in a few assumptions: the variant of the network, its auxiliary heads, the
input's size, the number of classes, the convention, whether a multiply-add is one operation or two, whether K, M, G are
powers of 1000 or of 1024, the type of a value. `explain` ranks the readings that give a number, `audit` looks for one
under which a claim holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from archcalc.algebra.amounts import Printed, Span
from archcalc.algebra.expressions import Expression, Fact, Identifier
from archcalc.base.errors import ArchcalcError
from archcalc.evidence.alternatives import CONFUSED, Change, Scope, Way, ways
from archcalc.evidence.chance import NEAR
from archcalc.evidence.facts import PLAIN, value
from archcalc.evidence.subjects import find

TWO_FOR_EACH = ("FLOPs", "operations")
"""The units of conventions that count two operations for each mult-add."""


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
    def weak(self) -> bool:
        """True if it has a change of a kind that often agrees by chance."""
        return any([change.weak for change in self.changes])

    @property
    def weight(self) -> float:
        """The sum of the weights of its changes, and of its way of reading the digits."""
        return round(sum([change.weight for change in self.changes]) + (0.3 if self.digits else 0), 3)

    @property
    def rank(self) -> tuple[Any, ...]:
        """The sort key: the likeliest first, then fewer changes, then the nearer value."""
        return self.weight, len(self.changes), self.distance, self.networks


Note = Callable[[Reading], None]
"""Takes readings that may not agree with the printed number but are near it."""


def readings(tree: Expression, printed: Printed, scope: Scope, note: Note | None = None) -> Iterator[Reading]:
    """All readings within a scope that give the printed number within its digits.

    `note` is called with every reading within a factor of `NEAR`, whether or not it agrees.
    """
    rounded = rounding_up(tree)
    for way in ways(tree, scope):
        up = Change("rounding", "pools whose last window may be partial (ceil)")
        for each, changes in ((tree, way.changes), *([(rounded, (*way.changes, up))] if rounded != tree else [])):
            try:
                number = value(each, way.context)
            except ArchcalcError:  # a variant may lack a row, or its rows may differ
                continue
            if not isinstance(number, (bool, tuple)) and len(changes) <= scope.most_changes:
                for reading in _compared(way._replace(changes=changes), number, printed, scope, note):
                    if note is not None:
                        note(reading)
                    if reading.agrees:
                        yield reading


def of_total(
    tree: Expression, total: int, printed: Printed, scope: Scope, note: Note | None = None
) -> Iterator[Reading]:
    """Readings of the plain count of one network at its own input whose total is known, so that it need not be built.

    `tree` is an expression of its `params` or `mult_adds`; the readings are those of `readings` without changes.
    """
    (fact,) = set(tree.facts())
    network = find(fact.subject.name)
    works = fact.quantity == "mult_adds"
    way = Way((), (network.name,), PLAIN, None, fact.quantity, network.input, works, not works, "")
    known: Any = {fact: total}
    for reading in _compared(way, tree.evaluate(known), printed, scope, note):
        if note is not None:
            note(reading)
        if reading.agrees:
            yield reading


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


def _compared(way: Way, value: Any, printed: Printed, scope: Scope, note: Note | None) -> Iterator[Reading]:
    """Readings of some networks and a convention, in all units: those that agree, for `note` all near ones."""
    if way.unit:
        way = way._replace(changes=tuple([_said(change, way.unit, printed.unit) for change in way.changes]))
    for factor, unit in _units(way, printed):
        for base, words in printed.bases():
            changes = (*way.changes, *([unit] if unit else []), *([_thousand(printed, words)] if words else []))
            room = scope.most_changes - len(changes)
            weak = scope.most_weak - sum([change.weak for change in changes])
            ranges = [(span.low, span.high) for span in base.spans()] if note is None else [near(base)]
            for place, number in _places(value, factor, ranges, min(room, weak + 1)):
                reading = _reading(way, changes, place, number * factor, base)
                made = reading.changes
                if len(made) <= scope.most_changes and sum([change.weak for change in made]) <= scope.most_weak:
                    yield reading


def _said(change: Change, counted: str, printed: str) -> Change:
    """A change to a convention, likelier if the figure is printed in the convention's unit.

    One with two operations for each mult-add is weak, as a factor of two, unless the figure says FLOPs.
    """
    if change.kind != "convention":
        return change
    same = counted.lower()[:4] in {"mult-adds": ("macs", "mult"), "FLOPs": ("flop",)}.get(printed, ())
    weak = change.weak or (counted in TWO_FOR_EACH and printed != "FLOPs")
    return change._replace(weight=round(change.weight - (0.2 if same else 0), 1), weak=weak)


def near(printed: Printed) -> tuple[int, int]:
    """The range of whole numbers that are near a printed one."""
    return ceil(printed.value / NEAR), floor(printed.value * NEAR)


def _thousand(printed: Printed, words: str) -> Change:
    """The change of K, M, G to powers of 1024: for bytes, what many tools print; for counts, a slip."""
    if printed.unit == "bytes":
        return Change("base", words.replace(" of ", "B of ") + " bytes", 0.3)
    return Change("base", words, 2.1, weak=True)


def _places(
    value: Any, factor: Any, ranges: Sequence[tuple[Any, Any]], room: int
) -> Iterator[tuple[tuple[int, int], Any]]:
    """Points of the grid at which a number is in one of some ranges, with the number there.

    `room` is the number of assumptions about size and classes that may still differ from the obvious ones.
    """
    if room < 0:
        return
    if not getattr(value, "shape", ()) or room == 0:
        plain = int(value[0, 0]) if getattr(value, "shape", ()) else value
        if any(low <= plain * factor <= high for low, high in ranges):
            yield (0, 0), plain
        return
    numbers = value.values
    wanted = {each: any([low <= each * factor <= high for low, high in ranges]) for each in set(numbers)}
    if not any(wanted.values()):
        return
    columns = value.shape[1]
    for index, each in enumerate(numbers):
        row, column = divmod(index, columns)
        differs = (row == 0 or each != numbers[column]) and (column == 0 or each != numbers[index - column])
        if wanted[each] and differs and (row == 0) + (column == 0) + room >= 2:
            yield (row, column), int(each)


def _units(way: Way, printed: Printed) -> Iterator[tuple[Any, Change | None]]:
    yield 1, None
    if way.bytes and printed.unit == "bytes":
        yield Fraction(1, 2), Change("dtype", "float16")
        yield Fraction(1, 4), Change("dtype", "int8", 1.5, weak=True)
        yield 2, Change("dtype", "float64", 2, weak=True)
    if way.doubles and printed.unit in ("", "FLOPs", "mult-adds"):
        weight = {"FLOPs": 0.5, "": 1}.get(printed.unit, 1.5)
        yield 2, Change("operations", "two operations for each mult-add", weight, weak=printed.unit != "FLOPs")


def _reading(way: Way, changes: tuple[Change, ...], place: tuple[int, int], value: Any, printed: Printed) -> Reading:
    shape = way.plain_input
    if way.grid is not None:
        size, classes = way.grid.sizes[place[0]], way.grid.classes[place[1]]
        if place[0]:
            shape = (shape[0], size, size)
            changes = (*changes, _other_size(size, way.plain_input[-1]))
        if place[1]:
            changes = (*changes, _other_classes(classes))
    span = agreeing(value, printed, whole=all(change.kind == "variant" for change in changes))
    if span is not None and span.changed:
        changes = (*changes, Change("digits", span.reading, 1))
    words = "" if span is None or span.changed else span.reading
    distance = abs(float((value - printed.value) / (printed.value or 1)))
    return Reading(way.names, shape, way.convention, changes, value, words, span is not None, distance)


def _other_size(size: int, usual: int) -> Change:
    confused = usual == CONFUSED[1] and size in CONFUSED
    weight = 0.4 if {size, usual} == set(CONFUSED) else 1.2 if size in (224, 256, 299) else 1.5
    return Change("size", f"input {size}x{size}", weight, weak=not confused)


def _other_classes(classes: int) -> Change:
    weight = 1.2 if classes in (1000, 1001) else 2.5 if classes > 1001 else 1.5
    return Change("classes", f"{classes} classes", weight, weak=True)


def agreeing(value: Any, printed: Printed, *, whole: bool = True) -> Span | None:
    """The first way of reading printed digits with which an exact number agrees; None if there is none.

    Unless `whole`, digits are read as rounded: a reading that changes something else does not also reinterpret them.
    """
    for span in printed.spans():
        if span.holds(value) and (whole or not span.changed):
            return span
    return None
