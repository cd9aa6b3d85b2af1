"""Counts under a convention: the cost of a network as a tool or a paper counts it, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, is_int
from archcalc.base.errors import UnknownName
from archcalc.base.questions import question
from archcalc.base.spelling import matched, unknown
from archcalc.conventions import ALIASES, MULT_ADDS, Bug, Convention
from archcalc.conventions.catalogue import all_conventions
from archcalc.conventions.measures import MEASURES, Measures, operations
from archcalc.conventions.results import Counting, LeftOut
from archcalc.graph import Graph
from archcalc.request import NetworkLike, Request

__all__ = [
    "MULT_ADDS",
    "Bug",
    "Convention",
    "Count",
    "Counted",
    "LeftOut",
    "Measures",
    "conventions",
    "count",
    "count_graph",
    "find_convention",
    "find_conventions",
    "total",
]


BIASED = frozenset({"conv", "conv_transpose", "table_conv", "linear"})
"""Kinds of ops whose only additions are those of a bias."""
WITH_BIASES = frozenset({"bias", "elements", "add"})
"""Measures of these ops that count biases."""


class Counted(NamedTuple):
    """One term of a count: `weight` x `measured` = `amount`, summed over `nodes` ops of a kind."""

    op: str
    measure: str
    meaning: str
    """The measure in words."""
    weight: int
    measured: Dim
    amount: Dim
    nodes: int
    bug: Bug | None


class Count(NamedTuple):
    """The count of a network under a convention, for one image."""

    architecture: str
    input: tuple[Dim, ...]
    convention: Convention
    total: Dim
    by_layer: dict[str, Dim]
    """The count of each row of the cost table, in its order."""
    by_term: tuple[Counted, ...]
    left_out: tuple[LeftOut, ...]


@question
def conventions(pattern: str = "") -> tuple[Convention, ...]:
    """All conventions, the papers' mult-adds first, or those whose name, tool or summary holds `pattern`."""
    every = _conventions()
    wanted = pattern.lower()
    matching = [each for each in every if wanted in f"{each.name} {each.tool} {each.summary}".lower()]
    return tuple(matching) if wanted else every


@cache
def _conventions() -> tuple[Convention, ...]:
    return all_conventions()


def find_convention(name: str) -> Convention:
    """The convention of a name, compared as architectures' names are. Raises UnknownName with the nearest names."""
    wanted = matched(ALIASES.get(matched(name), name))
    for each in conventions():
        if matched(each.name) == wanted:
            return each
    raise _unknown(name, "convention", [each.name for each in conventions()])


def find_conventions(name: str) -> tuple[Convention, ...]:
    """The convention of a name, or all conventions of a tool. Raises UnknownName with the nearest names."""
    wanted = matched(ALIASES.get(matched(name), name))
    by_name = tuple(each for each in conventions() if matched(each.name) == wanted)
    matching = by_name or tuple(each for each in conventions() if matched(each.tool) == wanted != "")
    if not matching:
        known = [text for each in conventions() for text in (each.name, each.tool) if text]
        raise _unknown(name, "convention or tool", known)
    return matching


def _unknown(name: str, what: str, known: Sequence[str]) -> UnknownName:
    return unknown(what, name, known, "`archcalc conventions` shows all", about="convention")


@question
def count(network: NetworkLike, convention: str | Convention, **given: Any) -> Count:
    """The cost of a network under a convention, for one image, in the convention's unit.

    `convention` is a name (`archcalc conventions` lists them) or a Convention; `given` are the settings of a request:
    `input` and hyperparameters.

    Raises UnknownName with the nearest names, and ArchcalcError as `analyze` does.

    >>> count("resnet50", "fvcore").total
    4111512576
    """
    chosen = find_convention(convention) if isinstance(convention, str) else convention
    graph = Request.of(network, **given).graph
    return count_graph(Measures(graph), chosen)


def count_graph(measures: Measures, convention: Convention) -> Count:
    """The count of a graph from its measures."""
    graph = measures.graph
    return Count(
        architecture=graph.name,
        input=graph.nodes[0].shape,
        convention=convention,
        total=total(measures, convention),
        by_layer=_by_layer(graph, by_node(measures, convention)),
        by_term=tuple(by_term(measures, convention)),
        left_out=left_out(measures, convention),
    )


def counting(measures: Measures, convention: Convention) -> Counting:
    """The count as a cost table shows it."""
    return Counting(
        total=total(measures, convention),
        unit=convention.unit,
        quantity=convention.quantity,
        summary=convention.summary,
        tool=f"{convention.tool} {convention.versions}".strip(),
        left_out=left_out(measures, convention),
    )


def total(measures: Measures, convention: Convention) -> Dim:
    """The total only, for a search over many conventions on one graph."""
    amount: Dim = 0
    for kind in measures.kinds:
        for weight, measure, _ in convention.of(kind):
            amount = amount + weight * measures.sum(kind, measure)
    return amount


def by_node(measures: Measures, convention: Convention) -> list[Dim]:
    """The count of each node, in the order of the graph's nodes."""
    amounts: list[Dim] = [0] * len(measures.graph.nodes)
    for kind, indices in measures.kinds.items():
        for weight, measure, _ in convention.of(kind):
            for index, amount in zip(indices, measures.of(kind, measure), strict=True):
                amounts[index] = amounts[index] + weight * amount
    return amounts


def by_term(measures: Measures, convention: Convention) -> Iterator[Counted]:
    """The value of each term, in the order of the network's ops, without terms of value 0.

    A measure of a part that is the whole in this network gets the name of the whole: if all batch norms are affine,
    "output elements with scale and shift" are all output elements, and fvcore's term is 2 x output elements.
    """
    for kind, indices in measures.kinds.items():
        weights: dict[tuple[str, Bug | None], int] = {}
        for weight, measure, bug in convention.of(kind):
            key = (whole(measures, kind, measure), bug)
            weights[key] = weights.get(key, 0) + weight
        for (measure, bug), weight in weights.items():
            measured = measures.sum(kind, measure)
            if weight and not (is_int(measured) and measured == 0):
                meaning = MEASURES[measure].meaning
                yield Counted(kind, measure, meaning, weight, measured, weight * measured, len(indices), bug)


def whole(measures: Measures, kind: str, measure: str) -> str:
    """The measure that this one is a part of, if the two are equal for all ops of the kind."""
    larger = MEASURES[measure].part_of
    if not larger:
        return measure
    part, all_of_it = measures.sum(kind, measure), measures.sum(kind, larger)
    return larger if is_int(part) and is_int(all_of_it) and part == all_of_it else measure


def _by_layer(graph: Graph, amounts: Sequence[Dim]) -> dict[str, Dim]:
    rows: dict[str, Dim] = {}
    for node, amount in zip(graph.nodes, amounts, strict=True):
        rows[node.row] = rows.get(node.row, 0) + amount
    return rows


def left_out(measures: Measures, convention: Convention) -> tuple[LeftOut, ...]:
    """The ops of the network that the convention leaves out; for symbols and arrays, those without terms.

    These are kinds of ops, and biases of ops that are counted without them. For a convention for parameters they are
    groups of values that ops own (`batch_norm_running`: the running statistics of batch norms). For a convention for
    memory they are kinds of ops whose outputs are not counted.
    """
    if convention.quantity == "parameters":
        return tuple(_values_left_out(measures, convention))
    if convention.quantity == "memory":
        return tuple(_outputs_left_out(measures, convention))
    return tuple(_work_left_out(measures, convention))


def _work_left_out(measures: Measures, convention: Convention) -> Iterator[LeftOut]:
    for kind, indices in measures.kinds.items():
        named = [term.measure for term in convention.of(kind)]
        if kind == "input":
            continue
        if all([_is_nothing(measures.sum(kind, measure)) for measure in named]):
            done: Dim = 0
            for index in indices:
                done = done + operations(measures.site(index))
            yield LeftOut(kind, len(indices), done)
        elif kind in BIASED and not WITH_BIASES.intersection(named):
            biases = measures.of(kind, "add")
            if not _is_nothing(measures.sum(kind, "add")):
                nodes = sum([not _is_nothing(bias) for bias in biases])
                yield LeftOut(f"{kind}_bias", nodes, measures.sum(kind, "add"))


def _outputs_left_out(measures: Measures, convention: Convention) -> Iterator[LeftOut]:
    for kind, indices in measures.kinds.items():
        counted = [measures.sum(kind, term.measure) for term in convention.of(kind)]
        if kind != "input" and all([_is_nothing(amount) for amount in counted]):
            yield LeftOut(kind, len(indices), measures.sum(kind, "elements"))


def _values_left_out(measures: Measures, convention: Convention) -> Iterator[LeftOut]:
    for kind in measures.kinds:
        named = {term.measure for term in convention.of(kind)}
        for part in ("weight", "bias_values", "running"):
            values = measures.sum(kind, part)
            if part not in named and (part == "running" or "learnable" not in named) and not _is_nothing(values):
                nodes = sum([not _is_nothing(each) for each in measures.of(kind, part)])
                yield LeftOut(f"{kind}_{part.removesuffix('_values')}", nodes, values)


def _is_nothing(amount: Dim) -> bool:
    return is_int(amount) and amount == 0
