"""What a question for scaling laws comes back as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from archcalc.algebra.curves import Number
from archcalc.forms.results import Formula


class Law(NamedTuple):
    """How one quantity grows with one knob."""

    quantity: str
    unit: str
    exponent: int
    leading: Number
    """The quantity divided by knob^exponent approaches this as the knob grows; of several polynomials of which the
    largest counts, that which does at the largest setting."""
    formula: Formula
    """The polynomial that holds at the present setting, in `letter`."""
    letter: str
    domain: str
    """What the letter stands for and where the formula holds."""
    local: Number
    """The exponent at the present setting: by how many per cent the quantity grows for one per cent of the knob."""
    doubled: Number | None
    """How many times as much it is at twice the present setting; None where the network does not take that."""


class Growth(NamedTuple):
    """How a network grows with one knob."""

    knob: str
    meaning: str
    kind: Literal["size", "width", "depth"]
    """`depth`: the knob shapes the network, and the polynomials were interpolated; else they were derived."""
    present: Any
    laws: tuple[Law, ...]
    how: str
    samples: tuple[tuple[Any, Mapping[str, int]], ...] = ()
    """Settings from a quarter to four times the present one with their exact counts, where they were asked for."""


class Step(NamedTuple):
    """What one more pixel on both sides costs."""

    residue: int
    """Of the size after the step."""
    before: int
    after: int
    rises: Mapping[str, Number]
    """For each quantity how many times more it is, less one."""
    area: Number
    """What a rule by area would say."""
    difference: Formula
    """Mult-adds that it adds for all sizes of the class, in s: the size after the step is period * s + residue."""


class Stairs(NamedTuple):
    """The steps of the cost over one period of the size."""

    period: int
    taken: int
    """Residue classes that the network takes."""
    flat: int
    """Steps of one pixel that add no mult-adds."""
    steps: tuple[Step, ...]
    """Those that do, the steepest first."""


@dataclass(frozen=True)
class Scaling:
    """The scaling laws of one network."""

    architecture: str
    citation: str
    input: tuple[int, ...]
    batch: int
    dtype: str
    changed: Mapping[str, Any]
    growths: tuple[Growth, ...]
    stairs: Stairs | None
    """None where every size has the same polynomial."""
    without: Mapping[str, str]
    """Hyperparameters in which no polynomial was found, and why."""

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and dictionaries: what `--format json` prints."""
        return {
            "architecture": self.architecture,
            "citation": self.citation,
            "input": list(self.input),
            "batch": self.batch,
            "dtype": self.dtype,
            "changed": dict(self.changed),
            "laws": self.records(),
            "stairs": None if self.stairs is None else _stairs(self.stairs),
            "without_a_law": dict(self.without),
        }

    def records(self) -> list[dict[str, Any]]:
        """One flat dictionary for each law: what `--format csv` shows. Fractions are text."""
        return [
            {
                "architecture": self.architecture,
                "knob": growth.knob,
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
            for growth in self.growths
            for law in growth.laws
        ]


def _exact(number: Number) -> int | str:
    return int(number) if number == int(number) else str(number)


def _stairs(stairs: Stairs) -> dict[str, Any]:
    return {
        "period": stairs.period,
        "residue_classes": stairs.taken,
        "flat_steps": stairs.flat,
        "steps": [
            {
                "residue": step.residue,
                "from": step.before,
                "to": step.after,
                **{key: float(value) for key, value in step.rises.items()},
                "area": float(step.area),
                "mult_adds_added": step.difference.text,
            }
            for step in stairs.steps
        ],
    }
