"""Shapes: every op's output shape against what the executed model returns, at several input sizes."""

from __future__ import annotations

from typing import Any

import torch

from archcalc.torch_model import Model
from archcalc.validate.outcome import Ledger, Outcome
from archcalc.validate.subject import Subject

NAME = "shapes"


def check(subject: Subject) -> Outcome:
    """The canonical input runs on the subject's device, the others on the meta device, which computes shapes only."""
    ledger = Ledger(NAME, subject.against)
    for size in subject.sizes():
        graph = subject.graph(size)
        device = subject.device if size == subject.input else "meta"
        returned = executed_shapes(subject.model(graph, device), subject.data(graph, device=device))
        for index, node in enumerate(graph.nodes[1:], 1):
            name = subject_name(size, node.row, node.op.kind)
            ledger.equal(name, tuple(node.shape), returned.get(index))
        ledger.note(f"{'x'.join(map(str, size))} on {device}")
    return ledger.close()


def subject_name(size: Any, row: str, kind: str) -> str:
    """A node as a difference names it."""
    return f"{row} ({kind}) at {'x'.join(map(str, size))}"


def executed_shapes(model: Model, data: torch.Tensor) -> dict[int, tuple[int, ...]]:
    """The shape that each step of a model returned, batch excluded, by node."""
    returned: dict[int, tuple[int, ...]] = {}
    with torch.no_grad(), model.watched(lambda index, value: returned.__setitem__(index, tuple(value.shape[1:]))):
        model(data)
    return returned
