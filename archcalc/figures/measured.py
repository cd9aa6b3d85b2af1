"""Measured time and power against mult-adds, after Canziani, Paszke & Culurciello 2017, arXiv:1605.07678.

The plot shows milliseconds for an image at inference, with both axes logarithmic, or the average power of the GPU in
watts. The numbers are from archcalc's own records, selected by `archcalc.figures.runs`; no network is run here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.evidence.documented import documented_first
from archcalc.evidence.measurements import LAYOUTS, PRECISIONS
from archcalc.figures import Plot, labels, style
from archcalc.figures.counting import CostAxis, axis_of
from archcalc.figures.looks import alike, families
from archcalc.figures.runs import LAYOUT, SMALLEST, ChosenRuns, TimedPoint, choose
from archcalc.figures.tradeoff import segments, unit_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST_TICKS = 8
LABEL_ROOM = 6.6
"""Millimetres left of the tick labels of the vertical axis."""
MOST_LEADERS = {True: 36, False: 72}
"""The largest number of labels that may be far from their points, in a narrow and a wide figure: more leaders would
hide the points. Networks that documents describe come first."""


class MeasuredPlane(NamedTuple):
    """The data of the plot: points, the axis of costs, and whether it shows power or time."""

    chosen: ChosenRuns
    axis: CostAxis
    power: bool


def gather(request: Plot) -> MeasuredPlane:
    """The points of a record. Raises ArchcalcError for an invalid request before any work."""
    axis = axis_of(request.convention)
    return MeasuredPlane(choose(request, axis), axis, request.kind == "power")


def records(data: MeasuredPlane) -> list[dict[str, object]]:
    """The plotted points as flat dictionaries: milliseconds, watts, and joules for an image."""
    return [_record(each, data) for each in data.chosen.points]


def _record(each: TimedPoint, data: MeasuredPlane) -> dict[str, object]:
    selected = data.chosen.selected
    median, lower, upper = [float(f"{value:.6g}") for value in each.milliseconds]
    line: dict[str, object] = {
        "architecture": each.name,
        "label": each.label,
        "count": each.counted,
        "convention": data.axis.convention.name,
        "milliseconds_per_image": median,
        "lower_quartile": lower,
        "upper_quartile": upper,
        "runs": each.time.runs,
        "batch": each.batch,
        "precision": selected.precision,
        "layout": LAYOUT,
        "device": selected.record.device,
        "date": selected.record.date,
    }
    if data.power and each.energy is not None and each.joules is not None:
        line |= {"watts": float(f"{each.energy.watts:.6g}"), "joules_per_image": float(f"{each.joules:.6g}")}
    return line


def draw(data: MeasuredPlane, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide; points without room for a label are named below it."""
    figure, missing, bars = _draw(data, width, [])
    notes = ["Bars: quartiles." if bars else "", labels.note(missing)]
    return _draw(data, width, notes)[0] if any(notes) else figure


def _draw(data: MeasuredPlane, width: float, notes: Sequence[str]) -> tuple[Figure, list[str], bool]:
    """The figure with notes in its small print, the points without a label, and whether bars are visible."""
    points = data.chosen.points
    narrow = width < 120
    size, word = unit_of(sorted(each.counted for each in points)[len(points) // 2])
    what = "Average power of forward passes" if data.power else "Time of a forward pass"
    small_print = [_measured_note(data), data.axis.note, style.origin(*filter(None, [_left_out(data), *notes]))]
    title = f"{what} against {data.axis.noun}: {_device(data)}"
    sheet = style.Sheet(title, width, 80 if narrow else 100, small_print)
    low, high = _limits(data)
    ticks = style.even_ticks(low, high, MOST_TICKS) if data.power else style.decade_ticks(low, high, MOST_TICKS)
    widest = max([style.text_width(style.number(tick), style.TICK) for tick in ticks], default=0)
    axes = sheet.axes(LABEL_ROOM + widest / style.POINTS, 2.5, 1)
    axes.set_xlabel(f"{data.axis.noun} ({word.strip()})" if word else data.axis.noun)
    axes.set_ylabel("average power (W)" if data.power else "time per image (ms)")
    counts = [each.counted / size for each in points]
    style.scale_axis(axes.xaxis, min(counts) / 1.3, max(counts) * 1.45, log=True)
    style.scale_axis(axes.yaxis, low, high, log=not data.power, most=MOST_TICKS)
    style.grid(axes, "both")
    return sheet.figure, *_marks(sheet.figure, axes, data, size, narrow)


def _limits(data: MeasuredPlane) -> tuple[float, float]:
    """The ends of the vertical axis: watts from 0, or milliseconds with room for the quartiles."""
    if data.power:
        return 0, 1.08 * max(_height(each, data) for each in data.chosen.points)
    low, high = zip(*[(min(each.milliseconds), max(each.milliseconds)) for each in data.chosen.points], strict=True)
    return min(low) / 1.25, max(high) * 1.25


def _height(each: TimedPoint, data: MeasuredPlane) -> float:
    """Watts or milliseconds."""
    return each.energy.watts if data.power and each.energy is not None else each.milliseconds[0]


def _marks(figure: Figure, axes: Any, data: MeasuredPlane, size: float, narrow: bool) -> tuple[list[str], bool]:
    """Draw marks, bars, lines and labels; return the points without room for a label, and whether bars are visible."""
    by_name = {each.name: each for each in data.chosen.points}
    points = [by_name[name] for name in documented_first(by_name)]
    look = families(points)
    radius = 2.1 if narrow else 2.6
    lines = [line for group in alike(points) for line in _joined(axes, group, data, size, look[group[0].family][0])]
    bars: list[labels.Segment] = []
    marks: list[labels.Mark] = []
    for each in points:
        colour, marker = look[each.family]
        at = (each.counted / size, _height(each, data))
        axes.plot(*at, marker=marker, markersize=2 * radius, color=colour, linestyle="none", markeredgecolor="white",
                  markeredgewidth=0.4, clip_on=False, zorder=4, gid=f"point {each.name}")  # fmt: skip
        x, y = axes.transData.transform(at)
        marks.append(labels.Mark(float(x), float(y), radius, each.label))
        if not data.power:
            bars += _bar(axes, each, size, radius, colour)
    placed = _place(figure, axes, marks, [*lines, *bars], narrow)
    return [each.label for each, label in zip(points, placed, strict=True) if label is None], bool(bars)


def _place(
    figure: Figure, axes: Any, marks: Sequence[labels.Mark], lines: Sequence[labels.Segment], narrow: bool
) -> list[labels.Placed | None]:
    """Draw labels and return their places: of the first marks anywhere, then of the others close to their marks."""
    box = axes.get_window_extent()
    bounds = (box.x0 + 1, box.y0 + 1, figure.bbox.width - 3, box.y1 + 2)
    size = style.NOTE - (0.6 if narrow else 0)
    most = MOST_LEADERS[narrow]
    first = labels.place(marks[:most], bounds, size, [_box(mark) for mark in marks[most:]], lines)
    there = [label for label in first if label is not None]
    taken = [_box(mark) for mark in marks[:most]]
    taken += [(each.x, each.y, each.x + each.width, each.y + each.height) for each in there]
    leaders = [(*each.leader[0], *each.leader[1]) for each in there if each.leader is not None]
    others = labels.place(marks[most:], bounds, size, taken, lines, leaders)
    placed = [*first, *[None if label is None or label.leader is not None else label for label in others]]
    labels.draw(axes, placed, size)
    return placed


def _box(mark: labels.Mark) -> labels.Box:
    return mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius


def _joined(
    axes: Any, group: Sequence[TimedPoint], data: MeasuredPlane, size: float, colour: str
) -> list[labels.Segment]:
    """A line through networks of a family, cheapest first."""
    ordered = sorted(group, key=lambda each: (each.counted, _height(each, data)))
    xs, ys = [each.counted / size for each in ordered], [_height(each, data) for each in ordered]
    axes.plot(xs, ys, color=colour, linewidth=0.7, alpha=0.65, zorder=2, gid=f"family {ordered[0].name}")
    return segments(axes, xs, ys)


def _bar(axes: Any, each: TimedPoint, size: float, radius: float, colour: str) -> list[labels.Segment]:
    """A thin line from quartile to quartile, where it is longer than the mark."""
    _, *quartiles = each.milliseconds
    (bar,) = segments(axes, [each.counted / size] * 2, quartiles)
    if bar[3] - bar[1] <= 2 * radius + 1:
        return []
    axes.plot([each.counted / size] * 2, quartiles, color=colour, linewidth=0.6, zorder=3, gid=f"bar {each.name}")
    return [bar]


def _device(data: MeasuredPlane) -> str:
    """The device in a title: the name of the GPU or of the processor, or else that of the record."""
    record = data.chosen.selected.record
    if record.cuda:
        return record.device.removeprefix("CUDA (").removesuffix(")")
    return record.environment.get("processor", record.device)


def _measured_note(data: MeasuredPlane) -> str:
    """Sentences for the small print on the models, device, date and method of measurement."""
    selected = data.chosen.selected
    record = selected.record
    around = record.environment
    runs = sorted({each.time.runs for each in data.chosen.points})
    device = [
        record.device,
        f"{around['threads']} threads" if "threads" in around else "",
        f"power limit {around['power limit']}" if data.power and around.get("power limit", "").endswith("W") else "",
        f"cuDNN autotuning {around['cuDNN autotuning']}" if "cuDNN autotuning" in around else "",
        record.date,
    ]
    torch = f" (torch {record.versions['torch']})" if "torch" in record.versions else ""
    way = f"batch {selected.batch}, {PRECISIONS[selected.precision]}, {LAYOUT} ({LAYOUTS[LAYOUT]})"
    median = f"median of {runs[0]}" + (f" to {runs[-1]}" if len(runs) > 1 else "") + " runs"
    said = (
        f"Measured on {', '.join(filter(None, device))}: archcalc's own PyTorch modules, run eagerly{torch}, at {way}"
    )
    if data.power:
        return f"{said}. Power: average of the whole GPU while a network runs again and again, as NVML measures it."
    shared = f"time of a batch divided by {selected.batch}, " if selected.batch > 1 else ""
    return f"{said}; {shared}{median}."


def _left_out(data: MeasuredPlane) -> str:
    """A sentence for the small print on the networks of the record that are not drawn."""
    selected = data.chosen.selected
    parts = [
        f"{_networks(selected.small)} of images under {SMALLEST} pixels or of a single block" if selected.small else "",
        f"not measured in this way: {_named(selected.unmeasured)}" if selected.unmeasured else "",
        f"cannot be counted so: {_named(data.chosen.uncounted)}" if data.chosen.uncounted else "",
        f"{_networks(len(selected.record.left))} that the record did not reach" if selected.record.left else "",
    ]
    said = "; ".join(filter(None, parts))
    return f"Left out: {said}." if said else ""


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else _networks(len(names))


def _networks(number: int) -> str:
    return f"{number} network{'' if number == 1 else 's'}"
