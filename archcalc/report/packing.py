"""PDF files made smaller: objects that are no streams, which Typst writes one by one, are compressed together.

A tagged table has an object for every cell; in object streams (PDF 1.5, ISO 32000-1, 7.5.7 and 7.5.8) they take a tenth
of the room. Nothing else is changed: every object keeps its number and its contents.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

PER_STREAM = 500
"""Objects that are compressed together."""


def packed(pdf: bytes) -> bytes:
    """A PDF with a classic cross-reference table as one with object streams; any other is returned as it is."""
    read = _objects(pdf)
    if read is None:
        return pdf
    objects, trailer = read
    loose = {number: body for number, body in objects.items() if _is_stream(body)}
    gathered = [(number, body) for number, body in objects.items() if number not in loose]
    out = bytearray(pdf[: min(_first_offset(pdf), len(pdf))])
    places: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
    for number, body in loose.items():
        places[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    new = max(objects) + 1
    for begin in range(0, len(gathered), PER_STREAM):
        members = gathered[begin : begin + PER_STREAM]
        places[new] = (1, len(out), 0)
        places |= {number: (2, new, index) for index, (number, _) in enumerate(members)}
        out += _object_stream(new, members)
        new += 1
    start = len(out)
    places[new] = (1, start, 0)
    out += _cross_references(new, places, trailer)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _first_offset(pdf: bytes) -> int:
    found = re.search(rb"(?m)^\d+ 0 obj", pdf)
    return found.start() if found else len(pdf)


def _objects(pdf: bytes) -> tuple[dict[int, bytes], bytes] | None:
    """The bodies of all objects by number, and what the trailer holds; None where the file is built otherwise."""
    ends = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf)
    if ends is None or not pdf.startswith(b"xref", int(ends[1])):
        return None
    table, _, rest = pdf[int(ends[1]) : ends.start()].partition(b"trailer")
    entries = re.findall(rb"(\d{10}) (\d{5}) ([nf])", table)
    heads = re.findall(rb"(?m)^(\d+) (\d+)\s*$", table)
    if len(heads) != 1 or heads[0][0] != b"0" or int(heads[0][1]) != len(entries):
        return None
    offsets = sorted((int(offset), number) for number, (offset, _, kind) in enumerate(entries) if kind == b"n")
    ends_at = [*[offset for offset, _ in offsets[1:]], int(ends[1])]
    objects: dict[int, bytes] = {}
    for (begin, number), end in zip(offsets, ends_at, strict=True):
        head, last = b"%d 0 obj" % number, b"endobj"
        body = pdf[begin:end].strip()
        if not (body.startswith(head) and body.endswith(last)):
            return None
        objects[number] = body[len(head) : -len(last)].strip()
    return objects, re.sub(rb"/Size\s+\d+", b"", rest.strip().removeprefix(b"<<").removesuffix(b">>"))


def _is_stream(body: bytes) -> bool:
    return body.endswith(b"endstream")


def _object_stream(number: int, members: list[tuple[int, bytes]]) -> bytes:
    index, contents = bytearray(), bytearray()
    for each, body in members:
        index += b"%d %d " % (each, len(contents))
        contents += body + b"\n"
    head = b"/Type /ObjStm /N %d /First %d" % (len(members), len(index))
    return _stream(number, head, bytes(index + contents))


def _cross_references(number: int, places: Mapping[int, tuple[int, int, int]], trailer: bytes) -> bytes:
    size = number + 1
    rows = b"".join(_row(places.get(each, (0, 0, 65535))) for each in range(size))
    return _stream(number, b"/Type /XRef /W [1 4 2] /Size %d %b" % (size, trailer.strip()), rows)


def _row(place: tuple[int, int, int]) -> bytes:
    return b"".join(value.to_bytes(width, "big") for value, width in zip(place, (1, 4, 2), strict=True))


def _stream(number: int, head: bytes, contents: bytes) -> bytes:
    data = zlib.compress(contents, 9)
    head += b" /Filter /FlateDecode /Length %d" % len(data)
    return b"%d 0 obj\n<< %b >>\nstream\n%b\nendstream\nendobj\n" % (number, head, data)
