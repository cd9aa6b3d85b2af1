"""A statement of time: an inference or a training step on a device, in total and by layer, and its expected error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from archcalc.algebra.dims import Shape
from archcalc.analysis.latency.kernels import KINDS, Kernel
from archcalc.analysis.latency.roofline import KernelTime, Roof, kernel_time
from archcalc.analysis.latency.setups import ExpectedError, check_numbers, setup_of
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.graph import Graph
from archcalc.hardware.devices import Device, DeviceLike
from archcalc.request import NetworkLike, Request
from archcalc.training import Precision

BOUNDS = ("compute", "memory", "launch")


class LayerTime(NamedTuple):
    """The time of a layer's kernels for the batch."""

    name: str
    """The row of the network; in a training step with its phase."""
    phase: str
    kernels: int
    flops: int
    bytes: int
    seconds: float
    bound: str
    """What bounds most of its time: one of `BOUNDS`."""

    @property
    def intensity(self) -> float | None:
        """FLOPs for each byte; None if no byte is moved."""
        return self.flops / self.bytes if self.bytes else None


class TimeShare(NamedTuple):
    """A part of the time."""

    name: str
    kernels: int
    seconds: float


@dataclass(frozen=True)
class LatencyStatement:
    """The time of an inference or of a training step of a batch on a device, predicted."""

    architecture: str
    citation: str
    inputs: tuple[Shape, ...]
    batch: int
    precision: str
    changed: Mapping[str, Any]
    """The hyperparameters of the request."""
    task: str
    """`inference` or `training`."""
    device: str
    device_name: str
    runtime: str
    layout: str
    seconds: float
    """For the batch."""
    flops: int
    bytes: int
    peak: int
    """FLOP/s of products that the device's sources state for the precision."""
    bandwidth: int
    """Bytes/s that they state."""
    layers: tuple[LayerTime, ...]
    bounds: tuple[TimeShare, ...]
    """The time by what bounds a kernel."""
    kinds: tuple[TimeShare, ...]
    """The time by kinds of kernels, rows of `archcalc.analysis.latency.KINDS`."""
    error: ExpectedError
    remarks: tuple[str, ...]

    @property
    def images_per_second(self) -> float:
        """Images per second."""
        return self.batch / self.seconds

    def to_dict(self) -> dict[str, Any]:
        """The statement as a plain dictionary."""
        return {
            **asdict(self),
            "images_per_second": self.images_per_second,
            "layers": [{**each._asdict(), "intensity": each.intensity} for each in self.layers],
            "bounds": [each._asdict() for each in self.bounds],
            "kinds": [each._asdict() for each in self.kinds],
            "error": self.error._asdict(),
        }


@question
def latency(
    network: NetworkLike,
    *,
    device: DeviceLike,
    task: str = "inference",
    runtime: str = "",
    layout: str = "nchw",
    fast_norms: bool = False,
    **given: Any,
) -> LatencyStatement:
    """The time of an inference or a training step of a network on a device, by a roofline, with its expected error.

    `device` is a name (`archcalc devices` lists them), the `Path` of a TOML file or a `Device`; `task` is `inference`
    or `training`; `runtime` is `eager` or `compiled`, by default what was measured on such devices: eager on GPUs,
    compiled on processors; `layout` is `nchw` or `nhwc` (channels_last). With `fast_norms`, layer and group norms run
    in the lower type under autocast. `given` are the settings of a request: `input`, `batch`, `dtype`, `precision`,
    `optimizer` and hyperparameters.

    Raises UnknownName for an unknown network, device or word, and ArchcalcError where the device has no figure for the
    precision, where no table of such devices was measured, for checkpoints, and for sizes or batches that are no
    numbers.

    >>> statement = latency("resnet50", device="rtx-4090", batch=256, precision="amp_fp16")
    >>> statement.bounds[0].name, statement.error.of_device
    ('memory', True)
    """
    request = Request.of(network, **given)
    graph = request.graph
    check_numbers(graph, request.batch)
    precision = request.training.precision_of(request.dtype)
    setup = setup_of(device, precision, task=task, runtime=runtime, layout=layout, fast_norms=fast_norms)
    if setup.task == "training" and request.training.checkpoint:
        raise ArchcalcError("time is not stated for a step that computes parts twice (checkpoints)", about="checkpoint")
    found, on = setup.device, setup.on
    phases = setup.phases(graph, request.batch, request.training)
    timed = [(phase, kernel, kernel_time(kernel, on)) for phase, every in phases.items() for kernel in every]
    return LatencyStatement(
        architecture=request.resolved.name,
        citation=request.resolved.citation,
        inputs=tuple([node.shape for node in graph.nodes if node.op.role == "input"]),
        batch=request.batch,
        precision=precision.name,
        changed=request.changed,
        task=setup.task,
        device=found.key,
        device_name=found.name,
        runtime=setup.runtime,
        layout=setup.efficiency.layout,
        seconds=sum([time.total for _, _, time in timed]),
        flops=sum([kernel.flops for _, kernel, _ in timed]),
        bytes=sum([kernel.bytes for _, kernel, _ in timed]),
        peak=on.peak,
        bandwidth=on.bandwidth,
        layers=tuple(_layers(graph, timed)),
        bounds=_shares([(time.bound, time.total) for _, _, time in timed], BOUNDS),
        kinds=_shares([(kernel.kind, time.total) for _, kernel, time in timed], tuple(KINDS)),
        error=setup.error,
        remarks=(*_says(found, on, precision, request.batch), *request.resolved.remarks),
    )


def _layers(graph: Graph, timed: Sequence[tuple[str, Kernel, KernelTime]]) -> list[LayerTime]:
    """The times by rows of the network and phases, in the order in which rows first run."""
    rows: dict[tuple[str, str], list[tuple[Kernel, KernelTime]]] = {}
    for phase, kernel, time in timed:
        row = "" if phase == "optimizer" else graph.nodes[kernel.node].row
        rows.setdefault((phase, row), []).append((kernel, time))
    return [
        LayerTime(
            name=row or phase,
            phase=phase,
            kernels=len(every),
            flops=sum([kernel.flops for kernel, _ in every]),
            bytes=sum([kernel.bytes for kernel, _ in every]),
            seconds=sum([time.total for _, time in every]),
            bound=_shares([(time.bound, time.total) for _, time in every], BOUNDS)[0].name,
        )
        for (phase, row), every in rows.items()
    ]


def _shares(parts: Sequence[tuple[str, float]], names: Sequence[str]) -> tuple[TimeShare, ...]:
    """The time of every name, the longest first; names without any are left out."""
    found = [
        TimeShare(name, sum([each == name for each, _ in parts]), sum([s for n, s in parts if n == name]))
        for name in names
    ]
    return tuple(sorted([each for each in found if each.kernels], key=lambda each: -each.seconds))


def _says(found: Device, on: Roof, precision: Precision, batch: int) -> list[str]:
    """What the evaluation does not cover of this request."""
    said: list[str] = []
    own = "float32" if on.kind == "cpu" else "amp_fp16"
    if precision.name != own:
        said.append(f"The efficiencies are fitted in {own}; {precision.name} was not measured.")
    if on.kind == "gpu" and batch < 64:
        said.append(
            "The measured batches are of 96 to 2048 images: at this batch the time of launches is an assumption "
            f"({on.launch * 1e6:g} microseconds a kernel)."
        )
    if on.kind == "cpu" and batch > 1:
        said.append("Processors were measured at batch 1; a larger batch was not.")
    if found.kind in ("shared", "tpu") or found.vendor not in ("NVIDIA", "Intel"):
        measured = "only NVIDIA GeForce GPUs and two Intel processors were"
        if found.kind in ("gpu", "cpu") and not found.vendor:
            said.append(
                f"No vendor of {found.key} is given, so whether a device like it was measured is open: {measured}."
            )
        else:
            said.append(f"No device like {found.key} was measured: {measured}.")
    return said
