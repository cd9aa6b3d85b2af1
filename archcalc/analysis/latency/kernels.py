"""The kernels that run a network: for each call of PyTorch, its FLOPs and the bytes that it moves.

A kernel reads its inputs and weights and writes its output, each once. Views move nothing. What is counted follows the
calls that memory is counted from (`archcalc.analysis.memory.calls`), so that copies in other types that autocast makes
are kernels too. Compiled, elementwise operations, norms and reductions are joined as `archcalc.analysis.latency.fusion`
says; values that only one kernel's own operations read are not moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from archcalc.analysis.backward import factors, learns, needs_gradient
from archcalc.analysis.latency.fusion import JoinedCalls, join
from archcalc.analysis.memory.calls import CallSequence, EagerCall, program
from archcalc.analysis.memory.footprint import for_all_images
from archcalc.analysis.memory.step import frozen_nodes, trained_tensors
from archcalc.graph import AutocastDevice, Graph
from archcalc.training import OPTIMIZERS, Precision, Training

KINDS: Mapping[str, str] = {
    "matmul": "linear layers, matrix products and attention",
    "conv": "convolutions without groups",
    "grouped_conv": "convolutions in groups",
    "depthwise_conv": "convolutions with a group for each input channel",
    "pointwise": "everything else: elementwise operations, norms, pools, copies",
}
"""The kinds of kernels, each with an efficiency of its own."""


class Kernel(NamedTuple):
    """A kernel: what it computes and what it moves for a batch."""

    node: int
    """The node for which it runs; the last one of those that are joined."""
    kind: str
    """One of `KINDS`."""
    flops: int
    """Two for each mult-add; 0 for pointwise kernels, which the memory bounds."""
    activation_bytes: int
    """Inputs that it reads and outputs that it writes."""
    weight_bytes: int
    """Parameters and buffers that it reads, and copies of them."""
    outputs: int
    """Columns of its matrix product: output features or channels, of a group; 1 if it is none."""
    depth: int
    """Factors that are summed up for an output value; 1 if it is no matrix product."""

    @property
    def bytes(self) -> int:
        """All bytes that it reads and writes."""
        return self.activation_bytes + self.weight_bytes


def forward_kernels(
    graph: Graph,
    batch: int,
    precision: Precision,
    *,
    device: AutocastDevice = "cuda",
    compiled: bool = False,
    training: bool = False,
    fast_norms: bool = False,
) -> list[Kernel]:
    """The kernels of a forward pass for a batch, in order.

    Sizes must be numbers. `compiled` joins what torch.compile joins.
    """
    calls = program(graph, batch, precision, training=training, device=device, fast_norms=fast_norms)
    same = for_all_images(graph)
    made = _Kernels(graph, batch, precision, calls, same)
    return made.fused() if compiled else made.eager()


class _Kernels:
    def __init__(
        self, graph: Graph, batch: int, precision: Precision, sequence: CallSequence, same: Sequence[bool]
    ) -> None:
        self.graph, self.batch, self.precision = graph, batch, precision
        self.sequence, self.calls, self.same = sequence, sequence.calls, same

    def eager(self) -> list[Kernel]:
        return [self.kernel(call) for call in self.calls if self.moves(call)]

    def kernel(self, call: EagerCall) -> Kernel:
        """The kernel of a call that is not joined with others."""
        kind, flops = self.kind(call), self.flops(call)
        outputs, depth = self.product(call) if kind != "pointwise" else (1, 1)
        cast = sum([int_of(self.calls[each].bytes) for each in call.inputs if self.calls[each].what == "weights"])
        if call.what == "weights":
            moved = self.read(call) + int_of(call.bytes)
            return Kernel(call.node, kind, flops, 0, moved, 1, 1)
        values = self.read(call) - cast + int_of(call.bytes) + self.inside(call)
        return Kernel(call.node, kind, flops, values, self.weights(call) + cast, outputs, depth)

    def product(self, call: EagerCall) -> tuple[int, int]:
        """Columns of a call's matrix product, and the factors that are summed up for a value of it."""
        node = self.graph.nodes[call.node]
        sizes = [int_of(size) for size in node.shape]
        values = prod(sizes)
        depth = max(1, int_of(self.graph.facts[call.node].work.multiply_accumulate) // max(1, values))
        columns = sizes[0] if node.op.role == "conv" else sizes[-1]
        return max(1, columns // int_of(getattr(node.op, "groups", 1) or 1)), depth

    def fused(self) -> list[Kernel]:
        """The kernels after pointwise operations were joined."""
        views = [self.is_view(call) for call in self.calls]
        pointwise = [self.moves(call) and self.kind(call) == "pointwise" for call in self.calls]
        joined = join([call.inputs for call in self.calls], views, pointwise)
        found = {every[-1]: self.joint(every, joined) for every in joined.groups}
        for index, call in enumerate(self.calls):
            if self.moves(call) and not pointwise[index]:
                found[index] = self.kernel(call)
        return [found[index] for index in sorted(found)]

    def joint(self, every: Sequence[int], joined: JoinedCalls) -> Kernel:
        """The kernel of calls that are joined: what they read from outside, and what is read outside or returned."""
        inside = set(every)
        reads = {joined.sources[each] for index in every for each in self.calls[index].inputs} - inside
        written = [each for each in every if joined.readers[each] - inside or not joined.readers[each]]
        values = [int_of(self.calls[each].bytes) for each in {*reads, *written} if not self.is_cast(each)]
        weights = [self.kernel(self.calls[each]).weight_bytes for each in every if self.is_cast(each)]
        weights += [self.weights(self.calls[each]) for each in every]
        return Kernel(self.calls[every[-1]].node, "pointwise", 0, sum(values), sum(weights), 1, 1)

    def is_cast(self, index: int) -> bool:
        """True if a call copies weights in another type."""
        return self.calls[index].what == "weights"

    def is_view(self, call: EagerCall) -> bool:
        """True if a call gives its input's storage with another shape."""
        return (
            call.what == "op"
            and bool(call.inputs)
            and call.storage == "first"
            and self.graph.facts[call.node].memory.shares in ("always", "inference")
        )

    def moves(self, call: EagerCall) -> bool:
        """True if a call reads or writes anything."""
        return call.what != "input" and call.storage != "weights" and not self.is_view(call)

    def kind(self, call: EagerCall) -> str:
        """The kind of a call's kernel."""
        node = self.graph.nodes[call.node]
        if call.what != "op" or not self.flops(call):
            return "pointwise"
        if node.op.role != "conv":
            return "matmul"
        groups = getattr(node.op, "groups", 1)
        if groups == 1:
            return "conv"
        return "depthwise_conv" if groups == self.graph.nodes[node.inputs[0]].shape[0] else "grouped_conv"

    def flops(self, call: EagerCall) -> int:
        """Two for each mult-add of a call, for the batch."""
        if call.what != "op":
            return 0
        products = int_of(self.graph.facts[call.node].work.multiply_accumulate)
        return 2 * products * (1 if self.same[call.node] else self.batch)

    def read(self, call: EagerCall) -> int:
        """Bytes of a call's inputs, each once; a copy of weights reads them."""
        if call.what == "weights":
            return int_of(call.bytes) * self.precision.width // self.precision.autocast
        return sum([int_of(self.calls[each].bytes) for each in set(call.inputs)])

    def weights(self, call: EagerCall) -> int:
        """Bytes of the parameters and buffers that a call reads; copies of them are inputs."""
        if call.what != "op" or any([self.calls[each].what == "weights" for each in call.inputs]):
            return 0
        owned = self.graph.facts[self.graph.nodes[call.node].owner].params
        return int_of(owned.learnable + owned.running) * self.precision.width

    def inside(self, call: EagerCall) -> int:
        """Bytes that PyTorch's code for attention in windows moves beside the op's inputs and output.

        The map is rolled before and after if the windows are shifted, cut into windows, and put together again. A bias
        or mask of the scores keeps PyTorch from its fused kernels: queries, keys and values are made contiguous, and
        queries and keys are scaled (10 values read or written for each of the map); the scores are written, get their
        bias, go through the softmax and are read (7 for each score).
        """
        node = self.graph.nodes[call.node]
        if call.what != "op" or node.op.kind != "window_attention":
            return 0
        op: Any = node.op
        width = self.precision.autocast or self.precision.width
        values = int_of(call.bytes) // width
        scores = int_of(op.heads * op.area * node.shape[0] * node.shape[1]) * self.batch
        moves = 2 * values * (self.precision.width + width) * (2 if op.shift else 1)
        return moves + (10 * values + 7 * scores) * width


def int_of(number: Any) -> int:
    """A dimension that is a number."""
    return int(number)


def step_kernels(
    graph: Graph, batch: int, precision: Precision, training: Training, *, fast_norms: bool = False
) -> dict[str, list[Kernel]]:
    """The kernels of a training step by its phases (`forward`, `backward`, `optimizer`), as eager PyTorch runs them.

    Backward, a product is computed once for each factor that needs a gradient, and every other operation reads the
    gradient of its output and what it reads forward, and writes the gradient of its input; gradients that are passed on
    as they are move nothing. Batch norms read a map twice, for its statistics. The optimizer reads and writes
    parameters and states, and reads gradients.
    """
    frozen = frozen_nodes(graph, training.train_from)
    calls = program(graph, batch, precision, training=True, frozen=frozen, fast_norms=fast_norms)
    made = _Kernels(graph, batch, precision, calls, for_all_images(graph))
    learnt = learns(graph, frozen)
    needs = needs_gradient(graph, learnt)
    forward: list[Kernel] = []
    backward: list[Kernel] = []
    for call in made.calls:
        if not made.moves(call):
            continue
        kernel = made.kernel(call)
        output = int_of(call.bytes)
        statistics = made.read(call) if graph.nodes[call.node].op.kind == "batch_norm" and call.what == "op" else 0
        forward.append(kernel._replace(activation_bytes=kernel.activation_bytes + statistics))
        if kernel.kind != "pointwise":
            backward += [kernel] * factors(graph, call.node, needs, learnt[call.node])
        elif call.learns and "fresh" in call.gradients:
            values = kernel.activation_bytes + output + (statistics + output if statistics else 0)
            backward.append(kernel._replace(activation_bytes=values))
    rule = OPTIMIZERS[training.optimizer]
    parameters = sum([int_of(each) for each in trained_tensors(graph, frozen)])
    passes = 3 + 2 * rule.states
    optimizer = Kernel(len(graph.nodes) - 1, "pointwise", 0, 0, passes * parameters * precision.width, 1, 1)
    return {"forward": forward, "backward": backward[::-1], "optimizer": [optimizer]}
