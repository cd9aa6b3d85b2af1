"""The letters of the formulas: meanings, and values from an op's fields and the shapes of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, Shape
from archcalc.graph import Op
from archcalc.graph.rules import AXES, RESULT_CHANNELS, by_axis, by_side
from archcalc.ops.sliding import per_axis, sides

MEANINGS: Mapping[str, str] = {
    "C_in": "input channels",
    "C_out": "output channels",
    "L": "input length",
    "D": "input depth",
    "H": "input height",
    "W": "input width",
    "L_out": "output length",
    "D_out": "output depth",
    "H_out": "output height",
    "W_out": "output width",
    "c": "size of the first axis of the result",
    "m": "size of an axis of the result",
    "m_d": "depth of the result",
    "m_h": "height of the result",
    "m_w": "width of the result",
    "k": "kernel",
    "k_d": "kernel depth",
    "k_h": "kernel height",
    "k_w": "kernel width",
    "s": "stride",
    "s_d": "stride in depth",
    "s_h": "vertical stride",
    "s_w": "horizontal stride",
    "p": "padding",
    "p_d": "padding in depth",
    "p_near": "padding in front",
    "p_far": "padding behind",
    "p_h": "vertical padding",
    "p_w": "horizontal padding",
    "p_top": "padding above",
    "p_bottom": "padding below",
    "p_left": "padding on the left",
    "p_right": "padding on the right",
    "d": "dilation",
    "d_d": "dilation in depth",
    "d_h": "vertical dilation",
    "d_w": "horizontal dilation",
    "g": "groups",
    "n": "output size",
    "n_d": "requested output depth",
    "n_h": "requested output height",
    "n_w": "requested output width",
    "j_in": "input positions between neighbouring units of the layer before",
    "r_in": "field of a unit of the layer before",
    "o_in": "first position of the first field of the layer before",
    "b": "bytes of a value",
    "B": "images",
    "P": "parameters",
    "M": "mult-adds",
    "A": "activations",
    "f": "products for each product of the forward pass",
}
"""Meanings of letters; an op may give a letter a special meaning, or add letters (`OpFormulas.meanings`)."""


def meaning(letter: str, op: Op | None = None) -> str:
    """The meaning of a letter in general, or in the formulas of an op."""
    special = op.formulas.meanings.get(letter) if op is not None else None
    return special or MEANINGS.get(letter, "")


class OpReading(NamedTuple):
    """An op and its inputs in the terms of the formulas: shapes as (channels, height, width), and values of letters."""

    op: Op
    shapes: tuple[Shape, ...]
    letters: Mapping[str, Any]
    axes: int
    """The number of axes of its input map or, if that is no map, of its output: 1 (length), 2 (height, width) or 3."""
    quantities: tuple[str, ...]
    """The names of the sizes of its output; none for a vector."""


def channels_first(shape: Shape, last: bool) -> Shape:
    """A shape as (channels, height, width), also if its channels are last."""
    return (shape[-1], *shape[:-1]) if last else shape


SIZES: Mapping[int, tuple[str, ...]] = {0: (), 1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""The names of the sizes of a map, by the number of its axes."""


def read(op: Op, shapes: Sequence[Shape], last: Sequence[bool]) -> OpReading:
    """The letters of an op on inputs of these shapes; `last` is True for those with channels on the last axis.

    Vectors have C_in only, sequences C_in and L, images C_in, H and W, volumes C_in, D, H and W.
    """
    out = op.shape(*shapes)
    moves = op.channel_axis == "unknown"
    turned = tuple(
        [
            channels_first(each, (moved and not moves) or op.on_last_axis)
            for each, moved in zip(shapes, last, strict=True)
        ]
    )
    channels, *sides = turned[0] if turned else out
    result = getattr(op, "formulas", None) is not None and op.formulas.channels is RESULT_CHANNELS
    axes = 0 if result else len(sides)
    axes = min(axes or len(out) - 1 or 2, 3)
    letters: dict[str, Any] = {"C_in": channels}
    letters |= {axis["N"]: size for axis, size in zip(AXES[axes], sides, strict=False)}
    kept = op.channel_axis == "kept" and bool(last) and last[0] and len(out) > 1
    letters |= _of_result(channels_first(out, kept or op.channel_axis == "last" or op.on_last_axis))
    if any(last):
        letters["turned"] = 1
    letters |= _of_fields(op, axes) | dict(op.letters(*turned))
    return OpReading(op, turned, letters, axes, SIZES.get(len(out) - 1, ()))


def _of_result(shape: Shape) -> dict[str, Any]:
    """The letters of the sizes of a result."""
    return {"c": shape[0]} | (by_axis("m", shape[1:]) if len(shape) - 1 in AXES else {})


FIELDS: Mapping[str, str] = {"out": "C_out", "groups": "g"}
"""The letters of fields that have one value, by the field's name."""
WINDOW: Mapping[str, str] = {"kernel": "k", "stride": "s", "dilation": "d", "output_padding": "o"}
"""The letters of fields that have a value on each axis; padding has one on each side."""


def _of_fields(op: Op, axes: int) -> dict[str, Any]:
    given: Any = op
    letters = {letter: getattr(given, name) for name, letter in FIELDS.items() if hasattr(given, name)}
    for name, letter in WINDOW.items():
        if hasattr(given, name):
            letters |= by_axis(letter, per_axis(name, getattr(given, name), 0, axes))
    return letters | _padding(op, axes) if hasattr(given, "padding") else letters


def _padding(op: Any, axes: int) -> dict[str, Any]:
    dilation = getattr(op, "dilation", 1)
    every = sides(op.kernel, op.stride, op.padding, dilation, axes)
    pads = by_side("p", [(side.before, side.after) for side in every])
    even = by_axis("p", [side.before if side.before == side.after else None for side in every])
    known = {letter: value for letter, value in (pads | even).items() if value is not None}
    return known | by_axis("d", per_axis("dilation", dilation, 1, axes))


def axis_names(reading: OpReading, symbols: Sequence[str], axis: int) -> dict[str, str]:
    """The names on one axis of the letters in a formula for any axis.

    N is H or W; k is k if kernels are square, else k_h or k_w; p_before is p_top or p_left.
    """
    words = AXES[reading.axes][axis]
    names: dict[str, str] = {}
    for symbol in symbols:
        base, _, place = symbol.partition("_")
        if symbol == "N":
            names[symbol] = words["N"]
        elif place in ("before", "after"):
            names[symbol] = f"{base}_{words[place]}"
        elif f"{symbol}_{words['axis']}" in reading.letters:
            names[symbol] = symbol if square(reading, symbol) else f"{symbol}_{words['axis']}"
    return names


def square(reading: OpReading, letter: str) -> bool:
    """Return True if a letter has the same value on all axes, and so needs no subscript."""
    values = [reading.letters.get(f"{letter}_{axis['axis']}") for axis in AXES[reading.axes]]
    return values[0] is not None and len(set(values)) == 1


def value_of(reading: OpReading, letter: str) -> Any:
    """The value of a letter; for k with square kernels, that of k_h."""
    value = reading.letters.get(letter)
    if value is None and square(reading, letter):
        return reading.letters[f"{letter}_{AXES[reading.axes][0]['axis']}"]
    return value


def sizes(shape: Shape) -> dict[str, Dim]:
    """The letters of an output, with values: C_out, and for a map the size of each axis."""
    axes = AXES[len(shape) - 1] if len(shape) > 1 else ()
    return dict(zip(("C_out", *[f"{axis['N']}_out" for axis in axes]), shape, strict=True))
