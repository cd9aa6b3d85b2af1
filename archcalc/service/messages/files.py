"""Files of networks as messages. A file that is read is not trusted: its size, its time and its memory are limited."""

from __future__ import annotations

from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.graph import Network
from archcalc.importers.files import KINDS, ModelFile, network_of_file
from archcalc.service.bounds import limits
from archcalc.service.messages.fields import VALUE, Unsendable, Word, specified
from archcalc.service.messages.settings import LONGEST_NAME, read_settings
from archcalc.v1 import archcalc_pb2 as contract

MOST_BYTES = int(limits("NetworkFile", "data")[1])
"""Bytes of a file, at most: without weights, an ONNX model of thirty thousand nodes has fewer."""
FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""Exceptions that a file which no program has written may raise."""
FORMAT = Word("format", contract.NetworkFormat, ("onnx", "pt2", "toml", "keras", "caffe", "yaml"))
WORDS = {"program": "pt2"}
"""The word of the contract for a kind of file, where it is another."""
LAYERS = ("toml", "yaml", "keras", "caffe")
"""Kinds of files that may leave the shape of their input open."""
FORMATS = {WORDS.get(kind, kind): kind for kind in KINDS}
"""The kind of file for each word."""


def write_file(file: ModelFile) -> dict[str, Any]:
    """The fields of the message. Raises Unsendable for a file that is too large."""
    if len(file.data) > MOST_BYTES:
        raise Unsendable(f"{file.name} has {len(file.data):,} bytes without weights, more than {MOST_BYTES:,}")
    shape = {} if file.input is None else {"input_shape": {"sizes": file.input}}
    word = FORMAT.write(WORDS.get(file.kind, file.kind))
    settings = {key: VALUE.write(value) for key, value in file.settings.items()}
    return {"data": file.data, "format": word, "name": file.name[-LONGEST_NAME:], "settings": settings, **shape}


def read_file(message: Any) -> Network:
    """The network of a file. Raises ArchcalcError with the invalid field of the request's network in `about`.

    Bounds of the message have been checked.
    """
    kind, name = _kind(message), _name(message)
    file = ModelFile(kind, name, message.data, _shape(message), read_settings(name, message.settings, "file"))
    try:
        return network_of_file(file)
    except ArchcalcError as error:
        error.about = "file.input_shape" if error.about == "input" and kind in LAYERS else "file.data"
        raise
    except FAULTS as error:
        raise _malformed("data", f"{file.name} cannot be read: {shown(f'{type(error).__name__}: {error}')}") from error


def _malformed(field: str, said: str) -> ArchcalcError:
    return ArchcalcError(said, about=f"file.{field}")


def _kind(message: Any) -> str:
    return FORMATS[specified(FORMAT).read(message.format)]


def _name(message: Any) -> str:
    name = message.name or "network"
    if not name.isprintable() or not name.strip():
        raise _malformed("name", f"the name of a file is a line of 1 to {LONGEST_NAME} characters, not {shown(name)}")
    return name


def _shape(message: Any) -> tuple[int, ...] | None:
    return tuple(message.input_shape.sizes) if message.HasField("input_shape") else None
