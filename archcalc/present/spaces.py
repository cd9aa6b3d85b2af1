"""Tables of `archcalc space`: a design space."""

from __future__ import annotations

from typing import Any

from archcalc.present.tables import Column, Table, digits, left
from archcalc.present.words import by
from archcalc.spaces.statement import SpaceStatement, UnderStatement

LONGEST = 200
"""Characters of an axis's values in a table, at most; the other formats have them all."""


def space_tables(statement: SpaceStatement) -> list[Table]:
    """A table of the axes, below one of what holds for the whole space."""
    facts = Table(
        caption=f"{statement.name}: a design space{f', {statement.title}' if statement.title else ''}",
        columns=[left(""), left("", "wrap")],
        rows=[row for row in _facts(statement) if row[1]],
    )
    axes = Table(
        caption="",
        columns=[left("axis"), Column("values", right=False, narrow="wrap"), Column("number", digits)],
        rows=[
            (f"input {axis.name}" if axis.of_input else axis.name, _cut(axis.values), axis.length)
            for axis in statement.axes
        ],
    )
    return [facts, axes]


def _facts(statement: SpaceStatement) -> list[tuple[str, str]]:
    settings = ", ".join([f"{key}={_value(value)}" for key, value in statement.settings.items()])
    counted = f"not counted: {statement.not_counted}" if statement.points is None else _exactly(statement.points)
    return [
        ("source", statement.source),
        ("network", statement.network),
        ("input", "" if statement.input is None else by(statement.input)),
        ("hyperparameters", settings),
        ("constraints", "; ".join(statement.constraints)),
        ("combinations", digits(statement.combinations) if statement.constraints else ""),
        ("points", counted),
        *([_under(statement.under, statement.points)] if statement.under else []),
    ]


def _under(under: UnderStatement, points: int | None) -> tuple[str, str]:
    """How many points are below a total, and their share."""
    ends = dict.fromkeys([under.lower, under.upper])
    said = _exactly(under.lower) if len(ends) == 1 else f"{digits(under.lower)} to {digits(under.upper)}"
    if points:
        said += f": {' to '.join(dict.fromkeys([f'{100 * end / points:.4g}%' for end in ends]))} of all"
    return f"{under.quantity} <= {digits(under.at_most)}", said


def _exactly(points: int) -> str:
    return f"{digits(points)}, exactly"


def _cut(text: str) -> str:
    """Values with a space behind each comma, cut at a comma where they are long."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST].rpartition(',')[0]}, ..."
    return text.replace(",", ", ").replace(",  ", ", ")


def _value(value: Any) -> str:
    return str(value).lower() if type(value) is bool else str(value)


def space_records(statement: SpaceStatement) -> list[dict[str, Any]]:
    """The axes as flat dictionaries."""
    return [{"axis": axis.name, "values": axis.values, "number": axis.length} for axis in statement.axes]


def space_data(statement: SpaceStatement) -> dict[str, Any]:
    """The statement as plain data."""
    return {
        **statement._asdict(),
        "input": None if statement.input is None else list(statement.input),
        "axes": space_records(statement),
        "constraints": list(statement.constraints),
        "under": None if statement.under is None else statement.under._asdict(),
    }
