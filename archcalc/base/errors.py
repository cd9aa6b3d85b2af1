"""What archcalc raises when a question cannot be answered: one line, naming what is wrong and where."""

from __future__ import annotations


class ArchcalcError(ValueError):
    """Base of every error that a user can cause. The message is one line and stands on its own.

    `about` is the argument at fault where one alone is: `batch`, `input`, `hyperparameters.width`.
    """

    def __init__(self, message: str, about: str = "") -> None:
        super().__init__(message)
        self.about = about


class RuleError(ArchcalcError):
    """An op's rule is broken by the shapes it got; `Graph.apply` adds the op, the shapes and the row."""


class MissingTool(ArchcalcError):
    """What the answer needs is not installed where it was asked: a library, a program or a device."""


class UnknownName(ArchcalcError):
    """Nothing of that kind has that name; `nearest` holds the closest known names, best first.

    `kind` says of what there is no such thing (an architecture, a convention, a layer), `given` is the name.
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
