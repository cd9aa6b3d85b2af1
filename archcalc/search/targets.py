"""Targets of a search: a quantity and a value, read from a number, a text with a unit, or the name of a network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.algebra.amounts import BYTES, COUNTS, TIMES, read_amount
from archcalc.analysis.quantities import (
    LATENCY,
    SECONDS,
    TARGETS,
    Basis,
    check_predicted,
    predicted,
    quantity_of,
    read_quantity,
    totals,
)
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.request import Request


class Target(NamedTuple):
    """The quantity and the value to search for."""

    quantity: str
    value: int | Fraction
    """A whole number; of a latency a fraction of seconds where it is none."""
    given: str
    """The target as given: a number, or the name of the network whose value is the target."""


def read_targets(given: Mapping[str, Any], like: Request) -> tuple[Target, ...]:
    """Targets read from words and numbers. Raises ArchcalcError for one that cannot be read.

    The value of another network is that for the batch, types and training of the request `like`.
    """
    if not given:
        raise ArchcalcError("a search needs a target, such as mult_adds=300M", about="targets")
    known = (*TARGETS, LATENCY)
    words = {word: read_quantity(word, known, "target", about="targets") for word in given}
    check_predicted(words.values(), like.dtype, like.training)
    targets = tuple([_target(words[word], value, like) for word, value in given.items()])
    twice = [target.quantity for target in targets]
    if len(set(twice)) < len(twice):
        raise ArchcalcError(f"{max(twice, key=twice.count)} has two targets", about="targets")
    return targets


def _target(quantity: str, given: Any, like: Request) -> Target:
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise ArchcalcError(f"{quantity}: a target is a number or the name of a network", about="targets")
    if isinstance(given, int):
        if given < 0:
            raise ArchcalcError(f"{quantity}={given}: a target is not negative", about="targets")
        return Target(quantity, given, str(given))
    if isinstance(given, float) and predicted([quantity]):
        if not 0 <= given < float("inf"):
            raise ArchcalcError(f"{quantity}={given}: a target is a finite time that is not negative", about="targets")
        return Target(quantity, _whole(Fraction(given)), str(given))
    text = str(given).strip()
    if re.match(r"[A-Za-z]", text):
        other = Request.of(text, batch=like.batch, dtype=like.dtype, training=like.training)
        value = _of_network(quantity, other)
        return Target(quantity, _whole(Fraction(value)) if type(value) is float else value, other.resolved.name)
    return Target(quantity, amount(text, quantity), text)


def _whole(value: Fraction) -> int | Fraction:
    """A number as an int, if it is whole."""
    return int(value) if value.denominator == 1 else value


def amount(text: str, quantity: str) -> int | Fraction:
    """A whole number with a unit: 300M, 4.1G, 2GiB; or a time: 5ms. Raises ArchcalcError for anything else."""
    unit = quantity_of(quantity).unit
    every: Mapping[str, Mapping[str, Any]] = {"bytes": BYTES, "pixels": {"": 1}, SECONDS: TIMES}
    units = every.get(unit, COUNTS)
    value = read_amount(text, units)
    if value is None:
        known = ", ".join(filter(None, units))
        with_units = f"with one of the units {known}, or without" if known else "of pixels, without a unit"
        raise ArchcalcError(f"{quantity}={shown(text)}: a target is a number {with_units}", about="targets")
    if value.denominator != 1 and unit != SECONDS:
        raise ArchcalcError(f"{quantity}={shown(text)} is not a whole number of {unit.split()[0]}")
    return _whole(value)


def written(value: Any, quantity: str) -> str:
    """A value as messages have it: a count with all its digits, a time with four."""
    return f"{float(value):.4g} s" if quantity_of(quantity).unit == SECONDS else str(value)


def _of_network(quantity: str, request: Request) -> Any:
    value = totals(Basis.of(request), (quantity,))[quantity]
    if value is None:
        raise ArchcalcError(
            f"{request.resolved.name}: none of its layers has a window, so it has no {quantity}", about="targets"
        )
    return value
