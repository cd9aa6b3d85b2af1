"""The size of the polynomial that a formula is, before anything is computed: its degree, its terms, and the work.

All three are upper limits that follow from the formula's text alone. A formula beyond `HIGHEST_DEGREE` or `MOST_WORK`
is refused, so that the time of a comparison is bounded whatever a stranger writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import NamedTuple, final

from archcalc.algebra.expressions.tree import FOLDS, Expression, Identifier, Operation
from archcalc.algebra.polynomial import HIGHEST_DEGREE, MOST_LEFT, MOST_PRODUCTS
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown

MOST_WORK = 10_000
"""The most products of two coefficients, and as much other work, that one formula may take."""
COPIED = 20
"""Terms whose addition takes about as long as one product."""


class PolynomialSize(NamedTuple):
    """Upper limits of a formula as a polynomial in its symbols."""

    degree: int
    terms: int
    work: int
    """The products of two coefficients that it takes to work the formula out, and other work in the same measure."""


def polynomial_size(formula: Expression) -> PolynomialSize:
    """The limits of a formula that is evaluated on polynomials.

    Raises ArchcalcError for a degree above `HIGHEST_DEGREE`, more work than `MOST_WORK`, and a symbol in an exponent.

    >>> from archcalc.algebra.expressions import parse
    >>> polynomial_size(parse("(h + w)^2 + 3 * h"))
    PolynomialSize(degree=2, terms=5, work=5)
    >>> polynomial_size(parse("(h + 1)^8192"))
    Traceback (most recent call last):
    ...
    archcalc.base.errors.ArchcalcError: '(h + 1)^8192' has a degree above 64
    """
    return _Sizes(formula).whole()


@final
class _Sizes:
    """The sizes of the parts of a formula."""

    def __init__(self, formula: Expression) -> None:
        self.formula = formula
        self.symbols = len(formula.symbols())
        self.work = 0

    def whole(self) -> PolynomialSize:
        degree, terms = self._shape(self.formula)
        return PolynomialSize(degree, terms, self.work)

    def _spend(self, work: int) -> None:
        self.work += work
        if self.work > MOST_WORK:
            said = f"its parts have too many terms: more than {MOST_WORK:,} products"
            raise ArchcalcError(f"{shown(self.formula.text())} is too long to be worked out, {said}")

    def _check(self, degree: int, part: Expression) -> None:
        if degree > HIGHEST_DEGREE:
            raise ArchcalcError(f"{shown(part.text())} has a degree above {HIGHEST_DEGREE}")

    def _shape(self, part: Expression) -> tuple[int, int]:
        """The degree and the number of terms of a part, whose work is added up."""
        if not isinstance(part, Operation) or part.operator in FOLDS:  # sums over rows have no value here
            return int(isinstance(part, Identifier)), 1
        if part.operator == "^":
            return self._power(part)
        inner = part.operands[0]
        if part.operator in ("floor", "ceil") and isinstance(inner, Operation) and inner.operator == "/":
            return self._quotient(*[self._shape(each) for each in inner.operands])
        shapes = [self._shape(each) for each in part.operands]
        if part.operator == "/":
            return self._quotient(shapes[0], (0, 1))
        return self._product(part, shapes) if part.operator == "*" else self._joined(part, shapes)

    def _joined(self, part: Operation, shapes: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Terms beside each other: a sum, or a choice between operands, which evaluates their differences."""
        degree, terms = shapes[0]
        each = degree + 4 if part.operator in ("max", "min") else 1 / COPIED
        spent = 0.0
        for one, number in shapes[1:] or shapes:
            degree, terms = max(degree, one), self._at_most(terms + number, max(degree, one))
            spent += terms * each
        self._spend(int(spent))
        return degree, terms

    def _product(self, part: Operation, shapes: Sequence[tuple[int, int]]) -> tuple[int, int]:
        degree, terms = shapes[0]
        for one, number in shapes[1:]:
            self._spend(terms * number)
            degree += one
            self._check(degree, part)
            terms = self._at_most(terms * number, degree)
        return degree, terms

    def _power(self, part: Operation) -> tuple[int, int]:
        base, exponent = part.operands
        degree, terms = self._shape(base)
        if exponent.symbols():
            raise ArchcalcError(f"{shown(part.text())} is no polynomial: its exponent has a letter")
        times = exponent.evaluate({})
        if type(times) is not int or times < 1 or not degree:
            return 0, 1
        self._check(degree * times, part)
        return self._product(part, [(degree, terms)] * times)

    def _quotient(self, above: tuple[int, int], below: tuple[int, int]) -> tuple[int, int]:
        """A rounded quotient: by a number term after term, by a polynomial as a long division."""
        degree, terms = above
        if not below[0]:
            self._spend(terms)
            return above
        steps = self._at_most(MOST_PRODUCTS, degree)
        self._spend(steps * (below[1] + MOST_LEFT // COPIED))
        return degree, steps

    def _at_most(self, terms: int, degree: int) -> int:
        """The terms that there are, or can be in that degree."""
        return min(terms, comb(degree + self.symbols, self.symbols))
