"""The symbols of a closed form: which an architecture has, their values by its name, and bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import reduce
from inspect import signature
from itertools import combinations
from math import gcd, lcm
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.algebra.polynomial import Polynomial, Space
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.forms.results import Symbol
from archcalc.zoo import Architecture, Real, Whole

SIZES: Mapping[str, str] = {"H": "input height", "W": "input width", "S": "input height and width"}
OTHERS: Mapping[str, str] = {"C": "in_channels", "K": "classes", "N": "batch"}
"""Short names of hyperparameters, and of the batch."""


class Unknown(NamedTuple):
    """A symbol that was asked for: its value by the network's name, and the range it may have."""

    name: str
    key: str
    """The hyperparameter it stands for; "batch", or "" for a size."""
    meaning: str
    present: Any
    real: bool = False
    low: Any = 1
    high: Any = None


def letters_of(unknowns: Sequence[Unknown], periods: Sequence[int]) -> list[str]:
    """What the formulas call each symbol: its own name, or another letter where it is coarser than the symbol."""
    taken = {each.name for each in unknowns}
    result: list[str] = []
    for each, period in zip(unknowns, periods, strict=True):
        spare = (each.name.lower(), each.name[0], *"nmtuvxyz")
        result.append(each.name if period == 1 else next(letter for letter in spare if letter not in taken))
        taken.add(result[-1])
    return result


def bounded(
    space: Space, unknowns: Sequence[Unknown], letters: Sequence[str], periods: Sequence[int], residues: Sequence[int]
) -> tuple[Symbol, ...]:
    """The symbols with the bounds that their own ranges and the conditions on them alone set."""
    result: list[Symbol] = []
    for unknown, letter, period, residue in zip(unknowns, letters, periods, residues, strict=True):
        least = unknown.low if unknown.real else -((residue - unknown.low) // period)
        least = Fraction(str(least)) if unknown.real else max(least, 0)
        largest: Any = None
        for condition in space.at_least:
            line = alone(condition, letter)
            if line is not None:
                bound = Fraction(-line[1]) / line[0]
                if line[0] > 0:
                    least = max(least, bound if unknown.real else -(-bound.numerator // bound.denominator))
                else:
                    bound = bound if unknown.real else bound.numerator // bound.denominator
                    largest = bound if largest is None else min(largest, bound)
        step = _step(space, letter) if unknown.real else 1
        least = -(-least // step) * step if step else least
        limit = None if unknown.high is None else (Fraction(str(unknown.high)) - residue) / period
        result.append(
            Symbol(unknown.name, letter, unknown.meaning, period, residue, _int(least), largest, _int(step), limit)
        )
    return tuple(result)


def _int(number: Any) -> Any:
    return int(number) if number == int(number) else number


def alone(condition: Polynomial, letter: str) -> tuple[Any, Any] | None:
    """(slope, constant) of a condition that is linear in one letter and has no other."""
    place = condition.space.names.index(letter)
    powers = [monomial for monomial in condition.terms if any(monomial)]
    if len(powers) != 1 or sum(powers[0]) != 1 or powers[0][place] != 1:
        return None
    return condition.terms[powers[0]], condition.terms.get(condition.space.constant, 0)


def _step(space: Space, letter: str) -> Fraction:
    """What a real letter is a multiple of, so that everything linear in it that must be whole is."""
    steps = [
        1 / abs(Fraction(line[0]))
        for line in (alone(condition, letter) for condition in space.whole)
        if line is not None and line[1] == int(line[1])
    ]
    if not steps:
        return Fraction(0)
    return Fraction(reduce(lcm, [step.numerator for step in steps]), reduce(gcd, [step.denominator for step in steps]))


def unknowns_of(
    found: Architecture, settings: Mapping[str, Any], symbols: Sequence[str], input: tuple[Any, ...] | None
) -> tuple[Unknown, ...]:
    """The symbols that were asked for. Raises ArchcalcError for one that the architecture does not have."""
    _, *sides = input or found.variant.input
    height, width = (zoo.read_size(side, found.name) for side in sides)
    kinds = zoo.hyperparameters_of(found.family)
    result: list[Unknown] = []
    for name in dict.fromkeys(symbols):
        key = OTHERS.get(name, name)
        if name in SIZES:
            if name == "S" and height != width:
                raise ArchcalcError(
                    f"{found.name}: S is the side of a square input, not of {height} x {width}", "symbols"
                )
            result.append(Unknown(name, "", SIZES[name], width if name == "W" else height))
        elif key == "batch":
            result.append(Unknown(name, key, "images at once", 1))
        elif isinstance(kind := kinds.get(key), (Whole, Real)):
            value = present(found, settings, key)
            real = isinstance(kind, Real)
            value = Fraction(str(value)) if real else value
            result.append(Unknown(name, key, kind.meaning, value, real, kind.low, kind.high))
        else:
            known = [*SIZES, *OTHERS, *[key for key, kind in kinds.items() if isinstance(kind, (Whole, Real))]]
            raise ArchcalcError(f"{found.name} has no symbol {shown(name)}; it has {', '.join(known)}", "symbols")
    if {"S"} < {each.name for each in result} and {"H", "W"} & {each.name for each in result}:
        raise ArchcalcError(f"{found.name}: S is both H and W; ask for it or for them", "symbols")
    twice = next((a for a, b in combinations(result, 2) if a.key and a.key == b.key), None)
    if twice is not None:
        raise ArchcalcError(f"{found.name}: {twice.name} and {twice.key} are one symbol; ask for either", "symbols")
    return tuple(result)


def present(found: Architecture, settings: Mapping[str, Any], key: str) -> Any:
    """The value of a hyperparameter by the network's name."""
    if key == "in_channels":
        return settings.get(key, found.variant.input[0])
    return settings[key] if key in settings else signature(found.family.build).parameters[key].default


def filled(
    found: Architecture, settings: Mapping[str, Any], input: tuple[Any, ...] | None, values: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The input and the hyperparameters with symbols in the places of their values."""
    own = dict(settings)
    for name, value in values.items():
        key = OTHERS.get(name, name)
        if name not in SIZES and key != "batch":
            own[key] = value
    channels, height, width = input or found.variant.input
    channels = own.get("in_channels", channels)
    square = values.get("S")
    return (channels, values.get("H", square or height), values.get("W", square or width)), own
