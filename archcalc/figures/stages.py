"""Stages of a network along a horizontal axis whose units are layers or calls: their spans and their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archcalc.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TURNED = style.NOTE * 0.55
"""Half of the points that a turned name takes."""
BANDS = "Grey and white grounds: stages, of layers whose names begin alike."
"""A sentence for the small print on the grounds."""

Span = tuple[str, int, int]
"""A stage with the indices of its first and last layer."""


def stage_of(row: str) -> str:
    """The stage that a row belongs to: layer1 for layer1.0.conv2, conv3 for conv3_1."""
    first = row.partition(".")[0]
    return re.sub(r"(\d)[_a-z]+\w*$", r"\1", first) if "." not in row else first


def spans(stages: Sequence[str]) -> list[Span]:
    """The runs of equal stages, in order."""
    found: list[Span] = []
    for index, each in enumerate(stages):
        if found and found[-1][0] == each:
            found[-1] = (each, found[-1][1], index)
        else:
            found.append((each, index, index))
    return found


def rotated(names: Sequence[Span], layers: int, width: float) -> bool:
    """True if more names of stages have room in `width` points if they are turned than if they stand side by side."""
    per_layer = width / layers
    wide = [(last - first + 1) * per_layer >= style.text_width(name, style.NOTE) + 3 for name, first, last in names]
    taken, turned = 0.0, 0
    for _, first, last in names:
        middle = ((first + last) / 2 + 0.7) * per_layer
        if middle - TURNED >= taken:
            turned, taken = turned + 1, middle + TURNED
    return turned > sum(wide)


def room(names: Sequence[Span], turned: bool) -> float:
    """The millimetres that names need below the axes."""
    longest = max([style.text_width(name, style.NOTE) for name, _, _ in names]) / style.POINTS
    return longest + 3 if turned else 6.5


def bands(axes: Any, names: Sequence[Span]) -> None:
    """Draw every other stage on a grey ground."""
    for number, (_, first, last) in enumerate(names):
        if number % 2:
            axes.axvspan(first - 0.5, last + 0.5, color="#f2f2f2", linewidth=0, zorder=0)


def write(figure: Figure, axes: Any, names: Sequence[Span], turned: bool) -> None:
    """Write names below the axes: rotated, or only those that fit."""
    box = axes.get_window_extent()
    taken = 0.0
    for name, first, last in names:
        x = float(axes.transData.transform(((first + last) / 2, 0))[0])
        wide = style.text_width(name, style.NOTE)
        if turned and x - TURNED >= taken:
            text = style.at(figure, x, box.y0 - 4, name, size=style.NOTE, ha="center", gid=f"stage {name}")
            text.set(rotation=90, va="top", rotation_mode="default")
            taken = x + TURNED
        elif not turned and (last - first + 1) * box.width / (axes.get_xlim()[1] - axes.get_xlim()[0]) >= wide + 1:
            style.at(figure, x, box.y0 - style.NOTE - 2, name, size=style.NOTE, ha="center", gid=f"stage {name}")
