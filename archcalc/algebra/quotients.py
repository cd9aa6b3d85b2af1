"""Quotients of polynomials in several symbols, in lowest terms, written as a sum of fractions where possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import Any, NamedTuple, TypeAlias

from archcalc.algebra.expressions import Expression
from archcalc.algebra.expressions.printers import Style
from archcalc.algebra.notation import quotient_of, signed, sum_of, written

Terms: TypeAlias = dict[tuple[int, ...], Fraction]
"""Coefficients by the exponents of all symbols; exponents may be negative."""


class Ratio(NamedTuple):
    """A quantity of one network divided by that of another."""

    quantity: str
    above: Terms
    below: Terms
    """Numerator and denominator, without common factors that are single terms."""
    names: tuple[str, ...]
    at_present: Fraction
    """Its value for the networks of those names."""
    limit: Ratio | None
    """The limit as the size of the input grows, if that is simpler."""

    def text(self, style: Style = "text") -> str:
        """The ratio as a sum of fractions if the denominator is a single term, else as one fraction."""
        if set(self.below) == {(0,) * len(self.names)}:
            factor = next(iter(self.below.values()))
            return written(_sum({powers: each / factor for powers, each in self.above.items()}, self.names), style)
        return written(quotient_of(_sum(self.above, self.names), _sum(self.below, self.names)), style)

    def value(self, values: Mapping[str, Any]) -> Fraction:
        """The ratio at some values of the symbols."""
        numbers = [Fraction(values.get(name, 1)) for name in self.names]
        return _at(self.above, numbers) / _at(self.below, numbers)


def cancelled(quantity: str, above: Terms, below: Terms, names: tuple[str, ...], present: Fraction) -> Ratio:
    """The quotient without common factors; a denominator that is a single term is divided out."""
    both = [*above, *below] if len(below) > 1 else [*below]
    shared = tuple([min(powers[i] for powers in both) for i in range(len(names))])
    above, below = [
        {tuple([p - s for p, s in zip(powers, shared, strict=True)]): each for powers, each in terms.items()}
        for terms in (above, below)
    ]
    if len(below) > 1:
        whole = _divided(above, below)
        if whole is not None:
            above, below = whole, {(0,) * len(names): Fraction(1)}
    common = [*above.values(), *below.values()]
    top = reduce(gcd, [abs(each.numerator) for each in common])
    scale = Fraction(top, reduce(lcm, [each.denominator for each in common]))
    above, below = [{powers: each / scale for powers, each in terms.items()} for terms in (above, below)]
    return Ratio(quantity, above, below, names, present, None)


def _divided(above: Terms, below: Terms) -> Terms | None:
    """The exact quotient; None where a remainder is left."""
    lead = max(below)
    rest, result = dict(above), dict[tuple[int, ...], Fraction]()
    while rest and len(rest) <= 100:
        top = max(rest)
        powers = tuple([i - j for i, j in zip(top, lead, strict=True)])
        if min(powers) < 0:
            return None
        factor = rest[top] / below[lead]
        result[powers] = factor
        for each, value in below.items():
            place = tuple([i + j for i, j in zip(powers, each, strict=True)])
            rest[place] = rest.get(place, Fraction(0)) - factor * value
        rest = {powers: value for powers, value in rest.items() if value}
    return result if not rest else None


def limit_of(ratio: Ratio) -> Ratio | None:
    """The limit as the size grows, if the ratio depends on the size and has a limit."""
    if "S" not in ratio.names or len(ratio.below) == 1:
        return None
    place = ratio.names.index("S")
    degrees = [max(powers[place] for powers in terms) for terms in (ratio.above, ratio.below)]
    if degrees[0] != degrees[1] or not degrees[0]:
        return None
    above, below = [
        {powers: each for powers, each in terms.items() if powers[place] == degrees[0]}
        for terms in (ratio.above, ratio.below)
    ]
    return cancelled(ratio.quantity, above, below, ratio.names, ratio.at_present)


def _at(terms: Terms, numbers: Sequence[Fraction]) -> Fraction:
    total = Fraction(0)
    for powers, each in terms.items():
        term = each
        for number, power in zip(numbers, powers, strict=True):
            term *= number**power
        total += term
    return total


def _sum(terms: Terms, names: tuple[str, ...]) -> Expression:
    """Terms in the order of closed forms; where any has negative exponents, by exponents that ascend."""
    whole = all(min(powers, default=0) >= 0 for powers in terms)
    order = sorted(terms.items(), key=lambda pair: (-sum(pair[0]), tuple([-p if whole else p for p in pair[0]])))
    return sum_of([signed(each, zip(names, powers, strict=True)) for powers, each in order])
