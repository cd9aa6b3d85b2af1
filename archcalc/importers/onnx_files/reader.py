"""Reading ONNX files: the messages of onnx.proto3, weights by their sizes only.

Values are kept only of small tensors, which may hold sizes. Data outside the file is never read.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.importers.onnx_files.model import (
    AttributeOf,
    OnnxFunction,
    OnnxGraph,
    OnnxInput,
    OnnxModel,
    OnnxNode,
    OnnxTensor,
)
from archcalc.importers.onnx_files.skimming import skimmed
from archcalc.importers.onnx_files.tensors import MOST_AXES, sparse, tensor_of
from archcalc.importers.onnx_files.wire import BrokenMessage, fields, floats, integers, message, signed, text

LARGEST = 2**32
"""Bytes of a file, at most."""
MOST_NODES = 200_000
"""Nodes of a file, at most, those of sub-graphs included."""
SCOPES = "pkg.torch.onnx.name_scopes"
"""The key of a node's metadata that names its modules."""
DEEPEST = 16
"""Sub-graphs in sub-graphs, at most."""


def read_model(file: str | Path | bytes, name: str) -> OnnxModel:
    """The model of a file or of its bytes. Raises ArchcalcError for what is none."""
    try:
        return Reader().model(view_of(file, name))
    except (BrokenMessage, struct.error, IndexError, ValueError, OverflowError) as error:
        if isinstance(error, ArchcalcError) and not isinstance(error, BrokenMessage):
            raise
        raise ArchcalcError(f"{name} cannot be read as an ONNX file: {error}", about="name") from None


def view_of(file: str | Path | bytes, name: str) -> memoryview:
    """The bytes of a file. Raises ArchcalcError if it cannot be read."""
    if isinstance(file, bytes):
        return memoryview(file)
    if not Path(file).is_file():
        raise ArchcalcError(f"{name} cannot be read: {shown(str(file))} is not a file", about="name")
    if not Path(file).stat().st_size:
        raise ArchcalcError(f"{name} cannot be read: {shown(str(file))} is empty", about="name")
    size = Path(file).stat().st_size
    if size > LARGEST:
        raise ArchcalcError(f"{name} has more than {LARGEST} bytes", about="name")
    try:
        with Path(file).open("rb") as opened:
            mapped = _mapped(opened)
            return memoryview(skimmed(opened, size) if mapped is None else mapped)
    except OSError as error:
        raise ArchcalcError(f"{name} cannot be read: {error}", about="name") from None


def _mapped(opened: BinaryIO) -> mmap.mmap | None:
    """A file as memory; None where files cannot be mapped, as in a browser, or one of this size cannot."""
    try:
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, OverflowError):
        return None


class Reader:
    """Reads messages, and counts the nodes that it meets."""

    def __init__(self) -> None:
        self.count = 0

    def model(self, data: memoryview) -> OnnxModel:
        """A `ModelProto`."""
        graph: OnnxGraph | None = None
        functions: dict[tuple[str, str], OnnxFunction] = {}
        opset, producer = 0, ""
        for number, value in fields(data):
            if number == 7:
                graph = self.graph(message(value), 0)
            elif number == 8:
                domain, version = _opset(message(value))
                opset = version if domain in ("", "ai.onnx") else opset
            elif number == 2:
                producer = text(value)
            elif number == 25:
                key, function = self.function(message(value))
                functions[key] = function
        if graph is None:
            raise BrokenMessage("it has no graph")
        return OnnxModel(graph, functions, opset, producer)

    def graph(self, data: memoryview, depth: int) -> OnnxGraph:
        """A `GraphProto`."""
        if depth > DEEPEST:
            raise BrokenMessage(f"its sub-graphs are nested more than {DEEPEST} deep")
        nodes: list[OnnxNode] = []
        stored: dict[str, OnnxTensor] = {}
        inputs: list[OnnxInput] = []
        outputs: list[OnnxInput] = []
        known: dict[str, OnnxInput] = {}
        for number, value in fields(data):
            if number == 1:
                nodes.append(self.node(message(value), depth))
            elif number == 5:
                tensor = tensor_of(message(value))
                stored[tensor.name] = tensor
            elif number == 11:
                inputs.append(_input(message(value)))
            elif number in (12, 13):
                found = _input(message(value))
                known[found.name] = found
                if number == 12:
                    outputs.append(found)
            elif number == 15:
                tensor = sparse(message(value))
                stored[tensor.name] = tensor
        return OnnxGraph(nodes, stored, tuple(inputs), tuple([each.name for each in outputs]), known)

    def node(self, data: memoryview, depth: int) -> OnnxNode:
        """A `NodeProto`. Raises BrokenMessage if there are too many."""
        self.count += 1
        if self.count > MOST_NODES:
            raise BrokenMessage(f"it has more than {MOST_NODES} nodes")
        inputs: list[str] = []
        outputs: list[str] = []
        attributes: dict[str, Any] = {}
        words = {3: "", 4: "", 7: ""}
        scopes = ""
        for number, value in fields(data):
            if number == 1:
                inputs.append(text(value))
            elif number == 2:
                outputs.append(text(value))
            elif number == 5:
                key, given = self.attribute(message(value), depth)
                attributes[key] = given
            elif number in words:
                words[number] = text(value)
            elif number == 9:
                key, said = entry_of(message(value))
                scopes = said if key == SCOPES else scopes
        domain = "" if words[7] == "ai.onnx" else words[7]
        return OnnxNode(words[4], domain, words[3], tuple(inputs), tuple(outputs), attributes, scopes)

    def attribute(self, data: memoryview, depth: int) -> tuple[str, Any]:
        """An `AttributeProto`: its name and its value, as numbers, words, tensors, graphs, or lists of these."""
        name, kind = "", 0
        single: dict[int, Any] = {}
        several: dict[int, list[Any]] = {}
        for number, value in fields(data):
            if number == 1:
                name = text(value)
            elif number == 20:
                kind = signed(value)
            elif number == 21:
                return name or _name_of(data), AttributeOf(text(value))
            elif number in _SINGLE:
                single[number] = value
            elif number in (7, 8):
                several.setdefault(number, []).extend(integers(value) if number == 8 else floats(message(value)))
            elif number in _SEVERAL:
                several.setdefault(number, []).append(value)
        place = _PLACES.get(kind) or next(iter([*single, *several]), 0)
        if place in (7, 8):
            return name, several.get(place, [])
        if place in _SEVERAL:
            return name, [self._value(_SEVERAL[place], value, depth) for value in several.get(place, [])]
        return name, self._value(place, single[place], depth) if place in single else _UNSET.get(place)

    def _value(self, place: int, value: Any, depth: int) -> Any:
        if place == 2:
            return floats(message(value))[0]
        if place == 3:
            return signed(value)
        if place == 4:
            return text(value)
        if place == 5:
            return tensor_of(message(value))
        return self.graph(message(value), depth + 1) if place == 6 else None

    def function(self, data: memoryview) -> tuple[tuple[str, str], OnnxFunction]:
        """A `FunctionProto`: its domain and name, and itself."""
        inputs: list[str] = []
        outputs: list[str] = []
        nodes: list[OnnxNode] = []
        defaults: dict[str, Any] = {}
        words = {1: "", 10: ""}
        for number, value in fields(data):
            if number == 4:
                inputs.append(text(value))
            elif number == 5:
                outputs.append(text(value))
            elif number == 7:
                nodes.append(self.node(message(value), 0))
            elif number == 11:
                key, given = self.attribute(message(value), 0)
                defaults[key] = given
            elif number in words:
                words[number] = text(value)
        return (words[10], words[1]), OnnxFunction(tuple(inputs), tuple(outputs), nodes, defaults)


_SINGLE = frozenset({2, 3, 4, 5, 6})
_SEVERAL: Mapping[int, int] = {9: 4, 10: 5, 11: 6}
_PLACES: Mapping[int, int] = {1: 2, 2: 3, 3: 4, 4: 5, 5: 6, 6: 7, 7: 8, 8: 9, 9: 10, 10: 11}
"""The field of an attribute's value, by the number of its type."""
_UNSET: Mapping[int, Any] = {2: 0.0, 3: 0, 4: ""}


def _name_of(data: memoryview) -> str:
    return next((text(value) for number, value in fields(data) if number == 1), "")


def entry_of(data: memoryview) -> tuple[str, str]:
    """A `StringStringEntryProto`: a key and its value."""
    found = {1: "", 2: ""}
    for number, value in fields(data):
        found[number] = text(value)
    return found[1], found[2]


def _opset(data: memoryview) -> tuple[str, int]:
    domain, version = "", 0
    for number, value in fields(data):
        if number == 1:
            domain = text(value)
        elif number == 2:
            version = signed(value)
    return domain, version


def _input(data: memoryview) -> OnnxInput:
    """A `ValueInfoProto`."""
    name, sizes, kind = "", None, 0
    for number, value in fields(data):
        if number == 1:
            name = text(value)
        elif number == 2:
            for which, inner in fields(message(value)):
                if which == 1:
                    kind, sizes = _tensor_type(message(inner))
    return OnnxInput(name, sizes, kind)


def _tensor_type(data: memoryview) -> tuple[int, tuple[int | str, ...] | None]:
    kind, sizes = 0, None
    for number, value in fields(data):
        if number == 1:
            kind = signed(value)
        elif number == 2:
            sizes = tuple([_size(message(each)) for place, each in fields(message(value)) if place == 1])
    if sizes is not None and len(sizes) > MOST_AXES:
        raise BrokenMessage(f"a tensor has more than {MOST_AXES} axes")
    return kind, sizes


def _size(data: memoryview) -> int | str:
    """A size: a number from 1 on, or the name of a symbol, empty if it has none."""
    found: int | str = ""
    for number, value in fields(data):
        if number == 1:
            found = signed(value)
        elif number == 2:
            found = text(value)
    return found if isinstance(found, str) or found > 0 else ""
