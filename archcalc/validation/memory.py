"""Check of memory: the peak of live values at inference, and what autograd saves in training, in the executed model.

The peak counts the values that steps pass on: the storages that are alive right after each step. Temporary memory of an
op (a padded copy, a workspace of cuDNN) is no value of the network. On CUDA it is part of the allocator's peaks, which
are recorded too and are never below ours (`archcalc.execution.allocator`).
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch.autograd.graph import saved_tensors_hooks

from archcalc.analysis.backward import learns, needs_gradient
from archcalc.analysis.cost import costs
from archcalc.analysis.memory import footprint
from archcalc.base.errors import ArchcalcError
from archcalc.execution.allocator import peaks
from archcalc.execution.device import on_cuda
from archcalc.execution.model import Model
from archcalc.graph import Graph
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import Dropout
from archcalc.validation.outcome import Ledger, Outcome, not_run
from archcalc.validation.subject import CheckedNetwork

NAME = "memory"
FLOAT = 4
BATCH = 2
LIMIT = 2 * 1024**3
"""Bytes of values above which one image is run instead of two."""


def check(subject: CheckedNetwork) -> Outcome:
    """Compare the peak at inference, and what training saves for a batch of two (one if large), in float32."""
    if subject.device == "meta":
        return not_run(NAME, "the meta device holds no storages")
    ledger = Ledger(NAME, subject.against)
    graph = subject.graph()
    ours = footprint(graph, costs(graph))
    peak: Any = ours.peak_inference
    model = subject.model(graph)
    for batch in subject.batches(graph):
        ledger.total(f"peak_inference_bytes for {batch}", peak * FLOAT * batch, alive_peak(model, subject, batch))
        if on_cuda(subject.device):
            _allocator(ledger, model, subject, batch, peak * FLOAT * batch)
    dropped = fused_masks(graph, subject.device)
    if dropped:
        ledger.note(f"dropout masks: {dropped:,} bytes counted as on CUDA; the CPU keeps four times as many")
    kept: Any = ours.training_saved(BATCH, FLOAT)
    batch = BATCH if kept <= LIMIT else 1
    kept = ours.training_saved(batch, FLOAT)
    if batch == 1 and any(isinstance(node.op, BatchNorm) and set(node.shape[1:]) <= {1} for node in graph.nodes):
        return ledger.close()  # batch norm cannot train on a single value for each channel
    saved = saved_bytes(model.train(), subject.data(graph, batch))
    if saved.reserved:
        ledger.note(f"batch norm: cuDNN keeps {saved.reserved:,} bytes for itself, which are left out")
    ledger.total(f"training_saved_bytes for {batch}", kept + (FLOAT - 1) * batch * dropped, saved.values)
    return ledger.close()


def fused_masks(graph: Graph, device: str) -> Any:
    """Bytes of dropout masks for one image if the device keeps them as floats, else 0."""
    if device != "cpu":
        return 0
    sizes: Any = [
        node.op.memory(*[graph.nodes[source].shape for source in node.inputs]).extra_bytes
        for node, needed in zip(graph.nodes, needs_gradient(graph, learns(graph)), strict=True)
        if needed and isinstance(node.op, Dropout)
    ]
    return sum(sizes)


def alive_peak(model: Model, subject: CheckedNetwork, batch: int) -> int:
    """The largest sum of bytes of storages that hold values of the network right after a step, without its weights."""
    own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    alive: dict[int, list[int]] = {}  # by storage: its bytes, and the number of values in it
    peak = 0

    def release(storage: int) -> None:
        alive[storage][1] -= 1
        if not alive[storage][1]:
            del alive[storage]

    def watch(_: int, value: torch.Tensor) -> None:
        nonlocal peak
        storage = value.untyped_storage()
        if storage.data_ptr() in own:
            return
        alive.setdefault(storage.data_ptr(), [storage.nbytes(), 0])[1] += 1
        weakref.finalize(value, release, storage.data_ptr())
        peak = max(peak, sum(size for size, _ in alive.values()))

    with torch.no_grad(), model.watched(watch):
        model.run(subject.data(model.graph, batch))
    return peak


def _allocator(ledger: Ledger, model: Model, subject: CheckedNetwork, batch: int, ours: int) -> None:
    """Compare the CUDA allocator's peaks above the weights with ours: each must be at least the one before it."""

    def run() -> None:
        with torch.no_grad():
            model.run(subject.data(model.graph, batch))

    measured = peaks(run)
    between, requested = measured.between_ops - measured.before, measured.requested - measured.before
    allocated = measured.allocated - measured.allocated_before
    for what, below, above in (
        ("values above what is held between operators", ours, between),
        ("held between operators above what is requested", between, requested),
        ("requested above what is allocated", measured.requested, measured.allocated),
    ):
        ledger.equal(f"bytes for {batch}: {what}", 0, max(0, below - above))
    ledger.figures[f"allocator for {batch}"] = {
        "values": ours,
        "between operators": between,
        "requested": requested,
        "max_memory_allocated": allocated,
        "workspace": measured.workspace,
    }


class Saved(NamedTuple):
    """Bytes of the storages that autograd saves, each once, without parameters and buffers."""

    values: int
    reserved: int
    """Bytes that cuDNN's batch norm reserves on a GPU, which are no values of the network."""


def saved_bytes(model: Model, data: Sequence[torch.Tensor]) -> Saved:
    """The values that autograd saves in a forward pass."""
    own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    held: list[torch.Tensor] = []  # holds the storages, so that no address is used twice

    def pack(tensor: torch.Tensor) -> None:
        held.append(tensor.detach())  # the tensor itself refers to the function that saves it, and would never be freed

    with saved_tensors_hooks(pack, lambda _: torch.empty(0)):  # nothing is unpacked: there is no backward pass
        results = model(*data)
    if not held and any([each.requires_grad for each in model.parameters()]):
        raise ArchcalcError(f"{model.graph.name}: autograd kept nothing of {type(results).__name__}")
    sizes = {True: 0, False: 0}
    for tensor in {tensor.untyped_storage().data_ptr(): tensor for tensor in held}.values():
        if tensor.untyped_storage().data_ptr() not in own:
            sizes[tensor.dtype == torch.uint8] += tensor.untyped_storage().nbytes()
    return Saved(sizes[False], sizes[True])
