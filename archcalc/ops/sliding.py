"""Sliding windows, which convolution and pooling share: kernel, stride, padding and dilation on each axis.

The axes are those of the map: (channels, length), (channels, height, width) or (channels, depth, height, width).

Sources: for sizes Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285; for the
ceil and `same` rules PyTorch's `pooling_output_shape` and TensorFlow's "SAME".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, Literal, NamedTuple, TypeAlias

from archcalc.algebra.dims import Dim, Shape, any_below, ceil_div, known_to_differ, maximum, product
from archcalc.base.errors import RuleError
from archcalc.graph import KEEPS_INPUTS, Axis, Memory, Rule, Rules, Window
from archcalc.graph.rules import EQUATION_1

PerAxis: TypeAlias = int | tuple[int, ...]
"""One whole number for all axes, or one for each: (height, width) on an image."""
Padding: TypeAlias = int | tuple[int, ...] | tuple[tuple[int, int], ...] | Literal["same"]
"""Zeros around the input: one number for all sides, one for each axis, a pair for each axis ((top, bottom), (left,
right)), or "same": as many as make the output ceil(input / stride), the odd one at the end (TensorFlow's rule)."""


class Side(NamedTuple):
    """A sliding window on one axis. `before` and `after` are None under "same" padding, which depends on the size."""

    kernel: int
    stride: int
    before: int | None
    after: int | None
    dilation: int

    @property
    def extent(self) -> int:
        """Positions from the first tap to the last."""
        return (self.kernel - 1) * self.dilation + 1

    def pads(self, size: Dim) -> tuple[Dim, Dim]:
        """Padding before and after an input of `size`."""
        if self.before is None or self.after is None:
            total = maximum((ceil_div(size, self.stride) - 1) * self.stride + self.extent - size, 0)
            return total // 2, total - total // 2
        return self.before, self.after

    def positions(self, size: Dim, ceil: bool = False) -> Dim:
        """The number of windows that fit on an input of `size`: floor((size + pads - extent) / stride) + 1.

        With `ceil` the division rounds up, but a window must begin inside the input or the padding before it.
        Raises RuleError if none fits.
        """
        if self.before is None or self.after is None:
            return ceil_div(size, self.stride)
        if ceil:
            count = ceil_div(size + self.before + min(0, self.after + self.stride - self.extent), self.stride)
            fits = not any_below(count, 1)
        else:
            padded = size + self.before + self.after
            count = (padded - self.extent) // self.stride + 1
            fits = not any_below(padded, self.extent)
        if not fits:
            padded = size + self.before + self.after
            raise RuleError(f"a window of {self.extent} does not fit into an input of {padded} (padding included)")
        return count

    def axis(self, size: Dim) -> Axis:
        """The same window in the form that receptive fields are computed from."""
        return Axis(self.kernel, self.stride, self.pads(size)[0], self.dilation)


@lru_cache(maxsize=None, typed=True)  # typed, or 3.0 would pass once 3 has
def sides(kernel: PerAxis, stride: PerAxis, padding: Padding, dilation: PerAxis = 1, axes: int = 2) -> tuple[Side, ...]:
    """The window on each of `axes` axes. Raises RuleError for invalid numbers."""
    kernels = per_axis("kernel", kernel, 1, axes)
    strides, dilations = per_axis("stride", stride, 1, axes), per_axis("dilation", dilation, 1, axes)
    if isinstance(padding, str) and padding == "same":  # a symbol is no word
        return tuple([_same(*each) for each in zip(kernels, strides, dilations, strict=True)])
    each = zip(kernels, strides, per_side(padding, axes), dilations, strict=True)
    return tuple([Side(kernel, stride, *pads, dilation) for kernel, stride, pads, dilation in each])


def _same(kernel: int, stride: int, dilation: int) -> Side:
    rest = (kernel - 1) * dilation
    if stride == 1 or rest == 0:  # as many rows at any size
        return Side(kernel, stride, rest // 2, rest - rest // 2, dilation)
    return Side(kernel, stride, None, None, dilation)


def per_side(padding: Any, axes: int = 2) -> tuple[tuple[int, int], ...]:
    """Numeric padding as (before, after) on each axis: ((top, bottom), (left, right)).

    Raises RuleError on anything else.
    """
    each: Any = (padding,) * axes if type(padding) is int else padding
    if _is_tuple(each, axes):
        return tuple([_before_and_after(sides) for sides in each])
    words = "a number, one for each axis, a pair for each axis" if axes != 2 else "a number, two, two pairs"
    raise RuleError(f'padding is {words} or "same", not {padding!r}{_axes(padding, axes)}')


def _before_and_after(padding: Any) -> tuple[int, int]:
    before, after = per_axis("padding", padding, 0)
    return before, after


def per_axis(name: str, value: Any, least: int, axes: int = 2) -> tuple[int, ...]:
    """One number for all axes, or as many numbers as axes.

    Raises RuleError if there are more or fewer, or one is no whole number or below `least`.
    """
    each: Any = (value,) * axes if type(value) is int else value
    if _is_tuple(each, axes) and all([type(side) is int and side >= least for side in each]):
        return each
    words = {1: "a tuple of one", 2: "two", 3: "three"}[axes]
    raise RuleError(f"{name} is a whole number of at least {least}, or {words}, not {value!r}{_axes(value, axes)}")


def _is_tuple(value: Any, length: int) -> bool:
    return isinstance(value, tuple) and len(value) == length  # pyright: ignore[reportUnknownArgumentType]


def _axes(value: Any, axes: int) -> str:
    """The end of the message for a tuple that is too long or too short."""
    if isinstance(value, tuple) and len(value) != axes:  # pyright: ignore[reportUnknownArgumentType]
        return f": the input has {('one axis', 'two axes', 'three axes')[axes - 1]} beside its channels"
    return ""


@lru_cache(maxsize=None, typed=True)
def taps(kernel: PerAxis, axes: int) -> int:
    """Positions of a kernel: the product of its sizes on all axes."""
    return prod(per_axis("kernel", kernel, 1, axes))


MAPS = {
    2: "(channels, length)",
    3: "(channels, height, width)",
    4: "(channels, depth, height, width)",
}
"""Shapes of a map by their length."""


def axes_of(x: Shape) -> int:
    """The number of axes of a map beside its channels: 1, 2 or 3. Raises RuleError for another shape."""
    if len(x) not in MAPS:
        *most, last = MAPS.values()
        raise RuleError(f"it needs {', '.join(most)} or {last}")
    return len(x) - 1


def planes(x: Shape) -> tuple[Dim, Dim, Dim]:
    """(channels, height, width). Raises RuleError if the shape has another rank."""
    if len(x) != 3:
        raise RuleError(f"it needs {MAPS[3]}")
    return x


def slide(every: Sequence[Side], x: Shape, ceil: bool = False) -> tuple[Dim, ...]:
    """Output size on each axis of a window over a map."""
    return tuple([side.positions(size, ceil) for side, size in zip(every, x[1:], strict=True)])


def window_of(every: Sequence[Side], x: Shape) -> Window:
    """The window over a map, for the receptive field; axes with the same window share one `Axis`."""
    first = every[0].axis(x[1])
    axes = [first]
    for side, size in zip(every[1:], x[2:], strict=True):
        alike = side == every[0] and (side.before is not None or size is x[1])
        axes.append(first if alike else side.axis(size))
    return Window(axes)


def split(channels: Dim, groups: Dim, what: str = "input") -> Dim:
    """Channels of one group. Raises RuleError if there are none, or they are known not to divide."""
    if any_below(channels, 1):
        raise RuleError(f"it needs at least one {what} channel")
    if any_below(groups, 1) or known_to_differ(channels // groups * groups, channels):
        raise RuleError(f"{channels} {what} channels do not split into {groups} groups")
    return channels // groups


def alike(every: Sequence[Side]) -> bool:
    """Return True if the padding is the same on both sides of each axis at any input size, as in PyTorch's layers."""
    return all([side.before is not None and side.before == side.after for side in every])


def padded(torch: Any, every: Sequence[Side], x: Shape, fill: float = 0.0) -> tuple[Any, tuple[int, ...]]:
    """(a padding module or None, the padding left to the layer) for a concrete input shape.

    PyTorch's layers pad both sides alike; other padding needs a separate module.
    """
    pads: Any = _pads(every, x)
    if alike(every):
        return None, tuple([before for before, _ in pads])
    last_first = [pad for both in reversed(pads) for pad in both]
    return layer(torch, "ConstantPad", len(pads))(tuple(last_first), fill), (0,) * len(pads)


def layer(torch: Any, name: str, axes: int) -> Any:
    """PyTorch's class of a layer for maps of some axes: Conv1d, Conv2d, Conv3d."""
    return getattr(torch.nn, f"{name}{axes}d")


def keeps(every: Sequence[Side], x: Shape) -> Memory:
    """The values that autograd saves for the backward of a window: its input, or a padding module's copy of it."""
    if alike(every):
        return KEEPS_INPUTS
    return Memory(extra_elements=padded_elements(every, x))


def padded_elements(every: Sequence[Side], x: Shape) -> Dim:
    """Values of a map and of the zeros around it."""
    return x[0] * product(tuple([size + (a + b) for size, (a, b) in zip(x[1:], _pads(every, x), strict=True)]))


def _pads(every: Sequence[Side], x: Shape) -> list[tuple[Dim, Dim]]:
    return [side.pads(size) for side, size in zip(every, x[1:], strict=True)]


def in_turn(torch: Any, *modules: Any) -> Any:
    """A module that runs the modules that are not None one after the other."""
    present = [module for module in modules if module is not None]
    return present[0] if len(present) == 1 else torch.nn.Sequential(*present)


DUMOULIN = "Dumoulin & Visin 2016, arXiv:1603.07285"
EXTENT = "the kernel with its gaps spans d * (k - 1) + 1 positions"
SAME = Rule(
    "ceil(N / s)",
    'TensorFlow\'s rule for "SAME" padding',
    "no p_before",
    'padding "same" keeps one unit for every stride of the input',
)
INSIDE = "rounded up, but a window begins inside the input or the padding before it"
ROUNDED_UP: Rules = (
    Rule(
        "min(ceil((N + 2 * p - k) / s) + 1, ceil((N + p) / s))",
        f"{EQUATION_1}, rounded up as PyTorch's `pooling_output_shape` does",
        "ceil, d == 1",
        INSIDE,
    ),
    Rule(
        "min(ceil((N + 2 * p - d * (k - 1) - 1) / s) + 1, ceil((N + p) / s))",
        f"{DUMOULIN}, section 5.1, rounded up as PyTorch's `pooling_output_shape` does",
        "ceil",
        f"{INSIDE}; {EXTENT}",
    ),
)
ROUNDED_DOWN: Rules = (
    Rule(
        "floor((N + 2 * p - k) / s) + 1",
        EQUATION_1,
        "p_before == p_after, d == 1, (N + 2 * p - k) // s * s == N + 2 * p - k",
    ),
    Rule(
        "floor((N + 2 * p - k) / s) + 1",
        EQUATION_1,
        "p_before == p_after, d == 1",
        "the stride does not divide this, so the quotient is rounded down; the document leaves the rounding out",
    ),
    Rule("floor((N + p_before + p_after - k) / s) + 1", f"{EQUATION_1}, with the padding of each side", "d == 1"),
    Rule("floor((N + 2 * p - d * (k - 1) - 1) / s) + 1", f"{DUMOULIN}, section 5.1", "p_before == p_after", EXTENT),
    Rule(
        "floor((N + p_before + p_after - d * (k - 1) - 1) / s) + 1",
        f"{EQUATION_1}, with the padding of each side and {DUMOULIN}, section 5.1",
        says=EXTENT,
    ),
)
SLIDE: Rules = (SAME, *ROUNDED_DOWN)
"""The output size of a window that slides along an axis."""
