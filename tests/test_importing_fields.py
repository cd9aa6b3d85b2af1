"""The receptive fields of imported models are those that gradients through the original modules show."""

from __future__ import annotations

import pytest
import torch
from gradients import clipped, spread_evenly, stated
from torch_models import public

from archcalc import Network
from archcalc.analysis.receptive_field import fields
from archcalc.ops.conv import Conv

ODD, EVEN = (3, 97, 65), (3, 96, 64)
"""Inputs: of the second every row and column is read, also by patches that leave out a rest."""
MOST = 12
"""Convolutions of a model that are compared, evenly spread."""
QUICK = (
    "torchvision:vgg11",
    "torchvision:resnet18",
    "torchvision:squeezenet1_1",
    "torchvision:shufflenet_v2_x0_5",
    "torchvision:mnasnet0_5",
    "timm:repvgg_a0",
    "timm:mobileone_s0",
)
LARGER = (
    "timm:tf_mobilenetv3_large_minimal_100",
    "torchvision:mobilenet_v2",
    "torchvision:mobilenet_v3_small",
    "torchvision:densenet121",
    "torchvision:googlenet",
    "torchvision:efficientnet_b0",
    "torchvision:regnet_x_400mf",
    "torchvision:convnext_tiny",
    "timm:dla34",
    "timm:res2net50_14w_8s",
    "timm:hrnet_w18_small",
    "timm:ghostnet_050",
    "timm:tf_efficientnet_lite0",
)
"""These are taken by `tests/benchmarks/imports_against_modules.py`."""


def check(name: str, size: tuple[int, int, int]) -> None:
    """Compare the rows and columns that the middle unit of some convolutions sees.

    A unit behind a gate sees the whole input, and archcalc says so: its field without the gate is not shown by
    gradients, and only has to be part of what they show.
    """
    torch.manual_seed(0)
    module = spread_evenly(public(name))
    graph = Network.from_torch(module.float(), size).graph()
    module.double()
    for part in module.modules():
        if isinstance(part, torch.nn.ReLU6):
            part.max_val = float("inf")  # or large values would have no gradient
    results: list[torch.Tensor] = []
    for part in module.modules():
        if isinstance(part, torch.nn.Conv2d):
            part.register_forward_hook(lambda _, __, result: results.append(result))
    x = torch.rand(1, *size, dtype=torch.float64, requires_grad=True)
    module(x)
    every = zip(graph.nodes, fields(graph), strict=True)
    ours = [(node, field) for node, field in every if isinstance(node.op, Conv)]
    assert [tuple(result.shape[1:]) for result in results] == [node.shape for node, _ in ours]
    compared = 0
    step = -(-len(ours) // MOST)
    pairs = list(zip(ours, results, strict=True))
    for (node, field), result in pairs[:2] + pairs[:1:-step]:
        if field.local is None:
            continue
        for axis in (1, 2):
            unit = node.shape[axis] // 2
            (gradient,) = torch.autograd.grad(result.select(axis + 1, unit).sum(), x, retain_graph=True)
            places = gradient[0].abs().transpose(0, axis).flatten(1).sum(1).nonzero().flatten().tolist()
            seen = clipped(stated(field.local[axis - 1], unit + 1), size[axis])[unit]
            if field.reach is None:
                assert seen == (places[0], places[-1]), (node.row, axis)
                compared += 1
            else:
                assert seen is not None
                assert places[0] <= seen[0] <= seen[1] <= places[-1], (node.row, axis)
    assert compared >= 2


@pytest.mark.parametrize("name", QUICK)
def test_convolutions_of_imports_see_what_gradients_through_the_module_show(name: str) -> None:
    check(name, ODD)
