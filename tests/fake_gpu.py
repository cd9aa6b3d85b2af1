"""A GPU that is not there: tensors that are asked for on CUDA lie on the CPU, and an allocator counts their storages.

So the code for CUDA runs from end to end where there is no GPU. It shows that the code runs and that figures are put
together rightly; what a real card does, only a real card shows.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

NAME = "Fake GPU"
MEMORY = 8 * 2**30
BLOCK = 512
"""What storages are rounded up to."""


class OnTheCpu(TorchFunctionMode):
    """Calls that name CUDA as their device name the CPU instead."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        def moved(value: Any) -> Any:
            return "cpu" if isinstance(value, (str, torch.device)) and str(value).startswith("cuda") else value

        named = {key: moved(value) for key, value in (kwargs or {}).items()}
        return func(*[moved(value) for value in args], **named)


class Allocator(TorchDispatchMode):
    """The storages that operators have returned and that are alive."""

    def __init__(self) -> None:
        super().__init__()
        self.storages: dict[int, tuple[StorageWeakRef, int]] = {}
        self.peak = self.rounded_peak = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor) and leaf.device.type == "cpu":
                storage = leaf.untyped_storage()
                reference = StorageWeakRef(storage)
                self.storages[reference.cdata] = (reference, storage.nbytes())
        self.look()
        return result

    def look(self) -> tuple[int, int]:
        """Bytes that are held now, and rounded up."""
        self.storages = {key: kept for key, kept in self.storages.items() if not kept[0].expired()}
        sizes = [size for _, size in self.storages.values()]
        now = (sum(sizes), sum(-(-size // BLOCK) * BLOCK for size in sizes))
        self.peak, self.rounded_peak = max(self.peak, now[0]), max(self.rounded_peak, now[1])
        return now

    def reset(self) -> None:
        self.peak = self.rounded_peak = 0
        self.look()

    def stats(self) -> dict[str, dict[str, dict[str, int]]]:
        now, rounded = self.look()
        return {
            "requested_bytes": {"all": {"current": now, "peak": self.peak}},
            "allocated_bytes": {"all": {"current": rounded, "peak": self.rounded_peak}},
        }


class Event:
    """A CUDA event, as the clock of the machine sees it."""

    def __init__(self, enable_timing: bool) -> None:
        assert enable_timing
        self.at = 0.0

    def record(self) -> None:
        self.at = time.perf_counter()

    def synchronize(self) -> None:
        assert self.at

    def elapsed_time(self, end: Event) -> float:
        return (end.at - self.at) * 1000


@contextmanager
def fake_gpu() -> Generator[Allocator]:
    """CUDA is available in this block, with one GPU."""
    allocator = Allocator()
    properties = SimpleNamespace(uuid="fake", major=9, minor=0, multi_processor_count=1, total_memory=MEMORY)
    with (
        patch.multiple(
            torch.cuda,
            Event=Event,
            synchronize=lambda *_: None,
            empty_cache=lambda: None,
            is_available=lambda: True,
            device_count=lambda: 1,
            get_device_name=lambda _: NAME,
            get_device_properties=lambda _: properties,
            mem_get_info=lambda _: (MEMORY, MEMORY),
            memory_stats_as_nested_dict=allocator.stats,
            reset_peak_memory_stats=allocator.reset,
        ),
        OnTheCpu(),
        allocator,
    ):
        yield allocator
