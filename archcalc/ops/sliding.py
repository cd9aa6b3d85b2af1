"""Sliding windows: what convolution and pooling share, as structure (kernel, stride, padding, dilation) on two axes.

Source of the size rules: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285;
of the ceil and the `same` rule: PyTorch's `pooling_output_shape` and TensorFlow's "SAME".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

from archcalc.algebra.dims import Dim, Shape, any_below, ceil_div, known_to_differ, maximum
from archcalc.base.errors import RuleError
from archcalc.graph import KEEPS_INPUTS, Axis, Memory, Rule, Rules, Window
from archcalc.graph.rules import EQUATION_1

Pair: TypeAlias = int | tuple[int, int]
"""One whole number for both axes, or (height, width)."""
Padding: TypeAlias = int | tuple[int, int] | tuple[tuple[int, int], tuple[int, int]] | Literal["same"]
"""Rows of zeros around the input: one number for all four sides, (height, width), ((top, bottom), (left, right)), or
"same": as many as make the output ceil(input / stride), the odd one at the bottom and the right (TensorFlow's rule)."""


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
        """How many windows fit on an input of `size`: floor((size + pads - extent) / stride) + 1.

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
        """The same window as a receptive field reads it."""
        return Axis(self.kernel, self.stride, self.pads(size)[0], self.dilation)


@lru_cache(maxsize=None, typed=True)  # typed, or 3.0 would pass once 3 has
def sides(kernel: Pair, stride: Pair, padding: Padding, dilation: Pair = 1) -> tuple[Side, Side]:
    """The window on the height and the width axis. Raises RuleError on numbers that make no window."""
    kernels, strides, dilations = pair("kernel", kernel, 1), pair("stride", stride, 1), pair("dilation", dilation, 1)
    if padding == "same":
        return _same(kernels[0], strides[0], dilations[0]), _same(kernels[1], strides[1], dilations[1])
    tall, wide = per_side(padding)
    return Side(kernels[0], strides[0], *tall, dilations[0]), Side(kernels[1], strides[1], *wide, dilations[1])


def _same(kernel: int, stride: int, dilation: int) -> Side:
    rest = (kernel - 1) * dilation
    if stride == 1 or rest == 0:  # as many rows at any size
        return Side(kernel, stride, rest // 2, rest - rest // 2, dilation)
    return Side(kernel, stride, None, None, dilation)


def per_side(padding: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Numeric padding as ((top, bottom), (left, right)). Raises RuleError on anything else."""
    both: Any = (padding, padding) if type(padding) is int else padding
    if not isinstance(padding, str) and _is_pair(both):
        return pair("padding", both[0], 0), pair("padding", both[1], 0)
    raise RuleError(f'padding is a number, two, two pairs or "same", not {padding!r}')


def pair(name: str, value: Any, least: int) -> tuple[int, int]:
    """One number twice, or two numbers. Raises RuleError if either is no whole number or below `least`."""
    both: Any = (value, value) if type(value) is int else value
    if _is_pair(both) and all([type(side) is int and side >= least for side in both]):
        return both
    raise RuleError(f"{name} is a whole number of at least {least}, or two, not {value!r}")


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2  # pyright: ignore[reportUnknownArgumentType]


def planes(x: Shape) -> tuple[Dim, Dim, Dim]:
    """(channels, height, width). Raises RuleError if the shape has another rank."""
    if len(x) != 3:
        raise RuleError("it needs (channels, height, width)")
    return x


def slide(both: tuple[Side, Side], x: Shape, ceil: bool = False) -> tuple[Dim, Dim]:
    """Output height and width of a window over (channels, height, width)."""
    _, height, width = planes(x)
    return both[0].positions(height, ceil), both[1].positions(width, ceil)


def window_of(both: tuple[Side, Side], x: Shape) -> Window:
    """The window over (channels, height, width), for the receptive field."""
    _, height, width = planes(x)
    tall = both[0].axis(height)
    if both[0] == both[1] and (both[0].before is not None or height is width):
        return Window(tall, tall)
    return Window(tall, both[1].axis(width))


def split(channels: Dim, groups: Dim, what: str = "input") -> Dim:
    """Channels of one group. Raises RuleError if there are none, or they are known not to divide."""
    if any_below(channels, 1):
        raise RuleError(f"it needs at least one {what} channel")
    if any_below(groups, 1) or known_to_differ(channels // groups * groups, channels):
        raise RuleError(f"{channels} {what} channels do not split into {groups} groups")
    return channels // groups


def alike(both: tuple[Side, Side]) -> bool:
    """Whether the padding is the same on both sides of an axis for an input of any size, as in PyTorch's layers."""
    return all([side.before is not None and side.before == side.after for side in both])


def padded(torch: Any, both: tuple[Side, Side], x: Shape, fill: float = 0.0) -> tuple[Any, tuple[int, int]]:
    """(a padding module or None, the padding left to the layer) for a concrete input shape.

    PyTorch's layers pad both sides alike; what is not alike becomes a module of its own.
    """
    (top, bottom), (left, right) = both[0].pads(x[1]), both[1].pads(x[2])
    if alike(both):
        return None, (int(top), int(left))  # pyright: ignore[reportArgumentType]
    return torch.nn.ConstantPad2d((left, right, top, bottom), fill), (0, 0)


def keeps(both: tuple[Side, Side], x: Shape) -> Memory:
    """What autograd keeps for the backward of a window: its input, or the copy that a padding module made of it."""
    if alike(both):
        return KEEPS_INPUTS
    channels, height, width = x
    (top, bottom), (left, right) = both[0].pads(height), both[1].pads(width)
    return Memory(extra_elements=channels * (height + (top + bottom)) * (width + (left + right)))


def in_turn(torch: Any, *modules: Any) -> Any:
    """The modules that are not None, one after the other."""
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
ROUNDED_UP = Rule(
    "min(ceil((N + 2 * p - k) / s) + 1, ceil((N + p) / s))",
    f"{EQUATION_1}, rounded up as PyTorch's `pooling_output_shape` does",
    "ceil",
    "rounded up, but a window begins inside the input or the padding before it",
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
        "the stride does not divide it: the quotient is rounded down, which the document does not write",
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
