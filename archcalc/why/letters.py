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
    "C_l": "channels of branch l",
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
    "o": "output padding",
    "o_h": "vertical output padding",
    "o_w": "horizontal output padding",
    "g": "groups",
    "h": "heads",
    "m": "side of a window",
    "n": "output size",
    "n_h": "output height asked for",
    "n_w": "output width asked for",
    "c_top": "rows cut off above",
    "c_bottom": "rows cut off below",
    "c_left": "columns cut off on the left",
    "c_right": "columns cut off on the right",
    "c_start": "first channel",
    "c_stop": "channel after the last",
    "a_top": "rows added above",
    "a_bottom": "rows added below",
    "a_left": "columns added on the left",
    "a_right": "columns added on the right",
    "a_front": "channels added before",
    "a_back": "channels added after",
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
"""What each letter stands for; a kind of op may mean something special by one (`SPECIAL`)."""

SPECIAL: Mapping[str, Mapping[str, str]] = {
    "conv": {"C_out": "filters"},
    "conv_transpose": {"C_out": "filters"},
    "linear": {"C_in": "inputs", "C_out": "neurons"},
    "table_conv": {"n": "connections of the table", "C_out": "maps"},
    "radial_basis": {"C_in": "inputs", "C_out": "prototypes"},
}


def meaning(letter: str, kind: str = "") -> str:
    """What a letter stands for in the formulas of a kind of op."""
    return SPECIAL.get(kind, {}).get(letter) or MEANINGS.get(letter, "")


class Reading(NamedTuple):
    """An op and its inputs as the formulas see them: shapes as (channels, height, width), and the letters' values."""

    op: Op
    shapes: tuple[Shape, ...]
    letters: Mapping[str, Any]


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
        turned = (op.attributes()["size"],)
    if turned:
        names = {1: ("C_in",), 2: ("C_in", "T"), 3: ("C_in", "H", "W")}[len(turned[0])]
        letters |= dict(zip(names, turned[0], strict=True))
    letters |= _of_fields(op)
    if op.kind == "concat":
        letters["C_l"] = tuple([shape[0] for shape in turned])
    elif op.kind == "bilinear_sample":
        grid = turned[-1]
        letters |= {"n_h": grid[1], "n_w": grid[2]}
    return Reading(op, turned, letters)


FIELDS: Mapping[str, Mapping[str, str]] = {
    "conv": {"out": "C_out", "groups": "g"},
    "conv_transpose": {"out": "C_out", "groups": "g"},
    "linear": {"out": "C_out"},
    "radial_basis": {"out": "C_out"},
    "affine_grid": {"height": "n_h", "width": "n_w"},
    "window_attention": {"heads": "h", "side": "m"},
    "crop": {"top": "c_top", "bottom": "c_bottom", "left": "c_left", "right": "c_right"},
    "zero_pad": {
        "top": "a_top",
        "bottom": "a_bottom",
        "left": "a_left",
        "right": "a_right",
        "channels_before": "a_front",
        "channels_after": "a_back",
    },
    "slice": {"start": "c_start", "stop": "c_stop"},
}
"""For kinds of op the letters of their fields; kernel, stride, padding and dilation have theirs on each axis."""


def _of_fields(op: Op) -> dict[str, Any]:
    given = op.attributes()
    letters = {letter: given[name] for name, letter in FIELDS.get(op.kind, {}).items()}
    for name, letter in (("kernel", "k"), ("stride", "s"), ("dilation", "d"), ("output_padding", "o")):
        if name in given:
            letters |= _both(letter, given[name])
    if op.kind == "adaptive_avg_pool":
        letters |= _both("n", given["size"])
    if op.kind == "table_conv":
        letters |= {"n": sum([len(maps) for maps in given["table"]]), "C_out": len(given["table"])}
        letters |= _both("s", 1) | _both("p", 0)
    if "padding" in given:
        letters |= _padding(op)
    return letters


def _both(letter: str, value: Any) -> dict[str, Any]:
    tall, wide = (value, value) if isinstance(value, int) else value
    return {f"{letter}_h": tall, f"{letter}_w": wide}


def _padding(op: Op) -> dict[str, Any]:
    given = op.attributes()
    tall, wide = sides(given["kernel"], given["stride"], given["padding"], given.get("dilation", 1))
    letters: dict[str, Any] = {}
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
