"""Sizes of network design spaces: Radosavovic et al., "Designing Network Design Spaces", arXiv:2003.13678.

As document 003 prints them. A design space is no network but a set of networks. In AnyNet A each of four stages has a
depth (16 choices), a width (128), a bottleneck ratio (3) and a group width (6); every further space restricts the one
before. The divisions by 4! stand for the order that D puts on the widths and E on the depths as well: an
approximation, for they treat four choices that may be equal as if they always differed. RegNet's size is approximate,
too, as the paper says.
"""

from __future__ import annotations

from math import factorial
from typing import NamedTuple

from archcalc.errors import UnknownName

DEPTHS, WIDTHS, RATIOS, GROUPS, STAGES = 16, 128, 3, 6, 4


class DesignSpace(NamedTuple):
    """A set of networks, and how many there are."""

    restriction: str
    """What it adds to the space before."""
    dimensions: int
    """Degrees of freedom."""
    formula: str
    """The size as document 003 prints it."""
    size: int
    """The size, exactly as the formula gives it."""


_BODIES = (DEPTHS * WIDTHS) ** STAGES
_ORDERS = factorial(STAGES)

DESIGN_SPACES = {
    "anynet_a": DesignSpace("none", 16, "(16*128*3*6)^4", _BODIES * (RATIOS * GROUPS) ** STAGES),
    "anynet_b": DesignSpace("b_(i+1) = b_i", 13, "(16*128*6)^4 * 3", _BODIES * GROUPS**STAGES * RATIOS),
    "anynet_c": DesignSpace("g_(i+1) = g_i", 10, "(16*128)^4 * 3*6", _BODIES * RATIOS * GROUPS),
    "anynet_d": DesignSpace("w_(i+1) >= w_i", 10, "(16*128)^4 * 3*6 / (4!)", _BODIES * RATIOS * GROUPS // _ORDERS),
    "anynet_e": DesignSpace("d_(i+1) >= d_i", 10, "(16*128)^4 * 3*6 / (4!)^2", _BODIES * RATIOS * GROUPS // _ORDERS**2),
    "regnet": DesignSpace("quantized linear", 6, "64^4 * 6*3", 64**4 * GROUPS * RATIOS),
}


def size(name: str) -> int:
    """How many networks the space of that name holds. Raises UnknownName."""
    space = DESIGN_SPACES.get(name)
    if space is None:
        raise UnknownName(f"no design space is called {name!r}; there are {', '.join(DESIGN_SPACES)}", ())
    return space.size
