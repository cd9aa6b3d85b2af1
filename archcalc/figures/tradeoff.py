"""Accuracy against cost, in the manner of Canziani, Paszke & Culurciello 2017, arXiv:1605.07678, Figure 2.

The horizontal axis is logarithmic and shows mult-adds, the predicted time on a device, memory, activations, or the
receptive field (Araujo et al. 2019, Distill), with bubbles whose area is proportional to parameters, or shows
parameters, with plain marks. One module serves all of these: a kind differs from another by its axis only. Points of
one training recipe are filled, so that networks are compared and not their training, and their Pareto front is marked;
those of networks that it lacks are open.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, bubbles, keys, labels, style
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
    recipe_title,
)
from archcalc.figures.points import records as point_records
from archcalc.present.names import FAMILIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TIMES = ((1e9, "s "), (1e6, "ms "), (1e3, "us "), (1.0, "ns "))
UNITS = ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "), (1.0, ""))
BATCH = 256
"""Images at once of a time, if the request says nothing: as many as most measured tables have."""
STEP = 32
"""Images of a training step, if the request says nothing."""
NARROW = 120
"""The width in millimetres below which type and marks are smaller."""


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
    """The figure, `width` millimetres wide.

    Points without room for a label are named below it, and a key has their families.
    """
    sheet, axes, size = _sheet(data, width, "", ())
    plan = _plan(axes, data, size, width < NARROW)
    unnamed = {spot.point.family for spot, label in plan.labelled if label is None or label.text != spot.point.label}
    if unnamed:
        missing = labels.note([spot.point.label for spot, label in plan.labelled if label is None])
        keyed = [family for family in families(data.chosen.points) if family in unnamed]
        before = axes.get_window_extent().y0
        sheet, axes, size = _sheet(data, width, missing, keyed)
        plan = plan.moved(axes.get_window_extent().y0 - before)
    _paint(sheet.figure, axes, data, plan, size, width < NARROW)
    return sheet.figure


def _sheet(data: Tradeoff, width: float, note: str, keyed: Sequence[str]) -> tuple[style.Sheet, Any, float]:
    """The sheet with a note in its small print and a key of families, its axes, and the unit of the horizontal one."""
    chosen = data.chosen.points
    narrow = width < NARROW
    noun = data.axis.noun
    where = DATA_SETS.get(data.chosen.dataset, data.chosen.dataset)
    computed = data.axis.computed
    units = computed.units if computed else TIMES if data.axis.timed else UNITS
    size, word = unit_of(sorted(each.counted for each in chosen)[len(chosen) // 2], units)
    filled = "the filled marks" if any(not each.main for each in chosen) else "all"
    front_note = f"Dashed: Pareto front of {filled}." if len(_best(data)) > 1 else ""
    without = f"Not drawn: {', '.join(data.placeless)}; {computed.none}." if computed and data.placeless else ""
    notes = [front_note, "Area of a bubble: parameters." if data.bubbles else "", without, note]
    looks = {FAMILIES.get(name, name): look for name, look in families(chosen).items()}
    rows = keys.rows([FAMILIES.get(name, name) for name in keyed], width) if keyed else []
    sheet = style.Sheet(
        f"{where} top-1 accuracy against {noun}: {recipe_title(data.chosen)}",
        width,
        (80 if narrow else 100) + keys.PITCH * len(rows),
        [data_note(data.chosen), data.axis.checked_note, style.origin(*filter(None, notes))],
    )
    axes = sheet.axes(11, 2.5, 1 + keys.PITCH * len(rows))
    keys.draw_marks(sheet, rows, looks)
    axes.set_xlabel(f"{noun} ({word.strip()})" if word else noun)
    axes.set_ylabel("top-1 accuracy (%)")
    _limits(axes, chosen, size, data.bubbles)
    style.grid(axes, "both")
    return sheet, axes, size


def _limits(axes: Any, chosen: Sequence[PlottedPoint], size: float, bubbles: bool) -> None:
    counts = [each.counted / size for each in chosen]
    room = 1.45 if bubbles else 1.3
    style.scale_axis(axes.xaxis, min(counts) / room, max(counts) * room * 1.08, log=True)
    tops = [each.top1 for each in chosen]
    spread = max(max(tops) - min(tops), 2.0)
    style.scale_axis(axes.yaxis, max(0.0, min(tops) - 0.12 * spread), min(100.0, max(tops) + 0.12 * spread))


def _best(data: Tradeoff) -> list[PlottedPoint]:
    """The Pareto front of the points that are compared; none where less is no better."""
    return front(data.chosen.compared, lambda each: each.counted) if data.axis.is_cost else []


class MarkPlan(NamedTuple):
    """The places of marks and labels in points of the figure."""

    labelled: tuple[tuple[bubbles.Spot, labels.Placed | None], ...]
    """Each point with its label, if there is room for it."""
    key: labels.Box | None
    """The place of the key of bubbles."""

    def moved(self, up: float) -> MarkPlan:
        """The same in a figure with other small print, whose axes are higher by so much."""
        key = self.key and (self.key[0], self.key[1] + up, self.key[2], self.key[3] + up)
        return MarkPlan(tuple([(spot, label and labels.moved(label, up)) for spot, label in self.labelled]), key)


def _plan(axes: Any, data: Tradeoff, size: float, narrow: bool) -> MarkPlan:
    """Find the places of marks and labels: first those that are emphasised, on the front, or alone of their family."""
    chosen = data.chosen.points
    look = families(chosen)
    best = set(_best(data))
    short, lines = _short(chosen), _segments(axes, data, size)
    spots: list[bubbles.Spot] = []
    for each in chosen:
        radius = bubbles.radius(each.params, narrow) if data.bubbles else 2.1 if narrow else 2.6
        spots.append(bubbles.Spot(each, each.counted / size, each.top1, radius, *look[each.family]))
    spots.sort(key=lambda spot: (*_importance(spot.point, best, short), -spot.radius, spot.point.name))
    places = axes.transData.transform([(spot.x, spot.y) for spot in spots])
    marks = [
        labels.Mark(
            float(x), float(y), float(spot.radius), spot.point.label, short.get(spot.point, ""), spot.point.marked
        )
        for spot, (x, y) in zip(spots, places, strict=True)
    ]
    key = bubbles.key_corner(axes, marks, narrow) if data.bubbles else None
    box = axes.get_window_extent()
    bounds = (box.x0 + 1, box.y0 + 1, axes.figure.bbox.width - 3, box.y1 + 2)
    placed = labels.place(marks, bounds, _type(narrow), [key] if key else [], lines)
    return MarkPlan(tuple(zip(spots, placed, strict=True)), key)


def _importance(point: PlottedPoint, best: Container[PlottedPoint], short: Mapping[PlottedPoint, str]) -> list[bool]:
    """The order of labels: emphasised points, those on no line, the Pareto front, ends of lines, and the others."""
    return [not point.marked, point in short, point.main, point not in best, bool(short.get(point))]


def _short(chosen: Sequence[PlottedPoint]) -> dict[PlottedPoint, str]:
    """The short labels of the points on lines, empty at the ends of a line."""
    found: dict[PlottedPoint, str] = {}
    for group in family_lines(chosen):
        found |= dict(zip(group, labels.shortened([each.label for each in group]), strict=True))
    return found


def _segments(axes: Any, data: Tradeoff, size: float) -> list[labels.Segment]:
    """The lines that are drawn, piece by piece, in points of the figure."""
    best = _best(data)
    xs, ys = [each.counted / size for each in best], [each.top1 for each in best]
    corners = [(x, y) for i, x in enumerate(xs) for y in ((ys[i - 1], ys[i]) if i else (ys[i],))]
    found = segments(axes, [x for x, _ in corners], [y for _, y in corners]) if len(best) > 1 else []
    for group in family_lines(data.chosen.points):
        found += segments(axes, [each.counted / size for each in group], [each.top1 for each in group])
    return found


def _type(narrow: bool) -> float:
    return style.NOTE - (0.6 if narrow else 0)


def _paint(figure: Figure, axes: Any, data: Tradeoff, plan: MarkPlan, size: float, narrow: bool) -> None:
    """Draw lines, marks, labels and the key of bubbles at their places."""
    look = families(data.chosen.points)
    for group in family_lines(data.chosen.points):
        xs, ys = [each.counted / size for each in group], [each.top1 for each in group]
        colour = look[group[0].family][0]
        axes.plot(xs, ys, color=colour, linewidth=0.7, alpha=0.65, zorder=2, gid=f"family {group[0].name}")
    best = _best(data)
    if len(best) > 1:
        xs, ys = [each.counted / size for each in best], [each.top1 for each in best]
        axes.step(xs, ys, where="post", color="#8a8a8a", linewidth=0.6, linestyle=style.DASHES[1], zorder=1.9,
                  gid="front")  # fmt: skip
    spots = sorted([spot for spot, _ in plan.labelled], key=lambda spot: (-spot.radius, spot.point.name, spot.y))
    (bubbles.bubbles if data.bubbles else bubbles.plain)(axes, spots)
    if plan.key is not None:
        bubbles.draw_key(figure, plan.key, narrow)
    labels.draw(axes, [label for _, label in plan.labelled], _type(narrow))


def segments(axes: Any, xs: Sequence[float], ys: Sequence[float]) -> list[labels.Segment]:
    """A line through data points, piece by piece, in points of the figure."""
    places = axes.transData.transform(list(zip(xs, ys, strict=True)))
    return [(float(a[0]), float(a[1]), float(b[0]), float(b[1])) for a, b in pairwise(places)]
