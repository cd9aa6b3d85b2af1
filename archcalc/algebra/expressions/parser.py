"""The grammar of formulas, by recursive descent. Nothing is evaluated as code; length, depth and digits are bounded.

    condition := relation { "and" relation }
    relation  := sum [ ("=" | "<" | ">") sum ]
    sum       := ["+" | "-"] product { ("+" | "-") product }
    product   := factor { ("*" | "/" | "//") factor | power }    a power right behind a factor multiplies: 2P, 3^2 C^2
    factor    := ("+" | "-") factor | power
    power     := atom [ "!" ] [ ("^" | "**") factor ]
    atom      := number | symbol | "(" sum ")" | ("floor" | "ceil") "(" sum ")"
               | ("max" | "min") "(" sum { "," sum } ")" | ("sum" | "prod") "(" sum "over" symbol ")" | fact
    fact      := name "(" name [ "[" name "=" sum { "," name "=" sum } "]" ] [ ";" row { row } ] ")"
    row       := [shape "->"] pattern ["->" shape]               rows of a table by name (* and ?), and by shape

`a // b` is read as `floor(a / b)`. A formula is a sum; a claim is a condition, and its numbers may be facts
(`params(vgg16)`, `weights(vgg16; conv1_1)`, `mult_adds(conv[kernel=K, in=M, out=N, output=D])`) or have a unit as
printed ones do (`60M / 12`).
A power right behind a factor begins with a name or a parenthesis. It is refused after a division: `1/2h` is ambiguous.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn, final

from archcalc.algebra.amounts import COUNTS
from archcalc.algebra.expressions.tree import FOLDS, Constant, Expression, Fact, Identifier, Operation, Subject
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown

LONGEST = 2000
DEEPEST = 40
HIGHEST = 80
"""Operations within each other, at most: deeper trees would exhaust Python's stack."""
MOST_DIGITS = 60
_NUMBER, _WORD, _MARK = r"\d+(?:\.\d+)?|\.\d+", r"[A-Za-z]\w*", r"\*\*|//|[-+*/^!(),=<>;\[\]]"
_TOKEN, _CLAIM_TOKEN = [
    re.compile(rf"\s*(?:((?:{_NUMBER}){unit})|({_WORD})|({_MARK}))?", re.ASCII) for unit in ("", r"(?:[KMGT](?!\w))?")
]
_SUBJECT = re.compile(r"\s*([A-Za-z_][\w.]*)", re.ASCII)
_ROWS = re.compile(r"\s*;([^()]*)\)")
_SPELLINGS = {"\u00d7": "*", "\u00b7": "*", "\u22c5": "*", "\u2212": "-"}
_FUNCTIONS = ("floor", "ceil", "max", "min", "sum", "prod")
_JOINING = ("over", "and")


class Token(NamedTuple):
    """A token of a formula, with its first position and the one after its last."""

    kind: str
    """The kind of token: number, name, mark, end, or another character."""
    text: str
    start: int
    end: int


def parse(text: str) -> Expression:
    """The formula that is written in a text.

    Raises ArchcalcError naming the place (counted from 1) and what is wrong there.
    """
    reader = _Reader(text, facts=False)
    return reader.whole(reader.sum(0))


def parse_claim(text: str) -> Expression:
    """The condition or the number, with facts, that is written in a text. Raises ArchcalcError as `parse` does."""
    reader = _Reader(text, facts=True)
    return reader.whole(reader.condition())


@final
class _Reader:
    """A text, read from left to right one token at a time."""

    def __init__(self, text: str, *, facts: bool) -> None:
        if len(text) > LONGEST:
            raise ArchcalcError(f"a formula has at most {LONGEST} characters, not {len(text)}")
        for mark, plain in _SPELLINGS.items():
            text = text.replace(mark, plain)
        self.text = text
        self.facts = facts
        self.next = self._token(0)

    def _token(self, place: int) -> Token:
        match = (_CLAIM_TOKEN if self.facts else _TOKEN).match(self.text, place)
        assert match is not None  # noqa: S101  it matches the empty text
        digits, name, mark = match.groups()
        word = digits or name or mark or ""
        start, end = match.end() - len(word), match.end()
        if not word and end < len(self.text):
            raise self.error(f"{self.text[end]!r} is no part of a formula", end)
        if digits and len(digits) > MOST_DIGITS:
            raise self.error(f"a number of more than {MOST_DIGITS} digits", start)
        return Token("number" if digits else "name" if name else "mark" if mark else "end", word, start, end)

    def error(self, what: str, place: int) -> ArchcalcError:
        return ArchcalcError(f"{shown(self.text)} at {place + 1}: {what}")

    def fail(self, wanted: str) -> NoReturn:
        actual = repr(self.next.text) if self.next.text else "the end"
        raise self.error(f"{wanted} is expected, not {actual}", self.next.start)

    def advance(self) -> Token:
        """Return the next token, and go on to the one after it."""
        token = self.next
        self.next = self._token(token.end)
        return token

    def take(self, *texts: str) -> str:
        """Return the next token if it is one of these, and go on; otherwise return an empty text."""
        return self.advance().text if self.next.text in texts and self.next.kind in ("mark", "name") else ""

    def need(self, text: str) -> None:
        if not self.take(text):
            self.fail(f"{text!r}")

    def name(self, what: str) -> str:
        if self.next.kind != "name" or self.next.text in (*_FUNCTIONS, *_JOINING):
            self.fail(what)
        return self.advance().text

    def whole(self, tree: Expression) -> Expression:
        if self.next.kind != "end":
            self.fail("an operator or the end")
        if height(tree) > HIGHEST:
            raise self.error(f"more than {HIGHEST} operations within each other", 0)
        return tree

    def condition(self) -> Expression:
        relations = [self.relation()]
        while self.take("and"):
            relations.append(self.relation())
        return relations[0] if len(relations) == 1 else Operation("and", relations)

    def relation(self) -> Expression:
        left = self.sum(0)
        sign = self.take("=", "<", ">")
        return Operation(sign, (left, self.sum(0))) if sign else left

    def sum(self, depth: int) -> Expression:
        self.bounded(depth)
        minus = self.take("+", "-") == "-"
        terms = [self._signed(minus, self.product(depth))]
        while sign := self.take("+", "-"):
            terms.append(self._signed(sign == "-", self.product(depth)))
        return terms[0] if len(terms) == 1 else Operation("+", terms)

    def bounded(self, depth: int) -> None:
        if depth > DEEPEST:
            raise self.error(f"more than {DEEPEST} levels deep", self.next.start)

    def _signed(self, minus: bool, term: Expression) -> Expression:
        return Operation("-", (term,)) if minus else term

    def product(self, depth: int) -> Expression:
        factors = [self.factor(depth)]
        divided, divisions = False, 0
        while (mark := self.take("*", "//", "/")) or self._beside():
            if not mark and divided:
                self.fail("'*', or parentheses around what is divided by,")
            factor = self.factor(depth) if mark else self.power(depth)
            divided = mark in ("/", "//")
            divisions += divided
            self.bounded(depth + divisions)
            if not divided:
                factors.append(factor)
                continue
            above = factors[0] if len(factors) == 1 else Operation("*", factors)
            quotient = Operation("/", (above, factor))
            factors = [Operation("floor", (quotient,)) if mark == "//" else quotient]
        return factors[0] if len(factors) == 1 else Operation("*", factors)

    def _beside(self) -> bool:
        return self.next.text == "(" or (self.next.kind == "name" and self.next.text not in _JOINING)

    def factor(self, depth: int) -> Expression:
        self.bounded(depth)
        if sign := self.take("+", "-"):
            return self._signed(sign == "-", self.factor(depth + 1))
        return self.power(depth)

    def power(self, depth: int) -> Expression:
        base = self.atom(depth)
        if self.take("!"):
            base = Operation("!", (base,))
        return Operation("^", (base, self.factor(depth + 1))) if self.take("^", "**") else base

    def atom(self, depth: int) -> Expression:
        if self.take("("):
            inner = self.sum(depth + 1)
            self.need(")")
            return inner
        if self.next.kind == "number":
            return Constant(_value(self.advance().text))
        if self.next.kind != "name" or self.next.text in _JOINING:
            self.fail("a number, a symbol or '('")
        name = self.advance()
        if name.text in _FUNCTIONS:
            return self.function(name.text, depth)
        if self.next.text == "(" and self.next.start == name.end:
            return self.fact(name.text, depth) if self.facts else self.fail("an operator or the end")
        return Identifier(name.text)

    def function(self, name: str, depth: int) -> Expression:
        self.need("(")
        operands = [self.sum(depth + 1)]
        if name in FOLDS:
            self.need("over")
            operands.append(Identifier(self.name("a symbol")))
        while name in ("max", "min") and self.take(","):
            operands.append(self.sum(depth + 1))
        self.need(")")
        return Operation(name, operands)

    def fact(self, quantity: str, depth: int) -> Expression:
        match = _SUBJECT.match(self.text, self.next.end)
        if match is None:
            raise self.error("the name of a network is expected", self.next.end)
        settings: list[tuple[str, Expression]] = []
        self.next = self._token(match.end())
        if self.take("["):
            settings.append(self.setting(depth))
            while self.take(","):
                settings.append(self.setting(depth))
            self.need("]")
        rows: tuple[str, ...] = ()
        listed = _ROWS.match(self.text, self.next.start)
        if listed:
            rows = tuple(listed[1].split())
            if not rows:
                raise self.error("a row is expected", listed.end() - 1)
            self.next = self._token(listed.end())
        else:
            self.need(")")
        return Fact(quantity, Subject(match[1], tuple(settings)), rows)

    def setting(self, depth: int) -> tuple[str, Expression]:
        """A hyperparameter and its value: a number, or one word such as `true` or `ceil`."""
        key = self.name("a setting")
        self.need("=")
        word = self.next
        if word.kind == "name" and self._token(word.end).text in (",", "]"):
            return key, Identifier(self.advance().text)
        return key, self.sum(depth + 1)


def height(tree: Expression) -> int:
    """The number of operations within each other."""
    levels, level = 0, [tree]
    while level := [part for each in level if isinstance(each, Operation) for part in each.operands]:
        levels += 1
    return levels


def _value(text: str) -> object:
    unit = COUNTS.get(text[-1], 1)
    digits = text.rstrip("KMGT")
    if "." not in digits:
        return int(digits) * unit
    from fractions import Fraction

    return Fraction(digits) * unit
