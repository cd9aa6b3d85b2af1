"""How the rows of a network are joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.algebra.dims import Dim, Shape
from archcalc.analysis.cost import costs
from archcalc.analysis.receptive_field import fields
from archcalc.analysis.results import Layer
from archcalc.analysis.table import by_row
from archcalc.base.questions import question
from archcalc.graph import HEADING, Role
from archcalc.request import build_graph, settings_of


class Joined(NamedTuple):
    """A row of the cost table and the rows whose outputs it takes, each once, in order."""

    layer: Layer
    role: Role
    inputs: tuple[str, ...]


class Structure(NamedTuple):
    """How the rows of a network are joined, in the order in which they were written."""

    architecture: str
    input: Shape
    changed: Mapping[str, Any]
    """The hyperparameters that were asked for."""
    rows: tuple[Joined, ...]


@question
def structure(name: str, *, input: tuple[Dim, ...] | None = None, **hyperparameters: Any) -> Structure:
    """The rows of an architecture's cost table and how they are joined. Raises ArchcalcError as `analyze` does."""
    found = zoo.architecture(name)
    settings = settings_of(found, hyperparameters)
    graph = build_graph(found, input, settings)
    roles: dict[str, Role] = {}
    sources: dict[str, dict[str, None]] = {}
    for node in graph.nodes:
        if roles.get(node.row) not in HEADING:
            roles[node.row] = node.op.role if node.op.role in HEADING else roles.get(node.row, node.op.role)
        rows = [graph.nodes[i].row for i in node.inputs]
        sources.setdefault(node.row, {}).update({row: None for row in rows if row != node.row})
    return Structure(
        found.name,
        graph.nodes[0].shape,
        {key: settings[key] for key in hyperparameters},
        tuple(
            [
                Joined(layer, roles[layer.row], tuple(sources[layer.row]))
                for layer in by_row(graph, costs(graph), fields(graph))
            ]
        ),
    )
