"""Empirical distribution functions of a quantity over the networks of sweeps, as RegNet compares design spaces.

Radosavovic et al. 2020, arXiv:2003.13678, Equation 1: at e, the share of networks with less than e.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.base.extras import need
from archcalc.figures import Plot, style
from archcalc.figures.columns import (
    ColumnAxis,
    NetworkCloud,
    axis_for,
    clouds,
    columns_of,
    counts_note,
    name_curves,
    ranges_note,
    read_tables,
)
from archcalc.present.sweeps import quantity_text
from archcalc.spaces.distributions import Distribution, distribution

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEPS = 1000
"""The most steps of a curve that are drawn; of more, those at as many shares of the networks."""
MEANING = "A curve is the share of networks with less (Radosavovic et al. 2020, arXiv:2003.13678, Equation 1)."


class DistributionCurve(NamedTuple):
    """The distribution of one table, and the steps of its curve that are drawn."""

    title: str
    whole: Distribution
    values: Any
    shares: Any
    """For each of the values the share of networks with this value or less, which is reached right after it."""


class Distributions(NamedTuple):
    """The data of the plot."""

    curves: tuple[DistributionCurve, ...]
    axis: ColumnAxis
    notes: tuple[str, ...]


def curves_of(found: Sequence[NetworkCloud]) -> tuple[DistributionCurve, ...]:
    """The distribution of the first column of each table."""
    numpy: Any = need("numpy", "a plot of a sweep")
    made: list[DistributionCurve] = []
    for each in found:
        whole = distribution(each.columns[0])
        after = whole.shares[1:]
        shown = numpy.unique(numpy.searchsorted(after, numpy.linspace(after[0], 1, STEPS) - 1e-12))
        made.append(DistributionCurve(each.title, whole, whole.values[shown], after[shown]))
    return tuple(made)


def gather(request: Plot) -> Distributions:
    """The distribution of a column in each table. Raises ArchcalcError for an unknown column and for empty regimes."""
    tables, titles, ranges = read_tables(request.sweep, columns_of("edf", request.sweep))
    column = tables[0].find(request.sweep.column or "mult_adds")
    found = clouds(tables, titles, [column], ranges)
    axis = axis_for(tables[0], column, [each.columns[0] for each in found])
    return Distributions(curves_of(found), axis, tuple(filter(None, (counts_note(found), ranges_note(ranges)))))


def records(data: Distributions) -> list[dict[str, object]]:
    """The steps of the curves: the share of networks of a table with at most a value."""
    return [
        {"table": each.title, "column": data.axis.column, "value": value, "share_at_most": share}
        for each in data.curves
        for value, share in zip(each.values.tolist(), each.shares.tolist(), strict=True)
    ]


def draw(data: Distributions, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide."""
    words = data.axis.label.partition(" (")[0]
    several = len(data.curves) > 1
    over = "design spaces" if several else data.curves[0].title
    sheet = style.Sheet(
        f"Distribution of {words} over {over}",
        width,
        62 if width < 120 else 84,
        [MEANING, style.origin(*data.notes)],
    )
    axes = sheet.axes(12, 3.5, 2)
    draw_curves(axes, data.curves, data.axis)
    return sheet.figure


def draw_curves(axes: Any, curves: Sequence[DistributionCurve], axis: ColumnAxis, *, narrow: bool = False) -> bool:
    """Draw the curves with their names and medians; return True if there is a key, in a narrow panel of names only."""
    axis.set(axes.xaxis, 5 if narrow else 7)
    style.scale_axis(axes.yaxis, 0, 1.02, most=6)
    axes.set_ylabel("share of networks with less")
    style.grid(axes)
    drawn: list[tuple[str, Any, Any]] = []
    handles: list[Any] = []
    for number, each in enumerate(curves):
        xs = [axis.low, *(each.values / axis.size).tolist(), axis.high]
        ys = [0.0, *each.shares.tolist(), 1.0]
        handles += axes.step(
            xs, ys, where="post", color=style.COLOURS[number], linewidth=1.1, linestyle=style.DASHES[number],
            zorder=3, gid=f"distribution {each.title}",
        )  # fmt: skip
        median = quantity_text(axis.column, each.whole.quantile(0.5).item())
        drawn.append((f"{each.title}, median {median}", xs[1:-1], ys[1:-1]))
    return name_curves(axes, drawn, handles, [each.title for each in curves] if narrow else ())
