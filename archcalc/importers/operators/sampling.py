"""Maps brought to another size, and values made without inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.graph import Value
from archcalc.importers.call_site import CallSite, Handler
from archcalc.importers.tensors import image
from archcalc.ops.resize import Resize
from archcalc.ops.sampling import BilinearSample
from archcalc.ops.values import FixedTensor


def _resize(mode: Any, axes: int) -> Handler:
    def resize(site: CallSite) -> Value:
        return site.on_maps(Resize(tuple(site.full()[-axes:]), mode), site.tensor("self", "input"), axes)

    return resize


def _sample(site: CallSite) -> Value:
    return site.apply(BilinearSample(), site.tensor("input"), site.tensor("grid"))


def _make(site: CallSite) -> Value:
    return site.apply(FixedTensor(image(site.full())))


OPERATORS: Mapping[str, Handler] = {
    "upsample_nearest1d": _resize("nearest", 1),
    "upsample_nearest2d": _resize("nearest", 2),
    "upsample_nearest3d": _resize("nearest", 3),
    "_upsample_nearest_exact2d": _resize("nearest", 2),
    "upsample_linear1d": _resize("linear", 1),
    "upsample_bilinear2d": _resize("linear", 2),
    "_upsample_bilinear2d_aa": _resize("linear", 2),
    "upsample_trilinear3d": _resize("linear", 3),
    "upsample_bicubic2d": _resize("cubic", 2),
    "_upsample_bicubic2d_aa": _resize("cubic", 2),
    "grid_sampler": _sample,
    **dict.fromkeys(
        ("new_zeros", "new_ones", "new_full", "new_empty", "rand_like", "randn_like", "empty_like", "bernoulli"), _make
    ),
}
