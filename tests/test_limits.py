"""No request makes the package build more than a limit that is in force, whatever hyperparameters it has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import absurd_hyperparameters as absurd
import pytest

from archcalc import Graph, Network, Request, analyze, row, zoo
from archcalc.base.errors import ArchcalcError, TooCostly
from archcalc.base.limits import check_nodes, limited
from archcalc.ops.pointwise import ReLU
from archcalc.search.sweep import Point, sweep_points


def nodes(name: str, **settings: object) -> int:
    return len(zoo.network(name).graph(None, settings).nodes)


def test_a_network_up_to_the_limit_is_built_and_a_larger_one_is_refused_with_a_sentence() -> None:
    with limited(nodes=nodes("resnet50")):
        analyze("resnet50")
        with pytest.raises(TooCostly, match="resnet152 has more than 176 operations") as refused:
            analyze("resnet152")
    assert str(refused.value).endswith("or compute it on a machine of your own")


def test_without_a_limit_and_after_one_any_network_is_built() -> None:
    with pytest.raises(TooCostly), limited(nodes=100):
        analyze("resnet50")
    check_nodes("any", 10**12)
    assert nodes("resnet1001_cifar") > 3000


def test_the_innermost_limit_is_in_force() -> None:
    with limited(nodes=1000):
        with limited(nodes=40), pytest.raises(TooCostly):
            analyze("resnet50")
        analyze("resnet50")


def test_networks_by_one_short_name_are_refused_before_they_take_memory() -> None:
    with limited(nodes=20_000), pytest.raises(TooCostly):
        analyze("multi_resnet_9002_k100_w10")


def test_no_graph_grows_beyond_the_limit_by_more_than_what_is_said() -> None:
    graph = Graph("deep", (3, 8, 8))
    with pytest.raises(TooCostly), limited(nodes=500):
        row("activations", graph.input, *[ReLU() for _ in range(2000)])
    assert 500 < len(graph.nodes) <= 500 + 32


def test_a_finished_graph_and_a_list_of_layers_are_limited_too() -> None:
    own = Network.of(zoo.network("resnet50").graph())
    text = 'input = "3x8x8"\nlayers = ["rows: b * 900"]\n[blocks.b]\nlayers = ["conv 8 3x3 p1"]\n'
    assert len(Network.from_layers(text).graph().nodes) > 900
    with limited(nodes=150):
        with pytest.raises(TooCostly):
            own.graph()
        with pytest.raises(TooCostly):
            Network.from_layers(text)


def test_in_a_sweep_the_points_that_are_too_large_have_the_sentence_and_the_others_their_answer() -> None:
    request = Request.of("resnet20_cifar")
    points = [Point(hyperparameters={"blocks": blocks}) for blocks in (3, 900)]
    with limited(nodes=1000):
        small, large = sweep_points(request, points)
    assert small.totals is not None
    assert large.totals is None
    assert "has more than 1,000 operations" in large.problem


@pytest.mark.parametrize("name", ["resnet0_cifar", "seresnet0_cifar", "preresnet999999999_cifar"])
def test_a_number_of_layers_out_of_range_in_a_name_is_an_error_of_the_request(name: str) -> None:
    with pytest.raises(ArchcalcError, match=r"layers by the name\) is from 1 to 100000, not"):
        analyze(name)


def test_absurd_hyperparameters_of_any_family_end_with_an_answer_or_a_sentence() -> None:
    """Each hyperparameter of each family, in a process with 5 s of a processor and 500 MB."""
    script = Path(absurd.__file__)
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert '"answered"' in ended.stdout


def test_the_script_sees_a_family_that_builds_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absurd, "NODES", 10**9)
    monkeypatch.setattr(absurd, "SECONDS", 1)
    said, status = absurd.in_process("multi_resnet_200_k5_w1", [{"depth": 9002, "k": 100}])
    assert status != 0
    assert "answered" not in said
