"""Axes of plots of sweeps: columns of tables with their units, and clouds of networks as points or as shades."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from archcalc.analysis.quantities import QUANTITIES, predicted
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.figures import TablePlot, labels, style
from archcalc.figures.tradeoff import UNITS
from archcalc.spaces.ranges import ColumnRange, read_range
from archcalc.spaces.sources import tables_from
from archcalc.spaces.tables import SweepTable, heading, tables_of, titles_of, unit_of_column

COUNTS, BYTES, SECONDS = UNITS, ((1e9, "GB"), (1e6, "MB"), (1.0, "B")), ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"))
LOG_FROM = 8.0
"""The ratio of the largest to the least value from which an axis of positive values is logarithmic."""
MOST_POINTS = 3000
"""The most networks that are drawn one by one; more are counted in the cells of a grid of hexagons."""
CELLS = 70
"""Hexagons from left to right."""
BESIDE, FAR = 3.0, 24.0
"""Points between a curve and its name, and the distance from other curves from which on more is no better."""
TRENDS = ("params", "activation_sum")
"""The columns whose trends are shown by default, where the table has them."""
CLEAR = 7.0
"""Points from a name to other curves, at least; it is 3 points from its own."""
MOST_NAMED = 4
"""Curves of which one may have a name that stands away from it."""
LIGHT, DARK = "#e4e4e4", "#8a8a8a"


class ColumnAxis(NamedTuple):
    """An axis for a column: its label, the size of its unit, its limits in this unit, and its scale."""

    column: str
    label: str
    size: float
    low: float
    high: float
    log: bool

    def set(self, axis: Any, most: int = 7) -> None:
        """Set the scale, limits and ticks of an axis of matplotlib, and its label."""
        style.scale_axis(axis, self.low, self.high, log=self.log, most=most)
        axis.set_label_text(self.label)


class NetworkCloud(NamedTuple):
    """The networks of a table: arrays of the same length, one for each column that is looked at."""

    title: str
    columns: tuple[Any, ...]
    chosen: str = ""
    """Which networks of its space they are, in words; empty where it is not known."""

    @property
    def networks(self) -> int:
        return len(self.columns[0])


def read_tables(options: TablePlot, columns: Sequence[str]) -> tuple[list[SweepTable], list[str], list[ColumnRange]]:
    """The tables of a plot, their titles and its ranges; those of design spaces are made with the columns named.

    Raises ArchcalcError for more than can be told apart.
    """
    ranges = [read_range(each) for each in options.ranges]
    tables = tables_of(tables_from(options.tables, columns, options.sample))
    if len(tables) > len(style.DASHES):
        said = f"at most {len(style.DASHES)} tables can be distinguished in one plot, not {len(tables)}"
        raise ArchcalcError(said, about="table")
    return tables, titles_of(tables), ranges


def columns_of(kind: str, options: TablePlot) -> tuple[str, ...]:
    """The columns that a plot of tables needs, by the words with which they are named."""
    x = options.x or "mult_adds"
    own = {
        "edf": (options.column or "mult_adds",),
        "front": (x, *options.y, *options.maximize),
        "space": (x, *(options.y or TRENDS), options.best, options.column, *options.maximize),
    }[kind]
    return tuple(dict.fromkeys([*filter(None, own), *[read_range(each).column for each in options.ranges]]))


def clouds(
    tables: Sequence[SweepTable], titles: Sequence[str], names: Sequence[str], ranges: Sequence[ColumnRange]
) -> tuple[NetworkCloud, ...]:
    """The networks of each table that are in all ranges and have a value in every column named.

    Raises ArchcalcError for an unknown column, and for a table of which nothing is left.
    """
    from archcalc.spaces.ranges import within

    numpy: Any = need("numpy", "a plot of a sweep")
    found: list[NetworkCloud] = []
    for table, title in zip(tables, titles, strict=True):
        columns = [table.numbers(name) for name in names]
        kept = numpy.logical_and.reduce([within(table, ranges), *[there for _, there in columns]])
        if not kept.any():
            raise ArchcalcError(f"{title}: no network is left that has {' and '.join(names)}", about="range")
        found.append(NetworkCloud(title, tuple([values[kept] for values, _ in columns]), table.chosen))
    return tuple(found)


def axis_for(table: SweepTable, column: str, values: Sequence[Any], *, room: float = 0.03) -> ColumnAxis:
    """The axis of a column for the values of some arrays, with a share of its length free at both ends."""
    low, high = min([float(each.min()) for each in values]), max([float(each.max()) for each in values])
    unit = unit_of_column(table, column)
    units = {"bytes": BYTES, "seconds": SECONDS}.get(unit, COUNTS if column in QUANTITIES or high >= 1e4 else ())
    middle = sorted([float(_median(each)) for each in values])[len(values) // 2]
    size, word = next(((size, word) for size, word in units if abs(middle) >= size), units[-1] if units else (1.0, ""))
    words = {"params": "parameters"}.get(column) or f"{'predicted ' if predicted((column,)) else ''}{heading(column)}"
    label = f"{words} ({word.strip()})" if word.strip() else words
    log = low > 0 and high >= LOG_FROM * low
    if log:
        factor = (high / low) ** room
        return ColumnAxis(column, label, size, low / factor / size, high * factor / size, log=True)
    spread = (high - low) or abs(high) or 1.0
    first = low - room * spread
    bottom = 0.0 if low >= 0 and (first < 0 or low < 0.25 * high) else first
    return ColumnAxis(column, label, size, bottom / size, (high + room * spread) / size, log=False)


def _median(values: Any) -> Any:
    numpy: Any = need("numpy", "a plot of a sweep")
    return numpy.median(values[:: max(1, len(values) // 10_000)])


def draw_cloud(axes: Any, cloud: NetworkCloud, x: ColumnAxis, y: ColumnAxis, colour: str, marker: str) -> None:
    """Draw the first two columns of a cloud as points."""
    axes.plot(cloud.columns[0] / x.size, cloud.columns[1] / y.size, linestyle="none", marker=marker, markersize=1.5,
              markerfacecolor=(colour, 0.45), markeredgewidth=0, zorder=2, gid=f"networks {cloud.title}")  # fmt: skip


def draw_density(axes: Any, columns: Sequence[tuple[Any, Any]], x: ColumnAxis, y: ColumnAxis) -> int:
    """Draw how many networks are in each hexagon, in shades of grey; return the largest number."""
    from matplotlib.colors import LinearSegmentedColormap, LogNorm

    numpy: Any = need("numpy", "a plot of a sweep")
    across, up = (numpy.concatenate(each) for each in zip(*columns, strict=True))
    box = axes.get_window_extent()
    ends = [math.log10(end) if axis.log else end for axis in (x, y) for end in (axis.low, axis.high)]
    shades: Any = LinearSegmentedColormap
    drawn = axes.hexbin(
        across / x.size,
        up / y.size,
        gridsize=(CELLS, max(8, round(CELLS * box.height / box.width / math.sqrt(3)))),
        xscale="log" if x.log else "linear",
        yscale="log" if y.log else "linear",
        extent=ends,
        mincnt=1,
        linewidths=0.15,
        edgecolors="face",
        cmap=shades.from_list("networks", [LIGHT, DARK]),
        zorder=1,
        gid="density",
    )
    most = int(drawn.get_array().max())
    drawn.set_norm(LogNorm(1, max(most, 2)))
    return most


def density_note(most: int) -> str:
    """A sentence for the small print on the shades of hexagons."""
    return f"Shades of grey: networks in a hexagon, from 1 (lightest) to {most:,} (darkest), on a logarithmic scale."


def ranges_note(ranges: Sequence[ColumnRange]) -> str:
    """A sentence for the small print on the networks that are left out; empty where none is."""
    parts: list[str] = []
    for each in ranges:
        low, high = each.given.partition("=")[2].split("..")
        ends = [f"from {low.strip()}" if low.strip() else "", f"below {high.strip()}" if high.strip() else ""]
        parts.append(f"{heading(each.column)} {' and '.join(filter(None, ends))}")
    return f"Only networks with {', '.join(parts)}." if parts else ""


def counts_note(found: Sequence[NetworkCloud]) -> str:
    """A sentence for the small print on the number of networks of each table, and on how they were chosen."""
    chosen = {each.chosen for each in found}
    own = ["" if len(chosen) == 1 or not each.chosen else f" ({each.chosen})" for each in found]
    counts = [f"{each.networks:,} of {each.title}{words}" for each, words in zip(found, own, strict=True)]
    alike = f", {found[0].chosen}" if len(chosen) == 1 and found[0].chosen else ""
    return f"Networks: {', '.join(counts)}{alike}."


def name_curves(
    axes: Any,
    curves: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    handles: Sequence[Any],
    short: Sequence[str] = (),
    points: Sequence[tuple[Any, Any]] = (),
) -> bool:
    """Write the name of each curve beside it, where no curve runs through it and the others are far.

    The curves, in data coordinates, are drawn already; `handles` are their lines. A name for which there is no such
    place stands away from its curve, with a thin line to it. Where names would stand as near to other curves, as they
    do where several run together, or on `points`, there is a key instead, of `short` names if there are any, and this
    returns True.
    """
    numpy: Any = need("numpy", "a plot of a sweep")
    size = style.NOTE
    placed = [axes.transData.transform(numpy.stack([xs, ys], axis=1)) for _, xs, ys in curves]
    lines = [(*a, *b) for each in placed for a, b in pairwise(each.tolist())]
    box = axes.get_window_extent()
    bounds = (box.x0 + 1, box.y0 + 1, box.x1 - 1, box.y1 + 1)
    crowd = [axes.transData.transform(numpy.stack(each, axis=1)) for each in points]
    there: list[labels.Placed] = []
    without: list[labels.Mark] = []
    for number, (title, _, _) in enumerate(curves):
        own = placed[number][:: max(1, len(placed[number]) // 80)]
        others = [each for other, each in enumerate(placed) if other != number]
        found, away = _beside(numpy, title, size, own, others, lines, bounds, there, crowd)
        if found is not None and away >= CLEAR:
            there.append(found)
        elif len(curves) > MOST_NAMED or found is not None or crowd:
            _key(axes, short or [each for each, _, _ in curves], handles)
            return True
        else:
            x, y = own[len(own) // 2].tolist()
            without.append(labels.Mark(x, y, 1.0, title))
    taken = [(each.x, each.y, each.x + each.width, each.y + each.height) for each in there]
    labels.draw(axes, [*there, *labels.place(without, bounds, size, taken, lines)], size)
    return False


def _key(axes: Any, names: Sequence[str], handles: Sequence[Any]) -> None:
    """Draw a key of lines in the corner that has the most room."""
    key = axes.legend(handles, names, loc="best", frameon=True, framealpha=0.85, edgecolor="none", borderpad=0.2,
                      fontsize=style.NOTE, handlelength=2.6, labelspacing=0.3, borderaxespad=0.3)  # fmt: skip
    key.set_zorder(5)
    key.set_gid("key")


def _beside(
    numpy: Any,
    title: str,
    size: float,
    own: Any,
    others: Sequence[Any],
    lines: Sequence[labels.Segment],
    bounds: labels.Box,
    there: Sequence[labels.Placed],
    crowd: Sequence[Any] = (),
) -> tuple[labels.Placed | None, float]:
    """The place for a name beside one of the points `own`, and how far it is from other curves; None if there is none.

    All is in points of the figure; a distance of `FAR` stands for a longer one too.
    """
    width, height = style.text_width(title, size), size * 1.06
    right, left, up, down = BESIDE, -BESIDE - width, BESIDE, -BESIDE - height
    middle = [(right, -height / 2), (left, -height / 2), (-width / 2, up), (-width / 2, down)]
    corners = numpy.array([*middle, (right, up), (right, down), (left, up), (left, down)])
    low = (own[:, None, :] + corners[None]).reshape(-1, 2)
    boxes = numpy.concatenate([low, low + numpy.array([width, height])], axis=1)
    free = (boxes[:, :2] >= bounds[:2]).all(axis=1) & (boxes[:, 2:] <= bounds[2:]).all(axis=1)
    for each in there:
        apart = (boxes[:, 0] > each.x + each.width + 2) | (boxes[:, 2] < each.x - 2)
        free &= apart | (boxes[:, 1] > each.y + each.height + 1) | (boxes[:, 3] < each.y - 1)
    free &= ~labels.crossed(numpy, numpy.array(lines), boxes).any(axis=0)
    for each in crowd:
        x, y = each[:, 0], each[:, 1]
        for place in numpy.flatnonzero(free):
            low_x, low_y, high_x, high_y = boxes[place]
            free[place] = not ((x > low_x - 1) & (x < high_x + 1) & (y > low_y - 1) & (y < high_y + 1)).any()
    if not free.any():
        return None, 0.0
    boxes = boxes[free]
    away = numpy.full(len(boxes), FAR)
    for points in others:
        across = points[None, :, 0] - numpy.clip(points[None, :, 0], boxes[:, :1], boxes[:, 2:3])
        up = points[None, :, 1] - numpy.clip(points[None, :, 1], boxes[:, 1:2], boxes[:, 3:])
        away = numpy.minimum(away, numpy.hypot(across, up).min(axis=1))
    off = numpy.hypot(*((boxes[:, :2] + boxes[:, 2:]) / 2 - own[len(own) // 2]).T)
    best = int((off / 200 - away).argmin())
    x, y = boxes[best][:2].tolist()
    return labels.Placed(title, x, y, width, height, None), float(away[best])
