"""Expressions as text, LaTeX and Typst: one printer for each notation."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from itertools import pairwise
from typing import Literal, final

from archcalc.algebra.expressions.arithmetic import decimals
from archcalc.algebra.expressions.tree import FOLDS, Constant, Expression, Fact, Identifier, Operation

Style = Literal["text", "latex", "typst"]

CONDITION, RELATION, SUM, PRODUCT, POWER, ATOM = range(6)
"""Precedences of expressions; one with a lower precedence than its place needs gets parentheses."""

_BETWEEN = {"=": (SUM, RELATION), "<": (SUM, RELATION), ">": (SUM, RELATION), "and": (RELATION, CONDITION)}
"""The precedence that the sides of a relation need, and the precedence of the relation."""


class Printer(ABC):
    """Signs and parentheses, which the three notations share."""

    @final
    def write(self, expression: Expression, place: int = CONDITION) -> str:
        """The expression, in parentheses if its place needs a higher precedence."""
        written, tightness = self._written(expression)
        return written if tightness >= place else self.parenthesised(written)

    def _written(self, expression: Expression) -> tuple[str, int]:
        if isinstance(expression, Constant):
            return self.constant(decimal(expression)), ATOM if expression.value >= 0 else SUM
        if isinstance(expression, Identifier):
            return self.symbol(expression.name), ATOM
        if isinstance(expression, Fact):
            return self.fact(expression), ATOM
        assert isinstance(expression, Operation)  # noqa: S101 - the fourth and last kind of expression
        return self._operation(expression.operator, expression.operands)

    def _operation(self, operator: str, operands: tuple[Expression, ...]) -> tuple[str, int]:
        if operator in _BETWEEN:
            inner, own = _BETWEEN[operator]
            between = f" {operator} " if operator != "and" else self.words(" and ")
            return between.join([self.write(part, inner) for part in operands]), own
        match operator:
            case "+":
                written = self._sum(operands), SUM
            case "-":
                written = f"-{self.write(operands[0], PRODUCT)}", SUM
            case "*":
                written = self.product(operands), PRODUCT
            case "/":
                written = self.division(*operands)
            case "^":
                written = self.power(*operands), POWER
            case "!":
                written = f"{self.write(operands[0], ATOM)}!", POWER
            case name:
                written = self.function(name, operands), ATOM
        return written

    def _sum(self, terms: tuple[Expression, ...]) -> str:
        parts = [self.write(terms[0], PRODUCT) if _is_sum(terms[0]) else self.write(terms[0])]
        for term in terms[1:]:
            if isinstance(term, Operation) and term.operator == "-":
                parts.append(f"- {self.write(term.operands[0], PRODUCT)}")
            elif isinstance(term, Constant) and term.value < 0:
                parts.append(f"- {self.write(Constant(-term.value))}")
            else:
                parts.append(f"+ {self.write(term, PRODUCT)}")
        return " ".join(parts)

    @abstractmethod
    def symbol(self, name: str) -> str: ...

    def constant(self, digits: str) -> str:
        """A number from its decimal digits."""
        return digits

    def words(self, text: str) -> str:
        """Words between formulas."""
        return text

    def fact(self, fact: Fact) -> str:
        """A fact in words, the same in all notations."""
        settings = ", ".join([f"{key}={TEXT.write(value)}" for key, value in fact.subject.settings])
        rows = f"; {' '.join(fact.rows)}" if fact.rows else ""
        return self.words(f"{fact.quantity}({fact.subject.name}{f'[{settings}]' if settings else ''}{rows})")

    @abstractmethod
    def product(self, factors: tuple[Expression, ...]) -> str: ...

    @abstractmethod
    def division(self, above: Expression, below: Expression) -> tuple[str, int]: ...

    @abstractmethod
    def power(self, base: Expression, exponent: Expression) -> str: ...

    @abstractmethod
    def function(self, name: str, operands: tuple[Expression, ...]) -> str: ...

    @abstractmethod
    def parenthesised(self, written: str) -> str: ...


@final
class Text(Printer):
    """Plain text that `parse` reads; products and quotients are written without spaces if `tight`."""

    def __init__(self, *, tight: bool = False) -> None:
        self._times, self._over = ("*", "/") if tight else (" * ", " / ")

    def symbol(self, name: str) -> str:
        return name

    def product(self, factors: tuple[Expression, ...]) -> str:
        first, *rest = factors
        opening = self.write(first, POWER if _is_product(first) else PRODUCT)
        return self._times.join([opening, *[self.write(factor, POWER) for factor in rest]])

    def division(self, above: Expression, below: Expression) -> tuple[str, int]:
        return f"{self.write(above, PRODUCT)}{self._over}{self.write(below, POWER)}", PRODUCT

    def power(self, base: Expression, exponent: Expression) -> str:
        return f"{self.write(base, ATOM)}^{self.write(exponent, POWER)}"

    def function(self, name: str, operands: tuple[Expression, ...]) -> str:
        written = [self.write(operand) for operand in operands]
        return f"{name}({' over '.join(written) if name in FOLDS else ', '.join(written)})"

    def parenthesised(self, written: str) -> str:
        return f"({written})"


class _Typeset(Printer):
    """LaTeX and Typst: a number or a letter before a letter needs no sign between them; digits stand in threes."""

    times: str
    beside: str
    """Between factors that need no sign."""
    thin: str
    """Between a number and a letter, and between each three digits."""

    @final
    def constant(self, digits: str) -> str:
        whole, point, places = digits.partition(".")
        return f"{int(whole):,}".replace(",", self.thin) + point + places if whole != "-0" else digits

    @final
    def product(self, factors: tuple[Expression, ...]) -> str:
        parts = [self.write(factors[0], POWER if _is_product(factors[0]) else PRODUCT)]
        for before, factor in pairwise(factors):
            if _is_number(factor):
                parts.append(f" {self.times} ")
            else:
                parts.append(self.thin if _is_number(before) else self.beside)
            parts.append(self.write(factor, POWER))
        return "".join(parts)

    @final
    def symbol(self, name: str) -> str:
        """A letter with its subscripts, or a word, which stands upright."""
        letter, *below = name.split("_")
        if len(letter) > 1 or not below:
            return self.name(name)
        return letter + self.below([self.name(part) for part in below])

    @abstractmethod
    def name(self, name: str) -> str:
        """A letter, or a word upright."""

    @abstractmethod
    def below(self, parts: list[str]) -> str:
        """Subscripts."""


@final
class Latex(_Typeset):
    """LaTeX for math mode."""

    times = r"\cdot"
    beside = thin = r"\,"

    def name(self, name: str) -> str:
        return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"

    def below(self, parts: list[str]) -> str:
        return f"_{{{','.join(parts)}}}"

    def words(self, text: str) -> str:
        escaped = re.sub(r"([_#&%$])", r"\\\1", text)
        return rf"\text{{{escaped}}}"

    def division(self, above: Expression, below: Expression) -> tuple[str, int]:
        return rf"\frac{{{self.write(above)}}}{{{self.write(below)}}}", PRODUCT

    def power(self, base: Expression, exponent: Expression) -> str:
        return f"{self.write(base, ATOM)}^{{{self.write(exponent)}}}"

    def function(self, name: str, operands: tuple[Expression, ...]) -> str:
        if name in FOLDS:
            return rf"\{name}_{{{self.write(operands[1])}}} {self.write(operands[0], PRODUCT)}"
        parts = [self.write(operand) for operand in operands]
        if name == "max" and any(_is_long(operand) for operand in operands):
            return r"\max\begin{cases}" + r" \\ ".join(parts) + r"\end{cases}"
        written = ", ".join(parts)
        if name == "sqrt":
            return rf"\sqrt{{{written}}}"
        if name in ("floor", "ceil"):
            return rf"\left\l{name} {written} \right\r{name}"
        return rf"\{name}{self.parenthesised(written)}"

    def parenthesised(self, written: str) -> str:
        """Parentheses: as high as their content around fractions, else plain ones, within which a line can end."""
        return rf"\left({written}\right)" if re.search(r"\\frac|\\left", written) else f"({written})"


@final
class Typst(_Typeset):
    """Typst for math mode."""

    times = "dot"
    beside, thin = " ", " thin "

    def name(self, name: str) -> str:
        return name if len(name) == 1 else f'"{name}"'

    def below(self, parts: list[str]) -> str:
        return f"_({', '.join(parts)})"

    def words(self, text: str) -> str:
        return f'"{text}"'

    def division(self, above: Expression, below: Expression) -> tuple[str, int]:
        return f"frac({self.write(above)}, {self.write(below)})", PRODUCT

    def power(self, base: Expression, exponent: Expression) -> str:
        return f"{self.write(base, ATOM)}^({self.write(exponent)})"

    def function(self, name: str, operands: tuple[Expression, ...]) -> str:
        if name in FOLDS:
            name = {"prod": "product"}.get(name, name)
            return f"{name}_({self.write(operands[1])}) {self.write(operands[0], PRODUCT)}"
        written = ", ".join(self.write(operand) for operand in operands)
        cases = name == "max" and any(_is_long(operand) for operand in operands)
        return f"max cases({written})" if cases else f"{name}({written})"

    def parenthesised(self, written: str) -> str:
        return f"({written})"


def _is_sum(expression: Expression) -> bool:
    return isinstance(expression, Operation) and expression.operator == "+"


def _is_long(expression: Expression) -> bool:
    return isinstance(expression, Operation) and expression.operator in "+*-"


def _is_number(expression: Expression) -> bool:
    """True for digits, and for a power or a quotient of them."""
    if isinstance(expression, Operation) and expression.operator in ("^", "/", "!"):
        return all([_is_number(part) for part in expression.operands])
    return isinstance(expression, Constant)


def _is_product(expression: Expression) -> bool:
    return isinstance(expression, Operation) and expression.operator == "*"


def decimal(expression: Constant) -> str:
    """A number in decimal digits, exactly."""
    value = expression.value
    if type(value) is int:
        return str(value)
    places = decimals(value) or 0
    sign, digits = "-" if value < 0 else "", str(abs(value.numerator) * 10**places // value.denominator)
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


TEXT, LATEX, TYPST = Text(), Latex(), Typst()

PRINTERS: Mapping[Style, Printer] = {"text": Text(tight=True), "latex": LATEX, "typst": TYPST}
"""Of closed forms, whose text is without spaces in products."""
