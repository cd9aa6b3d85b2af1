"""Receptive fields: the path from a layer back to the input, and the sums along it.

On one axis, let `k` be the kernel, `d` its dilation, `s` the stride, `p` the padding before, and `j` the input
positions between neighbouring units of the layer before. Then `r_out = r_in + (k - 1) * d * j`, `j_out = j * s` and
`o_out = o_in - p * j`. Source of the recursion and of its closed form: Araujo et al. 2019, "Computing Receptive Fields
of Convolutional Neural Networks".
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


class WindowRun(NamedTuple):
    """Consecutive layers with the same window and the same distance between units of the layer before."""

    rows: tuple[str, str]
    """The first and the last of the layers."""
    layers: int
    kernel: int
    stride: int
    padding: Any
    dilation: int
    jump: Any
    """Input positions between neighbouring units of the layer before the first."""
    size: Any
    """The size of the field after the last."""
    offset: Any
    """The first position of the first unit's field after the last."""


class Path(NamedTuple):
    """The growth of a unit's field along one axis."""

    begins: str
    """The row at which it begins: the input, or a merge of branches none of which sees all that the others see."""
    first: Any
    last: Any
    jump: Any
    runs: tuple[WindowRun, ...]
    branches: tuple[tuple[str, Any, Any], ...] = ()
    """If the path begins at a merge, each branch's row, and the first and the last position that it sees."""


def path_to(graph: Graph, fields: Sequence[Field], index: int, axis: int) -> Path | None:
    """The growth of a node's field; None after upsampling, as units differ.

    At a merge the path follows the branch that sees as much as all together; if there is none, it begins there.
    """
    steps: list[tuple[int, Axis]] = []
    at = index
    branches: tuple[tuple[str, Any, Any], ...] = ()
    while graph.nodes[at].inputs:
        node = graph.nodes[at]
        window = node.op.window(*[graph.nodes[i].shape for i in node.inputs])
        sources = [i for i in node.inputs if fields[i].local is not None]
        if isinstance(window, Reach) or not sources:
            return None
        if window:
            steps.append((at, window[axis]))
        following = _widest(fields, sources, axis)
        if following is None:
            seen = [(graph.nodes[i].row, *_interval(_track(fields[i], axis))) for i in sources]
            branches = tuple(seen)
            break
        at = following
    tracks = [_track(fields[i], axis) for i in (at, *[i for i, _ in steps])]
    if any([len(track.units) != 1 for track in tracks]) or any([side.up != 1 for _, side in steps]):
        return None
    first, last = _interval(_track(fields[at], axis))
    return Path(
        graph.nodes[at].row,
        first,
        last,
        _track(fields[at], axis).jump,
        tuple(_runs(graph, fields, steps[::-1], _track(fields[at], axis).jump, axis)),
        branches,
    )


def _track(field: Field, axis: int) -> Track:
    assert field.local is not None  # noqa: S101 - only nodes with a window come here
    return field.local[axis]


def _interval(track: Track) -> tuple[Any, Any]:
    return track.offset, track.offset + track.size - 1


def _widest(fields: Sequence[Field], sources: Sequence[int], axis: int) -> int | None:
    """The branch that sees as much as all together, the first if several do."""
    tracks = [_track(fields[i], axis) for i in sources]
    if any([len(track.units) != 1 for track in tracks]):
        return sources[0] if len({track.units for track in tracks}) == 1 else None
    ends = [_interval(track) for track in tracks]
    union = (min([first for first, _ in ends]), max([last for _, last in ends]))
    return next((i for i, seen in zip(sources, ends, strict=True) if seen == union), None)


def _runs(
    graph: Graph, fields: Sequence[Field], steps: Sequence[tuple[int, Axis]], jump: Any, axis: int
) -> list[WindowRun]:
    """The windows that change the field, consecutive equal ones together."""
    runs: list[WindowRun] = []
    for index, (kernel, stride, padding, dilation, _) in steps:
        if (kernel, stride, padding) == (1, 1, 0):
            continue
        row, track = graph.nodes[index].row, _track(fields[index], axis)
        alike = (kernel, stride, padding, dilation, jump)
        after = (track.size, track.offset)
        if runs and stride == 1 and runs[-1][2:7] == alike:
            runs[-1] = WindowRun((runs[-1].rows[0], row), runs[-1].layers + 1, *alike, *after)
        else:
            runs.append(WindowRun((row, row), 1, *alike, *after))
        jump = jump * stride
    return runs


def equations(path: Path) -> tuple[Equation, Equation, Equation]:
    """Size, stride and offset of the field at the end of a path, as sums and products along it."""
    runs = path.runs
    padded, strided = [run for run in runs if run.padding], [run for run in runs if run.stride != 1]
    wider = [run for run in runs if run.kernel != 1]
    dilated = any([run.dilation != 1 for run in wider])
    letters = "nkdj" if dilated else "nkj"
    start = f"of {path.begins}"
    size, stride = (
        LetterValue("r_0", f"field {start}", path.last - path.first + 1),
        LetterValue("j_0", f"stride {start}", path.jump),
    )
    offset, says = LetterValue("o_0", f"offset {start}", path.first), "negative in the padding"
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
    "j": ("jump", "input positions between the units of the layer before them"),
}


def _columns(runs: Sequence[WindowRun], letters: str) -> list[LetterValue]:
    """The terms of a sum along a path."""
    return [
        LetterValue(f"{name}_l", COLUMNS[name][1], tuple([getattr(run, COLUMNS[name][0]) for run in runs]))
        for name in letters
    ]


def upsampled(track: Track) -> tuple[Equation, Equation, Equation]:
    """Size, stride and offset after upsampling, from the interval that each unit of a period sees."""
    seen = [unit for unit in track.units if unit is not None]
    first, last = max(seen, key=lambda unit: unit[1] - unit[0])
    interval = (
        LetterValue("z", "last position of the unit that sees the most", last),
        LetterValue("a", "its first position", first),
    )
    period = (
        LetterValue("j_n", "input positions from one period to the next", track.jump),
        LetterValue("n", "units of a period", len(track.units)),
    )
    start = (LetterValue("a_1", "first position that the first unit sees", track.offset),)
    return (
        equation("r", "size", parse("z - a + 1"), interval, ARAUJO, "units differ; the largest field"),
        equation("j", "stride", parse("j_n / n"), period, says="on average over a period"),
        equation("o", "offset", parse("a_1"), start, says="the first position of the first unit's field"),
    )


def no_window(graph: Graph, fields: Sequence[Field], index: int) -> str:
    """The reason why a node's field is no window: the first op before it that sees all, or whose windows differ."""
    waiting, known = [index], {index}
    for at in waiting:
        for i in graph.nodes[at].inputs:
            if i not in known and fields[i].reach is not None:
                known.add(i)
                waiting.append(i)
    first = min(waiting)
    node = graph.nodes[first]
    if fields[index].reach is Reach.WHOLE:
        first = min([i for i in waiting if fields[i].reach is Reach.WHOLE])
        node = graph.nodes[first]
        return f"every unit depends on every input position since {node.row} ({node.op.kind.replace('_', ' ')})"
    return f"the windows of units differ since {node.row} ({node.op.kind.replace('_', ' ')})"
