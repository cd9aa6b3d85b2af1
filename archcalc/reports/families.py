"""The papers of the atlas, the networks of each, and the network of each family that is shown in full.

A family's representative is the network with the most figures in the documents, then the one with the most measured
accuracies, then the first; networks of more than `MOST_ROWS` rows only if the family has no other.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import NamedTuple

from archcalc import zoo
from archcalc.evidence.accuracy import all_points
from archcalc.evidence.claims import claims
from archcalc.graph import Network
from archcalc.zoo import Family

MOST_ROWS = 500


class Paper(NamedTuple):
    """A paper and its networks in the catalogue."""

    title: str
    networks: tuple[Network, ...]
    representatives: tuple[str, ...]
    """One network of each family, in order."""

    @property
    def first(self) -> Family:
        return self.networks[0].family


@cache
def papers() -> tuple[Paper, ...]:
    """The papers by year, those of one year in the order of the catalogue."""
    by_paper: dict[str, list[Network]] = {}
    for each in zoo.networks():
        by_paper.setdefault(each.family.title, []).append(each)
    listed = [Paper(title, tuple(networks), _representatives(networks)) for title, networks in by_paper.items()]
    return tuple(sorted(listed, key=lambda paper: paper.first.year))


def _representatives(networks: list[Network]) -> tuple[str, ...]:
    families: dict[int, list[Network]] = {}
    for each in networks:
        families.setdefault(id(each.family), []).append(each)
    return tuple([_representative(members) for members in families.values()])


def _representative(members: list[Network]) -> str:
    small = [each for each in members if len(members) == 1 or _rows(each) <= MOST_ROWS] or members
    return max(small, key=lambda each: (_printed()[each.name], _measured()[each.name])).name


def _rows(each: Network) -> int:
    graph = each.graph(None, each.settings)
    return len({node.row for node in graph.nodes})


@cache
def _printed() -> Counter[str]:
    """The number of figures that the documents print of each network."""
    counts: Counter[str] = Counter()
    for each in claims():
        network = zoo.find(each.architecture)
        if network is not None:
            counts[network.name] += 1
    return counts


@cache
def _measured() -> Counter[str]:
    """The number of accuracies of each network."""
    return Counter(point.architecture for point in all_points())
