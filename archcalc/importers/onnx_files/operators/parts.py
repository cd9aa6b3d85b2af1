"""Parts of tensors, tensors joined, and values put around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.algebra.dims import Dim, below, ceil_div, is_int, maximum
from archcalc.base.errors import RuleError
from archcalc.graph import Op
from archcalc.importers.onnx_files.items import Item, dims_of, same
from archcalc.importers.onnx_files.known import axis_in
from archcalc.importers.onnx_files.operators.movement import picked
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.onnx_files.stored import same_as
from archcalc.importers.tensors import Made, Tensor, Unsupported
from archcalc.ops.combine import Concat
from archcalc.ops.layout import Slice, ZeroPad
from archcalc.ops.views import Flip, Narrow, Pad


def narrowed(site: OnnxSite, x: Tensor, axis: int, start: Dim, stop: Dim, step: int = 1) -> Tensor:
    """Positions of an axis, counted with the batch. Raises RuleError if there are none."""
    size = x.full[axis]
    if same_as(start, 0) and step == 1 and same(size, stop):
        return x
    if is_int(stop - start) and stop - start < 1:
        raise RuleError("it takes no positions")
    full = (*x.full[:axis], ceil_div(stop - start, step), *x.full[axis + 1 :])
    x = site.whole(x) if axis == 0 else x
    place = x.axis(axis)
    plain = step == 1 and is_int(start) and is_int(stop)
    op: Op = (
        Slice(start, stop)
        if place == 0 and plain and len(x.value.shape) == 3 and x.dropped
        else Narrow(place, start, stop, step)
    )
    return site.result(site.apply(op, x), full)


def position(given: Any, size: Any) -> Any:
    """A place on an axis as a number from 0 to its size: negative ones count from the end."""
    if is_int(given) and given >= 2**31 - 1:
        return size
    if is_int(given) and given < 0:
        return maximum(0, size + given) if is_int(size) else size + given
    if is_int(given) and is_int(size):
        return min(given, size)
    if not is_int(given) and not same(given, size) and below(size, given):
        return size
    return given


def _slice(site: OnnxSite) -> Item:
    x = site.tensor()
    starts, ends = site.list("starts", 1), site.list("ends", 2)
    if starts is None or ends is None:
        raise Unsupported("its positions are missing")
    axes = site.list("axes", 3) or list(range(len(starts)))
    steps = site.list("steps", 4) or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        place = axis_in(axis, len(x.full))
        size = x.full[place]
        if same_as(step, 1) and same(position(start, size), position(end, size)):
            return Made((*x.full[:place], 0, *x.full[place + 1 :]))
        x = _sliced(site, x, place, start, end, step)
    return x


def _sliced(site: OnnxSite, x: Tensor, axis: int, start: Any, end: Any, step: Any) -> Tensor:
    size = x.full[axis]
    if not is_int(step) or step == 0:
        raise Unsupported("its step depends on a size")
    if step > 0:
        return narrowed(site, x, axis, position(start, size), position(end, size), step)
    if not (is_int(start) and is_int(end)):
        raise Unsupported("it goes backwards between places that depend on a size")
    first = size - 1 if start == -1 or start >= 2**31 - 1 else position(start, size)
    if not (end < -(2**31) or (is_int(size) and end < -size)):
        if not is_int(size):
            raise Unsupported("it goes backwards between places that depend on a size")
        places = range(int(size))[start:end:step]  # pyright: ignore[reportArgumentType]
        full = (*x.full[:axis], len(places), *x.full[axis + 1 :])
        return picked(site, x, full)
    x = site.whole(x) if axis == 0 else x
    turned = site.result(site.apply(Flip((x.axis(axis),)), x), x.full)
    return narrowed(site, turned, axis, size - 1 - first, size, -step)


def _split(site: OnnxSite) -> list[Item | None]:
    x = site.tensor()
    axis = axis_in(site.given("axis", 0), len(x.full))
    count = len(site.node.outputs)
    sizes = site.list("split", 1)
    if sizes is None:
        each = ceil_div(x.full[axis], count) if site.given("num_outputs") else x.full[axis] // count
        sizes = [each] * (count - 1)
        sizes.append(x.full[axis] - each * (count - 1))
    parts: list[Item | None] = []
    start: Any = 0
    for place, size in enumerate(sizes):
        parts.append(narrowed(site, x, axis, start, start + size) if site.wanted(place) else None)
        start = start + size
    return parts


def joined(site: OnnxSite, tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Tensors joined along an axis, counted with the batch."""
    first = tensors[0]
    size: Any = 0
    for each in tensors:
        size = size + each.full[axis]
    full = (*first.full[:axis], size, *first.full[axis + 1 :])
    if len(tensors) == 1:
        return first
    if axis == 0 or len({each.dropped for each in tensors}) > 1:
        tensors = [site.whole(each) for each in tensors]
    return site.result(site.apply(Concat(tensors[0].axis(axis)), *tensors), full)


def _concat(site: OnnxSite) -> Item:
    items = [item for item in site.items if item is not None and not any([same_as(size, 0) for size in dims_of(item)])]
    if not items:
        raise Unsupported("it joins nothing")
    if len(items) == 1:
        return items[0]
    tensors = [site.walk.value(item) for item in items]
    if len({len(each.full) for each in tensors}) > 1:
        raise RuleError("it joins tensors of other axes")
    return joined(site, tensors, axis_in(site.given("axis", 1), len(tensors[0].full)))


def _pad(site: OnnxSite) -> Tensor:
    x = site.tensor()
    given = site.list("pads", 1) or site.list("paddings") or []
    axes = [axis_in(axis, len(x.full)) for axis in site.list("axes", 3) or range(len(x.full))]
    before: list[Any] = [0] * len(x.full)
    after: list[Any] = [0] * len(x.full)
    for axis, low, high in zip(axes, given[: len(axes)], given[len(axes) :], strict=True):
        before[axis], after[axis] = low, high
    if all([same_as(each, 0) for each in (*before, *after)]):
        return x
    full = tuple([size + low + high for size, low, high in zip(x.full, before, after, strict=True)])
    if x.dropped and not (same_as(before[0], 0) and same_as(after[0], 0)):
        x = site.whole(x)
    before, after = before[x.dropped :], after[x.dropped :]
    named: str = site.given("mode", "constant")
    mode: Any = {"edge": "replicate", "wrap": "circular"}.get(named, named)
    if (
        mode == "constant"
        and len(before) == 3
        and x.dropped
        and all([is_int(each) and each >= 0 for each in (*before, *after)])
    ):
        (low, top, left), (high, bottom, right) = before, after
        return site.result(site.apply(ZeroPad(top, bottom, left, right, low, high), x), full)
    return site.result(site.apply(Pad(tuple(before), tuple(after), mode), x), full)


MAKERS: Mapping[str, Maker] = {
    "Slice": _slice,
    "Split": _split,
    "Concat": _concat,
    "Pad": _pad,
}
