"""Products of tensors: matrix products, attention, sums by letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.algebra.dims import product
from archcalc.base.errors import RuleError
from archcalc.importers.onnx_files.items import Item, StoredTensor
from archcalc.importers.onnx_files.operators.layers import linear
from archcalc.importers.onnx_files.operators.movement import reshaped, transposed
from archcalc.importers.onnx_files.operators.parts import joined
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Tensor, Unsupported
from archcalc.ops.elementwise import broadcast
from archcalc.ops.products import Attention, Einsum, MatMul


def matrix_product(site: OnnxSite, a: Tensor, b: Tensor) -> Tensor:
    """The product of two tensors as NumPy's `matmul` has it."""
    left, right = a.value, b.value
    first: Any = (1, *a.full) if len(a.full) == 1 else a.full
    second: Any = (*b.full, 1) if len(b.full) == 1 else b.full
    if len(left.shape) < 2:
        left = site.view(a, first)
    if len(right.shape) < 2:
        right = site.view(b, second)
    value = site.apply(MatMul(), left, right)
    full = [*broadcast(first[:-2], second[:-2]), first[-2], second[-1]]
    if len(b.full) == 1:
        del full[-1]
    if len(a.full) == 1:
        del full[-1 if len(b.full) == 1 else -2]
    return site.result(value, tuple(full))


def product_of(site: OnnxSite, first: int, second: int) -> Tensor:
    """The product of two inputs; one with a stored matrix is a linear layer."""
    matrix = site.item(second)
    if isinstance(matrix, StoredTensor) and len(matrix.dims) == 2 and site.walk.is_free(matrix) and _is_weight(matrix):
        return linear(site, site.tensor(first), matrix, second)
    return matrix_product(site, site.tensor(first), site.tensor(second))


def _is_weight(matrix: StoredTensor) -> bool:
    return matrix.learnt or not matrix.floating


def _matmul(site: OnnxSite) -> Tensor:
    return product_of(site, 0, 1)


def _einsum(site: OnnxSite) -> Tensor:
    tensors = site.tensors()
    each, right = letters_of(str(site.given("equation", "")), [len(tensor.full) for tensor in tensors])
    if len(each) != len(tensors):
        raise RuleError(f"its equation is of {len(each)} tensors")
    names = [letters[tensor.dropped :] for letters, tensor in zip(each, tensors, strict=True)]
    sizes: dict[str, Any] = {}
    for letters, tensor in zip(each, tensors, strict=True):
        if len(set(letters)) < len(letters):
            raise Unsupported("it takes a diagonal")
        if len(letters) != len(tensor.full):
            raise RuleError("its letters do not name its axes")
        sizes |= dict(zip(letters, tensor.full, strict=True))
    kept = "".join([letter for letter in right if any([letter in name for name in names])])
    if not kept:
        raise Unsupported("it sums up everything")
    value = site.apply(Einsum(f"{','.join(names)}->{kept}"), *tensors)
    return site.result(value, tuple([sizes[letter] for letter in right]))


def letters_of(equation: str, axes: list[int]) -> tuple[list[str], str]:
    """The letters of each tensor and of the result, capital ones for those that an ellipsis stands for.

    >>> letters_of("...ij,jk->...ik", [3, 2])
    (['Aij', 'jk'], 'Aik')
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    each = left.split(",")
    if not arrow:
        right = "".join(sorted({letter for letter in left if letter.isalpha() and left.count(letter) == 1}))
        right = f"...{right}" if "..." in left else right
    spare = [chr(65 + place) for place in range(26) if chr(65 + place) not in equation]
    most = max([count - len(name.replace("...", "")) for name, count in zip(each, axes, strict=False)], default=0)
    if not 0 <= most <= len(spare):
        raise RuleError("its letters do not name its axes")
    found: list[str] = []
    for name, count in zip(each, axes, strict=False):
        missing = count - len(name.replace("...", ""))
        found.append(name.replace("...", "".join(spare[most - missing : most])))
    return found, right.replace("...", "".join(spare[:most]))


# ---- attention


def heads_of(site: OnnxSite, x: Tensor, heads: int) -> Tensor:
    """(batch, length, heads * width) to (batch, heads, length, width); what has heads already stays."""
    if len(x.full) == 4:
        return x
    if len(x.full) != 3 or not heads:
        raise Unsupported("its heads are not known")
    first, length, wide = x.full
    return transposed(site, reshaped(site, x, (first, length, heads, wide // heads)), (0, 2, 1, 3))


def attended(site: OnnxSite, q: Tensor, k: Tensor, v: Tensor, mask: Item | None = None) -> Tensor:
    """Attention of tensors with heads, as one tensor with heads."""
    several = [q, k, v]
    if len({each.dropped for each in several}) > 1:
        several = [site.whole(each) for each in several]
    masks = [site.walk.value(mask)] if mask is not None else []
    return site.result(site.apply(Attention(), *several, *masks), (*q.full[:-1], v.full[-1]))


def without_heads(site: OnnxSite, x: Tensor) -> Tensor:
    """(batch, heads, length, width) to (batch, length, heads * width)."""
    first, heads, length, wide = x.full
    return reshaped(site, transposed(site, x, (0, 2, 1, 3)), (first, length, product((heads, wide))))


def _attention(site: OnnxSite) -> list[Item | None]:
    flat = len(site.full(0)) == 3
    q = heads_of(site, site.tensor(0), site.given("q_num_heads", 0))
    k, v = (heads_of(site, site.tensor(place), site.given("kv_num_heads", 0)) for place in (1, 2))
    if site.item(4) is not None and site.item(5) is not None:
        k, v = (joined(site, [site.tensor(place), new], 2) for place, new in ((4, k), (5, v)))
    found = attended(site, q, k, v, site.item(3))
    return [without_heads(site, found) if flat else found, k, v]


MAKERS: Mapping[str, Maker] = {"MatMul": _matmul, "Einsum": _einsum, "Attention": _attention}
