"""What there is: networks with their totals, and what is known of each."""

from __future__ import annotations

from typing import NamedTuple

from archcalc import zoo
from archcalc.analysis.cost import costs
from archcalc.descriptions import Description, Space, describe_network, describe_space
from archcalc.design_spaces import DESIGN_SPACES
from archcalc.dims import Dim
from archcalc.errors import ArchcalcError
from archcalc.query.costs import sums
from archcalc.query.networks import build_graph


def describe(name: str) -> Description | Space:
    """Citation, hyperparameters, names, confirmation and notes of a network, or what a design space is.

    Raises UnknownName with the nearest known names.
    """
    space = zoo.design_space(name)
    return describe_network(name) if space is None else describe_space(space)


def spaces() -> list[Space]:
    """The design spaces that the documents size."""
    return [describe_space(name) for name in DESIGN_SPACES]


class Entry(NamedTuple):
    """One line of the catalogue: a network as its name gives it."""

    name: str
    summary: str
    authors: str
    year: int
    input: tuple[int, int, int]
    params: Dim
    mult_adds: Dim


def catalogue(pattern: str = "") -> list[Entry]:
    """The networks whose name or summary holds `pattern` (any case; `*` and `?` match a whole name), with their totals.

    Raises ArchcalcError if none does.
    """
    from fnmatch import fnmatchcase

    wanted = pattern.lower()
    entries: list[Entry] = []
    glob = any(mark in wanted for mark in "*?[")
    for each in zoo.architectures():
        name, family, variant, _ = each
        if fnmatchcase(name, wanted) if glob else wanted in f"{name} {variant.summary}".lower():
            params, mult_adds = sums(costs(build_graph(each, None, variant.settings)))
            entries.append(Entry(name, variant.summary, family.authors, family.year, variant.input, params, mult_adds))
    if not entries:
        raise ArchcalcError(
            f"no architecture matches {pattern!r}; `archcalc list` shows all, `archcalc spaces` the design spaces"
        )
    return entries
