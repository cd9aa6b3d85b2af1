"""Targets of a search: which quantity, how much of it, and how a number with a unit is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.analysis.cost import activation_sum, costs
from archcalc.analysis.memory import footprint
from archcalc.analysis.receptive_field import fields
from archcalc.analysis.table import sums
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import matched, shown, unknown
from archcalc.graph import Graph
from archcalc.request import DTYPES, Request

QUANTITIES: Mapping[str, str] = {
    "params": "learnable values",
    "mult_adds": "multiply-accumulates for one image",
    "activation_sum": "elements for one image",
    "parameter_bytes": "bytes",
    "peak_inference_bytes": "bytes",
    "training_saved_bytes": "bytes",
    "receptive_field": "pixels, of the last layer that has a window; the larger of height and width",
}
"""What a target may be set for, and in which unit it counts."""

SPELLINGS: Mapping[str, str] = {
    "parameters": "params",
    "activations": "activation_sum",
    "peakinference": "peak_inference_bytes",
    "peakmemory": "peak_inference_bytes",
    "peak": "peak_inference_bytes",
    "trainingsaved": "training_saved_bytes",
    "trainingmemory": "training_saved_bytes",
    "field": "receptive_field",
    "rf": "receptive_field",
}
"""Other words for them, as they are matched: without `-` and `_`."""

COUNT_UNITS: Mapping[str, int] = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BYTE_UNITS: Mapping[str, int] = {
    "": 1,
    "B": 1,
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("kMGT", 1)},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", 1)},
}


class Target(NamedTuple):
    """How much of a quantity is wanted."""

    quantity: str
    value: int
    given: str
    """As it was written: a number, or the network whose value it is."""


def quantity_of(word: str) -> str:
    """The quantity that a word means. Raises UnknownName with the nearest."""
    plain = matched(word)
    known = {**{matched(each): each for each in QUANTITIES}, **SPELLINGS}
    if plain in known:
        return known[plain]
    raise unknown("target", word, known, f"there are {', '.join(QUANTITIES)}", about="targets")


def read_targets(given: Mapping[str, Any], batch: int, dtype: str) -> tuple[Target, ...]:
    """Targets from words and numbers. Raises ArchcalcError for what cannot be read."""
    if not given:
        raise ArchcalcError("a search needs a target, such as mult_adds=300M", about="targets")
    targets = tuple([_target(quantity_of(word), value, batch, dtype) for word, value in given.items()])
    twice = [target.quantity for target in targets]
    if len(set(twice)) < len(twice):
        raise ArchcalcError(f"{max(twice, key=twice.count)} has two targets", about="targets")
    return targets


def _target(quantity: str, given: Any, batch: int, dtype: str) -> Target:
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise ArchcalcError(f"{quantity}: a target is a number or the name of a network", about="targets")
    if isinstance(given, int):
        if given < 0:
            raise ArchcalcError(f"{quantity}={given}: a target is not negative", about="targets")
        return Target(quantity, given, str(given))
    text = str(given).strip()
    if re.match(r"[A-Za-z]", text):
        other = Request.of(text, batch=batch, dtype=dtype)
        return Target(quantity, _of_network(quantity, other), other.found.name)
    return Target(quantity, amount(text, quantity), text)


def amount(text: str, quantity: str) -> int:
    """A whole number with a unit: 300M, 4.1G, 2GiB. Raises ArchcalcError for anything else."""
    units = BYTE_UNITS if quantity.endswith("_bytes") else COUNT_UNITS if quantity != "receptive_field" else {"": 1}
    match = re.fullmatch(r"(\d{1,18}(?:\.\d{1,18})?)\s?([A-Za-z]{0,3})", text)
    if match is None or match[2] not in units:
        known = ", ".join(filter(None, units))
        with_units = f"with one of the units {known}, or without" if known else "of pixels, without a unit"
        raise ArchcalcError(f"{quantity}={shown(text)}: a target is a number {with_units}", about="targets")
    value = Fraction(match[1]) * units[match[2]]
    if value.denominator != 1:
        raise ArchcalcError(f"{quantity}={shown(text)}: that is no whole number of {QUANTITIES[quantity].split()[0]}")
    return int(value)


def _of_network(quantity: str, request: Request) -> int:
    value = counted(request.graph, (quantity,), request.batch, request.dtype)[quantity]
    if value is None:
        raise ArchcalcError(
            f"{request.found.name}: none of its layers has a window, so it has no {quantity}", about="targets"
        )
    return value


def counted(graph: Graph, quantities: Sequence[str], batch: int, dtype: str) -> dict[str, Any]:
    """Some quantities of a network; the receptive field is None where no layer has a window."""
    each = costs(graph)
    width = DTYPES[dtype]
    result: dict[str, Any] = {}
    if {"params", "parameter_bytes", "mult_adds"} & set(quantities):
        params, mult_adds = sums(each)
        result = {"params": params, "parameter_bytes": params * width, "mult_adds": mult_adds}
    if {"peak_inference_bytes", "training_saved_bytes"} & set(quantities):
        memory = footprint(graph, each)
        result["peak_inference_bytes"] = memory.peak_inference * width * batch
        result["training_saved_bytes"] = memory.training_saved(batch, width)
    if "activation_sum" in quantities:
        result["activation_sum"] = activation_sum(graph, each)
    if "receptive_field" in quantities:
        result["receptive_field"] = last_window(graph)
    return {key: result[key] for key in quantities}


def last_window(graph: Graph) -> Any:
    """The receptive field of the last layer that has a window, gates set aside: its larger side, None without one."""
    local = [sight.local for sight in fields(graph) if sight.local is not None]
    sides: list[Any] = [track.size for track in local[-1]] if local else []
    return max(sides, default=None)
