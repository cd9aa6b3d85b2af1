"""Operators that move values: views, copies, splits, joins, and values picked by an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from archcalc.algebra.dims import is_int, product
from archcalc.graph import Op, Value
from archcalc.importers.call_site import CallSite, Handler
from archcalc.importers.program import Ref
from archcalc.importers.strides import is_contiguous, is_view, viewable
from archcalc.importers.tensors import Tensor, Unsupported, alike, image, is_empty
from archcalc.ops.combine import Concat
from archcalc.ops.layout import ChannelsFirst, ChannelShuffle, ChannelsLast, Flatten, Slice, ZeroPad
from archcalc.ops.scatter import Scatter, SliceScatter
from archcalc.ops.views import Copy, Expand, Flip, Index, Narrow, Pad, Permute, Repeat, Reshape, Roll, Select, Stack


def _reshape(site: CallSite) -> Value:
    x = site.tensor("self", "input")
    wanted = image(site.full())
    if alike(wanted, x.value.shape):
        return x.value
    if len(wanted) == 1 and len(x.value.shape) == 3 and _is_view(site):
        return site.apply(Flatten(), x)
    return site.apply(Reshape(wanted, not _is_view(site)), x)


def _is_view(site: CallSite) -> bool:
    """Return True if the values of the input lie so in memory that the output can be a view of them."""
    source = site.replay.program.tensors.get(site.name("self", "input"))
    target = site.replay.program.tensors.get(site.call.outputs[0])
    return source is None or target is None or is_view(source, target)


def in_rows(site: CallSite, name: str, rows: int = 1) -> Tensor:
    """An argument of a product, copied as PyTorch does where its axes before the last `rows` are not one in memory.

    PyTorch's `linear` and `matmul` see all axes before those of the matrices as one, and autograd keeps the copy.
    """
    x = site.tensor(name)
    meta = site.replay.program.tensors.get(site.name(name))
    if meta is None or not meta.strides or len(meta.traced) <= rows + 1 or 0 in meta.strides:
        return x
    together = (prod(meta.traced[:-rows]), *meta.traced[-rows:])
    return x if viewable(meta.traced, meta.strides, together) else Tensor(site.apply(Copy(), x), x.full)


def _same(site: CallSite) -> Value:
    return site.tensor("self", "input", "a").value


def _contiguous(site: CallSite) -> Value:
    x = site.tensor("self", "input")
    meta = site.replay.program.tensors.get(site.name("self", "input"))
    return x.value if meta is None or is_contiguous(meta) else site.apply(Copy(), x)


def _copy(site: CallSite) -> Value:
    return site.apply(Copy(), site.tensor("self", "input"))


def _to(site: CallSite) -> Value:
    """A conversion: a copy only if the type changes."""
    tensors = site.replay.program.tensors
    before, after = tensors.get(site.name("self", "input")), tensors.get(site.call.outputs[0])
    changes = before is not None and after is not None and before.floating != after.floating
    return _copy(site) if changes else _same(site)


def _permuted(site: CallSite, x: Tensor, order: Sequence[int]) -> Value:
    """A tensor with its axes in another order, counted with the batch."""
    order = [axis % len(x.full) for axis in order]
    if x.dropped and order[0] == 0:
        order = [axis - 1 for axis in order[1:]]
    else:
        x = site.whole(x)
    if order == sorted(order):
        return x.value
    op: Op = Permute(tuple(order))
    if x.dropped and order in ([1, 2, 0], [2, 0, 1]):
        op = ChannelsLast() if order[0] == 1 else ChannelsFirst()
    elif x.dropped and order == [1, 0]:
        op = ChannelsFirst() if site.replay.is_last(x.value) else ChannelsLast()
    return site.apply(op, x)


def _permute(site: CallSite) -> Value:
    return _permuted(site, site.tensor("self"), site.given("dims"))


def _transpose(site: CallSite) -> Value:
    x = site.tensor("self", "input")
    order = list(range(len(x.full)))
    if len(order) < 2:
        return x.value
    a, b = site.given("dim0", default=-2) % len(order), site.given("dim1", default=-1) % len(order)
    order[a], order[b] = order[b], order[a]
    return _permuted(site, x, order)


def _movedim(site: CallSite) -> Value:
    x = site.tensor("self")
    given: list[Any] = [site.given("source"), site.given("destination")]
    source, target = ([each] if is_int(each) else list(each) for each in given)
    axes = len(x.full)
    order: list[Any] = [None] * axes
    for a, b in zip(source, target, strict=True):
        order[b % axes] = a % axes
    rest = iter([axis for axis in range(axes) if axis not in order])
    return _permuted(site, x, [next(rest) if axis is None else axis for axis in order])


def _expand(site: CallSite) -> Value:
    x = site.tensor("self", "input")
    wanted = image(site.full())
    if alike(wanted, x.value.shape):
        return x.value
    return site.apply(Expand(wanted), x)


def _select(site: CallSite) -> Value:
    x = site.tensor("self")
    axis = site.given("dim") % len(x.full)
    x = site.whole(x) if axis == 0 else x
    position = site.dim("index")
    size = x.value.shape[x.axis(axis)]
    return site.apply(Select(x.axis(axis), position + size if is_int(position) and position < 0 else position), x)


def _unbind(site: CallSite) -> list[Value | None]:
    x = site.tensor("self")
    axis = site.given("dim", default=0) % len(x.full)
    x = site.whole(x) if axis == 0 else x
    return [
        site.apply(Select(x.axis(axis), place), x) if site.wanted(place) else None
        for place in range(len(site.call.outputs))
    ]


def _narrowed(site: CallSite, x: Tensor, axis: int, start: Any, stop: Any, step: int = 1) -> Value:
    """Some positions of an axis, counted with the batch."""
    size = x.full[axis]
    if is_int(start) and start == 0 and step == 1 and (stop is None or alike((size,), (stop,))):
        return x.value
    x = site.whole(x) if axis % len(x.full) == 0 else x
    place = x.axis(axis)
    if place == 0 and step == 1 and is_int(start) and is_int(stop) and len(x.value.shape) == 3 and x.dropped:
        return site.apply(Slice(start, stop), x)
    return site.apply(Narrow(place, start, stop, step), x)


def _slice(site: CallSite) -> Value:
    x = site.tensor("self")
    axis = site.given("dim", default=0) % len(x.full)
    start, step = _position(site.dim("start", 0), x.full[axis]), site.given("step", default=1)
    every: Any = site.full()
    return _narrowed(site, x, axis, start, start + (every[axis] - 1) * step + 1, step)


def _position(given: Any, size: Any) -> Any:
    """A place on an axis, counted from its begin: a negative number counts from the end."""
    if is_int(given) and given < 0:
        return max(0, size + given) if is_int(size) else size + given
    return given


def _narrow(site: CallSite) -> Value:
    x = site.tensor("self")
    axis = site.given("dim") % len(x.full)
    start = _position(site.dim("start"), x.full[axis])
    return _narrowed(site, x, axis, start, start + site.dim("length"))


def _slice_scatter(site: CallSite) -> Value:
    """A tensor with some positions of an axis taken from another one."""
    x, source = site.tensor("self"), site.tensor("src")
    axis = site.given("dim", default=0) % len(x.full)
    start, step = _position(site.dim("start", 0), x.full[axis]), site.given("step", default=1)
    return _scattered(site, x, source, axis, start, step)


def _select_scatter(site: CallSite) -> Value:
    """A tensor with one position of an axis taken from another one, which has not this axis."""
    x, source = site.tensor("self"), site.tensor("src")
    axis = site.given("dim") % len(x.full)
    full = (*source.full[:axis], 1, *source.full[axis:])
    source = Tensor(site.view(source, image(full)), full)
    return _scattered(site, x, source, axis, _position(site.dim("index"), x.full[axis]), 1)


def _scattered(site: CallSite, x: Tensor, source: Tensor, axis: int, start: Any, step: int) -> Value:
    if alike((x.full[axis],), (source.full[axis],)):
        return source.value
    if axis == 0 or x.dropped != source.dropped:
        x, source = site.whole(x), site.whole(source)
    stop = start + (source.full[axis] - 1) * step + 1
    return site.apply(SliceScatter(x.axis(axis), start, stop, step), x, source)


def _scatter(adds: bool, source: str) -> Handler:
    """Values written into a tensor, or added there, at places that indices name."""

    def scatter(site: CallSite) -> Value:
        x, given = site.tensor("self"), site.name(source)
        indices = [each for each in site.tensors if each not in (site.name("self"), given)]
        count: Any = sum([product(site.replay.full(name)) for name in indices], 0)
        written = [site.tensor(source)] if given else []
        if any([each.dropped != x.dropped for each in written]):
            x, written = site.whole(x), [site.whole(each) for each in written]
        adds_now = adds or bool(site.given("accumulate"))
        return site.apply(Scatter(adds_now, count), x, *written)

    return scatter


def _copied_from(site: CallSite) -> Value:
    """The values of another tensor, repeated where they are fewer: what `copy_` writes."""
    source = site.tensor("src")
    wanted = image(site.full())
    return source.value if alike(wanted, source.value.shape) else site.apply(Expand(wanted), source)


def _split(site: CallSite) -> list[Value | None]:
    """Parts of an axis, one after another, each as large as its trace says."""
    x = site.tensor("self")
    axis = site.given("dim", default=0) % len(x.full)
    start: Any = 0
    parts: list[Value | None] = []
    for place in range(len(site.call.outputs)):
        every: Any = site.replay.full(site.call.outputs[place])
        size = every[axis]
        parts.append(_narrowed(site, x, axis, start, start + size) if site.wanted(place) else None)
        start = start + size
    return parts


def _join(site: CallSite) -> Value:
    tensors = [site.replay.value(name) for name in site.tensors if not is_empty(site.replay.full(name))]
    axis = site.given("dim", default=0) % len(tensors[0].full)
    if len(tensors) == 1:
        return site.apply(Copy(), tensors[0])
    if axis == 0 or len({each.dropped for each in tensors}) > 1:
        tensors = [site.whole(each) for each in tensors]
    return site.apply(Concat(tensors[0].axis(axis)), *tensors)


def _stack(site: CallSite) -> Value:
    tensors = site.several("tensors")
    axis = site.given("dim", default=0) % (len(tensors[0].full) + 1)
    if axis == 0 or not tensors[0].dropped:
        tensors = [site.whole(each) for each in tensors]
        return site.apply(Stack(axis), *tensors)
    return site.apply(Stack(axis - 1), *tensors)


def _pad(site: CallSite) -> Value:
    x = site.tensor("self", "input")
    given = site.dims("pad") or site.dims("padding")
    mode = site.given("mode", default="constant")
    if mode == "constant" and all([is_int(each) and each == 0 for each in given]):
        return site.apply(Copy(), x)
    axes = len(x.value.shape)
    before: list[Any] = [0] * axes
    after: list[Any] = [0] * axes
    for place in range(len(given) // 2):
        if place >= axes:
            if any([not is_int(each) or each != 0 for each in given[2 * place :]]):
                raise Unsupported("it pads the batch")
            break
        before[axes - 1 - place], after[axes - 1 - place] = given[2 * place], given[2 * place + 1]
    plain = all([is_int(each) and each >= 0 for each in (*before, *after)])
    if mode == "constant" and axes == 3 and x.dropped and plain:
        top, left = before[1:]
        bottom, right = after[1:]
        return site.apply(ZeroPad(top, bottom, left, right, before[0], after[0]), x)
    return site.apply(Pad(tuple(before), tuple(after), mode), x)


def _repeat(site: CallSite) -> Value:
    x = site.whole(site.tensor("self"))
    times = site.dims("repeats") or site.dims("dims")
    times = [1] * (len(x.full) - len(times)) + times
    if all([is_int(each) and each == 1 for each in times]):
        return site.apply(Copy(), x)
    return site.apply(Repeat(tuple(times)), x)


def _roll(site: CallSite) -> Value:
    x = site.tensor("self")
    shifts, axes = site.dims("shifts"), site.given("dims", default=[])
    return site.apply(Roll(tuple(shifts), tuple([x.axis(axis) for axis in axes])), x)


def _flip(site: CallSite) -> Value:
    x = site.tensor("self")
    return site.apply(Flip(tuple([x.axis(axis) for axis in site.given("dims")])), x)


def _index(site: CallSite) -> Value:
    """Values picked by indices, which autograd keeps; those that the model keeps itself take no memory."""
    wanted = image(site.full())
    indices = [each for each in site.tensors if each != site.name("self", "input")]
    kept: Any = 0
    for name in indices:
        if not _is_view_of_stored(site, name):
            kept = kept + product(site.replay.full(name))
    return site.apply(Index(wanted, kept), site.tensor("self", "input"))


def _is_view_of_stored(site: CallSite, name: str) -> bool:
    """Return True if a tensor is one that the model keeps, or a view of it."""
    program = site.replay.program
    while name not in program.stored:
        made = next((call for call in program.calls if name in call.outputs), None)
        source = made and made.arguments.get("self")
        if made is None or not isinstance(source, Ref) or made.operator.removeprefix("aten.") not in VIEWS:
            return False
        before, after = program.tensors[source.name], program.tensors[name]
        if before.strides and not viewable(before.traced, before.strides, after.traced):
            return False
        name = source.name
    return True


VIEWS = frozenset({"view", "reshape", "flatten", "unsqueeze", "squeeze", "alias", "detach", "expand", "ravel"})
"""Operators that give a view of their input where the order of its values allows it."""


def _moved(site: CallSite) -> Value:
    """Values in an order that no index says: shuffles, windows side by side."""
    return site.apply(Index(image(site.full())), site.tensor("self", "input"))


def _shuffle(site: CallSite) -> Value:
    x = site.tensor("self", "input")
    return site.on_maps(ChannelShuffle(site.given("groups")), x, len(x.full) - 2)


def _gather(site: CallSite) -> Value:
    wanted = image(site.full())
    return site.apply(Index(wanted, product(wanted)), site.tensor("self"), site.tensor("index"))


OPERATORS: Mapping[str, Handler] = {
    **dict.fromkeys(
        ("view", "reshape", "_unsafe_view", "flatten", "unflatten", "unsqueeze", "squeeze", "view_as", "ravel"),
        _reshape,
    ),
    "reshape_as": _reshape,
    **dict.fromkeys(
        ("alias", "detach", "lift_fresh_copy", "dropout_identity", "identity", "type_as", "positive"), _same
    ),
    "contiguous": _contiguous,
    "clone": _copy,
    **dict.fromkeys(("to", "_to_copy", "float", "half", "type", "_assert_tensor_metadata"), _to),
    "permute": _permute,
    "transpose": _transpose,
    "t": _transpose,
    "numpy_T": _transpose,
    "mT": _transpose,
    "swapaxes": _transpose,
    "movedim": _movedim,
    "expand": _expand,
    "expand_as": _expand,
    "broadcast_to": _expand,
    "select": _select,
    "unbind": _unbind,
    "slice": _slice,
    "narrow": _narrow,
    "slice_scatter": _slice_scatter,
    "select_scatter": _select_scatter,
    "copy": _copied_from,
    "index_put": _scatter(adds=False, source="values"),
    "index_copy": _scatter(adds=False, source="source"),
    "index_fill": _scatter(adds=False, source=""),
    "index_add": _scatter(adds=True, source="source"),
    "scatter": _scatter(adds=False, source="src"),
    "scatter_add": _scatter(adds=True, source="src"),
    "masked_scatter": _scatter(adds=False, source="source"),
    "split": _split,
    "split_with_sizes": _split,
    "chunk": _split,
    "tensor_split": _split,
    "unsafe_split": _split,
    "cat": _join,
    "concat": _join,
    "concatenate": _join,
    "stack": _stack,
    "pad": _pad,
    "constant_pad_nd": _pad,
    "reflection_pad2d": _pad,
    "replication_pad2d": _pad,
    "repeat": _repeat,
    "tile": _repeat,
    "roll": _roll,
    "flip": _flip,
    "index": _index,
    "index_select": _index,
    "gather": _gather,
    "take_along_dim": _gather,
    "unfold": _moved,
    "pixel_shuffle": _moved,
    "pixel_unshuffle": _moved,
    "channel_shuffle": _shuffle,
    "im2col": _moved,
    "repeat_interleave": _index,
    "tril": _copy,
    "triu": _copy,
    "diagonal": _moved,
    "as_strided": _moved,
}
