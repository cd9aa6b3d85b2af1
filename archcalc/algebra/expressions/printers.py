"""Expressions as text, LaTeX and Typst."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from itertools import pairwise
from typing import final

from archcalc.algebra.expressions.arithmetic import decimals
from archcalc.algebra.expressions.tree import FOLDS, Constant, Expression, Fact, Identifier, Operation

CONDITION, RELATION, SUM, PRODUCT, POWER, ATOM = range(6)
"""Precedences of expressions; one with a lower precedence than its place needs gets parentheses."""

_BETWEEN = {"=": (SUM, RELATION), "<": (SUM, RELATION), ">": (SUM, RELATION), "and": (RELATION, CONDITION)}
"""The precedence that the sides of a relation need, and the precedence of the relation."""


class Printer(ABC):
    """A printer of expressions in one notation; signs, parentheses and numbers are common to all three."""

    @final
    def write(self, expression: Expression, place: int = CONDITION) -> str:
        """The expression, in parentheses if its place needs a higher precedence."""
        written, tightness = self._written(expression)
        return written if tightness >= place else self.parenthesised(written)

    def _written(self, expression: Expression) -> tuple[str, int]:
        if isinstance(expression, Constant):
            return decimal(expression), ATOM if expression.value >= 0 else SUM
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
    """Plain text that `parse` reads."""

    def symbol(self, name: str) -> str:
        return name

    def product(self, factors: tuple[Expression, ...]) -> str:
        first, *rest = factors
        opening = self.write(first, POWER if _is_product(first) else PRODUCT)
        return " * ".join([opening, *[self.write(factor, POWER) for factor in rest]])

    def division(self, above: Expression, below: Expression) -> tuple[str, int]:
        return f"{self.write(above, PRODUCT)} / {self.write(below, POWER)}", PRODUCT

    def power(self, base: Expression, exponent: Expression) -> str:
        return f"{self.write(base, ATOM)}^{self.write(exponent, POWER)}"

    def function(self, name: str, operands: tuple[Expression, ...]) -> str:
        written = [self.write(operand) for operand in operands]
        return f"{name}({' over '.join(written) if name in FOLDS else ', '.join(written)})"

    def parenthesised(self, written: str) -> str:
        return f"({written})"


class _Typeset(Printer):
    """LaTeX and Typst: no sign is needed between a number and a letter after it."""

    times: str

    def product(self, factors: tuple[Expression, ...]) -> str:
        parts = [self.write(factors[0], POWER if _is_product(factors[0]) else PRODUCT)]
        for before, factor in pairwise(factors):
            beside = isinstance(before, Constant) and isinstance(factor, Identifier)
            parts += [" " if beside else f" {self.times} ", self.write(factor, POWER)]
        return "".join(parts)


@final
class Latex(_Typeset):
    """LaTeX for math mode."""

    times = r"\cdot"

    def words(self, text: str) -> str:
        escaped = re.sub(r"([_#&%$])", r"\\\1", text)
        return rf"\text{{{escaped}}}"

    def symbol(self, name: str) -> str:
        base, *below = name.split("_")
        parts = ",".join(part if len(part) == 1 else rf"\mathrm{{{part}}}" for part in below)
        return (base if len(base) == 1 else rf"\mathrm{{{base}}}") + (f"_{{{parts}}}" if parts else "")

    def division(self, above: Expression, below: Expression) -> tuple[str, int]:
        return rf"\frac{{{self.write(above)}}}{{{self.write(below)}}}", PRODUCT

    def power(self, base: Expression, exponent: Expression) -> str:
        return f"{self.write(base, ATOM)}^{{{self.write(exponent)}}}"

    def function(self, name: str, operands: tuple[Expression, ...]) -> str:
        if name in FOLDS:
            return rf"\{name}_{{{self.write(operands[1])}}} {self.write(operands[0], PRODUCT)}"
        written = ", ".join(self.write(operand) for operand in operands)
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

    def words(self, text: str) -> str:
        return f'"{text}"'

    def symbol(self, name: str) -> str:
        base, *below = name.split("_")
        parts = ", ".join(part if len(part) == 1 else f'"{part}"' for part in below)
        return (base if len(base) == 1 else f'"{base}"') + (f"_({parts})" if parts else "")

    def division(self, above: Expression, below: Expression) -> tuple[str, int]:
        return f"frac({self.write(above)}, {self.write(below)})", PRODUCT

    def power(self, base: Expression, exponent: Expression) -> str:
        return f"{self.write(base, ATOM)}^({self.write(exponent)})"

    def function(self, name: str, operands: tuple[Expression, ...]) -> str:
        if name in FOLDS:
            name = {"prod": "product"}.get(name, name)
            return f"{name}_({self.write(operands[1])}) {self.write(operands[0], PRODUCT)}"
        return f"{name}({', '.join(self.write(operand) for operand in operands)})"

    def parenthesised(self, written: str) -> str:
        return f"({written})"


def _is_sum(expression: Expression) -> bool:
    return isinstance(expression, Operation) and expression.operator == "+"


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
