"""Polynomials as dimensions: the results of formulas when a network is built on symbols instead of numbers.

A symbol stands for a whole number from 0 upwards, and the value of a formula is a polynomial in some symbols. `+ - *`
are those of polynomials. `//` is exact where the divisor divides every coefficient but the constant one: for
`H = 2h + 1`, `(H - 1) // 2` is `h`. Where it does not divide, the quotient is `Unsettled`: it says by which factor the
symbol has to be coarser, and the caller starts again with `H = 4h + 1`. So a cost, which is a quasi-polynomial in the
size of the input, comes out as a true polynomial on every residue class.

A coefficient is an int, a Fraction (for real symbols such as a width multiplier), or an array of ints with one axis for
every symbol: then one pass over a network gives the polynomials of all residue classes at once.

Layers check their sizes ("the window fits into the input") by the helpers of `dims`. A polynomial answers these as it
would for large values of its symbols and notes the condition in its `Space`, so that the range of a closed form is
known: it is refused outside, never silently wrong. `==` and `<` note nothing: `==` compares the terms as written, and
`<` raises NotPolynomial where the answer depends on the symbols.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from operator import itemgetter
from typing import Any, TypeAlias

from archcalc.algebra.arrays import ExactArray, along
from archcalc.algebra.dims import choosing_layers
from archcalc.algebra.envelope import Envelope
from archcalc.algebra.unsettled import NeedsPeriod, NotPolynomial, Unsettled

Coefficient: TypeAlias = Any
"""An int, a Fraction, or an array with an axis for every symbol (of length 1 if it does not depend on that one)."""
Monomial: TypeAlias = tuple[int, ...]
"""The exponent of each symbol of the space."""


HIGHEST_DEGREE, MOST_PRODUCTS = 64, 1000
"""Limits of a degree, and of the terms of one product: a formula beyond them is refused, as no network needs it."""
MOST_LEFT, MOST_BITS = 100, 4096
"""Limits of what is left in a long division: its terms, and the bits of a coefficient."""


class Space:
    """Some symbols, and the conditions under which a formula in them holds.

    `at_least` has the polynomials that must not be negative, `zero` and `nonzero` those that must be 0 and must not be,
    `whole` those that must be whole numbers (only of real symbols). A condition is decided as it holds at `near`, the
    values of the symbols in the network of that name; without them, as for large values. Whether two counts are equal
    is decided for almost all values, which are not, or with `equal_there` as it holds at `near`. `chosen` has those of
    `at_least` that chose the larger or smaller of two numbers: where they do not hold, the other was to be chosen.
    """

    def __init__(
        self,
        names: Sequence[str],
        real: Sequence[str] = (),
        near: Mapping[str, Any] | None = None,
        *,
        equal_there: bool = False,
    ) -> None:
        self.names = tuple(names)
        self.real = tuple(name in real for name in self.names)
        self.near = near
        self.equal_there = equal_there
        self.at_least: dict[Polynomial, None] = {}
        self.chosen: dict[Polynomial, None] = {}
        self.zero: dict[Polynomial, None] = {}
        self.nonzero: dict[Polynomial, None] = {}
        self.whole: dict[Polynomial, None] = {}
        self.constant: Monomial = (0,) * len(self.names)

    def must_be_whole(self, number: Polynomial) -> None:
        """Note that a polynomial must be a whole number; terms that always are whole are left out."""
        open_terms = {
            monomial: coefficient
            for monomial, coefficient in number.terms.items()
            if not isinstance(coefficient, int) or any([e and r for e, r in zip(monomial, self.real, strict=True)])
        }
        if open_terms:
            self.whole[Polynomial(self, open_terms)] = None

    def symbol(self, name: str) -> Polynomial:
        """The polynomial that is one symbol."""
        place = self.names.index(name)
        return Polynomial(self, {tuple(int(i == place) for i in range(len(self.names))): 1})

    def spread(self, name: str, values: Sequence[int]) -> Any:
        """A constant that differs between residue classes of one symbol, as an array along that symbol's axis."""
        return make(self, {self.constant: along(values, self.names.index(name), len(self.names))})


class Polynomial:
    """A polynomial in the symbols of its space; never a constant number, which is an int."""

    __slots__ = ("_key", "space", "terms")

    def __init__(self, space: Space, terms: dict[Monomial, Coefficient]) -> None:
        self.space = space
        self.terms = terms
        self._key: Any = None

    def __add__(self, other: Any) -> Any:
        if isinstance(other, int):
            terms = dict(self.terms)
            constant = self.space.constant
            terms[constant] = terms.get(constant, 0) + other
            return make(self.space, terms)
        if isinstance(other, Polynomial):
            terms = dict(self.terms)
            for monomial, coefficient in other.terms.items():
                terms[monomial] = terms[monomial] + coefficient if monomial in terms else coefficient
            return make(self.space, terms)
        return self + Fraction(str(other)) if isinstance(other, float) else self._fraction(other, "__add__")

    __radd__ = __add__

    def __neg__(self) -> Polynomial:
        return Polynomial(self.space, {monomial: -coefficient for monomial, coefficient in self.terms.items()})

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, int):
            if other == 1:
                return self
            return make(self.space, {monomial: coefficient * other for monomial, coefficient in self.terms.items()})
        if isinstance(other, Polynomial):
            terms: dict[Monomial, Coefficient] = {}
            if len(self.terms) * len(other.terms) > MOST_PRODUCTS:
                raise NotPolynomial(f"({_short(self)}) * ({_short(other)}) has too many terms")
            for left, a in self.terms.items():
                for right, b in other.terms.items():
                    monomial = tuple([i + j for i, j in zip(left, right, strict=True)])
                    terms[monomial] = terms[monomial] + a * b if monomial in terms else a * b
            return make(self.space, terms)
        return self * Fraction(str(other)) if isinstance(other, float) else self._fraction(other, "__mul__")

    __rmul__ = __mul__

    def _fraction(self, other: Any, operation: str) -> Any:
        if not isinstance(other, Fraction):
            return NotImplemented
        if operation == "__mul__":
            return make(self.space, {monomial: coefficient * other for monomial, coefficient in self.terms.items()})
        return self + Polynomial(self.space, {self.space.constant: other})

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, (int, Fraction)):
            return self * (Fraction(1) / other)
        return self / Fraction(str(other)) if isinstance(other, float) else self._no_polynomial("/", other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._no_polynomial("/", other, before=True)

    def __floordiv__(self, other: Any) -> Any:
        if isinstance(other, Polynomial):
            return _quotient(self, other)
        if not isinstance(other, int):
            return self._no_polynomial("//", other)
        terms: dict[Monomial, Coefficient] = {}
        missing: dict[int, int] = {}
        for monomial, coefficient in self.terms.items():
            if monomial == self.space.constant:
                terms[monomial] = coefficient // other
            elif any([exponent and real for exponent, real in zip(monomial, self.space.real, strict=True)]):
                terms[monomial] = Fraction(coefficient) / other
            elif (factor := _lacking(coefficient, other)) == 1:
                terms[monomial] = coefficient // other
            else:
                place = next(i for i, exponent in enumerate(monomial) if exponent)
                missing[place] = lcm(missing.get(place, 1), factor)
        if missing:
            return Unsettled(missing)
        result = make(self.space, terms)
        if isinstance(result, Polynomial) and any(self.space.real):
            self.space.must_be_whole(result)
        return result

    def __rfloordiv__(self, other: Any) -> Any:
        return self._no_polynomial("//", other, before=True)

    def __mod__(self, other: Any) -> Any:
        return self - self // other * other

    def __rmod__(self, other: Any) -> Any:
        return self._no_polynomial("%", other, before=True)

    def __pow__(self, power: Any) -> Any:
        if type(power) is not int or power < 0:
            return self._no_polynomial("**", power)
        if power * max(map(sum, self.terms)) > HIGHEST_DEGREE:
            raise NotPolynomial(f"({_short(self)})**{_short(power)} has a degree above {HIGHEST_DEGREE}")
        result: Any = 1
        for _ in range(power):
            result = result * self
        return result

    def __rpow__(self, other: Any) -> Any:
        return self._no_polynomial("**", other, before=True)

    def _no_polynomial(self, sign: str, other: Any, *, before: bool = False) -> Any:
        """Raise NotPolynomial for an operation with a number; let an object of another kind try it."""
        if isinstance(other, Unsettled) or not isinstance(other, (int, float, Fraction, Polynomial)):
            return NotImplemented
        sides = (f"({_short(other)})" if isinstance(other, Polynomial) else _short(other), f"({_short(self)})")
        raise NotPolynomial(f" {sign} ".join(sides if before else sides[::-1]) + " is no polynomial")

    def __lt__(self, other: Any) -> bool:
        return self._everywhere(other - self, 1)

    def __le__(self, other: Any) -> bool:
        return self._everywhere(other - self, 0)

    def __gt__(self, other: Any) -> bool:
        return self._everywhere(self - other, 1)

    def __ge__(self, other: Any) -> bool:
        return self._everywhere(self - other, 0)

    def _everywhere(self, difference: Any, least: int) -> bool:
        """Return True if a difference is 0 or positive, as its signs show. Raises NotPolynomial if they do not."""
        if exceeds(difference, least):
            return True
        if exceeds(-difference, 1 - least):
            return False
        raise NotPolynomial(f"whether {difference} is negative depends on its symbols")

    def __bool__(self) -> bool:
        if exceeds(self, 1) or exceeds(-self, 1):
            return True
        raise NotPolynomial(f"whether {self} is 0 depends on its symbols")

    def __eq__(self, other: object) -> bool:
        """True if both are written with the same terms: nothing is decided about the values of the symbols.

        Raises NotPolynomial while the layers of a network are chosen and the values of the symbols would decide.
        """
        if isinstance(other, Polynomial):
            same = self is other or (self.space.names == other.space.names and self.key() == other.key())
        elif isinstance(other, (int, float, Fraction)):
            same = False
        else:
            return NotImplemented
        if not same and choosing_layers.get() and isinstance(self - other, Polynomial):
            raise NotPolynomial(f"layers depend on {self} == {other}: archcalc.equal(a, b) would note that")
        return same

    def __hash__(self) -> int:
        return hash(self.key())

    def negative(self) -> bool:
        """Return True if it is negative, as its space decides; the space notes the condition."""
        return not holds(self)

    def zero(self) -> bool:
        """Return False, as it is not 0 everywhere, or what holds at the values near; the space notes the condition."""
        if self.is_zero_there():
            self.space.zero[self] = None
            return True
        _, leading = next(self.ordered())
        self.space.nonzero[-self if _sign(leading) == -1 else self] = None
        return False

    def must_not_be_zero(self) -> None:
        """Note the condition that it is not 0: it is divided by."""
        self.space.nonzero[self] = None

    def is_zero_there(self) -> bool:
        """Return True if it is 0 at the values near, in a space that decides equality there."""
        return self.space.equal_there and self.value(self.space.near or {}) == 0

    def differs_from(self, other: Any) -> bool:
        """Return True if another dimension is never equal; if it may be, the space notes the condition that it is."""
        difference = other - self
        if isinstance(difference, int):
            return difference != 0
        if isinstance(difference, Unsettled):
            raise NeedsPeriod(difference.factors)
        constant = difference.terms.get(self.space.constant)
        if len(difference.terms) == 1 and constant is not None and constant.all():
            return True
        if self.space.equal_there and not difference.is_zero_there():
            difference.zero()
            return True
        self.space.zero[difference] = None
        return False

    def key(self) -> Any:
        """A key that two polynomials share exactly if they are equal."""
        if self._key is None:
            self._key = frozenset(
                [(m, c if isinstance(c, (int, Fraction)) else (c.shape, c.values)) for m, c in self.terms.items()]
            )
        return self._key

    def __int__(self) -> int:
        raise NotPolynomial(f"{self} shapes the network: it needs a number")

    __index__ = __float__ = __round__ = __int__  # pyright: ignore[reportAssignmentType]

    def value(self, values: Mapping[str, Any], residues: Mapping[str, Any] | None = None) -> Any:
        """The value at some values of the symbols (ints, Fractions or numpy arrays that broadcast).

        `residues` gives for every symbol the index of the residue class, where coefficients are arrays.
        """
        given = [values.get(name, 0) for name in self.space.names]
        classes = [residues.get(name, 0) for name in self.space.names] if residues else []
        total: Any = 0
        for monomial, coefficient in self.terms.items():
            term = coefficient
            if not isinstance(term, (int, Fraction)):
                term = term[tuple([r if length > 1 else 0 for r, length in zip(classes, term.shape, strict=True)])]
                term = term if getattr(term, "shape", ()) else int(term)
            for base, exponent in zip(given, monomial, strict=True):
                for _ in range(exponent):
                    term = term * base
            total = total + term
        return total.numerator if isinstance(total, Fraction) and total.denominator == 1 else total

    def degree(self, name: str) -> int:
        """The highest power of a symbol."""
        place = self.space.names.index(name)
        return max(monomial[place] for monomial in self.terms)

    def ordered(self) -> Iterator[tuple[Monomial, Coefficient]]:
        """Terms as they are written: highest degree first, then by symbol."""
        for monomial in sorted(self.terms, key=lambda m: (-sum(m), tuple(-e for e in m))):
            yield monomial, self.terms[monomial]

    def __repr__(self) -> str:
        parts: list[str] = []
        for monomial, coefficient in self.ordered():
            powers = [
                name if exponent == 1 else f"{name}**{exponent}"
                for name, exponent in zip(self.space.names, monomial, strict=True)
                if exponent
            ]
            number = coefficient if isinstance(coefficient, (int, Fraction)) else "[...]"
            parts.append("*".join(powers if number == 1 and powers else [str(number), *powers]))
        return " + ".join(parts).replace("+ -", "- ")

    @staticmethod
    def envelope(counts: Sequence[Any]) -> Any:
        """The largest of some counts: one polynomial, or an `Envelope`."""
        return upper_envelope(counts)

    @staticmethod
    def extreme(dims: Sequence[Any], largest: bool) -> Any:
        """The largest or smallest of some dimensions, one of them a polynomial; the space notes the conditions."""
        best = dims[0]
        for dim in dims[1:]:
            best = _larger(best, dim) if largest else _smaller(best, dim)
        return best


def _short(value: Any) -> str:
    text = str(value) if not isinstance(value, int) or value.bit_length() < 200 else "a large number"
    return text if len(text) <= 60 else f"{text[:57]}..."


def make(space: Space, terms: dict[Monomial, Coefficient]) -> Any:
    """A polynomial from its terms; an int if no symbol is left and the constant is whole."""
    kept: dict[Monomial, Coefficient] = {}
    for monomial, coefficient in terms.items():
        if isinstance(coefficient, int):
            if coefficient:
                kept[monomial] = coefficient
        elif coefficient.any() if hasattr(coefficient, "any") else coefficient:
            whole = isinstance(coefficient, Fraction) and coefficient.denominator == 1
            kept[monomial] = coefficient.numerator if whole else coefficient
    return _constant(space, kept) if len(kept) < 2 else Polynomial(space, kept)


def _constant(space: Space, kept: dict[Monomial, Coefficient]) -> Any:
    if not kept:
        return 0
    if space.constant in kept:
        constant = kept[space.constant]
        if isinstance(constant, int):
            return constant
        if not isinstance(constant, Fraction) and len(set(constant.values)) == 1:
            return constant.values[0]
    return Polynomial(space, kept)


def holds(difference: Any) -> bool:
    """Return True if a difference is at least 0, as its space decides; the space notes the condition."""
    if not isinstance(difference, Polynomial):
        if isinstance(difference, Unsettled):
            raise NeedsPeriod(difference.factors)
        return difference >= 0
    space = difference.space
    if all([_sign(coefficient) in (0, 1) for coefficient in difference.terms.values()]):
        return True
    if space.near is not None:
        answer = difference.value(space.near) >= 0
        space.at_least[difference if answer else -difference - 1] = None
        return answer
    slopes = [_sign(c) for monomial, c in difference.terms.items() if monomial != space.constant]
    if not slopes:  # a constant that differs between classes: those where it is negative are left out, unless all are
        slopes = [-1 if bool((difference.terms[space.constant] < 0).all()) else 1]
    if all([sign is not None and sign >= 0 for sign in slopes]):
        space.at_least[difference] = None
        return True
    if all([sign is not None and sign <= 0 for sign in slopes]):
        space.at_least[-difference - 1] = None
        return False
    raise NotPolynomial(f"whether {difference} is negative depends on its symbols")


def _sign(coefficient: Coefficient) -> int | None:
    """1, 0 or -1; None for an array of both signs. Zeros in an array are ignored if it has other numbers."""
    if isinstance(coefficient, (int, Fraction)):
        return (coefficient > 0) - (coefficient < 0)
    return coefficient.sign()


def _lacking(coefficient: Coefficient, divisor: int) -> int:
    """The factor, above 0, by which a coefficient must be multiplied so that the divisor divides it."""
    divisor = abs(divisor)
    if isinstance(coefficient, int):
        return divisor // gcd(divisor, coefficient)
    if isinstance(coefficient, Fraction):
        return (coefficient / divisor).denominator
    return lcm(*[divisor // gcd(divisor, each) for each in set(coefficient.values)])


def _quotient(dividend: Polynomial, divisor: Polynomial) -> Any:
    """The exact quotient of two polynomials: their degrees differ by its own. In real symbols it must be whole.

    Raises NotPolynomial where a remainder is left, and beyond `MOST_PRODUCTS` terms, `MOST_LEFT` and `MOST_BITS`.
    """
    lead, factor = max(divisor.terms.items(), key=itemgetter(0))
    degree = max(map(sum, dividend.terms)) - max(map(sum, divisor.terms))
    rest: Any = dividend
    quotient: Any = 0
    for _ in range(MOST_PRODUCTS):
        if not isinstance(rest, Polynomial) or len(rest.terms) > MOST_LEFT:
            break
        top, coefficient = max(rest.terms.items(), key=itemgetter(0))
        powers = tuple([i - j for i, j in zip(top, lead, strict=True)])
        if min(powers, default=0) < 0 or sum(powers) > degree:
            break
        if not isinstance(factor, int) or not isinstance(coefficient, int) or coefficient % factor:
            break
        if coefficient.bit_length() > MOST_BITS:
            break
        part = make(dividend.space, {powers: coefficient // factor})
        quotient, rest = quotient + part, rest - part * divisor
    if isinstance(rest, int) and rest == 0:
        if isinstance(quotient, Polynomial) and any(quotient.space.real):
            quotient.space.must_be_whole(quotient)
        return quotient
    raise NotPolynomial(f"({_short(dividend)}) // ({_short(divisor)}) is no polynomial")


def _larger(a: Any, b: Any) -> Any:
    difference = a - b
    if isinstance(difference, Polynomial) and difference.terms.keys() == {difference.space.constant}:
        return b + _clipped(difference)
    if not isinstance(difference, Polynomial):
        return a if holds(difference) else b
    probe = Space(difference.space.names, near=difference.space.near)
    first = holds(Polynomial(probe, difference.terms))
    condition = difference if first else -difference
    if holds(condition) and condition in condition.space.at_least:
        condition.space.chosen[condition] = None
    return a if first else b


def _smaller(a: Any, b: Any) -> Any:
    return a + b - _larger(a, b)


def _clipped(difference: Polynomial) -> Any:
    """A constant that differs between classes, 0 where it is negative."""
    constant = difference.terms[difference.space.constant]
    clipped = max(constant, 0) if isinstance(constant, Fraction) else ExactArray.extreme((constant, 0), largest=True)
    return make(difference.space, {difference.space.constant: clipped})


def exceeds(a: Any, b: Any) -> bool:
    """Return True if a is nowhere below b, as no coefficient of a - b is negative."""
    difference = a - b
    if not isinstance(difference, Polynomial):
        return difference >= 0
    return all([_sign(coefficient) in (0, 1) for coefficient in difference.terms.values()])


def upper_envelope(counts: Sequence[Any]) -> Any:
    """The largest of some counts: those that no other exceeds everywhere; one of them, or an `Envelope`."""
    unsettled = [count for count in counts if isinstance(count, Unsettled)]
    if unsettled:
        return sum(unsettled[1:], unsettled[0])
    kept: list[Any] = []
    for count in counts:
        if not any([exceeds(other, count) for other in kept]):
            kept = [other for other in kept if not exceeds(count, other)]
            kept.append(count)
    return kept[0] if len(kept) == 1 else Envelope(tuple(kept))


def counted_from(value: Any, bounds: Mapping[str, Any]) -> Any:
    """A count with every letter shifted to its lower bound: h becomes h + bounds["h"]."""
    if not isinstance(value, Polynomial):
        return value
    return value.value({name: value.space.symbol(name) + bounds.get(name, 0) for name in value.space.names})


def dominant(value: Envelope) -> tuple[Any, int]:
    """The member that exceeds all others where every letter is at least some number, and a smallest such number.

    (None, 0) if no member does so up to a million, for example where their order depends on the ratio of two letters.
    """
    names = next(member.space.names for member in value.members if isinstance(member, Polynomial))
    least, step = 0, 1
    while least <= 1_000_000:
        moved = [counted_from(member, dict.fromkeys(names, least)) for member in value.members]
        for member, one in zip(value.members, moved, strict=True):
            if all([exceeds(one, other) for other in moved]):
                return member, least
        least, step = least + step, step if least < 64 else 2 * step
    return None, 0
