"""Parts of a network that gradient checkpointing runs twice. Source: Chen et al. 2016, arXiv:1604.06174."""

from __future__ import annotations

from archcalc.analysis.parts import beginning
from archcalc.graph import Graph


def segments(graph: Graph, depth: int) -> list[range]:
    """The nodes of each stage (depth 1), block (2) ... that has several layers, in order; empty for depth 0."""
    if not depth:
        return []
    found: list[range] = []
    start = 0
    names = [beginning(node.row, depth) for node in graph.nodes]
    for index in range(1, len(names) + 1):
        if index == len(names) or names[index] != names[start]:
            rows = {graph.nodes[each].row for each in range(start, index)}
            if len(rows) > 1:
                found.append(range(start, index))
            start = index
    return found
