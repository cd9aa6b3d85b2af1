"""Top-1 accuracy network by network over the years of their papers, after Canziani et al. 2017, Figure 1.

One line for each network, grouped by year; a stepped line shows the best accuracy so far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.figures import Plot, rows, style
from archcalc.figures.counting import WORK
from archcalc.figures.points import DATA_SETS, ChosenPoints, choose, data_note, families, recipe_title
from archcalc.figures.points import records as point_records

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Years(NamedTuple):
    """The points of the plot by year, the least accurate of a year first."""

    chosen: ChosenPoints


def gather(request: Plot) -> Years:
    """The points of the request's recipe, by year."""
    chosen = choose(request, WORK)
    order = sorted(chosen.points, key=lambda each: (each.year, each.top1, each.name))
    return Years(chosen._replace(points=tuple(order)))


def records(data: Years) -> list[dict[str, object]]:
    """The points as flat dictionaries."""
    unwanted = ("count", "convention", "pareto_front")
    return [{k: v for k, v in line.items() if k not in unwanted} for line in point_records(data.chosen, WORK)]


def draw(data: Years, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide; its height depends on the number of networks."""
    chosen = data.chosen.points
    where = DATA_SETS.get(data.chosen.dataset, data.chosen.dataset)
    look = families(chosen)
    lines = [
        rows.Row(
            each.name,
            each.label,
            each.top1,
            *look[each.family],
            f"{each.top1:.2f}",
            str(each.year),
            not each.main,
            each.marked,
        )
        for each in chosen
    ]
    sheet = style.Sheet(
        f"{where} top-1 accuracy over the years of the papers: {recipe_title(data.chosen)}",
        width,
        rows.height(lines),
        [data_note(data.chosen), style.origin("Dashed: the best so far.")],
    )
    axes = rows.draw(sheet, lines, "top-1 (%)")
    values = [row.value for row in lines]
    room = 0.06 * max(max(values) - min(values), 2.0)
    style.scale_axis(axes.xaxis, max(0.0, min(values) - room), min(100.0, max(values) + room))
    axes.set_xlabel("top-1 accuracy (%)")
    _best(axes, lines)
    return sheet.figure


def _best(axes: Any, lines: list[rows.Row]) -> None:
    """Draw the best accuracy up to each year, beside the lines of its year."""
    at = rows.places(lines)
    best, xs, ys = 0.0, list[float](), list[float]()
    for number, (row, place) in enumerate(zip(lines, at, strict=True)):
        if number == 0 or row.group != lines[number - 1].group:
            best = max(best, *[other.value for other in lines if other.group == row.group])
            start = place - 0.6 if number == 0 else (at[number - 1] + place) / 2
            xs += [xs[-1] if xs else best, best]
            ys += [start, start]
    axes.plot([*xs, best], [*ys, at[-1] + 0.6], color=style.GREY, linewidth=0.6, linestyle=style.DASHES[1], zorder=2,
              gid="best")  # fmt: skip
