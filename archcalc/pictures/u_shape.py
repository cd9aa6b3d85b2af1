"""The volume view of an encoder-decoder as a U: down on the left, up on the right, skip connections across.

Ronneberger et al. 2015 (arXiv:1505.04597), Figure 1, shows U-Net so. A level is what lies between two skips; where the
decoder concatenates, the copied channels are a slab beside those that come from below.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from archcalc.analysis.structure import Structure
from archcalc.pictures.key import LINE
from archcalc.pictures.legend import Legend, PictureHeading
from archcalc.pictures.main_path import MainPath, PathPart
from archcalc.pictures.scene import Link, Scene
from archcalc.pictures.skips import Skip, pixels
from archcalc.pictures.volume_boxes import BoxScale, measured
from archcalc.pictures.volume_rows import MARGIN, TURN, CellRow, broken, draw_line, draw_row, row_of
from archcalc.pictures.volumes import TIMES, Cell, cells, costs_text
from archcalc.present.typeface import text_width

BETWEEN = 13.0
"""The space between two levels, for the arrows down and up, in points."""
SIZES = ((7.0, 66.0, 20.0), (6.5, 62.0, 17.0), (6.5, 60.0, 14.0), (6.0, 58.0, 11.0), (6.0, 54.0, 8.0))
"""Letters, the tallest map and the thickest slab, in points; the first that fits is taken."""


class Level(NamedTuple):
    """The cells of the encoder and of the decoder between two skips; the lowest level has no decoder and no skip."""

    encoder: list[Cell]
    decoder: list[Cell]
    skip: Skip | None


class PlacedLevel(NamedTuple):
    """The rows of a level with their left ends."""

    level: Level
    left: CellRow
    left_x: float
    right: CellRow | None
    right_x: float

    @property
    def up(self) -> float:
        return max(self.left.up, self.right.up if self.right else 0)

    @property
    def down(self) -> float:
        return max(self.left.down, self.right.down if self.right else 0)


def draw(
    structure: Structure, path: MainPath, heading: PictureHeading, width: float, link: Link | None = None
) -> str | None:
    """An encoder-decoder as SVG text, or None if it does not fit the width."""
    levels = _levels(path.lines[0].parts, path.skips)
    every = [cell for level in levels for cell in (*level.encoder, *level.decoder)]
    sides = [cells(line.parts) for line in path.lines[1:]]
    every += [cell for side in sides for cell in side]
    slabs = [slab for cell in every for slab in cell.slabs]
    for letters, tallest, thickest in SIZES:
        scale = BoxScale.of(slabs, tallest, thickest, 40)
        placed = _placed(levels, scale, structure, letters)
        wide = max(
            [each.right_x + each.right.width if each.right else each.left_x + each.left.width for each in placed]
        )
        if wide <= width - 2 * MARGIN:
            below = [
                _side_rows(side, line.where, scale, structure, letters, width)
                for side, line in zip(sides, path.lines[1:], strict=True)
            ]
            return _drawn(placed, below, Legend(every, scale, _notes(path.skips)), heading, letters, wide, link)
    return None


def _side_rows(
    side: Sequence[Cell], where: str, scale: BoxScale, structure: Structure, letters: float, width: float
) -> list[CellRow]:
    found = [measured(cell, scale, structure.input, letters, narrow=True) for cell in side]
    cuts = [*broken(found, width - 2 * MARGIN - 2 * TURN), len(found)]
    return [row_of(found[a:b], where if a == 0 else "") for a, b in pairwise(cuts)]


def _notes(skips: Sequence[Skip]) -> list[str]:
    cropped = ", cropped," if any([row.layer.op == "crop" for skip in skips for row in skip.rows]) else ""
    return [f"Grey arrows carry a map of the encoder{cropped} to the decoder."]


def _levels(parts: Sequence[PathPart], skips: Sequence[Skip]) -> list[Level]:
    ends = {part.last.layer.row: i for i, part in enumerate(parts)}
    merges = {row.layer.row: i for i, part in enumerate(parts) for row in part.rows}
    down = [ends[skip.source] + 1 for skip in skips]
    up: list[int] = []
    for skip in skips:
        begin = merges[skip.target]
        size = pixels(parts[begin].rows[0].layer.output_shape)
        while pixels(parts[begin - 1].last.layer.output_shape) >= size:
            begin -= 1
        up.append(begin)
    levels: list[Level] = []
    for i, skip in enumerate(skips):
        encoder = parts[down[i - 1] if i else 0 : down[i]]
        decoder = parts[up[i] : up[i - 1] if i else len(parts)]
        levels.append(Level(cells(encoder), _decoder(decoder, skip), skip))
    return [*levels, Level(cells(parts[down[-1] : up[-1]]), [], None)]


def _decoder(parts: Sequence[PathPart], skip: Skip) -> list[Cell]:
    """The cells of a decoder's level; what comes from below and what is copied beside it are one cell."""
    number = next(i for i, part in enumerate(parts) if skip.target in {row.layer.row for row in part.rows})
    merge = parts[number]
    before = cells(parts[:number])
    concat = len(merge.rows) == 1 and merge.last.layer.op == "concat" and len(before) > 0
    if not concat:
        return cells(parts)
    first = before[-1]
    shape = merge.last.layer.output_shape
    (joined,) = cells([merge])
    copied = joined.slabs[0]._replace(beside=first.shape[0], shape=shape)
    both = Cell((*first.slabs, copied), (*first.says, "concat"), merge.name)
    return [*before[:-1], both, *cells(parts[number + 1 :])]


def _placed(levels: Sequence[Level], scale: BoxScale, structure: Structure, letters: float) -> list[PlacedLevel]:
    """The levels with their rows so that what goes down or up goes straight down or up."""

    def row(line: Sequence[Cell]) -> CellRow:
        return row_of([measured(cell, scale, structure.input, letters, narrow=True) for cell in line], "")

    left = [row(level.encoder) for level in levels]
    right = [row(level.decoder) for level in levels[:-1]]
    left_x = [0.0]
    for one, other in pairwise(left):
        left_x.append(left_x[-1] + max(_middle(one, -1) - _middle(other, 0), 0))
    x = left_x[-1] + _middle(left[-1], -1)
    right_x: list[float] = []
    for i in reversed(range(len(right))):
        room = text_width(_across(levels[i].skip), letters) + 12
        begin = max(x - _middle(right[i], 0), left_x[i] + left[i].width + room)
        right_x.insert(0, begin)
        x = begin + _middle(right[i], -1)
    ends = [(right[i], right_x[i]) for i in range(len(right))]
    return [
        PlacedLevel(level, left[i], left_x[i], *(ends[i] if i < len(ends) else (None, 0.0)))
        for i, level in enumerate(levels)
    ]


def _middle(row: CellRow, number: int) -> float:
    return row.places[number] + row.cells[number].content / 2


def _across(skip: Skip | None) -> str:
    """The words on a skip's arrow."""
    if skip is None:
        return ""
    rows = skip.rows
    if not rows:
        return "copy"
    if all([row.layer.op == "crop" for row in rows]):
        size = f" {TIMES} ".join([str(side) for side in rows[-1].layer.output_shape[1:]])
        return f"crop to {size}"
    return ", ".join([row.layer.op.replace("_", " ") for row in rows])


def _drawn(
    placed: Sequence[PlacedLevel],
    below: Sequence[list[CellRow]],
    legend: Legend,
    heading: PictureHeading,
    letters: float,
    wide: float,
    link: Link | None,
) -> str:
    scene = Scene(link)
    widest = max([wide, *[row.width + 2 * TURN for rows in below for row in rows]])
    sheet = max(widest + 2 * MARGIN, heading.width + 2 * MARGIN, 300.0)
    y = heading.draw(scene, MARGIN, MARGIN, sheet - 2 * MARGIN)
    x = (sheet - wide) / 2
    axes: list[float] = []
    for each in placed:
        axes.append(y + each.up)
        draw_row(scene, each.left, x + each.left_x, axes[-1])
        if each.right is not None:
            draw_row(scene, each.right, x + each.right_x, axes[-1])
            _draw_skip(scene, each, x, axes[-1], letters)
        y = axes[-1] + each.down + BETWEEN
    for (one, above), (other, under) in pairwise(zip(placed, axes, strict=True)):
        _draw_steps(scene, one, other, x, above, under)
    for rows in below:
        y = draw_line(scene, rows, MARGIN + TURN, sheet, y)
    y = legend.draw(scene, MARGIN, y - BETWEEN + 6, sheet - 2 * MARGIN)
    rows = [row for each in placed for row in (each.left, each.right) if row] + [row for rows in below for row in rows]
    told = " ".join([f"{cell.cell.tooltip}." for row in rows for cell in row.cells])
    title = f"{heading.title}, {heading.totals}"
    return scene.svg(sheet, y + MARGIN, title, f"An encoder-decoder as a U. {told}")


def _draw_skip(scene: Scene, placed: PlacedLevel, x: float, axis: float, letters: float) -> None:
    if placed.right is None or placed.level.skip is None:
        return
    last, first = placed.left.cells[-1], placed.right.cells[0]
    begin = x + placed.left_x + placed.left.places[-1] + last.content + 1.5
    end = x + placed.right_x + placed.right.places[0] - first.over_left - 1
    skip = placed.level.skip
    with scene.group(f"skip from {skip.source} to {skip.target}: {costs_text(skip.rows)}"):
        scene.line([(begin, axis), (end, axis)], arrow=True, stroke="#8a8a8a", width=1.3)
        middle = (x + placed.left_x + placed.left.width + end) / 2
        scene.text(middle, axis - 3, _across(skip), letters, anchor="middle", fill=LINE)


def _draw_steps(scene: Scene, one: PlacedLevel, other: PlacedLevel, x: float, above: float, below: float) -> None:
    """Draw the arrow from a level of the encoder down to the next, and that of the decoder up from it."""
    begin, end = one.left.cells[-1], other.left.cells[0]
    at = x + one.left_x + _middle(one.left, -1)
    to = x + other.left_x + _middle(other.left, 0)
    _step(scene, (at, above + begin.down + 1), (to, below - end.up - 1))
    if one.right is None:
        return
    source, offset = (other.right, other.right_x) if other.right else (other.left, other.left_x)
    begin, end = source.cells[-1], one.right.cells[0]
    at = x + offset + _middle(source, -1)
    to = x + one.right_x + _middle(one.right, 0)
    if to - at > source.cells[-1].content / 2 + begin.over_right + 4:
        right = x + offset + source.places[-1] + begin.content + 1.5
        scene.line([(right, below), (to, below), (to, above + end.down + 1)], arrow=True)
    else:
        _step(scene, (at, below - begin.up - 1), (to, above + end.down + 1))


def _step(scene: Scene, begin: tuple[float, float], end: tuple[float, float]) -> None:
    if abs(begin[0] - end[0]) < 0.5:
        scene.line([begin, end], arrow=True)
    else:
        turn = (begin[1] + end[1]) / 2
        scene.line([begin, (begin[0], turn), (end[0], turn), end], arrow=True)
