"""The operations in each row of a network's cost table, in order: what is done before and after a convolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archcalc.graph import Role
from archcalc.request import NetworkLike, Request


class RowStep(NamedTuple):
    """An operation of a row: its kind, its role, and its fields."""

    op: str
    role: Role
    attributes: Mapping[str, Any]


Steps = Mapping[str, tuple[RowStep, ...]]
"""The operations of every row."""


def steps(network: NetworkLike, **given: Any) -> Steps:
    """The operations of every row, in order. Raises ArchcalcError as `analyze` does.

    >>> [step.op for step in steps("resnet18")["conv1"]]
    ['conv', 'batch_norm', 'relu']
    """
    found: dict[str, list[RowStep]] = {}
    for node in Request.of(network, **given).graph.nodes:
        found.setdefault(node.row, []).append(RowStep(node.op.kind, node.op.role, node.op.attributes()))
    return {row: tuple(each) for row, each in found.items()}
