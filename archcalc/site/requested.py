"""Requests in JSON: a network of the catalogue or a reader's file, with its input, batch, dtype and hyperparameters.

```json
{"name": "mobilenet_v1", "size": "192", "batch": 8, "dtype": "float16", "settings": {"width": 0.75}, "classes": 10}
{"file": {"name": "mine.toml", "text": "..."}, "training": {"optimizer": "adam"}}
```

`size` and `input` are text as on the command line (`320x256`, `3x320x256`) or lists. A file has its `text`, its bytes
as `base64`, or the `path` at which it lies; nothing in it is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import checked
from archcalc.base.sides import sides, square
from archcalc.base.spelling import cut, shown
from archcalc.graph import Network
from archcalc.hardware.devices import Device
from archcalc.importers.naming import SUFFIXES, kind_of
from archcalc.request import Request, resolve
from archcalc.training import Training

KEYS = ("name", "file", "input", "size", "batch", "dtype", "settings", "classes", "aux", "training")
"""The keys of a request; what else a question is given are its own arguments."""
CHANNELS = 3
"""The channels of an input if only its sizes are given, as on the command line."""


def request_of(given: Mapping[str, Any]) -> Request:
    """The request that some keys describe. Raises ArchcalcError as the API does, and for values of another type.

    >>> request_of({"name": "resnet50", "size": "320x256", "classes": 10}).shape
    (3, 320, 256)
    """
    given = _mapping(given, "a request")
    if ("name" in given) == ("file" in given):
        raise ArchcalcError("a network is either a name or a file", about="name")
    shape = _shape(given.get("input"))
    size = given.get("size")
    if shape is not None and size is not None:
        raise ArchcalcError("--input and --size both give the size; use one of them")
    network: Any = given.get("name")
    if "file" in given:
        network = _own(_mapping(given["file"], "a file"), shape or (_with_channels(size) if size else None))
    request = Request.of(
        network,
        batch=given.get("batch", 1),
        dtype=given.get("dtype", "float32"),
        training=checked(Training)(**_mapping(given.get("training", {}), "a way of training")),
    )
    request = replace(request, input=shape, settings=_settings(given))
    return request if size is None else request.on(_sized(request, size))


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The hyperparameters; one that is given as a key of the request and as a setting is an error."""
    settings = dict(_mapping(given.get("settings", {}), "settings"))
    for key in ("classes", "aux"):
        if given.get(key) not in (None, False):
            if key in settings:
                raise ArchcalcError(f"{key} is given twice", about=key)
            settings[key] = given[key]
    return settings


def _sized(request: Request, size: Any) -> tuple[Any, ...]:
    """The network's input with another size."""
    network, shape = request.resolved, resolve(request).input
    return network.with_sizes(shape, square(_text(size), len(network.places)))


def _shape(given: Any) -> tuple[int, ...] | None:
    return sides(given, "--input", "3x320x320") if isinstance(given, str) else _lists(given)


def _lists(given: Any) -> Any:
    """Lists as tuples: the shapes of a network with several inputs are lists of lists."""
    return tuple([_lists(each) for each in given]) if isinstance(given, list) else given  # pyright: ignore[reportUnknownVariableType]


def _text(size: Any) -> str:
    return "x".join(map(str, size)) if isinstance(size, list) else str(size)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _with_channels(size: Any) -> tuple[int, ...]:
    return (CHANNELS, *square(_text(size), 2))


def _mapping(given: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise ArchcalcError(f"{what} must be keys and values, not {cut(repr(given))}")
    return given  # pyright: ignore[reportUnknownVariableType]


def _own(file: Mapping[str, Any], shape: tuple[int, ...] | None) -> Network:
    """The network of a file; one that lacks the shape of its input has the given one."""
    name, kind = _named(file)
    contents = {key: value for key, value in file.items() if key != "name"}
    if len(contents) != 1 or not all(isinstance(value, str) for value in contents.values()):
        raise ArchcalcError(f"{shown(name)}: a file has one of text, base64 and path", about="name")
    ((form, value),) = contents.items()
    try:
        return _read(name, kind, form, value, None)
    except ArchcalcError as error:
        if error.about != "input" or shape is None:
            raise
        return _read(name, kind, form, value, shape)


def _named(file: Mapping[str, Any]) -> tuple[str, str]:
    """The name of a file and its kind."""
    name = file.get("name")
    if not isinstance(name, str):
        raise ArchcalcError("a file has a name, whose suffix says what it is, such as net.toml", about="name")
    kind = kind_of(name)
    if kind not in SUFFIXES.values():
        said = f"a network is read from a file of the kinds {', '.join(SUFFIXES)}, not from {shown(name)}"
        raise ArchcalcError(said, about="name")
    return name, kind


@lru_cache(maxsize=8)
def _read(name: str, kind: str, form: str, value: str, shape: tuple[int, ...] | None) -> Network:
    """The network of a file, read once for all the questions to it; weights of hundreds of megabytes are not read."""
    from archcalc.importers.exported import bare_exported
    from archcalc.importers.files import ModelFile, network_of_file
    from archcalc.importers.onnx_files.bare import bare_onnx

    title = name if kind == "program" else Path(name).stem
    if form == "path" and kind in ("onnx", "program"):
        data = (bare_onnx if kind == "onnx" else bare_exported)(Path(value), title)
    else:
        data = _data(name, form, value)
        data = bare_onnx(data, title) if kind == "onnx" else data
    return network_of_file(ModelFile(kind, title, data, shape))


def _data(name: str, form: str, value: str) -> bytes:
    match form:
        case "text":
            return value.encode("utf-8", "replace")
        case "base64":
            from base64 import b64decode

            try:
                return b64decode(value, validate=True)
            except ValueError:
                raise ArchcalcError(f"{shown(name)}: its bytes are not in base64", about="name") from None
        case "path":
            return Path(value).read_bytes()
        case _:
            raise ArchcalcError(f"{shown(name)}: a file has one of text, base64 and path", about="name")


def device_of(given: Any) -> Device | str:
    """A device by name, or as a TOML file describes it. Raises ArchcalcError for what is neither."""
    if isinstance(given, Mapping):
        from archcalc.hardware.device_files import device_of_text

        file: Mapping[str, Any] = given  # pyright: ignore[reportUnknownVariableType]
        name, text = file.get("name"), file.get("text")
        if isinstance(name, str) and isinstance(text, str):
            return device_of_text(text, name)
    if not isinstance(given, str):
        raise ArchcalcError(f"a device is a name, or a file's name and text, not {cut(repr(given))}", about="device")  # pyright: ignore[reportUnknownArgumentType]
    return given
