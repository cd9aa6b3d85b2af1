"""The engine: graph and full analysis in process, of ResNets of three depths and of a densely joined net of 500 ops.

`python tests/benchmarks/engine.py` prints milliseconds for each network and microseconds for each op. The aims: under
10 ms for 500 densely joined ops, and the same cost for each op whatever the depth.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import archcalc
from archcalc.analysis.cost import activation_sum, costs, weight_layers
from archcalc.analysis.memory import footprint
from archcalc.analysis.receptive_field import fields
from archcalc.graph import Graph, row
from archcalc.ops.combine import Concat
from archcalc.ops.conv import Conv
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU

ROUNDS = 15


def dense(layers: int, growth: int = 12) -> Graph:
    """Every layer reads the outputs of all layers before it: normalise, activate, convolve, join."""
    graph = Graph("dense", (16, 32, 32))
    outputs = [graph.input]
    x = graph.input
    for number in range(layers):
        outputs.append(row(f"conv{number}", x, BatchNorm(), ReLU(), Conv(growth, 3, padding=1)))
        x = row(f"join{number}", outputs, Concat())
    return graph.finish(x)


def analyse(graph: Graph) -> int:
    each = costs(graph)
    activation_sum(graph, each), weight_layers(graph), footprint(graph, each), fields(graph)
    return len(graph.nodes)


def timed(work: Callable[[], int]) -> tuple[float, int]:
    """Median seconds, and the number of ops."""
    times: list[float] = []
    ops = 0
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        ops = work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times), ops


def main() -> None:
    for name, work in {
        "dense, 125 layers": lambda: analyse(dense(125)),
        "dense, 62 layers": lambda: analyse(dense(62)),
        **{
            name: lambda name=name: len(archcalc.analyze(name, detail=True).layers)
            for name in ("resnet20_cifar", "resnet110_cifar", "resnet1202_cifar")
        },
    }.items():
        seconds, ops = timed(work)
        print(f"{seconds * 1e3:8.2f} ms  {ops:5d} ops  {seconds / ops * 1e6:6.1f} us an op  {name}")


if __name__ == "__main__":
    main()
