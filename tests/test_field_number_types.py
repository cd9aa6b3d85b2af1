"""A receptive field is one formula for every kind of number: ints, sympy symbols and numpy arrays agree."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from archcalc.analysis.receptive_field import fields
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Graph, Op, chain
from archcalc.ops.conv import Conv, ConvTranspose

CHAINS: list[tuple[Op, ...]] = [
    (Conv(2, 3, stride=2, padding="same"), Conv(2, 5, stride=2, padding="same")),
    (ConvTranspose(2, 3, stride=2), Conv(2, 3, stride=3)),
    (Conv(2, 4, stride=2, padding="same"), ConvTranspose(2, 2, stride=2)),
]


def height_field(ops: tuple[Op, ...], height: Any) -> list[Any]:
    graph = Graph("t", (3, height, 32))
    graph.row = "all"
    tall, _ = fields(graph.finish(chain(graph.input, *ops)))[-1].local or pytest.fail("no window")
    return [tall.size, tall.stride, tall.offset]


@pytest.mark.parametrize("ops", CHAINS, ids=repr)
def test_a_receptive_field_may_depend_on_a_general_size(ops: tuple[Op, ...]) -> None:
    """As under "same" padding: symbols and arrays give the field of every size."""
    sizes = [13, 14, 15, 16, 21]
    h = sympy.Symbol("h", integer=True, positive=True)
    symbolic = height_field(ops, h)
    arrays = np.broadcast_arrays(np.zeros(len(sizes)), *height_field(ops, np.array(sizes)))[1:]
    for position, size in enumerate(sizes):
        concrete = height_field(ops, size)
        assert [sympy.sympify(number).subs(h, size) for number in symbolic] == concrete
        assert [column[position] for column in arrays] == concrete


@pytest.mark.parametrize("size", [sympy.Symbol("h", integer=True, positive=True), np.array([14, 15])])
def test_after_upsampling_padding_of_a_general_size_has_no_field(size: Any) -> None:
    """Which units of a period a window meets is then not known: an error that says so."""
    ops = (ConvTranspose(2, 3, stride=3), Conv(2, 3, stride=2, padding="same"))
    with pytest.raises(ArchcalcError, match="in t / all: after upsampling, padding that depends on the input size"):
        height_field(ops, size)
    assert height_field(ops, 14) == [2, Fraction(2, 3), 0]
