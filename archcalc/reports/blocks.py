"""Blocks of a report: headings, paragraphs, tables, formulas and figures, as frozen data without markup.

Text is plain: no writer reads markup in it. A `TextSpan` marks a part of a text as a name, as strong or as a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archcalc.forms.sheets import Letter, Written


class TextSpan(NamedTuple):
    """A part of a text: a name of the catalogue or of the command line, a stressed word, or a title."""

    text: str
    style: str = ""
    """`name`, `strong`, `title`, or nothing; `page`: the number of the page where the link leads, if there is any."""
    link: str = ""
    """A web address, or `#` and the label of a heading of the report."""


Text = str | Sequence[str | TextSpan]


class Heading(NamedTuple):
    """A heading; level 1 begins a section."""

    level: int
    text: str
    label: str = ""
    """The target of links; unique in the report."""
    chapter: bool = False
    """True if it begins a part that needs much of a page, or else a new one."""


class Paragraph(NamedTuple):
    """A paragraph; `small` for remarks."""

    text: Text
    small: bool = False


class Definitions(NamedTuple):
    """Words with what they mean or what they are here."""

    rows: Sequence[tuple[str, Text]]


class GridColumn(NamedTuple):
    """A column of a grid. Share: its part of the width left over by the others; 0 takes what its cells need."""

    heading: str
    right: bool = True
    share: float = 0


class Grid(NamedTuple):
    """A table: a caption above, rows, rows of totals below a line, and remarks."""

    caption: Text
    columns: Sequence[GridColumn]
    rows: Sequence[Sequence[Text]]
    totals: Sequence[Sequence[Text]] = ()
    remarks: Sequence[Text] = ()
    parts: Sequence[int] = ()
    """The rows before which a thin line stands."""


class FormulaLine(NamedTuple):
    """A formula with its name and its unit."""

    name: str
    formula: Written
    unit: str


class Formulas(NamedTuple):
    """Formulas in some letters, and what the letters stand for."""

    caption: Text
    lines: Sequence[FormulaLine]
    letters: Sequence[Letter]
    remarks: Sequence[Text] = ()


class Figure(NamedTuple):
    """A vector picture and its caption. Sizes are in millimetres; what is not said follows from the picture."""

    svg: bytes
    caption: Text
    description: str
    """For readers who see no picture."""
    width: float


class Sides(NamedTuple):
    """Blocks beside each other, as wide as said in millimetres; what is left over goes to the second."""

    left: Sequence[Block]
    right: Sequence[Block]
    width: float


Block = Heading | Paragraph | Definitions | Grid | Formulas | Figure | Sides


class Document(NamedTuple):
    """A report."""

    title: str
    subtitle: str
    imprint: str
    """A line below the title: what made the report, and of what."""
    author: str
    date: str
    """ISO 8601; empty where there is none."""
    keywords: Sequence[str]
    blocks: Sequence[Block]
    outline_depth: int = 2


def plain(text: Text) -> str:
    """A text without its styles."""
    return text if isinstance(text, str) else "".join([part if isinstance(part, str) else part.text for part in text])
