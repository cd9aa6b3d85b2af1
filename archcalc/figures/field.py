"""Growth of the receptive field with depth: the largest field within so many layers, for several networks.

Depth counts convolutions and linear layers on the longest path to a layer, so that parallel branches count once. Of the
layers of one depth some have small windows (a 1x1 branch of NASNet ends after a 7x7 one began), so a line shows the
largest field of all layers up to a depth: it never falls. A line ends where units see the whole input, or where their
windows differ, as those of window attention do; its label then says so. Fields are `local` fields, without gates
(squeeze-and-excitation), which see the whole input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.analysis.cost import depths
from archcalc.analysis.receptive_field import fields
from archcalc.base.errors import ArchcalcError
from archcalc.evidence.accuracy import whole
from archcalc.figures import Plot, labels, style
from archcalc.figures.tradeoff import segments
from archcalc.graph import Network, Reach
from archcalc.present.names import pretty
from archcalc.request import distinct

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class FieldGrowth(NamedTuple):
    """A network's largest field up to each depth: (depth, row with that field, size)."""

    name: str
    input: int
    """The larger side of the input."""
    axes: int
    """The number of axes of the input's positions: 1 of a sequence, 2 of an image, 3 of a volume."""
    steps: tuple[tuple[int, str, int], ...]
    varies: bool
    """True if the windows of later units differ from unit to unit."""


class Fields(NamedTuple):
    """The networks of the plot."""

    networks: tuple[FieldGrowth, ...]


def gather(request: Plot) -> Fields:
    """The fields of the named networks. Raises ArchcalcError if there are none, or one has no layer with a window."""
    if len(request.names) > len(style.COLOURS):
        raise ArchcalcError(
            f"at most {len(style.COLOURS)} networks can be distinguished in one plot, not {len(request.names)}"
        )
    networks = distinct(request.names)
    return Fields(tuple([_growth(network) for network in networks]))


def _growth(network: Network) -> FieldGrowth:
    graph = network.graph()
    largest: dict[int, tuple[str, int]] = {}
    deepest_varying = 0
    for node, field, depth in zip(graph.nodes, fields(graph), depths(graph), strict=True):
        if field.reach is Reach.IRREGULAR:
            deepest_varying = max(deepest_varying, depth)
        elif field.local is not None:
            size = whole(max(whole(track.size) for track in field.local))
            if size >= largest.get(depth, ("", 0))[1]:
                largest[depth] = (node.row, size)
    if len(largest) < 2:
        raise ArchcalcError(f"{network.name} has no two layers whose units all see windows of one size")
    sides = graph.nodes[0].shape[1:]
    steps = tuple(_never_falling(largest))
    return FieldGrowth(network.name, max(map(whole, sides)), len(sides), steps, deepest_varying > steps[-1][0])


def _never_falling(largest: Mapping[int, tuple[str, int]]) -> Iterator[tuple[int, str, int]]:
    """For each depth, the row with the largest field up to it, the last of equals."""
    row, size = "", 0
    for depth, (own, field) in sorted(largest.items()):
        row, size = (own, field) if field >= size else (row, size)
        yield depth, row, size


def records(data: Fields) -> list[dict[str, object]]:
    """The fields as flat dictionaries."""
    return [
        {"architecture": each.name, "input": each.input, "depth": depth, "row": row, "receptive_field": size}
        for each in data.networks
        for depth, row, size in each.steps
    ]


def draw(data: Fields, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide."""
    narrow = width < 120
    sizes = sorted({each.input for each in data.networks})
    said = " and ".join(str(size) for size in sizes) if len(sizes) < 4 else f"{sizes[0]} to {sizes[-1]}"
    larger = "" if all([each.axes == 1 for each in data.networks]) else ", the larger side"
    sheet = style.Sheet(
        "Growth of the receptive field with depth",
        width,
        68 if narrow else 84,
        [
            f"Field: input positions that one unit sees{larger}, padding included, the largest of all layers up to a "
            "depth; without gates, which see the whole input. Depth: convolutions and linear layers on the longest "
            f"path. {_ending(data)} Dotted: side of the input ({said}).",
            style.origin(),
        ],
    )
    largest = max([each.steps[-1][2] for each in data.networks] + sizes)
    top = largest * 1.5
    axes = sheet.axes(12 if top < 10_000 else 15, 3, 2)  # labels of five digits and more need room
    deepest = max(each.steps[-1][0] for each in data.networks)
    style.scale_axis(axes.xaxis, 0, deepest * (1.16 if narrow else 1.08), most=7, whole=True)
    style.scale_axis(axes.yaxis, 1, top, log=True)
    axes.set_xlabel("depth (weight layers)")
    axes.set_ylabel("receptive field (input positions)")
    style.grid(axes)
    for size in sizes:
        axes.axhline(size, color=style.GREY, linewidth=0.6, linestyle=style.DASHES[2], zorder=1)
    _lines(sheet.figure, axes, data, narrow)
    return sheet.figure


def _ending(data: Fields) -> str:
    """A sentence on the ends of the lines; window attention is named only where a network has it, or its like."""
    varying = [pretty(each.name) for each in data.networks if each.varies]
    if not varying:
        return "Lines end where units see the whole input."
    return (
        "Lines end where units see the whole input or, with an open mark, where windows begin to differ from unit to "
        f"unit, so that no one size holds: {', '.join(varying)}."
    )


def _lines(figure: Figure, axes: Any, data: Fields, narrow: bool) -> None:
    marks: list[labels.Mark] = []
    lines: list[labels.Segment] = []
    for number, each in enumerate(data.networks):
        colour, marker = style.COLOURS[number], style.MARKERS[number]
        xs, ys = [depth for depth, _, _ in each.steps], [size for _, _, size in each.steps]
        axes.plot(xs, ys, color=colour, linewidth=1.1, zorder=3,
                  linestyle=style.DASHES[number % len(style.DASHES)], gid=f"field {each.name}")  # fmt: skip
        axes.plot(xs[-1:], ys[-1:], marker=marker, markersize=4.4, color=colour, linestyle="none", zorder=4,
                  markerfacecolor="white" if each.varies else colour)  # fmt: skip
        places = axes.transData.transform(list(zip(xs, ys, strict=True)))
        lines += segments(axes, xs, ys)
        said = f"{pretty(each.name)}, {ys[-1]:,}{', then varies' if each.varies else ''}"
        marks.append(labels.Mark(float(places[-1][0]), float(places[-1][1]), 2.3, said))
    box = axes.get_window_extent()
    bounds = (box.x0 + 1, box.y0 + 1, figure.bbox.width - 3, box.y1 + 3)
    size = style.NOTE if narrow else style.NOTE + 0.4
    labels.draw(axes, labels.place(marks, bounds, size, (), lines), size)
