"""Solutions: the result of `solve`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.analysis.quantities import errors_of
from archcalc.search.inverses import Inverse, plain


class Solved(NamedTuple):
    """One value of the variable, with every quantity counted there."""

    value: Any
    input: tuple[int, ...]
    counts: Mapping[str, Any]


class Bound(NamedTuple):
    """The values that one target allows by itself."""

    quantity: str
    value: int | Fraction
    """A whole number; of a latency a fraction of seconds where it is none."""
    given: str
    unit: str
    within: Any
    """The last value within the target; None if the quantity does not depend on the variable."""
    reaches: Any


@dataclass(frozen=True)
class Solution:
    """The values of one variable (a hyperparameter, the input size or the batch) on either side of a budget."""

    architecture: str
    citation: str
    input: tuple[int, ...]
    batch: int
    dtype: str
    changed: Mapping[str, Any]
    variable: str
    meaning: str
    range: str
    multiple_of: str
    """All values are multiples of it; empty for a choice."""
    falls: bool
    """True if the quantities fall as the variable rises: then `within` is the smallest and `reaches` the largest."""
    bounds: tuple[Bound, ...]
    within: Solved | None
    """The last value within all budgets."""
    reaches: Solved | None
    """The first value that reaches all budgets."""
    nearest: Any
    """`within` or `reaches`, whichever is nearer to the first target."""
    binding: str
    """The quantity whose budget limits the answer."""
    inverses: tuple[Inverse, ...]
    search: str
    """The method by which all values were considered, as a sentence."""
    checked: tuple[Any, ...]
    """Values around the answers at which the network was built as a check."""
    remarks: tuple[str, ...]
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
            "for": self.variable,
            "meaning": self.meaning,
            "range": self.range,
            "multiple_of": self.multiple_of,
            "falls": self.falls,
            "targets": [{**bound._asdict(), "value": _plain(bound.value)} for bound in self.bounds],
            "within": _point(self.within),
            "reaches": _point(self.reaches),
            "nearest": self.nearest,
            "binding": self.binding,
            "inverses": [plain(inverse) for inverse in self.inverses],
            "search": self.search,
            "checked": list(self.checked),
            "remarks": list(self.remarks),
        }

    def records(self) -> list[dict[str, Any]]:
        """One flat dictionary for each answer, as in `--format csv`."""
        return [
            {"architecture": self.architecture, "answer": answer, self.variable: point.value}
            | {"input": "x".join(map(str, point.input)), **point.counts, **errors_of(point.counts)}
            for answer, point in (("within", self.within), ("reaches", self.reaches))
            if point is not None
        ]


def _plain(value: int | Fraction) -> int | float:
    return float(value) if isinstance(value, Fraction) else value


def _point(point: Solved | None) -> dict[str, Any] | None:
    return None if point is None else {"value": point.value, "input": list(point.input), **point.counts}
