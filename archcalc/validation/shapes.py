"""Check of shapes: every op's output shape against that of the executed model, at several input sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from archcalc.execution.model import Model
from archcalc.graph import Graph
from archcalc.validation.outcome import Ledger, Outcome
from archcalc.validation.subject import CheckedNetwork

NAME = "shapes"


def check(subject: CheckedNetwork) -> Outcome:
    """Compare the shapes of the canonical input on the subject's device, for one image and for several, and of other
    inputs on the meta device, which computes shapes only.
    """
    ledger = Ledger(NAME, subject.against)
    for size in subject.sizes():
        graph = subject.graph(size)
        own = size == subject.input
        device = subject.device if own else "meta"
        model = subject.model(graph, device)
        for batch in subject.batches(graph) if own else (1,):
            returned = executed_shapes(model, subject.data(graph, batch, device))
            images = with_batch(graph)
            for index, node in enumerate(graph.nodes):
                ours = (batch if images[index] else 1, *node.shape)
                ledger.equal(_name(size, node.row, node.op.kind), ours, returned.get(index))
            ledger.note(f"{batch} x {'x'.join(map(str, size))} on {device}")
    return ledger.close()


def with_batch(graph: Graph) -> list[bool]:
    """For every node, True if it depends on an input: a weight is there once, whatever the batch."""
    depends: list[bool] = []
    for node in graph.nodes:
        depends.append(node.op.role == "input" or any([depends[source] for source in node.inputs]))
    return depends


def _name(size: Any, row: str, kind: str) -> str:
    """The name of a node in a difference."""
    return f"{row} ({kind}) at {'x'.join(map(str, size))}"


def executed_shapes(model: Model, data: Sequence[torch.Tensor]) -> dict[int, tuple[int, ...]]:
    """The shape that each step of a model returned, by node."""
    returned: dict[int, tuple[int, ...]] = {}
    with torch.no_grad(), model.watched(lambda index, value: returned.__setitem__(index, tuple(value.shape))):
        model(*data)
    return returned
