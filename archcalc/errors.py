"""What archcalc raises when a question cannot be answered: one line, naming what is wrong and where."""

from __future__ import annotations


class ArchcalcError(ValueError):
    """Base of every error that a user can cause. The message is one line and stands on its own."""


class RuleError(ArchcalcError):
    """An op's rule is broken by the shapes it got; `Graph.apply` adds the op, the shapes and the row."""


class UnknownName(ArchcalcError):
    """No architecture of that name; `nearest` holds the closest known names, best first."""

    def __init__(self, message: str, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.nearest = nearest
