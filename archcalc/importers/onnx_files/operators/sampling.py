"""Maps brought to another size, and read at points that the network computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.importers.onnx_files.arithmetic import rounded_down
from archcalc.importers.onnx_files.host import HOST, HostCall
from archcalc.importers.onnx_files.items import same
from archcalc.importers.onnx_files.known import Numbers, axis_in, known, real
from archcalc.importers.onnx_files.operators.movement import picked
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Tensor, Unsupported
from archcalc.ops.resize import Resize
from archcalc.ops.sampling import BilinearSample


def _resize(scales: int, sizes: int) -> Maker:
    def resize(site: OnnxSite) -> Tensor:
        x = site.tensor()
        axes = [axis_in(axis, len(x.full)) for axis in site.given("axes") or range(len(x.full))]
        wanted = _sizes(site, x, axes, scales, sizes)
        full = list(x.full)
        for axis, size in zip(axes, wanted, strict=True):
            full[axis] = size
        mode = site.given("mode", "nearest")
        if not (same(full[0], x.full[0]) and same(full[1], x.full[1])):
            raise Unsupported("it resizes channels")
        given: Any = {"nearest": "nearest", "linear": "linear", "bilinear": "linear", "cubic": "cubic"}.get(mode)
        if given is None:
            raise Unsupported(f"its mode is {mode}")
        return site.on_maps(Resize(tuple(full[2:]), given), x)

    return resize


def _sizes(site: OnnxSite, x: Tensor, axes: Sequence[int], scales: int, sizes: int) -> list[Any]:
    """The sizes that are asked for on some axes."""
    if sizes >= 0 and site.item(sizes) is not None:
        found = site.numbers(sizes)
        if found is not None and found.values:
            if site.given("keep_aspect_ratio_policy", "stretch") != "stretch":
                raise Unsupported("it keeps the aspect ratio")
            return found.whole
    attribute = site.given("scales")
    if attribute:
        factors: Numbers | None = known(list(map(real, attribute)), (len(attribute),), floating=True)
    else:
        factors = site.numbers(scales)
    if factors is None or len(factors.values) != len(axes):
        raise Unsupported("its scales are missing")
    own = Numbers(tuple([x.full[axis] for axis in axes]), (len(axes),))
    product = HOST["Mul"](HostCall([own, factors], {}, site.opset))
    return [rounded_down(value) for value in product.values]


def _sample(site: OnnxSite) -> Tensor:
    x, grid = site.tensor(), site.tensor(1)
    if len(x.full) != 4 or len(grid.full) != 4:
        raise Unsupported("it needs maps of two axes")
    from archcalc.importers.onnx_files.operators.movement import transposed

    moved = transposed(site, grid, (0, 3, 1, 2))
    value = site.apply(BilinearSample(), x, moved)
    return site.result(value, (x.full[0], *value.shape))


def _regions(site: OnnxSite) -> Tensor:
    x, regions = site.tensor(), site.tensor(1)
    high, wide = site.given("output_height", 1), site.given("output_width", 1)
    if not all([is_int(size) for size in (high, wide)]):
        raise Unsupported("its output has no size")
    return picked(site, x, (regions.full[0], x.full[1], high, wide), regions)


MAKERS: Mapping[str, Maker] = {
    "Resize": lambda site: _resize(1 if site.opset < 11 else 2, -1 if site.opset < 11 else 3)(site),
    "Upsample": _resize(1, -1),
    "GridSample": _sample,
    "RoiAlign": _regions,
}
