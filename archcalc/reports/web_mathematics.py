"""Formulas of a web page as MathML, composed from their terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from archcalc.forms.sheets import FormulaTerm, Letter, Written

SIGNS = {">=": "\u2265", "<=": "\u2264", "=": "="}


def mathematics(formula: Written) -> str:
    """A formula as MathML."""
    members = [f"<mrow>{''.join(_terms(each))}</mrow>" for each in formula.polynomials]
    if len(members) == 1:
        return f"<math>{members[0]}</math>"
    rows = "".join(f"<mtr><mtd>{each}</mtd></mtr>" for each in members)
    return f"<math><mi>max</mi><mo>{{</mo><mtable>{rows}</mtable></math>"


def letters(definitions: Sequence[Letter]) -> str:
    """The definitions of letters, each with its meaning: H = 32 h, h at least 1: input height."""
    return "; ".join(f"{_definition(each)}: {escape(each.meaning)}" for each in definitions)


def _definition(letter: Letter) -> str:
    own = f"<mi>{escape(letter.letter)}</mi>"
    bounds = [f"{own}{_sign(sign)}{_number(number)}" for sign, number in letter.range]
    if letter.letter != letter.symbol:
        scaled = f"{_number(str(letter.period))}{own}" if letter.period != 1 else own
        rest = f"<mo>+</mo>{_number(str(letter.residue))}" if letter.residue else ""
        bounds.insert(0, f"<mi>{escape(letter.symbol)}</mi><mo>=</mo>{scaled}{rest}")
    return ", ".join(f"<math><mrow>{each}</mrow></math>" for each in bounds)


def _sign(sign: str) -> str:
    return f"<mo>{escape(SIGNS[sign])}</mo>"


def _number(number: str) -> str:
    top, _, bottom = number.partition("/")
    shown = [f"<mn>{int(each):,}</mn>" for each in (top, bottom) if each]
    return f"<mfrac>{''.join(shown)}</mfrac>" if bottom else shown[0]


def _terms(terms: Sequence[FormulaTerm]) -> Iterator[str]:
    for place, (coefficient, exponents) in enumerate(terms):
        negative = coefficient.startswith("-")
        if negative or place:
            yield "<mo>\u2212</mo>" if negative else "<mo>+</mo>"
        number = coefficient.removeprefix("-")
        if number != "1" or not exponents:
            yield _number(number)
        for letter, power in exponents.items():
            name = f"<mi>{escape(letter)}</mi>"
            yield name if power == 1 else f"<msup>{name}<mn>{power}</mn></msup>"
