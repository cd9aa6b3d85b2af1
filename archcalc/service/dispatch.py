"""From a request to its answer, however it has arrived: limits, cached and shared answers, the lane that computes.

The event loop that runs this computes nothing itself. The cost of a request is estimated from its bytes (`costs`); by
that it goes to the processes for small, for expensive or for long requests, or is refused before anything has begun.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, contextmanager
from typing import Any, NamedTuple

from google.rpc import code_pb2, status_pb2

from archcalc.service import faults
from archcalc.service.answering import Failed
from archcalc.service.calls import Call
from archcalc.service.costs import estimate
from archcalc.service.faults import Refused
from archcalc.service.flights import Flights, Kept, Parts
from archcalc.service.lanes import Lane, LaneLimits, Lanes
from archcalc.service.observe import Caller, Observer, log
from archcalc.service.processes import Mistake

QUICK_MILLISECONDS = 60.0
"""The most that a request of the quick lane may cost, on one core."""
HEAVY_MILLISECONDS = 20_000.0
"""The most that one of the heavy lane may cost; one that costs more is long."""
MOST_MILLISECONDS = 300_000.0
"""The most that a request may cost, but for calls that take long by their nature."""
SMALL_NETWORK, LARGE_NETWORK = 20_000, 100_000
"""The most nodes of a network in a request of the quick lane, and of the others."""
LARGE_REQUEST = 2**16
"""Bytes of a request beyond which it is read by a worker alone, so that its cost is not known."""
SPOOL = 2**22
"""Bytes of a stream that are computed ahead of its client."""
PATIENCE = 20.0
"""Seconds that a stream's process waits for a client that does not read."""


class Limits(NamedTuple):
    """The limits of the server's load."""

    concurrent: int = 256
    """Requests at once; more are refused with RESOURCE_EXHAUSTED."""
    workers: int = 3
    """Processes for heavy requests. One client has at most all but one of them."""
    waiting: int = 64
    """Requests that wait for a process, in each lane; more are refused."""
    seconds: float = 120
    """The time limit of a heavy request in seconds."""
    reading: float = 60
    """The time limit of reading a request, files of networks in it included, in seconds."""
    long_seconds: float = 3600
    """The time limit of a request that validates networks or makes many reports."""
    memory: int = 2 * 2**30
    """Bytes of memory that a heavy request may take."""
    request_bytes: int = 4 * 2**20
    """Bytes of a request: a file of a network has up to 4,000,000."""
    response_bytes: int = 64 * 2**20
    """Bytes of a response."""
    sending_bytes: int = 128 * 2**20
    """Bytes of responses that clients have not taken yet; one client has at most a quarter."""
    kept_bytes: int = 64 * 2**20
    """Bytes of memory for cached answers."""
    grace: float = 30
    """Seconds for calls to finish when the server stops."""
    drain: float = 0
    """Seconds that the server answers as before when it stops, while its health says that it is not serving."""

    def lanes(self) -> tuple[LaneLimits, ...]:
        """The limits of each lane."""
        small = min(self.memory, 2**29)
        return (
            LaneLimits(
                "quick", 2, 4 * self.waiting, min(self.seconds, 10), small, SMALL_NETWORK, reading=min(self.reading, 5)
            ),
            LaneLimits(
                "heavy",
                self.workers,
                self.waiting,
                self.seconds,
                self.memory,
                LARGE_NETWORK,
                5,
                min(1, self.workers - 1),
                self.reading,
            ),
            LaneLimits(
                "long",
                1,
                self.waiting,
                self.long_seconds,
                4 * self.memory,
                LARGE_NETWORK,
                10,
                reading=self.reading,
            ),
        )


class Dispatcher:
    """Answers requests of every kind, within limits."""

    def __init__(self, limits: Limits, observer: Observer) -> None:
        self.limits = limits
        self.observer = observer
        self.kept = Kept(limits.kept_bytes)
        self.flights = Flights(observer.joined)
        self.lanes = Lanes(limits.lanes(), observer)
        self.closed = False
        """True when new requests are refused."""
        self._clients: dict[str, int] = {}
        self._watch()

    async def start(self) -> None:
        """Start the first processes. Raises OSError."""
        await self.lanes.warm(quick=1, heavy=1)

    def stop(self) -> None:
        """End all processes."""
        self.lanes.close()

    async def answer(self, call: Call[..., Any], raw: bytes, caller: Caller) -> AsyncGenerator[bytes]:
        """The responses to a request. Raises Failed alone; the work ends when the generator is closed."""
        if call.answer.whole:
            for part in await self.whole(call, raw, caller):
                yield part
            return
        with self._accounted(call, caller):
            async with aclosing(self._stream(call, raw, caller)) as parts:
                async for part in parts:
                    yield part

    async def whole(self, call: Call[..., Any], raw: bytes, caller: Caller) -> Parts:
        """All responses to a request together, of a call whose responses are one result. Raises Failed alone."""
        with self._accounted(call, caller):
            key = call.method, raw
            answer = self.kept.get(key)
            self.observer.looked_up(kept=answer is not None)
            if answer is None:
                async with asyncio.timeout(caller.remaining):
                    answer = await self.flights.answer(key, lambda: self._compute(call, raw, caller))
            return answer

    @contextmanager
    def _accounted(self, call: Call[..., Any], caller: Caller) -> Generator[None]:
        """Admit a request, count, time and log it. Raises Failed for whatever goes wrong in this block."""
        kind = "server_stream" if call.streams else "unary"
        began = self.observer.begin(call.method, kind)
        code, message = "CANCELLED", ""
        self._clients[caller.client] = self._clients.get(caller.client, 0) + 1
        try:
            self._check_limits(caller)
            yield
            code = "OK"
        except Exception as error:  # noqa: BLE001
            status = self._status(call, error, caller)
            code, message = faults.CODES[status.code].name, status.message
            error.__traceback__ = error.__context__ = None  # whose frames keep the request until garbage is collected
            raise Failed(status) from None
        finally:
            self._leave(caller)
            self.observer.end(call.method, kind, code, began, caller, message)

    # --- Admission.

    def _check_limits(self, caller: Caller) -> None:
        """Raise Failed if there are too many requests, of this client or at all."""
        limits = self.limits
        if self.closed:
            raise self._refuse("shutting_down", code_pb2.UNAVAILABLE, "the server is shutting down")
        if self._clients[caller.client] > max(1, limits.concurrent // 2) and limits.concurrent > 1:
            text = f"this client has {self._clients[caller.client] - 1} requests in progress: wait for some to end"
            raise self._refuse("client_budget", code_pb2.RESOURCE_EXHAUSTED, text)
        if self.observer.active > limits.concurrent:
            text = f"{limits.concurrent} requests are in progress: try again later"
            raise self._refuse("concurrency", code_pb2.RESOURCE_EXHAUSTED, text)

    def _leave(self, caller: Caller) -> None:
        self._clients[caller.client] -= 1
        if not self._clients[caller.client]:
            del self._clients[caller.client]

    def _refuse(self, reason: str, code: int, text: str) -> Failed:
        self.observer.refused(reason)
        return Failed(faults.status(code, text, faults.retry_after(1)))

    def _lane(self, call: Call[..., Any], raw: bytes) -> Lane:
        """The lane of a request, by its cost. Raises Failed if it costs too much or cannot be read."""
        lanes, milliseconds = self.lanes.by_name, None
        if len(raw) <= LARGE_REQUEST:
            try:
                found = estimate(call, call.read(raw))
            except Refused as error:
                raise Failed(faults.of_refusal(error)) from None
            milliseconds = found.milliseconds
            most = 1000 * self.limits.long_seconds
            most = most if call.cost.long else min(most, MOST_MILLISECONDS)
            if milliseconds is not None and milliseconds > most:
                self.observer.refused("too_costly", method=call.method)
                raise Failed(faults.too_costly(milliseconds / 1000, most / 1000, found.reason))
        if milliseconds is None:
            return lanes["heavy"]
        return lanes[
            "quick" if milliseconds <= QUICK_MILLISECONDS else "heavy" if milliseconds <= HEAVY_MILLISECONDS else "long"
        ]

    # --- Answers.

    async def _compute(self, call: Call[..., Any], raw: bytes, caller: Caller) -> Parts:
        parts: list[bytes] = []
        size = 0
        async with aclosing(self._lane(call, raw).answer(call.method, raw, caller.client)) as responses:
            async for part in responses:
                parts.append(part)
                size += len(part)
                if size > self.limits.response_bytes:
                    text = f"the answer has more than {self.limits.response_bytes:,} bytes, the limit of this server"
                    raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text))
        answer = tuple(parts)
        if call.kept:
            self.kept.put((call.method, raw), answer)
        return answer

    async def _stream(self, call: Call[..., Any], raw: bytes, caller: Caller) -> AsyncGenerator[bytes]:
        now = asyncio.get_running_loop().time()
        deadline = None if caller.remaining is None else now + caller.remaining
        lane = self._lane(call, raw)
        if not call.answer.turns:
            async with aclosing(self._spooled(lane.answer(call.method, raw, caller.client), deadline)) as parts:
                async for part in parts:
                    yield part
            return
        until = now + self.limits.long_seconds
        request, read = call.read(raw), call.reader()
        again = False
        while True:
            asked = request.SerializeToString() if again else raw
            async with (
                asyncio.timeout_at(deadline),
                aclosing(lane.answer(call.method, asked, caller.client, again=again)) as responses,
            ):
                found = [part async for part in responses]
            for part in found[again:]:  # without another header
                yield part
            if not call.answer.turn(request, [read(part) for part in found]):
                return
            if asyncio.get_running_loop().time() >= until:
                text = f"this server allows {self.limits.long_seconds:g} seconds for a call"
                raise Failed(faults.status(code_pb2.DEADLINE_EXCEEDED, text))
            again = True

    async def _spooled(self, parts: AsyncGenerator[bytes], deadline: float | None) -> AsyncGenerator[bytes]:
        """The parts of a stream, computed a little ahead of its client. Raises Failed if that reads too slowly.

        `deadline` is a time of the event loop, at which it raises TimeoutError.
        """
        spool: deque[bytes] = deque()
        size, ended = 0, False
        more, room = asyncio.Event(), asyncio.Event()

        async def fill() -> None:
            nonlocal size, ended
            try:
                async with aclosing(parts):
                    async for part in parts:
                        spool.append(part)
                        size += len(part)
                        more.set()
                        if size > SPOOL:
                            room.clear()
                            async with asyncio.timeout(PATIENCE):
                                await room.wait()
            except TimeoutError:
                text = f"the client has read nothing for {PATIENCE:g} seconds"
                raise self._refuse("slow_reader", code_pb2.RESOURCE_EXHAUSTED, text) from None
            finally:
                ended = True
                more.set()

        filling = asyncio.create_task(fill())
        try:
            while spool or not ended:
                if not spool:
                    more.clear()
                    async with asyncio.timeout_at(deadline):
                        await more.wait()
                    continue
                part = spool.popleft()
                size -= len(part)
                if size <= SPOOL:
                    room.set()
                yield part
            await filling
        finally:
            filling.cancel()
            await asyncio.wait([filling])

    def _status(self, call: Call[..., Any], error: Exception, caller: Caller) -> status_pb2.Status:
        if isinstance(error, Failed):
            return error.status
        if isinstance(error, Refused):
            return faults.of_refusal(error)
        if isinstance(error, TimeoutError):
            return faults.status(code_pb2.DEADLINE_EXCEEDED, "the deadline of the request is over")
        shown = str(error) if isinstance(error, Mistake) else "".join(traceback.format_exception(error))
        log(logging.ERROR, "mistake", method=call.method, request_id=caller.request_id, traceback=shown)
        return faults.status(code_pb2.INTERNAL, "an error in archcalc; the server's log has the details")

    def _watch(self) -> None:
        """Add the metrics that are computed when they are read."""
        watch = self.observer.watch
        watch("archcalc_requests_in_progress", "Requests in progress.", lambda: self.observer.active)
        watch("archcalc_cache_bytes", "Memory of cached answers.", lambda: self.kept.size)
        watch("archcalc_load", "Requests in progress and waiting over processes.", lambda: self.lanes.load)
        for name, lane in self.lanes.by_name.items():
            for what, text, value in (
                ("processes", "Worker processes.", lambda lane=lane: lane.processes),
                ("busy_processes", "Worker processes with a request.", lambda lane=lane: lane.busy),
                ("waiting_requests", "Requests that wait for a process.", lambda lane=lane: lane.waiting),
            ):
                watch(f"archcalc_lane_{what}", text, value, lane=name)
