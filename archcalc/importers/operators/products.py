"""Products of tensors: matrix products, attention, sums by letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.graph import Value
from archcalc.importers.replay import CallSite, Handler, Tensor, Unsupported
from archcalc.ops.elementwise import Combine
from archcalc.ops.products import Attention, Einsum, MatMul


def _matmul(first: str, second: str) -> Handler:
    def matmul(site: CallSite) -> Value:
        a, b = site.tensor(first), site.tensor(second)
        return _product(site, a, b)

    return matmul


def _product(site: CallSite, a: Tensor, b: Tensor) -> Value:
    left, right = a.value, b.value
    if len(a.full) == 1:
        left = site.view(a, (1, *a.full))
    elif len(left.shape) < 2:
        left = site.view(a, a.full)
    if len(b.full) == 1:
        right = site.view(b, (*b.full, 1))
    elif len(right.shape) < 2:
        right = site.view(b, b.full)
    return site.apply(MatMul(), left, right)


def _added(first: str, second: str) -> Handler:
    def added(site: CallSite) -> Value:
        product = _product(site, site.tensor(first), site.tensor(second))
        return site.apply(Combine("add"), product, site.tensor("self"))

    return added


def _attention(site: CallSite) -> Value:
    q, k, v = (site.tensor(name) for name in ("query", "key", "value"))
    several = [q, k, v]
    if len({each.dropped for each in several}) > 1:
        several = [site.whole(each) for each in several]
    mask = [site.tensor("attn_mask")] if site.name("attn_mask") else []
    return site.apply(Attention(), *several, *mask)


def _einsum(site: CallSite) -> Value:
    equation = str(site.given("equation")).replace(" ", "")
    tensors = site.several("tensors")
    left, arrow, right = equation.partition("->")
    each = left.split(",")
    if "." in equation:
        raise Unsupported("its letters have an ellipsis")
    if not arrow:
        letters = sorted({letter for letter in left if letter.isalpha() and left.count(letter) == 1})
        right = "".join(letters)
    values: list[Any] = []
    names: list[str] = []
    for letters, tensor in zip(each, tensors, strict=True):
        values.append(tensor.value)
        names.append(letters[tensor.dropped :])
    kept = "".join([letter for letter in right if any([letter in name for name in names])])
    return site.apply(Einsum(f"{','.join(names)}->{kept}"), *values)


OPERATORS: Mapping[str, Handler] = {
    "matmul": _matmul("self", "other"),
    "bmm": _matmul("self", "mat2"),
    "mm": _matmul("self", "mat2"),
    "mv": _matmul("self", "vec"),
    "dot": _matmul("self", "tensor"),
    "linalg_matmul": _matmul("self", "other"),
    "addmm": _added("mat1", "mat2"),
    "baddbmm": _added("batch1", "batch2"),
    "scaled_dot_product_attention": _attention,
    "einsum": _einsum,
}
