"""Ops are equal by class and fields; in a network each object stays a layer of its own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import sympy
from op_examples import EXAMPLES, Example, example_id

from archcalc.analysis.cost import costs
from archcalc.graph import Graph, row
from archcalc.ops.conv import Conv
from archcalc.ops.pointwise import ReLU, Scale, Sigmoid
from archcalc.ops.pool import AvgPool, MaxPool


@pytest.mark.parametrize("example", EXAMPLES, ids=example_id)
def test_an_op_made_again_of_the_same_fields_is_equal(example: Example) -> None:
    """And has the same hash, whether a field was left at its default or given."""
    again = type(example.op)(**example.op.attributes())
    assert again is not example.op
    assert again == example.op
    assert hash(again) == hash(example.op)


def test_ops_of_other_fields_or_of_another_class_differ() -> None:
    """Over all pairs of examples; an op's text shows its class and every field that is not the default."""
    different = {repr(example.op): example.op for example in EXAMPLES}
    for one, other in itertools.combinations(different.values(), 2):
        assert one != other
    assert len(set(different.values())) == len(different)
    assert MaxPool(3, 2) != AvgPool(3, 2)
    assert ReLU() != Sigmoid()
    assert Scale(0.5) != 0.5


def test_fields_that_are_no_ints_are_compared_by_value() -> None:
    c = sympy.Symbol("c", integer=True, positive=True)
    assert Conv(2 * c, 3) == Conv(c + c, 3)
    assert Conv(2 * c, 3) != Conv(c, 3)
    assert Conv(np.array([8, 16]), 3) == Conv(np.array([8, 16]), 3)
    assert Conv(np.array([8, 16]), 3) != Conv(np.array([8, 24]), 3)
    assert Conv(np.array([8, 8]), 3) != Conv(8, 3) != Conv(np.array([8, 8, 8]), 3)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Conv(np.array([8, 16]), 3))


def test_equal_ops_are_layers_with_weights_of_their_own() -> None:
    """Weights are shared by applying one object again, and only then."""
    graph = Graph("twice", (8, 9, 9))
    one, other = Conv(8, 3, padding=1), Conv(8, 3, padding=1)
    x = row("second", row("first", graph.input, one), other)
    graph.finish(row("third", x, one, reuse=True))
    assert [node.owner for node in graph.nodes] == [0, 1, 2, 1]
    assert [cost.parameters.learnable for cost in costs(graph)] == [0, 584, 584, 0]
