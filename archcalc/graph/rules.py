"""The general formulas of an op as text, with their sources: data beside the op, which `archcalc why` works out.

A quantity has rules in order; the first whose conditions hold applies. They are written in the language of
`archcalc.algebra.expressions` and parsed when a derivation is requested. The letters of an op's inputs are `C_in` and,
for a map, `H` and `W`; shapes are read as (channels, height, width), also if the op has its channels on the last axis.
Formulas are written for images: `k_h * k_w`, `H * W` and `H_out * W_out` stand for the products over one axis (L) or
three (D, H, W) as well. The fields `out` and `groups` are `C_out` and `g`; `kernel`, `stride`, `padding`, `dilation`
and `output_padding` are `k`, `s`, `p`, `d` and `o`; an op gives the values of all others (`Op.letters`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """A general formula, with its source, its conditions, and its meaning in words."""

    formula: str
    source: str = ""
    when: str = ""
    """Conditions separated by commas, read by `archcalc.derivations.conditions`: `bias` (a field that is set),
    `no bias`, `map` (the input is no vector), `no p_before` (a letter without a value), `g == 1` (equal values)."""
    says: str = ""


class Nothing(NamedTuple):
    """A quantity that is zero, with the reason in words and its source."""

    reason: str
    source: str = ""
    when: str = ""


Rules = tuple[Rule | Nothing, ...]

NO_BUFFERS: Rules = (Nothing("it keeps no running statistics and no constants"),)


AXES: Mapping[int, tuple[Mapping[str, str], ...]] = {
    1: ({"N": "L", "before": "left", "after": "right", "axis": "x"},),
    2: (
        {"N": "H", "before": "top", "after": "bottom", "axis": "h"},
        {"N": "W", "before": "left", "after": "right", "axis": "w"},
    ),
    3: (
        {"N": "D", "before": "near", "after": "far", "axis": "d"},
        {"N": "H", "before": "top", "after": "bottom", "axis": "h"},
        {"N": "W", "before": "left", "after": "right", "axis": "w"},
    ),
}
"""For maps of one, two and three axes the letters of each axis: its size, its sides, and the subscript of others."""


def by_axis(letter: str, values: Sequence[Any]) -> dict[str, Any]:
    """The values of a letter that has one on each axis: `k_h` and `k_w` for k."""
    return {f"{letter}_{axis['axis']}": value for axis, value in zip(AXES[len(values)], values, strict=True)}


def by_side(letter: str, values: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    """The values of a letter that has one on each side of each axis: `p_top`, `p_bottom`, `p_left`, `p_right` for p."""
    return {
        f"{letter}_{axis[place]}": value
        for axis, sides in zip(AXES[len(values)], values, strict=True)
        for place, value in zip(("before", "after"), sides, strict=True)
    }


class OpFormulas(NamedTuple):
    """The rules of every quantity that an op states, and the meanings of its letters."""

    channels: Rules
    """The channels of the output."""
    size: Rules
    """The size of one axis of the output, the same for each: N is the input's size, k the kernel, `p_before` the
    padding before it. Empty for an op whose output is a vector."""
    params: Rules
    mult_adds: Rules
    buffers: Rules = NO_BUFFERS
    meanings: Mapping[str, str] = MappingProxyType({})
    """Meanings of letters that only this op has, or that have a special meaning here: `C_out` of a convolution is the
    number of its filters."""


RESULT_CHANNELS: Rules = (Rule("c", says="the first axis of the result"),)
RESULT_SIZE: Rules = (Rule("m", says="the axis of the result"),)
"""Rules of ops whose result has sizes of its own, by axes that are moved, broken up or joined."""
SAME_CHANNELS: Rules = (Rule("C_in", says="as many channels as the input"),)
SAME_SIZE: Rules = (Rule("N", says="the size of the input"),)
WHOLE_COUNTS = "mult-adds count the multiply-accumulates of convolutions, linear layers and matrix products"
EQUATION_1 = "document 003, equation (1)"
EQUATION_2 = "document 003, equation (2)"
EQUATION_3 = "document 003, equation (3)"
LECUN = 'LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition"'
