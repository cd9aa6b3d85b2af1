"""Texts of the catalogue as texts of a report: times signs in sizes, curled quotes, names in backticks, formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from archcalc.present.tables import Aside, Column, Table
from archcalc.reports.blocks import Grid, GridColumn, ShownNumber, Text, TextSpan
from archcalc.reports.notation import formulas

TIMES = "\u00d7"
THIN = "\u202f"
"""A narrow space at which no line breaks: between a number and its unit."""


def united(text: str) -> str:
    """Text with a narrow space between numbers and their units, as in 12.85 MB."""
    return re.sub(r"(?<=\d)(?=[KMGTk]?B\b|[KMGT]\b)", THIN, text)


def sized(text: str) -> str:
    """Text with multiplication signs in sizes such as 224x224x3."""
    return re.sub(r"(?<=\d)x(?=\d)", TIMES, text)


def curled(text: str) -> str:
    """Text with typographic quotes and apostrophes, and >= and <= as one sign."""
    text = re.sub(r'(?<![\w.,;:!?)])"(?=\S)', "\u201c", text).replace('"', "\u201d")
    text = re.sub(r"(?<![\w.,;:!?)\u201d])'(?=\w)", "\u2018", text).replace("'", "\u2019")
    text = re.sub(r"(?<![\w.])\d+(?:x\d+)+(?!\w)", lambda sizes: sized(sizes[0]), text)
    text = text.replace(" x ", f" {TIMES} ")
    return text.replace(">=", "\u2265").replace("<=", "\u2264")


def prose(text: str) -> tuple[str | TextSpan, ...]:
    """A paragraph, in which text between backticks is a name and formulas are set as such."""
    parts: list[str | TextSpan] = []
    for place, part in enumerate(text.split("`")):
        if part and place % 2:
            parts.append(TextSpan(part, "name"))
        elif part:
            parts += [each if isinstance(each, TextSpan) else united(curled(each)) for each in formulas(part)]
    return tuple(parts)


def name(text: str, link: str = "") -> tuple[TextSpan, ...]:
    """A name of the catalogue."""
    return (TextSpan(text, "name", link),)


NAMES = ("architecture", "layer", "name", "network", "claim")
"""Headings of columns that hold names."""
SIZES = ("operation", "output", "input", "field", "size", "stride", "computed")
"""Headings of columns that hold sizes."""


def cell(heading: str, text: str) -> Text:
    """A cell in the style of its column: names in their own typeface, sizes with multiplication signs."""
    if heading in NAMES:
        return name(text) if text else ""
    if heading == "printed":
        return text
    if re.fullmatch(r"\(?[\d.,]+[KMGTk]?B?\)?", text):
        return united(text)
    return sized(text) if heading in SIZES else curled(text)


def grid(
    table: Table,
    caption: Text,
    *,
    exact: bool = False,
    leave_out: Sequence[str] = (),
    headings: Mapping[str, str] = MappingProxyType({}),
    remarks: Sequence[Text] | None = None,
    parts: Sequence[int] = (),
) -> Grid:
    """A table of the command line as a grid; `headings` replaces some headings.

    Columns that may be wrapped share the width that the others leave over, in proportion to the length of their cells.
    """
    kept = [i for i, column in enumerate(table.columns) if column.heading not in leave_out]
    rows, totals = table.cells(exact)

    def chosen(lines: list[list[str]], values: Sequence[Sequence[Any]]) -> list[list[Text]]:
        return [
            [_valued(cell(table.columns[i].heading, line[i]), given[i]) for i in kept]
            for line, given in zip(lines, values, strict=True)
        ]

    return Grid(
        caption,
        [_column(table.columns[i], headings, [line[i] for line in rows]) for i in kept],
        chosen(rows, table.rows),
        chosen(totals, table.totals),
        [prose(each) for each in table.sentences(exact=False) if each] if remarks is None else remarks,
        parts,
    )


def _valued(shown: Text, given: Any) -> Text:
    """A cell that knows its exact value, if that is a number."""
    value = given.value if isinstance(given, Aside) else given
    if isinstance(shown, str) and isinstance(value, (int, float, Fraction)) and not isinstance(value, bool):
        return ShownNumber(shown, float(value) if isinstance(value, Fraction) else value)
    return shown


def _column(column: Column, headings: Mapping[str, str], cells: Sequence[str]) -> GridColumn:
    share = 0.0
    if not column.right and column.narrow in ("wrap", "names", "trim"):
        lengths = sorted(map(len, cells)) or [0]
        if lengths[-1] > UNWRAPPED:
            share = float(min(max(lengths[len(lengths) * 9 // 10], lengths[-1] // 4, SHORTEST), LONGEST))
    return GridColumn(headings.get(column.heading, column.heading), column.right, share)


UNWRAPPED = 14
"""The length in letters up to which cells are never wrapped."""
SHORTEST, LONGEST = 22, 60
"""The smallest and the largest share of a column that may be wrapped, in letters."""
