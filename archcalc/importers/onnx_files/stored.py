"""Stored tensors seen in another way: with other axes, as another type, as real numbers of quantized ones."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.importers.onnx_files.items import Item, StoredTensor
from archcalc.importers.onnx_files.known import axis_in, squeezed, unsqueezed
from archcalc.importers.onnx_files.site import OnnxSite
from archcalc.importers.tensors import Unsupported

SAME = frozenset({"Identity", "Cast", "CastLike", "Dropout"})
REAL = frozenset({"DequantizeLinear", "com.microsoft.DequantizeLinear"})
ROUNDED = frozenset({"QuantizeLinear", "com.microsoft.QuantizeLinear"})
VIEWS = frozenset({"Transpose", "Reshape", "Unsqueeze", "Squeeze", "Flatten"})


def seen(site: OnnxSite) -> Sequence[Item | None] | None:
    """The outputs of a node that only shows a stored tensor in another way; None for another node."""
    kept = site.kept(0)
    if kept is None:
        return None
    if site.operator in REAL:
        return [kept._replace(floating=True, learnt=prod(kept.dims) > 1, values=None)]
    if site.operator in ROUNDED:
        return [kept._replace(bits=8, values=None)]
    return [kept] if site.operator in SAME else _with_axes(site, kept) if site.operator in VIEWS else None


def _with_axes(site: OnnxSite, kept: StoredTensor) -> Sequence[Item] | None:
    try:
        dims = _dims(site, kept)
    except Unsupported:
        return None
    if not all([is_int(size) and size >= 0 for size in dims]) or prod(dims) != prod(kept.dims):
        return None
    ordered = site.operator != "Transpose"
    return [kept._replace(dims=tuple(dims), values=kept.values if ordered else None)]


def filled(site: OnnxSite) -> StoredTensor | None:
    """A tensor of stored sizes filled with a number other than 0 and 1: weights that were left out of a file."""
    tensor, kept = site.given("value"), site.kept(0)
    sizes = None if kept is None else kept.values
    if (
        tensor is None
        or sizes is None
        or not tensor.element.floating
        or not tensor.values
        or tensor.values[0] in (0, 1)
    ):
        return None
    if not all([is_int(size) and size > 0 for size in sizes]) or prod(sizes) < 2:
        return None
    return StoredTensor(site.node.outputs[0], tuple(sizes), tensor.element.bits)


def _dims(site: OnnxSite, kept: StoredTensor) -> list[Any]:
    """The sizes of a stored tensor with other axes."""
    dims = list(kept.dims)
    match site.operator:
        case "Transpose":
            order = site.given("perm") or list(range(len(dims)))[::-1]
            return [dims[axis_in(axis, len(dims))] for axis in order]
        case "Unsqueeze":
            return unsqueezed(dims, site.list("axes", 1) or [])
        case "Squeeze":
            return squeezed(dims, site.list("axes", 1))
        case "Flatten":
            axis = site.given("axis", 1) % (len(dims) + 1)
            return [prod(dims[:axis]), prod(dims[axis:])]
        case _:
            wanted = site.list("shape", 1) or []
            wanted = [dims[axis] if same_as(size, 0) and axis < len(dims) else size for axis, size in enumerate(wanted)]
            rest = prod([size for size in wanted if is_int(size) and size > 0])
            return [prod(dims) // rest if same_as(size, -1) else size for size in wanted]


def same_as(size: Any, number: int) -> bool:
    """Return True if a size is a whole number, and this one."""
    return is_int(size) and size == number
