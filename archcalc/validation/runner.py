"""Running the checks of networks on a device, in several processes; if one dies, the others' results are not lost."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.analysis.cost import costs
from archcalc.analysis.memory import footprint
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.execution import device as devices
from archcalc.execution import processes
from archcalc.execution.device import Conditions, free_memory, on_cuda, require
from archcalc.request import NetworkLike, Request
from archcalc.validation.outcome import Outcome

CHECKS = ("shapes", "parameters", "flops", "fvcore", "references", "field", "memory")
MODULES = {"fvcore": "fvcore_counts"}
LIBRARIES_HOLD = 2**29
"""Bytes that CUDA and its libraries need in each process, and PyTorch in the machine's memory."""
TRACED = 3 * 2**30
"""The most bytes of values that the check with fvcore holds."""


class Verdict(NamedTuple):
    """All checks of one network."""

    name: str
    outcomes: tuple[Outcome, ...]

    @property
    def agrees(self) -> bool:
        """Return True if no check differs or failed, and at least one was run."""
        ran = [outcome.status for outcome in self.outcomes if outcome.status != "not run"]
        return bool(ran) and all(status == "agrees" for status in ran)


def validate_one(network: NetworkLike, device: str, checks: Sequence[str]) -> Verdict:
    """Run the checks on one network. An error in a check is its outcome, and does not stop the others."""
    outcomes: list[Outcome] = []
    lost = ""
    for check in checks:
        if lost:
            outcomes.append(Outcome(check, "failed", device, note=f"not run: the device was lost in the check {lost}"))
            continue
        try:
            subject: Any = import_module("archcalc.validation.subject").CheckedNetwork(network, device)
            module: Any = import_module(f"archcalc.validation.{MODULES.get(check, check)}")
            outcomes.append(module.check(subject))
        except Exception as error:  # noqa: BLE001 - out of memory, a missing kernel, a mistake: each is an outcome
            outcomes.append(Outcome(check, "failed", device, note=_reason(error)))
            lost = "" if devices.responds(device) else check
        devices.release(device)
    name = network if isinstance(network, str) else Request.of(network).resolved.name
    return Verdict(name, tuple(outcomes))


def _reason(error: Exception) -> str:
    """An error in one line, with the place in the code unless it is an error that a user can cause."""
    said = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if isinstance(error, ArchcalcError) or trace is None:
        return said
    return f"{said} ({trace.tb_frame.f_code.co_name}, line {trace.tb_lineno})"


def validate(network: NetworkLike, device: str = "cpu", checks: Sequence[str] = CHECKS) -> Verdict:
    """Run the checks on one network: its shapes, parameters, mult-adds, memory and fields against PyTorch's.

    Raises ArchcalcError for an unknown device, and if the network cannot be built.

    >>> [outcome.status for outcome in validate("lenet5", checks=("shapes", "parameters")).outcomes]
    ['agrees', 'agrees']
    """
    return next(iter(validate_networks([network], device, checks)))


@question
def validate_networks(
    names: Sequence[NetworkLike],
    device: str = "cpu",
    checks: Sequence[str] = CHECKS,
    jobs: int = 1,
    time_limit: float | None = None,
) -> Iterator[Verdict]:
    """The verdicts of several networks in the order of completion, `jobs` at a time if they fit in memory.

    Networks that are not done after `time_limit` seconds are left out. Raises ArchcalcError, before any work, for an
    unknown name or device.
    """
    require(device)
    if time_limit is not None and not 0 < time_limit < float("inf"):
        raise ArchcalcError(f"a time limit is a number of seconds above 0, not {time_limit}", about="time_limit")
    networks = [Request.of(name).resolved for name in names]
    if any(each.family is None for each in networks) or (jobs == 1 and time_limit is None and not on_cuda(device)):
        return (validate_one(each if each.family is None else each.name, device, checks) for each in networks)
    return _in_processes([each.name for each in networks], device, checks, jobs, time_limit)


def _in_processes(
    names: Sequence[str], device: str, checks: Sequence[str], jobs: int, time_limit: float | None
) -> Iterator[Verdict]:
    """The verdicts, from `jobs` processes; a process is replaced after it ran out of memory."""
    plan = processes.Plan(
        work=partial(validate_one, device=device, checks=tuple(checks)),
        need=need,
        jobs=jobs,
        memory=free_memory(device) * 9 // 10,
        prepare=partial(_prepare, device),
        spoils=_spoilt,
        until=time.monotonic() + (float("inf") if time_limit is None else time_limit),
    )
    died = Outcome("process", "failed", device, note="the process died, probably for lack of memory")
    for name, verdict in processes.run(names, plan):
        yield Verdict(name, (died,)) if verdict is None else verdict


def need(name: str) -> int:
    """The estimated bytes that the checks of a network hold at once."""
    network = zoo.network(name)
    graph = network.graph()
    each = costs(graph)
    kept: Any = footprint(graph, each).training_saved(2, 4)
    weights: Any = sum(cost.parameters.learnable for cost in each)
    values: Any = sum(cost.activations for cost in each)
    return LIBRARIES_HOLD + 2 * (4 * weights + max(kept, min(4 * values, TRACED)))


def _spoilt(verdict: Verdict) -> bool:
    """Return True if a process should not be used again: its GPU was lost, or it ran out of memory."""
    return any(devices.lost(outcome.note) or "OutOfMemory" in outcome.note for outcome in verdict.outcomes)


def _prepare(device: str) -> None:
    """Prepare a process: processes side by side need no threads inside."""
    import_module("torch").set_num_threads(1)
    devices.prepare(device)


class Drawn(NamedTuple):
    """All checks of a random network, with the seed that draws it again and its ops."""

    seed: int
    ops: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


@question
def validate_random_networks(count: int, seed: int) -> Iterator[Drawn]:
    """The outcomes of the checks on `count` random networks; each has its own seed, from `seed` on."""
    sample: Any = import_module("archcalc.validation.random_nets").sample
    for number, graph, outcomes in sample(count, seed):
        yield Drawn(number, tuple(repr(node.op) for node in graph.nodes), tuple(outcomes))


@question
def validation_conditions(device: str = "cpu") -> Conditions:
    """The conditions of validation on a device. Raises ArchcalcError unless PyTorch and the device are available."""
    return devices.conditions(device)


def entry(verdict: Verdict) -> dict[str, Any]:
    """The verdict on a network as plain data for a record."""
    outcomes = [outcome._asdict() for outcome in verdict.outcomes]
    return {"name": verdict.name, "agrees": verdict.agrees, "checks": outcomes}


def finished(network: Mapping[str, Any]) -> bool:
    """Return True if a network of a record need not be run again: no check failed, as for lack of memory."""
    return all(outcome["status"] != "failed" for outcome in network["checks"])
