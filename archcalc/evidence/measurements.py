"""Measurements of networks on a device: the records that `archcalc measure --record` writes.

They are stored in reports/measured of the source tree; an installed package has them in its data. Times are in seconds,
memory in bytes, power in watts, energy in joules. No network is run here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from archcalc.evidence.records import folder_of, records_in

PRECISIONS: Mapping[str, str] = {
    "float32": "float32 throughout, without TF32",
    "tf32": "float32, products and convolutions in TF32",
    "float16": "float32 weights, autocast to float16",
    "bfloat16": "float32 weights, autocast to bfloat16",
}
"""Precisions: the types in which numbers are stored and multiplied."""

LAYOUTS: Mapping[str, str] = {
    "contiguous": "batch, channels, height, width",
    "channels_last": "batch, height, width, channels",
}
"""Memory layouts of images."""

OPTIMIZERS: Mapping[str, str] = {
    "sgd_momentum": "SGD with momentum 0.9",
    "adam": "Adam",
}
"""Optimizers of training steps."""


class Times(NamedTuple):
    """The time of one run in seconds, from `runs` runs."""

    runs: int
    median: float
    lower: float
    """The first quartile."""
    upper: float
    """The third quartile."""


class DeviceMemory(NamedTuple):
    """Bytes of a CUDA device's memory, read by `archcalc.execution.allocator`."""

    before: int
    """Requested before the run: weights, images, libraries' own memory, and in training gradients and the optimizer's
    state."""
    allocated_before: int
    """Requested before the run, with the allocator's rounding."""
    allocated: int
    """`torch.cuda.max_memory_allocated`."""
    requested: int
    """At the peak, without the allocator's rounding."""
    between_ops: int
    """The peak between two operators: without workspaces and temporaries."""
    workspace: int
    """The largest workspace of a convolution."""


class Energy(NamedTuple):
    """Average power of the whole GPU while a network runs repeatedly."""

    watts: float
    joules: float
    """Energy of one run."""
    seconds: float
    """The duration of the measurement."""


class Inference(NamedTuple):
    """Measurements of one way of running a network forward, or the reason why there are none."""

    batch: int
    precision: str
    layout: str
    time: Times | None
    memory: DeviceMemory | None
    energy: Energy | None
    reason: str
    """The reason why nothing was measured; empty if it was."""


class TrainingStep(NamedTuple):
    """A whole training step: forward, cross entropy, backward, and the optimizer's step."""

    batch: int
    precision: str
    optimizer: str
    time: Times | None
    memory: DeviceMemory | None
    reason: str


class MeasuredNetwork(NamedTuple):
    """All measurements of one network, beside the counts that archcalc computes."""

    name: str
    input: tuple[int, ...]
    params: int
    mult_adds: int
    inference: tuple[Inference, ...]
    training: tuple[TrainingStep, ...]

    def at(self, batch: int, precision: str, layout: str = "contiguous") -> Inference | None:
        """The measurement of one way of running; None if that way was not tried or failed."""
        wanted = (batch, precision, layout)
        return next((each for each in self.inference if each[:3] == wanted and each.time is not None), None)


class MeasurementRecord(NamedTuple):
    """All measurements on one device."""

    device: str
    """`cpu`, or `CUDA (NVIDIA H100 80GB HBM3)`."""
    date: str
    """ISO 8601."""
    python: str
    versions: Mapping[str, str]
    environment: Mapping[str, str]
    settings: Mapping[str, Any]
    networks: Mapping[str, MeasuredNetwork]
    left: tuple[str, ...]
    """Requested networks that were not measured in time."""

    @property
    def cuda(self) -> bool:
        return self.device.startswith("CUDA")


@cache
def records(folder: Path | None = None) -> tuple[MeasurementRecord, ...]:
    """The records in a folder (by default archcalc's own), sorted by file name; empty if there is no folder."""
    return tuple([read(each) for each in records_in(folder or folder_of("measured"), "measured")])


def summary(records: Sequence[MeasurementRecord]) -> str:
    """Sentences with the number of networks measured on each device."""
    said = [
        f"On {each.device}, {each.date}: {len(each.networks)} network{'' if len(each.networks) == 1 else 's'} measured."
        for each in records
    ]
    if not any(each.cuda for each in records):
        said.append("Nothing is measured on CUDA yet: there is no record of a CUDA device.")
    return " ".join(said)


def read(plain: Mapping[str, Any]) -> MeasurementRecord:
    """A record from plain data, as read from JSON."""
    return MeasurementRecord(
        plain["device"],
        plain["date"],
        plain["python"],
        plain["versions"],
        plain["environment"],
        plain["settings"],
        {each["name"]: _measured(each) for each in plain["networks"]},
        tuple(plain["left"]),
    )


def plain(measured: MeasuredNetwork) -> dict[str, Any]:
    """A network as plain data of a record."""
    ways: dict[str, Sequence[Any]] = {"inference": measured.inference, "training": measured.training}
    return measured._asdict() | {name: [_parts(each) for each in listed] for name, listed in ways.items()}


def _parts(way: Any) -> dict[str, Any]:
    return {key: value._asdict() if isinstance(value, tuple) else value for key, value in way._asdict().items()}  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownVariableType]


def _measured(plain: Mapping[str, Any]) -> MeasuredNetwork:
    counted = (tuple(plain["input"]), plain["params"], plain["mult_adds"])
    inference = tuple([Inference(**_read(each)) for each in plain["inference"]])
    return MeasuredNetwork(
        plain["name"], *counted, inference, tuple([TrainingStep(**_read(each)) for each in plain["training"]])
    )


KINDS: Mapping[str, Any] = {"time": Times, "memory": DeviceMemory, "energy": Energy}


def _read(way: Mapping[str, Any]) -> dict[str, Any]:
    return {key: KINDS[key](**value) if key in KINDS and value is not None else value for key, value in way.items()}
