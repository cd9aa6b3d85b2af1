"""The order of a network's ops in which least memory is alive at once at inference."""

from __future__ import annotations

import heapq
from typing import Any

from archcalc.analysis.cost import costs
from archcalc.analysis.memory.footprint import last_uses, storages
from archcalc.graph import Graph

MOST_CHECKS = 400_000
"""The most ops that are looked at in the search of one part of a network, over all sets of finished ops."""


def best_order_peak(graph: Graph) -> tuple[int, bool]:
    """The smallest possible peak of elements alive at once for one image, and True if it is proven.

    No order needs less than the largest op with its inputs. Where the written order needs more, the network is cut at
    every op after which a single value is alive, and the orders of each part are searched: Dijkstra's algorithm on sets
    of finished ops, where the length of a path is its peak. A part with too many sets keeps its written order, and the
    peak is then an upper bound. Only for counts that are numbers.

    >>> from archcalc import Request
    >>> best_order_peak(Request.of("regnetx_400mf").graph)
    (903168, True)
    """
    search = _Orders(graph)
    peak, proven = search.least(), True
    for part in search.parts:
        written = search.written(part)
        if written > peak:
            found = search.best(part, peak)
            proven = proven and found is not None
            peak = max(peak, written if found is None else found)
    return peak, proven


class _Orders:
    """The orders of a graph's ops."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        facts = [each.memory for each in graph.facts]
        elements: Any = [each.activations for each in costs(graph)]
        self.storage = storages(graph, facts, ("always", "inference"))
        self.size = [
            elements[index] if root == index and facts[index].shares != "weights" else 0
            for index, root in enumerate(self.storage)
        ]
        self.last = last_uses(graph, self.storage)
        self.readers: dict[int, list[int]] = {}
        for index, node in enumerate(graph.nodes):
            for source in node.inputs:
                self.readers.setdefault(self.storage[source], []).append(index)
        self.parts = self._parts()

    def _parts(self) -> list[range]:
        """Ranges of nodes between those after which one storage alone is alive."""
        parts: list[range] = []
        alive: set[int] = set()
        start = 0
        for index, root in enumerate(self.storage):
            alive = {each for each in alive | {root} if self.size[each] and self.last[each] > index}
            if alive == {root} or index == len(self.storage) - 1:
                parts.append(range(start, index + 1))
                start = index + 1
        return parts

    def least(self) -> int:
        """The most that a single op needs for its inputs and its output."""
        held = [{self.storage[each] for each in (*node.inputs, index)} for index, node in enumerate(self.nodes)]
        return max([sum([self.size[each] for each in storages]) for storages in held])

    def _given(self, part: range) -> set[int]:
        """The storage that is alive when a part begins."""
        return {self.storage[part.start - 1]} if part.start else set()

    def written(self, part: range) -> int:
        """The peak of a part in its written order."""
        held = self._given(part)
        peak = 0
        for index in part:
            held.add(self.storage[index])
            peak = max(peak, sum([self.size[each] for each in held]))
            held = {each for each in held if self.last[each] > index}
        return peak

    def best(self, part: range, least: int) -> int | None:
        """The smallest peak of a part that is not below `least`; None if there are too many sets."""
        start, count = part.start, len(part)
        needs = [sum({1 << source - start for source in self.nodes[index].inputs if source >= start}) for index in part]
        given = self._given(part)
        made = [self.storage[index] == index and self.size[index] > 0 for index in part]
        values = [*given, *[index for index, own in zip(part, made, strict=True) if own]]
        born = {value: 0 if value in given else 1 << value - start for value in values}
        reads = {value: self._reads(value, part) for value in values}
        best = {0: least}
        queue = [(least, 0, 0)]
        checks = 0
        while queue:
            peak, _, done = heapq.heappop(queue)
            if done == (1 << count) - 1:
                return peak
            if best[done] < peak:
                continue
            checks += count
            if checks > MOST_CHECKS:
                return None
            alive = sum([self.size[value] for value in values if born[value] & ~done == 0 and reads[value] & ~done])
            for place, needed in enumerate(needs):
                if needed & ~done == 0 and not done >> place & 1:
                    after = done | 1 << place
                    higher = max(peak, alive + (self.size[start + place] if made[place] else 0))
                    if higher < best.get(after, higher + 1):
                        best[after] = higher
                        heapq.heappush(queue, (higher, -after.bit_count(), after))
        return None

    def _reads(self, value: int, part: range) -> int:
        """The ops of a part that read a storage, as bits, and one more bit if it outlives the part."""
        reads = sum({1 << reader - part.start for reader in self.readers.get(value, []) if reader in part})
        return reads | (1 << len(part) if self.last[value] >= part.stop else 0)
