"""Tensors while a graph is built: their values in the graph, and their shapes with the batch, which is set to 1.

A first axis of size 1 is left out of the shapes of a graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import Shape, is_int
from archcalc.graph import Graph, Op, Value
from archcalc.importers.rows import RowNames
from archcalc.ops.views import Reshape


class Unsupported(Exception):
    """A call that a handler cannot read; its sentence says why."""


class Made(NamedTuple):
    """A tensor that depends on no input and no weight: only its shape matters."""

    full: Shape
    name: str = ""
    """The buffer that it is, if it is one."""


class Tensor(NamedTuple):
    """A value of the graph, and its shape with the batch."""

    value: Value
    full: Shape

    @property
    def dropped(self) -> int:
        """1 if the first axis is left out of the value's shape, else 0."""
        return len(self.full) - len(self.value.shape)

    def axis(self, axis: int) -> int:
        """An axis of the shape with the batch, as one of the value's shape. Raises Unsupported for the batch."""
        place = axis % len(self.full) - self.dropped
        if place < 0:
            raise Unsupported("it works along the batch")
        return place


def image(full: Shape) -> Shape:
    """A shape without the batch: without a first axis of size 1, unless it is the only one."""
    return full[1:] if len(full) > 1 and is_int(full[0]) and full[0] == 1 else full


def alike(one: Shape, other: Shape) -> bool:
    """Return True if two shapes are known to be equal, size by size."""
    return len(one) == len(other) and all([_equal(a, b) for a, b in zip(one, other, strict=True)])


def _equal(a: Any, b: Any) -> bool:
    difference = a - b
    if is_int(difference):
        return difference == 0
    return not difference.any() if hasattr(difference, "any") else str(difference) == "0"


def is_empty(full: Shape) -> bool:
    """Return True if a tensor is known to have no values."""
    return any([is_int(size) and size == 0 for size in full])


def known_to_differ_in_numbers(one: Shape, other: Shape) -> bool:
    """Return True if two shapes of as many axes are known to differ: in a whole number."""
    return any([is_int(a) and is_int(b) and a != b for a, b in zip(one, other, strict=True)])


class Appender:
    """Appends ops to a graph, each in the row where it belongs."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.rows = RowNames(graph)

    def apply(
        self, op: Op, inputs: Sequence[Value], path: str, *, own: bool = False, owner: int | None = None
    ) -> Value:
        """Append an op of the module at a path; `owner` is the node whose weights it shares."""
        graph = self.graph
        graph.row = self.rows.of(op, inputs, path, own)
        graph.reuse = True
        try:
            value = graph.apply(op, tuple(inputs))
        finally:
            graph.row, graph.reuse = "", False
        if owner is not None:
            graph.nodes[-1] = graph.nodes[-1]._replace(owner=owner)
        return value

    def viewed(self, value: Value, sizes: Shape, path: str) -> Value:
        """A value in another shape; itself if it has that."""
        return value if alike(sizes, value.shape) else self.apply(Reshape(tuple(sizes)), (value,), path)
