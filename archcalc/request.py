"""A named network as a graph: its input, its hyperparameters, and how its rows are joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.algebra.dims import Dim, is_int
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.graph import Graph
from archcalc.zoo import Architecture, Whole


@question
def names() -> tuple[str, ...]:
    """The canonical names of all architectures."""
    return zoo.names()


def build_graph(found: Architecture, input: tuple[Dim, ...] | None, settings: Mapping[str, Any]) -> Graph:
    """The graph of an architecture. Raises ArchcalcError naming the layer and the rule where it cannot be built."""
    channels = settings.get("in_channels", found.variant.input[0])
    shape = _input_shape(found, channels, input)
    graph = Graph(found.name, shape)
    own = {key: value for key, value in settings.items() if key != "in_channels"}
    outputs = found.family.build(graph.input, **own)
    return graph.finish(*(outputs if isinstance(outputs, tuple) else (outputs,)))


def read_batch(name: str, given: Any) -> Any:
    """A number of images, from text or as it is; symbols and arrays pass. Raises ArchcalcError on anything else."""
    if not isinstance(given, (int, str, float)):
        return given
    try:
        return Whole(1, 1_000_000, "").read(given)
    except ValueError as error:
        raise ArchcalcError(f"{name}: a batch is {error}", about="batch") from None


def settings_of(found: Architecture, given: Mapping[str, Any]) -> dict[str, Any]:
    return dict(found.variant.settings) | {
        key: zoo.read_hyperparameter(found.name, zoo.hyperparameters_of(found.family), key, value)
        for key, value in given.items()
    }


def _input_shape(found: Architecture, channels: Dim, given: tuple[Dim, ...] | None) -> tuple[Dim, ...]:
    if given is None:
        return (channels, *found.variant.input[1:])
    if len(given) != 3:
        raise ArchcalcError(f"{found.name}: an input is (channels, height, width), not {given!r}", about="input")
    if is_int(given[0]) and is_int(channels) and given[0] != channels:
        hint = "" if given[0] < 1 else f" (in_channels={given[0]} changes its first layer)"
        raise ArchcalcError(f"{found.name} takes {channels} input channels, not {given[0]}{hint}", about="input")
    return (
        given[0],
        *[zoo.read_size(side, found.name) if isinstance(side, (int, str, float)) else side for side in given[1:]],
    )


class Resolved(NamedTuple):
    """The network that a name means: its canonical name, and the input (channels, height, width) of its own."""

    name: str
    input: tuple[int, int, int]


@question
def resolve(name: str, hyperparameters: Mapping[str, Any]) -> Resolved:
    """The network that a name means. Raises UnknownName, or ArchcalcError about a hyperparameter."""
    found = zoo.architecture(name)
    channels = settings_of(found, hyperparameters).get("in_channels", found.variant.input[0])
    return Resolved(found.name, (channels, *found.variant.input[1:]))


def default_input(name: str, hyperparameters: Mapping[str, Any]) -> tuple[Any, ...]:
    """The input (channels, height, width) that a network gets when none is given."""
    return resolve(name, hyperparameters).input
