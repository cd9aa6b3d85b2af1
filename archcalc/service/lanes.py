"""Lanes: worker processes for requests of about the same cost, and the requests that wait for them.

Requests of a small cost never wait for expensive ones, as these have other processes. A request whose client has gone,
or that takes too long, ends with its process, which is killed and replaced: so the work stops at once, also in PyTorch
or Graphviz, and its memory is freed. Among the waiting requests the next is of the client that has the fewest in
progress, and those of one client are taken in their order; so a client with many requests delays its own.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from google.rpc import code_pb2

from archcalc.service import faults
from archcalc.service.answering import Failed
from archcalc.service.observe import Observer, log
from archcalc.service.processes import Died, Mistake, Process, Template, TooLongToRead

REQUESTS_OF_A_PROCESS = 500
"""The number of requests after which a process is replaced, to free memory that libraries hold."""


class LaneLimits(NamedTuple):
    """The limits of a lane."""

    name: str
    processes: int
    waiting: int
    """Requests that wait for a process; more are refused."""
    seconds: float
    """The time limit of a request."""
    memory: int
    """Bytes of memory that a request may take."""
    nodes: int
    """The most nodes of a network."""
    niceness: int = 0
    reserved: int = 0
    """Processes that are kept for other clients than the one that has all others."""
    reading: float = 60
    """Seconds to read a request, files of networks in it included."""


def _ended() -> Failed:
    return Failed(faults.status(code_pb2.UNAVAILABLE, "the server is shutting down", faults.retry_after(1)))


class Lane:
    """Worker processes with the same limits."""

    def __init__(
        self,
        limits: LaneLimits,
        start: Callable[[LaneLimits], Awaitable[Process]],
        forget: Callable[[Process], None],
        observer: Observer,
    ) -> None:
        """`start` starts a process, or raises OSError; `forget` is told of the end of one whose template has died."""
        self.limits = limits
        self.busy = self.waiting = self.turns = 0
        self._start, self._forget, self._observer = start, forget, observer
        self._idle: list[Process] = []
        self._held: Counter[str] = Counter()
        """Processes in use by client."""
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._closed = False

    async def warm(self, count: int) -> None:
        """Start processes, so that no request has to wait for them."""
        for _ in range(min(count, self.limits.processes)):
            process = await self._start(self.limits)
            if self._closed:
                process.kill()
            else:
                self._idle.append(process)

    @property
    def load(self) -> float:
        """Requests in progress and waiting, over the number of processes."""
        return (self.busy + self.waiting) / self.limits.processes

    @property
    def processes(self) -> int:
        """Processes that there are now."""
        return self.busy + sum([not process.ended for process in self._idle])

    async def answer(self, method: str, raw: bytes, client: str, *, again: bool = False) -> AsyncGenerator[bytes]:
        """The responses to a request of a client. Raises Failed, and Mistake for a bug of archcalc.

        `again`: it goes on with a request that had a process before; it waits for one however many others do.
        """
        limits = self.limits
        async with self._turn(client, again=again):
            for last in (False, True):
                # The other idle processes may have died at the same time, unnoticed too.
                process = (None if last else self._take()) or await self._started()
                until = asyncio.get_running_loop().time() + limits.seconds
                parts = process.answer(method, raw, until, limits.reading, limits.memory, limits.nodes)
                why = "cancelled"
                try:
                    async for part in parts:
                        yield part
                    why = ""
                except (Failed, Mistake):
                    why = ""
                    raise
                except Died as death:
                    why = "died"
                    if death.begun or last:
                        text = "the process of this request died, probably for lack of memory"
                        raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text)) from None
                    continue  # it had died before it saw the request
                except TooLongToRead:
                    why = "time"
                    text = f"this server allows {limits.reading:g} seconds to read a request"
                    raise Failed(faults.status(code_pb2.DEADLINE_EXCEEDED, text)) from None
                except TimeoutError:
                    why = "time"
                    text = f"this server allows {limits.seconds:g} seconds for this request"
                    raise Failed(faults.status(code_pb2.DEADLINE_EXCEEDED, text)) from None
                finally:
                    self._give_back(process, why)
                    await parts.aclose()
                return

    def close(self) -> None:
        """Kill all idle processes; those in use end with their requests."""
        self._closed = True
        for process in self._idle:
            process.kill()
        self._idle.clear()
        for queue in self._queues.values():
            for future in queue:
                if not future.done():
                    future.set_exception(_ended())

    # --- Turns.

    @asynccontextmanager
    async def _turn(self, client: str, *, again: bool) -> AsyncGenerator[None]:
        """Wait for a turn. Raises Failed if too many wait."""
        if self._closed:
            raise _ended()
        if self._may(client):  # then no other request waits for this process: `_wake` would have given it
            self._begin(client)
            self._observer.waited(self.limits.name, 0)
        else:
            await self._wait(client, again=again)
        try:
            yield
        finally:
            self._end(client)

    async def _wait(self, client: str, *, again: bool) -> None:
        limits = self.limits
        queue = self._queues.setdefault(client, deque())
        share = max(1, limits.waiting // 2)
        if not again and (self.waiting >= limits.waiting or len(queue) >= share):
            if not queue:
                del self._queues[client]
            full = self.waiting >= limits.waiting
            waiting = f"{self.waiting}" if full else f"{len(queue)} of this client"
            text = f"{self.busy} requests of this kind are in progress and {waiting} wait: try again later"
            self._observer.refused("queue_full" if full else "client_budget")
            raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text, faults.retry_after(1)))
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(future)
        self.waiting += 1
        began = time.perf_counter()
        try:
            await future
        except BaseException:
            if future in queue:
                queue.remove(future)
                self.waiting -= 1
                if not queue:
                    del self._queues[client]
            elif not future.cancelled() and future.exception() is None:
                self._end(client)  # its turn came at the moment at which it was cancelled
            raise
        self._observer.waited(limits.name, time.perf_counter() - began)

    def _may(self, client: str) -> bool:
        """Return True if a client may have another process now."""
        most = self.limits.processes - (self.limits.reserved if self._held[client] else 0)
        return self.busy < self.limits.processes and self._held[client] < max(1, most)

    def _begin(self, client: str) -> None:
        self.busy += 1
        self.turns += 1
        self._held[client] += 1

    def _end(self, client: str) -> None:
        self.busy -= 1
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]
        self._wake()

    def _wake(self) -> None:
        """Give free processes to waiting requests."""
        while self.busy < self.limits.processes:
            waiting = [client for client in self._queues if self._may(client)]
            if not waiting:
                return
            client = min(waiting, key=lambda each: self._held[each])
            queue = self._queues[client]
            future = queue.popleft()
            self.waiting -= 1
            if queue:
                self._queues.move_to_end(client)
            else:
                del self._queues[client]
            if not future.done():  # it may have been cancelled, and its task not have noticed yet
                self._begin(client)
                future.set_result(None)

    # --- Processes.

    def _take(self) -> Process | None:
        while self._idle:
            process = self._idle.pop()
            if process.usable:
                return process
            if not process.gone:
                process.kill()
            if process.orphaned:
                self._forget(process)
        return None

    async def _started(self) -> Process:
        try:
            return await self._start(self.limits)
        except OSError as error:
            text = f"no process can be started: {error.strerror}"
            raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text)) from error

    def retire_orphans(self) -> None:
        """End the idle processes whose template has died."""
        idle, self._idle = self._idle, []
        for process in idle:
            if not process.gone:
                self._give_back(process, "retired" if process.orphaned else "")

    def _give_back(self, process: Process, why: str) -> None:
        """Keep a process for the next request, or end it; `why` it must end, empty if it need not."""
        if not why and process.gone:  # it has died since its last response
            process.ended, why = True, "died"
        if not why and (process.orphaned or process.requests >= REQUESTS_OF_A_PROCESS):
            why = "retired"
        if why and why != "died":  # which is told by the template, with the exit status
            self._observer.worker_ended(self.limits.name, why)
            level = logging.DEBUG if why == "retired" else logging.INFO
            log(level, "worker ended", lane=self.limits.name, pid=process.pid, reason=why)
        if why or self._closed:
            process.kill()
            if process.orphaned:
                self._forget(process)
        else:
            process.clean()
            self._idle.append(process)


class _Folder:
    """A new folder for temporary files; it is locked, so that systemd-tmpfiles does not remove it when it is old."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="archcalc-"))
        self._lock = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def close(self) -> None:
        os.close(self._lock)
        shutil.rmtree(self.path, ignore_errors=True)


class Lanes:
    """All lanes, and the template of their processes."""

    def __init__(self, limits: Sequence[LaneLimits], observer: Observer) -> None:
        self._observer = observer
        self._template = Template(self._ended, self._lost)
        self._folders = _Folder()
        self._processes: dict[int, tuple[str, Process]] = {}
        self._closed = False
        self.by_name = {each.name: Lane(each, self._start, self._forget, observer) for each in limits}

    async def warm(self, **counts: int) -> None:
        """Start processes: so many of each lane. Raises OSError."""
        for name, count in counts.items():
            await self.by_name[name].warm(count)

    @property
    def busy(self) -> int:
        """Processes with a request."""
        return sum([lane.busy for lane in self.by_name.values()])

    @property
    def waiting(self) -> int:
        """Requests that wait for a process."""
        return sum([lane.waiting for lane in self.by_name.values()])

    @property
    def load(self) -> float:
        """The largest load of the lanes; above 1 requests wait."""
        return max([lane.load for lane in self.by_name.values()])

    async def _start(self, limits: LaneLimits) -> Process:
        if not self._folders.path.is_dir():  # somebody has removed it
            self._folders.close()
            self._folders = _Folder()
        process = await Process.start(self._template, limits.niceness, self._folders.path)
        self._processes[process.pid] = limits.name, process
        if self._closed:
            process.kill()
            raise OSError(0, "the server is shutting down")
        self._observer.worker_started(limits.name)
        return process

    def _ended(self, pid: int, status: int) -> None:
        """Note that a process has ended; that the server did not end itself is an incident."""
        name, process = self._processes.pop(pid, ("", None))
        if process is None:
            return
        if not process.killed:
            process.ended = True
            self._died(name, pid, exit_code=os.waitstatus_to_exitcode(status))
        process.remove_folder()

    def _died(self, name: str, pid: int, **said: int) -> None:
        self._observer.worker_ended(name, "crashed")
        log(logging.WARNING, "worker died", lane=name, pid=pid, **said)

    def _lost(self, template: int) -> None:
        """Note that a template has ended; its workers finish their requests and are replaced."""
        if self._closed:
            return
        log(logging.ERROR, "template process died")
        for process in [each for _, each in self._processes.values() if each.template == template]:
            process.orphaned = True
            if process.gone:
                self._forget(process)
        for lane in self.by_name.values():
            lane.retire_orphans()

    def _forget(self, process: Process) -> None:
        """Note that an orphan has ended, which no template tells."""
        name, known = self._processes.pop(process.pid, ("", None))
        if known is not None:
            if not process.killed:
                self._died(name, process.pid)
            process.remove_folder()

    def close(self) -> None:
        """End all processes."""
        self._closed = True
        for lane in self.by_name.values():
            lane.close()
        for _, process in self._processes.values():
            process.kill()
        self._template.close()
        self._folders.close()
