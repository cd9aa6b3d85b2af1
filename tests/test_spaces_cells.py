"""Spaces of cells: their sizes, what is built at their points, and the released cells among them."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from archcalc import analyze
from archcalc.analysis.quantities import Basis, totals
from archcalc.spaces.named import named_space
from archcalc.spaces.named.cells import darts_cells, pairs
from archcalc.zoo import darts, enas

# pairs of states, operations of both; inputs and operations of both, twice
SIZES = {
    "nasnet_a": 8 * 42,
    "darts": ((7 * 7) ** 4 * 1 * 3 * 6 * 10) ** 2,
    "enas_micro": ((2 * 3 * 4 * 5 * 6) ** 2 * 5**10) ** 2,
    "enas_macro": 2**12 * 2**66,
}


@pytest.mark.parametrize("name", SIZES)
def test_a_space_has_the_points_that_its_choices_make(name: str) -> None:
    assert named_space(name).size() == SIZES[name]


def drawn(name: str, count: int) -> list[dict[str, Any]]:
    """Arguments at random points."""
    random = numpy.random.default_rng(20)
    space = named_space(name)
    places = {axis.name: random.integers(0, len(axis), count) for axis in space.axes}
    columns = space.translated(space.columns_at(places))
    return [{key: values[row] for key, values in columns.items()} for row in range(count)]


@pytest.mark.parametrize("name", SIZES)
def test_networks_can_be_built_at_any_point(name: str) -> None:
    """And differ: of 20 points no two have the same parameters, or hardly any."""
    space = named_space(name)
    found = [totals(Basis(space.resolved.graph(*space.assembled(each)))) for each in drawn(name, 20)]
    assert len({each.params for each in found}) >= 15


def test_the_released_cells_are_points() -> None:
    point: dict[str, Any] = {}
    for kind, cell in (("normal", darts.NORMAL), ("reduction", darts.REDUCTION)):
        for number in range(1, 5):
            first, second = sorted(cell[2 * number - 2 : 2 * number], key=lambda edge: edge[1])
            point[f"{kind}{number}_inputs"] = f"s{first[1]}+s{second[1]}"
            assert point[f"{kind}{number}_inputs"] in pairs(number)
            point |= {f"{kind}{number}_op1": first[0], f"{kind}{number}_op2": second[0]}
    _, found = darts_cells(point)
    assert analyze("darts_cifar", **found).totals == analyze("darts_cifar").totals
    space = named_space("enas_micro")
    point = {}
    for kind, cell in (("normal", enas.NORMAL), ("reduction", enas.REDUCTION)):
        numbers = [int(each) for each in cell.split()]
        for place, number in enumerate(numbers):
            name = f"{kind}{1 + place // 4}_{'op' if place % 2 else 'input'}{1 + place % 4 // 2}"
            point[name] = enas.OPERATIONS[number] if place % 2 else number
            assert point[name] in space.axis(name).values
    assert analyze("enas_micro", **space.assembled(point)[1]).totals == analyze("enas_micro").totals


def test_bits_of_a_macro_layer_join_outputs() -> None:
    space = named_space("enas_macro")
    point = {axis.name: axis.values[0] for axis in space.axes} | {"joins4": 0b0101, "kernel4": 5}
    assert space.assembled(point)[1]["layers"][3:5] == ((0, 0, 0, 0), (2, 1, 0, 1, 0))


def test_the_mobile_network_is_a_point_of_nasnet_a() -> None:
    space = named_space("nasnet_a")
    shape, settings = space.assembled({"cells": 4, "filters": 1056})
    assert totals(Basis(space.resolved.graph(shape, settings))) == analyze("nasnet_a_mobile").totals
