"""Constraints of a design space: conditions on the values of its axes, such as `w2 >= w1` or `groups divides width`.

    constraint := condition { "and" condition }
    condition  := sum comparison sum { comparison sum } | sum "divides" sum     w1 <= w2 <= w3 is two comparisons
    comparison := "<" | "<=" | ">" | ">=" | "==" | "!="
    sum        := product { ("+" | "-") product }
    product    := factor { ("*" | "/" | "//" | "%") factor }
    factor     := ("+" | "-") factor | atom [ "**" factor ]
    atom       := number | name | "(" sum ")"

Numbers are exact: a value 0.1 of an axis is one tenth, `/` gives a fraction, and no count wraps around. `//` rounds
down, and the remainder `%` has the sign of the divisor. `A divides B` is `B % A == 0`. A comparison in which something
is divided by zero does not hold. Nothing is evaluated as code; length, depth and digits are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple, NoReturn, final

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.spaces.axes import RESERVED
from archcalc.spaces.rationals import COMPARISONS, Arithmetic, AxisName, PlainNumber, Tree, compare

LONGEST = 1000
"""Characters of a constraint, at most."""
DEEPEST = 30
"""Levels of parentheses and operators, at most."""
HIGHEST = 60
"""Operations within each other, at most: deeper trees would exhaust Python's stack, also where they are pickled."""
MOST_DIGITS = 18
MOST_COMPARISONS = 50
MOST_CONSTRAINTS = 200
"""Digits of a number, comparisons in a constraint and constraints of a space, at most."""
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z_]\w*)|(\*\*|//|<=|>=|==|!=|[-+*/%()<>]))?", re.ASCII)


@final
@dataclass(frozen=True)
class Relation:
    """Two formulas and the sign between them; the smallest part of a constraint that can hold or not."""

    sign: str
    left: Tree
    right: Tree

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The axes that it speaks of, in the order in which they stand in it."""
        return tuple(dict.fromkeys([*_names(self.left), *_names(self.right)]))

    def holds(self, values: Mapping[str, Any]) -> Any:
        """True where it holds: a bool for numbers, a numpy array of bool for arrays, which are stretched to one shape.

        Raises ArchcalcError for words, and for a result beyond 1024 bits.
        """
        return compare(self.sign, self.left, self.right, {name: values[name] for name in self.names})


@final
@dataclass(frozen=True)
class Constraint:
    """A condition on the values of axes, read from text.

    Raises ArchcalcError naming the place (counted from 1) and what is wrong there.

    >>> rule = Constraint("w1 <= w2 <= w3 and groups divides w1")
    >>> rule.names
    ('w1', 'w2', 'w3', 'groups')
    >>> rule.holds({"w1": 16, "w2": 16, "w3": 24, "groups": 8})
    True
    """

    text: str
    comparisons: tuple[Relation, ...] = field(init=False, repr=False, compare=False)
    """Its comparisons, all of which hold where it holds."""

    def __post_init__(self) -> None:
        """Read the text."""
        if not isinstance(self.text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArchcalcError(f"a constraint is a text, not {shown(repr(self.text))}", "constraints")
        object.__setattr__(self, "text", self.text.strip())
        object.__setattr__(self, "comparisons", _ConstraintReader(self.text).whole())

    @property
    def names(self) -> tuple[str, ...]:
        """The axes that it speaks of, in the order in which they stand in it."""
        return tuple(dict.fromkeys([name for each in self.comparisons for name in each.names]))

    def holds(self, values: Mapping[str, Any]) -> Any:
        """True where it holds, for numbers or numpy arrays by the names of axes; as `Relation.holds`."""
        found: Any = True
        for each in self.comparisons:
            found = each.holds(values) & found
        return found

    def __str__(self) -> str:
        return self.text


def _names(tree: Tree) -> Iterable[str]:
    if isinstance(tree, AxisName):
        yield tree.name
    elif isinstance(tree, Arithmetic):
        yield from _names(tree.left)
        if tree.right is not None:
            yield from _names(tree.right)


def _height(tree: Tree) -> int:
    """The number of operations within each other."""
    levels, level = 0, [tree]
    while level := [part for each in level if isinstance(each, Arithmetic) for part in (each.left, each.right) if part]:
        levels += 1
    return levels


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@final
class _ConstraintReader:
    """A text, read from left to right one token at a time."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ArchcalcError(f"a constraint has at most {LONGEST} characters, not {len(text)}", "constraints")
        self.text = text
        self.next = self._token(0)

    def _token(self, place: int) -> _Token:
        match = _TOKEN.match(self.text, place)
        assert match is not None  # noqa: S101  it matches the empty text
        digits, name, mark = match.groups()
        word = digits or name or mark or ""
        start, end = match.end() - len(word), match.end()
        if not word and self.text[end:].strip():
            end += len(self.text[end:]) - len(self.text[end:].lstrip())
            hint = "; equality is ==" if self.text[end] == "=" else ""
            raise self.error(f"{self.text[end]!r} is no part of a constraint{hint}", end)
        if digits and len(digits.replace(".", "")) > MOST_DIGITS:
            raise self.error(f"a number of more than {MOST_DIGITS} digits", start)
        return _Token("number" if digits else "name" if name else "mark" if mark else "end", word, start, end)

    def error(self, what: str, place: int) -> ArchcalcError:
        return ArchcalcError(f"constraint {shown(self.text)} at {place + 1}: {what}", "constraints")

    def fail(self, wanted: str) -> NoReturn:
        actual = repr(self.next.text) if self.next.text else "the end"
        raise self.error(f"{wanted} is expected, not {actual}", self.next.start)

    def advance(self) -> _Token:
        token = self.next
        self.next = self._token(token.end)
        return token

    def take(self, *texts: str) -> str:
        """Return the next token if it is one of these, and go on; otherwise return an empty text."""
        return self.advance().text if self.next.text in texts else ""

    def whole(self) -> tuple[Relation, ...]:
        found = self.condition()
        while self.take("and"):
            found += self.condition()
        if self.next.kind != "end":
            self.fail("an operator, 'and' or the end")
        if len(found) > MOST_COMPARISONS:
            raise self.error(f"more than {MOST_COMPARISONS} comparisons", 0)
        return tuple(found)

    def condition(self) -> list[Relation]:
        start = self.next.start
        left = self.sum(0)
        if self.take("divides"):
            found = [Relation("==", Arithmetic("%", self.sum(0), left), PlainNumber(Fraction(0)))]
        else:
            found: list[Relation] = []
            while sign := self.take(*COMPARISONS):
                right = self.sum(0)
                found.append(Relation(sign, left, right))
                left = right
            if not found:
                self.fail("a comparison such as <= or 'divides'")
        if max([_height(side) for each in found for side in (each.left, each.right)]) > HIGHEST:
            raise self.error(f"more than {HIGHEST} operations within each other", start)
        if not all([each.names for each in found]):
            raise self.error("it compares numbers only, no axis", start)
        return found

    def bounded(self, depth: int) -> None:
        if depth > DEEPEST:
            raise self.error(f"more than {DEEPEST} levels deep", self.next.start)

    def sum(self, depth: int) -> Tree:
        return self.chain(depth, ("+", "-"))

    def chain(self, depth: int, signs: tuple[str, ...]) -> Tree:
        """Operands between operators of one rank, from left to right."""
        read = self.product if "+" in signs else self.factor
        self.bounded(depth)
        tree, levels = read(depth), depth
        while sign := self.take(*signs):
            levels += 1
            self.bounded(levels)
            tree = Arithmetic(sign, tree, read(depth))
        return tree

    def product(self, depth: int) -> Tree:
        return self.chain(depth, ("*", "/", "//", "%"))

    def factor(self, depth: int) -> Tree:
        self.bounded(depth)
        if sign := self.take("+", "-"):
            inner = self.factor(depth + 1)
            return Arithmetic("-", inner, None) if sign == "-" else inner
        base = self.atom(depth)
        return Arithmetic("**", base, self.factor(depth + 1)) if self.take("**") else base

    def atom(self, depth: int) -> Tree:
        if self.take("("):
            inner = self.sum(depth + 1)
            if not self.take(")"):
                self.fail("')'")
            return inner
        if self.next.kind == "number":
            return PlainNumber(Fraction(self.advance().text))
        if self.next.kind != "name" or self.next.text in RESERVED:
            self.fail("a number, an axis or '('")
        return AxisName(self.advance().text)


def read_constraints(given: Iterable[str | Constraint], names: Iterable[str]) -> tuple[Constraint, ...]:
    """Constraints on axes of some names. Raises ArchcalcError for one that speaks of another, or cannot be read."""
    known = tuple(names)
    found = tuple([each if isinstance(each, Constraint) else Constraint(each) for each in given])
    if len(found) > MOST_CONSTRAINTS:
        raise ArchcalcError(f"a design space has at most {MOST_CONSTRAINTS} constraints", "constraints")
    for constraint in found:
        for name in constraint.names:
            if name not in known:
                place = re.search(rf"\b{name}\b", constraint.text, re.ASCII)
                at = f" at {place.start() + 1}" if place else ""
                said = f"constraint {shown(constraint.text)}{at}: {shown(name)} is no axis of the space; it has"
                raise ArchcalcError(f"{said} {', '.join(known)}", "constraints")
    return found
