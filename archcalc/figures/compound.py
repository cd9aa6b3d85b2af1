"""Compound scaling of EfficientNet-B0: depth, width and resolution alone, and all three together.

Tan & Le 2019, arXiv:1905.11946, Equation 3: with the compound coefficient phi, depth grows as 1.2^phi, width as 1.1^phi
and resolution as 1.15^phi, so that mult-adds about double with each step of phi. Scaled alone, depth must grow as
2^phi, width and resolution as 2^(phi/2), to cost the same. The networks are built here and counted: channels round to
multiples of 8, blocks up, which makes steps. Accuracies are those of the paper's Table 7 and no others; the accuracies
of its Figure 8 are not printed.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc import zoo
from archcalc.analysis.quantities import Basis, totals
from archcalc.base.package import read_text
from archcalc.evidence.accuracy import DATA, whole
from archcalc.figures import Plot, labels, style
from archcalc.figures.counting import WORK
from archcalc.figures.tradeoff import segments

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME, SIZE = "efficientnet_b0", 224
MOST = 5
"""The largest compound coefficient; deeper networks would be slow to count."""
STEPS = 4
"""Points of a curve for each step of the coefficient."""
WAYS = ("depth", "width", "resolution", "all three")
QUANTITIES = {"mult_adds": "mult-adds / (those of B0 \u00b7 2^\u03c6)", "params": "parameters / those of B0",
              "activation_sum": "activations / those of B0"}  # fmt: skip
PANEL = 58.0


class ScaledNetwork(NamedTuple):
    """A network of a curve: the factors of depth, width and resolution, its input and its totals."""

    way: str
    phi: float
    factors: tuple[float, float, float]
    size: int
    totals: dict[str, int]


class PublishedScaling(NamedTuple):
    """A row of the paper's Table 7, and the mult-adds counted here."""

    label: str
    factors: tuple[float, float, float]
    top1: float
    printed: float
    counted: int
    source: str


class Compound(NamedTuple):
    """The data of the plot."""

    curves: tuple[tuple[ScaledNetwork, ...], ...]
    published: tuple[PublishedScaling, ...]


def factors(way: str, phi: float) -> tuple[float, float, float]:
    """The factors of depth, width and resolution with which mult-adds grow about as 2^phi.

    >>> factors("width", 2), factors("depth", 2)
    ((1.0, 2.0, 1.0), (4.0, 1.0, 1.0))
    """
    if way == "all three":
        return 1.2**phi, 1.1**phi, 1.15**phi
    return (
        2.0**phi if way == "depth" else 1.0,
        2.0 ** (phi / 2) if way == "width" else 1.0,
        2.0 ** (phi / 2) if way == "resolution" else 1.0,
    )


@cache
def _totals(depth: float, width: float, size: int) -> dict[str, int]:
    network = zoo.network(NAME)
    graph = network.graph((3, size, size), network.settled({"depth": depth, "width": width}))
    counts = totals(Basis(graph), tuple(QUANTITIES))
    return {key: whole(getattr(counts, key)) for key in QUANTITIES}


def gather(_request: Plot) -> Compound:
    """The curves and the published accuracies; the request has no options."""
    phis = [step / STEPS for step in range(MOST * STEPS + 1)]
    curves = tuple([tuple([_scaled(way, phi) for phi in phis]) for way in WAYS])
    rows = csv.DictReader(read_text(DATA, "scaled.csv").splitlines())
    return Compound(curves, tuple([_published(row) for row in rows]))


def _scaled(way: str, phi: float) -> ScaledNetwork:
    depth, width, resolution = factors(way, phi)
    size = round(SIZE * resolution)
    return ScaledNetwork(way, phi, (depth, width, resolution), size, _totals(depth, width, size))


def _published(row: dict[str, str]) -> PublishedScaling:
    given = (float(row["depth"]), float(row["width"]), float(row["resolution"]))
    counted = _totals(given[0], given[1], round(SIZE * given[2]))["mult_adds"]
    return PublishedScaling(
        row["label"], given, float(row["top1_pct"]), float(row["printed_gmacs"]), counted, row["source"]
    )


def records(data: Compound) -> list[dict[str, object]]:
    """The networks of the curves, then those of the paper's table, as flat dictionaries."""
    names = ("depth_factor", "width_factor", "resolution_factor")
    lines: list[dict[str, object]] = [
        {"scaled": each.way, "phi": each.phi, **_rounded(names, each.factors), "size": each.size, **each.totals,
         "top1_percent": None, "printed_mult_adds": None, "source": ""}
        for curve in data.curves for each in curve
    ]  # fmt: skip
    for each in data.published:
        size = round(SIZE * each.factors[2])
        lines.append(
            {"scaled": each.label, "phi": None, **_rounded(names, each.factors), "size": size,
             **_totals(*each.factors[:2], size), "top1_percent": each.top1,
             "printed_mult_adds": round(each.printed * 1e9), "source": each.source}
        )  # fmt: skip
    return lines


def _rounded(names: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in zip(names, values, strict=True)}


def draw(data: Compound, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide: four panels, in one column or in two."""
    across = 1 if width < 120 else 2
    rows, wide = 4 // across, width / across
    notes = [
        f"{WORK.note} With \u03c6, all three grow by 1.2^\u03c6 (depth), 1.1^\u03c6 (width), 1.15^\u03c6 (resolution); "
        "alone, depth by 2^\u03c6, width and resolution by 2^(\u03c6/2). Steps: channels round to multiples of 8, "
        "blocks up, sizes at strides.",
        f"Accuracies: {data.published[0].source}, which prints no others; rings: mult-adds as printed there, marks: as "
        "counted from B0 with the printed factors.",
        style.origin(),
    ]
    sheet = style.Sheet("Compound scaling of EfficientNet-B0: depth, width, resolution", width, PANEL * rows, notes)
    for place in range(4):
        row, at = divmod(place, across)
        curves = place < 3
        axes = sheet.axes(
            at * wide + 13,
            width - (at + 1) * wide + (16 if curves else 3),
            row * PANEL + 2,
            (rows - 1 - row) * PANEL + 10,
        )
        if curves:
            _panel(axes, data.curves, tuple(QUANTITIES)[place])
        else:
            _accuracies(axes, data.published)
    return sheet.figure


def _panel(axes: Any, curves: Sequence[Sequence[ScaledNetwork]], key: str) -> None:
    """Draw a total of every way of scaling against phi, with the names of the ways at the ends."""
    start = curves[0][0].totals[key]
    heights = [
        [each.totals[key] / start / (2**each.phi if key == "mult_adds" else 1) for each in curve] for curve in curves
    ]
    flat = [height for each in heights for height in each]
    log = max(flat) > 4 * min(flat)
    room = (max(flat) / min(flat)) ** 0.06 if log else 0.08 * (max(flat) - min(flat))
    low, high = (min(flat) / room, max(flat) * room) if log else (min(flat) - room, max(flat) + room)
    style.scale_axis(axes.xaxis, 0, MOST, most=7)
    style.scale_axis(axes.yaxis, low, high, log=log, most=7)
    style.grid(axes, "both")
    axes.set_xlabel("compound coefficient \u03c6")
    axes.set_ylabel(QUANTITIES[key])
    for number, (curve, ys) in enumerate(zip(curves, heights, strict=True)):
        axes.plot([each.phi for each in curve], ys, color=style.COLOURS[number], linestyle=style.DASHES[number],
                  linewidth=1.1, zorder=3, gid=f"{key} {curve[0].way}")  # fmt: skip
    _names(axes, [curve[0].way for curve in curves], [ys[-1] for ys in heights])


def _names(axes: Any, names: Sequence[str], ends: Sequence[float]) -> None:
    """Write the names of curves at the right of the axes, near the ends."""
    from matplotlib.lines import Line2D

    box, size = axes.get_window_extent(), style.NOTE
    wanted = [float(axes.transData.transform((MOST, end))[1]) for end in ends]
    for number, (name, end, place) in enumerate(
        zip(names, wanted, labels.spread(wanted, size * 1.15, box.y0 + 2, box.y1), strict=True)
    ):
        line = Line2D([(box.x1 + 1) / 72, (box.x1 + 6) / 72], [end / 72, place / 72], linewidth=0.5,
                      color=style.COLOURS[number], transform=axes.figure.dpi_scale_trans)  # fmt: skip
        axes.figure.add_artist(line)
        style.at(axes.figure, box.x1 + 7.5, place - size * 0.33, name, size=size, gid=f"label {name}")


def _accuracies(axes: Any, published: Sequence[PublishedScaling]) -> None:
    """Draw the published accuracies at the counted mult-adds, joined to rings at the printed ones."""
    counts = [each.counted / 1e9 for each in published]
    ends = [*counts, *[each.printed for each in published]]
    style.scale_axis(axes.xaxis, 0, max(ends) * 1.12, most=6)
    tops = [each.top1 for each in published]
    style.scale_axis(axes.yaxis, min(tops) - 0.5, max(tops) + 0.5, most=6)
    style.grid(axes, "both")
    axes.set_xlabel("mult-adds (billion)")
    axes.set_ylabel("ImageNet top-1 accuracy (%)")
    marks: list[labels.Mark] = []
    taken: list[labels.Box] = []
    lines: list[labels.Segment] = []
    for each, x in zip(published, counts, strict=True):
        number = WAYS.index(next((way for way in WAYS if each.label.startswith(way)), WAYS[-1]))
        colour = style.COLOURS[number] if each.label != published[0].label else style.INK
        axes.plot([x, each.printed], [each.top1] * 2, color=colour, linewidth=0.6, zorder=2, gid=f"to {each.label}")
        axes.plot([each.printed], [each.top1], marker=style.MARKERS[number], markersize=5, markerfacecolor="white",
                  markeredgecolor=colour, markeredgewidth=0.8, linestyle="none", zorder=3)  # fmt: skip
        axes.plot([x], [each.top1], marker=style.MARKERS[number], markersize=5, color=colour, markeredgewidth=0,
                  linestyle="none", zorder=4, gid=f"point {each.label}")  # fmt: skip
        places = axes.transData.transform([(x, each.top1), (each.printed, each.top1)])
        marks.append(labels.Mark(float(places[0][0]), float(places[0][1]), 2.5, each.label))
        ring_x, ring_y = (float(each) for each in places[1])
        taken.append((ring_x - 3, ring_y - 3, ring_x + 3, ring_y + 3))
        lines += segments(axes, [x, each.printed], [each.top1] * 2)
    box = axes.get_window_extent()
    placed = labels.place(marks, (box.x0, box.y0, box.x1, box.y1), style.NOTE, taken, lines)
    labels.draw(axes, placed, style.NOTE)
