"""Formulas worked out as on a blackboard: the values put in, then the innermost operations, until a number is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.algebra.expressions.tree import FOLDS, Constant, Expression, Operation, number


def worked(formula: Expression, values: Mapping[str, Any]) -> tuple[Expression, ...]:
    """The formula with its values put in, and each step after that; the last is a number.

    Every step has the same value. Raises ArchcalcError as `Expression.evaluate` does.
    """
    steps = [formula.put(values)]
    while (following := step(steps[-1])) != steps[-1]:
        steps.append(following)
    return tuple(steps)


def step(expression: Expression) -> Expression:
    """The expression with every innermost operation carried out; itself if none can be."""
    if not isinstance(expression, Operation) or _constant(expression):
        return expression
    operands = expression.operands
    if all([_constant(part) for part in operands]):
        return number(expression.evaluate({}))
    if expression.operator in FOLDS:
        return expression
    return Operation(expression.operator, [step(part) for part in operands])


def _constant(expression: Expression) -> bool:
    """Return True if nothing is left to work out: a number, or a fraction in lowest terms that is no short decimal."""
    if isinstance(expression, Constant):
        return True
    if not isinstance(expression, Operation) or expression.operator != "/":
        return False
    if not all([isinstance(part, Constant) for part in expression.operands]):
        return False
    return number(expression.evaluate({})) == expression
