"""Rows of the volume view: cells beside each other with arrows between, and the division of a long line into rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from archcalc.pictures.scene import Scene
from archcalc.pictures.volume_boxes import Measured, arrow, draw_cell

MARGIN = 6.0
"""The white edge of a sheet, in points."""
TURN = 9.0
"""Space at the ends of rows, and between rows, for the line from one row to the next."""
SHAFT = 9.0
"""The least length of an arrow between two boxes, in points."""
PAD = 4.0
"""The least space between labels, in points."""


class CellRow(NamedTuple):
    """Cells beside each other: their places from the row's left end, the row's width, and a word before it."""

    cells: list[Measured]
    places: list[float]
    width: float
    before: str

    @property
    def up(self) -> float:
        return max([cell.up for cell in self.cells])

    @property
    def down(self) -> float:
        return max([cell.down for cell in self.cells])


def row_of(found: list[Measured], before: str, room: float = 0.0) -> CellRow:
    """A row of cells; arrows are longer, as far as that fits in `room` points."""
    for shaft in (24.0, 18.0, 13.0, SHAFT):
        places = [_begin(found[0])]
        for one, other in pairwise(found):
            places.append(places[-1] + _step(one, other, shaft))
        width = places[-1] + _end(found[-1])
        if width <= room:
            break
    return CellRow(found, places, width, before)


def _begin(cell: Measured) -> float:
    return max(cell.over_left, (cell.label - cell.content) / 2)


def _end(cell: Measured) -> float:
    return max(cell.content + cell.over_right, (cell.content + cell.label) / 2)


def _step(one: Measured, other: Measured, shaft: float = SHAFT) -> float:
    """The distance between the first boxes of two neighbours: room for an arrow, and no label on a label or a box."""
    least = one.content + other.over_left + shaft
    labels = (one.content + one.label + other.label - other.content) / 2 + PAD
    if one.above < other.above:
        beside = (one.content + one.label) / 2 + 2 + other.over_left
    else:
        beside = one.content + one.over_right + 2 + (other.label - other.content) / 2
    return max(least, labels, beside)


def broken(found: Sequence[Measured], room: float) -> list[int]:
    """The first cells of rows that are as full as possible."""
    begins = [0]
    x = _begin(found[0])
    for i, (one, other) in enumerate(pairwise(found), 1):
        x += _step(one, other)
        if x + _end(other) > room:
            begins.append(i)
            x = _begin(other)
    return begins


def even(found: Sequence[Measured], room: float, number: int) -> list[int]:
    """The cells between which a line breaks into so many rows, the widest of which is as narrow as possible."""
    narrow, wide = 0.0, room
    for _ in range(12):
        middle = (narrow + wide) / 2
        fits = max([_begin(cell) + _end(cell) for cell in found]) <= middle and len(broken(found, middle)) <= number
        narrow, wide = (narrow, middle) if fits else (middle, wide)
    return [*broken(found, wide), len(found)]


def draw_row(scene: Scene, row: CellRow, left: float, axis: float) -> None:
    for number, (cell, place) in enumerate(zip(row.cells, row.places, strict=True)):
        draw_cell(scene, cell, left + place, axis)
        if number + 1 < len(row.cells):
            following = row.cells[number + 1]
            arrow(
                scene, left + place + cell.content + 1.5, left + row.places[number + 1] - following.over_left - 1, axis
            )


def draw_line(scene: Scene, rows: Sequence[CellRow], left: float, sheet: float, y: float) -> float:
    """Draw the rows of a line below `y` on a sheet of this width; returns where they end."""
    for number, row in enumerate(rows):
        if row.before:
            scene.text(left, y + 15, row.before, row.cells[0].letters, bold=True)
            y += 17
        axis = y + 2 + row.up
        draw_row(scene, row, left, axis)
        y = axis + row.down
        if number + 1 < len(rows):
            following = rows[number + 1]
            begin = left + row.places[-1] + row.cells[-1].content + 1.5
            end = left + following.places[0] - following.cells[0].over_left - 1
            below = y + TURN + 2 + following.up
            outer = [(sheet - MARGIN, axis), (sheet - MARGIN, y + TURN / 2), (MARGIN, y + TURN / 2), (MARGIN, below)]
            scene.line([(begin, axis), *outer, (end, below)], arrow=True)
            y += TURN
    return y
