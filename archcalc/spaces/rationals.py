"""Exact arithmetic of constraints: on whole numbers, on numpy arrays of 64 bits, and on arrays of Python's numbers.

A value is a fraction, numerator over positive denominator. Before arrays are computed with, bounds of every result are
worked out from the largest values of the axes: where all fit into 63 bits arrays of int64 are used, otherwise arrays of
Python's whole numbers, which do not wrap around.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple, TypeAlias

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.spaces.axes import as_fraction

LARGEST_BITS = 1024
"""The most bits of a number: a larger one is taken for a mistake."""
MOST_POWER = 64
_DECIMALS = 9
_MOST_BITS = 2 * LARGEST_BITS
COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


class PlainNumber(NamedTuple):
    """A number in a constraint."""

    value: Fraction


class AxisName(NamedTuple):
    """An axis in a constraint."""

    name: str


class Arithmetic(NamedTuple):
    """An operator and its operands: two, or one for the sign `-`."""

    sign: str
    left: Tree
    right: Tree | None


Tree: TypeAlias = "PlainNumber | AxisName | Arithmetic"


class ExactRatio(NamedTuple):
    """A fraction: whole numbers or arrays of them, the denominator above 0."""

    above: Any
    below: Any = 1


class Magnitude(NamedTuple):
    """The largest absolute values that a numerator and a denominator can have."""

    above: int
    below: int = 1


class _Zero:
    """The places at which something was divided by zero."""

    def __init__(self) -> None:
        self.places: Any = False

    def without(self, divisor: Any) -> Any:
        """A divisor with 1 for 0; the places of zeros are noted."""
        if isinstance(divisor, int):
            self.places = self.places | (divisor == 0)
            return divisor or 1
        zero = divisor == 0
        if not zero.any():
            return divisor
        self.places = self.places | zero
        return divisor + zero


def compare(sign: str, left: Tree, right: Tree, values: Mapping[str, Any]) -> Any:
    """True where a comparison holds for values of its axes, which are numbers, or numpy arrays of shapes that fit.

    It is a bool for numbers, otherwise an array of bool. Where something is divided by zero it is false. Raises
    ArchcalcError for words, for an exponent that is not a whole number from 0 to 64, and for a result that is too
    large.
    """
    columns = {name: _exact(name, each) for name, each in values.items()}
    if all([isinstance(each.above, int) for each in columns.values()]):
        return _holds(sign, left, right, columns)
    bounds = {name: Magnitude(_largest(each.above), _largest(each.below)) for name, each in columns.items()}
    largest: list[int] = []
    one, other = (_bound(side, bounds, largest) for side in (left, right))
    largest += [*one, *other, one.above * other.below, other.above * one.below]
    if max(largest).bit_length() > LARGEST_BITS:
        raise ArchcalcError("a constraint has a result that is too large", "constraints")
    if max(largest).bit_length() > 62:
        columns = {name: ExactRatio(_python(each.above), _python(each.below)) for name, each in columns.items()}
    return _holds(sign, left, right, columns)


def _holds(sign: str, left: Tree, right: Tree, columns: Mapping[str, ExactRatio]) -> Any:
    zero = _Zero()
    one, other = (_value(side, columns, zero) for side in (left, right))
    found = COMPARISONS[sign](one.above * other.below, other.above * one.below)
    return (found and not zero.places) if isinstance(found, bool) else found.astype(bool) & ~_as_array(zero.places)


def _as_array(mask: Any) -> Any:
    import numpy

    return numpy.asarray(mask, dtype=bool)


def _exact(name: str, value: Any) -> ExactRatio:
    """A number or an array as fractions. Raises ArchcalcError for words."""
    if type(value) is int:
        return ExactRatio(value)
    if not hasattr(value, "dtype") or value.ndim == 0:
        plain = value.item() if hasattr(value, "dtype") else value
        if type(plain) not in (int, float):
            raise _no_number(name, plain)
        number = as_fraction(plain)
        return ExactRatio(number.numerator, number.denominator)
    if value.dtype.kind in "iu":
        return ExactRatio(value.astype("int64", copy=False))
    if value.dtype.kind == "f":
        return _decimal(value)
    odd = [each for each in value.flat if type(each) not in (int, float)]
    if odd:
        raise _no_number(name, odd[0])
    return _fractions(value)


def _no_number(name: str, value: Any) -> ArchcalcError:
    return ArchcalcError(f"a constraint speaks of numbers, and {name} has values such as {shown(value)}", "constraints")


def _decimal(array: Any) -> ExactRatio:
    """An array of floats as the decimal numbers that they stand for."""
    import numpy

    for digits in range(_DECIMALS + 1):
        whole = numpy.rint(array * 10.0**digits)
        if (numpy.abs(whole) < 10**15).all() and (whole / 10.0**digits == array).all():
            return ExactRatio(whole.astype(numpy.int64), 10**digits)
    return _fractions(array)


def _fractions(array: Any) -> ExactRatio:
    import numpy

    above, below = numpy.empty(array.shape, dtype=object), numpy.empty(array.shape, dtype=object)
    for place, value in enumerate(array.flat):
        number = as_fraction(value.item() if hasattr(value, "dtype") else value)
        above.flat[place], below.flat[place] = number.numerator, number.denominator
    return ExactRatio(above, below)


def _largest(array: Any) -> int:
    if isinstance(array, int):
        return abs(array)
    return max(int(array.max()), -int(array.min())) if array.size else 0


def _python(array: Any) -> Any:
    return array if isinstance(array, int) else array.astype(object)


def _bound(tree: Tree, names: Mapping[str, Magnitude], largest: list[int]) -> Magnitude:
    """Bounds of a formula's value; `largest` gets those of all results on the way."""
    if isinstance(tree, AxisName):
        return names[tree.name]
    if isinstance(tree, PlainNumber):
        return Magnitude(abs(tree.value.numerator), tree.value.denominator)
    one = _bound(tree.left, names, largest)
    if tree.right is None:
        return one
    found = _bound_of(tree.sign, one, _bound(tree.right, names, largest), largest)
    largest += [*found]
    if max(found).bit_length() > LARGEST_BITS:
        raise ArchcalcError("a constraint has a result that is too large", "constraints")
    return found


def _bound_of(sign: str, one: Magnitude, other: Magnitude, largest: list[int]) -> Magnitude:
    crossed = (one.above * other.below, other.above * one.below)
    below = one.below * other.below
    if sign in ("+", "-"):
        return Magnitude(sum(crossed), below)
    if sign == "*":
        return Magnitude(one.above * other.above, below)
    largest += crossed
    if sign == "/":
        return Magnitude(crossed[0], max(crossed[1], one.below))
    if sign == "//":
        return Magnitude(crossed[0] + 1)
    if sign == "%":
        return Magnitude(max(crossed[1], 1), below)
    exponent = min(other.above, MOST_POWER)
    if max(one).bit_length() * exponent > _MOST_BITS:
        raise ArchcalcError("a constraint has a power that is too large", "constraints")
    return Magnitude(max(one.above, 1) ** exponent, one.below**exponent)


def _value(tree: Tree, columns: Mapping[str, ExactRatio], zero: _Zero) -> ExactRatio:
    if isinstance(tree, AxisName):
        return columns[tree.name]
    if isinstance(tree, PlainNumber):
        return ExactRatio(tree.value.numerator, tree.value.denominator)
    one = _value(tree.left, columns, zero)
    if tree.right is None:
        return ExactRatio(-one.above, one.below)
    return _operate(tree.sign, one, _value(tree.right, columns, zero), zero)


def _operate(sign: str, one: ExactRatio, other: ExactRatio, zero: _Zero) -> ExactRatio:
    if sign == "**":
        return _power(one, other)
    below = one.below * other.below
    if sign == "*":
        return ExactRatio(one.above * other.above, below)
    left, right = one.above * other.below, other.above * one.below
    if sign in ("+", "-"):
        return ExactRatio(left + right if sign == "+" else left - right, below)
    return _divide(sign, left, zero.without(right), below)


def _divide(sign: str, left: Any, right: Any, below: Any) -> ExactRatio:
    """The quotient of two numerators over the same denominator."""
    if sign == "//":
        return ExactRatio(left // right)
    if sign == "%":
        return ExactRatio(left % right, below)
    turned = _sign(right)
    return ExactRatio(left * turned, right * turned)


def _sign(divisor: Any) -> Any:
    """-1 where a divisor is negative, otherwise 1."""
    negative = divisor < 0
    return 1 - 2 * (int(negative) if isinstance(negative, bool) else negative.astype(getattr(divisor, "dtype", int)))


def _power(base: ExactRatio, exponent: ExactRatio) -> ExactRatio:
    power = exponent.above
    wrong = (exponent.below != 1) | (power < 0) | (power > MOST_POWER)
    if wrong if isinstance(wrong, bool) else wrong.any():
        raise ArchcalcError(f"an exponent in a constraint is a whole number from 0 to {MOST_POWER}", "constraints")
    plain = isinstance(power, int) and isinstance(base.above, int) and isinstance(base.below, int)
    if plain and max(base.above.bit_length(), base.below.bit_length()) * power > _MOST_BITS:
        raise ArchcalcError("a constraint has a power that is too large", "constraints")
    return ExactRatio(base.above**power, base.below**power)
