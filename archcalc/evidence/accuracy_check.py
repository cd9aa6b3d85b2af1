"""Parameters and mult-adds that sources of accuracies print, compared with ours, with explanations of differences.

A printed figure agrees if ours rounds to it, within half a unit of its last digit; zeros at the end of a whole number
do not count as digits (4100 million is a printed 4.1 billion). An explanation is given only if it leads to the printed
figure with the same digits; it is likely, not proven.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, Decimal
from functools import cache
from typing import Literal, NamedTuple

from archcalc import zoo
from archcalc.algebra.dims import Dim
from archcalc.analysis.cost import Cost, costs
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.evidence.accuracy import (
    CLASSES,
    AccuracyPoint,
    Located,
    all_points,
    graph_of,
    input_of,
    locate,
    points,
    sums,
    whole,
)
from archcalc.graph import Graph, Role
from archcalc.ops.norm import BatchNorm

Quantity = Literal["params", "mult_adds"]

SIZES = (224, 227, 256, 299, 331, 384)
SURVEYS = ("canziani_2017", "bianco_2018")
"""Conventions of single papers, which are tried last."""
OTHER_CLASSES = (1001, 1000, 100, 10)


class Disagreement(NamedTuple):
    """A printed figure that our count does not round to; both in single units."""

    point: AccuracyPoint
    quantity: Quantity
    printed: int
    ours: int
    relative: float
    """The relative difference: printed over ours, less one."""
    reason: str
    """The change that would give the printed figure; empty if none of the changes tried does."""


class Check(NamedTuple):
    """All comparisons of printed figures with ours."""

    agreeing: int
    disagreements: tuple[Disagreement, ...]
    """Figures that do not agree, the largest difference first."""
    absent: int
    """The number of printed figures of networks that the catalogue does not have."""


def check(chosen: tuple[AccuracyPoint, ...] | None = None) -> Check:
    """Compare the costs that the sources of some points (by default all) print with those that archcalc computes."""
    agreeing, absent = 0, 0
    disagreements: list[Disagreement] = []
    for point in all_points() if chosen is None else chosen:
        located = locate(point)
        for quantity, printed, ours in _compared(located):
            if ours is None:
                absent += 1
            elif agrees(printed, ours):
                agreeing += 1
            else:
                exact = int(Decimal(printed) * 1_000_000)
                reason = explain(point.architecture, point.size, point.dataset, quantity, printed)
                disagreements.append(Disagreement(point, quantity, exact, ours, exact / ours - 1, reason))
    disagreements.sort(key=lambda each: (-abs(each.relative), each.point.architecture, each.quantity))
    return Check(agreeing, tuple(disagreements), absent)


@question
def check_published_costs(names: Sequence[str] = (), dataset: str | None = None, recipe: Sequence[str] = ()) -> Check:
    """`check` for the points that `points` selects. Raises ArchcalcError as that does."""
    return check(points(names, dataset, recipe))


def _compared(located: Located) -> Iterator[tuple[Quantity, str, int | None]]:
    if located.point.printed_params:
        yield "params", located.point.printed_params, located.params
    if located.point.printed_mult_adds:
        yield "mult_adds", located.point.printed_mult_adds, located.mult_adds


def digit(printed: str) -> Decimal:
    """One unit of the last significant digit of a printed number of millions."""
    _, dot, decimals = printed.partition(".")
    if dot:
        return Decimal(1).scaleb(-len(decimals))
    return Decimal(10) ** (len(printed) - len(printed.rstrip("0")))


def agrees(printed: str, count: Dim) -> bool:
    """Return True if a count rounds to a printed number of millions."""
    return abs(Decimal(printed) - Decimal(whole(count)) / 1_000_000) <= digit(printed) / 2


def _cut(printed: str, count: Dim) -> bool:
    unit = digit(printed)
    return (Decimal(whole(count)) / 1_000_000 / unit).to_integral_value(ROUND_DOWN) * unit == Decimal(printed)


@cache
def explain(name: str, size: int | None, dataset: str, quantity: Quantity, printed: str) -> str:
    """The simplest change that would give the printed figure; empty if none of the changes tried does."""
    graph = graph_of(name, size, CLASSES[dataset])
    node_costs = costs(graph)
    ours = whole(sums(graph)[quantity == "mult_adds"])
    own = zoo.network(name).input[-1]
    at_own = _sums_of(name, own, (("classes", CLASSES[dataset]),)) if size not in (None, own) else None
    if at_own is not None and agrees(printed, at_own[quantity == "mult_adds"]):
        return f"at {own}x{own}"
    ways = _parameters(graph, node_costs) if quantity == "params" else _operations(graph, node_costs)
    for reason, value in (*ways, ("a million is 1024 x 1024 there", ours * 1_000_000 // 1024**2)):
        if agrees(printed, value):
            return reason
    if _cut(printed, ours):
        return "digits cut off, not rounded"
    if quantity == "mult_adds" and 0 < Decimal(printed) * 1_000_000 - ours <= _other_operations(node_costs):
        return "other operations counted too"
    for reason, value in _elsewhere(name, size, CLASSES[dataset], quantity):
        if agrees(printed, value):
            return reason
    surveys = _counted(graph, tools=False) if quantity == "mult_adds" else ()
    return next((reason for reason, value in surveys if agrees(printed, value)), "")


def _elsewhere(name: str, size: int | None, classes: int, quantity: Quantity) -> Iterator[tuple[str, Dim]]:
    """Counts of the network at other sizes or with another head, and of related networks, each with a description."""
    for reason, other, at, settings in _other_networks(name, size, classes):
        counts = _sums_of(other, at, tuple(settings.items()))
        if counts is not None:
            yield reason, counts[quantity == "mult_adds"]
            if quantity == "mult_adds" and at != size:
                yield f"{reason}, a multiply-accumulate counted as two operations", 2 * counts[1]


@cache
def _sums_of(name: str, size: int | None, settings: tuple[tuple[str, object], ...]) -> tuple[Dim, Dim] | None:
    """Parameters and mult-adds; None for a network that does not accept that size or setting."""
    network = zoo.network(name)
    try:
        return sums(network.graph(input_of(network, size), dict(settings)))
    except ArchcalcError:
        return None


def _parameters(graph: Graph, node_costs: list[Cost]) -> Iterator[tuple[str, Dim]]:
    learnable = running = bias = scale = 0
    for node, cost in zip(graph.nodes, node_costs, strict=True):
        learnable += whole(cost.parameters.learnable)
        running += whole(cost.parameters.running)
        bias += whole(cost.parameters.bias)
        scale += whole(cost.parameters.weight) if isinstance(node.op, BatchNorm) else 0
    yield "running statistics counted as parameters", learnable + running
    yield "batch norm folded into the layer before it", learnable - scale
    yield "biases and shifts not counted", learnable - bias
    yield "batch norm and biases not counted", learnable - bias - scale


def _operations(graph: Graph, node_costs: list[Cost]) -> Iterator[tuple[str, Dim]]:
    ours = whole(sums(graph)[1])
    roles: dict[Role, int] = {"conv": 0, "linear": 0}
    for node, cost in zip(graph.nodes, node_costs, strict=True):
        roles[node.op.role] = roles.get(node.op.role, 0) + whole(cost.work.multiply_accumulate)
    yield "a multiply-accumulate counted as two operations", 2 * ours
    yield "linear layers not counted", ours - roles["linear"]
    yield "matrix products of attention not counted", roles["conv"] + roles["linear"]
    yield from _counted(graph, tools=True)


def _counted(graph: Graph, tools: bool) -> Iterator[tuple[str, int]]:
    """Counts of a network under the conventions of tools, or under those of papers."""
    from archcalc.conventions.counting import conventions, total
    from archcalc.conventions.measures import Measures

    measures = Measures(graph)
    for convention in conventions():
        if convention.quantity != "work" or convention.name in ("mult_adds", "flops"):
            continue
        if (convention.name in SURVEYS) != tools:
            value = whole(total(measures, convention))
            yield f"counted as {convention.name} counts", value
            yield f"half of what {convention.name} counts", value // 2


def _other_networks(
    name: str, size: int | None, classes: int
) -> Iterator[tuple[str, str, int | None, dict[str, object]]]:
    network = zoo.network(name)
    for other in OTHER_CLASSES:
        if other != classes:
            yield f"for {other} classes", name, size, {"classes": other}
    if "aux" in network.family.hyperparameters:
        yield "with its auxiliary classifiers", name, size, {"classes": classes, "aux": True}
    own = network.input[-1]
    for side in dict.fromkeys((own, *SIZES)):
        if side != (size or own):
            yield f"at {side}x{side}", name, side, {"classes": classes}
    stem = name.partition("_")[0]
    for other in network.family.variants:
        if other != name and other.partition("_")[0] == stem:
            yield f"{other} has this figure", other, size, {"classes": classes}


def _other_operations(node_costs: list[Cost]) -> int:
    """The number of primitive operations of a network that are not multiply-accumulates."""
    return sum(sum(whole(count) for count in cost.work[1:]) for cost in node_costs)


def records(check: Check) -> list[dict[str, object]]:
    """Flat dictionaries, one for each disagreement."""
    return [
        {
            "architecture": each.point.architecture,
            "dataset": each.point.dataset,
            "size": each.point.size,
            "quantity": each.quantity,
            "printed": each.printed,
            "ours": each.ours,
            "relative": round(each.relative, 6),
            "likely_reason": each.reason,
            "recipe": each.point.recipe,
            "source": each.point.source,
            "notes": each.point.notes,
        }
        for each in check.disagreements
    ]
