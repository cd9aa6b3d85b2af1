"""Geometry of the volume view: the scale, boxes in oblique projection, and the extent of a cell with its labels.

A box shows channels from left to right, the height of a map upwards and its width into the page, as pictures of
AlexNet and VGG do. All boxes have their centre on one axis. A vector, or a map of one position, is a bar as long as its
channels would be thick.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.pictures.key import INK, KEY, LINE
from archcalc.pictures.scene import ASCENT, Point, Scene, mixed
from archcalc.pictures.volumes import TIMES, Cell, Sizes, Slab, size_text
from archcalc.present.typeface import longest, shortened, wrapped

ACROSS, UP = 0.27, 0.19
"""The displacement, to the right and up, of the far end of a side that runs into the page, for each point of it."""
BAR = 5.0
"""The width of a bar in points; it stands for a vector and is not to scale."""
MOST_SLABS = 8
"""The most slabs of a cell that are all drawn; of more, the first two and the last."""
FOLD = 11.0
"""The space in points for the dots that stand for slabs left out."""
THIN = 3.5
"""A block that is thinner in points has its second frame on its side."""
LEADING = 1.14
NAME_WIDTH = 11.0
"""The longest name of a cell, in ems."""


class BoxScale(NamedTuple):
    """Points for the square root of a pixel of a map's side, and for the square root of a channel."""

    side: float
    channel: float

    @classmethod
    def of(cls, slabs: Sequence[Slab], tallest: float, thickest: float, longest_bar: float) -> BoxScale:
        """The scale at which no map, no slab and no bar is larger than these lengths in points."""
        sides = [side for slab in slabs for side in faces(slab.shape, slabs[0].shape)]
        channels = [slab.channels for slab in slabs if not slab.is_vector]
        vectors = [slab.channels for slab in slabs if slab.is_vector]
        limits = [thickest / math.sqrt(max(channels))] if channels else []
        limits += [longest_bar / math.sqrt(max(vectors))] if vectors else []
        return cls(tallest / math.sqrt(max(sides, default=1)), min(limits))

    def length(self, pixels: float) -> float:
        """The length of a side of so many pixels, in points."""
        return self.side * math.sqrt(pixels)

    def thickness(self, channels: float) -> float:
        """The thickness of so many channels, in points."""
        return self.channel * math.sqrt(channels)


def faces(shape: Sizes, inputs: Sequence[Any]) -> tuple[float, float]:
    """Height and width of the map that is drawn, in pixels.

    A sequence is drawn as a strip; tokens of an image, of which there are as many as positions, as a square.
    """
    if len(shape) > 2:
        return shape[-2], shape[-1]
    if len(shape) == 2:
        side = math.sqrt(shape[1])
        return (side, side) if len(inputs) > 2 else (shape[1], 1)
    return (1, 1)


class DrawnBox(NamedTuple):
    """A slab as a box: its left edge from the cell's, its thickness, and the height and width of its map, in points."""

    slab: Slab
    left: float
    thick: float
    high: float
    wide: float

    @property
    def over(self) -> float:
        """How far the box reaches beyond its edges on the axis, on either side."""
        return self.wide * ACROSS / 2

    @property
    def above(self) -> float:
        """How far the box reaches above and below the axis."""
        return (self.high + self.wide * UP) / 2


class Measured(NamedTuple):
    """A cell in points: its boxes, its labels, and how far these reach."""

    cell: Cell
    boxes: tuple[DrawnBox, ...]
    gaps: tuple[float, ...]
    """The left edges of the spaces where slabs are left out."""
    content: float
    over_left: float
    over_right: float
    above: float
    top: tuple[str, ...]
    bottom: tuple[str, ...]
    letters: float
    label: float
    """The width of the widest line."""
    named: bool
    """True if the first line below is a name."""

    @property
    def up(self) -> float:
        """How far box and label reach above the axis."""
        return self.above + (2.5 + LEADING * self.letters * len(self.top))

    @property
    def down(self) -> float:
        """How far box and label reach below the axis."""
        return self.above + (3 + LEADING * self.letters * len(self.bottom))


def measured(cell: Cell, scale: BoxScale, inputs: Sequence[Any], letters: float, narrow: bool) -> Measured:
    """A cell at a scale, with labels in letters of this size; `narrow` breaks lines where it can."""
    boxes: list[DrawnBox] = []
    gaps: list[float] = []
    x = 0.0
    slabs = cell.slabs if len(cell.slabs) <= MOST_SLABS else (*cell.slabs[:2], None, cell.slabs[-1])
    for slab in slabs:
        if slab is None:
            gaps.append(x)
            x += FOLD + (boxes[-1].over if boxes else 0)
            continue
        height, width = faces(slab.shape, inputs)
        thick = scale.thickness(slab.channels)
        box = DrawnBox(slab, x, thick, scale.length(height), scale.length(width))
        if slab.is_vector:
            box = DrawnBox(slab, x, BAR, thick, BAR)
        boxes.append(box)
        x += box.thick
    name = shortened(cell.name, letters, NAME_WIDTH * letters * (0.8 if narrow else 1), bold=True)
    size = size_text(cell.shape)
    top, bottom = cell.says, (name, size)
    if narrow and len(cell.shape) > 2:
        cut = size.rindex(f" {TIMES} ")
        bottom = (name, size[:cut], size[cut + 1 :])
        top = tuple([line for each in top for line in wrapped(each, letters, 7.2 * letters)])
    if cell.slabs[0].role == "input" and top == ("input",):
        top = ()
    named = cell.slabs[0].name not in top
    bottom = bottom if named else bottom[1:]
    over = max([box.over for box in boxes])
    label = max(longest(top, letters), longest(bottom[:1], letters, bold=named), longest(bottom[1:], letters))
    above = max([box.above for box in boxes])
    return Measured(
        cell,
        tuple(boxes),
        tuple(gaps),
        x,
        boxes[0].over,
        max(over, boxes[-1].over),
        above,
        top,
        bottom,
        letters,
        label,
        named,
    )


def draw_cell(scene: Scene, cell: Measured, x: float, axis: float) -> None:
    """Draw a cell whose first box begins at `x` on the axis, and its labels."""
    drawn = {row.layer.row for box in cell.boxes for row in box.slab.rows}
    left_out = [row.layer.row for slab in cell.cell.slabs for row in slab.rows if row.layer.row not in drawn]
    with scene.group(cell.cell.tooltip):
        for box in cell.boxes:
            with scene.linked([row.layer.row for row in box.slab.rows]):
                draw_box(scene, box, x + box.left, axis)
            for gap in cell.gaps:
                if abs(gap - box.left - box.thick) < 0.01:
                    with scene.linked(left_out):
                        _dots(scene, x + gap + FOLD / 2, axis)
        middle = x + cell.content / 2
        y = axis - cell.up + ASCENT * cell.letters
        for line in cell.top:
            scene.text(middle, y, line, cell.letters, anchor="middle")
            y += LEADING * cell.letters
        y = axis + cell.above + 3 + ASCENT * cell.letters
        for number, line in enumerate(cell.bottom):
            bold = number == 0 and cell.named
            scene.text(middle, y, line, cell.letters, bold=bold, anchor="middle")
            y += LEADING * cell.letters


def _dots(scene: Scene, x: float, axis: float) -> None:
    for step in (-2.6, 0.0, 2.6):
        scene.polygon(
            [(x + step - 0.6, axis - 0.6), (x + step + 0.6, axis - 0.6), (x + step + 0.6, axis + 0.6),
             (x + step - 0.6, axis + 0.6)], INK,
        )  # fmt: skip


def draw_box(scene: Scene, box: DrawnBox, x: float, axis: float) -> None:
    """Draw a box whose centre line begins at `x` on the axis: its top, right and front faces."""
    entry = KEY[box.slab.role]
    dx, dy = box.wide * ACROSS, box.wide * UP
    left, right = x - dx / 2, x + box.thick - dx / 2
    high, low = axis + dy / 2 - box.high / 2, axis + dy / 2 + box.high / 2
    far = [(right, high), (right + dx, high - dy), (right + dx, low - dy), (right, low)]
    up = [(left, high), (left + dx, high - dy), (right + dx, high - dy), (right, high)]
    front = [(left, high), (right, high), (right, low), (left, low)]
    light = mixed(entry.fill, "#ffffff", 0.45) if box.slab.block else entry.fill
    shade = 0.04 if box.slab.role == "input" else 0.16
    scene.polygon(far, mixed(light, entry.stroke, shade), entry.stroke, dashes=entry.dashes, kind="side")
    scene.polygon(up, mixed(light, "#ffffff", 0.55), entry.stroke, dashes=entry.dashes, kind="top")
    scene.polygon(front, light, entry.stroke, dashes=entry.dashes, kind="front")
    if box.slab.block and box.thick >= THIN:
        inset = min(1.5, box.thick / 4, box.high / 4)
        scene.polygon(_inner(front, inset / box.thick, inset / box.high), "none", entry.stroke, width=0.4)
    elif box.slab.block:
        scene.polygon(_inner(far, min(1.5 / dx, 0.25), min(1.5 / box.high, 0.25)), "none", entry.stroke, width=0.4)


def _inner(corners: Sequence[Point], across: float, down: float) -> list[Point]:
    """The corners of a parallelogram, moved in by these shares of its sides."""
    (x, y), (right, top), _, (left, low) = corners
    return [
        (x + (right - x) * u + (left - x) * v, y + (top - y) * u + (low - y) * v)
        for u, v in ((across, down), (1 - across, down), (1 - across, 1 - down), (across, 1 - down))
    ]


def arrow(scene: Scene, begin: float, end: float, axis: float) -> None:
    """Draw an arrow on the axis."""
    if end - begin > 1:
        scene.line([(begin, axis), (end, axis)], arrow=True, stroke=LINE)
