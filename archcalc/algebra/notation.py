"""Closed forms as expressions, and so as text that Python and sympy read, as LaTeX, and as Typst mathematics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from archcalc.algebra.expressions import Constant, Expression, Identifier, Operation
from archcalc.algebra.expressions.printers import PRINTERS, Style
from archcalc.algebra.polynomial import Envelope, Polynomial


def written(value: Any, style: Style = "text") -> str:
    """An int, a Fraction, a polynomial, the largest of several, or an expression of such, in one line.

    Text: `83410944*h*w + 2048000`. LaTeX and Typst group the digits by threes, and put the members of a maximum under
    each other. Raises TypeError for a polynomial of several residue classes, which has no single line.
    """
    return PRINTERS[style].write(expression(value))


def expression(value: Any) -> Expression:
    """The same as a tree; terms of a polynomial stand highest degree first."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, Envelope):
        return Operation("max", [expression(member) for member in value.members])
    if not isinstance(value, Polynomial):
        return signed(value, ())
    if not all(isinstance(coefficient, (int, Fraction)) for coefficient in value.terms.values()):
        raise TypeError("a polynomial of several residue classes has no single line")
    names = value.space.names
    return sum_of([signed(coefficient, zip(names, powers, strict=True)) for powers, coefficient in value.ordered()])


def sum_of(terms: Sequence[Expression]) -> Expression:
    """The sum of some terms: 0 if there are none."""
    if not terms:
        return Constant(0)
    return terms[0] if len(terms) == 1 else Operation("+", terms)


def product_of(factors: Iterable[Expression]) -> Expression:
    """The product of some factors, those left out that are 1."""
    kept = [factor for factor in factors if factor != Constant(1)]
    if not kept:
        return Constant(1)
    return kept[0] if len(kept) == 1 else Operation("*", kept)


def quotient_of(above: Expression, below: Expression) -> Expression:
    """A fraction, or what is above it where 1 is below."""
    return above if below == Constant(1) else Operation("/", (above, below))


def signed(number: Any, powers: Iterable[tuple[str, int]]) -> Expression:
    """A term: a number times powers of symbols, with its sign before it; negative powers stand below its fraction bar
    with the number's denominator.
    """
    number = Fraction(number)
    size, powers = abs(number), list(powers)
    above = [_power(name, exponent) for name, exponent in powers if exponent > 0]
    below = [_power(name, -exponent) for name, exponent in powers if exponent < 0]
    if below:
        upper = product_of([Constant(size.numerator), *above])
        term = quotient_of(upper, product_of([Constant(size.denominator), *below]))
    else:
        term = product_of([quotient_of(Constant(size.numerator), Constant(size.denominator)), *above])
    return Operation("-", (term,)) if number < 0 else term


def _power(name: str, exponent: int) -> Expression:
    return Identifier(name) if exponent == 1 else Operation("^", (Identifier(name), Constant(exponent)))
