"""Costs: elements, parameters and work of each node of a graph."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from archcalc.algebra.dims import Dim
from archcalc.graph import HEADING, NO_PARAMETERS, Graph, Parameters, Role, Work


class Cost(NamedTuple):
    """One node's output elements (one image), parameters and work."""

    activations: Dim
    parameters: Parameters
    work: Work


def costs(graph: Graph) -> list[Cost]:
    """The cost of every node, in the order of `graph.nodes`."""
    result: list[Cost] = []
    for index, (node, facts) in enumerate(zip(graph.nodes, graph.facts, strict=True)):
        owned = facts.params if node.owner == index else NO_PARAMETERS
        result.append(Cost(facts.elements, owned, facts.work))
    return result


def activation_sum(graph: Graph, each: list[Cost] | None = None) -> Dim:
    """Elements of the input and of every conv, linear, pool and merge output, each once, for one image.

    Normalisations and activation functions are taken to work in place, as the documents' slide tables do. `each` has
    the costs of the nodes; by default their elements are those that the graph knows.
    """
    elements = [facts.elements for facts in graph.facts] if each is None else [cost.activations for cost in each]
    total: Dim = 0
    for node, own in zip(graph.nodes, elements, strict=True):
        if node.op.role in HEADING or node.op.role == "input":
            total = total + own
    return total


def depths(graph: Graph, roles: Container[Role] = ("conv", "linear")) -> list[int]:
    """For every node the number of layers of some roles on the longest path to it from the input, itself included.

    Parallel branches count once; gates, which only weigh what they multiply, do not count.
    """
    depth: list[int] = []
    for node in graph.nodes:
        before = max([depth[index] for index in node.main], default=0)
        depth.append(before + (node.op.role in roles))
    return depth


def weight_layers(graph: Graph) -> int:
    """Convolutions and linear layers on the longest path from the input: the number in a network's name.

    Projection shortcuts do not count, as the path beside them is longer (document 003, "22 total layers with weights").
    """
    depth = depths(graph)
    return max([depth[index] for index in graph.outputs])
