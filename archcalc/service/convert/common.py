"""What writing and reading messages share."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from google.protobuf.descriptor import FieldDescriptor

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
