"""Which published accuracies a plot shows: those of a recipe, and of networks that it lacks those of another.

A plot compares networks and not their training, so that one recipe is drawn. Where no recipe is named, networks that
everybody looks for and that the default recipe lacks come from other recipes, as open marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.evidence.accuracy import (
    DEFAULT_RECIPES,
    SINGLE,
    AccuracyPoint,
    all_points,
    in_catalogue,
    points,
)
from archcalc.figures import Plot
from archcalc.request import resolve

COMPANIONS = {
    "torchvision_v1_ports": ("googlenet_torchvision", "inception_v3"),
    "torchvision_v1_new": (
        *[f"efficientnet_b{number}" for number in range(8)],
        *[f"convnext_{size}" for size in ("tiny", "small", "base", "large")],
        *[f"swin_{size}" for size in "tsb"],
    ),
    "mobilenet_authors": tuple([f"mobilenet_v1_{width}_224" for width in ("0.25", "0.5", "0.75", "1.0")]),
    "caffe": ("alexnet",),
}
"""Networks that the default recipe of ImageNet lacks and that are drawn beside it, by recipe."""
PREFERRED = ("torchvision_v1", *COMPANIONS, "pytorchcv", "pycls")
"""The order in which recipes stand in for one that lacks a network; then those with the most networks."""


class AccuracySelection(NamedTuple):
    """The published accuracies of a plot, in the data's order."""

    points: tuple[AccuracyPoint, ...]
    recipes: tuple[str, ...]
    """The recipes whose networks are compared; points of others stand beside them."""
    absent: tuple[str, ...]
    """Networks of the recipes that the catalogue does not have."""
    unpublished: tuple[str, ...]
    """Networks that were asked for and of which there is no such accuracy on this data set."""
    dropped: int
    """Further accuracies of networks that are drawn, at the same size and by the same recipe, none of them higher."""
    dataset: str


def select(request: Plot) -> AccuracySelection:
    """The accuracies of one image at a time that a request means. Raises ArchcalcError if there are none."""
    dataset = request.dataset or "imagenet"
    if dataset not in DEFAULT_RECIPES:
        points((), dataset)  # raises an error that lists the data sets
    asked = [resolve(each).name for each in request.marked]
    if request.recipe:
        wanted = tuple(dict.fromkeys(request.recipe))
        listed = points(request.titles, dataset, wanted)
        asked += [each.architecture for each in listed] if request.names else []
        drawn = _usable(listed, extra=True)
        wanted = tuple(dict.fromkeys(_spelt(wanted, drawn)))
        beside: list[AccuracyPoint] = []
    elif request.names:
        listed = points(request.titles, dataset)
        asked += [each.architecture for each in listed]
        everywhere = _usable(listed)
        wanted = (_common(everywhere, dataset),)
        drawn = [each for each in everywhere if each.recipe == wanted[0]]
        beside = _beside(everywhere, {each.architecture for each in drawn})
    else:
        wanted = (DEFAULT_RECIPES[dataset],)
        drawn = _usable(points((), dataset, wanted))
        beside = _companions() if dataset == "imagenet" else []
    there = {each.architecture for each in [*drawn, *beside]}
    more = [each for each in all_points() if each.dataset == dataset and each.architecture in set(asked) - there]
    beside += _beside(_usable(more), there)
    return _selection(request, dataset, wanted, [*drawn, *beside], tuple(dict.fromkeys(asked)))


def _selection(
    request: Plot, dataset: str, wanted: tuple[str, ...], chosen: Sequence[AccuracyPoint], asked: Sequence[str]
) -> AccuracySelection:
    known = [each for each in chosen if in_catalogue(each.architecture) is not None]
    absent = {each.architecture for each in chosen} - {each.architecture for each in known}
    if request.names and absent:
        raise ArchcalcError(f"{', '.join(sorted(absent))}: not in the catalogue, so there is no cost to draw")
    if not known:
        raise ArchcalcError(
            f"no single-image accuracy on {dataset} by {', '.join(wanted)} is of a network of the catalogue"
        )
    best: dict[tuple[str, int | None, str], AccuracyPoint] = {}
    for each in known:
        key = (each.architecture, each.size, each.recipe)
        if key not in best or (each.top1 or 0) > (best[key].top1 or 0):
            best[key] = each
    kept = set(best.values())
    there = {each.architecture for each in kept}
    ordered = tuple([each for each in dict.fromkeys(known) if each in kept])
    dropped = len(dict.fromkeys(known)) - len(ordered)
    missing = tuple([name for name in asked if name not in there])
    return AccuracySelection(ordered, wanted, tuple(sorted(absent)), missing, dropped, dataset)


def _usable(listed: Sequence[AccuracyPoint], extra: bool = False) -> list[AccuracyPoint]:
    """Top-1 accuracies of one image at a time; without `extra`, only of networks without further training data."""
    return [
        each
        for each in listed
        if each.top1 is not None and each.evaluation in SINGLE and (extra or not each.extra_data)
    ]


def _spelt(recipes: Sequence[str], drawn: Sequence[AccuracyPoint]) -> list[str]:
    """The recipes as the data spell them, in the order that was asked for."""
    from archcalc.base.spelling import matched

    known = {matched(each.recipe): each.recipe for each in drawn}
    return [known.get(matched(each), each) for each in recipes]


def _rank(recipe: str, dataset: str) -> tuple[int, int, str]:
    """The place of a recipe among those that may stand in, smaller first."""
    if recipe == DEFAULT_RECIPES.get(dataset):
        return (-1, 0, recipe)
    if recipe in PREFERRED:
        return (PREFERRED.index(recipe), 0, recipe)
    return (len(PREFERRED), -sum(each.recipe == recipe for each in all_points()), recipe)


def _common(listed: Sequence[AccuracyPoint], dataset: str) -> str:
    """The recipe with the most of some networks; of several, the first in order."""
    if not listed:
        return DEFAULT_RECIPES[dataset]
    networks = {
        recipe: {each.architecture for each in listed if each.recipe == recipe} for recipe in {p.recipe for p in listed}
    }
    return min(networks, key=lambda recipe: (-len(networks[recipe]), _rank(recipe, dataset)))


def _beside(listed: Sequence[AccuracyPoint], there: set[str]) -> list[AccuracyPoint]:
    """Of each network that is not there yet, the points of the first recipe that has it."""
    found: list[AccuracyPoint] = []
    for name in dict.fromkeys(each.architecture for each in listed if each.architecture not in there):
        own = [each for each in listed if each.architecture == name]
        first = min([each.recipe for each in own], key=lambda recipe: _rank(recipe, own[0].dataset))
        found += [each for each in own if each.recipe == first]
    return found


def _companions() -> list[AccuracyPoint]:
    return _usable([
        each
        for each in all_points()
        if each.dataset == "imagenet" and each.architecture in COMPANIONS.get(each.recipe, ())
    ])  # fmt: skip
