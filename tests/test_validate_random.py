"""Random networks: shapes, parameters, mult-adds, memory and receptive fields agree with PyTorch on any graph.

The same networks every time; `archcalc validate --random N --seed S` goes on to others.
"""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc.base.errors import ArchcalcError
from archcalc.graph import Graph, op_names, row
from archcalc.ops import Conv, ReLU
from archcalc.validation.random_nets import check, draw

NETWORKS = int(os.environ.get("ARCHCALC_RANDOM_NETWORKS", "1000"))


@pytest.mark.parametrize("networks", [30, pytest.param(NETWORKS, marks=pytest.mark.slow)])
def test_random_networks_agree_with_pytorch(networks: int) -> None:
    @given(st.randoms(use_true_random=False))
    @settings(max_examples=networks, derandomize=True, suppress_health_check=list(HealthCheck))
    def agree(random: Random) -> None:
        graph = draw(random)
        wrong = [outcome for outcome in check(graph) if outcome.status in ("differs", "failed")]
        assert not wrong, [repr(node.op) for node in graph.nodes]

    agree()


def test_the_drawn_networks_have_branches_merges_and_every_kind_of_op() -> None:
    graphs: list[Graph] = [draw(Random(seed)) for seed in range(300)]  # noqa: S311
    kinds = {node.op.kind for graph in graphs for node in graph.nodes}
    assert {"conv", "conv_transpose", "max_pool", "avg_pool", "adaptive_avg_pool", "subsampling"} <= kinds
    assert {"add", "multiply", "concat", "slice", "crop", "zero_pad", "subsample", "channel_shuffle"} <= kinds
    assert {"batch_norm", "layer_norm", "local_response_norm", "dropout", "softmax", "linear"} <= kinds
    assert all(len(set(op_names(graph))) == len(graph.nodes) for graph in graphs)


def test_an_op_that_is_taken_back_gives_the_name_of_its_row_back_unless_others_are_there() -> None:
    graph = Graph("again", (3, 8, 8))
    for _ in range(2):
        ReLU()(graph.input)
        graph.take_back()
    row("both", graph.input, Conv(3, 1), ReLU())
    graph.take_back()
    assert [node.row for node in graph.nodes] == ["input", "both"]
    with pytest.raises(ArchcalcError, match="two rows are called both"):
        row("both", graph.input, ReLU())


def test_a_random_network_whose_branches_did_not_meet_goes_on_with_other_steps() -> None:
    assert draw(Random(16343)).outputs  # noqa: S311  # a concatenation is taken back, and the next step is one again
