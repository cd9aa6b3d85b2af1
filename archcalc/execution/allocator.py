"""Counters of PyTorch's CUDA allocator while a network runs, with workspaces and rounding shown separately.

The allocator rounds every request up (to 512 bytes, or to a whole block if it does not split that), and libraries
request further memory: cuDNN for workspaces, operators for temporaries that they free before they return. So four
figures are read: bytes allocated and bytes requested at the peak, the most bytes requested between two operators, when
no operator holds temporaries, and the most that one convolution requested besides its output.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Peaks(NamedTuple):
    """Bytes of a CUDA device's memory in one run. All but `workspace` include the memory in use before it."""

    before: int
    """Requested before the run: weights, images, memory of libraries (a workspace of cuBLAS), and the state that
    training steps keep."""
    allocated_before: int
    """The same, with the allocator's rounding."""
    allocated: int
    """`torch.cuda.max_memory_allocated`."""
    requested: int
    """Requested at the peak: without the allocator's rounding."""
    between_ops: int
    """The most that is requested between two operators."""
    workspace: int
    """The most that one convolution requested and freed: cuDNN's workspace, and copies in another layout."""


def peaks(run: Callable[[], Any], cuda: Any = torch.cuda) -> Peaks:
    """The peaks of `run`, which is called three times: to initialise libraries and state, normally, and op by op."""
    run()
    gc.collect()
    cuda.synchronize()
    cuda.empty_cache()
    before = read(cuda)
    cuda.reset_peak_memory_stats()
    run()
    cuda.synchronize()
    whole = read(cuda)
    with OpByOp(cuda) as ops:
        run()
    between = max(ops.between, before.requested)
    return Peaks(before.requested, before.allocated, whole.allocated_peak, whole.requested_peak, between, ops.workspace)


class Held(NamedTuple):
    """Bytes that the allocator holds now, and the most that it held since it was reset."""

    requested: int
    requested_peak: int
    allocated: int
    allocated_peak: int


def read(cuda: Any) -> Held:
    """The allocator's counters, without `memory_stats`, which copies and sorts them at every call."""
    stats = cuda.memory_stats_as_nested_dict()
    requested, allocated = stats["requested_bytes"]["all"], stats["allocated_bytes"]["all"]
    return Held(requested["current"], requested["peak"], allocated["current"], allocated["peak"])


class OpByOp(TorchDispatchMode):
    """Reads the allocator after every operator, also of the backward pass.

    In inference mode a convolution or a product arrives as one operator, including the operators that it consists of.
    """

    def __init__(self, cuda: Any = torch.cuda) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self.between = 0
        self.workspace = 0
        self._cuda = cuda

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._cuda.reset_peak_memory_stats()
        result = func(*args, **(kwargs or {}))
        held = read(self._cuda)
        self.between = max(self.between, held.requested)
        if "conv" in func.name():
            self.workspace = max(self.workspace, held.requested_peak - held.requested)
        return result
