"""The contract, proven by a client that shares no code with archcalc: Node with @grpc/grpc-js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import service
from patience import HANGS

import archcalc
from archcalc.catalogue.listing import catalogue
from archcalc.graph import Graph, row
from archcalc.ops.conv import Conv
from archcalc.reports import rendering

NODE = Path(__file__).parent / "node"
PROTO = Path(__file__).parent.parent / "proto"

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules").exists(), reason="npm install --prefix tests/node"
)


def two() -> Graph:
    """The graph that the client sends: a convolution that is applied twice."""
    graph = Graph("two", (4, 8, 8))
    conv = Conv(4, 3)
    once = row("conv1", graph.input, conv)
    return graph.finish(row("conv2", once, conv, reuse=True))


def figures(totals: dict[str, Any]) -> dict[str, str]:
    """Totals as Python writes them, from values as JavaScript has them."""
    return {name: str(each.get("whole", each.get("real"))) for name, each in totals.items()}


@pytest.mark.parametrize("source", ["the server's reflection", "the proto file"])
def test_a_client_in_another_language_gets_the_same_answers(source: str) -> None:
    with service.server() as (_, address):
        command = ["node", str(NODE / "client.mjs"), address, *([str(PROTO)] if source == "the proto file" else [])]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    vgg = archcalc.analyze("vgg16")
    if source == "the server's reflection":
        assert "archcalc.v1.ArchcalcService" in told["services"]
    assert told["params"] == str(vgg.totals.params)
    assert told["layers"] == [
        [layer.name, layer.op, list(map(str, layer.output_shape)), str(layer.mult_adds)] for layer in vgg.layers
    ]
    narrow = archcalc.analyze("mobilenet_v1", width=0.5, batch=8, dtype="float16").totals
    assert figures(told["narrow"]) == {name: str(value) for name, value in narrow.items()}
    assert figures(told["own"]) == {name: str(value) for name, value in archcalc.analyze(two()).totals.items()}
    assert told["names"] == [entry.name for entry in catalogue("resnet")]
    assert told["anynet_a"] == "1846757322198614016"
    sizes = [archcalc.analyze("resnet50", input=(3, side, side)) for side in (224, 225, 320)]
    assert told["evaluated"] == [str(each.totals.mult_adds) for each in sizes]
    assert told["picture"].encode() == rendering.graph_picture("lenet5")
    code, details = told["failure"]
    assert code == 5
    assert "nearest: vgg" in details
