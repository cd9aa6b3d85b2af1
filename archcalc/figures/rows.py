"""A dot plot after Cleveland: a line for each network with its name, a mark on a common axis, and figures beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.figures import style

PITCH = 3.05
"""Millimetres from line to line."""
GAP = 0.55
"""The gap between groups, in lines."""


class Row(NamedTuple):
    """A line of the plot."""

    name: str
    label: str
    value: float
    colour: str
    marker: str
    beside: str
    """Figures at the right."""
    group: str = ""
    """A heading at the left of the first line of a group."""
    open: bool = False
    """True for a mark that is not filled."""
    bold: bool = False


def places(rows: Sequence[Row]) -> list[float]:
    """The vertical position of each line, in lines from the top, with gaps between groups."""
    at: list[float] = []
    for number, row in enumerate(rows):
        before = at[-1] + 1 + (GAP if row.group != rows[number - 1].group else 0) if at else 0.0
        at.append(before)
    return at


def height(rows: Sequence[Row]) -> float:
    """Millimetres that the lines take, with the axis below and the heading above."""
    return PITCH * (places(rows)[-1] + 1) + 12.5


def draw(sheet: style.Sheet, rows: Sequence[Row], heading: str) -> Any:
    """Draw the lines on a sheet; return the axes, whose horizontal scale the caller sets."""
    size = style.NOTE
    groups = max(style.text_width(row.group, size, bold=True) for row in rows) / style.POINTS
    names = max(style.text_width(row.label, size, row.bold) for row in rows) / style.POINTS
    beside = max(style.text_width(row.beside, size) for row in rows) / style.POINTS
    axes = sheet.axes(names + groups + 5 + (2 if groups else 0), beside + 4, 2.5)
    at = places(rows)
    axes.set_ylim(at[-1] + 0.6, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    style.grid(axes, "x")
    box = axes.get_window_extent()
    right = sheet.figure.bbox.width - 2 * style.POINTS
    style.at(sheet.figure, right, box.y1 + 2.5, heading, size=style.PRINT, color=style.GREY, ha="right")
    per_line = box.height / (at[-1] + 1.2)
    for number, (row, place) in enumerate(zip(rows, at, strict=True)):
        axes.plot([row.value], [place], marker=row.marker, markersize=4, color=row.colour,
                  markerfacecolor="white" if row.open else row.colour, markeredgewidth=0.9 if row.open else 0,
                  clip_on=False, zorder=4, gid=f"point {row.name}")  # fmt: skip
        y = box.y1 - (place + 0.6) * per_line - size * 0.33
        weight = "semibold" if row.bold else "normal"
        style.at(sheet.figure, box.x0 - 4, y, row.label, size=size, ha="right", weight=weight, gid=f"label{number}")
        style.at(sheet.figure, right, y, row.beside, size=size, ha="right", color=style.GREY)
        if row.group and (number == 0 or row.group != rows[number - 1].group):
            style.at(sheet.figure, 2 * style.POINTS, y, row.group, size=size, weight="semibold")
    return axes


def stems(axes: Any, rows: Sequence[Row]) -> None:
    """Draw thin lines from the axis to the marks, for values that begin at the left end of the scale."""
    start = axes.get_xlim()[0]
    for row, place in zip(rows, places(rows), strict=True):
        axes.plot([start, row.value], [place, place], color=style.RULE, linewidth=0.5, zorder=1)
