"""Memory along a training step: the bytes that are alive at the end of every call, stacked by kind.

Forward and backward pass have one column for each call; the optimizer's step is as wide as `OPTIMIZER` says, however
many calls it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.analysis.memory import KINDS, Moment, training_step
from archcalc.evidence.accuracy import whole
from archcalc.figures import Plot, keys, labels, stages, style
from archcalc.figures.training import TrainedNetwork, trained, unit_of_bytes
from archcalc.graph import Graph
from archcalc.present.memory import LABELS, PHASES
from archcalc.present.names import pretty
from archcalc.present.tables import human_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OPTIMIZER = 0.07
"""The width of the optimizer's step, as a part of those of forward and backward pass together."""
AGAIN = "forward again"
APART = (
    "Without what a GPU adds: the context of the process, workspaces of libraries and the rounding of the allocator."
)

# each band of the stack: its label, the kinds that it has, its colour, and the hatch that distinguishes it without
BANDS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("parameters and buffers", ("parameters", "buffers"), "#0072b2", ""),
    (LABELS["master_weights"], ("master_weights",), "#56b4e9", "////"),
    (LABELS["optimizer_state"], ("optimizer_state",), "#b3d5e8", "----"),
    (LABELS["gradients"], ("gradients",), "#009e73", "\\\\\\\\"),
    (LABELS["data"], ("data",), "#7f7f7f", ""),
    (LABELS["saved_activations"], ("saved_activations",), "#f3cf8e", ""),
    (LABELS["activations"], ("activations",), "#e69f00", "////"),
    (LABELS["activation_gradients"], ("activation_gradients",), "#d55e00", "||||"),
    (LABELS["weight_copies"], ("weight_copies",), "#cc79a7", "xxxx"),
    (LABELS["temporaries"], ("temporaries",), "#3a3a3a", ""),
)


class MemoryAtCall(NamedTuple):
    """The bytes that are alive at the end of a call."""

    phase: str
    """`forward`, `backward`, `optimizer`; `forward again` in the backward pass, of what is not saved."""
    layer: str
    """The row of the op; empty in the optimizer's step."""
    op: str
    alive: tuple[int, ...]
    """By kind, in the order of `archcalc.analysis.memory.KINDS`."""
    total: int


class StepMemory(NamedTuple):
    """The calls of a training step of one network, in order."""

    name: str
    inputs: tuple[tuple[int, ...], ...]
    batch: int
    examples: str
    """The batch in words."""
    training: str
    """The way of training in words."""
    calls: tuple[MemoryAtCall, ...]

    @property
    def peak(self) -> int:
        """The index of the first call at which most bytes are alive."""
        totals = [each.total for each in self.calls]
        return totals.index(max(totals))


def gather(request: Plot) -> StepMemory:
    """The memory along a training step of the named network. Raises ArchcalcError as `archcalc.memory` does."""
    (network,) = trained(request, request.names)
    run = training_step(network.graph, network.batch, network.dtype, network.training)
    return StepMemory(
        network.name,
        network.inputs,
        network.batch,
        examples(network),
        network.words,
        tuple([_call(network.graph, each) for each in run.moments]),
    )


def examples(network: TrainedNetwork) -> str:
    """The batch of a network in words: `one image`, `a batch of 32 images`."""
    return f"a batch of {network.batch} {network.example}s" if network.batch > 1 else f"one {network.example}"


def _call(graph: Graph, moment: Moment) -> MemoryAtCall:
    """The memory of a moment."""
    node = graph.nodes[moment.node] if moment.node >= 0 else None
    layer, op = (node.row, node.op.kind) if node else ("", "")
    phase = AGAIN if moment.phase == "again" else moment.phase
    return MemoryAtCall(phase, layer, op, tuple([whole(each) for each in moment.alive]), whole(moment.total))


def records(data: StepMemory) -> list[dict[str, object]]:
    """The calls as flat dictionaries; counts are bytes."""
    return [
        {
            "architecture": data.name,
            "batch": data.batch,
            "training": data.training,
            "call": number,
            "phase": each.phase,
            "layer": each.layer,
            "op": each.op,
            **dict(zip(KINDS, each.alive, strict=True)),
            "total": each.total,
        }
        for number, each in enumerate(data.calls, 1)
    ]


def tops(data: StepMemory) -> dict[str, tuple[int, ...]]:
    """The upper edge of each band that is not empty, in bytes at every call, from the lowest band to the highest."""
    found: dict[str, tuple[int, ...]] = {}
    below = [0] * len(data.calls)
    for label, kinds, _, _ in BANDS:
        places = [KINDS.index(kind) for kind in kinds]
        above = [low + sum([each.alive[p] for p in places]) for low, each in zip(below, data.calls, strict=True)]
        if above != below:
            found[label] = tuple(above)
        below = above
    return found


def draw(data: StepMemory, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide."""
    heights = tops(data)
    key = keys.rows(list(heights), width)
    forward = [each.phase for each in data.calls].count("forward")
    passes = [each for each in data.calls if each.phase != "optimizer"]
    named = [stages.stage_of(each.layer) for each in passes]
    names = [(name, first + at, last + at) for part, at in ((named[:forward], 0), (named[forward:], forward))
             for name, first, last in stages.spans(part)]  # fmt: skip
    turned = stages.rotated(names, len(passes), (width - 16) * style.POINTS / (1 + OPTIMIZER))
    room = stages.room(names, turned)
    sizes = " and ".join(["x".join(map(str, shape)) for shape in data.inputs])
    sheet = style.Sheet(
        f"Memory of a training step of {pretty(data.name)}, {data.examples}: {data.training}",
        width,
        (58.0 if width < 120 else 72.0) + keys.PITCH * len(key) + room,
        [
            f"Network {data.name}, input {sizes}. Bytes alive at the end of every call of a step as eager PyTorch runs "
            "it, from the second step on: calls from left to right, kinds in the order of the key from the bottom, "
            f"names of stages below. {APART}",
            style.origin(),
        ],
    )
    axes = sheet.axes(13, 2.5, keys.PITCH * len(key) + 5, room + 0.5)
    edges = edges_of(len(passes), len(data.calls) - len(passes))
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xticks([])
    keys.draw(sheet, key, {label: (colour, hatch) for label, _, colour, hatch in BANDS})
    said = _peak_lines(axes, data)
    size, word = unit_of_bytes(data.calls[data.peak].total)
    box = axes.get_window_extent()
    top = data.calls[data.peak].total / size * box.height / (box.height - 1.2 * style.NOTE * len(said) - 8)
    style.scale_axis(axes.yaxis, 0, top, most=6)
    axes.set_ylabel(f"memory ({word})")
    style.grid(axes)
    _stack(axes, edges, heights, size)
    _phases(sheet.figure, axes, data, edges)
    stages.write(sheet.figure, axes, names, turned)
    _mark_peak(sheet.figure, axes, data, edges, size, said)
    return sheet.figure


def edges_of(passes: int, steps: int) -> list[float]:
    """The left edges of the calls, and the right edge of the last: those of passes are one apart."""
    start = passes - 0.5
    return [
        *[number - 0.5 for number in range(passes)],
        *[start + OPTIMIZER * passes * number / max(steps, 1) for number in range(steps + 1)],
    ]


def _stack(axes: Any, edges: Sequence[float], heights: dict[str, tuple[int, ...]], size: float) -> None:
    """Draw the bands as steps, from the highest to the lowest: each covers what is below the ones before it."""
    looks = {label: (colour, hatch) for label, _, colour, hatch in BANDS}
    for label, values in reversed(heights.items()):
        colour, hatch = looks[label]
        xs: list[float] = []
        ys: list[float] = []
        for left, right, value in zip(edges, edges[1:], values, strict=False):
            if ys and ys[-1] == value / size:
                xs[-1] = right
            else:
                xs += [left, right]
                ys += [value / size] * 2
        axes.fill([edges[0], *xs, edges[-1]], [0, *ys, 0], facecolor=colour, edgecolor="white", hatch=hatch or None,
                  linewidth=0, zorder=2, gid=f"band {label}")  # fmt: skip


def _phases(figure: Figure, axes: Any, data: StepMemory, edges: Sequence[float]) -> None:
    """Draw a line between two phases, and write their names above the axes."""
    box = axes.get_window_extent()
    words = {**PHASES, "optimizer": "optimizer"}
    phases = ["backward" if each.phase == AGAIN else each.phase for each in data.calls]
    middles: dict[str, float] = {}
    for phase in dict.fromkeys(phases):
        own = [number for number, each in enumerate(phases) if each == phase]
        if own[0]:
            axes.axvline(edges[own[0]], color=style.INK, linewidth=0.6, linestyle=style.DASHES[1], zorder=3)
        middle = (edges[own[0]] + edges[own[-1] + 1]) / 2
        middles[phase] = float(axes.transData.transform((middle, 0))[0])
    wide = {phase: style.text_width(words[phase], style.NOTE) for phase in middles}
    widths = list(wide.values())
    places = labels.spread(list(middles.values()), max(widths) + 5, box.x0 + widths[0] / 2, box.x1 - widths[-1] / 2)
    for phase, x in zip(middles, places, strict=True):
        style.at(figure, x, box.y1 + 3, words[phase], size=style.NOTE, ha="center", gid=f"phase {phase}")


def _peak_lines(axes: Any, data: StepMemory) -> list[str]:
    """The highest call in words, in lines that fit the axes."""
    peak, width = data.calls[data.peak], axes.get_window_extent().width - 8
    layer = peak.layer and style.shortened(peak.layer, style.NOTE, width, from_left=True, bold=True)
    where = f"{PHASES.get(peak.phase, peak.phase)}{f' at {layer} ({peak.op})' if layer else ''}"
    return style.wrapped(f"peak {human_bytes(peak.total)}, {where}", style.NOTE, width, bold=True)


def _mark_peak(
    figure: Figure, axes: Any, data: StepMemory, edges: Sequence[float], size: float, said: Sequence[str]
) -> None:
    """Draw a mark at the highest call, and say above it where it is."""
    at, total = data.peak, data.calls[data.peak].total
    middle = (edges[at] + edges[at + 1]) / 2
    axes.plot([middle], [total / size], marker=7, markersize=3.6, color=style.INK, markeredgewidth=0, zorder=5,
              linestyle="none", gid="peak")  # fmt: skip
    box = axes.get_window_extent()
    x, y = (float(each) for each in axes.transData.transform((middle, total / size)))
    wide = max([style.text_width(line, style.NOTE, bold=True) for line in said])
    x = min(max(x, box.x0 + 4 + wide / 2), box.x1 - wide / 2)
    for number, line in enumerate(reversed(said)):
        place = y + 4.5 + 1.2 * style.NOTE * number
        style.at(figure, x, place, line, size=style.NOTE, weight="semibold", ha="center", gid=f"label peak {number}",
                 bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"})  # fmt: skip
