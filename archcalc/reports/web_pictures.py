"""Pictures inside a web page: an SVG as elements of the page, without styles, metadata and ids of its own.

What is left depends on the page alone: presentation attributes instead of inline styles, so that a page may forbid
these; the page's fonts with fallbacks, each text as wide as it was drawn (`textLength`), so that a wider font does not
run into what is beside it; ids that are unique in the page; links to what the page has. The marks of a plot lie on top,
invisible, and tell their values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any
from xml.etree import ElementTree

from archcalc.reports.blocks import MarkedDrawing, PlotMark

POINTS_TO_PIXELS = 4 / 3
DROPPED = ("metadata", "style", "desc")
LEFT_OUT = ("class", "id", "style", "font-family", "version", "space", "xmlns", "href", "title", "role", "font")
"""Attributes that are written otherwise or not at all."""
BY_MATPLOTLIB = "*{stroke-linejoin: round; stroke-linecap: butt}"
"""The only style sheet that pictures have."""

Resolve = Callable[[str], str]
"""The id in the page to which a link inside a picture leads; empty: none."""


def inlined(drawing: MarkedDrawing, description: str, key: str, resolve: Resolve = lambda _: "") -> str:
    """An SVG as an element of a page, named by its description. `key` begins all its ids."""
    root: Any = ElementTree.fromstring(drawing.svg)  # noqa: S314  drawn by archcalc
    size = [round(_points(root.get(side, "")) * POINTS_TO_PIXELS, 1) for side in ("width", "height")]
    box = root.get("viewBox", f"0 0 {root.get('width', '')} {root.get('height', '')}")
    joined = ' stroke-linejoin="round" stroke-linecap="butt"' if _has_sheet(root) else ""
    body = "".join(_written(each, key, resolve) for each in root if _name(each) != "title") + _marks(drawing.marks)
    role = "group" if "<a " in body else "img"  # what an image has inside cannot be reached
    return (
        f'<svg width="{size[0]:g}" height="{size[1]:g}" viewBox="{escape(box)}" role="{role}" '
        f'aria-label="{escape(description)}"{joined}>{body}</svg>'
    )


def _has_sheet(root: Any) -> bool:
    return any(_name(each) == "style" and (each.text or "").strip() == BY_MATPLOTLIB for each in root.iter())


def width_of(svg: bytes) -> float:
    """The width of a picture in pixels, as a page draws it without scaling."""
    found = re.search(rb'<svg[^>]*?\bwidth="([^"]*)"', svg)
    return _points(found[1].decode()) * POINTS_TO_PIXELS if found else 0.0


def _points(length: str) -> float:
    """A length in points: 10pt, 13.3px, 25.4mm."""
    found = re.fullmatch(r"([\d.]+)(pt|px|mm|)", length)
    return float(found[1]) * {"pt": 1.0, "px": 0.75, "mm": 72 / 25.4, "": 0.75}[found[2]] if found else 0.0


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _written(element: Any, key: str, resolve: Resolve) -> str:
    """An element and what is inside it."""
    name = _name(element)
    if not name or name in DROPPED:
        return ""
    inner = "".join([_text(element.text, name), *_children(element, name, key, resolve)])
    if name == "defs" and not inner.strip():
        return ""
    if name == "a":
        return _link(element, inner, resolve)
    given = dict(_attributes(element, key))
    if name == "text" and not len(element):
        given |= _length(element.text or "", given)
    attributes = "".join([f' {each}="{escape(value)}"' for each, value in given.items()])
    if name == "g" and not attributes and "<title>" not in inner:
        return inner
    return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"


def _children(element: Any, name: str, key: str, resolve: Resolve) -> Iterator[str]:
    for child in element:
        yield _written(child, key, resolve)
        yield _text(child.tail, name)


def _text(text: str | None, name: str) -> str:
    return escape(text, quote=False) if text and name in ("text", "tspan", "title") else ""


def _link(element: Any, inner: str, resolve: Resolve) -> str:
    """A link to a part of the page; a link to what the page lacks, or to elsewhere, is a group."""
    given = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    title = f"<title>{escape(given['title'], quote=False)}</title>" if given.get("title") else ""
    target = resolve(given.get("href", "").removeprefix("#")) if given.get("href", "").startswith("#") else ""
    title = "" if "<title>" in inner else title
    return f'<a href="#{escape(target)}">{title}{inner}</a>' if target else f"<g>{title}{inner}</g>"


def _attributes(element: Any, key: str) -> Iterator[tuple[str, str]]:
    """The attributes of an element: styles as attributes, ids and references with the key of the picture."""
    styles = [each.partition(":") for each in element.get("style", "").split(";") if ":" in each]
    plain = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    given = {**plain, **{name.strip(): value.strip() for name, _, value in styles}}
    if "font" in given:
        given |= _font(given["font"])
    for name, value in given.items():
        if name not in LEFT_OUT and not (name == "transform" and re.match(r"rotate\(-?0 ", value)):
            yield name, re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", value)
    if "id" in plain and _name(element) in ("path", "clipPath", "marker", "linearGradient", "pattern"):
        yield "id", f"{key}-{plain['id']}"
    if plain.get("href", "").startswith("#"):
        yield "href", f"#{key}-{plain['href'][1:]}"


def _font(shorthand: str) -> dict[str, str]:
    """The size and weight of a font shorthand: 600 7px 'Source Sans Pro'."""
    size = re.search(r"([\d.]+)px", shorthand)
    weight = re.search(r"\b([6-9]00|bold)\b", shorthand)
    return {**({"font-size": f"{size[1]}px"} if size else {}), **({"font-weight": weight[1]} if weight else {})}


def _length(text: str, given: Mapping[str, str]) -> dict[str, str]:
    """The width that a text has in the typeface that it was drawn in, so that another takes no more room."""
    size = re.match(r"[\d.]+", given.get("font-size", ""))
    if size is None or not text.strip():
        return {}
    from archcalc.figures.style import text_width

    bold = given.get("font-weight", "") in ("600", "700", "800", "900", "bold", "semibold")
    wide = text_width(text, float(size[0]), bold)
    return {"textLength": f"{wide:.2f}".rstrip("0").rstrip("."), "lengthAdjust": "spacingAndGlyphs"}


def _marks(marks: Sequence[PlotMark]) -> str:
    """The marks of a plot: boxes that are not seen, each with its values."""
    if not marks:
        return ""
    boxes = [
        f'<rect x="{each.left:g}" y="{each.top:g}" width="{each.right - each.left:.5g}" '
        f'height="{each.bottom - each.top:.5g}"><title>{escape(each.says, quote=False)}</title></rect>'
        for each in marks
    ]
    return f'<g class="marks">{"".join(boxes)}</g>'
