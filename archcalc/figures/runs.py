"""The points of the plots of time and power: one record of measurements, one way of running, and its networks.

By default the record is the newest of a GPU that has the quantity, else the newest of a CPU; the runs are those in
float32 and contiguous layout, at batch 16 if most networks were measured so, else at batch 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archcalc import zoo
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown, unknown
from archcalc.evidence import measurements
from archcalc.evidence.measurements import PRECISIONS, Energy, Inference, MeasuredNetwork, MeasurementRecord, Times
from archcalc.figures import Plot
from archcalc.figures.counting import CostAxis, count
from archcalc.present.names import pretty

LAYOUT = "contiguous"
BATCHES = (16, 1)
"""The batches drawn by default: the first if most networks have it, else the second."""
SMALLEST = 100
"""The smallest input size, in pixels; networks below it, and single blocks, are drawn only if they are named."""
HOW = "`archcalc measure --all{} --record reports/measured/NAME.json`"


class TimedPoint(NamedTuple):
    """One point: a network with its count, and its measurements at a batch."""

    name: str
    label: str
    family: str
    """The file of the catalogue that it is in."""
    year: int
    counted: int
    """The count for one image, in the axis's convention."""
    batch: int
    time: Times
    energy: Energy | None

    @property
    def milliseconds(self) -> tuple[float, float, float]:
        """Milliseconds for one image: the median and the two quartiles."""
        _, median, lower, upper = [seconds * 1e3 / self.batch for seconds in self.time]
        return median, lower, upper

    @property
    def joules(self) -> float | None:
        """For one image."""
        return None if self.energy is None else self.energy.joules / self.batch


class Selected(NamedTuple):
    """The part of a record that is drawn, before counting: networks, batch and precision, and networks left out."""

    record: MeasurementRecord
    batch: int
    precision: str
    networks: tuple[MeasuredNetwork, ...]
    small: int
    """Single blocks, and networks of images under `SMALLEST` pixels."""
    unmeasured: tuple[str, ...]
    """Networks that were not measured in this way."""


class ChosenRuns(NamedTuple):
    """The points of a plot, their selection, and networks that could not be counted."""

    selected: Selected
    points: tuple[TimedPoint, ...]
    uncounted: tuple[str, ...]
    """Networks that the convention cannot count, or that the catalogue does not have."""


def select(request: Plot) -> Selected:
    """The named networks of a record, or all whole networks with inputs of at least `SMALLEST` pixels.

    Raises ArchcalcError if there is no record, or nothing of a named network.
    """
    power = request.kind == "power"
    precision = request.precision or "float32"
    if precision not in PRECISIONS:
        raise unknown("precision", precision, list(PRECISIONS), f"there are {_list(PRECISIONS)}", about="precision")
    if request.device is not None and not isinstance(request.device, str):
        raise ArchcalcError("a measurement is selected by a part of the device's name, not by a list", about="device")
    record = _record(request.device, precision, power)
    requested = _requested(record, request.titles)
    batch = _batch(requested, precision, power) if request.batch is None else request.batch
    measured = tuple([each for each in requested if _ran(each, batch, precision, power)])
    unmeasured = tuple([each.name for each in requested if each not in measured])
    if request.names and unmeasured:
        raise ArchcalcError(_why_not(record.networks[unmeasured[0]], batch, precision, power))
    if not measured:
        there = _list(_batches([way for each in requested for way in each.inference], precision, power))
        raise ArchcalcError(f"{_said(record)} has no batch {batch} in {precision}; there is {there}", about="batch")
    return Selected(
        record, batch, precision, measured, 0 if request.names else len(record.networks) - len(requested), unmeasured
    )


def choose(request: Plot, axis: CostAxis) -> ChosenRuns:
    """The points of the selected networks. Raises ArchcalcError as `select` does, before anything is counted.

    A network that the convention cannot count is left out; it is an error if it is named.
    """
    selected = select(request)
    points: list[TimedPoint] = []
    uncounted: list[str] = []
    for network in selected.networks:
        try:
            points.append(_point(network, selected, axis))
        except ArchcalcError:
            if request.names:
                raise
            uncounted.append(network.name)
    if not points:
        raise ArchcalcError(f"the convention {axis.convention.name} counts no network of {_said(selected.record)}")
    return ChosenRuns(selected, tuple(points), tuple(uncounted))


def is_there(kind: str) -> bool:
    """True if there is a record for a plot of that kind."""
    try:
        select(Plot(kind))
    except ArchcalcError:
        return False
    return True


def _record(device: str | None, precision: str, power: bool) -> MeasurementRecord:
    """The newest record on a device (a GPU's first) with the precision and, for power, with energy."""
    there = measurements.records()
    if not there:
        raise ArchcalcError(f"there is no record of measurements: {HOW.format('')} makes one")
    wanted = [each for each in there if (device or "").lower() in each.device.lower()]
    if not wanted:
        devices = _list([each.device for each in there])
        raise ArchcalcError(f"there is no measurement on {shown(device)}; there are those on {devices}", about="device")
    if power and not any(_any(each, known, power) for each in wanted for known in PRECISIONS):
        raise ArchcalcError(
            f"there is no measurement of power: {HOW.format(' --device cuda')} makes one, on a GPU with NVML"
        )
    having = [each for each in wanted if _any(each, precision, power)]
    if not having:
        known = [name for name in PRECISIONS if any(_any(each, name, power) for each in wanted)]
        raise ArchcalcError(
            f"nothing was measured in {precision} on {_list([each.device for each in wanted])}"
            + (f"; there is {_list(known)}" if known else ""),
            about="precision",
        )
    return max(reversed(having), key=lambda each: (each.cuda, each.date))


def _requested(record: MeasurementRecord, names: Sequence[str]) -> list[MeasuredNetwork]:
    """The named networks of a record, or those drawn by default."""
    if not names:
        whole = [each for each in record.networks.values() if not each.name.endswith("_example")]
        large = [each for each in whole if len(each.input) == 3 and min(each.input[1:]) >= SMALLEST]
        return large or list(record.networks.values())
    wanted = list(dict.fromkeys(zoo.network(name).name for name in names))
    absent = [name for name in wanted if name not in record.networks]
    if absent:
        raise ArchcalcError(f"{_said(record)} has no {_list(absent)}", about="names")
    return [record.networks[name] for name in wanted]


def _batch(requested: Sequence[MeasuredNetwork], precision: str, power: bool) -> int:
    most, otherwise = BATCHES
    return most if 2 * sum(_ran(each, most, precision, power) for each in requested) > len(requested) else otherwise


def _any(record: MeasurementRecord, precision: str, power: bool) -> bool:
    return any(_fits(way, precision, power) for each in record.networks.values() for way in each.inference)


def _ran(network: MeasuredNetwork, batch: int, precision: str, power: bool) -> bool:
    return any(way.batch == batch and _fits(way, precision, power) for way in network.inference)


def _fits(way: Inference, precision: str, power: bool) -> bool:
    """Return True if a way of running can be drawn: its time was measured, and for power its energy."""
    known = way.time is not None and (way.energy is not None or not power)
    return known and (way.precision, way.layout) == (precision, LAYOUT)


def _why_not(network: MeasuredNetwork, batch: int, precision: str, power: bool) -> str:
    """The reason why a network has no point."""
    reasons = [each.reason for each in network.inference if each.batch in (batch, 0) and each.reason]
    there = _batches(network.inference, precision, power)
    said = f"no {'power' if power else 'time'} of {network.name} was measured at batch {batch} in {precision}"
    return said + "".join([f": {each}" for each in reasons[:1]]) + (f"; there is {_list(there)}" if there else "")


def _batches(ways: Sequence[Inference], precision: str, power: bool) -> list[str]:
    """The batches that could be drawn, in words."""
    sizes = {each.batch for each in ways if _fits(each, precision, power)}
    return [f"batch {size}" for size in sorted(sizes)]


def _point(network: MeasuredNetwork, selected: Selected, axis: CostAxis) -> TimedPoint:
    """A network's point. Raises ArchcalcError if it cannot be counted."""
    full = zoo.network(network.name)
    way = network.at(selected.batch, selected.precision, LAYOUT)
    if way is None or way.time is None:
        raise ArchcalcError(f"no time of {network.name} was measured in this way")
    counted = count(full.graph(network.input, full.settled({})), axis)
    label, year = pretty(full.name), full.family.year
    return TimedPoint(full.name, label, full.file, year, counted, way.batch, way.time, way.energy)


def _said(record: MeasurementRecord) -> str:
    return f"the record of {record.device} ({record.date})"


def _list(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
