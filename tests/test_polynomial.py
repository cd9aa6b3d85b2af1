"""Polynomials as dimensions: the laws of their arithmetic, with sympy and plain numbers as oracles."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra.dims import (
    any_below,
    below,
    ceil_div,
    ceil_to,
    envelope,
    equal,
    floor,
    known_to_differ,
    maximum,
    minimum,
)
from archcalc.algebra.polynomial import Polynomial, Space
from archcalc.algebra.unsettled import NeedsPeriod, NotPolynomial, Unsettled
from archcalc.forms.results import number_at, to_sympy

h, w = sympy.symbols("h w", integer=True, nonnegative=True)
NAMES = ("h", "w")
coefficients = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 2)), st.integers(-(10**6), 10**6), min_size=1, max_size=5
)


def build(terms: dict[tuple[int, int], int], space: Space) -> Any:
    """A polynomial from its coefficients, by the operations themselves."""
    total: Any = 0
    for (i, j), number in terms.items():
        total = total + number * space.symbol("h") ** i * space.symbol("w") ** j
    return total


def oracle(terms: dict[tuple[int, int], int]) -> sympy.Expr:
    return sum((number * h**i * w**j for (i, j), number in terms.items()), sympy.Integer(0))


@given(coefficients, coefficients)
def test_sums_differences_and_products_are_those_of_sympy(left: Any, right: Any) -> None:
    space = Space(NAMES)
    a, b = build(left, space), build(right, space)
    for ours, theirs in (
        (a + b, oracle(left) + oracle(right)),
        (a - b, oracle(left) - oracle(right)),
        (a * b, oracle(left) * oracle(right)),
        (3 - a, 3 - oracle(left)),
        (-a * 5, -5 * oracle(left)),
    ):
        assert sympy.expand(to_sympy(ours) - theirs) == 0


@given(coefficients, st.integers(0, 50), st.integers(0, 50))
def test_a_value_is_what_plain_numbers_give(terms: Any, tall: int, wide: int) -> None:
    value = number_at(build(terms, Space(NAMES)), {"h": tall, "w": wide})
    assert value == sum(number * tall**i * wide**j for (i, j), number in terms.items())


@given(coefficients, st.integers(1, 64), st.integers(0, 60), st.integers(0, 60))
def test_a_settled_quotient_is_the_floor_everywhere(terms: Any, divisor: int, tall: int, wide: int) -> None:
    """Where `//` answers with a polynomial, its values are the floors of the quotients; negative ones too."""
    a = build(terms, Space(NAMES))
    quotient = a // divisor
    if not isinstance(quotient, Unsettled):
        point = {"h": tall, "w": wide}
        assert number_at(quotient, point) == number_at(a, point) // divisor


@given(st.integers(1, 40), st.integers(-100, 100), st.integers(1, 24), st.integers(0, 40))
def test_an_unsettled_quotient_settles_on_the_symbol_that_it_asks_for(
    slope: int, constant: int, divisor: int, value: int
) -> None:
    """What the quotient lacks, put into the symbol, makes it exact: h becomes `factor * h + r` for every residue r."""
    first = (slope * Space(("h",)).symbol("h") + constant) // divisor
    factor = first.factors[0] if isinstance(first, Unsettled) else 1
    residue, turns = value % factor, value // factor
    again = (slope * (Space(("h",)).symbol("h") * factor + residue) + constant) // divisor
    assert not isinstance(again, Unsettled)
    assert number_at(again, {"h": turns}) == (slope * value + constant) // divisor


@given(st.integers(1, 9), st.lists(st.integers(-50, 50), min_size=1, max_size=12), st.integers(1, 12))
def test_a_constant_of_every_residue_class_is_divided_class_by_class(
    slope: int, constants: list[int], divisor: int
) -> None:
    space = Space(("h",))
    quotient = (slope * divisor * space.symbol("h") + space.spread("h", constants)) // divisor
    for residue, constant in enumerate(constants):
        found = number_at(quotient, {"h": 7}, {"h": residue})
        assert found == (slope * divisor * 7 + constant) // divisor


@given(coefficients, coefficients)
def test_a_product_divided_by_a_factor_is_the_other(left: Any, right: Any) -> None:
    space = Space(NAMES)
    a, b = build(left, space), build(right, space)
    if isinstance(a, Polynomial) and isinstance(b, Polynomial):
        assert (a * b) // b == a


def test_a_division_that_leaves_a_remainder_is_refused() -> None:
    symbol = Space(("h",)).symbol("h")
    with pytest.raises(NotPolynomial, match=r"is no polynomial"):
        (symbol + 1) // (symbol + 2)
    with pytest.raises(NotPolynomial, match=r"64 // \(h\) is no polynomial"):
        64 // symbol


@given(st.lists(coefficients, min_size=1, max_size=6), st.integers(0, 30), st.integers(0, 30))
def test_an_envelope_is_the_largest_of_its_members_everywhere(members: Any, tall: int, wide: int) -> None:
    space = Space(NAMES)
    counts = [build({key: abs(number) for key, number in terms.items()}, space) for terms in members]
    point = {"h": tall, "w": wide}
    assert number_at(envelope(counts), point) == max(number_at(count, point) for count in counts)


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-200, 200), st.integers(0, 40), st.integers(0, 40))
def test_a_comparison_holds_wherever_the_conditions_that_it_noted_hold(
    slope: int, constant: int, bound: int, near: int, value: int
) -> None:
    """What was decided at the near value is true at every value that the space does not rule out."""
    space = Space(("h",), near={"h": near})
    a = slope * space.symbol("h") + constant
    below = any_below(a, bound)
    largest = maximum(a, bound)
    smallest = minimum(a, bound)
    if all(number_at(condition, {"h": value}) >= 0 for condition in space.at_least):
        number = slope * value + constant
        assert below == (number < bound)
        assert number_at(largest, {"h": value}) == max(number, bound)
        assert number_at(smallest, {"h": value}) == min(number, bound)


@given(coefficients, coefficients, st.integers(0, 9), st.integers(0, 9))
def test_a_plain_comparison_notes_nothing_and_answers_only_what_holds_everywhere(left, right, tall, wide) -> None:
    space = Space(NAMES, near={"h": 1, "w": 1})
    a, b = build(left, space), build(right, space)
    point = {"h": tall, "w": wide}
    x, y = number_at(a, point), number_at(b, point)
    assert (a == b) == (sympy.expand(oracle(left) - oracle(right)) == 0)
    for answer, truth in (
        (lambda: a < b, x < y),
        (lambda: a <= b, x <= y),
        (lambda: a > b, x > y),
        (lambda: a >= b, x >= y),
        (lambda: bool(a), x != 0),
    ):
        with suppress(NotPolynomial):
            assert answer() == truth
    assert not {*space.at_least, *space.zero, *space.nonzero, *space.whole}


def test_a_structure_that_depends_on_a_size_is_noted() -> None:
    space = Space(("h",), near={"h": 3})
    h = space.symbol("h")
    assert not equal(h, 4)
    assert [str(condition) for condition in space.nonzero] == ["h - 4"]
    assert below(h, 5)
    assert [str(condition) for condition in space.at_least] == ["-1*h + 4"]
    with pytest.raises(NeedsPeriod):
        equal(h // 2, 1)


@pytest.mark.parametrize(
    "operation",
    [
        lambda h: 1 / h,
        lambda h: h / (h + 1),
        lambda h: h**-1,
        lambda h: h**0.5,
        lambda h: h ** Fraction(1, 2),
        lambda h: h**h,
        lambda h: 2**h,
        lambda h: h // 0.5,
        lambda h: 7 % h,
        lambda h: (1 + h) ** 9999,
        lambda h: ((1 + h) ** 9) ** 9,
        lambda h: reduce(mul, [h + i for i in range(2000)]),
        round,
        float,
    ],
)
def test_what_is_no_polynomial_is_refused_at_once_in_a_sentence(operation: Any) -> None:
    with pytest.raises(NotPolynomial) as caught:
        operation(Space(("h",)).symbol("h"))
    assert len(str(caught.value)) < 200


def test_helpers_of_formulas_take_polynomials() -> None:
    symbol = Space(("h",)).symbol("h")
    assert ceil_div(4 * symbol + 1, 4) == symbol + 1
    assert ceil_to(4 * symbol - 3, 4) == 4 * symbol
    assert floor(symbol) == symbol
    assert known_to_differ(symbol, symbol + 1)
    assert not known_to_differ(symbol, symbol * 1)


def test_a_real_symbol_notes_what_must_be_whole() -> None:
    """Channels times a width multiplier are whole where 32 alpha is."""
    space = Space(("alpha",), real=("alpha",))
    assert floor(32 * space.symbol("alpha")) == 32 * space.symbol("alpha")
    assert [str(condition) for condition in space.whole] == ["32*alpha"]
    assert floor(space.symbol("alpha") * 0.5 * 3).value({"alpha": Fraction(2)}) == 3


def test_what_needs_a_number_refuses_a_symbol() -> None:
    symbol = Space(("n",)).symbol("n")
    with pytest.raises(NotPolynomial, match="n shapes the network: it needs a number"):
        range(symbol)
    with pytest.raises(NeedsPeriod):
        bool(symbol // 2 > 1)


def test_array_values_are_the_values_one_by_one() -> None:
    space = Space(NAMES)
    a = space.symbol("h") ** 2 * 3 - space.symbol("w") + 7
    tall, wide = np.arange(6)[:, None], np.arange(5)[None, :]
    values = number_at(a, {"h": tall, "w": wide})
    assert values.tolist() == [[3 * i * i - j + 7 for j in range(5)] for i in range(6)]
