"""Requests that are on their way: calls whose headers have come and whose request has not."""

from __future__ import annotations

import asyncio
from typing import Any

from google.rpc import code_pb2

from archcalc.service import faults
from archcalc.service.answering import Failed
from archcalc.service.observe import Observer

ARRIVAL_SECONDS = 10.0
"""The time in which a request must arrive after the headers of its call."""
MOST, MOST_OF_CLIENT = 2048, 512
"""Calls that wait for their request: beyond the first number the oldest is ended, beyond the second one is refused."""


class Arrivals:
    """Reads requests; those that do not arrive in time end, so that an open call is not kept for nothing."""

    def __init__(self, observer: Observer) -> None:
        """In a running event loop."""
        self._observer = observer
        self._waiting: dict[asyncio.Task[Any], float] = {}
        """The task of each call that waits, and since when; the oldest is the first."""
        self._clients: dict[str, int] = {}
        self._loop = asyncio.get_running_loop()
        self._late: set[asyncio.Task[Any]] = set()

    async def read(self, context: Any, client: str, request_id: str = "") -> bytes:
        """The request of a call, in its task. Raises Failed."""
        clients = self._clients
        others = clients.get(client, 0)
        if others >= MOST_OF_CLIENT:
            self._observer.refused("not_received", client=client, request_id=request_id)
            text = f"{MOST_OF_CLIENT} calls of this client wait for their requests"
            raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text, faults.retry_after(1)))
        if len(self._waiting) >= MOST:
            self._end(next(iter(self._waiting)))
        task: Any = asyncio.current_task()
        self._waiting[task] = self._loop.time()
        clients[client] = others + 1
        try:
            raw = await context.read()
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            self._late.discard(task)
            self._observer.refused("not_received", client=client, request_id=request_id)
            text = f"the request has not arrived within {ARRIVAL_SECONDS:g} seconds"
            raise Failed(faults.status(code_pb2.DEADLINE_EXCEEDED, text)) from None
        finally:
            self._waiting.pop(task, None)
            clients[client] -= 1
            if not clients[client]:
                del clients[client]
        if not isinstance(raw, bytes):
            raise Failed(faults.status(code_pb2.INVALID_ARGUMENT, "the call has no request"))
        return raw

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._waiting.pop(task, None)
        self._late.add(task)
        task.cancel()

    async def sweep(self) -> None:
        """End calls whose requests do not arrive, once a second, until cancelled."""
        while True:
            await asyncio.sleep(1)
            late = self._loop.time() - ARRIVAL_SECONDS
            for task in [each for each, began in self._waiting.items() if began < late]:
                self._end(task)
