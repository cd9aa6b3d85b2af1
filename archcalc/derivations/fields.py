"""The receptive field of a node as parts of a derivation: the layers on the path to it, and the sums along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.analysis.receptive_field import Track
from archcalc.derivations import paths
from archcalc.derivations.letters import SIZES
from archcalc.derivations.results import Listing, Part
from archcalc.derivations.rows import GraphAnalyses, listed
from archcalc.derivations.working import Zero


def field(net: GraphAnalyses, index: int, wanted: Sequence[str]) -> tuple[tuple[Part, ...], dict[str, Any]]:
    """Derivations of size, stride or offset of a node's field, and the values on each axis; None for no window."""
    own = net.fields[index]
    reason = paths.no_window(net.graph, net.fields, index) if own.reach is not None else ""
    if own.local is None:
        return (Part("", (Zero("r", "field", reason),)),), dict.fromkeys(wanted)
    every = [_axis(net, index, axis, track, wanted) for axis, track in enumerate(own.local)]
    if all([each == every[0] for each in every]):
        said = ("", "on both axes", "on all axes")[len(every) - 1]
        parts = [every[0]._replace(heading=said)]
    else:
        names = SIZES[len(every)]
        parts = [each._replace(heading=f"on the {name} axis") for name, each in zip(names, every, strict=True)]
    if reason:
        parts.append(Part("", (), f"This is the field of the local windows: {reason}."))
        return tuple(parts), dict.fromkeys(wanted)
    lines = zip(wanted, *[each.lines for each in every], strict=True)
    return tuple(parts), {name: tuple([line.value for line in each]) for name, *each in lines}


def _axis(net: GraphAnalyses, index: int, axis: int, track: Track, wanted: Sequence[str]) -> Part:
    path = paths.path_to(net.graph, net.fields, index, axis)
    if path is None:
        lines = paths.upsampled(track)
        remark = (
            "After upsampling units differ: the field of each is the hull of the fields of the units that it reads."
        )
    else:
        lines, remark = paths.equations(path), _remark(path)
    chosen = tuple([lines[("size", "stride", "offset").index(each)] for each in wanted])
    return Part("", chosen, remark, None if path is None else _listing(path))


def _remark(path: paths.Path) -> str:
    recursion = "Layer by layer: r_out = r_in + (k - 1) * d * j_in, j_out = j_in * s, o_out = o_in - p * j_in."
    if not path.branches:
        return recursion
    seen = listed([f"{row} {first} to {last}" for row, first, last in path.branches])
    return f"{recursion} It begins where branches meet and none sees all that the others see: {seen}."


def _listing(path: paths.Path) -> Listing:
    rows = [
        (
            run.rows[0] if run.layers == 1 else f"{run.rows[0]} to {run.rows[1]}",
            run.layers,
            run.kernel,
            run.dilation,
            run.stride,
            run.padding,
            run.jump,
            run.size,
            run.offset,
        )
        for run in path.runs
    ]
    return Listing(("layers", "n", "k", "d", "s", "p", "j", "size", "offset"), tuple(rows))
