"""The order of networks by the number of figures that the documents print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from archcalc import zoo
from archcalc.evidence.claims import claims


def documented_first(names: Collection[str]) -> list[str]:
    """Canonical names in the order in which a run that may be cut short should take them.

    First come the networks with the most printed figures. Then come as many networks of each family as documents
    describe it, then as many again, and so on; families that more documents describe come first.
    """
    figures = Counter(claim.architecture for claim in claims())
    printed: Counter[str] = Counter()
    for name, count in figures.items():
        if (network := zoo.find(name)) is not None:
            printed[network.name] += count
    ranks: dict[str, tuple[int, bool, int, int]] = {}
    for family in {id(network.family): network.family for network in zoo.networks()}.values():
        documents = len(family.documents)
        for number, name in enumerate(family.variants):
            ranks[name] = (-printed[name], not documents, number // max(documents, 1), -documents)
    return sorted(names, key=lambda name: ranks.get(name, (0, True, 0, 0)))
