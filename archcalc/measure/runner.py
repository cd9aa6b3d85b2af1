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
from archcalc.graph import Network
from archcalc.request import NetworkLike, Request

DIED = "the process died, probably for lack of memory"


def measured(
    networks: Sequence[NetworkLike], ways: Any, *, autotune: bool = False, time_limit: float | None = None
) -> Iterator[MeasuredNetwork]:
    """Measurements of several networks, one after the other so that none disturbs another.

    Networks that are not in the catalogue are measured first, in this process, as their functions cannot be sent to
    another. Networks that are not done after `time_limit` seconds are left out. Raises ArchcalcError for an unknown
    name or device, before any work.
    """
    devices.require(ways.device, "measure")
    requested = [Request.of(each).resolved for each in networks]
    until = time.monotonic() + (float("inf") if time_limit is None else time_limit)
    return _one_by_one(requested, ways, autotune, until)


def _one_by_one(networks: Sequence[Network], ways: Any, autotune: bool, until: float) -> Iterator[MeasuredNetwork]:
    own = [each for each in networks if each.family is None]
    if own:
        devices.prepare(ways.device, autotune=autotune)
    for network in own:
        if time.monotonic() >= until:
            return
        yield _measure(network, ways)
    names = [each.name for each in networks if each.family is not None]
    plan = processes.Plan(
        work=partial(_measure, ways=ways),
        need=_nothing,
        prepare=partial(devices.prepare, ways.device, autotune=autotune),
        spoils=_spoilt,
        until=until,
    )
    for name, result in processes.run(names, plan):
        yield _nothing_of(name, DIED) if result is None else result


def _nothing(_: str) -> int:
    """Return 0: only one network is measured at a time, so none has to wait for memory."""
    return 0


def finished(network: Mapping[str, Any]) -> bool:
    """Return True if a network of a record need not be measured again: neither the process nor the GPU was lost."""
    return not any(_lost(way["reason"]) for way in (*network["inference"], *network["training"]))


def _measure(network: str | Network, ways: Any) -> MeasuredNetwork:
    """Measurements of a network; an error outside its ways of running is an entry too."""
    module: Any = import_module("archcalc.measure.network")
    result, reason = module.attempt(partial(module.measure, network, ways))
    return result or _nothing_of(network, reason)


def _spoilt(measured: MeasuredNetwork) -> bool:
    """Return True if the GPU was lost for the process that measured."""
    return any(_lost(way.reason) for way in (*measured.inference, *measured.training))


def _lost(reason: str) -> bool:
    return reason == DIED or devices.lost(reason)


def _nothing_of(network: str | Network, reason: str) -> MeasuredNetwork:
    named = zoo.network(network) if isinstance(network, str) else network
    totals: Any = analyze(named).totals
    return MeasuredNetwork(
        named.name, named.input, totals.params, totals.mult_adds, (Inference(0, "", "", None, None, None, reason),), ()
    )
