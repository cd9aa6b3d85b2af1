"""When a rule is the one: what a layer's fields and its input say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archcalc.why.letters import Reading


def _even(reading: Reading, axis: int) -> bool:
    before, after = (("p_top", "p_bottom"), ("p_left", "p_right"))[axis]
    return reading.letters.get(before) == reading.letters.get(after)


def _on_size(reading: Reading, axis: int) -> bool:
    return _field(reading, "padding") == "same" and ("p_top", "p_left")[axis] not in reading.letters


def _undilated(reading: Reading, axis: int) -> bool:
    return reading.letters.get(("d_h", "d_w")[axis], 1) == 1


def _divides(reading: Reading, axis: int) -> bool:
    """Whether the last window ends where the padded input does."""
    given, name = reading.letters, ("h", "w")[axis]
    size = reading.shapes[0][axis + 1]
    return (size + 2 * given[f"p_{name}"] - given[f"k_{name}"]) % given[f"s_{name}"] == 0


def _depthwise(reading: Reading) -> bool:
    given = reading.letters
    return given["g"] != 1 and given["g"] == given["C_in"] == given["C_out"]


def _field(reading: Reading, name: str) -> Any:
    return reading.op.attributes().get(name)


CONDITIONS: Mapping[str, Callable[[Reading, int], bool]] = {
    "bias": lambda reading, _: bool(_field(reading, "bias")),
    "no bias": lambda reading, _: not _field(reading, "bias"),
    "affine": lambda reading, _: bool(_field(reading, "affine")),
    "dense": lambda reading, _: reading.letters["g"] == 1,
    "depthwise": lambda reading, _: _depthwise(reading),
    "rounded up": lambda reading, axis: bool(_field(reading, "ceil")) and not _on_size(reading, axis),
    "padding depends on size": _on_size,
    "even padding": _even,
    "no dilation": _undilated,
    "divides": _divides,
    "no output padding": lambda reading, axis: reading.letters[("o_h", "o_w")[axis]] == 0,
    "vector": lambda reading, _: len(reading.shapes[0]) == 1,
    "tokens": lambda reading, _: len(reading.shapes[0]) == 2,
    "map": lambda reading, _: len(reading.shapes[0]) == 3,
}
"""What a rule may ask of a layer, on the height (0) or the width (1) axis where it speaks of one."""


def holds(when: str, reading: Reading, axis: int) -> bool:
    """Whether all of the conditions hold, which a rule names with commas between them."""
    return all(CONDITIONS[name](reading, axis) for name in when.split(", ") if name)
