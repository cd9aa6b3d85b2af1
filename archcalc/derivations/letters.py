"""The letters of the formulas: what they mean, how they read off an op's fields and the shapes of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, Shape
from archcalc.graph import Op
from archcalc.ops.sliding import sides

MEANINGS: Mapping[str, str] = {
    "C_in": "input channels",
    "C_out": "output channels",
    "H": "input height",
    "W": "input width",
    "T": "vectors",
    "H_out": "output height",
    "W_out": "output width",
    "k": "kernel",
    "k_h": "kernel height",
    "k_w": "kernel width",
    "s": "stride",
    "s_h": "vertical stride",
    "s_w": "horizontal stride",
    "p": "padding",
    "p_h": "vertical padding",
    "p_w": "horizontal padding",
    "p_top": "padding above",
    "p_bottom": "padding below",
    "p_left": "padding on the left",
    "p_right": "padding on the right",
    "d": "dilation",
    "d_h": "vertical dilation",
    "d_w": "horizontal dilation",
    "g": "groups",
    "n": "output size",
    "n_h": "output height asked for",
    "n_w": "output width asked for",
    "j_in": "input positions between neighbouring units below",
    "r_in": "field of a unit below",
    "o_in": "where the first field below begins",
    "b": "bytes of a value",
    "B": "images",
    "P": "parameters",
    "M": "mult-adds",
    "A": "activations",
    "f": "products for each of the forward pass",
}
"""What each letter stands for; an op may mean something special by one, or have its own (`OpFormulas.meanings`)."""


def meaning(letter: str, op: Op | None = None) -> str:
    """What a letter stands for, in the formulas of an op where one is given."""
    special = op.formulas.meanings.get(letter) if op is not None else None
    return special or MEANINGS.get(letter, "")


class Reading(NamedTuple):
    """An op and its inputs as the formulas see them: shapes as (channels, height, width), and the letters' values."""

    op: Op
    shapes: tuple[Shape, ...]
    letters: Mapping[str, Any]
    rank: int
    """Axes of the output: 1 for a vector, 3 for a map."""


def channels_first(shape: Shape, last: bool) -> Shape:
    """A shape as (channels, height, width), also where the channels stand last."""
    return (shape[-1], *shape[:-1]) if last else shape


def read(op: Op, shapes: Sequence[Shape], last: Sequence[bool]) -> Reading:
    """The letters of an op applied to inputs of these shapes; `last` says which keep their channels on the last axis.

    Vectors have C_in alone, a list of T vectors has C_in and T, maps have C_in, H and W.
    """
    turned: tuple[Shape, ...] = tuple(
        [channels_first(shape, moved or len(shape) == 2) for shape, moved in zip(shapes, last, strict=True)]
    )
    letters: dict[str, Any] = {}
    if op.role == "input":
        turned = (op.shape(),)
    if turned:
        names = {1: ("C_in",), 2: ("C_in", "T"), 3: ("C_in", "H", "W")}[len(turned[0])]
        letters |= dict(zip(names, turned[0], strict=True))
    letters |= _of_fields(op)
    return Reading(op, turned, letters | dict(op.letters(*turned)), len(op.shape(*shapes)))


FIELDS: Mapping[str, str] = {"out": "C_out", "groups": "g"}
"""The letters of fields by their names."""
WINDOW: Mapping[str, str] = {"kernel": "k", "stride": "s", "dilation": "d", "output_padding": "o"}
"""Those of fields that have a value on each axis; padding has one on each side."""


def _of_fields(op: Op) -> dict[str, Any]:
    given: Any = op
    letters = {letter: getattr(given, name) for name, letter in FIELDS.items() if hasattr(given, name)}
    for name, letter in WINDOW.items():
        if hasattr(given, name):
            letters |= _both(letter, getattr(given, name))
    return letters | _padding(op) if hasattr(given, "padding") else letters


def _both(letter: str, value: Any) -> dict[str, Any]:
    tall, wide = (value, value) if isinstance(value, int) else value
    return {f"{letter}_h": tall, f"{letter}_w": wide}


def _padding(op: Any) -> dict[str, Any]:
    dilation = getattr(op, "dilation", 1)
    tall, wide = sides(op.kernel, op.stride, op.padding, dilation)
    letters = _both("d", dilation)
    names = (("p_h", "p_top", "p_bottom"), ("p_w", "p_left", "p_right"))
    for side, (even, before, after) in zip((tall, wide), names, strict=True):
        if side.before is None or side.after is None:
            continue
        letters |= {before: side.before, after: side.after}
        if side.before == side.after:
            letters[even] = side.before
    return letters


AXES: tuple[Mapping[str, str], ...] = (
    {"N": "H", "before": "top", "after": "bottom", "axis": "h"},
    {"N": "W", "before": "left", "after": "right", "axis": "w"},
)


def axis_names(reading: Reading, symbols: Sequence[str], axis: int) -> dict[str, str]:
    """For the letters of a formula for one axis their names on the height (0) or the width (1) axis.

    N is H or W; k is k where kernels are square, else k_h or k_w; p_before is p_top or p_left.
    """
    words = AXES[axis]
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


def square(reading: Reading, letter: str) -> bool:
    """Whether a letter has one value on both axes, and so needs no subscript."""
    tall, wide = reading.letters.get(f"{letter}_h"), reading.letters.get(f"{letter}_w")
    return tall is not None and tall == wide


def value_of(reading: Reading, letter: str) -> Any:
    """The value of a letter; of k where kernels are square that of k_h."""
    value = reading.letters.get(letter)
    return reading.letters.get(f"{letter}_h") if value is None and square(reading, letter) else value


def sizes(shape: Shape) -> dict[str, Dim]:
    """The letters of an output (channels, height, width), (channels, vectors) or (channels,)."""
    names = {1: ("C_out",), 2: ("C_out", "T"), 3: ("C_out", "H_out", "W_out")}[len(shape)]
    return dict(zip(names, shape, strict=True))
