"""Graphs exported as PyTorch modules and imported back, and the graph that the import is held against.

PyTorch runs some ops of the catalogue in several steps: padding that differs between sides is put around the input
before a convolution, a crop is a slice of each axis. An export has these steps, and so has its import. `in_steps`
writes a graph with the steps in place of such ops, so that each node of the import has a node to be equal to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from archcalc import Network
from archcalc.analysis.quantities import Basis, totals
from archcalc.analysis.receptive_field import fields
from archcalc.conventions.counting import conventions, total
from archcalc.conventions.measures import Measures
from archcalc.execution.model import Model
from archcalc.graph import Graph, Op, Value
from archcalc.ops.combine import Add, Multiply
from archcalc.ops.conv import Conv
from archcalc.ops.elementwise import Combine, Elementwise
from archcalc.ops.layout import ChannelsFirst, ChannelsLast, Crop, Slice, Subsample, ZeroPad, margins
from archcalc.ops.norm import LayerNorm, LocalResponseNorm
from archcalc.ops.pointwise import Scale
from archcalc.ops.pool import AvgPool, MaxPool, Subsampling
from archcalc.ops.sliding import alike, sides
from archcalc.ops.values import Weight
from archcalc.ops.views import Copy, Narrow, Pad, Reshape

KEPT = ("params", "buffers", "mult_adds", "training_saved_bytes", "weight_layers")
"""Totals that do not depend on whether an op is run in steps."""
TOTALS = (*KEPT, "activation_sum", "peak_inference_bytes", "bytes_moved")


def imported(graph: Graph) -> Network:
    """The network that the export of a graph is read as."""
    with torch.device("meta"):
        module = Model(graph)
    return Network.from_torch(module, graph.input.shape, graph.name)


def differences(graph: Graph, other: Graph) -> list[str]:
    """What differs between a graph and its import."""
    steps = in_steps(graph)
    found = [f"{key}: {ours} and {theirs}" for key, ours, theirs in _totals(graph, other, KEPT)]
    found += [f"{key} in steps: {ours} and {theirs}" for key, ours, theirs in _totals(steps, other, TOTALS)]
    ours, theirs = Measures(steps), Measures(other)
    for convention in conventions():
        counts = total(ours, convention), total(theirs, convention)
        if counts[0] != counts[1]:
            found.append(f"{convention.name}: {counts[0]} and {counts[1]}")
    if len(steps.nodes) != len(other.nodes):
        return [*found, f"{len(steps.nodes)} and {len(other.nodes)} nodes: {_first(steps, other)}"]
    for (op, facts), (its, others) in zip(_facts(steps), _facts(other), strict=True):
        found += [
            f"{key} of {op} and {its}: {facts[key]} and {others[key]}" for key in facts if facts[key] != others[key]
        ]
    return found


def _totals(graph: Graph, other: Graph, keys: tuple[str, ...]) -> list[tuple[str, Any, Any]]:
    """The totals that differ, for a batch of two."""
    each: Any = totals(Basis(graph, 2), keys), totals(Basis(other, 2), keys)
    pairs = [(key, getattr(each[0], key), getattr(each[1], key)) for key in keys]
    return [(key, ours, theirs) for key, ours, theirs in pairs if ours != theirs]


def _facts(graph: Graph) -> list[tuple[Op, dict[str, Any]]]:
    """Each op with its inputs, the facts that it states, and the receptive field of its output."""
    result: list[tuple[Op, dict[str, Any]]] = []
    for node, facts, field in zip(graph.nodes, graph.facts, fields(graph), strict=True):
        stated = {
            "inputs": sorted(node.inputs) if isinstance(node.op, (Add, Multiply)) else list(node.inputs),
            "owner": node.owner if any(facts.params) else None,
            "shape": tuple(node.shape),
            "parameters": tuple(facts.params),
            "work": tuple(facts.work),
            "memory": facts.memory._replace(passes_gradient=False),  # a padding by nothing comes back as a copy
            "field": field,
        }
        result.append((node.op, stated))
    return result


def _first(one: Graph, other: Graph) -> str:
    """The first ops that differ in shape."""
    for a, b in zip(one.nodes, other.nodes, strict=False):
        if a.shape != b.shape:
            return f"{a.op} {a.shape} and {b.op} {b.shape}"
    return "at the end"


def in_steps(graph: Graph) -> Graph:
    """The same network, with the steps that PyTorch runs in place of an op that it runs in several."""
    written = Graph(graph.name, *[value.shape for value in graph.inputs])
    values = list(written.inputs)
    for node in graph.nodes[len(values) :]:
        given = [values[source] for source in node.inputs]
        values.append(STEPS.get(type(node.op), put)(node.op, *given))
    written.outputs = tuple([values[index].index for index in graph.outputs])
    return written


def put(op: Op, *values: Value) -> Value:
    """An op in a row of its own."""
    return _append(values[0].graph, op, *values)


def _append(graph: Graph, op: Op, *values: Value) -> Value:
    graph.row = graph.open_row(f"node{len(graph.nodes)}")
    try:
        return graph.apply(op, values)
    finally:
        graph.row = ""


def _sum(_: Any, first: Value, *others: Value) -> Value:
    """Two at a time."""
    for other in others:
        first = put(Add(), first, other)
    return first


def _windows(op: Any, x: Value) -> Value:
    """Padding that differs between the sides of an axis, and the layer without padding."""
    every = sides(op.kernel, op.stride, op.padding, getattr(op, "dilation", 1))
    given = op.attributes() | {"kernel": _one(op.kernel), "stride": _one(op.stride)}
    if alike(every):
        return put(type(op)(**given), x)
    (top, bottom), (left, right) = (side.pads(size) for side, size in zip(every, x.shape[1:], strict=True))
    return put(type(op)(**{**given, "padding": 0}), put(ZeroPad(top, bottom, left, right), x))


def _one(pair: Any) -> Any:
    """One number for two that are equal: a trace does not say which way they were written, of which torchscan makes a
    difference.
    """
    return pair if isinstance(pair, int) or len(set(pair)) > 1 else pair[0]


def _slices(op: Crop, x: Value) -> Value:
    """A slice of each axis from which something is cut."""
    for axis, (before, after) in enumerate(margins(op, x.shape), 1):
        if before or after:
            x = put(Narrow(axis, before, x.shape[axis] - after), x)
    return x


def _every(op: Subsample, x: Value) -> Value:
    """A slice of each axis."""
    if op.stride > 1:
        for axis in (1, 2):
            last = (x.shape[axis] - 1) // op.stride * op.stride
            x = put(Narrow(axis, 0, last + 1, op.stride), x)
    return x


def _channels(op: Slice, x: Value) -> Value:
    """Nothing, if it is of all channels."""
    return x if (op.start, op.stop) == (0, x.shape[0]) else put(op, x)


def _layer_norm(op: LayerNorm, x: Value) -> Value:
    """A norm of the channels on the last axis, and a copy in the order of before."""
    if not op.channels_first:
        return put(op, x)
    y = put(ChannelsFirst(), put(LayerNorm(), put(ChannelsLast(), x)))
    in_order = x.shape[0] == 1 or x.shape[1:] == (1, 1)  # axes of one have no order
    return y if in_order else put(Copy(), y)


def _response_norm(op: LocalResponseNorm, x: Value) -> Value:
    """As PyTorch's `local_response_norm` writes it: squares are averaged over channels with a pool of three axes."""
    c, *size = x.shape
    squares = put(Reshape((1, c, *size)), put(Multiply(), x, x))
    padded = put(Pad((0, op.size // 2, 0, 0), (0, (op.size - 1) // 2, 0, 0)), squares)
    means = put(Reshape((c, *size)), put(AvgPool((op.size, 1, 1), 1), padded))
    for each in (Scale(1e-4), Elementwise("add"), Elementwise("power")):
        means = put(each, means)
    return put(Combine("divide"), x, means)


def _subsampling(op: Subsampling, x: Value) -> Value:
    """A pool, and one number for each channel as a factor and one as a term."""
    sums = put(AvgPool(op.kernel, op.kernel), x)
    sizes = (1, 1) if x.shape[0] == 1 else (x.shape[0], 1, 1)  # a first axis of one is read as a batch
    scaled = put(Combine("multiply"), sums, _append(x.graph, Weight(sizes)))
    bias = _append(x.graph, Weight(sizes))
    return put(Combine("add"), bias, scaled)


STEPS: Mapping[type[Op], Callable[..., Value]] = {
    Add: _sum,
    Conv: _windows,
    MaxPool: _windows,
    AvgPool: _windows,
    Crop: _slices,
    Subsample: _every,
    Slice: _channels,
    LayerNorm: _layer_norm,
    LocalResponseNorm: _response_norm,
    Subsampling: _subsampling,
}
