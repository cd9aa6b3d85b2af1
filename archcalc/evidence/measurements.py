"""What was measured of networks on a device: the records that `archcalc measure --record` writes.

They are kept in reports/measured of the source tree; an installed package carries them in its data. Times are in
seconds, memory in bytes, power in watts, energy in joules. Nothing here runs a network.
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
"""How numbers are kept and multiplied."""

LAYOUTS: Mapping[str, str] = {
    "contiguous": "batch, channels, height, width",
    "channels_last": "batch, height, width, channels",
}
"""How images lie in memory."""

OPTIMIZERS: Mapping[str, str] = {
    "sgd_momentum": "SGD with momentum 0.9",
    "adam": "Adam",
}
"""What makes the step of a training step."""


class Times(NamedTuple):
    """Seconds that one run took, of `runs` runs."""

    runs: int
    median: float
    lower: float
    """The first quartile."""
    upper: float
    """The third quartile."""


class Memory(NamedTuple):
    """Bytes of a CUDA device's memory; `archcalc.execution.allocator` says how they are read."""

    before: int
    """Requested before the run: weights, images, what libraries keep, and in training gradients and the optimizer's
    state."""
    allocated_before: int
    """The same with the allocator's rounding."""
    allocated: int
    """`torch.cuda.max_memory_allocated`."""
    requested: int
    """At the peak, without the allocator's rounding."""
    between_ops: int
    """The most that is held between two operators: without workspaces and temporaries."""
    workspace: int
    """The most that one convolution asked for and gave back."""


class Energy(NamedTuple):
    """Average power of the whole GPU while a network ran again and again."""

    watts: float
    joules: float
    """For one run."""
    seconds: float
    """How long it ran."""


class Inference(NamedTuple):
    """One way of running a network: what was measured, or why it was not."""

    batch: int
    precision: str
    layout: str
    time: Times | None
    memory: Memory | None
    energy: Energy | None
    reason: str
    """Why nothing was measured; empty if it was."""


class Training(NamedTuple):
    """A whole training step: forward, cross entropy, backward, and the optimizer's step."""

    batch: int
    precision: str
    optimizer: str
    time: Times | None
    memory: Memory | None
    reason: str


class Measured(NamedTuple):
    """All that was measured of one network, beside what archcalc counts of it."""

    name: str
    input: tuple[int, ...]
    params: int
    mult_adds: int
    inference: tuple[Inference, ...]
    training: tuple[Training, ...]

    def at(self, batch: int, precision: str, layout: str = "contiguous") -> Inference | None:
        """What was measured in one way; None if that way was not tried or failed."""
        wanted = (batch, precision, layout)
        return next((each for each in self.inference if each[:3] == wanted and each.time is not None), None)


class Record(NamedTuple):
    """What was measured on one device."""

    device: str
    """`cpu`, or `CUDA (NVIDIA H100 80GB HBM3)`."""
    date: str
    """ISO 8601."""
    python: str
    versions: Mapping[str, str]
    environment: Mapping[str, str]
    settings: Mapping[str, Any]
    networks: Mapping[str, Measured]
    left: tuple[str, ...]
    """Networks that were asked for and not reached."""

    @property
    def cuda(self) -> bool:
        return self.device.startswith("CUDA")


@cache
def records(folder: Path | None = None) -> tuple[Record, ...]:
    """The records of a folder (of archcalc's own), by file name; none if there is no folder."""
    return tuple([read(each) for each in records_in(folder or folder_of("measured"), "measured")])


def summary(records: Sequence[Record]) -> str:
    """What was measured on which devices, and what was not, in a sentence for each."""
    said = [
        f"On {each.device}, {each.date}: {len(each.networks)} network{'' if len(each.networks) == 1 else 's'} measured."
        for each in records
    ]
    if not any(each.cuda for each in records):
        said.append("Nothing is measured on CUDA yet: no record of a CUDA device is here.")
    return " ".join(said)


def read(plain: Mapping[str, Any]) -> Record:
    """A record from what is read from JSON."""
    return Record(
        plain["device"],
        plain["date"],
        plain["python"],
        plain["versions"],
        plain["environment"],
        plain["settings"],
        {each["name"]: _measured(each) for each in plain["networks"]},
        tuple(plain["left"]),
    )


def plain(measured: Measured) -> dict[str, Any]:
    """A network as it stands in a record."""
    ways: dict[str, Sequence[Any]] = {"inference": measured.inference, "training": measured.training}
    return measured._asdict() | {name: [_parts(each) for each in listed] for name, listed in ways.items()}


def _parts(way: Any) -> dict[str, Any]:
    return {key: value._asdict() if isinstance(value, tuple) else value for key, value in way._asdict().items()}  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownVariableType]


def _measured(plain: Mapping[str, Any]) -> Measured:
    counted = (tuple(plain["input"]), plain["params"], plain["mult_adds"])
    inference = tuple([Inference(**_read(each)) for each in plain["inference"]])
    return Measured(plain["name"], *counted, inference, tuple([Training(**_read(each)) for each in plain["training"]]))


KINDS: Mapping[str, Any] = {"time": Times, "memory": Memory, "energy": Energy}


def _read(way: Mapping[str, Any]) -> dict[str, Any]:
    return {key: KINDS[key](**value) if key in KINDS and value is not None else value for key, value in way.items()}
