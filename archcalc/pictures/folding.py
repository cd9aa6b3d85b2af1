"""A network folded for a picture: which rows are one box, and how the boxes are joined.

Blocks are opened down to a depth; deeper ones are one box. Consecutive equal blocks are drawn once, with their number.
A block is opened further where folding it would make a cycle: FractalNet's columns read each other's outputs, so that
two columns as two boxes would each come before the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from archcalc.algebra.dims import Shape
from archcalc.analysis.structure import Joined, Structure
from archcalc.pictures.tree import Block, RepeatedParts, tree

MOST_NODES = 90
"""The most boxes of a picture by default: GoogLeNet's 82 rows are legible, ResNet-152's 209 are not."""
MOST_PLACES = 150
"""The most places, boxes one after another times boxes side by side, of a picture by default: a page holds no more."""
MOST_JOINS = 1.5
"""The most arrows for each box of a picture by default: NASNet's cells with their inner boxes have 1.9, and tangle."""


class PictureNode(NamedTuple):
    """A node of the picture, or a cluster if it has `items`."""

    id: str
    label: str
    block: Block | None
    items: list[PictureNode]


class PictureEdge(NamedTuple):
    """A join of two boxes, with what is said of it."""

    begin: str
    end: str
    said: str


class Place(NamedTuple):
    """The node in which a row is drawn, and the copy of each run around it."""

    node: str
    copies: tuple[tuple[str, int], ...]


def folded(structure: Structure, depth: int | None = None) -> Folding:
    """The network with its blocks opened down to `depth` (0: every row on its own), by default as far as is legible."""
    root = tree(structure.rows)
    if depth is not None:
        return _acyclic(root, structure.rows, depth)
    best = _acyclic(root, structure.rows, 1)
    while best.closed:
        deeper = _acyclic(root, structure.rows, best.depth + 1)
        if not deeper.legible:
            break
        best = deeper
    return best


def _acyclic(root: Block, rows: Sequence[Joined], depth: int) -> Folding:
    """The folding at a depth, opened further where boxes would be joined in a cycle."""
    opened: set[str] = set()
    while True:
        found = Folding(root, rows, depth, opened)
        cycle = in_cycles([(edge.begin, edge.end) for edge in found.edges])
        boxes = {item.removesuffix(".*") for item in cycle if item.endswith(".*")}
        if not boxes:
            return found
        opened |= boxes


class Folding:
    """The boxes and clusters of a network at one depth, the joins between them, and the place of each row."""

    def __init__(self, root: Block, rows: Sequence[Joined], depth: int, opened: Iterable[str] = ()) -> None:
        """`opened` are paths of blocks that are opened whatever the depth."""
        self.depth = depth
        self.opened = frozenset(opened)
        self.rows = rows
        self.closed = False
        """True if a block was drawn as one box."""
        self.shapes: dict[str, list[Shape]] = {}
        """The output of every node, once for each block that it stands for."""
        self.places: dict[str, Place] = {}
        self.times: dict[str, int] = {}
        """The number of copies of every run."""
        self.parallel: set[str] = set()
        self.items = self._open(root, 1, ())
        self.edges = self._edges(rows)

    @property
    def legible(self) -> bool:
        """True if a page holds the picture with legible letters."""
        ranks = list(self.ranks().values())
        beside = max([ranks.count(rank) for rank in set(ranks)])
        boxes = len(self.shapes)
        places = (max(ranks) + 1) * beside
        return boxes <= MOST_NODES and places <= MOST_PLACES and len(self.edges) <= MOST_JOINS * boxes

    def ranks(self) -> dict[str, int]:
        """For every node the number of nodes before it on the longest path."""
        before: dict[str, list[str]] = {node: [] for node in self.shapes}
        for edge in self.edges:
            before[edge.end].append(edge.begin)
        found: dict[str, int] = {}
        for node in in_order(before):
            found[node] = max([found[each] + 1 for each in before[node]], default=0)
        return found

    def members(self) -> dict[str, list[Joined]]:
        """The rows that every node stands for, those of all copies too; each row is in one node."""
        found: dict[str, list[Joined]] = {node: [] for node in self.shapes}
        for row in self.rows:
            found[self.places[row.layer.row].node].append(row)
        return found

    def _open(self, block: Block, level: int, copies: tuple[tuple[str, int], ...]) -> list[PictureNode]:
        items: list[PictureNode] = []
        for run in block.runs if self.depth else [RepeatedParts([[part]]) for part in block.parts]:
            times = len(run.copies)
            first = run.copies[0]
            if times == 1:
                items.append(self._part(first[0], first[0].name, level, copies))
                continue
            name = f"{first[0].path} x"
            self.times[name] = times
            one = (*copies, (name, 0))
            if run.parallel:
                self.parallel.add(name)
            count = f"\u00d7 {times}{' in parallel' if run.parallel else ''}"
            drawn = [
                self._part(
                    part,
                    _names([copy[i].name for copy in run.copies]) + (f" ({count})" if len(first) == 1 else ""),
                    level,
                    one,
                )
                for i, part in enumerate(first)
            ]
            for number, copy in enumerate(run.copies[1:], 1):
                self._repeat(first, copy, len(copies), number)
            items += drawn if len(first) == 1 else [PictureNode(name, count, None, drawn)]
        return items

    def _part(self, part: Block, label: str, level: int, copies: tuple[tuple[str, int], ...]) -> PictureNode:
        if not part.parts:
            return self._node(part.path, label, part, copies)
        if self.depth and level >= self.depth and part.path not in self.opened:
            self.closed = True
            return self._node(f"{part.path}.*", label, part, copies)
        return PictureNode(part.path, label, None, self._open(part, level + 1, copies))

    def _node(self, node: str, label: str, part: Block, copies: tuple[tuple[str, int], ...]) -> PictureNode:
        self.shapes[node] = [part.rows[-1].layer.output_shape]
        self.places.update({row.layer.row: Place(node, copies) for row in part.rows})
        return PictureNode(node, label, part, [])

    def _repeat(self, first: list[Block], copy: list[Block], run: int, number: int) -> None:
        """Give the rows of a copy the places of the first copy's rows."""
        for one, other in zip(first, copy, strict=True):
            last: dict[str, Shape] = {}
            for drawn, row in zip(one.rows, other.rows, strict=True):
                node, copies = self.places[drawn.layer.row]
                name, _ = copies[run]
                self.places[row.layer.row] = Place(node, (*copies[:run], (name, number), *copies[run + 1 :]))
                last[node] = row.layer.output_shape
            for node, shape in last.items():
                self.shapes[node].append(shape)

    def _edges(self, rows: Sequence[Joined]) -> list[PictureEdge]:
        """The joins, each once. A join into a run enters its first copy; between copies there are none.

        A join that leaves a stage and skips the next is labelled with its shape; one that leaves a copy before the last
        of a sequence, with the row that it comes from.
        """
        order = {stage: i for i, stage in enumerate(dict.fromkeys([_stage(row.layer.row) for row in rows]))}
        shapes = {row.layer.row: row.layer.output_shape for row in rows}
        found: dict[tuple[str, str], PictureEdge] = {}
        for row in rows:
            end, inside = self.places[row.layer.row]
            for source in row.inputs:
                begin, around = self.places[source]
                numbers = dict(around)
                if begin == end or any([numbers.get(name, 0) != number for name, number in inside]):
                    continue
                entered = dict(inside)
                early = any(
                    [
                        name not in entered and number + 1 < self.times[name] and name not in self.parallel
                        for name, number in around
                    ]
                )
                far = source != _stage(source) and order[_stage(row.layer.row)] - order[_stage(source)] > 1
                said = ", ".join([source] * early + [sizes(shapes[source])] * far)
                found.setdefault((begin, end), PictureEdge(begin, end, said))
        return list(found.values())


def in_order(before: Mapping[str, Sequence[str]]) -> list[str]:
    """The keys, each after those before it; those in cycles and after cycles are left out."""
    after: dict[str, list[str]] = {node: [] for node in before}
    waits = {node: len(each) for node, each in before.items()}
    for node, each in before.items():
        for one in each:
            after[one].append(node)
    ready = [node for node in before if not waits[node]]
    for node in ready:
        for each in after[node]:
            waits[each] -= 1
            if not waits[each]:
                ready.append(each)
    return ready


def in_cycles(edges: Sequence[tuple[str, str]]) -> set[str]:
    """The nodes that lie on cycles, or on a path from one cycle to another."""
    forward: dict[str, list[str]] = {end: [] for edge in edges for end in edge}
    backward: dict[str, list[str]] = {node: [] for node in forward}
    for begin, end in edges:
        forward[end].append(begin)
        backward[begin].append(end)
    return forward.keys() - set(in_order(forward)) - set(in_order(backward))


def sizes(shape: Sequence[object]) -> str:
    """An output shape as channels \u00d7 height \u00d7 width, as in tables."""
    return "\u00d7".join(map(str, shape))


def _stage(row: str) -> str:
    return row.partition(".")[0]


def _names(names: Sequence[str]) -> str:
    """The names of equal blocks: denselayer1 to 6."""
    stem = names[0].rstrip("0123456789")
    numbers = [name[len(stem) :] for name in names]
    if len(names) > 2 and numbers[0] and all([name.startswith(stem) for name in names]):
        begin = int(numbers[0])
        if numbers == [str(begin + i) for i in range(len(numbers))]:
            return f"{names[0]} to {numbers[-1]}"
    return ", ".join(names) if len(names) <= 3 else f"{names[0]}, {names[1]}, ... {names[-1]}"
