"""Check of parameters and buffers: those that each op states against those that its module registers, and totals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archcalc.analysis.cost import costs
from archcalc.validation.outcome import Ledger, Outcome
from archcalc.validation.subject import CheckedNetwork

NAME = "parameters"


def elements(tensors: Iterable[Any]) -> int:
    return sum(tensor.numel() for tensor in tensors)


def check(subject: CheckedNetwork) -> Outcome:
    """Compare modules and totals. Whole-number buffers (counters, tables of indices) are left out."""
    ledger = Ledger(NAME, subject.against)
    graph = subject.graph()
    model = subject.model(graph)
    each = costs(graph)
    for index, (node, cost) in enumerate(zip(graph.nodes, each, strict=True)):
        if node.owner == index:
            module = model.steps[index]
            running = elements(buffer for buffer in module.buffers() if buffer.is_floating_point())
            ledger.equal(f"{model.names[index]} learnable", cost.parameters.learnable, elements(module.parameters()))
            ledger.equal(f"{model.names[index]} buffers", cost.parameters.running, running)
    ours: Any = [(cost.parameters.learnable, cost.parameters.running) for cost in each]
    ledger.total("params", sum(learnable for learnable, _ in ours), elements(model.parameters()))
    floats = elements(buffer for buffer in model.buffers() if buffer.is_floating_point())
    ledger.total("buffers", sum(running for _, running in ours), floats)
    return ledger.close()
