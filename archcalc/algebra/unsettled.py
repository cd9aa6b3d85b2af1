"""Quotients that are no polynomials, because they need coarser symbols, and the errors that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import lcm
from typing import Any

from archcalc.base.errors import ArchcalcError


class NotPolynomial(ArchcalcError):
    """A quantity is no polynomial in the requested symbols."""


class NeedsPeriod(Exception):
    """A decision needs coarser symbols: `factors` has the factor for each."""

    def __init__(self, factors: Mapping[int, int]) -> None:
        super().__init__(factors)
        self.factors = dict(factors)


class Unsettled:
    """A quotient that is no polynomial on these residue classes; every number computed from it is unsettled too."""

    __slots__ = ("factors",)

    def __init__(self, factors: Mapping[int, int]) -> None:
        self.factors = dict(factors)

    def _with(self, other: Any) -> Unsettled:
        if not isinstance(other, Unsettled):
            return self
        places = self.factors.keys() | other.factors.keys()
        return Unsettled({i: lcm(self.factors.get(i, 1), other.factors.get(i, 1)) for i in places})

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __floordiv__ = __rfloordiv__ = _with
    __truediv__ = __rtruediv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _with

    def __neg__(self) -> Unsettled:
        return self

    def _undecided(self, other: object = None) -> bool:
        raise NeedsPeriod(self.factors)

    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__ = _undecided  # pyright: ignore[reportAssignmentType]
    __hash__ = object.__hash__
    __int__ = __index__ = __float__ = __round__ = negative = zero = differs_from = _undecided

    def extreme(self, dims: Sequence[Any], largest: bool) -> Any:
        raise NeedsPeriod(self.factors)
