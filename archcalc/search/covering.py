"""Landscapes of closed forms: every size by the exact form, every width by as many closed forms as it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import lcm
from typing import Any

from archcalc.algebra.curves import (
    Curve,
    Intervals,
    Progression,
    curve_of,
    intersection,
    shifted,
    where_at_least,
    where_zero,
    without,
)
from archcalc.algebra.polynomial import Envelope, Polynomial, Space
from archcalc.base.errors import ArchcalcError
from archcalc.forms.closed import closed_form, exact_form
from archcalc.forms.results import ClosedForm
from archcalc.search.knobs import Knob, Subject
from archcalc.search.landscapes import Landscape, Piece

LONGEST_PERIOD = 1024
PATIENCE = 3
"""Settings without a closed form after which none is looked for."""


def by_size(subject: Subject, knob: Knob, quantities: Sequence[str]) -> Landscape:
    """Every size of a square input, by the exact form."""
    try:
        form = exact_form(subject.request(input=subject.shape))
    except ArchcalcError:
        found = by_closed_forms(subject, knob, quantities)
        if found is None:
            raise
        return found
    period = lcm(*form.periods)
    t = Space(("t",)).symbol("t")
    pieces: list[Piece] = []
    for residue in range(period):
        starts = [form.smallest[axis][residue % each] for axis, each in enumerate(form.periods)]
        if None in starts:
            continue
        sides = {
            letter: t * (period // each) + residue // each
            for letter, each in zip(form.space.names, form.periods, strict=True)
        }
        residues = (residue % form.periods[0], residue % form.periods[1])

        def curve(key: str, sides: Any = sides, residues: Any = residues) -> Curve:
            value = form.closed(key, residues).value
            members = value.members if isinstance(value, Envelope) else (value,)
            moved = [member.value(sides) if isinstance(member, Polynomial) else member for member in members]
            return tuple(dict.fromkeys([part for each in moved for part in curve_of(each)]))

        first = max(-((residue - start) // period) for start in starts if start is not None)
        numbers = ((first, (knob.high - residue) // period),)
        pieces.append(Piece(Progression(period, residue), numbers, _curves(subject, knob, quantities, curve)))
    classes = "" if period == 1 else f": {period} residue classes, {len(pieces)} of which the network takes"
    return Landscape(tuple(pieces), {}, f"Closed forms hold for every size{classes}")


def _curves(subject: Subject, knob: Knob, quantities: Sequence[str], curve: Callable[[str], Curve]) -> dict[str, Curve]:
    """A curve for each quantity, those that closed forms leave out made from them."""
    result: dict[str, Curve] = {}
    for key in quantities:
        if key == "receptive_field":
            counts = subject.counts(knob, knob.present, (key,))  # windows depend on the structure alone
            if counts is None or counts[key] is None:
                raise ArchcalcError(f"{subject.found.name}: none of its layers has a window, so it has no {key}")
            result[key] = ((counts[key],),)
        else:
            result[key] = curve(key)
    return result


def form_at(subject: Subject, knob: Knob, value: Any) -> ClosedForm:
    """The closed form that holds at one setting. Raises ArchcalcError where there is none."""
    request = subject.at_setting(knob, value)
    return closed_form(replace(request, batch=1) if knob.name == "batch" else request, (knob.symbol,))


def by_closed_forms(subject: Subject, knob: Knob, quantities: Sequence[str]) -> Landscape | None:
    """Closed forms until every setting of a Whole knob is in one; None where that does not come to an end."""
    period = 1
    while period <= LONGEST_PERIOD:
        cover = _Cover(subject, knob, quantities, period)
        found = cover.fill()
        if isinstance(found, Landscape):
            return found
        if found <= period:
            return None
        period = found
    return None


class _Cover:
    """The settings of a Whole knob by residue class, those that no closed form holds at yet, and the pieces found."""

    def __init__(self, subject: Subject, knob: Knob, quantities: Sequence[str], period: int) -> None:
        self.subject, self.knob, self.quantities, self.period = subject, knob, quantities, period
        low, high = knob.low, knob.high
        self.open: dict[int, Intervals] = {r: ((-((r - low) // period), (high - r) // period),) for r in range(period)}
        self.pieces: list[Piece] = []
        self.built: dict[Any, Mapping[str, Any]] = {}

    def fill(self) -> Landscape | int:
        """The landscape; or the period that it needs, 0 if there is none."""
        value, failed = self.knob.present, 0
        for _ in range(40 + 4 * self.period):
            try:
                form = form_at(self.subject, self.knob, value)
            except ArchcalcError:
                failed += 1
                if failed == PATIENCE and not self.pieces:
                    return 0
            else:
                letter = form.symbols[0]
                if form.space.whole:
                    return 0
                if self.period % letter.period:
                    return lcm(self.period, letter.period)
                self._add(form)
            if self._is_open(value):
                self._alone(value)
            left = [
                (r, numbers[0][0]) for r, numbers in self.open.items() if numbers and numbers[0][0] <= numbers[0][1]
            ]
            if not left:
                return Landscape(tuple(self.pieces), self.built, self._how())
            value = left[0][0] + self.period * left[0][1]
        return 0

    def _how(self) -> str:
        name, count = self.knob.name, len(self.pieces)
        forms = "One closed form holds" if count == 1 else f"{count} closed forms hold"
        where = f"for every {name}" if self.period == 1 else f"for every {name} ({self.period} residue classes)"
        alone = ", ".join(map(str, sorted(self.built)))
        but = f" but {alone}, which was built" if alone else ""
        return f"{forms} {where} that the network takes{but}"

    def _add(self, form: ClosedForm) -> None:
        """The form on all classes that it speaks of."""
        symbol, space = form.symbols[0], form.space
        for residue in range(symbol.residue % symbol.period, self.period, symbol.period):
            scale, start = self.period // symbol.period, (residue - symbol.residue) // symbol.period
            numbers = self.open[residue]
            if not numbers:
                continue
            low, high = numbers[0][0], numbers[-1][1]
            for condition in space.at_least:
                held = where_at_least(shifted(curve_of(condition), scale, start), 0, low, high)
                numbers = intersection(numbers, held)
            for conditions, wanted in ((space.nonzero, False), (space.zero, True)):
                for condition in conditions:
                    roots = where_zero(shifted(curve_of(condition), scale, start)[0], low, high)
                    numbers = intersection(numbers, roots) if wanted else without(numbers, roots)
            if numbers:
                curves = _curves(
                    self.subject, self.knob, self.quantities, lambda key: curve_of(form.quantities[key].value)
                )
                moved = {key: shifted(curve, scale, start) for key, curve in curves.items()}
                piece = Piece(Progression(self.period, residue), numbers, moved)
                first = self.period * numbers[0][0] + residue
                if Landscape((piece,), {}, "").at(first) == self.subject.counts(self.knob, first, self.quantities):
                    self.pieces.append(piece)
                    self.open[residue] = without(self.open[residue], numbers)

    def _is_open(self, value: int) -> bool:
        n, residue = divmod(value, self.period)
        return any(first <= n <= last for first, last in self.open[residue])

    def _alone(self, value: Any) -> None:
        """A setting at which no closed form holds; with its whole class where the network takes none of it."""
        n, residue = divmod(value, self.period)
        numbers = self.open[residue]
        counts = self.subject.counts(self.knob, value, self.quantities)
        if counts is not None:
            self.built[value] = counts
        elif self.period > 1 and all(
            self.subject.counts(self.knob, k * self.period + residue, ()) is None
            for k in {n + 1, n + 2, n + 3, numbers[-1][1]}
        ):
            self.open[residue] = ()
            return
        self.open[residue] = without(numbers, ((n, n),))
