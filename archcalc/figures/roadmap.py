"""ConvNeXt's roadmap from ResNet-50 to ConvNeXt-T, as bars: Liu et al. 2022, arXiv:2201.03545, Figure 2 and Table 10.

The accuracies, means of three runs, are the paper's. Each step is built here, so that its mult-adds stand beside those
that the paper prints: they agree in all steps but the last two. `data/roadmap.csv` has both, and what a step changes.
The paper's second regime, from ResNet-200, is not drawn.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc import zoo
from archcalc.base.package import read_text
from archcalc.evidence.accuracy import DATA, sums, whole
from archcalc.figures import Plot, style
from archcalc.figures.counting import WORK
from archcalc.graph import Network, Value, row
from archcalc.ops.combine import Add
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pool import GlobalAvgPool, MaxPool

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INPUT = (3, 224, 224)
PITCH = 4.1
"""Millimetres from bar to bar."""
START = 75.0
"""The accuracy at which bars begin."""
KEPT, TRIED, OTHER = style.COLOURS[0], "white", style.GREY


class Design(NamedTuple):
    """What a step has: blocks of each stage, the stem, the block, and the width of the first stage."""

    depths: tuple[int, ...]
    patchify: bool
    """A 4x4 convolution with stride 4 as the stem, instead of a 7x7 one and a pool."""
    depthwise: bool
    width: int
    inverted: bool
    """Four times as many channels inside a block as outside, not the reverse."""
    conv_first: bool
    """The spatial convolution stands first in a block, on the channels of its input."""
    kernel: int
    separate: bool
    """2x2 convolutions with stride 2 between stages, instead of strides in their first blocks."""


class RoadmapStep(NamedTuple):
    """A step: the paper's figures and the mult-adds counted here."""

    name: str
    kept: bool
    top1: float
    deviation: float | None
    """The standard deviation of three runs, where the paper prints one."""
    printed: float
    """Thousand millions of multiply-adds, as the paper prints them."""
    counted: int
    source: str


class Roadmap(NamedTuple):
    """The data of the plot, in the order of the paper."""

    steps: tuple[RoadmapStep, ...]


@cache
def steps() -> tuple[RoadmapStep, ...]:
    """The rows of `data/roadmap.csv`, each with its mult-adds.

    >>> [(each.name, each.printed, each.counted) for each in steps()][2]
    ('stage ratio', 4.53, 4525916160)
    """
    return tuple([_step(line) for line in csv.DictReader(read_text(DATA, "roadmap.csv").splitlines())])


def _step(line: dict[str, str]) -> RoadmapStep:
    graph = zoo.network("swin_t").graph()
    if line["depths"]:
        depths = tuple([int(each) for each in line["depths"].split("-")])
        flags = {name: line[name] == "1" for name in ("patchify", "depthwise", "inverted", "conv_first", "separate")}
        design = Design(depths=depths, width=int(line["width"]), kernel=int(line["kernel"]), **flags)
        graph = network(design).graph()
    return RoadmapStep(
        line["step"],
        line["kept"] == "1",
        float(line["top1_pct"]),
        float(line["deviation_pct"]) if line["deviation_pct"] else None,
        float(line["printed_gmacs"]),
        whole(sums(graph)[1]),
        line["source"],
    )


def network(design: Design) -> Network:
    """The convolutions of a step's network, without normalisation and activations, which have no mult-adds."""

    def build(x: Value) -> Value:
        x = _stem(x, design)
        for stage, blocks in enumerate(design.depths):
            width = design.width * 2**stage
            if design.separate and stage:
                x = row(f"stage{stage + 1}.downsample", x, Conv(width, 2, 2))
            for number in range(blocks):
                strided = bool(stage) and number == 0 and not design.separate
                x = _block(f"stage{stage + 1}.{number}", x, width, 2 if strided else 1, design)
        return row("head", row("avgpool", x, GlobalAvgPool()), Flatten(), Linear(1000))

    return Network.build(build, input=INPUT, name="roadmap")


def _stem(x: Value, design: Design) -> Value:
    if design.patchify:
        return row("stem", x, Conv(design.width, 4, 4))
    return row("maxpool", row("stem", x, Conv(design.width, 7, 2, padding=3)), MaxPool(3, 2, padding=1))


def _block(name: str, x: Value, width: int, stride: int, design: Design) -> Value:
    """A bottleneck, inverted or not, with its shortcut, which has a 1x1 convolution where the shape changes."""
    inner, outer = (4 * width, width) if design.inverted else (width, 4 * width)

    def spatial(y: Value) -> Value:
        groups = y.channels if design.depthwise else 1
        return row(f"{name}.conv", y, Conv(y.channels, design.kernel, stride, design.kernel // 2, groups=groups))

    y = spatial(x) if design.conv_first else x
    y = row(f"{name}.in", y, Conv(inner, 1))
    y = y if design.conv_first else spatial(y)
    y = row(f"{name}.out", y, Conv(outer, 1))
    shortcut = x if x.shape == y.shape else row(f"{name}.shortcut", x, Conv(outer, 1, stride))
    return row(f"{name}.add", (y, shortcut), Add())


def gather(_: Plot) -> Roadmap:
    """The steps of the roadmap; the request has no options."""
    return Roadmap(steps())


def records(data: Roadmap) -> list[dict[str, object]]:
    """The steps as flat dictionaries."""
    return [
        {
            "step": each.name,
            "kept": each.kept,
            "top1_percent": each.top1,
            "deviation_percent": each.deviation,
            "printed_mult_adds": round(each.printed * 1e9),
            "mult_adds": each.counted,
            "source": each.source,
        }
        for each in data.steps
    ]


def draw(data: Roadmap, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide: a bar of accuracy for each step, and of mult-adds on a page."""
    wide = width >= 120
    notes = [
        f"Accuracies and printed mult-adds: {data.steps[0].source}; lines: standard deviation of three runs, whose "
        f"mean is drawn. Bars of accuracy begin at {START:g} %. Filled: on the road to ConvNeXt-T, the network with "
        "separate downsampling; open: tried and not kept, and the first row with the old recipe.",
        f"{WORK.note} The paper counts 0.31 and 0.03 billion more in the last two steps, which no mult-add explains.",
        style.origin(),
    ]
    body = PITCH * len(data.steps) + 16
    sheet = style.Sheet("From ResNet-50 to ConvNeXt-T: ImageNet top-1 accuracy and mult-adds", width, body, notes)
    names = max([style.text_width(each.name, style.NOTE) for each in data.steps]) / style.POINTS + 4
    beside = 20.0
    middle = names + (width - names - beside) * (0.56 if wide else 1.0)
    axes = sheet.axes(names, width - middle + (8 if wide else 2), 7, 9)
    _bars(axes, data.steps, 8 if wide else 4)
    if wide:
        _costs(sheet.axes(middle + 5, beside + 3, 7, 9), data.steps)
    _texts(sheet, axes, data)
    return sheet.figure


def _bars(axes: Any, drawn: tuple[RoadmapStep, ...], ticks: int) -> None:
    """Draw the accuracies with their deviations, and write them beside the bars."""
    box = axes.get_window_extent()
    room = style.text_width("80.00", style.NOTE) + 5
    best = max([each.top1 + (each.deviation or 0) for each in drawn])
    style.scale_axis(axes.xaxis, START, START + (best - START) * box.width / (box.width - room), most=ticks)
    for place, each in enumerate(drawn):
        swin = not each.kept and each.name.startswith("Swin")
        axes.barh([place], [each.top1 - START], left=START, height=0.68, color=OTHER if swin else _fill(each),
                  edgecolor=OTHER if swin else KEPT, linewidth=0.7, zorder=3, gid=f"bar {each.name}")  # fmt: skip
        if each.deviation is not None:
            axes.plot([each.top1 - each.deviation, each.top1 + each.deviation], [place, place], color=style.INK,
                      linewidth=0.8, solid_capstyle="butt", zorder=4, gid=f"deviation {each.name}")  # fmt: skip
    _lined(axes, len(drawn), "top-1 accuracy (%)")
    for number, each in enumerate(drawn):
        x, y = axes.transData.transform((each.top1 + (each.deviation or 0), number))
        style.at(axes.figure, float(x) + 2.5, float(y) - style.NOTE * 0.33, f"{each.top1:.2f}", size=style.NOTE)


def _fill(each: RoadmapStep) -> str:
    return KEPT if each.kept else TRIED


def _costs(axes: Any, drawn: tuple[RoadmapStep, ...]) -> None:
    """Draw the counted mult-adds as bars, and the printed ones as marks."""
    for place, each in enumerate(drawn):
        axes.barh([place], [each.counted / 1e9], height=0.68, color=style.RULE, zorder=3, gid=f"cost {each.name}")
        axes.plot([each.printed], [place], marker="|", markersize=6, markeredgewidth=1.1, color=style.COLOURS[1],
                  linestyle="none", zorder=4, gid=f"printed {each.name}")  # fmt: skip
    style.scale_axis(axes.xaxis, 0, 6, most=6)
    _lined(axes, len(drawn), "billion mult-adds; line: printed")


def _lined(axes: Any, number: int, label: str) -> None:
    axes.set_ylim(number - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(label)
    style.grid(axes, "x")


def _texts(sheet: style.Sheet, axes: Any, data: Roadmap) -> None:
    """Write the names at the left, and printed and counted mult-adds at the right."""
    box, right = axes.get_window_extent(), sheet.figure.bbox.width - 2 * style.POINTS
    size, step = style.NOTE, 9 * style.POINTS
    style.at(sheet.figure, right, box.y1 + 10, "billion mult-adds", size=style.PRINT, color=style.GREY, ha="right")
    for heading, x in (("printed", right - step), ("counted", right)):
        style.at(sheet.figure, x, box.y1 + 3, heading, size=style.PRINT, color=style.GREY, ha="right")
    for number, each in enumerate(data.steps):
        y = float(axes.transData.transform((START, number))[1]) - size * 0.33
        style.at(sheet.figure, box.x0 - 4, y, each.name, size=size, ha="right", gid=f"label{number}")
        style.at(sheet.figure, right - step, y, f"{each.printed:.2f}", size=size, ha="right")
        style.at(sheet.figure, right, y, f"{each.counted / 1e9:.2f}", size=size, ha="right")
