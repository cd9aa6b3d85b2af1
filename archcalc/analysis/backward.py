"""The backward pass: which values need a gradient, and what it costs to compute them."""

from __future__ import annotations

from archcalc.analysis.cost import Cost
from archcalc.dims import Dim
from archcalc.graph import Graph


def learns(graph: Graph, each: list[Cost]) -> list[bool]:
    """For every node whether it has learnable parameters, its own or shared ones."""
    return [any(each[node.owner].parameters[:2]) for node in graph.nodes]


def needs_gradient(graph: Graph, each: list[Cost]) -> list[bool]:
    """For every node whether its output depends on anything learnt; the network's own input does not."""
    needs: list[bool] = []
    for node, learnt in zip(graph.nodes, learns(graph, each), strict=True):
        needs.append(learnt or any([needs[source] for source in node.inputs]))
    return needs


def backward_mult_adds(graph: Graph, each: list[Cost]) -> Dim:
    """Mult-adds of the backward pass for one image: each product once for its weights, and once for an input that needs
    a gradient; in a product without weights (attention) both factors are inputs.

    Twice the forward pass but for the first layer. Source: Rumelhart et al. 1986, "Learning representations by
    back-propagating errors", equations (6) and (7).
    """
    needs = needs_gradient(graph, each)
    total: Dim = 0
    for node, cost, learnt in zip(graph.nodes, each, learns(graph, each), strict=True):
        inner = any([needs[source] for source in node.inputs])
        factors = learnt + inner if node.op.role in ("conv", "linear") else 2 * inner
        total = total + cost.work.multiply_accumulate * factors
    return total
