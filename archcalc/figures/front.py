"""The networks of sweeps in two quantities, and the Pareto front of each sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, style
from archcalc.figures.columns import (
    MOST_POINTS,
    ColumnAxis,
    NetworkCloud,
    axis_for,
    clouds,
    columns_of,
    counts_note,
    density_note,
    draw_cloud,
    draw_density,
    name_curves,
    ranges_note,
    read_tables,
)
from archcalc.spaces.fronts import Front, front

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_MARKERS = 60
"""The most networks of a front that have a marker each."""


class FrontPlot(NamedTuple):
    """The data of the plot: the networks of each table, its front, and the axes."""

    clouds: tuple[NetworkCloud, ...]
    fronts: tuple[Front, ...]
    x: ColumnAxis
    y: ColumnAxis
    maximized: tuple[bool, bool]
    """True for an axis along which more is better."""
    notes: tuple[str, ...]


def gather(request: Plot) -> FrontPlot:
    """Networks and fronts of each table. Raises ArchcalcError for an unknown column and for empty regimes."""
    options = request.sweep
    tables, titles, ranges = read_tables(options, columns_of("front", options))
    names = [tables[0].find(options.x or "mult_adds"), tables[0].find(options.y[0])]
    downs = [tables[0].find(each) for each in options.maximize]
    for each in downs:
        if each not in names:
            raise ArchcalcError(f"--maximize {each} is no axis of this plot; its axes are {' and '.join(names)}")
    found = clouds(tables, titles, names, ranges)
    x, y = (axis_for(tables[0], name, [each.columns[at] for each in found]) for at, name in enumerate(names))
    low, high = ([name for name in names if (name in downs) == down] for down in (False, True))
    best = tuple([front(table, low, high, ranges, distinct=True) for table in tables])
    notes = tuple(filter(None, (counts_note(found), ranges_note(ranges))))
    return FrontPlot(found, best, x, y, (names[0] in downs, names[1] in downs), notes)


def records(data: FrontPlot) -> list[dict[str, object]]:
    """The networks of the fronts with all of their columns."""
    names = dict.fromkeys([name for best in data.fronts for row in best.rows for name in row])
    return [
        {"table": cloud.title, **dict.fromkeys(names), **row}
        for cloud, best in zip(data.clouds, data.fronts, strict=True)
        for row in best.rows
    ]


def draw(data: FrontPlot, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide; of many networks it shows how many are where."""
    figure, most = _draw(data, width, "")
    return _draw(data, width, density_note(most))[0] if most else figure


def _draw(data: FrontPlot, width: float, note: str) -> tuple[Figure, int]:
    """The figure with a note in its small print, and the largest number of networks in a hexagon; 0: there is none."""
    x, y = (axis.label.partition(" (")[0] for axis in (data.x, data.y))
    least = " and ".join(
        [f"{'most' if down else 'least'} {word}" for word, down in zip((x, y), data.maximized, strict=True)]
    )
    of = data.clouds[0].title if len(data.clouds) == 1 else "design spaces"
    lines = "Line" if len(data.clouds) == 1 else "Lines"
    front_of = "Pareto front of" if len(data.clouds) == 1 else "Pareto fronts of"
    points = "Points: networks."
    sheet = style.Sheet(
        f"{y[0].upper()}{y[1:]} against {x}: {front_of} {of}",
        width,
        72 if width < 120 else 96,
        [
            f"{lines}: Pareto front of {least}. {note or points}",
            style.origin(*data.notes),
        ],
    )
    axes = sheet.axes(13, 3.5, 2)
    data.x.set(axes.xaxis)
    data.y.set(axes.yaxis)
    style.grid(axes, "both")
    most = 0
    if sum([each.networks for each in data.clouds]) > MOST_POINTS:
        most = draw_density(axes, [(each.columns[0], each.columns[1]) for each in data.clouds], data.x, data.y)
        data.x.set(axes.xaxis)
        data.y.set(axes.yaxis)
    else:
        for number, each in enumerate(data.clouds):
            draw_cloud(axes, each, data.x, data.y, style.COLOURS[number], style.MARKERS[number])
    drawn = [_front_line(axes, data, number) for number in range(len(data.fronts))]
    if len(drawn) > 1:
        points = (
            [] if most else [(each.columns[0] / data.x.size, each.columns[1] / data.y.size) for each in data.clouds]
        )
        name_curves(axes, [each[:3] for each in drawn], [each[3] for each in drawn], points=points)
    return sheet.figure, most


def _front_line(axes: Any, data: FrontPlot, number: int) -> tuple[str, list[float], list[float], Any]:
    """Draw a front as a staircase of what can be had; return its title, its corners and its line."""
    rows = sorted(data.fronts[number].rows, key=lambda row: row[data.x.column])
    xs, ys = ([row[axis.column] / axis.size for row in rows] for axis in (data.x, data.y))
    title, colour = data.clouds[number].title, style.COLOURS[number]
    where = "pre" if data.maximized[0] else "post"
    (line,) = axes.step(xs, ys, where=where, color=colour, linewidth=1.0, linestyle=style.DASHES[number], zorder=3,
                        gid=f"front {title}")  # fmt: skip
    if len(xs) <= MOST_MARKERS:
        axes.plot(xs, ys, linestyle="none", marker=style.MARKERS[number], markersize=3.2, color=colour,
                  markeredgecolor="white", markeredgewidth=0.4, zorder=4, gid=f"best {title}")  # fmt: skip
    return title, xs, ys, line
