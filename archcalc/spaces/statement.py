"""The statement of a design space: its axes, its constraints, what is built, and the number of its points."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.spaces.space import DesignSpace, is_size


class AxisStatement(NamedTuple):
    """An axis: its name, its values as text, and their number."""

    name: str
    values: str
    length: int
    of_input: bool = False
    """True if it is a size of the input, not a hyperparameter."""


class UnderStatement(NamedTuple):
    """How many points have a total of at most some number."""

    quantity: str
    at_most: int
    lower: int
    """There are at least so many."""
    upper: int
    """There are at most so many; as many as `lower` if the number is exact."""


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
    under: UnderStatement | None = None
    """None: no total was asked for."""


def space_statement(
    space: DesignSpace, under: tuple[str, int] | None = None, bins: int | None = None
) -> SpaceStatement:
    """The statement of a design space.

    `under` is a quantity and a number: points whose total is at most it are counted too, with so many `bins`. Raises
    as `archcalc.spaces.counting.count_under` does.

    >>> statement = space_statement(DesignSpace.of("resnet18", over={"size": "96..224:16"}, where=["size % 32 == 0"]))
    >>> statement.combinations, statement.points
    (9, 5)
    """
    try:
        points, reason = space.size(), ""
    except ArchcalcError as error:
        points, reason = None, str(error)
    counted: UnderStatement | None = None
    if under is not None:
        from archcalc.spaces.counting import count_under

        counted = UnderStatement(*under, *count_under(space, *under, bins=bins))
    return SpaceStatement(
        space.name,
        space.title,
        space.source,
        space.network if isinstance(space.network, str) else space.network.name,
        space.input,
        dict(space.settings),
        tuple([AxisStatement(axis.name, axis.text, len(axis), _is_of_input(space, axis.name)) for axis in space.axes]),
        tuple([constraint.text for constraint in space.constraints]),
        space.combinations,
        points,
        reason,
        counted,
    )


def _is_of_input(space: DesignSpace, axis: str) -> bool:
    return space.assemble is None and space.translate is None and is_size(axis, space.resolved)
