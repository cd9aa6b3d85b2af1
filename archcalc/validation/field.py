"""Receptive fields: the gradient of one output unit with respect to the input, on a skeleton of the network.

The skeleton has only the network's connections and windows, one channel, and weights of 1: no normalisation, no
activation, and sums in place of maxima. A rectangular window is a window on each axis, so each axis runs separately, on
a column of pixels long enough to hold the whole field. The windows are read from the PyTorch modules of the ops, not
from the windows that the ops state. Gradients are clipped to 1 after every step, so that many layers do not overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from archcalc.analysis.receptive_field import Field, Track, fields
from archcalc.analysis.results import AXES
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Graph, channels_last
from archcalc.ops.attention import PatchMerging
from archcalc.ops.conv import Conv, ConvTranspose, TableConv
from archcalc.ops.layout import Crop, Subsample, ZeroPad, margins
from archcalc.ops.pool import AdaptiveAvgPool, AvgPool, MaxPool, Subsampling
from archcalc.validation.outcome import Ledger, Outcome, not_run
from archcalc.validation.subject import CheckedNetwork, Size

NAME = "field"
AGAINST = f"torch {torch.__version__} on cpu"
"""A skeleton always runs on the CPU: it needs exact zeros, and libraries of GPUs may compute numbers close to 0."""
SLIDING = (Conv, ConvTranspose, TableConv, MaxPool, AvgPool, Subsampling)
STAGES = 40
"""The most nodes that are checked: evenly spread, the last one included."""


def check(subject: CheckedNetwork) -> Outcome:
    """Size, stride and offset at the end of every stage and of the network, on each axis."""
    try:
        graph = subject.graph(_holding(subject))
    except ArchcalcError as error:
        return not_run(NAME, f"no input holds the whole field: {error}")
    return check_graph(graph, Ledger(NAME, AGAINST), holds=True)


def check_graph(graph: Graph, ledger: Ledger, *, holds: bool = False) -> Outcome:
    """Compare units whose fields do not reach padding; if the input `holds` all fields, every stage must have some."""
    stated = fields(graph)
    looked_at = [index for index in _ends(graph) if stated[index].local is not None]
    if not looked_at:
        return not_run(NAME, "every stage sees the whole input")
    for axis, name in enumerate(AXES[len(graph.input.shape)]):
        column = skeleton(graph, stated, axis)
        for index in looked_at:
            units = _compare(ledger, graph, stated[index], index, (axis, name), column)
            if holds:
                ledger.equal(f"{graph.nodes[index].row} {name}: no unit is clear of padding", 0, int(units == 0))
    if stated[graph.outputs[0]].reach is not None:
        ledger.note(f"the last stages see the {stated[graph.outputs[0]].reach.value}")  # pyright: ignore[reportOptionalMemberAccess]
    return ledger.close()


def _holding(subject: CheckedNetwork) -> Size:
    """An input that holds the largest field around a unit in its middle, on each axis."""
    channels, *sizes = subject.input
    sides: list[int] = []
    tracks = [rf.local for rf in fields(subject.graph()) if rf.local is not None]
    for axis, size in enumerate(sizes):
        reach: Any = max(_span(each[axis]) for each in tracks)
        period = max(int(each[axis].jump) for each in tracks)  # pyright: ignore[reportArgumentType]
        sides.append(size + -(-2 * reach // period) * period)
    return (channels, *sides)


def _span(track: Track) -> Any:
    """Input positions that a period of units sees, plus those between two periods."""
    size: Any = track.size
    jump: Any = track.jump
    return size + 2 * jump


def _ends(graph: Graph) -> list[int]:
    """The last node of every block, and of every row outside blocks; if there are many, only some of them."""
    last: dict[str, int] = {}
    for index, node in enumerate(graph.nodes[1:], 1):
        last[node.row.rpartition(".")[0] or node.row] = index
    ends = sorted({*last.values(), *graph.outputs})
    step = -(-len(ends) // STAGES)
    return ends[::-step][::-1]


def _compare(ledger: Ledger, graph: Graph, rf: Field, index: int, axis: tuple[int, str], column: AxisRun) -> int:
    """Compare fields of neighbouring units in the middle: a period and one more. Returns how many reach no padding."""
    if rf.local is None:
        return 0
    track, row = rf.local[axis[0]], f"{graph.nodes[index].row} {axis[1]}"
    value, clear = column.values[index], column.edges[index][0, 0] == 0
    units = value.shape[2]
    ledger.equal(
        f"{row} units", graph.nodes[index].shape[axis[0] if channels_last(graph)[index] else axis[0] + 1], units
    )
    period = len(track.units)
    first = units // 2 // period * period
    compared = [unit for unit in range(first, min(first + period + 1, units)) if bool(clear[unit])]
    for unit in compared:
        stated = track.units[unit % period]
        moved: Any = None if stated is None else tuple(side + unit // period * track.jump for side in stated)
        ledger.equal(f"{row} unit {unit}", moved, _seen(value, unit, column.inputs))
    return len(compared)


def _seen(value: torch.Tensor, unit: int, column: torch.Tensor) -> tuple[int, int] | None:
    """The first and the last input position with a gradient from one unit."""
    wanted = torch.zeros_like(value)
    wanted[0, 0, unit] = 1
    (gradient,) = torch.autograd.grad(value, column, wanted, retain_graph=True)
    positions = gradient[0, 0].nonzero()
    return (int(positions[0]), int(positions[-1])) if len(positions) else None


class AxisRun(NamedTuple):
    """A skeleton's run on one axis: inputs, values of all nodes, and `edges`, above 0 for units that padding reaches.

    Inputs of the same sizes as the first share its column.
    """

    inputs: torch.Tensor
    values: dict[int, torch.Tensor]
    edges: dict[int, torch.Tensor]


def skeleton(graph: Graph, stated: list[Field], axis: int) -> AxisRun:
    """The skeleton of every node that has a local field, run on one axis."""
    size: Any = graph.nodes[0].shape[axis + 1]
    inputs = torch.zeros(1, 1, size, dtype=torch.float64, requires_grad=True)
    values: dict[int, torch.Tensor] = {}
    edges: dict[int, torch.Tensor] = {}
    for index, node in enumerate(graph.nodes):
        if not node.inputs and stated[index].local is not None:
            values[index], edges[index] = inputs, inputs.detach()
        sources = [source for source in node.inputs if source in values]
        if stated[index].local is None or not sources:
            continue
        step = _step(node.op, [graph.nodes[source].shape for source in node.inputs], axis)
        values[index] = step(_sum([values[source] for source in sources]), 0)
        if values[index].requires_grad:
            values[index].register_hook(_clip)  # pyright: ignore[reportUnknownMemberType]
        edges[index] = _clip(step(_sum([edges[source] for source in sources]), 1))
    return AxisRun(inputs, values, edges)


def _sum(values: list[torch.Tensor]) -> torch.Tensor:
    return values[0] if len(values) == 1 else torch.stack(values).sum(0)


def _clip(values: torch.Tensor) -> torch.Tensor:
    return (values != 0).to(values.dtype)


Step = Callable[[Any, int], Any]
"""A step of the skeleton: a function of a column and of the value of its padding."""


def _step(op: Any, shapes: list[Any], axis: int) -> Step:
    """The output of an op on one axis of one channel of ones."""
    if isinstance(op, SLIDING):
        with torch.device("meta"):
            return _sliding(op.lower(torch, *shapes), op, axis)
    if isinstance(op, (Crop, ZeroPad)):
        sides: Any = margins(op, shapes[0])[axis]
        sign = 1 if isinstance(op, ZeroPad) else -1
        return lambda x, edge: functional.pad(x, [sign * side for side in sides], value=edge)
    if isinstance(op, PatchMerging):  # an odd size is padded at the end
        return lambda x, edge: _pairs(functional.pad(x, (0, x.shape[2] % 2), value=edge))
    if isinstance(op, AdaptiveAvgPool):
        return lambda x, _: functional.adaptive_avg_pool1d(x, _on(axis, op.size))
    stride = op.stride if isinstance(op, Subsample) else 1
    return lambda x, _: x[:, :, ::stride] * 1


def _pairs(x: Any) -> Any:
    return functional.conv1d(x, _ones(x, 2), stride=2)


def _sliding(module: Any, op: Any, axis: int) -> Step:
    """A convolution or a pool, from its PyTorch module."""
    if isinstance(op, (TableConv, Subsampling)):
        stride = op.kernel if isinstance(op, Subsampling) else 1
        return lambda x, _: functional.conv1d(x, _ones(x, op.kernel), stride=stride)
    before, after = 0, 0
    if isinstance(module, torch.nn.Sequential):
        pads: Any = module[0]
        before, after = pads.padding[::-1][2 * axis : 2 * axis + 2][::-1]  # PyTorch begins with the last axis
        module = module[1]
    kernel, stride, padding, dilation = (_on(axis, getattr(module, name, 1)) for name in WINDOW)
    if isinstance(op, ConvTranspose):
        return _spreading(kernel, stride, padding, dilation, _on(axis, module.output_padding))
    before, after = before + padding, after + padding

    def slide(x: Any, edge: int) -> Any:
        behind = after
        if getattr(module, "ceil_mode", False):  # the last window may overhang: room for it
            count = functional.max_pool1d(x.detach(), kernel, stride, padding, dilation, ceil_mode=True).shape[2]
            behind = (count - 1) * stride + (kernel - 1) * dilation + 1 - x.shape[2] - before
        x = functional.pad(x, (before, behind), value=edge)
        return functional.conv1d(x, _ones(x, kernel), stride=stride, dilation=dilation)

    return slide


def _spreading(kernel: int, stride: int, padding: int, dilation: int, extra: int) -> Step:
    """A transposed convolution; its edges are the contributions of units beyond the input."""

    def spread(x: Any, edge: int) -> Any:
        x = functional.pad(x, (kernel, kernel + extra), value=edge) if edge else x
        y = functional.conv_transpose1d(x, _ones(x, kernel), stride=stride, dilation=dilation, output_padding=0)
        y = functional.pad(y, (0, extra))
        begin = padding + (kernel * stride if edge else 0)
        end = padding + ((kernel + extra) * stride if edge else 0)
        return y[:, :, begin : y.shape[2] - end]

    return spread


WINDOW = ("kernel_size", "stride", "padding", "dilation")


def _on(axis: int, sides: Any) -> int:
    return sides if isinstance(sides, int) else sides[axis]


def _ones(x: Any, kernel: int) -> torch.Tensor:
    return torch.ones(1, 1, kernel, dtype=x.dtype)
