"""Axes of plots: mult-adds or parameters, the count of a named convention, or the predicted time on a device."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.analysis.latency.statement import LatencyStatement, latency
from archcalc.base.errors import ArchcalcError
from archcalc.conventions.counting import MULT_ADDS, Convention, find_convention
from archcalc.conventions.counting import total as convention_total
from archcalc.conventions.measures import Measures
from archcalc.evidence.accuracy import whole
from archcalc.graph import Graph
from archcalc.hardware.devices import DeviceLike
from archcalc.hardware.devices import device as lookup
from archcalc.hardware.efficiency import efficiency_of, kind_of


class Timed(NamedTuple):
    """The way in which networks are timed: see `archcalc.analysis.latency.statement.latency`."""

    device: DeviceLike
    batch: int
    precision: str

    def statement(self, graph: Graph) -> LatencyStatement:
        """The statement of the time of an inference. Raises ArchcalcError where the device has none."""
        return latency(graph, device=self.device, batch=self.batch, precision=self.precision)


class CostAxis(NamedTuple):
    """An axis of costs: the convention, its words, and a note for the small print."""

    convention: Convention
    noun: str
    """mult-adds, FLOPs as torch counts ..."""
    timed: Timed | None = None
    """If given, the axis shows nanoseconds for an image, and no count of the convention."""
    error: str = ""
    """Of times, the sentence on their expected error."""

    @property
    def note(self) -> str:
        """Sentences for the small print that name the convention and its mistakes."""
        if self.timed:
            return self.error
        bugs = [bug.summary for bug in self.convention.bugs if bug not in self.convention.other_bugs]
        wrong = f" Its mistakes are in the figures: {'; '.join(bugs)}." if bugs else ""
        return f"{self.noun[0].upper()}{self.noun[1:]}: {self.convention.summary}.{wrong}"

    def columns(self, counted: int) -> dict[str, object]:
        """The count of a point as columns of a record, with what it is."""
        if self.timed is None:
            return {"count": counted, "convention": self.convention.name}
        given = {"device": lookup(self.timed.device).key, "batch": self.timed.batch, "precision": self.timed.precision}
        return {"seconds_per_image": counted / 1e9, **given}


WORK = CostAxis(MULT_ADDS, "mult-adds")


def axis_of(name: str | None, quantity: str = "work") -> CostAxis:
    """The axis for a convention. Raises ArchcalcError if it counts another quantity than the plot shows."""
    chosen = find_convention(name or ("mult_adds" if quantity == "work" else "params"))
    if chosen.quantity != quantity:
        counts = {"work": "operations", "parameters": "parameters", "memory": "bytes"}
        said = f"this plot's axis counts {counts[quantity]}; the convention {chosen.name} counts"
        raise ArchcalcError(f"{said} {counts[chosen.quantity]}")
    unit = chosen.unit.partition(" (")[0]
    plain = chosen.name in ("mult_adds", "params")
    return CostAxis(chosen, unit if plain else f"{unit} as {chosen.name} counts")


def time_axis(device: DeviceLike, batch: int, precision: str) -> CostAxis:
    """The axis of predicted times for an image. Raises ArchcalcError for an unknown device or precision."""
    found = lookup(device)
    efficiency = efficiency_of(found, runtime="compiled" if kind_of(found) == "cpu" else "eager")
    where = "on this device" if efficiency.device == found.key else "on a device left out of the fit"
    error = (
        f"Predicted, batch {batch}, {precision}, {efficiency.runtime} PyTorch; half of the predictions are off by at "
        f"most {100 * efficiency.median_error:.0f} %, 90 % by at most {100 * efficiency.p90_error:.0f} % {where}."
    )
    return CostAxis(MULT_ADDS, f"predicted time per image, {found.name}", Timed(found, batch, precision), error)


def count(graph: Graph, axis: CostAxis) -> int:
    """The count of a network, or nanoseconds for an image.

    Raises ArchcalcError if it has an op with mult-adds that the convention does not know.
    """
    if axis.timed:
        return max(1, round(1e9 * axis.timed.statement(graph).seconds / axis.timed.batch))
    measures = Measures(graph)
    require(measures, axis.convention)
    return whole(convention_total(measures, axis.convention))


def require(measures: Measures, convention: Convention) -> None:
    """Raise ArchcalcError if a network has an op with mult-adds that a convention cannot count.

    Linear layers are exempt, because a survey leaves them out on purpose.
    """
    if convention.quantity != "work" or not _counts_products(convention):
        return
    for kind, indices in measures.kinds.items():
        if not convention.of(kind) and kind != "linear":
            sites = [measures.sites[index] for index in indices]
            if any(whole(site.work.multiply_accumulate) for site in sites):
                name = measures.graph.name
                words = kind.replace("_", " ")
                raise ArchcalcError(f"the convention {convention.name} does not count {words}, which {name} has")


def _counts_products(convention: Convention) -> bool:
    return any(term.measure == "multiply_accumulate" for terms in convention.terms.values() for term in terms)
