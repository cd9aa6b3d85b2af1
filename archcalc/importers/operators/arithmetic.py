"""Functions of values: activations, arithmetic of tensors and numbers, comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.graph import Op, Value
from archcalc.importers.call_site import CallSite, Handler
from archcalc.importers.tensors import Tensor, alike, image
from archcalc.ops.combine import Add, Multiply
from archcalc.ops.elementwise import Combine, Elementwise
from archcalc.ops.norm import ChannelScale
from archcalc.ops.pointwise import GELU, Complement, HardSigmoid, HardSwish, ReLU, ReLU6, Scale, Sigmoid, SiLU, Tanh


def _function(op: Op, *names: str) -> Handler:
    def function(site: CallSite) -> Value:
        return site.apply(op, site.tensor("self", "input", *names))

    return function


def _named(name: str) -> Handler:
    return _function(Elementwise(name))


def _hardtanh(site: CallSite) -> Value:
    limits = site.given("min_val", default=-1), site.given("max_val", default=1)
    return site.apply(ReLU6() if limits == (0, 6) else Elementwise("clamp"), site.tensor("self"))


def _same(a: Tensor, b: Tensor) -> bool:
    return alike(a.value.shape, b.value.shape)


def _is_gate(x: Tensor, gate: Tensor) -> bool:
    """Return True if a tensor has one value for each channel of a map (C, H, W)."""
    sizes = gate.value.shape
    return (
        len(sizes) == len(x.value.shape) > 1
        and all([is_int(size) and size == 1 for size in sizes[1:]])
        and alike(sizes[:1], x.value.shape[:1])
    )


def _two(name: str) -> Callable[[CallSite], Value]:
    def two(site: CallSite) -> Value:
        others = [each for each in ("self", "other", "input", "exponent", "end") if site.name(each)]
        if len(others) == 1:
            return site.apply(Elementwise(name), site.tensor(*others))
        a, b = (site.tensor(each) for each in others[:2])
        op: Op = Combine(name)
        if name == "add" and _same(a, b):
            op = Add()
        return site.apply(op, a, b)

    return two


def _multiply(site: CallSite) -> Value:
    names = [each for each in ("self", "other") if site.name(each)]
    if len(names) == 1:
        factor = site.given("other")
        known = isinstance(factor, (int, float)) and not isinstance(factor, bool)
        return site.apply(Scale(float(factor)) if known else Elementwise("multiply"), site.tensor(*names))
    for weight, other in (names, names[::-1]):
        if site.replay.is_free(site.name(weight)):
            scaled = _channel_scale(site, weight, other)
            if scaled is not None:
                return scaled
    a, b = (site.tensor(each) for each in names)
    if _is_gate(b, a) and not _same(a, b):
        a, b = b, a
    op: Op = Multiply() if _same(a, b) or _is_gate(a, b) else Combine("multiply")
    if isinstance(op, Multiply) and _gates(site, a) and not _gates(site, b):
        a, b = b, a
    return site.apply(op, a, b)


def _gates(site: CallSite, tensor: Tensor) -> bool:
    """Return True if a tensor is the output of a function whose values lie between 0 and 1."""
    op = site.replay.graph.nodes[tensor.value.index].op
    return isinstance(op, (Sigmoid, HardSigmoid))


def _channel_scale(site: CallSite, weight: str, other: str) -> Value | None:
    """A product with one learnt number for each channel; None if the weight is of another shape."""
    if site.replay.is_free(site.name(other)):
        return None
    x = site.tensor(other)
    full = site.replay.full(site.name(weight))
    if len(x.value.shape) > 1 and alike(image(full), x.value.shape[-1:]):
        return site.layer(ChannelScale(), x.value, weight)
    sizes = full if len(full) == len(x.value.shape) else image(full)
    is_map = len(sizes) == len(x.value.shape) == 3 and sizes[1:] == (1, 1) and alike(sizes[:1], x.value.shape[:1])
    return site.layer(ChannelScale(channels_first=True), x.value, weight) if is_map else None


def _from_constant(site: CallSite) -> Value:
    """A constant less each value."""
    if site.given("other") == 1 and site.given("alpha", default=1) == 1:
        return site.apply(Complement(), site.tensor("self"))
    return _two("subtract")(site)


def _power(site: CallSite) -> Value:
    exponent = site.given("exponent")
    if exponent == 2:
        return site.apply(Elementwise("square"), site.tensor("self"))
    if exponent == 0.5:
        return site.apply(Elementwise("sqrt"), site.tensor("self"))
    return _two("power")(site)


def _where(site: CallSite) -> Value:
    tensors = [site.tensor(each) for each in ("condition", "self", "other") if site.name(each)]
    return site.apply(Combine("where"), *tensors)


def _masked_fill(site: CallSite) -> Value:
    return site.apply(Combine("where"), site.tensor("mask"), site.tensor("self"))


def _clamp(site: CallSite) -> Value:
    if site.name("min") or site.name("max"):
        tensors = [site.tensor(each) for each in ("self", "min", "max") if site.name(each)]
        return site.apply(Combine("maximum"), *tensors)
    return site.apply(Elementwise("clamp"), site.tensor("self"))


def _scaled_sum(site: CallSite) -> Value:
    """Self + value * a * b, and self + value * a / b."""
    product = site.apply(Combine("multiply"), site.tensor("tensor1"), site.tensor("tensor2"))
    return site.apply(Combine("add"), site.tensor("self"), product)


def _lerp(site: CallSite) -> Value:
    tensors = [site.tensor(each) for each in ("self", "end", "weight") if site.name(each)]
    return site.apply(Combine("lerp"), *tensors)


def _glu(site: CallSite) -> Value:
    from archcalc.ops.views import Narrow

    x = site.tensor("self")
    axis = x.axis(site.given("dim", default=-1))
    half: Any = x.value.shape[axis] // 2
    first = site.apply(Narrow(axis, 0, half), x)
    gate = site.apply(Sigmoid(), site.apply(Narrow(axis, half, 2 * half), x))
    return site.apply(Multiply(), first, gate)


OPERATORS: Mapping[str, Handler] = {
    "relu": _function(ReLU()),
    "relu6": _function(ReLU6()),
    "hardtanh": _hardtanh,
    "sigmoid": _function(Sigmoid()),
    "tanh": _function(Tanh()),
    "silu": _function(SiLU()),
    "gelu": _function(GELU()),
    "hardswish": _function(HardSwish()),
    "hardsigmoid": _function(HardSigmoid()),
    **{
        name: _named(name)
        for name in (
            "leaky_relu",
            "elu",
            "celu",
            "selu",
            "softplus",
            "softsign",
            "mish",
            "log_sigmoid",
            "sqrt",
            "rsqrt",
        )
    },
    **{
        name: _named(name)
        for name in ("abs", "exp", "log", "sin", "cos", "erf", "ceil", "floor", "round", "sign", "reciprocal", "square")
    },
    "rrelu": _named("leaky_relu"),
    "neg": _named("negative"),
    "logical_not": _named("not"),
    "bitwise_not": _named("not"),
    "add": _two("add"),
    "sub": _two("subtract"),
    "rsub": _from_constant,
    "subtract": _two("subtract"),
    "mul": _multiply,
    "multiply": _multiply,
    "div": _two("divide"),
    "true_divide": _two("divide"),
    "floor_divide": _two("divide"),
    "remainder": _two("remainder"),
    "fmod": _two("remainder"),
    "pow": _power,
    "maximum": _two("maximum"),
    "minimum": _two("minimum"),
    "atan2": _two("atan2"),
    **{name: _two("compare") for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{
        name: _two("bitwise")
        for name in (
            "logical_and",
            "logical_or",
            "logical_xor",
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
            "__and__",
            "__or__",
        )
    },
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": _clamp,
    "clip": _clamp,
    "where": _where,
    "masked_fill": _masked_fill,
    "addcmul": _scaled_sum,
    "addcdiv": _scaled_sum,
    "lerp": _lerp,
    "glu": _glu,
    "fill": _named("fill"),
    "zero": _named("fill"),
    "zeros_like": _named("fill"),
    "ones_like": _named("fill"),
    "full_like": _named("fill"),
    "isnan": _named("compare"),
    "isinf": _named("compare"),
}
