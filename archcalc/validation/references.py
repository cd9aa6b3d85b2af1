"""Check against reference models: independent implementations must be the same graph as ours.

Parameters and mult-adds (half the count of torch's FlopCounterMode) are compared, and all operations that PyTorch runs
for the reference with those that it runs for our graph: each with its kernel, stride, padding, dilation, groups,
rounding and bias, in their order and with all joints (see `traces`). So whatever follows from the graph, receptive
fields and memory included, is that of the reference. It is done at the canonical input and at another one.
"""

from __future__ import annotations

from typing import Any

from archcalc.analysis.cost import costs
from archcalc.base.errors import MissingTool
from archcalc.validation.models import counts, load, version
from archcalc.validation.outcome import Ledger, Outcome, not_run
from archcalc.validation.subject import CheckedNetwork, Size
from archcalc.validation.traces import differences, trace, without
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
        ledger.note(reference.left_out)
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
    ours = without(trace(subject.model(graph, "meta"), size), reference.differs)
    others = without(trace(module, size), reference.differs)
    ledger.total(f"operations at {at}", len(ours.steps), len(others.steps))
    ledger.compared += len(others.steps)
    for owner, steps in zip(("archcalc", reference.library), differences(ours, others), strict=True):
        ledger.differences += [f"at {at} only {owner} has: {step}" for step in steps]
    ledger.equal(f"shuffles and shifts at {at}", dict(ours.moves), dict(others.moves))
