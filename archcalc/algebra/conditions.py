"""Conditions on the figures of a network: `mult_adds < 500M and (params < 5M or top1 >= 75)`.

    condition  := conjunction { "or" conjunction }
    conjunction := negation { "and" negation }
    negation   := "not" negation | "(" condition ")" | relation
    relation   := sum compare sum { compare sum }           compare: < <= > >= = == !=
    sum        := product { ("+" | "-") product }
    product    := factor { ("*" | "/") factor }
    factor     := "-" factor | number | name | "(" sum ")"

A number may have a unit of counts, bytes or time (`500M`, `8 GiB`, `1e9`, `5 ms`) or be in per cent (`75 %` is 75).
Names are read without case; `-` in `mult-adds` and `top-1` is part of the name, as it is in what follows an `@`:
`latency@rtx-4090`. A division by zero has no result: what depends on it is not known to hold. Nothing is evaluated as
code; length, depth and the bits of numbers are bounded.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn, TypeAlias, final

from archcalc.algebra.amounts import BYTES, COUNTS, TIMES
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown

LONGEST = 1000
DEEPEST = 30
MOST_BITS = 1024
"""The most bits of a number that stands in a condition, and of one that its arithmetic gives."""
UNITS: Mapping[str, int | Fraction] = {
    unit.lower(): size for unit, size in {**TIMES, **BYTES, **COUNTS, "B": 10**9, "%": 1}.items()
}
"""Units in lower case, since the case of a letter does not matter here.

`B` is a billion, as in `2B params`; a byte has no unit of its own.
"""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d[\d_]*(?:\.\d+)?(?:e[+-]?\d{1,3})?)\s?(?P<unit>%|(?:[kmgt](?:i?b)?|b|[mun]?s)(?![A-Za-z_]))?"
    r"|(?P<name>mult-adds|top-[15]|[A-Za-z_]\w*(?:@\w[\w.-]*)?)|(?P<mark><=|>=|==|!=|[<>=()+\-*/])|(?P<end>$))",
    re.ASCII | re.IGNORECASE,
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if _of_many(a) or _of_many(b) else None if b == 0 else Fraction(a) / Fraction(b),
}
Values: TypeAlias = Mapping[str, Any]
Sum: TypeAlias = Callable[[Values], Any]
Verdict: TypeAlias = bool | None


class Condition(NamedTuple):
    """A condition: the names of the figures in it, in order, and whether it holds for some values of them."""

    names: tuple[str, ...]
    holds: Callable[[Values], Verdict]
    """True or False; None if that depends on a figure that is missing (None), as in Kleene's logic.

    A figure may stand for many numbers at once: an object with `+ - * /` and comparisons whose results have `~` and `|`
    for not and or; then so does the verdict, unless the condition is of numbers only.
    """


def together(conditions: Sequence[Condition]) -> Condition:
    """The condition that holds where all of some conditions hold."""
    names = dict.fromkeys([name for each in conditions for name in each.names])

    def holds(values: Values) -> Verdict:
        return _all([each.holds(values) for each in conditions])

    return Condition(tuple(names), holds)


def _any_figure(name: str) -> bool:
    return bool(name)


def parse_condition(
    text: str,
    read_name: Callable[[str], str] = str.lower,
    in_bytes: Callable[[str], bool] = _any_figure,
    in_seconds: Callable[[str], bool] = _any_figure,
) -> Condition:
    """The condition that is written in a text; `read_name` gives the name that a word means, or raises ArchcalcError.

    `in_bytes` is true for the names of figures in bytes: a number of bytes is compared with these only; `in_seconds`
    for those of figures in seconds.

    Raises ArchcalcError naming the place (counted from 1) and what is wrong there.

    >>> condition = parse_condition("mult-adds < 500M and top1 > 75")
    >>> condition.names, condition.holds({"mult_adds": 300_000_000, "top1": 76.1})
    (('mult_adds', 'top1'), True)
    >>> print(condition.holds({"mult_adds": 300_000_000, "top1": None}))
    None
    """
    reader = _ConditionReader(text, read_name, in_bytes, in_seconds)
    holds = reader.either(0)
    if reader.kind != "end":
        reader.fail("'and', 'or' or the end")
    return Condition(tuple(reader.names), holds)


@final
class _ConditionReader:
    """A condition, read from left to right one token at a time."""

    def __init__(
        self,
        text: str,
        read_name: Callable[[str], str],
        in_bytes: Callable[[str], bool],
        in_seconds: Callable[[str], bool],
    ) -> None:
        if len(text) > LONGEST:
            raise ArchcalcError(f"a condition has at most {LONGEST} characters, not {len(text)}", about="where")
        self.text = text.replace("\u2264", "<=").replace("\u2265", ">=").replace("\u00d7", "*")
        self.text = self.text.replace("\u00b5s", "us").replace("\u03bcs", "us")
        self.read_name = read_name
        self.measures = {"bytes": in_bytes, "time": in_seconds}
        self.names: dict[str, None] = {}
        self.compared: list[str] = []
        """The names of the comparison that is read."""
        self.units: dict[str, str] = {}
        """The last unit of bytes and the last of time in it."""
        self.place = self.start = 0
        self.kind = self.word = self.unit = ""
        self.advance()

    def advance(self) -> str:
        """Return the word of the token, and go on to the next one."""
        word, match = self.word, _TOKEN.match(self.text, self.place)
        if match is None:
            self.start = self.place + len(self.text[self.place :]) - len(self.text[self.place :].lstrip())
            self.error(f"{self.text[self.start]!r} is no part of a condition")
        self.kind = next(kind for kind in ("number", "name", "mark", "end") if match[kind] is not None)
        self.word = str(match[self.kind]).lower()
        self.unit, self.start, self.place = match["unit"] or "", match.start(self.kind), match.end()
        return word

    def error(self, what: str) -> NoReturn:
        raise ArchcalcError(f"{shown(self.text)} at {self.start + 1}: {what}", about="where")

    def fail(self, wanted: str) -> NoReturn:
        self.error(f"{wanted} is expected, not {self.word!r}" if self.kind != "end" else f"{wanted} is expected here")

    def take(self, *words: str) -> str:
        return self.advance() if self.word in words and self.kind in ("mark", "name") else ""

    def either(self, depth: int) -> Callable[[Values], Verdict]:
        parts = [self.both(depth)]
        while self.take("or"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else lambda values: _any([part(values) for part in parts])

    def both(self, depth: int) -> Callable[[Values], Verdict]:
        parts = [self.negation(depth)]
        while self.take("and"):
            parts.append(self.negation(depth))
        return parts[0] if len(parts) == 1 else lambda values: _all([part(values) for part in parts])

    def negation(self, depth: int) -> Callable[[Values], Verdict]:
        if depth > DEEPEST:
            self.error(f"more than {DEEPEST} levels deep")
        if self.take("not"):
            inner = self.negation(depth + 1)
            return lambda values: _not(inner(values))
        if self.word == "(" and self._encloses_relation():
            self.advance()
            inner = self.either(depth + 1)
            if not self.take(")"):
                self.fail("')'")
            return inner
        return self.relation(depth)

    def _encloses_relation(self) -> bool:
        """Return True if the parentheses that open here hold a comparison, not a sum."""
        level = 0
        for at in range(self.start, len(self.text)):
            level += {"(": 1, ")": -1}.get(self.text[at], 0)
            if level == 0:
                return False
            if self.text[at] in "<>=!":
                return True
        return False

    def relation(self, depth: int) -> Callable[[Values], Verdict]:
        self.compared, self.units = [], {}
        sums, signs = [self.sum(depth)], list[str]()
        while sign := self.take(*_COMPARE):
            signs.append(sign)
            sums.append(self.sum(depth))
        if not signs:
            self.fail("a comparison such as <")
        for measure, unit in self.units.items():
            if self.compared and not any(map(self.measures[measure], self.compared)):
                said = f"{unit} is a unit of {measure}, {' and '.join(dict.fromkeys(self.compared))} has none"
                raise ArchcalcError(f"{shown(self.text)}: {said}", about="where")

        def holds(values: Values) -> Verdict:
            found = [each(values) for each in sums]
            triples = zip(found, signs, found[1:], strict=False)
            return _all([None if a is None or b is None else _COMPARE[sign](a, b) for a, sign, b in triples])

        return holds

    def sum(self, depth: int) -> Sum:
        value = self.product(depth)
        while sign := self.take("+", "-"):
            value = _combined(sign, value, self.product(depth))
        return value

    def product(self, depth: int) -> Sum:
        value = self.factor(depth)
        while sign := self.take("*", "/"):
            value = _combined(sign, value, self.factor(depth))
        return value

    def factor(self, depth: int) -> Sum:
        if depth > DEEPEST:
            self.error(f"more than {DEEPEST} levels deep")
        if self.take("-"):
            return _combined("-", lambda _: 0, self.factor(depth + 1))
        if self.take("("):
            inner = self.sum(depth + 1)
            if not self.take(")"):
                self.fail("')'")
            return inner
        if self.kind == "number":
            return self.number()
        if self.kind != "name" or self.word in ("and", "or", "not"):
            self.fail("a quantity or a number")
        return self.figure()

    def number(self) -> Sum:
        value = Fraction(self.word.replace("_", "")) * UNITS[self.unit.lower()]
        if _bits(value) > MOST_BITS:
            self.error("a number that is too large or has too many digits")
        unit = self.unit.lower()
        if unit and unit in TIMES:
            self.units["time"] = self.unit
        elif unit[1:] in ("b", "ib"):
            self.units["bytes"] = self.unit
        self.advance()
        return lambda _: value

    def figure(self) -> Sum:
        try:
            name = self.read_name(self.word.replace("-", "_" if self.word.startswith("mult") else ""))
        except ArchcalcError as error:
            error.args = (f"{shown(self.text)} at {self.start + 1}: {error}",)
            error.about = "where"
            raise
        self.names[name] = None
        self.compared.append(name)
        self.advance()

        def value(values: Values) -> Any:
            given = values[name]
            return Fraction(str(given)) if isinstance(given, float) else given

        return value


def _combined(sign: str, one: Sum, other: Sum) -> Sum:
    def value(values: Values) -> Any:
        a, b = one(values), other(values)
        return None if a is None or b is None else _bounded(_ARITHMETIC[sign](a, b))

    return value


def _bounded(value: Any) -> Any:
    """The value itself. Raises ArchcalcError for a number that is too large to be one of a network."""
    if isinstance(value, (int, Fraction)) and _bits(value) > MOST_BITS:
        raise ArchcalcError(f"a condition has a result of more than {MOST_BITS} bits", about="where")
    return value


def _bits(value: int | Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _of_many(value: Any) -> bool:
    """Return True for an object that stands for many numbers or verdicts."""
    return not isinstance(value, (bool, int, Fraction)) and value is not None


def _not(verdict: Verdict) -> Verdict:
    many: Any = verdict
    return None if verdict is None else ~many if _of_many(verdict) else not verdict


def _any(verdicts: list[Verdict]) -> Verdict:
    plain = [each for each in verdicts if not _of_many(each)]
    found: Any = True if True in plain else None if None in plain else False
    for each in verdicts:
        found = each | found if _of_many(each) else found
    return found


def _all(verdicts: list[Verdict]) -> Verdict:
    return _not(_any(list(map(_not, verdicts))))
