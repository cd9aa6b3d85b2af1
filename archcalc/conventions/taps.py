"""Exact numbers of taps of a window that fall on its input and not on padding, from one sum for each axis.

Output position j reads input position j*stride - before + t*dilation through tap t of the kernel. Of all pairs (j, t)
the valid ones are those that read a position of the input; axes are independent, so the pairs of a map are the product
of the axes' sums. A transposed convolution writes where a convolution reads: input position i, tap t, goes to output
position i*stride - before + t*dilation, and a tap that falls into the cropped margin is not valid.
"""

from __future__ import annotations

from typing import Any

from archcalc.algebra.dims import Dim, Shape, ceil_div, maximum, minimum
from archcalc.ops.conv import Conv, TableConv
from archcalc.ops.sliding import Side, axes_of, per_side, sides


def valid_taps(op: Any, x: Shape, y: Shape) -> Dim:
    """Multiply-accumulates of a convolution from `x` to `y`, plain or transposed, that read or write real positions."""
    if isinstance(op, TableConv):  # no padding
        connections = sum(len(maps) for maps in op.table)
        return connections * op.kernel**2 * y[1] * y[2]
    axes = axes_of(x)
    if isinstance(op, Conv):
        every = sides(op.kernel, op.stride, op.padding, op.dilation, axes)
        pads = [side.pads(size)[0] for side, size in zip(every, x[1:], strict=True)]
        moves, grid = y[1:], x[1:]
    else:
        every = sides(op.kernel, op.stride, per_side(op.padding, axes), op.dilation, axes)
        pads = [side.pads(0)[0] for side in every]
        moves, grid = x[1:], y[1:]
    total = x[0] * (op.out // op.groups)
    for each in zip(every, moves, grid, pads, strict=True):
        total = total * axis_taps(*each)
    return total


def pool_reads(op: Any, x: Shape, y: Shape) -> Dim:
    """Values that an average pool reads: its padding too, unless `count_include_pad` is off.

    With `ceil` the last window may extend beyond the padded input.
    """
    total = x[0]
    for side, moves, size in zip(sides(op.kernel, op.stride, op.padding, 1, axes_of(x)), y[1:], x[1:], strict=True):
        before, after = side.pads(size)
        grid, start = (size + before + after, 0) if op.count_include_pad else (size, before)
        total = total * axis_taps(side, moves, grid, start)
    return total


def axis_taps(side: Side, moves: Dim, grid: Dim, before: Dim) -> Dim:
    """The number of pairs (j, t), j below `moves`, for which 0 <= j*stride - before + t*dilation < `grid`."""
    total: Dim = 0
    for tap in range(side.kernel):
        shift = before - tap * side.dilation
        first = maximum(ceil_div(shift, side.stride), 0)
        last = minimum((grid - 1 + shift) // side.stride, moves - 1)
        total = total + maximum(last - first + 1, 0)
    return total
