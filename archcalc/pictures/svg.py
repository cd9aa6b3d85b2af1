"""Parts of SVG that all pictures share: numbers, text in Source Sans, and the sheet. Lengths are in points."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.pictures.key import FAMILY, INK
from archcalc.present.typeface import text_width


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


def written(
    x: float, y: float, said: str, size: float, *, bold: bool = False, anchor: str = "start", fill: str = INK
) -> str:
    """A line of text whose baseline starts, has its middle or ends (`anchor`) at a point.

    Its length is written down: a typeface that stands in for Source Sans and is wider is drawn as narrow.
    """
    said = flattened(said)
    wide = text_width(said, size, bold)
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    weight = ' font-weight="600"' if bold else ""
    colour = "" if fill == INK else f' fill="{fill}"'
    fit = f' textLength="{number(wide)}" lengthAdjust="spacingAndGlyphs"' if wide else ""
    look = f'font-size="{number(size)}"{weight}{place}{colour}{fit}'
    return f'<text x="{number(x)}" y="{number(y)}" {look}>{escaped(said)}</text>'


def sheet(wide: float, high: float, title: str, description: str, body: Sequence[str]) -> str:
    """A white sheet of a width and height, with its title and a description for those who cannot see it."""
    size = f'width="{number(wide)}pt" height="{number(high)}pt" viewBox="0 0 {number(wide)} {number(high)}"'
    look = f'font-family="{escaped(FAMILY)}" fill="{INK}" stroke-width="0.8" stroke-linejoin="round"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" {size} role="img" {look}>',
            f"<title>{escaped(title)}</title>",
            f"<desc>{escaped(description)}</desc>",
            f'<rect width="{number(wide)}" height="{number(high)}" fill="#ffffff"/>',
            *body,
            "</svg>\n",
        ]
    )
