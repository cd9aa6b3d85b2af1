"""Operators of ONNX Runtime, domain `com.microsoft`: attention, norms and activations put together.

Source: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.graph import Op
from archcalc.importers.onnx_files.items import Item, StoredTensor
from archcalc.importers.onnx_files.operators.functions import two
from archcalc.importers.onnx_files.operators.layers import MAKERS as LAYERS
from archcalc.importers.onnx_files.operators.layers import linear
from archcalc.importers.onnx_files.operators.movement import transposed
from archcalc.importers.onnx_files.operators.norms import layer_norm, rms_norm
from archcalc.importers.onnx_files.operators.parts import joined, narrowed
from archcalc.importers.onnx_files.operators.products import attended, heads_of, matrix_product, without_heads
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Tensor, Unsupported
from archcalc.ops.combine import Add
from archcalc.ops.elementwise import Combine, Elementwise
from archcalc.ops.pointwise import GELU, ReLU, Sigmoid, SiLU, Tanh


def _function(op: Op) -> Maker:
    return lambda site: site.pointwise(op)


def _biased_gelu(site: OnnxSite) -> Tensor:
    x = site.tensor()
    if site.item(1) is not None:
        x = site.result(site.apply(Combine("add"), x, site.tensor(1)), x.full)
    return site.pointwise(GELU(), x)


def _skipped(norm: str) -> Maker:
    """A sum with a shortcut, and a norm of it; the last output is the sum."""

    def skipped(site: OnnxSite) -> list[Item | None]:
        plain = norm == "rms"
        x = site.tensor()
        total = site.result(site.apply(Combine("add"), x, site.tensor(1)), x.full)
        bias = 3 if plain else 4
        if site.item(bias) is not None:
            total = site.result(site.apply(Combine("add"), total, site.tensor(bias)), x.full)
        found = rms_norm(site, total, 2) if plain else layer_norm(site, total, 2, 3)
        return [found, None, None, total]

    return skipped


def _multi_head(site: OnnxSite) -> list[Item | None]:
    heads = site.given("num_heads", 0)
    if any([site.item(place) is not None for place in (6, 7)]) or site.item(1) is None or site.item(2) is None:
        raise Unsupported("its keys are those of steps before, or packed")
    q, k, v = (site.tensor(place) for place in range(3))
    bias = site.item(3)
    if bias is not None:
        whole = site.tensor(3)
        start: Any = 0
        parts: list[Tensor] = []
        for each in (q, k, v):
            part = narrowed(site, whole, 0, start, start + each.full[-1])
            parts.append(site.result(site.apply(Combine("add"), each, part), each.full))
            start = start + each.full[-1]
        q, k, v = parts
    q, k, v = (heads_of(site, each, heads) for each in (q, k, v))
    return [without_heads(site, attended(site, q, k, v, site.item(5)))]


def _attention(site: OnnxSite) -> list[Item | None]:
    """Attention with the layer before it: queries, keys and values by one stored matrix."""
    heads, matrix = site.given("num_heads", 0), site.kept(1)
    if matrix is None or site.item(4) is not None or not heads:
        raise Unsupported("its keys are those of steps before")
    from archcalc.ops.linear import Linear

    x, out = site.tensor(), matrix.dims[1]
    value = site.layer(Linear(out, site.item(2) is not None), x.value, 1, 2)
    packed = site.result(value, (*x.full[:-1], out))
    each = site.given("qkv_hidden_sizes") or [out // 3] * 3
    start = 0
    parts: list[Any] = []
    for size in each:
        parts.append(heads_of(site, narrowed(site, packed, len(x.full) - 1, start, start + size), heads))
        start += size
    return [without_heads(site, attended(site, parts[0], parts[1], parts[2], site.item(5)))]


def _grouped_query(site: OnnxSite) -> list[Item | None]:
    heads, groups = site.given("num_heads", 0), site.given("kv_num_heads", 0)
    if site.item(1) is None or site.item(2) is None:
        raise Unsupported("its queries, keys and values are packed")
    q = heads_of(site, site.tensor(0), heads)
    k, v = (heads_of(site, site.tensor(place), groups) for place in (1, 2))
    if isinstance(site.item(3), Tensor) and isinstance(site.item(4), Tensor):
        k, v = (joined(site, [site.tensor(place), new], 2) for place, new in ((3, k), (4, v)))
    return [without_heads(site, attended(site, q, k, v)), k, v]


def _rotated(site: OnnxSite) -> Tensor:
    """Each value times a cosine, and its partner times a sine."""
    x = site.tensor()
    kept, turned = (site.apply(Elementwise("multiply"), x) for _ in range(2))
    return site.result(site.apply(Add(), kept, turned), x.full)


def _fused_product(site: OnnxSite) -> Tensor:
    a, b = site.tensor(0), site.item(1)
    if isinstance(b, StoredTensor) and len(b.dims) == 2 and site.walk.is_free(b) and not site.given("transA", 0):
        return linear(site, a, b._replace(dims=b.dims[::-1]) if site.given("transB", 0) else b)
    other = site.tensor(1)
    last = [*range(len(a.full) - 2), len(a.full) - 1, len(a.full) - 2]
    a = transposed(site, a, last) if site.given("transA", 0) else a
    last = [*range(len(other.full) - 2), len(other.full) - 1, len(other.full) - 2]
    other = transposed(site, other, last) if site.given("transB", 0) else other
    return matrix_product(site, a, other)


ACTIVATIONS: Mapping[str, Op] = {
    "Relu": ReLU(),
    "Sigmoid": Sigmoid(),
    "Tanh": Tanh(),
    "LeakyRelu": Elementwise("leaky_relu"),
    "Clip": Elementwise("clamp"),
    "HardSigmoid": Elementwise("clamp"),
}


def _with_activation(build: Maker) -> Maker:
    def fused(site: OnnxSite) -> Tensor:
        found = build(site)
        op = ACTIVATIONS.get(str(site.given("activation", "")))
        if not isinstance(found, Tensor) or op is None:
            raise Unsupported("its activation is not known")
        return site.pointwise(op, found)

    return fused


MAKERS: Mapping[str, Maker] = {
    f"com.microsoft.{name}": maker
    for name, maker in {
        "Gelu": _function(GELU()),
        "FastGelu": _biased_gelu,
        "BiasGelu": _biased_gelu,
        "QuickGelu": _function(SiLU()),
        "SkipLayerNormalization": _skipped("layer"),
        "SkipSimplifiedLayerNormalization": _skipped("rms"),
        "MultiHeadAttention": _multi_head,
        "Attention": _attention,
        "GroupQueryAttention": _grouped_query,
        "RotaryEmbedding": _rotated,
        "FusedMatMul": _fused_product,
        "FusedConv": _with_activation(LAYERS["Conv"]),
        "FusedGemm": _with_activation(LAYERS["Gemm"]),
        "BiasAdd": two("add"),
    }.items()
} | {"RotaryEmbedding": _rotated}
