"""Formulas as messages: expressions as trees, counts of closed forms as polynomials; both with their text beside."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archcalc.algebra.expressions import Constant, Expression, Identifier, Operation
from archcalc.algebra.polynomial import Envelope, Polynomial, Space, make
from archcalc.forms.results import Formula


def write_expression(value: Expression, message: Any) -> None:
    """An expression as text and as a tree."""
    message.text, message.latex, message.typst = value.text(), value.latex(), value.typst()
    _write_tree(value, message.tree)


def _write_tree(value: Expression, message: Any) -> None:
    if isinstance(value, Constant):
        _write_number(value.value, message.number)
    elif isinstance(value, Identifier):
        message.symbol = value.name
    elif isinstance(value, Operation):
        message.operation.operator = value.operator
        for operand in value.operands:
            _write_tree(operand, message.operation.operands.add())


def _write_number(value: Any, message: Any) -> None:
    if isinstance(value, Fraction) and value.denominator != 1:
        message.fraction.numerator, message.fraction.denominator = value.numerator, value.denominator
    elif abs(value) < 2**63:
        message.whole = int(value)
    else:
        message.digits = str(int(value))


def _read_number(message: Any) -> Any:
    kind = message.WhichOneof("kind")
    if kind == "fraction":
        return Fraction(message.fraction.numerator, message.fraction.denominator)
    return message.whole if kind == "whole" else int(message.digits)


def read_expression(message: Any) -> Expression:
    """The expression that a message holds."""
    return _read_tree(message.tree)


def _read_tree(message: Any) -> Expression:
    kind = message.WhichOneof("kind")
    if kind == "number":
        return Constant(_read_number(message.number))
    if kind == "symbol":
        return Identifier(message.symbol)
    return Operation(message.operation.operator, [_read_tree(operand) for operand in message.operation.operands])


def write_formula(value: Formula, message: Any) -> None:
    """A count as text and as polynomials."""
    message.unit, message.text, message.latex, message.typst = value.unit, value.text, value.latex, value.typst
    members = value.value.members if isinstance(value.value, Envelope) else (value.value,)
    spaces = [member.space for member in members if isinstance(member, Polynomial)]
    letters = spaces[0].names if spaces else ()
    message.letters.extend(letters)
    for member in members:
        held = message.members.add()
        terms = member.terms if isinstance(member, Polynomial) else {(0,) * len(letters): member}
        for powers, coefficient in terms.items():
            term = held.terms.add(powers=powers)
            _write_number(coefficient, term.coefficient)


def read_formula(message: Any) -> Formula:
    """The count that a message holds."""
    space = Space(tuple(message.letters))
    members = tuple(
        [
            make(space, {tuple(term.powers): _read_number(term.coefficient) for term in member.terms})
            for member in message.members
        ]
    )
    return Formula(members[0] if len(members) == 1 else Envelope(members), message.unit)
