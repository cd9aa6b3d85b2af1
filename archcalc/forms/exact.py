"""Exact forms: the costs of a network at every size of its input, as one polynomial for each residue class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from archcalc.algebra.arrays import ExactArray
from archcalc.algebra.polynomial import Envelope, Polynomial, Space, make, upper_envelope
from archcalc.analysis.quantities import QUANTITIES
from archcalc.base.errors import ArchcalcError
from archcalc.forms.results import Formula, number_at

LARGEST = 1_000_000
"""The largest size, as in `analyze`: up to it every count stays below 2^63."""
SIDES = ("height", "width")


@dataclass(frozen=True)
class ExactForm:
    """The costs of one network as quasi-polynomials in the height and the width of its input: all residue classes.

    `form(heights, widths)` gives the counts at any sizes, ints or numpy arrays that broadcast. They are exactly those
    of `analyze`, without building the network. Raises ArchcalcError at a size that the network does not accept.
    """

    architecture: str
    citation: str
    channels: int
    periods: tuple[int, int]
    """The number of pixels after which the polynomials repeat, in height and width."""
    quantities: Mapping[str, Any] = field(repr=False)
    """For each quantity, a polynomial in h and w whose coefficients are arrays over (height residue, width residue)."""
    space: Space = field(repr=False)

    @cached_property
    def smallest(self) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        """For every residue of the height and of the width the smallest size from which its polynomial holds.

        None if the polynomial holds at no size of that residue.
        """
        return self._smallest(0), self._smallest(1)

    def _smallest(self, axis: int) -> tuple[int | None, ...]:
        period = self.periods[axis]
        least, possible = [0] * period, [True] * period
        for conditions, zero in ((self.space.at_least, False), (self.space.zero, True)):
            for condition in conditions:
                slope, constant = _line(condition, axis)
                if slope is None:
                    continue
                numbers = constant.values if isinstance(constant, ExactArray) else (constant,) * period
                for residue, number in enumerate(numbers):
                    if zero or slope == 0:
                        possible[residue] &= number == 0 if zero else number >= 0
                    else:
                        least[residue] = max(least[residue], -(number // slope))
        return tuple([least[r] * period + r if possible[r] else None for r in range(period)])

    def __call__(self, height: Any, width: Any) -> dict[str, Any]:
        return {key: self.evaluate(key, height, width) for key in self.quantities}

    def evaluate(self, quantity: str, height: Any, width: Any) -> Any:
        """One quantity at some sizes. Raises ArchcalcError at the first size that the network does not accept."""
        if hasattr(height, "dtype") or hasattr(width, "dtype"):
            return self._at_arrays(quantity, height, width)
        for axis, size in ((0, height), (1, width)):
            if type(size) is not int:
                raise ArchcalcError(f"{self.architecture}: a {SIDES[axis]} is a whole number, not {size!r}")
            least = self.smallest[axis][size % self.periods[axis]]
            if least is None or not max(least, 1) <= size <= LARGEST:
                raise ArchcalcError(f"{self.architecture} takes no input of {SIDES[axis]} {size}")
        return int(self._number(quantity, [divmod(height, self.periods[0]), divmod(width, self.periods[1])]))

    def _at_arrays(self, quantity: str, height: Any, width: Any) -> Any:
        import numpy

        heights, widths = numpy.asarray(height), numpy.asarray(width)
        for axis, sizes in ((0, heights), (1, widths)):
            if sizes.dtype.kind not in "iu":
                raise ArchcalcError(f"{self.architecture}: a {SIDES[axis]} is a whole number, not {sizes.dtype}")
            least = numpy.array([LARGEST + 1 if size is None else size for size in self.smallest[axis]])
            refused = (sizes < 1) | (sizes > LARGEST) | (sizes < least[sizes % self.periods[axis]])
            if refused.any():
                first = sizes[refused].flat[0]
                raise ArchcalcError(f"{self.architecture} takes no input of {SIDES[axis]} {first}")
        divided = [numpy.divmod(sizes, period) for sizes, period in zip((heights, widths), self.periods, strict=True)]
        total = self._number(quantity, divided)
        shape = numpy.broadcast_shapes(heights.shape, widths.shape)
        if not shape:
            return int(total)
        return total if numpy.shape(total) == shape else numpy.broadcast_to(total, shape).copy()

    def _number(self, quantity: str, divided: Sequence[tuple[Any, Any]]) -> Any:
        """A count at sizes that are given as multiples of the periods and remainders."""
        letters = {name: whole for name, (whole, _) in zip(self.space.names, divided, strict=True)}
        residues = {name: rest for name, (_, rest) in zip(self.space.names, divided, strict=True)}
        return number_at(self.quantities[quantity], letters, residues)

    def closed(self, quantity: str, residues: tuple[int, int]) -> Formula:
        """The polynomial of one residue class of the height and the width."""
        value = self.quantities[quantity]
        picked = dict(zip(self.space.names, residues, strict=True))
        return Formula(_on_class(value, picked), QUANTITIES[quantity].unit)


def _line(condition: Polynomial, axis: int) -> tuple[int | None, Any]:
    """(slope, constant) of a condition on one axis only; the slope is None for a condition on the other axis."""
    powers = {monomial: coefficient for monomial, coefficient in condition.terms.items() if any(monomial)}
    constant = condition.terms.get(condition.space.constant, 0)
    if not powers:
        apart = constant.shape[axis] > 1 if isinstance(constant, ExactArray) else True
        return (0 if apart else None), constant
    ((monomial, slope),) = powers.items()
    if monomial[axis] != 1 or sum(monomial) != 1:
        return None, constant
    return int(slope), constant


def _on_class(value: Any, residues: Mapping[str, int]) -> Any:
    """A count of all residue classes, on one of them."""
    if isinstance(value, Envelope):
        return upper_envelope([_on_class(member, residues) for member in value.members])
    if not isinstance(value, Polynomial):
        return value
    classes = [residues[name] for name in value.space.names]
    picked = {
        monomial: coefficient
        if isinstance(coefficient, (int, Fraction))
        else int(coefficient[tuple([r if n > 1 else 0 for r, n in zip(classes, coefficient.shape, strict=True)])])
        for monomial, coefficient in value.terms.items()
    }
    return make(value.space, picked)
