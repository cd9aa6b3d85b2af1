"""The memory of archcalc's own models as `archcalc memory` predicts it, beside what CUDA's allocator measured.

In these models no op works in place, and a value is freed after its last use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc import zoo
from archcalc.analysis.memory.heap import KINDS
from archcalc.analysis.memory.step import Timeline, inference, training_step, weights
from archcalc.evidence.measurements import Inference, MeasuredNetwork, TrainingStep
from archcalc.training import PRECISIONS, Training

PRECISION: Mapping[str, str] = {
    "float32": "float32",
    "tf32": "float32",
    "float16": "amp_fp16",
    "bfloat16": "amp_bf16",
}
"""By precision of a measurement, that of a prediction."""


def predicted(network: MeasuredNetwork, way: Inference | TrainingStep) -> int | None:
    """Bytes at the peak of a measured run; None for a network that is not in the catalogue."""
    found = zoo.find(network.name)
    if found is None:
        return None
    graph: Any = found.graph(network.input, found.settings)
    precision = PRECISIONS[PRECISION[way.precision]]
    if isinstance(way, TrainingStep):
        training = Training(way.optimizer, precision.name, in_place="none")
        return _with_images(training_step(graph, way.batch, "float32", training, held=False), graph, way.batch)
    run = inference(graph, way.batch, precision, in_place="none", held=False)
    held: Any = sum(weights(graph), 0)
    return held * precision.width + _with_images(run, graph, way.batch)


def _with_images(run: Timeline, graph: Any, batch: int) -> int:
    """The peak of a run whose caller holds the images."""
    highest: Any = run.highest()
    inputs = [index for index, node in enumerate(graph.nodes) if node.op.role == "input"]
    images = sum([4 * batch * graph.facts[index].elements for index in inputs])
    return highest.total + max(0, images - dict(zip(KINDS, highest.alive, strict=True))["data"])
