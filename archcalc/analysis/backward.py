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
    """For every node, True if gradients lead from its output to a learnable parameter, as from no input."""
    needs: list[bool] = []
    for node, learnt in zip(graph.nodes, learns(graph, each), strict=True):
        needs.append(node.op.has_gradient and (learnt or any([needs[source] for source in node.inputs])))
    return needs


def gradients_needed(graph: Graph, frozen: frozenset[int] = frozenset()) -> tuple[list[bool], list[bool]]:
    """For every node, True if its parameters learn, and True if its output needs a gradient.

    `frozen` are the nodes that own parameters which do not learn.
    """
    learnt: list[bool] = []
    needs: list[bool] = []
    for node in graph.nodes:
        owned = graph.facts[node.owner].params
        learns_own = node.owner not in frozen and not (_is_zero(owned.weight) and _is_zero(owned.bias))
        learnt.append(learns_own)
        needs.append(node.op.has_gradient and (learns_own or any([needs[source] for source in node.inputs])))
    return learnt, needs


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


def backward_mult_adds(graph: Graph, each: list[Cost]) -> Dim:
    """Mult-adds of the backward pass for one image: each product once for its weights, and once for an input that needs
    a gradient; in a product without weights (attention) both factors are inputs.

    Twice those of the forward pass, except for the first layer. Source: Rumelhart et al. 1986, "Learning
    representations by back-propagating errors", equations (6) and (7).
    """
    needs = needs_gradient(graph, each)
    total: Dim = 0
    for index, (cost, learnt) in enumerate(zip(each, learns(graph, each), strict=True)):
        total = total + cost.work.multiply_accumulate * factors(graph, index, needs, learnt)
    return total
