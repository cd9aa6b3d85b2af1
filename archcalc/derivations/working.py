"""Derivation of one quantity of one op: the rule that holds, its letters' values put in, and each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from archcalc.algebra.expressions import Constant, Expression, Identifier, parse, worked
from archcalc.base.errors import ArchcalcError
from archcalc.derivations.conditions import holds
from archcalc.derivations.letters import OpReading, axis_names, meaning, square, value_of
from archcalc.graph import Nothing, Op, Rule, Rules
from archcalc.graph.rules import AXES, SAME_CHANNELS, SAME_SIZE


class LetterValue(NamedTuple):
    """A letter of a formula: its meaning, and its value (a tuple if a sum runs over it)."""

    name: str
    meaning: str
    value: Any


class Equation(NamedTuple):
    """An equation of a derivation: `left` equals the general formula, and each of the steps with values put in."""

    left: str
    """The letter of the derived quantity: `H_out`."""
    meaning: str
    formula: Expression
    letters: tuple[LetterValue, ...]
    steps: tuple[Expression, ...]
    """The formula with its values put in, then simplified; the last is the result. All have the same value."""
    source: str = ""
    says: str = ""

    @property
    def value(self) -> Any:
        """The result."""
        return self.steps[-1].evaluate({})


class Zero(NamedTuple):
    """A quantity that is zero, and the reason."""

    left: str
    meaning: str
    reason: str
    source: str = ""

    @property
    def value(self) -> int:
        return 0


QUANTITIES: Mapping[str, tuple[str, str]] = {
    "channels": ("C_out", "output channels"),
    "length": ("L_out", "output length"),
    "depth": ("D_out", "output depth"),
    "height": ("H_out", "output height"),
    "width": ("W_out", "output width"),
    "params": ("P", "parameters"),
    "buffers": ("Q", "buffers"),
    "mult_adds": ("M", "mult-adds"),
}
"""The quantities that every op states, with the letter and the meaning of each."""

_DERIVED = {"C_out": "channels", "L_out": "length", "D_out": "depth", "H_out": "height", "W_out": "width"}
_SIZES = frozenset({"length", "depth", "height", "width"})
_PRODUCTS: Mapping[int, Mapping[str, str]] = {
    1: {"k_h * k_w": "k_x", "H_out * W_out": "L_out", "H * W": "L"},
    2: {},
    3: {"k_h * k_w": "k_d * k_h * k_w", "H_out * W_out": "D_out * H_out * W_out", "H * W": "D * H * W"},
}
"""For maps of one, two and three axes, the products that replace those over height and width."""


def rules(op: Op, quantity: str) -> Rules:
    """The rules for a quantity of an op. Raises ArchcalcError if there are none."""
    formulas = getattr(op, "formulas", None)
    if formulas is None:
        raise ArchcalcError(f"there are no formulas for {op.kind}")
    return getattr(formulas, "size" if quantity in _SIZES else quantity)


def _rule(reading: OpReading, quantity: str) -> Rule | Nothing | None:
    """The first rule that holds."""
    axis = _axis(reading, quantity)
    return next((rule for rule in rules(reading.op, quantity) if holds(rule.when, reading, axis)), None)


def _axis(reading: OpReading, quantity: str) -> int:
    return reading.quantities.index(quantity) if quantity in reading.quantities else 0


def applies(reading: OpReading, quantity: str) -> bool:
    """Return True if an op's output has the quantity: a vector has no height."""
    return quantity not in _SIZES or quantity in reading.quantities


def equations(reading: OpReading, quantity: str) -> list[Equation | Zero]:
    """The equations of a quantity of an op, after those that it needs: the output's height for its mult-adds.

    Raises ArchcalcError if no rule holds.
    """
    rule = _rule(reading, quantity)
    if rule is None:
        raise ArchcalcError(f"no formula for the {quantity} of {reading.op!r}")
    left, what = QUANTITIES[quantity]
    if isinstance(rule, Nothing):
        return [Zero(left, what, rule.reason, rule.source)]
    formula = _named(reading, rule, quantity)
    before: list[Equation | Zero] = []
    letters: list[LetterValue] = []
    for name in formula.symbols():
        value = value_of(reading, name)
        if value is None and name in _DERIVED:
            before += equations(reading, _DERIVED[name])
            value = before[-1].value
        if value is None:
            raise ArchcalcError(f"{reading.op!r} gives no value for {name} in {formula.text()}")
        letters.append(LetterValue(name, meaning(name, reading.op), value))
    return [*before, equation(left, what, formula, letters, rule.source, rule.says)]


def equation(
    left: str, what: str, formula: Expression, letters: Sequence[LetterValue], source: str = "", says: str = ""
) -> Equation:
    """A formula worked out with its letters' values."""
    values = {letter.name: letter.value for letter in letters}
    return Equation(left, what, formula, tuple(letters), worked(formula, values), source, says)


def _named(reading: OpReading, rule: Rule, quantity: str) -> Expression:
    """A rule's formula in the letters of its axis, without subscripts if all axes agree."""
    text = rule.formula
    for product, others in _PRODUCTS[reading.axes].items():
        text = text.replace(product, others)
    formula = _parsed(text)
    symbols = formula.symbols()
    if quantity in _SIZES:
        names = axis_names(reading, symbols, _axis(reading, quantity))
    else:
        subscripts = {f"_{axis['axis']}" for axis in AXES[reading.axes]}
        names = {name: name[:-2] for name in symbols if name[-2:] in subscripts and square(reading, name[:-2])}
    return formula.put({name: Identifier(new) for name, new in names.items() if new != name})


@cache
def _parsed(text: str) -> Expression:
    return parse(text)


def given(equation: Equation) -> bool:
    """Return True if an equation only reads a value: C_out = 64."""
    return equation.formula == Identifier(equation.left) or (
        isinstance(equation.formula, (Identifier, Constant)) and len(equation.steps) == 1
    )


def keeps_shape(reading: OpReading) -> bool:
    """Return True if an op's output has the shape of its input, by its rules."""
    return rules(reading.op, "channels") is SAME_CHANNELS and rules(reading.op, "size") is SAME_SIZE
