"""A small language of formulas: numbers, symbols, + - * / // ^, floor, ceil, max, min, sums and products over rows.

`parse` reads a formula. An `Expression` can be evaluated on any kind of number, have values put in for its symbols, be
worked out one step at a time as on a blackboard, and be printed as text, LaTeX or Typst. It is never run as code.

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
