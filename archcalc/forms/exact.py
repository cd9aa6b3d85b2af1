"""Exact forms: the costs of a network at every size of its input, as one polynomial for each residue class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from archcalc.algebra.arrays import ExactArray
from archcalc.algebra.polynomial import Envelope, Polynomial, Space, make, upper_envelope
from archcalc.analysis.quantities import read_quantity
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.forms.results import Formula, number_at, unit_of
from archcalc.graph.axes import KINDS, SIDES

LARGEST = 1_000_000
"""Sizes above this are refused, as `analyze` refuses them: every count below stays under 2^63."""
MOST_CLASSES = 1 << 24
"""Residue classes of all axes together beyond which a form is refused: their coefficients would fill the memory."""


@dataclass(frozen=True)
class ExactForm:
    """The quasi-polynomials of one architecture in the sizes of its input: every residue class.

    The sizes are height and width of an image, the length of a sequence, depth, height and width of a volume.
    `form(heights, widths)` gives the counts at any sizes, ints or numpy arrays that broadcast, exactly those of
    `analyze`, without building the network; it raises ArchcalcError at a size that the network does not take. Below
    some size a network may choose otherwise, as Swin its windows: the polynomials end there, and it is built.
    """

    architecture: str
    citation: str
    channels: int
    periods: tuple[int, ...]
    """After how many positions the polynomials repeat, on each axis."""
    quantities: Mapping[str, Any] = field(repr=False)
    """For each quantity a polynomial in a letter for each axis; its coefficients are arrays of residues of all axes."""
    space: Space = field(repr=False)
    built: Callable[..., Mapping[str, Any]] = field(repr=False, compare=False)
    """The counts of the network at a size for each axis, built there."""

    @property
    def chooses(self) -> bool:
        """True if the network takes sizes below the smallest at which its polynomials hold."""
        return bool(self.space.chosen)

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of the sizes: height and width of an image."""
        return SIDES[len(self.periods) + 1]

    @cached_property
    def smallest(self) -> tuple[tuple[int | None, ...], ...]:
        """For each axis, and every residue of its size, the smallest size from which the polynomial holds.

        None if the polynomial holds at no size of that residue. The network takes no smaller size, unless it `chooses`.
        """
        return tuple([self._smallest(axis) for axis in range(len(self.periods))])

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

    def __call__(self, *sizes: Any) -> dict[str, Any]:
        return {key: self.evaluate(key, *sizes) for key in self.quantities}

    def evaluate(self, quantity: str, *sizes: Any) -> Any:
        """One quantity at a size for each axis. Raises ArchcalcError at the first that the network does not take."""
        if len(sizes) != len(self.periods):
            raise ArchcalcError(
                f"{self.architecture}: an exact form takes {' and '.join(self.axes)}, not {len(sizes)} sizes"
            )
        if any([hasattr(size, "dtype") for size in sizes]):
            return self._at_arrays(quantity, sizes)
        for axis, (name, size) in enumerate(zip(self.axes, sizes, strict=True)):
            if type(size) is not int:
                raise ArchcalcError(f"{self.architecture}: a {name} is a whole number, not {cut(repr(size))}")
            least = self.smallest[axis][size % self.periods[axis]]
            if least is None or not max(least, 1) <= size <= LARGEST:
                return self._where_it_chooses(quantity, sizes, f"{self.architecture} takes no input of {name} {size}")
        return int(self._number(quantity, list(map(divmod, sizes, self.periods))))

    def _where_it_chooses(self, quantity: str, sizes: Sequence[Any], refused: str) -> int:
        """A count where no polynomial holds. Raises ArchcalcError if the network does not take the size."""
        if not self.chooses or not all([1 <= size <= LARGEST for size in sizes]):
            raise ArchcalcError(refused)
        try:
            return self.built(*sizes)[quantity]
        except ArchcalcError as error:
            raise ArchcalcError(f"{refused}: {error}") from None

    def _each(self, quantity: str, given: Sequence[Any]) -> Any:
        """One quantity at arrays of sizes, one by one."""
        import numpy

        arrays = numpy.broadcast_arrays(*given)
        every = zip(*[each.ravel().tolist() for each in arrays], strict=True)
        counts = [self.evaluate(quantity, *sizes) for sizes in every]
        return numpy.array(counts, numpy.int64).reshape(arrays[0].shape)

    def _at_arrays(self, quantity: str, given: Sequence[Any]) -> Any:
        import numpy

        arrays = [numpy.asarray(each) for each in given]
        for axis, (name, sizes) in enumerate(zip(self.axes, arrays, strict=True)):
            if sizes.dtype.kind not in "iu":
                raise ArchcalcError(f"{self.architecture}: a {name} is a whole number, not {sizes.dtype}")
            least = numpy.array([LARGEST + 1 if size is None else size for size in self.smallest[axis]])
            refused = (sizes < 1) | (sizes > LARGEST) | (sizes < least[sizes % self.periods[axis]])
            if refused.any():
                if self.chooses:
                    return self._each(quantity, arrays)
                first = sizes[refused].flat[0]
                raise ArchcalcError(f"{self.architecture} takes no input of {name} {first}")
        divided = [numpy.divmod(sizes, period) for sizes, period in zip(arrays, self.periods, strict=True)]
        total = self._number(quantity, divided)
        shape = numpy.broadcast_shapes(*[each.shape for each in arrays])
        if not shape:
            return int(total)
        return total if numpy.shape(total) == shape else numpy.broadcast_to(total, shape).copy()

    def _number(self, quantity: str, divided: Sequence[tuple[Any, Any]]) -> Any:
        """A count at sizes that are given as multiples of the periods and remainders."""
        letters = {name: whole for name, (whole, _) in zip(self.space.names, divided, strict=True)}
        residues = {name: rest for name, (_, rest) in zip(self.space.names, divided, strict=True)}
        return number_at(self._count(quantity), letters, residues)

    def _count(self, quantity: str) -> Any:
        """The quasi-polynomial of a quantity. Raises UnknownName."""
        return self.quantities[read_quantity(quantity, tuple(self.quantities), "quantity of an exact form")]

    def closed(self, quantity: str, residues: tuple[int, ...]) -> Formula:
        """The polynomial of one residue class: a residue for each axis."""
        value = self._count(quantity)
        whole = isinstance(residues, tuple) and all(isinstance(each, int) for each in residues)  # pyright: ignore[reportUnnecessaryIsInstance]
        if not whole or len(residues) != len(self.periods):
            raise ArchcalcError(f"{self.architecture}: a residue class is a whole number for each of {self.axes}")
        picked = dict(zip(self.space.names, residues, strict=True))
        return Formula(_on_class(value, picked), unit_of(quantity, KINDS[len(self.periods) + 1]))


def _line(condition: Polynomial, axis: int) -> tuple[int | None, Any]:
    """(slope, constant) of a condition on one axis only; slope None for a condition on another axis.

    Raises ArchcalcError for a condition that ties the sizes of several axes to each other.
    """
    powers = {monomial: coefficient for monomial, coefficient in condition.terms.items() if any(monomial)}
    constant = condition.terms.get(condition.space.constant, 0)
    if not powers:
        apart = constant.shape[axis] > 1 if isinstance(constant, ExactArray) else True
        return (0 if apart else None), constant
    if len(powers) > 1:
        raise ArchcalcError("the sizes of several axes depend on each other: there is no exact form for each of them")
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
