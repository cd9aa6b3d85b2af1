"""Results into messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from types import NoneType
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message  # noqa: TC002

from archcalc.service import trees
from archcalc.service.convert.common import (
    BEYOND,
    HIGHEST,
    LOWEST,
    NAMED,
    WHOLE,
    Descriptor,
    Field,
    Unsendable,
    enum_number,
)

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
        whole = type(value) is tuple
        if whole and not holds_items:
            if len(given) != len(setters):
                raise Unsendable(f"{descriptor.name} has {len(setters)} fields, not {len(given)}")
            for (_, setter), each in zip(setters, given, strict=True):
                if each is not None:
                    setter(each, message)
        elif whole or isinstance(value, (int, NoneType)):  # all that the message holds
            if given is not None:
                setters[0][1](given, message)
        else:
            _write_members(given, setters, message)

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
