"""Measurement of several networks one after the other, in a process that is replaced if a network breaks it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from archcalc import zoo
from archcalc.analysis.table import analyze
from archcalc.evidence.measurements import Inference, MeasuredNetwork
from archcalc.execution import device as devices
from archcalc.execution import processes

DIED = "the process died, probably for lack of memory"


def measured(
    names: Sequence[str], ways: Any, *, autotune: bool = False, time_limit: float | None = None
) -> Iterator[MeasuredNetwork]:
    """Measurements of several networks, one after the other so that none disturbs another.

    Networks that are not done after `time_limit` seconds are left out. Raises ArchcalcError for an unknown name or
    device, before any work.
    """
    devices.require(ways.device, "measure")
    names = [zoo.network(name).name for name in names]
    plan = processes.Plan(
        work=partial(_measure, ways=ways),
        need=_nothing,
        prepare=partial(devices.prepare, ways.device, autotune=autotune),
        spoils=_spoilt,
        until=time.monotonic() + (float("inf") if time_limit is None else time_limit),
    )
    for name, found in processes.run(names, plan):
        yield _nothing_of(name, DIED) if found is None else found


def _nothing(_: str) -> int:
    """Return 0: only one network is measured at a time, so none has to wait for memory."""
    return 0


def finished(network: Mapping[str, Any]) -> bool:
    """Return True if a network of a record need not be measured again: neither the process nor the GPU was lost."""
    return not any(_lost(way["reason"]) for way in (*network["inference"], *network["training"]))


def _measure(name: str, ways: Any) -> MeasuredNetwork:
    """Measurements of a network; an error outside its ways of running is an entry too."""
    network: Any = import_module("archcalc.measure.network")
    measured, reason = network.attempt(partial(network.measure, name, ways))
    return measured or _nothing_of(name, reason)


def _spoilt(measured: MeasuredNetwork) -> bool:
    """Return True if the GPU was lost for the process that measured."""
    return any(_lost(way.reason) for way in (*measured.inference, *measured.training))


def _lost(reason: str) -> bool:
    return reason == DIED or devices.lost(reason)


def _nothing_of(name: str, reason: str) -> MeasuredNetwork:
    totals: Any = analyze(name).totals
    shape = zoo.network(name).input
    return MeasuredNetwork(
        name, shape, totals.params, totals.mult_adds, (Inference(0, "", "", None, None, None, reason),), ()
    )
