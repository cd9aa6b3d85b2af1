"""Models by name: those of public libraries, of Python modules and files, and files of exported programs.

    timm:convnext_tiny   torchvision:resnet50   pytorchcv:resnet18   hf:CONFIG.json
    package.module:factory   file.py:factory   model.pt2

A factory is called with the hyperparameters that are given, and builds its model without memory for weights; a process
of its own traces it. What that process writes is kept in a folder of the user, by the model's name or the content of
its file and of those beside it, its hyperparameters, its input and the versions of the libraries, so that the next
command on the same model needs no PyTorch.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import sha256
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.base.extras import installed, missing
from archcalc.base.files import cache_folder
from archcalc.base.spelling import shown
from archcalc.importers.exported import read_exported
from archcalc.importers.naming import LIBRARIES, kind_of
from archcalc.importers.program import Program

FORMAT = 6
"""Changed when exports are written in another way, so that older ones are not read."""
MOST_FILES = 500
"""Python files beside a model's that its key depends on, at most."""
PATIENCE = 900
"""Seconds for one export."""


@dataclass(frozen=True)
class Source:
    """A model by name, whose program can be had for some hyperparameters and some input."""

    name: str
    held: Program | None = field(default=None, repr=False)
    """The program of a file that was read already: no file is opened, and no model is traced."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The hyperparameters that such a program was traced with."""
    _programs: dict[str, Program] = field(default_factory=dict[str, Program], repr=False, compare=False)
    _exports: dict[str, bytes] = field(default_factory=dict[str, bytes], repr=False, compare=False)

    @cached_property
    def kind(self) -> str:
        """The kind of source."""
        return "program" if self.held is not None else kind_of(self.name)

    def program(self, settings: Mapping[str, Any], shape: tuple[int, ...] | None = None) -> Program:
        """The program for some hyperparameters, traced on an input, by default the model's own.

        Raises ArchcalcError if the model cannot be built or traced.
        """
        if self.kind == "program":
            if dict(settings) != dict(self.settings):
                raise ArchcalcError(f"{self.name} has no hyperparameters: they were settled when it was exported")
            if self.held is not None:
                return self.held
            key = ""
            load = self._read
        else:
            key = self._key(settings, shape)
            load = self._export
        if key not in self._programs:
            self._programs[key] = load(key, settings, shape)
        return self._programs[key]

    def file(self, settings: Mapping[str, Any], shape: tuple[int, ...] | None = None) -> Path | bytes | None:
        """The file of a program that was read or traced, or its bytes; None if it is from none."""
        if self.held is not None:
            return None
        if self.kind == "program":
            return Path(self.name)
        key = self._key(settings, shape)
        kept = cache_folder("exports") / f"{key}.pt2"
        return kept if kept.is_file() else self._exports.get(key)

    def module(self, settings: Mapping[str, Any], shape: tuple[int, ...] | None = None) -> Any:
        """The model itself, built in this process on the meta device. Raises ArchcalcError if that fails."""
        worker: Any = import_module("archcalc.importers.worker")
        try:
            return worker.build(self.kind, self.name, settings, shape)[0].eval()
        except (Exception, SystemExit) as error:
            if isinstance(error, ArchcalcError):
                raise
            raise ArchcalcError(f"{self.name}: {type(error).__name__}: {error}", about="name") from error

    def is_kept(self, settings: Mapping[str, Any], shape: tuple[int, ...] | None = None) -> bool:
        """Return True if the program was traced before, so that no code of the model needs to run."""
        return self.kind != "program" and (cache_folder("exports") / f"{self._key(settings, shape)}.pt2").is_file()

    def _read(self, _key: str, _settings: Any, _shape: Any) -> Program:
        path = Path(self.name)
        if not path.is_file():
            raise ArchcalcError(f"{shown(self.name)} is not a file", about="name")
        return read_exported(path, path.stem)

    def _export(self, key: str, settings: Mapping[str, Any], shape: tuple[int, ...] | None) -> Program:
        kept = cache_folder("exports") / f"{key}.pt2"
        label = self.name.rpartition(":")[2]
        if kept.is_file():
            try:
                return read_exported(kept, label)
            except ArchcalcError:
                kept.unlink(missing_ok=True)  # cut short, or written by another version
        if not installed("torch"):
            raise missing("torch", self.name, extra="import")
        library = LIBRARIES.get(self.kind)
        if library is not None and not installed(library):
            raise MissingTool(f"{self.name} needs {library}, which is not installed: pip install {library}", "name")
        job = {"kind": self.kind, "name": self.name, "settings": dict(settings), "input": shape}
        data = self._exports[key] = _run(job, self.name)
        _keep(kept, data)
        return read_exported(data, label)

    def _key(self, settings: Mapping[str, Any], shape: tuple[int, ...] | None) -> str:
        packages = ("torch", LIBRARIES.get(self.kind, ""))
        parts = [FORMAT, self.name, sorted((key, repr(value)) for key, value in settings.items()), shape]
        parts += [_version(package) for package in packages if package]
        path = _file_of(self.kind, self.name)
        if path is not None:
            parts += [str(path.resolve()), _stamp(path)]
        return sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _file_of(kind: str, name: str) -> Path | None:
    """The file of a model: a Python file or a configuration; None for a library's. Raises ArchcalcError without it."""
    if kind == "module":
        place = name.rpartition(":")[0].replace(".", "/")
        found = [Path(root or ".") / f"{place}{end}" for root in ("", *sys.path) for end in (".py", "/__init__.py")]
        return next((path for path in found if path.is_file()), None)
    if kind not in ("file", "hf"):
        return None
    path = Path(name.partition(":")[2] if kind == "hf" else name.rpartition(":")[0])
    if not path.is_file():
        raise ArchcalcError(f"{shown(str(path))} is not a file", about="name")
    return path


def _stamp(path: Path) -> str:
    """A digest of a file and of the Python files beside it, which it may import."""
    beside = sorted(path.parent.glob("*.py"))[:MOST_FILES] if path.suffix == ".py" else []
    digest = sha256()
    for each in {path: None, **dict.fromkeys(beside)}:
        digest.update(each.name.encode() + b"\0" + each.read_bytes() + b"\0")
    return digest.hexdigest()


def plain_shape(shape: Any) -> tuple[int, ...] | None:
    """A shape of whole numbers; None for one with symbols or arrays."""
    return tuple(shape) if all([is_int(size) for size in shape]) else None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _keep(path: Path, data: bytes) -> None:
    """Keep an export; a folder that cannot be written is no error, it only makes the next command slower."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(part).replace(path)
    except OSError:
        return


def _run(job: Mapping[str, Any], name: str) -> bytes:
    """The program that the process of exports writes. Raises ArchcalcError with its reason."""
    with tempfile.TemporaryDirectory(prefix="archcalc-") as place:
        output = Path(place) / "model.pt2"
        said = _ask({**job, "output": str(output)}, name)
        if not said and output.is_file():
            return output.read_bytes()
        raise ArchcalcError(said[:600] or f"{name}: its process wrote no program", about="name")


@cache
def _worker() -> subprocess.Popen[str]:
    """The process of exports: it imports PyTorch once, for all models of a command."""
    command = [sys.executable, "-m", "archcalc.importers.worker"]
    worker = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    atexit.register(_end, worker)
    return worker


def _end(worker: subprocess.Popen[str]) -> None:
    """End the process of exports, and wait until it has."""
    worker.kill()
    worker.wait()


def _ask(job: Mapping[str, Any], name: str) -> str:
    """The answer of the process of exports to a job; a process that is too slow or has died is replaced by the next."""
    worker = _worker()
    timer = threading.Timer(PATIENCE, worker.kill)
    timer.start()
    try:
        if worker.stdin is not None and worker.stdout is not None:
            worker.stdin.write(json.dumps({**job, "folder": str(Path.cwd())}) + "\n")
            worker.stdin.flush()
            answer = worker.stdout.readline()
            if answer:
                return answer.strip()
    except BrokenPipeError:
        pass
    finally:
        timer.cancel()
    code = worker.wait()
    _worker.cache_clear()
    return f"{name}: its process ended with code {code} (a crash, lack of memory, or no export in {PATIENCE} seconds)"
