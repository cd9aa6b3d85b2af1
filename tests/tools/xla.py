"""What XLA's cost analysis says of a network that is written in JAX from an archcalc graph, before any optimisation.

Convolutions are `jax.lax.conv_general_dilated`, linear layers `jnp.dot`, pools `jax.lax.reduce_window`; the rest is
written as one would by hand, and so is the count of everything that is no product: batch norm is a multiplication and
an addition, ReLU a maximum. The analysis is `jax.stages.Lowered.cost_analysis`, and needs shapes only.
"""

from __future__ import annotations

import json
import platform
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from archcalc.graph import Graph, Op
from archcalc.ops.sliding import per_side, sides

Shape = tuple[int, ...]


def main() -> None:
    sys.path.append(str(Path(__file__).parents[1]))
    from op_examples import EXAMPLES, example_id
    from subjects import NETWORKS, graph_of

    answer: dict[str, Any] = {
        "tool": {
            "version": metadata.version("jax"),
            "jaxlib": metadata.version("jaxlib"),
            "python": platform.python_version(),
            "unit": "flops, two a multiply-accumulate",
            "quantity": "flops",
        },
        "ops": {example_id(each): {"archcalc": example(each)} for each in EXAMPLES},
        "networks": {},
    }
    for name in NETWORKS:
        print("xla", name, file=sys.stderr)
        answer["networks"][name] = {"archcalc": network(graph_of(name))}
    json.dump(answer, sys.stdout)


def cost(function: Any, *shapes: Shape) -> dict[str, int]:
    """The analysis of a function of arrays of those shapes: flops and transcendentals."""
    found: Any = jax.jit(function).lower(*[jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes])
    analysis: Any = found.cost_analysis()
    said = {key: analysis.get(key, 0) for key in ("flops", "transcendentals")}
    return {key: int(value) for key, value in said.items() if value or key == "flops"}


def example(each: Any) -> dict[str, Any]:
    try:
        return applied(each.op, each.shapes)
    except NotImplementedError as error:
        return {"error": f"NotImplementedError: {error}"}


def applied(op: Op, shapes: tuple[Shape, ...]) -> dict[str, Any]:
    """The cost of an op alone; for a convolution or linear layer also that of the product without the bias."""
    parameters, function = lowered(op, shapes)
    inputs = [(1, *shape) for shape in shapes]
    answer: dict[str, Any] = cost(function, *inputs, *parameters)
    if getattr(op, "bias", None) is True:
        bare = type(op)(**(op.attributes() | {"bias": False}))
        parameters, function = lowered(bare, shapes)
        answer["product"] = cost(function, *inputs, *parameters)["flops"]
    return answer


def network(graph: Graph) -> dict[str, Any]:
    """The cost of the network as one function, and the sum over its ops, each lowered alone, by kind."""
    parts: Counter[str] = Counter()
    products = 0
    functions: dict[int, Any] = {}
    owned: dict[int, list[Shape]] = {}
    known: dict[str, dict[str, Any]] = {}
    try:
        for index, node in enumerate(graph.nodes[1:], 1):
            shapes: Any = tuple(graph.nodes[source].shape for source in node.inputs)
            owned[index], functions[index] = lowered(node.op, shapes)
            key = f"{node.op!r} {shapes}"
            if key not in known:
                known[key] = applied(node.op, shapes)
            parts[node.op.kind] += known[key]["flops"]
            if node.op.role in ("conv", "linear"):
                products += known[key].get("product", known[key]["flops"])
    except NotImplementedError as error:
        return {"error": f"NotImplementedError: {error}"}

    def whole(x: Any, parameters: dict[int, list[Any]]) -> Any:
        values = {0: x}
        for index, node in enumerate(graph.nodes[1:], 1):
            own = parameters[node.owner]
            values[index] = functions[index](*[values[source] for source in node.inputs], *own)
        return [values[index] for index in graph.outputs]

    first: Any = graph.nodes[0].shape
    abstract = {i: [jax.ShapeDtypeStruct(s, jnp.float32) for s in each] for i, each in owned.items()}
    found: Any = jax.jit(whole).lower(jax.ShapeDtypeStruct((1, *first), jnp.float32), abstract)
    analysis: Any = found.cost_analysis()
    return {
        "flops": int(analysis["flops"]),
        "transcendentals": int(analysis.get("transcendentals", 0)),
        "products": products,
        "by": {kind: parts[kind] for kind in sorted(parts) if parts[kind]},
    }


def lowered(op: Any, shapes: tuple[Shape, ...]) -> tuple[list[Shape], Any]:
    """The shapes of an op's parameters, and the op as a function of its inputs (with batch) and its parameters."""
    x = shapes[0]
    makers: dict[str, Any] = {
        "conv": conv,
        "conv_transpose": conv_transpose,
        "linear": linear,
        "max_pool": max_pool,
        "avg_pool": avg_pool,
        "batch_norm": batch_norm,
        "layer_norm": layer_norm,
        "window_attention": window_attention,
        "crop": crop,
        "zero_pad": zero_pad,
        "scale": scale,
        "channel_scale": channel_scale,
        "channel_shuffle": channel_shuffle,
        "patch_merging": patch_merging,
        "adaptive_avg_pool": adaptive,
    }
    if op.kind in makers:
        return makers[op.kind](op, x)
    if op.kind in PLAIN:
        return [], PLAIN[op.kind]
    raise NotImplementedError(op.kind)


PLAIN: dict[str, Any] = {
    "relu": lambda v: jnp.maximum(v, 0),
    "relu6": lambda v: jnp.minimum(jnp.maximum(v, 0), 6),
    "sigmoid": lax.logistic,
    "tanh": jnp.tanh,
    "silu": lambda v: v * lax.logistic(v),
    "gelu": lambda v: 0.5 * v * (1 + lax.erf(v * 0.5**0.5)),
    "global_avg_pool": lambda v: jnp.mean(v, (2, 3), keepdims=True),
    "add": lambda *v: sum(v[1:], v[0]),
    "multiply": lambda a, b: a * b,
    "concat": lambda *v: jnp.concatenate(v, 1),
    "dropout": lambda v: v,
    "flatten": lambda v: v.reshape(len(v), -1),
    "softmax": lambda v: jax.nn.softmax(v, 1),
    "channels_last": lambda v: v.transpose(0, 2, 3, 1),
    "channels_first": lambda v: v.transpose(0, 3, 1, 2),
}
"""The ops without fields and parameters, as one writes them by hand."""


def conv(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    both = sides(op.kernel, op.stride, op.padding, op.dilation)
    pads = [side.pads(size) for side, size in zip(both, x[1:], strict=True)]

    def function(v: Any, weight: Any, *bias: Any) -> Any:
        y = lax.conv_general_dilated(
            v,
            weight,
            [side.stride for side in both],
            pads,  # type: ignore[arg-type]
            rhs_dilation=[side.dilation for side in both],
            feature_group_count=op.groups,
        )
        return y + bias[0] if bias else y

    weight = (op.out, x[0] // op.groups, *[side.kernel for side in both])
    return [weight, *([(op.out, 1, 1)] if op.bias else [])], function


def conv_transpose(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    both = sides(op.kernel, op.stride, per_side(op.padding), op.dilation)
    extras = (op.output_padding,) * 2 if isinstance(op.output_padding, int) else op.output_padding
    pads = [
        (side.extent - 1 - side.pads(0)[0], side.extent - 1 - side.pads(0)[1] + extra)
        for side, extra in zip(both, extras, strict=True)
    ]

    def function(v: Any, weight: Any, *bias: Any) -> Any:
        y = lax.conv_general_dilated(
            v,
            weight,
            (1, 1),
            pads,  # type: ignore[arg-type]
            lhs_dilation=[side.stride for side in both],
            rhs_dilation=[side.dilation for side in both],
            feature_group_count=op.groups,
        )
        return y + bias[0] if bias else y

    weight = (op.out, x[0] // op.groups, *[side.kernel for side in both])
    return [weight, *([(op.out, 1, 1)] if op.bias else [])], function


def linear(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    def function(v: Any, weight: Any, *bias: Any) -> Any:
        y = jnp.dot(v, weight)
        return y + bias[0] if bias else y

    return [(x[-1], op.out), *([(op.out,)] if op.bias else [])], function


def _window(op: Any, x: Shape) -> tuple[Any, Any, Any]:
    stride = op.stride if op.stride is not None else op.kernel
    both = sides(op.kernel, stride, op.padding)
    pads = [list(side.pads(size)) for side, size in zip(both, x[1:], strict=True)]
    for pad, side, size, out in zip(pads, both, x[1:], op.shape(x)[1:], strict=True):
        pad[1] += max((out - 1) * side.stride + side.kernel - (size + sum(pad)), 0)  # what rounding up asks for
    flat = ((0, 0), (0, 0))
    window = (1, 1, *[side.kernel for side in both])
    return window, (1, 1, *[side.stride for side in both]), (*flat, *[tuple(pad) for pad in pads])


def max_pool(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    return [], lambda v: lax.reduce_window(v, -jnp.inf, lax.max, *_window(op, x))


def avg_pool(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    window, strides, pads = _window(op, x)
    return [], lambda v: lax.reduce_window(v, 0.0, lax.add, window, strides, pads) / (window[2] * window[3])


def adaptive(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    out = op.shape(x)
    if any(size % to for size, to in zip(x[1:], out[1:], strict=True)):
        raise NotImplementedError("adaptive_avg_pool to a size that does not divide")
    window = (1, 1, *[size // to for size, to in zip(x[1:], out[1:], strict=True)])
    return [], lambda v: lax.reduce_window(v, 0.0, lax.add, window, window, "VALID") / (window[2] * window[3])


def batch_norm(_: Any, x: Shape) -> tuple[list[Shape], Any]:
    shape = (x[0], *[1] * (len(x) - 1))
    return [shape, shape], lambda v, scale, shift: v * scale + shift


def layer_norm(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    axis = 1 if op.channels_first else -1
    shape = (x[0], 1, 1) if op.channels_first else (x[-1],)

    def function(v: Any, scale: Any, shift: Any) -> Any:
        mean = jnp.mean(v, axis, keepdims=True)
        variance = jnp.mean(jnp.square(v - mean), axis, keepdims=True)
        return (v - mean) * lax.rsqrt(variance + 1e-5) * scale + shift

    return [shape, shape], function


def window_attention(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    height, width, channels = op.shape(x)
    side, heads = op.side, op.heads
    grid = (1, height // side, side, width // side, side, 3, heads, channels // heads)

    def function(v: Any, table: Any) -> Any:
        parts = v.reshape(grid).transpose(5, 1, 3, 6, 2, 4, 0, 7).reshape(3, -1, heads, side**2, channels // heads)
        q, k, v = parts
        scores = (q @ k.swapaxes(-1, -2)) * (channels // heads) ** -0.5 + table
        y = jax.nn.softmax(scores, -1) @ v
        y = y.reshape(height // side, width // side, heads, side, side, -1).transpose(0, 3, 1, 4, 2, 5)
        return y.reshape(1, height, width, channels)

    return [(heads, side**2, side**2)], function


def patch_merging(_: Any, x: Shape) -> tuple[list[Shape], Any]:
    def merge(v: Any) -> Any:
        v = jnp.pad(v, ((0, 0), (0, x[0] % 2), (0, x[1] % 2), (0, 0)))
        return jnp.concatenate([v[:, row::2, column::2] for column in (0, 1) for row in (0, 1)], -1)

    return [], merge


def crop(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    _, height, width = op.shape(x)
    return [], lambda v: v[:, :, op.top : op.top + height, op.left : op.left + width]


def zero_pad(op: Any, _: Shape) -> tuple[list[Shape], Any]:
    pads = ((0, 0), (op.channels_before, op.channels_after), (op.top, op.bottom), (op.left, op.right))
    return [], lambda v: jnp.pad(v, pads)


def scale(op: Any, _: Shape) -> tuple[list[Shape], Any]:
    return [], lambda v: v * op.factor


def channel_scale(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    return [(x[0], 1, 1) if op.channels_first else (x[-1],)], lambda v, gamma: v * gamma


def channel_shuffle(op: Any, x: Shape) -> tuple[list[Shape], Any]:
    channels, height, width = x
    split = (1, op.groups, channels // op.groups, height, width)
    return [], lambda v: v.reshape(split).transpose(0, 2, 1, 3, 4).reshape(1, *x)


if __name__ == "__main__":
    main()
