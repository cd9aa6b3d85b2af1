"""Axes of plots: mult-adds or parameters, or the count of a named convention."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.conventions.counting import MULT_ADDS, Convention, find_convention
from archcalc.conventions.counting import total as convention_total
from archcalc.conventions.measures import Measures
from archcalc.evidence.accuracy import whole
from archcalc.graph import Graph


class CostAxis(NamedTuple):
    """An axis of costs: the convention, its words, and a note for the small print."""

    convention: Convention
    noun: str
    """mult-adds, FLOPs as torch counts ..."""

    @property
    def note(self) -> str:
        """Sentences for the small print that name the convention and its mistakes."""
        bugs = [bug.summary for bug in self.convention.bugs if bug not in self.convention.other_bugs]
        wrong = f" Its mistakes are in the figures: {'; '.join(bugs)}." if bugs else ""
        return f"{self.noun[0].upper()}{self.noun[1:]}: {self.convention.summary}.{wrong}"


WORK = CostAxis(MULT_ADDS, "mult-adds")


def axis_of(name: str | None, quantity: str = "work") -> CostAxis:
    """The axis for a convention. Raises ArchcalcError if it counts another quantity than the plot shows."""
    chosen = find_convention(name or ("mult_adds" if quantity == "work" else "params"))
    if chosen.quantity != quantity:
        counts = {"work": "operations", "parameters": "parameters", "memory": "bytes"}
        said = f"this plot's axis counts {counts[quantity]}; the convention {chosen.name} counts"
        raise ArchcalcError(f"{said} {counts[chosen.quantity]}")
    unit = chosen.unit.partition(" (")[0]
    plain = chosen.name in ("mult_adds", "params")
    return CostAxis(chosen, unit if plain else f"{unit} as {chosen.name} counts")


def count(graph: Graph, axis: CostAxis) -> int:
    """The count of a network. Raises ArchcalcError if it has an op with mult-adds that the convention does not know."""
    measures = Measures(graph)
    require(measures, axis.convention)
    return whole(convention_total(measures, axis.convention))


def require(measures: Measures, convention: Convention) -> None:
    """Raise ArchcalcError if a network has an op with mult-adds that a convention cannot count.

    Linear layers are exempt, because a survey leaves them out on purpose.
    """
    if convention.quantity != "work" or not _counts_products(convention):
        return
    for kind, indices in measures.kinds.items():
        if not convention.of(kind) and kind != "linear":
            sites = [measures.sites[index] for index in indices]
            if any(whole(site.work.multiply_accumulate) for site in sites):
                name = measures.graph.name
                words = kind.replace("_", " ")
                raise ArchcalcError(f"the convention {convention.name} does not count {words}, which {name} has")


def _counts_products(convention: Convention) -> bool:
    return any(term.measure == "multiply_accumulate" for terms in convention.terms.values() for term in terms)
