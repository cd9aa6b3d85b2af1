"""The device that PyTorch models run on: availability, name, memory and settings."""

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
    """Date, device, software and settings with which networks are run."""

    date: str
    """ISO 8601, in UTC."""
    device: str
    python: str
    versions: Mapping[str, str]
    environment: Mapping[str, str]
    """Processor and cores; or GPU, driver, clocks, and settings: TF32, cuDNN autotuning."""


def require(device: str, extra: str = "validate") -> None:
    """Raise ArchcalcError unless PyTorch (installed by an extra) and the device are available."""
    torch = need("torch", extra, extra=extra)
    if device not in ("cpu", "meta") and not on_cuda(device):
        raise ArchcalcError(f"no device is called {device!r}; there are cpu, cuda and meta")
    if on_cuda(device):
        if not torch.cuda.is_available():
            raise MissingTool(f"no CUDA device is available: torch {torch.__version__} finds none; use --device cpu")
        if device != "cuda" and device not in [f"cuda:{i}" for i in range(torch.cuda.device_count())]:
            raise ArchcalcError(
                f"no device is called {device!r}; the number of CUDA devices is {torch.cuda.device_count()}"
            )


def on_cuda(device: str) -> bool:
    """Return True if a device is a GPU."""
    return device == "cuda" or device.startswith("cuda:")


def device_name(device: str) -> str:
    """The device's name; for CUDA with the name of the GPU."""
    return f"CUDA ({_torch().cuda.get_device_name(device)})" if on_cuda(device) else device


def conditions(device: str, *, autotune: bool = False) -> Conditions:
    """The conditions on a device of this machine. Raises ArchcalcError unless PyTorch and the device are available."""
    require(device)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    environment = _gpu(device, autotune) if on_cuda(device) else _processor() if device == "cpu" else {}
    return Conditions(today, device_name(device), platform.python_version(), versions(), environment)


def prepare(device: str, *, autotune: bool = False) -> None:
    """Apply the settings that `conditions` reports to this process."""
    if on_cuda(device):
        if ":" in device:  # the allocator and the clock are read for the current device
            _torch().cuda.set_device(device)
        set_tf32(on=False)
        _torch().backends.cudnn.benchmark = autotune


def set_tf32(*, on: bool) -> None:
    """Allow TF32 in float32 products and convolutions on a GPU, or forbid it."""
    torch = _torch()
    torch.backends.cuda.matmul.allow_tf32 = on
    torch.backends.cudnn.allow_tf32 = on


def free_memory(device: str) -> int:
    """Bytes of free memory of the GPU, or of the machine for the CPU and the meta device."""
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
    """Return True if a device still works: some errors make a GPU unusable for the process that caused them."""
    if on_cuda(device):
        try:
            _torch().cuda.synchronize(device)
        except RuntimeError:
            return False
    return True


def lost(error: str) -> bool:
    """Return True if an error's text means that the process cannot use its GPU any more; out of memory does not."""
    return "CUDA error" in error and "ALLOC_FAILED" not in error


def release(device: str) -> None:
    """Free cached memory, so that other processes can use it."""
    if on_cuda(device) and responds(device):
        gc.collect()
        _torch().cuda.empty_cache()


def gpu(device: str) -> Gpu:
    """NVML's view of a CUDA device."""
    return Gpu(str(_torch().cuda.get_device_properties(device).uuid))


def versions() -> dict[str, str]:
    """The versions of archcalc and of every installed library."""
    installed = {"archcalc": __version__}
    for library in LIBRARIES:
        try:
            installed[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return installed


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
    """The name of the processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - Linux only
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _word(flag: bool) -> str:
    return "on" if flag else "off"


def _torch() -> Any:
    return import_module("torch")
