"""Formulas as messages, with their text: expressions as trees, counts of closed forms as polynomials."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archcalc.algebra.expressions import Constant, Expression, Identifier, Operation
from archcalc.algebra.polynomial import Envelope, Polynomial, Space, make
from archcalc.forms.formulas import Comparison, Evaluated
from archcalc.forms.results import Formula
from archcalc.forms.sheets import (
    ExactSheet,
    FormulaSheet,
    FormulaTerm,
    Letter,
    ResidueClass,
    Spread,
    Written,
    WrittenRow,
)
from archcalc.service.messages.fields import (
    COUNTS,
    PLAIN,
    PLAINS,
    SHAPE,
    VALUE,
    MessageField,
    Record,
    alone,
    many,
    named,
    optional,
)

LETTER = Record(Letter, "symbol letter meaning period residue least definition largest")
TERM = Record(FormulaTerm, "coefficient", exponents=COUNTS)
WRITTEN = Record(Written, "text latex typst unit mainly mainly_from", polynomials=many(alone("terms", many(TERM))))
WRITTEN_ROW = Record(WrittenRow, "name op", output_shape=PLAINS, activations=WRITTEN, params=WRITTEN, mult_adds=WRITTEN)
FORMULA_SHEET = Record(
    FormulaSheet,
    "architecture citation receptive_field",
    input=PLAINS,
    letters=many(LETTER),
    conditions=PLAINS,
    quantities=named(WRITTEN),
    output_shape=PLAINS,
    layers=many(WRITTEN_ROW),
)

SIZES = many(alone("value", optional(PLAIN)))
FORMULAS = named(WRITTEN)
RESIDUE_CLASS = Record(ResidueClass, residues=SHAPE, smallest=SIZES, quantities=FORMULAS)
SPREAD = Record(Spread, exponents=COUNTS, shape=SHAPE, coefficients=PLAINS)
EXACT_SHEET = Record(
    ExactSheet,
    "architecture citation channels",
    periods=SHAPE,
    smallest_heights=SIZES,
    smallest_widths=SIZES,
    smallest_depths=SIZES,
    smallest_lengths=SIZES,
    classes=many(RESIDUE_CLASS),
    coefficients=named(many(alone("terms", many(SPREAD)))),
)
EVALUATED = Record(Evaluated, "architecture", counts=COUNTS, formulas=named(WRITTEN), definitions=PLAINS)
COMPARISON = Record(Comparison, "equal text")

# --- Expressions.


def _write_expression(value: Expression) -> dict[str, Any]:
    return {"text": value.text(), "latex": value.latex(), "typst": value.typst(), "tree": _write_tree(value)}


def _write_tree(value: Expression) -> dict[str, Any]:
    if isinstance(value, Constant):
        return {"number": VALUE.write(_whole_if_so(value.value))}
    if isinstance(value, Identifier):
        return {"symbol": value.name}
    if isinstance(value, Operation):
        return {"operation": {"operator": value.operator, "operands": [_write_tree(each) for each in value.operands]}}
    raise TypeError(f"an expression of the kind {type(value).__name__}")


def _read_tree(message: Any) -> Expression:
    kind = message.WhichOneof("kind")
    if kind == "number":
        return Constant(VALUE.read(message.number))
    if kind == "symbol":
        return Identifier(message.symbol)
    return Operation(message.operation.operator, [_read_tree(each) for each in message.operation.operands])


def _whole_if_so(number: Any) -> Any:
    return number.numerator if isinstance(number, Fraction) and number.denominator == 1 else number


EXPRESSION = MessageField(_write_expression, lambda message: _read_tree(message.tree))
"""An expression as text and as a tree."""

# --- Counts of closed forms.


def _write_formula(value: Formula) -> dict[str, Any]:
    members = value.value.members if isinstance(value.value, Envelope) else (value.value,)
    spaces = [member.space for member in members if isinstance(member, Polynomial)]
    letters = spaces[0].names if spaces else ()
    return {
        "unit": value.unit,
        "text": value.text,
        "latex": value.latex,
        "typst": value.typst,
        "letters": letters,
        "members": [{"terms": _write_terms(member, len(letters))} for member in members],
    }


def _write_terms(member: Any, letters: int) -> list[dict[str, Any]]:
    terms = member.terms if isinstance(member, Polynomial) else {(0,) * letters: member}
    return [
        {"powers": powers, "coefficient": VALUE.write(_whole_if_so(coefficient))}
        for powers, coefficient in terms.items()
    ]


def _read_formula(message: Any) -> Formula:
    space = Space(tuple(message.letters))
    members = tuple(
        [
            make(space, {tuple(term.powers): VALUE.read(term.coefficient) for term in member.terms})
            for member in message.members
        ]
    )
    return Formula(members[0] if len(members) == 1 else Envelope(members), message.unit)


FORMULA = MessageField(_write_formula, _read_formula)
"""A count as text and as polynomials."""
