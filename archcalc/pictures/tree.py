"""Blocks of a network: its rows as the leaves of a tree, and equal blocks that follow each other.

A row's label is a path, stage.block.row; so labels alone say which blocks there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from archcalc.analysis.structure import Joined
from archcalc.graph import HEADING

LONGEST_PERIOD = 3
"""The longest pattern of alternating blocks that is searched for: Swin has two, with and without shifted windows."""


class Block:
    """A part of a network: one row, or a block with parts of its own."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.name = path.rpartition(".")[2]
        self.rows: list[Joined] = []
        self.parts: list[Block] = []

    @cached_property
    def runs(self) -> list[RepeatedParts]:
        """The parts in order, consecutive equal blocks together."""
        return runs(self.parts)

    def inner(self) -> list[tuple[str, Joined]]:
        """The rows, each with its path inside the block."""
        return [(row.layer.row[len(self.path) :], row) for row in self.rows]


class RepeatedParts(NamedTuple):
    """Consecutive equal parts of a block: `copies` of one or more parts each."""

    copies: list[list[Block]]
    parallel: bool = False


def tree(rows: Sequence[Joined]) -> Block:
    """The rows as leaves of a tree that follows their labels."""
    root = Block("")
    blocks: dict[str, Block] = {"": root}
    for row in rows:
        *outer, _ = row.layer.row.split(".")
        parent = root
        for count in range(1, len(outer) + 1):
            path = ".".join(outer[:count])
            if path not in blocks:
                blocks[path] = Block(path)
                parent.parts.append(blocks[path])
            parent = blocks[path]
            parent.rows.append(row)
        leaf = Block(row.layer.row)
        leaf.rows.append(row)
        parent.parts.append(leaf)
    return root


def runs(parts: Sequence[Block]) -> list[RepeatedParts]:
    """The parts in order, consecutive equal blocks together."""
    result: list[RepeatedParts] = []
    begin = 0
    while begin < len(parts):
        best = RepeatedParts([[parts[begin]]])
        for period in range(1, LONGEST_PERIOD + 1):
            run = _run(parts, begin, period)
            if len(run.copies) > 1 and len(run.copies) * period > len(best.copies) * len(best.copies[0]):
                best = run
        result.append(best)
        begin += len(best.copies) * len(best.copies[0])
    return result


def _run(parts: Sequence[Block], begin: int, period: int) -> RepeatedParts:
    """The longest run from `begin` on whose copies are `period` blocks each; it has at least one copy."""
    run = RepeatedParts([list(parts[begin : begin + period])])
    if not all([part.parts for part in run.copies[0]]):
        return run
    does, before = _does(run.copies[0])
    joined: list[Any] | None = None
    for at in range(begin + period, len(parts) - period + 1, period):
        copy = list(parts[at : at + period])
        same, sources = _does(copy)
        if same != does:
            break
        inside = {part.path: number for number, part in enumerate(run.copies[-1])}
        inner = {row.layer.row: (inside[part.path], path) for part in run.copies[-1] for path, row in part.inner()}
        link = [inner.get(source, before.index(source) if source in before else None) for source in sources]
        if None in link or (joined is not None and link != joined):
            break
        joined, before = link, sources
        run.copies.append(copy)
    parallel = joined is not None and not any([isinstance(link, tuple) for link in joined])
    return RepeatedParts(run.copies, parallel)


def _does(copy: Sequence[Block]) -> tuple[list[Any], list[str]]:
    """Facts of blocks that do not depend on names and input channels, and the outside rows that are their inputs."""
    own = {row.layer.row: (i, path) for i, part in enumerate(copy) for path, row in part.inner()}
    outside: dict[str, int] = {}
    facts: list[Any] = []
    for row in [row for part in copy for row in part.rows]:
        inputs = [own[x] if x in own else outside.setdefault(x, len(outside)) for x in row.inputs]
        layer = row.layer
        facts.append((own[layer.row], layer.op, repr(layer.attributes), layer.output_shape[1:], inputs))
    return facts, list(outside)


def summary(rows: Sequence[Joined]) -> str:
    """The contents of a block that is drawn as one box: 3 conv, add."""
    kinds = Counter([row.layer.op.replace("_", " ") for row in rows if row.role in HEADING])
    words = [f"{count} {kind}" if count > 1 else kind for kind, count in kinds.most_common()]
    return ", ".join(words[:4] + ["..."] * (len(words) > 4))
