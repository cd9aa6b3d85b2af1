"""Settings that meet targets, found exactly in a landscape; neighbours of the answers are built as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from archcalc.algebra.curves import Intervals, intersection, where_at_least, where_at_most
from archcalc.analysis.quantities import QUANTITIES, TARGETS
from archcalc.analysis.table import analyze
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Real, Whole
from archcalc.search.inverses import inverses
from archcalc.search.knobs import Knob, Subject, setting
from archcalc.search.landscapes import Landscape, Piece
from archcalc.search.solutions import Bound, Solution, Solved
from archcalc.search.targets import Target

NEIGHBOURS = 8
"""Settings on either side of an answer that are built to see that nothing there contradicts it."""
ENOUGH = 30_000
"""Operations in networks after which no more neighbours are built."""


def at_setting(counts: Mapping[str, Any], target: Target) -> int:
    """The count that a target is about."""
    value = counts[target.quantity]
    if value is None:
        raise ArchcalcError(f"a network without windows has no {target.quantity}", about="targets")
    return value


class Search:
    """The settings that meet targets, in a landscape."""

    def __init__(
        self, subject: Subject, knob: Knob, land: Landscape, targets: Sequence[Target], step: Fraction
    ) -> None:
        self.subject, self.knob, self.land, self.targets, self.step = subject, knob, land, targets, step
        self.whole = int(step) if isinstance(knob.kind, Whole) else 1
        allowed = [v for v in land.built if not isinstance(knob.kind, Whole) or v % self.whole == 0]
        if not all(isinstance(each, (int, float)) for each in allowed):
            allowed.sort(key=lambda value: at_setting(land.built[value], targets[0]))
        else:
            allowed.sort()
        self.built: list[Any] = allowed
        if self.extreme(largest=True) is None:
            raise ArchcalcError(f"{subject.found.name} takes no {knob.name} that was asked for", about="knob")
        self.constant = {target.quantity: self._constant(target) for target in targets}
        self.falls = self._falls()

    def rank(self, value: Any) -> Any:
        """Where a setting stands in the order of settings."""
        words = not isinstance(value, (int, float))
        return self.built.index(value) if words else value

    def extreme(self, *, largest: bool, within: bool | None = None, targets: Sequence[Target] | None = None) -> Any:
        """The largest or smallest setting that is within (or reaches) all of some targets; any, for None."""
        asked: Sequence[Target] = () if within is None else targets or self.targets
        found = [value for value in self.built if all(self._meets(value, target, within=within) for target in asked)]
        found = found[-1:] if largest else found[:1]
        for piece in self.land.pieces:
            numbers = self._numbers(piece, asked, within=within)
            n = piece.progression.extreme(numbers, self.whole, largest) if numbers else None
            if n is not None:
                found.append(piece.progression.period * n + piece.progression.residue)
        return (max if largest else min)(found, key=self.rank) if found else None

    def _meets(self, value: Any, target: Target, *, within: bool | None) -> bool:
        count = at_setting(self.land.built[value], target)
        return count <= target.value if within else count >= target.value

    def _numbers(self, piece: Piece, targets: Sequence[Target], *, within: bool | None) -> Intervals:
        numbers = piece.numbers
        for target in targets:
            curve = piece.curves[target.quantity]
            where = where_at_most if within else where_at_least
            numbers = intersection(numbers, where(curve, target.value, numbers[0][0], numbers[-1][1]))
            if not numbers:
                break
        return numbers

    def count(self, value: Any, quantity: str) -> int:
        """A quantity at a setting."""
        counts = self.land.at(value)
        assert counts is not None  # noqa: S101  only settings of the landscape are asked for
        return counts[quantity]

    def _constant(self, target: Target) -> bool:
        low, high = self.least(target, largest=False), self.least(target, largest=True)
        return low == high

    def least(self, target: Target, largest: bool) -> int:
        """The smallest or largest value that a quantity takes at any setting."""
        low, high = 0, 1
        if largest:
            while self.extreme(within=False, largest=True, targets=[target._replace(value=high)]) is not None:
                low, high = high, 2 * high
            while low < high - 1:
                middle = (low + high) // 2
                reached = self.extreme(within=False, largest=True, targets=[target._replace(value=middle)]) is not None
                low, high = (middle, high) if reached else (low, middle)
            return low
        while self.extreme(within=True, largest=True, targets=[target._replace(value=high)]) is None:
            low, high = high, 2 * high
        while low < high:
            middle = (low + high) // 2
            met = self.extreme(within=True, largest=True, targets=[target._replace(value=middle)]) is not None
            low, high = (low, middle) if met else (middle + 1, high)
        return low

    def _falls(self) -> bool:
        """Whether the first target that depends on the knob falls as it rises."""
        low, high = self.extreme(largest=False), self.extreme(largest=True)
        for target in self.targets:
            if not self.constant[target.quantity]:
                return self.count(high, target.quantity) < self.count(low, target.quantity)
        return False

    def answers(self, targets: Sequence[Target]) -> tuple[Any, Any]:
        """The last setting within some targets, and the first that reaches them."""
        return (
            self.extreme(within=True, largest=not self.falls, targets=targets),
            self.extreme(within=False, largest=self.falls, targets=targets),
        )

    def around(self, values: Sequence[Any]) -> Iterator[Any]:
        """Settings next to some, those that the network refuses among them."""
        if not isinstance(self.knob.kind, (Whole, Real)):
            return
        low, high = Fraction(str(self.knob.low)), Fraction(str(self.knob.high))
        step = 1 if isinstance(self.knob.kind, Whole) else self.step
        seen: set[Any] = set()
        for away in sorted(range(-NEIGHBOURS, NEIGHBOURS + 1), key=abs):
            for value in values:
                number = Fraction(str(value)) + away * step
                near = setting(self.knob, number)
                if low <= number <= high and near not in seen:
                    seen.add(near)
                    yield near

    @cached_property
    def neighbours(self) -> tuple[list[Any], Any]:
        """Settings at and near the answers at which networks were built, nearest first, and one of them at which the
        network costs something else than the landscape says; None if there is none.
        """
        if not self.land.pieces:
            return [], None
        before, result = self.subject.built, list[Any]()
        quantities = [target.quantity for target in self.targets]
        for value in self.around([value for value in self.answers(self._depending()) if value is not None]):
            if self.subject.built - before > ENOUGH:
                break
            if self.land.at(value) != self.subject.counts(self.knob, value, quantities):
                return result, value
            result.append(value)
        return result, None

    def solution(self) -> Solution:
        """The answer. Raises ArchcalcError where a target cannot be met."""
        self._check_each()
        within, reaches = self.answers(self._depending())
        if within is None:
            raise ArchcalcError(self._unmet(), about="targets")
        built, wrong = self.neighbours
        if wrong is not None:
            raise RuntimeError(f"{self.subject.found.name}: closed form and engine differ at {self.knob.name}={wrong}")
        checked = [value for value in built if self.land.at(value) is not None]
        bounds = tuple([self._bound(target) for target in self.targets])
        points = [None if value is None else self._solved(value) for value in (within, reaches)]
        first = self._depending()[0]
        nearest = min(
            [value for value in (within, reaches) if value is not None],
            key=lambda value: abs(self.count(value, first.quantity) - first.value),
        )
        found = self.subject.found
        return Solution(
            architecture=found.name,
            citation=found.citation,
            input=self.subject.shape,
            batch=self.subject.batch,
            dtype=self.subject.dtype,
            changed={key: self.subject.settings[key] for key in self.subject.given},
            knob=self.knob.name,
            meaning=self.knob.meaning,
            range=self.knob.kind.span(),
            multiple_of=f"{float(self.step):g}" if isinstance(self.knob.kind, (Whole, Real)) else "",
            falls=self.falls,
            bounds=bounds,
            within=points[0],
            reaches=points[1],
            nearest=nearest,
            binding=self._binding(bounds, within),
            inverses=tuple(inverses(self.subject, self.knob, self.land, self._depending(), within)),
            search=self.land.how
            + (f"; built at and around the answer: {len(checked)}" if self.land.interpolated else ""),
            checked=tuple(sorted(checked)),
            remarks=tuple(self._remarks(within, reaches)),
        )

    def _depending(self) -> list[Target]:
        """The targets that depend on the knob."""
        return [target for target in self.targets if not self.constant[target.quantity]]

    def _check_each(self) -> None:
        """Raise ArchcalcError for a target that no setting meets."""
        name, knob = self.subject.found.name, self.knob.name
        for target in self.targets:
            if self.constant[target.quantity]:
                value = self.count(self.extreme(largest=True), target.quantity)
                if value > target.value or all(self.constant.values()):
                    raise ArchcalcError(
                        f"{name}: {target.quantity} does not depend on {knob}: it is {value} at every {knob}",
                        about="targets",
                    )
            elif self.answers([target])[0] is None:
                least = self.least(target, largest=False)
                at = self.extreme(within=True, largest=True, targets=[target._replace(value=least)])
                raise ArchcalcError(
                    f"{name}: {target.quantity} is never below {least} (at {knob}={at}, of {self.knob.kind.span()}), "
                    f"so a target of {target.value} cannot be met",
                    about="targets",
                )

    def _unmet(self) -> str:
        """Why targets that can each be met cannot be met together."""
        side = "at least" if self.falls else "at most"
        each = [
            f"{target.quantity} needs a {self.knob.name} of {side} {self.answers([target])[0]}"
            for target in self._depending()
        ]
        return f"{self.subject.found.name}: no {self.knob.name} meets all targets: {'; '.join(each)}"

    def _bound(self, target: Target) -> Bound:
        within, reaches = (None, None) if self.constant[target.quantity] else self.answers([target])
        return Bound(target.quantity, target.value, target.given, QUANTITIES[target.quantity].unit, within, reaches)

    def _binding(self, bounds: Sequence[Bound], within: Any) -> str:
        """The quantity whose own budget ends where the answer does; without one, the range of the knob."""
        if within == self.extreme(largest=not self.falls):
            return ""
        return next((bound.quantity for bound in bounds if bound.within == within), bounds[0].quantity)

    def _solved(self, value: Any) -> Solved:
        analysis = analyze(self.subject.at_setting(self.knob, value))
        counts: dict[str, Any] = {key: analysis.totals[key] for key in TARGETS if key in analysis.totals}
        extra = self.subject.counts(self.knob, value, ("receptive_field",))
        counts |= extra or {}
        shape: Any = analysis.input
        return Solved(value, shape, counts)

    def _remarks(self, within: Any, reaches: Any) -> Iterator[str]:
        knob, name = self.knob.name, self.subject.found.name
        for target in self.targets:
            if self.constant[target.quantity]:
                value = self.count(within, target.quantity)
                yield f"{target.quantity} does not depend on {knob}: it is {value}."
        if within == self.extreme(largest=not self.falls):
            end = "smallest" if self.falls else "largest"
            yield f"The range of {knob} binds: {within} is the {end} that {name} takes ({self.knob.kind.span()})."
        elif reaches is None:
            yield f"No {knob} reaches all targets."
        if reaches is not None and self.rank(within) != self.rank(reaches):
            between = self.rank(reaches) > self.rank(within) if self.falls else self.rank(reaches) < self.rank(within)
            if between:
                first, last = sorted((within, reaches), key=self.rank)
                yield f"Not monotone: between {knob} {first} and {last} the cost is above the target here, below there."
