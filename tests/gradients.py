"""What units see, by gradient: the oracle that receptive fields are held against.

All weights are positive and a max pool is run as the average pool of its geometry (`spread`), so that nothing that a
unit depends on cancels or hides. Fields are stated as if the input had no end. So that every unit of a network can be
compared, those in the padding too, the network is also laid on a larger input, of which its own input is the middle.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import torch
from torch.nn import functional

from archcalc.analysis.receptive_field import Interval, Track, fields
from archcalc.graph import Graph, Op, Value
from archcalc.ops.applied import Each
from archcalc.ops.elementwise import Combine, Elementwise
from archcalc.ops.pool import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, MaxPool
from archcalc.ops.reduce import Along, Reduce

MARGIN = 48
"""Positions put around the input: a multiple of every total stride below, and wider than every field."""

Build = Callable[[Value], Value]
Seen = list[Interval | None]
"""First and last input position that each unit depends on, along one axis; None for a unit that depends on none."""

torch.set_num_threads(1)


def built(build: Build, shape: tuple[int, ...]) -> Graph:
    """The network, all of it in one row, so that ops need no labels."""
    graph = Graph("t", shape)
    graph.row = graph.open_row("all")
    return graph.finish(build(graph.input))


class DilatedMean:
    """What takes the mean over the windows of a dilated max pool, for PyTorch has no dilated average pool."""

    def __init__(self, pool: MaxPool) -> None:
        self.pool = pool

    def lower(self, _: object, x: tuple[int, ...]) -> Callable[..., torch.Tensor]:
        """A depthwise convolution with the numbers of PyTorch's max pool, on as many positions as that has."""
        module = self.pool.lower(torch, x)
        *pads, pool = module if isinstance(module, torch.nn.Sequential) else [module]
        kernel, stride, padding, dilation = (
            (each,) * (len(x) - 1) if isinstance(each, int) else each
            for each in (pool.kernel_size, pool.stride, pool.padding, pool.dilation)
        )

        def mean(value: torch.Tensor) -> torch.Tensor:
            for each in pads:
                value = functional.pad(value, each.padding)
            positions = pool(value).shape[2:]
            room: list[int] = []
            for axis in reversed(range(len(kernel))):
                last = (positions[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1
                room += [padding[axis], max(padding[axis], last - value.shape[2 + axis] - padding[axis])]
            weight = torch.ones(x[0], 1, *kernel, dtype=value.dtype)
            convolve = getattr(functional, f"conv{len(kernel)}d")
            result = convolve(functional.pad(value, room), weight, None, stride, 0, dilation, x[0])
            return result[(slice(None), slice(None), *[slice(n) for n in positions])]

        return mean


def mean_of(pool: MaxPool) -> Any:
    """A mean over the same windows."""
    given = pool.attributes()
    given.pop("dilation", None)
    return AvgPool(**given) if pool.dilation == 1 else DilatedMean(pool)


SPREAD: dict[type[Op], Callable[..., Op]] = {
    Each: lambda op: Each(spread(op.op)),
    MaxPool: mean_of,
    AdaptiveMaxPool: lambda op: AdaptiveAvgPool(**op.attributes()),
    Reduce: lambda op: Reduce("sum", op.axes, op.keep),
    Along: lambda op: Along("log_softmax", op.axis) if op.function == "sort" else op,
    Combine: lambda _: Combine("add"),
    Elementwise: lambda _: Elementwise("square"),
}


def spread(op: Op) -> Op:
    """An op that looks at the same positions, and whose gradients show all of them."""
    return SPREAD[type(op)](op) if type(op) in SPREAD else op


def run(graph: Graph, x: torch.Tensor) -> torch.Tensor:
    values = [x]
    for op, inputs, *_ in graph.nodes[1:]:
        function = spread(op).lower(torch, *[graph.nodes[index].shape for index in inputs])
        if isinstance(function, torch.nn.Module):
            function.eval().double()
            for parameter in function.parameters():
                torch.nn.init.uniform_(parameter, 0.5, 1.5)
        values.append(function(*[values[index] for index in inputs]))
    return values[graph.outputs[0]]


def spread_evenly(module: torch.nn.Module) -> torch.nn.Module:
    """All weights positive and small, and averages in place of maxima: nothing that a unit depends on is hidden."""
    for parent in list(module.modules()):
        for name, part in list(parent.named_children()):
            if isinstance(part, torch.nn.MaxPool2d):
                pool = torch.nn.AvgPool2d(part.kernel_size, part.stride, part.padding, ceil_mode=part.ceil_mode)  # type: ignore[arg-type]
                setattr(parent, name, pool)
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if name.endswith(("bias", "running_mean")):
                value.zero_()
            elif value.dim() < 2:
                value.fill_(1)
            else:
                value.uniform_(0.5, 1.5).div_(value[0].numel())
    return module.double().eval()


def seen(graph: Graph, axis: int, output_axis: int | None = None, units: slice = slice(None)) -> Seen:
    """What gradients show along one axis of the input (of an image 1 height, 2 width) for every output unit.

    A unit is one position along the same axis of the output, or along `output_axis`; `units` picks some of them.
    """
    each = touched(graph, axis, output_axis, units)
    return [(min(places), max(places)) if places else None for places in each]


def touched(graph: Graph, axis: int, output_axis: int | None = None, units: slice = slice(None)) -> list[set[int]]:
    """The same with all positions that a unit depends on."""
    x = torch.rand(1, *graph.input.shape, dtype=torch.float64, requires_grad=True)
    y = run(graph, x)
    y = y * torch.rand_like(y)  # or the gradients of a softmax, whose outputs sum to 1, would cancel
    result: list[set[int]] = []
    for unit in y.unbind(1 + (axis if output_axis is None else output_axis))[units]:
        (gradient,) = torch.autograd.grad(unit.sum(), x, retain_graph=True)
        result.append(set(gradient.transpose(axis + 1, 0).flatten(1).any(1).nonzero().flatten().tolist()))
    return result


def seen_without_end(build: Build, shape: tuple[int, ...], axis: int) -> Seen:
    """The same for every unit of the network on `shape`, as if its input went on beyond both ends of the axis."""
    longer = tuple(size + 2 * MARGIN * (number == axis) for number, size in enumerate(shape))
    small, large = built(build, shape), built(build, longer)
    units, more = (graph.nodes[graph.outputs[0]].shape[axis] for graph in (small, large))
    before = (more - units) // 2
    inner = seen(large, axis, units=slice(before, before + units))
    return [None if unit is None else (unit[0] - MARGIN, unit[1] - MARGIN) for unit in inner]


def stated(track: Track, units: int) -> Seen:
    """What a track states of its first units."""
    result: Seen = []
    for unit in range(units):
        turns, phase = divmod(unit, len(track.units))
        field = track.units[phase]
        result.append(None if field is None else (field[0] + turns * track.jump, field[1] + turns * track.jump))
    return result


def clipped(units: Seen, size: int) -> Seen:
    """Fields without what lies beyond the input."""
    within = [None if unit is None else (max(unit[0], 0), min(unit[1], size - 1)) for unit in units]
    return [unit if unit is not None and unit[0] <= unit[1] else None for unit in within]


def is_within(unit: Interval | None, limit: Interval | None) -> bool:
    return unit is None or (limit is not None and limit[0] <= unit[0] and unit[1] <= limit[1])


def tracks(graph: Graph) -> tuple[Track, ...]:
    local = fields(graph)[graph.outputs[0]].local
    assert local is not None
    return local


def check_every_unit(build: Build, shape: tuple[int, ...]) -> None:
    """Every unit's field, and the size, stride and offset that are told of them, are those of the gradients."""
    for axis, track in enumerate(tracks(built(build, shape)), 1):
        truth = seen_without_end(build, shape, axis)
        assert stated(track, len(truth)) == truth
        present = [unit for unit in truth if unit is not None]
        assert track.offset == present[0][0]
        period = len(track.units)
        if len(truth) >= period:
            assert track.size == max(last - first + 1 for first, last in present[:period])
        for before, after in zip(truth, truth[period:], strict=False):
            assert before is None or after is None or Fraction(after[0] - before[0], period) == track.stride
