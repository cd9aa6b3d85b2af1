"""Functions along axes: means, sums, largest values, softmax, sorting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.importers.onnx_files.items import Item
from archcalc.importers.onnx_files.known import axis_in
from archcalc.importers.onnx_files.operators.parts import narrowed
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Tensor, Unsupported
from archcalc.ops.pointwise import Softmax
from archcalc.ops.pool import GlobalAvgPool
from archcalc.ops.reduce import Along, Reduce


def reduced(site: OnnxSite, name: str, x: Tensor, axes: list[int], keep: bool) -> Tensor:
    """One value for each place of the other axes, counted with the batch."""
    full = tuple([1 if axis in axes else size for axis, size in enumerate(x.full) if keep or axis not in axes])
    one = is_int(x.full[0]) and x.full[0] == 1
    own = [axis for axis in axes if not (axis == 0 and one and x.dropped)]
    places = tuple(sorted([x.axis(axis) for axis in own]))
    if not places:
        return site.result(x.value, full)
    if name == "mean" and len(x.value.shape) == 3 and places == (1, 2) and x.dropped:
        return site.result(site.apply(GlobalAvgPool(), x), full)
    return site.result(site.apply(Reduce(name, places, keep), x), full)


def _reduce(name: str) -> Maker:
    def reduce(site: OnnxSite) -> Tensor:
        x = site.tensor()
        axes = site.list("axes", 1)
        if axes is None or not axes:
            if site.given("noop_with_empty_axes", 0):
                return x
            axes = list(range(len(x.full)))
        return reduced(site, name, x, [axis_in(axis, len(x.full)) for axis in axes], bool(site.given("keepdims", 1)))

    return reduce


def _place(site: OnnxSite) -> Tensor:
    x = site.tensor()
    axis = axis_in(site.given("axis", 0), len(x.full))
    return reduced(site, "argmax", x, [axis], bool(site.given("keepdims", 1)))


def axis_given(site: OnnxSite, x: Tensor, default: int) -> tuple[Tensor, int]:
    """The axis of an attribute as one of the value's shape."""
    axis = axis_in(site.given("axis", default), len(x.full))
    x = site.whole(x) if axis == 0 else x
    return x, x.axis(axis)


def _softmax(site: OnnxSite) -> Tensor:
    given = site.tensor()
    x, axis = axis_given(site, given, -1 if site.opset >= 13 else 1)
    return site.result(site.apply(Softmax(axis), x), given.full)


def _along(name: str, default: int) -> Maker:
    def along(site: OnnxSite) -> Tensor:
        given = site.tensor()
        x, axis = axis_given(site, given, default)
        return site.result(site.apply(Along(name, axis), x), given.full)

    return along


def _cumulative(site: OnnxSite) -> Tensor:
    given = site.tensor()
    found: Any = site.number("axis", 1)
    axis = axis_in(int(found or 0), len(given.full))
    x = site.whole(given) if axis == 0 else given
    return site.result(site.apply(Along("cumulative_sum", x.axis(axis)), x), given.full)


def _largest(site: OnnxSite) -> list[Item | None]:
    x = site.tensor()
    count = site.list("k", 1)
    if not count:
        raise Unsupported("how many values it gives is not known")
    axis = axis_in(site.given("axis", -1), len(x.full))
    source = site.whole(x) if axis == 0 else x
    ordered = site.result(site.apply(Along("sort", source.axis(axis)), source), x.full)
    found = narrowed(site, ordered, axis, 0, count[0])
    return [found, found]


MAKERS: Mapping[str, Maker] = {
    "ReduceMean": _reduce("mean"),
    "ReduceSum": _reduce("sum"),
    "ReduceMax": _reduce("max"),
    "ReduceMin": _reduce("min"),
    "ReduceProd": _reduce("product"),
    "ReduceL1": _reduce("sum"),
    "ReduceL2": _reduce("norm"),
    "ReduceSumSquare": _reduce("norm"),
    "ReduceLogSum": _reduce("log_sum_exp"),
    "ReduceLogSumExp": _reduce("log_sum_exp"),
    "ArgMax": _place,
    "ArgMin": _place,
    "Softmax": _softmax,
    "Hardmax": _softmax,
    "LogSoftmax": _along("log_softmax", -1),
    "CumSum": _cumulative,
    "TopK": _largest,
    "LpNormalization": _along("log_softmax", -1),
}
