"""Closed forms in writing: as text that Python and sympy read, as LaTeX, and as Typst mathematics."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal, NamedTuple

from archcalc.algebra.polynomial import Envelope, Polynomial

Style = Literal["text", "latex", "typst"]
STYLES: tuple[Style, ...] = ("text", "latex", "typst")


class _Marks(NamedTuple):
    """The marks of a style for products, powers, names, digits, fractions and the largest of several."""

    times: str
    between: str
    power: str
    long_name: str
    group: str
    fraction: str
    largest: str
    comma: str


_MARKS: dict[Style, _Marks] = {
    "text": _Marks("*", "*", "{}^{}", "{}", "", "{}/{}", "max({})", ", "),
    "latex": _Marks(
        r"\,",
        r"\,",
        "{}^{{{}}}",
        r"\mathrm{{{}}}",
        r"\,",
        r"\frac{{{}}}{{{}}}",
        r"\max\begin{{cases}}{}\end{{cases}}",
        r" \\ ",
    ),
    "typst": _Marks(" thin ", " ", "{}^({})", 'upright("{}")', " thin ", "({})/({})", "max cases({})", ", "),
}


def written(value: Any, style: Style = "text") -> str:
    """An int, a Fraction, a polynomial or the largest of several, in one line.

    Text: `83410944*h*w + 2048000`. LaTeX and Typst group the digits by threes, and put the members of a maximum under
    each other. Raises TypeError for a polynomial of
    several residue classes, which has no single line.
    """
    if isinstance(value, Envelope):
        marks = _MARKS[style]
        return marks.largest.format(marks.comma.join(written(member, style) for member in value.members))
    if not isinstance(value, Polynomial):
        return _number(value, style)
    parts: list[str] = []
    for monomial, coefficient in value.ordered():
        if not isinstance(coefficient, (int, Fraction)):
            raise TypeError("a polynomial of several residue classes has no single line")
        sign = ("-" if coefficient < 0 else "") if not parts else (" - " if coefficient < 0 else " + ")
        parts.append(sign + _term(abs(coefficient), monomial, value.space.names, style))
    return "".join(parts)


def _term(number: Any, monomial: tuple[int, ...], names: tuple[str, ...], style: Style) -> str:
    marks = _MARKS[style]
    powers = [
        name_in(name, style) if exponent == 1 else marks.power.format(name_in(name, style), exponent)
        for name, exponent in zip(names, monomial, strict=True)
        if exponent
    ]
    if not powers:
        return _number(number, style)
    product = marks.between.join(powers)
    return product if number == 1 else f"{_number(number, style)}{marks.times}{product}"


def name_in(name: str, style: Style) -> str:
    """A symbol's name: single letters slanted, words upright."""
    if len(name) == 1 or style == "text":
        return name
    return _MARKS[style].long_name.format(name.replace("_", r"\_") if style == "latex" else name)


def _number(value: Any, style: Style) -> str:
    marks = _MARKS[style]
    if isinstance(value, Fraction) and value.denominator != 1:
        sign = "-" if value < 0 else ""
        return sign + marks.fraction.format(
            _digits(abs(value.numerator), marks.group), _digits(value.denominator, marks.group)
        )
    return _digits(int(value), marks.group)


def _digits(value: int, group: str) -> str:
    return f"{value:,}".replace(",", group)
