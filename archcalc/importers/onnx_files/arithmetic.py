"""Arithmetic of known values: whole numbers, fractions, sizes of any kind, and these times a fraction."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from archcalc.algebra.dims import below, equal, is_int
from archcalc.importers.onnx_files.known import settled
from archcalc.importers.sizes import ARITHMETIC
from archcalc.importers.tensors import Unsupported


def plus(a: Any, b: Any) -> Any:
    """The sum of two values."""
    if is_int(a) and is_int(b):
        return a + b
    return ARITHMETIC["Add"](_number(a), _number(b))


def minus(a: Any, b: Any) -> Any:
    """The difference of two values."""
    if is_int(a) and is_int(b):
        return a - b
    return ARITHMETIC["Add"](_number(a), times(-1, b))


def times(a: Any, b: Any) -> Any:
    """The product of two values."""
    if is_int(a) and is_int(b):
        return a * b
    return ARITHMETIC["Mul"](_number(a), _number(b))


def _number(value: Any) -> Any:
    if isinstance(value, float):
        raise Unsupported("a value is not finite")
    return int(value) if isinstance(value, bool) else value


def divide(a: Any, b: Any, floating: bool) -> Any:
    """The quotient of two values, of whole numbers rounded toward zero. Raises Unsupported for a division by zero."""
    a, b = _number(a), _number(b)
    if isinstance(b, (int, Fraction)) and b == 0:
        raise Unsupported("it divides by zero")
    if floating:
        if isinstance(b, Fraction):
            return times(a, 1 / b)
        return ARITHMETIC["FloatTrueDiv"](a, b)
    if is_int(a) and is_int(b):
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return 0 if _is_small(a, b) else ARITHMETIC["FloorDiv"](a, b)


def modulo(a: Any, b: Any) -> Any:
    """What is left of a division. Raises Unsupported for a division by zero."""
    a, b = _number(a), _number(b)
    if isinstance(b, (int, Fraction)) and b == 0:
        raise Unsupported("it divides by zero")
    if is_int(a) and a < 0 and _is_small(-a, b):
        return plus(a, b)
    return a if _is_small(a, b) else ARITHMETIC["Mod"](a, b)


def _is_small(a: Any, b: Any) -> bool:
    """Return True if a number is below the size that divides it; a polynomial notes the condition."""
    return is_int(a) and a >= 0 and not is_plain(b) and not hasattr(b, "shape") and below(a, settled(b))


def extreme_of(name: str) -> Callable[[Any, Any], Any]:
    """The larger ("Max") or the smaller ("Min") of two values."""

    def extreme(a: Any, b: Any) -> Any:
        if isinstance(a, (int, Fraction, float)) and isinstance(b, (int, Fraction, float)):
            return max(a, b) if name == "Max" else min(a, b)
        return ARITHMETIC[name](a, b)

    return extreme


def is_plain(value: Any) -> bool:
    """Return True for a number, not for a size of another kind."""
    return isinstance(value, (int, Fraction, float))


def equal_values(a: Any, b: Any) -> bool:
    """Return True if two values are equal; a polynomial notes the condition."""
    return bool(a == b) if is_plain(a) and is_plain(b) else equal(settled(a), settled(b))


def below_value(a: Any, b: Any) -> bool:
    """Return True if a value is below another; a polynomial notes the condition."""
    return bool(a < b) if is_plain(a) and is_plain(b) else below(settled(a), settled(b))


def rounded_down(value: Any) -> Any:
    """The largest whole number that is not above a value."""
    return ARITHMETIC["floor"](_number(value))


def toward_zero(value: Any) -> Any:
    """A value without its fraction."""
    return int(value) if is_plain(_number(value)) else rounded_down(value)


def rounded_up(value: Any) -> Any:
    """The smallest whole number that is not below a value."""
    return ARITHMETIC["ceiling"](_number(value))


def rounded(value: Any) -> Any:
    """The nearest whole number."""
    return round(value) if is_plain(_number(value)) else rounded_down(plus(value, Fraction(1, 2)))
