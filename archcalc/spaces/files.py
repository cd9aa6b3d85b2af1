"""Design spaces as TOML files.

    title = "MobileNet by width and size"
    network = "mobilenet_v1"             # or model = "net.py:build", a model as other commands take them
    input = "3x224x224"                  # if it is not the network's own
    constraints = ["size % 32 == 0"]

    [axes]
    width = "0.25..1:0.25"               # or 16..1024 log 2
    size = {from = 128, to = 224, step = 32}      # or log = 2 for step
    classes = [10, 1000]

    [settings]                           # hyperparameters that are the same at every point
    in_channels = 3

A file of a `model` is found from the folder of the space's file. Values of axes and constraints are read as
`DesignSpace.of` reads them. Nothing in the file is evaluated as code, but a `model` is loaded: its code is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, cast

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, nearest, shown
from archcalc.base.text_files import parsed_toml, read_file
from archcalc.graph import Network
from archcalc.importers.loading import load as load_foreign
from archcalc.importers.naming import LIBRARIES, kind_of
from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.constraints import MOST_CONSTRAINTS, Constraint, read_constraints
from archcalc.spaces.space import DesignSpace

LARGEST_TEXT = 1_000_000
"""Bytes of a file, at most."""
LONGEST_LINE = 10_000
KEYS = ("name", "title", "source", "network", "model", "input", "constraints", "axes", "settings")

Load: TypeAlias = "Callable[[str, tuple[int, ...] | None, dict[str, Any]], Network]"
"""Makes the network of a model's name, of the shape of its input or None, and of settings."""


def read_space(path: str, load: Load | None = None) -> DesignSpace:
    """The design space of a TOML file.

    `load` loads a `model`; None: models of libraries and files, by `archcalc.Network.load`. Raises ArchcalcError naming
    the file and the key.
    """
    return parse_space(read_file(path, LARGEST_TEXT), path, load or _loaded, str(Path(path).parent))


def parse_space(text: str, name: str, load: Load | None = None, folder: str = "") -> DesignSpace:
    """The design space that a text in TOML states; `name` is its name in messages.

    Without `load` a `model` is refused. Raises ArchcalcError naming the file and the key.

    >>> text = '''
    ... network = "resnet18"
    ... constraints = ["size % 32 == 0"]
    ... [axes]
    ... size = "96..224:16"
    ... '''
    >>> space = parse_space(text, "mine.toml")
    >>> space.combinations, space.size()
    (9, 5)
    """
    keys = parsed_toml(text, name, LONGEST_LINE)
    strange = next((key for key in keys if key not in KEYS), None)
    if strange is not None:
        near = nearest(strange, KEYS)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(KEYS)}"
        raise _error(name, strange, f"it is no key of a design space; {hint}")
    axes = tuple(
        [_at(name, f"axes.{key}", SpaceAxis.of, key, value) for key, value in _table(keys, "axes", name).items()]
    )
    settings = _table(keys, "settings", name)
    shape = _shape(keys, name)
    network = _network(keys, name, shape, settings, load, folder)
    if isinstance(network, Network):
        settings = {key: value for key, value in settings.items() if network.settings.get(key) is None}
    stem = re.sub(r"\W+", "_", Path(name).stem, flags=re.ASCII)
    of: Any = DesignSpace.of
    return _at(
        name,
        "",
        of,
        network,
        over=axes,
        where=_constraints(keys, name, [axis.name for axis in axes]),
        settings=settings,
        input=shape,
        name=_text(keys, "name", name) or stem,
        title=_text(keys, "title", name),
        source=_text(keys, "source", name),
    )


def _error(file: str, key: str, what: str) -> ArchcalcError:
    return ArchcalcError(f"{file}: {key}: {what}" if key else f"{file}: {what}", "name")


def _at(file: str, key: str, make: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What a function makes; an error of it names the file and the key."""
    try:
        return make(*args, **kwargs)
    except ArchcalcError as error:
        said = str(error).removeprefix(f"axis {key.removeprefix('axes.')}: ")
        named = key or (error.about if error.about.split(".")[0] in KEYS else "")
        named = {"hyperparameters": "settings"}.get(error.about.split(".")[0], named)
        raise _error(file, named, said.removeprefix(f"axis {named.removeprefix('axes.')}: ")) from None


def _text(keys: Mapping[str, Any], key: str, file: str) -> str:
    value = keys.get(key, "")
    if not isinstance(value, str):
        raise _error(file, key, f"it is a text, not {cut(repr(value))}")
    return value


def _table(keys: Mapping[str, Any], key: str, file: str) -> dict[str, Any]:
    value = keys.get(key, {})
    if not isinstance(value, dict):
        raise _error(file, key, f"it is a table, [{key}], not {cut(repr(value))}")
    return dict(value)  # pyright: ignore[reportUnknownArgumentType]


def _constraints(keys: Mapping[str, Any], file: str, names: list[str]) -> tuple[Constraint, ...]:
    given: Any = keys.get("constraints", [])
    if not isinstance(given, list):
        raise _error(file, "constraints", f"it is a list of texts, not {cut(repr(given))}")
    texts = cast("list[Any]", given)[: MOST_CONSTRAINTS + 1]
    return tuple(
        [_at(file, f"constraints[{place}]", read_constraints, [text], names)[0] for place, text in enumerate(texts, 1)]
    )


def _shape(keys: Mapping[str, Any], file: str) -> tuple[int, ...] | None:
    """The shape of the input: `"3x224x224"` or a list."""
    given = keys.get("input")
    if given is None:
        return None
    text: str = given if isinstance(given, str) else "x".join(_texts(given))
    texts: list[str] = re.split("[x\u00d7,]", text.strip().lower())
    if len(texts) <= 8 and all(re.fullmatch(r"\d{1,9}", each, re.ASCII) for each in texts):
        return tuple(map(int, texts))
    raise _error(file, "input", f"it is a shape such as 3x224x224 or [3, 224, 224], not {shown(str(given))}")  # pyright: ignore[reportUnknownArgumentType]


def _texts(given: Any) -> list[str]:
    return list(map(str, given[:9])) if isinstance(given, list) else []  # pyright: ignore[reportUnknownArgumentType]


def _network(
    keys: Mapping[str, Any],
    file: str,
    shape: tuple[int, ...] | None,
    settings: dict[str, Any],
    load: Load | None,
    folder: str,
) -> str | Network:
    """The network of the catalogue, or the loaded model."""
    if ("network" in keys) == ("model" in keys):
        raise _error(file, "network", "there is one of the keys network and model")
    key = "network" if "network" in keys else "model"
    name = _text(keys, key, file)
    if key == "network":
        from archcalc.zoo import network as of_catalogue

        return _at(file, key, of_catalogue, name).name
    if load is None:
        raise _error(file, key, "a model is not loaded here: name a network of the catalogue")
    if not kind_of(name) and not name.endswith(".py"):
        raise _error(file, key, f"{shown(name)} is no model such as net.py:build, timm:NAME or model.onnx")
    return _at(file, key, load, _found(name, folder), shape, settings)


def _found(name: str, folder: str) -> str:
    """The name of a model, with the path of its file as seen from here."""
    kind = kind_of(name)
    if kind in LIBRARIES or kind == "module" or Path(name).is_absolute():
        return name
    return str(Path(folder) / name)


def _loaded(name: str, shape: tuple[int, ...] | None, settings: dict[str, Any]) -> Network:
    return load_foreign(name, settings, shape)
