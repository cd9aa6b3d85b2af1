"""Heading and legend of a picture in a scene: title and totals; keys of colours; rulers of its scale; notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from archcalc.analysis.results import settings_text
from archcalc.analysis.structure import Structure
from archcalc.pictures.key import KEY, LINE, key_of
from archcalc.pictures.scene import Scene, mixed
from archcalc.pictures.volume_boxes import BoxScale
from archcalc.pictures.volumes import Cell, size_text
from archcalc.present.tables import human
from archcalc.present.typeface import text_width, wrapped

TITLE, SMALL = 9.0, 6.2
"""Sizes of type in points: the title; totals, legend and notes."""
SWATCH = 8.0
BETWEEN = 11.0
LINE_HEIGHT = 9.0
RULER_HEIGHT = 14.0
HEIGHTS = "Heights and widths are drawn as the square root of the pixels"
CHANNELS = "the thickness of a box, and the length of a bar, as the square root of the channels"


class PictureHeading(NamedTuple):
    """The title of a picture, and a line with its input and totals."""

    title: str
    totals: str

    @classmethod
    def of(cls, structure: Structure, name: str) -> PictureHeading:
        changed = "".join(f", {each}" for each in settings_text(structure.changed))
        params = sum([row.layer.params for row in structure.rows])
        mult_adds = sum([row.layer.mult_adds for row in structure.rows])
        inputs = " + ".join(map(size_text, structure.inputs))
        return cls(name + changed, f"input {inputs}; {human(params)} parameters, {human(mult_adds)} mult-adds")

    @property
    def width(self) -> float:
        return max(text_width(self.title, TITLE, bold=True), text_width(self.totals, SMALL))

    def draw(self, scene: Scene, x: float, y: float, width: float) -> float:
        """Draw the heading below `y`; returns where it ends."""
        for line in wrapped(self.title, TITLE, width, bold=True):
            y += TITLE
            scene.text(x, y, line, TITLE, bold=True)
        for line in wrapped(self.totals, SMALL, width):
            y += SMALL * 1.35
            scene.text(x, y, line, SMALL, fill=LINE)
        return y + 8


class Item(NamedTuple):
    """An entry of the legend: its text, and a role with a swatch, or a ruler of `length` for `largest`."""

    text: str
    role: str = ""
    block: bool = False
    largest: int = 0
    length: float = 0.0

    @property
    def width(self) -> float:
        drawn = SWATCH if self.role else self.length + text_width(str(self.largest), SMALL) / 2
        return drawn + 4 + text_width(self.text, SMALL)


class Legend:
    """The legend of boxes at a scale: what the colours and the frame mean, rulers, and notes below."""

    def __init__(self, cells: Sequence[Cell], scale: BoxScale, notes: Sequence[str]) -> None:
        slabs = [slab for cell in cells for slab in cell.slabs]
        roles = [role for role in KEY if any([slab.role == role for slab in slabs])]
        self.items = [Item(KEY[role].word, role) for role in roles if role != "input"]
        if any([slab.block for slab in slabs]):
            self.items.append(Item("several layers, coloured by their kind", "block", block=True))
        maps = [side for slab in slabs if not slab.is_vector for side in slab.shape[1:]]
        flat = all([len(slab.shape) < 3 for slab in slabs])
        if maps:
            word = "length (positions)" if flat else "height and width (pixels)"
            self.items.append(Item(word, largest=max(maps), length=scale.length(max(maps))))
        deep = max([slab.channels for slab in slabs])
        self.items.append(Item("channels", largest=deep, length=scale.thickness(deep)))
        sides = "Lengths are drawn as the square root of the positions" if flat else HEIGHTS
        self.notes = [f"{sides}; {CHANNELS}." if maps else f"{CHANNELS[0].upper()}{CHANNELS[1:]}.", *notes]

    def rows(self, width: float) -> list[list[Item]]:
        """The items in rows of at most this width."""
        rows: list[list[Item]] = []
        room = 0.0
        for before, item in zip([None, *self.items], self.items, strict=False):
            rulers = before is not None and bool(before.role) and not item.role
            if not rows or item.width > room or rulers:
                rows.append([])
                room = width
            rows[-1].append(item)
            room -= item.width + BETWEEN
        return rows

    def draw(self, scene: Scene, x: float, y: float, width: float) -> float:
        """Draw the legend below `y`; returns where it ends."""
        scene.line([(x, y), (x + width, y)], stroke="#c9c9c9", width=0.5)
        y += 4
        for row in self.rows(width):
            at = x
            for item in row:
                (_swatch if item.role else _ruler)(scene, item, at, y)
                at += item.width + BETWEEN
            y += RULER_HEIGHT if any([not item.role for item in row]) else LINE_HEIGHT
        for line in wrapped(" ".join(self.notes), SMALL, width):
            y += SMALL * 1.3
            scene.text(x, y, line, SMALL, fill=LINE)
        return y + 2


def _swatch(scene: Scene, item: Item, x: float, y: float) -> None:
    entry = key_of(item.role)
    fill = mixed(entry.fill, "#ffffff", 0.45) if item.block else entry.fill
    for inset in (0.0, 1.5) if item.block else (0.0,):
        left, top, right, low = x + inset, y + inset, x + SWATCH - inset, y + 6.4 - inset
        scene.polygon(
            [(left, top), (right, top), (right, low), (left, low)], fill, entry.stroke, dashes=entry.dashes, width=0.5
        )
    scene.text(x + SWATCH + 4, y + 5.4, item.text, SMALL)


def _ruler(scene: Scene, item: Item, x: float, y: float) -> None:
    shown = scene.text(x, y + 5.4, item.text, SMALL)
    begin = shown.right + 4
    scene.line([(begin, y + 3), (begin + item.length, y + 3)], stroke=LINE, width=0.6)
    scene.line([(begin, y + 1), (begin, y + 5)], stroke=LINE, width=0.6)
    free = begin + 2
    for value in _ticks(item.largest):
        at = begin + item.length * math.sqrt(value / item.largest)
        half = text_width(str(value), SMALL) / 2
        last = value == item.largest
        if at - half < free or (
            not last and at + half > begin + item.length - text_width(str(item.largest), SMALL) / 2 - 2
        ):
            continue
        free = at + half + 2
        scene.line([(at, y + 1), (at, y + 5)], stroke=LINE, width=0.6)
        scene.text(at, y + 11.2, str(value), SMALL, anchor="middle", fill=LINE)


def _ticks(largest: int) -> list[int]:
    """The largest value of a ruler, and two powers of two at about half and a quarter of its length."""
    powers = [2 ** round(math.log2(largest / share)) for share in (16, 4) if largest > 2 * share]
    return [*powers, largest]
