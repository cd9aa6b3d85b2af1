"""Slabs and cells of the volume view: which feature maps of the main path are drawn, side by side, with which words.

A slab is one layer's or one block's output. Slabs of one size that follow each other adjoin in one cell, as VGG's
conv3_1 to conv3_3, with one label.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple, cast

from archcalc.analysis.structure import Joined
from archcalc.base.errors import ArchcalcError
from archcalc.graph import HEADING
from archcalc.pictures.key import KEY
from archcalc.pictures.main_path import PathPart
from archcalc.pictures.skips import pixels

Sizes = tuple[int, ...]
"""Channels first, then the sides of a map; of a vector, only its length."""

TIMES = "\u00d7"
MOST_KERNELS = 3
"""The most kernels that are listed in a label."""

WORDS = {
    "conv_transpose": "up-conv",
    "table_conv": "conv",
    "radial_basis": "RBF units",
    "max_pool": "max pool",
    "avg_pool": "avg pool",
    "adaptive_avg_pool": "adaptive pool",
    "global_avg_pool": "global pool",
    "global_max_pool": "global pool",
    "mean": "global pool",
    "window_attention": "attention",
}


class Slab(NamedTuple):
    """The output of a layer or a block, and the rows that it stands for."""

    rows: tuple[Joined, ...]
    name: str
    role: str
    block: bool
    shape: Sizes
    beside: int = 0
    """Channels of the output that the slab before it draws: at a concatenation."""

    @property
    def channels(self) -> int:
        """The channels that are drawn."""
        return self.shape[0] - self.beside

    @property
    def is_vector(self) -> bool:
        """True if the map has one position; then it is drawn as a bar."""
        return pixels(self.shape) == 1


class Cell(NamedTuple):
    """Slabs of one label: lines on what they compute, above them, and their name and size, below."""

    slabs: tuple[Slab, ...]
    says: tuple[str, ...]
    name: str

    @property
    def shape(self) -> Sizes:
        return self.slabs[-1].shape

    @property
    def tooltip(self) -> str:
        """What the cell stands for, in a sentence."""
        rows = [row for slab in self.slabs for row in slab.rows]
        what = ", ".join(dict.fromkeys([self.name, *self.says]))
        return f"{what}: output {size_text(self.shape)}; {costs_text(rows)}"


def costs_text(rows: Sequence[Joined]) -> str:
    """The number of layers with weights, the parameters and the mult-adds of rows."""
    weighted = sum([bool(row.layer.params) for row in rows])
    params = sum([row.layer.params for row in rows])
    mult_adds = sum([row.layer.mult_adds for row in rows])
    layers = "1 layer" if weighted == 1 else f"{weighted} layers"
    return f"{layers} with weights, {params:,} parameters, {mult_adds:,} mult-adds"


def cells(parts: Sequence[PathPart]) -> list[Cell]:
    """The cells of consecutive parts; each row is in exactly one slab."""
    groups: list[list[Slab]] = []
    for slab in _slabs(parts):
        if groups and _adjoins(groups[-1][-1], slab):
            groups[-1].append(slab)
        else:
            groups.append([slab])
    whole = Counter([path for group in groups for slab in group for path in _paths(slab.name)])
    return [Cell(tuple(group), tuple(_says(group)), _name(group, whole)) for group in groups]


def _paths(name: str) -> list[str]:
    words = name.split(".")
    return [".".join(words[:count]) for count in range(1, len(words))]


def size_text(shape: Sequence[Any]) -> str:
    """A shape as height x width x channels.

    >>> size_text((64, 56, 28)), size_text((10,))
    ('56 \u00d7 28 \u00d7 64', '10')
    """
    return f" {TIMES} ".join([str(side) for side in (*shape[1:], shape[0])])


def sizes_of(row: Joined) -> Sizes:
    """The output of a row. Raises ArchcalcError if it is not of whole numbers."""
    shape: tuple[Any, ...] = row.layer.output_shape
    if not all([isinstance(side, int) and side > 0 for side in shape]):
        raise ArchcalcError(f"a volume view needs sizes that are whole numbers; {row.layer.row} has {size_text(shape)}")
    return tuple(shape)


def _slabs(parts: Sequence[PathPart]) -> list[Slab]:
    slabs: list[Slab] = []
    for part in parts:
        heading = [row for row in part.rows if row.role in HEADING]
        shape = sizes_of(part.last)
        if slabs and not heading and not _seen(part.last, slabs[-1].shape):
            slabs[-1] = slabs[-1]._replace(rows=(*slabs[-1].rows, *part.rows))
            continue
        block = len(heading) > 1
        role = _block_role(heading) if block else _role((heading or [part.last])[-1])
        slabs.append(Slab(part.rows, part.name, role, block, shape))
    return slabs


def _seen(row: Joined, before: Sizes) -> bool:
    """Return True if a row that computes nothing by weights is drawn: softmax, and whatever changes a map's size."""
    shape = row.layer.output_shape
    flat = len(shape) == 1 and len(before) > 1
    return row.layer.op == "softmax" or (tuple(shape) != tuple(before) and not flat)


def _role(row: Joined) -> str:
    if "attention" in row.layer.op:
        return "attention"
    return row.role if row.role in KEY else "other"


def _block_role(rows: Sequence[Joined]) -> str:
    roles = {_role(row) for row in rows}
    return next(role for role in ("attention", "conv", "linear", "pool", "merge") if role in roles)


def _adjoins(one: Slab, other: Slab) -> bool:
    if one.block != other.block or other.is_vector:
        return False
    if not one.block:
        return one.role == other.role == "conv" and (one.shape == other.shape or _trimmed(one, other))
    merge = _own(other)
    grown = merge.layer.op == "concat" and any([row.layer.row in merge.inputs for row in one.rows])
    same = one.shape == other.shape or (grown and one.shape[1:] == other.shape[1:])
    return same and (_together(one.name, other.name) != "" or _unnumbered(one.name) == _unnumbered(other.name))


def _together(one: str, other: str) -> str:
    """The path that holds both of two paths."""
    common = ""
    for word, same in zip(one.split("."), other.split("."), strict=False):
        if word != same:
            break
        common += ("." if common else "") + word
    return common


def _unnumbered(name: str) -> str:
    return re.sub("[0-9]+", "#", name)


def _trimmed(one: Slab, other: Slab) -> bool:
    """Return True if a convolution without stride and padding changes nothing but a map's edge, as in U-Net."""
    given = _own(other).layer.attributes
    stride, kernel = given.get("stride", 1), given.get("kernel", 1)
    if _sides(stride, 1) != "1" or one.shape[0] != other.shape[0] or len(one.shape) != len(other.shape):
        return False
    reach = _largest(kernel)
    return all([0 <= a - b < reach and 8 * (a - b) <= a for a, b in zip(one.shape[1:], other.shape[1:], strict=True)])


def _tuple(value: Any, axes: int) -> tuple[int, ...]:
    """A hyperparameter for each axis, or one for all of `axes`."""
    return cast("tuple[int, ...]", value) if type(value) is tuple else (value,) * axes


def _largest(value: Any) -> int:
    return max(_tuple(value, 1))


def _name(slabs: Sequence[Slab], whole: Counter[str]) -> str:
    names = [slab.name for slab in slabs]
    if len(names) == 1:
        return names[0]
    parent = reduce(_together, names)
    if slabs[0].block and parent and whole[parent] == len(names):
        return parent
    stem = names[0].rstrip("0123456789")
    if all([name.startswith(stem) and name[len(stem) :].isdigit() for name in names]):
        return f"{names[0]}\u2013{names[-1][len(stem) :]}"
    last = names[-1][len(parent) + 1 :] if parent else names[-1]
    return f"{names[0].partition(' to ')[0]} to {last.rpartition(' to ')[2]}"


def _says(slabs: Sequence[Slab]) -> list[str]:
    """Lines on what slabs compute: conv, and its kernel."""
    times = f" {TIMES}\u00a0{len(slabs)}" if len(slabs) > 1 else ""
    if slabs[0].block:
        word = "attention" if slabs[0].role == "attention" else "block"
        return [word + times, *_inside(Counter([_contents(slab.rows) for slab in slabs]).most_common(1)[0][0])]
    rows = [_own(slab) for slab in slabs]
    kernels = list(dict.fromkeys([window for row in rows if (window := _window(row))]))
    listed = ", ".join(kernels[:MOST_KERNELS] + ["\u2026"] * (len(kernels) > MOST_KERNELS))
    return [_word(rows[0]) + times, *([listed] if listed else [])]


def _inside(contents: str) -> list[str]:
    return [contents] if contents else []


def _own(slab: Slab) -> Joined:
    """The row that a slab of one layer is drawn for."""
    return next((row for row in reversed(slab.rows) if row.role in HEADING), slab.rows[0])


def _word(row: Joined) -> str:
    return WORDS.get(row.layer.op, row.layer.op.replace("_", " "))


def _window(row: Joined) -> str:
    """Kernel, stride, dilation and groups of a layer: 3x3 / 2, 5x5 (2 groups), dw 3x3."""
    given = row.layer.attributes
    if "kernel" not in given:
        return ""
    axes = max(len(row.layer.output_shape) - 1, 1)
    groups, stride, dilation = given.get("groups", 1), given.get("stride", 1), given.get("dilation", 1)
    words = "dw " if groups != 1 and groups == given.get("out") else ""
    words += _sides(given["kernel"], axes)
    if _sides(stride, 1) != "1":
        words += f" / {_sides(stride, 1)}"
    more = [f"dilation {_sides(dilation, 1)}"] if _sides(dilation, 1) != "1" else []
    more += [f"{groups} groups"] if groups not in (1, given.get("out")) else []
    words += f" ({', '.join(more)})" if more else ""
    return words


def _sides(value: Any, axes: int) -> str:
    sides = _tuple(value, axes)
    if len(set(sides)) == 1 and axes == 1:
        return str(sides[0])
    return TIMES.join([str(side) for side in sides])


def _contents(rows: Sequence[Joined]) -> str:
    """A few words on a block: its branches, or the layers on its longest path, or the number of its convolutions."""
    inside = {row.layer.row for row in rows}
    entries = [row for row in rows if not inside.issuperset(row.inputs)]
    merge = next((row for row in reversed(rows) if row.role in HEADING), rows[-1])
    if merge.layer.op == "concat" and 2 < len(entries) <= len(merge.inputs) <= len(entries) + 2:
        return f"{len(entries)} branches"
    attention = next((row for row in rows if "attention" in row.layer.op), None)
    if attention is not None:
        side = attention.layer.attributes.get("side")
        return f"windows {_sides(side, 2)}" if side else ""
    maps = [row for row in rows if pixels(row.layer.output_shape) > 1] or list(rows)
    path = _longest_path(maps)
    kernels = [_window(row).partition(" (")[0].partition(" /")[0] for row in path if row.role == "conv"]
    linear = sum([row.role == "linear" for row in path])
    if not 0 < len(kernels) + bool(linear) <= MOST_KERNELS:
        count = Counter([_word(row) for row in rows if row.role in HEADING and row.role != "merge"])
        return ", ".join([f"{number} {word}" for word, number in count.most_common(1)])
    gates = len(maps) < len(rows) and any([row.layer.op == "multiply" for row in rows])
    return ", ".join([*kernels, *([f"{linear} linear"] if linear else []), *(["SE"] if gates else [])])


def _longest_path(rows: Sequence[Joined]) -> list[Joined]:
    """The path through a block on which the most rows have weights; of several, the one of larger kernels."""
    by_name = {row.layer.row: row for row in rows}
    best: dict[str, tuple[int, int, str | None]] = {}
    for row in rows:
        before = [source for source in row.inputs if source in by_name]
        come = max(before, key=lambda source: best[source][:2], default=None)
        count, area = best[come][:2] if come else (0, 0)
        kernel = _largest(row.layer.attributes.get("kernel", 0))
        best[row.layer.row] = (count + bool(row.layer.params), area + kernel, come)
    path: list[Joined] = []
    at: str | None = rows[-1].layer.row
    while at is not None:
        path.append(by_name[at])
        at = best[at][2]
    return path[::-1]
