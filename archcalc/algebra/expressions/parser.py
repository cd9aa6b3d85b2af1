"""Reading formulas by recursive descent. Nothing is evaluated as code; length, depth and digits are bounded.

    sum     := ["+" | "-"] product { ("+" | "-") product }
    product := factor { ("*" | "/" | "//") factor }
    factor  := ("+" | "-") factor | atom [ ("^" | "**") factor ]
    atom    := number | symbol | "(" sum ")" | ("floor" | "ceil") "(" sum ")"
             | ("max" | "min") "(" sum { "," sum } ")" | ("sum" | "prod") "(" sum "over" symbol ")"

`a // b` is read as `floor(a / b)`.
"""

from __future__ import annotations

import re
from typing import NamedTuple, final

from archcalc.algebra.expressions.tree import FOLDS, Expression, Number, Operation, Symbol
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown

LONGEST = 2000
DEEPEST = 40
MOST_DIGITS = 60
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z]\w*)|(\*\*|//|[-+*/^(),])|(\S))", re.ASCII)
_SPELLINGS = {"\u00d7": "*", "\u00b7": "*", "\u22c5": "*", "\u2212": "-"}
_WORDS = ("floor", "ceil", "max", "min", "sum", "prod", "over")


class Token(NamedTuple):
    """A word of a formula, and where it begins."""

    kind: str
    """number, name, mark or end."""
    text: str
    place: int


def parse(text: str) -> Expression:
    """The expression that a text means.

    Raises ArchcalcError naming the place (counted from 1) and what is wrong there.
    """
    if len(text) > LONGEST:
        raise ArchcalcError(f"a formula has at most {LONGEST} characters, not {len(text)}")
    for mark, plain in _SPELLINGS.items():
        text = text.replace(mark, plain)
    reader = _Reader(text)
    result = reader.sum(0)
    if reader.next.kind != "end":
        reader.fail("an operator or the end")
    return result


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    place = 0
    while match := _TOKEN.match(text, place):
        digits, name, mark, other = match.groups()
        start = match.end() - len(match[0].lstrip())
        if other:
            raise ArchcalcError(f"{shown(text)} at {start + 1}: {other!r} is no part of a formula")
        if digits and len(digits) > MOST_DIGITS:
            raise ArchcalcError(f"{shown(text)} at {start + 1}: a number of more than {MOST_DIGITS} digits")
        kind = "number" if digits else "name" if name else "mark"
        tokens.append(Token(kind, digits or name or mark, start))
        place = match.end()
    return [*tokens, Token("end", "", len(text))]


@final
class _Reader:
    """The tokens of a text, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> str:
        """The next token if it is one of these, and go on; else nothing."""
        token = self.next
        if token.text in texts and token.kind in ("mark", "name"):
            self.at += 1
            return token.text
        return ""

    def need(self, text: str) -> None:
        if not self.take(text):
            self.fail(f"{text!r}")

    def fail(self, wanted: str) -> None:
        found = repr(self.next.text) if self.next.text else "the end"
        raise ArchcalcError(f"{shown(self.text)} at {self.next.place + 1}: {wanted} is expected, not {found}")

    def sum(self, depth: int) -> Expression:
        if depth > DEEPEST:
            raise ArchcalcError(f"{shown(self.text)} at {self.next.place + 1}: more than {DEEPEST} levels deep")
        minus = self.take("+", "-") == "-"
        terms = [self._signed(minus, self.product(depth))]
        while sign := self.take("+", "-"):
            terms.append(self._signed(sign == "-", self.product(depth)))
        return terms[0] if len(terms) == 1 else Operation("+", terms)

    def _signed(self, minus: bool, term: Expression) -> Expression:
        return Operation("-", (term,)) if minus else term

    def product(self, depth: int) -> Expression:
        factors = [self.factor(depth)]
        while mark := self.take("*", "//", "/"):
            factor = self.factor(depth)
            if mark == "*":
                factors.append(factor)
                continue
            above = factors[0] if len(factors) == 1 else Operation("*", factors)
            divided = Operation("/", (above, factor))
            factors = [Operation("floor", (divided,)) if mark == "//" else divided]
        return factors[0] if len(factors) == 1 else Operation("*", factors)

    def factor(self, depth: int) -> Expression:
        if depth > DEEPEST:
            raise ArchcalcError(f"{shown(self.text)} at {self.next.place + 1}: more than {DEEPEST} levels deep")
        if sign := self.take("+", "-"):
            return self._signed(sign == "-", self.factor(depth + 1))
        base = self.atom(depth)
        return Operation("^", (base, self.factor(depth + 1))) if self.take("^", "**") else base

    def atom(self, depth: int) -> Expression:
        token = self.next
        if self.take("("):
            inner = self.sum(depth + 1)
            self.need(")")
            return inner
        if token.kind == "number":
            self.at += 1
            return Number(_value(token.text))
        if token.kind != "name" or token.text == "over":
            self.fail("a number, a symbol or '('")
        self.at += 1
        return self.function(token.text, depth) if token.text in _WORDS else Symbol(token.text)

    def function(self, name: str, depth: int) -> Expression:
        self.need("(")
        operands = [self.sum(depth + 1)]
        if name in FOLDS:
            self.need("over")
            if self.next.kind != "name" or self.next.text in _WORDS:
                self.fail("a symbol")
            operands.append(Symbol(self.next.text))
            self.at += 1
        while name in ("max", "min") and self.take(","):
            operands.append(self.sum(depth + 1))
        self.need(")")
        return Operation(name, operands)


def _value(text: str) -> object:
    if "." not in text:
        return int(text)
    from fractions import Fraction

    return Fraction(text)
