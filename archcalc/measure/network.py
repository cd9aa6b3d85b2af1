"""Measurement of one network in all requested ways. A way that cannot be measured is an entry with the reason."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import torch

from archcalc import zoo
from archcalc.analysis.cost import costs
from archcalc.analysis.memory import footprint
from archcalc.analysis.table import analyze
from archcalc.evidence.measurements import DeviceMemory, Inference, MeasuredNetwork, Times, TrainingStep
from archcalc.execution.allocator import peaks
from archcalc.execution.device import free_memory, gpu, on_cuda, release
from archcalc.execution.model import Model
from archcalc.graph import Graph, Network
from archcalc.measure.clock import Clock
from archcalc.measure.ways import TRAINED, WEIGHED, Ways, computing_in, images, laid_out, optimizer

PATIENCE = 10
"""On the CPU, a way is left out if one run would take longer than this many times `Ways.seconds`."""

T = TypeVar("T")
Way = tuple[int, str, str]
"""Batch, precision, and layout or optimizer."""


def measure(network: str | Network, ways: Ways) -> MeasuredNetwork:
    """All measurements of a network, given as a Network or as a canonical name of the catalogue."""
    named = zoo.network(network) if isinstance(network, str) else network
    graph = named.graph(None, named.settings)
    totals: Any = analyze(named).totals
    bench = Bench(graph, ways)
    shape: Any = graph.nodes[0].shape
    return MeasuredNetwork(
        named.name, tuple(shape), totals.params, totals.mult_adds, bench.inference(), bench.training()
    )


class Bench:
    """A network on a device, to be measured."""

    def __init__(self, graph: Graph, ways: Ways) -> None:
        self.graph, self.ways, self.device = graph, ways, ways.device
        self.shapes = [value.shape for value in graph.inputs]
        self.clock = Clock(ways.device)
        meter = gpu(ways.device) if on_cuda(ways.device) else None
        self.meter = None if meter is None or meter.missing else meter
        self.seen: dict[tuple[str, ...], tuple[int, Times]] = {}

    def inference(self) -> tuple[Inference, ...]:
        """The measurements of all ways of inference."""
        results: list[Inference] = []
        for layout in self.ways.layouts:
            ways = [(batch, precision, layout) for precision in self.ways.precisions for batch in self.ways.batches]
            tried = self._try(ways, self._forward, training=False)
            results += [done or Inference(*way, None, None, None, why) for way, done, why in tried]
        return tuple(results)

    def training(self) -> tuple[TrainingStep, ...]:
        """The measurements of all ways of training steps, in the contiguous layout."""
        precisions = [each for each in TRAINED if each in self.ways.precisions]
        batches = self.ways.batches
        ways = [(batch, way, name) for name in self.ways.optimizers for way in precisions for batch in batches]
        tried = self._try(ways, self._step, training=True)
        return tuple([done or TrainingStep(*way, None, None, why) for way, done, why in tried])

    def _try(self, ways: Sequence[Way], run: Callable[..., T], *, training: bool) -> list[tuple[Way, T | None, str]]:
        """The result of every way, or the reason why there is none. All share one model, in the layout of the first."""
        if not ways:
            return []
        layout = "contiguous" if training else ways[0][2]
        model, reason = attempt(lambda: self._model(layout).train(training))
        if model is None:
            return [(way, None, reason) for way in ways]
        tried = [(way, *attempt(partial(run, model, *way))) for way in ways]
        del model
        self._clear()
        return tried

    def _forward(self, model: Model, batch: int, precision: str, layout: str) -> Inference:
        if layout == "channels_last" and not any([len(shape) > 2 for shape in self.shapes]):
            raise NotTried("PyTorch has channels_last for images and volumes only")
        self._refuse_what_takes_long((precision, layout), batch)
        self._refuse_what_does_not_fit(batch, training=False)
        data = images(self.shapes, batch, layout, self.device)

        def run() -> None:
            with torch.inference_mode(), computing_in(precision, self.device):
                model(*data)

        times = self.clock.times(run, self.ways.seconds)
        self.seen[precision, layout] = (batch, times)
        weighed = layout == "contiguous" and precision in WEIGHED and on_cuda(self.device)
        energy = self.clock.energy(run, self.meter) if weighed and self.meter is not None else None
        memory = DeviceMemory(*peaks(run)) if weighed else None
        return Inference(batch, precision, layout, times, memory, energy, "")

    def _step(self, model: Model, batch: int, precision: str, name: str) -> TrainingStep:
        self._refuse_what_takes_long((precision, name), batch)
        self._refuse_what_does_not_fit(batch, training=True)
        data = images(self.shapes, batch, "contiguous", self.device)
        update = optimizer(name, model.parameters())

        def run() -> None:
            update.zero_grad(set_to_none=True)
            with computing_in(precision, self.device):
                loss = _loss(model(*data))
            loss.backward()  # pyright: ignore[reportUnknownMemberType]
            update.step()

        memory = DeviceMemory(*peaks(run)) if on_cuda(self.device) else None
        times = self.clock.times(run, self.ways.seconds)
        self.seen[precision, name] = (batch, times)
        return TrainingStep(batch, precision, name, times, memory, "")

    def _model(self, layout: str) -> Model:
        torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]
        with torch.device(self.device):
            return laid_out(Model(self.graph), layout, max(map(len, self.shapes)))

    def _refuse_what_takes_long(self, way: tuple[str, ...], batch: int) -> None:
        """Raise NotTried for long runs, on the CPU only: a GPU is fast, and takes as long for small batches."""
        if way in self.seen and not on_cuda(self.device):
            before, times = self.seen[way]
            if times.median * batch / before > PATIENCE * self.ways.seconds:
                raise NotTried(f"one run would take longer than {PATIENCE} times the seconds that are timed")

    def _refuse_what_does_not_fit(self, batch: int, training: bool) -> None:
        """Raise NotTried for too little memory, on the CPU only: on a GPU, running out of memory does no harm."""
        if on_cuda(self.device):
            return
        needed, free = self._need(batch, training), free_memory(self.device)
        if needed > free:
            raise NotTried(f"it needs about {needed / 2**30:.1f} GiB, and {free / 2**30:.1f} are free")

    def _need(self, batch: int, training: bool) -> int:
        each = costs(self.graph)
        held = footprint(self.graph, each)
        weights: Any = sum(cost.parameters.learnable for cost in each)
        values: Any = held.training_saved(batch, 4) * 2 if training else held.peak_inference * batch * 8
        return 4 * weights * (5 if training else 2) + values

    def _clear(self) -> None:
        gc.collect()
        release(self.device)


class NotTried(Exception):
    """A way of running is left out; the message is the reason."""


def attempt(task: Callable[[], T]) -> tuple[T | None, str]:
    """The result, or None and the reason why there is none: out of memory, a missing kernel, or any other error."""
    try:
        return task(), ""
    except NotTried as left_out:
        return None, str(left_out)
    except Exception as error:  # noqa: BLE001 - the reason stands where the figure would stand
        return None, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _loss(results: Any) -> torch.Tensor:
    """The cross entropy of all outputs, along their second axis, with class 0 as the target everywhere."""
    outputs: Any = [results, (results,)][type(results) is not tuple]
    losses = [
        torch.nn.functional.cross_entropy(output, output.new_zeros(output[:, 0].shape, dtype=torch.long))
        for output in outputs
    ]
    return torch.stack(losses).sum()
