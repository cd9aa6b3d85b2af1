"""Formulas as trees: reading, printing, evaluating, and working out step by step."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

import numpy
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.algebra.expressions import Constant, Expression, Identifier, Operation, number, parse, parse_claim, worked
from archcalc.base.errors import ArchcalcError

LETTERS = {"H": 224, "C_in": 3, "k_h": 7, "s": 2, "p": -1, "a": 0}
numbers = st.one_of(
    st.integers(-50, 10**6).map(Constant),
    st.integers(-999, 999).map(lambda n: Constant(Fraction(n, 8))),
)
symbols = st.sampled_from(sorted(LETTERS)).map(Identifier)


def joined(children):
    some = st.lists(children, min_size=2, max_size=4)
    return st.one_of(
        st.tuples(st.sampled_from("+*"), some).map(lambda parts: Operation(*parts)),
        st.tuples(st.sampled_from(["max", "min"]), st.lists(children, min_size=1, max_size=3)).map(
            lambda parts: Operation(*parts)
        ),
        st.tuples(st.sampled_from(["-", "floor", "ceil"]), st.tuples(children)).map(lambda parts: Operation(*parts)),
        st.tuples(st.just("/"), st.tuples(children, children)).map(lambda parts: Operation(*parts)),
        st.tuples(children, st.integers(-2, 3)).map(lambda parts: Operation("^", (parts[0], Constant(parts[1])))),
    )


expressions = st.recursive(st.one_of(numbers, symbols), joined, max_leaves=12)


@given(expressions)
def test_what_is_printed_is_read_back_as_the_same_tree(expression: Expression) -> None:
    assert parse(expression.text()) == expression
    assert hash(parse(expression.text())) == hash(expression)


@settings(max_examples=60, deadline=None)
@given(expressions)
def test_the_value_is_the_one_that_sympy_finds(expression: Expression) -> None:
    try:
        value = expression.evaluate(LETTERS)
    except ArchcalcError:
        return  # a division by zero or a huge power
    names = {"ceil": sympy.ceiling, "max": sympy.Max, "min": sympy.Min, "floor": sympy.floor}
    names |= {name: sympy.Integer(each) for name, each in LETTERS.items()}
    theirs = sympy.sympify(expression.text().replace("^", "**"), locals=names, rational=True)
    assert sympy.Rational(value.numerator, value.denominator) == theirs


@given(expressions)
def test_every_step_has_the_same_value_and_the_last_is_the_result(expression: Expression) -> None:
    try:
        value = expression.evaluate(LETTERS)
    except ArchcalcError:
        with pytest.raises(ArchcalcError):
            worked(expression, LETTERS)
        return
    steps = worked(expression, LETTERS)
    assert steps[0] == expression.put(LETTERS)
    assert all(step.evaluate({}) == value for step in steps)
    assert steps[-1] == number(value)


@settings(max_examples=300)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                ["H", "12", "1.5", "+", "-", "*", "/", "//", "^", "**", "(", ")", ",", "max", "sum", "over"]
            ),
            max_size=25,
        ).map(" ".join),
    )
)
def test_any_text_is_a_formula_or_an_error_of_one_line(text: str) -> None:
    try:
        expression = parse(text)
    except ArchcalcError:
        return
    assert parse(expression.text()) == expression


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at 1: a number, a symbol or '(' is expected, not the end"),
        ("H + ", "at 5: a number"),
        ("1/2h", "at 4: '*', or parentheses around what is divided by, is expected, not 'h'"),
        ("1 000", "at 3: an operator or the end is expected, not '000'"),
        ("h = 2", "at 3: an operator or the end is expected, not '='"),
        ("4!!", "at 3: an operator or the end"),
        ("(H + 1", "at 7: ')' is expected, not the end"),
        ("floor H", "at 7: '(' is expected, not 'H'"),
        ("sum(P_l)", "'over' is expected"),
        ("H; import os", "at 2: an operator or the end is expected, not ';'"),
        ("__import__('os')", "at 1: '_' is no part of a formula"),
        ("f(x)", "at 2: an operator or the end"),
        ("H" * 3000, "at most 2000 characters"),
        ("9" * 100, "more than 60 digits"),
        ("(" * 200 + "1" + ")" * 200, "levels deep"),
        ("-" * 200 + "1", "levels deep"),
        ("2^" * 200 + "1", "levels deep"),
        ("(" * 900 + "1" + ")" * 900, "levels deep"),
        ("1" + "/1" * 900, "levels deep"),
    ],
)
def test_an_error_says_where_and_what(text: str, said: str) -> None:
    with pytest.raises(ArchcalcError) as caught:
        parse(text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "text", ["9^9^9^9", "(2^64)^(2^64)", "1 / 0", "0^-1", "2^0.5", "1 // (H - H)", "x + 1", "2^1025", "21!", "0.5!"]
)
def test_what_has_no_value_is_an_error(text: str) -> None:
    with pytest.raises(ArchcalcError):
        parse(text).evaluate({"H": 224})


@pytest.mark.parametrize("mark", ["/1", "//1"])
def test_operations_within_each_other_are_bounded(mark: str) -> None:
    """In 2,000 characters 800 quotients fit into each other, more than Python's stack can hold."""
    text, within = "h", 0
    for level in range(39, -1, -1):
        text, within = f"({text}){mark * (39 - level)}", within + (39 - level)
        if len(text) > 1900:
            break
    assert within > 300
    with pytest.raises(ArchcalcError, match="operations within each other"):
        parse(text)
    few = parse("(" * 30 + "h" + ")" * 30 + mark * 30)
    assert few.evaluate({"h": 7}) == 7
    assert parse(few.text()) == few


def test_what_stands_side_by_side_is_multiplied() -> None:
    assert parse("32h (w + 1)(w - 1) + 3^2 C^2") == parse("32 * h * (w + 1) * (w - 1) + 3^2 * C^2")


def test_a_claim_is_a_condition_on_facts_and_printed_numbers() -> None:
    claim = parse_claim("2 * params(vgg16[aux=true]; conv* fc6) > 60M and side(max_pool[kernel=2, input=N]) = 4!")
    one, other = claim.facts()
    assert claim.evaluate({one: 31 * 10**6, other: 24}) is True
    assert claim.evaluate({one: 30 * 10**6, other: 24}) is False
    assert claim.symbols() == ("N",)
    assert parse_claim(claim.text()) == claim
    with pytest.raises(ArchcalcError, match=r"params\(vgg16\) is no number"):
        claim.evaluate({other: 24})


def test_ints_sympy_and_numpy_agree() -> None:
    size = parse("max(floor((H + 2 * p - k) / s) + 1, ceil(H / s) * 3 // 2 - 50)")
    rest = {"p": 3, "k": 7, "s": 2}
    at = list(range(8, 300))
    exact = [size.evaluate({"H": h, **rest}) for h in at]
    assert size.evaluate({"H": numpy.array(at), **rest}).tolist() == exact
    h = sympy.Symbol("h", integer=True, positive=True)
    symbolic = size.evaluate({"H": h, **rest})
    assert [symbolic.subs(h, each) for each in at[::40]] == exact[::40]


def test_a_division_of_arrays_that_comes_out_even_stays_whole() -> None:
    assert parse("C / g").evaluate({"C": numpy.array([4, 8]), "g": 2}).dtype.kind == "i"


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=5))
def test_sums_and_products_run_over_rows(rows: list[tuple[int, int]]) -> None:
    values = {"k_l": tuple(k for k, _ in rows), "j_l": tuple(j for _, j in rows), "r": 1}
    total = parse("r + sum((k_l - 1) * j_l over l)")
    assert total.evaluate(values) == 1 + sum((k - 1) * j for k, j in rows)
    assert worked(total, values)[-1] == Constant(total.evaluate(values))
    assert parse("prod(k_l over l)").evaluate(values) == reduce(lambda a, b: a * b, values["k_l"], 1)
    assert parse("sum(l * k_l over l)").evaluate(values) == sum(i * k for i, (k, _) in enumerate(rows, 1))


def test_a_sum_needs_as_many_values_of_each_letter() -> None:
    with pytest.raises(ArchcalcError, match="as many values"):
        parse("sum(k_l * j_l over l)").evaluate({"k_l": (1, 2), "j_l": (1,)})


def test_a_teacher_rounds_last() -> None:
    steps = worked(parse("floor((H + 2 * p - k) / s) + 1"), {"H": 224, "p": 3, "k": 7, "s": 2})
    assert [step.text() for step in steps] == [
        "floor((224 + 2 * 3 - 7) / 2) + 1",
        "floor((224 + 6 - 7) / 2) + 1",
        "floor(223 / 2) + 1",
        "floor(111.5) + 1",
        "111 + 1",
        "112",
    ]


def test_latex_and_typst_are_written_as_in_a_paper() -> None:
    size = parse("floor((H + 2 * p - k) / s) + 1")
    assert size.latex() == r"\left\lfloor \frac{H + 2\,p - k}{s} \right\rfloor + 1"
    assert size.typst() == "floor(frac(H + 2 thin p - k, s)) + 1"
    assert parse("C_in * k_h^2").latex() == r"C_{\mathrm{in}}\,k_{h}^{2}"
    assert parse("2 * 3 * 1000 * width_mult").latex() == r"2 \cdot 3 \cdot 1\,000\,\mathrm{width\_mult}"


@settings(max_examples=40, deadline=None)
@given(expressions)
def test_latex_is_understood_by_a_typesetter(expression: Expression) -> None:
    mathtext = pytest.importorskip("matplotlib.mathtext")
    # LaTeX has `cases`, for the members of a maximum of sums; matplotlib has not, and reads them in parentheses
    written = expression.latex().replace(r"\begin{cases}", r"\left(").replace(r"\end{cases}", r"\right)")
    written = written.replace(r" \\ ", ", ")
    mathtext.MathTextParser("path").parse(f"${written}$")


def test_typst_compiles() -> None:
    typst = pytest.importorskip("typst")
    formulas = [
        "floor((H + 2 * p - k) / s) + 1",
        "r_0 - sum(n_l * (k_l - 1) over l)",
        "prod(s_l over l)^2",
        "max(a, -b)",
    ]
    page = "\n".join(f"$ {parse(each).typst()} $" for each in formulas)
    assert typst.compile(page.encode(), format="svg").startswith(b"<svg")


def test_expressions_are_frozen() -> None:
    with pytest.raises(AttributeError):
        parse("a + b").operator = "*"
