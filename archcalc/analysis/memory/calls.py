"""The calls of eager PyTorch that run a network: each node, the copies in other types that autocast makes, the loss.

A call takes storages and gives one; whether it needs memory, what autograd saves of it, and whether its gradients need
memory of their own follow from the facts of its op.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, certainly_equal, is_int
from archcalc.analysis.backward import learns, needs_gradient
from archcalc.analysis.memory.footprint import for_all_images, is_saved
from archcalc.analysis.memory.frames import SAVED_AS_RESULT, in_place_nodes, last_readers, releases
from archcalc.graph import AutocastDevice, Graph, Memory
from archcalc.graph.op import LOWER
from archcalc.training import Precision

FLOAT32 = 4
PARTIAL = frozenset({"crop", "subsample", "slice", "expand", "select", "narrow"})
"""Kinds of views that need not have each value once: if not, the gradient of their input has a storage of its own."""
BROADCASTING = frozenset({"add", "subtract", "remainder"})
"""Kinds of ops that pass gradients on, and add them up for an input that is smaller than the output."""
FAST_NORMS = frozenset({"layer_norm", "group_norm", "given_group_norm", "given_layer_norm"})
"""Kinds of norms that `fast_norms` is about."""
LABEL_BYTES = 8
"""Bytes of a label: PyTorch takes classes as int64."""


class EagerCall(NamedTuple):
    """A call with one output; the values of a network are the outputs of its calls, by the calls' indices."""

    node: int
    """The node that it runs; for a copy that of the op which needs it; the output's node for a loss."""
    what: str
    """`op`, `input`, `copy` (of a value in another type), `weights` (a copy of weights in another type) or `loss`."""
    inputs: tuple[int, ...]
    bytes: Dim
    """Of the output."""
    storage: str
    """The output's: `fresh`, `first` (that of the first input) or `weights` (a parameter's or buffer's own)."""
    gradients: tuple[str, ...]
    """For each input: `none`; `fresh`; `passed`, if it is that of the output or a part of it."""
    saved: tuple[int, ...]
    """The values that autograd saves, its own output among them if it does."""
    kept: Dim
    """Further bytes that autograd saves."""
    scratch: Dim
    """Bytes that are alive during the call and freed after it."""
    learns: bool
    """True if its output needs a gradient."""
    weights: tuple[tuple[int, str], Dim] | None
    """The parameters whose gradient its backward computes, by the node that owns them and the part that they are of it,
    and the bytes of that gradient."""


class CallSequence(NamedTuple):
    """The calls of a forward pass."""

    calls: list[EagerCall]
    releases: list[list[int]]
    """For each call, the values that the code which calls it does not hold any longer after it."""
    losses: tuple[int, ...]
    """The values whose gradients are 1: the loss of each output."""
    first_parts: dict[int, int]
    """For each value of which all parts are taken one by one, the call that takes the first."""
    of_node: list[int]
    """The call of each node."""

    def first_call(self, node: int) -> int:
        """The first call for a node: that of its op, or a copy of what the op takes."""
        return self.of_node[node - 1] + 1 if node else 0


def program(
    graph: Graph,
    batch: Dim,
    precision: Precision,
    *,
    training: bool,
    frozen: frozenset[int] = frozenset(),
    in_place: str = "written",
    device: AutocastDevice = "cuda",
    held: bool = True,
    fast_norms: bool = False,
) -> CallSequence:
    """The calls that run a graph for a batch.

    `frozen` are the nodes whose parameters learn nothing, `in_place` is a row of `archcalc.training.IN_PLACE`. Autocast
    follows the rules of a `device`. Values are `held` as Python code holds them, or else until their last use only.
    With `fast_norms`, layer and group norms run in the lower type under autocast, which PyTorch runs in float32.
    """
    learnt = learns(graph, frozen) if training else [False] * len(graph.nodes)
    lowering = _Lowering(graph, batch, precision, learnt, in_place_nodes(graph, in_place), training, device, held)
    lowering.fast_norms = fast_norms
    return lowering.program()


class _Lowering:
    def __init__(
        self,
        graph: Graph,
        batch: Dim,
        precision: Precision,
        learnt: list[bool],
        in_place: list[bool],
        training: bool,
        device: AutocastDevice,
        held: bool,
    ) -> None:
        self.graph, self.batch, self.precision, self.training = graph, batch, precision, training
        self.device: AutocastDevice = device
        self.held = held
        self.fast_norms = False
        self.learnt, self.in_place = learnt, in_place
        self.needs = needs_gradient(graph, self.learnt)
        self.same = for_all_images(graph)
        self.calls: list[EagerCall] = []
        self.of_node: list[int] = []
        self.width: list[int] = []
        """Bytes of an element of each call's output."""
        self.copies: dict[int, tuple[int, ...]] = {}
        """By the node that owns weights, the calls that copy them for autocast."""
        self.split = _split(graph)

    def program(self) -> CallSequence:
        for index in range(len(self.graph.nodes)):
            self._node(index)
        last = [self.of_node[index] for index in range(len(self.graph.nodes))]
        freed = releases(self.graph) if self.held else last_readers(self.graph)
        released: list[list[int]] = [[] for _ in self.calls]
        for index, until in enumerate(freed):
            if until < len(last):
                released[last[until]].append(last[index])
        for index, call in enumerate(self.calls):
            if call.what == "copy":
                released[last[call.node]].append(index)
        losses: list[int] = []
        if self.training:
            for index in self.graph.outputs:
                before = len(self.calls)
                self._loss(index)
                losses.append(len(self.calls) - 1)
                released += [[] for _ in range(before, len(self.calls) - 1)] + [[*range(before, len(self.calls) - 1)]]
        first_parts: dict[int, int] = {}
        for index, call in enumerate(self.calls):
            if call.gradients == ("split",):
                first_parts.setdefault(call.inputs[0], index)
        return CallSequence(self.calls, released, tuple(losses), first_parts, last)

    def _many(self, index: int, elements: Dim) -> Dim:
        """Elements of a node's output for the whole batch."""
        return elements if self.same[index] else elements * self.batch

    def _add(self, width: int, call: EagerCall) -> int:
        self.calls.append(call)
        self.width.append(width)
        return len(self.calls) - 1

    def _node(self, index: int) -> None:
        node, facts = self.graph.nodes[index], self.graph.facts[index]
        shapes = [self.graph.nodes[source].shape for source in node.inputs]
        inputs = [self.of_node[source] for source in node.inputs]
        memory, width, copies = facts.memory, self.precision.width, False
        given = width
        if self.precision.autocast:
            rule = node.op.autocast_type(self.device, *shapes)
            if self.fast_norms and node.op.kind in FAST_NORMS:
                rule = LOWER
            memory, copies = node.op.autocast_memory(self.device, *shapes), rule.casts_weights
            width = self._width(rule.output, inputs)
            given = width if rule.casts else max([self.width[each] for each in inputs], default=width)
            if rule.casts:
                inputs = [each if self.width[each] == width else self._copy(index, each, width) for each in inputs]
        needs = [self.needs[source] for source in node.inputs]
        weights = self._gradient_of_weights(index)
        cast = self._cast_weights(index, weights) if copies else ()
        own = len(self.calls)
        in_place = self.in_place[index] and memory.shares == "never"
        scratch: Dim = 0
        saved: list[int] = []
        kept: Dim = 0
        if self.needs[index]:
            if memory.saves_inputs:
                saved = [inputs[place] for place in range(len(inputs)) if is_saved(memory, place, needs)]
                if in_place and inputs[0] in saved and not memory.saves_output:
                    saved.remove(inputs[0])
                    if node.op.kind in SAVED_AS_RESULT:
                        saved.append(own)
                    else:  # a copy of what is overwritten
                        kept = kept + self.calls[inputs[0]].bytes
            saved += [own] if memory.saves_output else []
            saved += cast[:1] if any(needs) or node.op.kind != "linear" else ()
            kept = kept + self._extras(index, memory, given)
        elif self.held and not self.same[index]:
            scratch = memory.extra_bytes * self.batch if node.op.role == "pool" else 0
        call = EagerCall(
            index,
            "input" if node.op.role == "input" else "op",
            (*inputs, *cast),
            self._many(index, facts.elements) * width,
            self._storage(memory, in_place),
            (*self._gradients(index, memory, needs), *["fresh" for _ in cast]),
            tuple(saved),
            kept,
            scratch,
            self.needs[index],
            None if cast else weights,
        )
        self.of_node.append(self._add(width, call))

    def _width(self, output: str, inputs: Sequence[int]) -> int:
        """Bytes of an element of an op's output under autocast."""
        widths = [self.width[each] for each in inputs]
        if output == "lower":
            return self.precision.autocast
        if output == "float32" or not widths:
            return FLOAT32
        return widths[0] if output == "first" else max(widths)

    def _storage(self, memory: Memory, in_place: bool) -> str:
        if memory.shares == "weights":
            return "weights"
        shares = memory.shares == "always" or (memory.shares == "inference" and not self.training)
        return "first" if shares or in_place else "fresh"

    def _gradients(self, index: int, memory: Memory, needs: Sequence[bool]) -> list[str]:
        node = self.graph.nodes[index]
        own = self.graph.facts[index].elements
        passes = memory.shares == "always" or memory.passes_gradient
        kinds: list[str] = []
        for place, (source, needed) in enumerate(zip(node.inputs, needs, strict=True)):
            elements = self.graph.facts[source].elements
            if not needed:
                kinds.append("none")
            elif not (passes is True or (passes and place in passes)):
                kinds.append("fresh")
            elif memory.shares == "always" and index in self.split:
                kinds.append("split")
            elif node.op.kind in PARTIAL or node.op.kind in BROADCASTING:
                kinds.append("passed" if certainly_equal(own, elements) else "fresh")
            else:
                kinds.append("passed")
        return kinds

    def _extras(self, index: int, memory: Memory, width: int) -> Dim:
        """Bytes that autograd saves of an op beside its inputs and output; its own elements have `width` bytes."""
        wide = max(width, FLOAT32)
        each = memory.extra_elements * width + memory.float32_elements * wide + memory.extra_bytes
        once = memory.statistics * wide + memory.once_bytes
        return (each if self.same[index] else each * self.batch) + once

    def _copy(self, index: int, value: int, width: int) -> int:
        """Add the call that copies a value in another type, of `width` bytes, for a node."""
        source = self.calls[value]
        amount = self._many(source.node, self.graph.facts[source.node].elements) * width
        gradient = "fresh" if source.learns else "none"
        call = EagerCall(index, "copy", (value,), amount, "fresh", (gradient,), (), 0, 0, source.learns, None)
        return self._add(width, call)

    def _gradient_of_weights(self, index: int) -> tuple[tuple[int, str], Dim] | None:
        """A node's parameters, and the bytes of their gradient; None if nothing learns."""
        node = self.graph.nodes[index]
        amount = self.graph.facts[node.owner].params.learnable
        return ((node.owner, "all"), amount * self.precision.width) if self.learnt[index] else None

    def _cast_weights(self, index: int, gradient: tuple[tuple[int, str], Dim] | None) -> tuple[int, ...]:
        """The copies of a node's weights and biases in the lower type, which are made once for all its applications."""
        node = self.graph.nodes[index]
        owned = self.graph.facts[node.owner].params
        if node.owner not in self.copies:
            made: list[int] = []
            for part, amount in (("weight", owned.weight), ("bias", owned.bias)):
                if not (is_int(amount) and amount == 0):
                    own = None if gradient is None else ((node.owner, part), amount * self.precision.width)
                    copied = amount * self.precision.autocast
                    call = EagerCall(index, "weights", (), copied, "fresh", (), (), 0, 0, gradient is not None, own)
                    made.append(self._add(self.precision.autocast, call))
            self.copies[node.owner] = tuple(made)
        return self.copies[node.owner]

    def _loss(self, index: int) -> None:
        """Cross entropy of an output: the logarithms of softmax, which are saved, and their mean at the labels."""
        output = self.of_node[index]
        width = self.width[output]
        if self.precision.autocast and self.device == "cuda":
            width = FLOAT32
        amount = self._many(index, self.graph.facts[index].elements) * width
        learns = self.calls[output].learns
        own = len(self.calls)
        gradient = ("fresh" if learns else "none",)
        self._add(width, EagerCall(index, "loss", (output,), amount, "fresh", gradient, (own,), 0, 0, learns, None))
        # on the CPU, the mean is taken of a float32 copy
        given = own if width >= FLOAT32 or not self.precision.autocast else self._copy(index, own, FLOAT32)
        mean = EagerCall(index, "loss", (given,), FLOAT32, "fresh", gradient, (given,), FLOAT32, 0, learns, None)
        self._add(FLOAT32, mean)


def _split(graph: Graph) -> dict[int, tuple[int, ...]]:
    """For every node that takes a part of a value of which others take the rest, all of these nodes: the gradients of
    the parts are then put together once, as PyTorch does for `chunk`, `split` and `unbind`.
    """
    parts: dict[int, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        if len(node.inputs) == 1 and node.op.role == "layout" and graph.facts[index].memory.shares == "always":
            parts.setdefault(node.inputs[0], []).append(index)
    found: dict[int, tuple[int, ...]] = {}
    for source, every in parts.items():
        origins = {graph.origins[index].operator for index in every if index in graph.origins}
        total: Any = sum([graph.facts[index].elements for index in every], 0)
        if (
            len(every) > 1
            and certainly_equal(total, graph.facts[source].elements)
            and not origins & {"select", "slice"}
        ):
            found |= dict.fromkeys(every, tuple(every))
    return found
