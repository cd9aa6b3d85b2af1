"""The backward pass: the values that need a gradient, and the cost of computing the gradients."""

from __future__ import annotations

from archcalc.algebra.dims import Dim, is_int
from archcalc.analysis.cost import Cost
from archcalc.graph import Graph


def learns(graph: Graph, each: list[Cost]) -> list[bool]:
    """For every node, True if it has learnable parameters, its own or shared ones."""
    owned = [each[node.owner].parameters for node in graph.nodes]
    return [not (_is_zero(parameters.weight) and _is_zero(parameters.bias)) for parameters in owned]


def _is_zero(dim: Dim) -> bool:
    """Return True if a count is known to be 0; symbols and arrays are not known to be."""
    return is_int(dim) and dim == 0


def needs_gradient(graph: Graph, each: list[Cost]) -> list[bool]:
    """For every node, True if its output depends on a learnable parameter; the network's input does not."""
    needs: list[bool] = []
    for node, learnt in zip(graph.nodes, learns(graph, each), strict=True):
        needs.append(learnt or any([needs[source] for source in node.inputs]))
    return needs


def backward_mult_adds(graph: Graph, each: list[Cost]) -> Dim:
    """Mult-adds of the backward pass for one image: each product once for its weights, and once for an input that needs
    a gradient; in a product without weights (attention) both factors are inputs.

    Twice those of the forward pass, except for the first layer. Source: Rumelhart et al. 1986, "Learning
    representations by back-propagating errors", equations (6) and (7).
    """
    needs = needs_gradient(graph, each)
    total: Dim = 0
    for node, cost, learnt in zip(graph.nodes, each, learns(graph, each), strict=True):
        inner = any([needs[source] for source in node.inputs])
        factors = learnt + inner if node.op.role in ("conv", "linear") else 2 * inner
        total = total + cost.work.multiply_accumulate * factors
    return total
