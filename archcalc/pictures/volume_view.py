"""The volume view of a network: its feature maps as boxes to scale in height, width and channels.

Lecture slides show LeNet, AlexNet and VGG like this (LeCun et al. 1998, Figure 2; Krizhevsky et al. 2012, Figure 2).
The path from the input to the output is one line of boxes; a block that branches is a box with a double frame. A path
that is too long for the sheet continues in further rows. An encoder-decoder is drawn as a U (`u_shape`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from archcalc.analysis.structure import Structure
from archcalc.pictures import u_shape
from archcalc.pictures.legend import Legend, PictureHeading
from archcalc.pictures.main_path import PathLine, PathPart, main_path
from archcalc.pictures.scene import Link, Scene
from archcalc.pictures.volume_boxes import MOST_SLABS, BoxScale, Measured, measured
from archcalc.pictures.volume_rows import MARGIN, TURN, CellRow, broken, draw_line, even, row_of
from archcalc.pictures.volumes import Cell, cells, sizes_of

WIDTH = 180 / 25.4 * 72
"""The width of a page of a journal in points, the most that a sheet has."""
NARROWEST = 300.0
"""The least width of a sheet in points: room for the legend."""
AIRY = 0.8
"""The part of the sheet up to which a short line has longer arrows."""


class SheetPlan(NamedTuple):
    """A choice of sizes in points: letters, the tallest map, the thickest slab and the longest bar.

    `narrow` breaks labels where it can.
    """

    letters: float
    tallest: float
    thickest: float
    longest: float = 74.0
    narrow: bool = False


ONE_ROW = (
    SheetPlan(7.6, 104, 30),
    SheetPlan(7, 100, 28),
    SheetPlan(6.5, 96, 26),
    SheetPlan(7, 96, 26, narrow=True),
    SheetPlan(6.5, 92, 24, narrow=True),
    SheetPlan(6.2, 88, 20, narrow=True),
    SheetPlan(6, 84, 15, narrow=True),
)
ROWS = (
    SheetPlan(7, 84, 24, 66),
    SheetPlan(6.5, 80, 22, 62),
    SheetPlan(6.5, 76, 20, 60, narrow=True),
    SheetPlan(6, 72, 17, 56, narrow=True),
)


def draw(structure: Structure, title: str | None = None, link: Link | None = None) -> str:
    """A network as SVG text, at most 180 mm wide; the text depends on the arguments only.

    `title` is the name that is written above the picture, by default the architecture's; `link` gives
    the address of each row, to which its box leads.
    Raises ArchcalcError if a size is not a whole number.
    """
    for row in structure.rows:
        sizes_of(row)
    path = main_path(structure)
    heading = PictureHeading.of(structure, title or structure.architecture)
    if path.skips:
        shaped = u_shape.draw(structure, path, heading, WIDTH, link)
        if shaped is not None:
            return shaped
        path = main_path(structure, skips=False)
    lines = [cells(line.parts) for line in path.lines]
    plan = _plan(lines, structure)
    rows = _rows(lines, path.lines, plan, structure)
    notes = _notes(path.lines, lines, structure)
    return _drawn(rows, Legend([cell for line in lines for cell in line], _scale(lines, plan), notes), heading, link)


def _scale(lines: Sequence[Sequence[Cell]], plan: SheetPlan) -> BoxScale:
    slabs = [slab for line in lines for cell in line for slab in cell.slabs]
    return BoxScale.of(slabs, plan.tallest, plan.thickest, plan.longest)


def _measured(
    line: Sequence[Cell], lines: Sequence[Sequence[Cell]], plan: SheetPlan, structure: Structure
) -> list[Measured]:
    scale = _scale(lines, plan)
    return [measured(cell, scale, structure.input, plan.letters, plan.narrow) for cell in line]


def _plan(lines: Sequence[Sequence[Cell]], structure: Structure) -> SheetPlan:
    """The largest sizes at which the main line is one row, or else at which it has the fewest rows."""
    for plan in ONE_ROW:
        main = _measured(lines[0], lines, plan, structure)
        if len(broken(main, WIDTH - 2 * MARGIN)) == 1:
            return plan
    numbers = [len(broken(_measured(lines[0], lines, plan, structure), WIDTH - 2 * MARGIN - 2 * TURN)) for plan in ROWS]
    return ROWS[numbers.index(min(numbers))]


def _rows(
    lines: Sequence[Sequence[Cell]], paths: Sequence[PathLine], plan: SheetPlan, structure: Structure
) -> list[list[CellRow]]:
    """The rows of each line."""
    result: list[list[CellRow]] = []
    for line, path in zip(lines, paths, strict=True):
        found = _measured(line, lines, plan, structure)
        room = WIDTH - 2 * MARGIN
        if len(broken(found, room)) > 1:
            room -= 2 * TURN
        cuts = even(found, room, len(broken(found, room)))
        result.append([row_of(found[a:b], path.where if a == 0 else "", AIRY * WIDTH) for a, b in pairwise(cuts)])
    return result


def _notes(paths: Sequence[PathLine], lines: Sequence[Sequence[Cell]], structure: Structure) -> list[str]:
    slabs = [slab for line in lines for cell in line for slab in cell.slabs]
    notes: list[str] = []
    if any([len(cell.slabs) > MOST_SLABS for line in lines for cell in line]):
        notes.append("Three dots stand for boxes of the same kind that are left out.")
    if any([_passes(line.parts) for line in paths]):
        notes.append("Connections that pass by a box are not drawn.")
    if any([len(slab.shape) == 2 for slab in slabs]) and len(structure.input) > 2:
        notes.append("Tokens are drawn as a square of as many.")
    if any([len(slab.shape) > 3 for slab in slabs]):
        notes.append("Of maps with more than two sides the last two are drawn.")
    return notes


def _passes(parts: Sequence[PathPart]) -> bool:
    """Return True if a part has an input from before the part before it."""
    of = {row.layer.row: i for i, part in enumerate(parts) for row in part.rows}
    return any(
        [
            of[source] < i - 1
            for i, part in enumerate(parts)
            for row in part.rows
            for source in row.inputs
            if source in of
        ]
    )


def _drawn(lines: Sequence[Sequence[CellRow]], legend: Legend, heading: PictureHeading, link: Link | None) -> str:
    scene = Scene(link)
    turns = max([len(rows) for rows in lines]) > 1
    side = MARGIN + (TURN if turns else 0)
    widest = max([row.width for rows in lines for row in rows])
    sheet = min(WIDTH, max(widest + 2 * side, heading.width + 2 * MARGIN, NARROWEST))
    y = heading.draw(scene, MARGIN, MARGIN, sheet - 2 * MARGIN)
    for rows in lines:
        left = (sheet - max([row.width for row in rows])) / 2 if len(lines) == 1 else side
        y = draw_line(scene, rows, left, sheet, y)
    y = legend.draw(scene, MARGIN, y + 4, sheet - 2 * MARGIN)
    described = " ".join([cell.cell.tooltip + "." for rows in lines for row in rows for cell in row.cells])
    return scene.svg(
        sheet, y + MARGIN, f"{heading.title}, {heading.totals}", f"Feature maps from input to output. {described}"
    )
