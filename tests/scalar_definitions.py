"""Operations carried out value by value, as their authors define them, on numbers that count what is done to them.

`carried_out(example)` gives the result and the count. The result must be PyTorch's, so the definition is the right one;
the count is then the work that an op states. Weights are PyTorch's own. What is not counted: signs, constants worked
out beforehand, the small number inside a square root, and the largest value that a softmax subtracts first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from archcalc.graph import Axis
from archcalc.ops.attention import WindowAttention
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose, TableConv
from archcalc.ops.linear import Linear, RadialBasis
from archcalc.ops.norm import BatchNorm, ChannelScale, LayerNorm, LocalResponseNorm
from archcalc.ops.pointwise import (
    GELU,
    Complement,
    Dropout,
    HardSigmoid,
    HardSwish,
    ReLU,
    ReLU6,
    Scale,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from archcalc.ops.pool import AdaptiveAvgPool, AvgPool, GlobalAvgPool, MaxPool, Subsampling
from archcalc.ops.sampling import AffineGrid, BilinearSample

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
    with torch.no_grad():
        expected = module(*[each[None] for each in inputs])[0].numpy()
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
    bins = op.shape(x.shape)[1:]
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
        result[(slice(None), *place)] = summed(part, tuple(range(1, x.ndim))).ravel() / (part.size // len(x))
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
    channels = x.shape[-1]
    centred = x - summed(x, -1) / channels
    variance = summed(centred * centred, -1) / channels
    result = centred * power(variance, -0.5, module.eps)
    result = result * weights(module, "weight") + weights(module, "bias")
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


def of_values(define: Callable[..., Numbers]) -> Callable[..., Numbers]:
    """A definition that needs the values alone."""
    return lambda _, __, *x: define(*x)


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
    Add: of_values(lambda *x: np.add.reduce(list(x))),
    Multiply: of_values(lambda x, gate: x * gate),
    Concat: of_values(lambda *x: np.concatenate(x)),
    ReLU: of_values(lambda x: larger(x, 0.0)),
    ReLU6: of_values(lambda x: smaller(larger(x, 0.0), 6.0)),
    Sigmoid: of_values(sigmoid),
    Tanh: of_values(lambda x: 1 - 2 / (exp(x * 2) + 1)),
    SiLU: of_values(lambda x: x * sigmoid(x)),
    GELU: of_values(lambda x: x * 0.5 * (1 + erf(x * 0.5**0.5))),
    HardSwish: of_values(lambda x: x * (hard_sigmoid_times_6(x) * (1 / 6))),
    HardSigmoid: of_values(lambda x: hard_sigmoid_times_6(x) * (1 / 6)),
    Softmax: of_values(lambda x: softmax(x, 0)),
    Scale: lambda op, _, x: x * op.factor,
    Complement: of_values(lambda x: 1 - x),
    Dropout: of_values(lambda x: x),
}
"""The definition of each op that computes something; the others move values."""
