"""The graph view of a network: boxes of layers and blocks, joined by arrows, in Graphviz's DOT language or as SVG.

DOT is for programs that draw it further; SVG is laid out by Graphviz and drawn by `graph_sheet`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from archcalc.analysis.results import settings_text
from archcalc.analysis.structure import Joined, Structure
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.pictures.box_words import BoxFacts, NodeWords, row_words, totals
from archcalc.pictures.folding import Folding, PictureNode, folded, sizes
from archcalc.pictures.key import KEY, KeyEntry
from archcalc.pictures.steps import Steps
from archcalc.present.typeface import text_width

Costs = Literal["mult_adds", "params", "activations", "none"]
COSTS: dict[Costs, str] = {"mult_adds": "mult-adds", "params": "parameters", "activations": "activations", "none": ""}
"""The costs that boxes can show, and their words."""
DIRECTIONS = {"down": "TB", "right": "LR"}

SHAPES = {
    "linear (dense)": 'shape=box, style="filled,diagonals"',
    "pooling": 'shape=box, style="filled,rounded"',
    "merge": 'shape=oval, margin="0.02,0.02"',
    "input": "shape=oval",
    "attention": "shape=octagon",
    "block, folded": "shape=box, peripheries=2",
}
"""A distinct outline for each kind, by its word in the key; a box for the others, dashed if the key says so."""

SETTINGS = """\
  graph [labelloc=t, fontname="Source Sans Pro,Helvetica,Arial,sans-serif", fontsize=14, nodesep=0.15, ranksep=0.21];
  node [style=filled, fontname="Source Sans Pro,Helvetica,Arial,sans-serif", fontsize=10, width=0.9, height=0.3];
  edge [fontname="Source Sans Pro,Helvetica,Arial,sans-serif", fontsize=9, color="#404040", arrowsize=0.6];
"""

Describe = Callable[[BoxFacts], NodeWords]


class GraphView:
    """A network folded for a picture, with the words of its boxes."""

    def __init__(
        self, structure: Structure, folding: Folding, describe: Describe, direction: str = "down", costs: Costs = "none"
    ) -> None:
        self.structure = structure
        self.folding = folding
        self.direction = DIRECTIONS[direction]
        self.costs: Costs = costs
        self.describe = describe
        self.members = self.folding.members()
        self.amounts = {node: self._amount(rows) for node, rows in self.members.items()}
        self.most = max(self.amounts.values(), default=0)
        self.main = longest_path(self.folding)
        self.words: dict[str, NodeWords] = {}
        self.room = 1.0
        self.ids: dict[str, str] = {}
        """For every node and cluster its name in the DOT that is laid out, where any label must come back as it is."""
        self._describe(self.folding.items)

    @classmethod
    def of(
        cls,
        structure: Structure,
        depth: int | None = None,
        *,
        direction: str = "down",
        costs: Costs = "mult_adds",
        steps: Steps | None = None,
    ) -> GraphView:
        """The view of a whole network; see `draw`."""
        return cls(structure, folded(structure, depth), partial(row_words, steps=steps), direction, costs)

    @property
    def title(self) -> str:
        """The name, the settings and the input of the network."""
        changed = "".join(f", {each}" for each in settings_text(self.structure.changed))
        inputs = " + ".join(map(sizes, self.structure.inputs))
        return f"{self.structure.architecture}{changed}, input {inputs}"

    @property
    def totals(self) -> str:
        """The parameters and mult-adds of the whole network."""
        return totals(self.structure.rows)

    @property
    def key(self) -> list[KeyEntry]:
        """The entries of the key that the picture uses, in the key's order."""
        used = {words.entry for words in self.words.values()}
        return [entry for entry in KEY.values() if entry in used]

    def _amount(self, rows: Sequence[Joined]) -> Any:
        return 0 if self.costs == "none" else sum([getattr(row.layer, self.costs) for row in rows])

    def _describe(self, items: Sequence[PictureNode]) -> None:
        for item in items:
            self.ids[item.id] = f"n{len(self.ids)}" if item.block is not None else f"cluster_{len(self.ids)}"
            if item.block is None:
                self._describe(item.items)
                continue
            amount = self.amounts[item.id]
            share = amount / self.most if amount else 0.0
            facts = BoxFacts(item, item.block, self.members[item.id], self.folding.shapes[item.id], amount, share)
            self.words[item.id] = self.describe(facts)

    def dot(self, measure: Callable[[NodeWords], tuple[float, float]] | None = None, times: float = 1.0) -> str:
        """The picture as DOT; with `measure`, boxes have the widths and heights in points that it gives, and frames are
        at least `times` as wide as their titles.
        """
        self.room = times
        legend = ", ".join([f"{COLOURS[entry.word]}: {entry.word}" for entry in self.key if entry.word in COLOURS])
        label = text(self.title, *([legend] if legend else [])) if measure is None else '""'
        head = f"digraph {quoted(self.structure.architecture)} {{\n{SETTINGS}"
        head += f"  graph [rankdir={self.direction}, newrank=true];\n  label={label};\n"
        body = [*self._lines(self.folding.items, "  ", measure), *self._edges(measure is not None)]
        return head + "\n".join(body) + "\n}\n"

    def _lines(self, items: Sequence[PictureNode], indent: str, measure: Any) -> list[str]:
        """The nodes and clusters as DOT."""
        written: list[str] = []
        for item in items:
            if item.block is not None:
                ordered = item.block.rows[-1].layer.op == "concat" and not item.block.parts
                order = ", ordering=in" if ordered else ""
                order += ", group=main" if any([item.id in edge for edge in self.main]) else ""
                name = quoted(item.id) if measure is None else self.ids[item.id]
                written.append(f"{indent}{name} [{self._attributes(item.id, measure)}{order}];")
                continue
            label = text(item.label) if measure is None else room(*cluster_room(item.label, self.room))
            name = quoted(f"cluster_{item.id}") if measure is None else self.ids[item.id]
            written += [
                f"{indent}subgraph {name} {{",
                f'{indent}  graph [label={label}, labeljust=l, fontsize=11, style="rounded,filled", '
                f'color="#808080", fillcolor="{"#f6f6f6" if len(indent) % 4 == 2 else "#ffffff"}"];',
                *self._lines(item.items, indent + "  ", measure),
                f"{indent}}}",
            ]
        return written

    def _attributes(self, node: str, measure: Any) -> str:
        words = self.words[node]
        if measure is not None:
            wide, high = measure(words)
            oval = words.entry.word in ("merge", "input")
            shape = "oval" if oval else "box"
            return f'label="", shape={shape}, fixedsize=true, width={wide / 72:.4f}, height={high / 72:.4f}'
        entry = words.entry
        shape = SHAPES.get(entry.word, 'shape=box, style="filled,dashed"' if entry.dashes else "shape=box")
        colours = f'fillcolor="{entry.fill}", color="{entry.stroke}"'
        return f"label={text(*words.lines())}, tooltip={text(words.tip)}, {shape}, {colours}"

    def _edges(self, measured: bool) -> list[str]:
        """The edges as DOT; those of the longest path are drawn as straight as may be."""
        main = self.main
        written: list[str] = []
        for begin, end, said in self.folding.edges:
            label = room(*label_room(said)) if measured else text(said)
            facts = [*([f"label={label}"] if said else []), *(["weight=6"] if (begin, end) in main else [])]
            given = f" [{', '.join(facts)}]" if facts else ""
            ends = (self.ids[begin], self.ids[end]) if measured else (quoted(begin), quoted(end))
            written.append(f"  {ends[0]} -> {ends[1]}{given};")
        return written


def draw(
    structure: Structure,
    depth: int | None = None,
    *,
    direction: str = "down",
    costs: Costs = "mult_adds",
    steps: Steps | None = None,
) -> str:
    """A network as DOT text: blocks opened down to `depth` (0: every row on its own), by default as far as is legible.

    `costs` are written in the boxes; with `steps` they name normalisations and activations too. The text depends on the
    arguments only.
    """
    return GraphView.of(structure, depth, direction=direction, costs=costs, steps=steps).dot()


COLOURS = {
    KEY["conv"].word: "red",
    KEY["pool"].word: "grey",
    KEY["merge"].word: "purple",
    KEY["linear"].word: "blue",
    KEY["attention"].word: "yellow",
    KEY["block"].word: "double frame",
}
"""The colours of the key in words, for the title of DOT."""


def longest_path(folding: Folding) -> set[tuple[str, str]]:
    """The joins on a longest path from an input to an output."""
    before: dict[str, list[str]] = {node: [] for node in folding.shapes}
    for edge in folding.edges:
        before[edge.end].append(edge.begin)
    ranks = folding.ranks()
    node = max(ranks, key=lambda each: ranks[each])
    found: set[tuple[str, str]] = set()
    while before[node]:
        earlier = max(before[node], key=lambda each: ranks[each])
        found.add((earlier, node))
        node = earlier
    return found


TITLE_SIZE, SAID_SIZE = 9.5, 8.0
"""Sizes of type in points: titles of clusters, and words at arrows."""


def cluster_room(label: str, times: float) -> tuple[float, float]:
    """The width and height in points that a cluster keeps for its title, or for a multiple of it."""
    return times * text_width(label, TITLE_SIZE, bold=True) + 12, TITLE_SIZE + 3


def label_room(said: str) -> tuple[float, float]:
    """The width and height in points of words at an arrow."""
    return text_width(said, SAID_SIZE) + 8, SAID_SIZE + 4


def room(wide: float, high: float) -> str:
    """An empty DOT label of a width and height in points."""
    size = f'fixedsize="true" width="{wide:.0f}" height="{high:.0f}"'
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr><td {size}></td></tr></table>>'


def quoted(name: str) -> str:
    """A name as a DOT identifier."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text(*lines: str) -> str:
    """Lines as a DOT label, with escapes and entities made harmless."""
    flat = [" ".join(line.split()).replace("&", "&amp;") for line in lines]
    return '"' + "\\n".join([quoted(line)[1:-1] for line in flat]) + '"'


def read_depth(given: str | None) -> int | None:
    """A depth for `draw`, read from text."""
    if given is None or given == "full":
        return None if given is None else 0
    if not (given.isascii() and given.isdigit() and len(given) <= 6 and int(given) > 0):
        raise ArchcalcError(f"--depth is a whole number from 1, or full, not {shown(given)}")
    return int(given)
