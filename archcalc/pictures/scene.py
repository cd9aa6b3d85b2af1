"""A picture in points: polygons, lines with arrowheads, text and groups with tooltips, written as SVG 1.1.

The origin is the upper left corner, y points down. Text stays text; its boxes are measured in Source Sans, so that a
layout, and a test of it, knows where every line of text lies.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from archcalc.pictures.key import FAMILY, INK, LINE
from archcalc.present.typeface import text_width

Point = tuple[float, float]

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

    def __init__(self) -> None:
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
        """A line of text whose baseline starts, has its middle or ends (`anchor`) at a point. Returns its box.

        Its length is written down: a typeface that stands in for Source Sans and is wider is drawn as narrow.
        """
        text = flattened(text)
        wide = text_width(text, size, bold)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        box = TextBox(text, size, left, y - ASCENT * size, left + wide, y + DESCENT * size)
        self.texts.append(box)
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        weight = ' font-weight="600"' if bold else ""
        fit = f' textLength="{number(wide)}" lengthAdjust="spacingAndGlyphs"' if wide else ""
        look = f'font-size="{number(size)}"{weight}{place} fill="{fill}"{fit}'
        self._add(f'<text x="{number(x)}" y="{number(y)}" {look}>{escaped(text)}</text>')
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

    def svg(self, width: float, height: float, title: str, description: str) -> str:
        """The picture as SVG text on a white sheet of this size in points."""
        wide, high = number(width), number(height)
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="{wide}pt" height="{high}pt" '
                f'viewBox="0 0 {wide} {high}" role="img" font-family="{escaped(FAMILY)}" '
                'stroke-linejoin="round">',
                f"  <title>{escaped(title)}</title>",
                f"  <desc>{escaped(description)}</desc>",
                f'  <rect width="{wide}" height="{high}" fill="#ffffff"/>',
                *self._lines,
                "</svg>\n",
            ]
        )

    def _add(self, line: str) -> None:
        self._lines.append(self._indent + line)


def _outline(stroke: str, width: float, dashes: str) -> str:
    if stroke == "none":
        return ""
    pattern = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f' stroke="{stroke}" stroke-width="{number(width)}"{pattern}'


def number(value: float) -> str:
    """A coordinate with at most two decimals.

    >>> number(12.0), number(0.256), number(-0.001)
    ('12', '0.26', '0')
    """
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def flattened(text: str) -> str:
    """Text on one line, with single spaces, without characters that XML does not allow."""
    return " ".join("".join([letter if letter.isprintable() else " " for letter in text]).split())


def escaped(text: str) -> str:
    """Text on one line in which XML finds no markup.

    >>> escaped('a<b & "c"')
    'a&lt;b &amp; &quot;c&quot;'
    """
    flat = flattened(text)
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another, both as #rrggbb.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join([f"{math.floor(a + (b - a) * share + 0.5):02x}" for a, b in pairs])
