"""What a name stands for while a graph is built: a value of the graph, a stored tensor, numbers, or a constant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple, TypeAlias

from archcalc.algebra.dims import Shape, is_int
from archcalc.base.errors import ArchcalcError
from archcalc.importers.onnx_files.known import Numbers, real
from archcalc.importers.onnx_files.model import OnnxGraph, OnnxNode, OnnxTensor
from archcalc.importers.tensors import Made, Tensor

FEW = 16
"""Elements of a real tensor in a `Constant` node that is no weight, at most."""


QUANTIZING = ("_scale", "_zero_point")
"""Ends of the names of numbers that quantize a weight."""


class StoredTensor(NamedTuple):
    """A tensor that the file stores, perhaps seen with other axes."""

    origin: str
    """The name under which it is stored: equal ones are the same weights."""
    dims: tuple[int, ...]
    bits: int = 32
    floating: bool = True
    learnt: bool = True
    """True if it is a weight even where no layer takes it as its own."""
    values: tuple[Any, ...] | None = None
    named: bool = False
    """True if its name is that of a module's parameter."""

    @property
    def numbers(self) -> Numbers | None:
        """Its values, if they were read."""
        if self.values is None:
            return None
        return Numbers(tuple([real(value) for value in self.values]), self.dims, self.floating)


Item: TypeAlias = Tensor | StoredTensor | Numbers | Made


def initializer(tensor: OnnxTensor) -> StoredTensor:
    """A stored tensor. A single number is a weight only if its name is that of a module's parameter."""
    element = tensor.element
    named = "." in tensor.name and not tensor.name.endswith(QUANTIZING)
    learnt = element.floating and (prod(tensor.dims) > 1 or named)
    return StoredTensor(tensor.name, tensor.dims, element.bits, element.floating, learnt, tensor.values, named)


def constant(node: OnnxNode) -> Item:
    """The tensor of a `Constant` node; a large real one is a weight. Raises ArchcalcError for one without value."""
    for name, value in node.attributes.items():
        if isinstance(value, OnnxTensor):
            element = value.element
            learnt = element.floating and prod(value.dims) > FEW
            return StoredTensor(node.outputs[0], value.dims, element.bits, element.floating, learnt, value.values)
        if name in ("value_int", "value_float"):
            return Numbers((real(value),), (), name == "value_float")
        if name in ("value_ints", "value_floats"):
            return Numbers(tuple([real(each) for each in value]), (len(value),), name == "value_floats")
        if name in ("value_string", "value_strings"):
            return Made(())
    raise ArchcalcError(f"the constant {node.name or node.outputs[0]} has no value", about="name")


def dims_of(item: Item) -> Shape:
    """The sizes of anything, with the batch."""
    return item.full if isinstance(item, (Tensor, Made)) else item.dims


def is_constant(item: Item | None) -> bool:
    """Return True if something depends on no input and no weight."""
    return item is None or isinstance(item, (Numbers, Made)) or (isinstance(item, StoredTensor) and not item.learnt)


def same(one: Any, other: Any) -> bool:
    """Return True if two sizes are known to be equal; unlike `equal`, no condition is noted.

    >>> same(3, 3), same(3, 4)
    (True, False)
    """
    if one is other:
        return True
    difference: Any = one - other
    if is_int(difference):
        return difference == 0
    if hasattr(difference, "shape"):
        return bool((difference == 0).all())
    return hasattr(difference, "free_symbols") and bool(difference == 0)


def same_shape(one: Shape, other: Shape) -> bool:
    """Return True if two shapes are known to be equal."""
    return len(one) == len(other) and all([same(a, b) for a, b in zip(one, other, strict=True)])


@dataclass(eq=False)
class NameScope:
    """The names of a graph, a sub-graph or a function while it is built."""

    nodes: Sequence[OnnxNode]
    outputs: Sequence[str]
    stored: Mapping[str, OnnxTensor]
    known: Mapping[str, Any]
    parent: NameScope | None = None
    prefix: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Attributes of the call, if this is a function."""
    items: dict[str, Item] = field(default_factory=dict[str, Item])
    merged: dict[int, Item] = field(default_factory=dict[int, Item])
    """Results of nodes that were built together with an earlier one."""
    users: dict[str, list[OnnxNode | None]] = field(default_factory=dict[str, list[OnnxNode | None]])
    """For every name the nodes that use it; None for an output and for what a sub-graph uses."""
    live: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.live = set(self.outputs)
        for name in self.outputs:
            self.users.setdefault(name, []).append(None)
        for node in reversed(self.nodes):
            if self.live.isdisjoint(node.outputs):
                continue
            inner = captured(node)
            self.live.update(node.inputs, inner)
            for name in node.inputs:
                self.users.setdefault(name, []).append(node)
            for name in inner:
                self.users.setdefault(name, []).append(None)

    def find(self, name: str) -> Item:
        """What a name stands for. Raises ArchcalcError if nothing was given this name yet."""
        scope: NameScope | None = self
        while scope is not None:
            if name in scope.items:
                return scope.items[name]
            if name in scope.stored:
                return scope.items.setdefault(name, initializer(scope.stored[name]))
            scope = scope.parent
        raise ArchcalcError(f"the tensor {name[:80]!r} is used before it is made", about="name")

    def only_user(self, name: str) -> OnnxNode | None:
        """The node that uses a tensor, if there is one only."""
        users = self.users.get(name, [])
        return users[0] if len(users) == 1 else None


def captured(node: OnnxNode) -> set[str]:
    """The names that the sub-graphs of a node may take from outside."""
    found: set[str] = set()
    waiting = [value for value in node.attributes.values() if isinstance(value, OnnxGraph)]
    while waiting:
        graph = waiting.pop()
        found.update(graph.outputs)
        for inner in graph.nodes:
            found.update(inner.inputs)
            waiting += [value for value in inner.attributes.values() if isinstance(value, OnnxGraph)]
    return found
