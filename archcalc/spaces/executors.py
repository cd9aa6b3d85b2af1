"""Stretches of a sweep on an executor: results in order, a bounded number in flight, and again where a worker was lost.

Any `concurrent.futures.Executor` will do. Without one the stretches are computed in this process, one after another.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import contextmanager
from typing import Any, final

from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.spaces.plans import SweepPlan
from archcalc.spaces.stretches import Stretch, computed, stretch_of

TRIES = 4
"""The number of times that a stretch is run before a sweep ends because its worker was lost."""
MEMORY = 2**28
"""Bytes of results in flight, about, at most."""
FIRST = 1024
"""Positions of the first stretch."""
CHUNK = 2**17
"""Positions of a stretch, at most."""
REACHED = 10.0
"""Seconds that a Dask scheduler has to answer."""
SECONDS = 1.0
"""The time that a stretch should take: long enough to be worth sending, short enough to be lost."""


class WorkersLost(ArchcalcError):
    """A stretch of a sweep ended its worker each time that it was run."""


@final
class Cutter:
    """Cuts positions into stretches, of a size that follows the time that earlier ones took.

    The rows of a sweep do not depend on where it is cut.
    """

    def __init__(self, start: int, stop: int | None, chunk: int = CHUNK, first: int = FIRST) -> None:
        self.start, self.stop, self.chunk = start, stop, chunk
        self.size = max(1, min(first, chunk))

    def next(self) -> tuple[int, int] | None:
        """The next stretch; None at the end."""
        start = self.start
        stop = start + self.size if self.stop is None else min(start + self.size, self.stop)
        if start >= stop:
            return None
        self.start = stop
        return start, stop

    def learn(self, stretch: Stretch) -> None:
        """Adjust the size to the time that a stretch took."""
        positions = stretch.stop - stretch.start
        wished = int(positions * SECONDS / max(stretch.seconds, 1e-6))
        self.size = max(1, min(wished, 4 * max(positions, self.size // 4), self.chunk))


@final
class Crew:
    """An executor, the number of its workers, and how to make another when it breaks."""

    def __init__(self, make: Callable[[], Executor], workers: int, *, renewable: bool) -> None:
        self.make, self.workers, self.renewable = make, workers, renewable
        self.executor = make()

    def submit(self, payload: bytes, start: int, stop: int) -> Future[Stretch]:
        """Begin a stretch."""
        return self.executor.submit(stretch_of, payload, start, stop)

    def renew(self) -> None:
        """Replace an executor that is broken, if it is our own."""
        if self.renewable:
            self.executor.shutdown(wait=False, cancel_futures=True)
            self.executor = self.make()


@final
class _Running:
    """A stretch in flight."""

    def __init__(self, start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        self.future: Future[Stretch] | None = None
        self.tries = 0


def in_order(plan: SweepPlan, cutter: Cutter, crew: Crew | None) -> Generator[Stretch]:
    """The rows of all stretches, in order.

    Raises ArchcalcError as computing does, and WorkersLost for a stretch that ends its worker each time.
    """
    if crew is None:
        while piece := cutter.next():
            check_cancelled()
            stretch = computed(plan, *piece)
            cutter.learn(stretch)
            yield stretch
    else:
        yield from _Flight(plan.payload, cutter, crew).results()


@final
class _Flight:
    """The stretches in flight, first to last."""

    def __init__(self, payload: bytes, cutter: Cutter, crew: Crew) -> None:
        self.payload, self.cutter, self.crew = payload, cutter, crew
        self.queue: deque[_Running] = deque()
        self.alone = 0
        """The position up to which stretches run one at a time, to find which of them ends its process."""
        self.largest = 0
        """Bytes of the largest result."""

    def results(self) -> Iterator[Stretch]:
        try:
            while self.fill():
                check_cancelled()
                stretch = self.first()
                if stretch is not None:
                    self.queue.popleft()
                    self.cutter.learn(stretch)
                    self.largest = max(self.largest, stretch.batch.nbytes)
                    yield stretch
        finally:
            for each in self.queue:
                if each.future is not None:
                    each.future.cancel()

    def room(self) -> int:
        """The number of stretches that may be in flight."""
        if self.queue and self.queue[0].start < self.alone:
            return 1
        most = max(self.crew.workers + 1, MEMORY // max(self.largest, 1))
        return min(2 * self.crew.workers + 2, most)

    def fill(self) -> bool:
        """Begin as many stretches as there is room for; False if none is left."""
        room = self.room()
        while len(self.queue) < room and (piece := self.cutter.next()) is not None:
            self.queue.append(_Running(*piece))
        for each in list(self.queue)[:room]:
            if each.future is None:
                try:
                    each.future = self.crew.submit(self.payload, each.start, each.stop)
                except BrokenExecutor as error:
                    self.lost(error)
                    break
        return bool(self.queue)

    def first(self) -> Stretch | None:
        """The result of the first stretch; None if it must run again."""
        future = self.queue[0].future
        if future is None:
            return None
        try:
            return future.result()
        except Exception as error:
            if not _is_loss(error):
                raise
            self.lost(error)
            return None

    def lost(self, error: BaseException) -> None:
        """Let the first stretch run again after its worker was lost, and others that were lost with it."""
        head = self.queue[0]
        broken = isinstance(error, BrokenExecutor)
        if not broken or head.start < self.alone or head.tries == 0:
            head.tries += 1
        if head.tries >= TRIES or (broken and not self.crew.renewable):
            raise WorkersLost(_told(head, error)) from error
        head.future = None
        if broken:
            self.crew.renew()
            self.alone = max(self.alone, self.queue[-1].stop)
            for each in self.queue:
                if each.future is not None and not _has_result(each.future):
                    each.future = None


def _has_result(future: Future[Stretch]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _is_loss(error: BaseException) -> bool:
    """Return True for an error that says that a worker is gone, not that a stretch cannot be computed."""
    if isinstance(error, (BrokenExecutor, CancelledError)):
        return True
    return any([each.__module__.partition(".")[0] == "distributed" for each in type(error).__mro__])


def _told(stretch: _Running, error: BaseException) -> str:
    times = "once" if stretch.tries == 1 else f"{stretch.tries} times"
    why = " ".join(str(error).split())[:200] or type(error).__name__
    return (
        f"positions {stretch.start:,} to {stretch.stop - 1:,} of the sweep were run {times}, and their worker was lost "
        f"each time ({why}); if memory was the reason, smaller chunks need less"
    )


# --- Executors.


@contextmanager
def crew_of(jobs: int = 1, dask: str = "", executor: Executor | None = None) -> Generator[Crew | None]:
    """The workers that are asked for: processes, those of a Dask scheduler, or an executor; None: this process.

    Raises ArchcalcError for more than one of them, and for a scheduler that cannot be reached.
    """
    asked = [jobs != 1, bool(dask), executor is not None]
    if sum(asked) > 1:
        raise ArchcalcError("jobs, dask and executor each say where a sweep runs; give one of them", "jobs")
    if type(jobs) is not int or jobs < 1:
        raise ArchcalcError(f"a sweep has at least 1 job, not {jobs}", "jobs")
    if dask:
        with _dask(dask) as crew:
            yield crew
    elif executor is not None:
        yield Crew(lambda: executor, _workers(executor), renewable=False)
    elif jobs > 1:
        crew = Crew(lambda: _processes(jobs), jobs, renewable=True)
        try:
            yield crew
        finally:
            crew.executor.shutdown(wait=False, cancel_futures=True)
    else:
        yield None


def _workers(executor: Any) -> int:
    """The number of workers of an executor."""
    client = getattr(executor, "_client", None)
    if client is not None:
        return max(1, sum(client.nthreads().values()))
    return getattr(executor, "_max_workers", None) or os.cpu_count() or 1


@contextmanager
def _dask(address: str) -> Generator[Crew]:
    distributed = need("distributed", "a sweep on Dask")
    try:
        client = distributed.Client(address, timeout=REACHED)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        raise ArchcalcError(f"no Dask scheduler is reached at {address}: {why}", "dask") from None
    with client:
        executor = client.get_executor(pure=False)
        yield Crew(lambda: executor, _workers(executor), renewable=False)


def _processes(jobs: int) -> Executor:
    """Processes of this machine, which end with this one, and leave Ctrl-C to it."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    executor = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin)
    with _without_interrupts():
        executor.submit(_nothing)  # starts the processes
    return executor


def _nothing() -> None:
    """Do nothing."""


@contextmanager
def _without_interrupts() -> Generator[None]:
    """Ignore Ctrl-C for a moment: a process that is started now does so until it ends."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin() -> None:
    """Begin a worker: it ignores Ctrl-C, and ends when the process that started it does."""
    import signal
    import threading
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def watch() -> None:
            wait([sentinel])
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()
