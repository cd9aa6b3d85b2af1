"""Accuracy against cost, in the manner of Canziani, Paszke & Culurciello 2017, arXiv:1605.07678, Figure 2.

The horizontal axis is logarithmic and shows mult-adds, the predicted time on a device, memory, activations, or the
receptive field (Araujo et al. 2019, Distill), with bubbles whose area is proportional to parameters, or shows
parameters, with plain marks. One module serves all of these: a kind differs from another by its axis only. By default
all points have one training recipe, so that networks are compared and not their training; the Pareto front is marked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, labels, style
from archcalc.figures.counting import CostAxis, activations_axis, axis_of, field_axis, memory_axis, time_axis
from archcalc.figures.points import (
    DATA_SETS,
    ChosenPoints,
    PlottedPoint,
    choose,
    data_note,
    families,
    family_lines,
    front,
)
from archcalc.figures.points import records as point_records

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TIMES = ((1e9, "s "), (1e6, "ms "), (1e3, "us "), (1.0, "ns "))
UNITS = ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "), (1.0, ""))
BATCH = 256
"""Images at once of a time, if the request says nothing: as many as most measured tables have."""
STEP = 32
"""Images of a training step, if the request says nothing."""
KEY = (5e6, 25e6, 125e6)
"""Parameters of the bubbles in the key."""


class Tradeoff(NamedTuple):
    """The data of the plot: points, the axis of costs, and whether points are bubbles with an area for parameters."""

    chosen: ChosenPoints
    axis: CostAxis
    bubbles: bool
    placeless: tuple[str, ...] = ()
    """Labels of networks that have no place on the axis."""


def gather(request: Plot) -> Tradeoff:
    """The points of the request's recipe. Raises ArchcalcError for an invalid request before any work."""
    axis = _axis(request)
    chosen = choose(request, axis)
    placed = tuple([each for each in chosen.points if each.counted])
    placeless = tuple(dict.fromkeys([each.label for each in chosen.points if not each.counted]))
    if not placed and axis.computed is not None:
        raise ArchcalcError(f"no {axis.noun} of {', '.join(placeless)}: {axis.computed.none}")
    return Tradeoff(chosen._replace(points=placed), axis, request.kind != "accuracy-params", placeless)


def _axis(request: Plot) -> CostAxis:
    """The horizontal axis of a kind. Raises ArchcalcError for options that do not fit."""
    if request.kind == "accuracy-latency":
        if not request.device or (not isinstance(request.device, str) and len(request.device) > 1):
            raise ArchcalcError("the plot accuracy-latency takes one --device, such as rtx-4090", about="device")
        device = request.device if isinstance(request.device, str) else request.device[0]
        return time_axis(device, request.batch or BATCH, request.precision or "float32")
    if request.kind in ("accuracy-memory", "accuracy-training"):
        trains = request.kind == "accuracy-training"
        batch = request.batch or (STEP if trains else 1)
        return memory_axis(batch, request.precision or "float32", trains=trains)
    own = {"accuracy-activations": activations_axis, "accuracy-field": field_axis}
    if request.kind in own:
        return own[request.kind]()
    return axis_of(request.convention, "parameters" if request.kind == "accuracy-params" else "work")


def records(data: Tradeoff) -> list[dict[str, object]]:
    """The plotted points as flat dictionaries."""
    lines = point_records(data.chosen, data.axis)
    return lines if data.axis.is_cost else [{k: v for k, v in each.items() if k != "pareto_front"} for each in lines]


def unit_of(largest: float, units: Sequence[tuple[float, str]] = UNITS) -> tuple[float, str]:
    """The unit in which counts up to `largest` read well, and its word."""
    return next((size, word) for size, word in units if largest >= size or size == 1.0)


def draw(data: Tradeoff, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide; points without room for a label are named below it."""
    figure, missing = _draw(data, width, "")
    return _draw(data, width, labels.note(missing))[0] if missing else figure


def _draw(data: Tradeoff, width: float, note: str) -> tuple[Figure, list[str]]:
    """The figure with a note in its small print, and the points without a label."""
    chosen = data.chosen.points
    narrow = width < 120
    noun = data.axis.noun
    where = DATA_SETS.get(data.chosen.dataset, data.chosen.dataset)
    computed = data.axis.computed
    units = computed.units if computed else TIMES if data.axis.timed else UNITS
    size, word = unit_of(sorted(each.counted for each in chosen)[len(chosen) // 2], units)
    front_note = "Dashed: Pareto front." if len(chosen) > 1 and data.axis.is_cost else ""
    without = f"Not drawn: {', '.join(data.placeless)}; {computed.none}." if computed and data.placeless else ""
    notes = [front_note, "Area of a bubble: parameters." if data.bubbles else "", without, note]
    sheet = style.Sheet(
        f"{where} top-1 accuracy against {noun}",
        width,
        80 if narrow else 100,
        [data_note(data.chosen), data.axis.note, style.origin(*filter(None, notes))],
    )
    axes = sheet.axes(11, 2.5, 1)
    axes.set_xlabel(f"{noun} ({word.strip()})" if word else noun)
    axes.set_ylabel("top-1 accuracy (%)")
    _limits(axes, chosen, size, data.bubbles)
    style.grid(axes, "both")
    return sheet.figure, _marks(sheet.figure, axes, data, size, narrow)


def _limits(axes: Any, chosen: Sequence[PlottedPoint], size: float, bubbles: bool) -> None:
    counts = [each.counted / size for each in chosen]
    room = 1.45 if bubbles else 1.3
    style.scale_axis(axes.xaxis, min(counts) / room, max(counts) * room * 1.08, log=True)
    tops = [each.top1 for each in chosen]
    spread = max(max(tops) - min(tops), 2.0)
    style.scale_axis(axes.yaxis, max(0.0, min(tops) - 0.12 * spread), min(100.0, max(tops) + 0.12 * spread))


def _radius(params: float, narrow: bool) -> float:
    """The radius of a bubble in points: its area is proportional to parameters."""
    return (0.78 if narrow else 1.2) * math.sqrt(params / 1e6)


def _marks(figure: Figure, axes: Any, data: Tradeoff, size: float, narrow: bool) -> list[str]:
    """Draw bubbles or marks, lines and labels; return the points without room for a label."""
    chosen = sorted(data.chosen.points, key=lambda each: (-each.params, each.name, each.top1))
    look = families(chosen)
    best = front(chosen, lambda each: each.counted) if data.axis.is_cost else []
    marks: list[labels.Mark] = []
    lines: list[labels.Segment] = []
    for group in family_lines(chosen):
        lines += _joined(axes, group, size, look[group[0].family][0])
    if len(best) > 1:
        lines += _front(axes, best, size)
    for each in chosen:
        colour, marker = look[each.family]
        radius = _radius(each.params, narrow) if data.bubbles else 2.1 if narrow else 2.6
        axes.plot(
            [each.counted / size],
            [each.top1],
            marker="o" if data.bubbles else marker,
            markersize=2 * radius,
            markerfacecolor=(colour, 0.42) if data.bubbles else colour,
            markeredgecolor=colour if data.bubbles else "white",
            markeredgewidth=0.6 if data.bubbles else 0.4,
            linestyle="none",
            clip_on=False,
            zorder=4,
            gid=f"point {each.name}",
        )
        x, y = axes.transData.transform((each.counted / size, each.top1))
        marks.append(labels.Mark(float(x), float(y), float(radius), each.label))
    taken = [_key(figure, axes, marks, narrow)] if data.bubbles else []
    order = sorted(range(len(chosen)), key=lambda i: (chosen[i] not in best, -marks[i].radius, chosen[i].name))
    box = axes.get_window_extent()
    bounds = (box.x0 + 1, box.y0 + 1, figure.bbox.width - 3, box.y1 + 2)
    size_of_type = style.NOTE - (0.6 if narrow else 0)
    placed = labels.place([marks[i] for i in order], bounds, size_of_type, taken, lines)
    labels.draw(axes, placed, size_of_type)
    return [marks[i].text for i, label in zip(order, placed, strict=True) if label is None]


def _joined(axes: Any, group: Sequence[PlottedPoint], size: float, colour: str) -> list[labels.Segment]:
    xs, ys = [each.counted / size for each in group], [each.top1 for each in group]
    axes.plot(xs, ys, color=colour, linewidth=0.7, alpha=0.65, zorder=2, gid=f"family {group[0].name}")
    return segments(axes, xs, ys)


def _front(axes: Any, best: Sequence[PlottedPoint], size: float) -> list[labels.Segment]:
    xs, ys = [each.counted / size for each in best], [each.top1 for each in best]
    axes.step(xs, ys, where="post", color="#8a8a8a", linewidth=0.6, linestyle=style.DASHES[1], zorder=1.9, gid="front")
    corners = [(x, y) for i, x in enumerate(xs) for y in ((ys[i - 1], ys[i]) if i else (ys[i],))]
    return segments(axes, [x for x, _ in corners], [y for _, y in corners])


def segments(axes: Any, xs: Sequence[float], ys: Sequence[float]) -> list[labels.Segment]:
    """A line through data points, piece by piece, in points of the figure."""
    places = axes.transData.transform(list(zip(xs, ys, strict=True)))
    return [(float(a[0]), float(a[1]), float(b[0]), float(b[1])) for a, b in pairwise(places)]


def _key(figure: Figure, axes: Any, marks: Sequence[labels.Mark], narrow: bool) -> labels.Box:
    """Draw a key of three bubbles in the corner of the axes with most room; return its box."""
    from matplotlib.lines import Line2D

    radii = [_radius(params, narrow) for params in KEY]
    texts = [f"{params / 1e6:g} M" for params in KEY]
    size, gap = style.PRINT + 0.4, 2.0
    widths = [2 * r + gap + style.text_width(text, size) + 5 for r, text in zip(radii, texts, strict=True)]
    heading = "parameters"
    total, height = max(sum(widths), style.text_width(heading, size)), 2 * radii[-1] + size * 1.5
    box = axes.get_window_extent()
    corners = [
        (left, bottom, left + total, bottom + height)
        for left in (box.x1 - total - 2, box.x0 + 5)
        for bottom in (box.y0 + 4, box.y1 - height - 2)
    ]
    chosen = max(corners, key=lambda corner: min(_distance(corner, mark) for mark in marks))
    left, bottom = chosen[:2]
    transform = figure.dpi_scale_trans
    for r, text, wide in zip(radii, texts, widths, strict=True):
        y = bottom + radii[-1]
        circle = Line2D(
            [(left + r) / 72], [y / 72], transform=transform, marker="o", markersize=2 * r, linestyle="none"
        )
        circle.set(markerfacecolor="none", markeredgecolor=style.GREY, markeredgewidth=0.6)
        figure.add_artist(circle)
        style.at(figure, left + 2 * r + gap, y - size * 0.33, text, size=size, color=style.GREY)
        left += wide
    style.at(figure, chosen[0], bottom + 2 * radii[-1] + size * 0.45, heading, size=size, color=style.GREY)
    return chosen


def _distance(box: labels.Box, mark: labels.Mark) -> float:
    across = max(box[0] - mark.x, 0, mark.x - box[2])
    up = max(box[1] - mark.y, 0, mark.y - box[3])
    return math.hypot(across, up) - mark.radius
