"""Accuracy density: top-1 for each million parameters, after Bianco et al. 2018, arXiv:1810.00736, Figure 2.

One line for each network, the highest density at the top, on a logarithmic axis, with its parameters at the right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archcalc.figures import Plot, rows, style
from archcalc.figures.counting import CostAxis, axis_of
from archcalc.figures.points import DATA_SETS, ChosenPoints, PlottedPoint, choose, data_note, families, recipe_title
from archcalc.figures.points import records as point_records
from archcalc.present.tables import human

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Density(NamedTuple):
    """The points of the plot, the highest density first."""

    chosen: ChosenPoints
    axis: CostAxis


def density(point: PlottedPoint) -> float:
    """Percent of top-1 accuracy for each million parameters."""
    return point.top1 / (point.counted / 1e6)


def gather(request: Plot) -> Density:
    """The points of the request's recipe, the highest density first."""
    axis = axis_of(request.convention, "parameters")
    chosen = choose(request, axis)
    order = sorted(chosen.points, key=lambda each: (-density(each), each.label))
    return Density(chosen._replace(points=tuple(order)), axis)


def records(data: Density) -> list[dict[str, object]]:
    """The points as flat dictionaries, with the density."""
    return [
        line | {"percent_per_million": round(density(each), 6)}
        for line, each in zip(point_records(data.chosen, data.axis), data.chosen.points, strict=True)
    ]


def draw(data: Density, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide; its height depends on the number of networks."""
    chosen = data.chosen.points
    where = DATA_SETS.get(data.chosen.dataset, data.chosen.dataset)
    look = families(chosen)
    lines = [
        rows.Row(
            each.name,
            each.label,
            density(each),
            *look[each.family],
            f"{each.top1:.1f}   {human(each.counted)}",
            open=not each.main,
            bold=each.marked,
        )
        for each in chosen
    ]
    sheet = style.Sheet(
        f"Accuracy density on {where}, top-1 for each million parameters: {recipe_title(data.chosen)}",
        width,
        rows.height(lines),
        [data_note(data.chosen), data.axis.checked_note, style.origin()],
    )
    axes = rows.draw(sheet, lines, "top-1 (%), parameters")
    values = [row.value for row in lines]
    style.scale_axis(axes.xaxis, min(values) / 1.25, max(values) * 1.2, log=True)
    rows.stems(axes, lines)
    axes.set_xlabel("top-1 accuracy / parameters (% per million)")
    return sheet.figure
