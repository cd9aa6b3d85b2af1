"""Chance: the number of readings that a printed number would have if it were no count of the network at all.

A search that tries enough alternatives finds one that agrees with any three digits. So every alternative that is tried
is noted, whether it agrees or not, and a reading is weighed by the expected number of chance hits: the number of
different values around the printed one among the alternatives that are as plausible as the reading or more, times the
width of the printed interval, as a fraction of that neighbourhood. If a figure stood for something else, and so
anywhere in the neighbourhood, this many readings as plausible as this one would agree with it. There are two
neighbourhoods: within a factor of `NEAR`, where a figure of another network may lie, and within `CLOSE`, where the
counts of one network by many tools crowd: an old tool's count, which none of them gives, agrees with one by chance.

- The obvious reading is claimed whenever it agrees.
- A reading that takes something else that sources do, such as a variant or a tool's way of counting, is *claimed* up to
  `CLAIMED` chance hits in both neighbourhoods. So few figures without a reading get a claim: about `CLAIMED` of them.
- A reading of the weak kinds (another input size, another number of classes, a factor of two, another base of K, M, G)
  is claimed up to `CERTAIN` chance hits only: where it agrees with many digits.
- Other readings are called *weak* up to `OFFERED` chance hits within `NEAR`, those of the weak kinds up to
  `OFFERED_WEAK`. Beyond that they say nothing, and are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable
from fractions import Fraction
from math import log
from typing import NamedTuple

NEAR = Fraction(33, 20)
"""The factor within which alternatives are near a printed number: about the square root of e."""
CLOSE = Fraction(21, 20)
CLAIMED = 0.05
CERTAIN = 0.001
OFFERED = 0.3
OFFERED_WEAK = 0.1


class Plausibility(NamedTuple):
    """The sort key of alternatives: those with a change of a weak kind last, then by the sum of weights."""

    weak: bool
    weight: float


class Chance(NamedTuple):
    """The expected number of readings as plausible as one that would agree by chance."""

    near: float
    """If the figure were anywhere within a factor of `NEAR`."""
    close: float
    """If it were anywhere within a factor of `CLOSE`."""


class Trials:
    """The alternatives near a printed number, each with its plausibility."""

    def __init__(self) -> None:
        self._near: dict[Hashable, Plausibility] = {}
        self._close: dict[Hashable, Plausibility] = {}

    def note(self, alternative: Hashable, times: float, plausibility: Plausibility) -> None:
        """Note an alternative that is `times` the printed number; of equal ones the most plausible counts."""
        for factor, seen in ((NEAR, self._near), (CLOSE, self._close)):
            if 1 / factor <= times <= factor:
                seen[alternative] = min(plausibility, seen.get(alternative, plausibility))

    def chance(self, plausibility: Plausibility, width: float) -> Chance:
        """The chance hits of a reading; `width` is that of its interval, as a fraction of the printed number."""
        near, close = [
            bisect_right(sorted(seen.values()), plausibility) * width / (2 * log(factor))
            for factor, seen in ((NEAR, self._near), (CLOSE, self._close))
        ]
        return Chance(near, close)
