"""Derivations of numbers: the general formula, the layer's values put in, each step, the result, the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import is_int
from archcalc.algebra.expressions.arithmetic import add
from archcalc.analysis.quantities import QUANTITIES, Basis, totals
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.questions import question
from archcalc.base.spelling import matched, shown, unknown
from archcalc.derivations import rows
from archcalc.derivations.letters import SIZES
from archcalc.derivations.results import Derivation, Part
from archcalc.derivations.rows import GraphAnalyses
from archcalc.graph import Graph, op_names
from archcalc.graph.axes import example
from archcalc.request import NetworkLike, Request
from archcalc.zoo import find


class BatchAndWidth(NamedTuple):
    """The batch and the bytes of a value; counts of bytes depend on both."""

    batch: Any
    width: int


Worked = tuple[tuple[Part, ...], Any]
"""The parts of a derivation, and the result."""


class DerivableQuantity(NamedTuple):
    """The meaning and the unit of a quantity that can be derived."""

    meaning: str
    unit: str


LAYER_QUANTITIES: Mapping[str, DerivableQuantity] = {
    "output_shape": DerivableQuantity("output shape", "channels, height, width"),
    "output_channels": DerivableQuantity("output channels", "channels"),
    "output_height": DerivableQuantity("output height", "positions"),
    "output_width": DerivableQuantity("output width", "positions"),
    "params": DerivableQuantity("learnable parameters", "parameters"),
    "buffers": DerivableQuantity("values stored with the parameters, not learnt by gradient", "values"),
    "mult_adds": DerivableQuantity("multiply-accumulates for one image", "mult-adds"),
    "backward_mult_adds": DerivableQuantity("multiply-accumulates of the backward pass for one image", "mult-adds"),
    "activations": DerivableQuantity("elements of the output for one image", "values"),
    "memory_bytes": DerivableQuantity("memory of the output", "bytes"),
    "receptive_field": DerivableQuantity("receptive field", "input positions"),
    "field_size": DerivableQuantity("size of the receptive field", "input positions"),
    "field_stride": DerivableQuantity("stride of the receptive field", "input positions"),
    "field_offset": DerivableQuantity("offset of the receptive field", "input positions"),
}
"""The quantities that can be derived of a row or an op."""

TOTAL_QUANTITIES: Mapping[str, DerivableQuantity] = {
    "params": LAYER_QUANTITIES["params"],
    "buffers": LAYER_QUANTITIES["buffers"],
    "mult_adds": LAYER_QUANTITIES["mult_adds"],
    "backward_mult_adds": LAYER_QUANTITIES["backward_mult_adds"],
    "memory_bytes": DerivableQuantity("memory of the input and of every layer's output", "bytes"),
    **{
        key: DerivableQuantity(QUANTITIES[key].meaning, QUANTITIES[key].unit.removesuffix(" per image"))
        for key in (
            "activation_sum",
            "parameter_bytes",
            "peak_inference",
            "peak_inference_bytes",
            "training_saved_bytes",
            "weight_layers",
        )
    },
}
"""The quantities that can be derived of a whole network, as the layer `total`."""

ALIASES: Mapping[str, str] = {
    "shape": "output_shape",
    "output": "output_shape",
    "channels": "output_channels",
    "height": "output_height",
    "width": "output_width",
    "parameters": "params",
    "macs": "mult_adds",
    "backward": "backward_mult_adds",
    "memory": "memory_bytes",
    "field": "receptive_field",
    "size": "field_size",
    "stride": "field_stride",
    "jump": "field_stride",
    "offset": "field_offset",
    "peak": "peak_inference_bytes",
    "training_saved": "training_saved_bytes",
    "depth": "weight_layers",
}
TOTAL = "total"


@question
def derive(
    network: NetworkLike,
    layer: str,
    quantity: str,
    **given: Any,
) -> Derivation:
    """The derivation of a quantity of a layer from its general formula, step by step.

    `layer` is a row of the cost table, an op of the detailed table, the last part of such a name if only one name ends
    so, or `total` for the whole network; `quantity` is one of `LAYER_QUANTITIES` or `TOTAL_QUANTITIES`. `given` are the
    settings of a request: `input`, hyperparameters, and `batch` and `dtype`, which matter for bytes only. Sizes are
    ints.

    Raises ArchcalcError (UnknownName with the nearest names) for an unknown name, layer or quantity, and as `analyze`
    does.

    >>> derivation = derive("resnet50", "conv1", "output_height")
    >>> derivation.value, derivation.unit
    (112, 'positions')
    """
    request = Request.of(network, **given)
    named, graph = request.resolved, request.graph
    memory = BatchAndWidth(request.batch, request.element_bytes)
    if not all([is_int(side) for side in graph.nodes[0].shape]):
        raise ArchcalcError(
            f"{named.name}: a derivation needs sizes that are numbers, not symbols or arrays", about="input"
        )
    label, wanted, asked, (parts, value) = _answer(GraphAnalyses(graph), layer, quantity, memory, Basis.of(request))
    shapes = [node.shape for node in graph.nodes if node.op.role == "input"]
    return Derivation(
        architecture=named.name,
        citation=named.citation,
        input=graph.nodes[0].shape,
        changed=request.changed,
        layer=label,
        quantity=wanted,
        meaning=asked.meaning.replace("one image", f"one {example(shapes)}"),
        unit=", ".join(("channels", *SIZES[len(value) - 1])) if wanted == "output_shape" else asked.unit,
        parts=parts,
        value=value,
        further_inputs=tuple(shapes[1:]),
    )


def _answer(
    net: GraphAnalyses, layer: str, quantity: str, memory: BatchAndWidth, basis: Basis
) -> tuple[str, str, DerivableQuantity, Worked]:
    """The names of the layer and the quantity, the meaning of the quantity, and its derivation.

    Raises ArchcalcError if the formulas give another number than the cost table.
    """
    if matched(layer) == TOTAL:
        label, wanted, described = TOTAL, *_quantity(quantity, TOTAL_QUANTITIES, "a whole network")
        worked = _of_network(net, wanted, memory)
        computed = dict(totals(basis))
    else:
        label, indices = find_layer(net.graph, layer)
        wanted, described = _quantity(quantity, LAYER_QUANTITIES, "a layer")
        worked = _of_layer(net, indices, wanted, memory)
        computed = _from_analyses(net, indices, wanted, memory)
    expected = computed.get(wanted, worked[1])
    if expected != worked[1]:
        raise ArchcalcError(
            f"{net.graph.name} / {label}: the formulas give {worked[1]} {wanted}, the table {expected}: a bug"
        )
    return label, wanted, described, worked


def layer_names(network: NetworkLike, **given: Any) -> tuple[str, ...]:
    """The rows of a network's cost table, then the ops of the detailed one, and `total`."""
    graph = Request.of(network, **given).graph
    return tuple(dict.fromkeys([TOTAL, *[node.row for node in graph.nodes], *op_names(graph)]))


def find_layer(graph: Graph, layer: str) -> tuple[str, list[int]]:
    """The name of a row or an op, and its nodes. Raises UnknownName with the nearest names."""
    members: dict[str, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        members.setdefault(node.row, []).append(index)
    for index, name in enumerate(op_names(graph)):
        members.setdefault(name, [index])
    wanted = layer.strip()
    if wanted in members:
        return wanted, members[wanted]
    folded = [name for name in members if _spelt(name) == _spelt(wanted)]
    ends = folded or [name for name in members if _spelt(name).endswith(f".{_spelt(wanted)}")]
    if len(ends) == 1:
        return ends[0], members[ends[0]]
    if ends:
        listed = ", ".join(ends[:3]) + (f", ... {ends[-1]}" if len(ends) > 3 else "")
        said = f"{len(ends)} layers of {graph.name} end in {shown(wanted)}: {listed}"
        raise UnknownName(said, tuple(ends[:3]), "layer", "layer", wanted)
    said = f"{graph.name} has no layer {shown(wanted)}"
    table = f"`archcalc table {graph.name}`" if find(graph.name) is not None else "the table of the network"
    otherwise = f"{table} lists all, and `total` is the whole network"
    raise unknown("layer", wanted, [TOTAL, *members], otherwise, said=said, about="layer")


def _spelt(name: str) -> str:
    """A layer's name in the form that is compared: with its dots, without case, `-` and `_`."""
    return name.lower().replace("-", "").replace("_", "")


def _quantity(given: str, known: Mapping[str, DerivableQuantity], what: str) -> tuple[str, DerivableQuantity]:
    """The name of a quantity, and its meaning. Raises UnknownName with the nearest names."""
    wanted = matched(given)
    aliases = {**ALIASES, "activations": "activation_sum"} if "activation_sum" in known else ALIASES
    names = {matched(name): name for name in known} | {
        matched(alias): name for alias, name in aliases.items() if name in known
    }
    if wanted in names:
        return names[wanted], known[names[wanted]]
    if not wanted:
        raise UnknownName(f"which quantity? {what} has {', '.join(known)}", tuple(known)[:3], "quantity", "quantity")
    said = f"{what} has no quantity {shown(given)}"
    raise unknown(
        "quantity", given, {**names, "flops": "mult_adds"}, f"there are {', '.join(known)}", said=said, about="quantity"
    )


def _of_layer(net: GraphAnalyses, indices: list[int], quantity: str, memory: BatchAndWidth) -> Worked:
    if quantity in ("params", "buffers", "mult_adds", "backward_mult_adds"):
        return rows.summed(net, indices, quantity)
    if quantity == "activations":
        return rows.counted(net, indices)
    if quantity == "memory_bytes":
        return rows.counted(net, indices, memory.batch, memory.width)
    if quantity.startswith("output"):
        names = ("channels", *SIZES[len(rows.shape_of(net, indices[-1])) - 1])
        wanted = names if quantity == "output_shape" else (quantity.removeprefix("output_"),)
        if wanted[0] not in names:
            said = "is a vector: it" if len(names) == 1 else f"has {' and '.join(names)}: it"
            raise ArchcalcError(f"the output of {net.graph.nodes[indices[-1]].row} {said} has no {wanted[0]}")
        parts = rows.shapes(net, indices, wanted)
        sizes = tuple(rows.outcome(net, indices[-1], parts).values())
        return parts, sizes if quantity == "output_shape" else sizes[0]
    kinds = ("size", "stride", "offset") if quantity == "receptive_field" else (quantity.removeprefix("field_"),)
    from archcalc.derivations import fields

    parts, values = fields.field(net, indices[-1], kinds)
    return parts, values[kinds[0]]


def _of_network(net: GraphAnalyses, quantity: str, memory: BatchAndWidth) -> Worked:
    from archcalc.derivations import totals

    if quantity in totals.FOLDED:
        return totals.folded(net, quantity)
    others = {
        "memory_bytes": lambda: totals.in_bytes(totals.folded(net, "activation_sum"), "A", *memory),
        "parameter_bytes": lambda: totals.in_bytes(totals.folded(net, "params"), "P", None, memory.width),
        "peak_inference": lambda: totals.peak(net),
        "peak_inference_bytes": lambda: totals.in_bytes(totals.peak(net), "A", *memory),
        "training_saved_bytes": lambda: totals.saved(net, *memory),
        "weight_layers": lambda: totals.weight_layers(net),
    }
    return others[quantity]()


def _from_analyses(net: GraphAnalyses, indices: Sequence[int], quantity: str, memory: BatchAndWidth) -> dict[str, Any]:
    """The numbers that the analyses give for a row or an op, by quantity."""
    each, last = [net.costs[i] for i in indices], indices[-1]
    if "field" in quantity:
        field = net.fields[last]
        tracks = None if field.reach is not None else field.local
        kind = "size" if quantity == "receptive_field" else quantity.removeprefix("field_")
        return {quantity: None if tracks is None else tuple([getattr(track, kind) for track in tracks])}
    shape, values = rows.shape_of(net, last), each[-1].activations
    return {
        **{f"output_{name}": side for name, side in zip(("channels", *SIZES[len(shape) - 1]), shape, strict=True)},
        "output_shape": shape,
        "params": add(*[cost.parameters.learnable for cost in each]),
        "buffers": add(*[cost.parameters.running for cost in each]),
        "mult_adds": add(*[cost.work.multiply_accumulate for cost in each]),
        "activations": values,
        "memory_bytes": values * memory.width * memory.batch,
    }
