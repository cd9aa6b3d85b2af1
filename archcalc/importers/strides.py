"""How the values of a tensor lie in memory, from the strides of a trace: whether other axes are a view or a copy."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from archcalc.importers.program import Meta


def is_contiguous(meta: Meta) -> bool:
    """Return True if the values of a tensor lie one after another; also if its strides are not known.

    >>> is_contiguous(Meta((2, 3), (3, 1), (2, 3))), is_contiguous(Meta((2, 3), (1, 2), (2, 3)))
    (True, False)
    """
    expected = 1
    for size, stride in reversed(list(zip(meta.traced, meta.strides, strict=False))):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True


def viewable(sizes: Sequence[int], strides: Sequence[int], wanted: Sequence[int]) -> bool:
    """Return True if a tensor can be seen with other sizes without a copy.

    Source: PyTorch's `computeStride`: axes that are joined must lie one after another in memory.

    >>> viewable((2, 3, 4), (12, 4, 1), (6, 4)), viewable((2, 3, 4), (12, 1, 3), (6, 4))
    (True, False)
    """
    axes = [(size, stride) for size, stride in zip(sizes, strides, strict=True) if size != 1]
    if prod(sizes) != prod(wanted) or prod(sizes) == 0:
        return True
    left = [size for size in wanted if size != 1]
    while axes:
        size, stride = axes.pop()
        while axes and axes[-1][1] == stride * size:
            size *= axes.pop()[0]
        while size > 1:
            if not left or size % left[-1]:
                return False
            size //= left.pop()
    return True


def is_view(before: Meta, after: Meta) -> bool:
    """Return True if a tensor with other axes is a view of the one before; also if its strides are not known."""
    return not before.strides or viewable(before.traced, before.strides, after.traced)
