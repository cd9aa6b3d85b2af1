"""Figures that the audit knows: a printed number of a network that one of the lecture documents prints too."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.algebra.amounts import Printed, read_printed
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import matched
from archcalc.evidence.audit import VERDICTS, Audited, judge, names_of
from archcalc.evidence.claims import Claim, claims
from archcalc.evidence.figures import PrintedFigure
from archcalc.graph import Network

WORST_FIRST = {verdict: -place for place, verdict in enumerate(VERDICTS)}
SAYING: Mapping[str, frozenset[str]] = {
    "field": frozenset({"receptive_field"}),
    "output": frozenset({"output_shape", "input_shape"}),
    "layers": frozenset({"layers", "conv_layers", "fc_layers"}),
}
"""The quantities of claims, by what a figure counts that says so itself, as `field 16` and `16 layers` do."""


def known_figures(network: Network, figure: PrintedFigure) -> tuple[Audited, ...]:
    """What the audit says of a number of a network, the worst verdict first; each verdict with its reason once.

    Figures that follow from training, or that a document chooses, are left out, and so are figures of another quantity
    than the one that a figure says it counts.
    """
    printed = figure.printed
    said = [SAYING.get(each.name) for each in figure.quantities] if len(figure.quantities) == 1 else [None]
    names = {matched(name) for name in (network.name, *_aliases(network))}
    same = [each for each in claims() if not each.reason and _is(each, printed) and names & names_of(each)]
    same = [each for each in same if said[0] is None or each.quantity in said[0]]
    judged = {(each.verdict, each.reading, each.reason, each.claim.selector): each for each in map(judge, same)}
    return tuple(sorted(judged.values(), key=lambda each: WORST_FIRST[each.verdict]))


def _aliases(network: Network) -> list[str]:
    if not network.file:
        return []
    return [alias for alias, canonical in network.family.aliases.items() if canonical == network.name]


def _is(claim: Claim, printed: Printed) -> bool:
    """True if a claim prints the same number, to the same digit, and not in another unit."""
    if not claim.printed[:1].isdigit() or _first(claim.printed) != _first(printed.text):
        return False
    try:
        figure = read_printed(claim.printed)
    except ArchcalcError:  # a list of numbers
        return False
    units = {figure.unit, printed.unit} - {""}
    return figure.value == printed.value and figure.last == printed.last and len(units) < 2


def _first(text: str) -> str:
    """The first digit that is no zero."""
    return next((each for each in text if each in "123456789"), "")
