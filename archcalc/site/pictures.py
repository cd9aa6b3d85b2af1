"""The data of a network's pictures: its rows with their joins and equal blocks, and its feature maps to scale.

A page folds and lays out the first in the browser, so that any block opens at a click and every number is live; the
second is drawn here. The build makes both for the networks of the catalogue, and the engine in the browser, by the same
functions, for other hyperparameters, other sizes and a reader's own network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from archcalc.analysis.structure import Joined, Structure, structure
from archcalc.graph import HEADING
from archcalc.pictures import volume_view
from archcalc.pictures.folding import PictureNode, folded
from archcalc.pictures.key import KEY, key_of
from archcalc.pictures.tree import Block, tree
from archcalc.present.names import pretty
from archcalc.request import NetworkLike


def picture(network: NetworkLike, **given: Any) -> dict[str, Any]:
    """The rows of a network's cost table, their joins and their equal blocks, for JSON; the request as in `analyze`.

    `rows` are `[name, kind, op, inputs]`: the kind is a key of `key`, the inputs are places in `rows`. `runs` are
    consecutive equal blocks: `[path of the first block, blocks of a copy, copies, in parallel]`. `open` are the paths
    of the blocks that are open at first. Raises ArchcalcError if the network cannot be built.

    >>> made = picture("resnet18")
    >>> made["rows"][1], made["runs"], made["open"][:2]
    (['conv1', 'conv', 'conv', [0]], [['layer1.0', 1, 2, False]], ['layer1', 'layer1.0'])
    """
    return picture_of(structure(network, **given))


def volume(network: NetworkLike, **given: Any) -> str:
    """The feature maps of a network as boxes to scale, as SVG; the request as in `analyze`.

    A box is in an element `a` whose `data-rows` are the names of its rows, percent-encoded, with spaces between.
    Raises ArchcalcError if the network cannot be built.
    """
    return volume_of(structure(network, **given))


def both(network: NetworkLike) -> tuple[dict[str, Any], str]:
    """The picture and the volumes of a network, which is counted once."""
    found = structure(network)
    return picture_of(found), volume_of(found)


def picture_of(found: Structure) -> dict[str, Any]:
    """The picture of a network whose structure is known: see `picture`."""
    place = {row.layer.row: number for number, row in enumerate(found.rows)}
    kinds = {entry: kind for kind, entry in KEY.items()}
    rows: list[list[Any]] = [
        [row.layer.row, kinds[key_of(row.role, row.layer.op)], _op(row), [place[each] for each in row.inputs]]
        for row in found.rows
    ]
    used = {row[1] for row in rows} | {"block"}
    return {
        "rows": rows,
        "runs": list(_runs(tree(found.rows))),
        "open": list(_open(folded(found).items)),
        "key": {
            kind: [entry.fill, entry.stroke, entry.dashes, entry.word] for kind, entry in KEY.items() if kind in used
        },
    }


def volume_of(found: Structure) -> str:
    """The feature maps of a network whose structure is known: see `volume`."""
    return volume_view.draw(found, pretty(found.architecture), lambda row: f"#{quote(row)}")


def _op(row: Joined) -> str:
    """The word for a row in the summary of a folded block; empty for what computes nothing."""
    return row.layer.op.replace("_", " ") if row.role in HEADING else ""


def _runs(block: Block) -> Iterator[list[Any]]:
    for run in block.runs:
        if len(run.copies) > 1:
            yield [run.copies[0][0].path, len(run.copies[0]), len(run.copies), run.parallel]
    for part in block.parts:
        yield from _runs(part)


def _open(items: Sequence[PictureNode]) -> Iterator[str]:
    """The paths of the blocks that are drawn open."""
    for item in items:
        if item.block is None:
            if not item.id.endswith(" x"):
                yield item.id
            yield from _open(item.items)
