"""A graph as a PyTorch module, built from the module of each op, for checks and measurements.

Module names are the row labels: the convolution of row `layer1.0.conv1` is `model.layer1.0.conv1.conv`. Values are
dropped after their last use, so that a run holds only what the graph's written order requires.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import torch

from archcalc.analysis.memory.frames import last_readers
from archcalc.base.errors import ArchcalcError, RuleError
from archcalc.graph import Graph, op_names


class Function(torch.nn.Module):
    """A function as a module, so that every op of a graph can be hooked alike."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *values: Any) -> Any:
        return self.function(*values)


class Model(torch.nn.Module):
    """A network whose forward pass runs a graph in its written order; returns one tensor, or a tuple of all outputs."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        self.names = op_names(graph)
        self.steps: list[torch.nn.Module] = []
        for index, (node, name) in enumerate(zip(graph.nodes, self.names, strict=True)):
            if node.owner != index:
                self.steps.append(self.steps[node.owner])
                continue
            shapes = [graph.nodes[index].shape for index in node.inputs]
            try:
                lowered = node.op.lower(torch, *shapes)
            except RuleError as error:
                raise ArchcalcError(f"{node.op!r} in {graph.name} / {node.row}: {error}") from error
            module = lowered if isinstance(lowered, torch.nn.Module) else Function(lowered)
            self._place(name, module)
            self.steps.append(module)
        self.last_use = last_readers(graph)
        self._watch: Callable[[int, Any], None] | None = None

    def _place(self, name: str, module: torch.nn.Module) -> None:
        """Register a module under a dotted name, with a container for every part before the last."""
        *containers, last = name.split(".")
        parent: torch.nn.Module = self
        for part in containers:
            children = dict(parent.named_children())
            if part not in children:
                parent.add_module(part, torch.nn.Module())
            parent = getattr(parent, part)
        parent.add_module(last, module)

    def forward(self, *inputs: Any) -> Any:
        return self.run(list(inputs))

    @contextmanager
    def watched(self, watch: Callable[[int, Any], None]) -> Generator[None]:
        """Within this block, call `watch(node, output)` after each step, while the step's inputs are still held."""
        self._watch = watch
        try:
            yield
        finally:
            self._watch = None

    def run(self, inputs: list[Any]) -> Any:
        """The forward pass. It empties the list of inputs, so that they too are freed after their last use."""
        values: dict[int, Any] = {}
        for index, node in enumerate(self.graph.nodes):
            if node.op.role == "input":
                values[index] = inputs.pop(0)
            else:
                values[index] = self.steps[index](*[values[source] for source in node.inputs])
            if self._watch is not None:
                self._watch(index, values[index])
            for source in {*node.inputs, index}:
                if self.last_use[source] <= index:
                    del values[source]
        outputs = tuple(values[index] for index in self.graph.outputs)
        return outputs[0] if len(outputs) == 1 else outputs
