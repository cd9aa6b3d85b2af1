"""Comparisons of networks that texts describe: rows with their shapes and costs, and texts as answers or errors."""

from __future__ import annotations

from typing import Any, Literal

from archcalc import Request, analyze
from archcalc.base.errors import ArchcalcError
from archcalc.graph import HEADING, Network
from archcalc.importers.layer_list import read_layers

Form = Literal["toml", "yaml", "keras", "caffe"]


def heads(network: Network | str, **given: Any) -> list[tuple[Any, ...]]:
    """Kind, output shape, parameters and mult-adds of every conv, linear layer, pool and merge, in order."""
    graph = Request.of(network, **given).graph
    return [
        (node.op.kind, node.shape, facts.params.learnable, facts.work.multiply_accumulate)
        for facts, node in zip(graph.facts, graph.nodes, strict=True)
        if node.op.role in HEADING
    ]


def totals(network: Network | str, **given: Any) -> tuple[Any, ...]:
    """Parameters, mult-adds, buffers and the sum of activations."""
    total = analyze(network, **given).totals
    return total.params, total.mult_adds, total.buffers, total.activation_sum


def rows(network: Network) -> dict[str, tuple[int, int, tuple[Any, ...]]]:
    """For every row: stored values, learnable ones among them, and the shape of its output."""
    graph = network.graph()
    found: dict[str, tuple[int, int, tuple[Any, ...]]] = {}
    for index, (facts, node) in enumerate(zip(graph.facts, graph.nodes, strict=True)):
        stored, learnt, _ = found.get(node.row, (0, 0, ()))
        if node.owner == index:
            stored, learnt = stored + facts.params.learnable + facts.params.running, learnt + facts.params.learnable
        found[node.row] = (stored, learnt, node.shape)
    return found


def refusal(text: str, form: Form) -> str:
    """The message of the error for a text. Raises AssertionError if it is read."""
    error = answer(text, form)
    assert isinstance(error, ArchcalcError), error
    return str(error)


def answer(text: str, form: Form) -> Network | ArchcalcError:
    """The network of a text, or the error on it, one line; anything else is raised."""
    try:
        network = read_layers(text, name="mine", form=form)
    except ArchcalcError as error:
        found = error
    else:
        assert network.graph().outputs
        return network
    assert str(found)
    assert "\n" not in str(found)
    return found
