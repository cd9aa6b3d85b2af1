"""ONNX files without their weights: what `archcalc.importers.onnx_files.reader` reads of a file, and nothing else.

Left out are the values of large tensors and of weights of layers, documentation, metadata, and paths of external data.
A network that is read of what remains is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import final

from archcalc.importers.onnx_files.model import OnnxGraph, OnnxNode
from archcalc.importers.onnx_files.reader import SCOPES, entry_of, read_model, view_of
from archcalc.importers.onnx_files.tensors import VALUES, tensor_of
from archcalc.importers.onnx_files.wire import field_of, fields, message, spans, text, written_varint

FEW = 2
"""Elements of a tensor whose value is left out if only layers use it, at least."""
LAYERS = frozenset(
    {"Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN", "PRelu", "BatchNormalization"}
    | {"InstanceNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization"}
    | {"DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger"}
)
"""Operators for which the values of their stored tensors do not matter."""
METADATA = 9
"""The field of a node's metadata, of which no other message has one that is changed."""
_MARK = written_varint(14 << 3) + written_varint(1)
"""The field of a tensor that says that its values are outside the file."""


def bare_onnx(file: str | Path | bytes, name: str) -> bytes:
    """The bytes of an ONNX file without weights. Raises ArchcalcError for a file that is none."""
    model = read_model(file, name)
    graphs = [(model.graph.nodes, model.graph.outputs)]
    graphs += [(function.nodes, ()) for function in model.functions.values()]
    return _BareWriter(_users(graphs)).model(view_of(file, name))


def _users(waiting: list[tuple[Sequence[OnnxNode], tuple[str, ...]]]) -> dict[str, set[str]]:
    """The operators that use each tensor, wherever it has that name; empty for an output."""
    users: dict[str, set[str]] = {}
    while waiting:
        nodes, outputs = waiting.pop()
        for name in outputs:
            users.setdefault(name, set()).add("")
        for node in nodes:
            for name in node.inputs:
                users.setdefault(name, set()).add(node.operator)
            inner = [each for each in node.attributes.values() if isinstance(each, OnnxGraph)]
            waiting += [(graph.nodes, graph.outputs) for graph in inner]
    return users


@final
class _BareWriter:
    """Writes messages without what is left out."""

    def __init__(self, users: Mapping[str, set[str]]) -> None:
        self._users = users

    def model(self, data: memoryview) -> bytes:
        """A `ModelProto`: its producer, graph, opsets and functions."""
        return _kept(data, {2, 8}, {7: self._graph, 25: self._function})

    def _graph(self, data: memoryview) -> bytes:
        return _kept(data, {11, 12, 13}, {1: self._node, 5: self._tensor, 15: self._sparse})

    def _function(self, data: memoryview) -> bytes:
        return _kept(data, {1, 4, 5, 10}, {7: self._node, 11: self._attribute})

    def _node(self, data: memoryview) -> bytes:
        outputs = [text(value) for number, value in fields(data) if number == 2]
        named = outputs[0] if outputs else ""
        return _kept(data, {1, 2, 3, 4, 7}, {5: lambda given: self._attribute(given, named), METADATA: _metadata})

    def _attribute(self, data: memoryview, named: str = "") -> bytes:
        def own(given: memoryview) -> bytes:
            return self._tensor(given, named)

        inner = {5: own, 6: self._graph, 10: self._tensor, 11: self._graph}
        return _kept(data, {1, 2, 3, 4, 7, 8, 9, 20, 21}, inner)

    def _tensor(self, data: memoryview, named: str = "") -> bytes:
        """A `TensorProto`; `named` is the output of the `Constant` that holds it, else it has a name of its own."""
        tensor = tensor_of(data)
        users = self._users.get(named or tensor.name, set())
        weight = prod(tensor.dims) >= FEW and users <= LAYERS
        outside = any([number == 13 or (number == 14 and value == 1) for number, value in fields(data)])
        kept = _kept(data, {1, 2, 8} | (VALUES if tensor.values is not None and not weight else set()), {})
        return kept + _MARK if outside else kept

    def _sparse(self, data: memoryview) -> bytes:
        return _kept(data, {3}, {1: lambda given: _kept(given, {1, 2, 8}, {})})


def _metadata(data: memoryview) -> bytes:
    """An entry of a node's metadata: that of its modules, else an empty one."""
    return bytes(data) if entry_of(data)[0] == SCOPES else b""


def _kept(
    data: memoryview, same: set[int] | frozenset[int], changed: Mapping[int, Callable[[memoryview], bytes]]
) -> bytes:
    """A message with some fields as they are, some changed, and no others."""
    parts: list[bytes | memoryview] = []
    for number, value, begin, end in spans(data):
        if number in changed:
            content = changed[number](message(value))
            if content or number != METADATA:
                parts.append(field_of(number, content))
        elif number in same:
            parts.append(data[begin:end])
    return b"".join(parts)
