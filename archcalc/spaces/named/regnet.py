"""RegNetX and RegNetY: Radosavovic et al., "Designing Network Design Spaces", arXiv:2003.13678.

Document 003 prints the size of this space, ~64^4 * 6 * 3 or ~3.0 * 10^8, but no ranges. Section 3.3 of the paper has
them: d < 64, w_0, w_a < 256, 1.5 <= w_m <= 3, and bottleneck ratios 1, 2, 4 and group widths 1, 2 ... 32 as in AnyNetX.
It prints no steps. Here w_0 is a multiple of 8, as equation (4) requires, w_a one of 4, so that it has 64 values, and
w_m one of 0.01: 3.4 * 10^8 points. The authors' code draws w_a and w_m in steps of 0.1 and 0.001 and keeps networks of
four stages only; here networks have as many stages as follow.
"""

from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.stages import (
    ANYNETX,
    assembled,
    different_regnets,
    different_regnets_gated,
    of_regnet,
    of_regnet_gated,
)

AXES = (
    SpaceAxis.read("depth", "1..63"),
    SpaceAxis.read("w_0", "8..248:8"),
    SpaceAxis.read("w_a", "0..252:4"),
    SpaceAxis.read("w_m", "1.5..3:0.01"),
    SpaceAxis.read("group_width", "1,2,4,8,16,32"),
    SpaceAxis.read("bottleneck_ratio", "1,2,4"),
)
MOST_STAGES = 12
"""Stages of a network in these ranges, at most."""


def space(name: str) -> DesignSpace:
    """The design space `regnetx` or `regnety`."""
    gated = name == "regnety"
    return DesignSpace(
        name,
        AXES,
        ANYNETX,
        settings={"se": True} if gated else {},
        title="RegNetY" if gated else "RegNetX",
        source="Radosavovic et al. 2020, arXiv:2003.13678",
        translate=of_regnet_gated if gated else of_regnet,
        assemble=assembled,
        different=different_regnets_gated if gated else different_regnets,
        repeats=tuple([f"d_{stage}" for stage in range(1, MOST_STAGES + 1)]),
    )
