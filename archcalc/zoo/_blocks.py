"""Blocks that several families share."""

from archcalc.algebra.dims import Dim
from archcalc.graph import Op, Value, block, row
from archcalc.ops.combine import Multiply
from archcalc.ops.conv import Conv
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU, Sigmoid
from archcalc.ops.pool import GlobalAvgPool
from archcalc.ops.sliding import Padding, PerAxis


def centred(kernel: PerAxis) -> Padding:
    """The padding that keeps the size at stride 1, for odd kernels."""
    return (kernel[0] // 2, kernel[1] // 2) if isinstance(kernel, tuple) else kernel // 2


def conv_norm(
    label: str,
    x: Value,
    channels: Dim,
    kernel: PerAxis,
    stride: PerAxis = 1,
    padding: Padding | None = None,
    *,
    groups: Dim = 1,
    dilation: PerAxis = 1,
    activation: type[Op] | None = ReLU,
) -> Value:
    """A convolution without bias, batch norm and an activation, as one row; keeps the size at stride 1 by default."""
    conv = Conv(channels, kernel, stride, centred(kernel) if padding is None else padding, dilation, groups, bias=False)
    return row(label, x, conv, BatchNorm(), *([activation()] if activation else []))


def depthwise(x: Value, kernel: PerAxis, stride: PerAxis = 1, padding: Padding | None = None) -> Conv:
    """A depthwise convolution, without bias."""
    sides = centred(kernel) if padding is None else padding
    return Conv(x.channels, kernel, stride, sides, groups=x.channels, bias=False)


def squeeze_excite(x: Value, squeezed: Dim, activation: type[Op] = ReLU, gate: type[Op] = Sigmoid) -> Value:
    """Channels weighed by the output of a small network on their global means: Hu et al. 2017, arXiv:1709.01507."""
    return block("se", _gate, x, squeezed, activation, gate)


def _gate(x: Value, squeezed: Dim, activation: type[Op], gate: type[Op]) -> Value:
    y = row("squeeze", x, GlobalAvgPool())
    y = row("reduce", y, Conv(squeezed, 1), activation())
    y = row("expand", y, Conv(x.channels, 1), gate())
    return row("scale", (x, y), Multiply())
