"""The data of a network's page: its cost table at four depths, its totals, and the tape that makes them live.

The network is counted once on `Recorded` numbers. So a number of the page is a constant or a place on the tape, and a
browser computes it anew for another input size, batch, number of classes or channels without the network. The build
of the site makes these data for the networks of the catalogue; the engine in the browser makes them, by the same
function, for other hyperparameters, types and conventions, and for a reader's own network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from archcalc.algebra.programs import Recorded, Tape, WrittenTape
from archcalc.analysis.blocks import at_depth
from archcalc.analysis.parts import beginning
from archcalc.analysis.quantities import quantity_of
from archcalc.analysis.results import Analysis, Layer, ReceptiveField, settings_text
from archcalc.analysis.table import analyze, operation_layers
from archcalc.base.errors import ArchcalcError
from archcalc.catalogue.descriptions import Option, describe_own
from archcalc.conventions.results import Counting
from archcalc.forms.symbols import OTHERS, axes_of, filled, present, unknowns_of
from archcalc.graph import Network, Whole
from archcalc.graph.axes import example
from archcalc.present.costs import counting_remarks
from archcalc.present.words import phrase
from archcalc.request import BATCH, NetworkLike, Request
from archcalc.site.unit_fields import numbers_in, referred, unit_fields

TOTALS = {
    "params": "parameters",
    "buffers": "buffers",
    "mult_adds": "mult-adds",
    "activation_sum": "activations",
    "parameter_bytes": "weights",
    "peak_inference_bytes": "peak at inference",
    "training_saved_bytes": "saved for backward",
    "training_step_bytes": "training step",
    "bytes_moved": "bytes moved",
    "weight_layers": "weight layers",
}
"""The totals of a page, of those that a cost table has, with their words; the arithmetic intensity is the quotient of
two of them."""
LEVELS = ("stage", "block", "layer", "operation")
LARGEST_SIZE = 1_000_000


def network_page(network: NetworkLike, *, convention: str | None = None, **given: Any) -> dict[str, Any]:
    """The data of a network's page, for JSON; the request as in `analyze`.

    A number is an int, a text with the digits of one that JavaScript does not hold exactly, or a list with one place on
    the tape. Raises ArchcalcError if the network cannot be built.

    >>> page = network_page("lenet5")
    >>> page["variables"]["N"]["value"], page["levels"]["layer"][1]["name"], page["totals"]["weight_layers"]
    (1, 'C1', 5)
    """
    request = Request.of(network, **given)
    axes = len(request.graph.nodes[0].shape) - 1  # built on plain numbers first, which meet all checks
    tape = Tape()
    variables, own = on_tape(request, tape)
    layers = analyze(own, convention=convention)
    levels = _levels(layers, operation_layers(own, convention))
    totals = {key: layers.totals[key] for key in TOTALS if key in layers.totals.to_dict()}
    counted = None if layers.counting is None else layers.counting.total
    words = {key: [phrase(layer, axes) for layer in rows] for key, rows in levels.items()}  # may note guards
    remarks = [*layers.remarks, *counting_remarks([layers])]
    units = unit_fields(own.graph)
    numbers = [*totals.values(), counted, *layers.input, *numbers_in(units)]
    written = tape.written([*numbers, *[each for rows in levels.values() for row in rows for each in _numbers(row)]])
    found = request.resolved
    return {
        "name": found.name,
        "settings": settings_text(request.changed),
        "input": _refs(written, layers.input),
        "axes": dict(zip(axes_of(found), found.places, strict=False)),
        "example": example(found.inputs),
        "variables": variables,
        "dtype": request.dtype,
        "element_bytes": request.element_bytes,
        "convention": None if layers.counting is None else _convention(written, layers.convention, layers.counting),
        "hyperparameters": [_option(each, request.hyperparameters) for each in describe_own(found).hyperparameters],
        "tape": _tape(written),
        "totals": {key: _ref(written, value) for key, value in totals.items()},
        "labels": {key: _label(key) for key in totals},
        "levels": {
            key: [_row(written, row, said) for row, said in zip(rows, words[key], strict=True)]
            for key, rows in levels.items()
        },
        "units": referred(units, partial(_ref, written)),
        "remarks": remarks,
    }


def on_tape(request: Request, tape: Tape) -> tuple[dict[str, Any], Request]:
    """The variables of a page with their ranges, and the request on recorded numbers.

    The variables are the sizes of the input that a reader's file does not fix, the batch N, and the classes K and
    channels C where they are whole numbers.
    """
    found = request.resolved
    axes = _free_axes(request) if isinstance(request.network, Network) else axes_of(found)
    short = [name for name, key in OTHERS.items() if key == "batch" or _is_variable(found, request, key)]
    unknowns = unknowns_of(request, [*axes, *short])
    ranges: dict[str, dict[str, Any]] = {
        each.name: {
            "value": request.batch if each.key == "batch" else each.present,
            "low": each.low or 1,
            "high": BATCH.high if each.key == "batch" else each.high or LARGEST_SIZE,
            "meaning": each.meaning,
        }
        for each in unknowns
    }
    values = {name: tape.variable(name, each["value"]) for name, each in ranges.items()}
    shape, own = filled(request, values)
    given = {"input": shape, "batch": values["N"], "dtype": request.dtype, "training": request.training}
    return ranges, Request.of(found, **given, **own)


def _free_axes(request: Request) -> tuple[str, ...]:
    """The axes of the input that may have another size: all, or those that the file of a network leaves open."""
    axes = axes_of(request.resolved)
    return axes if _builds_on(request, axes) else tuple([axis for axis in axes if _builds_on(request, [axis])])


def _builds_on(request: Request, axes: Sequence[str]) -> bool:
    tape = Tape()
    sizes = {each.name: tape.variable(each.name, each.present) for each in unknowns_of(request, axes)}
    try:
        request.on(filled(request, sizes)[0]).graph  # noqa: B018 - it is built when it is asked for
    except ArchcalcError:
        return False
    return True


def _is_variable(network: Network, request: Request, key: str) -> bool:
    """Return True for a hyperparameter that is a whole number within its range, and not a special value outside."""
    kind = network.hyperparameters.get(key)
    if not isinstance(kind, Whole):
        return False
    value = present(network, request.hyperparameters, key)
    return type(value) is int and kind.low <= value <= kind.high


def _levels(layers: Analysis, operations: tuple[Layer, ...]) -> dict[str, tuple[Layer, ...]]:
    """The rows of the table by stage, block, layer and operation; a level with as many rows as the next is left out."""
    found = {"operation": operations, "layer": layers.layers}
    fewest = len(layers.layers)
    for depth, key in ((2, "block"), (1, "stage")):
        if len({beginning(layer.name, depth) for layer in layers.layers}) < fewest:
            found[key] = at_depth(layers, depth).layers
            fewest = len(found[key])
    return dict(reversed(found.items()))


def _numbers(layer: Layer) -> Iterable[Any]:
    yield from (*layer.output_shape, layer.activations, layer.params, layer.buffers, layer.mult_adds, layer.counted)
    for field in (layer.receptive_field, layer.receptive_field.local):
        if field is not None:
            yield from (*(field.size or ()), *(field.offset or ()))


def _ref(tape: WrittenTape, number: Any) -> Any:
    """A number of the page: see `network_page`."""
    if isinstance(number, Recorded):
        return [tape.places[number]]
    return str(number) if isinstance(number, int) and abs(number) >= 1 << 53 else number


def _refs(tape: WrittenTape, numbers: Sequence[Any]) -> list[Any]:
    return [_ref(tape, number) for number in numbers]


def _row(tape: WrittenTape, layer: Layer, said: str) -> dict[str, Any]:
    row = {
        "name": layer.name,
        "operation": said,
        "shape": _refs(tape, layer.output_shape),
        "activations": _ref(tape, layer.activations),
        "params": _ref(tape, layer.params),
        "mult_adds": _ref(tape, layer.mult_adds),
        "field": _field(tape, layer.receptive_field),
    }
    if layer.counted is not None:
        row["counted"] = _ref(tape, layer.counted)
    if layer.in_place:
        row["in_place"] = True
    return row


def _field(tape: WrittenTape, field: ReceptiveField) -> dict[str, Any]:
    """A receptive field: its size, stride and offset on each axis, or the reason why it is no window."""
    if field.size is None:
        reason = "whole" if field.whole_input else "varies" if field.irregular else ""
        return {"is": reason} | ({} if field.local is None else {"local": _field(tape, field.local)})
    strides = [stride if isinstance(stride, int) else str(stride) for stride in field.stride or ()]
    return {"size": _refs(tape, field.size), "stride": strides, "offset": _refs(tape, field.offset or ())}


def _tape(tape: WrittenTape) -> dict[str, Any]:
    return {
        "variables": list(tape.variables.items()),
        "constants": _refs(tape, tape.constants),
        "signs": tape.signs,
        "operands": tape.operands,
        "guards": tape.guards,
    }


def _label(key: str) -> dict[str, str]:
    quantity = quantity_of(key)
    return {"label": TOTALS[key], "unit": quantity.unit, "scope": quantity.scope, "meaning": quantity.meaning}


def _convention(tape: WrittenTape, name: str, counting: Counting) -> dict[str, Any]:
    return {
        "name": name,
        "unit": counting.unit,
        "quantity": counting.quantity,
        "summary": counting.summary,
        "total": _ref(tape, counting.total),
    }


def _option(option: Option, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A hyperparameter with its range, and its value here."""
    return {
        "name": option.name,
        "value": settings.get(option.name, option.value),
        "default": option.value,
        "kind": option.kind,
        "range": option.range,
        "low": option.low,
        "high": option.high,
        "choices": list(option.choices),
        "meaning": option.meaning,
    }
