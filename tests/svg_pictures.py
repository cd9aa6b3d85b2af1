"""What an SVG picture shows, read from its text: words with their boxes, arrows, and frames."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import NamedTuple

from archcalc.pictures.drawing import TextSpot, flattened
from archcalc.present.typeface import text_width

SVG = "{http://www.w3.org/2000/svg}"


class Shown(NamedTuple):
    """Words, each with its box and the class of its group; arrows as points; boxes of nodes; frames; the sheet."""

    words: list[tuple[str, TextSpot, str]]
    arrows: list[list[tuple[float, float]]]
    nodes: list[TextSpot]
    sheet: TextSpot


def read(svg: str) -> Shown:
    root = ET.fromstring(svg)  # noqa: S314
    wide, high = (float(root.attrib[side].removesuffix("pt")) for side in ("width", "height"))
    shown = Shown([], [], [], TextSpot(0, 0, wide, high))
    walk(root, 0.0, 0.0, "", shown)
    return shown


def walk(element: ET.Element, x: float, y: float, kind: str, shown: Shown) -> None:
    moved = re.match(r"translate\((\S+) (\S+)\)", element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    kind = element.get("class", kind)
    if element.tag == f"{SVG}text":
        shown.words.append((element.text or "", text_box(element, x, y), kind))
    if element.tag == f"{SVG}path" and kind == "edge":
        numbers = [float(each) for each in re.findall(r"-?[\d.]+", element.attrib["d"])]
        points = [(numbers[i] + x, numbers[i + 1] + y) for i in range(0, len(numbers), 2)]
        shown.arrows.append(flattened(points, points[-1]))
    if kind == "node" and element.get("class") == "node":
        box = next((each for each in element.iter() if each.tag in (f"{SVG}rect", f"{SVG}ellipse", f"{SVG}path")), None)
        if box is not None:
            shown.nodes.append(node_box(box, x, y))
    for each in element:
        walk(each, x, y, kind, shown)


def text_box(element: ET.Element, x: float, y: float) -> TextSpot:
    size = float(element.attrib["font-size"])
    wide = text_width(element.text or "", size, bold="font-weight" in element.attrib)
    left = float(element.attrib["x"]) + x - {"start": 0, "middle": wide / 2}[element.get("text-anchor", "start")]
    base = float(element.attrib["y"]) + y
    return TextSpot(left, base - 0.68 * size, left + wide, base + 0.2 * size)


def node_box(element: ET.Element, x: float, y: float) -> TextSpot:
    if element.tag == f"{SVG}ellipse":
        cx, cy, rx, ry = (float(element.attrib[key]) for key in ("cx", "cy", "rx", "ry"))
        return TextSpot(cx - rx + x, cy - ry + y, cx + rx + x, cy + ry + y)
    if element.tag == f"{SVG}path":  # a box with cut corners: M left top h... l... v...
        n = [float(each) for each in re.findall(r"-?[\d.]+", element.attrib["d"])]
        cut, wide, high = n[3], n[2] + 2 * n[3], n[5] + 2 * n[3]
        return TextSpot(n[0] - cut + x, n[1] + y, n[0] - cut + wide + x, n[1] + high + y)
    left, top, wide, high = (float(element.attrib[key]) for key in ("x", "y", "width", "height"))
    return TextSpot(left + x, top + y, left + wide + x, top + high + y)
