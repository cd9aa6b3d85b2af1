"""Fields of a message in the wire format of protocol buffers, read one by one without copying.

Source: https://protobuf.dev/programming-guides/encoding. Nested messages and tensors are given as views of the file, so
that what is not looked at, such as weights, is never loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack
from typing import Any

from archcalc.base.errors import ArchcalcError

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
LONGEST_VARINT = 10
"""Bytes of one whole number, at most."""


class BrokenMessage(ArchcalcError):
    """Bytes that are no message of protocol buffers."""


def varint(data: memoryview, place: int) -> tuple[int, int]:
    """The whole number that begins at a place, and the place after it. Raises BrokenMessage."""
    value = shift = 0
    for byte in data[place : place + LONGEST_VARINT]:
        value |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return value, place
        shift += 7
    raise BrokenMessage("a number does not end")


def signed(value: Any) -> int:
    """A number of 64 bits with its sign. Raises BrokenMessage for what is no number.

    >>> signed(2**64 - 1)
    -1
    """
    if not isinstance(value, int):
        raise BrokenMessage("a number is a message")
    value &= 2**64 - 1
    return value - 2**64 if value >= 2**63 else value


def fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Every field of a message: its number, and a whole number or a view of its bytes. Raises BrokenMessage.

    >>> [(number, bytes(value)) for number, value in fields(memoryview(b"\\x12\\x02hi"))]
    [(2, b'hi')]
    """
    return ((number, value) for number, value, _, _ in spans(data))


def spans(data: memoryview) -> Iterator[tuple[int, Any, int, int]]:
    """Every field of a message, as `fields`, with the places where it begins and ends."""
    place, end = 0, len(data)
    while place < end:
        begin = place
        key = data[place]
        place += 1
        if key >= 0x80:
            key, place = varint(data, place - 1)
        kind = key & 7
        if kind == LENGTH:
            size, place = varint(data, place)
            value: Any = data[place : place + size]
            place += size
        elif kind == VARINT:
            value, place = varint(data, place)
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
            value = data[place : place + size]
            place += size
        else:
            raise BrokenMessage(f"a field is of the unknown kind {kind}")
        if place > end:
            raise BrokenMessage("a field is longer than its message")
        yield key >> 3, value, begin, place


def field_of(number: int, content: bytes) -> bytes:
    """The bytes of a field that holds a message or a word.

    >>> field_of(2, b"hi")
    b'\\x12\\x02hi'
    """
    return written_varint(number << 3 | LENGTH) + written_varint(len(content)) + content


def written_varint(number: int) -> bytes:
    """The bytes of a whole number from 0.

    >>> written_varint(300)
    b'\\xac\\x02'
    """
    parts = bytearray()
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def integers(value: Any) -> list[int]:
    """The whole numbers of a repeated field: one, or many that are packed together."""
    if isinstance(value, int):
        return [signed(value)]
    found: list[int] = []
    place = 0
    while place < len(value):
        number, place = varint(value, place)
        found.append(signed(number))
    return found


def floats(value: memoryview, code: str = "f") -> list[float]:
    """The real numbers of a repeated field. Raises BrokenMessage for bytes that are none."""
    size = 4 if code == "f" else 8
    if len(value) % size:
        raise BrokenMessage("real numbers are cut short")
    return list(unpack(f"<{len(value) // size}{code}", value))


def text(value: Any) -> str:
    """A word. Bytes that are no text become marks of replacement. Raises BrokenMessage for a number."""
    if isinstance(value, int):
        raise BrokenMessage("a word is a number")
    return str(value, "utf-8", "replace")


def message(value: Any) -> memoryview:
    """A nested message. Raises BrokenMessage for a number."""
    if isinstance(value, int):
        raise BrokenMessage("a message is a number")
    return value
