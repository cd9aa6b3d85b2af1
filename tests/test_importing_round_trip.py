"""Random networks are exported as PyTorch modules and imported back: every figure is the same.

Compared are the totals, the counts under every convention, and of each node its inputs, shape, parameters, work, memory
and receptive field.
"""

from __future__ import annotations

from random import Random

import pytest
from round_trip import differences, imported

from archcalc.graph import Graph
from archcalc.validation.random_nets import draw

SAMPLE = (0, 2, 3, 5, 6, 7, 13, 15, 16, 19, 20, 26, 28, 31, 34, 35, 36, 41, 43, 46, 91, 162, 231, 278, 353)
"""Among them those that an earlier importer read otherwise; `tests/benchmarks/imports_against_modules.py` takes 400."""


def drawn(seed: int) -> Graph:
    return draw(Random(seed), f"random {seed}")  # noqa: S311


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_random_network_comes_back_from_its_export_with_all_figures(seed: int) -> None:
    graph = drawn(seed)
    assert differences(graph, imported(graph).graph()) == []


def test_the_import_of_another_network_differs() -> None:
    """Or the comparison would see nothing."""
    one, other = drawn(35), drawn(36)
    assert differences(one, imported(other).graph())
