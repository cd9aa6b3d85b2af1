"""The main path of a network: the line of layers and blocks from its input to its output.

A part of the path ends where one tensor alone goes on (a cut): then everything after depends on everything before
through that tensor. A part of several rows is a block. What leaves the main path to another output, or comes from
another input, is a line of its own. Skip connections of an encoder-decoder, which pass by smaller maps, are found from
sizes and connections alone, and taken off the path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from archcalc.analysis.structure import Joined, Structure
from archcalc.graph import HEADING
from archcalc.pictures.skips import Skip, find_skips, pixels

LONGEST_BLOCK = 12
"""The most rows on the longest path through a block that is one box; a longer one is drawn as its own blocks."""

LONGEST_CELL = 20
"""The same for a block with one output in a stretch without cuts: a cell of NASNet."""
DIGITS = "0123456789"


class PathPart(NamedTuple):
    """A layer, or a block if it has several rows that compute: its rows in order, and its name."""

    rows: tuple[Joined, ...]
    name: str

    @property
    def last(self) -> Joined:
        """The row whose output is the part's output."""
        return self.rows[-1]


class PathLine(NamedTuple):
    """Parts that follow each other; the rows of another line that it starts from and that it ends in, if any."""

    parts: list[PathPart]
    begin: str | None = None
    end: str | None = None

    @property
    def where(self) -> str:
        """Words on where a side line starts and ends; of the main line, none."""
        return ", ".join([f"{word} {row}" for word, row in (("from", self.begin), ("to", self.end)) if row])


class MainPath(NamedTuple):
    """The lines of a network, the main one first, and the skip connections of an encoder-decoder, outermost first."""

    lines: list[PathLine]
    skips: list[Skip]


def main_path(structure: Structure, *, skips: bool = True) -> MainPath:
    """The main path of a network, its side lines and skips; every row is in exactly one part or skip.

    Without `skips`, an encoder-decoder is a path like any other.
    """
    rows = structure.rows
    main, sides = _lines(rows)
    found = find_skips(main) if skips else []
    off = {row.layer.row for skip in found for row in skip.rows}
    on = [row for row in main if row.layer.row not in off]
    parts = _parts(on, {(skip.rows[-1].layer.row if skip.rows else skip.source, skip.target) for skip in found})
    if found and not _nested(parts, found):
        found, parts = [], _parts(main, set())
    return MainPath([PathLine(parts), *[_side(side, main) for side in sides]], found)


def _lines(rows: Sequence[Joined]) -> tuple[list[Joined], list[list[Joined]]]:
    """The rows on the way from the main input to the main output, and connected groups of the others.

    Main are those ends that are joined by the longest path. Rows without an input of data, such as positions that are
    learnt, belong to the row that uses them.
    """
    inputs = {row.layer.row: row.inputs for row in rows}
    users: dict[str, list[str]] = {name: [] for name in inputs}
    depth: dict[str, tuple[int, str]] = {}
    for row in rows:
        name = row.layer.row
        far, root = max([depth[source] for source in row.inputs], key=lambda each: each[0], default=(0, name))
        depth[name] = (far + (row.role in HEADING), root)
        for source in row.inputs:
            users[source].append(name)
    end = max([name for name, used in users.items() if not used], key=lambda name: depth[name][0])
    main = _reached([end], inputs) & _reached([depth[end][1]], users)
    fed = _reached([row.layer.row for row in rows if row.layer.op == "input"], users)
    for name in reversed(inputs):
        if name not in fed and any([used in main for used in users[name]]):
            main.add(name)
    aside = [row for row in rows if row.layer.row not in main]
    joined = {row.layer.row: [x for x in (*row.inputs, *users[row.layer.row]) if x not in main] for row in aside}
    groups: list[list[Joined]] = []
    seen: set[str] = set()
    for row in aside:
        if row.layer.row not in seen:
            group = _reached([row.layer.row], joined)
            groups.append([each for each in aside if each.layer.row in group])
            seen |= group
    return [row for row in rows if row.layer.row in main], groups


def _reached(begin: Sequence[str], following: Mapping[str, Sequence[str]]) -> set[str]:
    found, waiting = set(begin), list(begin)
    while waiting:
        new = [name for name in following[waiting.pop()] if name not in found]
        found.update(new)
        waiting += new
    return found


def _side(rows: list[Joined], main: Sequence[Joined]) -> PathLine:
    on = {row.layer.row for row in main}
    names = {row.layer.row for row in rows}
    begin = next((source for row in rows for source in row.inputs if source in on), None)
    end = next((row.layer.row for row in main if names.intersection(row.inputs)), None)
    return PathLine(_parts(rows, set()), begin, end)


def _parts(rows: Sequence[Joined], left_out: set[tuple[str, str]]) -> list[PathPart]:
    """The rows between cuts, where connections in `left_out` do not count; blocks by their labels where these tell."""
    stretches = _between_cuts(rows, left_out)
    blocks = _block_paths(stretches)
    parts: list[PathPart] = []
    for stretch in _gathered(stretches, blocks):
        if _length(stretch) > LONGEST_BLOCK:
            parts += [PathPart(tuple(each), _name(each)) for each in _divided(stretch)]
        else:
            parts.append(PathPart(tuple(stretch), _name(stretch)))
    return parts


def _between_cuts(
    rows: Sequence[Joined], left_out: set[tuple[str, str]], entering: Sequence[str] = ()
) -> list[list[Joined]]:
    """The rows in stretches after which one tensor alone goes on; `entering` are rows before them that they may use."""
    last: dict[str, int] = {}
    for i, row in enumerate(rows):
        for source in row.inputs:
            if (source, row.layer.row) not in left_out:
                last[source] = i
    stretches: list[list[Joined]] = [[]]
    alive = set(last).intersection(entering)
    for i, row in enumerate(rows):
        stretches[-1].append(row)
        alive = {name for name in alive if last[name] > i}
        if last.get(row.layer.row, -1) > i:
            alive.add(row.layer.row)
        if alive <= {row.layer.row} and i + 1 < len(rows):
            stretches.append([])
    return stretches


def _block_paths(stretches: Sequence[Sequence[Joined]]) -> set[str]:
    """The paths whose parts are blocks: one of them branches, or is one of a path's with the same word and a number."""
    found = {path.rpartition(".")[0] for path in [_prefix(each) for each in stretches if len(each) > 1] if path}
    words = {path.rstrip(DIGITS) for path in found if path}
    alike = {path for each in stretches for path in _outer(each) if path.rstrip(DIGITS) in words}
    return found | alike


def _outer(rows: Sequence[Joined]) -> list[str]:
    words = rows[0].layer.row.split(".")
    return [".".join(words[:count]) for count in range(1, len(words))]


def _gathered(stretches: Sequence[list[Joined]], blocks: set[str]) -> list[list[Joined]]:
    """Neighbours that the labels put in one block, together; a pool at a block's edge stays outside."""
    groups: list[tuple[str, list[list[Joined]]]] = []
    for stretch in stretches:
        path = _block_of(stretch, blocks)
        if path and groups and groups[-1][0] == path:
            groups[-1][1].append(stretch)
        else:
            groups.append((path, [stretch]))
    result: list[list[Joined]] = []
    for path, inner in groups:
        begin, end = 0, len(inner)
        while path and begin < end and _is_pool(inner[begin]):
            begin += 1
        while path and begin < end and _is_pool(inner[end - 1]):
            end -= 1
        middle = [row for each in inner[begin:end] for row in each]
        sizes = [pixels(each[-1].layer.output_shape) for each in inner[begin:end]]
        one = path and middle and sum([a != b for a, b in pairwise(sizes)]) <= 1
        result += inner[:begin] + ([middle] if one else inner[begin:end]) + inner[end:]
    return result


def _is_pool(rows: Sequence[Joined]) -> bool:
    return len(rows) == 1 and rows[0].role == "pool"


def _block_of(rows: Sequence[Joined], blocks: set[str]) -> str:
    """The outermost block, below one of the paths `blocks`, that holds all the rows; "" if there is none."""
    *outer, _ = f"{_prefix(rows)}.".split(".") if len(rows) > 1 else rows[0].layer.row.split(".")
    for count in range(1, len(outer) + 1):
        if ".".join(outer[: count - 1]) in blocks:
            return ".".join(outer[:count])
    return ""


def _prefix(rows: Sequence[Joined]) -> str:
    """The path that the labels of rows have in common."""
    paths = [row.layer.row.split(".")[:-1] for row in rows]
    common: list[str] = []
    for words in zip(*paths, strict=False):
        if len(set(words)) > 1:
            break
        common.append(words[0])
    return ".".join(common)


def _length(rows: Sequence[Joined]) -> int:
    """The number of rows that compute on the longest path through them."""
    depth: dict[str, int] = {}
    for row in rows:
        far = max([depth.get(source, 0) for source in row.inputs], default=0)
        depth[row.layer.row] = far + (row.role in HEADING)
    return max(depth.values())


def _divided(rows: list[Joined]) -> list[list[Joined]]:
    """A long stretch in pieces: by its labels, or else between cuts that only long shortcuts pass by."""
    pieces = _by_label(rows)
    if len(pieces) > 1:
        return pieces
    place = {row.layer.row: i for i, row in enumerate(rows)}
    far = {
        (source, row.layer.row)
        for i, row in enumerate(rows)
        for source in row.inputs
        if row.role == "merge" and i - place.get(source, -1) > LONGEST_BLOCK
    }
    return _between_cuts(rows, far, [source for row in rows for source in row.inputs if source not in place])


def _by_label(rows: list[Joined]) -> list[list[Joined]]:
    """A long stretch, divided by its labels as far as each piece has one output; whole if labels do not tell."""
    depth = len(_prefix(rows).split(".")) if _prefix(rows) else 0
    pieces: list[tuple[str, list[Joined]]] = []
    for row in rows:
        words = row.layer.row.split(".")
        path = ".".join(words[: depth + 1]) if len(words) > depth + 1 else ""
        if path and pieces and pieces[-1][0] == path:
            pieces[-1][1].append(row)
        else:
            pieces.append((path, [row]))
    named = [path for path, _ in pieces if path]
    if len(named) < 2 or len(named) != len(set(named)):
        return [rows]
    result: list[list[Joined]] = []
    for path, piece in pieces:
        if not path and result:
            result[-1].extend(piece)
        else:
            result += _by_label(piece) if _exits(piece, rows) > 1 or _length(piece) > LONGEST_CELL else [piece]
    return result


def _exits(piece: Sequence[Joined], rows: Sequence[Joined]) -> int:
    """The number of rows of a piece whose outputs others use."""
    inside = {row.layer.row for row in piece}
    return len({source for row in rows if row.layer.row not in inside for source in row.inputs if source in inside})


def _name(rows: Sequence[Joined]) -> str:
    if len(rows) == 1:
        return rows[0].layer.row
    ends = dict.fromkeys([row.layer.row.partition(".")[0] for row in (rows[0], rows[-1])])
    return _prefix(rows) or " to ".join(ends)


def _nested(parts: Sequence[PathPart], skips: Sequence[Skip]) -> bool:
    """Return True if each skip starts at the end of a part and ends at the begin of one, inside the one before it."""
    after = {part.last.layer.row: i for i, part in enumerate(parts)}
    before = {row.layer.row: i for i, part in enumerate(parts) for row in part.rows if row.role == "merge"}
    places: list[tuple[int, int]] = []
    for skip in skips:
        if skip.source not in after or skip.target not in before:
            return False
        places.append((after[skip.source], before[skip.target]))
    inner = all([a[0] < b[0] and b[1] < a[1] for a, b in pairwise(places)])
    return inner and all([begin < end for begin, end in places])
