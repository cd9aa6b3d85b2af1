"""Memory: the peak of what is alive at inference, and what autograd keeps in training, against the executed model.

The peak is that of the values that the network's steps pass on: the storages that are alive right after each step. What
an op needs for itself while it runs (a padded copy, a workspace of cuDNN) is no value of the network; on CUDA it shows
in the allocator's peaks, which are never below ours and are kept beside it (`archcalc.execution.allocator`).
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch.autograd.graph import saved_tensors_hooks

from archcalc.analysis.backward import needs_gradient
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
"""Bytes above which one image is run instead of two."""


def check(subject: CheckedNetwork) -> Outcome:
    """Peak at inference, and what training keeps for a batch of two (of one if large), in float32."""
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
        return ledger.close()  # one value for each channel has no variance
    saved = saved_bytes(model.train(), subject.data(graph, batch))
    if saved.reserved:
        ledger.note(f"batch norm: cuDNN keeps {saved.reserved:,} bytes for itself, which are left out")
    ledger.total(f"training_saved_bytes for {batch}", kept + (FLOAT - 1) * batch * dropped, saved.values)
    return ledger.close()


def fused_masks(graph: Graph, device: str) -> Any:
    """Bytes of dropout masks for one image where the device keeps them as floats."""
    if device != "cpu":
        return 0
    sizes: Any = [
        node.op.memory(*[graph.nodes[source].shape for source in node.inputs]).extra_bytes
        for node, needed in zip(graph.nodes, needs_gradient(graph, costs(graph)), strict=True)
        if needed and isinstance(node.op, Dropout)
    ]
    return sum(sizes)


def alive_peak(model: Model, subject: CheckedNetwork, batch: int) -> int:
    """The largest sum of bytes of storages that hold values of the network right after a step."""
    alive: dict[int, list[int]] = {}  # storage: bytes, values that lie in it
    peak = 0

    def release(storage: int) -> None:
        alive[storage][1] -= 1
        if not alive[storage][1]:
            del alive[storage]

    def watch(_: int, value: torch.Tensor) -> None:
        nonlocal peak
        storage = value.untyped_storage()
        alive.setdefault(storage.data_ptr(), [storage.nbytes(), 0])[1] += 1
        weakref.finalize(value, release, storage.data_ptr())
        peak = max(peak, sum(size for size, _ in alive.values()))

    with torch.no_grad(), model.watched(watch):
        model.run(subject.data(model.graph, batch))
    return peak


def _allocator(ledger: Ledger, model: Model, subject: CheckedNetwork, batch: int, ours: int) -> None:
    """The CUDA allocator's peaks above the weights: values are held between operators, those are within the rest."""

    def run() -> None:
        with torch.no_grad():
            model.run(subject.data(model.graph, batch))

    found = peaks(run)
    between, requested = found.between_ops - found.before, found.requested - found.before
    allocated = found.allocated - found.allocated_before
    for what, below, above in (
        ("values above what is held between operators", ours, between),
        ("held between operators above what is requested", between, requested),
        ("requested above what is allocated", found.requested, found.allocated),
    ):
        ledger.equal(f"bytes for {batch}: {what}", 0, max(0, below - above))
    ledger.figures[f"allocator for {batch}"] = {
        "values": ours,
        "between operators": between,
        "requested": requested,
        "max_memory_allocated": allocated,
        "workspace": found.workspace,
    }


class Saved(NamedTuple):
    """Bytes of the storages that autograd keeps, each once, parameters and buffers left out."""

    values: int
    reserved: int
    """The reserve of cuDNN's batch norm on a GPU: untyped bytes, no values of the network."""


def saved_bytes(model: Model, data: Sequence[torch.Tensor]) -> Saved:
    """The values that autograd saves in a forward pass."""
    own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    held: list[torch.Tensor] = []  # keeps the storages, so that no address is used twice

    def pack(tensor: torch.Tensor) -> None:
        held.append(tensor.detach())  # the tensor itself would hold the function that saves it, and never be freed

    with saved_tensors_hooks(pack, lambda _: torch.empty(0)):  # nothing is unpacked: there is no backward pass
        results = model(*data)
    if not held:
        raise ArchcalcError(f"{model.graph.name}: autograd kept nothing of {type(results).__name__}")
    sizes = {True: 0, False: 0}
    for tensor in {tensor.untyped_storage().data_ptr(): tensor for tensor in held}.values():
        if tensor.untyped_storage().data_ptr() not in own:
            sizes[tensor.dtype == torch.uint8] += tensor.untyped_storage().nbytes()
    return Saved(sizes[False], sizes[True])
