"""Layers with weights: convolutions, matrix products with stored matrices, embeddings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from archcalc.algebra.dims import Dim, Shape, ceil_div, is_int, known_to_differ
from archcalc.base.errors import RuleError
from archcalc.graph import Value
from archcalc.importers.onnx_files.items import Item, StoredTensor
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Tensor, Unsupported
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.elementwise import Combine
from archcalc.ops.linear import Linear


def per_axis(given: Sequence[Any] | None, axes: int, default: int) -> int | tuple[int, ...]:
    """A number for each axis, or one for all if they are equal. Raises RuleError for another count."""
    values = [default] * axes if not given else list(given)
    if len(values) != axes or not all([is_int(value) for value in values]):
        raise RuleError(f"it has {len(values)} numbers for {axes} axes")
    return values[0] if len(set(values)) == 1 else tuple(values)


def pads_of(site: OnnxSite, sizes: Shape, kernel: Sequence[int]) -> Any:
    """Padding of windows, from `pads` or `auto_pad`: one number, one for each axis, pairs, or "same"."""
    axes = len(kernel)
    strides = list(site.given("strides") or [1] * axes)
    dilations = list(site.given("dilations") or [1] * axes)
    auto = site.given("auto_pad", "NOTSET")
    if auto == "VALID":
        return 0
    if auto == "SAME_UPPER":
        return "same"
    if auto == "SAME_LOWER":
        pairs: list[Any] = []
        for size, side, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
            rest = (side - 1) * dilation
            if stride != 1 and not is_int(size):
                return "same"
            total = rest if stride == 1 else max((int(ceil_div(size, stride)) - 1) * stride + rest + 1 - int(size), 0)  # pyright: ignore[reportArgumentType]
            pairs.append((total - total // 2, total // 2))
        return simple(pairs)
    given = list(site.given("pads") or [0] * 2 * axes)
    if len(given) != 2 * axes:
        raise RuleError(f"it has {len(given)} numbers as padding of {axes} axes")
    return simple(list(zip(given[:axes], given[axes:], strict=True)))


def simple(pairs: Sequence[tuple[int, int]]) -> Any:
    """Padding as one number or one for each axis, if both sides are alike."""
    if all([before == after for before, after in pairs]):
        return per_axis([before for before, _ in pairs], len(pairs), 0)
    return tuple(pairs)


def _kernel(site: OnnxSite, place: int = 1) -> tuple[Shape, list[int]]:
    """The sizes of the weights, and those of their window."""
    weights = site.full(place)
    kernel: Any = list(weights[2:])
    if not kernel or not all([is_int(size) for size in weights]):
        raise Unsupported("its window depends on a size")
    return weights, kernel


def convolution(site: OnnxSite, places: Sequence[int] = (0, 1, 2)) -> Tensor:
    """A convolution of an input with weights and biases at some places."""
    weights, kernel = _kernel(site, places[1])
    x = site.tensor(places[0])
    if len(x.full) != len(weights):
        raise RuleError(f"its weights are of {len(weights) - 2} axes")
    axes, groups = len(kernel), site.given("group", 1)
    check_size(x.full[1], weights[1] * groups, "channels")
    later = None if site.item(places[2]) is not None else _later_bias(site, int(weights[0]), axes)  # pyright: ignore[reportArgumentType]
    op = Conv(
        weights[0],
        per_axis(kernel, axes, 1),
        per_axis(site.given("strides"), axes, 1),
        pads_of(site, x.full[2:], kernel),
        per_axis(site.given("dilations"), axes, 1),
        groups,
        site.item(places[2]) is not None or later is not None,
    )
    return _biased(site, later, lambda: site.on_maps(op, x, *places[1:]))


def _later_bias(site: OnnxSite, out: int, axes: int) -> Any:
    """The node after a layer that only adds a stored bias for each channel, and that bias; None for another node."""
    user = site.scope.only_user(site.node.outputs[0])
    if user is None or user.operator != "Add" or user.domain or len(user.inputs) != 2:
        return None
    (name,) = [each for each in user.inputs if each != site.node.outputs[0]] or [""]
    try:
        bias = site.scope.find(name)
    except ValueError:
        return None
    if not isinstance(bias, StoredTensor) or not bias.floating or not site.walk.is_free(bias):
        return None
    wanted = (out, *[1] * axes)
    dims = bias.dims[len(bias.dims) - len(wanted) :]
    return (user, bias) if dims == wanted and len(bias.dims) <= len(wanted) + (axes > 0) else None


def _biased(site: OnnxSite, later: Any, build: Callable[[], Tensor]) -> Tensor:
    """A layer, built with the bias that a later node adds if there is one."""
    if later is None:
        return build()
    node, bias = later
    while len(site.items) < 3:
        site.items.append(None)
    site.items[2] = bias
    result = build()
    site.merge(node, result)
    return result


def _transposed(site: OnnxSite) -> Tensor:
    weights, kernel = _kernel(site)
    x = site.tensor()
    axes, groups = len(kernel), site.given("group", 1)
    check_size(x.full[1], weights[0], "channels")
    strides = list(site.given("strides") or [1] * axes)
    dilations = list(site.given("dilations") or [1] * axes)
    extras = list(site.given("output_padding") or [0] * axes)
    spans = [(side - 1) * dilation + 1 for side, dilation in zip(kernel, dilations, strict=True)]
    pairs = _given_pads(site, x.full[2:], spans, strides, extras)
    op = ConvTranspose(
        weights[1] * groups,
        per_axis(kernel, axes, 1),
        per_axis(strides, axes, 1),
        simple(pairs),
        per_axis(extras, axes, 0),
        per_axis(dilations, axes, 1),
        groups,
        site.item(2) is not None,
    )
    return site.on_maps(op, x, 1, 2)


def _given_pads(
    site: OnnxSite, sizes: Shape, spans: Sequence[int], strides: Sequence[int], extras: list[int]
) -> list[tuple[int, int]]:
    """Padding of a transposed convolution before and after each axis; `extras` grow where nothing is to be cut off."""
    axes = len(spans)
    auto, wanted = site.given("auto_pad", "NOTSET"), site.given("output_shape")
    given = list(site.given("pads") or [0] * 2 * axes)
    if wanted is None and auto in ("NOTSET", "VALID"):
        return list(zip(given[:axes], given[axes:], strict=True))
    pairs: list[tuple[int, int]] = []
    for axis in range(axes):
        if wanted is None:
            total = spans[axis] + extras[axis] - strides[axis]
        else:
            size: Any = sizes[axis]
            total = (size - 1) * strides[axis] + extras[axis] + spans[axis] - wanted[len(wanted) - axes + axis]
        if not is_int(total):
            raise Unsupported("its output is fixed, and its input is not")
        if total < 0:
            extras[axis] -= total
            total = 0
        half = total // 2
        pairs.append((half, total - half) if auto == "SAME_UPPER" else (total - half, half))
    return pairs


# ---- matrix products with stored matrices


def _gemm(site: OnnxSite) -> Tensor:
    matrix = site.item(1)
    if isinstance(matrix, StoredTensor) and site.walk.is_free(matrix) and not site.given("transA", 0):
        out = matrix.dims[0] if site.given("transB", 0) else matrix.dims[1]
        bias = site.item(2)
        own = isinstance(bias, StoredTensor) and bias.dims in ((out,), (1, out))
        x = site.tensor()
        check_size(x.full[-1], matrix.dims[1] if site.given("transB", 0) else matrix.dims[0])
        value = site.layer(Linear(out, own), x.value, *([1, 2] if own else [1]))
        full = (*x.full[:-1], out)
        if bias is not None and not own:
            value = site.apply(Combine("add"), site.result(value, full), site.tensor(2))
        return site.result(value, full)
    from archcalc.importers.onnx_files.operators.movement import transposed
    from archcalc.importers.onnx_files.operators.products import matrix_product

    a, b = site.tensor(0), site.tensor(1)
    a = transposed(site, a, (1, 0)) if site.given("transA", 0) else a
    b = transposed(site, b, (1, 0)) if site.given("transB", 0) else b
    found = matrix_product(site, a, b)
    if site.item(2) is None:
        return found
    return site.result(site.apply(Combine("add"), found, site.tensor(2)), found.full)


def check_size(size: Dim, wanted: Dim, what: str = "columns") -> None:
    """Raise RuleError if a size of an input is known not to be that of the stored weights."""
    if known_to_differ(size, wanted):
        raise RuleError(f"its input has {size} {what}, and its weights are for {wanted}")


def linear(site: OnnxSite, x: Tensor, matrix: StoredTensor, place: int = 1) -> Tensor:
    """A product with a stored matrix (in, out), with the bias that the next node adds."""
    wide, out = matrix.dims
    check_size(x.full[-1], wide)
    later = _later_bias(site, out, 0)
    op = Linear(out, later is not None)
    full = (*x.full[:-1], out)
    return _biased(site, later, lambda: site.result(site.layer(op, _rows(site, x), place, 2), full))


def _rows(site: OnnxSite, x: Tensor) -> Value:
    return x.value if len(x.full) > 1 else site.view(x, x.full)


def _prelu(site: OnnxSite) -> Item:
    from archcalc.ops.pointwise import PReLU

    x, slope = site.tensor(), site.kept(1)
    many = prod(slope.dims) if slope is not None else 0
    channels: Any = x.full[1] if len(x.full) > 1 else 1
    if many == 1 or (is_int(channels) and many == channels):
        return site.result(site.layer(PReLU(many == 1), x.value, 1), x.full)
    return site.result(site.apply(Combine("multiply"), x, site.tensor(1)), x.full)


MAKERS: Mapping[str, Maker] = {
    "Conv": convolution,
    "ConvTranspose": _transposed,
    "Gemm": _gemm,
    "PRelu": _prelu,
}
