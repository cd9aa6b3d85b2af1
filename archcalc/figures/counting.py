"""Axes of plots: mult-adds or parameters, the count of a named convention, the predicted time on a device, memory,
activations, or the receptive field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from archcalc.analysis.latency.statement import LatencyStatement, latency
from archcalc.analysis.memory import inference, training_step
from archcalc.analysis.memory.step import weights
from archcalc.analysis.quantities import Basis, totals
from archcalc.analysis.receptive_field import fields
from archcalc.base.errors import ArchcalcError
from archcalc.conventions.counting import MULT_ADDS, Convention, find_convention
from archcalc.conventions.counting import total as convention_total
from archcalc.conventions.measures import Measures
from archcalc.evidence.accuracy import whole
from archcalc.graph import Graph
from archcalc.hardware.devices import DeviceLike
from archcalc.hardware.devices import device as lookup
from archcalc.hardware.efficiency import efficiency_of, kind_of
from archcalc.training import PRECISIONS, Training

WRONG = 0.02
"""The part of a count that mistakes of a counter may be, so that the rest is still the network's cost."""


class Timed(NamedTuple):
    """The way in which networks are timed: see `archcalc.analysis.latency.statement.latency`."""

    device: DeviceLike
    batch: int
    precision: str

    def statement(self, graph: Graph) -> LatencyStatement:
        """The statement of the time of an inference. Raises ArchcalcError where the device has none."""
        return latency(graph, device=self.device, batch=self.batch, precision=self.precision)


class Computed(NamedTuple):
    """A total that is computed from the graph and is no count of a convention: bytes, values or pixels."""

    column: str
    """Its name in records."""
    units: tuple[tuple[float, str], ...]
    """Its units from the largest to the smallest, with their words."""
    of: Callable[[Graph], int]
    """The total of a network; 0 where the network has none."""
    none: str = ""
    """Of networks without a total, the reason."""
    given: tuple[tuple[str, object], ...] = ()
    """Further columns of records."""
    is_cost: bool = True
    """True if less of it is better."""


class CostAxis(NamedTuple):
    """An axis of costs: the convention, its words, and a note for the small print."""

    convention: Convention
    noun: str
    """mult-adds, FLOPs as torch counts ..."""
    timed: Timed | None = None
    """If given, the axis shows nanoseconds for an image, and no count of the convention."""
    error: str = ""
    """Of times, the sentence on their expected error; of other totals, the sentence on what they are."""
    computed: Computed | None = None
    """If given, the axis shows this total, and no count of the convention."""

    @property
    def is_count(self) -> bool:
        """True if the axis shows the count of its convention."""
        return self.timed is None and self.computed is None

    @property
    def is_cost(self) -> bool:
        """True if less is better, so that there is a Pareto front."""
        return self.computed is None or self.computed.is_cost

    @property
    def note(self) -> str:
        """Sentences for the small print that name the convention and its mistakes."""
        if not self.is_count:
            return self.error
        wrong = f" Its mistakes are in the figures: {'; '.join(self._bugs)}." if self._bugs else ""
        return self._meaning + wrong

    @property
    def checked_note(self) -> str:
        """The same for counts of which `miscounted` has said that no mistake changes them by more than `WRONG`."""
        if self.timed:
            return self.error
        said = f" Mistakes of the counter change no count drawn by more than {100 * WRONG:g} %." if self._bugs else ""
        return self._meaning + said

    @property
    def _meaning(self) -> str:
        return f"{self.noun[0].upper()}{self.noun[1:]}: {self.convention.summary}."

    @property
    def _bugs(self) -> list[str]:
        return [bug.summary for bug in self.convention.bugs if bug not in self.convention.other_bugs]

    def columns(self, counted: int) -> dict[str, object]:
        """The count of a point as columns of a record, with what it is."""
        if self.computed is not None:
            return {self.computed.column: counted, **dict(self.computed.given)}
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


BYTES = ((1e9, "GB "), (1e6, "MB "), (1e3, "kB "), (1.0, "B "))
COUNTS = ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "), (1.0, ""))
PIXELS = ((1.0, "pixels "),)


def memory_axis(batch: int, precision: str, *, trains: bool) -> CostAxis:
    """The axis of the peak of memory of an inference or of a training step, with its weights.

    Raises ArchcalcError for an unknown precision, and for one in which networks are not trained.
    """
    training = Training(precision=precision)
    way = training.described("float32") if trains else PRECISIONS[precision].name
    given = (("batch", batch), ("precision", precision))

    def step(graph: Graph) -> int:
        return whole(training_step(graph, batch, "float32", training).peak())

    def run(graph: Graph) -> int:
        on = training.precision_of("float32")
        return sum([whole(each) for each in weights(graph)]) * on.width + whole(inference(graph, batch, on).peak())

    noun, column, of = (
        ("memory of a training step", "training_step_bytes", step)
        if trains
        else ("memory of an inference", "inference_bytes", run)
    )
    holds = "weights, gradients, the optimizer's state and saved activations" if trains else "weights and activations"
    said = f"{noun.capitalize()}: the computed peak of {holds}, batch {batch}, {way}, in eager PyTorch."
    return CostAxis(MULT_ADDS, noun, error=said, computed=Computed(column, BYTES, of, given=given))


def activations_axis() -> CostAxis:
    """The axis of the activations of an image."""
    said = (
        "Activations of an image: elements of the input and of the outputs of convolutions, pools, linear layers and "
        "merges, each once. Radosavovic et al. 2020, arXiv:2003.13678, find that they predict the time on a GPU better "
        "than mult-adds do; they count the outputs of convolutions only."
    )

    def of(graph: Graph) -> int:
        return whole(totals(Basis(graph), ("activation_sum",)).activation_sum)

    return CostAxis(MULT_ADDS, "activations", error=said, computed=Computed("activations", COUNTS, of))


def field_axis() -> CostAxis:
    """The axis of the receptive field: the larger side of that of the last units before the global pool."""
    said = (
        "Receptive field: side of the field of the last units before the global pool or the flattening, in pixels of "
        "the input, not clipped to it (Araujo et al. 2019, Distill)."
    )
    none = "their units see the whole input or no window, through gates or attention"
    shown = Computed("receptive_field", PIXELS, last_field, none, is_cost=False)
    return CostAxis(MULT_ADDS, "receptive field", error=said, computed=shown)


def last_field(graph: Graph) -> int:
    """The larger side of the field of the last units that have a window; 0 where they depend on more than it."""
    windows = [field for field in fields(graph) if field.local is not None]
    if not windows or windows[-1].reach is not None:
        return 0
    return max([whole(track.size) for track in windows[-1].local or ()])


def count(graph: Graph, axis: CostAxis) -> int:
    """The count of a network, nanoseconds for an image, or another total.

    Raises ArchcalcError if it has an op with mult-adds that the convention does not know.
    """
    if axis.computed:
        return axis.computed.of(graph)
    if axis.timed:
        return max(1, round(1e9 * axis.timed.statement(graph).seconds / axis.timed.batch))
    measures = Measures(graph)
    require(measures, axis.convention)
    return whole(convention_total(measures, axis.convention))


class Uncounted(NamedTuple):
    """The reason why a network has no count in an axis's convention, and what the convention says, and would say."""

    reason: str
    numbers: str = ""


def miscounted(graph: Graph, axis: CostAxis) -> Uncounted | None:
    """The mistake of a counter that changes a count by more than `WRONG`, so that it is not the network's cost.

    None if there is none. The counts with and without the mistake stand beside it, where the convention says what the
    tool is meant to count instead.
    """
    convention = axis.convention
    if axis.timed or not any(bug not in convention.other_bugs for bug in convention.bugs):
        return None
    measures = Measures(graph)
    amounts: dict[str, int] = {}
    for kind in measures.kinds:
        for weight, measure, bug in convention.of(kind):
            if bug is not None:
                amounts[bug.summary] = amounts.get(bug.summary, 0) + whole(weight * measures.sum(kind, measure))
    counted = whole(convention_total(measures, convention))
    worst = max(amounts, key=lambda summary: abs(amounts[summary]), default="")
    if not worst or abs(amounts[worst]) <= WRONG * counted:
        return None
    right = counted - sum(amounts.values())
    numbers = f"{_three(counted)} instead of {_three(right)}" if right > 0 else ""
    return Uncounted(f"a mistake of {convention.name} changes their counts ({worst})", numbers)


def _three(value: int) -> str:
    """A count in three digits with its unit: 22.8 G."""
    size, unit = next((size, unit) for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " K"), (1, "")) if value >= size)
    return f"{value / size:.3g}{unit}"


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
