"""The device that PyTorch models run on: whether it is there, its name, its memory, and what is set on it."""

from __future__ import annotations

import datetime
import gc
import os
import platform
from collections.abc import Mapping
from importlib import import_module, metadata
from typing import Any, NamedTuple

from archcalc import __version__
from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.base.extras import need
from archcalc.execution.nvml import Gpu

LIBRARIES = ("torch", "fvcore", "torchvision", "timm", "pytorchcv")


class Conditions(NamedTuple):
    """When, where and with what networks are run."""

    date: str
    """ISO 8601, in UTC."""
    device: str
    python: str
    versions: Mapping[str, str]
    environment: Mapping[str, str]
    """Processor and cores; or GPU, driver, clocks, and what is set: TF32, cuDNN autotuning."""


def require(device: str, extra: str = "validate") -> None:
    """Raise ArchcalcError unless PyTorch, which an extra brings, is installed and the device is there."""
    torch = need("torch", extra, extra=extra)
    if device not in ("cpu", "meta") and not on_cuda(device):
        raise ArchcalcError(f"no device is called {device!r}; there are cpu, cuda and meta")
    if on_cuda(device):
        if not torch.cuda.is_available():
            raise MissingTool(f"no CUDA device is here: torch {torch.__version__} finds none; use --device cpu")
        if device != "cuda" and device not in [f"cuda:{i}" for i in range(torch.cuda.device_count())]:
            raise ArchcalcError(f"no device is called {device!r}; CUDA has {torch.cuda.device_count()} here")


def on_cuda(device: str) -> bool:
    """True if a device is a GPU."""
    return device == "cuda" or device.startswith("cuda:")


def device_name(device: str) -> str:
    """The device as a reader knows it: for CUDA the GPU's name."""
    return f"CUDA ({_torch().cuda.get_device_name(device)})" if on_cuda(device) else device


def conditions(device: str, *, autotune: bool = False) -> Conditions:
    """With what networks are run on a device here. Raises ArchcalcError unless PyTorch and the device are there."""
    require(device)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    environment = _gpu(device, autotune) if on_cuda(device) else _processor() if device == "cpu" else {}
    return Conditions(today, device_name(device), platform.python_version(), versions(), environment)


def prepare(device: str, *, autotune: bool = False) -> None:
    """Set in this process what `conditions` says."""
    if on_cuda(device):
        if ":" in device:  # what reads the allocator and the clock reads those of the current device
            _torch().cuda.set_device(device)
        set_tf32(on=False)
        _torch().backends.cudnn.benchmark = autotune


def set_tf32(*, on: bool) -> None:
    """Let float32 products and convolutions of a GPU use TF32, or keep them at full precision."""
    torch = _torch()
    torch.backends.cuda.matmul.allow_tf32 = on
    torch.backends.cudnn.allow_tf32 = on


def free_memory(device: str) -> int:
    """Bytes of memory that are free: of the GPU, or of the machine; on the meta device those of the machine."""
    if on_cuda(device):
        free, _ = _torch().cuda.mem_get_info(device)
        return free
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:  # noqa: PTH123 - it has what can be had without swapping
            kilobytes = next(line.split()[1] for line in lines if line.startswith("MemAvailable:"))
        return int(kilobytes) * 1024
    except (OSError, StopIteration):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def responds(device: str) -> bool:
    """True if a device still works: after some errors a GPU does not, for the process that caused them."""
    if on_cuda(device):
        try:
            _torch().cuda.synchronize(device)
        except RuntimeError:
            return False
    return True


def lost(error: str) -> bool:
    """True if an error's text is one after which a process cannot use its GPU; running out of memory is none."""
    return "CUDA error" in error and "ALLOC_FAILED" not in error


def release(device: str) -> None:
    """Give memory that is kept for later use back, so that other processes can have it."""
    if on_cuda(device) and responds(device):
        gc.collect()
        _torch().cuda.empty_cache()


def gpu(device: str) -> Gpu:
    """NVML's view of a CUDA device."""
    return Gpu(str(_torch().cuda.get_device_properties(device).uuid))


def versions() -> dict[str, str]:
    """Archcalc's and every library's version that is installed."""
    found = {"archcalc": __version__}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found


def _gpu(device: str, autotune: bool) -> dict[str, str]:
    torch = _torch()
    properties = torch.cuda.get_device_properties(device)
    return {
        "compute capability": f"{properties.major}.{properties.minor}",
        "multiprocessors": str(properties.multi_processor_count),
        "memory": f"{properties.total_memory / 2**30:.1f} GiB",
        "CUDA": str(torch.version.cuda),
        "cuDNN": str(torch.backends.cudnn.version()),
        **gpu(device).facts(),
        "TF32": "off",
        "cuDNN autotuning": _word(autotune),
        "processor": _model_name(),
        "cores": str(_cores()),
    }


def _processor() -> dict[str, str]:
    return {"processor": _model_name(), "cores": str(_cores())}


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _model_name() -> str:
    """The processor as it calls itself."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - Linux only
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _word(flag: bool) -> str:
    return "on" if flag else "off"


def _torch() -> Any:
    return import_module("torch")
