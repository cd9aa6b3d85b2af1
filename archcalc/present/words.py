"""Words of cells: sizes, layers, receptive fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.analysis.blocks import BLOCK
from archcalc.analysis.results import Analysis, Layer, ReceptiveField, layer_axes
from archcalc.present.tables import human


def by(sides: Sequence[Any]) -> str:
    """Sizes joined by x."""
    return "x".join(map(str, sides))


def by_all(shapes: Sequence[Sequence[Any]]) -> str:
    """The shapes of all inputs: 3x32x32, or 3x32x32 + 1x32x32."""
    return " + ".join(map(by, shapes))


def listed(words: Sequence[str]) -> str:
    """Words as an English list: D, H and W."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def output(shape: Sequence[Any]) -> str:
    """An output shape as channels x height x width, the order of --input, of JSON and of PyTorch."""
    return by(shape)


def parameters_by_input(analysis: Analysis, own: Analysis) -> str:
    """A sentence on parameters that depend on the input: why, and how many there are at the network's own input."""
    paired = zip(analysis.layers, own.layers, strict=True) if len(analysis.layers) == len(own.layers) else ()
    kinds = {layer.op for layer, other in paired if layer.params != other.params}
    if kinds == {"linear"}:
        why = "A linear layer on the whole map has as many weights as the map has values"
    elif kinds == {"window_attention"}:
        why = "Windows are no larger than their map, and attention has a bias for each offset within one"
    else:
        why = "Some layers have parameters by the size of their map"
    return f"{why}: at {by_all(own.inputs)} there are {human(own.totals.params)} parameters."


def pair(sides: Sequence[Any] | None) -> str:
    """The numbers of all axes as text, or one number if they agree."""
    if sides is None:
        return ""
    return str(sides[0]) if all([side == sides[0] for side in sides]) else by(sides)


def field_size(field: ReceptiveField) -> str:
    """The size of a receptive field as text, or the reason why there is none."""
    if field.size is not None:
        return pair(field.size)
    local = f" ({pair(field.local.size)})" if field.local is not None else ""
    return ("whole" if field.whole_input else "varies" if field.irregular else "") + local


def phrase(layer: Layer, axes: int = 2) -> str:
    """A short phrase for a layer of a network on `axes` axes: conv 11x11/4 p2 g2."""
    given: Mapping[str, Any] = layer.attributes
    if layer.op == BLOCK:
        return ", ".join([f"{number} {kind.replace('_', ' ')}" for kind, number in given.items()])
    words = [layer.op.replace("_", " ")]
    groups = given.get("groups", 1)
    if groups != 1 and groups == given.get("out"):
        words.append("dw")
    if "kernel" in given:
        stride = given.get("stride", 1)
        words.append(
            _sides(given["kernel"], layer_axes(layer, axes)) + (f"/{_sides(stride)}" if _other(stride, 1) else "")
        )
    if _other(given.get("padding", 0), 0):
        words.append(f"p{_padding(given['padding'])}")
    if _other(given.get("dilation", 1), 1):
        words.append(f"d{_sides(given['dilation'])}")
    if groups != 1 and groups != given.get("out"):
        words.append(f"g{groups}")
    return " ".join(words)


def _sides(value: Any, times: int = 1) -> str:
    """The numbers of all axes joined by x; a single number is repeated."""
    sides: Any = value
    return by(sides if type(value) is tuple else (value,) * times)


def _other(value: Any, usual: int) -> bool:
    """Return True if a number, or the number of an axis, is not the usual one."""
    sides: tuple[Any, ...] = value if type(value) is tuple else (value,)  # pyright: ignore[reportUnknownVariableType]
    return any([side != usual for side in sides])


def _padding(value: Any) -> str:
    sides: Any = value
    return ",".join(map(_padding, sides)) if type(value) is tuple else str(value)


def left_out_remark(nodes: Mapping[str, int]) -> str:
    """A sentence on the kinds of ops that compute something and are not counted, with their numbers."""
    shown = ", ".join(f"{number} {op.replace('_', ' ')}" for op, number in nodes.items())
    return f"Left out: {shown}." if shown else "Nothing is left out."


def cited(citation: str) -> str:
    """A citation in brackets after a space; empty for your own network, which has none."""
    return f" ({citation})" if citation else ""
