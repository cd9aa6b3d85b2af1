"""Published throughput against mult-adds: images a second of timm's models at inference, device by device.

archcalc's own records of measurements have no GPU; these are the tables that timm publishes (pytorch-image-models,
folder `results/`, Apache-2.0), of the networks that the catalogue has, at the catalogue's input size. Diagonals join
networks of one rate of mult-adds: a network below another at the same mult-adds uses the device worse.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from archcalc import zoo
from archcalc.base.errors import ArchcalcError
from archcalc.base.package import read_text
from archcalc.evidence.accuracy import DATA
from archcalc.evidence.documented import documented_first
from archcalc.figures import Plot, panels
from archcalc.figures.counting import CostAxis, axis_of, count
from archcalc.figures.looks import alike
from archcalc.figures.panels import Guide, Panels, PanelSpot, SpotAxis, SpotPanel
from archcalc.graph import Network
from archcalc.hardware.devices import device as lookup
from archcalc.present.names import pretty

draw, records = panels.draw, panels.records

DEFAULT = "rtx-4090"
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
"""Rates of the diagonals, in million million mult-adds a second."""


class PublishedRate(NamedTuple):
    """A row of a published table."""

    architecture: str
    size: int
    images_per_second: float
    batch: int
    device: str
    precision: str
    runtime: str
    model: str
    """The name of the model in the table."""
    source: str


class Rated(NamedTuple):
    """A network of the catalogue with its rate."""

    network: Network
    rate: PublishedRate
    counted: int

    @property
    def name(self) -> str:
        return self.network.name

    @property
    def family(self) -> str:
        return self.network.file

    @property
    def year(self) -> int:
        return self.network.family.year if self.network.family else 0


@cache
def published_rates() -> tuple[PublishedRate, ...]:
    """The rows of `data/throughput.csv`."""
    rows = csv.DictReader(read_text(DATA, "throughput.csv").splitlines())
    return tuple(
        [
            PublishedRate(
                row["architecture"], int(row["size"]), float(row["images_per_second"]), int(row["batch"]),
                row["device"], row["precision"], row["runtime"], row["model"], row["source"],
            )
            for row in rows
        ]
    )  # fmt: skip


def gather(request: Plot) -> Panels:
    """The networks of one device's table. Raises ArchcalcError for a device without a table, and for networks that
    the table does not have.
    """
    axis = axis_of(request.convention)
    rows = _table(request)
    own = _own_size(rows)
    named = [_in_table(zoo.network(name).name, own, rows[0].device) for name in request.titles]
    chosen = {name: own[name] for name in named or own if named or not _doubled(name, own)}
    rated = [
        Rated(zoo.network(name), chosen[name], count(zoo.network(name).graph(), axis))
        for name in documented_first(chosen)
    ]
    lines = {each.name: group[0].name for group in alike(rated) for each in group}
    spots = tuple([_spot(each, axis, lines.get(each.name, "")) for each in rated])
    panel = SpotPanel(SpotAxis(f"{axis.noun} (billion)"), SpotAxis("images per second"), spots, _diagonals(spots))
    title = f"Published throughput against {axis.noun}: {lookup(rows[0].device).name}"
    return Panels(title, (panel,), (_note(rows), axis.note, "Dashed: mult-adds a second, T: million million."))


def _table(request: Plot) -> list[PublishedRate]:
    """The rows of the device that is asked for. Raises ArchcalcError."""
    rates = published_rates()
    devices = list(dict.fromkeys([each.device for each in rates]))
    wanted = (request.device if isinstance(request.device, str) else "") or DEFAULT
    key = wanted.strip().lower().replace(" ", "-")
    found = [each for each in devices if key in each]
    if not found:
        said = f"throughput is published of {', '.join(devices)}, not of {wanted}"
        raise ArchcalcError(said, about="device")
    rows = [each for each in rates if each.device == found[0]]
    if request.precision and request.precision != rows[0].precision:
        said = f"the published table of {found[0]} is of {rows[0].precision}, not of {request.precision}"
        raise ArchcalcError(said, about="precision")
    if request.batch:
        raise ArchcalcError("published throughput is at the batch that its table chose, so there is no --batch")
    return rows


def _own_size(rows: Sequence[PublishedRate]) -> dict[str, PublishedRate]:
    """The rows of networks at the size that the catalogue gives them; of a model with two names the faster row."""
    found: dict[str, PublishedRate] = {}
    for each in sorted(rows, key=lambda row: row.images_per_second):
        if zoo.network(each.architecture).input[-1] == each.size:
            found[each.architecture] = each
    return found


def _in_table(name: str, own: dict[str, PublishedRate], where: str) -> str:
    """The name of a network in a table, which may be that of its variant by torchvision or by TensorFlow's padding.

    Raises ArchcalcError if the table does not have it.
    """
    found = next((name + end for end in ("", "_torchvision", "_tf") if name + end in own), None)
    if found is None:
        raise ArchcalcError(f"the published table of {where} has no {name} at its own input size", about="name")
    return found


def _doubled(name: str, others: dict[str, PublishedRate]) -> bool:
    """True for a variant with the same layers as another network of the table: TensorFlow's padding."""
    return name.removesuffix("_tf") != name and name.removesuffix("_tf") in others


def _spot(each: Rated, axis: CostAxis, line: str) -> PanelSpot:
    label = pretty(each.name.removesuffix("_tf"))
    columns = {
        "architecture": each.name,
        "label": label,
        **axis.columns(each.counted),
        "images_per_second": each.rate.images_per_second,
        "size": each.rate.size,
        "batch": each.rate.batch,
        "device": each.rate.device,
        "precision": each.rate.precision,
        "runtime": each.rate.runtime,
        "model": each.rate.model,
        "source": each.rate.source,
    }
    at = (each.counted / 1e9, each.rate.images_per_second)
    return PanelSpot(each.name, label, each.family, each.year, *at, line, columns=columns)


def _diagonals(spots: Sequence[PanelSpot]) -> tuple[Guide, ...]:
    """Lines of equal mult-adds a second that pass among the points."""
    reached = [each.x * each.y / 1e3 for each in spots]
    left, right = min([each.x for each in spots]), max([each.x for each in spots]) * 1.2
    low, high = min([each.y for each in spots]), max([each.y for each in spots]) * 1.3
    drawn: list[Guide] = []
    for rate in RATES:
        start, end = max(left, rate * 1e3 / high), min(right, rate * 1e3 / low)
        if min(reached) / 2 <= rate <= 2 * max(reached) and start < end:
            xs = tuple([start * (end / start) ** (part / 60) for part in range(61)])
            drawn.append(Guide(f"{rate:g} T/s", xs, tuple([rate * 1e3 / x for x in xs])))
    return tuple(drawn)


def _note(rows: Sequence[PublishedRate]) -> str:
    batches = [each.batch for each in rows]
    batch = f"batch {min(batches)}" if len(set(batches)) == 1 else f"batches {min(batches)} to {max(batches)}"
    way = "compiled PyTorch" if rows[0].runtime == "compiled" else "eager PyTorch"
    return f"Throughput of an inference, {rows[0].precision}, {way}, {batch}, as published: {rows[0].source}."
