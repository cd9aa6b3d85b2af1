"""The kernels that run a network: for each call of PyTorch, its FLOPs and the bytes that it moves.

A kernel reads its inputs and weights and writes its output, each once. Views move nothing. What is counted follows the
calls that memory is counted from (`archcalc.analysis.memory.calls`), so that copies in other types that autocast makes
are kernels too. Compiled, elementwise operations, norms and reductions are joined as `archcalc.analysis.latency.fusion`
says; values that only one kernel's own operations read are not moved.

Sizes may be polynomials: then kernels are `KernelForm`s, whose numbers are polynomials too
(`archcalc.analysis.latency.forms` evaluates them).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, equal, is_int, product
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


class KernelForm(NamedTuple):
    """A kernel whose numbers may be polynomials."""

    node: int
    kind: str
    flops: Dim
    activation_bytes: Dim
    weight_bytes: Dim
    columns: Dim
    """Output features or channels of all groups; 1 if it is no matrix product."""
    groups: Dim
    products: Dim
    """Mult-adds for one image; 1 if it is no matrix product."""
    values: Dim
    """Output values for one image; 1 if it is no matrix product."""

    def at(
        self, value: Callable[[Any], Any], at_least_1: Callable[[Any], Any], quotient: Callable[[Any, Any], Any]
    ) -> Kernel:
        """The kernel where `value` gives the value of a number, which may be an array.

        `at_least_1` is the larger of a value and 1, `quotient` that of two values, rounded down.
        """
        return Kernel(
            self.node,
            self.kind,
            value(self.flops),
            value(self.activation_bytes),
            value(self.weight_bytes),
            at_least_1(quotient(value(self.columns), value(self.groups))),
            at_least_1(quotient(value(self.products), at_least_1(value(self.values)))),
        )


def in_numbers(forms: Sequence[KernelForm]) -> list[Kernel]:
    """The kernels of forms whose numbers are plain."""
    return [form.at(int_of, lambda value: max(1, value), lambda a, b: a // b) for form in forms]


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
    return in_numbers(
        forward_forms(
            graph, batch, precision, device=device, compiled=compiled, training=training, fast_norms=fast_norms
        )
    )


def forward_forms(
    graph: Graph,
    batch: Dim,
    precision: Precision,
    *,
    device: AutocastDevice = "cuda",
    compiled: bool = False,
    training: bool = False,
    fast_norms: bool = False,
) -> list[KernelForm]:
    """The kernels of a forward pass as `forward_kernels` has them, where sizes and batch may be polynomials.

    The kind of a convolution depends on its groups: the polynomials' space notes that a number of groups is not 1, or
    not that of the channels, where it is not written so.
    """
    calls = program(graph, batch, precision, training=training, device=device, fast_norms=fast_norms)
    same = for_all_images(graph)
    made = _Kernels(graph, batch, precision, calls, same)
    return made.fused() if compiled else made.eager()


class _Kernels:
    def __init__(
        self, graph: Graph, batch: Dim, precision: Precision, sequence: CallSequence, same: Sequence[bool]
    ) -> None:
        self.graph, self.batch, self.precision = graph, batch, precision
        self.sequence, self.calls, self.same = sequence, sequence.calls, same

    def eager(self) -> list[KernelForm]:
        return [self.kernel(call) for call in self.calls if self.moves(call)]

    def kernel(self, call: EagerCall) -> KernelForm:
        """The kernel of a call that is not joined with others."""
        kind = self.kind(call)
        cast = total([self.calls[each].bytes for each in call.inputs if self.calls[each].what == "weights"])
        if call.what == "weights":
            return pointwise(call.node, 0, self.read(call) + call.bytes)
        values = self.read(call) - cast + call.bytes + self.inside(call)
        weights = self.weights(call) + cast
        if kind == "pointwise":
            return pointwise(call.node, values, weights)
        return KernelForm(call.node, kind, self.flops(call), values, weights, *self.product(call))

    def product(self, call: EagerCall) -> tuple[Dim, Dim, Dim, Dim]:
        """A call's matrix product: its columns, groups, mult-adds and values."""
        node = self.graph.nodes[call.node]
        columns = node.shape[0] if node.op.role == "conv" else node.shape[-1]
        products = self.graph.facts[call.node].work.multiply_accumulate
        groups = getattr(node.op, "groups", 1)
        return columns, 1 if is_int(groups) and groups == 0 else groups, products, product(node.shape)

    def fused(self) -> list[KernelForm]:
        """The kernels after pointwise operations were joined."""
        views = [self.is_view(call) for call in self.calls]
        can_join = [self.moves(call) and self.kind(call) == "pointwise" for call in self.calls]
        joined = join([call.inputs for call in self.calls], views, can_join)
        found = {every[-1]: self.joint(every, joined) for every in joined.groups}
        for index, call in enumerate(self.calls):
            if self.moves(call) and not can_join[index]:
                found[index] = self.kernel(call)
        return [found[index] for index in sorted(found)]

    def joint(self, every: Sequence[int], joined: JoinedCalls) -> KernelForm:
        """The kernel of calls that are joined: what they read from outside, and what is read outside or returned."""
        inside = set(every)
        reads = {joined.sources[each] for index in every for each in self.calls[index].inputs} - inside
        written = [each for each in every if joined.readers[each] - inside or not joined.readers[each]]
        values = [self.calls[each].bytes for each in {*reads, *written} if not self.is_cast(each)]
        weights = [self.kernel(self.calls[each]).weight_bytes for each in every if self.is_cast(each)]
        weights += [self.weights(self.calls[each]) for each in every]
        return pointwise(self.calls[every[-1]].node, total(values), total(weights))

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
        flops = self.flops(call)
        if is_int(flops) and flops == 0:
            return "pointwise"
        if node.op.role != "conv":
            return "matmul"
        groups = getattr(node.op, "groups", 1)
        if equal(groups, 1):
            return "conv"
        return "depthwise_conv" if equal(groups, self.graph.nodes[node.inputs[0]].shape[0]) else "grouped_conv"

    def flops(self, call: EagerCall) -> Dim:
        """Two for each mult-add of a call, for the batch."""
        if call.what != "op":
            return 0
        products = self.graph.facts[call.node].work.multiply_accumulate
        return 2 * products * (1 if self.same[call.node] else self.batch)

    def read(self, call: EagerCall) -> Dim:
        """Bytes of a call's inputs, each once; a copy of weights reads them."""
        if call.what == "weights":
            return call.bytes * self.precision.width // self.precision.autocast
        return total([self.calls[each].bytes for each in set(call.inputs)])

    def weights(self, call: EagerCall) -> Dim:
        """Bytes of the parameters and buffers that a call reads; copies of them are inputs."""
        if call.what != "op" or any([self.calls[each].what == "weights" for each in call.inputs]):
            return 0
        owned = self.graph.facts[self.graph.nodes[call.node].owner].params
        return (owned.learnable + owned.running) * self.precision.width

    def inside(self, call: EagerCall) -> Dim:
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
        values = call.bytes // width
        scores = op.heads * op.area * node.shape[0] * node.shape[1] * self.batch
        moves = 2 * values * (self.precision.width + width) * (2 if op.shift else 1)
        return moves + (10 * values + 7 * scores) * width


def int_of(number: Any) -> int:
    """A dimension that is a number."""
    return int(number)


def total(amounts: Sequence[Dim]) -> Dim:
    """The sum of some amounts."""
    found: Dim = 0
    for amount in amounts:
        found = found + amount
    return found


def pointwise(node: int, activation_bytes: Dim, weight_bytes: Dim) -> KernelForm:
    """A kernel that is no matrix product."""
    return KernelForm(node, "pointwise", 0, activation_bytes, weight_bytes, 1, 1, 1, 1)


def step_kernels(
    graph: Graph, batch: int, precision: Precision, training: Training, *, fast_norms: bool = False
) -> dict[str, list[Kernel]]:
    """The kernels of a training step by its phases, as `step_forms` describes them. Sizes must be numbers."""
    forms = step_forms(graph, batch, precision, training, fast_norms=fast_norms)
    return {phase: in_numbers(every) for phase, every in forms.items()}


def step_forms(
    graph: Graph, batch: Dim, precision: Precision, training: Training, *, fast_norms: bool = False
) -> dict[str, list[KernelForm]]:
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
    forward: list[KernelForm] = []
    backward: list[KernelForm] = []
    for call in made.calls:
        if not made.moves(call):
            continue
        kernel = made.kernel(call)
        output = call.bytes
        normed = graph.nodes[call.node].op.kind == "batch_norm" and call.what == "op"
        statistics = made.read(call) if normed else 0
        forward.append(kernel._replace(activation_bytes=kernel.activation_bytes + statistics))
        if kernel.kind != "pointwise":
            backward += [kernel] * factors(graph, call.node, needs, learnt[call.node])
        elif call.learns and "fresh" in call.gradients:
            values = kernel.activation_bytes + output + (statistics + output if normed else 0)
            backward.append(kernel._replace(activation_bytes=values))
    rule = OPTIMIZERS[training.optimizer]
    parameters = total([*trained_tensors(graph, frozen)])
    passes = 3 + 2 * rule.states
    optimizer = pointwise(len(graph.nodes) - 1, 0, parameters * (passes * precision.width))
    return {"forward": forward, "backward": backward[::-1], "optimizer": [optimizer]}
