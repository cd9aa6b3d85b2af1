"""Blocks of a report: headings, paragraphs, tables, formulas and figures, as frozen data without markup.

Texts have no markup. A `TextSpan` marks a part of a text as a name, as strong or as a link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Self

from archcalc.forms.sheets import Letter, Written


class TextSpan(NamedTuple):
    """A part of a text: a name of the catalogue or of the command line, a stressed word, or a title."""

    text: str
    style: str = ""
    """`name`, `strong`, `title`, or empty; `variable`, `index` or `power` in a formula; `page`: the page number of the
    link's target, in formats with pages."""
    link: str = ""
    """A web address, or `#` and the label of a heading of the report."""


Text = str | Sequence[str | TextSpan]


class ShownNumber(str):
    """A number as it is shown, with the value that it rounds: by this a table is sorted.

    >>> shown = ShownNumber("15.47G", 15470264320)
    >>> shown, shown.value
    ('15.47G', 15470264320)
    """

    __slots__ = ("value",)

    value: int | float

    def __new__(cls, shown: str, value: float) -> Self:
        made = super().__new__(cls, shown)
        made.value = value
        return made

    def __reduce__(self) -> tuple[type[ShownNumber], tuple[str, int | float]]:
        return (ShownNumber, (str(self), self.value))


class Heading(NamedTuple):
    """A heading; level 1 begins a section."""

    level: int
    text: str
    label: str = ""
    """The label for links; unique in the report."""
    chapter: bool = False
    """True if it begins on a new page, unless much of the current page is left."""
    name: str = ""
    """The name in the catalogue of the network that the heading is about, if that is not the heading's text."""
    subtitle: str = ""
    """A line below the heading, such as the title of a chapter's paper."""

    @property
    def full(self) -> str:
        """The text with the name behind it: VGG-16 (vgg16)."""
        return f"{self.text} ({self.name})" if self.name else self.text


class Paragraph(NamedTuple):
    """A paragraph; `small` for remarks."""

    text: Text
    small: bool = False


class Definitions(NamedTuple):
    """Words with their definitions or values."""

    rows: Sequence[tuple[str, Text]]


class GridColumn(NamedTuple):
    """A column of a grid. `share`: its part of the width that the other columns leave over; 0: as wide as its cells."""

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
    """The rows with a thin line above them."""
    abreast: int = 1
    """The number of columns of the page that the lines are set in, in formats with pages."""
    label: str = ""
    """The label of the table, where rows are targets of links: `label` and `anchor` of a row's first cell."""


class FormulaLine(NamedTuple):
    """A formula with its name and its unit."""

    name: str
    formula: Written
    unit: str


class Formulas(NamedTuple):
    """Formulas in some letters, and the definitions of the letters."""

    caption: Text
    lines: Sequence[FormulaLine]
    letters: Sequence[Letter]
    remarks: Sequence[Text] = ()


class PlotMark(NamedTuple):
    """A mark of a plot: its place and the values that it stands for."""

    left: float
    top: float
    right: float
    bottom: float
    """A box, in the units of the picture."""
    says: str
    """Its values, in lines."""


class MarkedDrawing(NamedTuple):
    """A vector picture with marks that tell their values under the pointer."""

    svg: bytes
    marks: Sequence[PlotMark] = ()


class Figure(NamedTuple):
    """A vector picture and its caption. Sizes are in millimetres; a size of None follows from the picture."""

    svg: bytes
    caption: Text
    description: str
    """A description for screen readers."""
    width: float
    marks: Sequence[PlotMark] = ()
    """For screens: the marks of a plot, and below it its data as a table, a drawing for narrow screens, and the command
    that draws it."""
    data: Grid | None = None
    narrow: MarkedDrawing | None = None
    command: str = ""


class Sides(NamedTuple):
    """Blocks beside each other: `width` is that of the left ones in millimetres; the right ones have the rest."""

    left: Sequence[Block]
    right: Sequence[Block]
    width: float


Block = Heading | Paragraph | Definitions | Grid | Formulas | Figure | Sides


class Document(NamedTuple):
    """A report."""

    title: str
    subtitle: str
    imprint: str
    """A line below the title: the version of archcalc and the date of validation."""
    author: str
    date: str
    """ISO 8601; empty if there is none."""
    keywords: Sequence[str]
    blocks: Sequence[Block]
    outline_depth: int = 2
    book: bool = False
    """True if it has a title page, and its running heads say chapter and section."""


def anchor(label: str, row: str) -> str:
    """The label of a row, for links to it: that of its table and the row's name, without what a link cannot hold.

    >>> anchor("layers-vgg16", "conv1_1"), anchor("layers", "a b/c")
    ('layers-vgg16-conv1_1', 'layers-a-b-c')
    """
    return f"{label}-{re.sub(r'[^0-9A-Za-z._-]+', '-', row)}"


def plain(text: Text) -> str:
    """A text without its styles."""
    return text if isinstance(text, str) else "".join([part if isinstance(part, str) else part.text for part in text])
