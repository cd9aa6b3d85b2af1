"""Derivations as data: parts with equations, lists of the terms of sums, and the result. Frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archcalc.algebra.expressions import Expression
from archcalc.derivations.working import Equation, Zero


class Listing(NamedTuple):
    """The terms of a sum, line by line."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Part(NamedTuple):
    """A part of a derivation: one op of a row, one axis of a field, or the sum of the parts."""

    heading: str
    lines: tuple[Equation | Zero, ...]
    remark: str = ""
    listing: Listing | None = None


class Derivation(NamedTuple):
    """The derivation of one quantity of a layer, or of a whole network, from its formula."""

    architecture: str
    citation: str
    input: tuple[Any, ...]
    changed: Mapping[str, Any]
    """The hyperparameters of the request."""
    layer: str
    """The row, the op, or `total`."""
    quantity: str
    meaning: str
    unit: str
    parts: tuple[Part, ...]
    value: Any
    """An int; (channels, height, width) of a shape; (height, width) of a field; None where a field is no window."""
    further_inputs: tuple[tuple[Any, ...], ...] = ()
    """The shapes of the inputs after the first."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of its formulas, each once."""
        sources = [line.source for part in self.parts for line in part.lines if line.source]
        return tuple(dict.fromkeys(sources))

    def to_dict(self) -> dict[str, Any]:
        """The result as plain lists and dictionaries, as `--format json` prints it."""
        plain = self._asdict() | {"input": list(self.input), "changed": dict(self.changed)}
        further = plain.pop("further_inputs")
        if further:
            plain["further_inputs"] = [list(each) for each in further]
        plain["value"] = _plain(self.value)
        plain["parts"] = [_part(part) for part in self.parts]
        return plain | {"sources": list(self.sources)}


def _part(part: Part) -> dict[str, Any]:
    listing = part.listing and {
        "columns": list(part.listing.columns),
        "rows": [[_plain(cell) for cell in row] for row in part.listing.rows],
    }
    lines = [_equation(line) if isinstance(line, Equation) else line._asdict() | {"value": 0} for line in part.lines]
    return {"heading": part.heading, "lines": lines, "remark": part.remark, "listing": listing}


def _equation(line: Equation) -> dict[str, Any]:
    return {
        "left": line.left,
        "meaning": line.meaning,
        "formula": _written(line.formula),
        "letters": [letter._asdict() | {"value": _plain(letter.value)} for letter in line.letters],
        "steps": [_written(step) for step in line.steps],
        "value": _plain(line.value),
        "source": line.source,
        "says": line.says,
    }


def _written(expression: Expression) -> dict[str, str]:
    return {"text": expression.text(), "latex": expression.latex(), "typst": expression.typst()}


def _plain(value: Any) -> Any:
    """A value for JSON: tuples as lists, fractions as text."""
    if isinstance(value, tuple):
        cells: Any = value  # pyright: ignore[reportUnknownVariableType]
        return [_plain(each) for each in cells]
    return value if isinstance(value, (int, str, type(None))) else str(value)
