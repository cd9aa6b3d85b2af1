"""Times and energy of a function that is run repeatedly on a device."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import fmean, quantiles
from typing import Any, Protocol

import torch

from archcalc.evidence.measurements import Energy, Times
from archcalc.execution.device import on_cuda

LEAST = 3
"""The smallest number of timed runs."""
MOST = 1000
WARM_UP = 0.25
"""The time for warm-up runs, as a share of the time for timed runs."""
ENERGY_SECONDS = 0.4
"""Seconds for which a network runs while energy is read: a card updates its counter only from time to time."""
MOST_ENERGY = 2
"""The most seconds, if runs are long or the counter is not updated."""

Run = Callable[[], Any]


class Meter(Protocol):
    """The reader of a GPU's energy: `archcalc.execution.nvml.Gpu`."""

    def energy(self) -> float | None: ...
    def power(self) -> float | None: ...


class Clock:
    """A clock for a device: CUDA's events, or the monotonic clock of the machine."""

    def __init__(self, device: str, cuda: Any = torch.cuda) -> None:
        self.cuda: Any = cuda if on_cuda(device) else None

    def once(self, run: Run) -> float:
        """Seconds from the start of a run until the device has finished it."""
        if self.cuda is None:
            start = time.perf_counter()
            run()
            return time.perf_counter() - start
        begin, end = (self.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        run()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) / 1000

    def times(self, run: Run, seconds: float) -> Times:
        """Median and quartiles of runs that together take about `seconds`, after warm-up runs."""
        self._again(run, seconds * WARM_UP, 1)
        taken = sorted(self._again(run, seconds, LEAST))
        lower, median, upper = quantiles(taken, n=4, method="inclusive")
        return Times(len(taken), median, lower, upper)

    def energy(self, run: Run, meter: Meter, seconds: float = ENERGY_SECONDS) -> Energy | None:
        """Average power of the device while it runs repeatedly for some seconds; None if nothing can be read.

        A counter of energy is constant between its updates. So it is read after every run, and the runs between its
        first and its last update count.
        """
        last = meter.energy()
        if last is None:
            return self._shown(run, meter, seconds)
        start, runs = time.perf_counter(), 0
        moves: list[tuple[float, int, float]] = []
        while not _enough(time.perf_counter() - start, seconds, runs, moves):
            self.once(run)
            runs += 1
            now = meter.energy()
            if now is not None and now != last:
                moves.append((time.perf_counter(), runs, now))
                last = now
        if len(moves) < 2:
            return None
        (begin, before, first), (end, after, joules) = moves[0], moves[-1]
        return Energy((joules - first) / (end - begin), (joules - first) / (after - before), end - begin)

    def _shown(self, run: Run, meter: Meter, seconds: float) -> Energy | None:
        """Energy of a card that reports only its power: from the mean of the readings after every run."""
        start = time.perf_counter()
        watts: list[float | None] = []
        while time.perf_counter() - start < seconds:
            self.once(run)
            watts.append(meter.power())
        taken = time.perf_counter() - start
        known = [each for each in watts if each is not None]
        return Energy(fmean(known), fmean(known) * taken / len(watts), taken) if known else None

    def _again(self, run: Run, seconds: float, least: int) -> list[float]:
        """Seconds of consecutive runs: at least `least` runs, for at least `seconds`."""
        start = time.perf_counter()
        taken: list[float] = []
        while len(taken) < least or (time.perf_counter() - start < seconds and len(taken) < MOST):
            taken.append(self.once(run))
        return taken


def _enough(elapsed: float, seconds: float, runs: int, moves: Sequence[tuple[float, int, float]]) -> bool:
    """Return True if energy is known well enough: over enough seconds, with an error of one run in ten at most."""
    if elapsed >= MOST_ENERGY:
        return True
    return elapsed >= seconds and len(moves) >= 2 and (moves[-1][0] - moves[0][0]) * runs >= 10 * elapsed
