"""Rules for counting layers, as documents use them when they give a network's number of layers.

LeNet-5 has "2 convs + 3 FCs" (document 000), "7 layers" (001) and is "CONV-POOL-CONV-POOL-FC-FC" (004): three rules for
one network.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from archcalc.algebra.dims import is_int
from archcalc.analysis.cost import depths
from archcalc.graph import Graph, Node

Counted = Literal["depth", "convs", "linears"]


class LayerRule(NamedTuple):
    """A way of counting layers."""

    name: str
    summary: str
    source: str
    counts: tuple[Counted, ...]


ON_THE_PATH = LayerRule(
    "longest_path",
    "convolutions and linear layers on the longest path; parallel ones count once, shortcuts and gates do not",
    'document 003: "22 total layers with weights (parallel layers count as 1 layer)"',
    ("depth",),
)
EVERY = LayerRule(
    "every_layer",
    "every convolution and linear layer, parallel ones too",
    'document 004: "including each parallel layer in an Inception module"',
    ("depth", "convs", "linears"),
)
WITH_POOLS = LayerRule("with_pools", "pooling layers count too", 'document 001: LeNet-5 has "7 layers"', ("depth",))
BY_POSITIONS = LayerRule(
    "one_position_is_linear",
    "a convolution that leaves one position is a linear layer",
    'document 000: LeNet-5 has "2 convs + 3 FCs"',
    ("convs", "linears"),
)
WITHOUT_OUTPUT = LayerRule(
    "without_output",
    "the last layer, which gives the classes, does not count",
    'document 004: "No FC layers at the end (only FC 1000 to output classes)"',
    ("depth", "linears"),
)

RULES: dict[Counted, tuple[LayerRule, ...]] = {
    "depth": (ON_THE_PATH, WITH_POOLS, WITHOUT_OUTPUT, EVERY),
    "convs": (EVERY, BY_POSITIONS),
    "linears": (EVERY, BY_POSITIONS, WITHOUT_OUTPUT),
}
"""The rules for each kind of count, the usual one first."""


def layers(graph: Graph, counted: Counted, rule: LayerRule) -> int:
    """The number of layers of a network under a rule."""
    if counted == "depth" and rule is not EVERY:
        depth = depths(graph, ("conv", "linear", "pool") if rule is WITH_POOLS else ("conv", "linear"))
        return max([depth[index] for index in graph.outputs]) - (rule is WITHOUT_OUTPUT)
    wanted = {"depth": ("conv", "linear"), "convs": ("conv",), "linears": ("linear",)}[counted]
    if rule is BY_POSITIONS:
        found = [node for node in graph.nodes if _seen_as(node) in wanted]
    else:
        found = [node for node in graph.nodes if node.op.role in wanted]
    return len(found) - (rule is WITHOUT_OUTPUT)


def _seen_as(node: Node) -> str:
    _, *sides = node.shape
    one = all([is_int(side) and side == 1 for side in sides])
    return "linear" if node.op.role == "conv" and one else node.op.role
