"""Measurements as tables and as flat dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archcalc.evidence.measurements import Inference, MeasuredNetwork, MeasurementRecord, TrainingStep
from archcalc.present.tables import Column, Table, human, human_bytes, left


def inference_table(record: MeasurementRecord) -> Table:
    """A table with a line for every network and way of running it forward."""
    measured = [(network, way) for network in record.networks.values() for way in network.inference if not way.reason]
    columns = [
        left("network", "above"),
        Column("batch"),
        left("precision"),
        left("layout"),
        Column("ms", milliseconds),
        Column("quartiles"),
        Column("runs"),
        Column("images/s", rate),
        Column("mult-adds/s", human),
        Column("peak", human_bytes),
        Column("workspace", human_bytes),
        Column("W", whole),
    ]
    rows = [_forward(network, way) for network, way in measured]
    kept = [i for i, _ in enumerate(columns) if i < 9 or any(row[i] is not None for row in rows)]
    return Table(
        f"Inference on {record.device}, {record.date}",
        [columns[i] for i in kept],
        [[row[i] for i in kept] for row in rows],
        remarks=[
            *remarks([network.inference for network in record.networks.values()], record),
            *([f"{no_power(record)}."] if record.cuda and no_power(record) else []),
        ],
    )


def training_table(record: MeasurementRecord) -> Table | None:
    """A table with a line for every network and kind of training step; None if there is none."""
    measured = [(network, way) for network in record.networks.values() for way in network.training if not way.reason]
    if not any(network.training for network in record.networks.values()):
        return None
    rows = [_step(network, way) for network, way in measured]
    columns = [
        left("network", "above"),
        Column("batch"),
        left("precision"),
        left("optimizer"),
        Column("ms", milliseconds),
        Column("quartiles"),
        Column("runs"),
        Column("images/s", rate),
        Column("peak", human_bytes),
        Column("workspace", human_bytes),
    ]
    kept = [i for i, _ in enumerate(columns) if i < 8 or any(row[i] is not None for row in rows)]
    return Table(
        f"Training steps on {record.device}, {record.date}",
        [columns[i] for i in kept],
        [[row[i] for i in kept] for row in rows],
        remarks=remarks([network.training for network in record.networks.values()], record),
    )


def _forward(network: MeasuredNetwork, way: Inference) -> list[Any]:
    work = None if way.time is None else int(network.mult_adds * way.batch / way.time.median)
    memory = [None, None] if way.memory is None else [way.memory.allocated, way.memory.workspace]
    power = None if way.energy is None else way.energy.watts
    return [network.name, way.batch, way.precision, way.layout, *_times(way), work, *memory, power]


def _step(network: MeasuredNetwork, way: TrainingStep) -> list[Any]:
    memory = [None, None] if way.memory is None else [way.memory.allocated, way.memory.workspace]
    return [network.name, way.batch, way.precision, way.optimizer, *_times(way), *memory]


def _times(way: Inference | TrainingStep) -> list[Any]:
    """Median, quartiles, runs, images a second."""
    if way.time is None:
        return [None] * 4
    runs, median, lower, upper = way.time
    return [median, f"{milliseconds(lower)} to {milliseconds(upper)}", runs, way.batch / median]


def milliseconds(seconds: float) -> str:
    """A time in milliseconds with three digits: 0.0123, 1.23, 123."""
    return _three(seconds * 1000)


def rate(images: float) -> str:
    """Images a second with three digits."""
    return _three(images)


def whole(value: float) -> str:
    """A number without decimals."""
    return f"{value:.0f}"


def _three(value: float) -> str:
    digits = max(0, 3 - len(str(int(value)))) if value >= 1 else 3
    return f"{value:,.{digits}f}"


def remarks(networks: Sequence[Sequence[Inference | TrainingStep]], record: MeasurementRecord) -> list[str]:
    """Sentences on the method of measurement, and on what was left out and why."""
    absent: dict[str, int] = {}
    for ways in networks:
        for way in ways:
            if way.reason:
                absent[way.reason] = absent.get(way.reason, 0) + 1
    said = [f"Left out {_times_said(count)}: {reason}." for reason, count in sorted(absent.items())]
    if not record.cuda:
        said.append("Memory and power: not available on the CPU.")
    return said


def no_power(record: MeasurementRecord) -> str:
    """The reason why no power of a GPU was read; empty if some was."""
    ways = [way for network in record.networks.values() for way in network.inference]
    if any(way.energy is not None for way in ways):
        return ""
    return f"Power: {record.environment.get('NVML', 'not available from this card through NVML')}"


def _times_said(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def records_of(record: MeasurementRecord) -> list[dict[str, Any]]:
    """Flat dictionaries, one for every network and way of running it; times in seconds, memory in bytes."""
    flat: list[dict[str, Any]] = []
    for network in record.networks.values():
        for kind, ways in (("inference", network.inference), ("training", network.training)):
            flat += [_flat(network, kind, way) for way in ways]
    return flat


PARTS: dict[str, tuple[str, ...]] = {
    "time": ("runs", "median", "lower", "upper"),
    "memory": ("before", "allocated_before", "allocated", "requested", "between_ops", "workspace"),
    "energy": ("watts", "joules"),
}


def _flat(network: MeasuredNetwork, kind: str, way: Inference | TrainingStep) -> dict[str, Any]:
    result: dict[str, Any] = {"name": network.name, "run": kind, "batch": way.batch, "precision": way.precision}
    result |= {key: getattr(way, key, None) for key in ("layout", "optimizer")}
    named: dict[str, Callable[[str], str]] = {"time": _seconds, "memory": "{}_bytes".format, "energy": str}
    for part, keys in PARTS.items():
        values = getattr(way, part, None)
        result |= {named[part](key): None if values is None else getattr(values, key) for key in keys}
    return result | {"reason": way.reason}


def _seconds(key: str) -> str:
    return key if key == "runs" else f"{key}_s"
