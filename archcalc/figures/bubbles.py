"""Marks of networks in a plane of accuracy and cost: bubbles with an area for parameters, or plain marks.

Marks of the recipe that is compared are filled, others open; a small mark in a bubble tells its family without colours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.figures import labels, style
from archcalc.figures.points import PlottedPoint

KEY = (5e6, 25e6, 125e6)
"""Parameters of the bubbles in the key."""
TYPE = style.PRINT + 0.4
GAP = 2.0


class Spot(NamedTuple):
    """A point in the axes: its place, radius in points of the figure, colour and marker."""

    point: PlottedPoint
    x: float
    y: float
    radius: float
    colour: str
    marker: str


def radius(params: float, narrow: bool) -> float:
    """The radius of a bubble in points: its area is proportional to parameters."""
    return (0.78 if narrow else 1.2) * math.sqrt(params / 1e6)


def bubbles(axes: Any, spots: Sequence[Spot]) -> None:
    """Draw bubbles, filled if their recipe is compared, with the mark of the family in the middle."""
    for each in spots:
        axes.plot(
            [each.x],
            [each.y],
            marker="o",
            markersize=2 * each.radius,
            markerfacecolor=(each.colour, 0.38 if each.point.main else 0.0),
            markeredgecolor=style.INK if each.point.marked else each.colour,
            markeredgewidth=1.3 if each.point.marked else 0.6 if each.point.main else 0.9,
            linestyle="none",
            clip_on=False,
            zorder=4,
            gid=f"point {each.point.name}",
        )
    for look in dict.fromkeys((each.colour, each.marker) for each in spots):
        own = [each for each in spots if (each.colour, each.marker) == look]
        sizes = [min(max(1.2 * each.radius, 1.8), 3.6) ** 2 for each in own]
        axes.scatter([each.x for each in own], [each.y for each in own], s=sizes, marker=look[1], color=look[0],
                     linewidths=0, clip_on=False, zorder=4.1, gid=f"centres {own[0].point.family}")  # fmt: skip


def plain(axes: Any, spots: Sequence[Spot]) -> None:
    """Draw marks, filled if their recipe is compared."""
    for each in spots:
        point = each.point
        axes.plot(
            [each.x],
            [each.y],
            marker=each.marker,
            markersize=2 * each.radius,
            markerfacecolor=each.colour if point.main else "white",
            markeredgecolor=style.INK if point.marked else "white" if point.main else each.colour,
            markeredgewidth=1.2 if point.marked else 0.4 if point.main else 0.9,
            linestyle="none",
            clip_on=False,
            zorder=4,
            gid=f"point {point.name}",
        )


def key_corner(axes: Any, marks: Sequence[labels.Mark], narrow: bool) -> labels.Box:
    """The corner of the axes with most room for a key of three bubbles."""
    total = max(sum(_widths(narrow)), style.text_width("parameters", TYPE))
    height = 2 * radius(KEY[-1], narrow) + TYPE * 1.5
    box = axes.get_window_extent()
    corners = [
        (left, bottom, left + total, bottom + height)
        for left in (box.x1 - total - 2, box.x0 + 5)
        for bottom in (box.y0 + 4, box.y1 - height - 2)
    ]
    return max(corners, key=lambda corner: min(_distance(corner, mark) for mark in marks))


def _widths(narrow: bool) -> list[float]:
    return [2 * radius(params, narrow) + GAP + style.text_width(_words(params), TYPE) + 5 for params in KEY]


def _words(params: float) -> str:
    return f"{params / 1e6:g} M"


def draw_key(figure: Any, corner: labels.Box, narrow: bool) -> None:
    """Draw the key of bubbles in its corner."""
    from matplotlib.lines import Line2D

    left, bottom = corner[:2]
    largest = radius(KEY[-1], narrow)
    style.at(figure, left, bottom + 2 * largest + TYPE * 0.45, "parameters", size=TYPE, color=style.GREY)
    for params, wide in zip(KEY, _widths(narrow), strict=True):
        r, y = radius(params, narrow), bottom + largest
        circle = Line2D([(left + r) / 72], [y / 72], transform=figure.dpi_scale_trans, marker="o", markersize=2 * r)
        circle.set(linestyle="none", markerfacecolor="none", markeredgecolor=style.GREY, markeredgewidth=0.6)
        figure.add_artist(circle)
        style.at(figure, left + 2 * r + GAP, y - TYPE * 0.33, _words(params), size=TYPE, color=style.GREY)
        left += wide


def _distance(box: labels.Box, mark: labels.Mark) -> float:
    across = max(box[0] - mark.x, 0, mark.x - box[2])
    up = max(box[1] - mark.y, 0, mark.y - box[3])
    return math.hypot(across, up) - mark.radius
