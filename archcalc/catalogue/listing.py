"""The list of networks with their totals."""

from __future__ import annotations

from typing import NamedTuple

from archcalc import zoo
from archcalc.algebra.dims import Dim
from archcalc.analysis.quantities import Basis, totals
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.catalogue.kept import KeptTotals, kept
from archcalc.conventions.results import LeftOut
from archcalc.graph import Network


class Entry(NamedTuple):
    """One network of the catalogue, with its default input and hyperparameters."""

    name: str
    summary: str
    authors: str
    year: int
    input: tuple[int, int, int]
    params: Dim
    mult_adds: Dim
    counted: Dim | None = None
    """The total under the requested convention; None without one."""
    left_out: tuple[LeftOut, ...] = ()
    """The kinds of ops that the convention leaves out."""


class Page(NamedTuple):
    """Some of the matching networks, and the number of all matching ones."""

    entries: tuple[Entry, ...]
    total_size: int


@question
def catalogue_page(pattern: str = "", first: int = 0, size: int = 1000, convention: str | None = None) -> Page:
    """At most `size` networks whose name or summary contains `pattern`, without the first `first` of these."""
    found = matching(pattern)
    return Page(tuple([_entry(each, convention) for each in found[first : first + size]]), len(found))


def matching(pattern: str) -> list[Network]:
    """The networks whose name or summary contains a pattern in any case, or whose name one with `*` or `?` matches."""
    from fnmatch import fnmatchcase

    wanted = pattern.lower()
    glob = any(mark in wanted for mark in "*?[")
    return [
        each
        for each in zoo.networks()
        if (fnmatchcase(each.name, wanted) if glob else wanted in f"{each.name} {each.summary}".lower())
    ]


def nothing_matches(pattern: str) -> ArchcalcError:
    """The error for a pattern that no network matches."""
    return ArchcalcError(
        f"no architecture matches {pattern!r}; `archcalc list` shows all, `archcalc spaces` the design spaces",
        about="pattern",
    )


def _entry(each: Network, convention: str | None) -> Entry:
    counts = kept().get(each.name) or totals_of(each)
    family, shape = each.family, each.family.variants[each.name].input
    entry = Entry(each.name, each.summary, family.authors, family.year, shape, counts.params, counts.mult_adds)
    return entry if convention is None else _counted(entry, each, convention)


def totals_of(network: Network) -> KeptTotals:
    """A network's totals at its own input, worked out."""
    counts = totals(Basis(network.graph()), ("params", "mult_adds"))
    return KeptTotals(counts.params, counts.mult_adds)


def _counted(entry: Entry, network: Network, name: str) -> Entry:
    from archcalc.conventions.counting import Measures, find_convention, left_out, total

    convention, measures = find_convention(name), Measures(network.graph())
    return entry._replace(counted=total(measures, convention), left_out=left_out(measures, convention))


def catalogue(pattern: str = "", convention: str | None = None) -> list[Entry]:
    """The networks whose name or summary contains `pattern`, in any case, with their totals.

    A pattern with `*` or `?` matches a whole name. With `convention`, entries have their totals under it too. Raises
    ArchcalcError if nothing matches.

    >>> [entry.name for entry in catalogue("vgg1?")][:2]
    ['vgg11', 'vgg13']
    """
    entries, total_size = catalogue_page(pattern, convention=convention)
    while len(entries) < total_size:
        entries += catalogue_page(pattern, len(entries), convention=convention).entries
    if not entries:
        raise nothing_matches(pattern)
    return list(entries)
