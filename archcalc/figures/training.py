"""The training step of a plot: its network, batch, precision and optimizer, and units of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from archcalc.analysis.memory.step import frozen_nodes, trained_tensors
from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, style
from archcalc.graph import Graph
from archcalc.graph.axes import example
from archcalc.request import NetworkLike, Request, read_batch
from archcalc.training import TRAINED, Training

UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
"""Decimal units of bytes."""


class TrainedNetwork(NamedTuple):
    """A network whose sizes are numbers, and the way in which it is trained."""

    name: str
    graph: Graph
    batch: int
    dtype: str
    training: Training

    @property
    def inputs(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the inputs."""
        return tuple([node.shape for node in self.graph.nodes if node.op.role == "input"])  # pyright: ignore[reportReturnType]

    @property
    def words(self) -> str:
        """The way of training in words."""
        return self.training.described(self.dtype)

    @property
    def drawn(self) -> tuple[object, ...]:
        """What tells one network of a plot from another."""
        return self.name, self.inputs, self.batch, self.words

    @property
    def example(self) -> str:
        """One member of a batch in a word."""
        return example(self.inputs)


def trained(plot: Plot, names: Sequence[NetworkLike]) -> list[TrainedNetwork]:
    """The different networks of some names or requests, trained as the plot or else as the request says.

    Raises UnknownName, and ArchcalcError for sizes or a batch that are no numbers, for a precision in which
    networks are not trained, and where no parameter learns.
    """
    found: list[TrainedNetwork] = []
    for name in names:
        each = _trained(plot, Request.of(name))
        if each.drawn not in [other.drawn for other in found]:
            found.append(each)
    return found


def _trained(plot: Plot, request: Request) -> TrainedNetwork:
    training, graph = request.training, request.graph
    if plot.precision:
        training = replace(training, precision=plot.precision)
    name = request.resolved.name
    batch = read_batch(name, request.batch if plot.batch is None else plot.batch)
    sizes = [batch, *[size for node in graph.nodes for size in node.shape]]
    if any([type(size) is not int for size in sizes]):
        raise ArchcalcError(f"{name}: memory is drawn for sizes that are numbers")
    precision = training.precision_of(request.dtype)
    if precision.name not in TRAINED:
        said = f"{name}: a network is not trained in {precision.name}; there are {', '.join(TRAINED)}"
        raise ArchcalcError(said, about="precision")
    if not any(trained_tensors(graph, frozen_nodes(graph, training.train_from))):
        said = f"{name}: none of its parameters learns, so that there is no training step"
        raise ArchcalcError(said, about="train_from" if training.train_from else "")
    return TrainedNetwork(name, graph, batch, request.dtype, training)


def unit_of_bytes(largest: float) -> tuple[float, str]:
    """The unit in which numbers of bytes up to `largest` read well.

    >>> unit_of_bytes(1_610_000_000)
    (1000000000.0, 'GB')
    """
    return next((size, word) for size, word in UNITS if largest >= size or size == 1.0)


def bytes_tick(value: float) -> str:
    """A number of bytes as a tick label with its own unit, for axes of several units.

    >>> bytes_tick(300_000_000.0)
    '300 MB'
    """
    size, word = unit_of_bytes(value)
    return f"{style.number(value / size)} {word}"
