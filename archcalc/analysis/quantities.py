"""The table of quantities of a whole network: key, unit, meaning, and the function that computes each from the graph.

A quantity is a row of `QUANTITIES`. Totals of a cost table, closed forms, targets of a search, headings and keys of CSV
and JSON are read from here, so that a new row adds a quantity everywhere. The row `latency` is of a device, which is
part of the key: `latency@rtx-4090`; `quantity_of` gives the row of any key.

>>> from archcalc.analysis.quantities import Basis, totals
>>> from archcalc.request import Request
>>> totals(Basis.of(Request.of("resnet50", batch=2)), ("params", "training_step_bytes"))
Totals(params=25557032, training_step_bytes=439929912)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from archcalc.algebra.dims import Dim, is_int
from archcalc.analysis.cost import Cost, activation_sum, costs, weight_layers
from archcalc.analysis.memory import Footprint, footprint, inference, training_step
from archcalc.analysis.receptive_field import fields
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, matched, unknown
from archcalc.graph import NO_PARAMETERS, Graph, Parameters
from archcalc.request import DTYPES, Request
from archcalc.training import DEFAULT_TRAINING, Precision, Training

if TYPE_CHECKING:
    from archcalc.analysis.latency.setups import ExpectedError, Setup


class Basis:
    """A graph, a batch, the type of a value and the way of training, with the results that totals are computed from,
    each computed once.
    """

    def __init__(
        self,
        graph: Graph,
        batch: Any = 1,
        dtype: str = "float32",
        training: Training = DEFAULT_TRAINING,
        known: list[Cost] | None = None,
    ) -> None:
        self.graph = graph
        self.batch = batch
        self.dtype = dtype
        self.width = DTYPES[dtype]
        self.training = training
        if known is not None:
            self.costs = known

    @classmethod
    def of(cls, request: Request) -> Basis:
        """The basis of a request. Raises ArchcalcError where the network cannot be built."""
        return cls(request.graph, request.batch, request.dtype, request.training)

    @cached_property
    def costs(self) -> list[Cost]:
        """The cost of every node."""
        return costs(self.graph)

    @cached_property
    def memory(self) -> Footprint:
        """Peak and saved memory."""
        return footprint(self.graph, self.costs)


class Quantity(NamedTuple):
    """A quantity of a whole network."""

    key: str
    """Its name in commands, CSV, JSON and the service."""
    label: str
    """Its heading in tables."""
    unit: str
    scope: str
    """`image`: for one image; `batch`: for the batch; `network`: independent of both."""
    meaning: str
    fold: Callable[[Basis], Any]
    """The function that computes the total from a graph, batch and dtype."""
    aliases: tuple[str, ...] = ()
    """Other names for it, compared without case, `-` and `_`."""
    in_totals: bool = True
    """True if every cost table has it."""
    has_form: bool = True
    """True if it has closed forms: it is a polynomial, or the largest of several."""
    is_target: bool = True
    """True if it can be the target of a search: it is a whole number."""
    of_run: bool = False
    """True if it is the peak of a run call by call: the largest of very many polynomials, so that exact forms, which
    hold for all sizes at once, have it only if it is asked for."""
    is_predicted: bool = False
    """True if it is no count but a prediction with an error, in real numbers; it has a row for every device."""


def _owned(basis: Basis) -> Iterator[Parameters]:
    """The parameters and buffers of each node that owns any; an op that is applied again owns none there."""
    graph = basis.graph
    for index, (node, facts) in enumerate(zip(graph.nodes, graph.facts, strict=True)):
        if node.owner == index and facts.params is not NO_PARAMETERS:
            yield facts.params


def _params(basis: Basis) -> Any:
    total: Dim = 0
    for owned in _owned(basis):
        total = total + owned.weight + owned.bias
    return total


def _buffers(basis: Basis) -> Any:
    total: Dim = 0
    for owned in _owned(basis):
        total = total + owned.running
    return total


def _mult_adds(basis: Basis) -> Any:
    total: Dim = 0
    for facts in basis.graph.facts:
        total = total + facts.work.multiply_accumulate
    return total


def _activation_sum(basis: Basis) -> Any:
    return activation_sum(basis.graph)


def _parameter_bytes(basis: Basis) -> Any:
    return _params(basis) * basis.width


def _peak(basis: Basis) -> Any:
    return basis.memory.peak_inference


def _weight_layers(basis: Basis) -> Any:
    return weight_layers(basis.graph)


def _peak_bytes(basis: Basis) -> Any:
    return basis.memory.peak_inference * basis.width * basis.batch


def _saved_bytes(basis: Basis) -> Any:
    return basis.memory.training_saved(basis.batch, basis.width)


def _step_bytes(basis: Basis) -> Any:
    return training_step(basis.graph, basis.batch, basis.dtype, basis.training).peak()


def _inference_bytes(basis: Basis) -> Any:
    """The peak as eager PyTorch runs the network, without its weights and buffers."""
    width = Precision(basis.dtype, "", basis.width)
    return inference(basis.graph, basis.batch, width).peak()


def _bytes_moved(basis: Basis) -> Any:
    """Bytes of inputs, output, parameters and buffers of every op, except ops whose output is their input's storage."""
    nodes, every = basis.graph.nodes, basis.costs
    values: Dim = 0
    weights: Dim = 0
    for index, (op, inputs, _, _, owner) in enumerate(nodes):
        if op.role == "input" or basis.graph.facts[index].memory.shares != "never":
            continue
        for node in (*inputs, index):
            values = values + every[node].activations
        weights = weights + every[owner].parameters.learnable + every[owner].parameters.running
    return (values * basis.batch + weights) * basis.width


def _intensity(basis: Basis) -> Any:
    """Mult-adds for each byte moved; None for a network that only reshapes, which moves no byte."""
    moved = _bytes_moved(basis)
    return None if is_int(moved) and moved == 0 else _mult_adds(basis) * basis.batch / moved


def receptive_field(basis: Basis) -> Any:
    """The largest side of the field of the last layer that has a window; None if no layer has one."""
    local = [field.local for field in fields(basis.graph) if field.local is not None]
    return max([track.size for track in local[-1]], default=None) if local else None  # pyright: ignore[reportArgumentType]


def _without_device(_basis: Basis) -> Any:
    raise _no_device()


def _no_device() -> ArchcalcError:
    return ArchcalcError(f"a latency needs a device, as in {LATENCY}{ON}rtx-4090", about="quantity")


def _latency(device: str, basis: Basis) -> float:
    return _setup(device, basis.training.precision_of(basis.dtype)).seconds(basis.graph, basis.batch, basis.training)


@cache
def _setup(device: str, precision: Precision) -> Setup:
    """How a batch is run for the quantity `latency`: an inference, as such devices were measured."""
    from archcalc.analysis.latency.setups import setup_of

    return setup_of(device, precision)


ELEMENTS, BYTES, SECONDS = "elements per image", "bytes", "seconds"
LATENCY, ON = "latency", "@"
"""The key of the row that is of a device, and what stands between it and the device."""

_ROWS: tuple[Quantity, ...] = (
    Quantity(
        "params", "params", "learnable values", "network", "learnable parameters", _params, aliases=("parameters",)
    ),
    Quantity(
        "buffers",
        "buffers",
        "values",
        "network",
        "values kept beside the parameters and not learnt by gradient, such as running statistics",
        _buffers,
        has_form=False,
        is_target=False,
    ),
    Quantity(
        "mult_adds",
        "mult-adds",
        "mult-adds per image",
        "image",
        "multiply-accumulates of convolutions, linear layers and matrix products",
        _mult_adds,
        aliases=("macs",),
    ),
    Quantity(
        "activation_sum",
        "activations",
        ELEMENTS,
        "image",
        "elements of the input and of every conv, linear, pool and merge output",
        _activation_sum,
        aliases=("activations",),
    ),
    Quantity(
        "parameter_bytes",
        "weights",
        BYTES,
        "network",
        "memory of the learnable parameters",
        _parameter_bytes,
    ),
    Quantity(
        "peak_inference",
        "peak",
        ELEMENTS,
        "image",
        "elements alive at once at inference, at most",
        _peak,
        in_totals=False,
        is_target=False,
    ),
    Quantity(
        "peak_inference_bytes",
        "peak",
        BYTES,
        "batch",
        "memory of activations alive at once at inference, at most",
        _peak_bytes,
        aliases=("peak", "peak_memory", "peak_inference"),
    ),
    Quantity(
        "eager_inference_bytes",
        "eager peak",
        BYTES,
        "batch",
        "memory of activations alive at once at inference as eager PyTorch runs the network",
        _inference_bytes,
        aliases=("eager_peak", "eager_inference"),
        in_totals=False,
        of_run=True,
    ),
    Quantity(
        "training_saved_bytes",
        "training",
        BYTES,
        "batch",
        "activations that autograd saves for the backward pass",
        _saved_bytes,
        aliases=("training_saved", "training_memory"),
    ),
    Quantity(
        "weight_layers",
        "layers",
        "layers",
        "network",
        "convolutions and linear layers on the longest path",
        _weight_layers,
        has_form=False,
        is_target=False,
    ),
    Quantity(
        "training_step_bytes",
        "training step",
        BYTES,
        "batch",
        "memory of a training step at its peak: parameters, gradients, the optimizer's state, activations, data",
        _step_bytes,
        aliases=("training_step", "step_bytes", "step_memory"),
        of_run=True,
    ),
    Quantity(
        "bytes_moved",
        "moved",
        BYTES,
        "batch",
        "inputs, outputs and weights of every op, each read or written once",
        _bytes_moved,
    ),
    Quantity(
        "arithmetic_intensity",
        "intensity",
        "mult-adds per byte",
        "batch",
        "mult-adds of the batch over bytes moved",
        _intensity,
        has_form=False,
        is_target=False,
    ),
    Quantity(
        "receptive_field",
        "field",
        "pixels",
        "network",
        "field of the last layer that has a window; the larger of height and width",
        receptive_field,
        aliases=("field", "rf"),
        in_totals=False,
        has_form=False,
    ),
    Quantity(
        LATENCY,
        "time",
        SECONDS,
        "batch",
        "predicted time of an inference of the batch on a device, which the key names: latency@rtx-4090",
        _without_device,
        in_totals=False,
        has_form=False,
        is_target=False,
        is_predicted=True,
    ),
)

QUANTITIES: Mapping[str, Quantity] = {quantity.key: quantity for quantity in _ROWS}
"""Every quantity of a whole network by its key, in the order of CSV and JSON."""

TOTALS = tuple(key for key, quantity in QUANTITIES.items() if quantity.in_totals)
FORMS = tuple(key for key, quantity in QUANTITIES.items() if quantity.has_form)
EXACT_FORMS = tuple([key for key in FORMS if not QUANTITIES[key].of_run])
TARGETS = tuple(key for key, quantity in QUANTITIES.items() if quantity.is_target)


class Totals(tuple[Any, ...]):  # noqa: SLOT001 - a tuple takes no slots of its own
    """Totals in the order of `QUANTITIES`: by position, as attributes (`totals.params`), or by key in brackets."""

    _keys: tuple[str, ...]

    def __new__(cls, values: Mapping[str, Any]) -> Self:
        """Totals from their values by key."""
        made = super().__new__(cls, values.values())
        object.__setattr__(made, "_keys", tuple(values))
        return made

    def keys(self) -> tuple[str, ...]:
        """The keys, in order."""
        return self._keys

    def items(self) -> list[tuple[str, Any]]:
        """Keys and values, in order."""
        return list(zip(self._keys, self, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """The totals as a plain dictionary."""
        return dict(self.items())

    def __getitem__(self, key: Any) -> Any:
        return self.to_dict()[key] if isinstance(key, str) else super().__getitem__(key)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("_") or key not in self._keys:
            raise AttributeError(f"there is no total {key}; there are {', '.join(self._keys)}")
        return self[self._keys.index(key)]

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError("totals are frozen")

    def __reduce__(self) -> tuple[Any, ...]:
        return Totals, (self.to_dict(),)

    def __repr__(self) -> str:
        return f"Totals({', '.join(f'{key}={value!r}' for key, value in self.items())})"


def totals(basis: Basis, keys: Sequence[str] = TOTALS) -> Totals:
    """Totals of a network: those of every cost table, or those of the given keys.

    Counts of scope `image` are of one image, bytes of the batch. A receptive field is None where no layer has a window.
    """
    return Totals({key: quantity_of(key).fold(basis) for key in keys})


def quantity_of(key: str) -> Quantity:
    """The row of a key: of `QUANTITIES`, or of `latency@DEVICE` that of a latency on a device, named by its key.

    >>> quantity_of("latency@rtx-4090").unit
    'seconds'
    """
    row, _, device = key.partition(ON)
    if not device:
        return QUANTITIES[key]
    own = QUANTITIES[row]
    return own._replace(key=key, label=f"{own.label} on {device}", fold=partial(_latency, device))


def predicted(keys: Iterable[str]) -> tuple[str, ...]:
    """Those of some keys that are predictions."""
    return tuple([key for key in keys if ON in key])


def errors_of(keys: Iterable[str]) -> dict[str, float | None]:
    """The expected errors of the predictions among some keys, by keys of their own; None where they are not known.

    >>> errors_of(["params", "latency@t4"])
    {'latency@t4_median_error': 0.1004, 'latency@t4_p90_error': 0.1957}
    """
    found: dict[str, float | None] = {}
    for key in predicted(keys):
        error = error_of(key)
        found[f"{key}_median_error"] = error.median if error.is_known else None
        found[f"{key}_p90_error"] = error.p90 if error.is_known else None
    return found


def error_of(key: str) -> ExpectedError:
    """The expected error of a prediction."""
    from archcalc.analysis.latency.setups import as_measured, expected_error
    from archcalc.hardware.devices import device as lookup

    device = lookup(key.partition(ON)[2])
    return expected_error(device, as_measured(device))


def remark_on(key: str) -> str:
    """Sentences on a prediction: what is predicted, how large its error is, and what it was measured on.

    >>> remark_on("latency@rtx-4090")[:79]
    'latency@rtx-4090 is a prediction, of an inference of the batch by eager PyTorch'
    """
    from archcalc.analysis.latency.roofline import launch_of
    from archcalc.analysis.latency.setups import as_measured
    from archcalc.hardware.devices import device as lookup

    device = lookup(key.partition(ON)[2])
    row = as_measured(device)
    measured, assumed = "float32 at batch 1", ""
    if row.kind == "gpu":
        measured = "amp_fp16 at batches of 96 to 2048 images"
        assumed = f" At small batches the time of launches is an assumption ({launch_of(row) * 1e6:g} us a kernel)."
    return (
        f"{key} is a prediction, of an inference of the batch by {row.runtime} PyTorch. "
        f"{error_of(key).sentence(device.key)} Measured were networks in {measured}; other precisions and batches "
        f"were not.{assumed}"
    )


def check_predicted(keys: Iterable[str], dtype: str, training: Training) -> None:
    """Raise ArchcalcError if one of some keys is a prediction on a device that has no figures for the precision."""
    for key in predicted(keys):
        _setup(key.partition(ON)[2], training.precision_of(dtype))


NEARLY_MULT_ADDS = ("flops", "flop", "gflops", "gmacs", "multiplications", "operations", "complexity")
"""Words that people use for mult-adds or twice as many: no names of the quantity, but what they look for."""


def read_quantity(word: str, known: Sequence[str], what: str, about: str = "quantity") -> str:
    """The key among `known` that a word means. Raises UnknownName with the nearest.

    Where `latency` is known, a word such as `latency@rtx_4090` means the key with the device's own: `latency@rtx-4090`.
    Raises UnknownName for a device that is not known, and ArchcalcError for a latency without a device.
    """
    if not isinstance(word, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArchcalcError(f"{what} is a word such as {known[0]}, not {cut(repr(word))}", about)
    row, _, device = word.partition(ON)
    if LATENCY in known and matched(row) == LATENCY:
        if not device.strip():
            raise _no_device()
        from archcalc.hardware.devices import device as lookup

        return f"{LATENCY}{ON}{lookup(device).key}"
    wanted = matched(word)
    names = {matched(alias): key for key in known for alias in QUANTITIES[key].aliases}
    names |= {matched(key): key for key in known}
    if wanted in names:
        return names[wanted]
    close = names | {each: "mult_adds" for each in NEARLY_MULT_ADDS if "mult_adds" in known}
    raise unknown(what, word, close, f"there are {', '.join(known)}", about=about)
