"""Cells that a search may find, DARTS's and ENAS's, against modules written here after the authors' code."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import torch
from reference import archcalc_layers, counts
from torch import nn

from archcalc import ArchcalcError, analyze
from archcalc.zoo import darts, enas

torch.set_num_threads(1)


def conv_norm(channels: int, out: int, kernel: int = 1, stride: int = 1) -> list[nn.Module]:
    return [nn.ReLU(), nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(out)]


def separable(channels: int, kernel: int, stride: int, dilation: int = 1) -> list[nn.Module]:
    """A depthwise and a 1x1 convolution."""
    sides = dilation * (kernel // 2)
    depthwise = nn.Conv2d(channels, channels, kernel, stride, sides, dilation, groups=channels, bias=False)
    return [nn.ReLU(), depthwise, nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels)]


class FactorizedReduce(nn.Module):
    """1x1 convolutions of every second position, the second of the map without its first row and column.

    ENAS chooses the positions first, by average pools of 1x1; DARTS's convolutions have a stride.
    """

    def __init__(self, channels: int, out: int, enas: bool) -> None:
        super().__init__()
        self.step, stride = (2, 1) if enas else (1, 2)
        self.first, self.second = [nn.Conv2d(channels, out // 2, 1, stride, bias=False) for _ in range(2)]
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shifted = nn.functional.pad(x, (0, 1, 0, 1))[..., 1:, 1:]
        chosen = [each[..., :: self.step, :: self.step] for each in (x, shifted)]
        return self.norm(torch.cat([self.first(chosen[0]), self.second(chosen[1])], 1))


def operation(name: str, channels: int, stride: int, enas: bool) -> nn.Module:
    """An operation of quark0/darts, cnn/operations.py; ENAS's are some of them."""
    match name.split("_"):
        case ["skip", "connect"]:
            return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels, enas)
        case ["max", _, _]:
            return nn.MaxPool2d(3, stride, 1)
        case ["avg", _, _]:
            return nn.AvgPool2d(3, stride, 1)
        case ["sep", _, size]:
            kernel = int(size[0])
            return nn.Sequential(*separable(channels, kernel, stride), *separable(channels, kernel, 1))
        case ["dil", _, size]:
            return nn.Sequential(*separable(channels, int(size[0]), stride, dilation=2))
        case _:
            raise ValueError(name)


class Cell(nn.Module):
    """A cell of sums of two edges: it joins all sums (DARTS) or all states that no sum reads (ENAS)."""

    def __init__(self, edges: Any, reduction: bool, channels: int, before: list[nn.Module], enas: bool) -> None:
        super().__init__()
        self.edges, self.before = edges, nn.ModuleList(before)
        self.operations = nn.ModuleList(
            [operation(name, channels, 2 if reduction and source < 2 else 1, enas) for name, source in edges]
        )
        used = {source for _, source in edges}
        states = range(2 + len(edges) // 2)
        self.joined = [state for state in states if (state not in used if enas else state > 1)]
        halved = [str(state) for state in self.joined if state < 2 and reduction]
        self.halved = nn.ModuleDict({state: FactorizedReduce(channels, channels, enas) for state in halved})
        self.width = channels * len(self.joined)

    def forward(self, previous: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
        states = [module(x) for module, x in zip(self.before, (previous, last), strict=True)]
        for first in range(0, len(self.edges), 2):
            states.append(sum(self.operations[i](states[self.edges[i][1]]) for i in (first, first + 1)))
        for state, module in self.halved.items():
            states[int(state)] = module(states[int(state)])
        return torch.cat([states[state] for state in self.joined], 1)


class Stacked(nn.Module):
    """A network for CIFAR of cells, each of which reads the two before."""

    def __init__(self, cells: Any, reductions: tuple[int, int], number: int, channels: int, enas: bool) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * channels, 3, padding=1, bias=False), nn.BatchNorm2d(3 * channels))
        previous, last, after = 3 * channels, 3 * channels, False
        self.cells = nn.ModuleList()
        for place in range(number):
            reduction = place in reductions
            channels *= 1 + reduction
            halving = nn.Sequential(nn.ReLU(), FactorizedReduce(previous, channels, enas))
            same = enas and previous == channels
            first = halving if after else nn.Identity() if same else nn.Sequential(*conv_norm(previous, channels))
            second = conv_norm(last, channels)
            if enas and last != channels:
                second += conv_norm(channels, channels)
            cell = Cell(cells[reduction], reduction, channels, [first, nn.Sequential(*second)], enas)
            self.cells.append(cell)
            previous, last, after = last, cell.width, reduction
        self.classifier = nn.Linear(last, 10, bias=not enas)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        previous = last = self.stem(x)
        for cell in self.cells:
            previous, last = last, cell(previous, last)
        return self.classifier(last.mean((2, 3)))


def drawn_darts(source: random.Random) -> list[tuple[str, int]]:
    """Two different inputs for each of four sums, and any operations."""
    return [
        (source.choice(darts.OPERATIONS), state) for sums in range(4) for state in source.sample(range(2 + sums), 2)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_any_cell_of_darts_is_built_as_its_authors_build_it(seed: int) -> None:
    """Parameters, mult-adds, and every convolution; reductions are cells 2 and 4 of 7."""
    source = random.Random(seed)  # noqa: S311
    cells = drawn_darts(source), drawn_darts(source)
    with torch.device("meta"):
        theirs = counts(Stacked(cells, (2, 4), 7, 16, enas=False).eval(), (3, 32, 48))
    given = {"channels": 16, "cells": 7, "normal": cells[0], "reduction": cells[1]}
    ours = analyze("darts_cifar", input=(3, 32, 48), **given)
    assert archcalc_layers(ours) == theirs.layers
    assert (ours.totals.params, ours.totals.mult_adds) == (theirs.params, theirs.mult_adds)


def test_an_average_leaves_out_the_padding() -> None:
    """As the authors' pools do; the op says so, and counts cannot."""
    cell = [("avg_pool_3x3", 0), ("avg_pool_3x3", 1)]
    graph = darts_graph(normal=cell, reduction=cell)
    pools = [node.op for node in graph.nodes if node.op.kind == "avg_pool"]
    assert len(pools) == 2 * 7
    assert not any(pool.count_include_pad for pool in pools)


def darts_graph(**cells: Any) -> Any:
    from archcalc.zoo import network

    return network("darts_cifar").graph(None, {"cells": 7, **cells})


def drawn_enas(source: random.Random, unread: int = 2) -> list[int]:
    """Input and operation, twice, of five sums, none of which reads input `unread` of the cell."""
    inputs = [[state for state in range(2 + sums) if state != unread or unread > 1] for sums in range(5)]
    return [n for sums in range(5) for _ in range(2) for n in (source.choice(inputs[sums]), source.randrange(5))]


SAME = dict(
    zip(range(5), ("sep_conv_3x3", "sep_conv_5x5", "avg_pool_3x3", "max_pool_3x3", "skip_connect"), strict=True)
)


@pytest.mark.parametrize("unread", [0, 1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_any_micro_cell_of_enas_is_built_as_its_authors_build_it(seed: int, unread: int) -> None:
    """Also cells that join one of their inputs, which a reduction halves first; reductions are cells 1 and 3 of 6."""
    source = random.Random(seed)  # noqa: S311
    numbers = drawn_enas(source, unread), drawn_enas(source, unread)
    cells = [[(SAME[op], state) for state, op in zip(cell[::2], cell[1::2], strict=True)] for cell in numbers]
    with torch.device("meta"):
        theirs = counts(Stacked(cells, (1, 3), 6, 12, enas=True).eval(), (3, 32, 48))
    given = {"channels": 12, "cells": 4, "normal": numbers[0], "reduction": " ".join(map(str, numbers[1]))}
    ours = analyze("enas_micro", input=(3, 32, 48), **given)
    assert archcalc_layers(ours) == theirs.layers
    assert (ours.totals.params, ours.totals.mult_adds) == (theirs.params, theirs.mult_adds)


class Macro(nn.Module):
    """ENAS's macro network in fixed mode; of halved outputs only those that are read."""

    def __init__(self, layers: list[list[int]], channels: int) -> None:
        super().__init__()
        self.layers, third = layers, len(layers) // 3
        self.halvings = (third - 1, 2 * third - 1)
        self.stem = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
        self.convs, self.joins, self.pools = nn.ModuleList(), nn.ModuleList(), nn.ModuleDict()
        for number, (kind, *joined) in enumerate(layers):
            kernel = (3, 3, 5, 5)[kind]
            self.convs.append(nn.Sequential(*conv_norm(channels, channels), *conv_norm(channels, channels, kernel)))
            inputs = channels * (1 + sum(joined))
            self.joins.append(nn.Sequential(*conv_norm(inputs, channels)) if number else nn.Identity())
            if number in self.halvings:
                for state in range(number + 2):
                    if self.reads(state, number):
                        self.pools[f"{number}_{state}"] = FactorizedReduce(channels, 2 * channels, enas=True)
                channels *= 2
        self.classifier = nn.Linear(channels, 10, bias=False)

    def reads(self, state: int, number: int) -> bool:
        """Whether a layer after `number` reads an output: as its input, or joined."""
        later = self.layers[number + 1 :]
        return state == number + 1 or any(state < len(each) - 1 and each[1 + state] for each in later)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states = [self.stem(x)]
        for number, (_, *joined) in enumerate(self.layers):
            y = self.convs[number](states[-1])
            earlier = [state for state, join in zip(states, joined, strict=False) if join]
            states.append(self.joins[number](torch.cat([*earlier, y], 1)))
            if number in self.halvings:
                states = [
                    self.pools[key](state) if (key := f"{number}_{i}") in self.pools else state
                    for i, state in enumerate(states)
                ]
        return self.classifier(states[-1].mean((2, 3)))


@pytest.mark.parametrize(("seed", "number"), [(0, 3), (1, 7), (2, 12), (3, 12), (4, 14)])
def test_any_macro_network_of_enas_is_built_as_its_authors_build_it(seed: int, number: int) -> None:
    source = random.Random(seed)  # noqa: S311
    layers = [[source.randrange(4), *[int(source.random() < 0.3) for _ in range(n)]] for n in range(number)]
    with torch.device("meta"):
        theirs = counts(Macro(layers, 12).eval(), (3, 32, 48))
    ours = analyze("enas_macro", input=(3, 32, 48), channels=12, layers=layers)
    assert archcalc_layers(ours) == theirs.layers
    assert (ours.totals.params, ours.totals.mult_adds) == (theirs.params, theirs.mult_adds)


def test_the_text_of_a_cell_is_read() -> None:
    """As genotypes stand in the authors' files."""
    assert analyze("darts_cifar", normal=str(list(darts.NORMAL))).totals == analyze("darts_cifar").totals
    layers = str(enas.MACRO)
    assert analyze("enas_macro", layers=layers).totals == analyze("enas_macro").totals


EDGES = "has two edges for every sum, operation and input each such as ('sep_conv_3x3', 0), not "
IMPOSSIBLE: list[tuple[str, dict[str, Any], str]] = [
    ("darts_cifar", {"normal": 5}, f"darts: the normal cell {EDGES}5"),
    ("darts_cifar", {"normal": "all"}, f"darts: the normal cell {EDGES}'all'"),
    ("darts_cifar", {"normal": [("skip_connect", 0)]}, f"darts: the normal cell {EDGES}[('skip_connect', 0)]"),
    (
        "darts_cifar",
        {"reduction": [("none", 0), ("skip_connect", 1)]},
        f"darts: the reduction cell has the operations {', '.join(darts.OPERATIONS)}, not 'none'",
    ),
    (
        "darts_cifar",
        {"normal": [("skip_connect", 0), ("skip_connect", 2)]},
        "darts: the normal cell has the inputs 0 to 1 at sum 1, not 2",
    ),
    (
        "enas_micro",
        {"normal": "0 1 1"},
        "enas: the normal cell has four numbers for every sum such as 0 2 1 0: input, operation, input, operation, "
        "not '0 1 1'",
    ),
    ("enas_micro", {"reduction": (0, 5, 1, 0)}, "enas: the reduction cell has operations 0 to 4 at sum 1, not 5"),
    ("enas_micro", {"normal": "0 1 1 1 3 0 0 0"}, "enas: the normal cell has inputs 0 to 2 at sum 2, not 3"),
    (
        "enas_macro",
        {"layers": 3},
        "enas: the macro network has from 3 to 240 layers, such as '0', '3 0' and '0 1 0', not 3",
    ),
    (
        "enas_macro",
        {"layers": ["0", "4 0", "0 1 0"]},
        "enas: layer 1 of the macro network is an operation from 0 to 3 and 1 times 0 or 1, not '4 0'",
    ),
]


@pytest.mark.parametrize(("name", "settings", "message"), IMPOSSIBLE)
def test_what_is_no_cell_is_told(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArchcalcError, match=f"^{re.escape(message)}$"):
        analyze(name, **settings)
