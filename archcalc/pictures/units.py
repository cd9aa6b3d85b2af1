"""The blocks that a network is built of: residual blocks, Inception modules, cells; and their kinds.

A block is a part of the tree of labels that merges branches on its own level, or that has no parts with parts. Above it
are stages, which only put blocks after each other; inside it may be gates and branches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from archcalc.analysis.structure import Joined, Structure
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, nearest
from archcalc.pictures.tree import Block, tree

MOST_KINDS = 4
"""The most kinds of blocks that are drawn side by side."""
LAYERS = ("conv", "linear")


class BlockKind(NamedTuple):
    """Blocks that do the same: the first stands for all."""

    blocks: list[Block]


def blocks(structure: Structure) -> list[Block]:
    """The blocks of a network in order: those of at least two convolutions, linear layers or attentions."""
    found = list(_units(tree(structure.rows)))
    return [block for block in found if sum([row.role in LAYERS or _attends(row) for row in block.rows]) > 1]


def _units(block: Block) -> Iterator[Block]:
    for part in block.parts:
        if not part.parts:
            continue
        inner = [each for each in part.parts if each.parts and not _gate(each)]
        merges = any(
            [each.rows[0].role == "merge" and not _attends(each.rows[0]) for each in part.parts if not each.parts]
        )
        if merges or not inner:
            yield part
        else:
            yield from _units(part)


def _gate(block: Block) -> bool:
    """True for squeeze-and-excitation: a part that ends in a product."""
    return block.rows[-1].layer.op == "multiply"


def _attends(row: Joined) -> bool:
    return "attention" in row.layer.op


def kinds(found: Sequence[Block]) -> list[BlockKind]:
    """Blocks by what they do, channels and sizes apart, the most frequent first.

    If there are more than `MOST_KINDS`, kernels and strides make no difference either.
    """
    for coarse in (False, True):
        groups: dict[Any, list[Block]] = {}
        for block in found:
            groups.setdefault(_does(block, coarse), []).append(block)
        if len(groups) <= MOST_KINDS:
            break
    return sorted([BlockKind(each) for each in groups.values()], key=lambda kind: -len(kind.blocks))


def typical(found: Sequence[Block]) -> list[BlockKind]:
    """The kinds to draw if none was asked for: those that occur more than once, or all if none does; few of them."""
    all_kinds = kinds(found)
    often = [kind for kind in all_kinds if len(kind.blocks) > 1] or all_kinds
    chosen = often[:MOST_KINDS]
    return sorted(chosen, key=lambda kind: found.index(kind.blocks[0]))


def _does(block: Block, coarse: bool) -> Any:
    own = {row.layer.row: number for number, row in enumerate(block.rows)}
    facts: list[Any] = []
    for row in block.rows:
        given = row.layer.attributes
        size = () if coarse else (repr(given.get("kernel")), repr(given.get("stride")))
        facts.append((row.layer.op, size, tuple([own.get(each, -1) for each in row.inputs])))
    return tuple(facts)


def find(structure: Structure, path: str) -> Block:
    """The block at a path; any part of the network that has parts. Raises ArchcalcError that lists the blocks."""
    waiting = list(tree(structure.rows).parts)
    paths: dict[str, Block] = {}
    while waiting:
        part = waiting.pop(0)
        if part.parts:
            paths[part.path] = part
            waiting += part.parts
    if path in paths:
        return paths[path]
    units = [block.path for block in blocks(structure)] or list(paths)
    if not units:
        raise without_blocks(structure)
    near = nearest(path, tuple(paths))
    hint = f"; nearest: {', '.join(near)}" if near else ""
    listed = ", ".join(units if len(units) <= 12 else [*units[:8], "...", *units[-3:]])
    raise ArchcalcError(f"{structure.architecture} has no block {cut(repr(path))}{hint}; its blocks are {listed}")


def without_blocks(structure: Structure) -> ArchcalcError:
    """The error for a network of which no layer is in a block."""
    return ArchcalcError(
        f"{structure.architecture} has no blocks of two or more convolutions, linear layers or attentions; "
        "--view volume or --view graph draws it"
    )


def places(kind: BlockKind) -> list[str]:
    """Sentences on where the blocks of a kind are, and how they differ: 2 in layer1, 3 in layer2."""
    stages = Counter([block.path.rpartition(".")[0] for block in kind.blocks])
    said: list[str] = []
    if len(kind.blocks) > 1 and "" not in stages:
        listed = [f"{number} in {stage}" for stage, number in stages.items()]
        said.append(", ".join(listed if len(listed) <= 5 else [*listed[:3], "...", listed[-1]]))
    elif len(kind.blocks) > 1:
        said.append(f"{kind.blocks[0].path} to {kind.blocks[-1].path}")
    if len({_does(block, coarse=False) for block in kind.blocks}) > 1:
        said.append("kernels or strides differ; this is the first")
    return said
