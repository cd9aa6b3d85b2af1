"""How a network is run on a device: in a precision, by a runtime, in a layout; and the error of its predicted time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archcalc.algebra.dims import Dim
from archcalc.analysis.latency.kernels import Kernel, KernelForm, forward_forms, in_numbers, step_forms
from archcalc.analysis.latency.roofline import Roof, kernel_time, roof
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, matched, unknown
from archcalc.graph import AutocastDevice, Graph
from archcalc.hardware.devices import Device, DeviceLike
from archcalc.hardware.devices import device as lookup
from archcalc.hardware.efficiency import LAYOUTS, RUNTIMES, TASKS, Efficiency, efficiency_of, kind_of
from archcalc.training import TRAINED, Precision, Training


class ExpectedError(NamedTuple):
    """The relative error of predictions for a kind of device, measured on networks or devices left out of the fit."""

    median: float
    p90: float
    """The error that 90 % of the predictions do not exceed."""
    within_20: float
    """The share of predictions within 20 %."""
    spearman: float
    rows: int
    """Measured rows."""
    table: str
    of_device: bool
    """True if the efficiencies are fitted to this device, and the error is on families of networks left out."""
    of_others: bool
    """True if they are means of other devices', and the error is on a device left out. If both are False, they are
    those of another device, the error is on that one, and how large it is on this device is not known."""

    @property
    def is_known(self) -> bool:
        """True if the error is that of this device, or of a device left out."""
        return self.of_device or self.of_others

    def sentence(self, device: str) -> str:
        """A sentence on the error of a prediction for the device of that key, and on what it was measured."""
        off = (
            f"half of the predictions are off by at most {100 * self.median:.1f}%, 90 % by at most "
            f"{100 * self.p90:.1f}%, measured on {self.rows} rows"
        )
        if self.of_device:
            return f"Expected error: {off}, families of networks left out of the fit to the table {self.table}."
        if not self.of_others:
            return (
                f"The error is not known: {device} was not measured, and no second device was, to judge by. On "
                f"the device of the table {self.table}, {off}."
            )
        return f"Expected error: {off}, devices left out of the fit ({self.table}); {device} itself was not measured."


class Setup(NamedTuple):
    """A device, and how networks are run on it."""

    device: Device
    precision: Precision
    task: str
    """`inference` or `training`."""
    runtime: str
    """`eager` or `compiled`."""
    fast_norms: bool
    """True if layer and group norms run in the lower type under autocast."""
    efficiency: Efficiency
    on: Roof

    @property
    def autocast(self) -> AutocastDevice:
        """The device whose rules autocast follows."""
        return "cpu" if self.on.kind == "cpu" else "cuda"

    @property
    def error(self) -> ExpectedError:
        """The error of predicted times."""
        return expected_error(self.device, self.efficiency)

    def phases(self, graph: Graph, batch: int, training: Training) -> Mapping[str, Sequence[Kernel]]:
        """The kernels for a batch by phases: `forward`, in a training step also `backward` and `optimizer`.

        Sizes must be numbers: `check_numbers`.
        """
        return {phase: in_numbers(every) for phase, every in self.forms(graph, batch, training).items()}

    def forms(self, graph: Graph, batch: Dim, training: Training) -> Mapping[str, Sequence[KernelForm]]:
        """The kernels by phases, where sizes and batch may be polynomials."""
        if self.task == "training":
            return step_forms(graph, batch, self.precision, training, fast_norms=self.fast_norms)
        kernels = forward_forms(
            graph,
            batch,
            self.precision,
            device=self.autocast,
            compiled=self.runtime == "compiled",
            fast_norms=self.fast_norms,
        )
        return {"forward": kernels}

    def seconds(self, graph: Graph, batch: int, training: Training) -> float:
        """The predicted time of a batch. Raises ArchcalcError where sizes are no numbers, or an operation is unknown.

        >>> from archcalc.request import Request
        >>> from archcalc.training import DEFAULT_TRAINING, PRECISIONS
        >>> graph = Request.of("resnet50").graph
        >>> f"{setup_of('rtx-4090', PRECISIONS['amp_fp16']).seconds(graph, 256, DEFAULT_TRAINING):.4f}"
        '0.0620'
        """
        check_numbers(graph, batch)
        kernels = [kernel for every in self.phases(graph, batch, training).values() for kernel in every]
        return sum([kernel_time(kernel, self.on).total for kernel in kernels])


def expected_error(device: Device, row: Efficiency) -> ExpectedError:
    """The error of times on a device that are predicted by a row of efficiencies."""
    return ExpectedError(
        median=row.median_error,
        p90=row.p90_error,
        within_20=row.within_20,
        spearman=row.spearman,
        rows=row.rows,
        table=row.table,
        of_device=row.device == device.key,
        of_others=not row.device,
    )


def as_measured(device: Device) -> Efficiency:
    """The row of efficiencies for an inference by the runtime that such devices were measured with.

    >>> as_measured(lookup("i7-12700h")).runtime
    'compiled'
    """
    return efficiency_of(device, runtime=_measured_runtime(device))


def _measured_runtime(device: Device) -> str:
    return "compiled" if kind_of(device) == "cpu" else "eager"


def setup_of(
    device: DeviceLike,
    precision: Precision,
    *,
    task: str = "inference",
    runtime: str = "",
    layout: str = "nchw",
    fast_norms: bool = False,
) -> Setup:
    """The setup of a device; the arguments are those of `archcalc.latency`.

    Raises UnknownName for an unknown device or word, and ArchcalcError where the device has no figure for the
    precision, or where no table of such devices was measured.
    """
    found = lookup(device)
    task = _word(task, TASKS, "task")
    runtime = _word(runtime or _measured_runtime(found), tuple(RUNTIMES), "runtime")
    efficiency = efficiency_of(found, task, runtime, _word(layout, tuple(LAYOUTS), "layout"))
    if precision.name not in TRAINED:
        said = f"time is not stated in {precision.name}: no such kernels were measured; there are {', '.join(TRAINED)}"
        raise ArchcalcError(said, about="dtype")
    return Setup(found, precision, task, runtime, fast_norms, efficiency, roof(found, precision, efficiency))


def check_numbers(graph: Graph, batch: Dim) -> None:
    """Raise ArchcalcError for a graph or batch whose sizes are no numbers, and for an operation that is unknown."""
    if any([type(size) is not int for node in graph.nodes for size in node.shape]):
        raise ArchcalcError(f"{graph.name}: time is stated for sizes that are numbers")
    if type(batch) is not int:
        said = f"{graph.name}: time is stated for a batch that is a number, not {cut(repr(batch))}"
        raise ArchcalcError(said, about="batch")
    check_known(graph)


def check_known(graph: Graph) -> None:
    """Raise ArchcalcError for a graph with an operation that is unknown."""
    unsaid = [node.op for node in graph.nodes if node.op.kind == "unknown"]
    if unsaid:
        raise ArchcalcError(f"{graph.name}: the time of an operation is unknown: {cut(str(unsaid[0]))}")


def _word(given: str, known: Sequence[str], about: str) -> str:
    if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArchcalcError(f"a {about} is a word such as {known[0]}, not {cut(repr(given))}", about=about)
    found = next((each for each in known if matched(each) == matched(given)), None)
    if found is None:
        raise unknown(about, given, known, f"there are {', '.join(known)}", about=about)
    return found
