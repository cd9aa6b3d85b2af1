"""Networks built one by one: random networks of the spaces of cells, with sums of blocks and in full.

`python tests/benchmarks/cells.py` prints networks for each second of processor time, of one process: the first half of
a fixed list, with which the sums of blocks are collected, and the second half; networks built in full in the same run,
in turns with them; and the ratio of the last two, which depends less on the machine. The aim is 1,500 a second of DARTS
and ENAS. `evaluated` is the whole way from the numbers of points to columns of totals, the others are graph and totals
of networks whose cells are at hand.

darts_8 is DARTS with 8 cells, darts and the others as their authors build them: 20 cells, 17 cells, 12 layers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy

from archcalc.analysis.quantities import Basis, totals
from archcalc.graph.block_sums import BlockSums
from archcalc.spaces.evaluating import SUMS, Evaluator
from archcalc.spaces.named import named_space
from archcalc.spaces.space import DesignSpace

HALF, TURNS, IN_FULL = 1000, 10, 10
"""Networks in each half, turns of each half, and networks that are built in full in each turn."""
KEYS = tuple(sorted(SUMS))


def spaces() -> dict[str, DesignSpace]:
    darts = named_space("darts")
    return {
        "darts": darts,
        "darts_8": replace(darts, settings={"cells": 8}),
        "enas_micro": named_space("enas_micro"),
        "enas_macro": named_space("enas_macro"),
        "nasnet_a": named_space("nasnet_a"),
    }


def drawn(space: DesignSpace) -> dict[str, Any]:
    """Places on the axes, always the same."""
    random = numpy.random.default_rng(20)
    return {axis.name: random.integers(0, len(axis), 2 * HALF) for axis in space.axes}


def some(places: dict[str, Any], turn: int) -> dict[str, Any]:
    step = HALF // TURNS
    return {name: column[turn * step : (turn + 1) * step] for name, column in places.items()}


def plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def networks(space: DesignSpace, places: dict[str, Any]) -> list[Any]:
    columns = space.translated(space.columns_at(places))
    rows = zip(*columns.values(), strict=True)
    return [space.assembled(dict(zip(columns, map(plain, row), strict=True))) for row in rows]


def build(space: DesignSpace, given: Sequence[Any], known: BlockSums | None) -> None:
    for shape, settings in given:
        totals(Basis(space.resolved.graph(shape, settings, known)), KEYS)


def seconds(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def rates(space: DesignSpace) -> tuple[float, float, float, float]:
    """Networks a second: of the first half, of the second, evaluated in the second, and in full."""
    places, known, evaluator = drawn(space), BlockSums(), Evaluator(space, KEYS)
    spent = numpy.zeros((2 * TURNS, 3))
    for turn in range(2 * TURNS):
        given = some(places, turn)
        each = networks(space, given)
        spent[turn] = (
            seconds(lambda each=each: build(space, each, known)),
            seconds(lambda given=given: evaluator.evaluate(space.columns_at(given))),
            seconds(lambda each=each: build(space, each[:IN_FULL], None)),
        )
    first, second = spent[:TURNS].sum(axis=0), spent[TURNS:].sum(axis=0)
    return HALF / first[0], HALF / second[0], HALF / second[1], TURNS * IN_FULL / second[2]


def main() -> None:
    print(f"{'networks a second':20}{'first half':>12}{'second half':>12}{'evaluated':>12}{'in full':>12}{'ratio':>8}")
    for name, space in spaces().items():
        first, second, evaluated, full = rates(space)
        print(f"{name:20}{first:12.0f}{second:12.0f}{evaluated:12.0f}{full:12.0f}{second / full:8.1f}")


if __name__ == "__main__":
    main()
