"""ONNX files that cannot be mapped into memory, as in a browser: read in pieces, without the values of large tensors.

What is left out is what `archcalc.importers.onnx_files.tensors` does not read: the network of the rest is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, NamedTuple

from archcalc.importers.onnx_files.tensors import VALUES
from archcalc.importers.onnx_files.wire import (
    FIXED32,
    FIXED64,
    LENGTH,
    LONGEST_VARINT,
    VARINT,
    BrokenMessage,
    field_of,
    varint,
)

LONG = 65_536
"""Bytes of the values of a tensor that are left out if there are more: those of 4096 numbers, of which few are read."""
MOST = 500_000_000
"""Bytes of what remains, at most."""
_DEEPEST = 64


class _Kind(NamedTuple):
    """A kind of message: the kinds of messages in its fields, and the fields that are left out where they are long."""

    inner: Mapping[int, str]
    dropped: frozenset[int] = frozenset()


_KINDS = {
    "model": _Kind({7: "graph", 25: "function"}),
    "graph": _Kind({1: "node", 5: "tensor", 15: "sparse"}),
    "function": _Kind({7: "node", 11: "attribute"}),
    "node": _Kind({5: "attribute"}),
    "attribute": _Kind({5: "tensor", 6: "graph", 10: "tensor", 11: "graph"}),
    "sparse": _Kind({1: "tensor", 2: "tensor"}),
    "tensor": _Kind({}, VALUES),
}
"""The messages of onnx.proto3 that hold tensors, or messages that do."""


def skimmed(stream: BinaryIO, size: int) -> bytes:
    """The bytes of an ONNX file of a size without the values of large tensors.

    Raises BrokenMessage for what is no message, and OSError where the file cannot be read.

    >>> from io import BytesIO
    >>> skimmed(BytesIO(b"\\x12\\x02hi"), 4)
    b'\\x12\\x02hi'
    """
    return _Skimmer(stream).message("model", size, 0)


class _Skimmer:
    """Reads messages from a stream, and counts the bytes that it keeps."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._kept = 0

    def message(self, kind: str, end: int, depth: int) -> bytes:
        """The message from the present place of the stream up to another."""
        if depth > _DEEPEST:
            raise BrokenMessage(f"its messages are nested more than {_DEEPEST} deep")
        inner, dropped = _KINDS[kind]
        parts: list[bytes] = []
        place = self._stream.tell()
        while place < end:
            begin = place
            key, place = self._varint(begin, end)
            size, place = self._size(key & 7, place, end)
            after = place + size
            if after > end:
                raise BrokenMessage("a field is longer than its message")
            if key & 7 == LENGTH and size > LONG and key >> 3 in inner:
                self._stream.seek(place)
                parts.append(field_of(key >> 3, self.message(inner[key >> 3], after, depth + 1)))
            elif key & 7 != LENGTH or size <= LONG or key >> 3 not in dropped:
                parts.append(self._bytes(begin, after))
            self._stream.seek(after)
            place = after
        return b"".join(parts)

    def _size(self, kind: int, place: int, end: int) -> tuple[int, int]:
        """The bytes of a field's value, and the place where it begins."""
        if kind == LENGTH:
            return self._varint(place, end)
        if kind == VARINT:
            return self._varint(place, end)[1] - place, place
        if kind in (FIXED32, FIXED64):
            return 4 if kind == FIXED32 else 8, place
        raise BrokenMessage(f"a field is of the unknown kind {kind}")

    def _varint(self, place: int, end: int) -> tuple[int, int]:
        self._stream.seek(place)
        number, length = varint(memoryview(self._stream.read(min(LONGEST_VARINT, end - place))), 0)
        return number, place + length

    def _bytes(self, begin: int, end: int) -> bytes:
        self._kept += end - begin
        if self._kept > MOST:
            raise BrokenMessage(f"it has more than {MOST:,} bytes without the values of its tensors")
        self._stream.seek(begin)
        data = self._stream.read(end - begin)
        if len(data) != end - begin:
            raise BrokenMessage("a field is longer than its message")
        return data
