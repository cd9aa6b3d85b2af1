"""Pictures of networks: their rows and the connections between them, in Graphviz's DOT language.

A picture opens the tree of blocks down to a depth; deeper parts are one box. Consecutive equal blocks are drawn once,
with their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archcalc.algebra.dims import Shape
from archcalc.analysis.results import settings_text
from archcalc.analysis.structure import Joined, Structure
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.pictures.tree import Block, RepeatedParts, runs, summary, tree
from archcalc.present.tables import human
from archcalc.present.words import by_all, output, phrase

MOST_NODES = 90
"""The most nodes of a picture by default: GoogLeNet's 82 rows are legible, ResNet-152's 209 are not."""

STYLES = {
    "input": 'shape=oval, fillcolor="#ffffff"',
    "conv": 'shape=box, fillcolor="#a3d0f2"',
    "linear": 'shape=box, style="filled,diagonals", fillcolor="#f7e48b"',
    "pool": 'shape=box, style="filled,rounded", fillcolor="#eda268"',
    "merge": 'shape=oval, margin="0.02,0.02", fillcolor="#e4e4e4"',
    "block": 'shape=box, peripheries=2, fillcolor="#edf3f7"',
}
"""A distinct outline for each kind; colours after Okabe and Ito repeat the distinction."""
OTHER = 'shape=box, style="filled,dashed", fillcolor="#ffffff"'

SETTINGS = """\
  graph [labelloc=t, fontname="Helvetica,Arial,sans-serif", fontsize=16, nodesep=0.2, ranksep=0.28];
  node [style=filled, fontname="Helvetica,Arial,sans-serif", fontsize=11, width=1.3, height=0.3, color="#404040"];
  edge [fontname="Helvetica,Arial,sans-serif", fontsize=10, color="#404040", arrowsize=0.6];
"""


class PictureNode(NamedTuple):
    """A node of the picture, or a cluster if it has `items`."""

    id: str
    label: str
    block: Block | None
    items: list[PictureNode]


class Place(NamedTuple):
    """The node in which a row is drawn, and the copy of each run around it."""

    node: str
    copies: tuple[tuple[str, int], ...]


def draw(structure: Structure, depth: int | None = None) -> str:
    """A network as DOT text: blocks opened down to `depth` (0: every row on its own), by default as far as is legible.

    The text depends on the arguments only.
    """
    root = tree(structure.rows)
    if depth is None:
        picture = _Picture(root, 1)
        while len(picture.shapes) <= MOST_NODES and picture.closed:
            deeper = _Picture(root, picture.depth + 1)
            if len(deeper.shapes) > MOST_NODES:
                break
            picture = deeper
    else:
        picture = _Picture(root, depth)
    changed = "".join(f", {each}" for each in settings_text(structure.changed))
    title = f"{structure.architecture}{changed}, input {by_all(structure.inputs)}"
    return (
        f"digraph {quoted(structure.architecture)} {{\n{SETTINGS}  label={text(title)};\n"
        + "\n".join([*picture.lines(picture.items, "  "), *picture.edges(structure.rows)])
        + "\n}\n"
    )


class _Picture:
    """The nodes and clusters of a picture at one depth, and the place of each row in it."""

    def __init__(self, root: Block, depth: int) -> None:
        self.depth = depth
        self.closed = False
        """True if a block was drawn as one box."""
        self.shapes: dict[str, list[Shape]] = {}
        """The output of every node, once for each block that it stands for."""
        self.places: dict[str, Place] = {}
        self.times: dict[str, int] = {}
        """The number of copies of every run."""
        self.parallel: set[str] = set()
        self.items = self._open(root.parts, 1, ())

    def _open(self, parts: Sequence[Block], level: int, copies: tuple[tuple[str, int], ...]) -> list[PictureNode]:
        items: list[PictureNode] = []
        for run in runs(parts) if self.depth else [RepeatedParts([[part]]) for part in parts]:
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
            count = f"x {times}{' in parallel' if run.parallel else ''}"
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
        if self.depth and level >= self.depth:
            self.closed = True
            return self._node(f"{part.path}.*", label, part, copies)
        return PictureNode(part.path, label, None, self._open(part.parts, level + 1, copies))

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

    def lines(self, items: Sequence[PictureNode], indent: str) -> list[str]:
        """The nodes and clusters as DOT."""
        written: list[str] = []
        for item in items:
            if item.block is not None:
                written.append(f"{indent}{quoted(item.id)} [{self._attributes(item, item.block)}];")
                continue
            written += [
                f"{indent}subgraph {quoted(f'cluster_{item.id}')} {{",
                f'{indent}  graph [label={text(item.label)}, labeljust=l, fontsize=12, style="rounded,filled", '
                f'color="#808080", fillcolor="{"#f6f6f6" if len(indent) % 4 == 2 else "#ffffff"}"];',
                *self.lines(item.items, indent + "  "),
                f"{indent}}}",
            ]
        return written

    def _attributes(self, item: PictureNode, block: Block) -> str:
        shapes = [output(shape) for shape in self.shapes[item.id]]
        size = shapes[0] if len(set(shapes)) == 1 else f"{shapes[0]} to {shapes[-1]}"
        params = sum([row.layer.params for row in block.rows])
        mult_adds = sum([row.layer.mult_adds for row in block.rows])
        tip = f"{block.path}: {human(params)} params, {human(mult_adds)} mult-adds"
        if block.parts:
            what, style = summary(block.rows), STYLES["block"]
        else:
            what, style = phrase(block.rows[0].layer), STYLES.get(block.rows[0].role, OTHER)
        said = [item.label, *([what] if what != item.label else []), size]
        order = ", ordering=in" if block.rows[-1].layer.op == "concat" and not block.parts else ""
        return f"label={text(*said)}, tooltip={text(tip)}, {style}{order}"

    def edges(self, rows: Sequence[Joined]) -> list[str]:
        """The edges as DOT, each once. An edge into a run enters its first copy; between copies there are none.

        An edge that leaves a stage and skips the next is labelled with its shape; one that leaves a copy before the
        last of a sequence, with the row that it comes from.
        """
        order = {stage: i for i, stage in enumerate(dict.fromkeys([_stage(row.layer.row) for row in rows]))}
        shapes = {row.layer.row: row.layer.output_shape for row in rows}
        written: dict[tuple[str, str], str] = {}
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
                said = ", ".join([source] * early + [output(shapes[source])] * far)
                label = f" [label={text(said)}]" if said else ""
                written.setdefault((begin, end), f"  {quoted(begin)} -> {quoted(end)}{label};")
        return list(written.values())


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
