"""Check against reference models: independent implementations must have our parameters, mult-adds and layers.

Parameters, mult-adds (half the count of torch's FlopCounterMode) and the multiset of all executed convolutions and
linear layers are compared, at the canonical input and at another one if the reference accepts it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from archcalc.analysis.cost import costs
from archcalc.base.errors import MissingTool
from archcalc.validation.models import LayerRun, as_products, counts, layers_of, load, version
from archcalc.validation.outcome import Ledger, Outcome, not_run
from archcalc.validation.subject import CheckedNetwork, Size
from archcalc.zoo import Reference

NAME = "references"


def check(subject: CheckedNetwork) -> Outcome:
    """Compare with the reference model that the catalogue has for this network."""
    if subject.network is None:
        return not_run(NAME, "a network that is not in the catalogue has no reference")
    family = subject.network.family
    reference = None if family is None else family.references.get(subject.network.name)
    if reference is None:
        return not_run(NAME, (family and family.confirmed) or "no other implementation is known")
    try:
        module = load(reference)
    except MissingTool as missing:
        return not_run(NAME, str(missing))
    ledger = Ledger(NAME, f"{version(reference)} {reference.model}")
    canonical, *others = subject.sizes()
    if reference.size is not None:
        others = [reference.size]
    _compare(ledger, subject, reference, module, canonical)
    for size in others:
        if _takes(module, size):
            _compare(ledger, subject, reference, module, size)
            break
    else:
        ledger.note("the reference accepts the canonical input only")
    if reference.differs:
        ledger.note(reference.differs)
    return ledger.close()


def _takes(module: Any, size: Size) -> bool:
    try:
        counts(module, size)
    except (RuntimeError, AssertionError, ValueError):
        return False
    return True


def _compare(ledger: Ledger, subject: CheckedNetwork, reference: Reference, module: Any, size: Size) -> None:
    network: Any = subject.network
    graph = network.graph(size, {**network.settings, **reference.settings})
    each = costs(graph)
    theirs = counts(module, size)
    at = "x".join(map(str, size))
    ledger.total(f"params at {at}", sum(cost.parameters.learnable for cost in each), theirs.params)
    ledger.total(f"mult-adds at {at}", sum(cost.work.multiply_accumulate for cost in each), theirs.mult_adds)
    ours, others = as_products(layers_of(graph)), as_products(theirs.layers)
    ledger.equal(f"layers that only archcalc has at {at}", [], _listed(ours - others))
    ledger.equal(f"layers that only the reference has at {at}", [], _listed(others - ours))
    ledger.figures[f"layers at {at}"] = ours.total()


def _listed(layers: Counter[LayerRun]) -> list[tuple[Any, ...]]:
    return [(*layer, f"x{count}") for layer, count in layers.items()]
