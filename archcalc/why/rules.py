"""What a rule is, where the rules are from, and what many kinds of op have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Rule(NamedTuple):
    """A general formula: where it is from, when it holds, and what it says in words."""

    formula: str
    source: str = ""
    when: str = ""
    says: str = ""


class Nothing(NamedTuple):
    """A quantity that is zero: why, in words, and where that is said."""

    reason: str
    source: str = ""
    when: str = ""


Rules = tuple[Rule | Nothing, ...]

DUMOULIN = "Dumoulin & Visin 2016, arXiv:1603.07285"
EQUATION_1 = "document 003, equation (1)"
EQUATION_2 = "document 003, equation (2)"
EQUATION_3 = "document 003, equation (3)"
MOBILENET = "document 000, MobileNet-v1"
LECUN = 'LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition"'
SWIN = "Liu et al. 2021, arXiv:2103.14030"
GAP = "document 000, Global Average Pooling"

SAME_CHANNELS: Rules = (Rule("C_in", says="as many channels as the input"),)
SAME_SIZE: Rules = (Rule("N", says="the size of the input"),)
KEEPS: Mapping[str, Rules] = {"channels": SAME_CHANNELS, "size": SAME_SIZE}
FILTERS: Rules = (Rule("C_out", says="one output channel for each filter"),)

WHOLE_COUNTS = "mult-adds count the multiply-accumulates of convolutions, linear layers and matrix products"
UNLEARNT = "a fixed function of each value has nothing to learn"
