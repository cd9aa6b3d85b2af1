"""The data of the catalogue's page: a row for each network, its totals under every convention, published accuracies.

The page begins with `data/catalogue.json`, which is small: lists in place of objects, and each family and source once.
It asks for `data/counts/CONVENTION.json` and `data/accuracies.json` when a reader chooses another convention or recipe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc import __version__, zoo
from archcalc.analysis.quantities import Basis, totals
from archcalc.catalogue.descriptions import describe_network
from archcalc.conventions import MULT_ADDS
from archcalc.conventions.catalogue import all_conventions
from archcalc.conventions.counting import Measures, left_out, total
from archcalc.present.names import FAMILIES, pretty
from archcalc.present.words import left_out_remark
from archcalc.request import Request
from archcalc.site.accuracies import DATASET, HIGHEST, accuracies

TOTALS = ("params", "mult_adds", "activation_sum", "peak_inference_bytes", "training_step_bytes")
COLUMNS = ("name", "label", "family", "year", "input", *TOTALS)
"""What a row of `data/catalogue.json` has, in order; an empty label is the name. Further names may follow."""


def catalogue_row(name: str) -> dict[str, Any]:
    """The row of a network at its own input: totals, counts under every convention, and what each leaves out.

    >>> row = catalogue_row("lenet5")
    >>> row["totals"]["params"], row["counts"]["params"]
    (60000, 60000)
    """
    network, about = zoo.network(name), describe_network(name)
    basis = Basis.of(Request.of(name))
    counts, measures = totals(basis, TOTALS), Measures(basis.graph)
    return {
        "name": name,
        "label": pretty(name),
        "family": network.file,
        "authors": network.family.authors,
        "aliases": list(about.aliases),
        "year": network.family.year,
        "input": list(network.input),
        "totals": {key: _number(counts[key]) for key in TOTALS},
        "counts": {each.name: _number(total(measures, each)) for each in all_conventions()},
        "left_out": {each.name: _left_out(measures, each) for each in all_conventions()},
    }


def catalogue_files(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The files of the page with their JSON data, by their places in the site, from the rows of its networks."""
    chosen = accuracies([row["name"] for row in rows])
    return {
        "data/catalogue.json": _catalogue(rows, chosen),
        "data/accuracies.json": chosen,
        **{f"data/counts/{each.name}.json": _counts(rows, each) for each in all_conventions()},
    }


def _catalogue(rows: Sequence[Mapping[str, Any]], chosen: Mapping[str, Any]) -> dict[str, Any]:
    families = list(dict.fromkeys((row["family"], row["authors"]) for row in rows))
    places = {family: place for place, family in enumerate(families)}
    return {
        "version": __version__,
        "families": [[file, _family(file), authors] for file, authors in families],
        "columns": COLUMNS,
        "networks": [
            [
                *(
                    row["name"],
                    "" if row["label"] == row["name"] else row["label"],
                    places[row["family"], row["authors"]],
                    row["year"],
                    _input(row["input"]),
                ),
                *row["totals"].values(),
                *row["aliases"],
            ]
            for row in rows
        ],
        "conventions": [[each.name, each.quantity, each.unit] for each in all_conventions()],
        "accuracy": _first(chosen),
    }


def _first(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Of the accuracies, those that the page begins with; their sources and notes come with all others."""
    points = chosen["points"][DATASET][HIGHEST]
    recipes = list(dict.fromkeys(point[4] for point in points))
    return {
        "recipes": [chosen["recipes"][each][:2] for each in recipes],
        "points": [[*point[:4], recipes.index(point[4])] for point in points],
    }


def _counts(rows: Sequence[Mapping[str, Any]], convention: Any) -> dict[str, Any]:
    nodes: dict[str, int] = {}
    for row in rows:
        for op, number in row["left_out"][convention.name]:
            nodes[op] = nodes.get(op, 0) + number
    return {
        "name": convention.name,
        "unit": convention.unit,
        "quantity": convention.quantity,
        "summary": convention.summary,
        "left_out": "" if convention is MULT_ADDS else left_out_remark(nodes),
        "totals": [row["counts"][convention.name] for row in rows],
    }


def _left_out(measures: Measures, convention: Any) -> list[tuple[str, int]]:
    return [(each.op, each.nodes) for each in left_out(measures, convention) if each.operations != 0]


def _family(file: str) -> str:
    """A family's name as papers write it."""
    text = FAMILIES.get(file) or pretty(file).replace("_", " ")
    return text[:1].upper() + text[1:]


def _input(shape: Sequence[int]) -> int | list[int]:
    """An input, as one number if it is a square image of three channels."""
    channels, height, width = shape
    return height if channels == 3 and height == width else list(shape)


def _number(value: Any) -> int | str:
    """A number for JSON: the digits of one that JavaScript does not hold exactly."""
    return str(value) if abs(value) >= 1 << 53 else value
