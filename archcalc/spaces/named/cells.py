"""NASNet-A, DARTS and ENAS: networks of cells, each choice of a search an axis.

`nasnet_a` has the released cells, of any number and width: N@F. The others have any cells. No document here prints the
size of one of these spaces; the papers do:

darts: every sum reads two different of the states before it by one of seven operations each; four sums, a normal and a
reduction cell. 1.04 * 10^9 cells of each kind, of both 1.08 * 10^18; the paper says 10^9 and 10^18. Cells are counted
as there: some are the same up to the names of their sums.

enas_micro: every sum reads two of the states before it, which may be the same; five sums, five operations: 5.1 * 10^12
cells of each kind. The paper prints (5 * (B - 2)!)^4 for both, 1.3 * 10^11 for B = 7: it does not count what it
describes.

enas_macro: 12 layers from 36 channels, as in the authors' search. A layer has one of two kernels, as the released code
builds four of its six operations in fixed mode, and leaves the two pools unbuilt. It joins any of the outputs before
its input: bit k of `joins` is output k, output 0 the stem's. 2^78 points; the paper counts 6^12 * 2^66.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from archcalc.algebra.dims import Dim
from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.space import DesignSpace
from archcalc.zoo import darts, enas

Assembled = tuple[tuple[Dim, ...] | None, dict[str, Any]]
KINDS, EDGES = ("normal", "reduction"), (1, 2)
DARTS_SUMS, MICRO_SUMS, MACRO_LAYERS = 4, 5, 12


def space(name: str) -> DesignSpace:
    """The design space `nasnet_a`, `darts`, `enas_micro` or `enas_macro`."""
    return {"nasnet_a": _nasnet_a, "darts": _darts, "enas_micro": _micro, "enas_macro": _macro}[name]()


def _nasnet_a() -> DesignSpace:
    return DesignSpace.of(
        "nasnet_a_mobile",
        over={"cells": "1..8", "filters": "96..4032:96"},
        name="nasnet_a",
        title="NASNet-A of N cells and F filters",
    )


def pairs(sum_number: int) -> tuple[str, ...]:
    """Two different states that a sum of DARTS may read, s0 and s1 the cells before.

    >>> pairs(2)
    ('s0+s1', 's0+s2', 's1+s2')
    """
    return tuple([f"s{one}+s{other}" for one, other in combinations(range(sum_number + 1), 2)])


def _darts() -> DesignSpace:
    axes: list[SpaceAxis] = []
    for kind in KINDS:
        for number in range(1, DARTS_SUMS + 1):
            if number > 1:
                axes.append(SpaceAxis(f"{kind}{number}_inputs", pairs(number)))
            axes.extend([SpaceAxis(f"{kind}{number}_op{edge}", darts.OPERATIONS) for edge in EDGES])
    source = "Liu, Simonyan & Yang 2018, arXiv:1806.09055"
    return DesignSpace("darts", tuple(axes), "darts_cifar", title="DARTS cells", source=source, assemble=darts_cells)


def darts_cells(arguments: Mapping[str, Any]) -> Assembled:
    """The hyperparameters of the network of two cells.

    >>> space = _darts()
    >>> _, found = darts_cells({axis.name: axis.values[-1] for axis in space.axes})
    >>> found["normal"][-2:]
    (('dil_conv_5x5', 3), ('dil_conv_5x5', 4))
    """
    cells: dict[str, Any] = {}
    for kind, sums in _DARTS_ARGUMENTS.items():
        edges: list[tuple[str, int]] = []
        for inputs, one, other in sums:
            first, second = _STATES[arguments[inputs]] if inputs else EDGES_OF_FIRST
            edges += ((arguments[one], first), (arguments[other], second))
        cells[kind] = tuple(edges)
    return None, cells


def _micro() -> DesignSpace:
    axes: list[SpaceAxis] = []
    for kind in KINDS:
        for number in range(1, MICRO_SUMS + 1):
            for edge in EDGES:
                axes.append(SpaceAxis(f"{kind}{number}_input{edge}", range(number + 1)))
                axes.append(SpaceAxis(f"{kind}{number}_op{edge}", enas.OPERATIONS))
    source = f"{enas.AUTHORS} 2018, {enas.SOURCE}"
    return DesignSpace("enas_micro", tuple(axes), "enas_micro", title="ENAS cells", source=source, assemble=micro_cells)


def micro_cells(arguments: Mapping[str, Any]) -> Assembled:
    """The hyperparameters of the network of two cells."""
    cells: dict[str, Any] = {}
    for kind, edges in _MICRO_ARGUMENTS.items():
        numbers: list[int] = []
        for source, operation in edges:
            numbers += (int(arguments[source]), _MICRO_NUMBERS[arguments[operation]])
        cells[kind] = tuple(numbers)
    return None, cells


def _macro() -> DesignSpace:
    axes = [SpaceAxis(f"kernel{number}", (3, 5)) for number in range(MACRO_LAYERS)]
    axes += [SpaceAxis(f"joins{number}", range(2**number)) for number in range(1, MACRO_LAYERS)]
    return DesignSpace(
        "enas_macro",
        tuple(axes),
        "enas_macro",
        settings={"channels": 36},
        title="ENAS networks",
        source=f"{enas.AUTHORS} 2018, {enas.SOURCE}",
        assemble=macro_layers,
    )


def macro_layers(arguments: Mapping[str, Any]) -> Assembled:
    """The hyperparameter `layers` of the network.

    >>> from archcalc.spaces.named.cells import _macro
    >>> _, found = macro_layers({axis.name: axis.values[-1] for axis in _macro().axes})
    >>> found["layers"][:3]
    ((2,), (2, 1), (2, 1, 1))
    """
    layers: list[tuple[int, ...]] = []
    for number, (kernel, before) in enumerate(_MACRO_ARGUMENTS):
        joins = int(arguments[before]) if number else 0
        layers.append((_KERNEL_KINDS[int(arguments[kernel])], *[joins >> place & 1 for place in range(number)]))
    return None, {"layers": tuple(layers)}


# The names of arguments and the numbers of words, worked out once: at a million points they would be written each time
EDGES_OF_FIRST = (0, 1)
"""The states that the first sum of DARTS reads: there are no others."""
_STATES = {
    word: (int(word.split("+")[0][1:]), int(word.split("+")[1][1:]))
    for number in range(1, DARTS_SUMS + 1)
    for word in pairs(number)
}
_DARTS_ARGUMENTS = {
    kind: tuple(
        [
            (f"{kind}{number}_inputs" if number > 1 else "", f"{kind}{number}_op1", f"{kind}{number}_op2")
            for number in range(1, DARTS_SUMS + 1)
        ]
    )
    for kind in KINDS
}
_MICRO_ARGUMENTS = {
    kind: tuple(
        [
            (f"{kind}{number}_input{edge}", f"{kind}{number}_op{edge}")
            for number in range(1, MICRO_SUMS + 1)
            for edge in EDGES
        ]
    )
    for kind in KINDS
}
_MICRO_NUMBERS = {word: number for number, word in enumerate(enas.OPERATIONS)}
_MACRO_ARGUMENTS = tuple([(f"kernel{number}", f"joins{number}") for number in range(MACRO_LAYERS)])
_KERNEL_KINDS = {kernel: enas.KERNELS.index(kernel) for kernel in enas.KERNELS}
