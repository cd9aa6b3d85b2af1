"""Pictures as PDF and PNG, made from SVG by Typst (https://typst.app).

The page is exactly as large as the picture. Type is Source Sans, from a package, never a font of the machine. So the
same picture gives the same bytes everywhere.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.sax.saxutils import unescape

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need

DOTS = 300
"""Dots in an inch of a PNG."""
MOST_DOTS = 20_000
"""The longest side of a PNG; a picture that would be longer has fewer dots in an inch."""
FONTS = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf", "SourceSansPro-It.ttf")

TEMPLATE = """\
#let data = json("picture.json")
#set document(title: data.title, description: data.description, date: none)
#set page(width: data.width * 1pt, height: data.height * 1pt, margin: 0pt)
#set text(lang: "en")
#image("picture.svg", width: 100%, height: 100%, alt: data.description)
"""


@cache
def typst() -> Any:
    """The Typst compiler. Raises MissingTool if it or the typeface is not installed."""
    _fonts()
    return need("typst", "a picture as PDF or PNG", extra="picture", otherwise="; --format svg does not need it")


@cache
def _fonts() -> tuple[str, ...]:
    package = need(
        "font_source_sans_pro", "a picture as PDF or PNG", extra="picture", otherwise="; --format svg does not need it"
    )
    return tuple([os.path.join(package.font_directory, name) for name in FONTS])


def size(svg: str) -> tuple[float, float]:
    """The width and height of an SVG in points.

    >>> size('<svg xmlns="http://www.w3.org/2000/svg" width="10pt" height="2.5pt">')
    (10.0, 2.5)
    """
    head = re.search(r"<svg\b[^>]*>", svg)
    sides = [re.search(rf'\s{side}="([\d.]+)pt"', head[0]) if head else None for side in ("width", "height")]
    if not all(sides):
        raise ArchcalcError("a picture to be converted is an SVG with its width and height in points")
    wide, high = [float(side[1]) for side in sides if side]
    return wide, high


def title_of(svg: str) -> str:
    """The title of an SVG."""
    return _content(svg, "title")


def description_of(svg: str) -> str:
    """The description of an SVG for those who cannot see it."""
    return _content(svg, "desc") or title_of(svg)


def _content(svg: str, name: str) -> str:
    found = re.search(rf"<{name}\b[^>]*>(.*?)</{name}>", svg, flags=re.DOTALL)
    return unescape(found[1]).strip() if found else ""


def dots_per_inch(svg: str) -> float:
    """The dots in an inch of a picture's PNG: `DOTS`, or fewer if a side would be longer than `MOST_DOTS`."""
    return min(DOTS, MOST_DOTS * 72 / max(size(svg)))


def convert(svg: str, form: str, title: str, description: str) -> bytes:
    """A picture as `pdf` (PDF/UA-1, with this title and alternative text), `png`, or `svg` in UTF-8."""
    if form == "svg":
        return svg.encode()
    module = typst()
    wide, high = size(svg)
    data = {"title": title, "description": description, "width": wide, "height": high}
    options: dict[str, Any] = (
        {"format": "pdf", "pdf_standards": ["ua-1"], "timestamp": 0}
        if form == "pdf"
        else {"format": "png", "ppi": dots_per_inch(svg)}
    )
    with TemporaryDirectory(prefix="archcalc-") as made:
        folder = Path(made)
        (folder / "picture.svg").write_text(svg, encoding="utf-8")
        (folder / "picture.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        (folder / "picture.typ").write_text(TEMPLATE, encoding="utf-8")
        (folder / "fonts").mkdir()
        for file in _fonts():
            shutil.copy(file, folder / "fonts")
        fonts = module.Fonts(include_system_fonts=False, font_paths=[str(folder / "fonts")])
        try:
            made_bytes = module.compile(str(folder / "picture.typ"), root=made, font_paths=fonts, **options)
        except module.TypstError as error:
            raise ArchcalcError(f"Typst cannot convert the picture: {error}") from error
    return made_bytes[0] if isinstance(made_bytes, list) else made_bytes  # pyright: ignore[reportUnknownVariableType]
