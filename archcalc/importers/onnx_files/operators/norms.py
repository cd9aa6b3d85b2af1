"""Normalisation layers."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from archcalc.algebra.dims import is_int, product
from archcalc.importers.onnx_files.items import Item, StoredTensor
from archcalc.importers.onnx_files.known import axis_in
from archcalc.importers.onnx_files.operators.layers import check_size
from archcalc.importers.onnx_files.operators.reductions import reduced
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Tensor, Unsupported
from archcalc.ops.norm import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm


def _batch_norm(site: OnnxSite) -> list[Item | None]:
    x = site.tensor()
    _check_channels(site, x)
    return [site.on_maps(BatchNorm(), x, 1, 2, 3, 4)]


def _check_channels(site: OnnxSite, x: Tensor) -> None:
    """Raise RuleError if the channels of an input are known not to be those of the scale."""
    scale = site.kept(1)
    if scale is not None and len(x.full) > 1:
        check_size(x.full[1], prod(scale.dims), "channels")


def _instance_norm(site: OnnxSite) -> Tensor:
    """An instance norm; as part of a group norm, which older opsets do not have, its scale is a constant of ones."""
    x, scale = site.tensor(), site.kept(1)
    if scale is not None and not scale.named and scale.values and set(scale.values) == {1}:
        return site.on_maps(GroupNorm(x.full[1], affine=False), x)
    _check_channels(site, x)
    return site.on_maps(GroupNorm(x.full[1]), x, 1, 2)


def _group_norm(site: OnnxSite) -> Tensor:
    x, groups = site.tensor(), site.given("num_groups", 1)
    scale = site.kept(1)
    if scale is None or not is_int(x.full[1]) or prod(scale.dims) != x.full[1]:
        raise Unsupported("it has a scale for each group, not for each channel")
    return site.on_maps(GroupNorm(groups), x, 1, 2)


def layer_norm(site: OnnxSite, x: Tensor, scale: int, shift: int) -> Tensor:
    """A layer norm along the last axes, with scale and shift at some places of the inputs."""
    axes = len(x.full) - axis_in(site.given("axis", -1), len(x.full))
    item = site.item(scale)
    if isinstance(item, StoredTensor):
        check_size(product(x.full[len(x.full) - axes :]), prod(item.dims), "values in a vector")
    op = LayerNorm(axes=axes, affine=item is not None, bias=site.item(shift) is not None)
    return site.result(site.layer(op, x.value, scale, shift), x.full)


def _layer_norm(site: OnnxSite) -> list[Item | None]:
    x = site.tensor()
    found: list[Item | None] = [layer_norm(site, x, 1, 2)]
    axes = list(range(axis_in(site.given("axis", -1), len(x.full)), len(x.full)))
    for place, name in ((1, "mean"), (2, "std")):
        found.append(reduced(site, name, x, axes, keep=True) if site.wanted(place) else None)
    return found


def rms_norm(site: OnnxSite, x: Tensor, scale: int) -> Tensor:
    """A norm by the root mean square along the last axes, with its scale at some place of the inputs."""
    axes = len(x.full) - axis_in(site.given("axis", -1), len(x.full))
    item = site.item(scale)
    if isinstance(item, StoredTensor):
        check_size(product(x.full[len(x.full) - axes :]), prod(item.dims), "values in a vector")
    op = RMSNorm(axes, site.item(scale) is not None)
    return site.result(site.layer(op, x.value, scale), x.full)


def _rms_norm(site: OnnxSite) -> list[Item | None]:
    return [rms_norm(site, site.tensor(), 1)]


def _local(site: OnnxSite) -> Tensor:
    return site.on_maps(LocalResponseNorm(site.given("size", 5)), site.tensor())


def _mean_variance(site: OnnxSite) -> Tensor:
    x = site.tensor()
    axes = sorted([axis_in(axis, len(x.full)) for axis in site.given("axes", [0, 2, 3])])
    if axes not in ([0, *range(2, len(x.full))], list(range(2, len(x.full)))):
        raise Unsupported("its axes are not those of maps")
    return site.on_maps(GroupNorm(x.full[1], affine=False), x)


MAKERS: Mapping[str, Maker] = {
    "BatchNormalization": _batch_norm,
    "InstanceNormalization": _instance_norm,
    "GroupNormalization": _group_norm,
    "LayerNormalization": _layer_norm,
    "RMSNormalization": _rms_norm,
    "SimplifiedLayerNormalization": _rms_norm,
    "com.microsoft.SimplifiedLayerNormalization": _rms_norm,
    "LRN": _local,
    "MeanVarianceNormalization": _mean_variance,
}
