"""Stages of a network along a horizontal axis whose units are layers or calls: their spans and their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archcalc.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    """True if the names of stages are too long to stand side by side in `width` points."""
    per_layer = width / layers
    wide = [(last - first + 1) * per_layer >= style.text_width(name, style.NOTE) + 3 for name, first, last in names]
    return sum(wide) < 0.75 * len(names) and not (len(names) > 3 and _mostly(names, wide))


def room(names: Sequence[Span], turned: bool) -> float:
    """The millimetres that names need below the axes."""
    longest = max([style.text_width(name, style.NOTE) for name, _, _ in names]) / style.POINTS
    return longest + 3 if turned else 6.5


def _mostly(names: Sequence[Span], wide: Sequence[bool]) -> bool:
    """True if the stages whose names fit have nine layers of ten."""
    held = sum(last - first + 1 for (_, first, last), fits in zip(names, wide, strict=True) if fits)
    return held >= 0.9 * sum(last - first + 1 for _, first, last in names)


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
        if turned and x - style.NOTE * 0.55 >= taken:
            text = style.at(figure, x, box.y0 - 4, name, size=style.NOTE, ha="center", gid=f"stage {name}")
            text.set(rotation=90, va="top", rotation_mode="default")
            taken = x + style.NOTE * 0.55
        elif not turned and (last - first + 1) * box.width / (axes.get_xlim()[1] - axes.get_xlim()[0]) >= wide + 1:
            style.at(figure, x, box.y0 - style.NOTE - 2, name, size=style.NOTE, ha="center", gid=f"stage {name}")
