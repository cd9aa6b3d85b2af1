"""The block view: one block or cell as papers print it, with sizes at the arrows, or a network's kinds of blocks.

Each box has a layer with its kernel, stride and channels, then normalisation and activation in small type; arrows have
the size of what they carry (height, width, channels), each once. Without a path the network's most frequent kinds of
blocks are drawn side by side, each with its number. Graphviz lays a block out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from archcalc.analysis.results import Layer
from archcalc.analysis.structure import Joined, Structure
from archcalc.pictures import units
from archcalc.pictures.box_words import BoxFacts, NodeWords, beside, count, totals
from archcalc.pictures.chains import chain_words, layer_words
from archcalc.pictures.folding import Folding, folded
from archcalc.pictures.graph_sheet import GREY, MARGIN, SMALL, laid_out, legend, network
from archcalc.pictures.graph_view import COSTS, Costs, GraphView
from archcalc.pictures.graphviz import GraphLayout
from archcalc.pictures.key import KEY, KeyEntry, key_of
from archcalc.pictures.steps import Steps
from archcalc.pictures.svg import sheet, written
from archcalc.pictures.tree import Block
from archcalc.present.typeface import text_width

MOST_BOXES = 26
"""The most boxes of one block; inner chains of layers are one box where there would be more."""
HEAD = 11.0
BETWEEN = 28.0
"""The room between blocks side by side."""
PAGE = (510.0, 690.0)
"""The width and height in points for which blocks are set side by side: 180 mm x 243 mm."""
END = KeyEntry("none", "none", "", "end")
"""An end of an arrow that enters or leaves the block: words without a box."""


class DrawnBlock(NamedTuple):
    """A block that is laid out: its lines of title, and its place."""

    kind: units.BlockKind
    view: GraphView
    placed: GraphLayout
    title: str
    notes: list[str]

    @property
    def width(self) -> float:
        lines = [text_width(self.title, HEAD, bold=True), *[text_width(note, SMALL) for note in self.notes]]
        return max([self.placed.width, *lines])

    @property
    def head(self) -> float:
        return HEAD * 1.3 + SMALL * 1.3 * len(self.notes) + 4

    @property
    def height(self) -> float:
        return self.head + self.placed.height


def draw(
    structure: Structure,
    steps: Steps,
    path: str | None = None,
    *,
    direction: str = "down",
    costs: Costs = "mult_adds",
    reproducible: bool = False,
) -> str:
    """A block of a network, or its most frequent kinds, as SVG text.

    Raises ArchcalcError for a path that is no block, for a network without blocks, and without Graphviz.
    """
    found = units.blocks(structure)
    if path is None:
        if not found:
            raise units.without_blocks(structure)
        chosen = units.typical(found)
    else:
        chosen = [units.BlockKind([units.find(structure, path)])]
    alike = {block.path: kind for kind in units.kinds(found) for block in kind.blocks}
    drawn = [_drawn(structure, steps, kind, alike, direction, costs, reproducible) for kind in chosen]
    left_out = len(units.kinds(found)) - len(chosen) if path is None else 0
    return _sheet(structure, drawn, left_out)


def _drawn(
    structure: Structure,
    steps: Steps,
    kind: units.BlockKind,
    alike: Mapping[str, units.BlockKind],
    direction: str,
    costs: Costs,
    reproducible: bool,
) -> DrawnBlock:
    block = kind.blocks[0]
    sub, ends = cut_out(structure, block)
    folding = _folding(sub)
    view = GraphView(sub, folding, partial(_words, steps=steps, block=block, ends=ends), direction, costs)
    _size_arrows(view)
    placed = laid_out(view, reproducible=reproducible)
    whole = alike.get(block.path, kind)
    number = len(whole.blocks)
    title = f"{block.path} (\u00d7 {number})" if number > 1 else block.path
    notes = [*units.places(whole), totals(block.rows)]
    return DrawnBlock(kind, view, placed, title, notes)


def cut_out(structure: Structure, block: Block) -> tuple[Structure, dict[str, KeyEntry]]:
    """A block as a network of its own: its rows, an input for every row outside that it reads, and its outputs.

    Labels are relative to the block; those of inputs and outputs, which are ends of arrows, are returned too.
    """
    prefix = f"{block.path}."
    inside = {row.layer.row for row in block.rows}
    shapes = {row.layer.row: row.layer for row in structure.rows}
    sources = list(dict.fromkeys([each for row in block.rows for each in row.inputs if each not in inside]))
    rows = [_end(shapes[source], f"from {source.replace('.', '/')}", ()) for source in sources]
    named = {source: f"from {source.replace('.', '/')}" for source in sources}
    named |= {row: row.removeprefix(prefix) for row in inside}
    for row in block.rows:
        layer = row.layer._replace(row=named[row.layer.row])
        rows.append(row._replace(layer=layer, inputs=tuple([named[each] for each in row.inputs])))
    for source, readers in _read_outside(structure, inside).items():
        rows.append(_end(shapes[source], f"to {readers} of {source}".replace(".", "/"), (named[source],)))
    ends = {row.layer.row: END for row in rows if row.layer.op == "end"}
    return structure._replace(rows=tuple(rows)), ends


def _read_outside(structure: Structure, inside: set[str]) -> dict[str, int]:
    """The rows of a block that others read, or that are the network's output, and how many read them."""
    found: dict[str, int] = {}
    read = {each for row in structure.rows for each in row.inputs}
    for row in structure.rows:
        if row.layer.row in inside:
            if row.layer.row not in read:
                found[row.layer.row] = 0
            continue
        for source in row.inputs:
            if source in inside:
                found[source] = found.get(source, 0) + 1
    return found


def _end(like: Layer, name: str, inputs: tuple[str, ...]) -> Joined:
    empty = like._replace(name=name, row=name, op="end", attributes={}, params=0, mult_adds=0, activations=0)
    return Joined(empty, "layout", inputs)


def _folding(sub: Structure) -> Folding:
    """The block with its inner parts opened as far as `MOST_BOXES` allows."""
    best = folded(sub, 1)
    while best.closed:
        deeper = folded(sub, best.depth + 1)
        if len(deeper.shapes) > MOST_BOXES:
            break
        best = deeper
    return best


def _words(facts: BoxFacts, steps: Steps, block: Block, ends: Mapping[str, Any]) -> NodeWords:
    head = facts.block.rows[0]
    if facts.block.path in ends:
        said = facts.block.path.partition(" ")[2].replace("/", ".") if head.inputs == () else ""
        name = "input" if head.inputs == () else "output"
        return NodeWords(name, said or name, "", "", "", 0.0, END, facts.block.path)
    cost = count(facts.amount) if facts.amount else ""
    tip = f"{block.path}.{facts.block.path}: {totals(facts.rows)}"
    if facts.block.parts:
        name = chain_words(facts.block.rows)
        return NodeWords(name, name, "", facts.item.label, cost, facts.share, KEY["block"], tip)
    own = f"{block.path}.{facts.block.path}"
    said = beside(head, steps.get(own, ()))
    name = layer_words(head.layer)
    label = facts.item.label if facts.item.label not in (name, head.layer.op) else ""
    return NodeWords(name, name, said, label, cost, facts.share, key_of(head.role, head.layer.op), tip)


def _size_arrows(view: GraphView) -> None:
    """Put the size of every box's output at one arrow from it, where possible at that of the longest path."""
    told: dict[str, int] = {}
    edges = view.folding.edges
    order = sorted(range(len(edges)), key=lambda i: ((edges[i].begin, edges[i].end) not in view.main, i))
    for i in order:
        told.setdefault(edges[i].begin, i)
        edges[i] = edges[i]._replace(said="")
    for begin, i in told.items():
        shape = view.folding.shapes[begin][0]
        edges[i] = edges[i]._replace(said=image_size(shape))


def image_size(shape: Sequence[Any]) -> str:
    """A size as papers print it at arrows: height \u00d7 width \u00d7 channels.

    >>> image_size((256, 56, 56)), image_size((1000,))
    ('56 \u00d7 56 \u00d7 256', '1000')
    """
    return " \u00d7 ".join(map(str, [*shape[1:], shape[0]]))


def _shelves(drawn: Sequence[DrawnBlock]) -> list[list[DrawnBlock]]:
    """The blocks in rows, so that the letters are as large as may be on a page."""

    def scale(rows: list[list[DrawnBlock]]) -> float:
        wide = max([sum([each.width + BETWEEN for each in row]) for row in rows])
        high = sum([max([each.height for each in row]) + 14 for row in rows])
        return min(PAGE[0] / wide, PAGE[1] / high, 1.0)

    splits = product((False, True), repeat=len(drawn) - 1)
    packed: list[list[list[DrawnBlock]]] = []
    for split in splits:
        rows = [[drawn[0]]]
        for each, new in zip(drawn[1:], split, strict=True):
            if new:
                rows.append([each])
            else:
                rows[-1].append(each)
        packed.append(rows)
    return max(packed, key=scale)


def _sheet(structure: Structure, drawn: Sequence[DrawnBlock], left_out: int) -> str:
    shelves = _shelves(drawn)
    wide = max([sum([each.width + BETWEEN for each in row]) - BETWEEN for row in shelves]) + 2 * MARGIN
    wide = max(wide, 300.0)
    body: list[str] = []
    y = MARGIN
    for row in shelves:
        gap = (wide - 2 * MARGIN - sum([each.width for each in row])) / len(row)
        x = MARGIN + gap / 2
        for each in row:
            body += _block(each, x, y)
            x += each.width + gap
        y += max([each.height for each in row]) + 14
    entries = [entry for entry in KEY.values() if any([entry in each.view.key for each in drawn])]
    words = ["at arrows: height \u00d7 width \u00d7 channels"]
    if any([each.view.most for each in drawn]):
        words.append(f"in boxes: {COSTS[drawn[0].view.costs]}; bar: share of the block's largest")
    if left_out > 0:
        words.append(f"{left_out} other kind{'s' if left_out > 1 else ''} of block not drawn: --block")
    lines, end = legend(entries, words, wide, y - 6)
    names = ", ".join([each.title for each in drawn])
    title = f"{structure.architecture}: {names}"
    said = [f"{each.title}: {', '.join([words.name for words in each.view.words.values()])}" for each in drawn]
    return sheet(wide, end + MARGIN / 2, title, ". ".join(said) + ".", [*body, *lines])


def _block(each: DrawnBlock, x: float, y: float) -> list[str]:
    middle = x + each.width / 2
    body = [written(middle, y + HEAD, each.title, HEAD, bold=True, anchor="middle")]
    for number, note in enumerate(each.notes):
        base = y + HEAD * 1.3 + SMALL * 1.3 * number + SMALL
        body.append(written(middle, base, note, SMALL, anchor="middle", fill=GREY))
    left = middle - each.placed.width / 2
    return [
        *body,
        f'<g transform="translate({left:.2f} {y + each.head:.2f})">',
        *network(each.view, each.placed),
        "</g>",
    ]
