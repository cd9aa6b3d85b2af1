"""RegNet's design spaces side by side, and the trends of its best models, without a word about spaces or samples.

`regnet` shows distributions over 500 networks drawn from each of AnyNetX A to E and RegNetX, as Radosavovic et al.
2020, arXiv:2003.13678, draw them. They compare errors of trained networks; none of these was trained, so here are the
costs and the width of the last stage. `regnet-best` shows the twelve RegNetX models that the paper found, against
mult-adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc import zoo
from archcalc.analysis.quantities import Basis, totals
from archcalc.base.extras import need
from archcalc.evidence.accuracy import whole
from archcalc.figures import Plot, panels, style
from archcalc.figures.columns import ColumnAxis, NetworkCloud, axis_for, counts_note
from archcalc.figures.counting import WORK
from archcalc.figures.edf import MEANING, DistributionCurve, curves_of, draw_curves
from archcalc.figures.panels import Panels, PanelSpot, SpotAxis, SpotPanel
from archcalc.present.names import pretty
from archcalc.spaces.sources import SpaceSample, tables_from
from archcalc.spaces.tables import SweepTable, tables_of, titles_of
from archcalc.zoo import regnetx

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SPACES = (*[f"anynet_{letter}" for letter in "abcde"], "regnetx")
DRAWN = SpaceSample(sample=500, seed=1)
COLUMNS = ("mult_adds", "params", "activation_sum")
LAST = "last_width"
PANEL = 56.0


class SpacePanels(NamedTuple):
    """The distributions of every quantity over every space."""

    axes: tuple[ColumnAxis, ...]
    curves: tuple[tuple[DistributionCurve, ...], ...]
    notes: tuple[str, ...]


def gather(request: Plot) -> SpacePanels | Panels:
    """The distributions, or of `regnet-best` the trends; the request has no options."""
    return _best() if request.kind == "regnet-best" else _distributions()


def _distributions() -> SpacePanels:
    tables = tables_of(tables_from(SPACES, COLUMNS, DRAWN))
    titles = titles_of(tables)
    clouds = [
        [
            NetworkCloud(title, (table.numbers(key)[0],), table.chosen)
            for table, title in zip(tables, titles, strict=True)
        ]
        for key in COLUMNS
    ]
    widths = [
        NetworkCloud(title, (last_widths(table),), table.chosen) for table, title in zip(tables, titles, strict=True)
    ]
    axes = [
        axis_for(tables[0], key, [each.columns[0] for each in found])
        for key, found in zip(COLUMNS, clouds, strict=True)
    ]
    low, high = (pick([float(pick(each.columns[0])) for each in widths]) for pick in (min, max))
    axes.append(ColumnAxis(LAST, "width of the last stage (channels)", 1.0, low / 1.2, high * 1.2, log=True))
    return SpacePanels(tuple(axes), tuple([curves_of(found) for found in [*clouds, widths]]), (counts_note(clouds[0]),))


def last_widths(table: SweepTable) -> Any:
    """The channels of the last stage of every network: an axis of AnyNetX, and a consequence of RegNetX's numbers."""
    numpy: Any = need("numpy", "a plot of a sweep")
    if "w4" in table.names:
        return table.numbers("w4")[0]
    names = ("depth", "w_0", "w_a", "w_m", "group_width", "bottleneck_ratio")
    given = zip(*[table.numbers(name)[0].tolist() for name in names], strict=True)
    return numpy.array(
        [
            regnetx.stages(int(depth), int(w_0), w_a, w_m, int(group), bottleneck_ratio=int(ratio))[-1].width
            for depth, w_0, w_a, w_m, group, ratio in given
        ]
    )


def _best() -> Panels:
    """The named RegNetX models: what the paper calls trends of the best models."""
    found = [_Model(name) for name in regnetx.TABLE]
    shown = (
        ("blocks", [("", [each.depth for each in found])]),
        (
            "channels",
            [("first stage", [each.widths[0] for each in found]), ("last stage", [each.widths[-1] for each in found])],
        ),
        ("channels of a group", [("", [each.group for each in found])]),
        ("growth of widths from stage to stage", [("", [each.growth for each in found])]),
        ("parameters (million)", [("", [each.params / 1e6 for each in found])]),
        ("activations (million)", [("", [each.activations / 1e6 for each in found])]),
    )
    drawn = [
        SpotPanel(
            SpotAxis("mult-adds (billion)"),
            SpotAxis(label, log=label.endswith(")") or label.startswith("channels")),
            tuple([spot for series, values in lines for spot in _series(found, series, values, label)]),
        )
        for label, lines in shown
    ]
    notes = (
        "The twelve RegNetX models by the numbers of the authors' code, pycls; all have the bottleneck ratio 1. The "
        "paper's own trends are estimates over sampled networks, whose errors it does not print.",
        WORK.note,
        "After Radosavovic et al. 2020, arXiv:2003.13678, Figures 11 and 12.",
    )
    return Panels("The best RegNetX models: trends against mult-adds", tuple(drawn), notes)


class _Model:
    """A named RegNetX model with its numbers and totals."""

    def __init__(self, key: str) -> None:
        self.name = f"regnetx_{key}"
        self.depth, w_0, w_a, self.growth, self.group, _ = regnetx.TABLE[key]
        self.widths = [each.width for each in regnetx.stages(self.depth, w_0, w_a, self.growth, self.group)]
        counts = totals(Basis(zoo.network(self.name).graph()), COLUMNS)
        self.counted, self.params, self.activations = [whole(getattr(counts, key)) for key in COLUMNS]


def _series(found: Sequence[_Model], series: str, values: Sequence[Any], label: str) -> list[PanelSpot]:
    """The points of a line, of which the last has its name, and of an only line the first too."""
    named = {found[-1].name: series or pretty(found[-1].name)}
    if not series:
        named[found[0].name] = pretty(found[0].name)
    return [
        PanelSpot(
            each.name,
            named.get(each.name, ""),
            series or "regnetx",
            2020,
            each.counted / 1e9,
            float(value),
            series or "regnetx",
            columns={
                "architecture": each.name,
                "mult_adds": each.counted,
                "quantity": f"{series} {label}".strip(),
                "value": value,
                "source": regnetx.SOURCE,
            },
        )
        for each, value in zip(found, values, strict=True)
    ]


def records(data: SpacePanels | Panels) -> list[dict[str, object]]:
    """Quantiles of every distribution, or the models of the trends, as flat dictionaries."""
    if isinstance(data, Panels):
        return panels.records(data)
    parts = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
    return [
        {"space": curve.title, "quantity": axis.column, "networks": len(curve.whole.values), "share": part,
         "value": curve.whole.quantile(part).item()}
        for axis, curves in zip(data.axes, data.curves, strict=True)
        for curve in curves
        for part in parts
    ]  # fmt: skip


def draw(data: SpacePanels | Panels, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide."""
    if isinstance(data, Panels):
        return panels.draw(data, width)
    across = 1 if width < 120 else 2
    rows, wide = len(data.axes) // across, width / across
    sheet = style.Sheet(
        "Design spaces from AnyNetX A to RegNetX: distributions of cost and width",
        width,
        PANEL * rows,
        [
            f"{MEANING} The paper's distributions are of errors, and none of these networks was trained: shown is what "
            "can be counted.",
            style.origin(*data.notes),
        ],
    )
    for place, (axis, curves) in enumerate(zip(data.axes, data.curves, strict=True)):
        row, at = divmod(place, across)
        axes = sheet.axes(at * wide + 12, width - (at + 1) * wide + 3.5, row * PANEL + 2, (rows - 1 - row) * PANEL + 10)
        draw_curves(axes, curves, axis, narrow=True)
    return sheet.figure
