"""Fields of ops as a layer list writes them: for each type of field the function that reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.importers.described import LARGEST_SIDE, one_side
from archcalc.importers.layer_amounts import Amount, Scope, read_amount


class FieldSetting(NamedTuple):
    """A field as it is written: the function that computes its value, and the hyperparameters that it reads."""

    read: Callable[[Scope], Any]
    names: tuple[str, ...] = ()


def field_reader(annotation: str) -> Callable[[str], FieldSetting | None] | None:
    """The function that reads fields of a type, which gives None for what it cannot read; None for other types."""
    words = re.fullmatch(r"Literal\[(.+)\]", annotation)
    if words is not None:
        options = re.findall(r"""["'](\w+)["']""", words[1])
        return lambda text: fixed(text) if text in options else None
    return _READERS.get(annotation)


def fixed(value: Any) -> FieldSetting:
    """A field whose value stands in the text."""

    def read(_: Scope) -> Any:
        return value

    return FieldSetting(read)


def _amount(text: str, take: Callable[[Amount, Scope], Any]) -> FieldSetting | None:
    amount = read_amount(text)
    if amount is None:
        return None

    def read(scope: Scope) -> Any:
        return take(amount, scope)

    return FieldSetting(read, amount.names)


def _size(text: str) -> FieldSetting | None:
    return _amount(text, Amount.size)


def _whole(text: str) -> FieldSetting | None:
    return _amount(text, whole)


def _real(text: str) -> FieldSetting | None:
    return _amount(text, Amount.value)


def _truth(text: str) -> FieldSetting | None:
    return fixed(text == "true") if text in ("true", "false") else _amount(text, _true)


def _axes(text: str) -> FieldSetting | None:
    """One number, or as many as axes: 3, 3x5, or a name; numbers that cut off or move back are negative."""
    if re.fullmatch(r"-?\d{1,9}(x-?\d{1,9}){1,3}", text, re.ASCII):
        return fixed(tuple([_bounded(int(side)) for side in text.split("x")]))
    return _whole(text)


def _list(text: str) -> FieldSetting | None:
    setting = _axes(text)
    if setting is None:
        return None

    def read(scope: Scope) -> tuple[Any, ...]:
        value = setting.read(scope)
        return cast("tuple[Any, ...]", value) if isinstance(value, tuple) else (value,)

    return FieldSetting(read, setting.names)


def _padding(text: str) -> FieldSetting | None:
    """As axes; with `0:1` before and after differ; `same`."""
    if text in ("same", "valid"):
        return fixed("same" if text == "same" else 0)
    if re.fullmatch(r"\d{1,9}:\d{1,9}(x\d{1,9}:\d{1,9}){0,2}", text, re.ASCII):
        return fixed(tuple([tuple([_bounded(int(side)) for side in pair.split(":")]) for pair in text.split("x")]))
    return _axes(text)


def _name(text: str) -> FieldSetting | None:
    return fixed(text) if re.fullmatch(r"\w{1,60}", text, re.ASCII) else None


_READERS: dict[str, Callable[[str], FieldSetting | None]] = {
    "int": _whole,
    "Dim": _size,
    "Dim | None": _size,
    "float": _real,
    "bool": _truth,
    "PerAxis": _axes,
    "Padding": _padding,
    "Dim | tuple[Dim, Dim]": _axes,
    "tuple[int, ...]": _list,
    "tuple[Dim, ...]": _list,
    "str": _name,
}


def whole(amount: Amount, scope: Scope) -> int:
    """The whole number that an amount must be. Raises ArchcalcError for symbols and arrays, which are none."""
    size = amount.size(scope)
    if type(size) is not int:
        raise ArchcalcError(f"{shown(amount.text)} stands for one whole number here, not for {shown(size)}")
    return _bounded(size)


def one_number(sides: Any) -> Any:
    """A single number for axes that agree."""
    return one_side(cast("tuple[int, ...]", sides)) if isinstance(sides, tuple) else sides


def _bounded(side: int) -> int:
    if abs(side) > LARGEST_SIDE:
        raise ArchcalcError(f"{side} is larger than {LARGEST_SIDE}")
    return side


def _true(amount: Amount, scope: Scope) -> bool:
    value = amount.value(scope)
    if type(value) is not bool:
        raise ArchcalcError(f"{shown(amount.text)} is true or false here, not {shown(value)}")
    return value
