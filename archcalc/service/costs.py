"""The time that an answer takes, estimated from the request alone, so that a server can decide before it begins.

Every call declares its cost (`cost=` in `archcalc.service.questions`). An estimate takes microseconds and builds
nothing: the number of nodes of a network is listed for every name of the catalogue, and counted in a graph of the
client's own. Of a file, of an unlisted name and of hyperparameters that repeat parts of a network it is not known
before the network is built. Input sizes add no nodes to any network of the catalogue, and all other hyperparameters at
most as many again.

The weights are measured by `tests/benchmarks/costs.py`, in fresh processes on one core; it prints how estimates and
times compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.catalogue.nodes import nodes_matching, nodes_of

if TYPE_CHECKING:
    from archcalc.service.calls import Call

REPEATING = frozenset({
    "a", "b", "blocks", "c", "cells", "columns", "depth", "k", "layers", "levels", "middle", "normal", "order",
    "reduction", "scale",
})  # fmt: skip
"""Hyperparameters that may repeat parts of a network: with them its number of nodes is known when it is built."""
LOOKED_AT = 64
"""The points of a sweep that are looked at, evenly spaced."""


NO_POINTS = (0.0, 0.0)


class CallCost(NamedTuple):
    """The weights of a call, in milliseconds on one core."""

    call: float
    """The time of a call, whatever is asked."""
    node: float = 0
    """The time for each node of the networks of the request."""
    square: float = 0
    """The time for each node times the number of nodes of its network: that of symbols in deep networks."""
    each: Mapping[str, float] = MappingProxyType({})
    """The time for each item of a list, each character of a text or each one of a number, by the field."""
    options: Mapping[str, float] = MappingProxyType({})
    """The time for a field that is set."""
    catalogue: float = 0
    """The time for each node of the whole catalogue, or of the part that a pattern names, where no network is named."""
    repeated: str = ""
    """A list for each of whose items the networks are computed again."""
    long: bool = False
    """True for validation and reports, which may take as long as a server allows any request."""
    point: tuple[float, float] = NO_POINTS
    """The times for each point of a sweep, for each node: where only its input is another, and where hyperparameters
    are, with which networks are built again."""


class Estimate(NamedTuple):
    """An estimate of the time of an answer."""

    milliseconds: float | None
    """Milliseconds on one core; None if the size of a network is not known before it is built."""
    reason: str
    """What it was estimated from, or why it is not known."""
    nodes: int | None = 0
    """The nodes of all networks of the request, a network that it names twice counted twice; None if not known."""


class _Unlisted(Exception):
    """A network whose number of nodes is not known; the message says why."""


def estimate(call: Call[..., Any], request: Any) -> Estimate:
    """The time of the answer to a request, a message of the contract that need not be valid. It raises nothing.

    >>> from archcalc.service.questions import CALLS
    >>> analyze = CALLS["Analyze"]
    >>> estimate(analyze, analyze.request_class(network={"name": "resnet50"})).reason
    '176 operations'
    >>> estimate(analyze, analyze.request_class(network={"name": "resnet51"}))
    Estimate(milliseconds=None, reason='no network is listed by this name', nodes=None)
    """
    weights = call.cost
    try:
        sizes = _sizes(call, request)
        per_point = _per_point(weights, request.points) if weights.point != NO_POINTS else 0.0
    except _Unlisted as unlisted:
        return Estimate(None, str(unlisted), None)
    total = sum(sizes)
    networks = weights.node * total + weights.square * sum([size * size for size in sizes])
    if per_point:
        networks += per_point * total * len(request.points)
    if not sizes and weights.catalogue:
        total = nodes_matching(request.pattern if "pattern" in call.arguments else "")
        networks = weights.catalogue * total
    if weights.repeated:
        networks *= max(1, len(getattr(request, weights.repeated)))
    return Estimate(weights.call + networks + _fields(weights, request), _reason(weights, request, total), total)


def _sizes(call: Call[..., Any], request: Any) -> list[int]:
    """The numbers of nodes of the networks of a request. Raises _Unlisted."""
    weights = call.cost
    if not (weights.node or weights.square):
        return []
    sizes: list[int] = []
    for field in call.networks:
        held = getattr(request, field)
        sizes += [_size(network) for network in (held if hasattr(held, "__len__") else (held,))]
    if "names" in call.arguments:
        sizes += [_listed_size(name) for name in request.names]
    elif "architecture" in call.arguments and request.HasField("architecture"):
        sizes.append(_listed_size(request.architecture))
    return sizes


def _size(network: Any) -> int:
    source = network.WhichOneof("source")
    if source == "file":
        raise _Unlisted(f"a file of {len(network.file.data):,} bytes is known when it is read")
    _check(network.hyperparameters)
    if source == "graph":
        return len(network.graph.inputs) + len(network.graph.nodes)
    return _listed_size(network.name)


def _listed_size(name: str) -> int:
    nodes = nodes_of(name)
    if nodes is None:
        raise _Unlisted("no network is listed by this name")
    return nodes


def _check(hyperparameters: Mapping[str, Any]) -> None:
    """Raise _Unlisted if hyperparameters may repeat parts of a network."""
    if hyperparameters and not REPEATING.isdisjoint(hyperparameters):
        raise _Unlisted(f"{min(REPEATING.intersection(hyperparameters))} changes the number of operations")


def _per_point(weights: CallCost, points: Any) -> float:
    """The time for each node at a point of a sweep. Raises _Unlisted."""
    sized, built = weights.point
    seen = [each.hyperparameters for each in points[:: max(1, len(points) // LOOKED_AT)]]
    for each in seen:
        _check(each)
    return built if any(seen) else sized


def _fields(weights: CallCost, request: Any) -> float:
    """The time for items, characters and numbers, and for fields that are set."""
    total = sum([each for field, each in weights.options.items() if request.HasField(field)])
    for field, each in weights.each.items():
        held = getattr(request, field)
        total += each * max(0, held if isinstance(held, int) else len(held))
    return total


def _reason(weights: CallCost, request: Any, total: int) -> str:
    """The sizes of a request in words."""
    said = [f"{total:,} operations"] if total else []
    for field in (*weights.each, *([weights.repeated] if weights.repeated else [])):
        held = getattr(request, field)
        if isinstance(held, str):
            said.append(f"{len(held):,} characters")
        elif held:
            said.append(f"{field} {held:,}" if isinstance(held, int) else f"{len(held):,} {field}")
    return ", ".join(said) or "the kind of the call"
