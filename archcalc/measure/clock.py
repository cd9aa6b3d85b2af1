"""Times and energy of something that is run again and again on a device."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import quantiles
from typing import Any, Protocol

import torch

from archcalc.execution.device import on_cuda
from archcalc.query.measurements import Energy, Times

LEAST = 3
"""Runs that are timed at least."""
MOST = 1000
WARM_UP = 0.25
"""Share of the time for timed runs that runs before them take."""
ENERGY_SECONDS = 0.5
"""How long a network runs while energy is read: counters of cards move some ten times a second."""

Run = Callable[[], Any]


class Meter(Protocol):
    """What reads a GPU's energy: `archcalc.execution.nvml.Gpu`."""

    def energy(self) -> float | None: ...
    def power(self) -> float | None: ...


class Clock:
    """A clock beside a device: CUDA's events, or the monotonic clock of the machine."""

    def __init__(self, device: str, cuda: Any = torch.cuda) -> None:
        self.cuda: Any = cuda if on_cuda(device) else None

    def once(self, run: Run) -> float:
        """Seconds from the start of a run until the device has done all of it."""
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
        """Median and quartiles of runs that take about so many seconds together, after others to warm up."""
        self._again(run, seconds * WARM_UP, 1)
        taken = sorted(self._again(run, seconds, LEAST))
        lower, median, upper = quantiles(taken, n=4, method="inclusive")
        return Times(len(taken), median, lower, upper)

    def energy(self, run: Run, meter: Meter, seconds: float = ENERGY_SECONDS) -> Energy | None:
        """Average power of the device while it runs for so many seconds; None where nothing can be read."""
        before, start, runs = meter.energy(), time.perf_counter(), 0
        readings: list[float | None] = []
        while time.perf_counter() - start < seconds:
            self.once(run)
            runs += 1
            if before is None:
                readings.append(meter.power())
        taken = time.perf_counter() - start
        after = meter.energy()
        if before is not None and after is not None:
            return Energy((after - before) / taken, (after - before) / runs, taken)
        known = [watts for watts in readings if watts is not None]
        if not known:
            return None
        watts = sum(known) / len(known)
        return Energy(watts, watts * taken / runs, taken)

    def _again(self, run: Run, seconds: float, least: int) -> list[float]:
        """Seconds of runs one after the other, at least so many and for so long."""
        start = time.perf_counter()
        taken: list[float] = []
        while len(taken) < least or (time.perf_counter() - start < seconds and len(taken) < MOST):
            taken.append(self.once(run))
        return taken
