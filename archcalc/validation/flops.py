"""Check with PyTorch's FlopCounterMode: exactly twice our mult-adds, forward, and forward with backward."""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archcalc.analysis.backward import backward_mult_adds, learns
from archcalc.analysis.cost import Cost, costs
from archcalc.graph import Graph
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.sampling import AffineGrid
from archcalc.validation.outcome import Ledger, Outcome
from archcalc.validation.subject import CheckedNetwork

NAME = "flops"
CLASSES = {"convolution": "conv", "convolution_backward": "conv"}
"""Our classes of PyTorch's operators; every other operator that it counts is a matrix product."""


def mult_adds_by_class(graph: Graph, each: list[Cost]) -> Counter[str]:
    """Our mult-adds of convolutions and of matrix products."""
    ours: Counter[str] = Counter()
    for node, cost in zip(graph.nodes, each, strict=True):
        work: Any = cost.work.multiply_accumulate
        ours["conv" if node.op.role == "conv" else "matmul"] += work
    return ours


def counted(counter: FlopCounterMode) -> Counter[str]:
    """PyTorch's floating-point operations by our classes."""
    theirs: Counter[str] = Counter()
    for operator, flops in counter.get_flop_counts().get("Global", {}).items():  # which is missing if it counts nothing
        theirs[CLASSES.get(str(operator).rpartition(".")[2], "matmul")] += flops
    return theirs


def check(subject: CheckedNetwork) -> Outcome:
    """Compare forward counts by class on the subject's device, and totals with backward on the meta device."""
    ledger = Ledger(NAME, subject.against)
    graph = subject.graph()
    each = costs(graph)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as forward:
        subject.model(graph).requires_grad_(requires_grad=False)(*subject.data(graph))
    ours, theirs = mult_adds_by_class(graph, each), counted(forward)
    for kind in ("conv", "matmul"):
        ledger.total(f"2 x {kind} mult-adds", 2 * ours[kind], theirs[kind])
    model = subject.model(graph, "meta").train()
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as both:
        results: Any = model(*subject.data(graph, batch=2, device="meta"))
        outputs: Any = [results, (results,)][type(results) is not tuple]
        if any(output.requires_grad for output in outputs):
            torch.autograd.backward(outputs, [torch.ones_like(output) for output in outputs])
    backward: Any = backward_mult_adds(graph, each)
    repeated = weight_gradients_repeated(graph, each) if ignores_groups() else 0
    grids = grid_products(graph)
    training = ours.total() + backward + repeated + grids
    ledger.total("2 x mult-adds, forward and backward, a batch of 2", 4 * training, both.get_total_flops())
    ledger.note("backward on the meta device")
    if grids:
        ledger.note(f"torch's gradient of an affine grid is a matrix product, {grids:,}; ours are multiplications")
    if repeated:
        ledger.note(f"torch counts the weight gradient of a grouped convolution once a group: {repeated:,} too many")
    return ledger.close()


def grid_products(graph: Graph) -> int:
    """Products in the gradients of affine grids, which PyTorch computes as matrix products."""
    shapes: Any = [node.shape for node in graph.nodes if isinstance(node.op, AffineGrid)]
    return sum(3 * coordinates * height * width for coordinates, height, width in shapes)


def ignores_groups() -> bool:
    """Return True if this PyTorch counts the weight gradient of a grouped convolution as if it had one group.

    `conv_backward_flop` of torch/utils/flop_counter.py (2.13) never reads `groups`. The test is a convolution of two
    groups on two channels: two products forward, and two for the gradient of the weights, or four without groups.
    """
    layer = torch.nn.Conv2d(2, 2, 1, groups=2, bias=False)
    with FlopCounterMode(display=False) as counter:
        layer(torch.ones(1, 2, 1, 1)).sum().backward()
    return counter.get_total_flops() == 2 * (2 + 4)


def weight_gradients_repeated(graph: Graph, each: list[Cost]) -> int:
    """The excess of mult-adds in the weight gradients if groups are ignored."""
    total = 0
    for node, cost, learnt in zip(graph.nodes, each, learns(graph), strict=True):
        mult_adds: Any = cost.work.multiply_accumulate
        if learnt and isinstance(node.op, (Conv, ConvTranspose)):
            groups: Any = node.op.groups
            total += (groups - 1) * mult_adds
    return total
