"""A statement of memory and work: an inference and a training step, line by line, and what would lower the peak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from archcalc.algebra.dims import Shape
from archcalc.analysis.backward import backward_mult_adds
from archcalc.analysis.cost import costs
from archcalc.analysis.memory.checkpoints import segments
from archcalc.analysis.memory.heap import KINDS, Moment
from archcalc.analysis.memory.ordering import best_order_peak
from archcalc.analysis.memory.step import Timeline, frozen_nodes, inference, trained_tensors, training_step, weights
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.base.spelling import cut
from archcalc.graph import Graph
from archcalc.hardware.devices import DeviceLike
from archcalc.hardware.devices import device as lookup
from archcalc.request import NetworkLike, Request
from archcalc.training import OPTIMIZERS, PARTS, TRAINED, Training

PHASES = ("forward", "backward", "optimizer")


class KindBytes(NamedTuple):
    """Bytes of one kind of storages, a row of `archcalc.analysis.memory.KINDS`."""

    kind: str
    bytes: int


class Peak(NamedTuple):
    """The moment at which most bytes are alive in a run, or in one phase of it."""

    phase: str
    layer: str
    """The row of the op that runs then; empty in the step of the optimizer."""
    op: str
    bytes: int
    kinds: tuple[KindBytes, ...]
    """What is alive then, kinds of which nothing is left out."""


class InferenceMemory(NamedTuple):
    """Bytes at inference."""

    weights: int
    """Parameters and buffers."""
    ideal: int
    """The peak of activations if every value is freed after its last use and no op works in place."""
    best_order: int | None
    """The same in the order of ops that needs least; None under autocast, where orders are not searched."""
    is_best: bool
    """True if no other order is proven to need less; False if there were too many to look at."""
    eager: Peak
    """The peak as eager PyTorch runs the network, weights and the images included."""


class StepWork(NamedTuple):
    """Floating-point operations of a training step for a batch: two for each mult-add; of the optimizer, each value."""

    forward: int
    backward: int
    again: int
    """The forward passes of checkpointed parts that run a second time."""
    optimizer: int

    @property
    def total(self) -> int:
        """All operations."""
        return sum(self)


class DeviceFit(NamedTuple):
    """A device beside the training step; bytes."""

    device: str
    usable: int
    """What a process can fill: the memory that the device reports, less the context."""
    context: int
    """Memory that a process needs before its first tensor."""
    fits: bool
    largest_batch: int
    """The largest batch whose step needs at most `usable`; 0 if none does."""


class Alternative(NamedTuple):
    """Another way to train, its peak and its work for one batch."""

    name: str
    bytes: int
    flops: int


@dataclass(frozen=True)
class MemoryStatement:
    """The memory of an inference and of a training step, as eager PyTorch runs them, and the work of the step."""

    architecture: str
    citation: str
    inputs: tuple[Shape, ...]
    batch: int
    precision: str
    training: str
    """The options of training in words."""
    changed: Mapping[str, Any]
    """The hyperparameters of the request."""
    inference: InferenceMemory
    step: Peak
    phases: tuple[Peak, ...]
    """The peaks of the forward pass, of the backward pass and of the optimizer's step."""
    storages: int
    """The storages that are alive at the peak of the step."""
    params: int
    learnt: int
    """Parameters that learn."""
    work: StepWork
    alternatives: tuple[Alternative, ...]
    fit: DeviceFit | None
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The statement as a plain dictionary."""
        return {
            **asdict(self),
            "inference": _inference_dict(self.inference),
            "step": _peak_dict(self.step),
            "phases": [_peak_dict(each) for each in self.phases],
            "work": {**self.work._asdict(), "total": self.work.total},
            "fit": None if self.fit is None else self.fit._asdict(),
            "alternatives": [each._asdict() for each in self.alternatives],
        }


def _peak_dict(peak: Peak) -> dict[str, Any]:
    return {**peak._asdict(), "kinds": {each.kind: each.bytes for each in peak.kinds}}


def _inference_dict(found: InferenceMemory) -> dict[str, Any]:
    return {**found._asdict(), "eager": _peak_dict(found.eager)}


@question
def memory(network: NetworkLike, *, device: DeviceLike | None = None, **given: Any) -> MemoryStatement:
    """The memory of an inference and of a training step of a network, line by line, and the work of the step.

    `given` are the settings of a request: `input`, `batch`, `dtype`, `training` (an `archcalc.Training`) or fields of
    it such as `optimizer`, and hyperparameters. With a `device`, a name of `archcalc.hardware.devices` or the path
    of a file that describes one, the statement says whether the step fits.

    Raises UnknownName for an unknown network, device or layer to train from, and ArchcalcError for a network whose
    sizes are no numbers, for a batch that is none, and where no parameter learns.

    >>> statement = memory("resnet50", batch=64, optimizer="adam", precision="amp_bf16")
    >>> statement.step.phase, statement.step.bytes
    ('backward', 3226791176)
    """
    request = Request.of(network, **given)
    graph, training = request.graph, request.training
    for node in graph.nodes:
        if any([type(size) is not int for size in node.shape]):
            raise ArchcalcError(f"{graph.name}: memory is stated for sizes that are numbers; closed forms take symbols")
    if type(request.batch) is not int:
        said = f"{graph.name}: memory is stated for a batch that is a number, not {cut(repr(request.batch))}"
        raise ArchcalcError(said, about="batch")
    precision = training.precision_of(request.dtype)
    if precision.name not in TRAINED:
        said = f"{graph.name}: a network is not trained in {precision.name}; there are {', '.join(TRAINED)}"
        raise ArchcalcError(said, about="dtype")
    frozen = frozen_nodes(graph, training.train_from)
    learnt: Any = sum(trained_tensors(graph, frozen), 0)
    if not learnt:
        said = f"{graph.name}: none of its parameters learns, so that there is no training step"
        raise ArchcalcError(said, about="train_from" if training.train_from else "")
    run = training_step(graph, request.batch, request.dtype, training)
    params: Any = weights(graph)[0]
    return MemoryStatement(
        architecture=request.resolved.name,
        citation=request.resolved.citation,
        inputs=tuple([node.shape for node in graph.nodes if node.op.role == "input"]),
        batch=request.batch,
        precision=precision.name,
        training=training.described(request.dtype),
        changed=request.changed,
        inference=_inference(request),
        step=_peak(graph, run.highest()),
        phases=tuple([_peak(graph, run.highest(phase)) for phase in PHASES]),
        storages=run.highest().storages,
        params=params,
        learnt=learnt,
        work=_work(graph, request.batch, training, frozen, learnt),
        alternatives=tuple(_alternatives(request, learnt)),
        fit=None if device is None else _fit(request, device, run),
        remarks=request.resolved.remarks,
    )


def _peak(graph: Graph, moment: Moment) -> Peak:
    amounts: Any = moment.alive
    kinds = tuple([KindBytes(kind, amount) for kind, amount in zip(KINDS, amounts, strict=True) if amount])
    node = graph.nodes[moment.node] if moment.node >= 0 else None
    total: Any = moment.total
    phase = "backward" if moment.phase == "again" else moment.phase
    return Peak(phase, node.row if node else "", node.op.kind if node else "", total, kinds)


def _inference(request: Request) -> InferenceMemory:
    graph, precision = request.graph, request.training.precision_of(request.dtype)
    params, buffers = weights(graph)
    owned: Any = {"parameters": params * precision.width, "buffers": buffers * precision.width}
    eager = _peak(graph, inference(graph, request.batch, precision).highest())
    ideal: Any = inference(graph, request.batch, precision, in_place="none", held=False).peak()
    best, is_best = (None, False) if precision.autocast else best_order_peak(graph)
    return InferenceMemory(
        weights=sum(owned.values()),
        ideal=ideal,
        best_order=None if best is None else best * precision.width * request.batch,
        is_best=is_best,
        eager=eager._replace(
            bytes=eager.bytes + sum(owned.values()),
            kinds=(*[KindBytes(kind, amount) for kind, amount in owned.items() if amount], *eager.kinds),
        ),
    )


def _work(graph: Graph, batch: int, training: Training, frozen: frozenset[int], learnt: int) -> StepWork:
    each = costs(graph)
    products: Any = [cost.work.multiply_accumulate for cost in each]
    backward: Any = backward_mult_adds(graph, each, frozen)
    again = sum([products[index] for part in segments(graph, training.checkpoint) for index in part])
    flops = OPTIMIZERS[training.optimizer].flops * learnt
    return StepWork(2 * sum(products) * batch, 2 * backward * batch, 2 * again * batch, flops)


def _alternatives(request: Request, learnt: int) -> list[Alternative]:
    """Ways to lower the peak, each alone, with the whole peak and the work of a batch."""
    training, graph = request.training, request.graph
    frozen = frozen_nodes(graph, training.train_from)
    found: list[Alternative] = []

    def add(name: str, run: Timeline, other: Training) -> None:
        total: Any = run.peak()
        found.append(Alternative(name, total, _work(graph, request.batch, other, frozen, learnt).total))

    def other(name: str, **changed: Any) -> None:
        changed_training = replace(training, **changed)
        add(name, training_step(graph, request.batch, request.dtype, changed_training), changed_training)

    seen: list[list[range]] = []
    for depth, parts in PARTS.items():
        cut = segments(graph, depth)
        if not training.checkpoint and len(cut) > 1 and cut not in seen:
            seen.append(cut)
            other(f"checkpoints of {parts}", checkpoint=depth)
    if training.in_place != "all":
        other("activations in place", in_place="all")
    if training.precision_of(request.dtype).name == "float32":
        other("amp_bf16", precision="amp_bf16")
    for parts in (2, 4):
        if request.batch % parts == 0:
            small = request.batch // parts
            run = training_step(graph, small, request.dtype, training, accumulates=True)
            add(f"{parts} batches of {small}, gradients accumulated", run, training)
    if request.batch > 1:
        run = training_step(graph, request.batch // 2, request.dtype, training)
        half: Any = run.peak()
        work = _work(graph, request.batch // 2, training, frozen, learnt)
        found.append(Alternative(f"a batch of {request.batch // 2}", half, work.total))
    now: Any = training_step(graph, request.batch, request.dtype, training).peak()
    return [each for each in found if each.bytes < now]


def _fit(request: Request, name: DeviceLike, run: Timeline) -> DeviceFit:
    found = lookup(name)
    if found.usable_bytes is None:
        raise ArchcalcError(f"no source says how much memory {found.key} has", about="device")
    needed: Any = run.peak()
    largest = largest_batch(request, found.usable_bytes)
    return DeviceFit(found.key, found.usable_bytes, found.context_bytes, needed <= found.usable_bytes, largest)


def largest_batch(request: Request, budget: int) -> int:
    """The largest batch whose training step needs at most some bytes; 0 if none does. Its peak grows with the batch."""

    def needs(batch: int) -> Any:
        return training_step(request.graph, batch, request.dtype, request.training).peak()

    if needs(1) > budget:
        return 0
    high = 2
    while needs(high) <= budget:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if needs(middle) <= budget else (low, middle)
    return low
