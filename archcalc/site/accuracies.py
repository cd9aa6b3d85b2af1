"""Published accuracies for the catalogue's page: of each network one for each data set and recipe, with its source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc import zoo
from archcalc.evidence.accuracy import (
    CLASSES,
    DEFAULT_RECIPES,
    SINGLE,
    AccuracyPoint,
    all_points,
    in_catalogue,
    recipes,
    runs_of,
)

HIGHEST = "highest"
"""The choice of each network's most accurate recipe among those without further training data."""
DATASET = "imagenet"
"""The data set that the page begins with."""


def accuracies(names: Sequence[str]) -> dict[str, Any]:
    """The accuracies of networks for JSON: for each data set and recipe, a list for each network that has one.

    A list is the network's place in `names`, top-1 and top-5 accuracy in percent (None if the source has none), height
    and width of the test image (0 if it is the network's own input), the places of the recipe and the source in their
    lists, and what else is to be known, in words. Of several by one recipe, that at the network's own input counts,
    then the highest. Several crops and ensembles stay out: the mult-adds of a row are those of one image.

    >>> found = accuracies(["resnet50"])
    >>> found["points"]["imagenet"]["torchvision_v1"][0][:4], found["default"]["imagenet"]
    ([0, 76.13, 92.862, 0], 'torchvision_v1')
    """
    chosen = {
        (dataset, recipe): [found[name] for name in names if name in found]
        for dataset in CLASSES
        for recipe, found in sorted(_chosen(names, dataset).items())
    }
    points = [point for found in chosen.values() for point in found]
    of_recipe = {name: place for place, name in enumerate(dict.fromkeys([point.recipe for point in points]))}
    of_source = {name: place for place, name in enumerate(dict.fromkeys([point.source for point in points]))}
    order, known = {name: place for place, name in enumerate(names)}, recipes()

    def written(point: AccuracyPoint) -> list[Any]:
        network = zoo.network(point.architecture)
        size = 0 if _own_size(point) else point.size
        places = of_recipe[point.recipe], of_source[point.source]
        return [order[network.name], point.top1, point.top5, size, *places, *filter(None, [_note(point)])]

    return {
        "default": DEFAULT_RECIPES,
        "recipes": [[name, known[name].title, known[name].training] for name in of_recipe],
        "sources": list(of_source),
        "points": {
            dataset: {recipe: [*map(written, found)] for (its, recipe), found in chosen.items() if its == dataset}
            for dataset in CLASSES
        },
    }


def _chosen(names: Sequence[str], dataset: str) -> dict[str, dict[str, AccuracyPoint]]:
    """By recipe, the point of each network that has one."""
    wanted, found = set(names), dict[str, dict[str, AccuracyPoint]]({HIGHEST: {}})
    for point in all_points():
        network = in_catalogue(point.architecture)
        if point.dataset != dataset or network is None or network.name not in wanted:
            continue
        if point.top1 is None or point.evaluation not in SINGLE:
            continue
        for recipe in (point.recipe, *(() if point.extra_data else (HIGHEST,))):
            best = found.setdefault(recipe, {}).setdefault(network.name, point)
            if _rank(point) > _rank(best):
                found[recipe][network.name] = point
    return found


def _rank(point: AccuracyPoint) -> tuple[bool, float]:
    return _own_size(point), point.top1 or 0.0


def _own_size(point: AccuracyPoint) -> bool:
    """True if a point is of the network's own input, or of one that its source does not state."""
    return point.size is None or tuple(zoo.network(point.architecture).input[1:]) == (point.size, point.size)


def _note(point: AccuracyPoint) -> str:
    """What is to be known of a point beside its recipe and source."""
    extra = f"also trained on {point.extra_data}" if point.extra_data else ""
    stated = "" if point.size else "test image not stated"
    crops = "crop not stated" if point.evaluation == "not stated" else ""
    return ", ".join(filter(None, [runs_of(point), extra, stated, crops]))
