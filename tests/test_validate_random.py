"""Random networks: shapes, parameters, mult-adds, memory and receptive fields agree with PyTorch on any graph.

The same networks every time; `archcalc validate --random N --seed S` goes on to others.
"""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc.graph import Graph, op_names
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
