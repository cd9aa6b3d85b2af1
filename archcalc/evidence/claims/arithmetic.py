"""Arithmetic as documents and selectors write it: read into a tree by a small grammar, never run as code.

    relation   = sum [("=" | "<" | ">") sum] {"and" relation}
    sum        = product {("+" | "-") product}
    product    = power {["*" | "/"] power}            nothing between two powers multiplies: 2P, 3^2 C^2
    power      = item ["^" power] ["!"]
    item       = number | name | "(" sum ")" | fact
    fact       = name "(" subject [";" row {row}] ")"
    subject    = name ["[" name "=" sum {"," name "=" sum} "]"]
    number     = digits ["M"]                           M: millions, as they are printed
    row        = [shape "->"] pattern ["->" shape]    rows of a table by name (* and ?), by input and output shape

`params(vgg16)`, `weights(vgg16; conv1_1)`, `params(alexnet) / params(googlenet)`,
`params(mobilenet_v1[classes=120])`, `mult_adds(conv[kernel=K, in=M, out=N, output=D])`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from archcalc.base.errors import ArchcalcError


class Number(NamedTuple):
    """A number that stands in the text."""

    value: Fraction


class Letter(NamedTuple):
    """A name: a letter that stands for any number, or a word such as `true`."""

    name: str


class Binary(NamedTuple):
    """`left` and `right` joined by + - * / ^ = < > or `and`."""

    sign: str
    left: Tree
    right: Tree


class Factorial(NamedTuple):
    """n!"""

    of: Tree


class Subject(NamedTuple):
    """What a fact is about: a network or an op of an example, with its settings."""

    name: str
    settings: tuple[tuple[str, Tree], ...] = ()


class Fact(NamedTuple):
    """A quantity of a subject, of all its rows or of some."""

    quantity: str
    subject: Subject
    rows: tuple[str, ...] = ()


Tree: TypeAlias = Number | Letter | Binary | Factorial | Fact

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?M?)|(?P<name>[A-Za-z_][\w.]*)|(?P<sign>[-+*/^!()=<>;\[\],]))"
)
_ROWS = re.compile(r"\s*;([^()]*)\)")
_LONGEST, _DEEPEST = 400, 40


def parse(text: str) -> Tree:
    """The tree of a relation or a sum. Raises ArchcalcError saying where the text cannot be read."""
    if len(text) > _LONGEST:
        raise ArchcalcError(f"an expression has at most {_LONGEST} characters, not {len(text)}")
    reader = _Reader(text)
    tree = reader.relation()
    if reader.peek():
        raise reader.refuse("the end")
    return tree


def facts_in(tree: Tree) -> Iterator[Fact]:
    """Every fact of a tree, from left to right."""
    if isinstance(tree, Fact):
        yield tree
    elif isinstance(tree, Binary):
        yield from facts_in(tree.left)
        yield from facts_in(tree.right)
    elif isinstance(tree, Factorial):
        yield from facts_in(tree.of)


def letters_in(tree: Tree) -> set[str]:
    """The letters of a tree that stand for numbers, those in the settings of subjects included."""
    if isinstance(tree, Letter):
        return {tree.name}
    if isinstance(tree, Binary):
        return letters_in(tree.left) | letters_in(tree.right)
    if isinstance(tree, Factorial):
        return letters_in(tree.of)
    if isinstance(tree, Fact):
        return {name for _, value in tree.subject.settings for name in letters_in(value) if name not in WORDS}
    return set()


WORDS = frozenset({"true", "false", "floor", "ceil"})
"""Names in settings that are no letters."""


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def peek(self) -> str:
        """The next token; empty at the end."""
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            if self.text[self.at :].strip():
                raise self.refuse("a number, a name or a sign")
            return ""
        return match[0].strip()

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise self.refuse(expected or "more")
        match = _TOKEN.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return token

    def refuse(self, expected: str) -> ArchcalcError:
        rest = self.text[self.at :].strip()[:20] or "the end"
        return ArchcalcError(f"{self.text[:80]!r}: expected {expected} at {rest!r}")

    def relation(self) -> Tree:
        tree = self.sum()
        if self.peek() in ("=", "<", ">"):
            tree = Binary(self.take(), tree, self.sum())
        if self.peek() == "and":
            self.take()
            tree = Binary("and", tree, self.relation())
        return tree

    def sum(self) -> Tree:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ArchcalcError(f"{self.text[:80]!r} is nested more than {_DEEPEST} deep")
        tree = self.product()
        while self.peek() in ("+", "-"):
            tree = Binary(self.take(), tree, self.product())
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        tree = self.power()
        while (next_one := self.peek()) and (next_one in "*/(" or (next_one[0].isalnum() and next_one != "and")):
            sign = self.take() if next_one in "*/" else "*"
            tree = Binary(sign, tree, self.power())
        return tree

    def power(self) -> Tree:
        tree = self.item()
        while self.peek() == "!":
            self.take()
            tree = Factorial(tree)
        if self.peek() == "^":
            self.take()
            tree = Binary("^", tree, self.power())
        return tree

    def item(self) -> Tree:
        word = self.take()
        if word == "(":
            tree = self.sum()
            self.take(")")
            return tree
        if word[0].isdigit():
            million = 10**6 if word.endswith("M") else 1
            return Number(Fraction(word.rstrip("M").replace(",", "")) * million)
        if not (word[0].isalpha() or word[0] == "_"):
            self.at -= len(word)
            raise self.refuse("a number, a name or (")
        return self.fact(word) if self.peek() == "(" and len(word) > 2 else Letter(word)

    def fact(self, quantity: str) -> Fact:
        self.take("(")
        name = self.take()
        settings: list[tuple[str, Tree]] = []
        if self.peek() == "[":
            sign = self.take()
            while sign != "]":
                key = self.take()
                self.take("=")
                settings.append((key, self.sum()))
                sign = self.take()
                if sign not in (",", "]"):
                    raise self.refuse(", or ]")
        rows: tuple[str, ...] = ()
        match = _ROWS.match(self.text, self.at)
        if match:
            rows = tuple(match[1].split())
            self.at = match.end()
            if not rows:
                raise self.refuse("a row")
        else:
            self.take(")")
        return Fact(quantity, Subject(name, tuple(settings)), rows)


def show(tree: Tree) -> str:
    """A tree as it may be written; `parse` reads the same tree from it."""
    if isinstance(tree, Number):
        value = tree.value
        return str(value) if value.denominator == 1 else f"{float(value):g}"
    if isinstance(tree, Letter):
        return tree.name
    if isinstance(tree, Factorial):
        return f"({show(tree.of)})!"
    if isinstance(tree, Binary):
        if tree.sign in ("=", "<", ">", "and"):
            return f"{show(tree.left)} {tree.sign} {show(tree.right)}"
        return f"({show(tree.left)}) {tree.sign} ({show(tree.right)})"
    settings = ", ".join(f"{key}={show(value)}" for key, value in tree.subject.settings)
    rows = f"; {' '.join(tree.rows)}" if tree.rows else ""
    return f"{tree.quantity}({tree.subject.name}{f'[{settings}]' if settings else ''}{rows})"
