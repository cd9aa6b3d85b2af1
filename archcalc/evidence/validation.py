"""Results of validation by network and device: the records that `archcalc validate --record` writes.

They are stored in reports/validation of the source tree; an installed package has them in its data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from archcalc.evidence.records import folder_of, records_in

CHECKS: Mapping[str, str] = {
    "shapes": "the output of every layer of the executed model",
    "parameters": "learnable values and buffers of every module",
    "flops": "torch's FlopCounterMode, forward and backward",
    "fvcore": "fvcore's counts for each class of operators and each module",
    "references": "the operations of a model that others built, each with its facts, in order, with all joints",
    "field": "the inputs that the gradient of single units reaches",
    "memory": "storages alive at once, and kept by autograd",
}
"""The checks, each with the reference for archcalc's figures."""

NOT_ON_CUDA = "CUDA is not yet measured: there is no record of a CUDA device."


class Checked(NamedTuple):
    """One check of one network."""

    check: str
    status: str
    """`agrees`, `differs`, `failed` or `not run`."""
    compared: int
    """The number of figures compared."""
    against: str
    note: str
    """The reason why it was not run, or a known difference."""
    differences: tuple[str, ...]


class ValidationRecord(NamedTuple):
    """The results on one device."""

    device: str
    date: str
    """ISO 8601."""
    versions: Mapping[str, str]
    networks: Mapping[str, tuple[Checked, ...]]

    @property
    def cuda(self) -> bool:
        return self.device.startswith("CUDA")

    def agrees(self, name: str) -> bool:
        """Return True if a network was checked and no check differs or failed."""
        ran = [each.status for each in self.networks.get(name, ()) if each.status != "not run"]
        return bool(ran) and all(status == "agrees" for status in ran)

    def confirmed(self, name: str) -> bool:
        """Return True if another implementation was compared with a network and is the same."""
        return any(each.check == "references" and each.status == "agrees" for each in self.networks.get(name, ()))


@cache
def records(folder: Path | None = None) -> tuple[ValidationRecord, ...]:
    """The records in a folder (by default archcalc's own), sorted by file name; empty if there is no folder."""
    return tuple([read(each) for each in records_in(folder or folder_of("validation"), "validation")])


def summary(records: Sequence[ValidationRecord]) -> str:
    """Sentences with the number of networks that agree on each device, and on devices without a record.

    They say for how many the transcription itself is confirmed by another implementation.
    """
    said: list[str] = []
    for each in records:
        agreeing, whole = sum(map(each.agrees, each.networks)), len(each.networks)
        others = [name for name in each.networks if not each.confirmed(name)]
        said.append(f"On {each.device}, {each.date}: {agreeing} of {whole} networks agree.")
        if len(others) < whole:
            said.append(
                f"{whole - len(others)} of them are, operation by operation, another's model or definition of that "
                "name, but for what its remarks leave out."
            )
        if others:
            which = f"{others[0]}: a slip in its" if len(others) == 1 else f"{len(others)} networks: a slip in their"
            said.append(f"No second account is known of {which} transcription would not be seen.")
    if not any(each.cuda for each in records):
        said.append(NOT_ON_CUDA)
    return " ".join(said)


def read(plain: Mapping[str, Any]) -> ValidationRecord:
    """A record from plain data, as read from JSON."""
    networks: Sequence[Mapping[str, Any]] = plain["networks"]
    return ValidationRecord(
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
