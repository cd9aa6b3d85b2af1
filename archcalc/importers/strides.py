"""How the values of a tensor lie in memory, from the strides of a trace: whether other axes are a view or a copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from archcalc.importers.program import Meta, OperatorCall, Program, Ref


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


def with_fused_attention(program: Program) -> Program:
    """The program with the outputs of attention as fused kernels lay them, so that putting heads together is a view.

    A trace on the meta device runs attention as products, whose output is contiguous. With flash attention it has its
    axes in the order of the query's; with a mask, which takes the memory-efficient kernel, heads are next to last.
    Source: `_scaled_dot_product_flash_attention` and `_scaled_dot_product_efficient_attention` in
    torch/_meta_registrations.py.
    """
    tensors = dict(program.tensors)
    moved: set[str] = set()
    for call in program.calls:
        first = next((each.name for each in call.arguments.values() if isinstance(each, Ref)), "")
        if call.operator == "aten.scaled_dot_product_attention" and first in tensors:
            for name in call.outputs:
                meta, query = tensors.get(name), tensors[first]
                if meta is not None and meta.strides and len(query.strides) == len(meta.traced) and is_contiguous(meta):
                    masked = isinstance(call.arguments.get("attn_mask"), Ref) and len(meta.traced) == 4
                    like = (3, 1, 2, 0) if masked else query.strides
                    tensors[name] = meta._replace(strides=_dense(meta.traced, like))
                    moved.add(name)
        elif first in moved and call.operator in ("aten.transpose", "aten.permute"):
            for name in call.outputs:
                order = _order(call, len(tensors[first].strides))
                tensors[name] = tensors[name]._replace(strides=tuple([tensors[first].strides[axis] for axis in order]))
    return replace(program, tensors=tensors) if moved else program


def _dense(sizes: Sequence[int], like: Sequence[int]) -> tuple[int, ...]:
    """Strides without gaps, with the axes in the order of other strides, as `torch.empty_like` has them."""
    strides = [0] * len(sizes)
    expected = 1
    for axis in sorted(range(len(sizes)), key=lambda axis: (like[axis], -axis)):
        strides[axis] = expected
        expected *= sizes[axis]
    return tuple(strides)


def _order(call: OperatorCall, axes: int) -> list[int]:
    """The axes of the input of a transposition or a permutation, in the order of its output."""
    if call.operator == "aten.permute":
        return [axis % axes for axis in call.arguments["dims"]]
    order = list(range(axes))
    one, other = call.arguments["dim0"] % axes, call.arguments["dim1"] % axes
    order[one], order[other] = other, one
    return order
