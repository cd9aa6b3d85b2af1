"""Cost against input size, pixel by pixel: exact counts rise in steps, as sizes are rounded down at every stride.

The cost is a count of mult-adds, that of a convention, or any quantity of a cost table: activations, bytes of memory.
Each network's largest step is marked, and the step at its own size if it rises there.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.algebra.arrays import along, stretched
from archcalc.analysis.quantities import QUANTITIES, Basis, totals
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import matched
from archcalc.conventions.counting import Convention, total
from archcalc.conventions.measures import Measures
from archcalc.figures import Plot, labels, style
from archcalc.figures.counting import axis_of, require
from archcalc.figures.tradeoff import segments, unit_of
from archcalc.graph import Graph, Network
from archcalc.graph.axes import extent, position, sides
from archcalc.present.names import pretty
from archcalc.present.tables import human
from archcalc.request import distinct

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = len(style.COLOURS)
"""The most networks in one plot."""
NOTED = 0.5
"""The percent by which a cost must rise for one more pixel so that the rise is written."""
LOG_FROM = 4
"""The ratio of costs from which the axis is logarithmic."""


class SizeAxis(NamedTuple):
    """What is counted at every size."""

    key: str
    """The name of a convention or of a quantity."""
    noun: str
    note: str
    unit: str
    """The unit in words where it is not in the noun: bytes."""
    convention: Convention | None

    def amount(self, graph: Graph) -> Any:
        """The count of a graph. Raises ArchcalcError for an op that the convention cannot count."""
        if self.convention is None:
            return totals(Basis(graph), (self.key,))[0]
        measures = Measures(graph)
        require(measures, self.convention)
        return total(measures, self.convention)


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
    axis: SizeAxis


def gather(request: Plot) -> Sizes:
    """Counts of the named networks at every size from two thirds to four thirds of their own that they accept."""
    if len(request.names) > MOST:
        raise ArchcalcError(f"at most {MOST} networks can be distinguished in this plot, not {len(request.names)}")
    axis = _axis(request.convention)
    networks = distinct(request.names)
    other = next((each for each in networks if len(each.places) != len(networks[0].places)), None)
    if other is not None:
        here, there = (sides((0, *each.places)) for each in (networks[0], other))
        raise ArchcalcError(f"one plot varies {here} of {networks[0].name} or {there} of {other.name}, not both")
    return Sizes(tuple([_counts(network, axis) for network in networks]), axis)


def _axis(name: str | None) -> SizeAxis:
    """The axis of a convention or of a quantity. Raises ArchcalcError if it is neither."""
    known = {
        matched(each.key): each for each in QUANTITIES.values() if each.key != "mult_adds" and not each.is_predicted
    }
    if name is not None and matched(name) in known:
        quantity = known[matched(name)]
        unit = "" if quantity.unit.startswith(("elements", "mult-adds")) else quantity.unit
        said = f"{quantity.label[0].upper()}{quantity.label[1:]}: {quantity.meaning.rstrip('.')}."
        return SizeAxis(quantity.key, quantity.label, said, unit, None)
    axis = axis_of(name)
    return SizeAxis(axis.convention.name, axis.noun, axis.note, "", axis.convention)


def _counts(network: Network, axis: SizeAxis) -> SizeCounts:
    own = _side(network)
    axes = len(network.places)
    first, last = _first(network, own), own + own // 3
    sizes = along(range(first, last + 1))

    def count(side: Any) -> Any:
        return axis.amount(network.graph(network.with_sizes(network.input, [side] * axes)))

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
    counts = tuple(int(each) for each in counted)
    if axis.convention is None and len(set(counts)) == 1:
        raise ArchcalcError(f"{axis.key} of {network.name} is the same at every size: {human(counts[0])}")
    return SizeCounts(network.name, own, first, counts, axes)


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
            "rise_percent": round(_rise(each, step), 4) if step else None,
            "convention" if data.axis.convention else "quantity": data.axis.key,
        }
        for each in data.networks
        for step, count in enumerate(each.counts)
    ]


def _rise(each: SizeCounts, step: int) -> float:
    """The rise in percent from the size before."""
    return 100 * (each.counts[step] / each.counts[step - 1] - 1) if each.counts[step - 1] else 0.0


def largest_step(each: SizeCounts) -> tuple[int, float]:
    """The size to which the count rises most, for one more pixel, and the rise in percent."""
    step = max(range(1, len(each.counts)), key=lambda step: _rise(each, step))
    return each.first + step, _rise(each, step)


def _own(each: SizeCounts) -> int:
    return each.counts[each.own - each.first]


def draw(data: Sizes, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide; rises without room for a label are named below it."""
    figure, missing = _draw(data, width, "")
    return _draw(data, width, labels.note(missing))[0] if missing else figure


def _draw(data: Sizes, width: float, note: str) -> tuple[Figure, list[str]]:
    """The figure with a note in its small print, and the labels without room."""
    narrow = width < 120
    shape = (1,) * (1 + data.networks[0].axes)
    dashed = f"Dashed: the count at the network's own size, scaled by the {extent(shape)} of the input."
    marked = f"Open: own size. Filled: the largest rise for one more {position(shape)}."
    sheet = style.Sheet(
        f"{data.axis.noun[0].upper()}{data.axis.noun[1:]} at every input size",
        width,
        66 if narrow else 82,
        [data.axis.note, style.origin(dashed, marked, *filter(None, [note]))],
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
    unit = " ".join(filter(None, (word.strip(), data.axis.unit)))
    axes.set_ylabel(f"{data.axis.noun} ({unit})" if unit else data.axis.noun)
    style.grid(axes)
    lines: list[labels.Segment] = []
    marks: list[labels.Mark] = []
    for number, each in enumerate(data.networks):
        lines += _draw_counts(axes, each, size, number)
        marks += _marks(axes, each, size, number)
    box = axes.get_window_extent()
    bounds = (box.x0 + 1, box.y0 + 1, box.x1, box.y1 + 2)
    marks.sort(key=lambda mark: not mark.bold)
    placed = labels.place([mark._replace(bold=False) for mark in marks], bounds, style.NOTE, (), lines)
    labels.draw(axes, placed, style.NOTE)
    return sheet.figure, [mark.text for mark, label in zip(marks, placed, strict=True) if label is None]


def _draw_counts(axes: Any, each: SizeCounts, size: float, number: int) -> list[labels.Segment]:
    """Draw the cost curve and the area rule; return the curve as segments that labels avoid."""
    colour = style.COLOURS[number]
    steps = range(each.first, each.first + len(each.counts))
    counts = [count / size for count in each.counts]
    own = _own(each) / size
    axes.step(steps, counts, where="post", color=colour, linewidth=1.0, zorder=3, gid=f"counts {each.name}")
    axes.plot(steps, [own * (side / each.own) ** each.axes for side in steps], color=colour, linewidth=0.7,
              linestyle=style.DASHES[1], alpha=0.8, zorder=2, gid=f"area {each.name}")  # fmt: skip
    turns = [0, *[i for i in range(1, len(counts)) if counts[i] != counts[i - 1]], len(counts) - 1]
    corners = [(steps[i], counts[j]) for before, i in pairwise(turns) for j in (before, i)]
    return segments(axes, [x for x, _ in corners], [y for _, y in corners])


def _marks(axes: Any, each: SizeCounts, size: float, number: int) -> list[labels.Mark]:
    """Mark a network's own size, with its name, and its largest step; return what their labels need, names bold."""
    colour, marker = style.COLOURS[number], style.MARKERS[number]
    after = _rise(each, each.own - each.first + 1)
    to, most = largest_step(each)
    name = pretty(each.name)
    said = name if after < NOTED else f"{name}, {each.own} to {each.own + 1}: {after:+.2f} %"
    found = [_mark(axes, each.own, _own(each) / size, said, (colour, marker), each.name, filled=False)]
    if to != each.own + 1 and most >= NOTED:
        middle = (each.counts[to - each.first] + each.counts[to - each.first - 1]) / 2 / size
        rise = f"{to - 1} to {to}: {most:+.2f} %"
        found.append(_mark(axes, to, middle, rise, (colour, marker), each.name, filled=True))
    return found


def _mark(axes: Any, x: float, y: float, text: str, look: tuple[str, str], name: str, *, filled: bool) -> labels.Mark:
    colour, marker = look
    size, what = (3.0, "step") if filled else (4.4, "own")
    axes.plot([x], [y], marker=marker, markersize=size, markerfacecolor=colour if filled else "white", zorder=4,
              markeredgecolor=colour, markeredgewidth=0.4 if filled else 1.0, gid=f"{what} {name}")  # fmt: skip
    px, py = (float(part) for part in axes.transData.transform((x, y)))
    return labels.Mark(px, py, size / 2 + 0.5, text, bold=not filled)
