"""Tasks in separate processes: one that dies does not affect others, and a deadline ends all.

Processes share the memory of a GPU or of the machine. A task starts once its estimated memory fits beside the running
tasks; a task that needs more than all of the memory runs alone.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import connection, get_context
from time import monotonic
from typing import Any, Generic, NamedTuple, TypeVar

from archcalc.base.cancellation import check_cancelled

R = TypeVar("R")
TASKS_OF_A_PROCESS = 10
"""The number of tasks after which a process is replaced, to free memory that libraries hold."""
GLANCE = 0.2
"""Seconds between two checks for cancellation."""


class Plan(NamedTuple, Generic[R]):
    """The settings of a run of tasks. The functions must be importable by another process."""

    work: Callable[[str], R]
    """The function that is called with each name."""
    need: Callable[[str], int]
    """The estimated bytes of the shared memory that a name needs; called in this process."""
    jobs: int = 1
    memory: int = 2**62
    """Bytes of the shared memory."""
    prepare: Callable[[], None] | None = None
    """A function that is called first in each process."""
    spoils: Callable[[R], bool] | None = None
    """A function that returns True if a result shows that the process should not be used again."""
    until: float = float("inf")
    """The deadline, in the time of time.monotonic()."""


def run(names: Sequence[str], plan: Plan[R]) -> Iterator[tuple[str, R | None]]:
    """The results in the order of completion; None for a task whose process died twice, the second time running alone.

    Names without a result by the deadline are left out. An exception of a task is raised here.
    """
    pool = _Pool(names, plan)
    try:
        while pool.unfinished():
            pool.start()
            if monotonic() >= plan.until:
                return
            for name, process in pool.answering(min(GLANCE, plan.until - monotonic())):
                try:
                    result = process.answer()
                except (EOFError, ConnectionError):
                    process.end()
                    if pool.again(name):
                        continue
                    result = None
                else:
                    pool.keep(process, result)
                yield name, result
            check_cancelled()
    finally:
        pool.close()


class _Pool(Generic[R]):
    """Waiting tasks, running tasks, and the processes."""

    def __init__(self, names: Sequence[str], plan: Plan[R]) -> None:
        self.plan = plan
        self.waiting = list(names)
        self.alone: list[str] = []
        """Names whose process died: they run again when no other task is left."""
        self.died: set[str] = set()
        self.running: dict[Any, tuple[_Process[R], str]] = {}
        self.idle: list[_Process[R]] = []
        self.needs: dict[str, int] = {}

    def unfinished(self) -> bool:
        return bool(self.waiting or self.alone or self.running)

    def start(self) -> None:
        """Start names in order, as many as may run at once and fit into the memory."""
        while len(self.running) < self.plan.jobs and (name := next(filter(self._fits, self.waiting), None)):
            self.waiting.remove(name)
            self._start(name)
        if self.alone and not self.waiting and not self.running:
            self._start(self.alone.pop(0))

    def answering(self, seconds: float) -> Iterator[tuple[str, _Process[R]]]:
        """The processes that have answered or died within some seconds."""
        for pipe in connection.wait(list(self.running), seconds):
            process, name = self.running.pop(pipe)
            yield name, process

    def again(self, name: str) -> bool:
        """Queue a name again whose process died, unless that was the second time; return True if queued."""
        if name in self.died:
            return False
        self.died.add(name)
        self.alone.append(name)
        return True

    def keep(self, process: _Process[R], result: R) -> None:
        """Keep a process for the next name, or end it."""
        spoilt = self.plan.spoils is not None and self.plan.spoils(result)
        if spoilt or process.tasks >= TASKS_OF_A_PROCESS:
            process.end()
        else:
            self.idle.append(process)

    def close(self) -> None:
        left = [*self.idle, *[process for process, _ in self.running.values()]]
        for process in left:
            process.kill()
        for process in left:  # which takes a while if a GPU's memory is freed
            process.end()

    def _fits(self, name: str) -> bool:
        if name not in self.needs:
            self.needs[name] = self.plan.need(name)
        taken = sum(self.needs[other] for _, other in self.running.values())
        return not self.running or taken + self.needs[name] <= self.plan.memory

    def _start(self, name: str) -> None:
        process = self.idle.pop() if self.idle else _Process(self.plan)
        process.ask(name)
        self.running[process.pipe] = (process, name)


class _Process(Generic[R]):
    """One process and the pipe to it."""

    def __init__(self, plan: Plan[R]) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.tasks = 0
        self._process = context.Process(target=_serve, args=(theirs, plan.work, plan.prepare), daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe ends with the process

    def ask(self, name: str) -> None:
        self.tasks += 1
        with suppress(OSError):  # it has died, as `answer` will report
            self.pipe.send(name)

    def answer(self) -> R:
        """The result of the task. Raises the task's exception, and EOFError if the process is gone."""
        failed, result = self.pipe.recv()
        if failed:
            raise result
        return result

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self.kill()
        self._process.join()
        self.pipe.close()


def _serve(pipe: Any, work: Callable[[str], Any], prepare: Callable[[], None] | None) -> None:
    """Run tasks in this process until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted, and ends this process
    if prepare is not None:
        prepare()
    while True:
        try:
            name = pipe.recv()
        except EOFError:
            return
        gc.collect()
        gc.freeze()  # objects of libraries stay, so that `gc.collect` in a task need not examine them
        try:
            result = (False, work(name))
        except Exception as error:  # noqa: BLE001 - raised in the parent
            result = (True, error)
        pipe.send(result)
