"""What follows from a graph is what the reference model itself shows when it runs: receptive fields, saved activations.

That the graphs are the same is checked for every network by `archcalc validate`. Here a few references are run, to see
that nothing is lost on that way.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from gradients import clipped, spread_evenly, stated
from torch.autograd.graph import saved_tensors_hooks

from archcalc import zoo
from archcalc.analysis.cost import costs
from archcalc.analysis.memory import footprint
from archcalc.analysis.receptive_field import fields
from archcalc.ops.conv import Conv
from archcalc.validation.models import load

FIELDS = [
    "vgg11",
    "resnet18",
    "resnet50",
    "squeezenet1_0",
    "densenet121",
    "googlenet_torchvision",
    "mobilenet_v1_0.25_128",
]
SAVED = ["resnet18", "resnet50", "densenet121", "resnext50_32x4d", "wrn50_2"]
SIZE = (3, 97, 65)


def reference(name: str) -> Any:
    network: Any = zoo.network(name)
    return load(network.family.references[name]).to_empty(device="cpu")


@pytest.mark.parametrize("name", FIELDS)
def test_the_fields_of_all_convolutions_are_those_of_gradients_through_the_reference(name: str) -> None:
    """Of the middle unit of each convolution, along the height: its channels, its number, and the rows that it sees."""
    module = spread_evenly(reference(name))
    results: list[torch.Tensor] = []
    for part in module.modules():
        if isinstance(part, torch.nn.Conv2d):
            part.register_forward_hook(lambda _, __, result: results.append(result))
    x = torch.rand(1, *SIZE, dtype=torch.float64, requires_grad=True)
    module(x)
    theirs: Counter[Any] = Counter()
    for result in results:
        unit = result.shape[2] // 2
        (gradient,) = torch.autograd.grad(result[:, :, unit].sum(), x, retain_graph=True)
        rows = gradient.abs().sum((0, 1, 3)).nonzero().flatten().tolist()
        theirs[result.shape[1], unit, (rows[0], rows[-1])] += 1
    graph = zoo.network(name).graph(SIZE)
    ours: Counter[Any] = Counter()
    for node, field in zip(graph.nodes, fields(graph), strict=True):
        if isinstance(node.op, Conv) and field.local is not None:
            channels, height, _ = node.shape
            unit = height // 2
            ours[channels, unit, clipped(stated(field.local[0], unit + 1), SIZE[1])[unit]] += 1
    assert ours == theirs
    assert len(theirs) > 3


@pytest.mark.parametrize("name", SAVED)
def test_the_saved_activations_are_those_of_the_reference_to_the_byte(name: str) -> None:
    """Of two images, of networks without dropout, whose masks the CPU keeps in its own way."""
    module = reference(name).train()
    kept: list[torch.Tensor] = []
    with saved_tensors_hooks(kept.append, lambda tensor: tensor):
        module(torch.rand(2, *SIZE))
    own = {value.untyped_storage().data_ptr() for value in (*module.parameters(), *module.buffers())}
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in kept}
    graph = zoo.network(name).graph(SIZE)
    ours: Any = footprint(graph, costs(graph)).training_saved(2, 4)
    assert ours == sum(size for address, size in storages.items() if address not in own)
