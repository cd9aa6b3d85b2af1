"""The count of a network under a convention, and what the convention leaves out."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim


class LeftOut(NamedTuple):
    """A kind of ops in the network that a convention leaves out."""

    op: str
    """The kind of op; `conv_bias`: biases of convolutions; `batch_norm_running`: running statistics of batch norms."""
    nodes: int
    operations: Dim
    """Primitive operations of these ops (a multiply-accumulate is one), 0 for ops that only move values; for a
    convention for parameters, the number of values; for one for memory, that of the values that they give."""


class Counting(NamedTuple):
    """The count of a network under the requested convention."""

    total: Dim
    unit: str
    """The unit of a count: mult-adds, FLOPs, parameters, bytes."""
    quantity: str
    """`work`, `parameters` or `memory`."""
    summary: str
    """The ops that the convention counts, with their weights, in words."""
    tool: str
    """The package that counts so, with the versions; empty for the convention of a paper."""
    left_out: tuple[LeftOut, ...]


def counting_dict(counting: Counting) -> dict[str, Any]:
    return counting._asdict() | {"left_out": [each._asdict() for each in counting.left_out]}
