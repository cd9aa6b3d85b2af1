"""Words of layers as papers print them: conv 3\u00d73/2, 128; and of chains of layers: separable 5\u00d75, twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from archcalc.analysis.results import Layer, layer_axes
from archcalc.analysis.structure import Joined
from archcalc.pictures.box_words import word_of

WORDS = {
    "global_avg_pool": "global average pool",
    "avg_pool": "average pool",
    "concat": "concatenate",
}
"""Words for operations that pictures of blocks write in full."""


def layer_words(layer: Layer) -> str:
    """A layer with its kernel, stride, groups and channels.

    >>> from archcalc import analyze
    >>> layers = analyze("resnext50_32x4d").layers
    >>> [layer_words(layer) for layer in layers[1:5]]
    ['conv 7\u00d77/2, 64', 'max pool 3\u00d73/2', 'conv 1\u00d71, 128', 'conv 3\u00d73, 128, 32 groups']
    """
    given, shape = layer.attributes, layer.output_shape
    words = [WORDS.get(layer.op) or word_of(layer.op)]
    if "heads" in given:
        sides = _sides(given["side"]) if "side" in given else ()
        window = " " + "\u00d7".join(map(str, sides * (3 - len(sides)))) if sides else ""
        shifted = ["shifted"] if any(_sides(given.get("shift", 0))) else []
        return ", ".join([words[0] + window, *shifted, f"{given['heads']} heads"])
    groups = given.get("groups", 1)
    depthwise = groups != 1 and groups == given.get("out")
    if depthwise:
        words = [f"depthwise {words[0]}"]
    if "kernel" in given:
        words[0] += f" {_kernel(layer)}"
        stride = given.get("stride", 1)
        if any([side != 1 for side in _sides(stride)]):
            words[0] += "/" + "\u00d7".join(map(str, dict.fromkeys(_sides(stride))))
        if any([side != 1 for side in _sides(given.get("dilation", 1))]):
            words.append("dilation " + "\u00d7".join(map(str, dict.fromkeys(_sides(given["dilation"])))))
    if "out" in given or layer.op == "linear":
        words.append(str(shape[0]))
    if groups != 1 and not depthwise:
        words.append(f"{groups} groups")
    return ", ".join(words)


def chain_words(rows: Sequence[Joined]) -> str:
    """Rows in a few words: separable conv 5\u00d75 (\u00d7 2); average pool 3\u00d73, add."""
    said: list[str] = []
    skip = False
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        if skip:
            skip = False
            continue
        if _depthwise(row.layer) and after is not None and _pointwise(after.layer):
            stride = row.layer.attributes.get("stride", 1)
            said.append(f"separable {_kernel(row.layer)}" + (f"/{_sides(stride)[0]}" if _sides(stride)[0] != 1 else ""))
            skip = True
        else:
            said.append(layer_words(row.layer).partition(",")[0])
    merged = [(word, len(list(same))) for word, same in groupby(said)]
    words = [f"{word} (\u00d7 {number})" if number > 1 else word for word, number in merged]
    return ", ".join([*words[:3], *(["..."] if len(words) > 3 else [])])


def _depthwise(layer: Layer) -> bool:
    given = layer.attributes
    return layer.op == "conv" and given.get("groups", 1) == given.get("out") and given.get("groups", 1) != 1


def _pointwise(layer: Layer) -> bool:
    return (
        layer.op == "conv" and layer.attributes.get("groups", 1) == 1 and set(_sides(layer.attributes["kernel"])) == {1}
    )


def _kernel(layer: Layer) -> str:
    kernel = layer.attributes["kernel"]
    sides = _sides(kernel) if type(kernel) is tuple else (kernel,) * layer_axes(layer, 2)
    return "\u00d7".join(map(str, sides))


def _sides(value: Any) -> tuple[Any, ...]:
    sides: Any = value
    return sides if type(value) is tuple else (sides,)
