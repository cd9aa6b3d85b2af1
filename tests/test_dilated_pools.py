"""Max pools with gaps between their taps, as layers of PyTorch models, checked by running them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archcalc import Network
from archcalc.ops.pool import MaxPool
from archcalc.validation.runner import validate

POOLS = {
    "sequence": (nn.Conv1d(3, 4, 3), nn.MaxPool1d(3, 2, 1, 2), (3, 29), (3, 29)),
    "image": (nn.Conv2d(3, 4, 3), nn.MaxPool2d((3, 2), 2, 1, (2, 3)), (3, 20, 19), (3, 31, 22)),
    "rounded up": (nn.Conv2d(3, 4, 3), nn.MaxPool2d(3, 2, 0, 2, ceil_mode=True), (3, 19, 20), (3, 33, 25)),
    "volume": (nn.Conv3d(3, 4, 3), nn.MaxPool3d(2, (1, 2, 2), 0, (1, 2, 2)), (3, 6, 12, 13), (3, 8, 17, 12)),
}


@pytest.mark.parametrize("case", POOLS)
def test_an_imported_one_is_the_op_and_runs_as_stated(case: str) -> None:
    conv, pool, shape, other = POOLS[case]
    model = nn.Sequential(conv, pool, type(conv)(4, 5, 2))
    network = Network.from_torch(model, shape)
    (op,) = [node.op for node in network.graph().nodes if isinstance(node.op, MaxPool)]
    assert op.dilation == pool.dilation
    for size in (shape, other):
        graph = network.graph(size)
        assert graph.nodes[graph.outputs[0]].shape == tuple(model(torch.zeros(1, *size)).shape[1:])
    verdict = validate(network)
    assert verdict.agrees, verdict
