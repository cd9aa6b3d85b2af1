"""Network design spaces: Radosavovic et al., "Designing Network Design Spaces", arXiv:2003.13678.

As document 003 prints them. A design space is a set of networks. In AnyNet A stage i, one of four, has a depth d_i (16
choices), a width w_i (128), a bottleneck ratio b_i (3) and a group width g_i (6); B to E each restrict the space
before. The division by 4! stands for the order that D puts on the widths, a second one for the order that E puts on the
depths: an approximation, for it treats four choices that may be equal as if they always differed. The formula of RegNet
is an approximation too: the document prints ~64^4 * 6*3. The exact numbers are counted from the axes and
the constraints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

TITLE, AUTHORS, YEAR = "Designing Network Design Spaces", "Radosavovic et al.", 2020
SOURCE, DOCUMENTS = "arXiv:2003.13678", ("003",)


class PrintedSpace(NamedTuple):
    """A row of the document's table of design spaces."""

    restriction: str
    """The restriction that it adds to the space before; RegNet's rule replaces all others."""
    formula: str
    """The formula of the size."""
    size: str
    """The size, in two digits."""


DESIGN_SPACES: Mapping[str, PrintedSpace] = {
    "anynet_a": PrintedSpace("none", "(16*128*3*6)^4", "~1.8*10^18"),
    "anynet_b": PrintedSpace("b_(i+1) = b_i", "(16*128*6)^4 * 3", "~6.8*10^16"),
    "anynet_c": PrintedSpace("g_(i+1) = g_i", "(16*128)^4 * 3*6", "~3.2*10^14"),
    "anynet_d": PrintedSpace("w_(i+1) >= w_i", "(16*128)^4 * 3*6 / (4!)", "~1.3*10^13"),
    "anynet_e": PrintedSpace("d_(i+1) >= d_i", "(16*128)^4 * 3*6 / (4!)^2", "~5.5*10^11"),
    "regnet": PrintedSpace("quantized linear", "64^4 * 6*3", "~3.0*10^8"),
}


def restrictions(name: str) -> tuple[str, ...]:
    """All restrictions of a space: each AnyNet adds one to those of the space before, RegNet has one rule only."""
    names = list(DESIGN_SPACES)
    first = 1 if name.startswith("anynet") else names.index(name)
    return tuple(DESIGN_SPACES[each].restriction for each in names[first : names.index(name) + 1])
