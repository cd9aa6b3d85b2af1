"""Pools: sliding and global."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.base.errors import RuleError
from archcalc.graph import Op, Value
from archcalc.importers.onnx_files.items import Item
from archcalc.importers.onnx_files.operators.layers import pads_of, per_axis
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Tensor, Unsupported
from archcalc.ops.layout import ZeroPad
from archcalc.ops.pool import AdaptiveMaxPool, AvgPool, GlobalAvgPool, MaxPool
from archcalc.ops.reduce import Reduce
from archcalc.ops.sliding import sides, slide


def _pool(kind: type[MaxPool | AvgPool]) -> Maker:
    def pool(site: OnnxSite) -> list[Item | None]:
        x = site.tensor()
        kernel = list(site.given("kernel_shape") or [])
        axes = len(kernel)
        if len(x.full) != axes + 2:
            raise RuleError(f"its window is of {axes} axes")
        pads = pads_of(site, x.full[2:], kernel)
        ceil = bool(site.given("ceil_mode", 0))
        dilation = per_axis(site.given("dilations"), axes, 1)
        if kind is AvgPool and dilation != 1:
            windows = sides(*_window(site, axes), pads, dilation, axes)
            return [site.uncounted((*x.full[:2], *slide(windows, x.full[1:], ceil)))]
        if _is_odd(pads, kernel, ceil):
            x, pads = _padded(site, x, pads, axes), 0
        kernels, strides = _window(site, axes)
        if kind is MaxPool:
            op: Op = MaxPool(kernels, strides, pads, ceil, dilation)
        else:
            op = AvgPool(kernels, strides, pads, ceil, bool(site.given("count_include_pad", 0)))
        value = site.on_maps(op, x)
        return [value, value] if len(site.node.outputs) > 1 else [value]

    return pool


def _window(site: OnnxSite, axes: int) -> tuple[Any, Any]:
    """Kernel and stride."""
    return per_axis(site.given("kernel_shape"), axes, 1), per_axis(site.given("strides"), axes, 1)


def _is_odd(pads: Any, kernel: list[int], ceil: bool) -> bool:
    """Return True for padding that PyTorch's pools refuse: more than half of a window, or uneven and rounded up."""
    if isinstance(pads, str):
        return False
    each = _each(pads, len(kernel))
    uneven = any([isinstance(side, tuple) for side in each])
    wide: list[int] = [max(side) if isinstance(side, tuple) else side for side in each]  # pyright: ignore[reportUnknownArgumentType]
    return (uneven and ceil) or any([2 * most > side for most, side in zip(wide, kernel, strict=True)])


def _each(pads: Any, axes: int) -> list[Any]:
    """Padding of each axis: a number, or a pair."""
    return list(pads) if isinstance(pads, tuple) else [pads] * axes  # pyright: ignore[reportUnknownArgumentType]


def _padded(site: OnnxSite, x: Tensor, pads: Any, axes: int) -> Tensor:
    """A map with its padding put around it by an op of its own."""
    if axes != 2:
        raise Unsupported("its padding is uneven")
    pairs: list[Any] = [side if isinstance(side, tuple) else (side, side) for side in _each(pads, 2)]
    (top, bottom), (left, right) = pairs
    return site.on_maps(ZeroPad(top, bottom, left, right), x)


def _global(op: Op) -> Maker:
    def pool(site: OnnxSite) -> Tensor:
        return site.on_maps(op, site.tensor())

    return pool


def _global_norm(site: OnnxSite) -> Tensor:
    x = site.tensor()
    axes = tuple(range(2 - x.dropped, len(x.value.shape)))
    value: Value = site.apply(Reduce("norm", axes, keep=True), x)
    return site.result(value, (*x.full[:2], *[1] * (len(x.full) - 2)))


MAKERS: Mapping[str, Maker] = {
    "MaxPool": _pool(MaxPool),
    "AveragePool": _pool(AvgPool),
    "LpPool": _pool(AvgPool),
    "GlobalAveragePool": _global(GlobalAvgPool()),
    "GlobalMaxPool": _global(AdaptiveMaxPool(1)),
    "GlobalLpPool": _global_norm,
}
