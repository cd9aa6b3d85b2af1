"""Accuracies that others measured, each with its source, together with the costs that archcalc computes.

`data/accuracy.csv` has one line for each printed accuracy; `data/recipes.csv` describes the training recipes. Costs are
computed here, for the input at which the accuracy was measured; no cost is copied from a source.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.algebra.arrays import along, stretched
from archcalc.algebra.dims import Dim
from archcalc.analysis.quantities import Basis, totals
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.package import read_text
from archcalc.base.questions import question
from archcalc.base.spelling import matched, nearest, shown, unknown
from archcalc.graph import Graph, Network

CLASSES = {"imagenet": 1000, "cifar10": 10, "cifar100": 100, "mnist": 10, "stanford_dogs": 120}
"""Data sets with their numbers of classes."""

DEFAULT_RECIPES = {
    "imagenet": "torchvision_v1",
    "cifar10": "pytorchcv",
    "cifar100": "pytorchcv",
    "mnist": "lenet_authors",
    "stanford_dogs": "mobilenet_paper",
}
"""The default recipe of a plot for each data set: the largest set of networks trained in nearly the same way."""

SINGLE = ("1 crop", "whole image", "not stated")
"""Evaluations whose mult-adds are those of one image."""

CIFAR_CLASSES = (CLASSES["cifar10"], CLASSES["cifar100"])

_RUNS = re.compile(r"(median|mean|average) of (\d+) runs")

DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")


class AccuracyPoint(NamedTuple):
    """One printed accuracy. Percentages and sizes are None if the source has none; figures keep their digits."""

    architecture: str
    """The catalogue's name, or a name of the source's network that is not in the catalogue."""
    dataset: str
    top1: float | None
    top5: float | None
    size: int | None
    """Height and width of the test image."""
    recipe: str
    evaluation: str
    """`1 crop`, `10 crops`, `ensemble` ..."""
    extra_data: str
    """Further data that the network was trained on."""
    source: str
    printed_params: str
    """Millions of parameters and of mult-adds, as the source prints them."""
    printed_mult_adds: str
    notes: str


class Recipe(NamedTuple):
    """A training recipe, as far as the source states it."""

    name: str
    title: str
    training: str


class AccuracySource(NamedTuple):
    """A source of accuracies."""

    name: str
    address: str
    """Where it stands: a web page, or arXiv's number of a paper; empty for a document that is not on the web."""
    read: str
    """The day from which on its figures are in the data, year first."""


class Located(NamedTuple):
    """A point with the costs of its network at the point's input; without them, the reason in `problem`."""

    point: AccuracyPoint
    input: tuple[int, ...] | None
    params: int | None
    mult_adds: int | None
    problem: str = ""


@cache
def all_points() -> tuple[AccuracyPoint, ...]:
    """Every point of the data, in its order."""
    return tuple(_point(line) for line in _lines("accuracy.csv"))


@cache
def recipes() -> dict[str, Recipe]:
    """The recipes by name."""
    return {name: Recipe(name, title, training) for name, title, training in _lines("recipes.csv")}


@cache
def sources() -> dict[str, AccuracySource]:
    """The sources of the points by name.

    >>> sources()["facebookresearch/pycls MODEL_ZOO.md"].address
    'https://github.com/facebookresearch/pycls/blob/main/MODEL_ZOO.md'
    """
    return {name: AccuracySource(name, address, read) for name, address, read in _lines("sources.csv")}


def runs_of(point: AccuracyPoint) -> str:
    """The statistic over several runs that an accuracy is, from its notes: `median of 5 runs`; empty otherwise."""
    found = _RUNS.search(point.notes)
    return f"{found[1].replace('average', 'mean')} of {found[2]} runs" if found else ""


def _lines(file: str) -> list[list[str]]:
    return list(csv.reader(read_text(DATA, file).splitlines(keepends=True)))[1:]


def _point(cells: list[str]) -> AccuracyPoint:
    name, dataset, top1, top5, size, *rest = cells
    numbers = (float(top1) if top1 else None, float(top5) if top5 else None, int(size) if size else None)
    return AccuracyPoint(name, dataset, *numbers, *rest)


def points(
    names: Sequence[str] = (), dataset: str | None = None, recipe: Sequence[str] = ()
) -> tuple[AccuracyPoint, ...]:
    """The points of some networks (by default all), of a data set and of recipes.

    Raises ArchcalcError for an unknown data set, and UnknownName with the nearest names for recipes, for
    unknown networks, and for networks without a point.
    """
    dataset = (
        None if dataset is None else _spelt_as(dataset, list(CLASSES), "data set", f"there are {', '.join(CLASSES)}")
    )
    lists = "`archcalc accuracy --recipes` lists them"
    recipe = [_spelt_as(each, list(recipes()), "recipe", lists) for each in recipe]
    chosen = [
        each for each in all_points() if dataset in (None, each.dataset) and (not recipe or each.recipe in recipe)
    ]
    wanted = [_resolved(name) for name in dict.fromkeys(names)]
    have = {each.architecture for each in chosen}
    for name in wanted:
        if name not in have:
            raise _without(name, dataset, recipe)
    return tuple(each for each in chosen if not wanted or each.architecture in wanted)


def _spelt_as(given: str, known: Sequence[str], kind: str, otherwise: str) -> str:
    """The known name that a given one is, without regard to case and separators. Raises UnknownName."""
    names = {matched(each): each for each in known}
    if matched(given) not in names:
        if kind == "data set":
            raise UnknownName(f"no data set is called {shown(given)}; {otherwise}", nearest(given, known), "dataset")
        raise unknown(kind, given, known, otherwise, about=kind.replace(" ", ""))
    return names[matched(given)]


def _resolved(name: str) -> str:
    """The name that the accuracy data use for a network, spelt as given if it is one: RegNetX has 3.2GF and 32GF."""
    exact = {each.architecture for each in all_points()}
    if name in exact:
        return name
    found = in_catalogue(name)
    if found is not None and found.name in exact:
        return found.name
    names = {matched(each): each for each in exact}
    return names[matched(name)] if matched(name) in names else zoo.network(name).name


def _without(name: str, dataset: str | None, recipe: Sequence[str]) -> ArchcalcError:
    """The error for a known network that has no such point."""
    own = [each for each in all_points() if each.architecture == name]
    if not own:
        names = list(dict.fromkeys(each.architecture for each in all_points()))
        said = f"there is no accuracy data of {name}"
        return unknown("accuracy", name, names, "`archcalc accuracy` lists all points", said=said)
    there = ", ".join(dict.fromkeys(f"{each.dataset} by {each.recipe}" for each in own))
    wanted = (f" on {dataset}" if dataset else "") + (f" by {' or '.join(recipe)}" if recipe else "")
    return ArchcalcError(f"there is no accuracy of {name}{wanted}; there are those on {_short(there)}")


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:157] + "..."


@cache
def in_catalogue(name: str) -> Network | None:
    """The network of the catalogue that a point's name stands for; None if there is none."""
    try:
        return zoo.find(name)
    except ArchcalcError:  # the name fits a pattern, with a hyperparameter out of range
        return None


def input_of(network: Network, size: int | None) -> tuple[int, ...]:
    """The input of a network at a height and width, its own if None."""
    channels, *sides = network.input
    return (channels, *sides) if size is None else (channels, size, size)


def sums(graph: Graph) -> tuple[Any, Any]:
    """Parameters and mult-adds of a graph."""
    counts = totals(Basis(graph), ("params", "mult_adds"))
    return counts.params, counts.mult_adds


@cache
def graph_of(name: str, size: int | None, classes: int) -> Graph:
    """The graph of a point's network at its size and classes. Raises ArchcalcError if it cannot be built."""
    network = zoo.network(name)
    return network.graph(input_of(network, size), network.settled({"classes": classes}))


@cache
def _costs(name: str, size: int | None, classes: int) -> tuple[tuple[int, ...], int, int]:
    network = zoo.network(name)
    shape = input_of(network, size)
    if classes in CIFAR_CLASSES:
        params, mult_adds = _cifar_costs(name, size)[CIFAR_CLASSES.index(classes)]
    else:
        params, mult_adds = sums(graph_of(name, size, classes))
    return shape, whole(params), whole(mult_adds)


@cache
def _cifar_costs(name: str, size: int | None) -> list[tuple[int, int]]:
    """Parameters and mult-adds for each of `CIFAR_CLASSES`, from one pass over the graph."""
    network = zoo.network(name)
    both = along(CIFAR_CLASSES)
    graph = network.graph(input_of(network, size), network.settled({"classes": both}))
    params, mult_adds = (stretched(each, both.shape) for each in sums(graph))
    return list(zip(params, mult_adds, strict=True))


def whole(count: Dim) -> int:
    """A count as an int, for a network whose sizes are all numbers."""
    return int(count)  # pyright: ignore[reportArgumentType]


def locate(point: AccuracyPoint) -> Located:
    """A point with its computed costs."""
    if in_catalogue(point.architecture) is None:
        return Located(point, None, None, None, "not in the catalogue")
    try:
        return Located(point, *_costs(point.architecture, point.size, CLASSES[point.dataset]))
    except ArchcalcError as error:
        return Located(point, None, None, None, str(error))


@question
def published_accuracies(
    names: Sequence[str] = (), dataset: str | None = None, recipe: Sequence[str] = ()
) -> tuple[Located, ...]:
    """The points that `points` selects, with their costs. Raises ArchcalcError as that does."""
    return tuple([locate(point) for point in points(names, dataset, recipe)])


def not_in_catalogue() -> dict[str, int]:
    """The architectures of the data that the catalogue does not have, with the number of their points."""
    counted: dict[str, int] = {}
    for point in all_points():
        if in_catalogue(point.architecture) is None:
            counted[point.architecture] = counted.get(point.architecture, 0) + 1
    return counted


def records(located: Sequence[Located]) -> list[dict[str, object]]:
    """Flat dictionaries, one for each point: the printed figures and the computed costs."""
    return [
        {
            "architecture": each.point.architecture,
            "dataset": each.point.dataset,
            "top1_percent": each.point.top1,
            "top5_percent": each.point.top5,
            "input": None if each.input is None else "x".join(map(str, each.input)),
            "params": each.params,
            "mult_adds": each.mult_adds,
            "recipe": each.point.recipe,
            "evaluation": each.point.evaluation,
            "extra_data": each.point.extra_data,
            "source": each.point.source,
            "problem": each.problem,
            "notes": each.point.notes,
        }
        for each in located
    ]
