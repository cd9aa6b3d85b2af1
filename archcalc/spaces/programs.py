"""Polynomials evaluated at many points at once, exactly: monomials as arrays, then one product of matrices.

The monomials of several polynomials are computed once, each as a product of two that are known, and the polynomials are
the product of their coefficients with the monomials. It is done by blocks of rows that fit into a processor's cache: in
float64 where no number can exceed 2^53, so that every operation is exact in whatever order it is done, and BLAS does
it; in int64 up to 2^63; in Python's ints beyond. The bound is computed before, from the coefficients and the largest
value of every letter.

>>> import numpy
>>> from archcalc.algebra.polynomial import Space
>>> space = Space(("w", "d"))
>>> w, d = space.symbol("w"), space.symbol("d")
>>> ArrayProgram(("w", "d"), [d * w * w + 3 * w]).run({"w": numpy.array([2, 10]), "d": numpy.array([1, 5])}, 2)
[array([ 10, 530])]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.algebra.polynomial import Monomial, Polynomial

BLOCK = 1 << 12
"""Rows that are computed together."""
AT_ONCE = 1 << 17
"""Multiplications of one product of matrices: so few that BLAS does not share them out to threads, whose waiting costs
more than they save, and takes processors from other processes of a sweep."""
EXACT_FLOAT, EXACT_INT = 1 << 53, (1 << 63) - 1
"""The largest numbers up to which float64 and int64 hold every whole number."""


class ArrayProgram:
    """A program that computes some polynomials, all of whose coefficients are whole numbers."""

    def __init__(self, names: Sequence[str], polynomials: Sequence[Polynomial | int]) -> None:
        """`names` are the letters of the polynomials' space, in its order; `self.names` those that occur."""
        self.polynomials = tuple(polynomials)
        found = [each.terms for each in self.polynomials if isinstance(each, Polynomial)]
        used = [place for place in range(len(names)) if any([m[place] for terms in found for m in terms])]
        self.names = tuple([names[place] for place in used])
        none = (0,) * len(used)
        self._terms: list[dict[Monomial, int]] = [
            {tuple([monomial[place] for place in used]): c for monomial, c in each.terms.items()}
            if isinstance(each, Polynomial)
            else {none: each}
            for each in self.polynomials
        ]
        self._constants = [terms.get(none, 0) for terms in self._terms]
        wanted = {monomial for terms in self._terms for monomial in terms if any(monomial)}
        letters = [tuple([int(i == j) for j in range(len(self.names))]) for i in range(len(self.names))]
        self._places = {letter: place for place, letter in enumerate(letters)}
        """The place of each monomial among the letters and the products."""
        self.products: list[tuple[int, int]] = []
        """The two factors of every product, by their places."""
        for monomial in sorted(wanted, key=lambda each: (sum(each), each)):
            self._add(monomial)
        self._fits: dict[str, int] = {}
        """The largest values of the letters for which float64 is known to be exact."""
        self._coefficients = [[terms.get(monomial, 0) for monomial in self._places] for terms in self._terms]

    def _add(self, monomial: Monomial) -> int:
        """The place of a monomial: the product of the largest known one that divides it, and the rest."""
        if monomial not in self._places:
            known = [each for each in self._places if all([i <= j for i, j in zip(each, monomial, strict=True)])]
            rest = [(tuple([j - i for i, j in zip(each, monomial, strict=True)]), each) for each in known]
            whole = [(other, each) for other, each in rest if other in self._places]
            other, each = whole[-1] if whole else max(rest, key=lambda pair: sum(pair[1]))
            self.products.append((self._places[each], self._add(other)))
            self._places[monomial] = len(self.names) + len(self.products) - 1
        return self._places[monomial]

    def bounds(self, smallest: Mapping[str, int], largest: Mapping[str, int]) -> list[tuple[int, int]]:
        """For each polynomial two numbers that it lies between, for letters between numbers that are not negative."""
        result: list[tuple[int, int]] = []
        for terms in self._terms:
            low = high = 0
            for monomial, coefficient in terms.items():
                ends = [coefficient * _power(self.names, monomial, ends) for ends in (smallest, largest)]
                low, high = low + min(ends), high + max(ends)
            result.append((low, high))
        return result

    def size(self, largest: Mapping[str, int]) -> int:
        """A number that no result, no term and no sum of terms exceeds, for letters from 0 to some numbers."""
        largest = {name: max(1, number) for name, number in largest.items()}
        each = [
            sum([abs(c) * _power(self.names, monomial, largest) for monomial, c in terms.items()])
            for terms in self._terms
        ]
        return max([*each, *[_power(self.names, monomial, largest) for monomial in self._places]], default=0)

    def run(self, values: Mapping[str, Any], rows: int, largest: Mapping[str, int] | None = None) -> list[Any]:
        """The polynomials at some rows: arrays of int64 for each letter, none negative, to arrays of int64.

        `largest` are the largest values of the letters, if they are known. Where a result does not fit into int64, the
        array that it is in has Python's ints.
        """
        import numpy

        if rows == 0 or not self.names:
            return [_narrowed(numpy.full(rows, each, object)) for each in self._constants]
        columns = [numpy.asarray(values[name]) for name in self.names]
        if largest is None:
            largest = {name: int(column.max()) for name, column in zip(self.names, columns, strict=True)}
        largest = {name: max(largest[name], self._fits.get(name, 0)) for name in self.names}
        if largest != self._fits:
            most = self.size(largest)
            if most <= EXACT_FLOAT:
                self._fits = largest
            else:
                most = self.size({name: int(column.max()) for name, column in zip(self.names, columns, strict=True)})
        else:
            most = 0
        kind: Any = numpy.float64 if most <= EXACT_FLOAT else numpy.int64 if most <= EXACT_INT else object
        coefficients = numpy.array(self._coefficients, dtype=kind).reshape(len(self._terms), len(self._places))
        constants = numpy.array(self._constants, dtype=kind)[:, None]
        if len(coefficients) == 1:  # BLAS shares out what is a matrix by a vector far earlier
            coefficients = numpy.concatenate([coefficients, numpy.zeros_like(coefficients)])
        few = max(64, AT_ONCE // coefficients.size)
        results = numpy.empty((len(self._terms), rows), object if kind is object else numpy.int64)
        sums = numpy.empty((len(coefficients), min(rows, BLOCK)), kind)
        monomials = numpy.empty((len(self._places), min(rows, BLOCK)), kind)
        for start in range(0, rows, BLOCK):
            stop = min(start + BLOCK, rows)
            part = monomials[:, : stop - start]
            for place, column in enumerate(columns):
                part[place] = column[start:stop]
            for place, (first, second) in enumerate(self.products, len(columns)):
                numpy.multiply(part[first], part[second], out=part[place])
            for first in range(0, stop - start, few):
                numpy.matmul(
                    coefficients, part[:, first : first + few], out=sums[:, first : min(first + few, stop - start)]
                )
            found = sums[: len(constants), : stop - start]
            found += constants
            results[:, start:stop] = found
        return [_narrowed(result) for result in results]


def _power(names: Sequence[str], monomial: Monomial, values: Mapping[str, int]) -> int:
    """The value of a monomial."""
    total = 1
    for name, exponent in zip(names, monomial, strict=True):
        if exponent:
            total *= values[name] ** exponent
    return total


def _narrowed(column: Any) -> Any:
    """A column as int64, if its numbers fit."""
    import numpy

    if column.dtype == object and all([-EXACT_INT <= each <= EXACT_INT for each in column]):
        return column.astype(numpy.int64)
    return column
