"""The network under test: its graph and its PyTorch model, at an input, on a device."""

from __future__ import annotations

from typing import Any

import torch

from archcalc.analysis.cost import costs
from archcalc.analysis.memory import footprint
from archcalc.base.errors import ArchcalcError
from archcalc.execution.device import device_name, on_cuda
from archcalc.execution.model import Model
from archcalc.graph import Graph
from archcalc.request import NetworkLike, Request

Size = tuple[int, ...]
FLOAT = 4
"""Bytes of a float32."""
VALUES = 2 * 1024**3
"""The most bytes of values that more than two images may take."""


class CheckedNetwork:
    """A network, or a graph that is checked at its own input only, with the device of the checks."""

    def __init__(self, network: NetworkLike, device: str = "cpu") -> None:
        self.device = device
        self.given = network if isinstance(network, Graph) else None
        self.network = None if isinstance(network, Graph) else Request.of(network).resolved
        self.name = self.network.name if self.network is not None else self.graph().name
        self.against = f"torch {torch.__version__} on {device_name(device)}"

    @property
    def input(self) -> Size:
        """The canonical input."""
        shape: Any = self.given.nodes[0].shape if self.given is not None else self.graph().nodes[0].shape
        return shape

    def graph(self, size: Size | None = None) -> Graph:
        """The graph at an input, by default the canonical one. Raises ArchcalcError if it cannot be built."""
        if self.network is None:
            if size not in (None, self.input) or self.given is None:
                raise ArchcalcError(f"{self.name} is a graph for one input only")
            return self.given
        return self.network.graph(size if len(self.network.inputs) == 1 else None)

    def sizes(self) -> list[Size]:
        """The canonical input and others that the network accepts, odd and oblong ones among them."""
        if len(self.input) == 1 or len(self.graph().inputs) > 1:
            return [self.input]
        channels, first, *others = self.input
        taken = [self.input]
        for side, more in ((first + 1, 3), (first + first // 2 + 1, 0), (first - first // 8 | 1, 16)):
            size = (channels, side, *[other + more for other in others])
            try:
                self.graph(size)
            except ArchcalcError:
                continue
            taken.append(size)
        return taken

    def batches(self, graph: Graph) -> tuple[int, int]:
        """The two batches to try: one image and several, more of them on a GPU if their values fit in 2 GiB."""
        if not on_cuda(self.device):
            return 1, 2
        peak: Any = footprint(graph, costs(graph)).peak_inference
        return 1, max(2, min(16, VALUES // (FLOAT * peak)))

    def model(self, graph: Graph, device: str | None = None) -> Model:
        """The graph's model in evaluation mode, with all weights 0.01 instead of random ones."""
        with torch.device("meta"):
            model = Model(graph)
        device = device or self.device
        if device != "meta":
            model = model.to_empty(device=device)
            with torch.no_grad():
                for tensor in (*model.parameters(), *model.buffers()):
                    tensor.fill_(0.01 if tensor.is_floating_point() else 0)
        return model.eval()

    def data(self, graph: Graph, batch: int = 1, device: str | None = None) -> list[torch.Tensor]:
        """Zeros for every input."""
        shapes: Any = [value.shape for value in graph.inputs]
        return [torch.zeros(batch, *shape, device=device or self.device) for shape in shapes]
