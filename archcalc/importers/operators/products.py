"""Products of tensors: matrix products, attention, sums by letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_letters
from typing import Any

from archcalc.graph import Value
from archcalc.importers.call_site import CallSite, Handler
from archcalc.importers.operators.movement import in_rows
from archcalc.importers.tensors import Tensor, alike
from archcalc.ops.elementwise import Combine
from archcalc.ops.products import Attention, Einsum, MatMul


def _matmul(first: str, second: str) -> Handler:
    def matmul(site: CallSite) -> Value:
        a, b = site.tensor(first), site.tensor(second)
        return _product(site, a, b)

    return matmul


def _matmul_of_any(first: str, second: str) -> Handler:
    """PyTorch's `matmul`, which copies a factor whose matrices do not lie one after another."""

    def matmul(site: CallSite) -> Value:
        axes = [len(site.replay.full(site.name(each))) for each in (first, second)]
        return _product(site, *[_factor(site, each, min(axes) < 3) for each in (first, second)])

    return matmul


def _factor(site: CallSite, name: str, plain: bool) -> Tensor:
    """A factor of a `matmul`, of which the other is `plain`: a matrix or a vector for all."""
    full = site.replay.full(site.name(name))
    if len(full) < 3:
        return site.tensor(name)
    if plain:
        return in_rows(site, name)
    return in_rows(site, name, 2) if alike(full[:-2], site.full()[:-2]) else site.tensor(name)


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
    tensors = site.several("tensors")
    each, right = _letters(str(site.given("equation")).replace(" ", ""), [len(tensor.full) for tensor in tensors])
    values: list[Any] = []
    names: list[str] = []
    for letters, tensor in zip(each, tensors, strict=True):
        values.append(tensor.value)
        names.append(letters[tensor.dropped :])
    kept = "".join([letter for letter in right if any([letter in name for name in names])])
    return site.apply(Einsum(f"{','.join(names)}->{kept}"), *values)


def _letters(equation: str, axes: Sequence[int]) -> tuple[list[str], str]:
    """The letters of each input and of the output; an ellipsis stands for the axes that have none, from the right.

    >>> _letters("b...i,ij", [4, 2])
    (['baci', 'ij'], 'acbj')
    """
    left, arrow, right = equation.partition("->")
    free = [letter for letter in ascii_letters if letter not in equation]
    each = left.split(",")
    spare = [count - len(letters.replace("...", "")) for letters, count in zip(each, axes, strict=True)]
    most = max([count for letters, count in zip(each, spare, strict=True) if "..." in letters], default=0)
    ellipsis = "".join(free[:most])
    if not arrow:
        once = sorted({letter for letter in left if letter.isalpha() and left.count(letter) == 1})
        right = ("..." if most else "") + "".join(once)
    filled = [
        letters.replace("...", ellipsis[most - count :] if count else "")
        for letters, count in zip(each, spare, strict=True)
    ]
    return filled, right.replace("...", ellipsis)


OPERATORS: Mapping[str, Handler] = {
    "matmul": _matmul_of_any("self", "other"),
    "bmm": _matmul("self", "mat2"),
    "mm": _matmul("self", "mat2"),
    "mv": _matmul("self", "vec"),
    "dot": _matmul("self", "tensor"),
    "vdot": _matmul("self", "other"),
    "linalg_matmul": _matmul_of_any("self", "other"),
    "addmm": _added("mat1", "mat2"),
    "baddbmm": _added("batch1", "batch2"),
    "scaled_dot_product_attention": _attention,
    "einsum": _einsum,
}
