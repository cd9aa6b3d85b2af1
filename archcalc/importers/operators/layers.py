"""Layers: convolutions, linear layers, norms, pools, embeddings, recurrent layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.graph import Op, Value
from archcalc.importers.call_site import CallSite, Handler
from archcalc.importers.operators.movement import in_rows
from archcalc.importers.program import listed
from archcalc.importers.tensors import Tensor, Unsupported, image
from archcalc.ops.applied import Each
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.elementwise import Combine
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm, GroupNorm, LayerNorm, RMSNorm
from archcalc.ops.pointwise import Dropout
from archcalc.ops.pool import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, MaxPool
from archcalc.ops.recurrent import Recurrent
from archcalc.ops.reduce import Reduce
from archcalc.ops.values import Embedding
from archcalc.ops.views import Index, Permute


def per_axis(given: Any, axes: int, default: int) -> int | tuple[int, ...]:
    """A number for each axis, or one for all if they are equal."""
    values = listed(given) or [default]
    values = values * axes if len(values) == 1 else values
    if not all([is_int(value) for value in values]):
        raise Unsupported("its windows depend on the size of the input")
    return values[0] if len(set(values)) == 1 else tuple(values)


def _convolution(axes: int) -> Handler:
    def convolution(site: CallSite) -> Value:
        out, _, *kernel = site.replay.full(site.name("weight"))
        padding = site.given("padding")
        if isinstance(padding, str):
            pads: Any = "same" if padding == "same" else 0
        else:
            pads = per_axis(padding, axes, 0)
        op = Conv(
            out,
            per_axis(kernel, axes, 1),
            per_axis(site.given("stride"), axes, 1),
            pads,
            per_axis(site.given("dilation"), axes, 1),
            site.given("groups", default=1),
            bool(site.name("bias")),
        )
        return site.on_maps(op, site.tensor("input"), axes, "weight", "bias")

    return convolution


def _transposed(axes: int) -> Handler:
    def transposed(site: CallSite) -> Value:
        _, out, *kernel = site.replay.full(site.name("weight"))
        groups = site.given("groups", default=1)
        op = ConvTranspose(
            out * groups,
            per_axis(kernel, axes, 1),
            per_axis(site.given("stride"), axes, 1),
            per_axis(site.given("padding"), axes, 0),
            per_axis(site.given("output_padding"), axes, 0),
            per_axis(site.given("dilation"), axes, 1),
            groups,
            bool(site.name("bias")),
        )
        return site.on_maps(op, site.tensor("input"), axes, "weight", "bias")

    return transposed


def _linear(site: CallSite) -> Value:
    x = in_rows(site, "input")
    weight = site.replay.full(site.name("weight"))
    op = Linear(weight[0], bool(site.name("bias")))
    return site.layer(op, x.value, "weight", "bias")


def _batch_norm(site: CallSite) -> Value:
    """A batch norm; without running statistics, each channel is normalized over the maps that it is given."""
    x = site.tensor("input")
    affine = bool(site.name("weight"))
    op: Op = BatchNorm(affine=affine)
    if not site.name("running_mean"):
        op = GroupNorm(x.full[1], affine=affine, bias=bool(site.name("bias")))
    return site.on_maps(op, x, len(x.full) - 2, "weight", "bias")


def _layer_norm(site: CallSite) -> Value:
    x = site.tensor("input")
    axes = len(site.given("normalized_shape"))
    op = LayerNorm(axes=axes, affine=bool(site.name("weight")), bias=bool(site.name("bias")))
    return site.layer(op, x.value, "weight", "bias")


def _rms_norm(site: CallSite) -> Value:
    x = site.tensor("input")
    op = RMSNorm(len(site.given("normalized_shape")), bool(site.name("weight")))
    return site.layer(op, x.value, "weight")


def _group_norm(site: CallSite) -> Value:
    x = site.tensor("input")
    op = GroupNorm(site.given("num_groups"), affine=bool(site.name("weight")), bias=bool(site.name("bias")))
    return site.on_maps(op, x, len(x.full) - 2, "weight", "bias")


def _instance_norm(site: CallSite) -> Value:
    x = site.tensor("input")
    op = GroupNorm(x.full[1], affine=bool(site.name("weight")), bias=bool(site.name("bias")))
    return site.on_maps(op, x, len(x.full) - 2, "weight", "bias")


def _max_pool(axes: int, name: str = "self") -> Handler:
    def pool(site: CallSite) -> list[Value | None]:
        kernel = per_axis(site.given("kernel_size"), axes, 1)
        stride = per_axis(site.given("stride") or site.given("kernel_size"), axes, 1)
        padding, dilation = per_axis(site.given("padding"), axes, 0), per_axis(site.given("dilation"), axes, 1)
        op = MaxPool(kernel, stride, padding, bool(site.given("ceil_mode")), dilation)
        value = site.on_maps(op, site.tensor(name, "input"), axes)
        return [value, value]

    return pool


def _average_pool(axes: int) -> Handler:
    def pool(site: CallSite) -> Value:
        kernel = site.given("kernel_size")
        op = AvgPool(
            per_axis(kernel, axes, 1),
            per_axis(site.given("stride") or kernel, axes, 1),
            per_axis(site.given("padding"), axes, 0),
            bool(site.given("ceil_mode")),
            bool(site.given("count_include_pad", default=True)),
        )
        return site.on_maps(op, site.tensor("self", "input"), axes)

    return pool


def _adaptive(axes: int, kind: type[AdaptiveAvgPool | AdaptiveMaxPool]) -> Handler:
    def pool(site: CallSite) -> list[Value]:
        value = site.on_maps(kind(per_axis(site.given("output_size"), axes, 1)), site.tensor("self", "input"), axes)
        return [value, value]

    return pool


def _embedding(site: CallSite) -> Value:
    count, width = site.replay.full(site.name("weight"))
    return site.layer(Embedding(count, width), site.tensor("indices").value, "weight")


def _dropout(site: CallSite) -> Value:
    x = site.tensor("input", "self")
    probability = site.given("p", default=0.5)
    training = site.given("train", "training", default=False)
    if not probability and not training:
        return x.value
    return site.apply(Dropout(probability), x)


def _recurrent(cell: Any) -> Handler:
    def recurrent(site: CallSite) -> list[Value | None]:
        x = site.tensor("input")
        names = [each.name for each in site.given("params", default=[])]
        layers, both = site.given("num_layers", default=1), bool(site.given("bidirectional"))
        weight = site.replay.full(names[1])
        hidden = site.replay.full(names[0])[0] // {"lstm": 4, "gru": 3}.get(cell, 1)
        projection = 0 if weight[1] == hidden else weight[1]
        op = Recurrent(cell, hidden, layers, both, bool(site.given("has_biases", default=True)), projection)
        value = _along_sequences(site, x, lambda value, one: site.replay.layer(one(op), value, names, site.call.path))
        states = range(1, len(site.call.outputs))
        return [value, *[_state(site, place, value) if site.wanted(place) else None for place in states]]

    return recurrent


def _along_sequences(site: CallSite, x: Tensor, layer: Callable[[Value, Callable[[Op], Op]], Value]) -> Value:
    """A recurrent layer on a sequence (length, features), or on each of several that are folded into the batch.

    Without `batch_first` the sequence is the first axis, and the batch the second one.
    """
    if len(x.full) == 2 or x.dropped:
        if len(x.value.shape) == 2 and not (len(x.full) == 3 and not site.given("batch_first", default=False)):
            return layer(x.value, lambda op: op)
        raise Unsupported("its sequences are one step long, before the batch")
    if site.given("batch_first", default=False):
        return layer(x.value, Each)
    length, count, features = x.full
    if is_int(count) and count == 1:
        y = layer(site.view(x, (length, features)), lambda op: op)
        return site.replay.viewed(y, (length, 1, y.shape[-1]), site.call.path)
    turned = site.apply(Permute((1, 0, 2)), x)
    return site.apply(Permute((1, 0, 2)), layer(turned, Each))


def _state(site: CallSite, place: int, value: Value) -> Value:
    """The last state of a recurrent layer, read as values of its output: all that goes into it is counted there."""
    return site.apply(Index(image(site.full(place))), value)


def _prelu(site: CallSite) -> Value:
    from archcalc.ops.pointwise import PReLU

    x = site.tensor("self")
    shared = site.replay.full(site.name("weight"))[0] == 1
    return site.layer(PReLU(shared), site.view(x, image(x.full)), "weight")


def _weight_norm(site: CallSite) -> Value:
    """A weight that is computed from a direction and a length for each of its rows, or along another axis."""
    direction, length = site.tensor("v"), site.tensor("g")
    axis = site.given("dim", default=0)
    kept = None if axis == -1 else direction.axis(axis)
    others = tuple([each for each in range(len(direction.value.shape)) if each != kept])
    norm = site.apply(Reduce("norm", others, keep=True), direction)
    scale = site.apply(Combine("divide"), site.view(length, norm.shape), norm)
    return site.apply(Combine("multiply"), direction, scale)


OPERATORS: Mapping[str, Handler] = {
    **{f"conv{axes}d": _convolution(axes) for axes in (1, 2, 3)},
    **{f"conv_transpose{axes}d": _transposed(axes) for axes in (1, 2, 3)},
    "linear": _linear,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
    **{f"max_pool{axes}d": _max_pool(axes) for axes in (1, 2, 3)},
    **{f"max_pool{axes}d_with_indices": _max_pool(axes) for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": _average_pool(axes) for axes in (1, 2, 3)},
    **{f"adaptive_avg_pool{axes}d": _adaptive(axes, AdaptiveAvgPool) for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": _adaptive(axes, AdaptiveMaxPool) for axes in (1, 2, 3)},
    "embedding": _embedding,
    "dropout": _dropout,
    "feature_dropout": _dropout,
    "lstm": _recurrent("lstm"),
    "gru": _recurrent("gru"),
    "rnn_tanh": _recurrent("rnn"),
    "rnn_relu": _recurrent("rnn"),
    "prelu": _prelu,
    "_weight_norm": _weight_norm,
}
