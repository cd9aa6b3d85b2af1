"""Sizes of network design spaces: Radosavovic et al., "Designing Network Design Spaces", arXiv:2003.13678.

As document 003 prints them. A design space is a set of networks. In AnyNet A stage i, one of four, has a depth d_i (16
choices), a width w_i (128), a bottleneck ratio b_i (3) and a group width g_i (6); B to E each restrict the space
before. The division by 4! stands for the order that D puts on the widths, a second one for the order that E puts on the
depths: an approximation, for it treats four choices that may be equal as if they always differed. The formula of RegNet
is an approximation too: the document prints ~64^4 * 6*3. `size` is what a formula gives exactly.
"""

from __future__ import annotations

from math import factorial
from typing import NamedTuple

from archcalc.base.errors import UnknownName
from archcalc.base.spelling import shown

TITLE, AUTHORS, YEAR = "Designing Network Design Spaces", "Radosavovic et al.", 2020
SOURCE, DOCUMENTS = "arXiv:2003.13678", ("003",)

DEPTHS, WIDTHS, RATIOS, GROUPS, STAGES = 16, 128, 3, 6, 4


class DesignSpace(NamedTuple):
    """A set of networks, with its size."""

    restriction: str
    """The restriction that it adds to the space before; RegNet's rule replaces all others."""
    dimensions: int
    """Degrees of freedom."""
    formula: str
    """The formula of the size, as document 003 prints it."""
    size: int
    """The exact value of the formula."""
    printed: str
    """The size as document 003 prints it, in two digits."""


_BODIES = (DEPTHS * WIDTHS) ** STAGES
_ORDERS = factorial(STAGES)

DESIGN_SPACES = {
    "anynet_a": DesignSpace("none", 16, "(16*128*3*6)^4", _BODIES * (RATIOS * GROUPS) ** STAGES, "~1.8*10^18"),
    "anynet_b": DesignSpace("b_(i+1) = b_i", 13, "(16*128*6)^4 * 3", _BODIES * GROUPS**STAGES * RATIOS, "~6.8*10^16"),
    "anynet_c": DesignSpace("g_(i+1) = g_i", 10, "(16*128)^4 * 3*6", _BODIES * RATIOS * GROUPS, "~3.2*10^14"),
    "anynet_d": DesignSpace(
        "w_(i+1) >= w_i", 10, "(16*128)^4 * 3*6 / (4!)", _BODIES * RATIOS * GROUPS // _ORDERS, "~1.3*10^13"
    ),
    "anynet_e": DesignSpace(
        "d_(i+1) >= d_i", 10, "(16*128)^4 * 3*6 / (4!)^2", _BODIES * RATIOS * GROUPS // _ORDERS**2, "~5.5*10^11"
    ),
    "regnet": DesignSpace("quantized linear", 6, "64^4 * 6*3", 64**4 * GROUPS * RATIOS, "~3.0*10^8"),
}


def restrictions(name: str) -> tuple[str, ...]:
    """All restrictions of a space: each AnyNet adds one to those of the space before, RegNet has one rule only."""
    names = list(DESIGN_SPACES)
    first = 1 if name.startswith("anynet") else names.index(name)
    return tuple(DESIGN_SPACES[each].restriction for each in names[first : names.index(name) + 1])


def size(name: str) -> int:
    """The number of networks in the space of a name. Raises UnknownName."""
    space = DESIGN_SPACES.get(name)
    if space is None:
        said = f"no design space is called {shown(name)}; there are {', '.join(DESIGN_SPACES)}"
        raise UnknownName(said, (), "name", "design space", name)
    return space.size
