"""Arithmetic on any kind of number: exact on ints and Fractions; all others follow their own type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from math import prod as product
from operator import add as plus
from operator import eq, gt, lt
from typing import Any

from archcalc.algebra import dims
from archcalc.algebra.polynomial import HIGHEST_DEGREE
from archcalc.base.errors import ArchcalcError

LARGEST_BITS = 1024
"""The most bits of a number: a larger one is taken for a mistake, as no network has such a count."""
LARGEST_FACTORIAL = 20


def add(*values: Any) -> Any:
    return reduce(plus, values) if values else 0


def multiply(*values: Any) -> Any:
    """The product, whose size is checked factor by factor."""
    return reduce(lambda one, other: bounded(one * other), values)


def negate(value: Any) -> Any:
    return -value


def divide(above: Any, below: Any) -> Any:
    """The exact quotient: an int where it is one, a Fraction where both are whole."""
    if is_exact(below) and below == 0:
        raise ArchcalcError(f"division by zero: {_short(above)} / {_short(below)}")
    if is_exact(above) and is_exact(below):
        if above % below == 0:
            return int(above // below)
        from fractions import Fraction

        return Fraction(above) / below
    if hasattr(above, "dtype") or hasattr(below, "dtype"):
        if type(below).__name__ == "Fraction":
            above, below = above * below.denominator, below.numerator
        whole = above // below
        return whole if (whole * below == above).all() else above / below
    return above / below


def quotient(rounding: str, above: Any, below: Any) -> Any:
    """A quotient rounded down (`floor`) or up (`ceil`), by `//` as in the formulas of the ops."""
    if is_exact(below) and below == 0:
        raise ArchcalcError(f"division by zero: {_short(above)} / {_short(below)}")
    if hasattr(below, "must_not_be_zero"):
        below.must_not_be_zero()
    return above // below if rounding == "floor" else -(-above // below)


def floor(value: Any) -> Any:
    return value if type(value) is int else value // 1


def ceil(value: Any) -> Any:
    return value if type(value) is int else -(-value // 1)


def power(base: Any, exponent: Any) -> Any:
    """`base` to a whole exponent. Raises ArchcalcError on other exponents of exact numbers and on huge results."""
    if not is_exact(exponent):
        return base**exponent
    if type(exponent) is not int:
        raise ArchcalcError(f"an exponent is a whole number, not {_short(exponent)}")
    if not is_exact(base):
        if hasattr(base, "terms") and 0 < exponent <= HIGHEST_DEGREE:
            return multiply(*[base] * exponent)
        if hasattr(base, "terms") or exponent >= 0:
            return base**exponent
        return divide(1, base**-exponent)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if base not in (0, 1, -1) and bits * abs(exponent) > LARGEST_BITS:
        raise ArchcalcError(f"{_short(base)} to the power {_short(exponent)} is too large")
    return base**exponent if exponent >= 0 else divide(1, base**-exponent)


def bounded(value: Any) -> Any:
    """The value itself. Raises ArchcalcError if it is larger than any number of a network can be."""
    for number in (value,) if is_exact(value) else getattr(value, "terms", {}).values():
        if is_exact(number) and max(number.numerator.bit_length(), number.denominator.bit_length()) > LARGEST_BITS:
            raise ArchcalcError(f"a number of more than {LARGEST_BITS} bits is too large")
    return value


def factorial(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_FACTORIAL:
        raise ArchcalcError(f"a factorial is of a whole number from 0 to {LARGEST_FACTORIAL}, not {_short(value)}")
    return product(range(1, value + 1))


def root(value: Any) -> Any:
    """Raise ArchcalcError: a square root is written, not evaluated, for it is seldom exact."""
    raise ArchcalcError(f"the square root of {_short(value)} has no exact value")


def all_hold(*values: Any) -> bool:
    return all([value is True for value in values])


def largest(*values: Any) -> Any:
    return max(values) if all([is_exact(value) for value in values]) else dims.maximum(*values)


def smallest(*values: Any) -> Any:
    return min(values) if all([is_exact(value) for value in values]) else dims.minimum(*values)


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "+": add,
    "*": multiply,
    "-": negate,
    "/": divide,
    "^": power,
    "floor": floor,
    "ceil": ceil,
    "!": factorial,
    "sqrt": root,
    "max": largest,
    "min": smallest,
    "=": eq,
    "<": lt,
    ">": gt,
    "and": all_hold,
}


def is_exact(value: Any) -> bool:
    """Return True if a number is an int or a Fraction."""
    return type(value) is int or type(value).__name__ == "Fraction"


def whole_or_decimal(value: Any) -> Any:
    """An int, or a Fraction that a decimal can write. Raises ArchcalcError on anything else."""
    if not is_exact(value):
        raise ArchcalcError(f"an exact number is needed, not {_short(value)}")
    if type(value) is int:
        return value
    if value.denominator == 1:
        return value.numerator
    if decimals(value) is None:
        raise ArchcalcError(f"{_short(value)} has no decimal that ends")
    return value


def decimals(value: Any) -> int | None:
    """The number of decimals that write a fraction exactly; None if no number of them does."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def is_short(value: Any) -> bool:
    """Return True if a number is best written as a decimal: anything but a fraction of more than four decimals."""
    if type(value).__name__ != "Fraction":
        return True
    places = decimals(value)
    return places is not None and places <= 4


def _short(value: object) -> str:
    shown = (
        str(value)
        if not isinstance(value, int) or value.bit_length() < 200
        else f"a number of {value.bit_length()} bits"
    )
    return shown if len(shown) <= 60 else shown[:57] + "..."
