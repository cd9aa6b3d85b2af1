"""Your own networks on the command line: models of libraries and files, and objects of Python files.

For `mine.py:net` the file is run, and its object `net` is the network: one of archcalc, or a model of PyTorch or a
function that makes one, which is traced.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from functools import wraps
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from archcalc.algebra.unsettled import NeedsPeriod
from archcalc.base.cancellation import Cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import nearest, shown
from archcalc.importers.naming import kind_of

if TYPE_CHECKING:
    from archcalc.graph import Network

LAYERS = frozenset({"toml", "yaml", "keras", "caffe", "onnx"})
"""Kinds of files whose hyperparameters, if they have any, are the network's."""
CHANNELS = 3
"""The channels of an input if only height and width are given."""


def is_own(name: str) -> bool:
    """Return True if a name refers to a file or to a model of a library, not to a network of the catalogue."""
    return re.search(r"\.py(:|$)", name) is not None or kind_of(name) != ""


def network_of(name: str) -> str | Network:
    """The network of a name of your own; any other name is returned unchanged."""
    return load(name, None, None, {}) if is_own(name) else name


def load(name: str, shape: tuple[int, ...] | None, sides: tuple[int, ...] | None, settings: dict[str, Any]) -> Network:
    """The network of a name of your own.

    That of FILE.py:NAME is a Network, a Graph, a function that builds one on the given input, or a model of PyTorch or
    what makes one. `shape` is the whole input, `sides` are its height and width. `settings` without a default in
    the function are passed to it. Raises ArchcalcError for a file that cannot be run or a name that it does not have.
    """
    try:
        return _loaded(name, shape, sides, settings)
    except ArchcalcError as error:
        if sides is None or "cannot trace" not in str(error):
            raise
        image = "x".join(map(str, (CHANNELS, *sides)))
        hint = f"--size stands for {image} here, --input for any shape"
        raise ArchcalcError(f"{error}; {hint}", about="input") from None


def _loaded(
    name: str, shape: tuple[int, ...] | None, sides: tuple[int, ...] | None, settings: dict[str, Any]
) -> Network:
    from archcalc.graph import Graph, Network

    given = shape or (None if sides is None else (CHANNELS, *sides))
    foreign = _foreign(name, given, settings)
    if foreign is not None:
        return foreign
    path, _, wanted = name.rpartition(":") if not name.endswith(".py") else (name, "", "")
    names: dict[str, Any] = vars(_run(path))
    if not wanted:
        networks = [key for key, value in names.items() if isinstance(value, (Network, Graph))]
        if len(networks) != 1:
            raise ArchcalcError(f"{path} has {len(networks)} networks; name one of them: {path}:NAME", about="name")
        wanted = networks[0]
    if wanted not in names:
        near = nearest(wanted, [key for key in names if not key.startswith("_")])
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ArchcalcError(f"{path} has nothing called {wanted}{hint}", about="name")
    value = names[wanted]
    if isinstance(value, Network):
        return replace(value, builder=_guarded(value.builder, path))
    if isinstance(value, Graph):
        return Network.of(value)
    if makes_module(value, settings) and (not isinstance(value, FunctionType) or uses_torch(names)):
        return _imported(name, given, settings)
    if not callable(value):
        said = f"{path}:{wanted} is not a Network, a Graph or a function that builds one, but {shown(repr(value))}"
        raise ArchcalcError(said, about="name")
    if shape is None and sides is None:
        said = "give its input by --size or --input, or name a Network.build(...) of it"
        raise ArchcalcError(f"{path}:{wanted} is a function: {said}", about="input")
    build = _guarded(value, path)
    needed = _without_default(build)
    own = {key: _read(settings[key]) for key in needed if key in settings}
    return Network.build(build, input=shape or (CHANNELS, *(sides or ())), name=wanted, **own)


def _foreign(name: str, given: tuple[int, ...] | None, settings: dict[str, Any]) -> Network | None:
    """The network of a name for which no file need be run here; None for another name."""
    kind = kind_of(name)
    if kind in LAYERS:
        return _layers(name, given)
    if kind in ("", "file") and not (kind and _is_kept(name, given, settings)):
        return None
    return _imported(name, given if kind in ("file", "module") else None, settings)


def _layers(name: str, shape: tuple[int, ...] | None) -> Network:
    """The network of a layer list, on an input of its own or, where it has none, on the given one."""
    from archcalc.importers.loading import load as loaded

    try:
        return loaded(name, {})
    except ArchcalcError as error:
        if error.about != "input" or shape is None:
            raise
        return loaded(name, {}, shape)


def _imported(name: str, shape: tuple[int, ...] | None, settings: dict[str, Any]) -> Network:
    from archcalc.importers.loading import load as loaded

    return loaded(name, {key: _read(value) for key, value in settings.items()}, shape)


def _is_kept(name: str, shape: tuple[int, ...] | None, settings: dict[str, Any]) -> bool:
    """Return True if a file's model was traced before, so that the file need not be run."""
    from archcalc.importers.sources import Source

    return Path(name.rpartition(":")[0]).is_file() and Source(name).is_kept(
        {key: _read(value) for key, value in settings.items()}, shape
    )


def uses_torch(names: dict[str, Any]) -> bool:
    """Return True if a file has imported PyTorch, or something of it or made with it."""
    modules = [getattr(value, "__module__", None) or getattr(value, "__name__", "") for value in names.values()]
    return any([str(module).partition(".")[0] in ("torch", "torchvision", "timm") for module in modules])


def makes_module(value: Any, settings: dict[str, Any]) -> bool:
    """Return True if an object of a file is a model of PyTorch, its class, or a function that makes one.

    A function makes one if it needs no more than the hyperparameters that are given: a function that builds a network
    needs its input too.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return False
    if isinstance(value, torch.nn.Module) or (isinstance(value, type) and issubclass(value, torch.nn.Module)):
        return True
    return callable(value) and set(_without_default(value)) <= set(settings)


def _run(path: str) -> ModuleType:
    """The module of a file. Raises ArchcalcError with the line of an error in it."""
    file = Path(path)
    if not file.is_file():
        raise ArchcalcError(f"{shown(path)} is not a file", about="name")
    spec = spec_from_file_location(file.stem, path)
    if spec is None or spec.loader is None:
        raise ArchcalcError(f"{shown(path)} cannot be run", about="name")
    module = module_from_spec(spec)
    sys.path.insert(0, str(file.resolve().parent))
    try:
        with redirect_stdout(sys.stderr):  # what the file prints is no result
            spec.loader.exec_module(module)
    except ArchcalcError:
        raise
    except (Exception, SystemExit) as error:
        raise _at_its_line(error, path) from error
    finally:
        sys.path.pop(0)
    return module


def _guarded(function: Callable[..., Any], path: str) -> Callable[..., Any]:
    """The function, whose errors become one sentence with their line in the file."""

    @wraps(function)
    def build(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (ArchcalcError, NeedsPeriod, Cancelled):
            raise
        except (Exception, SystemExit) as error:
            raise _at_its_line(error, path) from error

    return build


def _at_its_line(error: BaseException, path: str) -> ArchcalcError:
    file = str(Path(path).absolute())  # as the loader calls it
    line = next((at.tb_lineno for at in reversed(_frames(error)) if at.tb_frame.f_code.co_filename == file), None)
    place = f"{path}, line {line}" if line else path
    return ArchcalcError(f"{place}: {type(error).__name__}: {error}", about="name")


def _frames(error: BaseException) -> list[Any]:
    frames: list[Any] = []
    at = error.__traceback__
    while at is not None:
        frames.append(at)
        at = at.tb_next
    return frames


def _without_default(function: Any) -> list[str]:
    """The parameters of a function that must be given, inputs among them."""
    from archcalc.graph.network import parameters_of

    return [
        each.name for each in parameters_of(function, getattr(function, "__name__", "it")) if each.default is each.empty
    ]


def _read(text: Any) -> Any:
    """A value from the command line: an int, a float, true or false, or a word."""
    if not isinstance(text, str):
        return text
    for pattern, kind in ((r"[+-]?\d{1,18}", int), (r"[+-]?\d{0,18}\.\d{1,18}", float)):
        if re.fullmatch(pattern, text):
            return kind(text)
    return {"true": True, "false": False}.get(text.lower(), text)
