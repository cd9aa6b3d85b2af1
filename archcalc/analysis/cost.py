"""Cost: what each node's op says of the shapes it met."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.dims import Dim, product
from archcalc.graph import HEADING, Graph, Parameters, Work


class Cost(NamedTuple):
    """One node's output elements (one image), parameters and work."""

    activations: Dim
    parameters: Parameters
    work: Work


def costs(graph: Graph) -> list[Cost]:
    """The cost of every node, in the order of `graph.nodes`."""
    nodes = graph.nodes
    result: list[Cost] = []
    for op, inputs, shape, _ in nodes:
        shapes = [nodes[index].shape for index in inputs]
        result.append(Cost(product(shape), op.params(*shapes), op.work(*shapes)))
    return result


def activation_sum(graph: Graph, each: list[Cost]) -> Dim:
    """Elements of the input and of every conv, linear, pool and merge output, each once, for one image.

    Normalisations and activation functions are taken to work in place, as the documents' slide tables do.
    """
    total: Dim = 0
    for node, cost in zip(graph.nodes, each, strict=True):
        if node.op.role in HEADING or node.op.role == "input":
            total = total + cost.activations
    return total


def weight_layers(graph: Graph) -> int:
    """Convolutions and linear layers on the longest path from the input: the number in a network's name.

    Parallel branches count once and projection shortcuts do not count (document 003, "22 total layers with weights").
    """
    depth: list[int] = []
    for op, inputs, _, _ in graph.nodes:
        before = max([depth[index] for index in inputs], default=0)
        depth.append(before + (op.role in ("conv", "linear")))
    return max([depth[index] for index in graph.outputs])
