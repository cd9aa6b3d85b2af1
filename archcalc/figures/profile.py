"""One network from input to output: activations, mult-adds and parameters of every layer.

The shortest run of consecutive layers with half of each total is drawn dark: in most networks most memory is in early
convolutions and most parameters are in late layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.evidence.accuracy import whole
from archcalc.figures import Plot, stages, style
from archcalc.figures.counting import CostAxis, axis_of, require
from archcalc.figures.tradeoff import unit_of
from archcalc.graph import Network
from archcalc.graph.axes import example
from archcalc.present.names import pretty
from archcalc.request import distinct

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class ProfileLayer(NamedTuple):
    """One layer of the profile."""

    layer: str
    stage: str
    activations: int
    counted: int
    params: int


class Profile(NamedTuple):
    """The layers of a network in order."""

    name: str
    input: tuple[int, ...]
    steps: tuple[ProfileLayer, ...]
    axis: CostAxis


def gather(request: Plot) -> Profile:
    """The layers of the named network: convolutions, pools, linear layers and merges."""
    from archcalc.analysis.table import analyze

    axis = axis_of(request.convention)
    (network,) = distinct(request.names)
    analysis = analyze(network)
    counts = _counts(network, axis)
    steps = [
        ProfileLayer(
            layer.name, stages.stage_of(layer.row), whole(layer.activations), counts[layer.row], whole(layer.params)
        )
        for layer in analysis.layers
        if layer.op != "input" and not layer.in_place
    ]
    if not steps:
        said = "no convolution, pool, linear layer or merge, whose costs this plot draws"
        raise ArchcalcError(f"{network.name} has {said}")
    return Profile(analysis.architecture, tuple([whole(side) for side in analysis.input]), tuple(steps), axis)


def _counts(network: Network, axis: CostAxis) -> dict[str, int]:
    """The count of each row."""
    from archcalc.conventions.counting import count_graph
    from archcalc.conventions.measures import Measures

    measures = Measures(network.graph())
    require(measures, axis.convention)
    return {row: whole(amount) for row, amount in count_graph(measures, axis.convention).by_layer.items()}


def records(data: Profile) -> list[dict[str, object]]:
    """The layers as flat dictionaries."""
    return [
        {
            "architecture": data.name,
            "layer": each.layer,
            "stage": each.stage,
            "activations": each.activations,
            "count": each.counted,
            "convention": data.axis.convention.name,
            "params": each.params,
        }
        for each in data.steps
    ]


def half(values: Sequence[int]) -> tuple[int, int]:
    """First and last index of the shortest run of values with at least half of their sum; of equals, the fullest."""
    total = sum(values)
    best, first, held = (0, len(values) - 1), 0, 0
    fullest = total
    for last, value in enumerate(values):
        held += value
        while 2 * (held - values[first]) >= total and first < last:
            held -= values[first]
            first += 1
        shorter = last - first - (best[1] - best[0])
        if 2 * held >= total and (shorter < 0 or (shorter == 0 and held > fullest)):
            best, fullest = (first, last), held
    return best


def draw(data: Profile, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide."""
    steps = data.steps
    names = stages.spans([each.stage for each in steps])
    rotated = stages.rotated(names, len(steps), (width - 16) * style.POINTS)
    room = stages.room(names, rotated)
    panel = 25.0 if width < 120 else 28.0
    sheet = style.Sheet(
        f"{pretty(data.name)}, layer by layer",
        width,
        3 * panel + room,
        [
            f"Network {data.name}, input {'x'.join(map(str, data.input))}, one {example([data.input])}; "
            "merges and pools are layers too. "
            f"Dark: the shortest run of layers with at least half of the total. {stages.BANDS}",
            data.axis.note,
            style.origin(),
        ],
    )
    panels = (
        ("activations", [each.activations for each in steps]),
        (data.axis.noun, [each.counted for each in steps]),
        ("parameters", [each.params for each in steps]),
    )
    for number, (noun, values) in enumerate(panels):
        dark, light = style.COLOURS[number], style.tint(style.COLOURS[number])
        axes = sheet.axes(13, 2.5, number * panel + 4.5, (2 - number) * panel + room + 0.5)
        _panel(sheet.figure, axes, noun, values, [each.layer for each in steps], (dark, light))
        stages.bands(axes, names)
        if number == 2:
            stages.write(sheet.figure, axes, names, rotated)
    return sheet.figure


def _panel(
    figure: Figure, axes: Any, noun: str, values: Sequence[int], layers: Sequence[str], colours: tuple[str, str]
) -> None:
    size, word = unit_of(max([*values, 1]))
    first, last = half(values)
    dark, light = colours
    many = len(values) > 60
    shades = [dark if first <= i <= last else light for i in range(len(values))]
    axes.bar(range(len(values)), [value / size for value in values], width=1.0 if many else 0.78, color=shades,
             edgecolor=dark, linewidth=0.0 if many else 0.5, zorder=2, gid=f"bars {noun}")  # fmt: skip
    axes.set_xlim(-0.7, len(values) - 0.3)
    axes.set_xticks([])
    style.scale_axis(axes.yaxis, 0, max([*values, 1]) / size * 1.05, most=4)
    style.grid(axes)
    box = axes.get_window_extent()
    left = box.x0 - 11 * style.POINTS
    style.at(figure, left, box.y1 + 4, noun, size=style.LABEL, weight="semibold")
    left += style.text_width(noun, style.LABEL, bold=True) + 3
    total = f"total {style.number(float(f'{sum(values) / size:.4g}'))}"
    unit = f"({word.strip()}; {total})" if word else f"({total})"
    style.at(figure, left, box.y1 + 4, unit, size=style.NOTE, gid=f"total {noun}")
    share = sum(values[first : last + 1]) / max(sum(values), 1)
    room = box.x1 - left - style.text_width(unit, style.NOTE) - 4
    said = held(f"{100 * share:.0f} %", layers[first : last + 1], room)
    style.at(figure, box.x1, box.y1 + 4, said, size=style.NOTE, ha="right", color=style.GREY, gid=f"half {noun}")


def held(share: str, run: Sequence[str], room: float) -> str:
    """The layers that hold a share, in at most `room` points: by their names, or their number and the blocks' names.

    >>> held("50 %", ["stage1.cell1.pw", "stage1.cell1.dw", "stage2.cell5.pw"], 200)
    '50 % in stage1.cell1.pw to stage2.cell5.pw'
    >>> held("50 %", ["stage1.cell1.pw", "stage1.cell1.dw", "stage2.cell5.pw"], 100)
    '50 % in 3 layers of stage1 to stage2'
    """
    if len(run) == 1:
        return style.shortened(f"{share} in {run[0]}", style.NOTE, room)
    paths = [run[0].split("."), run[-1].split(".")]
    tried = [f"{share} in {run[0]} to {run[-1]}"]
    for depth in range(max(map(len, paths)) - 1, 0, -1):
        ends = dict.fromkeys(".".join(path[:depth]) for path in paths)
        tried.append(f"{share} in {len(run)} layers of {' to '.join(ends)}")
    tried.append(f"{share} in {len(run)} layers")
    fitting = (each for each in tried if style.text_width(each, style.NOTE) <= room)
    return next(fitting, style.shortened(tried[-1], style.NOTE, room))
