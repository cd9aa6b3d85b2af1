"""Dimensions: the numbers that formulas are written in.

A dimension is an `int`, an integer-valued sympy expression, a numpy int64 array, or a `Polynomial`. A formula uses
`+ - * //` and the helpers below on it, and never compares it: sympy cannot decide, numpy decides for every element, and
a polynomial has to note the sizes for which the decision is right. Neither library is imported here before a dimension
of its kind is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any, Protocol, TypeAlias, TypeGuard


class Number(Protocol):
    """The arithmetic of an int that formulas use, and that sympy expressions and numpy arrays have too."""

    def __add__(self, other: Any, /) -> Any: ...
    def __radd__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __rsub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __rmul__(self, other: Any, /) -> Any: ...
    def __floordiv__(self, other: Any, /) -> Any: ...
    def __rfloordiv__(self, other: Any, /) -> Any: ...
    def __neg__(self) -> Any: ...


Dim: TypeAlias = int | Number
Shape: TypeAlias = tuple[Dim, ...]
"""A tensor's shape without its batch dimension: (channels, height, width) for a feature map."""


def is_int(dim: object) -> TypeGuard[int]:
    """Return True if a dimension is a plain int, so that a rule can be checked on it."""
    return type(dim) is int


def product(dims: Shape) -> Dim:
    """The product of some dimensions; 1 for none."""
    total: Dim = 1
    for dim in dims:
        total = total * dim
    return total


def ceil_div(a: Dim, b: Dim) -> Dim:
    """The quotient a / b rounded up, for b > 0."""
    return -(-a // b)


def ceil_to(a: Dim, b: Dim) -> Dim:
    """The smallest multiple of b that is not below a, for b > 0."""
    return ceil_div(a, b) * b


def floor(dim: Any) -> Any:
    """A real number, such as channels times a width multiplier, rounded down to a dimension."""
    return int(dim) if isinstance(dim, (int, float)) else dim // 1


def maximum(*dims: Dim) -> Dim:
    """The largest dimension, element by element for arrays, `sympy.Max` for expressions."""
    return _extreme(dims, max, "Max", "maximum")


def minimum(*dims: Dim) -> Dim:
    """The smallest dimension, element by element for arrays, `sympy.Min` for expressions."""
    return _extreme(dims, min, "Min", "minimum")


def envelope(dims: Sequence[Any]) -> Any:
    """The largest of some counts, none of them negative; of polynomials all that may be the largest somewhere.

    Equal ones are compared once, as a network repeats its blocks; sympy's are not compared, which would take seconds.
    """
    if any([hasattr(dim, "free_symbols") for dim in dims]):
        import sympy as library

        sympy: Any = library
        return sympy.Max(*{sympy.expand(dim): None for dim in dims}, evaluate=False)
    different = list(dict.fromkeys(dims) if not any([hasattr(dim, "shape") for dim in dims]) else dims)
    polynomial = next((dim for dim in different if hasattr(dim, "envelope")), None)
    return maximum(*different) if polynomial is None else polynomial.envelope(different)


def _extreme(dims: Any, ints: Any, symbolic: str, elementwise: str) -> Any:
    if all([type(dim) is int for dim in dims]):
        return ints(dims)
    polynomial = next((dim for dim in dims if hasattr(dim, "extreme")), None)
    if polynomial is not None:
        return polynomial.extreme(dims, symbolic == "Max")
    if any([hasattr(dim, "free_symbols") for dim in dims]):
        import sympy

        return getattr(sympy, symbolic)(*dims)
    import numpy

    return getattr(numpy, elementwise).reduce(numpy.broadcast_arrays(*dims))


def known_to_differ(a: Dim, b: Dim) -> bool:
    """Return True if two sizes are known to differ. A polynomial that may be equal notes the condition that it is."""
    if type(a) is int and type(b) is int:
        return a != b
    for dim, other in ((a, b), (b, a)):
        differs: Any = getattr(dim, "differs_from", None)
        if differs is not None:
            return differs(other)
    return False


def known_equal(a: Dim, b: Dim) -> bool:
    """Return True if two sizes are known to be equal, whatever the values of their symbols.

    Of a polynomial that is not, the space notes the condition that it is not.

    >>> known_equal(64, 64)
    True
    """
    if a is b:
        return True
    difference: Any = a - b
    if hasattr(difference, "zero"):
        return difference.zero()
    equal: Any = difference == 0
    return bool(equal.all()) if hasattr(equal, "all") else bool(equal)


def certainly_equal(a: Any, b: Any) -> bool:
    """Return True if two sizes are equal as they are written: equal numbers, or the same polynomial.

    It notes no condition: use it where the answer changes no formula for sizes that the space allows.

    >>> certainly_equal(64, 64)
    True
    """
    if a is b:
        return True
    same: Any = a == b
    return bool(same.all()) if hasattr(same, "all") else bool(same)


choosing_layers: ContextVar[bool] = ContextVar("choosing_layers", default=False)
"""True while a network is built: `==` of polynomials notes no condition, so it is refused there if it would decide."""


def equal(a: Any, b: Any) -> bool:
    """Return True if two sizes are equal. Use it to choose the layers of a network: a closed form notes the condition.

    In a function that builds a network, plain `==` of sizes or hyperparameters makes closed forms impossible: they are
    refused. Raises ValueError for arrays, as one network cannot have the layers of several sizes.

    >>> equal(64, 64)
    True
    """
    if type(a) is int and type(b) is int:
        return a == b
    difference: Any = a - b
    return difference.zero() if hasattr(difference, "negative") else bool(difference == 0)


def below(a: Any, b: Any) -> bool:
    """Return True if a size is below another. Use it to choose the layers of a network, as `equal`.

    A closed form notes the condition. Raises ValueError for arrays, as one network cannot have the layers of several
    sizes.

    >>> below(64, 128)
    True
    """
    if type(a) is int and type(b) is int:
        return a < b
    difference: Any = a - b
    return difference.negative() if hasattr(difference, "negative") else bool(difference < 0)


def any_below(dim: Any, bound: Any) -> bool:
    """Return True if a size, or any element of an array, is known to be below a bound.

    A sympy expression with symbols is not known to be; a polynomial notes the condition under which the answer holds.
    """
    if type(dim) is int and type(bound) is int:
        return dim < bound
    difference: Any = dim - bound
    if hasattr(difference, "negative"):
        return difference.negative()
    below: Any = difference < 0
    if hasattr(below, "any"):
        return bool(below.any())
    return str(below) == "True"
