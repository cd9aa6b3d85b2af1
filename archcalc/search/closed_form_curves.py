"""Cost curves from closed forms: the exact form for the input size, several closed forms for other variables."""

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
from archcalc.search.cost_curves import CostCurve, Piece
from archcalc.search.variables import Variable, VariedNetwork

LONGEST_PERIOD = 1024
PATIENCE = 3
"""The number of values without a closed form after which the search for one ends."""


def by_size(varied: VariedNetwork, variable: Variable, quantities: Sequence[str]) -> CostCurve:
    """The cost curve over the sizes of a square input, from the exact form."""
    try:
        wanted = [key for key in quantities if key != "receptive_field"]
        form = exact_form(varied.request(input=varied.shape), quantities=wanted)
        smallest = form.smallest
    except ArchcalcError:
        cost_curve = by_closed_forms(varied, variable, quantities)
        if cost_curve is None:
            raise
        return cost_curve
    period = lcm(*form.periods)
    t = Space(("t",)).symbol("t")
    pieces: list[Piece] = []
    for residue in range(period):
        starts = [smallest[axis][residue % each] for axis, each in enumerate(form.periods)]
        if None in starts:
            continue
        sides = {
            letter: t * (period // each) + residue // each
            for letter, each in zip(form.space.names, form.periods, strict=True)
        }
        residues = tuple([residue % each for each in form.periods])

        def curve(key: str, sides: Any = sides, residues: Any = residues) -> Curve:
            value = form.closed(key, residues).value
            members = value.members if isinstance(value, Envelope) else (value,)
            moved = [member.value(sides) if isinstance(member, Polynomial) else member for member in members]
            return tuple(dict.fromkeys([part for each in moved for part in curve_of(each)]))

        first = max(-((residue - start) // period) for start in starts if start is not None)
        numbers = ((first, (variable.high - residue) // period),)
        pieces.append(Piece(Progression(period, residue), numbers, _curves(varied, variable, quantities, curve)))
    classes = "" if period == 1 else f": {period} residue classes, {len(pieces)} of which the network accepts"
    if not form.chooses:
        return CostCurve(tuple(pieces), {}, f"Closed forms hold for every size{classes}")
    end = max([period * piece.numbers[0][0] + piece.progression.residue for piece in pieces], default=0)
    built = _built(varied, variable, quantities, pieces, end)
    how = f"Closed forms hold for every size from {end} on{classes}; {len(built)} smaller ones were built"
    return CostCurve(tuple(pieces), built, how)


def _built(
    varied: VariedNetwork, variable: Variable, quantities: Sequence[str], pieces: Sequence[Piece], end: int
) -> dict[Any, Mapping[str, Any]]:
    """The costs at all sizes below `end` that no piece has and the network accepts, built one by one."""
    covered = CostCurve(tuple(pieces), {}, "")
    each = {
        size: varied.counts(variable, size, quantities) for size in range(variable.low, end) if covered.at(size) is None
    }
    return {size: counts for size, counts in each.items() if counts is not None}


def _curves(
    varied: VariedNetwork, variable: Variable, quantities: Sequence[str], curve: Callable[[str], Curve]
) -> dict[str, Curve]:
    """A curve for each quantity; the receptive field, which has no closed form, is constant."""
    result: dict[str, Curve] = {}
    for key in quantities:
        if key == "receptive_field":
            counts = varied.counts(variable, variable.present, (key,))  # windows depend on the structure alone
            if counts is None or counts[key] is None:
                raise ArchcalcError(f"{varied.network.name}: none of its layers has a window, so it has no {key}")
            result[key] = ((counts[key],),)
        else:
            result[key] = curve(key)
    return result


def form_at(varied: VariedNetwork, variable: Variable, value: Any) -> ClosedForm:
    """The closed form that holds at one value. Raises ArchcalcError if there is none."""
    request = varied.request_at(variable, value)
    return closed_form(replace(request, batch=1) if variable.name == "batch" else request, (variable.symbol,))


def by_closed_forms(varied: VariedNetwork, variable: Variable, quantities: Sequence[str]) -> CostCurve | None:
    """A cost curve from closed forms that together cover all values of a whole-number variable; None if none do."""
    period = 1
    while period <= LONGEST_PERIOD:
        cover = _Cover(varied, variable, quantities, period)
        cost_curve, needed = cover.fill()
        if cost_curve is not None or needed <= period:
            return cost_curve
        period = needed
    return None


class _Cover:
    """The values of a whole-number variable by residue class: pieces of the curve, and values not covered yet."""

    def __init__(self, varied: VariedNetwork, variable: Variable, quantities: Sequence[str], period: int) -> None:
        self.varied, self.variable, self.quantities, self.period = varied, variable, quantities, period
        low, high = variable.low, variable.high
        self.uncovered: dict[int, Intervals] = {
            r: ((-((r - low) // period), (high - r) // period),) for r in range(period)
        }
        self.pieces: list[Piece] = []
        self.built: dict[Any, Mapping[str, Any]] = {}

    def fill(self) -> tuple[CostCurve | None, int]:
        """The cost curve and its period; without a curve, None and the period that it needs, or 0 if there is none."""
        value, failed = self.variable.present, 0
        for _ in range(40 + 4 * self.period):
            try:
                form = form_at(self.varied, self.variable, value)
            except ArchcalcError:
                failed += 1
                if failed == PATIENCE and not self.pieces:
                    return None, 0
            else:
                letter = form.symbols[0]
                if form.space.whole:
                    return None, 0
                if self.period % letter.period:
                    return None, lcm(self.period, letter.period)
                self._add(form)
            if self._is_uncovered(value):
                self._build(value)
            left = [
                (r, numbers[0][0])
                for r, numbers in self.uncovered.items()
                if numbers and numbers[0][0] <= numbers[0][1]
            ]
            if not left:
                return CostCurve(tuple(self.pieces), self.built, self._method()), self.period
            value = left[0][0] + self.period * left[0][1]
        return None, 0

    def _method(self) -> str:
        name, count = self.variable.name, len(self.pieces)
        forms = "One closed form holds" if count == 1 else f"{count} closed forms hold"
        where = f"for every {name}" if self.period == 1 else f"for every {name} ({self.period} residue classes)"
        alone = ", ".join(map(str, sorted(self.built)))
        but = f" but {alone}, which was built" if alone else ""
        return f"{forms} {where} that the network accepts{but}"

    def _add(self, form: ClosedForm) -> None:
        """Add the pieces of a closed form, on all residue classes where its conditions hold."""
        symbol, space = form.symbols[0], form.space
        for residue in range(symbol.residue % symbol.period, self.period, symbol.period):
            scale, start = self.period // symbol.period, (residue - symbol.residue) // symbol.period
            numbers = self.uncovered[residue]
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
                    self.varied, self.variable, self.quantities, lambda key: curve_of(form.quantities[key].value)
                )
                moved = {key: shifted(curve, scale, start) for key, curve in curves.items()}
                piece = Piece(Progression(self.period, residue), numbers, moved)
                first = self.period * numbers[0][0] + residue
                if CostCurve((piece,), {}, "").at(first) == self.varied.counts(self.variable, first, self.quantities):
                    self.pieces.append(piece)
                    self.uncovered[residue] = without(self.uncovered[residue], numbers)

    def _is_uncovered(self, value: int) -> bool:
        n, residue = divmod(value, self.period)
        return any(first <= n <= last for first, last in self.uncovered[residue])

    def _build(self, value: Any) -> None:
        """Cover a value without a closed form by building it; its whole class if the network accepts none of it."""
        n, residue = divmod(value, self.period)
        numbers = self.uncovered[residue]
        counts = self.varied.counts(self.variable, value, self.quantities)
        if counts is not None:
            self.built[value] = counts
        elif self.period > 1 and all(
            self.varied.counts(self.variable, k * self.period + residue, ()) is None
            for k in {n + 1, n + 2, n + 3, numbers[-1][1]}
        ):
            self.uncovered[residue] = ()
            return
        self.uncovered[residue] = without(numbers, ((n, n),))
