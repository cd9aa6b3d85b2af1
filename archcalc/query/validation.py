"""What validation found of each network, and on which device: the records that `archcalc validate --record` writes.

They are kept in reports/validation of the source tree; an installed package carries them in its data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

CHECKS: Mapping[str, str] = {
    "shapes": "what every layer of the executed model returns",
    "parameters": "learnable values and buffers of every module",
    "flops": "torch's FlopCounterMode, forward and backward",
    "fvcore": "fvcore's counts for each class of operators and each module",
    "references": "the layers of a model that others built",
    "field": "the inputs that the gradient of single units reaches",
    "memory": "storages alive at once, and kept by autograd",
}
"""The checks, and what archcalc's figures are compared with in each."""


class Checked(NamedTuple):
    """One check of one network."""

    check: str
    status: str
    """`agrees`, `differs`, `failed` or `not run`."""
    compared: int
    """How many figures were compared."""
    against: str
    note: str
    """Why it was not run, or a known difference."""
    differences: tuple[str, ...]


class Record(NamedTuple):
    """What was found on one device."""

    device: str
    date: str
    """ISO 8601."""
    versions: Mapping[str, str]
    networks: Mapping[str, tuple[Checked, ...]]

    @property
    def cuda(self) -> bool:
        return "cuda" in self.device.lower()

    def agrees(self, name: str) -> bool:
        """Whether a network was checked and nothing differs or failed."""
        ran = [each.status for each in self.networks.get(name, ()) if each.status != "not run"]
        return bool(ran) and all(status == "agrees" for status in ran)


def records_folder() -> Path:
    """Where the records are: in the package's data, or in the source tree."""
    package = Path(__file__).parent.parent
    carried = package / "data" / "validation"
    return carried if carried.is_dir() else package.parent / "reports" / "validation"


def records_in(folder: Path) -> list[dict[str, Any]]:
    """The records of a folder as they are written, by file name; other JSON files are none."""
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(record, dict) and "networks" in record and "device" in record:
            found.append(record)  # pyright: ignore[reportUnknownArgumentType]
    return found


@cache
def records(folder: Path | None = None) -> tuple[Record, ...]:
    """The records of a folder (of archcalc's own), by file name; none if there is no folder."""
    return tuple([_record(each) for each in records_in(folder or records_folder())])


def _record(plain: Mapping[str, Any]) -> Record:
    networks: Sequence[Mapping[str, Any]] = plain["networks"]
    return Record(
        plain["device"],
        plain["date"],
        plain["versions"],
        {each["name"]: tuple([_checked(outcome) for outcome in each["checks"]]) for each in networks},
    )


def _checked(outcome: Mapping[str, Any]) -> Checked:
    return Checked(
        outcome["check"],
        outcome["status"],
        outcome["compared"],
        outcome["against"],
        outcome["note"],
        tuple(outcome["differences"]),
    )
