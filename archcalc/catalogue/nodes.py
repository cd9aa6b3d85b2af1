"""The number of nodes of every network of the catalogue, so that the time of an answer is known before one is built.

`python tests/generate.py` makes the file anew.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from fnmatch import translate
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from archcalc import zoo
from archcalc.base.spelling import matched
from archcalc.zoo._names import otherwise

FILE = "data/nodes.csv"
LONGEST = 100
"""The most characters of a name or a pattern that is looked up."""


class ListedNetwork(NamedTuple):
    """A row of the file: a network by one of its names."""

    name: str
    nodes: int
    """The nodes of its graph on its own input."""
    name_of: str
    """The network whose alias, or name in a library, it is; empty for the network itself."""
    summary: str
    """Its summary; empty for other names."""


@lru_cache(4096)
def nodes_of(name: str) -> int | None:
    """The number of nodes of a network on its own input; None for a name that is not listed. No network is built.

    Where two names differ only in separators between digits, it is the number of the larger network.

    >>> nodes_of("ResNet-50"), nodes_of("resnet51")
    (176, None)
    """
    if len(name) > LONGEST:
        return None
    known = _by_form()
    return known.get(matched(name)) or known.get(matched(otherwise(name) or ""))


@lru_cache(256)
def nodes_matching(pattern: str) -> int:
    """The number of nodes of all networks together that `archcalc.catalogue.listing.matching` finds for a pattern.

    >>> nodes_matching("no such network"), nodes_matching("") > 100_000
    (0, True)
    """
    wanted = pattern.lower()
    if any(mark in wanted for mark in "*?["):
        fits = re.compile(translate(wanted[:LONGEST])).match
        return sum([each.nodes for each in _rows() if not each.name_of and fits(each.name)])
    return sum([nodes for text, nodes in _texts() if wanted in text])


@cache
def _rows() -> tuple[ListedNetwork, ...]:
    rows = csv.reader(io.StringIO(files("archcalc").joinpath(FILE).read_text(encoding="utf-8")))
    next(rows)
    return tuple([ListedNetwork(name, int(nodes), name_of, summary) for name, nodes, name_of, summary in rows])


@cache
def _texts() -> tuple[tuple[str, int], ...]:
    """The name and the summary of every network, lower case, and the number of its nodes."""
    return tuple([(f"{each.name} {each.summary}".lower(), each.nodes) for each in _rows() if not each.name_of])


@cache
def _by_form() -> dict[str, int]:
    """The number of nodes by the names in the form in which they are compared; own names come before others."""
    known: dict[str, int] = {}
    for each in _rows():
        if not each.name_of:
            form = matched(each.name)
            known[form] = max(known.get(form, 0), each.nodes)
    return {matched(each.name): each.nodes for each in _rows() if each.name_of} | known


def written() -> str:
    """The file's text for the catalogue as it is."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(ListedNetwork._fields)
    table.writerows(_listed())
    return text.getvalue()


def _listed() -> Iterator[ListedNetwork]:
    """Every network under its name, its aliases and the names of libraries' models that are the same network."""
    for network in zoo.networks():
        nodes, family = len(network.graph().nodes), network.family
        reference = family.references.get(network.name)
        names = [alias for alias, canonical in family.aliases.items() if canonical == network.name]
        names += [reference.model] if reference is not None and reference.is_whole else []
        yield ListedNetwork(network.name, nodes, "", network.summary)
        for name in dict.fromkeys(names):
            if name != network.name:
                yield ListedNetwork(name, nodes, network.name, "")
