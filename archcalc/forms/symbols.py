"""The symbols of closed forms that a network has, their own values, and their bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import combinations
from math import gcd, lcm
from typing import Any, NamedTuple

from archcalc.algebra.polynomial import Polynomial, Space
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.forms.results import Symbol
from archcalc.graph import Network, Real, Whole
from archcalc.graph.axes import example, sides
from archcalc.graph.hyperparameters import read_size
from archcalc.request import Request

AXES: Mapping[int, Mapping[str, str]] = {
    2: {"L": "input length"},
    3: {"H": "input height", "W": "input width"},
    4: {"D": "input depth", "H": "input height", "W": "input width"},
}
"""Symbols of an input's sizes with their meanings, by the number of axes (the first axis are the channels)."""
OTHERS: Mapping[str, str] = {"C": "in_channels", "K": "classes", "N": "batch"}
"""Short names of hyperparameters, and of the batch."""


def axes_of(network: Network) -> tuple[str, ...]:
    """The symbols of the input's sizes: H and W for an image. Empty for several inputs, or one without sizes."""
    return tuple(AXES.get(1 + len(network.places), {})) if len(network.inputs) == 1 else ()


def sizes_of(network: Network) -> dict[str, str]:
    """The symbols of the input's sizes, and S for all of them together, with their meanings."""
    axes = axes_of(network)
    known = {axis: AXES[1 + len(axes)][axis] for axis in axes}
    return known | ({"S": f"input {sides((0, *axes))}"} if len(axes) > 1 else {})


class FreeSymbol(NamedTuple):
    """A requested symbol: its value in the network of that name, and its range."""

    name: str
    key: str
    """The hyperparameter it stands for; "batch", or "" for a size."""
    meaning: str
    present: Any
    real: bool = False
    low: Any = 1
    high: Any = None


def letters_of(unknowns: Sequence[FreeSymbol], periods: Sequence[int]) -> list[str]:
    """The letter of each symbol in formulas: the symbol itself, or another letter if it has a period."""
    taken = {each.name for each in unknowns}
    result: list[str] = []
    for each, period in zip(unknowns, periods, strict=True):
        spare = (each.name.lower(), each.name[0], *"nmtuvxyz")
        result.append(each.name if period == 1 else next(letter for letter in spare if letter not in taken))
        taken.add(result[-1])
    return result


def bounded(
    space: Space,
    unknowns: Sequence[FreeSymbol],
    letters: Sequence[str],
    periods: Sequence[int],
    residues: Sequence[int],
) -> tuple[Symbol, ...]:
    """The symbols with the bounds that follow from their own ranges and from conditions on one symbol only."""
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
    """(slope, constant) of a condition that is linear in one letter and has no other letters."""
    place = condition.space.names.index(letter)
    powers = [monomial for monomial in condition.terms if any(monomial)]
    if len(powers) != 1 or sum(powers[0]) != 1 or powers[0][place] != 1:
        return None
    return condition.terms[powers[0]], condition.terms.get(condition.space.constant, 0)


def _step(space: Space, letter: str) -> Fraction:
    """The step of a real letter with which all numbers that must be whole, and are linear in it, are whole."""
    steps = [
        1 / abs(Fraction(line[0]))
        for line in (alone(condition, letter) for condition in space.whole)
        if line is not None and line[1] == int(line[1])
    ]
    if not steps:
        return Fraction(0)
    return Fraction(reduce(lcm, [step.numerator for step in steps]), reduce(gcd, [step.denominator for step in steps]))


def unknowns_of(request: Request, symbols: Sequence[str]) -> tuple[FreeSymbol, ...]:
    """The symbols that were asked for. Raises ArchcalcError for one that the network does not have."""
    network, settings, kinds = request.resolved, request.hyperparameters, request.resolved.hyperparameters
    known_sizes = sizes_of(network)
    own = {
        axis: read_size(request.shape[place], network.name)
        for axis, place in zip(axes_of(network), network.places, strict=False)
    }
    result: list[FreeSymbol] = []
    for name in dict.fromkeys(symbols):
        key = OTHERS.get(name, name)
        if name in known_sizes:
            if name == "S" and len(set(own.values())) > 1:
                shape = " x ".join(map(str, own.values()))
                figure = "square" if len(own) == 2 else "cube"
                raise ArchcalcError(f"{network.name}: S is the side of a {figure}, not of {shape}", "symbols")
            result.append(FreeSymbol(name, "", known_sizes[name], own[name if name in own else next(iter(own))]))
        elif key == "batch":
            result.append(FreeSymbol(name, key, f"{example(network.inputs)}s at once", 1))
        elif isinstance(kind := kinds.get(key), (Whole, Real)):
            value = present(network, settings, key)
            if value == 0 < kind.low:
                said = f"{key} is 0, which is no number to vary ({kind.meaning}); give it a value"
                raise ArchcalcError(f"{network.name}: {said}", "symbols")
            real = isinstance(kind, Real)
            value = Fraction(str(value)) if real else value
            result.append(FreeSymbol(name, key, kind.meaning, value, real, kind.low, kind.high))
        else:
            known = [
                *known_sizes,
                *_short_names(kinds),
                *[key for key, kind in kinds.items() if isinstance(kind, (Whole, Real))],
            ]
            raise ArchcalcError(
                f"{network.name} has no symbol {shown(name)}; it has {', '.join(known)}{network.hint}", "symbols"
            )
    if "S" in symbols and set(own) & set(symbols):
        raise ArchcalcError(f"{network.name}: S is both {' and '.join(own)}; ask for it or for them", "symbols")
    twice = next((a for a, b in combinations(result, 2) if a.key and a.key == b.key), None)
    if twice is not None:
        raise ArchcalcError(f"{network.name}: {twice.name} and {twice.key} are one symbol; give either", "symbols")
    return tuple(result)


def _short_names(kinds: Mapping[str, Any]) -> list[str]:
    """The short names of the batch and of those hyperparameters that a network has."""
    return [short for short, key in OTHERS.items() if key == "batch" or key in kinds]


def present(network: Network, settings: Mapping[str, Any], key: str) -> Any:
    """The value of a hyperparameter in the network of that name."""
    if key == "in_channels":
        return settings.get(key, network.input[0])
    return settings[key] if key in settings else network.defaults()[key]


def filled(request: Request, values: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The input and the hyperparameters with symbols in place of values."""
    network, own = request.resolved, dict(request.hyperparameters)
    known = sizes_of(network)
    for name, value in values.items():
        key = OTHERS.get(name, name)
        if name not in known and key != "batch":
            own[key] = value
    if len(network.inputs) > 1:
        return request.input, own
    shape = request.shape
    if network.size_places is None:
        shape = (own.get("in_channels", shape[0]), *shape[1:])
    axes = axes_of(network) or [""] * len(network.places)
    places = zip(axes, network.places, strict=True)
    return network.with_sizes(shape, [values.get(axis, values.get("S", shape[place])) for axis, place in places]), own
