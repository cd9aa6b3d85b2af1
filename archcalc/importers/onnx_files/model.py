"""The parts of an ONNX model as data: nodes, stored tensors by their sizes, sub-graphs, functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class ElementType(NamedTuple):
    """A type of elements: its bits, and the letter of `struct` for values that are read."""

    bits: int
    code: str = ""
    floating: bool = False


TYPES: Mapping[int, ElementType] = {
    1: ElementType(32, "f", floating=True),
    2: ElementType(8, "B"),
    3: ElementType(8, "b"),
    4: ElementType(16, "H"),
    5: ElementType(16, "h"),
    6: ElementType(32, "i"),
    7: ElementType(64, "q"),
    8: ElementType(0),
    9: ElementType(8, "?"),
    10: ElementType(16, "e", floating=True),
    11: ElementType(64, "d", floating=True),
    12: ElementType(32, "I"),
    13: ElementType(64, "Q"),
    14: ElementType(64, "", floating=True),
    15: ElementType(128, "", floating=True),
    16: ElementType(16, "", floating=True),
    **{number: ElementType(8, "", floating=True) for number in (17, 18, 19, 20, 24)},
    21: ElementType(4),
    22: ElementType(4),
    23: ElementType(4, "", floating=True),
    25: ElementType(2),
    26: ElementType(2),
}
"""The element types of `TensorProto.DataType` by their numbers."""


class OnnxTensor(NamedTuple):
    """A stored tensor: its sizes, its type, and its values if there are few."""

    name: str
    dims: tuple[int, ...]
    type: int
    values: tuple[Any, ...] | None = None

    @property
    def element(self) -> ElementType:
        """The type of its elements."""
        return TYPES.get(self.type, TYPES[1])


class OnnxInput(NamedTuple):
    """An input, an output or a tensor between: its sizes as numbers, or as names of symbols, or None if not known."""

    name: str
    sizes: tuple[int | str, ...] | None
    type: int


class AttributeOf(NamedTuple):
    """An attribute of a function's node that is an attribute of the call of the function."""

    name: str


class OnnxNode(NamedTuple):
    """A call of an operator."""

    operator: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    scopes: str = ""
    """The modules that it belongs to, as PyTorch's exporter writes them."""


class OnnxGraph(NamedTuple):
    """A graph, or a sub-graph of a node."""

    nodes: Sequence[OnnxNode]
    stored: Mapping[str, OnnxTensor]
    inputs: tuple[OnnxInput, ...]
    outputs: tuple[str, ...]
    known: Mapping[str, OnnxInput]
    """What the file says of the sizes of tensors between."""


class OnnxFunction(NamedTuple):
    """A function of the model, which its nodes call like an operator."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: Sequence[OnnxNode]
    defaults: Mapping[str, Any]


class OnnxModel(NamedTuple):
    """A file."""

    graph: OnnxGraph
    functions: Mapping[tuple[str, str], OnnxFunction]
    opset: int
    producer: str
