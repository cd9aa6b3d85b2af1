"""Cost against input size, pixel by pixel: exact counts rise in steps, as sizes are rounded down at every stride."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.algebra.arrays import along, stretched
from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, labels, style
from archcalc.figures.counting import CostAxis, axis_of, require
from archcalc.figures.names import pretty
from archcalc.figures.tradeoff import segments, unit_of
from archcalc.graph import Network
from archcalc.graph.axes import extent, position, sides
from archcalc.request import distinct

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 4
"""The most networks in one plot: each has its cost curve and its area rule."""
LOG_FROM = 4
"""The ratio of costs from which the axis is logarithmic."""


class SizeCounts(NamedTuple):
    """A network's counts at every size from `first` on, and its own size."""

    name: str
    own: int
    first: int
    counts: tuple[int, ...]
    axes: int = 2
    """The number of sizes that vary together."""


class Sizes(NamedTuple):
    """The networks of the plot."""

    networks: tuple[SizeCounts, ...]
    axis: CostAxis


def gather(request: Plot) -> Sizes:
    """Counts of the named networks at every size from two thirds to four thirds of their own that they accept."""
    if len(request.names) > MOST:
        raise ArchcalcError(f"at most {MOST} networks can be distinguished in this plot, not {len(request.names)}")
    axis = axis_of(request.convention)
    networks = distinct(request.names)
    other = next((each for each in networks if len(each.places) != len(networks[0].places)), None)
    if other is not None:
        here, there = (sides((0, *each.places)) for each in (networks[0], other))
        raise ArchcalcError(f"one plot varies {here} of {networks[0].name} or {there} of {other.name}, not both")
    return Sizes(tuple([_counts(network, axis) for network in networks]), axis)


def _counts(network: Network, axis: CostAxis) -> SizeCounts:
    from archcalc.conventions.counting import total
    from archcalc.conventions.measures import Measures

    own = _side(network)
    axes = len(network.places)
    first, last = _first(network, own), own + own // 3
    sizes = along(range(first, last + 1))

    def count(side: Any) -> Any:
        measures = Measures(network.graph(network.with_sizes(network.input, [side] * axes)))
        require(measures, axis.convention)
        return total(measures, axis.convention)

    if network.free:  # its structure may depend on the size, so that it is built at each
        try:
            counted: Any = [count(side) for side in range(first, last + 1)]
        except ArchcalcError as error:
            said = f"{network.name} does not take every size from {first} to {last}, which this plot shows"
            raise ArchcalcError(f"{said}: {error}") from None
    else:
        counted = stretched(count(sizes), sizes.shape)
    if not any(counted):
        raise ArchcalcError(f"{network.name} has no {axis.noun} at any size, so that there is nothing to draw")
    return SizeCounts(network.name, own, first, tuple(int(each) for each in counted), axes)


def _first(network: Network, own: int) -> int:
    """The smallest size from two thirds of its own on that a network accepts."""
    for side in range(max(1, own - own // 3), own):
        try:
            network.graph(network.with_sizes(network.input, [side] * len(network.places)))
        except ArchcalcError:
            continue
        return side
    return own


def _side(network: Network) -> int:
    """The last size of the input. Raises ArchcalcError unless it is one with sizes."""
    if len(network.inputs) > 1 or len(network.places) not in (1, 2, 3):
        what = "several inputs" if len(network.inputs) > 1 else "an input without sizes"
        raise ArchcalcError(f"{network.name} takes {what}: this plot varies all sizes of one input together")
    return network.input[network.places[-1]]


def records(data: Sizes) -> list[dict[str, object]]:
    """The counts as flat dictionaries, beside those of the area rule."""
    return [
        {
            "architecture": each.name,
            "size": each.first + step,
            "count": count,
            "area_rule": round(_own(each) * ((each.first + step) / each.own) ** each.axes),
            "convention": data.axis.convention.name,
        }
        for each in data.networks
        for step, count in enumerate(each.counts)
    ]


def _own(each: SizeCounts) -> int:
    return each.counts[each.own - each.first]


def draw(data: Sizes, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide."""
    narrow = width < 120
    shape = (1,) * (1 + data.networks[0].axes)
    dashed = f"Dashed: the count at the network's own size, scaled by the {extent(shape)} of the input."
    marked = f"Marked: own size, and the rise for one more {position(shape)}."
    sheet = style.Sheet(
        f"{data.axis.noun[0].upper()}{data.axis.noun[1:]} at every input size",
        width,
        66 if narrow else 82,
        [data.axis.note, style.origin(dashed, marked)],
    )
    axes = sheet.axes(12, 3, 2)
    counts = [count for each in data.networks for count in each.counts]
    size, word = unit_of(max(counts))
    low, high = (
        min(each.first for each in data.networks),
        max(each.first + len(each.counts) - 1 for each in data.networks),
    )
    style.scale_axis(axes.xaxis, low, high)
    axes.set_xlabel(f"{sides(shape)} of the input ({position(shape)}s)")
    log = max(map(_own, data.networks)) > LOG_FROM * min(map(_own, data.networks))
    bottom = min(counts) / size / 1.15 if log else 0
    style.scale_axis(axes.yaxis, bottom, max(counts) / size * (1.25 if log else 1.04), log=log)
    axes.set_ylabel(f"{data.axis.noun} ({word.strip()})" if word else data.axis.noun)
    style.grid(axes)
    lines: list[labels.Segment] = []
    for number, each in enumerate(data.networks):
        lines += _draw_counts(axes, each, size, number)
    marks = [_mark(axes, each, size) for each in data.networks]
    box = axes.get_window_extent()
    bounds = (box.x0 + 1, box.y0 + 1, box.x1, box.y1 + 2)
    labels.draw(axes, labels.place(marks, bounds, style.NOTE, (), lines), style.NOTE)
    return sheet.figure


def _draw_counts(axes: Any, each: SizeCounts, size: float, number: int) -> list[labels.Segment]:
    """Draw the cost curve, the area rule and the network's own size; return the curve as segments that labels avoid."""
    colour = style.COLOURS[number]
    steps = range(each.first, each.first + len(each.counts))
    counts = [count / size for count in each.counts]
    own = _own(each) / size
    axes.step(steps, counts, where="post", color=colour, linewidth=1.0, zorder=3, gid=f"counts {each.name}")
    axes.plot(steps, [own * (side / each.own) ** each.axes for side in steps], color=colour, linewidth=0.7,
              linestyle=style.DASHES[1], alpha=0.8, zorder=2, gid=f"area {each.name}")  # fmt: skip
    axes.plot([each.own], [own], marker=style.MARKERS[number], markersize=4.4, markerfacecolor="white",
              markeredgecolor=colour, markeredgewidth=1.0, zorder=4, gid=f"own {each.name}")  # fmt: skip
    return segments(axes, list(steps)[::4], counts[::4])


def _mark(axes: Any, each: SizeCounts, size: float) -> labels.Mark:
    after = 100 * (each.counts[each.own - each.first + 1] / _own(each) - 1)
    x, y = (float(part) for part in axes.transData.transform((each.own, _own(each) / size)))
    return labels.Mark(x, y, 2.8, f"{pretty(each.name)}, {each.own} to {each.own + 1}: {after:+.2f} %")
