"""The count of a network under a convention, and what the convention leaves out."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim


class LeftOut(NamedTuple):
    """What is in the network and a convention counts as nothing."""

    op: str
    """The kind of op; `conv_bias`: the biases of convolutions; `batch_norm_running`: what batch norms own of these."""
    nodes: int
    operations: Dim
    """What these ops do, in primitive operations (a multiply-accumulate is one), 0 for ops that only move values; of a
    way of counting parameters, the values."""


class Counting(NamedTuple):
    """What a network comes to under the convention that was asked for."""

    total: Dim
    unit: str
    """What one stands for: mult-adds, FLOPs, parameters."""
    quantity: str
    """`work` or `parameters`."""
    summary: str
    """What the convention counts, and how often."""
    tool: str
    """The package that counts so, with the versions; empty for a paper's way."""
    left_out: tuple[LeftOut, ...]


def counting_dict(counting: Counting) -> dict[str, Any]:
    return counting._asdict() | {"left_out": [each._asdict() for each in counting.left_out]}
