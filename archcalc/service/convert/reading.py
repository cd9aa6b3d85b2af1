"""Messages as results."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from google.protobuf.message import Message

from archcalc.algebra.expressions import Expression
from archcalc.forms.results import Formula
from archcalc.service import trees
from archcalc.service.convert.common import BEYOND, Descriptor, Field, Unsendable, enum_text

Reader = Callable[[Any], Any]


def read(message: Any, hint: Any) -> Any:
    """A message as a value of the annotated type."""
    return _reader(hint)(message)


def read_field(message: Any, field: Field, hint: Any) -> Any:
    """One field as a value of the annotated type; None where it is not set. Raises Unsendable for an unknown enum."""
    name = field.name
    if field.has_presence and not message.HasField(name):
        return None
    reader = _reader(hint) if field.enum_type is None else _enum_reader(field)
    return reader(getattr(message, name))


@cache
def _reader(hint: Any) -> Reader:
    if hint in (int, float):  # which may be sent as any number
        return _whole
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        kept = [part for part in parts if part is not NoneType]
        if int in kept or str in kept:
            return _whole if int in kept else _anything
        return _reader(kept[0]) if len(kept) == 1 else _choice_reader(kept)
    return _reader_of_several(origin, parts) if isinstance(origin, type) else _reader_of_one(hint)


def _reader_of_one(hint: Any) -> Reader:
    if hint in (Expression, Formula):
        return trees.read_expression if hint is Expression else trees.read_formula
    if isinstance(hint, type) and (hasattr(hint, "_fields") or is_dataclass(hint)):
        return lambda message: _read_result(message, hint)
    return _anything


def _reader_of_several(origin: type, parts: tuple[Any, ...]) -> Reader:
    """What reads a tuple, a list, a sequence or a mapping."""
    if issubclass(origin, Mapping):
        return _mapping_reader(*parts)
    if issubclass(origin, tuple) and Ellipsis not in parts:
        return _tuple_reader(parts)
    return _items_reader(parts[0], list if origin is list else tuple)


def _choice_reader(kinds: list[Any]) -> Reader:
    """Of a message that holds one of several results, each under the name of its kind."""
    readers = {kind.__name__: _reader(kind) for kind in kinds}

    def chosen(message: Any) -> Any:
        held = getattr(message, message.WhichOneof(message.DESCRIPTOR.oneofs[0].name))
        return readers[held.DESCRIPTOR.name](held)

    return chosen


def _mapping_reader(key: Any, value: Any) -> Reader:
    """Of messages of two fields, a key and what belongs to it."""
    read_key, read_value = _reader(key), _reader(value)

    def mapping(items: Any) -> Any:
        found: dict[Any, Any] = {}
        for item in items:
            first, second = item.DESCRIPTOR.fields[:2]
            beyond = item.DESCRIPTOR.fields_by_name.get(BEYOND) and getattr(item, BEYOND)
            held = int(beyond[0].digits) if beyond else read_value(getattr(item, second.name))
            found[read_key(getattr(item, first.name))] = held
        return found

    return mapping


def _items_reader(part: Any, kind: Callable[[Any], Any]) -> Reader:
    inner = _reader(part)

    def several(items: Any) -> Any:
        if isinstance(items, Message):  # all that the message holds, or its fields are the parts, as of InputShape
            parts = [getattr(items, field.name) for field in items.DESCRIPTOR.fields]
            items = parts[0] if items.DESCRIPTOR.fields[0].is_repeated else parts
        return kind([inner(item) for item in items])

    return several


def _tuple_reader(parts: tuple[Any, ...]) -> Reader:
    """A message whose fields are the tuple's parts, in order."""

    def fixed(message: Any) -> Any:
        fields = message.DESCRIPTOR.fields
        return tuple([read_field(message, field, part) for field, part in zip(fields, parts, strict=True)])

    return fixed


def _whole(raw: Any) -> Any:
    if isinstance(raw, Message) and len(raw.DESCRIPTOR.fields) == 1:  # one that may be unset
        held: Any = raw
        return held.value if held.HasField("value") else None
    return int(raw) if type(raw) is str else raw if type(raw) is int else _anything(raw)


def _anything(raw: Any) -> Any:
    if not isinstance(raw, Message):
        return raw
    if raw.DESCRIPTOR.name == "Value":
        return _value(raw)
    if raw.DESCRIPTOR.name == "Fraction":
        return _fraction(raw)
    return tuple([read_field(raw, field, Any) for field in raw.DESCRIPTOR.fields])


def _fraction(message: Any) -> Any:
    """A fraction of a field that may be whole: then an int."""
    if message.denominator == 1:
        return message.numerator
    return _exact(message)


def _exact(message: Any) -> Fraction:
    if message.denominator == 0:
        raise Unsendable("a fraction has a denominator")
    return Fraction(message.numerator, message.denominator)


def _value(message: Any) -> Any:
    kind = message.WhichOneof("kind")
    if kind is None:
        return None
    raw = getattr(message, kind)
    if kind == "list":
        return tuple([_value(each) for each in raw.values])
    if kind == "fields":
        return {each.name: _value(each.value) for each in raw.values}
    if kind == "fraction":
        return _exact(raw)
    return _digits(raw) if kind == "digits" else raw


def _digits(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,4000}", text):
        raise Unsendable("digits are decimal digits")
    return int(text)


@cache
def _plan(descriptor: Descriptor, kind: Any) -> list[tuple[str, bool, Reader]]:
    """For every field of a result that the message has: its name, whether it may be unset, and how it is read."""
    hints = get_type_hints(kind)
    names = getattr(kind, "_fields", None) or tuple(kind.__dataclass_fields__)
    found: list[tuple[str, bool, Reader]] = []
    for name in names:
        field = descriptor.fields_by_name.get(name)
        if field is not None:
            reader = _reader(hints[name]) if field.enum_type is None else _enum_reader(field)
            found.append((name, field.has_presence, reader))
    return found


def _enum_reader(field: Field) -> Reader:
    enum: Any = field.enum_type
    if not field.is_repeated:
        return lambda raw: enum_text(enum, raw)

    def words(raw: Any) -> tuple[str | None, ...]:
        if 0 in raw:
            raise Unsendable(f"one {enum.name} of several is unspecified")
        return tuple([enum_text(enum, each) for each in raw])

    return words


def _read_result(message: Any, kind: Any) -> Any:
    found = {
        name: None if optional and not message.HasField(name) else reader(getattr(message, name))
        for name, optional, reader in _plan(message.DESCRIPTOR, kind)
    }
    if BEYOND in message.DESCRIPTOR.fields_by_name:
        found |= {each.field: int(each.digits) for each in getattr(message, BEYOND)}
    return kind(**found)
