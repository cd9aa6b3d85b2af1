"""Every convention on arrays of sizes counts what it counts at each of the sizes."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from archcalc import zoo
from archcalc.algebra.arrays import along
from archcalc.base.errors import ArchcalcError
from archcalc.conventions.counting import conventions, total
from archcalc.conventions.measures import Measures
from archcalc.graph import Graph, Network, row
from archcalc.ops.combine import Multiply
from archcalc.ops.pool import GlobalAvgPool

FURTHER = (0, 32, 97)
"""Pixels by which a side is longer than the usual one: a stride of the network, and a number that nothing divides."""


def gated(name: str) -> bool:
    return any(node.op.kind == "multiply" for node in zoo.network(name).graph().nodes)


GATED = [name for name in zoo.names() if gated(name)]


def fitting(network: Network) -> list[int]:
    """Sides that the network takes: its own, and longer ones unless it is made for one size."""
    channels, height, _ = network.input
    sides = [height + more for more in FURTHER]
    try:
        for side in sides:
            network.graph((channels, side, side))
    except ArchcalcError:  # a table of the network is for one size
        return [height]
    return sides


@pytest.mark.parametrize("name", GATED)
def test_a_gated_network_is_counted_on_arrays_as_at_each_size(name: str) -> None:
    """Highways, squeeze-and-excitation: a gate for each channel, or for each position, is told apart on arrays too."""
    network = zoo.network(name)
    channels = network.input[0]
    sides = fitting(network)
    each = [Measures(network.graph((channels, side, side))) for side in sides]
    for side in (along(sides), numpy.array(sides)):
        together = Measures(network.graph((channels, side, side)))
        for convention in conventions():
            amounts: Any = total(together, convention) + 0 * side
            assert [amounts[(place,)] for place in range(len(sides))] == [total(one, convention) for one in each]


def test_a_map_of_one_position_is_no_map_with_a_gate() -> None:
    """Where a map has shrunk to one position, its gate has the map's shape: the product is one of two maps."""

    def measured(side: Any) -> tuple[Any, Any]:
        graph = Graph("gate", (8, side, side))
        squeezed = row("pool", graph.input, GlobalAvgPool())
        measures = Measures(graph.finish(row("scale", (graph.input, squeezed), Multiply())))
        return measures.sum("multiply", "gated_elements"), measures.sum("multiply", "paired_elements")

    sides = [1, 2, 7]
    gated, paired = measured(along(sides))
    assert [(gated[(place,)], paired[(place,)]) for place in range(3)] == [measured(side) for side in sides]
    assert measured(1) == (0, 8)
    assert measured(7) == (8 * 49, 0)
