"""Outcomes of checks: the number of figures compared, the reference, and every figure that differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Status = Literal["agrees", "differs", "failed", "not run"]


ITSELF = "the module itself"
"""What an imported network is compared with."""


class Outcome(NamedTuple):
    """One check of one network."""

    check: str
    status: Status
    against: str
    """Library, version and device that the figures were compared to."""
    compared: int = 0
    """The number of figures compared."""
    differences: tuple[str, ...] = ()
    figures: Mapping[str, Any] = {}
    """The main figures, ours and theirs."""
    note: str = ""
    """Why a check was not run, or a known and explained difference."""


class Ledger:
    """Collects comparisons and turns them into an outcome."""

    def __init__(self, check: str, against: str) -> None:
        self.check, self.against = check, against
        self.compared = 0
        self.differences: list[str] = []
        self.figures: dict[str, Any] = {}
        self.notes: list[str] = []

    def equal(self, what: str, ours: Any, theirs: Any) -> None:
        """Compare one figure."""
        self.compared += 1
        if ours != theirs:
            self.differences.append(f"{what}: archcalc {ours}, {self.against} {theirs}")

    def total(self, what: str, ours: Any, theirs: Any) -> None:
        """Compare one figure and record both sides."""
        self.equal(what, ours, theirs)
        self.figures[what] = {"archcalc": ours, "theirs": theirs}

    def note(self, text: str) -> None:
        """Add a remark, unless it was added before."""
        if text not in self.notes:
            self.notes.append(text)

    def close(self) -> Outcome:
        """The outcome. A check that compared nothing has failed; it should have returned `not_run`."""
        status: Status = "differs" if self.differences else "agrees" if self.compared else "failed"
        note = "; ".join(self.notes) or ("" if self.compared else "nothing was compared")
        return Outcome(self.check, status, self.against, self.compared, tuple(self.differences), self.figures, note)


def not_run(check: str, why: str) -> Outcome:
    """The outcome of a check that does not apply or could not be run."""
    return Outcome(check, "not run", "", note=why)
