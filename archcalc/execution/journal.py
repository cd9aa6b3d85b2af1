"""Records of runs on disk: JSON, rewritten after every network, so that an interrupted run loses nothing.

A record has the date, device and software of the run, the results of each network on a line, and the requested networks
that are left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from archcalc import zoo
from archcalc.base.errors import ArchcalcError
from archcalc.base.files import destination
from archcalc.evidence.records import is_record
from archcalc.execution.device import Conditions

COMMANDS = {"validation": "validate", "measured": "measure"}
"""The command that writes each kind of record."""
FIXED = ("kind", "device", "python", "versions", "settings")
"""The conditions that must be equal to continue a record; dates and clocks may differ."""


class Journal:
    """A record of networks, in the order requested. Without a file it exists in memory only."""

    def __init__(
        self, kind: str, file: Path | None, conditions: Conditions, names: Sequence[str], **settings: Any
    ) -> None:
        """A new record of some networks, run with `settings`. `kind` is `validation` or `measured`."""
        self.file = file
        self.head: dict[str, Any] = {"kind": kind, **conditions._asdict(), "settings": settings}
        self.names = list(dict.fromkeys(names))
        self.networks: dict[str, Mapping[str, Any]] = {}
        self._lines: dict[str, str] = {}

    def resume_from(self, kept: Mapping[str, Any], finished: Callable[[Mapping[str, Any]], bool]) -> None:
        """Copy the networks of a record that are `finished`, and request the others; all in the catalogue's order.

        Raises ArchcalcError if the record is of another device, other versions or other settings.
        """
        ours = json.loads(json.dumps(self.head))
        for key in FIXED:
            if kept.get(key, {}) != ours[key]:
                theirs = kept.get(key, {})
                raise ArchcalcError(f"--resume: the record has {key} {_said(theirs)}, not {_said(ours[key])}")
        for network in filter(finished, kept["networks"]):
            self.add(network, write=False)
        before = [*[each["name"] for each in kept["networks"]], *kept.get("left", ())]
        places = {name: place for place, name in enumerate(zoo.names())}
        self.names = sorted({*before, *self.names}, key=lambda name: (places.get(name, len(places)), name))

    @property
    def left(self) -> list[str]:
        """The requested networks that are not in the record yet."""
        return [name for name in self.names if name not in self.networks]

    def add(self, network: Mapping[str, Any], *, write: bool = True) -> None:
        """Add the results of a network, and write the file."""
        name = network["name"]
        self.networks[name] = network
        self._lines[name] = json.dumps(network, ensure_ascii=False)
        if write:
            self.write()

    def write(self) -> None:
        """Write the file, replacing it as a whole."""
        if self.file is not None:
            with destination(str(self.file)) as write:
                write(self.text().encode())

    def plain(self) -> dict[str, Any]:
        """The record as plain data."""
        done = [self.networks[name] for name in self.names if name in self.networks]
        return {**self.head, "networks": done, "left": self.left}

    def text(self) -> str:
        """The record as JSON, with a line for each network."""
        head = "".join(f"{_json(key)}: {_json(value)},\n" for key, value in self.head.items())
        lines = ",\n".join(self._lines[name] for name in self.names if name in self.networks)
        return f'{{\n{head}"networks": [\n{lines}\n],\n"left": {_json(self.left)}\n}}\n'


def read(file: Path, kind: str) -> dict[str, Any]:
    """The record in a file. Raises ArchcalcError if there is none of that kind."""
    try:
        record: Any = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArchcalcError(f"--resume: {file} cannot be read: {error.strerror}") from error
    except ValueError:
        record = None
    if not is_record(record, kind):
        raise ArchcalcError(f"--resume: {file} is no record of `archcalc {COMMANDS[kind]}`")
    return record


def writable(file: str) -> Path:
    """The path of a record. Raises ArchcalcError unless it ends in .json and its folder exists."""
    path = Path(file)
    if path.suffix != ".json":
        raise ArchcalcError(f"--record takes a file that ends in .json, not {file!r}")
    if not path.parent.is_dir():
        raise ArchcalcError(f"--record: there is no folder {str(path.parent)!r}")
    return path


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _said(value: Any) -> str:
    """A value of the record's head in words."""
    if isinstance(value, dict):
        parts: Any = value  # pyright: ignore[reportUnknownVariableType]
        return "; ".join(f"{key} {_said(part)}" for key, part in parts.items()) or "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
