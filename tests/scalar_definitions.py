"""Operations carried out value by value, as their authors define them, on numbers that count what is done to them.

`carried_out(example)` gives the result and the count. The result must be PyTorch's, so the definition is the right one;
the count is then the work that an op states. Weights are PyTorch's own. What is not counted: signs, constants worked
out beforehand, the small number inside a square root, and the largest value that a softmax subtracts first.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from archcalc.graph import Axis
from archcalc.ops.applied import Each, Given
from archcalc.ops.attention import WindowAttention
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose, TableConv
from archcalc.ops.elementwise import Combine, Elementwise
from archcalc.ops.linear import Linear, RadialBasis
from archcalc.ops.norm import BatchNorm, ChannelScale, GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from archcalc.ops.pointwise import (
    GELU,
    Complement,
    Dropout,
    HardSigmoid,
    HardSwish,
    PReLU,
    ReLU,
    ReLU6,
    Scale,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from archcalc.ops.pool import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, GlobalAvgPool, MaxPool, Subsampling
from archcalc.ops.products import Attention, Einsum, MatMul
from archcalc.ops.recurrent import Recurrent
from archcalc.ops.reduce import Along, Reduce
from archcalc.ops.resize import Resize
from archcalc.ops.sampling import AffineGrid, BilinearSample
from archcalc.ops.scatter import Scatter
from archcalc.ops.values import Embedding

if TYPE_CHECKING:
    from op_examples import Example

Numbers = Any
"""An array of `Counted` numbers."""


class Counted:
    """A number that adds up in `tally` what is done to it; a plain number that it meets is a constant or a weight."""

    __slots__ = ("value",)
    tally: ClassVar[dict[str, int]] = {}

    def __init__(self, value: float) -> None:
        self.value = value

    def _done(self, what: str, value: float) -> Counted:
        Counted.tally[what] = Counted.tally.get(what, 0) + 1
        return Counted(value)

    def __add__(self, other: Any) -> Counted:
        return self._done("add", self.value + _plain(other))

    def __sub__(self, other: Any) -> Counted:
        return self._done("add", self.value - _plain(other))

    def __rsub__(self, other: float) -> Counted:
        return self._done("add", other - self.value)

    def __mul__(self, other: Any) -> Counted:
        return self._done("multiply", self.value * _plain(other))

    def __truediv__(self, other: Any) -> Counted:
        return self._done("divide", self.value / _plain(other))

    def __rtruediv__(self, other: float) -> Counted:
        return self._done("divide", other / self.value)

    def __neg__(self) -> Counted:
        return Counted(-self.value)

    __radd__, __rmul__ = __add__, __mul__

    def plus_product(self, one: Any, other: Any) -> Counted:
        """self + one * other, as a single step of a convolution or of a matrix product."""
        return self._done("multiply_accumulate", self.value + _plain(one) * _plain(other))

    def larger(self, other: Any) -> Counted:
        return self._done("compare", max(self.value, _plain(other)))

    def smaller(self, other: Any) -> Counted:
        return self._done("compare", min(self.value, _plain(other)))

    def exp(self) -> Counted:
        return self._done("exponential", math.exp(self.value))

    def erf(self) -> Counted:
        return self._done("exponential", math.erf(self.value))

    def function(self, name: str) -> Counted:
        """A logarithm, a sine or a cosine."""
        return self._done("exponential", getattr(math, name)(self.value))

    def compared(self, other: Any) -> Counted:
        """1 if self is larger, else 0."""
        return self._done("compare", float(self.value > _plain(other)))

    def both(self, other: Any) -> Counted:
        """1 if neither is 0, else 0."""
        return self._done("compare", float(bool(self.value and _plain(other))))

    def sign(self) -> Counted:
        return self._done("compare", math.copysign(1.0, self.value))

    def remainder(self, other: Any) -> Counted:
        """What a division leaves, of the sign of the divisor."""
        return self._done("divide", self.value - math.floor(self.value / _plain(other)) * _plain(other))

    def to_power(self, other: Any) -> Counted:
        return self._done("power", self.value ** _plain(other))

    def angle(self, other: Any) -> Counted:
        return self._done("exponential", math.atan2(self.value, _plain(other)))

    def power(self, exponent: float, inside: float = 0.0) -> Counted:
        return self._done("power", (self.value + inside) ** exponent)


def _plain(number: Any) -> float:
    return number.value if isinstance(number, Counted) else float(number)


counted = np.frompyfunc(Counted, 1, 1)
plain = np.frompyfunc(_plain, 1, 1)
plus_product = np.frompyfunc(Counted.plus_product, 3, 1)
larger, smaller = np.frompyfunc(Counted.larger, 2, 1), np.frompyfunc(Counted.smaller, 2, 1)
exp, erf = np.frompyfunc(Counted.exp, 1, 1), np.frompyfunc(Counted.erf, 1, 1)
power = np.frompyfunc(Counted.power, 3, 1)
function = np.frompyfunc(Counted.function, 2, 1)
compared, remainder = np.frompyfunc(Counted.compared, 2, 1), np.frompyfunc(Counted.remainder, 2, 1)
to_power, angle = np.frompyfunc(Counted.to_power, 2, 1), np.frompyfunc(Counted.angle, 2, 1)


def logarithm(x: Numbers) -> Numbers:
    return function(x, "log")


def chosen(mask: Numbers, one: Numbers, other: Any = 0.0) -> Numbers:
    """One of two values by the truth of a third: one comparison."""
    mask, one, other = np.broadcast_arrays(mask, one, other)
    result = np.empty(mask.shape, object)
    for place in np.ndindex(*mask.shape):
        taken = one[place] if mask[place].compared(0.0).value or mask[place].value else other[place]
        result[place] = Counted(_plain(taken))
    return result


def uncounted(define: Callable[[float], float]) -> Callable[[Numbers], Numbers]:
    """A function that costs nothing: a sign, or digits dropped."""
    return np.frompyfunc(lambda each: Counted(define(each.value)), 1, 1)


OF_POSITIVE = frozenset({"log", "power", "rsqrt", "sqrt"})
"""The functions that are defined for positive numbers."""


def carried_out(example: Example) -> tuple[Any, Any, dict[str, int]]:
    """The result value by value, PyTorch's, and the work by its kind; of an op that only moves values, PyTorch's."""
    torch.manual_seed(0)
    module = example.op.lower(torch, *example.shapes)
    if isinstance(module, torch.nn.Module):
        module.eval().double()
        with torch.no_grad():
            for value in (*module.parameters(), *module.buffers()):
                if value.is_floating_point():
                    value.copy_(torch.rand(value.shape, dtype=torch.float64) + 0.1)
    inputs = [torch.rand(shape, dtype=torch.float64) * 6 - 3 for shape in example.shapes]
    if example.op.kind in OF_POSITIVE:
        inputs = [each.abs() for each in inputs]
    with torch.no_grad():
        expected = module(*[each[None] for each in inputs])[0].double().numpy()
    Counted.tally = {}
    define = DEFINITIONS.get(type(example.op))
    if define is None:
        return expected, expected, {}
    result = define(example.op, module, *[counted(each.numpy()) for each in inputs])
    return plain(result).astype(float), expected, Counted.tally


def weights(module: Any, name: str) -> Any:
    """A parameter or buffer as an array, or None."""
    value = getattr(module, name, None)
    return None if value is None else value.detach().numpy()


def along(values: Any, x: Numbers) -> Any:
    """A value for each channel, to stand beside maps with their channels first."""
    return values.reshape(-1, *[1] * (x.ndim - 1))


def summed(x: Numbers, axes: Any) -> Numbers:
    """Sums from zero along axes, which stay with one value: one addition for each value."""
    return np.add.reduce(x, axis=axes, initial=Counted(0.0), keepdims=True)


def placed(x: Numbers, axes: Sequence[Axis], positions: Sequence[int], fill: float) -> tuple[Numbers, Any]:
    """What each window holds, (C, *positions, taps), and for each position and tap its place on each axis."""
    places = [
        np.arange(count)[:, None] * axis.stride - axis.padding + np.arange(axis.kernel) * axis.dilation
        for axis, count in zip(axes, positions, strict=True)
    ]
    before = [max(0, -place.min()) for place in places]
    after = [max(0, place.max() - size + 1) for place, size in zip(places, x.shape[1:], strict=True)]
    room = np.full((len(x), *[sum(each) for each in zip(before, x.shape[1:], after, strict=True)]), Counted(fill))
    room[(slice(None), *[slice(a, a + size) for a, size in zip(before, x.shape[1:], strict=True)])] = x
    flat = np.ix_(*[(place + a).ravel() for place, a in zip(places, before, strict=True)])
    held = room[(slice(None), *flat)].reshape(len(x), *[side for place in places for side in place.shape])
    count = len(places)
    held = np.moveaxis(held, range(2, 2 * count + 1, 2), range(count + 1, 2 * count + 1))
    return held.reshape(len(x), *positions, -1), places


def windows(op: Any, x: Numbers, fill: float = 0.0) -> tuple[Numbers, Any]:
    return placed(x, op.window(x.shape), op.shape(x.shape)[1:], fill)


def last_module(module: Any) -> Any:
    """The layer after its padding."""
    return module[-1] if isinstance(module, torch.nn.Sequential) else module


def conv(op: Conv, module: Any, x: Numbers) -> Numbers:
    module = last_module(module)
    kernel, bias = weights(module, "weight"), weights(module, "bias")
    held, _ = windows(op, x)
    per_group, each = len(x) // op.groups, op.out // op.groups
    result = np.full((op.out, *held.shape[1:-1]), Counted(0.0))
    for filter_number in range(op.out):
        first = filter_number // each * per_group
        for channel in range(per_group):
            for tap, weight in enumerate(kernel[filter_number, channel].ravel()):
                result[filter_number] = plus_product(result[filter_number], held[first + channel, ..., tap], weight)
    return result if bias is None else result + along(bias, result)


def conv_transpose(op: ConvTranspose, module: Any, x: Numbers) -> Numbers:
    """Each input value is spread over a patch of a large enough map, of which the op's output is cut out."""
    kernel, bias = weights(module, "weight"), weights(module, "bias")
    axes, positions = x.ndim - 1, op.shape(x.shape)[1:]
    stride, padding, dilation = (
        (value,) * axes if isinstance(value, int) else value for value in (op.stride, op.padding, op.dilation)
    )
    room = [
        (size - 1) * s + d * (k - 1) + 1 + 8
        for size, s, d, k in zip(x.shape[1:], stride, dilation, kernel.shape[2:], strict=True)
    ]
    result = np.full((op.out, *room), Counted(0.0))
    per_group = op.out // op.groups
    for channel in range(len(x)):
        first = channel // (len(x) // op.groups) * per_group
        for number, *tap in np.ndindex(per_group, *kernel.shape[2:]):
            spread = [
                slice(t * d, t * d + (size - 1) * s + 1, s)
                for t, d, size, s in zip(tap, dilation, x.shape[1:], stride, strict=True)
            ]
            place = (first + number, *spread)
            result[place] = plus_product(result[place], x[channel], kernel[channel, number, *tap])
    cut = [slice(p, p + size) for p, size in zip(padding, positions, strict=True)]
    result = result[(slice(None), *cut)]
    return result if bias is None else result + along(bias, result)


def table_conv(op: TableConv, module: Any, x: Numbers) -> Numbers:
    return np.concatenate(
        [conv(Conv(1, op.kernel), layer, x[list(maps)]) for maps, layer in zip(op.table, module.maps, strict=True)]
    )


def linear(op: Linear, module: Any, x: Numbers) -> Numbers:
    weight, bias = weights(module, "weight"), weights(module, "bias")
    result = np.full((*x.shape[:-1], op.out), Counted(0.0))
    for out, into in np.ndindex(weight.shape):
        result[..., out] = plus_product(result[..., out], x[..., into], weight[out, into])
    return result if bias is None else result + bias


def radial_basis(_: RadialBasis, module: Any, x: Numbers) -> Numbers:
    distance = x - weights(module, "prototypes")
    return np.add.reduce(distance * distance, axis=-1)


def max_pool(op: MaxPool, _: Any, x: Numbers) -> Numbers:
    held, _ = windows(op, x, -math.inf)
    return larger.reduce(held, axis=-1)


def avg_pool(op: AvgPool, module: Any, x: Numbers) -> Numbers:
    """The divisor is the number of places of a window that are not beyond the padding, or not beyond the map."""
    held, places = windows(op, x)
    layer = last_module(module)
    padded_apart = layer is not module
    pads = [layer.padding] * (x.ndim - 1) if isinstance(layer.padding, int) else layer.padding
    divisor: Any = 1
    for axis, (place, size, pad) in enumerate(zip(places, x.shape[1:], pads, strict=True)):
        ends = (0, size) if not op.count_include_pad else (-pad, size + pad)
        inside = np.full(len(place), place.shape[1])
        if not padded_apart:
            inside = ((place >= ends[0]) & (place < ends[1])).sum(1)
        divisor = divisor * inside.reshape([-1 if other == axis else 1 for other in range(len(places))])
    return np.add.reduce(held, axis=-1) / divisor


def global_avg_pool(_: GlobalAvgPool, __: Any, x: Numbers) -> Numbers:
    return summed(x, tuple(range(1, x.ndim))) / (x.size // len(x))


def adaptive_avg_pool(op: AdaptiveAvgPool, _: Any, x: Numbers) -> Numbers:
    axes = tuple(range(1, x.ndim))
    return _in_bins(x, op.shape(x.shape)[1:], lambda part: summed(part, axes).ravel() / (part.size // len(x)))


def _in_bins(x: Numbers, bins: Any, define: Callable[[Numbers], Numbers]) -> Numbers:
    """A function of the values in each window of an adaptive pool."""
    result = np.empty((len(x), *bins), object)
    for place in np.ndindex(*bins):
        part = x[
            (
                slice(None),
                *[
                    slice(math.floor(i * size / n), math.ceil((i + 1) * size / n))
                    for i, size, n in zip(place, x.shape[1:], bins, strict=True)
                ],
            )
        ]
        result[(slice(None), *place)] = define(part)
    return result


def subsampling(op: Subsampling, module: Any, x: Numbers) -> Numbers:
    held, _ = windows(op, x)
    return np.add.reduce(held, axis=-1) * weights(module, "weight") + weights(module, "bias")


def batch_norm(_: BatchNorm, module: Any, x: Numbers) -> Numbers:
    """Scale and shift of each channel are worked out beforehand."""
    scale = 1 / np.sqrt(weights(module, "running_var") + module.eps)
    shift = -weights(module, "running_mean") * scale
    if module.affine:
        scale, shift = scale * weights(module, "weight"), shift * weights(module, "weight") + weights(module, "bias")
    return x * along(scale, x) + along(shift, x)


def layer_norm(op: LayerNorm, module: Any, x: Numbers) -> Numbers:
    x = np.moveaxis(x, 0, -1) if op.channels_first else x
    axes = tuple(range(-op.axes, 0))
    channels = math.prod(x.shape[-op.axes :])
    centred = x - summed(x, axes) / channels
    variance = summed(centred * centred, axes) / channels
    result = centred * power(variance, -0.5, module.eps)
    if op.affine:
        result = result * weights(module, "weight")
        result = result + weights(module, "bias") if op.bias else result
    return np.moveaxis(result, -1, 0) if op.channels_first else result


def local_response_norm(op: LocalResponseNorm, module: Any, x: Numbers) -> Numbers:
    room = np.full((len(x) + op.size - 1, *x.shape[1:]), Counted(0.0))
    room[op.size // 2 : op.size // 2 + len(x)] = x * x
    total = room[: len(x)]
    for shift in range(1, op.size):
        total = total + room[shift : shift + len(x)]
    return x / power(total * (module.alpha / op.size) + module.k, module.beta, 0.0)


def channel_scale(_: ChannelScale, module: Any, x: Numbers) -> Numbers:
    return x * weights(module, "weight")


def softmax(x: Numbers, axis: int) -> Numbers:
    each = exp(x)
    return each / summed(each, axis)


def sigmoid(x: Numbers) -> Numbers:
    return 1 / (1 + exp(-x))


def hard_sigmoid_times_6(x: Numbers) -> Numbers:
    return smaller(larger(x + 3, 0.0), 6.0)


def window_attention(op: WindowAttention, module: Any, x: Numbers) -> Numbers:
    """Window by window of the rolled map; two positions see each other if they are as far apart as before rolling."""
    height, width, channels = op.shape(x.shape)
    size, (tall, wide) = channels // op.heads, op.sides
    shifts = [op.shift if extent > side else 0 for extent, side in ((height, tall), (width, wide))]
    result = np.empty((height, width, channels), object)
    index = weights(module, "index")
    table = weights(module, "table")
    for top, left in np.ndindex(height // tall, width // wide):
        rolled = [(top * tall + row, left * wide + column) for row, column in np.ndindex(tall, wide)]
        true = [((row + shifts[0]) % height, (column + shifts[1]) % width) for row, column in rolled]
        for head in range(op.heads):
            parts = [np.array([x[place] for place in true])[:, part * channels :] for part in range(3)]
            q, k, v = (part[:, head * size : (head + 1) * size] for part in parts)
            scores = products(q, k.T) * size**-0.5 + table[head][index]
            for one, other in np.ndindex(tall * wide, tall * wide):
                if any(
                    rolled[one][axis] - rolled[other][axis] != true[one][axis] - true[other][axis] for axis in (0, 1)
                ):
                    scores[one, other] = Counted(-math.inf)
            y = products(softmax(scores, -1), v)
            for place, values in zip(true, y, strict=True):
                result[place][head * size : (head + 1) * size] = values
    return result


def products(one: Numbers, other: Numbers) -> Numbers:
    """A matrix product."""
    result = np.full((len(one), other.shape[1]), Counted(0.0))
    for inner in range(len(other)):
        result = plus_product(result, one[:, inner, None], other[None, inner])
    return result


def affine_grid(op: AffineGrid, _: Any, theta: Numbers) -> Numbers:
    """For each point both products and the offset, as the definition has it, though a row's are the same."""
    xs, ys = (((2 * np.arange(size) + 1) / size - 1).astype(object) for size in (op.width, op.height))
    ys, xs = np.meshgrid(ys, xs, indexing="ij")
    return np.array([xs * row[0] + ys * row[1] + row[2] for row in theta.reshape(2, 3)])


def bilinear_sample(_: BilinearSample, __: Any, x: Numbers, grid: Numbers) -> Numbers:
    channels, height, width = x.shape
    result = np.full((channels, *grid.shape[1:]), Counted(0.0))
    for place in np.ndindex(*grid.shape[1:]):
        across, down = (grid[(axis, *place)] * (size / 2) + (size - 1) / 2 for axis, size in ((0, width), (1, height)))
        column, row = math.floor(across.value), math.floor(down.value)
        near = [(row, (row + 1) - down), (row + 1, down - row)]
        beside = [(column, (column + 1) - across), (column + 1, across - column)]
        for i, vertical in near:
            for j, horizontal in beside:
                weight = vertical * horizontal
                inside = 0 <= i < height and 0 <= j < width
                values = x[:, i, j] if inside else np.full(channels, Counted(0.0))
                result[(slice(None), *place)] = result[(slice(None), *place)] + values * weight
    return result


def tanh(x: Numbers) -> Numbers:
    return 1 - 2 / (exp(x * 2) + 1)


def softplus(x: Numbers) -> Numbers:
    return logarithm(exp(x) + 1)


ELU, SCALE = 1.6732632423543772, 1.0507009873554805
ONE: dict[str, Callable[[Numbers], Numbers]] = {
    "abs": lambda x: larger(x, -x),
    "add": lambda x: x + 1,
    "ceil": uncounted(math.ceil),
    "celu": lambda x: elu(x / 1.0, x),
    "clamp": lambda x: smaller(larger(x, -1.0), 1.0),
    "compare": lambda x: compared(x, 0.0),
    "cos": lambda x: function(x, "cos"),
    "divide": lambda x: x / 2,
    "elu": lambda x: elu(x, x),
    "erf": erf,
    "exp": exp,
    "fill": uncounted(lambda _: 0.0),
    "floor": uncounted(math.floor),
    "leaky_relu": lambda x: larger(x, x * 0.01),
    "log": logarithm,
    "log_sigmoid": lambda x: -logarithm(exp(-x) + 1),
    "mish": lambda x: x * tanh(softplus(x)),
    "multiply": lambda x: x * 2,
    "negative": uncounted(lambda value: -value),
    "not": uncounted(lambda value: float(not value)),
    "power": lambda x: to_power(x, 3),
    "reciprocal": lambda x: 1 / x,
    "remainder": lambda x: remainder(x, 2),
    "round": uncounted(round),
    "rsqrt": lambda x: to_power(x, -0.5),
    "selu": lambda x: elu(x, x, ELU) * SCALE,
    "sign": np.frompyfunc(Counted.sign, 1, 1),
    "sin": lambda x: function(x, "sin"),
    "softplus": softplus,
    "softsign": lambda x: x / (larger(x, -x) + 1),
    "sqrt": lambda x: to_power(x, 0.5),
    "square": lambda x: x * x,
    "subtract": lambda x: x - 1,
}
"""The functions of one value."""


def elu(x: Numbers, positive: Numbers, alpha: float = 1.0) -> Numbers:
    """A value itself where it is positive, else alpha (e^x - 1): both worked out, one chosen."""
    return above(positive, positive, (exp(x) - 1) * alpha)


def above(x: Numbers, one: Numbers, other: Numbers) -> Numbers:
    """One of two values by the sign of a third: one comparison."""
    larger_than_0 = compared(x, 0.0)
    return np.frompyfunc(lambda mask, a, b: a if mask.value else b, 3, 1)(larger_than_0, one, other)


SEVERAL: dict[str, Callable[..., Numbers]] = {
    "add": lambda one, other: one + other,
    "atan2": angle,
    "bitwise": np.frompyfunc(Counted.both, 2, 1),
    "compare": compared,
    "divide": lambda one, other: one / other,
    "maximum": larger,
    "minimum": smaller,
    "multiply": lambda one, other: one * other,
    "power": to_power,
    "remainder": remainder,
    "subtract": lambda one, other: one - other,
}
"""The functions of two values."""


def combine(op: Combine, _: Any, *x: Numbers) -> Numbers:
    if op.function == "where":
        return chosen(*x)
    if op.function == "lerp":
        return x[0] + x[2] * (x[1] - x[0])
    return functools.reduce(SEVERAL[op.function], x)


def folded(define: Any, x: Numbers, axes: tuple[int, ...]) -> Numbers:
    """A function of two values applied to all values along axes, one after another."""
    for axis in axes:
        x = np.expand_dims(define.reduce(x, axis=axis), axis)
    return x


def spread_of(x: Numbers, axes: tuple[int, ...]) -> Numbers:
    count = math.prod([x.shape[axis] for axis in axes])
    centred = x - summed(x, axes) / count
    return summed(centred * centred, axes) / (count - 1)


def place_of_largest(x: Numbers, axes: tuple[int, ...]) -> Numbers:
    lines = np.moveaxis(x, axes, range(-len(axes), 0))
    lines = lines.reshape(*lines.shape[: x.ndim - len(axes)], -1)
    largest = np.array(larger.reduce(lines, axis=-1), object)
    places = [
        Counted(float([each.value for each in lines[place]].index(largest[place].value)))
        for place in np.ndindex(*largest.shape)
    ]
    return np.array(places, object).reshape([1 if axis in axes else size for axis, size in enumerate(x.shape)])


REDUCED: dict[str, Callable[[Numbers, tuple[int, ...]], Numbers]] = {
    "any": lambda x, axes: uncounted(lambda value: float(bool(value)))(folded(larger, larger_of_sign(x), axes)),
    "argmax": place_of_largest,
    "log_sum_exp": lambda x, axes: logarithm(summed(exp(x), axes)),
    "max": lambda x, axes: folded(larger, x, axes),
    "mean": lambda x, axes: summed(x, axes) / math.prod([x.shape[axis] for axis in axes]),
    "min": lambda x, axes: folded(smaller, x, axes),
    "norm": lambda x, axes: to_power(summed(x * x, axes), 0.5),
    "product": lambda x, axes: folded(np.multiply, x, axes),
    "std": lambda x, axes: to_power(spread_of(x, axes), 0.5),
    "sum": summed,
    "variance": spread_of,
}


def larger_of_sign(x: Numbers) -> Numbers:
    """1 for each value that is not 0."""
    return uncounted(lambda value: float(value != 0))(x)


def reduced(op: Reduce, _: Any, x: Numbers) -> Numbers:
    result = REDUCED[op.function](x, op.axes)
    return result if op.keep else result.reshape(op.shape(x.shape))


def along_axis(op: Along, _: Any, x: Numbers) -> Numbers:
    if op.function == "log_softmax":
        return x - logarithm(summed(exp(x), op.axis))
    lines = np.moveaxis(x, op.axis, -1)
    result = np.empty(lines.shape, object)
    for place in np.ndindex(*lines.shape[:-1]):
        line = list(lines[place])
        if op.function == "cumulative_sum":
            total = Counted(0.0)
            for number, each in enumerate(line):
                total = line[number] = total + each
        else:
            rank = [0] * len(line)
            for one, other in itertools.combinations(range(len(line)), 2):
                first = bool(line[one].compared(line[other]).value)
                rank[one] += first
                rank[other] += not first
            line = [line[rank.index(number)] for number in range(len(line))]
        result[place] = line
    return np.moveaxis(result, -1, op.axis)


def matrix_product(_: MatMul, __: Any, one: Numbers, other: Numbers) -> Numbers:
    pairs = np.broadcast_shapes(one.shape[:-2], other.shape[:-2])
    one, other = np.broadcast_to(one, (*pairs, *one.shape[-2:])), np.broadcast_to(other, (*pairs, *other.shape[-2:]))
    result = np.empty((*pairs, one.shape[-2], other.shape[-1]), object)
    for place in np.ndindex(*pairs):
        result[place] = products(one[place], other[place])
    return result


def attention(_: Attention, __: Any, q: Numbers, k: Numbers, v: Numbers, mask: Any = None) -> Numbers:
    """Head by head; several heads of queries may share one of keys and values."""
    result = np.empty((*q.shape[:-1], v.shape[-1]), object)
    for head in range(len(q)):
        other = head * len(k) // len(q)
        scores = products(q[head], k[other].T) * q.shape[-1] ** -0.5
        scores = scores if mask is None else scores + mask
        result[head] = products(softmax(scores, -1), v[other])
    return result


def sum_by_letters(op: Einsum, _: Any, *x: Numbers) -> Numbers:
    """One product after another, each summed over the letters that nothing needs any more."""
    left, _, result = op.equation.partition("->")
    each = left.split(",")
    if len(x) == 1:
        order = [each[0].index(letter) for letter in result]
        gone = tuple(axis for axis, letter in enumerate(each[0]) if letter not in result)
        if not gone:
            return x[0].transpose(order)
        kept = [letter for letter in each[0] if letter in result]
        return summed(x[0], gone).squeeze(gone).transpose([kept.index(letter) for letter in result])
    letters, value = each[0], x[0]
    for place in range(1, len(x)):
        later = set(result).union(*each[place + 1 :])
        every = "".join(dict.fromkeys(letters + each[place]))
        kept = result if place == len(x) - 1 else "".join(letter for letter in every if letter in later)
        sizes = dict(zip(letters + each[place], value.shape + x[place].shape, strict=True))
        total = np.full([sizes[letter] for letter in kept], Counted(0.0))
        for position in np.ndindex(*[sizes[letter] for letter in every]):
            at = dict(zip(every, position, strict=True))
            here, one, other = (tuple(at[letter] for letter in names) for names in (kept, letters, each[place]))
            total[here] = total[here].plus_product(value[one], x[place][other])
        letters, value = kept, total
    return value


def resize(op: Resize, _: Any, x: Numbers) -> Numbers:
    """Each output value from 1, 2 or 4 values on each axis, those beyond the ends being the last ones."""
    if op.mode == "nearest":
        for axis, new in enumerate(op.sizes, 1):
            x = np.take(x, [place * x.shape[axis] // new for place in range(new)], axis)
        return x
    result = np.empty((len(x), *op.sizes), object)
    axes = [_taps(op.mode, size, new) for size, new in zip(x.shape[1:], op.sizes, strict=True)]
    for place in np.ndindex(*op.sizes):
        taps = itertools.product(*[each[position] for each, position in zip(axes, place, strict=True)])
        terms = [x[(slice(None), *[at for at, _ in tap])] * math.prod([weight for _, weight in tap]) for tap in taps]
        result[(slice(None), *place)] = np.add.reduce(terms)
    return result


def _taps(mode: str, size: int, new: int) -> list[list[tuple[int, float]]]:
    """For each output position the input positions with their weights (cubic: Keys 1981, a = -0.75)."""
    found: list[list[tuple[int, float]]] = []
    for place in range(new):
        middle = (place + 0.5) * size / new - 0.5
        middle = max(middle, 0.0) if mode == "linear" else middle
        first = math.floor(middle)
        around = range(first, first + 2) if mode == "linear" else range(first - 1, first + 3)
        weight = _linear if mode == "linear" else _cubic
        found.append([(min(max(at, 0), size - 1), weight(abs(middle - at))) for at in around])
    return found


def _linear(distance: float) -> float:
    return 1 - distance


def _cubic(distance: float) -> float:
    a = -0.75
    if distance <= 1:
        return (a + 2) * distance**3 - (a + 3) * distance**2 + 1
    return a * distance**3 - 5 * a * distance**2 + 8 * a * distance - 4 * a


def group_norm(op: GroupNorm, module: Any, x: Numbers) -> Numbers:
    grouped = x.reshape(op.groups, -1)
    centred = grouped - summed(grouped, -1) / grouped.shape[-1]
    variance = summed(centred * centred, -1) / grouped.shape[-1]
    result = (centred * power(variance, -0.5, module.eps)).reshape(x.shape)
    if not op.affine:
        return result
    scaled = result * along(weights(module, "weight"), x)
    return scaled + along(weights(module, "bias"), x) if op.bias else scaled


def rms_norm(op: RMSNorm, module: Any, x: Numbers) -> Numbers:
    """PyTorch adds the smallest number of the type inside the root, which is nothing here."""
    axes = tuple(range(-op.axes, 0))
    values = math.prod(x.shape[-op.axes :])
    result = x * to_power(summed(x * x, axes) / values, -0.5)
    return result * weights(module, "weight") if op.affine else result


def prelu(_: PReLU, module: Any, x: Numbers) -> Numbers:
    slopes = weights(module, "weight")
    return above(x, x, x * (along(slopes, x) if len(slopes) > 1 else slopes[0]))


def adaptive_max_pool(op: AdaptiveMaxPool, _: Any, x: Numbers) -> Numbers:
    return _in_bins(x, op.shape(x.shape)[1:], lambda part: folded(larger, part, tuple(range(1, x.ndim))).ravel())


def recurrent(op: Recurrent, module: Any, x: Numbers) -> Numbers:
    """Layer by layer, direction by direction, step by step."""
    for layer in range(op.layers):
        given = []
        for direction in range(2 if op.bidirectional else 1):
            end = f"_l{layer}{'_reverse' if direction else ''}"
            own = {
                name: weights(module.layer, f"{name}{end}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            }
            own["weight_hr"] = weights(module.layer, f"weight_hr{end}")
            order = list(range(len(x)))[:: -1 if direction else 1]
            states = dict(zip(order, steps(op, own, x[order]), strict=True))
            given.append([states[place] for place in range(len(x))])
        x = np.array([np.concatenate(each) for each in zip(*given, strict=True)])
    return x


def steps(op: Recurrent, own: dict[str, Any], x: Numbers) -> list[Numbers]:
    state = np.full(own["weight_hh"].shape[1], Counted(0.0))
    cell = np.full(op.hidden, Counted(0.0))
    states: list[Numbers] = []
    for each in x:
        into, back = (own["weight_ih"], each), (own["weight_hh"], state)
        if op.cell == "gru":
            state = gru(op, own, into, back, state)
        else:
            gates = weighed(*back, weighed(*into))
            gates = gates if own["bias_ih"] is None else gates + own["bias_ih"] + own["bias_hh"]
            if op.cell == "rnn":
                state = tanh(gates)
            else:
                i, f, g, o = np.split(gates, 4)
                cell = sigmoid(f) * cell + sigmoid(i) * tanh(g)
                state = sigmoid(o) * tanh(cell)
        if own["weight_hr"] is not None:
            state = weighed(own["weight_hr"], state)
        states.append(state)
    return states


def gru(op: Recurrent, own: dict[str, Any], into: Any, back: Any, state: Numbers) -> Numbers:
    """The reset gate weighs what the state adds to the new value, so that its products stand apart."""
    h = 2 * op.hidden
    gates = weighed(back[0][:h], back[1], weighed(into[0][:h], into[1]))
    new, old = weighed(into[0][h:], into[1]), weighed(back[0][h:], back[1])
    if own["bias_ih"] is not None:
        gates = gates + own["bias_ih"][:h] + own["bias_hh"][:h]
        new, old = new + own["bias_ih"][h:], old + own["bias_hh"][h:]
    r, z = np.split(sigmoid(gates), 2)
    new = tanh(new + r * old)
    return (1 - z) * new + z * state


def weighed(weight: Any, x: Numbers, total: Any = None) -> Numbers:
    """A matrix of weights times a vector, on top of what is there."""
    total = np.full(len(weight), Counted(0.0)) if total is None else total
    for out, into in np.ndindex(*weight.shape):
        total[out] = total[out].plus_product(x[into], weight[out, into])
    return total


def each_map(op: Each, module: Any, x: Numbers) -> Numbers:
    define = DEFINITIONS[type(op.op)]
    return np.array([define(op.op, module.inner, each) for each in x])


class Computed:
    """Weights that are computed, in the places of a module's."""

    def __init__(self, weight: Numbers, bias: Numbers | None = None) -> None:
        self.weight = torch.from_numpy(plain(weight).astype(float))
        self.bias = None if bias is None else torch.from_numpy(plain(bias).astype(float))


def given_weights(op: Given, _: Any, x: Numbers, *values: Numbers) -> Numbers:
    return DEFINITIONS[type(op.op)](op.op, Computed(*values), x)


def of_values(define: Callable[..., Numbers]) -> Callable[..., Numbers]:
    """A definition that needs the values alone."""
    return lambda _, __, *x: define(*x)


def scattered(op: Any, _: Any, x: Numbers, source: Numbers) -> Numbers:
    """The values of the second tensor from last to first, in the places of the first one's or added to them."""
    turned = source.reshape(-1)[::-1].reshape(x.shape)
    return x + turned if op.adds else turned


DEFINITIONS: dict[type, Callable[..., Numbers]] = {
    Conv: conv,
    ConvTranspose: conv_transpose,
    TableConv: table_conv,
    Linear: linear,
    RadialBasis: radial_basis,
    MaxPool: max_pool,
    AvgPool: avg_pool,
    GlobalAvgPool: global_avg_pool,
    AdaptiveAvgPool: adaptive_avg_pool,
    Subsampling: subsampling,
    BatchNorm: batch_norm,
    LayerNorm: layer_norm,
    LocalResponseNorm: local_response_norm,
    ChannelScale: channel_scale,
    WindowAttention: window_attention,
    AffineGrid: affine_grid,
    BilinearSample: bilinear_sample,
    GroupNorm: group_norm,
    RMSNorm: rms_norm,
    PReLU: prelu,
    AdaptiveMaxPool: adaptive_max_pool,
    Elementwise: lambda op, _, x: ONE[op.function](x),
    Combine: combine,
    Reduce: reduced,
    Along: along_axis,
    MatMul: matrix_product,
    Attention: attention,
    Einsum: sum_by_letters,
    Resize: resize,
    Recurrent: recurrent,
    Each: each_map,
    Given: given_weights,
    Scatter: scattered,
    Embedding: lambda _, module, x: weights(module, "weight")[plain(x).astype(int) % len(module.weight)],
    Add: of_values(lambda *x: np.add.reduce(list(x))),
    Multiply: of_values(lambda x, gate: x * gate),
    Concat: lambda op, _, *x: np.concatenate(x, op.axis),
    ReLU: of_values(lambda x: larger(x, 0.0)),
    ReLU6: of_values(lambda x: smaller(larger(x, 0.0), 6.0)),
    Sigmoid: of_values(sigmoid),
    Tanh: of_values(lambda x: 1 - 2 / (exp(x * 2) + 1)),
    SiLU: of_values(lambda x: x * sigmoid(x)),
    GELU: of_values(lambda x: x * 0.5 * (1 + erf(x * 0.5**0.5))),
    HardSwish: of_values(lambda x: x * (hard_sigmoid_times_6(x) * (1 / 6))),
    HardSigmoid: of_values(lambda x: hard_sigmoid_times_6(x) * (1 / 6)),
    Softmax: lambda op, _, x: softmax(x, op.axis),
    Scale: lambda op, _, x: x * op.factor,
    Complement: of_values(lambda x: 1 - x),
    Dropout: of_values(lambda x: x),
}
"""The definition of each op that computes something; the others move values."""
