"""What a network costs at every setting of one knob: pieces that share a polynomial, and networks built one by one.

Nothing between is guessed: a setting in neither is one that the network does not take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archcalc.algebra.curves import Curve, Intervals, Progression, curve_at

FEW = 400
"""Settings that are built one by one without asking whether fewer would do."""
MOST = 6000
"""Settings that are built one by one at all."""


class Piece(NamedTuple):
    """Settings that share one polynomial for each quantity: `progression` at `numbers`."""

    progression: Progression
    numbers: Intervals
    curves: Mapping[str, Curve]


class Landscape(NamedTuple):
    """All settings that a network takes, as far as they were asked for, and what it costs there."""

    pieces: tuple[Piece, ...]
    built: Mapping[Any, Mapping[str, Any]]
    how: str
    """How it is known, in a sentence."""
    interpolated: bool = False

    def at(self, value: Any) -> Mapping[str, Any] | None:
        """What it says of one setting; None where the network does not take it."""
        if value in self.built:
            return self.built[value]
        for (period, residue), numbers, curves in self.pieces:
            n, rest = divmod(value - residue, period)
            if not rest and any(first <= n <= last for first, last in numbers):
                return {key: curve_at(curve, n) for key, curve in curves.items()}
        return None
