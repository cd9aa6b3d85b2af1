"""Inverses of closed forms: the value of a variable at which a quantity is T, as a formula up to degree 2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.algebra.curves import Coefficients, Curve, Number, cleared, count_of, curve_of, derivative, polynomial_at
from archcalc.algebra.notation import name_in, written
from archcalc.analysis.quantities import QUANTITIES
from archcalc.base.errors import ArchcalcError
from archcalc.forms.results import Formula
from archcalc.graph import Real
from archcalc.search.closed_form_curves import form_at
from archcalc.search.cost_curves import CostCurve
from archcalc.search.targets import Target
from archcalc.search.variables import Variable, VariedNetwork


class Inverse(NamedTuple):
    """The closed form of one quantity in one letter, where it holds, and the letter as a formula in T."""

    quantity: str
    unit: str
    letter: str
    domain: str
    """The values for which it holds: `S = 32s, s >= 1`."""
    formula: Formula
    text: str
    """The letter as a formula in T; empty above degree 2."""
    latex: str
    letter_at: str
    """The letter at which the quantity equals T, to ten digits; empty without a formula, or if it never equals T."""
    value_at: str
    """The value of the variable at that letter."""
    target: int


def inverses(
    varied: VariedNetwork, variable: Variable, cost_curve: CostCurve, targets: Sequence[Target], value: Any
) -> Iterator[Inverse]:
    """Inverses of the closed forms that hold at a value."""
    if isinstance(variable.kind, Real):
        yield from _of_real(varied, variable, targets, value)
    for (period, residue), numbers, curves in cost_curve.pieces:
        n, rest = divmod(value - residue, period)
        if rest or not any(first <= n <= last for first, last in numbers):
            continue
        letter, definition = lettered(variable, period, residue)
        gaps = "" if len(numbers) == 1 else ", with gaps"
        domain = f"{definition}{letter} >= {numbers[0][0]}{gaps}"
        for target in targets:
            curve = curves[target.quantity]
            yield _inverse(target, letter, (period, residue), curve, Formula(count_of(curve, letter)), n, domain)


def lettered(variable: Variable, period: int, residue: int) -> tuple[str, str]:
    """The letter of a closed form for every period-th value, and its definition."""
    if (period, residue) == (1, 0):
        return variable.symbol, ""
    letter = "s" if variable.symbol == "S" else "n"
    scaled = letter if period == 1 else f"{period}{letter}"
    return letter, f"{variable.symbol} = {scaled}{f' + {residue}' if residue else ''}, "


def _of_real(varied: VariedNetwork, variable: Variable, targets: Sequence[Target], value: Any) -> Iterator[Inverse]:
    """Inverses near a value of a real-number variable: exact if all numbers of channels are whole."""
    try:
        form = form_at(varied, variable, value)
    except ArchcalcError:
        return
    symbol = form.symbols[0]
    for target in targets:
        if target.quantity in form.quantities:
            formula = form.quantities[target.quantity]
            at = Fraction(str(value))
            yield _inverse(target, symbol.letter, (1, 0), curve_of(formula.value), formula, at, symbol.definition())


def _inverse(
    target: Target,
    letter: str,
    progression: tuple[int, int],
    curve: Curve,
    formula: Formula,
    near: Number,
    domain: str,
) -> Inverse:
    """The inverse of the polynomial that is the largest of a curve near a value of the letter."""
    part = max(curve, key=lambda each: polynomial_at(each, near))
    rising = polynomial_at(derivative(part), near) >= 0
    solved = solution(part, target.value, rising=rising) if len(part) <= 3 else None
    period, residue = progression
    unit = QUANTITIES[target.quantity].unit
    return Inverse(
        target.quantity,
        unit,
        letter,
        domain,
        Formula(formula.value, unit),
        inverse_text(part, letter, rising=rising),
        inverse_latex(part, letter, rising=rising),
        _digits(solved),
        _digits(None if solved is None else solved * period + residue),
        target.value,
    )


def _digits(value: Decimal | None) -> str:
    if value is None:
        return ""
    text = f"{value:.10g}"
    return text.rstrip("0").rstrip(".") if "." in text and "E" not in text.upper() else text


def solution(part: Coefficients, target: int, *, rising: bool) -> Decimal | None:
    """The point at which a polynomial of degree 1 or 2 equals a target, on its rising or falling side, or None."""
    with localcontext() as context:
        context.prec = 60
        c, b, a = [Decimal(Fraction(each).numerator) / Fraction(each).denominator for each in (*part, 0, 0)[:3]]
        if not a:
            return None if not b else (Decimal(target) - c) / b
        inside = b * b + 4 * a * (target - c)
        if inside < 0:
            return None
        return (-b + (1 if rising else -1) * inside.sqrt()) / (2 * a)


def inverse_text(part: Coefficients, letter: str, *, rising: bool = True) -> str:
    """The letter as a formula in T, in Python's notation except for `^`; empty if there is none."""
    if not 2 <= len(part) <= 3:
        return ""
    (c, b, *rest), below = cleared(part)
    scaled = "T" if below == 1 else f"{below}*T"
    excess = scaled + (f" - {c}" if c > 0 else f" + {-c}" if c else "")
    if not rest:
        return f"{letter} = {_divided(excess, b)}"
    a = rest[0]
    root = "sqrt" if rising else "-sqrt"
    if not b:
        return f"{letter} = {root}({_divided(excess, a)})"
    grouped = f"({excess})" if c else excess
    sign = "+" if rising else "-"
    return f"{letter} = ({-b} {sign} sqrt({abs(b)}^2 + {4 * a}*{grouped}))/{_bracketed(2 * a)}"


def _bracketed(number: int) -> str:
    return f"({number})" if number < 0 else str(number)


def _divided(text: str, number: int) -> str:
    if number == 1:
        return text
    return f"({text})/{_bracketed(number)}" if " " in text else f"{text}/{_bracketed(number)}"


def inverse_latex(part: Coefficients, letter: str, *, rising: bool = True) -> str:
    """The letter as a formula in T, in LaTeX's math mode; empty if there is none."""
    if not 2 <= len(part) <= 3:
        return ""
    (c, b, *rest), below = cleared(part)

    def number(value: int) -> str:
        return written(value, "latex")

    scaled = "T" if below == 1 else rf"{number(below)}\,T"
    excess = scaled + (f" - {number(c)}" if c > 0 else f" + {number(-c)}" if c else "")
    name = name_in(letter, "latex")
    if not rest:
        return rf"{name} = \frac{{{excess}}}{{{number(b)}}}"
    a = rest[0]
    sign = "+" if rising else "-"
    if not b:
        return rf"{name} = {'' if rising else '-'}\sqrt{{\frac{{{excess}}}{{{number(a)}}}}}"
    inside = rf"{number(abs(b))}^{{2}} + {number(4 * a)}\,({excess})"
    return rf"{name} = \frac{{{number(-b)} {sign} \sqrt{{{inside}}}}}{{{number(2 * a)}}}"


def plain(inverse: Inverse) -> dict[str, Any]:
    """The inverse as plain data."""
    return {
        "quantity": inverse.quantity,
        "unit": inverse.unit,
        "letter": inverse.letter,
        "domain": inverse.domain,
        "formula": inverse.formula.text,
        "formula_latex": inverse.formula.latex,
        "inverse": inverse.text,
        "inverse_latex": inverse.latex,
        "target": inverse.target,
        "letter_at_target": inverse.letter_at,
        "value_at_target": inverse.value_at,
    }
