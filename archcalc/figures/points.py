"""The points of accuracy plots: selected from the data, with costs, and notes on their sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from archcalc.base.errors import ArchcalcError
from archcalc.evidence.accuracy import (
    CLASSES,
    DEFAULT_RECIPES,
    SINGLE,
    AccuracyPoint,
    graph_of,
    in_catalogue,
    locate,
    points,
    recipes,
)
from archcalc.figures import Plot, style
from archcalc.figures.counting import CostAxis, count
from archcalc.figures.names import pretty

DATA_SETS = {"imagenet": "ImageNet", "cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "mnist": "MNIST"}


class Member(Protocol):
    """A network as one of its family."""

    @property
    def name(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def year(self) -> int: ...


SomeMember = TypeVar("SomeMember", bound=Member)


class PlottedPoint(NamedTuple):
    """One point of a plot."""

    name: str
    label: str
    family: str
    """The file of the catalogue that it is in."""
    year: int
    top1: float
    params: int
    counted: int
    """The count in the axis's convention."""
    recipe: str
    source: str


class ChosenPoints(NamedTuple):
    """The points of a plot, and the number of those left out."""

    points: tuple[PlottedPoint, ...]
    dataset: str
    recipes: tuple[str, ...]
    sources: tuple[str, ...]
    absent: int
    """Networks of the recipe that the catalogue does not have."""


def choose(request: Plot, axis: CostAxis) -> ChosenPoints:
    """The points of a recipe and a data set that are accuracies of one image at a time, in the data's order.

    Raises ArchcalcError if there is nothing to draw, before anything is counted.
    """
    dataset = request.dataset or "imagenet"
    if dataset not in DEFAULT_RECIPES:
        points((), dataset)  # raises an error that lists the data sets
    wanted = tuple(dict.fromkeys(request.recipe or (DEFAULT_RECIPES[dataset],)))
    listed = [
        each
        for each in points(request.titles, dataset, wanted)
        if each.top1 is not None and each.evaluation in SINGLE and (request.recipe or not each.extra_data)
    ]
    known = [each for each in listed if in_catalogue(each.architecture) is not None]
    absent = {each.architecture for each in listed} - {each.architecture for each in known}
    if request.names and absent:
        raise ArchcalcError(f"{', '.join(sorted(absent))}: not in the catalogue, so there is no cost to draw")
    if not known:
        raise ArchcalcError(
            f"no single-image accuracy on {dataset} by {', '.join(wanted)} is of a network of the catalogue"
        )
    kept = list({(each.architecture, each.top1, each.size, each.recipe): each for each in reversed(known)}.values())[
        ::-1
    ]
    many = _several([each.architecture for each in kept])
    return ChosenPoints(
        tuple([_measured(each, axis, each.architecture in many, _letter(each, wanted)) for each in kept]),
        dataset,
        wanted,
        tuple(dict.fromkeys(each.source for each in kept)),
        len(absent),
    )


def _several(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _letter(point: AccuracyPoint, wanted: Sequence[str]) -> str:
    """The letter of a point's recipe in its label, if there are several recipes."""
    return f" ({chr(ord('a') + wanted.index(point.recipe))})" if len(wanted) > 1 else ""


def _measured(point: AccuracyPoint, axis: CostAxis, with_size: bool, letter: str) -> PlottedPoint:
    network = in_catalogue(point.architecture)
    located = locate(point)
    if network is None or located.input is None or located.params is None or point.top1 is None:
        raise ArchcalcError(f"{point.architecture}: {located.problem}")
    size = f" @{located.input[-1]}" if with_size and located.input[-1] != network.input[-1] else ""
    counted = {"mult_adds": located.mult_adds, "params": located.params}.get(axis.convention.name)
    if counted is None or not axis.is_count:
        counted = count(graph_of(point.architecture, point.size, CLASSES[point.dataset]), axis)
    return PlottedPoint(
        point.architecture,
        pretty(point.architecture) + size + letter,
        network.file,
        network.family.year,
        point.top1,
        located.params,
        counted,
        point.recipe,
        point.source,
    )


def front(chosen: Sequence[PlottedPoint], cost: Callable[[PlottedPoint], float]) -> list[PlottedPoint]:
    """The Pareto front: points with a higher accuracy than all others of the same or lower cost, cheapest first."""
    best: list[PlottedPoint] = []
    for each in sorted(chosen, key=lambda each: (cost(each), -each.top1)):
        if not best or each.top1 > best[-1].top1:
            best.append(each)
    return best


def families(chosen: Sequence[Member], turn: bool = False) -> dict[str, tuple[str, str]]:
    """A colour and a marker for every family, in the order of their first papers.

    The ninth family looks like the first; with `turn` it has the first colour and the second marker, and only the 65th
    looks like the first.
    """
    names = sorted(
        {each.family for each in chosen}, key=lambda name: (min(p.year for p in chosen if p.family == name), name)
    )
    size = len(style.COLOURS)
    turned = {i: i + i // size if turn else i for i in range(len(names))}
    return {name: (style.COLOURS[i % size], style.MARKERS[turned[i] % size]) for i, name in enumerate(names)}


def family_lines(chosen: Sequence[PlottedPoint]) -> list[list[PlottedPoint]]:
    """Points to join by a line, cheapest first: networks of a recipe whose names differ in one number only."""
    return [
        sorted(line, key=lambda each: (each.counted, each.top1)) for line in alike(chosen, lambda each: each.recipe)
    ]


def alike(chosen: Sequence[SomeMember], apart: Callable[[SomeMember], str] = lambda _: "") -> list[list[SomeMember]]:
    """Groups of networks whose names differ in one number only, the largest first; `apart` is equal in a group."""
    left = list(chosen)
    lines: list[list[SomeMember]] = []
    while True:
        groups: dict[tuple[str, str], list[SomeMember]] = {}
        for each in left:
            for key in _with_one_number_open(each.name):
                groups.setdefault((key, apart(each)), []).append(each)
        largest = max([[], *groups.values()], key=len)
        if len(largest) < 2:
            return lines
        lines.append(largest)
        left = [each for each in left if each not in largest]


def _with_one_number_open(name: str) -> list[str]:
    """The name with one of its numbers replaced by a star, for each number: resnet* for `resnet50`."""
    return [
        name[: match.start()] + "*" + name[match.end() :] for match in re.finditer(r"\d+(?:\.\d+)?(?:gf|mf)?", name)
    ]


def data_note(chosen: ChosenPoints) -> str:
    """A sentence for the small print on the sources of the accuracies and the training of the networks."""
    known = [recipes()[name] for name in chosen.recipes]
    marks = [f"({chr(ord('a') + number)}) " if len(known) > 1 else "" for number in range(len(known))]
    said = "; ".join(f"{mark}{each.title} ({each.training})" for mark, each in zip(marks, known, strict=True))
    said = said.replace("not stated in the source", "training not stated")
    rest = f" {chosen.absent} networks of it are not in the catalogue." if chosen.absent else ""
    return f"Accuracies, one image, one crop: {said}.{rest}"


def records(chosen: ChosenPoints, axis: CostAxis) -> list[dict[str, object]]:
    """The points as flat dictionaries."""
    best = set(front(chosen.points, lambda each: each.counted))
    return [
        {
            "architecture": each.name,
            "label": each.label,
            "dataset": chosen.dataset,
            "top1_percent": each.top1,
            "params": each.params,
            **axis.columns(each.counted),
            "pareto_front": each in best,
            "year": each.year,
            "recipe": each.recipe,
            "source": each.source,
        }
        for each in chosen.points
    ]
