"""MobileNet's plane of width multiplier and input resolution: Howard et al. 2017, arXiv:1704.04861, sections 3.3, 3.4.

The sixteen trained networks with their top-1 accuracy, the area of a bubble proportional to mult-adds, over lines of
equal mult-adds. The lines are computed on a fine grid of widths, all resolutions at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc import zoo
from archcalc.algebra.arrays import along, stretched
from archcalc.figures import Plot, style
from archcalc.figures.counting import CostAxis, axis_of, require
from archcalc.figures.points import PlottedPoint, choose, data_note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RECIPE = "mobilenet_authors"
WIDTHS = tuple(number / 40 for number in range(7, 45))
SIZES = tuple(range(100, 252, 4))
GROUND = {"boxstyle": "square,pad=0", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
"""White outlines that keep lines of equal cost out of the letters of labels."""
LEVELS = (10e6, 20e6, 50e6, 100e6, 200e6, 400e6, 600e6)


class MobileNetPlane(NamedTuple):
    """The trained networks, and counts of networks between them: `counts[width][size]`."""

    points: tuple[tuple[float, int, PlottedPoint], ...]
    counts: tuple[tuple[int, ...], ...]
    axis: CostAxis
    note: str


def gather(request: Plot) -> MobileNetPlane:
    """The sixteen networks of the authors' table and the grid of counts around them."""
    axis = axis_of(request.convention)
    names = [name for name in zoo.names() if zoo.network(name).file == "mobilenet_v1" and name.count("_") == 3]
    chosen = choose(request._replace(names=tuple(names), recipe=request.recipe or (RECIPE,)), axis)
    points: list[tuple[float, int, PlottedPoint]] = []
    for each in chosen.points:
        width, size = each.name.removeprefix("mobilenet_v1_").split("_")
        points.append((float(width), int(size), each))
    return MobileNetPlane(tuple(points), tuple([_counts(width, axis) for width in WIDTHS]), axis, data_note(chosen))


def _counts(width: float, axis: CostAxis) -> tuple[int, ...]:
    """Counts of MobileNet of this width at all sizes."""
    from archcalc.conventions.counting import total
    from archcalc.conventions.measures import Measures

    network = zoo.network("mobilenet_v1_1.0_224")
    sides = along(SIZES)
    graph = network.graph((3, sides, sides), network.settled({"width": width}))
    measures = Measures(graph)
    require(measures, axis.convention)
    return tuple(int(each) for each in stretched(total(measures, axis.convention), sides.shape))


def records(data: MobileNetPlane) -> list[dict[str, object]]:
    """The trained networks as flat dictionaries."""
    return [
        {
            "architecture": each.name,
            "width_multiplier": width,
            "resolution": size,
            "top1_percent": each.top1,
            "params": each.params,
            "count": each.counted,
            "convention": data.axis.convention.name,
            "source": each.source,
        }
        for width, size, each in data.points
    ]


def draw(data: MobileNetPlane, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide."""
    narrow = width < 120
    note = f"Bubbles: top-1 accuracy (%), area proportional to {data.axis.noun}. Lines: equal {data.axis.noun}."
    sheet = style.Sheet(
        "MobileNet: accuracy and cost over width and resolution",
        width,
        78 if narrow else 96,
        [data.note, data.axis.note, style.origin(note)],
    )
    axes = sheet.axes(12, 4, 2)
    axes.set_xlim(WIDTHS[0], WIDTHS[-1])
    axes.set_ylim(SIZES[0], SIZES[-1])
    axes.set_xticks([0.25, 0.5, 0.75, 1.0], ["0.25", "0.5", "0.75", "1"])
    sizes = sorted({size for _, size, _ in data.points})
    axes.set_yticks(sizes, [str(size) for size in sizes])
    axes.set_xlabel("width multiplier \u03b1")
    axes.set_ylabel("input resolution (pixels)")
    _lines(sheet.figure, axes, data)
    largest = max(each.counted for _, _, each in data.points)
    for alpha, size, each in data.points:
        radius = (11.0 if narrow else 15.0) * math.sqrt(each.counted / largest)
        axes.plot(
            [alpha],
            [size],
            marker="o",
            markersize=2 * radius,
            markerfacecolor="#b3d5e8",
            markeredgecolor=style.COLOURS[0],
            markeredgewidth=0.6,
            clip_on=False,
            gid=f"point {each.name}",
        )
        x, y = (float(part) for part in axes.transData.transform((alpha, size)))
        inside = 2 * radius > style.text_width("88.8", style.NOTE) + 1
        below = y - style.NOTE * 0.33 if inside else y - radius - style.NOTE * 0.95
        ground = None if inside else GROUND
        gid = f"label {each.name}"
        style.at(sheet.figure, x, below, f"{each.top1:.1f}", size=style.NOTE, ha="center", gid=gid, bbox=ground)
    return sheet.figure


def _lines(figure: Figure, axes: Any, data: MobileNetPlane) -> None:
    """Draw lines of equal counts, labelled at their upper ends."""
    import numpy

    grid = numpy.array(data.counts, dtype=float).T
    largest = max(each.counted for _, _, each in data.points)
    scale = largest / 568_740_352
    levels = [level * scale if scale > 1.5 else level for level in LEVELS]
    levels = [_round(level) for level in levels if grid[-1][0] < level < grid[-1][-1]]
    axes.contour(WIDTHS, SIZES, grid, levels=levels, colors=style.GREY, linewidths=0.5, linestyles="solid")
    for level in levels:
        x = float(numpy.interp(level, grid[-1], WIDTHS))
        px, py = (float(part) for part in axes.transData.transform((x, SIZES[-1])))
        style.at(figure, px, py + 2, f"{level / 1e6:g} M", size=style.PRINT, color=style.GREY, ha="center")


def _round(level: float) -> float:
    return float(f"{level:.1g}")
