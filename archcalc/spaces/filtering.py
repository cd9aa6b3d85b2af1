"""Conditions on the axes and quantities of many points at once: `mult_adds < 400M and params > 1M`.

Both sides of a comparison are computed in floating point with a bound of the error. Where the bound leaves open which
side is larger, the condition is judged exactly, one point at a time: so the answer is that of
`archcalc.algebra.conditions` to the last digit, in the time of arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, final

from archcalc.algebra.conditions import Condition, parse_condition, together
from archcalc.analysis.quantities import ON, QUANTITIES, quantity_of, read_quantity
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import unknown
from archcalc.spaces.space import DesignSpace

MOST_CONDITIONS = 64
ROUNDING = 2.0**-52
"""More than the relative error of one operation on floats."""
TINY = 1e-300
"""More than the error where a result is too small for a float."""
WHOLE = 2.0**53
"""Whole numbers below are floats without an error."""


@final
class Enclosed:
    """Numbers with bounds of their errors; `whole` if all are whole numbers but for that error."""

    __slots__ = ("error", "value", "whole")
    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __init__(self, value: Any, error: Any, whole: bool) -> None:
        self.value, self.error, self.whole = value, error, whole

    @classmethod
    def of(cls, column: Any) -> Enclosed:
        """The numbers of a column of int64 or float64, exactly or as the decimal numbers that Python prints."""
        import numpy

        value = column.astype(numpy.float64)
        whole = column.dtype.kind in "iu"
        if whole and column.size and value.min() > -WHOLE and value.max() < WHOLE:
            return cls(value, 0.0, whole)
        size = numpy.abs(value)
        error = size * ROUNDING
        return cls(value, numpy.where(size < WHOLE, 0.0, error) if whole else error + TINY, whole)

    def __add__(self, other: Any) -> Enclosed:
        other = _enclosed(other)
        return self._rounded(self.value + other.value, self.error + other.error, other)

    def __sub__(self, other: Any) -> Enclosed:
        other = _enclosed(other)
        return self._rounded(self.value - other.value, self.error + other.error, other)

    def __mul__(self, other: Any) -> Enclosed:
        other = _enclosed(other)
        error = abs(self.value) * other.error + abs(other.value) * self.error + self.error * other.error
        return self._rounded(self.value * other.value, error, other)

    def __truediv__(self, other: Any) -> Enclosed:
        """The quotient; of an infinite error where the divisor may be 0."""
        import numpy

        other = _enclosed(other)
        least = numpy.abs(other.value) - other.error
        sure = least > 0
        divisor = numpy.where(sure, other.value, 1.0)
        value = self.value / divisor
        error = (self.error + abs(value) * other.error) / numpy.where(sure, least, 1.0)
        error = error * (1 + 4 * ROUNDING) + abs(value) * ROUNDING + TINY
        return Enclosed(value, numpy.where(sure, error, numpy.inf), whole=False)

    def __radd__(self, other: Any) -> Enclosed:
        return _enclosed(other) + self

    def __rsub__(self, other: Any) -> Enclosed:
        return _enclosed(other) - self

    def __rmul__(self, other: Any) -> Enclosed:
        return _enclosed(other) * self

    def __rtruediv__(self, other: Any) -> Enclosed:
        return _enclosed(other) / self

    def _rounded(self, value: Any, error: Any, other: Enclosed) -> Enclosed:
        """A sum, a difference or a product with the error of its own rounding."""
        import numpy

        own = abs(value) * ROUNDING + TINY
        whole = self.whole and other.whole
        if whole:
            own = numpy.where(abs(value) + error < WHOLE, 0.0, own)
        return Enclosed(value, error * (1 + 4 * ROUNDING) + own, whole)

    def _gap(self, other: Any) -> tuple[Any, Any]:
        """The difference, whose sign is right, and the most that it may be wrong by."""
        import numpy

        other = _enclosed(other)
        gap, error = self.value - other.value, self.error + other.error
        if isinstance(error, float) and not error:
            return gap, error
        return gap, numpy.where(error == 0, 0.0, error * (1 + 4 * ROUNDING) + abs(gap) * ROUNDING)

    def __lt__(self, other: Any) -> JudgedRows:
        gap, error = self._gap(other)
        return JudgedRows(gap < -error, (gap > error) | ((gap == 0) & (error == 0)))

    def __gt__(self, other: Any) -> JudgedRows:
        gap, error = self._gap(other)
        return JudgedRows(gap > error, (gap < -error) | ((gap == 0) & (error == 0)))

    def __le__(self, other: Any) -> JudgedRows:
        return ~(self > other)

    def __ge__(self, other: Any) -> JudgedRows:
        return ~(self < other)

    def __eq__(self, other: object) -> Any:
        gap, error = self._gap(other)
        return JudgedRows((gap == 0) & (error == 0), abs(gap) > error)

    def __ne__(self, other: object) -> Any:
        return ~(self == other)


def _enclosed(value: Any) -> Enclosed:
    """A number, exact or a fraction, as one with a bound of its error."""
    if isinstance(value, Enclosed):
        return value
    exact = Fraction(value)
    try:
        near = float(exact)
    except OverflowError:  # no float is near it
        return Enclosed(0.0, float("inf"), whole=False)
    error = 0.0 if near == exact else abs(near) * ROUNDING + TINY
    return Enclosed(near, error, whole=exact.denominator == 1)


@final
class JudgedRows:
    """Verdicts at many points: where a condition holds, and where it fails; at the others it is not decided."""

    __slots__ = ("fails", "holds")

    def __init__(self, holds: Any, fails: Any) -> None:
        self.holds, self.fails = holds, fails

    def __invert__(self) -> JudgedRows:
        return JudgedRows(self.fails, self.holds)

    def __or__(self, other: JudgedRows | bool | None) -> JudgedRows:
        if isinstance(other, JudgedRows):
            return JudgedRows(self.holds | other.holds, self.fails & other.fails)
        return JudgedRows(self.holds | (other is True), self.fails & (other is False))


@final
class Filter:
    """The condition that some texts state together, on the axes of a space and on quantities.

    Raises UnknownName, and ArchcalcError for a text that cannot be read or that speaks of words.

    >>> import numpy
    >>> space = DesignSpace.of("resnet18", over={"width": "16..64:16"})
    >>> chosen = Filter(["params < 1M and width > 16"], space)
    >>> chosen.quantities
    ('params',)
    >>> chosen.kept({"width": numpy.array([16, 32]), "params": numpy.ma.array([700_000, 900_000])}).tolist()
    [False, True]
    """

    def __init__(self, texts: Sequence[str], space: DesignSpace) -> None:
        if len(texts) > MOST_CONDITIONS:
            raise ArchcalcError(f"a sweep has at most {MOST_CONDITIONS} conditions, not {len(texts)}", about="where")
        self.condition: Condition = together(
            [parse_condition(each, _reader(space), _in("bytes"), _in("seconds")) for each in texts]
        )
        self.quantities = tuple([name for name in self.condition.names if name not in space.names])
        """The keys of the quantities in it."""

    def kept(self, columns: Mapping[str, Any]) -> Any:
        """An array of bool: True where the condition holds.

        `columns` has an array for each name, masked where a figure is missing; there the condition does not hold unless
        it does so whatever the figure is.
        """
        import numpy

        names = self.condition.names
        number = len(next(iter(columns.values())))
        values = {name: numpy.ma.getdata(columns[name]) for name in names}
        missing = {name: numpy.ma.getmaskarray(columns[name]) for name in names}
        with numpy.errstate(all="ignore"):  # what is infinite or no number is left open
            verdict: Any = self.condition.holds({name: Enclosed.of(value) for name, value in values.items()})
        if not isinstance(verdict, JudgedRows):
            return numpy.full(number, verdict is True)
        shape = (number,)
        found = numpy.broadcast_to(verdict.holds, shape).copy()
        open_ = ~(found | numpy.broadcast_to(verdict.fails, shape))
        for mask in missing.values():
            open_ |= mask
        for row in numpy.flatnonzero(open_).tolist():
            at = {name: None if missing[name][row] else values[name][row].item() for name in names}
            found[row] = self.condition.holds(at) is True
        return found


def _reader(space: DesignSpace) -> Callable[[str], str]:
    """The function that reads a name in a condition: that of an axis, else of a quantity."""
    axes = {axis.name.lower(): axis for axis in space.axes}

    def read(word: str) -> str:
        axis = axes.get(word.lower())
        if axis is None:
            return _quantity(word, space)
        if not axis.is_numeric:
            raise ArchcalcError(f"the values of the axis {axis.name} are no numbers", about="where")
        return axis.name

    return read


def _quantity(word: str, space: DesignSpace) -> str:
    try:
        return read_quantity(word, tuple(QUANTITIES), "figure", "where")
    except ArchcalcError:
        known = [*space.names, *QUANTITIES]
        if ON in word:
            raise
        raise unknown("figure", word, known, f"there are {', '.join(known)}", about="where") from None


def _in(unit: str) -> Callable[[str], bool]:
    return lambda name: (name in QUANTITIES or ON in name) and quantity_of(name).unit == unit
