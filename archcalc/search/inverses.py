"""Inverses of closed forms: the value of a variable at which a quantity is T, as a formula up to degree 2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.algebra.curves import Coefficients, Curve, Number, cleared, count_of, curve_of, derivative, polynomial_at
from archcalc.algebra.expressions import Constant, Expression, Identifier, Operation
from archcalc.algebra.notation import product_of, quotient_of, sum_of, written
from archcalc.analysis.quantities import quantity_of
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
    wanted = int(target.value)  # only counts have closed forms
    solved = solution(part, wanted, rising=rising) if len(part) <= 3 else None
    inverted = inverse(part, letter, rising=rising)
    period, residue = progression
    unit = quantity_of(target.quantity).unit
    return Inverse(
        target.quantity,
        unit,
        letter,
        domain,
        Formula(formula.value, unit),
        "" if inverted is None else written(inverted),
        "" if inverted is None else written(inverted, "latex"),
        _digits(solved),
        _digits(None if solved is None else solved * period + residue),
        wanted,
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


def inverse(part: Coefficients, letter: str, *, rising: bool = True) -> Expression | None:
    """The equation `letter = ...` in T, on the polynomial's rising or falling side; None where there is none."""
    if not 2 <= len(part) <= 3:
        return None
    (c, b, *rest), below = cleared(part)
    excess = sum_of([product_of([Constant(below), Identifier("T")]), *([Constant(-c)] if c else [])])
    if not rest:
        value = quotient_of(excess, Constant(b))
    else:
        a = rest[0]
        inside = quotient_of(excess, Constant(a))
        if b:
            square = Operation("^", (Constant(abs(b)), Constant(2)))
            beside = product_of([Constant(abs(4 * a)), excess])
            inside = sum_of([square, beside if a > 0 else Operation("-", (beside,))])
        root: Expression = Operation("sqrt", (inside,))
        root = root if rising else Operation("-", (root,))
        value = quotient_of(sum_of([Constant(-b), root]), Constant(2 * a)) if b else root
    return Operation("=", (Identifier(letter), value))


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
