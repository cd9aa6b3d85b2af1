"""What PyTorch's CUDA allocator counts while a network runs, with workspaces and rounding apart.

The allocator rounds every request up (to 512 bytes, and by what it leaves unsplit of a block), and libraries ask it for
memory of their own: cuDNN for workspaces, operators for temporaries that they free before they return. So four figures
are read: bytes allocated and bytes requested at the peak, the largest number of bytes requested between two operators,
where no operator's own memory is held, and the most that one convolution took beside its output.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Peaks(NamedTuple):
    """Bytes of a CUDA device's memory in one run. All but `workspace` include `before`."""

    before: int
    """Requested before the run: weights, and what a training step keeps from one to the next."""
    allocated: int
    """`torch.cuda.max_memory_allocated`."""
    requested: int
    """At the peak, as asked for: without the allocator's rounding."""
    between_ops: int
    """The most that is held between two operators."""
    workspace: int
    """The most that one convolution asked for and gave back: cuDNN's workspace, and copies in another layout."""


def peaks(run: Callable[[], Any], cuda: Any = torch.cuda) -> Peaks:
    """The peaks of `run`, which is called three times: to settle libraries and state, as it is, and op by op."""
    run()
    gc.collect()
    cuda.synchronize()
    cuda.empty_cache()
    before = cuda.memory_stats()["requested_bytes.all.current"]
    cuda.reset_peak_memory_stats()
    run()
    cuda.synchronize()
    stats = cuda.memory_stats()
    with OpByOp(cuda) as ops:
        run()
    whole = (stats["allocated_bytes.all.peak"], stats["requested_bytes.all.peak"])
    return Peaks(before, *whole, max(ops.between, before), ops.workspace)


class OpByOp(TorchDispatchMode):
    """Reads the allocator after every operator, of the backward pass too."""

    def __init__(self, cuda: Any = torch.cuda) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self.between = 0
        self.workspace = 0
        self._cuda = cuda

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._cuda.reset_peak_memory_stats()
        result = func(*args, **(kwargs or {}))
        stats = self._cuda.memory_stats()
        now = stats["requested_bytes.all.current"]
        self.between = max(self.between, now)
        if "conv" in func.name():
            self.workspace = max(self.workspace, stats["requested_bytes.all.peak"] - now)
        return result
