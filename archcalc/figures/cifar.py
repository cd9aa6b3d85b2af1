"""Error on CIFAR-10 and CIFAR-100 against mult-adds: residual, wide and dense networks, a line for each family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, labels, style
from archcalc.figures.counting import CostAxis, axis_of
from archcalc.figures.points import (
    DATA_SETS,
    ChosenPoints,
    PlottedPoint,
    choose,
    data_note,
    families,
    family_lines,
    recipe_title,
)
from archcalc.figures.points import records as point_records
from archcalc.figures.tradeoff import segments, unit_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FAMILIES = ("resnet", "preresnet", "densenet", "wrn")
"""Families drawn by default."""


class Cifar(NamedTuple):
    """The points on each data set."""

    panels: tuple[ChosenPoints, ...]
    axis: CostAxis


def gather(request: Plot) -> Cifar:
    """The points of one recipe on both data sets, or on the requested one."""
    if request.dataset not in (None, "cifar10", "cifar100"):
        raise ArchcalcError(f"this plot is of cifar10 and cifar100, not of {request.dataset}")
    axis = axis_of(request.convention)
    sets = ("cifar10", "cifar100") if request.dataset is None else (request.dataset,)
    panels = [choose(request._replace(dataset=each), axis) for each in sets]
    if not request.names:
        panels = [
            each._replace(points=tuple([point for point in each.points if point.family in FAMILIES])) for each in panels
        ]
    if not all(each.points for each in panels):
        raise ArchcalcError(f"no residual or dense network by {', '.join(request.recipe)}; name networks to see others")
    return Cifar(tuple(panels), axis)


def records(data: Cifar) -> list[dict[str, object]]:
    """The points as flat dictionaries."""
    return [
        {**line, "error_percent": round(100 - each.top1, 4)}
        for panel in data.panels
        for line, each in zip(point_records(panel, data.axis), panel.points, strict=True)
    ]


def draw(data: Cifar, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide: panels above each other in a column, side by side on a page."""
    figure, missing = _draw(data, width, "")
    return _draw(data, width, labels.note(missing))[0] if missing else figure


def _draw(data: Cifar, width: float, note: str) -> tuple[Figure, list[str]]:
    panels = data.panels
    stacked = width < 120 and len(panels) > 1
    names = " and ".join(DATA_SETS[each.dataset] for each in panels)
    body = 58.0 * len(panels) if stacked else 72.0
    every = [point for panel in panels for point in panel.points]
    uncounted = dict.fromkeys([each for panel in panels for each in panel.uncounted])
    together = next(iter(panels))._replace(points=tuple(every), uncounted=tuple(uncounted))
    title = f"Error on {names} against {data.axis.noun}: {recipe_title(together)}"
    small_print = [data_note(together), data.axis.checked_note, style.origin(note)]
    sheet = style.Sheet(title, width, body, small_print)
    look = families(every)
    missing: list[str] = []
    each_width = width if stacked else width / len(panels)
    for number, panel in enumerate(panels):
        left = 10 if stacked else 10 + each_width * number
        right = 2.5 if stacked else width - each_width * (number + 1) + 2.5
        top = 58.0 * number + 2 if stacked else 2.0
        bottom = 58.0 * (len(panels) - 1 - number) + 9 if stacked else 9.0
        axes = sheet.axes(left, right, top, bottom)
        missing += _panel(axes, panel, data.axis, look, narrow=each_width < 120)
    return sheet.figure, missing


def _panel(axes: Any, panel: ChosenPoints, axis: CostAxis, look: dict[str, tuple[str, str]], narrow: bool) -> list[str]:
    chosen = panel.points
    size, word = unit_of(sorted(each.counted for each in chosen)[len(chosen) // 2])
    counts, errors = [each.counted / size for each in chosen], [100 - each.top1 for each in chosen]
    style.scale_axis(axes.xaxis, min(counts) / 1.6, max(counts) * 1.6, log=True)
    room = 0.12 * max(max(errors) - min(errors), 1.0)
    style.scale_axis(axes.yaxis, max(0.0, min(errors) - room), max(errors) + room)
    axes.set_xlabel(f"{axis.noun} ({word.strip()})" if word else axis.noun)
    axes.set_ylabel(f"{DATA_SETS[panel.dataset]} error (%)")
    style.grid(axes, "both")
    lines: list[labels.Segment] = []
    for group in family_lines(chosen):
        xs, ys = [each.counted / size for each in group], [100 - each.top1 for each in group]
        axes.plot(xs, ys, color=look[group[0].family][0], linewidth=0.8, zorder=2, gid=f"family {group[0].name}")
        lines += segments(axes, xs, ys)
    marks: list[labels.Mark] = []
    for each, x, y in zip(chosen, counts, errors, strict=True):
        colour, marker = look[each.family]
        face, edge, thick = (colour, "white", 0.4) if each.main else ("white", colour, 0.9)
        axes.plot([x], [y], marker=marker, markersize=4.2, markerfacecolor=face, markeredgecolor=edge,
                  markeredgewidth=thick, linestyle="none", zorder=4, gid=f"point {each.name}")  # fmt: skip
        px, py = axes.transData.transform((x, y))
        marks.append(labels.Mark(float(px), float(py), 2.1, each.label))
    return _labels(axes, chosen, marks, lines, narrow)


def _labels(
    axes: Any,
    chosen: Sequence[PlottedPoint],
    marks: Sequence[labels.Mark],
    lines: Sequence[labels.Segment],
    narrow: bool,
) -> list[str]:
    order = sorted(range(len(marks)), key=lambda i: (-chosen[i].top1, chosen[i].name))
    box = axes.get_window_extent()
    size = style.NOTE - (0.6 if narrow else 0)
    bounds = (box.x0 + 1, box.y0 + 1, box.x1 + 2 * style.POINTS, box.y1 + 3)
    placed = labels.place([marks[i] for i in order], bounds, size, (), lines)
    labels.draw(axes, placed, size)
    return [marks[i].text for i, label in zip(order, placed, strict=True) if label is None]
