"""Targets of a search: a quantity and a value, read from a number, a text with a unit, or the name of a network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from archcalc.algebra.amounts import BYTES, COUNTS, read_amount
from archcalc.analysis.quantities import QUANTITIES, TARGETS, Basis, read_quantity, totals
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.request import Request


class Target(NamedTuple):
    """The quantity and the value to search for."""

    quantity: str
    value: int
    given: str
    """The target as given: a number, or the name of the network whose value is the target."""


def read_targets(given: Mapping[str, Any], like: Request) -> tuple[Target, ...]:
    """Targets read from words and numbers. Raises ArchcalcError for one that cannot be read.

    The value of another network is that for the batch, types and training of the request `like`.
    """
    if not given:
        raise ArchcalcError("a search needs a target, such as mult_adds=300M", about="targets")
    targets = tuple(
        [_target(read_quantity(word, TARGETS, "target", about="targets"), value, like) for word, value in given.items()]
    )
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
    text = str(given).strip()
    if re.match(r"[A-Za-z]", text):
        other = Request.of(text, batch=like.batch, dtype=like.dtype, training=like.training)
        return Target(quantity, _of_network(quantity, other), other.resolved.name)
    return Target(quantity, amount(text, quantity), text)


def amount(text: str, quantity: str) -> int:
    """A whole number with a unit: 300M, 4.1G, 2GiB. Raises ArchcalcError for anything else."""
    units = {"bytes": BYTES, "pixels": {"": 1}}.get(QUANTITIES[quantity].unit, COUNTS)
    value = read_amount(text, units)
    if value is None:
        known = ", ".join(filter(None, units))
        with_units = f"with one of the units {known}, or without" if known else "of pixels, without a unit"
        raise ArchcalcError(f"{quantity}={shown(text)}: a target is a number {with_units}", about="targets")
    if value.denominator != 1:
        raise ArchcalcError(f"{quantity}={shown(text)} is not a whole number of {QUANTITIES[quantity].unit.split()[0]}")
    return int(value)


def _of_network(quantity: str, request: Request) -> int:
    value = totals(Basis.of(request), (quantity,))[quantity]
    if value is None:
        raise ArchcalcError(
            f"{request.resolved.name}: none of its layers has a window, so it has no {quantity}", about="targets"
        )
    return value
