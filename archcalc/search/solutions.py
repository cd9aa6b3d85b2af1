"""What a search for a budget comes back as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from archcalc.search.inverses import Inverse, plain


class Solved(NamedTuple):
    """One setting, and every quantity there, as the engine counts it."""

    value: Any
    input: tuple[int, ...]
    counts: Mapping[str, Any]


class Bound(NamedTuple):
    """What one target allows by itself."""

    quantity: str
    value: int
    given: str
    unit: str
    within: Any
    """The last setting within it; None where it does not depend on the knob."""
    reaches: Any


@dataclass(frozen=True)
class Solution:
    """The answer to a search: settings of one hyperparameter (or the size, or the batch) around a budget."""

    architecture: str
    citation: str
    input: tuple[int, ...]
    batch: int
    dtype: str
    changed: Mapping[str, Any]
    knob: str
    meaning: str
    range: str
    multiple_of: str
    """Settings asked for are multiples of it; empty for a choice."""
    falls: bool
    """Whether the quantities fall as the knob rises: then `within` is the smallest and `reaches` the largest."""
    bounds: tuple[Bound, ...]
    within: Solved | None
    """The last setting that is within all budgets."""
    reaches: Solved | None
    """The first setting that reaches them all."""
    nearest: Any
    """Which of the two is nearer to the first target."""
    binding: str
    """The quantity whose budget ends the search."""
    inverses: tuple[Inverse, ...]
    search: str
    """How every setting was taken into account."""
    checked: tuple[Any, ...]
    """Settings around the answers that were built as well."""
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and dictionaries: what `--format json` prints."""
        return {
            "architecture": self.architecture,
            "citation": self.citation,
            "input": list(self.input),
            "batch": self.batch,
            "dtype": self.dtype,
            "changed": dict(self.changed),
            "for": self.knob,
            "meaning": self.meaning,
            "range": self.range,
            "multiple_of": self.multiple_of,
            "falls": self.falls,
            "targets": [bound._asdict() for bound in self.bounds],
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
        """One flat dictionary for each answer: what `--format csv` shows."""
        return [
            {"architecture": self.architecture, "answer": answer, self.knob: point.value}
            | {"input": "x".join(map(str, point.input)), **point.counts}
            for answer, point in (("within", self.within), ("reaches", self.reaches))
            if point is not None
        ]


def _point(point: Solved | None) -> dict[str, Any] | None:
    return None if point is None else {"value": point.value, "input": list(point.input), **point.counts}
