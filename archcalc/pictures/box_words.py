"""Words of the boxes of pictures: what a layer or a block is, its output and its cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import Shape
from archcalc.analysis.structure import Joined
from archcalc.graph import HEADING
from archcalc.pictures.folding import PictureNode, sizes
from archcalc.pictures.key import KEY, KeyEntry, key_of
from archcalc.pictures.steps import RowStep, Steps
from archcalc.pictures.tree import Block, summary
from archcalc.present.tables import human
from archcalc.present.words import phrase

NAMES = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "prelu": "PReLU",
    "silu": "SiLU",
    "gelu": "GELU",
    "elu": "ELU",
    "local_response_norm": "LRN",
}
"""Words of operations whose names are not just their letters with spaces."""


SAID = ("norm", "activation")
"""The roles of operations that boxes name when asked for detail."""


class NodeWords(NamedTuple):
    """The words of a box: its name, what it does, the steps beside (empty unless asked for), its output and cost."""

    name: str
    what: str
    steps: str
    size: str
    cost: str
    share: float
    """Its cost as a share of that of the box with the largest."""
    entry: KeyEntry
    tip: str

    def lines(self) -> list[str]:
        """The words in lines, each once."""
        first = [self.name, *([self.what] if self.what != self.name else [])]
        return [*first, *([self.steps] if self.steps else []), " · ".join(filter(None, (self.size, self.cost)))]


class BoxFacts(NamedTuple):
    """The facts of a box from which its words are made."""

    item: PictureNode
    block: Block
    rows: Sequence[Joined]
    """The rows that it stands for, those of all copies too."""
    shapes: Sequence[Shape]
    """Its output, once for each copy."""
    amount: Any
    """Its cost."""
    share: float
    """Its cost as a share of that of the box with the largest."""


def row_words(facts: BoxFacts, steps: Steps | None) -> NodeWords:
    """The words of a row, or of a block that is one box: what it does, its output, its cost."""
    head = facts.block.rows[0]
    shapes = [sizes(shape) for shape in facts.shapes]
    if facts.block.parts:
        what, said = summary(facts.block.rows), ""
    else:
        what = crossed(phrase(head.layer))
        said = "" if steps is None else beside(head, steps.get(head.layer.row, ()))
    return NodeWords(
        facts.item.label,
        what,
        said,
        shapes[0] if len(set(shapes)) == 1 else f"{shapes[0]} to {shapes[-1]}",
        count(facts.amount) if facts.amount else "",
        facts.share,
        KEY["block"] if facts.block.parts else key_of(head.role, head.layer.op),
        f"{facts.block.path}: {totals(facts.rows)}",
    )


def totals(rows: Sequence[Joined]) -> str:
    """The parameters and mult-adds of rows."""
    params, mult_adds = sum([row.layer.params for row in rows]), sum([row.layer.mult_adds for row in rows])
    return f"{count(params)} parameters, {count(mult_adds)} mult-adds"


def beside(head: Joined, steps: Sequence[RowStep]) -> str:
    """The operations of a row besides its own, in order: batch norm, ReLU."""
    own = next((i for i, step in enumerate(steps) if step.op == head.layer.op), 0)
    said = [i for i, step in enumerate(steps) if i != own and (step.role in HEADING or step.role in SAID)]
    before = [word_of(steps[i].op) for i in said if i < own]
    after = [word_of(steps[i].op) for i in said if i > own]
    return "; ".join([*([f"after {', '.join(before)}"] if before else []), *([", ".join(after)] if after else [])])


def word_of(op: str) -> str:
    """An operation in words.

    >>> word_of("batch_norm"), word_of("relu")
    ('batch norm', 'ReLU')
    """
    return NAMES.get(op, op.replace("_", " "))


def crossed(words: str) -> str:
    """Words of tables with multiplication signs.

    >>> crossed("conv 3x3/2 p1")
    'conv 3\u00d73/2 p1'
    """
    return re.sub(r"(?<=\d)x(?=\d)", "\u00d7", words)


def count(value: Any) -> str:
    """A count in up to four digits with a unit: 236.3 M.

    >>> count(236_300_000), count(120)
    ('236.3 M', '120')
    """
    return re.sub(r"(?<=\d)([KMGTP])$", r" \1", human(value))
