"""Pooling: sliding, global, adaptive, and the trainable subsampling of LeNet-5.

The shape of the input gives the number of axes: (channels, length) one, (channels, height, width) two, (channels,
depth, height, width) three.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, any_below, ceil_div, is_int, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    FLOAT32,
    FLOAT32_OUTPUT,
    KEEPS_INPUTS,
    KEEPS_NOTHING,
    NO_PARAMETERS,
    WIDEST,
    Autocast,
    AutocastDevice,
    Axis,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Rule,
    Rules,
    Window,
    Work,
)
from archcalc.graph.rules import EQUATION_1, LECUN, SAME_CHANNELS, WHOLE_COUNTS, by_axis
from archcalc.ops.sliding import (
    ROUNDED_DOWN,
    ROUNDED_UP,
    SAME,
    Padding,
    PerAxis,
    Side,
    alike,
    axes_of,
    in_turn,
    keeps,
    layer,
    padded,
    per_axis,
    planes,
    sides,
    slide,
    taps,
    window_of,
)

__all__ = ["AdaptiveAvgPool", "AdaptiveMaxPool", "AvgPool", "GlobalAvgPool", "MaxPool", "Subsampling"]

GAP = "document 000, Global Average Pooling"
MEANS: Rules = (Nothing(f"a mean adds and divides, and {WHOLE_COUNTS}"),)


def _sides(pool: MaxPool | AvgPool, x: Shape) -> tuple[Side, ...]:
    """The pool's window on each axis of a map. Raises RuleError for windows that PyTorch's pools refuse."""
    dilation = pool.dilation if isinstance(pool, MaxPool) else 1
    each = sides(pool.kernel, pool.stride, pool.padding, dilation, axes_of(x))
    if pool.ceil and pool.padding != "same" and not alike(each):
        raise RuleError(f"PyTorch cannot round up with padding {pool.padding} that differs between sides")
    for side in each:
        if side.before is not None and side.after is not None and 2 * max(side.before, side.after) > side.kernel:
            raise RuleError(f"padding {max(side.before, side.after)} is more than half of the window {side.kernel}")
    return each


def _autocast(device: AutocastDevice, x: Shape) -> Autocast:
    """PyTorch's pools over volumes run in float32 on the CPU; it has no rule for the others."""
    return FLOAT32 if device == "cpu" and axes_of(x) == 3 else WIDEST


@final
class MaxPool(Op):
    """Largest value of each kernel x kernel window of (C, H, W), one every `stride` positions.

    The taps of a window are `dilation` positions apart, so that it spans dilation (kernel - 1) + 1 of them. Sizes round
    down, or up with `ceil`. No parameters. Work: kernel^2 - 1 comparisons for each output value.
    Errors: padding of more than half the kernel, dilated or not; a window that does not fit.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285; ceil and dilation: PyTorch's `pooling_output_shape`.

    >>> MaxPool(3, 2).shape((64, 112, 112)), MaxPool(3, 2, ceil=True).shape((64, 112, 112))
    ((64, 55, 55), (64, 56, 56))
    """

    kernel: PerAxis
    stride: PerAxis
    padding: Padding = 0
    ceil: bool = False
    dilation: PerAxis = 1
    role = "pool"
    formulas = OpFormulas(
        SAME_CHANNELS,
        (SAME, *ROUNDED_UP, *ROUNDED_DOWN),
        params=(Nothing("a pooling layer has no weights", "document 004, POOL1 of AlexNet: 0 parameters"),),
        mult_adds=(Nothing(f"a max pool compares and does not multiply, and {WHOLE_COUNTS}"),),
    )

    def shape(self, x: Shape) -> Shape:
        return (x[0], *slide(_sides(self, x), x, self.ceil))

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return Work(compare=product(self.shape(x)) * (taps(self.kernel, len(x) - 1) - 1))

    def window(self, x: Shape) -> Window:
        return window_of(_sides(self, x), x)

    def memory(self, x: Shape) -> Memory:
        kept = keeps(_sides(self, x), x)
        return kept._replace(extra_bytes=product(self.shape(x)) * 8)

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return _autocast(device, shapes[0])

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        pad, padding = padded(torch, _sides(self, x), x, float("-inf"))
        pool = layer(torch, "MaxPool", axes_of(x))
        return in_turn(torch, pad, pool(self.kernel, self.stride, padding, self.dilation, ceil_mode=self.ceil))


@final
class AvgPool(Op):
    """Mean of each kernel x kernel window of (C, H, W), one every `stride` positions.

    Zeros of the padding enter the mean unless `count_include_pad` is off. No parameters.
    Work: kernel^2 - 1 additions and one division for each output value.
    Errors: as of `MaxPool`.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285; ceil: PyTorch's `pooling_output_shape`.
    """

    kernel: PerAxis
    stride: PerAxis
    padding: Padding = 0
    ceil: bool = False
    count_include_pad: bool = True
    role = "pool"
    formulas = MaxPool.formulas._replace(mult_adds=MEANS)

    def shape(self, x: Shape) -> Shape:
        each = _sides(self, x)
        if len(each) == 3 and alike(each):
            for side, size in zip(each, x[1:], strict=True):
                if any_below(size, side.kernel):
                    raise RuleError(f"PyTorch's AvgPool3d refuses a window of {side.kernel} on {size} without padding")
        return (x[0], *slide(each, x, self.ceil))

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        elements = product(self.shape(x))
        return Work(add=elements * (taps(self.kernel, len(x) - 1) - 1), divide=elements)

    def window(self, x: Shape) -> Window:
        return window_of(_sides(self, x), x)

    def memory(self, x: Shape) -> Memory:
        return keeps(_sides(self, x), x)

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return _autocast(device, shapes[0])

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        pad, padding = padded(torch, _sides(self, x), x)
        if pad is not None and not self.count_include_pad:
            raise RuleError("PyTorch cannot leave out padding that may differ between sides")
        pool = layer(torch, "AvgPool", axes_of(x))
        return in_turn(torch, pad, pool(self.kernel, self.stride, padding, self.ceil, self.count_include_pad))


@final
class GlobalAvgPool(Op):
    """Mean over all positions: (C, H, W) to (C, 1, 1). No parameters. Work: one addition for each input value.

    Source: Lin et al. 2013, "Network In Network", arXiv:1312.4400, section 3.2.
    """

    role = "pool"
    formulas = OpFormulas(
        SAME_CHANNELS,
        size=(Rule("1", GAP, says="one mean for each channel"),),
        params=(Nothing("no trainable parameters: the mean of each channel", GAP),),
        mult_adds=MEANS,
    )

    def shape(self, x: Shape) -> Shape:
        return (x[0], *[1] * axes_of(x))

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return Work(add=product(x), divide=x[0])

    def window(self, x: Shape) -> Reach:
        return Reach.WHOLE

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return _autocast(device, shapes[0])

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return layer(torch, "AdaptiveAvgPool", axes_of(x))(1)


@final
class AdaptiveAvgPool(Op):
    """Means over windows that cover the input, `size` on each axis: (C, H, W) to (C, size, size).

    Window i of n is from floor(i*H/n) to ceil((i+1)*H/n). No parameters. Work: one addition for each value read.
    Errors: fewer windows than one.
    Source: PyTorch's `AdaptiveAvgPool1d`, `2d` and `3d`.

    >>> AdaptiveAvgPool((1, 2)).shape((64, 12, 8))
    (64, 1, 2)
    """

    size: PerAxis
    role = "pool"
    formulas = GlobalAvgPool.formulas._replace(
        size=(Rule("n", "PyTorch's `AdaptiveAvgPool2d`", says="the requested size, whatever the input"),)
    )

    def shape(self, x: Shape) -> Shape:
        return (x[0], *per_axis("size", self.size, 1, axes_of(x)))

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        channels, *bins = self.shape(x)
        reads = _values_read(x, self.shape(x))
        return Work(add=reads, divide=channels * product(tuple(bins)))

    def window(self, x: Shape) -> Window | Reach:
        _, *bins = self.shape(x)
        if set(bins) == {1}:
            return Reach.WHOLE
        axes = [_uniform(size, number) for size, number in zip(x[1:], bins, strict=True)]
        regular = [axis for axis in axes if axis is not None]
        return Window(regular) if len(regular) == len(axes) else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING if set(self.shape(x)[1:]) == {1} else KEEPS_INPUTS

    def letters(self, x: Shape) -> dict[str, Any]:
        return by_axis("n", per_axis("size", self.size, 1, axes_of(x)))

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return _autocast(device, shapes[0])

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return layer(torch, "AdaptiveAvgPool", axes_of(x))(self.size)


@final
class AdaptiveMaxPool(Op):
    """Largest values in windows that cover the input, `size` on each axis: (C, H, W) to (C, size, size).

    The windows are those of an adaptive average pool. No parameters. Work: one comparison for each value read but the
    first of a window. Errors: fewer windows than one. Source: PyTorch's `AdaptiveMaxPool1d`, `2d` and `3d`.
    """

    size: PerAxis
    role = "pool"
    formulas = GlobalAvgPool.formulas._replace(
        size=(Rule("n", "PyTorch's `AdaptiveMaxPool2d`", says="the requested size, whatever the input"),)
    )

    def shape(self, x: Shape) -> Shape:
        return (x[0], *per_axis("size", self.size, 1, axes_of(x)))

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        channels, *bins = self.shape(x)
        reads = _values_read(x, self.shape(x))
        return Work(compare=reads - channels * product(tuple(bins)))

    def window(self, x: Shape) -> Window | Reach:
        return AdaptiveAvgPool(self.size).window(x)

    def memory(self, x: Shape) -> Memory:
        return Memory(saves_inputs=True, extra_bytes=8 * product(self.shape(x)))

    def letters(self, x: Shape) -> dict[str, Any]:
        return by_axis("n", per_axis("size", self.size, 1, axes_of(x)))

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return _autocast(device, shapes[0])

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return layer(torch, "AdaptiveMaxPool", axes_of(x))(self.size)


def _values_read(x: Shape, given: Shape) -> Dim:
    """Values that an adaptive pool reads, overlaps counted each time."""
    reads = x[0]
    for size, bins in zip(x[1:], given[1:], strict=True):
        reads = reads * _reads(size, bins)
    return reads


def _reads(size: Dim, bins: Any) -> Dim:
    """Input positions read by all windows along one axis, overlaps counted each time."""
    total: Dim = 0
    for i in range(bins):
        total = total + (ceil_div(size * (i + 1), bins) - (size * i) // bins)
    return total


def _uniform(size: Dim, bins: Any) -> Axis | None:
    """The window of an axis if all its bins are known to be of the same size, else None."""
    size = getattr(size, "settled", lambda: size)()  # a tape notes that a field follows from this very size
    if is_int(size) and size % bins == 0:
        return Axis(size // bins, size // bins)
    return None


@final
class Subsampling(Op):
    """Sum of each kernel x kernel window, times a trainable coefficient, plus a trainable bias, one pair for each map.

    (C, H, W) to (C, H/kernel, W/kernel). Parameters: 2C.
    Errors: a window that does not fit.
    Source: LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", section II-B, layers S2, S4.
    """

    kernel: int
    role = "pool"
    autocast = FLOAT32_OUTPUT
    formulas = OpFormulas(
        SAME_CHANNELS,
        size=(Rule("floor((N - k) / k) + 1", f"{EQUATION_1}, with stride k and no padding"),),
        params=(Rule("2 * C_in", f"{LECUN}, section II-B", says="a coefficient and a bias for each map"),),
        mult_adds=(Nothing(f"a window is summed and scaled once, and {WHOLE_COUNTS}"),),
    )

    def shape(self, x: Shape) -> Shape:
        return (planes(x)[0], *slide(sides(self.kernel, self.kernel, 0), x))

    def params(self, x: Shape) -> Parameters:
        return Parameters(weight=x[0], bias=x[0])

    def work(self, x: Shape) -> Work:
        elements = product(self.shape(x))
        return Work(multiply=elements, add=elements * self.kernel**2)

    def window(self, x: Shape) -> Window:
        return window_of(sides(self.kernel, self.kernel, 0), x)

    def memory(self, x: Shape) -> Memory:
        return Memory(saves_inputs=True, saved_for="inputs", extra_elements=product(self.shape(x)))

    def autocast_memory(self, device: AutocastDevice, *shapes: Shape) -> Memory:
        known = self.memory(*shapes)
        if device == "cpu":
            return known
        return known._replace(extra_elements=0, float32_elements=known.extra_elements)  # as `addcmul` casts the sums

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        kernel, channels = self.kernel, x[0]

        class Subsampling2d(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.weight = torch.nn.Parameter(torch.ones(channels, 1, 1))
                self.bias = torch.nn.Parameter(torch.zeros(channels, 1, 1))

            def forward(self, x: Any) -> Any:
                sums = torch.nn.functional.avg_pool2d(x, kernel, divisor_override=1)
                return torch.addcmul(self.bias, sums, self.weight)

        return Subsampling2d()
