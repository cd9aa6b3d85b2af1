"""Functions of values: activations, arithmetic of tensors and numbers, comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.graph import Op, Value
from archcalc.importers.onnx_files.items import Item, StoredTensor, dims_of, is_constant, same_shape
from archcalc.importers.onnx_files.known import Numbers
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Made, Tensor, Unsupported, image
from archcalc.ops.combine import Add, Multiply
from archcalc.ops.elementwise import Combine, Elementwise, broadcast
from archcalc.ops.norm import ChannelScale
from archcalc.ops.pointwise import GELU, Dropout, HardSigmoid, HardSwish, ReLU, ReLU6, Sigmoid, SiLU, Tanh


def _function(op: Op) -> Maker:
    def function(site: OnnxSite) -> Tensor:
        return site.pointwise(op)

    return function


def _is_number(item: Item | None) -> bool:
    """Return True for a constant of one value, which takes no part in the shape of a result."""
    return item is not None and is_constant(item) and all([is_int(size) and size == 1 for size in dims_of(item)])


def _without_numbers(site: OnnxSite) -> tuple[list[Item], int]:
    """The inputs that are no single numbers, and how many are."""
    given = [item for item in site.items if item is not None]
    others = [item for item in given if not _is_number(item)]
    return (others, len(given) - len(others)) if others else (given[:1], len(given) - 1)


def _full(site: OnnxSite) -> Any:
    return broadcast(*[dims_of(item) for item in site.items if item is not None])


def two(name: str) -> Maker:
    """A function of several tensors, or of tensors and single numbers."""

    def combined(site: OnnxSite) -> Tensor:
        full = _full(site)
        others, numbers = _without_numbers(site)
        if len(others) == 1:
            x = site.walk.value(others[0])
            known = name if name in ONE else "compare"
            return site.result(site.apply(Elementwise(known), x), full) if numbers else Tensor(x.value, full)
        tensors = [site.walk.value(item) for item in others]
        alike = all([same_shape(each.value.shape, tensors[0].value.shape) for each in tensors])
        if name == "add" and alike:
            return site.result(site.apply(Add(), *tensors), full)
        value = tensors[0].value
        for other in tensors[1:]:
            value = site.apply(Combine(name), value, other)
        return site.result(value, full)

    return combined


ONE = frozenset({"add", "subtract", "multiply", "divide", "power", "remainder", "compare"})


def _mean(site: OnnxSite) -> Tensor:
    added = two("add")(site)
    if not isinstance(added, Tensor):
        raise Unsupported("it has no inputs")
    return site.result(site.apply(Elementwise("divide"), added), added.full)


def _extreme(name: str) -> Maker:
    def extreme(site: OnnxSite) -> Item:
        others, numbers = _without_numbers(site)
        if len(others) == 1:
            x = site.walk.value(others[0])
            return site.result(site.apply(Elementwise("clamp"), x), _full(site)) if numbers else x
        return two(name)(site)  # pyright: ignore[reportReturnType]

    return extreme


def _is_gate(x: Tensor, gate: Tensor) -> bool:
    """Return True if a tensor has one value for each channel of a map (C, H, W)."""
    sizes = gate.value.shape
    return (
        len(sizes) == len(x.value.shape) > 1
        and all([is_int(size) and size == 1 for size in sizes[1:]])
        and is_int(sizes[0])
        and sizes[0] == x.value.shape[0]
    )


def _multiply(site: OnnxSite) -> Item:
    full = _full(site)
    others, _ = _without_numbers(site)
    if len(others) == 1:
        return two("multiply")(site)  # pyright: ignore[reportReturnType]
    for place in (1, 0):
        scaled = _channel_scale(site, place)
        if scaled is not None:
            return site.result(scaled, full)
    a, b = site.tensor(0), site.tensor(1)
    alike = same_shape(a.value.shape, b.value.shape)
    if not alike and _is_gate(b, a):
        a, b = b, a
    op: Op = Multiply() if alike or _is_gate(a, b) else Combine("multiply")
    if isinstance(op, Multiply) and _gates(site, a) and not _gates(site, b):
        a, b = b, a
    return site.result(site.apply(op, a, b), full)


def _gates(site: OnnxSite, tensor: Tensor) -> bool:
    op = site.walk.graph.nodes[tensor.value.index].op
    return isinstance(op, (Sigmoid, HardSigmoid))


def _channel_scale(site: OnnxSite, place: int) -> Value | None:
    """A product with one learnt number for each channel; None if the weight is of another shape."""
    weight, other = site.items[place], site.items[1 - place]
    if not isinstance(weight, StoredTensor) or not weight.learnt or not site.walk.is_free(weight) or is_constant(other):
        return None
    x = site.tensor(1 - place)
    sizes, shape = image(weight.dims), x.value.shape
    first: Any = (*shape, 0)[0]
    if len(sizes) == 1 and len(shape) > 1 and is_int(shape[-1]) and shape[-1] == sizes[0]:
        return site.layer(ChannelScale(), x.value, place)
    is_map = len(sizes) == len(shape) == 3 and sizes[1:] == (1, 1) and is_int(first) and first == sizes[0]
    return site.layer(ChannelScale(channels_first=True), x.value, place) if is_map else None


def _power(site: OnnxSite) -> Item:
    exponent = site.item(1)
    numbers = exponent.numbers if isinstance(exponent, StoredTensor) else exponent
    if isinstance(numbers, Numbers) and len(numbers.values) == 1 and numbers.values[0] in (2, 0.5):
        return site.pointwise(Elementwise("square" if numbers.values[0] == 2 else "sqrt"))
    return two("power")(site)  # pyright: ignore[reportReturnType]


def _clip(site: OnnxSite) -> Tensor:
    low, high = site.item(1), site.item(2)
    if isinstance(low, Tensor) or isinstance(high, Tensor):
        x = site.tensor()
        return site.result(site.apply(Combine("maximum"), *site.tensors()), x.full)
    limits = [_limit(site, name, place) for place, name in enumerate(("min", "max"), 1)]
    return site.pointwise(ReLU6() if limits == [0, 6] else ReLU() if limits == [0, None] else Elementwise("clamp"))


def _limit(site: OnnxSite, name: str, place: int) -> Any:
    return None if isinstance(site.item(place), Made) else site.number(name, place)


def _where(site: OnnxSite) -> Tensor:
    full = _full(site)
    tensors = [site.tensor(place) for place in range(3)]
    return site.result(site.apply(Combine("where"), *tensors), full)


def _dropout(site: OnnxSite) -> list[Item | None]:
    ratio = site.given("ratio")
    if ratio is None:
        found = site.item(1)
        numbers = found.numbers if isinstance(found, StoredTensor) else found
        ratio = float(numbers.values[0]) if isinstance(numbers, Numbers) and numbers.values else 0.5
    x = site.tensor()
    return [site.pointwise(Dropout(ratio), x), Made(x.full)]


def _same(site: OnnxSite) -> Item:
    return site.needed(0)


def _cast(site: OnnxSite) -> Item:
    return site.needed(0)


def _gated(op: Op, whole: Op) -> Maker:
    """A gate, or the function x * gate(x) if the next node is that product."""

    def gated(site: OnnxSite) -> Tensor:
        source, name = site.node.inputs[0], site.node.outputs[0]
        user = site.scope.only_user(name)
        if (
            user is not None
            and not user.domain
            and user.operator == "Mul"
            and sorted(user.inputs) == sorted([source, name])
        ):
            result = site.pointwise(whole)
            site.merge(user, result)
            return result
        return site.pointwise(op)

    return gated


MAKERS: Mapping[str, Maker] = {
    "Relu": _function(ReLU()),
    "Sigmoid": _gated(Sigmoid(), SiLU()),
    "HardSigmoid": _gated(HardSigmoid(), HardSwish()),
    "Tanh": _function(Tanh()),
    "Gelu": _function(GELU()),
    "Swish": _function(SiLU()),
    "HardSwish": _function(HardSwish()),
    **{
        name: _function(Elementwise(known))
        for name, known in {
            "LeakyRelu": "leaky_relu",
            "ThresholdedRelu": "leaky_relu",
            "Elu": "elu",
            "Celu": "celu",
            "Selu": "selu",
            "Softplus": "softplus",
            "Softsign": "softsign",
            "Mish": "mish",
            "Sqrt": "sqrt",
            "Abs": "abs",
            "Exp": "exp",
            "Log": "log",
            "Sin": "sin",
            "Cos": "cos",
            "Tan": "sin",
            "Asin": "sin",
            "Acos": "cos",
            "Atan": "sin",
            "Sinh": "exp",
            "Cosh": "exp",
            "Asinh": "log",
            "Acosh": "log",
            "Atanh": "log",
            "Erf": "erf",
            "Ceil": "ceil",
            "Floor": "floor",
            "Round": "round",
            "Sign": "sign",
            "Reciprocal": "reciprocal",
            "Neg": "negative",
            "Not": "not",
            "BitwiseNot": "not",
            "IsNaN": "compare",
            "IsInf": "compare",
            "Shrink": "clamp",
            "Bernoulli": "fill",
            "RandomNormalLike": "fill",
            "RandomUniformLike": "fill",
        }.items()
    },
    "Add": two("add"),
    "Sum": two("add"),
    "Sub": two("subtract"),
    "Mul": _multiply,
    "Div": two("divide"),
    "Mod": two("remainder"),
    "Pow": _power,
    "Max": _extreme("maximum"),
    "Min": _extreme("minimum"),
    "Mean": _mean,
    **{name: two("compare") for name in ("Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual")},
    **{name: two("bitwise") for name in ("And", "Or", "Xor", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift")},
    "Clip": _clip,
    "Where": _where,
    "Dropout": _dropout,
    "Identity": _same,
    "Cast": _cast,
    "CastLike": _cast,
}
