"""Receptive fields: the path on which a unit looks back to the input, layer by layer, and the sums along it.

On one axis, with `k` the kernel, `d` its dilation, `s` the stride, `p` the padding before, and `j` the input positions
between neighbouring units below: `r_out = r_in + (k - 1) * d * j`, `j_out = j * s`, `o_out = o_in - p * j`. Source of
the recursion and of its closed form: Araujo et al. 2019, "Computing Receptive Fields of Convolutional Neural Networks".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.algebra.expressions import parse
from archcalc.analysis.receptive_field import Field, Track
from archcalc.derivations.working import Equation, LetterValue, equation
from archcalc.graph import Axis, Graph, Reach

ARAUJO = 'Araujo et al. 2019, "Computing Receptive Fields of Convolutional Neural Networks", Distill'
STACKED = "document 004, VGGNet: three 3x3 convolutions see 7x7"
SIZE = parse("r_0 + sum(n_l * (k_l - 1) * j_l over l)")
DILATED = parse("r_0 + sum(n_l * (k_l - 1) * d_l * j_l over l)")
STRIDE = parse("j_0 * prod(s_l over l)")
OFFSET = parse("o_0 - sum(n_l * p_l * j_l over l)")


class Look(NamedTuple):
    """Layers of one window after another, with the same distance between the units below."""

    rows: tuple[str, str]
    """The first and the last of them."""
    layers: int
    kernel: int
    stride: int
    padding: Any
    dilation: int
    jump: Any
    """Input positions between neighbouring units below the first."""
    size: Any
    """The field's size after the last."""
    offset: Any
    """Where the field of the first unit begins after the last."""


class Path(NamedTuple):
    """The growth of a unit's field along one axis."""

    begins: str
    """The row whose field is given: the input, or a merge of branches of which none sees all."""
    first: Any
    last: Any
    jump: Any
    looks: tuple[Look, ...]
    branches: tuple[tuple[str, Any, Any], ...] = ()
    """Where the path begins at a merge: each branch's row, and the first and the last position that it sees."""


def path(graph: Graph, sees: Sequence[Field], index: int, axis: int) -> Path | None:
    """The growth of a node's field; None after upsampling, where units differ.

    At a merge it follows the branch that sees as much as all together; where there is none, the path begins there.
    """
    steps: list[tuple[int, Axis]] = []
    at = index
    branches: tuple[tuple[str, Any, Any], ...] = ()
    while graph.nodes[at].inputs:
        node = graph.nodes[at]
        window = node.op.window(*[graph.nodes[i].shape for i in node.inputs])
        sources = [i for i in node.inputs if sees[i].local is not None]
        if isinstance(window, Reach) or not sources:
            return None
        if window:
            steps.append((at, window[axis]))
        following = _widest(sees, sources, axis)
        if following is None:
            seen = [(graph.nodes[i].row, *_interval(_track(sees[i], axis))) for i in sources]
            branches = tuple(seen)
            break
        at = following
    tracks = [_track(sees[i], axis) for i in (at, *[i for i, _ in steps])]
    if any([len(track.units) != 1 for track in tracks]) or any([side.up != 1 for _, side in steps]):
        return None
    first, last = _interval(_track(sees[at], axis))
    return Path(
        graph.nodes[at].row,
        first,
        last,
        _track(sees[at], axis).jump,
        tuple(_looks(graph, sees, steps[::-1], _track(sees[at], axis).jump, axis)),
        branches,
    )


def _track(field: Field, axis: int) -> Track:
    assert field.local is not None  # noqa: S101 - only nodes with a window come here
    return field.local[axis]


def _interval(track: Track) -> tuple[Any, Any]:
    return track.offset, track.offset + track.size - 1


def _widest(sees: Sequence[Field], sources: Sequence[int], axis: int) -> int | None:
    """The branch that sees as much as all together, the one with the longest way if several do."""
    tracks = [_track(sees[i], axis) for i in sources]
    if any([len(track.units) != 1 for track in tracks]):
        return sources[0] if len({track.units for track in tracks}) == 1 else None
    ends = [_interval(track) for track in tracks]
    union = (min([first for first, _ in ends]), max([last for _, last in ends]))
    return next((i for i, seen in zip(sources, ends, strict=True) if seen == union), None)


def _looks(graph: Graph, sees: Sequence[Field], steps: Sequence[tuple[int, Axis]], jump: Any, axis: int) -> list[Look]:
    """The windows that change the field, alike ones counted together."""
    looks: list[Look] = []
    for index, (kernel, stride, padding, dilation, _) in steps:
        if (kernel, stride, padding) == (1, 1, 0):
            continue
        row, track = graph.nodes[index].row, _track(sees[index], axis)
        alike = (kernel, stride, padding, dilation, jump)
        after = (track.size, track.offset)
        if looks and stride == 1 and looks[-1][2:7] == alike:
            looks[-1] = Look((looks[-1].rows[0], row), looks[-1].layers + 1, *alike, *after)
        else:
            looks.append(Look((row, row), 1, *alike, *after))
        jump = jump * stride
    return looks


def equations(way: Path) -> tuple[Equation, Equation, Equation]:
    """Size, stride and offset of the field at the end of a path, as sums and products along it."""
    looks = way.looks
    padded, strided = [look for look in looks if look.padding], [look for look in looks if look.stride != 1]
    wider = [look for look in looks if look.kernel != 1]
    dilated = any([look.dilation != 1 for look in wider])
    letters = "nkdj" if dilated else "nkj"
    start = f"of {way.begins}"
    size, stride = (
        LetterValue("r_0", f"field {start}", way.last - way.first + 1),
        LetterValue("j_0", f"stride {start}", way.jump),
    )
    offset, says = LetterValue("o_0", f"offset {start}", way.first), "negative in the padding"
    return (
        equation("r", "size", DILATED if dilated else SIZE, (size, *_columns(wider, letters)), f"{ARAUJO}; {STACKED}"),
        equation("j", "stride", STRIDE, (stride, *_columns(strided, "s")), ARAUJO, "between neighbouring units"),
        equation("o", "offset", OFFSET, (offset, *_columns(padded, "npj")), ARAUJO, says),
    )


COLUMNS = {
    "n": ("layers", "layers of kind l"),
    "k": ("kernel", "their kernel"),
    "d": ("dilation", "their dilation"),
    "s": ("stride", "stride of layer l"),
    "p": ("padding", "their padding"),
    "j": ("jump", "input positions between the units below them"),
}


def _columns(looks: Sequence[Look], letters: str) -> list[LetterValue]:
    """The terms of a sum along a path."""
    return [
        LetterValue(f"{name}_l", COLUMNS[name][1], tuple([getattr(look, COLUMNS[name][0]) for look in looks]))
        for name in letters
    ]


def apart(track: Track) -> tuple[Equation, Equation, Equation]:
    """Size, stride and offset where units differ, from the interval that each unit of a period sees."""
    seen = [unit for unit in track.units if unit is not None]
    first, last = max(seen, key=lambda unit: unit[1] - unit[0])
    interval = (
        LetterValue("z", "last position that the unit sees most of", last),
        LetterValue("a", "its first", first),
    )
    period = (
        LetterValue("j_n", "input positions from one period to the next", track.jump),
        LetterValue("n", "units of a period", len(track.units)),
    )
    start = (LetterValue("a_1", "first position that the first unit sees", track.offset),)
    return (
        equation("r", "size", parse("z - a + 1"), interval, ARAUJO, "units differ; the largest field"),
        equation("j", "stride", parse("j_n / n"), period, says="on average over a period"),
        equation("o", "offset", parse("a_1"), start, says="where the first unit's field begins"),
    )


def blind(graph: Graph, sees: Sequence[Field], index: int) -> str:
    """Why a node's field is no window: the first op on its way that sees all, or whose windows differ."""
    waiting, known = [index], {index}
    for at in waiting:
        for i in graph.nodes[at].inputs:
            if i not in known and sees[i].reach is not None:
                known.add(i)
                waiting.append(i)
    first = min(waiting)
    node = graph.nodes[first]
    if sees[index].reach is Reach.WHOLE:
        first = min([i for i in waiting if sees[i].reach is Reach.WHOLE])
        node = graph.nodes[first]
        return f"every unit depends on every input position since {node.row} ({node.op.kind.replace('_', ' ')})"
    return f"the windows of units differ since {node.row} ({node.op.kind.replace('_', ' ')})"
