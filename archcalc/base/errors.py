"""The errors that archcalc raises for a request that it cannot answer: one line that says what is wrong and where."""

from __future__ import annotations


class ArchcalcError(ValueError):
    """Base of every error that a user can cause. The message is one line and stands on its own.

    `about` is the argument at fault where one alone is: `batch`, `input`, `hyperparameters.width`. `row` is the row of
    the cost table at which a rule broke, where it did at one.
    """

    def __init__(self, message: str, about: str = "", row: str = "") -> None:
        super().__init__(message)
        self.about = about
        self.row = row


class RuleError(ArchcalcError):
    """The input shapes break a rule of an op; `Graph.apply` adds the op, the shapes and the row to the message."""


class MissingTool(ArchcalcError):
    """A library, a program or a device is missing on the machine that computes the answer."""


class TooCostly(ArchcalcError):
    """The answer would take more than a limit allows that is in force: see `archcalc.base.limits`."""


class UnknownName(ArchcalcError):
    """There is nothing of that kind with that name; `nearest` holds the closest known names, best first.

    `kind` is the kind of thing (an architecture, a convention, a layer), `given` the name.
    """

    def __init__(
        self,
        message: str,
        nearest: tuple[str, ...] = (),
        about: str = "name",
        kind: str = "architecture",
        given: str = "",
    ) -> None:
        super().__init__(message, about)
        self.nearest = nearest
        self.kind = kind
        self.given = given
