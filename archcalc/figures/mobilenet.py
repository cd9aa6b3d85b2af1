"""MobileNet's plane of width multiplier and input resolution: Howard et al. 2017, arXiv:1704.04861, sections 3.3, 3.4.

The sixteen trained networks with their top-1 accuracy, the area of a bubble proportional to mult-adds, over lines of
equal mult-adds. The lines go through counts at resolutions that are multiples of 32 and widths with whole numbers of
channels, where nothing is rounded; in between, counts rise in steps, which the plot of sizes shows.
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
WIDTHS = tuple(number / 32 for number in range(5, 37))
SIZES = tuple(range(96, 257, 32))
LIMITS = (0.175, 1.1), (102, 248)
"""The ends of the axes of widths and of resolutions."""
FINE = 8
"""The points of a line between two of the grid."""
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
    note = (
        f"Bubbles: top-1 accuracy (%), area proportional to {data.axis.noun}. Lines: equal {data.axis.noun}, through "
        "multiples of 32 pixels and whole numbers of channels, where nothing is rounded."
    )
    sheet = style.Sheet(
        "MobileNet: accuracy and cost over width and resolution",
        width,
        78 if narrow else 96,
        [data.note, data.axis.checked_note, style.origin(note)],
    )
    axes = sheet.axes(12, 8.5, 3)
    axes.set_xlim(*LIMITS[0])
    axes.set_ylim(*LIMITS[1])
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
            markerfacecolor=style.tint(style.COLOURS[0]),
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
    """Draw lines of equal counts, labelled where they leave the axes."""
    import numpy as library

    numpy: Any = library
    counts: Any = numpy.array(data.counts, dtype=float).T
    widths = numpy.linspace(WIDTHS[0], WIDTHS[-1], FINE * (len(WIDTHS) - 1) + 1)
    sizes = numpy.linspace(SIZES[0], SIZES[-1], FINE * 4 * (len(SIZES) - 1) + 1)
    # the square root of a count is nearly linear in the width and in the resolution
    across: Any = numpy.array([numpy.interp(widths, WIDTHS, line) for line in numpy.sqrt(counts)])
    roots: Any = numpy.array([numpy.interp(sizes, SIZES, column) for column in across.T]).T
    left, right, bottom, top = (int(numpy.abs(ends - at).argmin()) for ends, at in zip(
        (widths, widths, sizes, sizes), (*LIMITS[0], *LIMITS[1]), strict=True
    ))  # fmt: skip
    largest = max(each.counted for _, _, each in data.points)
    scale = largest / 568_740_352
    levels = [level * scale if scale > 1.5 else level for level in LEVELS]
    levels = [_round(level) for level in levels if roots[bottom][left] ** 2 < level < roots[top][right] ** 2]
    axes.contour(widths, sizes, roots**2, levels=levels, colors=style.GREY, linewidths=0.5, linestyles="solid")
    box = axes.get_window_extent()
    taken = box.x0 - 3
    noun = data.axis.noun.partition(" ")[0]
    style.at(figure, taken, box.y1 + 2, noun, size=style.PRINT, color=style.GREY, ha="right", gid="label lines")
    for level in levels:
        said: dict[str, Any] = {
            "text": f"{level / 1e6:g} M",
            "size": style.PRINT,
            "color": style.GREY,
            "gid": "label line",
        }
        x = float(numpy.interp(level, roots[top] ** 2, widths))
        px = float(axes.transData.transform((x, LIMITS[1][1]))[0])
        half = style.text_width(said["text"], style.PRINT) / 2
        if LIMITS[0][0] < x < LIMITS[0][1] and px - half > taken:
            style.at(figure, px, box.y1 + 2, ha="center", **said)
            taken = px + half + 2
        y = float(numpy.interp(level, roots[:, right] ** 2, sizes))
        py = float(axes.transData.transform((LIMITS[0][1], y))[1])
        if LIMITS[1][0] < y < LIMITS[1][1] and py < box.y1 - style.PRINT:
            style.at(figure, box.x1 + 2, py - style.PRINT * 0.33, **said)
        x = float(numpy.interp(level, roots[bottom] ** 2, widths))
        px = float(axes.transData.transform((x, LIMITS[1][0]))[0])
        if LIMITS[0][0] < x and px + 2 * half + 4 < box.x1:
            style.at(figure, px + 2, box.y0 + 2.5, bbox=GROUND, **said)


def _round(level: float) -> float:
    return float(f"{level:.1g}")
