"""Exact arrays do what numpy's int64 arrays do, and numbers beyond 64 bits besides."""

import operator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.algebra.arrays import ExactArray, along, stretched
from archcalc.algebra.dims import any_below, ceil_div, envelope, maximum, minimum

SHAPES = st.tuples(st.sampled_from([(1, 3), (4, 1), (4, 3), (1, 1), (3,), (1,)]), st.sampled_from([(4, 3), (1, 3), ()]))
NUMBERS = st.integers(-1000, 1000)
OPERATIONS = (
    operator.add, operator.sub, operator.mul, operator.lt, operator.le, operator.gt, operator.ge, operator.eq,
    operator.ne, operator.floordiv, operator.mod, maximum, minimum, ceil_div,
)  # fmt: skip


def exact(values: list[int], shape: tuple[int, ...]) -> ExactArray:
    """An array of these numbers, as a sum of rows."""
    if len(shape) == 1:
        return along(values)
    tall, wide = shape
    rows = [along(values[i * wide : (i + 1) * wide], axis=1, axes=2) for i in range(tall)]
    return sum([along([int(i == j) for j in range(tall)], axes=2) * row for i, row in enumerate(rows)], 0)


@st.composite
def pairs(draw: Any) -> list[tuple[Any, Any]]:
    """Two numbers that can be joined, one of them an array, as ours and as numpy's."""
    sides: list[tuple[Any, Any]] = []
    for shape in draw(SHAPES):
        size = int(np.prod(shape))
        values = draw(st.lists(NUMBERS.filter(bool), min_size=size, max_size=size))
        ours = exact(values, shape) if shape else values[0]
        sides.append((ours, np.array(values, dtype=np.int64).reshape(shape) if shape else values[0]))
    return draw(st.permutations(sides))


@settings(deadline=None)
@given(pairs(), st.sampled_from(OPERATIONS))
def test_operations_are_numpys(sides: list[tuple[Any, Any]], operation: Any) -> None:
    (a, x), (b, y) = sides
    if operation is operator.mod and isinstance(a, int):
        a, b, x, y = b, a, y, x
    ours, theirs = operation(a, b), operation(x, y)
    assert ours.shape == theirs.shape
    assert list(ours.values) == theirs.ravel().tolist()
    assert (ours.any(), ours.all(), ours.min(), ours.max()) == (
        theirs.any(), theirs.all(), theirs.min(), theirs.max(),
    )  # fmt: skip
    assert ours[(0,) * len(ours.shape)] == theirs[(0,) * theirs.ndim]
    assert list((-ours).values) == (-theirs.astype(np.int64)).ravel().tolist()
    assert envelope([a, b]).values == maximum(a, b).values
    assert any_below(a, 5) == any_below(x, 5)


def test_an_array_is_indexed_by_numpy_arrays_too() -> None:
    array = along([5, 6, 7], axis=1, axes=2) + along([10, 20], axis=0, axes=2)
    assert array[1, 2] == 27
    assert array[np.array([[0], [1]]), np.array([0, 2])].tolist() == [[15, 17], [25, 27]]


def test_numbers_are_exact_at_any_length() -> None:
    array = along([2**70, 3]) * 2**70
    assert array.values == (2**140, 3 * 2**70)
    assert (along([1, 2]) / 3).values == (Fraction(1, 3), Fraction(2, 3))
    assert (along([2, 3]) ** 2).values == (4, 9)
    assert stretched(7, (2, 2)) == (7, 7, 7, 7)


def test_an_array_is_neither_true_nor_a_size_nor_of_any_shape() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(along([1, 2]))
    with pytest.raises(TypeError):
        range(along([1, 2]))  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="cannot be joined"):
        along([1, 2]) + along([1, 2, 3])
