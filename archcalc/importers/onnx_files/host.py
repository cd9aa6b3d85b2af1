"""Nodes whose inputs are known while the graph is built: sizes computed from sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product as places
from math import prod
from typing import Any, NamedTuple

from archcalc.algebra.dims import is_int
from archcalc.importers.onnx_files.arithmetic import (
    below_value,
    divide,
    equal_values,
    extreme_of,
    is_plain,
    minus,
    modulo,
    plus,
    rounded,
    rounded_down,
    rounded_up,
    times,
    toward_zero,
)
from archcalc.importers.onnx_files.known import (
    MOST,
    Numbers,
    axis_in,
    broadcast_dims,
    known,
    real,
    spread,
    squeezed,
    taken,
    unsqueezed,
)
from archcalc.importers.tensors import Unsupported


class HostCall(NamedTuple):
    """A node all of whose inputs are known."""

    inputs: list[Numbers | None]
    attributes: Mapping[str, Any]
    opset: int

    def given(self, place: int) -> Numbers:
        """An input. Raises Unsupported if it is left out."""
        found = self.inputs[place] if place < len(self.inputs) else None
        if found is None:
            raise Unsupported("an input is missing")
        return found

    def list(self, name: str, place: int) -> Any:
        """Whole numbers: an attribute in older opsets, an input in newer ones; None if they are left out."""
        if name in self.attributes:
            return self.attributes[name]
        found = self.inputs[place] if place < len(self.inputs) else None
        return None if found is None else found.whole


HostFunction = Callable[[HostCall], Numbers]


def _each(function: Callable[[Any], Any], floating: bool | None = None) -> HostFunction:
    def each(call: HostCall) -> Numbers:
        x = call.given(0)
        return known([function(value) for value in x.values], x.dims, x.floating if floating is None else floating)

    return each


def _fold(function: Callable[[Any, Any], Any]) -> HostFunction:
    def fold(call: HostCall) -> Numbers:
        inputs = [call.given(place) for place in range(len(call.inputs))]
        dims = broadcast_dims(*[each.dims for each in inputs])
        values = spread(inputs[0], dims)
        for other in inputs[1:]:
            values = [function(a, b) for a, b in zip(values, spread(other, dims), strict=True)]
        return known(values, dims, any([each.floating for each in inputs]))

    return fold


def _division(call: HostCall) -> Numbers:
    floating = call.given(0).floating or call.given(1).floating
    return _fold(lambda a, b: divide(a, b, floating))(call)


def _compared(function: Callable[[Any, Any], bool]) -> HostFunction:
    def compared(call: HostCall) -> Numbers:
        return _fold(function)(call)._replace(floating=False)

    return compared


def _cast(call: HostCall) -> Numbers:
    x = call.given(0)
    target = call.attributes.get("to", 1)
    if target in (1, 10, 11, 14, 16):
        return known([Fraction(value) if is_int(value) else value for value in x.values], x.dims, floating=True)
    if target == 9:
        return known([not equal_values(value, 0) for value in x.values], x.dims)
    return known([toward_zero(value) for value in x.values], x.dims)


def _where(call: HostCall) -> Numbers:
    condition, a, b = (call.given(place) for place in range(3))
    dims = broadcast_dims(condition.dims, a.dims, b.dims)
    chosen = zip(spread(condition, dims), spread(a, dims), spread(b, dims), strict=True)
    return known([x if test else y for test, x, y in chosen], dims, a.floating)


def _range(call: HostCall) -> Numbers:
    start, limit, step = (call.given(place).values[0] for place in range(3))
    if not all([is_plain(value) for value in (start, limit, step)]) or step == 0:
        raise Unsupported("it is as long as a size")
    count = max(0, -int(-((limit - start) / Fraction(step)) // 1))
    if count > MOST:
        raise Unsupported(f"more than {MOST} values")
    return known([start + step * place for place in range(count)], (count,), call.given(0).floating)


def _filled(call: HostCall) -> Numbers:
    dims = call.given(0).whole
    if not all([is_int(size) and size >= 0 for size in dims]) or prod(dims) > MOST:
        raise Unsupported("it has many values")
    tensor = call.attributes.get("value")
    value = 0.0 if tensor is None else tensor.values[0] if tensor.values else 0
    floating = tensor is None or tensor.element.floating
    return known([real(value)] * prod(dims), dims, floating)


def _gather(call: HostCall) -> Numbers:
    x, index = call.given(0), call.given(1)
    axis = axis_in(call.attributes.get("axis", 0), len(x.dims))
    size = x.dims[axis]
    positions = [axis_in(position, size) for position in index.whole]
    found = taken(x, axis, positions)
    return found._replace(dims=(*x.dims[:axis], *index.dims, *x.dims[axis + 1 :]))


def _slice(call: HostCall) -> Numbers:
    x = call.given(0)
    starts, ends = call.list("starts", 1), call.list("ends", 2)
    axes = call.list("axes", 3) or list(range(len(starts)))
    steps = call.list("steps", 4) or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        place = axis_in(axis, len(x.dims))
        if not all([is_int(each) for each in (start, end, step)]) or step == 0:
            raise Unsupported("its positions depend on a size")
        x = taken(x, place, range(x.dims[place])[start:end:step])
    return x


def _concat(call: HostCall) -> Numbers:
    inputs = [call.given(place) for place in range(len(call.inputs))]
    first = inputs[0].dims
    axis = axis_in(call.attributes.get("axis", 0), len(first))
    if any([each.dims[:axis] + each.dims[axis + 1 :] != first[:axis] + first[axis + 1 :] for each in inputs]):
        raise Unsupported("sizes do not match")
    values: list[Any] = []
    for outer in range(prod(first[:axis])):
        for each in inputs:
            inner = prod(each.dims[axis:])
            values += each.values[outer * inner : (outer + 1) * inner]
    dims = [*first[:axis], sum([each.dims[axis] for each in inputs]), *first[axis + 1 :]]
    return known(values, dims, inputs[0].floating)


def _reshape(call: HostCall) -> Numbers:
    x = call.given(0)
    dims = [x.dims[axis] if size == 0 and axis < len(x.dims) else size for axis, size in enumerate(call.given(1).whole)]
    if not all([is_int(size) for size in dims]) or dims.count(-1) > 1:
        raise Unsupported("its sizes depend on a size")
    rest = prod([size for size in dims if size != -1])
    dims = [len(x.values) // max(1, rest) if size == -1 else size for size in dims]
    if prod(dims) != len(x.values):
        raise Unsupported("its values do not fill its sizes")
    return x._replace(dims=tuple(dims))


def _clip(call: HostCall) -> Numbers:
    x = call.given(0)
    values = list(x.values)
    for place, name, function in ((1, "min", extreme_of("Max")), (2, "max", extreme_of("Min"))):
        limit: Any = call.attributes.get(name)
        if limit is None and place < len(call.inputs) and call.inputs[place] is not None:
            limit = call.given(place).values[0]
        if limit is not None:
            values = [function(value, real(limit)) for value in values]
    return known(values, x.dims, x.floating)


def _transpose(call: HostCall) -> Numbers:
    x = call.given(0)
    order = [axis_in(axis, len(x.dims)) for axis in call.attributes.get("perm") or range(len(x.dims) - 1, -1, -1)]
    if sorted(order) != list(range(len(x.dims))):
        raise Unsupported("its order does not name every axis once")
    steps = [prod(x.dims[axis + 1 :]) for axis in order]
    dims = tuple([x.dims[axis] for axis in order])
    values = [
        x.values[sum([step * place for step, place in zip(steps, at, strict=True)])] for at in places(*map(range, dims))
    ]
    return known(values, dims, x.floating)


def _tile(call: HostCall) -> Numbers:
    x, times = call.given(0), call.given(1).whole
    if len(x.dims) != 1 or len(times) != 1 or not is_int(times[0]) or times[0] * len(x.values) > MOST:
        raise Unsupported("it repeats many values")
    return known(x.values * times[0], (len(x.values) * times[0],), x.floating)


def _not_zero(call: HostCall) -> Numbers:
    x = call.given(0)
    if len(x.dims) != 1:
        raise Unsupported("it has several axes")
    found = [place for place, value in enumerate(x.values) if not equal_values(value, 0)]
    return known(found, (1, len(found)))


def _reduced(function: Callable[[Any, Any], Any]) -> HostFunction:
    def reduce(call: HostCall) -> Numbers:
        x = call.given(0)
        axes = call.list("axes", 1)
        if len(x.dims) > 1 or (axes is not None and [axis_in(axis, len(x.dims)) for axis in axes] != [0]):
            raise Unsupported("it reduces an axis of several")
        total, *rest = x.values
        for value in rest:
            total = function(total, value)
        dims = (1,) if call.attributes.get("keepdims", 1) and x.dims else ()
        return known([total], dims, x.floating)

    return reduce


def _expand(call: HostCall) -> Numbers:
    x = call.given(0)
    wanted = call.given(1).whole
    if not all([is_int(size) for size in wanted]):
        raise Unsupported("its sizes depend on a size")
    dims = broadcast_dims(x.dims, wanted)
    return known(spread(x, dims), dims, x.floating)


HOST: Mapping[str, HostFunction] = {
    "Identity": _each(lambda value: value),
    "Cast": _cast,
    "Neg": _each(lambda value: times(-1, value)),
    "Abs": _each(lambda value: abs(value) if is_plain(value) else value),
    "Floor": _each(rounded_down),
    "Ceil": _each(rounded_up),
    "Round": _each(rounded),
    "Not": _each(lambda value: not value),
    "Add": _fold(plus),
    "Sub": _fold(minus),
    "Mul": _fold(times),
    "Sum": _fold(plus),
    "Div": _division,
    "Mod": _fold(modulo),
    "Max": _fold(extreme_of("Max")),
    "Min": _fold(extreme_of("Min")),
    "Equal": _compared(equal_values),
    "Less": _compared(below_value),
    "Greater": _compared(lambda a, b: below_value(b, a)),
    "LessOrEqual": _compared(lambda a, b: not below_value(b, a)),
    "GreaterOrEqual": _compared(lambda a, b: not below_value(a, b)),
    "And": _compared(lambda a, b: bool(a and b)),
    "Or": _compared(lambda a, b: bool(a or b)),
    "Xor": _compared(lambda a, b: bool(a) != bool(b)),
    "Clip": _clip,
    "Where": _where,
    "Range": _range,
    "ConstantOfShape": _filled,
    "Gather": _gather,
    "Slice": _slice,
    "Concat": _concat,
    "Unsqueeze": lambda call: call.given(0)._replace(
        dims=tuple(unsqueezed(call.given(0).dims, call.list("axes", 1) or []))
    ),
    "Squeeze": lambda call: call.given(0)._replace(dims=tuple(squeezed(call.given(0).dims, call.list("axes", 1)))),
    "Reshape": _reshape,
    "ReduceProd": _reduced(times),
    "ReduceSum": _reduced(plus),
    "ReduceMax": _reduced(extreme_of("Max")),
    "ReduceMin": _reduced(extreme_of("Min")),
    "Expand": _expand,
    "Transpose": _transpose,
    "Tile": _tile,
    "NonZero": _not_zero,
}
"""Functions of known values; those that are not here give a constant whose values are not known."""
