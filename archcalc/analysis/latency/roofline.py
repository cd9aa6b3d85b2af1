"""A roofline with efficiencies: the time of a kernel on a device.

The time is the root of the squares' sum of the time for its FLOPs, at the share of the peak rate that its kind of
kernels reaches, and the time for its bytes, at the share of the bandwidth: nearly the larger of both, more where they
are alike. Products on a GPU are computed in whole tiles (`archcalc.hardware.efficiency.TILE`). Source of the model:
Williams, Waterman & Patterson 2009, "Roofline", Communications of the ACM 52(4).
"""

from __future__ import annotations

from math import hypot
from typing import Any, NamedTuple

from archcalc.analysis.latency.kernels import Kernel
from archcalc.base.errors import ArchcalcError
from archcalc.hardware.devices import Device
from archcalc.hardware.efficiency import LAUNCH, TILE, Efficiency
from archcalc.training import Precision

RATES = {"amp_fp16": "float16", "amp_bf16": "bfloat16"}
"""The peak rate of products in each precision of autocast; elsewhere that of the type."""


class Roof(NamedTuple):
    """What a device gives in a precision, and the shares of it that are reached."""

    device: str
    kind: str
    """`cpu` or `gpu`."""
    peak: int
    """FLOP/s of products."""
    vector_peak: int | None
    """FLOP/s of the vector units in float32, on which convolutions by channel run; None: not stated."""
    bandwidth: int
    """Bytes/s."""
    efficiency: Efficiency

    @property
    def launch(self) -> float:
        """Seconds that a kernel takes at least (GPUs) or beside its work (processors)."""
        return launch_of(self.efficiency)


def launch_of(row: Efficiency) -> float:
    """Seconds that a kernel takes at least (GPUs) or beside its work (processors), by a row of efficiencies."""
    return LAUNCH[row.runtime] if row.kind == "gpu" else row.launch


class KernelTime(NamedTuple):
    """Seconds of a kernel."""

    compute: float
    """For its FLOPs alone."""
    memory: float
    """For its bytes alone."""
    total: float
    bound: str
    """`compute`, `memory` or `launch`: what takes most."""


def roof(device: Device, precision: Precision, efficiency: Efficiency) -> Roof:
    """The roof of a device. Raises ArchcalcError if no source states its peak rate for the type, or its bandwidth."""
    if device.bandwidth is None:
        raise ArchcalcError(f"no source says what memory bandwidth {device.key} has", about="device")
    peak = device.peak(RATES.get(precision.name, precision.name))
    return Roof(device.key, efficiency.kind, peak, device.peaks.get("float32"), device.bandwidth, efficiency)


def tiled(kernel: Kernel) -> Any:
    """A kernel's FLOPs with its columns and depth rounded up to whole tiles; numbers or arrays.

    >>> tiled(Kernel(0, "conv", 1000, 0, 0, 96, 32))
    1333.3333333333333
    """
    if kernel.kind not in ("matmul", "conv"):
        return kernel.flops * 1.0
    columns, depth = [_up(size, tile) for size, tile in zip((kernel.outputs, kernel.depth), TILE, strict=True)]
    return kernel.flops * columns * depth


def _up(size: Any, tile: int) -> Any:
    """How many times a size the whole tiles are that it takes."""
    if type(size) is int:
        return -(-size // tile) * tile / size
    import numpy

    return numpy.ceil(size / tile) * tile / size  # exact below 2**53: no quotient is rounded past a whole number


class KernelSeconds(NamedTuple):
    """Seconds of a kernel as floats, or as arrays for a kernel whose numbers are arrays."""

    compute: Any
    memory: Any
    work: Any
    """For both together."""
    total: Any


def kernel_seconds(kernel: Kernel, on: Roof) -> KernelSeconds:
    """The time of a kernel, whose numbers may be arrays of float64, by its parts."""
    shares, has_flops = on.efficiency, kernel.kind != "pointwise"
    compute: Any = 0.0
    if has_flops and on.kind == "cpu":
        compute = kernel.flops / (on.peak * shares.rates[kernel.kind])
    elif has_flops and kernel.kind == "depthwise_conv":
        compute = kernel.flops / (on.vector_peak * shares.rates[kernel.kind]) if on.vector_peak else 0.0
    elif has_flops:
        compute = tiled(kernel) / (on.peak * shares.rates[kernel.kind])
    bandwidth = on.bandwidth * shares.bandwidths[kernel.kind]
    weights = bandwidth if shares.weights_bandwidth is None else on.bandwidth * shares.weights_bandwidth
    memory = kernel.activation_bytes / bandwidth + kernel.weight_bytes / weights
    if type(compute) is float and type(memory) is float:
        work = hypot(compute, memory)
        return KernelSeconds(compute, memory, work, work + on.launch if on.kind == "cpu" else max(work, on.launch))
    import numpy

    work = numpy.sqrt(compute * compute + memory * memory) if has_flops else memory
    total = work + on.launch if on.kind == "cpu" else numpy.maximum(work, on.launch)
    return KernelSeconds(compute, memory, work, total)


def kernel_time(kernel: Kernel, on: Roof) -> KernelTime:
    """The time of a kernel whose numbers are plain, and what bounds it."""
    compute, memory, work, total = kernel_seconds(kernel, on)
    bound = "launch" if on.launch > work else "compute" if compute > memory else "memory"
    return KernelTime(compute, memory, total, bound)
