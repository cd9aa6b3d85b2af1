"""Exact numbers in a small array: a dimension for many sizes or residue classes at once.

An array is a dimension like a numpy one: `+ - * / // %` and comparisons go element by element and stretch axes of
length 1. Its numbers are ints of any length (Fractions after `/`). So the base install counts at many sizes without
numpy; a caller who brings numpy arrays gets numpy arrays.

Sizes that are rounded down repeat, and the sums and products of a network far more so. An array is therefore a sum of
parts, and a part stores, along each axis, only the numbers that differ. The parts are added up where all numbers are
needed, as for a division or a comparison.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from itertools import repeat
from math import prod
from typing import Any, TypeAlias, final

Axes: TypeAlias = tuple[tuple[int, ...], ...]
"""For every axis and every index along it, the position of its numbers among those that are stored."""

FEW = 1024
"""The size up to which an array is always stored as one part."""

_on: Any = operator  # typed loosely: the same functions take ints and Fractions


@final
class ExactArray:
    """Exact numbers along some axes."""

    __slots__ = ("_whole", "parts", "shape")
    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __init__(self, shape: tuple[int, ...], parts: Mapping[Axes, Iterable[Any]]) -> None:
        """Each part has as many axes as the shape, of its lengths or of length 1."""
        self.shape = shape
        self.parts: dict[Axes, tuple[Any, ...]] = {axes: tuple(numbers) for axes, numbers in parts.items()}
        self._whole: tuple[Axes, tuple[Any, ...]] | None = None

    def put_together(self) -> tuple[Axes, tuple[Any, ...]]:
        """The array as one part; the small ones are added first."""
        if self._whole is None:
            parts = sorted(self.parts.items(), key=lambda part: len(part[1]))
            axes, numbers = parts[0] if parts else (((0,),) * len(self.shape), (0,))
            for other, others in parts[1:]:
                axes, numbers = _combined(axes, numbers, other, others, operator.add)
            self._whole = axes, numbers
        return self._whole

    @property
    def values(self) -> tuple[Any, ...]:
        """The number at every place, the last axis fastest."""
        axes, numbers = self.put_together()
        whole = tuple([axis * (length // len(axis)) for axis, length in zip(axes, self.shape, strict=True)])
        return tuple(_taken(numbers, axes, whole))

    def _mapped(self, function: Callable[[Any], Any]) -> ExactArray:
        return ExactArray(self.shape, {axes: map(function, numbers) for axes, numbers in self.parts.items()})

    def _summed(self, other: Any) -> Any:
        if isinstance(other, (int, Fraction)):
            return self._summed(_constant(other, self.shape))
        if not isinstance(other, ExactArray):
            return NotImplemented
        shape = _common(self.shape, other.shape)
        left, right = _padded(self.parts, len(shape)), _padded(other.parts, len(shape))
        both = {axes: tuple(map(operator.add, left[axes], right[axes])) for axes in left.keys() & right.keys()}
        total = ExactArray(shape, {axes: part for axes, part in (left | right | both).items() if any(part)})
        if len(total.parts) > 1 and prod(shape) <= FEW:
            return ExactArray(shape, dict([total.put_together()]))
        return total

    def __add__(self, other: Any) -> Any:
        return self._summed(other)

    __radd__ = __add__

    def __neg__(self) -> ExactArray:
        return self._mapped(operator.neg)

    def __sub__(self, other: Any) -> Any:
        return self._summed(-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self)._summed(other)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, (int, Fraction)):
            return self._mapped(lambda number: number * other)
        if not isinstance(other, ExactArray):
            return NotImplemented
        total = ExactArray(_common(self.shape, other.shape), {})
        left, right = _padded(self.parts, len(total.shape)), _padded(other.parts, len(total.shape))
        for one, numbers in left.items():
            for two, others in right.items():
                total = total + ExactArray(total.shape, dict([_combined(one, numbers, two, others, operator.mul)]))
        return total

    __rmul__ = __mul__

    def _each(self, other: Any, function: Callable[[Any, Any], Any]) -> Any:
        """A function of the numbers of both, element by element, with the parts of each added up first."""
        if isinstance(other, (int, Fraction)):
            axes, numbers = self.put_together()
            return ExactArray(self.shape, {axes: map(function, numbers, repeat(other))})
        if not isinstance(other, ExactArray):
            return NotImplemented
        shape = _common(self.shape, other.shape)
        (one, numbers), (two, others) = [
            next(iter(_padded(dict([side.put_together()]), len(shape)).items())) for side in (self, other)
        ]
        return ExactArray(shape, dict([_combined(one, numbers, two, others, function)]))

    def __truediv__(self, other: Any) -> Any:
        return self._each(other, Fraction)

    def __floordiv__(self, other: Any) -> Any:
        quotient = self._each(other, _on.floordiv)
        return _without_repeats(quotient) if isinstance(quotient, ExactArray) else quotient

    def __rfloordiv__(self, other: Any) -> Any:
        return _constant(other, self.shape) // self

    def __mod__(self, other: Any) -> Any:
        return self._each(other, operator.mod)

    def __pow__(self, power: int) -> Any:
        return self._each(power, _on.pow)

    def __lt__(self, other: Any) -> Any:
        return self._each(other, operator.lt)

    def __le__(self, other: Any) -> Any:
        return self._each(other, operator.le)

    def __gt__(self, other: Any) -> Any:
        return self._each(other, operator.gt)

    def __ge__(self, other: Any) -> Any:
        return self._each(other, operator.ge)

    def __eq__(self, other: object) -> Any:
        return self._each(other, operator.eq)

    def __ne__(self, other: object) -> Any:
        return self._each(other, operator.ne)

    def __bool__(self) -> bool:
        raise TypeError("an array of numbers is neither true nor false")

    def __getitem__(self, index: tuple[Any, ...]) -> Any:
        """The number at an int for every axis; a numpy array of them where an index is one."""
        if all([type(each) is int for each in index]):
            return sum([numbers[_place(axes, index)] for axes, numbers in self.parts.items()])
        import numpy

        axes, numbers = self.put_together()
        kept = numpy.array(numbers, dtype=numpy.int64).reshape([_length(axis) for axis in axes])
        return kept[
            tuple(
                [numpy.array(axis)[each if len(axis) > 1 else 0 * each] for each, axis in zip(index, axes, strict=True)]
            )
        ]

    def __repr__(self) -> str:
        return f"ExactArray of {self.shape}: {self.values}"

    def any(self) -> bool:
        return self[tuple([length - 1 for length in self.shape])] != 0 or any(self.put_together()[1])

    def all(self) -> bool:
        return all(self.put_together()[1])

    def min(self) -> Any:
        return min(self.put_together()[1])

    def max(self) -> Any:
        return max(self.put_together()[1])

    def sign(self) -> int | None:
        """1, 0 or -1; None if it has both signs. Zeros are ignored if there are other numbers; the bounds of the parts
        decide most cases.
        """
        parts = self.parts.values()
        if sum(map(min, parts)) >= 0:
            return int(self.any())
        if sum(map(max, parts)) <= 0:
            return -1
        first, last = self[(0,) * len(self.shape)], self[tuple([length - 1 for length in self.shape])]
        if first * last < 0:
            return None
        low, high = self.min(), self.max()
        return int(high > 0) if low >= 0 else -1 if high <= 0 else None

    @staticmethod
    def extreme(dims: Sequence[Any], largest: bool) -> Any:
        """The largest or the smallest of ints and arrays, element by element."""
        choose = max if largest else min
        array, *others = sorted(dims, key=lambda dim: not isinstance(dim, ExactArray))
        for other in others:
            array = array._each(other, choose)  # noqa: SLF001
        return array


def along(numbers: Sequence[int], axis: int = 0, axes: int = 1) -> ExactArray:
    """Numbers along one of some axes; the others have length 1."""
    own = tuple([tuple(range(len(numbers))) if each == axis else (0,) for each in range(axes)])
    return ExactArray(tuple(map(len, own)), {own: numbers})


def stretched(number: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The numbers of an array, or one number, at every place of a shape that it can be stretched to."""
    return (ExactArray(shape, {}) + number).values


def _constant(number: Any, shape: tuple[int, ...]) -> ExactArray:
    return ExactArray(shape, {((0,),) * len(shape): (number,)})


def _common(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that two shapes are stretched to. Raises ValueError if there is none."""
    if one == other:
        return one
    count = max(len(one), len(other))
    pairs = list(zip((1,) * (count - len(one)) + one, (1,) * (count - len(other)) + other, strict=True))
    if any([a != b and 1 not in (a, b) for a, b in pairs]):
        raise ValueError(f"arrays of {one} and {other} cannot be joined")
    return tuple([b if a == 1 else a for a, b in pairs])


def _padded(parts: dict[Axes, tuple[Any, ...]], count: int) -> dict[Axes, tuple[Any, ...]]:
    """Parts with axes of length 1 added in front, up to a number of axes."""
    return {((0,),) * (count - len(axes)) + axes: numbers for axes, numbers in parts.items()}


@cache
def _length(axis: tuple[int, ...]) -> int:
    """The number of numbers that are stored along an axis."""
    return max(axis) + 1


def _place(axes: Axes, index: tuple[int, ...]) -> int:
    place = 0
    for each, axis in zip(index, axes, strict=True):
        place = place * _length(axis) + axis[each if len(axis) > 1 else 0]
    return place


def _taken(numbers: Sequence[Any], axes: Axes, places: Axes) -> Sequence[Any]:
    """The numbers that are stored at some positions of each axis."""
    inner = 1
    for axis, chosen in zip(reversed(axes), reversed(places), strict=True):
        block = _length(axis) * inner
        starts = range(0, len(numbers), block)
        if chosen == tuple(range(_length(axis))):
            pass
        elif inner == 1:
            numbers = [numbers[start + place] for start in starts for place in chosen]
        else:
            blocks = [start + place * inner for start in starts for place in chosen]
            numbers = [number for first in blocks for number in numbers[first : first + inner]]
        inner *= len(chosen)
    return numbers


def _combined(
    one: Axes, numbers: Sequence[Any], other: Axes, others: Sequence[Any], function: Callable[[Any, Any], Any]
) -> tuple[Axes, tuple[Any, ...]]:
    """The part that a function makes of two parts."""
    axes, mine, theirs = _joined(one, other)
    return axes, tuple(map(function, _taken(numbers, one, mine), _taken(others, other, theirs)))


@lru_cache(4096)
def _joined(one: Axes, other: Axes) -> tuple[Axes, Axes, Axes]:
    """The axes of two parts together, and the positions in each part that they take."""
    axes: list[tuple[tuple[int, ...], ...]] = []
    for a, b in zip(one, other, strict=True):
        pairs = list(zip(a * (len(b) if len(a) == 1 else 1), b * (len(a) if len(b) == 1 else 1), strict=True))
        kept = {pair: place for place, pair in enumerate(dict.fromkeys(pairs))}
        axes.append((tuple([kept[pair] for pair in pairs]), tuple([i for i, _ in kept]), tuple([j for _, j in kept])))
    together, mine, theirs = zip(*axes, strict=True)
    return together, mine, theirs


def _without_repeats(array: ExactArray) -> ExactArray:
    """The array with equal numbers stored once, where they vary along one axis only."""
    axes, numbers = array.put_together()
    long = [place for place, axis in enumerate(axes) if _length(axis) > 1]
    different = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
    if len(long) != 1 or len(different) == len(numbers):
        return array
    own = tuple([different[numbers[place]] for place in axes[long[0]]])
    return ExactArray(array.shape, {(*axes[: long[0]], own, *axes[long[0] + 1 :]): different})
