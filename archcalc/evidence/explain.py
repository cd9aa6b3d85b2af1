"""The explanation of a printed number: the readings that give it within its printed digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from archcalc import zoo
from archcalc.algebra.amounts import Printed
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.evidence.audit import Audited
from archcalc.evidence.figures import PrintedFigure, read_figure
from archcalc.evidence.judging import Explained, scope_for, search
from archcalc.evidence.known import known_figures
from archcalc.evidence.subjects import named
from archcalc.graph import Network
from archcalc.request import NetworkLike, Request

NEAREST = 3


class Explanation(NamedTuple):
    """The readings of a printed number, the likeliest first."""

    printed: Printed
    architecture: str
    """The network of the request; empty for the whole catalogue."""
    quantities: tuple[str, ...]
    known: tuple[Audited, ...]
    """Figures of the audit that are this number of this network, contradicted ones first."""
    readings: tuple[Explained, ...]
    """The claimed ones, then the weak ones."""
    nearest: tuple[Explained, ...]
    """The nearest reading of each of a few networks, if none gives the number."""
    by_chance: int
    """The number of readings left out because as many would agree with any number."""
    networks: int
    """The number of networks tried, variants not counted."""


@question
def explain(
    number: str,
    *,
    architecture: NetworkLike | None = None,
    quantity: str | None = None,
    changes: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> Explanation:
    """The readings of a printed number (`3.8G`) that give it within its digits, the likeliest first.

    `architecture` is the network that the number is printed for, with its variants; without it the whole catalogue is
    searched, each network by itself. `quantity` is a name of `archcalc.evidence.figures.QUANTITIES`, by default all
    that may be printed with that unit; `field 483` is a receptive field, `7x7x2048` an output. A reading differs from
    the obvious one in at most `changes` assumptions: 2 for one network; in the catalogue none, or if no obvious reading
    is found 1. `advance(1)` is called after each network.

    With many assumptions some reading agrees with almost every number. A reading is therefore claimed, marked weak or
    left out by the number of equally plausible ones that would agree by chance (`archcalc.evidence.chance`), and where
    none is claimed, the network's family is tried as well. What the audit of the documents says of the number comes
    with it in `known`.

    Raises ArchcalcError for a number that cannot be read or that cannot count the quantity.

    >>> best = explain("25.6M", architecture="resnet50").readings[0]
    >>> best.strength, best.reading.value
    ('claimed', 25557032)
    >>> explain("24M", architecture="vgg16").readings
    ()
    """
    figure = read_figure(number, quantity)
    if architecture is not None:
        network = Request.of(architecture).resolved
        network = replace(network, name=re.sub(r"[^\w.]+", "_", network.name))  # facts are written as formulas
        with named(network):
            return _searched(figure, (network.name,), changes, network, advance)
    if changes is None:
        plain = _searched(figure, zoo.names(), 0, None, None)
        if any(each.strength == "claimed" for each in plain.readings):
            if advance is not None:
                for _ in range(plain.networks):
                    advance(1)
            return plain
    return _searched(figure, zoo.names(), changes, None, advance)


def read_changes(changes: int) -> int:
    """The most changes of a reading. Raises ArchcalcError unless they are 0 to 4."""
    if not 0 <= changes <= 4:
        raise ArchcalcError(f"changes are from 0 to 4, not {changes}")
    return changes


def _searched(
    figure: PrintedFigure,
    names: tuple[str, ...],
    changes: int | None,
    architecture: Network | None,
    advance: Callable[[int], None] | None,
) -> Explanation:
    most = read_changes(changes if changes is not None else 1 if architecture is None else 2)
    known = () if architecture is None else known_figures(architecture, figure)
    scope = scope_for(figure.printed, most)._replace(variants=architecture is not None)
    if any(each.verdict == "holds under" for each in known):  # the reading of the audit is to be found again
        scope = scope._replace(most_weak=most, grid_alone=False)
    explained: list[Explained] = []
    nearest: list[Explained] = []
    by_chance = 0
    for name in names:
        found = search(name, figure, scope, known)
        explained += found.shown
        by_chance += found.left_out
        nearest += found.nearest
        if advance is not None:
            advance(1)
    return Explanation(
        printed=figure.printed,
        architecture="" if architecture is None else names[0],
        quantities=tuple([each.name for each in figure.quantities]),
        known=known,
        readings=tuple(sorted(explained, key=lambda each: each.rank)),
        nearest=() if explained else tuple(sorted(nearest, key=lambda each: each.reading.distance)[:NEAREST]),
        by_chance=0 if explained else by_chance,
        networks=len(names),
    )


def size_of_search(architecture: NetworkLike | None) -> int:
    """The number of times that `explain` will call `advance`."""
    return len(zoo.names()) if architecture is None else 1
