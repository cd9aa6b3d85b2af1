"""Accuracy against accuracy density, after Bianco et al. 2018, arXiv:1810.00736, Figure 2 (right).

Density is top-1 accuracy for each million parameters. Both axes follow from accuracy and parameters, so that dashed
diagonals join all networks of one number of parameters: along one, density rises only as accuracy does.
"""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.figures import Plot, panels
from archcalc.figures.counting import axis_of
from archcalc.figures.density import density
from archcalc.figures.panels import Guide, Panels, PanelSpot, SpotAxis, SpotPanel
from archcalc.figures.points import DATA_SETS, choose, data_note, family_lines
from archcalc.figures.points import records as point_records

draw, records = panels.draw, panels.records

MILLIONS = (1, 3, 10, 30, 100, 300)
"""The parameters of the diagonals."""


def gather(request: Plot) -> Panels:
    """The points of the request's recipe. Raises ArchcalcError for an invalid request before any work."""
    axis = axis_of(request.convention, "parameters")
    chosen = choose(request, axis)
    lines = {each: group[0].name for group in family_lines(chosen.points) for each in group}
    rows = dict(zip(chosen.points, point_records(chosen, axis), strict=True))
    spots = [
        PanelSpot(
            each.name, each.label, each.family, each.year, density(each), each.top1, f"{lines.get(each, '')}",
            columns={k: v for k, v in rows[each].items() if k != "pareto_front"}
            | {"percent_per_million": round(density(each), 6)},
        )
        for each in sorted(chosen.points, key=lambda each: (-density(each) * each.top1, each.label))
    ]  # fmt: skip
    where = DATA_SETS.get(chosen.dataset, chosen.dataset)
    panel = SpotPanel(
        SpotAxis("top-1 accuracy / parameters (% per million)"),
        SpotAxis(f"{where} top-1 accuracy (%)", log=False, top=100.0),
        tuple(spots),
        _diagonals(spots),
    )
    notes = (data_note(chosen), axis.note, "Dashed: as many parameters as written beside the line.")
    return Panels(f"{where} top-1 accuracy against accuracy density", (panel,), notes)


def _diagonals(spots: Sequence[PanelSpot]) -> tuple[Guide, ...]:
    """The lines of equal numbers of parameters that pass among the points."""
    low, high = min([each.x for each in spots]), max([each.x for each in spots])
    bottom, top = min([each.y for each in spots]), max([each.y for each in spots])
    room = 0.1 * max(top - bottom, 1.0)
    ends = (max(1.0, bottom - room), min(100.0, top + room))
    ys = tuple([ends[0] + (ends[1] - ends[0]) * part / 60 for part in range(61)])
    drawn: list[Guide] = []
    for each in MILLIONS:
        xs = tuple([y / each for y in ys])
        if xs[-1] >= low and xs[0] <= high:
            drawn.append(Guide(f"{each} M", xs, ys))
    return tuple(drawn)
