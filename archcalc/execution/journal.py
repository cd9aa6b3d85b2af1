"""Records of runs on disk: JSON, written anew after every network, so that a run that is cut short loses nothing.

A record says when, where and with what it was made, what was found of each network, a line each, and which of the
networks that were asked for are left.
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
"""The program that writes each kind of record."""
FIXED = ("kind", "device", "python", "versions", "settings")
"""Conditions that must be equal to continue a record; dates and clocks may differ."""


class Journal:
    """One record, in the order in which networks were asked for. Without a file it is only kept in memory."""

    def __init__(
        self, kind: str, file: Path | None, conditions: Conditions, names: Sequence[str], **settings: Any
    ) -> None:
        """A new record of some networks; `settings` say how they are run. `kind`: `validation` or `measured`."""
        self.file = file
        self.head: dict[str, Any] = {"kind": kind, **conditions._asdict(), "settings": settings}
        self.names = list(dict.fromkeys(names))
        self.networks: dict[str, Mapping[str, Any]] = {}
        self._lines: dict[str, str] = {}

    def resume_from(self, kept: Mapping[str, Any], finished: Callable[[Mapping[str, Any]], bool]) -> None:
        """Take over the networks of a record that are `finished`, and ask for the others; all in the catalogue's order.

        Raises ArchcalcError where it was made on another device, with other versions or in another way.
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
        """The networks that were asked for and are not in the record yet."""
        return [name for name in self.names if name not in self.networks]

    def add(self, network: Mapping[str, Any], *, write: bool = True) -> None:
        """Add what was found of a network, and write the file."""
        name = network["name"]
        self.networks[name] = network
        self._lines[name] = json.dumps(network, ensure_ascii=False)
        if write:
            self.write()

    def write(self) -> None:
        """Replace the file as a whole."""
        if self.file is not None:
            with destination(str(self.file)) as write:
                write(self.text().encode())

    def plain(self) -> dict[str, Any]:
        """The record as plain data."""
        done = [self.networks[name] for name in self.names if name in self.networks]
        return {**self.head, "networks": done, "left": self.left}

    def text(self) -> str:
        """The record as JSON, a network a line."""
        head = "".join(f"{_json(key)}: {_json(value)},\n" for key, value in self.head.items())
        lines = ",\n".join(self._lines[name] for name in self.names if name in self.networks)
        return f'{{\n{head}"networks": [\n{lines}\n],\n"left": {_json(self.left)}\n}}\n'


def read(file: Path, kind: str) -> dict[str, Any]:
    """The record in a file. Raises ArchcalcError if there is none of that kind."""
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArchcalcError(f"--resume: {file} cannot be read: {error.strerror}") from error
    except ValueError:
        found = None
    if not is_record(found, kind):
        raise ArchcalcError(f"--resume: {file} is no record of `archcalc {COMMANDS[kind]}`")
    return found


def writable(file: str) -> Path:
    """The path of a record. Raises ArchcalcError unless it ends in .json and its folder is there."""
    path = Path(file)
    if path.suffix != ".json":
        raise ArchcalcError(f"--record takes a file that ends in .json, not {file!r}")
    if not path.parent.is_dir():
        raise ArchcalcError(f"--record: there is no folder {str(path.parent)!r}")
    return path


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _said(value: Any) -> str:
    """A value of the head in words."""
    if isinstance(value, dict):
        parts: Any = value  # pyright: ignore[reportUnknownVariableType]
        return "; ".join(f"{key} {_said(part)}" for key, part in parts.items()) or "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
