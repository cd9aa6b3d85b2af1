"""Design spaces side by side, in the manner of RegNet's figures: a distribution, and trends against mult-adds.

Radosavovic et al. 2020, arXiv:2003.13678, compare spaces by distributions of their networks, and show trends of good
networks against mult-adds. Here a trend is the median, with quartiles, of the networks of each regime, or of their best
quarter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.figures import Plot, style
from archcalc.figures.columns import (
    MOST_POINTS,
    TRENDS,
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
from archcalc.figures.edf import MEANING, DistributionCurve, curves_of, draw_curves
from archcalc.spaces.distributions import TrendPoint, rank, trend
from archcalc.spaces.tables import SweepTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REGIMES = 12
"""Regimes of a trend, of one width on the axis."""
FEWEST = 8
"""Networks of a regime from which on its trend is drawn."""
MOST_TRENDS = 5
PANEL = 56.0
"""Height of a panel in millimetres."""


class TrendPanel(NamedTuple):
    """The trends of one column: its axis, the networks of each table, and the trend of each."""

    axis: ColumnAxis
    clouds: tuple[NetworkCloud, ...]
    trends: tuple[tuple[TrendPoint, ...], ...]


class SpacePlot(NamedTuple):
    """The data of the plot."""

    curves: tuple[DistributionCurve, ...]
    column: ColumnAxis
    x: ColumnAxis
    panels: tuple[TrendPanel, ...]
    best: str
    notes: tuple[str, ...]


def gather(request: Plot) -> SpacePlot:
    """Distribution and trends of each table. Raises ArchcalcError for an unknown column and for empty regimes."""
    options = request.sweep
    tables, titles, ranges = read_tables(options, columns_of("space", options))
    first = tables[0]
    x = first.find(options.x or "mult_adds")
    wanted = options.y or tuple([each for each in TRENDS if each in first.names])
    ys = [first.find(each) for each in wanted]
    if not 1 <= len(ys) <= MOST_TRENDS:
        raise ArchcalcError(f"the plot space has panels for 1 to {MOST_TRENDS} columns (--y), not for {len(ys)}")
    best = first.find(options.best) if options.best else ""
    down = best in [first.find(each) for each in options.maximize]
    column = first.find(options.column or best or x)
    counted = clouds(tables, titles, [column], ranges)
    found = [clouds(tables, titles, [x, y, *([best] if best else [])], ranges) for y in ys]
    axis = axis_for(first, x, [each.columns[0] for each in found[0]])
    panels = [_panel_of(first, y, own, axis, maximize=down) for y, own in zip(ys, found, strict=True)]
    notes = tuple(filter(None, (counts_note(counted), ranges_note(ranges))))
    shown = axis_for(first, column, [each.columns[0] for each in counted])
    return SpacePlot(curves_of(counted), shown, axis, tuple(panels), best, notes)


def _panel_of(
    table: SweepTable, column: str, found: tuple[NetworkCloud, ...], axis: ColumnAxis, *, maximize: bool
) -> TrendPanel:
    """A panel, whose axis has room for the networks of one table, and of several for their trends."""
    numpy: Any = need("numpy", "a plot of a sweep")
    trends = _trends(found, axis, maximize=maximize)
    ends = [end for points in trends for each in points for end in (each.lower, each.upper)]
    values = [each.columns[1] for each in found] if len(found) == 1 or not ends else [numpy.array(ends)]
    return TrendPanel(axis_for(table, column, values, room=0.06), found, trends)


def _trends(found: tuple[NetworkCloud, ...], axis: ColumnAxis, *, maximize: bool) -> tuple[tuple[TrendPoint, ...], ...]:
    numpy: Any = need("numpy", "a plot of a sweep")
    space = numpy.geomspace if axis.log else numpy.linspace
    limits = (space(axis.low, axis.high, REGIMES + 1)[1:-1] * axis.size).tolist()
    ranks = [rank(each.columns[2], maximize=maximize) if len(each.columns) > 2 else None for each in found]
    return tuple(
        [
            tuple(trend(each.columns[0], each.columns[1], limits, by, FEWEST))
            for each, by in zip(found, ranks, strict=True)
        ]
    )


def records(data: SpacePlot) -> list[dict[str, object]]:
    """The trends: quartiles of each column in each regime of each table."""
    return [
        {"table": cloud.title, "x": data.x.column, "y": panel.axis.column, "best_by": data.best, **point._asdict()}
        for panel in data.panels
        for cloud, points in zip(panel.clouds, panel.trends, strict=True)
        for point in points
    ]


def draw(data: SpacePlot, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide: panels below each other, or in rows in a wide figure."""
    figure, most = _draw(data, width, "")
    return _draw(data, width, density_note(most))[0] if most else figure


def _draw(data: SpacePlot, width: float, note: str) -> tuple[Figure, int]:
    number = 1 + len(data.panels)
    across = 1 if width < 120 else 2 if number in (2, 4) else 3
    rows = -(-number // across)
    of = data.curves[0].title if len(data.curves) == 1 else ", ".join([each.title for each in data.curves])
    word = data.best and f"the best 25 % of each regime by {data.best}"
    sheet = style.Sheet(
        f"Design space{'s' if len(data.curves) > 1 else ''} {of}",
        width,
        PANEL * rows,
        [
            f"{MEANING} Trends: median and, as a band, quartiles of {word or 'the networks'} in {REGIMES} regimes of "
            f"{data.x.label.partition(' (')[0]}; those with fewer than {FEWEST} networks have none. {note}",
            style.origin(*data.notes),
        ],
    )
    wide, most, keyed = (width - 2) / across, 0, False
    for place in range(number):
        row, at = divmod(place, across)
        axes = sheet.axes(
            at * wide + 12.5, width - (at + 1) * wide + 1.5, row * PANEL + 2, (rows - 1 - row) * PANEL + 10
        )
        if place == 0:
            keyed = draw_curves(axes, data.curves, data.column, narrow=wide < 70)
        else:
            most = max(most, _panel(axes, data, data.panels[place - 1], wide, named=not keyed))
    return sheet.figure, most


def _panel(axes: Any, data: SpacePlot, panel: TrendPanel, wide: float, *, named: bool) -> int:
    """Draw the trends of one column, with their names if wanted.

    Return the largest number of networks in a hexagon, 0 where there is none.
    """
    ticks = 5 if wide < 70 else 7

    def scales() -> None:
        data.x.set(axes.xaxis, ticks)
        panel.axis.set(axes.yaxis, 6)

    scales()
    style.grid(axes)
    most = 0
    single = len(panel.clouds) == 1
    if single and panel.clouds[0].networks > MOST_POINTS:
        most = draw_density(axes, [(each.columns[0], each.columns[1]) for each in panel.clouds], data.x, panel.axis)
        scales()
    elif single:
        draw_cloud(axes, panel.clouds[0], data.x, panel.axis, style.GREY, "o")
    curves: list[tuple[str, list[float], list[float]]] = []
    handles: list[Any] = []
    for number, (cloud, points) in enumerate(zip(panel.clouds, panel.trends, strict=True)):
        if not points:
            continue
        colour = style.COLOURS[number]
        xs = [each.at / data.x.size for each in points]
        lower, median, upper = ([part / panel.axis.size for part in each] for each in zip(
            *[(each.lower, each.median, each.upper) for each in points], strict=True))  # fmt: skip
        axes.fill_between(
            xs, lower, upper, color=colour, alpha=0.22, linewidth=0, zorder=2.5, gid=f"band {cloud.title}"
        )
        handles += axes.plot(
            xs, median, color=colour, linewidth=1.1, linestyle=style.DASHES[number], marker=style.MARKERS[number],
            markersize=2.6, zorder=3, gid=f"trend {cloud.title} {panel.axis.column}",
        )  # fmt: skip
        curves.append((cloud.title, xs, median))
    if named and len(curves) > 1:
        name_curves(axes, curves, handles)
    return most
