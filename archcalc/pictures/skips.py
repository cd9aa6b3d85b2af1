"""Skip connections of an encoder-decoder, found from sizes and connections: they pass by smaller maps.

A residual connection joins maps of one size too, but nothing beside it is smaller and grows again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archcalc.analysis.structure import Joined

MERGES = ("add", "concat")
"""The merges in which a skip connection ends."""


class Skip(NamedTuple):
    """A connection that passes by smaller maps: from a row, through rows of its own, to a merge."""

    source: str
    target: str
    rows: tuple[Joined, ...]


def pixels(shape: Sequence[Any]) -> int:
    """The number of positions of a map; of a vector, 1.

    >>> pixels((64, 7, 7)), pixels((1000,))
    (49, 1)
    """
    total = 1
    for side in shape[1:]:
        total *= side
    return total


def find_skips(rows: Sequence[Joined]) -> list[Skip]:
    """The connections that pass by smaller maps and end where the sizes are equal again, outermost first."""
    by_name = {row.layer.row: row for row in rows}
    if not any([_grows(row, by_name) for row in rows]):
        return []
    users: dict[str, int] = {}
    for row in rows:
        for source in row.inputs:
            users[source] = users.get(source, 0) + 1
    found: list[Skip] = []
    for row in rows:
        size = row.layer.output_shape[1:]
        ends = [by_name[source] for source in row.inputs if source in by_name]
        if row.layer.op not in MERGES or len(ends) < 2 or any([end.layer.output_shape[1:] != size for end in ends]):
            continue
        chains = [_chain(end, by_name, users) for end in ends]
        least = [min([pixels(each.layer.output_shape) for each in (*chain, source)]) for source, chain in chains]
        for (source, chain), low in zip(chains, least, strict=True):
            if (
                users[source.layer.row] > 1
                and low >= pixels(row.layer.output_shape)
                and _dips(source, row, rows, chain)
            ):
                found.append(Skip(source.layer.row, row.layer.row, tuple(reversed(chain))))
                break
    return found[::-1]


def _grows(row: Joined, by_name: Mapping[str, Joined]) -> bool:
    sizes = [pixels(by_name[source].layer.output_shape) for source in row.inputs if source in by_name]
    return len(sizes) == 1 and 1 < sizes[0] < pixels(row.layer.output_shape)


def _chain(end: Joined, by_name: Mapping[str, Joined], users: Mapping[str, int]) -> tuple[Joined, list[Joined]]:
    """The row with several users that is found by going back from `end`, and the rows on the way."""
    chain: list[Joined] = []
    row = end
    while users[row.layer.row] == 1 and len(row.inputs) == 1 and row.inputs[0] in by_name:
        chain.append(row)
        row = by_name[row.inputs[0]]
    return row, chain


def _dips(source: Joined, target: Joined, rows: Sequence[Joined], chain: Sequence[Joined]) -> bool:
    """Return True if a way from `source` to `target` beside the chain passes a smaller map."""
    beside = {row.layer.row for row in chain}
    reached = {source.layer.row}
    lowest = pixels(target.layer.output_shape)
    dips = False
    for row in rows:
        if row.layer.row == target.layer.row:
            break
        if row.layer.row not in beside and reached.intersection(row.inputs):
            reached.add(row.layer.row)
            shape = row.layer.output_shape
            dips = dips or (len(shape) == len(target.layer.output_shape) and 1 < pixels(shape) < lowest)
    return dips and len(reached.intersection(target.inputs)) > (0 if chain else 1)
