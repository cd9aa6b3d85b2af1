"""The exact search on a cost curve for values that meet targets; networks next to the answers are built to check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from archcalc.algebra.curves import Intervals, intersection, where_at_least, where_at_most
from archcalc.analysis.quantities import TARGETS, predicted, quantity_of, remark_on
from archcalc.analysis.table import analyze
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Real, Whole
from archcalc.search.cost_curves import CostCurve, Piece
from archcalc.search.inverses import inverses
from archcalc.search.solutions import Bound, Solution, Solved
from archcalc.search.targets import Target, written
from archcalc.search.variables import Variable, VariedNetwork, as_value

NEIGHBOURS = 8
"""The number of values on either side of an answer at which the network is built to check the cost curve."""
ENOUGH = 30_000
"""The number of ops in built networks after which no more neighbours are built."""


def targeted(counts: Mapping[str, Any], target: Target) -> Any:
    """The count of a target's quantity."""
    value = counts[target.quantity]
    if value is None:
        raise ArchcalcError(f"a network without windows has no {target.quantity}", about="targets")
    return value


class Search:
    """A search for the values on a cost curve that meet all targets."""

    def __init__(
        self,
        varied: VariedNetwork,
        variable: Variable,
        cost_curve: CostCurve,
        targets: Sequence[Target],
        step: Fraction,
    ) -> None:
        self.varied, self.variable, self.cost_curve, self.targets, self.step = (
            varied,
            variable,
            cost_curve,
            targets,
            step,
        )
        self.whole = int(step) if isinstance(variable.kind, Whole) else 1
        allowed = [v for v in cost_curve.built if not isinstance(variable.kind, Whole) or v % self.whole == 0]
        if not all(isinstance(each, (int, float)) for each in allowed):
            allowed.sort(key=lambda value: targeted(cost_curve.built[value], targets[0]))
        else:
            allowed.sort()
        self.built: list[Any] = allowed
        if self.extreme(largest=True) is None:
            raise ArchcalcError(
                f"{varied.network.name} accepts none of the requested values of {variable.name}", about="variable"
            )
        self.constant = {target.quantity: self._constant(target) for target in targets}
        self.falls = self._falls()

    def rank(self, value: Any) -> Any:
        """The position of a value in the order of values."""
        words = not isinstance(value, (int, float))
        return self.built.index(value) if words else value

    def extreme(self, *, largest: bool, within: bool | None = None, targets: Sequence[Target] | None = None) -> Any:
        """The largest or smallest value within some targets, or reaching them; of all values if `within` is None."""
        considered: Sequence[Target] = () if within is None else targets or self.targets
        values = [
            value for value in self.built if all(self._meets(value, target, within=within) for target in considered)
        ]
        values = values[-1:] if largest else values[:1]
        for piece in self.cost_curve.pieces:
            numbers = self._numbers(piece, considered, within=within)
            n = piece.progression.extreme(numbers, self.whole, largest) if numbers else None
            if n is not None:
                values.append(piece.progression.period * n + piece.progression.residue)
        return (max if largest else min)(values, key=self.rank) if values else None

    def _meets(self, value: Any, target: Target, *, within: bool | None) -> bool:
        count = targeted(self.cost_curve.built[value], target)
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

    def count(self, value: Any, quantity: str) -> Any:
        """A quantity at a value that the network accepts."""
        counts = self.cost_curve.at(value)
        assert counts is not None  # noqa: S101  only values of the cost curve are passed
        return counts[quantity]

    def _constant(self, target: Target) -> bool:
        low, high = self.least(target, largest=False), self.least(target, largest=True)
        return low == high

    def least(self, target: Target, largest: bool) -> Any:
        """The smallest or largest count of a target's quantity on the whole cost curve."""
        if not self.cost_curve.pieces:
            counts = [targeted(self.cost_curve.built[value], target) for value in self.built]
            return max(counts) if largest else min(counts)
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
        """Return True if the first quantity that depends on the variable falls as the variable rises."""
        low, high = self.extreme(largest=False), self.extreme(largest=True)
        for target in self.targets:
            if not self.constant[target.quantity]:
                return self.count(high, target.quantity) < self.count(low, target.quantity)
        return False

    def answers(self, targets: Sequence[Target]) -> tuple[Any, Any]:
        """The last value within some targets, and the first value that reaches them."""
        return (
            self.extreme(within=True, largest=not self.falls, targets=targets),
            self.extreme(within=False, largest=self.falls, targets=targets),
        )

    def around(self, values: Sequence[Any]) -> Iterator[Any]:
        """Values next to given ones, including those that the network does not accept."""
        if not isinstance(self.variable.kind, (Whole, Real)):
            return
        low, high = Fraction(str(self.variable.low)), Fraction(str(self.variable.high))
        step = 1 if isinstance(self.variable.kind, Whole) else self.step
        seen: set[Any] = set()
        for away in sorted(range(-NEIGHBOURS, NEIGHBOURS + 1), key=abs):
            for value in values:
                number = Fraction(str(value)) + away * step
                near = as_value(self.variable, number)
                if low <= number <= high and near not in seen:
                    seen.add(near)
                    yield near

    @cached_property
    def neighbours(self) -> tuple[list[Any], Any]:
        """Values at and near the answers at which networks were built, nearest first, and one of them at which the
        costs differ from the cost curve; None if there is none.
        """
        if not self.cost_curve.pieces:
            return [], None
        before, result = self.varied.built, list[Any]()
        quantities = [target.quantity for target in self.targets]
        for value in self.around([value for value in self.answers(self._depending()) if value is not None]):
            if self.varied.built - before > ENOUGH:
                break
            if self.cost_curve.at(value) != self.varied.counts(self.variable, value, quantities):
                return result, value
            result.append(value)
        return result, None

    def solution(self) -> Solution:
        """The solution. Raises ArchcalcError if a target cannot be met."""
        self._check_targets()
        within, reaches = self.answers(self._depending())
        if within is None:
            raise ArchcalcError(self._unmet(), about="targets")
        built, wrong = self.neighbours
        if wrong is not None:
            said = f"{self.varied.network.name}: closed form and built network differ at {self.variable.name}={wrong}"
            own = self.varied.network.family is None  # which may be another network at another size
            raise ArchcalcError(said) if own else RuntimeError(said)
        checked = [value for value in built if self.cost_curve.at(value) is not None]
        bounds = tuple([self._bound(target) for target in self.targets])
        points = [None if value is None else self._solved(value) for value in (within, reaches)]
        first = self._depending()[0]
        nearest = min(
            [value for value in (within, reaches) if value is not None],
            key=lambda value: abs(self.count(value, first.quantity) - first.value),
        )
        network = self.varied.network
        return Solution(
            architecture=network.name,
            citation=network.citation,
            input=self.varied.shape,
            batch=self.varied.batch,
            dtype=self.varied.dtype,
            changed=self.varied.changed,
            variable=self.variable.name,
            meaning=self.variable.meaning,
            range=self.variable.kind.span(),
            multiple_of=f"{float(self.step):g}" if isinstance(self.variable.kind, (Whole, Real)) else "",
            falls=self.falls,
            bounds=bounds,
            within=points[0],
            reaches=points[1],
            nearest=nearest,
            binding=self._binding(bounds, within),
            inverses=tuple(inverses(self.varied, self.variable, self.cost_curve, self._depending(), within)),
            search=self.cost_curve.how
            + (f"; built at and around the answer: {len(checked)}" if self.cost_curve.interpolated else ""),
            checked=tuple(sorted(checked)),
            remarks=(*self._remarks(within, reaches), *self._included()),
            further_inputs=self.varied.further_inputs,
        )

    def _included(self) -> list[str]:
        """What the memory of a training step includes, if it is a target, and the errors of predictions."""
        remarks = [remark_on(key) for key in predicted([target.quantity for target in self.targets])]
        if not any([target.quantity == "training_step_bytes" for target in self.targets]):
            return remarks
        how = self.varied.training.described(self.varied.dtype)
        return [
            *remarks,
            f"training_step_bytes are the peak of a training step ({how}): parameters, gradients, the state of the "
            "optimizer, activations, images and labels. A GPU's context, workspaces and rounding come on top: "
            "`archcalc memory NAME --batch N --device D`.",
        ]

    def _depending(self) -> list[Target]:
        """The targets that depend on the variable."""
        return [target for target in self.targets if not self.constant[target.quantity]]

    def _check_targets(self) -> None:
        """Raise ArchcalcError for a target that no value meets."""
        name, variable = self.varied.network.name, self.variable.name
        for target in self.targets:
            if self.constant[target.quantity]:
                value = self.count(self.extreme(largest=True), target.quantity)
                if value > target.value or all(self.constant.values()):
                    raise ArchcalcError(
                        f"{name}: {target.quantity} does not depend on {variable}: it is "
                        f"{written(value, target.quantity)} at every {variable}",
                        about="targets",
                    )
            elif self.answers([target])[0] is None:
                least = self.least(target, largest=False)
                at = self.extreme(within=True, largest=True, targets=[target._replace(value=least)])
                raise ArchcalcError(
                    f"{name}: {target.quantity} is never below {written(least, target.quantity)} "
                    f"(at {variable}={at}, of {self.variable.kind.span()}), so a target of "
                    f"{written(target.value, target.quantity)} cannot be met",
                    about="targets",
                )

    def _unmet(self) -> str:
        """The message for targets that can each be met, but not together."""
        side = "at least" if self.falls else "at most"
        each = [
            f"{target.quantity} needs a {self.variable.name} of {side} {self.answers([target])[0]}"
            for target in self._depending()
        ]
        return f"{self.varied.network.name}: no {self.variable.name} meets all targets: {'; '.join(each)}"

    def _bound(self, target: Target) -> Bound:
        within, reaches = (None, None) if self.constant[target.quantity] else self.answers([target])
        return Bound(target.quantity, target.value, target.given, quantity_of(target.quantity).unit, within, reaches)

    def _binding(self, bounds: Sequence[Bound], within: Any) -> str:
        """The quantity whose budget limits the answer; empty if the range of the variable does."""
        if within == self.extreme(largest=not self.falls):
            return ""
        return next((bound.quantity for bound in bounds if bound.within == within), bounds[0].quantity)

    def _solved(self, value: Any) -> Solved:
        analysis = analyze(self.varied.request_at(self.variable, value))
        counts: dict[str, Any] = {key: value for key, value in analysis.totals.items() if key in TARGETS}
        keys = [*TARGETS, *predicted([target.quantity for target in self.targets])]
        extra = self.varied.counts(self.variable, value, [key for key in keys if key not in counts])
        counts |= extra or {}
        shape: Any = analysis.input
        return Solved(value, shape, counts)

    def _remarks(self, within: Any, reaches: Any) -> Iterator[str]:
        variable, name = self.variable.name, self.varied.network.name
        for target in self.targets:
            if self.constant[target.quantity]:
                value = self.count(within, target.quantity)
                yield f"{target.quantity} does not depend on {variable}: it is {written(value, target.quantity)}."
        if within == self.extreme(largest=not self.falls):
            end, span = "smallest" if self.falls else "largest", self.variable.kind.span()
            end = end if isinstance(within, (int, float)) and type(within) is not bool else "costliest"
            yield f"The range of {variable} is the limit: {within} is the {end} that {name} accepts ({span})."
        elif reaches is None:
            yield f"No {variable} reaches all targets."
        if reaches is not None and self.rank(within) != self.rank(reaches):
            between = self.rank(reaches) > self.rank(within) if self.falls else self.rank(reaches) < self.rank(within)
            if between:
                first, last = sorted((within, reaches), key=self.rank)
                span = f"between {variable} {first} and {last}"
                yield f"Not monotone: {span} the cost is above the target at some values and below it at others."
