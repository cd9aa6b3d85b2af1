"""Receptive fields: for every node, the input positions that one output unit depends on.

On one axis a field is exact for every unit: units repeat with a period (1 unless the network upsamples), and `jump`
input positions lie between a unit and the one a period later. Strided layers multiply the jump, transposed
convolutions the period. Fields are bounding intervals, not clipped to the input, as in Araujo et al. 2019, "Computing
Receptive Fields of Convolutional Neural Networks", Distill.

At a merge the field is the union of those of the branches; branches of different strides have no common field, which is
an error. Units that depend on the whole input (a global pool, a flattened map, a gate) pass this on to all units after
them; `local` is then the field without these branches.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm
from operator import index
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, Shape, is_int, maximum, minimum
from archcalc.base.errors import ArchcalcError
from archcalc.graph import POINTWISE, Axis, Graph, Op, Reach, Window, channels_last

Interval = tuple[Dim, Dim]


class Track(NamedTuple):
    """The fields of all units along one axis: unit `q * len(units) + p` sees `units[p]` moved by `q * jump`."""

    jump: Dim
    """Input positions from one period of units to the next."""
    units: tuple[Interval | None, ...]
    """First and last input position of each unit of a period; None for a unit that sees no input."""

    @property
    def size(self) -> Dim:
        """Input positions that a unit sees; the most in a period if units differ."""
        return maximum(*[last - first + 1 for first, last in self._seen()])

    @property
    def stride(self) -> Any:
        """Input positions between neighbouring units, on average: a fraction after upsampling."""
        period = len(self.units)
        if period == 1:
            return self.jump
        from fractions import Fraction

        exact = Fraction(self.jump, period)  # pyright: ignore[reportArgumentType, reportCallIssue]
        return exact.numerator if exact.denominator == 1 else exact

    @property
    def offset(self) -> Dim:
        """The first input position that the first unit sees; negative where it begins in the padding."""
        return self._seen()[0][0]

    @property
    def window(self) -> tuple[Dim, Any, Dim]:
        """Size, stride and offset."""
        if len(self.units) == 1 and self.units[0] is not None:
            first, last = self.units[0]
            return last - first + 1, self.jump, first
        return self.size, self.stride, self.offset

    def _seen(self) -> list[Interval]:
        return [unit for unit in self.units if unit is not None] or [(0, -1)]


class Field(NamedTuple):
    """The receptive field of a node's units."""

    local: tuple[Track, ...] | None
    """The window-like part on each axis of the input: (height, width) of an image; None where there is none."""
    reach: Reach | None = None
    """The reason why `local` is not the whole field; None if it is."""


_START = Track(1, ((0, 0),))


def fields(graph: Graph, convolutional: bool = False) -> list[Field]:
    """The field of every node in the first input, in the order of `graph.nodes`.

    Inputs of the same sizes share their positions; fields in inputs of other sizes are not computed. A vector is one
    position: a unit that sees it sees the whole input. If `convolutional`, the network is read as one that can be
    applied to larger inputs: where only vectors follow, a linear layer on a flattened map is a convolution and a global
    pool a pool, with a window as large as the map, and linear layers after them are 1x1 convolutions (Long et al. 2015,
    arXiv:1411.4038, Table 1).

    Raises ArchcalcError, naming the row, where branches of different strides meet.
    """
    result: list[Field] = []
    nodes = graph.nodes
    ending = _ending(graph) if convolutional else range(0)
    last = channels_last(graph) if any([_names_axes(node.op) for node in nodes]) else [False] * len(nodes)
    for (op, inputs, shape, row, _), facts in zip(nodes, graph.facts, strict=True):
        if not inputs:
            result.append(_start(shape, nodes[0].shape) if op.role == "input" else Field(None))
            continue
        window = facts.window
        if any([last[index] for index in inputs]) and _names_axes(op) and window is not Reach.WHOLE:
            window = Reach.IRREGULAR
        if len(result) in ending and isinstance(window, Reach):
            sides: Any = nodes[inputs[0]].shape[1:]
            window = Window([Axis(kernel=side) for side in sides])
        if len(inputs) == 1 and window is POINTWISE:
            result.append(result[inputs[0]])
            continue
        sources = [result[index] for index in inputs]
        try:
            result.append(_look(window, sources[0] if len(sources) == 1 else _unite(sources)))
        except ArchcalcError as error:
            raise ArchcalcError(f"{op!r} in {graph.name} / {row}: {error}") from error
    return result


def _names_axes(op: Op) -> bool:
    """Return True if an op works along axes by their numbers, and so reads the first one as the channels'."""
    return op.channel_axis == "unknown" or "axis" in op.fields


def _ending(graph: Graph) -> range:
    """The nodes after the last map of more than one position: the classifier of most networks."""
    last = 0
    for at, node in enumerate(graph.nodes):
        if any([not is_int(side) or side != 1 for side in node.shape[1:]]):
            last = at
    return range(last + 1, len(graph.nodes))


def _start(shape: Shape, first: Shape) -> Field:
    """The field of an input."""
    if len(shape) == 1:
        return Field(None, Reach.WHOLE)
    return Field((_START,) * (len(shape) - 1) if shape[1:] == first[1:] else None)


def _look(window: Window | Reach, source: Field) -> Field:
    if window is POINTWISE:
        return source
    if source.local is None and source.reach is None:
        return source  # it depends on no input
    if isinstance(window, Reach):
        return Field(None, source.reach if source.reach is Reach.WHOLE else window)
    if source.local is None:
        return source
    first, axis = source.local[0], window[0]
    seen = _through(first, axis)
    tracks = [
        seen if track is first and other is axis else _through(track, other)
        for track, other in zip(source.local, window, strict=True)
    ]
    return Field(tuple(tracks), source.reach)


def _through(track: Track, axis: Axis) -> Track:
    """The track after one more window."""
    jump, units = track
    kernel, stride, padding, dilation, up = axis
    if len(units) == 1 and up == 1 and units[0] is not None:
        first, last = units[0]
        return Track(jump * stride, ((first - padding * jump, last + ((kernel - 1) * dilation - padding) * jump),))
    try:
        padding = index(padding)  # pyright: ignore[reportArgumentType]
    except TypeError:
        raise ArchcalcError("after upsampling, padding that depends on the input size needs one size") from None
    period = len(units) * up  # of the grid with empty positions between units
    steps = period // gcd(period, stride)  # output units until the pattern repeats
    seen: list[Interval | None] = []
    for unit in range(steps):
        taps: list[Interval] = []
        for t in range(kernel):
            position: Any = unit * stride - padding + t * dilation
            if position % up == 0:
                turns: Any = position // up // len(units)
                phase: int = position // up % len(units)
                source = units[phase]
                if source is not None:
                    taps.append((source[0] + turns * jump, source[1] + turns * jump))
        seen.append(_hull(taps) if taps else None)
    return Track(jump * (stride * steps // period), tuple(seen))


def _hull(intervals: Sequence[Interval]) -> Interval:
    return minimum(*[first for first, _ in intervals]), maximum(*[last for _, last in intervals])


def _unite(sources: list[Field]) -> Field:
    local = [source.local for source in sources if source.local is not None]
    reaches = [source.reach for source in sources if source.reach is not None]
    reach = Reach.WHOLE if Reach.WHOLE in reaches else (reaches[0] if reaches else None)
    if not local:
        return Field(None, reach)
    first, *others = zip(*local, strict=True)
    united = _union(first)
    alike = [all([a is b for a, b in zip(first, other, strict=True)]) for other in others]
    return Field((united, *[united if a else _union(b) for a, b in zip(alike, others, strict=True)]), reach)


def _union(tracks: Sequence[Track]) -> Track:
    """The hull of branches that meet, unit by unit."""
    different = {id(track): track for track in tracks}
    if len(different) == 1:
        return tracks[0]
    period = lcm(*{len(track.units) for track in tracks})
    spread = list(different.values()) if period == 1 else [_repeated(track, period) for track in different.values()]
    jump = spread[0].jump
    if len({track.jump for track in spread}) > 1:
        strides = " and ".join(dict.fromkeys(str(track.stride) for track in tracks))
        raise ArchcalcError(f"branches of different strides meet: {strides} input positions between units")
    units = zip(*[track.units for track in spread], strict=True)
    seen = [[unit for unit in branches if unit is not None] for branches in units]
    return Track(jump, tuple([_hull(present) if present else None for present in seen]))


def _repeated(track: Track, period: int) -> Track:
    """The same track with a longer period."""
    turns = period // len(track.units)
    if turns == 1:
        return track
    units = [
        None if unit is None else (unit[0] + turn * track.jump, unit[1] + turn * track.jump)
        for turn in range(turns)
        for unit in track.units
    ]
    return Track(track.jump * turns, tuple(units))
