"""A small language of formulas: numbers, symbols, + - * / // ^, floor, ceil, max, min, sums and products over rows.

`parse` reads a formula, an `Expression` evaluates it on any kind of number, puts values into it, works it out one step
at a time as on a blackboard, and prints it as text, LaTeX or Typst. Nothing is ever evaluated as code.

>>> from archcalc.algebra.expressions import parse
>>> size = parse("floor((H + 2 * p - k) / s) + 1")
>>> size.evaluate({"H": 224, "p": 3, "k": 7, "s": 2})
112
"""

from archcalc.algebra.expressions.parser import parse, parse_claim
from archcalc.algebra.expressions.steps import worked
from archcalc.algebra.expressions.tree import Constant, Expression, Fact, Identifier, Operation, Subject, number

__all__ = [
    "Constant",
    "Expression",
    "Fact",
    "Identifier",
    "Operation",
    "Subject",
    "number",
    "parse",
    "parse_claim",
    "worked",
]
