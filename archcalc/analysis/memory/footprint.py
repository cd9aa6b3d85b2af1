"""Memory: storages alive while the graph runs in its written order, and storages that autograd saves for backward."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.algebra.dims import Dim, envelope
from archcalc.analysis.backward import learns, needs_gradient
from archcalc.analysis.cost import Cost
from archcalc.analysis.memory.frames import SAVED_AS_RESULT, in_place_nodes
from archcalc.graph import Graph, Memory


class Footprint(NamedTuple):
    """Activation memory of one image; multiply elements by the width of a dtype to get bytes."""

    peak_inference: Dim
    """Elements alive at once, at most: in each step those still needed and those that the step writes; no weights.

    What is computed from weights alone counts as if each image of a batch had its own.
    """
    saved_elements: Dim
    """Elements of the network's dtype that autograd saves for backward, each storage once, parameters excluded."""
    float32_elements: Dim
    """Values of at least four bytes that autograd saves for each image: statistics of layer norms."""
    saved_bytes: Dim
    """Further bytes that autograd saves, of any dtype (indices of max pooling, masks of dropout)."""
    statistics: Dim
    """Values of at least four bytes that autograd saves once for a whole batch: statistics, and what is computed from
    weights alone."""
    once_bytes: Dim
    """Bytes that autograd saves once for a whole batch."""

    def training_saved(self, batch: Dim, width: int) -> Dim:
        """All bytes that autograd saves for a batch of images in a dtype of `width` bytes."""
        once = self.statistics * max(width, 4) + self.once_bytes
        each = self.saved_elements * width + self.float32_elements * max(width, 4) + self.saved_bytes
        return each * batch + once


def footprint(graph: Graph, each: list[Cost]) -> Footprint:
    """Peak and saved memory of a graph. `each` is `costs(graph)`."""
    facts = [each.memory for each in graph.facts]
    return Footprint(_peak(graph, each, facts), *_saved(graph, each, facts))


def storages(graph: Graph, facts: list[Memory], sharing: tuple[str, ...]) -> list[int]:
    """For every node, the node whose storage its output occupies."""
    storage: list[int] = []
    for index, node in enumerate(graph.nodes):
        storage.append(storage[node.inputs[0]] if facts[index].shares in sharing else index)
    return storage


def for_all_images(graph: Graph) -> list[bool]:
    """For every node, True if its output is the same for all images of a batch: it depends on no input."""
    same: list[bool] = []
    for node in graph.nodes:
        same.append(node.op.role != "input" and all([same[source] for source in node.inputs]))
    return same


def last_uses(graph: Graph, storage: list[int]) -> list[int]:
    """For every storage, the last node that reads it; one past the end for the network's outputs."""
    last_use = list(range(len(storage)))
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            last_use[storage[source]] = index
    for output in graph.outputs:
        last_use[storage[output]] = len(storage)
    return last_use


def _peak(graph: Graph, each: list[Cost], facts: list[Memory]) -> Dim:
    storage = storages(graph, facts, ("always", "inference"))
    last_use = last_uses(graph, storage)
    frees: list[list[int]] = [[] for _ in range(len(storage) + 1)]
    for index, root in enumerate(storage):
        if root == index:
            frees[last_use[index]].append(index)
    alive: Dim = 0
    sums: list[Dim] = []
    for index, root in enumerate(storage):
        if root == index and facts[index].shares != "weights":
            alive = alive + each[index].activations
            sums.append(alive)
        for freed in frees[index]:
            if facts[freed].shares != "weights":
                alive = alive - each[freed].activations
    return envelope(sums)


def is_saved(fact: Memory, position: int, gradients: list[bool]) -> bool:
    """Return True if an op that saves its inputs saves the one at a position, given which inputs need gradients."""
    if isinstance(fact.saved_for, tuple):
        return any([gradients[place] for place in fact.saved_for[position]])
    elsewhere = gradients[:position] + gradients[position + 1 :]
    return {"op": True, "inputs": any(gradients), "others": any(elsewhere)}[fact.saved_for]


def _saved(graph: Graph, each: list[Cost], facts: list[Memory]) -> tuple[Dim, Dim, Dim, Dim, Dim]:
    storage = storages(graph, facts, ("always",))
    kept: set[int] = set()
    elements: Dim = 0
    wide: Dim = 0
    others: Dim = 0
    statistics: Dim = 0
    once: Dim = 0
    needs, same = needs_gradient(graph, learns(graph)), for_all_images(graph)
    overwrites = in_place_nodes(graph) if graph.origins else [False] * len(graph.nodes)
    for index, (node, fact) in enumerate(zip(graph.nodes, facts, strict=True)):
        if not needs[index]:
            continue
        if overwrites[index] and node.op.kind in SAVED_AS_RESULT:
            kept.add(storage[index])
        elif fact.saves_inputs:
            gradients = [needs[source] for source in node.inputs]
            saved = [source for place, source in enumerate(node.inputs) if is_saved(fact, place, gradients)]
            kept.update([storage[source] for source in saved])
        if fact.saves_output:
            kept.add(storage[index])
        if same[index]:
            statistics = statistics + fact.extra_elements + fact.float32_elements
            once = once + fact.extra_bytes
        else:
            elements = elements + fact.extra_elements
            wide = wide + fact.float32_elements
            others = others + fact.extra_bytes
        statistics = statistics + fact.statistics
        once = once + fact.once_bytes
    activations = [root for root in kept if facts[root].shares != "weights"]
    for root in activations:
        elements = elements + (0 if same[root] else each[root].activations)
        statistics = statistics + (each[root].activations if same[root] else 0)
    return elements, wide, others, statistics, once
