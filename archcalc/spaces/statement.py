"""The statement of a design space: its axes, its constraints, what is built, and the number of its points."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.spaces.space import DesignSpace


class AxisStatement(NamedTuple):
    """An axis: its name, its values as text, and their number."""

    name: str
    values: str
    length: int


class SpaceStatement(NamedTuple):
    """A design space in words and numbers."""

    name: str
    title: str
    source: str
    network: str
    """What is built: the name of a network."""
    input: tuple[Any, ...] | None
    """The shape of the input; None: the network's own."""
    settings: dict[str, Any]
    """Hyperparameters that are the same at every point."""
    axes: tuple[AxisStatement, ...]
    constraints: tuple[str, ...]
    combinations: int
    """The product of the axes' lengths."""
    points: int | None
    """The exact number of points that fulfil the constraints; None: it is not counted."""
    not_counted: str
    """Why it is not counted."""


def space_statement(space: DesignSpace) -> SpaceStatement:
    """The statement of a design space.

    >>> statement = space_statement(DesignSpace.of("resnet18", over={"size": "96..224:16"}, where=["size % 32 == 0"]))
    >>> statement.combinations, statement.points
    (9, 5)
    """
    try:
        points, reason = space.size(), ""
    except ArchcalcError as error:
        points, reason = None, str(error)
    return SpaceStatement(
        space.name,
        space.title,
        space.source,
        space.network if isinstance(space.network, str) else space.network.name,
        space.input,
        dict(space.settings),
        tuple([AxisStatement(axis.name, axis.text, len(axis)) for axis in space.axes]),
        tuple([constraint.text for constraint in space.constraints]),
        space.combinations,
        points,
        reason,
    )
