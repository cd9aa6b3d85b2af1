"""Operators that move values: views, copies, other orders of axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.algebra.dims import Dim, Shape, ceil_div, is_int, product
from archcalc.base.errors import RuleError
from archcalc.graph import Op
from archcalc.importers.onnx_files.items import same
from archcalc.importers.onnx_files.known import axis_in, squeezed, unsqueezed
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.onnx_files.stored import same_as
from archcalc.importers.tensors import Made, Tensor, Unsupported, image
from archcalc.ops.elementwise import broadcast
from archcalc.ops.layout import ChannelsFirst, ChannelsLast, Flatten
from archcalc.ops.views import Copy, Expand, Index, Permute, Repeat, Reshape

MOVED = (Permute, Expand, ChannelsFirst, ChannelsLast)
"""Views after which values do not lie in their order, so that another shape needs a copy."""


def reshaped(site: OnnxSite, x: Tensor, full: Sequence[Dim]) -> Tensor:
    """A tensor in another shape, counted with the batch."""
    sizes = tuple(full)
    if site.unchanged(x, sizes):
        return Tensor(x.value, sizes)
    wanted = image(sizes) or (1,)
    copy = isinstance(site.walk.graph.nodes[x.value.index].op, MOVED)
    if len(wanted) == 1 and len(x.value.shape) == 3 and not copy:
        value = site.apply(Flatten(), x)
        return site.result(value, (*[1] * (len(sizes) - 1), *value.shape))
    return Tensor(site.apply(Reshape(wanted, copy), x), sizes or (1,))


def _reshape(site: OnnxSite) -> Tensor:
    x = site.tensor()
    wanted = site.list("shape", 1)
    if wanted is None:
        raise Unsupported("its sizes are missing")
    return reshaped(site, x, filled(x.full, wanted, bool(site.given("allowzero", 0))))


def filled(full: Shape, wanted: Sequence[Any], zeros: bool = False) -> list[Any]:
    """Sizes in which 0 stands for the input's own and -1 for what is left. Raises RuleError if nothing can be."""
    sizes = [
        full[axis] if same_as(size, 0) and not zeros and axis < len(full) else size for axis, size in enumerate(wanted)
    ]
    free = [axis for axis, size in enumerate(sizes) if same_as(size, -1)]
    if len(free) > 1 or any([is_int(size) and (size < -1 or size == 0) for size in sizes]):
        raise RuleError("its sizes are none")
    if free:
        sizes[free[0]] = quotient(full, [size for axis, size in enumerate(sizes) if axis != free[0]])
    return sizes


def quotient(whole: Sequence[Dim], parts: Sequence[Dim]) -> Dim:
    """The product of some sizes divided by that of others; what is on both sides needs no division.

    >>> quotient((64, 7, 7), (64,))
    49
    """
    left, right = list(whole), list[Dim]()
    for part in parts:
        place = next((place for place, size in enumerate(left) if same(size, part)), None)
        if place is None:
            right.append(part)
        else:
            del left[place]
    divisor = product(tuple(right))
    total = product(tuple(left))
    if same_as(divisor, 1):
        return total
    if same_as(divisor, 0) or (is_int(total) and is_int(divisor) and total % divisor):
        raise RuleError("its values do not fill its sizes")
    return total // divisor


def _flatten(site: OnnxSite) -> Tensor:
    x = site.tensor()
    axis = site.given("axis", 1)
    axis = axis + len(x.full) if axis < 0 else axis
    return reshaped(site, x, (product(x.full[:axis]), product(x.full[axis:])))


def _squeeze(site: OnnxSite) -> Tensor:
    x = site.tensor()
    return reshaped(site, x, squeezed(x.full, site.list("axes", 1)))


def _unsqueeze(site: OnnxSite) -> Tensor:
    x = site.tensor()
    return reshaped(site, x, unsqueezed(x.full, site.list("axes", 1) or []))


def transposed(site: OnnxSite, x: Tensor, order: Sequence[int]) -> Tensor:
    """A tensor with its axes in another order, counted with the batch."""
    places = [axis_in(axis, len(x.full)) for axis in order]
    if sorted(places) != list(range(len(x.full))):
        raise RuleError(f"{places} is no order of its axes")
    full = tuple([x.full[axis] for axis in places])
    own, source = places, site.whole(x)
    if x.dropped and places[0] == 0:
        own, source = [axis - 1 for axis in places[1:]], x
    moving = [axis for axis in own if not same_as(source.value.shape[axis], 1)]
    if moving == sorted(moving):
        return reshaped(site, x, full)
    op: Op = Permute(tuple(own))
    if len(own) == 3 and source is x and x.dropped:
        op = ChannelsLast() if own == [1, 2, 0] else ChannelsFirst() if own == [2, 0, 1] else op
    return site.result(site.apply(op, source), full)


def _transpose(site: OnnxSite) -> Tensor:
    x = site.tensor()
    return transposed(site, x, site.given("perm") or list(range(len(x.full)))[::-1])


def _expand(site: OnnxSite) -> Tensor:
    x = site.tensor()
    full = broadcast(x.full, tuple(site.list("shape", 1) or []))
    return Tensor(x.value, full) if site.unchanged(x, full) else site.result(site.apply(Expand(image(full)), x), full)


def _tile(site: OnnxSite) -> Tensor:
    x = site.tensor()
    times = site.list("repeats", 1) or []
    if all([same_as(each, 1) for each in times]):
        return x
    full = tuple([size * each for size, each in zip(x.full, times, strict=True)])
    return site.result(site.apply(Repeat(tuple(times)), site.whole(x)), full)


def _copy(site: OnnxSite) -> Tensor:
    return site.pointwise(Copy())


def _made(site: OnnxSite) -> Made:
    """A constant of the sizes that an input says."""
    return Made(tuple(site.list("shape", 0) or []))


def _range(site: OnnxSite) -> Made:
    start, limit, step = (site.list("", place) or [0] for place in range(3))
    return Made((ceil_div(limit[0] - start[0], step[0]),))


def picked(site: OnnxSite, x: Tensor, full: Shape, *others: Tensor) -> Tensor:
    """Values picked by an index, as a tensor of some sizes."""
    wanted = image(full) or (1,)
    if any([is_int(size) and size < 1 for size in full]):
        raise RuleError("it picks nothing")
    return site.result(site.apply(Index(wanted, product(wanted)), x, *others), full)


MAKERS: Mapping[str, Maker] = {
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Transpose": _transpose,
    "Expand": _expand,
    "Tile": _tile,
    "Trilu": _copy,
    "ReverseSequence": _copy,
    "ConstantOfShape": _made,
    "RandomNormal": _made,
    "RandomUniform": _made,
    "Range": _range,
}
