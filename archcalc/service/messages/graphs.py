"""Graphs as messages. A message that is read is checked, as its sender is not trusted, and no part of it is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from types import MappingProxyType
from typing import Any

from archcalc.algebra.dims import Shape
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown, unknown
from archcalc.graph import HEADING, Graph, Network, Op, Value
from archcalc.graph.facts import Facts
from archcalc.ops.applied import Each, Given
from archcalc.ops.values import FixedTensor, Unknown, Weight
from archcalc.service.messages.fields import HIGHEST, OP_FIELDS, VALUE, Unsendable
from archcalc.service.messages.operations import is_known, kinds
from archcalc.service.messages.settings import LONGEST_NAME, read_settings

LONGEST_WORD = 20
WORDED = ("str", "Literal", "Padding")
"""Parts of the annotations of fields whose value may be a word, such as `same`."""
LARGEST = 1_000_000
"""The largest whole number in a shape or a field of an operation."""
LARGEST_SIZE = 10**12
"""The largest size that a reshaped or stored tensor is given."""
SIZED = frozenset({"sizes", "weights"})
"""Fields with such sizes."""
MOST_BETWEEN = 64
"""Weights and constants that may interrupt a row."""
SOURCES = (Weight, FixedTensor, Unknown)
"""Operations that may take no input."""
APPLYING = (Each, Given)
"""Operations that apply another."""
MISTAKES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Exceptions that an operation's formulas may raise for fields of a wrong type."""


def write_graph(
    graph: Graph, settings: Mapping[str, Any] = MappingProxyType({}), remarks: Sequence[str] = ()
) -> dict[str, Any]:
    """The fields of the message; `settings` are the hyperparameters that the graph was built with.

    Raises Unsendable for a field or a size that is no number.
    """
    count = len(graph.inputs)
    return {
        "name": graph.name,
        "inputs": [{"row": each.row, "shape": {"sizes": _sizes(each.shape)}} for each in graph.nodes[:count]],
        "nodes": [_write_node(graph, index) for index in range(count, len(graph.nodes))],
        "outputs": graph.outputs,
        "settings": {key: VALUE.write(_plain(value)) for key, value in settings.items()},
        "remarks": remarks,
    }


def _plain(value: Any) -> Any:
    """A value as titles have it: a number, a switch, or text, of which the beginning is enough."""
    return value if isinstance(value, (bool, int, float)) else str(value)[: LONGEST_NAME // 2]


def _write_node(graph: Graph, index: int) -> dict[str, Any]:
    op, inputs, _, row, owner = graph.nodes[index]
    if not all(map(is_known, (op, *_applied(op)))):
        raise Unsendable(f"{op!r} in {graph.name} / {row} is an operation that a server does not have")
    node: dict[str, Any] = {"op": op.message_name, "fields": OP_FIELDS.write(vars(op)), "inputs": inputs, "row": row}
    return node if owner == index else {**node, "owner": owner}


def _applied(op: Op) -> list[Op]:
    """The operations that an operation applies."""
    return [field for field in vars(op).values() if isinstance(field, Op)]


def _sizes(shape: Shape) -> list[int]:
    sizes: list[Any] = list(shape)
    if not all(type(size) is int for size in sizes):
        raise Unsendable(f"a shape is whole numbers, not {tuple(shape)}")
    return sizes


def read_graph(message: Any) -> Network:
    """The network of a graph. Raises ArchcalcError with the invalid field of the message in `about`.

    Bounds of the message have been checked.
    """
    name = message.name
    if len({each.row for each in message.inputs}) < len(message.inputs):
        raise _malformed("inputs", f"{name}: two inputs have the same row")
    shapes = [tuple(each.shape.sizes) for each in message.inputs]
    graph = Graph(name, *shapes, labels=[each.row for each in message.inputs])
    values = list(graph.inputs)
    for index, node in enumerate(message.nodes):
        try:
            values.append(_read_node(graph, values, node))
        except ArchcalcError as error:
            error.about = f"graph.nodes[{index}]"
            raise
    graph.row = ""
    row, heads = next(
        iter(Counter([each.row for each in graph.nodes if each.op.role in HEADING]).most_common(1)), ("", 0)
    )
    if heads > 1:
        raise _malformed("nodes", f"{name} / {row}: a row holds one convolution, linear layer, pool or merge")
    outputs: list[int] = list(message.outputs)
    if not set(outputs) <= set(range(len(values))):
        raise _malformed("outputs", f"{name}: outputs are numbers of values, 0 to {len(values) - 1}")
    settings, remarks = read_settings(name, message.settings, "graph"), tuple(message.remarks)
    try:
        network = Network.of(graph.finish(*[values[index] for index in outputs]))
        return replace(network, built_with=settings, remarks=remarks)
    except ArchcalcError as error:
        error.about = "graph"
        raise


def _malformed(field: str, said: str) -> ArchcalcError:
    return ArchcalcError(said, about=f"graph.{field}")


def _read_node(graph: Graph, values: Sequence[Value], node: Any) -> Value:
    """Apply the operation of a message."""
    place = f"{graph.name} / {node.row}"
    sources: list[int] = list(node.inputs)
    alone = kinds().get(node.op) in SOURCES
    if not (sources or alone) or not all([0 <= each < len(values) for each in sources]):
        raise ArchcalcError(f"{place}: the inputs of an operation are values before it, 0 to {len(values) - 1}")
    if node.HasField("owner"):
        owner: int = node.owner
        if (
            not 0 <= owner < len(values)
            or graph.nodes[owner].op.message_name != node.op
            or graph.nodes[owner].owner != owner
        ):
            raise ArchcalcError(f"{place}: no operation of the kind {shown(node.op)} has the number {owner}")
        op = graph.nodes[owner].op
    else:
        op = read_op(place, node)
    graph.row = node.row if _continues(graph, node.row) else graph.open_row(node.row)
    graph.reuse = node.HasField("owner")
    inputs = tuple([values[index] for index in sources])
    try:
        value = graph.apply(op, inputs)
        _check_facts(graph.facts[value.index])
    except ArchcalcError:
        raise
    except MISTAKES as error:
        raise ArchcalcError(f"{place}: {op!r} does not take {', '.join(str(each.shape) for each in inputs)}") from error
    return value


def _continues(graph: Graph, row: str) -> bool:
    """Return True if a row is that of the operation before, or is interrupted by weights and constants alone."""
    for node in graph.nodes[: -MOST_BETWEEN - 1 : -1]:
        if node.row == row:
            return node.op.role != "input"
        if node.inputs:
            return False
    return False


def read_op(place: str, node: Any) -> Op:
    """The operation of a message, not applied yet. Raises ArchcalcError that names the place."""
    kind = kinds().get(node.op)
    if kind is None:
        raise unknown("operation", node.op, list(kinds()), "docs name all operations", about="op")
    try:
        fields = OP_FIELDS.read(node.fields)
    except Unsendable as error:
        raise ArchcalcError(f"{place}: a field of {node.op} is invalid: {error}") from None
    for name, value in fields.items():
        if name not in kind.fields:
            known = ", ".join(kind.fields) or "none"
            raise ArchcalcError(f"{place}: {node.op} has no field {shown(name)}; it has {known}")
        _check_field(place, kind, name, value)
    try:
        return kind(**{name: fields[name] for name in kind.fields if name in fields})
    except TypeError:
        raise ArchcalcError(f"{place}: {node.op} needs more fields than {', '.join(fields) or 'none'}") from None


def _check_field(place: str, kind: type[Op], name: str, value: Any) -> None:
    """Raise ArchcalcError unless a field of an operation may have a value."""
    if isinstance(value, Op) and kind in APPLYING and not isinstance(value, APPLYING):
        for inner, given in vars(value).items():
            _check_field(f"{place}: {name} of {kind.message_name}", type(value), inner, given)
    elif not _fits(value, kind.__annotations__[name], LARGEST_SIZE if name in SIZED else LARGEST):
        raise ArchcalcError(f"{place}: {name} of {kind.message_name} cannot be {shown(repr(value))}")


def _fits(value: Any, said: str, largest: int) -> bool:
    """Return True if a field of this annotation may have a value: whole numbers are bounded, texts need a text type."""
    if isinstance(value, bool):
        return "bool" in said
    if isinstance(value, int):
        return said not in ("bool", "Op") and -largest <= value <= largest
    if isinstance(value, float):
        return "float" in said and isfinite(value)
    if isinstance(value, str):
        return any([each in said for each in WORDED]) and len(value) <= (
            LONGEST_NAME if said == "str" else LONGEST_WORD
        )
    if isinstance(value, tuple):
        parts: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
        return said not in ("int", "float", "bool", "Dim", "Op") and all(_fits(each, said, largest) for each in parts)
    return value is None and "None" in said


def _check_facts(facts: Facts) -> None:
    """Raise an error unless every fact of an operation can be computed, and its counts are whole numbers from 0."""
    _ = facts.window, facts.memory
    counts: list[Any] = [*facts.shape, facts.elements, *facts.params, *facts.work]
    if not all(isinstance(each, int) and 0 <= each <= HIGHEST for each in counts) or facts.elements == 0:
        raise ValueError
