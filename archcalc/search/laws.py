"""Scaling laws: the result of `scaling`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from archcalc.algebra.curves import Number
from archcalc.forms.results import Formula


class Law(NamedTuple):
    """The growth of one quantity with one variable."""

    quantity: str
    unit: str
    exponent: int
    leading: Number
    """The limit of the quantity divided by variable^exponent as the variable grows; if the quantity is the largest of
    several polynomials, of the one that is the largest at the end of the range."""
    formula: Formula
    """The polynomial that holds at the present value, in `letter`."""
    letter: str
    domain: str
    """The definition of the letter, and the values that the formula holds for."""
    local: Number
    """The exponent at the present value: the growth of the quantity in per cent for one per cent of the variable."""
    doubled: Number | None
    """The factor by which it grows at twice the present value; None if the network does not accept that value."""


class VariableLaws(NamedTuple):
    """The scaling laws of a network in one variable."""

    variable: str
    meaning: str
    kind: Literal["size", "width", "depth"]
    """`depth`: the variable changes the network's structure, and the polynomials are interpolated; else derived."""
    present: Any
    laws: tuple[Law, ...]
    how: str
    samples: tuple[tuple[Any, Mapping[str, int]], ...] = ()
    """Values from a quarter to four times the present one, with exact counts, if samples were requested."""


class CostStep(NamedTuple):
    """One step of a cost curve: the rise in cost when every side of the input grows by one position."""

    residue: int
    """The residue of the size after the step."""
    before: int
    after: int
    rises: Mapping[str, Number]
    """The relative rise of each quantity: 0.13 is 13 % more."""
    area: Number
    """The relative rise of the input's area: of its length or volume, if it is a sequence or a volume."""
    difference: Formula
    """Mult-adds that the step adds, as a polynomial in s: the size after the step is period * s + residue."""


class CostSteps(NamedTuple):
    """The steps of a cost curve over one period of the size.

    A strided layer rounds its output size down, so the cost rises in steps: it stays the same for several sizes and
    then jumps. The pattern repeats after a period, the product of the strides in most networks.
    """

    period: int
    taken: int
    """The number of residue classes that the network accepts."""
    flat: int
    """Steps of one position that add no mult-adds."""
    steps: tuple[CostStep, ...]
    """The steps that add mult-adds, the steepest first."""


@dataclass(frozen=True)
class Scaling:
    """The scaling laws of one network."""

    architecture: str
    citation: str
    input: tuple[int, ...]
    batch: int
    dtype: str
    changed: Mapping[str, Any]
    variables: tuple[VariableLaws, ...]
    cost_steps: CostSteps | None
    """None if one polynomial holds for all sizes."""
    without: Mapping[str, str]
    """Hyperparameters in which no polynomial was found, with the reason."""
    further_inputs: tuple[tuple[int, ...], ...] = ()
    """The shapes of the inputs after the first."""

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and dictionaries, as `--format json` prints them."""
        return {
            "architecture": self.architecture,
            "citation": self.citation,
            "input": list(self.input),
            **({"further_inputs": [list(each) for each in self.further_inputs]} if self.further_inputs else {}),
            "batch": self.batch,
            "dtype": self.dtype,
            "changed": dict(self.changed),
            "laws": self.records(),
            "cost_steps": None if self.cost_steps is None else _steps(self.cost_steps),
            "without_a_law": dict(self.without),
        }

    def records(self) -> list[dict[str, Any]]:
        """One flat dictionary for each law, as in `--format csv`. Fractions are text."""
        return [
            {
                "architecture": self.architecture,
                "variable": growth.variable,
                "kind": growth.kind,
                "present": growth.present,
                "quantity": law.quantity,
                "exponent": law.exponent,
                "leading_coefficient": _exact(law.leading),
                "local_exponent": float(law.local),
                "doubled": None if law.doubled is None else float(law.doubled),
                "formula": law.formula.text,
                "domain": law.domain,
                "how": growth.how,
            }
            for growth in self.variables
            for law in growth.laws
        ]


def _exact(number: Number) -> int | str:
    return int(number) if number == int(number) else str(number)


def _steps(costs: CostSteps) -> dict[str, Any]:
    return {
        "period": costs.period,
        "residue_classes": costs.taken,
        "flat_steps": costs.flat,
        "steps": [
            {
                "residue": step.residue,
                "from": step.before,
                "to": step.after,
                **{key: float(value) for key, value in step.rises.items()},
                "area": float(step.area),
                "mult_adds_added": step.difference.text,
            }
            for step in costs.steps
        ],
    }
