"""Chance: the number of readings that a printed number would have if it were no count of the network at all.

A search that tries enough alternatives finds one that agrees with any three digits. So every alternative that is tried
is noted, whether it agrees or not, and a reading is weighed by the expected number of chance hits: the number of
different values near the printed one (within a factor of `NEAR`) among the alternatives that are as plausible as the
reading or more, times the width of the printed interval, as a fraction of that neighbourhood. If a figure stood for
something else, and so anywhere in the neighbourhood, this many readings as plausible as this one would agree with it.

- The obvious reading is claimed whenever it agrees.
- A reading that takes something else that sources do, such as a variant or a tool's way of counting, is *claimed* up to
  `CLAIMED` chance hits. So few figures without a reading get a claim: about `CLAIMED` of them.
- A reading of the weak kinds (another input size, another number of classes, a factor of two, another base of K, M, G)
  is claimed up to `CERTAIN` chance hits only: where it agrees with many digits.
- Other readings are called *weak* up to `OFFERED` chance hits, those of the weak kinds up to `OFFERED_WEAK`. Beyond
  that they say nothing, and are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from math import log
from typing import Any, NamedTuple

NEAR = Fraction(33, 20)
"""The factor within which alternatives are near a printed number: about the square root of e."""
CLAIMED = 0.03
CERTAIN = 0.001
OFFERED = 0.3
OFFERED_WEAK = 0.1


class Plausibility(NamedTuple):
    """The sort key of alternatives: those with a change of a weak kind last, then by the sum of weights."""

    weak: bool
    weight: float


class Trials:
    """The alternatives near a printed number, each with its plausibility."""

    def __init__(self) -> None:
        self._seen: dict[Any, Plausibility] = {}
        self._sorted: list[Plausibility] = []

    def note(self, value: Any, plausibility: Plausibility) -> None:
        """Note an alternative and its value in the printed unit; of equal values the most plausible counts."""
        known = self._seen.get(value)
        if known is None or plausibility < known:
            self._seen[value] = plausibility
            self._sorted = []

    def hits_by_chance(self, plausibility: Plausibility, width: float) -> float:
        """The expected number of readings at least as plausible that agree with an interval of a width by chance.

        `width` is a fraction of the printed number.
        """
        if not self._sorted:
            self._sorted = sorted(self._seen.values())
        return bisect_right(self._sorted, plausibility) * width / (2 * log(NEAR))
