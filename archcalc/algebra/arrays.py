"""Exact numbers in a small array: a dimension for many sizes or residue classes at once.

An array is a dimension like a numpy one: `+ - * / // %` and comparisons go element by element and stretch axes of
length 1. Its numbers are ints of any length (Fractions after `/`). So the base install
counts at many sizes without numpy; whoever brings numpy arrays gets numpy arrays.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import repeat
from math import prod
from typing import Any, final

_on: Any = operator  # typed loosely: the same functions take ints, Fractions and floats


@final
class ExactArray:
    """Exact numbers along some axes, the last axis fastest."""

    __slots__ = ("shape", "values")
    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __init__(self, values: Iterable[Any], shape: tuple[int, ...]) -> None:
        self.values = tuple(values)
        self.shape = shape

    def _with(self, other: Any, function: Callable[[Any, Any], Any]) -> Any:
        if isinstance(other, ExactArray):
            shape = _common(self.shape, other.shape)
            return ExactArray(map(function, stretched(self, shape), stretched(other, shape)), shape)
        if isinstance(other, (int, Fraction)):
            return ExactArray(map(function, self.values, repeat(other)), self.shape)
        return NotImplemented

    def _after(self, other: Any, function: Callable[[Any, Any], Any]) -> Any:
        if isinstance(other, (int, Fraction)):
            return ExactArray(map(function, repeat(other), self.values), self.shape)
        return NotImplemented

    def __add__(self, other: Any) -> Any:
        return self._with(other, operator.add)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._with(other, operator.sub)

    def __rsub__(self, other: Any) -> Any:
        return self._after(other, operator.sub)

    def __mul__(self, other: Any) -> Any:
        return self._with(other, operator.mul)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self._with(other, Fraction)

    def __floordiv__(self, other: Any) -> Any:
        return self._with(other, _on.floordiv)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._after(other, _on.floordiv)

    def __mod__(self, other: Any) -> Any:
        return self._with(other, operator.mod)

    def __pow__(self, power: int) -> Any:
        return self._with(power, _on.pow)

    def __neg__(self) -> ExactArray:
        return ExactArray(map(operator.neg, self.values), self.shape)

    def __lt__(self, other: Any) -> Any:
        return self._with(other, operator.lt)

    def __le__(self, other: Any) -> Any:
        return self._with(other, operator.le)

    def __gt__(self, other: Any) -> Any:
        return self._with(other, operator.gt)

    def __ge__(self, other: Any) -> Any:
        return self._with(other, operator.ge)

    def __eq__(self, other: object) -> Any:
        return self._with(other, operator.eq)

    def __ne__(self, other: object) -> Any:
        return self._with(other, operator.ne)

    def __bool__(self) -> bool:
        raise TypeError("an array of numbers is neither true nor false")

    def __getitem__(self, index: tuple[Any, ...]) -> Any:
        """The number at an int for every axis; a numpy array of them where an index is one."""
        if all([type(each) is int for each in index]):
            place = 0
            for each, length in zip(index, self.shape, strict=True):
                place = place * length + each
            return self.values[place]
        import numpy

        return numpy.array(self.values, dtype=numpy.int64).reshape(self.shape)[index]

    def __repr__(self) -> str:
        return f"ExactArray({self.values}, {self.shape})"

    def any(self) -> bool:
        return any(self.values)

    def all(self) -> bool:
        return all(self.values)

    def min(self) -> Any:
        return min(self.values)

    def max(self) -> Any:
        return max(self.values)

    @staticmethod
    def extreme(dims: Sequence[Any], largest: bool) -> Any:
        """The largest or the smallest of ints and arrays, element by element."""
        shape: tuple[int, ...] = ()
        for dim in dims:
            shape = _common(shape, dim.shape) if isinstance(dim, ExactArray) else shape
        return ExactArray(map(max if largest else min, *[stretched(dim, shape) for dim in dims]), shape)


def along(numbers: Sequence[int], axis: int = 0, axes: int = 1) -> ExactArray:
    """Numbers along one of some axes; the others have length 1."""
    return ExactArray(numbers, tuple([len(numbers) if each == axis else 1 for each in range(axes)]))


def stretched(number: Any, shape: tuple[int, ...]) -> Sequence[Any]:
    """The numbers of an array, or one number, at every place of a shape that it can be stretched to."""
    if not isinstance(number, ExactArray):
        return (number,) * prod(shape)
    if number.shape == shape:
        return number.values
    values: Sequence[Any] = number.values
    own = (1,) * (len(shape) - len(number.shape)) + number.shape
    inner = 1
    for length, wanted in zip(reversed(own), reversed(shape), strict=True):
        if length != wanted:
            values = [each for i in range(0, len(values), inner) for each in values[i : i + inner] * wanted]
        inner *= wanted
    return values


def _common(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that two shapes are stretched to."""
    if one == other:
        return one
    axes = max(len(one), len(other))
    one, other = (1,) * (axes - len(one)) + one, (1,) * (axes - len(other)) + other
    if any([a != b and 1 not in (a, b) for a, b in zip(one, other, strict=True)]):
        raise ValueError(f"arrays of {one} and {other} cannot be joined")
    return tuple([b if a == 1 else a for a, b in zip(one, other, strict=True)])
