"""The points of accuracy plots: selected from the data, with costs, and notes on their sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.evidence.accuracy import (
    CLASSES,
    AccuracyPoint,
    graph_of,
    in_catalogue,
    locate,
    recipes,
    runs_of,
    sources,
)
from archcalc.figures import Plot
from archcalc.figures.counting import CostAxis, Uncounted, count, miscounted
from archcalc.figures.looks import alike, families
from archcalc.figures.selection import select
from archcalc.graph import Graph
from archcalc.present.names import pretty
from archcalc.request import resolve

__all__ = [
    "DATA_SETS",
    "ChosenPoints",
    "PlottedPoint",
    "choose",
    "data_note",
    "families",
    "family_lines",
    "front",
    "recipe_title",
    "records",
]

DATA_SETS = {"imagenet": "ImageNet", "cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "mnist": "MNIST"}


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
    main: bool = True
    """True of the recipes that are compared; False of a point that stands beside them."""
    marked: bool = False
    """True if the plot emphasises it."""
    runs: str = ""
    """The statistic over several runs that the accuracy is, such as `median of 5 runs`; empty for one run, or if the
    source does not say."""


class ChosenPoints(NamedTuple):
    """The points of a plot, and those left out."""

    points: tuple[PlottedPoint, ...]
    dataset: str
    recipes: tuple[str, ...]
    sources: tuple[str, ...]
    absent: int
    """Networks of the recipe that the catalogue does not have."""
    uncounted: tuple[tuple[str, Uncounted], ...] = ()
    """Networks that have no count in the axis's convention, each with the reason."""
    unpublished: tuple[str, ...] = ()
    """Networks that were asked for and of which there is no such accuracy."""
    dropped: int = 0
    """Lower accuracies of networks that are drawn."""

    @property
    def compared(self) -> tuple[PlottedPoint, ...]:
        """The points of the recipes that are compared; if there are none, all."""
        return tuple([each for each in self.points if each.main]) or self.points


def choose(request: Plot, axis: CostAxis) -> ChosenPoints:
    """The points of a recipe and a data set that are accuracies of one image at a time, in the data's order.

    Networks whose count a bug of the axis's convention changes are not among them: it is not their cost. Raises
    ArchcalcError if there is nothing to draw, before anything is counted.
    """
    selected = select(request)
    many = _several([each.architecture for each in selected.points])
    marked = {resolve(each).name for each in request.marked}
    drawn: list[PlottedPoint] = []
    uncounted: dict[str, Uncounted] = {}
    for each in selected.points:
        try:
            wrong = miscounted(_graph(each), axis)
            if wrong is None:
                label = pretty(each.architecture) + _size(each, each.architecture in many)
                point = _measured(each, axis, selected.recipes, label + _letter(each, selected.recipes))
                drawn.append(point._replace(marked=each.architecture in marked))
        except ArchcalcError as error:
            if request.names or request.recipe:
                raise
            wrong = Uncounted(str(error).removesuffix(f", which {each.architecture} has"))
        if wrong is not None:
            uncounted[pretty(each.architecture)] = wrong
    if not drawn:
        raise ArchcalcError(_left_out(tuple(uncounted.items())).removesuffix("."))
    return ChosenPoints(
        _apart(drawn),
        selected.dataset,
        selected.recipes,
        tuple(dict.fromkeys(each.source for each in drawn)),
        len(selected.absent),
        tuple(uncounted.items()),
        tuple([pretty(each) for each in selected.unpublished]),
        selected.dropped,
    )


def _several(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _apart(drawn: Sequence[PlottedPoint]) -> tuple[PlottedPoint, ...]:
    """The points with labels that are all different: of equal ones, each with its recipe."""
    twice = _several([each.label for each in drawn])
    return tuple([
        each._replace(label=f"{each.label} ({each.recipe})") if each.label in twice else each for each in drawn
    ])  # fmt: skip


def _letter(point: AccuracyPoint, wanted: Sequence[str]) -> str:
    """The letter of a point's recipe in its label, if there are several recipes."""
    several = len(wanted) > 1 and point.recipe in wanted
    return f" ({chr(ord('a') + wanted.index(point.recipe))})" if several else ""


def _size(point: AccuracyPoint, many: bool) -> str:
    """The size of the input in a label, if it is not the network's own and the network has several points."""
    network = in_catalogue(point.architecture)
    return f" @{point.size}" if many and network and point.size not in (None, network.input[-1]) else ""


def _graph(point: AccuracyPoint) -> Graph:
    return graph_of(point.architecture, point.size, CLASSES[point.dataset])


def _measured(point: AccuracyPoint, axis: CostAxis, recipes: Sequence[str], label: str) -> PlottedPoint:
    network = in_catalogue(point.architecture)
    located = locate(point)
    if network is None or located.input is None or located.params is None or point.top1 is None:
        raise ArchcalcError(f"{point.architecture}: {located.problem}")
    counted = {"mult_adds": located.mult_adds, "params": located.params}.get(axis.convention.name)
    if counted is None or not axis.is_count:
        counted = count(_graph(point), axis)
    return PlottedPoint(
        point.architecture,
        label,
        network.file,
        network.family.year,
        point.top1,
        located.params,
        counted,
        point.recipe,
        point.source,
        point.recipe in recipes,
        runs=runs_of(point),
    )


def front(chosen: Sequence[PlottedPoint], cost: Callable[[PlottedPoint], float]) -> list[PlottedPoint]:
    """The Pareto front: points with a higher accuracy than all others of the same or lower cost, cheapest first."""
    best: list[PlottedPoint] = []
    for each in sorted(chosen, key=lambda each: (cost(each), -each.top1)):
        if not best or each.top1 > best[-1].top1:
            best.append(each)
    return best


def family_lines(chosen: Sequence[PlottedPoint]) -> list[list[PlottedPoint]]:
    """Points to join by a line, cheapest first: networks of one recipe, family and design."""
    return [
        sorted(line, key=lambda each: (each.counted, each.top1)) for line in alike(chosen, lambda each: each.recipe)
    ]


def recipe_title(chosen: ChosenPoints) -> str:
    """The recipes of a plot as the end of its title."""
    names = [recipes()[name].title for name in chosen.recipes]
    names = names if len(names) < 3 else [names[0], f"{len(names) - 1} other recipes"]
    return " and ".join([*names, *(["others"] if len(names) < 2 and not all(p.main for p in chosen.points) else [])])


def data_note(chosen: ChosenPoints) -> str:
    """Sentences for the small print on the sources of the accuracies, the training, and what is left out."""
    known = [recipes()[name] for name in chosen.recipes]
    marks = [f"({chr(ord('a') + number)}) " if len(known) > 1 else "" for number in range(len(known))]
    said = "; ".join(f"{mark}{each.title} ({each.training})" for mark, each in zip(marks, known, strict=True))
    said = said.replace("not stated in the source", "training not stated")
    parts = [f"Accuracies, one image, one crop: {said}.", _beside_note(chosen), _runs_note(chosen)]
    parts += [_left_out(chosen.uncounted), _missing(chosen)]
    return " ".join(filter(None, parts))


def _beside_note(chosen: ChosenPoints) -> str:
    """A sentence on points of other recipes."""
    others = [each for each in chosen.points if not each.main]
    if not others:
        return ""
    parts: list[str] = []
    for recipe in dict.fromkeys(each.recipe for each in others):
        own = [each.label for each in others if each.recipe == recipe]
        parts.append(f"{recipes()[recipe].title} ({_span(own)})")
    return f"Open marks, trained otherwise: {'; '.join(parts)}."


def _span(names: Sequence[str]) -> str:
    """Names in few words: the families of more than two."""
    if len(names) <= 2:
        return ", ".join(names)
    stems = list(dict.fromkeys(name.partition("-")[0].partition(" ")[0] for name in names))
    return ", ".join(stems)


def _runs_note(chosen: ChosenPoints) -> str:
    """A sentence on accuracies that are statistics of several runs."""
    said = dict.fromkeys(each.runs for each in chosen.points if each.runs)
    if not said:
        return ""
    if len(said) == 1 and all(each.runs for each in chosen.points):
        return f"Each accuracy is the {next(iter(said))}; the source prints no spread."
    parts = [
        f"{runs}: {sum(each.runs == runs for each in chosen.points)} of {len(chosen.points)} points" for runs in said
    ]
    return f"Accuracies over several runs, without a printed spread: {', '.join(parts)}."


def _left_out(uncounted: Sequence[tuple[str, Uncounted]]) -> str:
    """Sentences on networks without a count."""
    reasons: dict[str, list[str]] = {}
    for name, said in uncounted:
        reasons.setdefault(said.reason, []).append(f"{name}, {said.numbers}" if said.numbers else name)
    return " ".join([f"Left out, as {reason}: {_listed(names)}." for reason, names in reasons.items()])


def _missing(chosen: ChosenPoints) -> str:
    """Sentences on networks and accuracies that are not drawn."""
    parts: list[str] = []
    if chosen.unpublished:
        where = DATA_SETS.get(chosen.dataset, chosen.dataset)
        said = f"of which the data have no {where} accuracy of one image"
        parts.append(f"Not drawn: {', '.join(chosen.unpublished)}, {said}.")
    if chosen.absent:
        networks = "1 network of the recipe is" if chosen.absent == 1 else f"{chosen.absent} networks of the recipe are"
        parts.append(f"{networks} not in the catalogue.")
    if chosen.dropped:
        lower = "1 lower accuracy of a network drawn is" if chosen.dropped == 1 else (
            f"{chosen.dropped} lower accuracies of networks drawn are"
        )  # fmt: skip
        parts.append(f"{lower} left out.")
    return " ".join(parts)


def _listed(names: Sequence[str], most: int = 5) -> str:
    """Names in a row, or some of them, each of another family if possible."""
    stems = [name.partition("-")[0].partition(" ")[0] for name in names]
    order = sorted(range(len(names)), key=lambda at: stems[:at].count(stems[at]))
    rest = len(names) - most
    shown = [names[at] for at in order[:most]]
    return "; ".join(names) if rest <= 1 else f"{'; '.join(shown)}; and {rest} others"


def records(chosen: ChosenPoints, axis: CostAxis) -> list[dict[str, object]]:
    """The points as flat dictionaries."""
    best = set(front(chosen.compared, lambda each: each.counted))
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
            "runs": each.runs,
            "source": each.source,
            "source_address": sources()[each.source].address,
            "source_read": sources()[each.source].read,
        }
        for each in chosen.points
    ]
