"""How cells are worded: sizes, layers, receptive fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.analysis.results import Layer, ReceptiveField

MULT_ADDS_REMARK = "Mult-adds: multiply-accumulates of convolutions and linear layers, for one image."


def by(sides: Sequence[Any]) -> str:
    """Sizes joined by x."""
    return "x".join(map(str, sides))


def output(shape: Sequence[Any]) -> str:
    """An output shape as the slides print it: height x width x channels."""
    return by((*shape[1:], shape[0])) if len(shape) == 3 else by(shape)


def pair(sides: tuple[Any, Any] | None) -> str:
    """A height and a width; once if they agree."""
    if sides is None:
        return ""
    return str(sides[0]) if sides[0] == sides[1] else by(sides)


def field_size(sight: ReceptiveField) -> str:
    """The size of a receptive field, or why there is none."""
    if sight.size is not None:
        return pair(sight.size)
    local = f" ({pair(sight.local.size)})" if sight.local is not None else ""
    return ("whole" if sight.whole_input else "varies") + local


def phrase(layer: Layer) -> str:
    """A layer as a short phrase: conv 11x11/4 p2 g2."""
    given: Mapping[str, Any] = layer.attributes
    words = [layer.op.replace("_", " ")]
    groups = given.get("groups", 1)
    if groups != 1 and groups == given.get("out"):
        words.append("dw")
    if "kernel" in given:
        stride = given.get("stride", 1)
        words.append(_two(given["kernel"], "x") + (f"/{_two(stride)}" if stride not in (1, (1, 1)) else ""))
    if given.get("padding", 0) not in (0, (0, 0)):
        words.append(f"p{_padding(given['padding'])}")
    if given.get("dilation", 1) not in (1, (1, 1)):
        words.append(f"d{_two(given['dilation'])}")
    if groups != 1 and groups != given.get("out"):
        words.append(f"g{groups}")
    return " ".join(words)


def _two(value: Any, joined: str = "") -> str:
    sides: Any = value
    if type(value) is tuple:
        return by(sides)
    return f"{value}x{value}" if joined else str(value)


def _padding(value: Any) -> str:
    sides: Any = value
    return ",".join(map(_padding, sides)) if type(value) is tuple else str(value)


def left_out_remark(nodes: Mapping[str, int]) -> str:
    """Kinds of ops that compute something and are not counted, with their numbers."""
    shown = ", ".join(f"{number} {op.replace('_', ' ')}" for op, number in nodes.items())
    return f"Left out: {shown}." if shown else "Nothing is left out."


def cited(citation: str) -> str:
    """A citation in brackets after a space; nothing for a network of one's own, which has none."""
    return f" ({citation})" if citation else ""
