"""Stored tensors of an ONNX file: their sizes and types, and the values of small ones."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from struct import unpack
from typing import Any

from archcalc.importers.onnx_files.model import TYPES, OnnxTensor
from archcalc.importers.onnx_files.wire import BrokenMessage, fields, floats, integers, message, signed, text

MOST_AXES = 64
SMALL = 4096
"""Elements of a tensor of whole numbers whose values are kept, at most."""
SMALL_REAL = 64
"""The same of real numbers."""


def sparse(data: memoryview) -> OnnxTensor:
    """A `SparseTensorProto`, as large as the tensor that it stands for."""
    values, dims = OnnxTensor("", (), 1), list[int]()
    for number, value in fields(data):
        if number == 1:
            values = tensor_of(message(value))
        elif number == 3:
            dims += integers(value)
    return OnnxTensor(values.name, tuple(dims), values.type)


def tensor_of(data: memoryview) -> OnnxTensor:
    """A `TensorProto`; its values are read only if there are few of them and they are in the file."""
    dims: list[int] = []
    name, kind, outside = "", 0, False
    held: dict[int, list[Any]] = {}
    for number, value in fields(data):
        if number == 1:
            dims += integers(value)
        elif number == 2:
            kind = signed(value)
        elif number == 8:
            name = text(value)
        elif number in (13, 14):
            outside = outside or number == 13 or value == 1
        elif number in VALUES:
            held.setdefault(number, []).append(value)
    if len(dims) > MOST_AXES or any([size < 0 for size in dims]):
        raise BrokenMessage("a tensor has no proper sizes")
    few = SMALL_REAL if TYPES.get(kind, TYPES[8]).floating else SMALL
    values = None if outside or prod(dims) > few else _values(kind, held, prod(dims))
    return OnnxTensor(name, tuple(dims), kind, values)


VALUES = frozenset({4, 5, 7, 9, 10, 11})
"""The fields of a tensor that may hold its values."""


def _values(kind: int, held: Mapping[int, list[Any]], count: int) -> tuple[Any, ...] | None:
    """The values of a tensor; None if their type is not read, or there are not as many as it has elements."""
    code = TYPES.get(kind, TYPES[8]).code
    found: list[Any] = []
    for number, parts in held.items():
        for part in parts:
            if number == 9:
                size = len(part) // max(1, count)
                found += unpack(f"<{count}{code}", part) if code and size * count == len(part) else []
            elif number in (5, 7, 11):
                found += integers(part)
            else:
                found += floats(message(part), "f" if number == 4 else "d")
            if len(found) > count:
                return None
    if kind == 10 and 5 in held:
        return None
    return tuple(found) if len(found) == count else None
