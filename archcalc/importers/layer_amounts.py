"""Numbers of a layer list: sums and products of numbers and names, computed once the hyperparameters are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from archcalc.algebra.dims import floor
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.importers.described import LARGEST

LONGEST = 100
"""The most characters of one number."""
_TOKEN = re.compile(r"(\d{1,12}\.\d{1,12}|\d{1,12}|[A-Za-z_]\w*)|([-+*/])", re.ASCII)
_TOO_LARGE = 1e15

Scope: TypeAlias = Mapping[str, Any]
"""The values of the names that a line may use."""


class Amount(NamedTuple):
    """A number as it is written: operands and, before each, its operator; `*` and `/` bind before `+` and `-`."""

    text: str
    operands: tuple[int | float | str, ...]
    operators: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The hyperparameters in it."""
        return tuple([each for each in self.operands if isinstance(each, str)])

    def value(self, scope: Scope) -> Any:
        """The number: an int, a float, or what the hyperparameters make of it. Raises ArchcalcError if there is none.

        >>> read_amount("2*width+4").value({"width": 30})
        64
        >>> read_amount("64*scale").value({"scale": 0.75}), read_amount("width/3").value({"width": 64})
        (48.0, 21)
        """
        terms: list[Any] = []
        for operator, operand in zip(self.operators, self.operands, strict=True):
            number: Any = scope[operand] if isinstance(operand, str) else operand
            if isinstance(number, bool) and len(self.operands) > 1:
                raise ArchcalcError(f"{operand} is true or false, and {shown(self.text)} needs a number")
            if operator in "*/":
                terms[-1] = terms[-1] * number if operator == "*" else self._divided(terms[-1], number)
            else:
                terms.append(-number if operator == "-" else number)
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        if isinstance(total, float) and not abs(total) < _TOO_LARGE:
            raise ArchcalcError(f"{shown(self.text)} is too large")
        return total

    def size(self, scope: Scope) -> Any:
        """The number rounded down, as channels are. Raises ArchcalcError for true or false, and beyond the limit."""
        total = self.value(scope)
        if isinstance(total, bool):
            raise ArchcalcError(f"{shown(self.text)} is true or false, not a number")
        size = floor(total)
        if type(size) is int and abs(size) > LARGEST:
            raise ArchcalcError(f"{shown(self.text)} is {size}, and numbers go up to {LARGEST}")
        return size

    def _divided(self, number: Any, by: Any) -> Any:
        if isinstance(by, (int, float)) and by == 0:
            raise ArchcalcError(f"{shown(self.text)} divides by 0")
        return number / by if isinstance(number, float) or isinstance(by, float) else number // by


def read_amount(text: str) -> Amount | None:
    """A number as it is written, or None if it is not one.

    >>> read_amount("2*width").names, read_amount("2**width")
    (('width',), None)
    """
    operands: list[int | float | str] = []
    operators: list[str] = ["+"]
    at = 0
    while at < len(text) <= LONGEST:
        found = _TOKEN.match(text, at)
        if found is None or (found[2] is None) != (len(operators) == len(operands) + 1):
            return None
        if found[2] is not None:
            operators.append(found[2])
        else:
            operands.append(_number(found[1]))
        at = found.end()
    return Amount(text, tuple(operands), tuple(operators)) if operands and len(operands) == len(operators) else None


def _number(text: str) -> int | float | str:
    if text[0].isdigit():
        return float(text) if "." in text else int(text)
    return text
