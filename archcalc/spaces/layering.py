"""Layers of a graph: its vertices in a row of sets, so that edges stay in a set or lead to the next one.

Vertices have sizes, and a set is to have a product of sizes below a limit. Of such rows one with few edges between sets
is searched for: from breadth-first searches, improved by moving one vertex at a time. It is found or not; what is found
is a layering.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log2, prod
from typing import Any, TypeAlias

Vertex: TypeAlias = Any
"""Anything that can be a key."""
Neighbours: TypeAlias = "Mapping[Vertex, set[Vertex]]"
MOST_STARTS = 12
"""Breadth-first searches, at most."""
SMALL = 1 << 12
"""Layers that follow each other are made one if their product is not larger than this."""


def layered(sizes: Mapping[Vertex, int], beside: Neighbours, most: int) -> list[tuple[Vertex, ...]] | None:
    """The vertices in layers whose products of sizes are at most `most`, or None if no such row was found.

    `beside` has the neighbours of every vertex. Small layers that follow each other are made one.

    >>> stages = {"d1": {"w1"}, "w1": {"d1", "w2"}, "w2": {"w1", "d2"}, "d2": {"w2"}}
    >>> layered(dict.fromkeys(stages, 10), stages, 100)
    [('d1', 'w1'), ('w2', 'd2')]
    """
    row: list[tuple[Vertex, ...]] = []
    left: dict[Vertex, None] = dict.fromkeys(sizes)
    while left:
        component = _reached([next(iter(left))], beside)
        vertices = [vertex for vertex in left if vertex in component]
        found = _best(vertices, sizes, beside, most)
        if found is None:
            return None
        row += found
        left = {vertex: None for vertex in left if vertex not in component}
    return _merged(row, sizes, min(most, SMALL))


def _reached(start: Sequence[Vertex], beside: Neighbours) -> dict[Vertex, int]:
    """The distance of every vertex that can be reached from the nearest of some."""
    distances = dict.fromkeys(start, 0)
    queue = list(start)
    for vertex in queue:
        for other in beside[vertex]:
            if other not in distances:
                distances[other] = distances[vertex] + 1
                queue.append(other)
    return distances


def _best(
    vertices: Sequence[Vertex], sizes: Mapping[Vertex, int], beside: Neighbours, most: int
) -> list[tuple[Vertex, ...]] | None:
    """The best layering of a connected component."""
    end = list(_reached(list(_reached(vertices[:1], beside))[-1:], beside))[-1]
    starts = [(end,), *[(end, vertex) for vertex in vertices if vertex in beside[end]]]
    starts += [(vertex,) for vertex in vertices if vertex != end]
    best: dict[Vertex, int] = {}
    least: tuple[float, float] | None = None
    for start in starts[:MOST_STARTS]:
        levels = _reached(start, beside)
        value = _improve(levels, sizes, beside, most)
        if least is None or value < least:
            best, least = levels, value
    if least is None or least[0] > 0:
        return None
    numbers = sorted(set(best.values()))
    return [tuple([vertex for vertex in vertices if best[vertex] == number]) for number in numbers]


def _value(
    levels: Mapping[Vertex, int], sizes: Mapping[Vertex, int], beside: Neighbours, most: int
) -> tuple[float, float]:
    """What makes a layering bad: layers beyond the limit; then edges between layers, and the entries of all layers.

    Every edge is seen from both ends; one more counts as much as twice as many entries.
    """
    products: dict[int, int] = {}
    for vertex, level in levels.items():
        products[level] = products.get(level, 1) * sizes[vertex]
    excess = sum([log2(each / most) for each in products.values() if each > most])
    crossing = sum([levels[one] != levels[other] for one in levels for other in beside[one]])
    return excess, crossing + 2 * log2(sum(products.values()))


def _improve(
    levels: dict[Vertex, int], sizes: Mapping[Vertex, int], beside: Neighbours, most: int
) -> tuple[float, float]:
    """Move vertices to a neighbouring layer as long as that makes the layering better; return its value."""
    least = _value(levels, sizes, beside, most)
    moved = True
    while moved:
        moved = False
        for vertex in list(levels):
            before = levels[vertex]
            for level in (before - 1, before + 1):
                if all([abs(levels[other] - level) <= 1 for other in beside[vertex]]):
                    levels[vertex] = level
                    value = _value(levels, sizes, beside, most)
                    if value < least:
                        least, before, moved = value, level, True
                    levels[vertex] = before
    return least


def _merged(row: list[tuple[Vertex, ...]], sizes: Mapping[Vertex, int], most: int) -> list[tuple[Vertex, ...]]:
    """The row with layers that follow each other made one where the product stays within the limit."""
    row = list(row)
    while len(row) > 1:
        products = [prod([sizes[vertex] for vertex in (*a, *b)]) for a, b in pairwise(row)]
        place = products.index(min(products))
        if products[place] > most:
            break
        row[place : place + 2] = [row[place] + row[place + 1]]
    return row
