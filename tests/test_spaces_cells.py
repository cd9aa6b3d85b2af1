"""Spaces of cells: their sizes, what is built at their points, and the released cells among them."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy
import pytest

from archcalc import ArchcalcError, Network, analyze, block, row
from archcalc.analysis.quantities import Basis, totals
from archcalc.ops import Conv
from archcalc.spaces.evaluating import SUMS, Evaluator
from archcalc.spaces.named import named_space
from archcalc.spaces.named.cells import darts_cells, pairs
from archcalc.spaces.space import DesignSpace
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


KEYS = tuple(sorted(SUMS))


def places(space: DesignSpace, count: int, seed: int = 8) -> dict[str, Any]:
    random = numpy.random.default_rng(seed)
    return {axis.name: random.integers(0, len(axis), count) for axis in space.axes}


def in_full(space: DesignSpace, columns: dict[str, Any], at: int, keys: tuple[str, ...]) -> Any:
    """Totals of the network at a row, built in full, or the reason why there is none."""
    columns = space.translated(columns)
    arguments = {name: getattr(column[at], "item", lambda it=column[at]: it)() for name, column in columns.items()}
    shape, settings = space.assembled(arguments)
    try:
        return totals(Basis(space.resolved.graph(shape, settings)), keys).to_dict()
    except ArchcalcError as error:
        return str(error)


def assert_as_in_full(space: DesignSpace, keys: tuple[str, ...], count: int = 60, compared: int = 12) -> int:
    """Compare the last rows, which are put together from blocks of those before; return how many had a network."""
    columns = space.columns_at(places(space, count))
    evaluator = Evaluator(space, keys)
    found = evaluator.evaluate(columns)
    assert (len(evaluator._idle[0]) > 0) == SUMS.issuperset(keys)  # pyright: ignore[reportPrivateUsage]
    good = 0
    for at in range(count - compared, count):
        wanted = in_full(space, columns, at, keys)
        if isinstance(wanted, str):
            assert found.problems[at] == wanted
            assert all(numpy.ma.is_masked(column[at]) for column in found.columns.values())
        else:
            good += 1
            assert {key: column[at] for key, column in found.columns.items()} == wanted
    return good


@pytest.mark.parametrize("name", SIZES)
def test_sums_of_blocks_are_those_of_networks_in_full(name: str) -> None:
    assert assert_as_in_full(named_space(name), KEYS) == 12


def test_quantities_of_nodes_are_those_of_networks_in_full() -> None:
    assert assert_as_in_full(named_space("enas_macro"), ("params", "peak_inference_bytes"), count=20) == 12


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("darts", {"input": (3, 34, 34)}, 0),
        ("darts", {"settings": {"channels": 6, "cells": 8}, "input": (3, 36, 44)}, 12),
        ("enas_micro", {"settings": {"channels": 3, "cells": 3}}, 12),
        ("enas_micro", {"settings": {"aux": True}, "input": (3, 6, 6)}, 0),
        ("enas_macro", {"input": (3, 1, 9)}, 12),
    ],
)
def test_networks_that_cannot_be_built_have_the_reasons_of_networks_in_full(
    name: str, given: dict[str, Any], expected: int
) -> None:
    assert assert_as_in_full(replace(named_space(name), **given), KEYS, count=30) == expected


def test_some_networks_of_a_space_cannot_be_built() -> None:
    """Filters that make an odd number of channels."""
    space = DesignSpace.of("nasnet_a_mobile", over={"cells": "1..40", "filters": "96..960:48"})
    assert 0 < assert_as_in_full(space, KEYS, count=40) < 12


def test_threads_that_share_an_evaluator_have_the_same_totals() -> None:
    """And what it keeps is not sent to another process."""
    space = replace(named_space("darts"), settings={"cells": 3})
    evaluator = Evaluator(space, KEYS)
    columns = [space.columns_at(places(space, 60, seed)) for seed in range(4)]
    with ThreadPoolExecutor(4) as executor:
        found = list(executor.map(evaluator.evaluate, columns))
    for each, some in zip(columns, found, strict=True):
        assert in_full(space, each, 59, KEYS) == {key: column[59] for key, column in some.columns.items()}
    assert 1 <= len(evaluator._idle) <= 4  # pyright: ignore[reportPrivateUsage]
    there = pickle.loads(pickle.dumps(evaluator))  # noqa: S301  its own
    assert not there._idle


WIDTH = [0]


def _reads_a_variable(x: Any) -> Any:
    return row("conv", x, Conv(WIDTH[0], 1))


def _own(x: Any, width: int, kind: str) -> Any:
    WIDTH[0] = width + len(kind)
    return block("block", _reads_a_variable, x)


def test_a_network_of_ones_own_is_built_in_full() -> None:
    """Its functions may depend on more than their arguments, such as variables of a module."""
    space = DesignSpace.of(
        Network.build(_own, input=(3, 8, 8), width=4, kind="a"), over={"width": "2..9", "kind": "a,bc"}
    )
    found = Evaluator(space, ("params",)).evaluate(space.columns(numpy.arange(16)))
    assert found.columns["params"].tolist() == [(3 + 1) * (width + more) for width in range(2, 10) for more in (1, 2)]


def test_points_that_all_differ_are_built_one_by_one() -> None:
    """Also those with an argument that could be a letter: they make no part each."""
    space = named_space("enas_micro")
    evaluator = Evaluator(space, KEYS)
    evaluator.evaluate(space.columns_at(places(space, 30)))
    assert not any(group.parts for group in evaluator._groups)  # pyright: ignore[reportPrivateUsage]
    few = replace(named_space("enas_macro"), settings={"channels": 4})
    evaluator = Evaluator(few, KEYS)
    evaluator.evaluate(few.columns_at(places(few, 3)))
    assert all(group.parts for group in evaluator._groups)  # pyright: ignore[reportPrivateUsage]
