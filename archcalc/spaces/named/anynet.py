"""AnyNetX A to E: Radosavovic et al., "Designing Network Design Spaces", CVPR 2020, arXiv:2003.13678.

Four stages, each with d_i blocks, width w_i, bottleneck ratio b_i and group width g_i. Section 3.2: d_i <= 16, w_i <=
1024 in steps of 8, b_i of 1, 2, 4, g_i of 1, 2, 4, 8, 16, 32. B has one bottleneck ratio for all stages, C one group
width too, D widths and E depths that do not fall from one stage to the next.
"""

from __future__ import annotations

from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.constraints import Constraint
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.stages import ANYNETX, assembled, of_anynet

STAGES = (1, 2, 3, 4)
LETTERS = "abcde"
DEPTHS, WIDTHS = range(1, 17), range(8, 1025, 8)
RATIOS, GROUP_WIDTHS = (1, 2, 4), (1, 2, 4, 8, 16, 32)


def axes(letter: str) -> tuple[SpaceAxis, ...]:
    """The axes of AnyNetX A to E, by its small letter: d1 to d4, w1 to w4, and one b or b1 to b4, one g or g1 to g4.

    >>> [axis.name for axis in axes("c")]
    ['d1', 'd2', 'd3', 'd4', 'w1', 'w2', 'w3', 'w4', 'b', 'g']
    """
    ratios = [f"b{stage}" for stage in STAGES] if letter < "b" else ["b"]
    groups = [f"g{stage}" for stage in STAGES] if letter < "c" else ["g"]
    return (
        *[SpaceAxis(f"d{stage}", DEPTHS) for stage in STAGES],
        *[SpaceAxis(f"w{stage}", WIDTHS) for stage in STAGES],
        *[SpaceAxis(name, RATIOS) for name in ratios],
        *[SpaceAxis(name, GROUP_WIDTHS) for name in groups],
    )


def constraints(letter: str) -> tuple[Constraint, ...]:
    """The constraints of AnyNetX A to E on these axes.

    >>> [str(each) for each in constraints("e")]
    ['w1 <= w2 <= w3 <= w4', 'd1 <= d2 <= d3 <= d4']
    """
    kinds = [kind for kind, first in (("w", "d"), ("d", "e")) if letter >= first]
    return tuple([Constraint(" <= ".join([f"{kind}{stage}" for stage in STAGES])) for kind in kinds])


def space(name: str) -> DesignSpace:
    """The design space `anynet_a` ... `anynet_e`."""
    letter = name[-1]
    return DesignSpace(
        name,
        axes(letter),
        ANYNETX,
        constraints(letter),
        title=f"AnyNetX {letter.upper()}",
        source="Radosavovic et al. 2020, arXiv:2003.13678",
        translate=of_anynet,
        assemble=assembled,
        repeats=tuple([f"d_{stage}" for stage in STAGES]),
    )
