"""Small tensors whose values are known while the graph is built, such as sizes: ONNX computes them by its own nodes.

A value is a whole number, a fraction for a real number, a truth value, or a size of any kind: so sizes that a file
computes from its input's are right for symbols too.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product as places
from math import prod
from typing import Any, NamedTuple

from archcalc.algebra.dims import is_int
from archcalc.base.errors import RuleError
from archcalc.importers.sizes import Scaled
from archcalc.importers.tensors import Unsupported

MOST = 4096
"""Values of one tensor, at most."""
LARGEST_NUMBER = 2**80
LONGEST_DENOMINATOR = 2000
"""Bits."""


class Numbers(NamedTuple):
    """Known values in order, and the sizes of their tensor."""

    values: tuple[Any, ...]
    dims: tuple[int, ...]
    floating: bool = False

    @property
    def whole(self) -> list[Any]:
        """The values as sizes. Raises Unsupported if one is no whole number."""
        return [settled(value) for value in self.values]


def known(values: Sequence[Any], dims: Sequence[int], floating: bool = False) -> Numbers:
    """Values as a tensor. Raises Unsupported for too many, or for numbers that no size reaches."""
    if len(values) > MOST:
        raise Unsupported(f"more than {MOST} values")
    for value in values:
        if type(value) is int:
            if not -LARGEST_NUMBER < value < LARGEST_NUMBER:
                raise Unsupported("a number is too large")
        elif isinstance(value, Fraction) and abs(value) > LARGEST_NUMBER:
            raise Unsupported("a number is too large")
        elif isinstance(value, (Fraction, Scaled)) and _fraction(value).denominator.bit_length() > LONGEST_DENOMINATOR:
            raise Unsupported("a number has too many digits")
    return Numbers(tuple(values), tuple(dims), floating)


def _fraction(value: Fraction | Scaled) -> Fraction:
    return value.factor if isinstance(value, Scaled) else value


def real(value: Any) -> Any:
    """A value of a file as it is computed with: a fraction for a real number that has one."""
    if isinstance(value, float):
        return Fraction(value) if value - value == 0 else value
    return value


def settled(value: Any) -> Any:
    """A value as a size. Raises Unsupported for one that is no whole number."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    if isinstance(value, (Fraction, float, Scaled)):
        raise Unsupported("a size is no whole number")
    return value


def broadcast_dims(*each: Sequence[int]) -> tuple[int, ...]:
    """The sizes of tensors brought to one shape. Raises Unsupported for sizes that do not match."""
    axes = max([len(dims) for dims in each], default=0)
    result = [1] * axes
    for dims in each:
        for axis, size in enumerate(dims, axes - len(dims)):
            if size != 1:
                if result[axis] not in (1, size):
                    raise Unsupported("sizes do not match")
                result[axis] = size
    if prod(result) > MOST:
        raise Unsupported(f"more than {MOST} values")
    return tuple(result)


def spread(numbers: Numbers, dims: Sequence[int]) -> list[Any]:
    """The values of a tensor repeated to other sizes."""
    own = (1,) * (len(dims) - len(numbers.dims)) + numbers.dims
    steps = [prod(own[axis + 1 :]) if size != 1 else 0 for axis, size in enumerate(own)]
    return [
        numbers.values[sum([step * place for step, place in zip(steps, at, strict=True)])]
        for at in places(*map(range, dims))
    ]


def taken(numbers: Numbers, axis: int, positions: Sequence[int], keep: bool = True) -> Numbers:
    """Some positions of an axis; without `keep` the axis is gone."""
    inner = prod(numbers.dims[axis + 1 :])
    size = numbers.dims[axis]
    values: list[Any] = []
    for outer in range(prod(numbers.dims[:axis])):
        for position in positions:
            start = (outer * size + position) * inner
            values += numbers.values[start : start + inner]
    new = [len(positions)] if keep else []
    return known(values, [*numbers.dims[:axis], *new, *numbers.dims[axis + 1 :]], numbers.floating)


def axis_in(axis: int, axes: int) -> int:
    """An axis counted from the first. Raises RuleError if there is none."""
    if not -axes <= axis < axes:
        raise RuleError(f"there is no axis {axis}")
    return axis % axes


def unsqueezed(dims: Sequence[Any], axes: Sequence[int]) -> list[Any]:
    """Sizes with axes of size 1 added."""
    total = len(dims) + len(axes)
    new = {axis_in(axis, total) for axis in axes}
    rest = iter(dims)
    return [1 if axis in new else next(rest) for axis in range(total)]


def squeezed(dims: Sequence[Any], axes: Sequence[int] | None) -> list[Any]:
    """Sizes without some axes of size 1, or without all of them."""
    if axes is None:
        return [size for size in dims if not (is_int(size) and size == 1)]
    gone = {axis_in(axis, len(dims)) for axis in axes}
    return [size for axis, size in enumerate(dims) if axis not in gone]
