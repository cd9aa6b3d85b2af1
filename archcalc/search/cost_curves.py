"""Cost curves: the costs of a network as a function of one variable (the input size, the batch, a hyperparameter).

A curve consists of pieces on which the costs are polynomials, and of single values at which the network was built. All
other values are ones that the network does not accept; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archcalc.algebra.curves import Curve, Intervals, Progression, curve_at

FEW = 400
"""The number of networks that are built one by one without a search for an upper end first."""
MOST = 6000
"""The most networks that are built one by one."""


class Piece(NamedTuple):
    """Values at which each quantity is one polynomial: those of `progression` at `numbers`."""

    progression: Progression
    numbers: Intervals
    curves: Mapping[str, Curve]


class CostCurve(NamedTuple):
    """The costs of a network at every value of a variable that it accepts, up to the end of the search."""

    pieces: tuple[Piece, ...]
    built: Mapping[Any, Mapping[str, Any]]
    how: str
    """The method that gave the curve, as a sentence."""
    interpolated: bool = False

    def at(self, value: Any) -> Mapping[str, Any] | None:
        """The costs at one value; None if the network does not accept it."""
        if value in self.built:
            return self.built[value]
        for (period, residue), numbers, curves in self.pieces:
            n, rest = divmod(value - residue, period)
            if not rest and any(first <= n <= last for first, last in numbers):
                return {key: curve_at(curve, n) for key, curve in curves.items()}
        return None
