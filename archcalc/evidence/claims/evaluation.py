"""What an expression comes to, whoever knows the facts in it: numbers, shapes, and what each of several rows has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.evidence.claims.arithmetic import Binary, Fact, Factorial, Letter, Number, Tree

HIGHEST_POWER, LARGEST_FACTORIAL = 64, 20


class Rows(tuple[Any, ...]):
    """What each of several rows has, in their order; one number where all agree."""

    __slots__ = ()


class Differs(ArchcalcError):
    """Rows of which one number is printed have several."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        super().__init__("the rows differ: " + ", ".join(map(str, values)))


def one(value: Any) -> Any:
    """What all rows have in common. Raises Differs if they do not agree."""
    if isinstance(value, Rows):
        distinct = list(dict.fromkeys(value))
        if len(distinct) != 1:
            raise Differs(distinct)
        return distinct[0]
    return value


NO_LETTERS: Mapping[str, int] = {}


def evaluate(tree: Tree, fact: Callable[[Fact], Any], letters: Mapping[str, int] = NO_LETTERS) -> Any:
    """What a tree comes to: a number, a shape, `Rows`, or True and False for a relation. Counts may be arrays."""
    if isinstance(tree, Number):
        return int(tree.value) if tree.value.denominator == 1 else tree.value
    if isinstance(tree, Letter):
        return _letter(tree, letters)
    if isinstance(tree, Fact):
        return fact(tree)
    if isinstance(tree, Factorial):
        return _factorial(evaluate(tree.of, fact, letters))
    return _binary(tree, evaluate(tree.left, fact, letters), evaluate(tree.right, fact, letters))


def calculate(tree: Tree, letters: Mapping[str, int] = NO_LETTERS) -> Any:
    """What a tree without facts comes to. Raises ArchcalcError at a fact."""
    return evaluate(tree, _no_fact, letters)


def _no_fact(fact: Fact) -> Any:
    raise ArchcalcError(f"{fact.quantity}({fact.subject.name}) is no number")


def _letter(tree: Letter, letters: Mapping[str, int]) -> int:
    if tree.name not in letters:
        raise ArchcalcError(f"{tree.name!r} is no number")
    return letters[tree.name]


def _binary(tree: Binary, left: Any, right: Any) -> Any:
    if tree.sign in ("=", "<", ">", "and"):
        return _relation(tree.sign, left, right)
    if isinstance(left, Rows) or isinstance(right, Rows):
        return _row_by_row(tree.sign, left, right)
    return _joined(tree.sign, left, right)


def _row_by_row(sign: str, left: Any, right: Any) -> Rows:
    length = max([len(side) for side in (left, right) if isinstance(side, Rows)])
    sides = [side if isinstance(side, Rows) else Rows([side] * length) for side in (left, right)]
    if len(sides[0]) != len(sides[1]):
        sides = [Rows([one(side)] * length) for side in sides]
    return Rows([_joined(sign, *pair) for pair in zip(*sides, strict=True)])


def _relation(sign: str, left: Any, right: Any) -> bool:
    if sign == "and":
        return left is True and right is True
    if not (isinstance(left, Rows) and isinstance(right, Rows)):
        left, right = one(left), one(right)
    return bool(left == right if sign == "=" else left < right if sign == "<" else left > right)


def _joined(sign: str, left: Any, right: Any) -> Any:
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    if sign == "^":
        if not isinstance(right, int) or not 0 <= right <= HIGHEST_POWER:
            raise ArchcalcError(f"a power is a whole number from 0 to {HIGHEST_POWER}, not {right}")
        return left**right
    if isinstance(right, (int, Fraction)) and right == 0:
        raise ArchcalcError(f"{left} divided by 0")
    if isinstance(left, (int, Fraction)) and isinstance(right, (int, Fraction)):
        return Fraction(left) / right
    return left / (float(right) if isinstance(right, Fraction) else right)


def _factorial(number: Any) -> int:
    if not isinstance(number, int) or not 0 <= number <= LARGEST_FACTORIAL:
        raise ArchcalcError(f"a factorial is of a whole number from 0 to {LARGEST_FACTORIAL}, not {number}")
    product = 1
    for factor in range(2, number + 1):
        product *= factor
    return product
