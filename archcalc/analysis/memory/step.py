"""Memory of a training step and of inference: what is alive after every call, and the peak."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from archcalc.algebra.dims import Dim, envelope, is_int
from archcalc.analysis.memory.calls import LABEL_BYTES, program
from archcalc.analysis.memory.checkpoints import segments
from archcalc.analysis.memory.heap import Heap, Moment
from archcalc.analysis.memory.run import Run
from archcalc.base.spelling import shown, unknown
from archcalc.graph import AutocastDevice, Graph
from archcalc.training import DEFAULT_TRAINING, OPTIMIZERS, Precision, Training

FLOAT32 = 4


class Timeline(NamedTuple):
    """What is alive after every call of a run, in order."""

    moments: list[Moment]

    def of(self, phase: str) -> list[Moment]:
        """The moments of a phase, or all; what runs forward again is part of the backward pass."""
        also = "again" if phase == "backward" else phase
        return [each for each in self.moments if not phase or each.phase in (phase, also)]

    def peak(self, phase: str = "") -> Dim:
        """The most bytes that are alive at once, in one phase or in all."""
        moments = self.of(phase)
        # a moment is below the next one if nothing is freed between them
        highest = [each.total for each, after in pairwise(moments) if after.freed]
        return envelope([*highest, moments[-1].total])

    def highest(self, phase: str = "") -> Moment:
        """The first moment at which most bytes are alive. Only for counts that are plain numbers."""
        return max(self.of(phase), key=attrgetter("total"))


def frozen_nodes(graph: Graph, train_from: str) -> frozenset[int]:
    """The nodes before a layer or block, whose parameters do not learn. Raises UnknownName if there is no such row."""
    if not train_from:
        return frozenset()
    rows = [node.row for node in graph.nodes]
    for index, row in enumerate(rows):
        if row == train_from or row.startswith(f"{train_from}."):
            return frozenset(range(index))
    blocks = list(
        dict.fromkeys([".".join(row.split(".")[:parts]) for row in rows for parts in range(1, row.count(".") + 2)])
    )
    otherwise = f"`archcalc table {graph.name}` shows all layers"
    said = f"{graph.name} has no layer or block {shown(train_from)}"
    raise unknown("layer", train_from, blocks, otherwise, said=said, about="train_from")


def training_step(
    graph: Graph,
    batch: Dim,
    dtype: str,
    training: Training = DEFAULT_TRAINING,
    *,
    accumulates: bool = False,
    held: bool = True,
    device: AutocastDevice = "cuda",
) -> Timeline:
    """The memory of a training step as eager PyTorch runs it, from the second step on.

    Forward pass and cross entropy of every output, backward pass, and the step of the optimizer; gradients are freed
    before the forward pass (`zero_grad(set_to_none=True)`, the default), and the caller holds the images and labels.
    With `accumulates` it is the last of several passes whose gradients are added up before the optimizer's step.
    Autocast follows the rules of `device`. Values are `held` as Python code holds them, or else until their last use
    only. Without what a device adds: its context, workspaces of libraries, rounding
    of the allocator.

    Raises UnknownName for a layer to train from that the network does not have.
    """
    precision = training.precision_of(dtype)
    frozen = frozen_nodes(graph, training.train_from)
    heap = Heap()
    tensors = list(trained_tensors(graph, frozen))
    _hold_weights(heap, graph, precision, training, tensors)
    heap.new("data", _labels(graph) * batch)
    lowered = program(
        graph, batch, precision, training=True, frozen=frozen, in_place=training.in_place, device=device, held=held
    )
    twice = [
        range(lowered.first_call(part.start), lowered.of_node[part.stop - 1] + 1)
        for part in segments(graph, training.checkpoint)
    ]
    run = Run(lowered, heap, twice, accumulates=accumulates)
    if accumulates:
        heap.new("gradients", sum(tensors, 0) * precision.width)
    run.forward()
    run.backward()
    _optimize(heap, precision, training, tensors)
    return Timeline(heap.moments)


def inference(
    graph: Graph,
    batch: Dim,
    precision: Precision,
    *,
    in_place: str = "written",
    held: bool = True,
    device: AutocastDevice = "cuda",
) -> Timeline:
    """The memory of a forward pass in evaluation mode without gradients, as eager PyTorch runs it, without weights.

    The arguments are those of `training_step`.
    """
    heap = Heap()
    Run(program(graph, batch, precision, training=False, in_place=in_place, device=device, held=held), heap).forward()
    return Timeline(heap.moments)


def weights(graph: Graph) -> tuple[Dim, Dim]:
    """The network's parameters and buffers, in elements."""
    params: Dim = 0
    buffers: Dim = 0
    for index, node in enumerate(graph.nodes):
        if node.owner == index:
            owned = graph.facts[index].params
            params = params + owned.learnable
            buffers = buffers + owned.running
    return params, buffers


def trained_tensors(graph: Graph, frozen: frozenset[int]) -> Iterator[Dim]:
    """The elements of each tensor of parameters that learns: weights and biases apart, in the order of layers."""
    for index, node in enumerate(graph.nodes):
        if node.owner == index and index not in frozen:
            owned = graph.facts[index].params
            for amount in (owned.weight, owned.bias):
                if not (is_int(amount) and amount == 0):
                    yield amount


def _labels(graph: Graph) -> Dim:
    """Bytes of the labels of one image: one for each position of each output."""
    total: Dim = 0
    for index in graph.outputs:
        each: Dim = LABEL_BYTES
        for size in graph.nodes[index].shape[1:]:
            each = each * size
        total = total + each
    return total


def _hold_weights(heap: Heap, graph: Graph, precision: Precision, training: Training, tensors: list[Dim]) -> None:
    optimizer = OPTIMIZERS[training.optimizer]
    params, buffers = weights(graph)
    learnt = sum(tensors, 0)
    heap.new("parameters", params * precision.width)
    heap.new("buffers", buffers * precision.width)
    if training.master_weights:
        heap.new("master_weights", learnt * FLOAT32)
    width = FLOAT32 if training.master_weights else precision.width
    counters = len(tensors) * FLOAT32 if optimizer.counts and training.implementation != "foreach" else 0
    heap.new("optimizer_state", learnt * optimizer.states * width + counters)


def _optimize(heap: Heap, precision: Precision, training: Training, tensors: list[Dim]) -> None:
    """The step of the optimizer, with the temporary tensors of its implementation."""
    optimizer = OPTIMIZERS[training.optimizer]
    width = FLOAT32 if training.master_weights else precision.width
    if training.master_weights:
        heap.new("temporaries", sum(tensors, 0) * FLOAT32)  # gradients in the type of the master weights
    decays = training.weight_decay and optimizer.decays_gradient
    if training.implementation == "foreach":
        _note_with(heap, sum(tensors, 0) * (optimizer.scratch + decays) * width)
    elif training.implementation == "fused":
        heap.note("optimizer", -1)
    else:
        before: Dim = 0
        for amount in tensors:
            _note_with(heap, (before + amount * (optimizer.together + decays)) * width)
            before = amount * optimizer.scratch


def _note_with(heap: Heap, temporary: Dim) -> None:
    held = heap.new("temporaries", temporary)
    heap.note("optimizer", -1)
    heap.release(held)
