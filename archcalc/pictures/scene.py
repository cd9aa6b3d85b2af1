"""A picture in points: polygons, lines with arrowheads, text and groups with tooltips, written as SVG 1.1.

The origin is the upper left corner, y points down. Text stays text; its boxes are measured in Source Sans, so that a
layout, and a test of it, knows where every line of text lies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import quote

from archcalc.pictures.key import INK, LINE
from archcalc.pictures.svg import escaped, flattened, number, sheet, written
from archcalc.present.typeface import text_width

Point = tuple[float, float]
Link = Callable[[str], str | None]
"""The address to which a shape leads, by the path of its row or block; None for none."""

ASCENT, DESCENT = 0.73, 0.21
"""The heights of letters above and below their baseline, in ems: of capitals and digits, and of p and commas."""
HEAD = 3.4
"""The length of an arrowhead in points."""


class TextBox(NamedTuple):
    """A line of text and the rectangle that its letters fill."""

    text: str
    size: float
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: TextBox) -> bool:
        """Return True if the two rectangles share more than an edge."""
        across = min(self.right, other.right) - max(self.left, other.left)
        return across > 0.01 and min(self.bottom, other.bottom) - max(self.top, other.top) > 0.01


class Scene:
    """Shapes in the order in which they are drawn, later ones over earlier ones."""

    def __init__(self, link: Link | None = None) -> None:
        """`link` says where shapes that stand for a row lead."""
        self.link = link
        self.texts: list[TextBox] = []
        self._lines: list[str] = []
        self._indent = "  "

    def polygon(
        self,
        points: Sequence[Point],
        fill: str,
        stroke: str = "none",
        *,
        dashes: str = "",
        width: float = 0.5,
        kind: str = "",
    ) -> None:
        """A filled polygon with an outline; `kind` is its class in SVG."""
        drawn = " ".join([f"{number(x)},{number(y)}" for x, y in points])
        named = f' class="{kind}"' if kind else ""
        self._add(f'<polygon{named} points="{drawn}" fill="{fill}"{_outline(stroke, width, dashes)}/>')

    def line(
        self, points: Sequence[Point], *, arrow: bool = False, stroke: str = LINE, dashes: str = "", width: float = 0.7
    ) -> None:
        """A line through points, with an arrowhead at its end if `arrow`."""
        (x0, y0), (x1, y1) = points[-2:]
        long = math.hypot(x1 - x0, y1 - y0) or 1.0
        dx, dy = (x1 - x0) / long, (y1 - y0) / long
        end = (x1 - HEAD * 0.8 * dx, y1 - HEAD * 0.8 * dy) if arrow else (x1, y1)
        drawn = " ".join([f"{number(x)},{number(y)}" for x, y in (*points[:-1], end)])
        self._add(f'<polyline points="{drawn}" fill="none"{_outline(stroke, width, dashes)}/>')
        if arrow:
            x, y, across = x1 - HEAD * dx, y1 - HEAD * dy, 0.36 * HEAD
            sides = [(x - across * dy, y + across * dx), (x + across * dy, y - across * dx)]
            self.polygon([(x1, y1), *sides], stroke)

    def text(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, anchor: str = "start", fill: str = INK
    ) -> TextBox:
        """A line of text whose baseline starts, has its middle or ends (`anchor`) at a point. Returns its box."""
        text = flattened(text)
        wide = text_width(text, size, bold)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        box = TextBox(text, size, left, y - ASCENT * size, left + wide, y + DESCENT * size)
        self.texts.append(box)
        self._add(written(x, y, text, size, bold=bold, anchor=anchor, fill=fill))
        return box

    @contextmanager
    def group(self, tooltip: str) -> Generator[None]:
        """Shapes that show a text where the pointer rests on them."""
        self._add("<g>")
        self._indent += "  "
        self._add(f"<title>{escaped(tooltip)}</title>")
        yield
        self._indent = self._indent[2:]
        self._add("</g>")

    @contextmanager
    def linked(self, rows: Sequence[str]) -> Generator[None]:
        """Shapes that stand for rows, and lead to the address of the first, if it has one.

        `data-rows` are the names of all, percent-encoded, with spaces between.
        """
        address = self.link(rows[0]) if self.link and rows else None
        if address:
            listed = " ".join([quote(row) for row in rows])
            self._add(f'<a href="{escaped(address)}" data-rows="{listed}"><title>{escaped(rows[0])}</title>')
        yield
        if address:
            self._add("</a>")

    def svg(self, width: float, height: float, title: str, description: str) -> str:
        """The picture as SVG text on a white sheet of this size in points."""
        return sheet(width, height, title, description, self._lines)

    def _add(self, line: str) -> None:
        self._lines.append(self._indent + line)


def _outline(stroke: str, width: float, dashes: str) -> str:
    if stroke == "none":
        return ""
    pattern = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f' stroke="{stroke}" stroke-width="{number(width)}"{pattern}'


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another, both as #rrggbb.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join([f"{math.floor(a + (b - a) * share + 0.5):02x}" for a, b in pairs])
