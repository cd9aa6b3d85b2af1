"""Results as messages and messages as results: one rule for all of them, so that no call has converters of its own.

A message has the fields of the result (NamedTuple or frozen dataclass) that it stands for, under the same names. The
contract says how a field is sent, the result's annotation says what it is read back as. A test holds every result to
the law that it comes back equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from archcalc.expressions import Expression
from archcalc.formulas import Formula
from archcalc.rpc import trees
from archcalc.v1 import archcalc_pb2 as contract

Descriptor: TypeAlias = Any
Field: TypeAlias = Any
Enum: TypeAlias = Any
"""Descriptors of messages, fields and enums: protobuf has two implementations of them, with nothing in common."""

LOWEST, HIGHEST = -(2**63), 2**63 - 1
WHOLE = (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64)
NAMED: Descriptor = contract.NamedValue.DESCRIPTOR
BEYOND = "beyond_64_bits"
"""The field in which a message keeps its counts that are larger."""


class Unsendable(ValueError):
    """A value that the contract has no place for."""


def enum_text(enum: Enum, number: int) -> str | None:
    """A value of an enum as archcalc's word for it: DTYPE_FLOAT16 is float16; None if it is unspecified.

    Raises Unsendable for a number that the contract does not have.
    """
    value = enum.values_by_number.get(number)
    if value is None:
        raise Unsendable(f"{enum.name} has no value {number}")
    return value.name.removeprefix(_prefix(enum)).lower() if number else None


def enum_number(enum: Enum, text: Any) -> int:
    """The number of archcalc's word. Raises Unsendable if the contract has no such word."""
    value = enum.values_by_name.get(f"{_prefix(enum)}{text}".upper())
    if value is None or value.number == 0:
        raise Unsendable(f"{enum.name} has no value {text!r}")
    return value.number


@cache
def _prefix(enum: Enum) -> str:
    return enum.values_by_number[0].name.removesuffix("UNSPECIFIED")


# --- Writing.

Put = Callable[[Any, Any], None]
"""Puts a value into a message."""


def write(value: Any, message: Message) -> None:
    """Fill a message from a result, or from a tuple of its fields in order. Raises Unsendable."""
    _writer(message.DESCRIPTOR)(value, message)


def write_field(message: Any, name: str, value: Any) -> None:
    """Set one field. Raises Unsendable."""
    _setter(message.DESCRIPTOR, name)(value, message)


@cache
def _writer(descriptor: Descriptor) -> Put:
    known = {"Value": _write_value, "Fraction": _write_fraction, "Expression": trees.write_expression}
    known |= {"Formula": trees.write_formula}
    if descriptor.name in known:
        return known[descriptor.name]
    if len(descriptor.oneofs) == 1 and len(descriptor.oneofs[0].fields) == len(descriptor.fields) > 1:
        return _choice_writer(descriptor)
    setters = [(field.name, _setter(descriptor, field.name)) for field in descriptor.fields if field.name != BEYOND]
    holds_items = len(setters) == 1 and descriptor.fields[0].is_repeated

    def put(value: Any, message: Any) -> None:
        given: Any = value
        if type(value) is tuple and not holds_items:
            if len(given) != len(setters):
                raise Unsendable(f"{descriptor.name} has {len(setters)} fields, not {len(given)}")
            for (_, setter), each in zip(setters, given, strict=True):
                if each is not None:
                    setter(each, message)
        elif type(value) is tuple or isinstance(value, (int, NoneType)):  # all that the message holds
            if value is not None:
                setters[0][1](value, message)
        else:
            _write_members(value, setters, message)

    return put


def _write_members(value: Any, setters: list[tuple[str, Put]], message: Any) -> None:
    members = getattr(value, "_fields", None)  # a tuple has `count` and `index` of its own
    for name, setter in setters:
        if members is not None and name not in members:
            raise Unsendable(f"{type(value).__name__} has no {name}")
        each = getattr(value, name)
        if each is not None:
            setter(each, message)


def _choice_writer(descriptor: Descriptor) -> Put:
    """Of a message that holds one of several results, each under the name of its kind."""
    fields = {field.message_type.name: field.name for field in descriptor.oneofs[0].fields}

    def put(value: Any, message: Any) -> None:
        write_field(message, fields[type(value).__name__], value)

    return put


@cache
def _setter(descriptor: Descriptor, name: str) -> Put:
    field = descriptor.fields_by_name[name]
    if field.is_repeated:
        return _items_setter(field)
    if field.message_type is not None:
        writer = _writer_later(field.message_type)

        def put_message(value: Any, message: Any) -> None:
            inner = getattr(message, name)
            inner.SetInParent()
            writer(value, inner)

        return put_message
    scalar = _scalar(field)
    has_room = BEYOND in descriptor.fields_by_name

    def put(value: Any, message: Any) -> None:
        try:
            setattr(message, name, scalar(value))
        except (TypeError, ValueError) as error:
            if type(value) is not int or not has_room:
                raise Unsendable(f"{name}: {error}") from None
            getattr(message, BEYOND).add(field=name, digits=str(value))

    return put


def _writer_later(descriptor: Descriptor) -> Put:
    """The writer of a message that may hold messages of its own kind."""

    def put(value: Any, message: Any) -> None:
        _writer(descriptor)(value, message)

    return put


def _items_setter(field: Field) -> Put:
    name = field.name
    if field.message_type is None:
        scalar = _scalar(field)

        def put_scalars(value: Any, message: Any) -> None:
            try:
                getattr(message, name).extend([scalar(each) for each in value])
            except (TypeError, ValueError) as error:
                raise Unsendable(f"{name}: {error}") from None

        return put_scalars
    entry, writer = field.message_type, _writer_later(field.message_type)

    def put(value: Any, message: Any) -> None:
        given: Any = value  # its parts are of any kind
        items = getattr(message, name)
        if isinstance(value, Mapping):
            _write_entries(given, entry, items)
        else:
            for each in given:
                writer(each, items.add())

    return put


def _write_entries(value: Mapping[Any, Any], entry: Descriptor, items: Any) -> None:
    """A mapping as messages of two fields, a key and what belongs to it."""
    put_key, put_value = (_setter(entry, field.name) for field in entry.fields[:2])
    for key, each in value.items():
        item = items.add()
        put_key(key, item)
        put_value(each, item)


def _scalar(field: Field) -> Callable[[Any], Any]:
    """What turns a value into one that a field without parts takes. It raises TypeError or ValueError."""
    if field.enum_type is not None:
        enum = field.enum_type
        return lambda value: enum_number(enum, value)
    if field.type == FieldDescriptor.TYPE_STRING:
        return lambda value: str(value) if type(value) is int else value
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return float
    return _as_whole if field.type in WHOLE else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _as_whole(value: Any) -> Any:
    if type(value) is int:
        return value
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,18}\s*", value):
        return int(value)  # as the command line gives it
    raise TypeError(f"{value!r} is not a whole number")


def _write_fraction(value: Any, message: Any) -> None:
    try:
        fraction = Fraction(value)
        message.numerator, message.denominator = fraction.numerator, fraction.denominator
    except (TypeError, ValueError) as error:
        raise Unsendable(str(error)) from None


def _write_value(value: Any, message: Any) -> None:
    """A value of any kind."""
    given: Any = value
    if value is None:
        message.SetInParent()
    elif isinstance(value, Mapping):
        message.fields.SetInParent()
        _write_entries(given, NAMED, message.fields.values)
    elif isinstance(value, (tuple, list)):
        message.list.SetInParent()
        for each in given:
            _write_value(each, message.list.values.add())
    elif isinstance(value, Fraction):
        _write_fraction(value, message.fraction)
    else:
        kind = _kind(value)
        setattr(message, kind, str(value) if kind == "digits" else value)


def _kind(value: Any) -> str:
    """The field of a value without parts. Raises Unsendable if there is none."""
    if type(value) is int:
        return "whole" if LOWEST <= value <= HIGHEST else "digits"
    for kind, field in ((bool, "flag"), (float, "real"), (str, "text")):
        if isinstance(value, kind):
            return field
    raise Unsendable(f"{type(value).__name__} cannot be sent")


# --- Reading.

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
    if hint is int:
        return _whole
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        kept = [part for part in parts if part is not NoneType]
        return _whole if int in kept else _reader(kept[0]) if len(kept) == 1 else _choice_reader(kept)
    if isinstance(origin, type):
        return _reader_of_several(origin, parts)
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
        return raw.value if raw.HasField("value") else None  # pyright: ignore[reportAttributeAccessIssue]
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
    if field.is_repeated:
        return lambda raw: tuple([enum_text(enum, each) for each in raw])
    return lambda raw: enum_text(enum, raw)


def _read_result(message: Any, kind: Any) -> Any:
    found = {
        name: None if optional and not message.HasField(name) else reader(getattr(message, name))
        for name, optional, reader in _plan(message.DESCRIPTOR, kind)
    }
    if BEYOND in message.DESCRIPTOR.fields_by_name:
        found |= {each.field: int(each.digits) for each in getattr(message, BEYOND)}
    return kind(**found)
