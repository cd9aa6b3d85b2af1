"""Polynomials run backwards, against trying every number."""

from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra import curves

coefficients = st.lists(st.integers(-20, 20), min_size=1, max_size=5).map(curves.trimmed)
any_curve = st.lists(coefficients, min_size=1, max_size=3).map(tuple)


def numbers(intervals: curves.Intervals) -> list[int]:
    return [n for first, last in intervals for n in range(first, last + 1)]


@given(any_curve, st.integers(-4000, 4000), st.integers(-6, 6), st.integers(-1, 40))
def test_where_a_curve_lies_below_or_above_a_bound_is_what_trying_every_number_finds(curve, bound, low, length) -> None:
    every = range(low, low + length + 1)
    above = [n for n in every if curves.curve_at(curve, n) >= bound]
    below = [n for n in every if curves.curve_at(curve, n) <= bound]
    assert numbers(curves.where_at_least(curve, bound, low, low + length)) == above
    assert numbers(curves.where_at_most(curve, bound, low, low + length)) == below


@given(any_curve, st.integers(-4000, 4000), st.integers(1, 30), st.integers(0, 29), st.integers(1, 30))
def test_the_extreme_multiple_of_a_residue_class_is_what_trying_every_number_finds(
    curve, bound, period, residue, of
) -> None:
    where = curves.where_at_most(curve, bound, -9, 60)
    allowed = [n for n in numbers(where) if (period * n + residue) % of == 0]
    progression = curves.Progression(period, residue)
    assert progression.extreme(where, of, largest=True) == max(allowed, default=None)
    assert progression.extreme(where, of, largest=False) == min(allowed, default=None)


@given(coefficients.filter(lambda part: len(part) <= 4), st.integers(-9, 9), st.integers(-9, 9))
def test_a_polynomial_is_found_again_from_its_values_and_moves_with_its_argument(part, scale, start) -> None:
    assert curves.interpolated([curves.polynomial_at(part, n) for n in range(8)], 3, 2) == part
    (moved,) = curves.shifted((part,), scale, start)
    assert all(curves.polynomial_at(moved, n) == curves.polynomial_at(part, scale * n + start) for n in range(-3, 4))


@given(coefficients, st.lists(st.integers(-30, 30), min_size=6, max_size=9, unique=True))
def test_the_polynomial_through_any_points_is_the_one_they_lie_on(part, places) -> None:
    assert curves.through(places, [curves.polynomial_at(part, n) for n in places]) == part


def test_powers_of_two_are_no_polynomial() -> None:
    assert curves.interpolated([2**n for n in range(8)], 3, 2) is None
