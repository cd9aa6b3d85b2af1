"""The structure of a network: its rows and the connections between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archcalc.algebra.dims import Shape
from archcalc.analysis.cost import costs
from archcalc.analysis.receptive_field import fields
from archcalc.analysis.results import Layer
from archcalc.analysis.table import by_row
from archcalc.base.questions import question
from archcalc.graph import HEADING, Role
from archcalc.request import NetworkLike, Request


class Joined(NamedTuple):
    """A row of the cost table, and the rows whose outputs are its inputs, each once, in order."""

    layer: Layer
    role: Role
    inputs: tuple[str, ...]


class Structure(NamedTuple):
    """The rows of a network with their connections, in the order in which they were written."""

    architecture: str
    input: Shape
    changed: Mapping[str, Any]
    """The hyperparameters of the request."""
    rows: tuple[Joined, ...]

    @property
    def inputs(self) -> tuple[Shape, ...]:
        """The shapes of all inputs; of most networks one."""
        return (self.input, *[each.layer.output_shape for each in self.rows if each.layer.op == "input"][1:])


@question
def structure(network: NetworkLike, **given: Any) -> Structure:
    """The rows of a network's cost table and their connections. Raises ArchcalcError as `analyze` does."""
    request = Request.of(network, **given)
    graph = request.graph
    roles: dict[str, Role] = {}
    sources: dict[str, dict[str, None]] = {}
    for node in graph.nodes:
        if roles.get(node.row) not in HEADING:
            roles[node.row] = node.op.role if node.op.role in HEADING else roles.get(node.row, node.op.role)
        rows = [graph.nodes[i].row for i in node.inputs]
        sources.setdefault(node.row, {}).update({row: None for row in rows if row != node.row})
    return Structure(
        request.resolved.name,
        graph.nodes[0].shape,
        request.changed,
        tuple(
            [
                Joined(layer, roles[layer.row], tuple(sources[layer.row]))
                for layer in by_row(graph, costs(graph), fields(graph))
            ]
        ),
    )
