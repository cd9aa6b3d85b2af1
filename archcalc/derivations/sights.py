"""The receptive field of a node as parts of a derivation: the layers on its way, and the sums along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.analysis.receptive_field import Track
from archcalc.derivations import looking
from archcalc.derivations.letters import SIZES
from archcalc.derivations.results import Listing, Part
from archcalc.derivations.rows import GraphAnalyses, listed
from archcalc.derivations.working import Zero


def field(net: GraphAnalyses, index: int, wanted: Sequence[str]) -> tuple[tuple[Part, ...], dict[str, Any]]:
    """Size, stride or offset of the field of a node, and what they are on each axis; None if it is no window."""
    sight = net.sees[index]
    reason = looking.blind(net.graph, net.sees, index) if sight.reach is not None else ""
    if sight.local is None:
        return (Part("", (Zero("r", "field", reason),)),), dict.fromkeys(wanted)
    every = [_axis(net, index, axis, track, wanted) for axis, track in enumerate(sight.local)]
    if all([each == every[0] for each in every]):
        said = ("", "on both axes", "on all axes")[len(every) - 1]
        parts = [every[0]._replace(heading=said)]
    else:
        names = SIZES[len(every)]
        parts = [each._replace(heading=f"on the {name} axis") for name, each in zip(names, every, strict=True)]
    if reason:
        parts.append(Part("", (), f"This is what the local windows see: {reason}."))
        return tuple(parts), dict.fromkeys(wanted)
    lines = zip(wanted, *[each.lines for each in every], strict=True)
    return tuple(parts), {name: tuple([line.value for line in each]) for name, *each in lines}


def _axis(net: GraphAnalyses, index: int, axis: int, track: Track, wanted: Sequence[str]) -> Part:
    way = looking.path(net.graph, net.sees, index, axis)
    if way is None:
        lines = looking.apart(track)
        remark = "After upsampling units differ: the field of each is the hull of what the units below it see."
    else:
        lines, remark = looking.equations(way), _remark(way)
    chosen = tuple([lines[("size", "stride", "offset").index(each)] for each in wanted])
    return Part("", chosen, remark, None if way is None else _listing(way))


def _remark(way: looking.Path) -> str:
    recursion = "Layer by layer: r_out = r_in + (k - 1) * d * j_in, j_out = j_in * s, o_out = o_in - p * j_in."
    if not way.branches:
        return recursion
    seen = listed([f"{row} {first} to {last}" for row, first, last in way.branches])
    return f"{recursion} It begins where branches meet and none sees all that the others do: {seen}."


def _listing(way: looking.Path) -> Listing:
    rows = [
        (
            look.rows[0] if look.layers == 1 else f"{look.rows[0]} to {look.rows[1]}",
            look.layers,
            look.kernel,
            look.dilation,
            look.stride,
            look.padding,
            look.jump,
            look.size,
            look.offset,
        )
        for look in way.looks
    ]
    return Listing(("layers", "n", "k", "d", "s", "p", "j", "size", "offset"), tuple(rows))
