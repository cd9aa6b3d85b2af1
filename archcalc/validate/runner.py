"""Running the checks: over networks, on a device, in several processes, with nothing lost when one of them dies."""

from __future__ import annotations

import datetime
import gc
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module, metadata
from multiprocessing import get_context
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.errors import ArchcalcError, MissingTool
from archcalc.questions import question
from archcalc.validate.outcome import Outcome

CHECKS = ("shapes", "parameters", "flops", "fvcore", "references", "field", "memory")
MODULES = {"fvcore": "fvcore_counts"}
LIBRARIES = ("torch", "fvcore", "torchvision", "timm", "pytorchcv")


class Verdict(NamedTuple):
    """All checks of one network."""

    name: str
    outcomes: tuple[Outcome, ...]

    @property
    def agrees(self) -> bool:
        """Whether no check differs or failed, and at least one was run."""
        ran = [outcome.status for outcome in self.outcomes if outcome.status != "not run"]
        return bool(ran) and all(status == "agrees" for status in ran)


def require(device: str) -> None:
    """Raise ArchcalcError unless PyTorch is installed and the device is there."""
    try:
        torch: Any = import_module("torch")
    except ModuleNotFoundError:
        raise MissingTool("validation runs PyTorch models: pip install 'archcalc[validate]'") from None
    if device not in ("cpu", "meta") and not (device == "cuda" or device.startswith("cuda:")):
        raise ArchcalcError(f"no device is called {device!r}; there are cpu, cuda and meta")
    if device.startswith("cuda"):
        if not torch.cuda.is_available():
            raise MissingTool(f"no CUDA device is here: torch {torch.__version__} finds none; use --device cpu or meta")
        if device != "cuda" and device not in [f"cuda:{i}" for i in range(torch.cuda.device_count())]:
            raise ArchcalcError(f"no device is called {device!r}; CUDA has {torch.cuda.device_count()} here")


def validate_one(name: str, device: str, checks: Sequence[str]) -> Verdict:
    """Run the checks on one network. What goes wrong in one of them is its outcome and does not stop the others."""
    subject: Any = import_module("archcalc.validate.subject").Subject(name, device)
    outcomes: list[Outcome] = []
    for check in checks:
        module: Any = import_module(f"archcalc.validate.{MODULES.get(check, check)}")
        try:
            outcomes.append(module.check(subject))
        except (RuntimeError, MemoryError, ArchcalcError) as error:  # out of memory among them
            reason = " ".join(str(error).split())[:300]
            outcomes.append(Outcome(check, "failed", subject.against, note=f"{type(error).__name__}: {reason}"))
            gc.collect()
    return Verdict(name, tuple(outcomes))


@question
def verdicts(
    names: Sequence[str], device: str = "cpu", checks: Sequence[str] = CHECKS, jobs: int = 1
) -> Iterator[Verdict]:
    """The verdicts of several networks as they are done, `jobs` at a time.

    Raises ArchcalcError, before any work, on a name or a device that there is not.
    """
    require(device)
    names = [zoo.architecture(name).name for name in names]
    return _in_processes(names, device, checks, jobs) if jobs > 1 else _here(names, device, checks)


def validate(
    names: Sequence[str],
    device: str = "cpu",
    checks: Sequence[str] = CHECKS,
    jobs: int = 1,
    advance: Callable[[Verdict], None] = lambda _: None,
) -> list[Verdict]:
    """The verdicts of several networks, in the order of `names`; `advance` is called with each that is done."""
    done: dict[str, Verdict] = {}
    for verdict in verdicts(names, device, checks, jobs):
        done[verdict.name] = verdict
        advance(verdict)
    return [done[name] for name in names]


def _here(names: Sequence[str], device: str, checks: Sequence[str]) -> Iterator[Verdict]:
    for name in names:
        yield validate_one(name, device, checks)


def _in_processes(names: Sequence[str], device: str, checks: Sequence[str], jobs: int) -> Iterator[Verdict]:
    """`jobs` at a time, each in a process of its own kind; a network whose process died is run again, alone."""
    waiting = iter(names)
    orphans: list[str] = []
    running: dict[Future[Verdict], tuple[str, ProcessPoolExecutor]] = {}

    def start(pool: ProcessPoolExecutor | None) -> None:
        name = next(waiting, None)
        if name is None:
            if pool is not None:
                pool.shutdown()
            return
        pool = pool or _process()
        running[pool.submit(validate_one, name, device, checks)] = (name, pool)

    for _ in range(jobs):
        start(None)
    while running:
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            name, pool = running.pop(future)
            try:
                yield future.result()
                start(pool)
            except BrokenProcessPool:
                orphans.append(name)
                start(None)
    for name in orphans:
        with _process() as pool:
            try:
                yield pool.submit(validate_one, name, device, checks).result()
            except BrokenProcessPool:
                died = Outcome("process", "failed", device, note="the process died, probably for lack of memory")
                yield Verdict(name, (died,))


def _process() -> ProcessPoolExecutor:
    """A pool of one process, so that one that dies takes nothing with it; a new one now and then, with fresh memory."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_one_thread, max_tasks_per_child=10)


def _one_thread() -> None:
    """Processes side by side need no threads inside."""
    torch: Any = import_module("torch")
    torch.set_num_threads(1)


class Drawn(NamedTuple):
    """All checks of a network drawn at random: the seed that draws it again, and its ops."""

    seed: int
    ops: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


@question
def random_verdicts(count: int, seed: int) -> Iterator[Drawn]:
    """What the checks find of `count` random networks; each has a seed of its own, from `seed` on."""
    sample: Any = import_module("archcalc.validate.random_nets").sample
    for number, graph, outcomes in sample(count, seed):
        yield Drawn(number, tuple(repr(node.op) for node in graph.nodes), tuple(outcomes))


class Conditions(NamedTuple):
    """When, where and with what networks are validated."""

    date: str
    device: str
    python: str
    versions: Mapping[str, str]


@question
def conditions(device: str = "cpu") -> Conditions:
    """With what networks are validated on a device. Raises ArchcalcError unless PyTorch and the device are there."""
    require(device)
    device_name: Any = import_module("archcalc.validate.subject").device_name
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return Conditions(today, device_name(device), platform.python_version(), versions())


def record(verdicts: Sequence[Verdict], device: str) -> dict[str, Any]:
    """A machine-readable record: what ran, when, on what, and every figure."""
    return conditions(device)._asdict() | {
        "networks": [
            {
                "name": verdict.name,
                "agrees": verdict.agrees,
                "checks": [outcome._asdict() for outcome in verdict.outcomes],
            }
            for verdict in verdicts
        ],
    }


def versions() -> dict[str, str]:
    """Archcalc's and every library's version that is installed."""
    import archcalc

    found = {"archcalc": archcalc.__version__}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found
