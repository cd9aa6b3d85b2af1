"""Inverses of polynomials in one whole number: exactly where one is at least or at most a bound.

A curve is the largest of some polynomials, each given by its coefficients from the constant one up. The interval on
which it lies below a bound follows from the intervals on which its differences are negative; these are polynomials of
one degree less, so no root is ever rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb, gcd, lcm
from typing import Any, NamedTuple, TypeAlias

from archcalc.algebra.polynomial import Envelope, Polynomial, Space, make

Number: TypeAlias = int | Fraction
Coefficients: TypeAlias = tuple[Number, ...]
"""Of 1, n, n^2 ...; the last is not 0 unless it is the only one."""
Curve: TypeAlias = tuple[Coefficients, ...]
"""Polynomials; the curve is the largest of them."""
Intervals: TypeAlias = tuple[tuple[int, int], ...]
"""A set of whole numbers as intervals (first, last): in order, disjoint, ends included."""


def trimmed(coefficients: Iterable[Number]) -> Coefficients:
    """Coefficients without leading zeros, whole ones as ints."""
    kept = [int(each) if each == int(each) else each for each in coefficients]
    while len(kept) > 1 and kept[-1] == 0:
        kept.pop()
    return tuple(kept) or (0,)


def polynomial_at(coefficients: Coefficients, n: Number) -> Number:
    """The value of one polynomial."""
    total: Number = 0
    for each in reversed(coefficients):
        total = total * n + each
    return int(total) if total == int(total) else total


def curve_at(curve: Curve, n: Number) -> Number:
    """The largest of the polynomials' values."""
    return max([polynomial_at(each, n) for each in curve])


def derivative(coefficients: Coefficients) -> Coefficients:
    """The polynomial's derivative."""
    return trimmed([power * each for power, each in enumerate(coefficients)][1:])


def curve_of(value: Any) -> Curve:
    """A count of a closed form as a curve in its only letter; if it has several, they are taken to be equal."""
    if isinstance(value, Envelope):
        return tuple([part for member in value.members for part in curve_of(member)])
    if not isinstance(value, Polynomial):
        return ((value,),)
    parts: list[Number] = [0] * (1 + max(map(sum, value.terms)))
    for monomial, coefficient in value.terms.items():
        parts[sum(monomial)] += coefficient
    return (trimmed(parts),)


def count_of(curve: Curve, letter: str) -> Any:
    """A curve as a count of a closed form: an int, a Polynomial in a letter, or an Envelope."""
    space = Space((letter,))
    members = tuple([make(space, {(power,): each for power, each in enumerate(part)}) for part in curve])
    return members[0] if len(members) == 1 else Envelope(members)


def shifted(curve: Curve, scale: Number, start: Number) -> Curve:
    """The curve as one in m, where n = scale * m + start."""
    return tuple([_shifted(part, scale, start) for part in curve])


def _shifted(part: Coefficients, scale: Number, start: Number) -> Coefficients:
    result: list[Number] = [0] * len(part)
    for power, coefficient in enumerate(part):
        for i in range(power + 1):
            result[i] += coefficient * comb(power, i) * scale**i * start ** (power - i)
    return trimmed(result)


def where_at_least(curve: Curve, bound: Number, low: int, high: int) -> Intervals:
    """The whole numbers from low to high at which the curve is at least a bound."""
    return union(*[_at_least(part, bound, low, high) for part in curve])


def where_at_most(curve: Curve, bound: Number, low: int, high: int) -> Intervals:
    """The whole numbers from low to high at which the curve is at most a bound."""
    negated = [tuple([-each for each in part]) for part in curve]
    return intersection(*[_at_least(part, -bound, low, high) for part in negated])


def where_zero(part: Coefficients, low: int, high: int) -> Intervals:
    """The whole numbers from low to high at which a polynomial is 0."""
    return intersection(where_at_least((part,), 0, low, high), where_at_most((part,), 0, low, high))


def _at_least(part: Coefficients, bound: Number, low: int, high: int) -> Intervals:
    if low > high:
        return ()
    if len(part) == 1:
        return ((low, high),) if part[0] >= bound else ()
    stretches: list[tuple[int, int]] = []
    step = trimmed(a - b for a, b in zip(_shifted(part, 1, 1), part, strict=False))
    rising = _at_least(step, 0, low, high - 1)
    for first, last in rising:
        begin = _first(part, bound, first, last + 1)
        if begin is not None:
            stretches.append((begin, last + 1))
    for first, last in without(((low, high - 1),), rising) if low < high else ():
        mirrored = _shifted(part, -1, last + 1)
        begin = _first(mirrored, bound, 0, last + 1 - first)
        if begin is not None:
            stretches.append((first, last + 1 - begin))
    if low == high and polynomial_at(part, low) >= bound:
        stretches.append((low, low))
    return union(tuple(stretches))


def _first(part: Coefficients, bound: Number, low: int, high: int) -> int | None:
    """The first number at which a polynomial that does not fall reaches a bound."""
    if polynomial_at(part, high) < bound:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if polynomial_at(part, middle) >= bound else (middle + 1, high)
    return low


def union(*sets: Intervals) -> Intervals:
    """Numbers in any of some sets."""
    result: list[tuple[int, int]] = []
    for first, last in sorted([each for one in sets for each in one]):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def intersection(*sets: Intervals) -> Intervals:
    """Numbers in all of some sets."""
    result = sets[0]
    for other in sets[1:]:
        pairs = [(max(a, c), min(b, d)) for a, b in result for c, d in other]
        result = tuple(sorted([(first, last) for first, last in pairs if first <= last]))
    return result


def without(one: Intervals, other: Intervals) -> Intervals:
    """Numbers of one set that are not in another."""
    result: list[tuple[int, int]] = []
    for first, last in one:
        for begin, end in other:
            if first <= end and begin <= last:
                if first < begin:
                    result.append((first, begin - 1))
                first = end + 1  # noqa: PLW2901  what is left of the stretch
        if first <= last:
            result.append((first, last))
    return tuple(result)


class Progression(NamedTuple):
    """The whole numbers `period` * n + `residue`."""

    period: int
    residue: int

    def extreme(self, numbers: Intervals, multiple_of: int, largest: bool) -> int | None:
        """The largest or smallest n among some for which the whole number is a multiple; None if there is none."""
        shared = gcd(self.period, multiple_of)
        if self.residue % shared:
            return None
        step = multiple_of // shared
        first = (-(self.residue // shared) * pow(self.period // shared, -1, step)) % step if step > 1 else 0
        for low, high in reversed(numbers) if largest else numbers:
            n = high - (high - first) % step if largest else low + (first - low) % step
            if low <= n <= high:
                return n
        return None


def through(places: Sequence[int], values: Sequence[Number]) -> Coefficients:
    """The polynomial of least degree through some points, by divided differences: exact."""
    table = [Fraction(each) for each in values]
    tops: list[Fraction] = []
    for order in range(len(places)):
        tops.append(table[0])
        table = [(b - a) / (places[i + order + 1] - places[i]) for i, (a, b) in enumerate(pairwise(table))]
    while len(tops) > 1 and not tops[-1]:
        tops.pop()
    result = [Fraction(0)]
    for order in reversed(range(len(tops))):
        moved = [Fraction(0), *result]
        result = [a - places[order] * b for a, b in zip(moved, [*result, Fraction(0)], strict=True)]
        result[0] += tops[order]
    return trimmed(result)


def interpolated(values: Sequence[int], highest: int, checked: int) -> Coefficients | None:
    """The polynomial through values at 0, 1 ..., of degree `highest` at most; None unless `checked` more lie on it."""
    part = through(range(len(values)), values)
    return part if len(part) <= highest + 1 and len(values) >= len(part) + checked else None


def cleared(part: Coefficients) -> tuple[tuple[int, ...], int]:
    """The coefficients as whole numbers, and their common denominator."""
    below = lcm(*[Fraction(each).denominator for each in part])
    return tuple([int(each * below) for each in part]), below
