"""The backward pass: the values that need a gradient, and the cost of computing the gradients."""

from __future__ import annotations

from archcalc.algebra.dims import Dim, is_int
from archcalc.analysis.cost import Cost
from archcalc.graph import Graph

NOTHING: frozenset[int] = frozenset()


def learns(graph: Graph, frozen: frozenset[int] = NOTHING) -> list[bool]:
    """For every node, True if it has learnable parameters, its own or shared ones.

    `frozen` are the nodes that own parameters which do not learn.
    """
    result: list[bool] = []
    for node in graph.nodes:
        owned = graph.facts[node.owner].params
        nothing = node.owner in frozen or (_is_zero(owned.weight) and _is_zero(owned.bias))
        result.append(not nothing)
    return result


def _is_zero(dim: Dim) -> bool:
    """Return True if a count is known to be 0; symbols and arrays are not known to be."""
    return is_int(dim) and dim == 0


def needs_gradient(graph: Graph, learnt: list[bool]) -> list[bool]:
    """For every node, True if gradients lead from its output to a learnable parameter, as from no input.

    `learnt` is `learns(graph)`.
    """
    needs: list[bool] = []
    for node, own in zip(graph.nodes, learnt, strict=True):
        needs.append(node.op.has_gradient and (own or any([needs[source] for source in node.inputs])))
    return needs


def factors(graph: Graph, index: int, needs: list[bool], learnt: bool) -> int:
    """How often the products of a node are computed again for gradients: once for each factor that needs one.

    The factors are the inputs and, in a layer with weights of its own, these. Of a product without weights of its own
    (attention) all factors are inputs, which are taken to need gradients together; a layer that is given computed
    weights has them as inputs, and computes the gradients of those that need one.
    """
    node = graph.nodes[index]
    inner = [needs[source] for source in node.inputs]
    if node.op.role not in ("conv", "linear"):
        return 2 * any(inner)
    return learnt + sum(inner[:2])


def backward_mult_adds(graph: Graph, each: list[Cost], frozen: frozenset[int] = NOTHING) -> Dim:
    """Mult-adds of the backward pass for one image: each product once for its weights, and once for an input that needs
    a gradient; in a product without weights (attention) both factors are inputs.

    Twice those of the forward pass, except for the first layer and what is `frozen`. Source: Rumelhart et al. 1986,
    "Learning representations by back-propagating errors", equations (6) and (7).
    """
    learnt = learns(graph, frozen)
    needs = needs_gradient(graph, learnt)
    total: Dim = 0
    for index, cost in enumerate(each):
        total = total + cost.work.multiply_accumulate * factors(graph, index, needs, learnt[index])
    return total
