"""Kinds of fields: conversion of a value to a field of a message, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Any, TypeAlias, final

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown, unknown
from archcalc.graph import Op
from archcalc.service.messages.operations import is_known, kinds

LOWEST, HIGHEST = -(2**63), 2**63 - 1
BEYOND = "beyond_64_bits"
"""The field of a message for counts that need more than 64 bits."""


class Unsendable(ValueError):
    """A value that the contract cannot express."""


@final
@dataclass(frozen=True)
class MessageField:
    """The conversion of the values of a field."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    optional: bool = False
    """True if an unset field stands for None."""


def _same(value: Any) -> Any:
    return value


PLAIN = MessageField(_same, _same)
"""A text, a number, or a truth value, unchanged."""
PLAINS = MessageField(list, tuple)
"""A sequence of these."""


def _device_name(value: Any) -> str:
    if not isinstance(value, str):
        said = "a device of your own is not sent to a server, which has the devices that `archcalc devices` lists"
        raise ArchcalcError(f"{said}; ask without a server", about="device")
    return value


DEVICE = MessageField(_device_name, _same)
"""The name of a device of the table. Raises ArchcalcError for a device of one's own, and for the path of one."""


@final
class Record:
    """A result (a named tuple or dataclass) as a message whose fields have the same names.

    `plain` names the fields that are sent unchanged, `counts` whole numbers that may exceed 64 bits: larger ones are in
    the message's `beyond_64_bits`. `renamed` has pairs NAME=FIELD of those that the message calls otherwise, as it says
    units in the names of its fields.
    """

    optional = False

    def __init__(self, kind: Any, plain: str = "", counts: str = "", renamed: str = "", /, **fields: AnyField) -> None:
        names: set[str] = set(getattr(kind, "__dataclass_fields__", ()) or kind._fields)
        called: dict[str, str] = dict(re.findall(r"(\w+)=(\w+)", renamed))
        counted = counts.split()
        self._plain = (*plain.split(), *[name for name in counted if name not in fields])
        self._keys = tuple([called.get(name, name) for name in self._plain])
        self._others = [
            (name, called.get(name, name), each.write, each.read, each.optional) for name, each in fields.items()
        ]
        self._counts = tuple([called.get(name, name) for name in counted])
        self._back: dict[str, str] = {field: name for name, field in called.items()}
        there = {*self._plain, *fields}
        if there != names or not called.keys() <= names:
            raise TypeError(f"{kind.__name__} has the fields {', '.join(names)}, not {', '.join(sorted(there))}")
        self.names = frozenset([*self._keys, *[other[1] for other in self._others]])
        """The names of the message's fields."""
        self.kind = kind
        self._get: Callable[[Any], tuple[Any, ...]] = _getter(self._plain)
        self._held: Callable[[Any], tuple[Any, ...]] = _getter(self._keys)

    def write(self, value: Any) -> dict[str, Any]:
        """The fields of the message."""
        fields = dict(zip(self._keys, self._get(value), strict=True))
        for name, key, write, _, _ in self._others:
            each = getattr(value, name)
            if each is not None:
                fields[key] = write(each)
        for key in self._counts:
            count = fields.get(key)
            if count is not None and (type(count) is Fraction or not LOWEST <= count <= HIGHEST):
                fields.setdefault(BEYOND, []).append({"field": key, "digits": _digits(count)})
                fields[key] = 0
        return fields

    def read(self, message: Any) -> Any:
        """The result."""
        fields = dict(zip(self._plain, self._held(message), strict=True))
        for name, key, _, read, optional in self._others:
            fields[name] = None if optional and not message.HasField(key) else read(getattr(message, key))
        if self._counts:
            for beyond in getattr(message, BEYOND):
                field: str = beyond.field
                fields[self._back.get(field, field)] = _read_count(beyond.digits)
        return self.kind(**fields)


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that returns the attributes of these names."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])


@final
class Word:
    """One of a few words as a value of an enum; unspecified stands for None.

    The error for another word lists them.
    """

    optional = False

    def __init__(self, what: str, enum: Any, words: Sequence[str]) -> None:
        self.what, self.enum = what, enum.DESCRIPTOR
        prefix = self.enum.values[0].name.removesuffix("UNSPECIFIED")
        self.numbers: dict[str, int] = {each: enum.Value(prefix + re.sub(r"\W", "_", each).upper()) for each in words}
        self._texts: dict[int, str | None] = {0: None, **{number: each for each, number in self.numbers.items()}}

    def write(self, text: Any) -> int:
        """The number of the enum's value. Raises UnknownName for another word."""
        if text not in self.numbers:
            there = f"there are {', '.join(self.numbers)}"
            raise unknown(self.what, str(text), list(self.numbers), there, about=self.what)
        return self.numbers[text]

    def read(self, number: int) -> str | None:
        """The word. Raises Unsendable for a number that the enum does not have."""
        if number not in self._texts:
            raise Unsendable(f"{self.enum.name} has no value {number}")
        return self._texts[number]


AnyField: TypeAlias = MessageField | Record | Word


def optional(field: AnyField) -> MessageField:
    """A field that is unset for None."""
    return MessageField(field.write, field.read, optional=True)


def many(field: AnyField, kind: Callable[[Any], Any] = tuple) -> MessageField:
    """A sequence as a repeated field."""
    write, read = field.write, field.read
    return MessageField(
        lambda values: [write(each) for each in values], lambda held: kind([read(each) for each in held])
    )


def keyed(key: str, key_field: AnyField, value: str, value_field: AnyField) -> MessageField:
    """A mapping, in order, as repeated messages of two fields."""
    write_key, write, read_key, read = key_field.write, value_field.write, key_field.read, value_field.read
    return MessageField(
        lambda values: [{key: write_key(name), value: write(each)} for name, each in values.items()],
        lambda held: {read_key(getattr(each, key)): read(getattr(each, value)) for each in held},
    )


def named(field: AnyField) -> MessageField:
    """A mapping by names, in order, as repeated messages of a name and a value."""
    return keyed("name", PLAIN, "value", field)


def mapped(field: AnyField, order: Sequence[str] = ()) -> MessageField:
    """A mapping by names as a map; it is read in the given order of names, other names last."""
    write, read = field.write, field.read

    def read_map(held: Any) -> dict[str, Any]:
        known = [name for name in order if name in held]
        return {name: read(held[name]) for name in [*known, *sorted(held.keys() - set(known))]}

    return MessageField(lambda values: {str(name): write(each) for name, each in values.items()}, read_map)


def parts(**fields: AnyField) -> MessageField:
    """A tuple as a message with a field for each of its parts."""
    every = [(name, each.write, each.read, each.optional) for name, each in fields.items()]

    def write(values: Any) -> dict[str, Any]:
        pairs = zip(every, values, strict=True)
        return {name: put(value) for (name, put, _, _), value in pairs if value is not None}

    def read(held: Any) -> tuple[Any, ...]:
        return tuple(
            [None if bare and not held.HasField(name) else get(getattr(held, name)) for name, _, get, bare in every]
        )

    return MessageField(write, read)


def alone(name: str, field: AnyField) -> MessageField:
    """A value as the only field of a message."""
    one = parts(**{name: field})
    return MessageField(lambda value: one.write((value,)), lambda held: one.read(held)[0])


def one_of(oneof: str, **records: Record) -> MessageField:
    """A result of one of several kinds as a message with a oneof."""
    names = {record.kind: name for name, record in records.items()}

    def write(value: Any) -> dict[str, Any]:
        name = names[type(value)]
        return {name: records[name].write(value)}

    def read(held: Any) -> Any:
        name = held.WhichOneof(oneof)
        return records[name].read(getattr(held, name))

    return MessageField(write, read)


def specified(field: Word) -> MessageField:
    """A word that is required: unspecified is refused."""

    def read(number: int) -> Any:
        text = field.read(number)
        if text is None:
            raise Unsendable("one of several is unspecified")
        return text

    return MessageField(field.write, read)


# --- Values of any kind.

SIMPLE = {bool: "flag", float: "real", str: "text", Fraction: "fraction"}
"""The field of a message for a value, by its type."""


def _write_value(value: Any) -> dict[str, Any]:
    kind = SIMPLE.get(value.__class__)
    if kind is not None:
        return {kind: value if kind != "fraction" else _write_fraction(value)}
    if isinstance(value, int):
        return {"whole": value} if LOWEST <= value <= HIGHEST else {"digits": str(value)}
    given: Any = value
    if isinstance(value, (tuple, list)):
        return {"list": {"values": [_write_value(each) for each in given]}}
    if isinstance(value, Mapping):
        return {"fields": {"values": VALUES.write(given)}}
    if isinstance(value, Op) and is_known(value):
        return {"operation": {"op": value.message_name, "fields": OP_FIELDS.write(vars(value))}}
    if value is not None:
        raise Unsendable(f"a value of the kind {type(value).__name__} cannot be sent")
    return {}


def _read_value(message: Any) -> Any:
    kind = message.WhichOneof("kind")
    if kind is None:
        return None
    held = getattr(message, kind)
    if kind == "list":
        return tuple([_read_value(each) for each in held.values])
    if kind == "fields":
        return VALUES.read(held.values)
    if kind == "fraction":
        return _read_fraction(held)
    if kind == "operation":
        return _read_operation(held)
    return _read_digits(held) if kind == "digits" else held


def _read_operation(message: Any) -> Op:
    kind = kinds().get(message.op)
    if kind is None:
        raise Unsendable(f"no operation is called {shown(message.op)}")
    fields = OP_FIELDS.read(message.fields)
    try:
        return kind(**dict(sorted(fields.items(), key=lambda field: kind.fields.index(field[0]))))
    except (TypeError, ValueError):
        raise Unsendable(f"{message.op} has the fields {', '.join(kind.fields)}") from None


def _write_fraction(value: Any) -> dict[str, int]:
    if type(value) is int:
        return {"numerator": value, "denominator": 1}
    fraction = Fraction(value)
    return {"numerator": fraction.numerator, "denominator": fraction.denominator}


def _read_fraction(message: Any) -> Fraction:
    if message.denominator == 0:
        raise Unsendable("a fraction has a denominator")
    return Fraction(message.numerator, message.denominator)


def _read_whole_or_fraction(message: Any) -> int | Fraction:
    return message.numerator if message.denominator == 1 else _read_fraction(message)


def _digits(count: Any) -> str:
    if type(count) not in (int, Fraction):
        raise Unsendable(f"a count of the kind {type(count).__name__} cannot be sent")
    return str(count)


def _read_count(text: str) -> int | Fraction:
    return Fraction(text) if "/" in text else int(text)


def _read_digits(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,4000}", text):
        raise Unsendable("digits are decimal digits")
    return int(text)


VALUE = MessageField(_write_value, _read_value)
"""None, a whole or real number, a truth value, a text, a fraction, an operation, a sequence or mapping of these."""
OP_FIELDS = mapped(VALUE)
"""The fields of an operation."""
VALUES = named(VALUE)
TEXTS = named(PLAIN)
FRACTION = MessageField(_write_fraction, _read_whole_or_fraction)
"""A fraction, or an int if it is whole."""
DIGITS = MessageField(_digits, _read_digits)
"""A whole number of any size as decimal digits."""
SHAPE = alone("sizes", PLAINS)
"""A shape, or a whole number for each axis."""


def _write_counts(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "value": each}
        if type(each) is not Fraction and LOWEST <= each <= HIGHEST
        else {"name": name, BEYOND: [{"field": "value", "digits": _digits(each)}]}
        for name, each in values.items()
    ]


def _read_counts(held: Any) -> dict[str, int | Fraction]:
    beyond = {each.name: each.beyond_64_bits[0].digits for each in held if each.beyond_64_bits}
    return {each.name: _read_count(beyond[each.name]) if each.name in beyond else each.value for each in held}


COUNTS = MessageField(_write_counts, _read_counts)
"""Whole numbers of any size by names."""
