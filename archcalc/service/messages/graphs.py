"""Graphs as messages. A message that is read is checked, as its sender is not trusted, and no part of it is run."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from inspect import isabstract
from itertools import groupby
from math import isfinite
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from archcalc import ops
from archcalc.algebra.dims import Shape
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown, unknown
from archcalc.graph import HEADING, Graph, Network, Op, Value
from archcalc.graph.facts import Facts
from archcalc.service.messages.fields import HIGHEST, VALUE, Unsendable, mapped

FIELDS = mapped(VALUE)
MOST_NODES, MOST_INPUTS, MOST_AXES, MOST_SETTINGS = 10_000, 64, 8, 100
LONGEST_NAME = 200
LONGEST_WORD = 20
WORDED = ("str", "Literal", "Padding")
"""Parts of the annotations of fields whose value may be a word, such as `same`."""
LARGEST = 1_000_000
"""The largest whole number in a shape or a field of an operation."""
MISTAKES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Exceptions that an operation's formulas may raise for fields of a wrong type."""


@cache
def kinds() -> Mapping[str, type[Op]]:
    """Every operation by its name in messages."""
    modules = [import_module(f"{ops.__name__}.{each.name}") for each in pkgutil.iter_modules(ops.__path__)]
    classes = [each for module in modules for each in vars(module).values() if isinstance(each, type)]
    return {
        each.message_name: each for each in classes if issubclass(each, Op) and not isabstract(each) and each is not Op
    }


def write_graph(graph: Graph, settings: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
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
    }


def _plain(value: Any) -> Any:
    """A value as titles have it: a number, a switch, or text, of which the beginning is enough."""
    return value if isinstance(value, (bool, int, float)) else str(value)[: LONGEST_NAME // 2]


def _write_node(graph: Graph, index: int) -> dict[str, Any]:
    op, inputs, _, row, owner = graph.nodes[index]
    if kinds().get(op.message_name) is not type(op) or any([isinstance(field, Op) for field in vars(op).values()]):
        raise Unsendable(f"{op!r} in {graph.name} / {row} is an operation that a server does not have")
    node: dict[str, Any] = {"op": op.message_name, "fields": FIELDS.write(vars(op)), "inputs": inputs, "row": row}
    return node if owner == index else {**node, "owner": owner}


def _sizes(shape: Shape) -> list[int]:
    sizes: list[Any] = list(shape)
    if not all(type(size) is int for size in sizes):
        raise Unsendable(f"a shape is whole numbers, not {tuple(shape)}")
    return sizes


def read_graph(message: Any) -> Network:
    """The network of a graph. Raises ArchcalcError with the invalid field of the message in `about`."""
    name = message.name
    _check_size(name, message)
    shapes = [_read_shape(name, index, each.shape) for index, each in enumerate(message.inputs)]
    graph = Graph(name, *shapes, labels=[each.row for each in message.inputs])
    values = list(graph.inputs)
    for index, node in enumerate(message.nodes):
        try:
            values.append(_read_node(graph, values, node))
        except ArchcalcError as error:
            error.about = f"graph.nodes[{index}]"
            raise
    graph.row = ""
    for row, members in groupby(graph.nodes, attrgetter("row")):
        if sum([each.op.role in HEADING for each in members]) > 1:
            raise _malformed("nodes", f"{name} / {row}: a row holds one convolution, linear layer, pool or merge")
    outputs: list[int] = list(message.outputs)
    if not outputs or not set(outputs) <= set(range(len(values))):
        raise _malformed("outputs", f"{name}: outputs are numbers of values, 0 to {len(values) - 1}")
    settings = _read_settings(name, message)
    try:
        return replace(Network.of(graph.finish(*[values[index] for index in outputs])), built_with=settings)
    except ArchcalcError as error:
        error.about = "graph"
        raise


def _check_size(name: str, message: Any) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise _malformed("name", f"a graph has a name of 1 to {LONGEST_NAME} characters")
    if not 1 <= len(message.inputs) <= MOST_INPUTS:
        raise _malformed("inputs", f"{name}: a graph has 1 to {MOST_INPUTS} inputs, not {len(message.inputs)}")
    if len({each.row for each in message.inputs}) < len(message.inputs):
        raise _malformed("inputs", f"{name}: two inputs have the same row")
    if len(message.nodes) > MOST_NODES:
        raise _malformed("nodes", f"{name}: a graph has at most {MOST_NODES} operations, not {len(message.nodes)}")


def _read_settings(name: str, message: Any) -> dict[str, Any]:
    """The hyperparameters that a graph was built with: a few short ones."""
    settings = {key: VALUE.read(value) for key, value in message.settings.items()}
    plain = all([isinstance(value, (bool, int, float, str)) for value in settings.values()])
    if not plain or len(settings) > MOST_SETTINGS or any([len(f"{each}") > LONGEST_NAME for each in settings.items()]):
        said = f"{name}: a graph has at most {MOST_SETTINGS} settings of up to {LONGEST_NAME} characters"
        raise _malformed("settings", f"{said}, each a number, true or false, or a text")
    return settings


def _malformed(field: str, said: str) -> ArchcalcError:
    return ArchcalcError(said, about=f"graph.{field}")


def _read_shape(name: str, index: int, message: Any) -> Shape:
    sizes = tuple(message.sizes)
    if not 1 <= len(sizes) <= MOST_AXES or not all(1 <= size <= LARGEST for size in sizes):
        said = f"{name}: an input has 1 to {MOST_AXES} sizes from 1 to {LARGEST}, not {sizes[: MOST_AXES + 1]}"
        raise _malformed(f"inputs[{index}].shape", said)
    return sizes


def _read_node(graph: Graph, values: Sequence[Value], node: Any) -> Value:
    """Apply the operation of a message."""
    place = f"{graph.name} / {node.row[:LONGEST_NAME]}"
    if not 0 < len(node.row) <= LONGEST_NAME:
        raise ArchcalcError(f"{graph.name}: an operation has a row of 1 to {LONGEST_NAME} characters")
    sources: list[int] = list(node.inputs)
    if not sources or not set(sources) <= set(range(len(values))):
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
        op = _read_op(place, node)
    if graph.nodes[-1].row != node.row or not graph.row:
        graph.row = graph.open_row(node.row)
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


def _read_op(place: str, node: Any) -> Op:
    kind = kinds().get(node.op)
    if kind is None:
        raise unknown("operation", node.op, list(kinds()), "docs name all operations", about="op")
    try:
        fields = FIELDS.read(node.fields)
    except Unsendable as error:
        raise ArchcalcError(f"{place}: a field of {node.op} is invalid: {error}") from None
    for name, value in fields.items():
        if name not in kind.fields:
            known = ", ".join(kind.fields) or "none"
            raise ArchcalcError(f"{place}: {node.op} has no field {shown(name)}; it has {known}")
        if not _fits(value, kind.__annotations__[name]):
            raise ArchcalcError(f"{place}: {name} of {node.op} cannot be {shown(repr(value))}")
    try:
        return kind(**{name: fields[name] for name in kind.fields if name in fields})
    except TypeError:
        raise ArchcalcError(f"{place}: {node.op} needs more fields than {', '.join(fields) or 'none'}") from None


def _fits(value: Any, said: str) -> bool:
    """Return True if a field of this annotation may have a value: whole numbers are bounded, texts need a text type."""
    if isinstance(value, bool):
        return "bool" in said
    if isinstance(value, int):
        return said != "bool" and -LARGEST <= value <= LARGEST
    if isinstance(value, float):
        return "float" in said and isfinite(value)
    if isinstance(value, str):
        return any([each in said for each in WORDED]) and len(value) <= LONGEST_WORD
    if isinstance(value, tuple):
        parts: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
        return said not in ("int", "float", "bool", "Dim") and all(_fits(each, said) for each in parts)
    return value is None and "None" in said


def _check_facts(facts: Facts) -> None:
    """Raise an error unless every fact of an operation can be computed, and its counts are whole numbers from 0."""
    _ = facts.window, facts.memory
    counts: list[Any] = [*facts.shape, facts.elements, *facts.params, *facts.work]
    if not all(isinstance(each, int) and 0 <= each <= HIGHEST for each in counts) or facts.elements == 0:
        raise ValueError
