"""Boxes with the outlines of the key, arrows, and the places of texts beside them. Lengths are in points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from archcalc.pictures.key import LINE, KeyEntry
from archcalc.pictures.svg import number
from archcalc.present.typeface import text_width

Point = tuple[float, float]


class TextSpot(NamedTuple):
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: TextSpot, gap: float = 0.0) -> bool:
        """True if two rectangles have points in common, or come nearer than `gap`."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def holds(self, point: Point) -> bool:
        """True if a point is inside."""
        return self.left < point[0] < self.right and self.top < point[1] < self.bottom


def spot(x: float, y: float, said: str, size: float, *, bold: bool = False, anchor: str = "start") -> TextSpot:
    """The rectangle of a line of text."""
    wide = text_width(said, size, bold)
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    return TextSpot(left, y - 0.74 * size, left + wide, y + 0.24 * size)


def outlined(entry: KeyEntry, x: float, y: float, wide: float, high: float) -> list[str]:
    """A box around a centre with the fill and the outline of its kind."""
    left, top = x - wide / 2, y - high / 2
    dashes = f' stroke-dasharray="{entry.dashes}"' if entry.dashes else ""
    style = f'fill="{entry.fill}" stroke="{entry.stroke}"{dashes}'
    box = f'x="{number(left)}" y="{number(top)}" width="{number(wide)}" height="{number(high)}"'
    kind = entry.word.partition(" ")[0].rstrip(",")
    if kind == "end":
        return []
    if kind in ("merge", "input"):
        at = f'cx="{number(x)}" cy="{number(y)}" rx="{number(wide / 2)}" ry="{number(high / 2)}"'
        return [f"<ellipse {at} {style}/>"]
    if kind == "attention":
        return [f'<path d="{_cut_corners(left, top, wide, high)}" {style}/>']
    inside: list[str] = []
    if kind == "linear":
        bars = [left + 2.5, left + wide - 2.5]
        inside = [f'<path d="M{number(bar)} {number(top)}v{number(high)}" stroke="{entry.stroke}"/>' for bar in bars]
    elif kind == "block":
        frame = f'x="{number(left + 2.2)}" y="{number(top + 2.2)}"'
        frame += f' width="{number(wide - 4.4)}" height="{number(high - 4.4)}"'
        inside = [f'<rect {frame} fill="none" stroke="{entry.stroke}" stroke-width="0.6"/>']
    rounded = f' rx="{number(min(6, high / 3))}"' if kind == "pooling" else ""
    return [f"<rect {box}{rounded} {style}/>", *inside]


def _cut_corners(left: float, top: float, wide: float, high: float) -> str:
    """The path of a box whose corners are cut."""
    cut = min(5, high / 3)
    return (
        f"M{number(left + cut)} {number(top)}h{number(wide - 2 * cut)}l{number(cut)} {number(cut)}"
        f"v{number(high - 2 * cut)}l{number(-cut)} {number(cut)}h{number(2 * cut - wide)}"
        f"l{number(-cut)} {number(-cut)}v{number(2 * cut - high)}z"
    )


def arrow(points: Sequence[Point], tip: Point) -> list[str]:
    """A line of cubic curves (the first point, then three for each) that ends in an arrowhead at `tip`."""
    (x, y), *rest = points
    curves = "".join(
        [
            "C" + " ".join([f"{number(a)} {number(b)}" for a, b in rest[i : i + 3]])
            for i in range(0, len(rest) - len(rest) % 3, 3)
        ]
    )
    end = points[-1]
    dx, dy = tip[0] - end[0], tip[1] - end[1]
    long = math.hypot(dx, dy) or 1.0
    ux, uy = dx / long, dy / long
    side = 2.2
    corners = [tip, (end[0] - uy * side, end[1] + ux * side), (end[0] + uy * side, end[1] - ux * side)]
    head = " ".join([f"{number(a)},{number(b)}" for a, b in corners])
    return [
        f'<path d="M{number(x)} {number(y)}{curves}" fill="none" stroke="{LINE}"/>',
        f'<polygon points="{head}" fill="{LINE}" stroke="none"/>',
    ]


def flattened(points: Sequence[Point], tip: Point, pieces: int = 12) -> list[Point]:
    """Points along a line of cubic curves, and its tip."""
    found = [points[0]]
    for i in range(0, len(points) - 3, 3):
        a, b, c, d = points[i : i + 4]
        for piece in range(1, pieces + 1):
            t = piece / pieces
            s = 1 - t
            weights = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
            x, y = [sum([w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True)]) for axis in (0, 1)]
            found.append((x, y))
    return [*found, tip]


def crosses(line: Sequence[Point], box: TextSpot) -> bool:
    """True if a line of straight pieces has a point inside a rectangle."""
    return any([_piece_crosses(a, b, box) for a, b in pairwise(line)])


def _piece_crosses(a: Point, b: Point, box: TextSpot) -> bool:
    """Liang and Barsky's clipping of a piece by a rectangle."""
    low, high = 0.0, 1.0
    dx, dy = b[0] - a[0], b[1] - a[1]
    for step, room in ((-dx, a[0] - box.left), (dx, box.right - a[0]), (-dy, a[1] - box.top), (dy, box.bottom - a[1])):
        if step == 0:
            if room <= 0:
                return False
        elif step < 0:
            low = max(low, room / step)
        else:
            high = min(high, room / step)
    return low < high
