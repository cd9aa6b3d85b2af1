"""Axes of a design space: a name and the values that it takes.

16..512:16       from 16 to 512 in steps of 16; without a step in steps of 1
0.25..1:0.25     decimal steps, computed exactly
16..1024 log 2   each value twice the one before
8,16,32          a list of numbers or of words
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias, final

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, shown

Number: TypeAlias = "int | float"
Values: TypeAlias = "range | tuple[Any, ...]"

RESERVED = ("and", "divides")
"""Words of the language of constraints, which no axis is called."""
LONGEST = 10_000
"""Characters of an axis as text, at most."""
MOST_VALUES = 1_000_000
"""Values of an axis, at most; of a range of whole numbers `MOST_IN_RANGE`,
of a logarithmic one `MOST_IN_SCALE`; and axes of a space."""
MOST_IN_RANGE = 2**40
MOST_IN_SCALE = 1000
MOST_AXES = 200
LARGEST = 2**62
"""The largest number on an axis."""
_NUMBER = r"[+-]?(?:\d{1,18}(?:\.\d{1,18})?|\.\d{1,18})"
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})(?:\s*:\s*({_NUMBER})|\s+log\s+({_NUMBER}))?", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_WORD = re.compile(r"(?=[\w.+-]*[A-Za-z_])\w[\w.+-]{0,59}", re.ASCII)
FORMS = "16..512:16, 16..1024 log 2 or 8,16,32"


@final
@dataclass(frozen=True)
class SpaceAxis:
    """A name and its values, in order: whole numbers, numbers, words, or true and false.

    Raises ArchcalcError for a name that is none, for no values, too many, and values that are not different or not of
    one kind.

    >>> SpaceAxis.read("width", "16..64:16").values
    range(16, 65, 16)
    >>> SpaceAxis.of("width", {"from": 16, "to": 128, "log": 2}).values
    (16, 32, 64, 128)
    """

    name: str
    values: Values

    def __post_init__(self) -> None:
        """Check the name and the values."""
        check_name(self.name)
        if not isinstance(self.values, range):
            object.__setattr__(self, "values", _of_one_kind(self.name, tuple(self.values)))
        elif not self.values:
            raise self.error("it has no values")
        elif self.values[-1] > LARGEST or self.values[0] < -LARGEST:
            raise self.error("its numbers lie between -2^62 and 2^62")
        elif (self.values[-1] - self.values[0]) // self.values.step >= MOST_IN_RANGE:  # len() has a limit
            raise self.error("it has more than 2^40 values")

    @classmethod
    def read(cls, name: str, text: str) -> SpaceAxis:
        """The axis of a name whose values a text states. Raises ArchcalcError naming the axis and what is wrong."""
        check_name(name)
        if len(text) > LONGEST:
            raise _error(name, f"its text has more than {LONGEST:,} characters")
        match = _RANGE.fullmatch(text.strip())
        if match:
            low, high, step, factor = match.groups()
            return cls(name, _scale(name, low, high, step, factor))
        if ".." in text:
            raise _error(name, f"{shown(text)} is no range: write {FORMS}")
        return cls(name, tuple([_value(name, each, text) for each in text.split(",")]))

    @classmethod
    def of(cls, name: str, given: Any) -> SpaceAxis:
        """The axis of a name and of a text, a list, a range, one value, or a mapping.

        A mapping has the keys `from` and `to`, and `step` or `log`. Raises ArchcalcError naming the axis and what is
        wrong.
        """
        check_name(name)
        if isinstance(given, SpaceAxis):
            return cls(name, given.values)
        if isinstance(given, str):
            return cls.read(name, given)
        if isinstance(given, Mapping):
            return cls(name, _of_mapping(name, given))  # pyright: ignore[reportUnknownArgumentType]
        if isinstance(given, range):
            return cls(name, given if given.step > 0 or not given else given[::-1])
        if isinstance(given, (bool, int, float)):
            return cls(name, (given,))
        if isinstance(given, Iterable) and not isinstance(given, bytes):
            return cls(name, _bounded(given))  # pyright: ignore[reportUnknownArgumentType]
        raise _error(name, f"its values are text such as {FORMS}, a list or a range, not {cut(repr(given))}")

    def __len__(self) -> int:
        return len(self.values)

    @property
    def is_numeric(self) -> bool:
        """True if its values are numbers, of which constraints may speak."""
        return type(self.values[0]) in (int, float)

    @cached_property
    def array(self) -> Any:
        """The values as a numpy array: int64, float64 where one is no whole number, or objects for words."""
        numpy = _numpy()
        if isinstance(self.values, range):
            return numpy.arange(self.values.start, self.values.stop, self.values.step, dtype=numpy.int64)
        if not self.is_numeric:
            array = numpy.empty(len(self.values), dtype=object)
            array[:] = self.values
            return array
        whole = all([type(each) is int for each in self.values])
        return numpy.array(self.values, dtype=numpy.int64 if whole else numpy.float64)

    def at(self, places: Any) -> Any:
        """The values at places, an int64 array counted from 0; an array of the same shape."""
        if isinstance(self.values, range):
            return places * self.values.step + self.values.start
        return self.array[places]

    def error(self, what: str) -> ArchcalcError:
        """The error for what is wrong with this axis."""
        return _error(self.name, what)

    @property
    def text(self) -> str:
        """The values as text that `read` reads.

        >>> SpaceAxis.of("width", [1, 2, 4]).text, SpaceAxis.of("depth", range(1, 17)).text
        ('1,2,4', '1..16')
        """
        values = self.values
        if isinstance(values, range) and len(values) > 1:
            step = "" if values.step == 1 else f":{values.step}"
            return f"{values[0]}..{values[-1]}{step}"
        return ",".join([str(each).lower() if isinstance(each, bool) else _plain(each) for each in values])


def check_name(name: Any) -> None:
    """Raise ArchcalcError unless an axis can be called so."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in RESERVED:
        raise ArchcalcError(f"{shown(name)} is no name of an axis: letters, digits and _, and not {RESERVED}", "axes")


def as_fraction(number: Number) -> Fraction:
    """A number exactly: a float stands for the decimal number that Python prints for it, 0.1 for one tenth."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def _numpy() -> Any:
    from archcalc.base.extras import need

    return need("numpy", "a design space")


def _error(name: str, what: str) -> ArchcalcError:
    return ArchcalcError(f"axis {name}: {what}", about=f"axes.{name}")


def _plain(value: Any) -> str:
    """A value as text without an exponent."""
    if not isinstance(value, float) or "e" not in repr(value):
        return str(value)
    return f"{value:.18f}".rstrip("0")


def _bounded(given: Iterable[Any]) -> tuple[Any, ...]:
    from itertools import islice

    values = tuple(islice(given, MOST_VALUES + 1))
    return tuple([each.item() if hasattr(each, "dtype") else each for each in values])


def _of_one_kind(name: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values of an axis, checked."""
    if not values:
        raise _error(name, "it has no values")
    if len(values) > MOST_VALUES:
        raise _error(name, f"it has more than {MOST_VALUES:,} values")
    kinds: set[type] = {type(each) for each in values}
    odd = [each for each in values if type(each) not in (bool, int, float, str)]
    if odd:
        raise _error(name, f"a value is a number, a word, true or false, not {cut(repr(odd[0]))}")
    if len(kinds - {int, float}) > (0 if kinds & {int, float} else 1):
        raise _error(name, "its values are numbers, or words, or true and false, not several of these")
    if kinds <= {int, float}:
        large = next((each for each in values if not -LARGEST <= each <= LARGEST), None)
        if large is not None:
            raise _error(name, f"its numbers lie between -2^62 and 2^62, not {cut(str(large))}")
    if len(set(values)) != len(values):
        seen: set[Any] = set()
        twice = next(each for each in values if each in seen or seen.add(each))
        raise _error(name, f"{shown(twice)} stands in it twice")
    if kinds == {int, float}:  # one column, one type
        unfit = next((each for each in values if int(float(each)) != each and isinstance(each, int)), None)
        if unfit is not None:
            raise _error(name, f"{unfit} is too large beside numbers with decimals")
    return values


def _value(name: str, text: str, whole: str) -> Any:
    """One value of a list: a number, true, false, or a word."""
    text = text.strip()
    if re.fullmatch(_NUMBER, text, re.ASCII):
        return _number(Fraction(text), decimal="." in text)
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if not _WORD.fullmatch(text):
        raise _error(name, f"{shown(text)} in {shown(whole)} is no number and no word: write {FORMS}")
    return text


def _number(number: Fraction, decimal: bool) -> Number:
    return float(number) if decimal or number.denominator != 1 else int(number)


def _of_mapping(name: str, given: Mapping[Any, Any]) -> Values:
    """The values of `{from = 16, to = 512, step = 16}` or of one with `log` for `step`."""
    known = ("from", "to", "step", "log")
    strange = next((key for key in given if key not in known), None)
    if strange is not None:
        raise _error(name, f"{shown(strange)} is no key of it; there are {', '.join(known)}")
    for key in ("from", "to"):
        if key not in given:
            raise _error(name, f"it lacks {key!r}")
    if "step" in given and "log" in given:
        raise _error(name, "it has both 'step' and 'log'")
    texts: list[str | None] = []
    for key in known:
        value = given.get(key)
        text = None if value is None else _plain(value) if type(value) in (int, float) else str(value)
        if text is not None and not re.fullmatch(_NUMBER, text, re.ASCII):
            raise _error(name, f"{key!r} is a number, not {shown(value)}")
        texts.append(text)
    low, high, step, factor = texts
    assert low is not None  # noqa: S101  checked above
    assert high is not None  # noqa: S101
    return _scale(name, low, high, step, factor)


def _scale(name: str, first: str, last: str, by: str | None, factor: str | None) -> Values:
    """The values from a number to another, in equal steps or each a multiple of the one before."""
    decimal = any(["." in each for each in (first, last, by or factor or "")])
    low, high = Fraction(first), Fraction(last)
    if low > high:
        raise _error(name, f"a range runs upwards, not from {first} to {last}")
    if factor is not None:
        return _logarithmic(name, low, high, Fraction(factor), decimal)
    step = Fraction(by or 1)
    if by is None and decimal:
        raise _error(name, f"a range of decimals has a step: {first}..{last}:0.25")
    if step <= 0:
        raise _error(name, f"a step is more than 0, not {by}")
    if not decimal:
        return range(int(low), int(high) + 1, int(step))
    count = (high - low) // step + 1
    if count > MOST_VALUES:
        raise _error(name, f"it has more than {MOST_VALUES:,} values")
    return tuple([float(low + step * place) for place in range(count)])


def _logarithmic(name: str, low: Fraction, high: Fraction, factor: Fraction, decimal: bool) -> tuple[Number, ...]:
    if factor <= 1 or low <= 0:
        raise _error(name, "a logarithmic range begins above 0 and has a factor above 1")
    values: list[Number] = []
    each = low
    while each <= high:
        values.append(_number(each, decimal))
        if len(values) > MOST_IN_SCALE:
            raise _error(name, f"a logarithmic range has at most {MOST_IN_SCALE:,} values")
        each *= factor
    return tuple(values)


def read_axes(given: Mapping[str, Any] | Sequence[SpaceAxis]) -> tuple[SpaceAxis, ...]:
    """The axes of a mapping from names to values. Raises ArchcalcError for none and too many, and as `SpaceAxis.of`."""
    axes = (
        tuple([SpaceAxis.of(key, value) for key, value in given.items()])
        if isinstance(given, Mapping)
        else tuple(given)
    )
    if not axes:
        raise ArchcalcError("a design space has at least one axis", "axes")
    if len(axes) > MOST_AXES:
        raise ArchcalcError(f"a design space has at most {MOST_AXES} axes, not {len(axes)}", "axes")
    names = [each.name for each in axes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ArchcalcError(f"there are two axes called {twice}", f"axes.{twice}")
    return axes
