"""Kinds of hyperparameters: the range of values of each, and reading a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError

FRACTION = re.compile(r"\s*\d{1,9}\.\d{1,9}\s*")


class Whole(NamedTuple):
    """A whole-number hyperparameter."""

    low: int
    high: int
    meaning: str
    or_zero: bool = False
    """True if it may also be 0, a value with a meaning of its own, which is outside the range of searches."""
    parts: int = 1
    """Given as it is, it may also be a multiple of 1/parts; searches go by whole numbers."""

    def read(self, given: Any) -> Any:
        if isinstance(given, str) and re.fullmatch(r"[+-]?\d{1,40}", given.strip()):
            given = int(given)
        if self.parts > 1 and (isinstance(given, float) or (isinstance(given, str) and FRACTION.fullmatch(given))):
            given = self._in_parts(float(given))
        if type(given) is not int and not (self.parts > 1 and type(given) is float):
            raise ValueError(f"a whole number, not {given!r}")
        if not self.low <= given <= self.high and not (self.or_zero and given == 0):
            raise ValueError(f"from {self.low} to {self.high}{self._zero}, not {given}")
        return given

    def span(self) -> str:
        in_parts = f" in steps of 1/{self.parts}" if self.parts > 1 else ""
        return f"{self.low} to {self.high}{in_parts}{self._zero}"

    def _in_parts(self, given: float) -> int | float:
        if (given * self.parts) % 1:
            raise ValueError(f"a multiple of 1/{self.parts}, not {given!r}")
        return int(given) if given == int(given) else given

    @property
    def _zero(self) -> str:
        return ", or 0" if self.or_zero else ""


class Real(NamedTuple):
    """A real-number hyperparameter."""

    low: float
    high: float
    meaning: str

    def read(self, given: Any) -> float:
        if isinstance(given, str) and re.fullmatch(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})", given.strip()):
            given = float(given)
        if type(given) is int:
            given = float(given)
        if type(given) is not float:
            raise ValueError(f"a number, not {given!r}")
        if not self.low <= given <= self.high:
            raise ValueError(f"from {self.low:g} to {self.high:g}, not {given:g}")
        return given

    def span(self) -> str:
        return f"{self.low:g} to {self.high:g}"


class Choice(NamedTuple):
    """A hyperparameter with a few possible values, all words or all whole numbers."""

    options: tuple[Any, ...]
    meaning: str

    def read(self, given: Any) -> Any:
        for option in self.options:
            if given == option or (isinstance(given, str) and given.strip() == str(option)):
                return option
        raise ValueError(f"one of {self.span()}, not {given!r}")

    def span(self) -> str:
        return ", ".join(str(option) for option in self.options)


class Switch(NamedTuple):
    """A hyperparameter that is on or off."""

    meaning: str

    def read(self, given: Any) -> bool:
        if isinstance(given, str):
            given = {"true": True, "yes": True, "on": True, "1": True}.get(
                given.strip().lower(),
                {"false": False, "no": False, "off": False, "0": False}.get(given.strip().lower(), given),
            )
        if type(given) is not bool:
            raise ValueError(f"true or false, not {given!r}")
        return given

    def span(self) -> str:
        return "true or false"


class Other(NamedTuple):
    """A hyperparameter of another kind: passed on to the network as it is given."""

    meaning: str
    literal: bool = False
    """True if text that Python reads as a list, a tuple, a number or the like stands for that value."""

    def read(self, given: Any) -> Any:
        if not self.literal or not isinstance(given, str) or len(given) > 10_000:
            return given
        from ast import literal_eval

        try:
            return literal_eval(given)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return given

    def span(self) -> str:
        return "any value"


Hyperparameter = Whole | Real | Choice | Switch | Other

LARGEST_SIZE = 1_000_000
"""The largest input size: up to it every count of the catalogue stays below 2^63."""


def read_size(given: Any, name: str) -> int:
    """A height or width. Raises ArchcalcError unless it is a whole number from 1 to `LARGEST_SIZE`."""
    try:
        return Whole(1, LARGEST_SIZE, "").read(given)
    except ValueError as error:
        raise ArchcalcError(f"{name}: an input size is {_short(error)}", about="input") from None


def read_hyperparameter(name: str, kinds: Mapping[str, Hyperparameter], key: str, given: Any, hint: str = "") -> Any:
    """The value of a hyperparameter, from text or as it is.

    Symbols and arrays pass: they have no range to check. Raises ArchcalcError on an unknown key or a value out of
    range. `hint` ends the sentence on an unknown key.
    """
    kind = kinds.get(key)
    if kind is None:
        known = f"it has {', '.join(kinds)}" if kinds else "it has none"
        raise ArchcalcError(f"{name} has no hyperparameter {_short(repr(key))}; {known}{hint}", about="hyperparameters")
    plain = isinstance(given, (str, int, float, type(None)))
    if not plain and (
        isinstance(kind, Other) or (not isinstance(given, (Sequence, Mapping)) and hasattr(given, "__mul__"))
    ):
        return given
    try:
        return kind.read(given)
    except ValueError as error:
        wrong = f"{name}: {key} ({kind.meaning}) is {_short(error)}"
        raise ArchcalcError(wrong, about=f"hyperparameters.{key}") from None


def _short(text: object) -> str:
    full = str(text)
    return full if len(full) <= 120 else full[:117] + "..."
