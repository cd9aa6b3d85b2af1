"""Printed numbers and the small arithmetic of selectors: what is read, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc import ArchcalcError
from archcalc.algebra.amounts import read_printed
from archcalc.algebra.expressions import Fact, parse_claim


@given(st.integers(1, 10**15), st.integers(1, 9))
def test_a_number_stays_within_the_digits_that_it_is_rounded_to(number: int, digits: int) -> None:
    strict, *_ = read_printed(f"{number:.{digits - 1}e}").spans()
    assert strict.holds(Fraction(number))
    assert not strict.holds(number + (strict.high - strict.low) * 2)


@given(st.integers(0, 10**15))
def test_a_number_with_all_its_digits_is_itself_and_no_other(number: int) -> None:
    for text in (f"{number:,}", str(number)):
        printed = read_printed(text)
        assert printed.value == number
        strict = printed.spans()[0]
        assert not strict.holds(number + 1)
        assert not strict.holds(number - 1)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("25.6M", 25_550_000, 25_650_000, ""),
        ("3.8G", 3_750_000_000, 3_850_000_000, ""),
        ("3.8B", 3_750_000_000, 3_850_000_000, ""),
        ("3.8 billion", 3_750_000_000, 3_850_000_000, ""),
        ("~4.1 GFLOPs", 4_050_000_000, 4_150_000_000, "FLOPs"),
        ("about 569 million mult-adds", 568_500_000, 569_500_000, "mult-adds"),
        ("4.1 GMACs", 4_050_000_000, 4_150_000_000, "mult-adds"),
        ("138,357,544", 138_357_543.5, 138_357_544.5, ""),
        ("1.8·10^18", 1_750_000_000_000_000_000, 1_850_000_000_000_000_000, ""),
        ("1.8e9", 1_750_000_000, 1_850_000_000, ""),
        ("98 MB", 97_500_000, 98_500_000, "bytes"),
        ("98MiB", 97.5 * 2**20, 98.5 * 2**20, "bytes"),
        ("0.6M", 550_000, 650_000, ""),
        ("<0.5MB", 450_000, 550_000, "bytes"),
        ("22 layers", 21.5, 22.5, "layers"),
        ("16.4 %", 0.1635, 0.1645, "%"),
        ("12x", 11.5, 12.5, "x"),
    ],
)
def test_a_printed_number_stands_for_half_a_unit_of_its_last_digit(
    text: str, low: float, high: float, unit: str
) -> None:
    printed = read_printed(text)
    assert [float(side) for side in printed.spans()[0][:2]] == [low, high]
    assert printed.unit == unit


def test_zeros_at_the_end_may_only_hold_places_down_to_two_digits() -> None:
    ways = {span.reading: (span.low, span.high) for span in read_printed("15300M").spans()}
    assert ways["final zeros hold places"] == (15_250_000_000, 15_350_000_000)
    for text in ("60M", "10", "5.0M", "1,728"):
        assert "final zeros hold places" not in {span.reading for span in read_printed(text).spans()}


def test_a_point_before_three_digits_may_separate_thousands() -> None:
    assert any(span.holds(1728) for span in read_printed("1.728").spans())
    assert not any(span.holds(1728) for span in read_printed("1.728M").spans())


@pytest.mark.parametrize("text", ["3,8", "", "M", "4.1 furlongs", "3.8.1G", "1,23,456", "--3", "3G 4G", "x" * 300])
def test_what_is_no_printed_number_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ArchcalcError, match="expected a number such as") as caught:
        read_printed(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(227-11)/4+1", 55),
        ("(3*3*3)*64", 1728),
        ("2 * 3 ^ 2", 18),
        ("(2*3)(4)", 24),
        ("4! / 3", 8),
        ("60M / 12", 5_000_000),
        ("7*7*512*4096", 102_760_448),
        ("1/4", Fraction(1, 4)),
        ("2 - 3 - 4", -5),
    ],
)
def test_arithmetic_is_read_as_it_is_printed(text: str, number: int) -> None:
    assert parse_claim(text).evaluate({}) == number


def test_letters_multiply_when_they_stand_side_by_side() -> None:
    assert parse_claim("3 * (3^2 C^2)").evaluate({"C": 5}) == 27 * 25
    assert parse_claim("(N_in - F + 2P)/S + 1").evaluate({"N_in": 7, "F": 3, "P": 1, "S": 2}) == 4


def test_a_fact_names_a_network_its_settings_and_its_rows() -> None:
    (fact,) = parse_claim("params(mobilenet_v1_1.0_224[classes=120, aux=true]; conv*  14x14x512->*_pw)").facts()
    assert isinstance(fact, Fact)
    assert (fact.quantity, fact.subject.name) == ("params", "mobilenet_v1_1.0_224")
    assert fact.rows == ("conv*", "14x14x512->*_pw")
    assert parse_claim(fact.text()) == fact


@pytest.mark.parametrize(
    "text",
    [
        "params(vgg16",
        "params()",
        "params(vgg16;)",
        "1 +",
        "* 2",
        "(1",
        "1)",
        "__import__('os')",
        "params(vgg16[classes])",
        "1 = 2 = 3",
        "(" * 100 + "1" + ")" * 100,
        "1+" * 1000 + "1",
    ],
)
def test_what_is_no_expression_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ArchcalcError) as caught:
        parse_claim(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("text", ["2^1000", "30!", "x + 1", "vgg16", "1/0"])
def test_what_has_no_value_is_refused(text: str) -> None:
    with pytest.raises(ArchcalcError):
        parse_claim(text).evaluate({})
