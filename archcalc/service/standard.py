"""The standard services of gRPC beside archcalc's own: health and reflection, bounded as all else.

They share neither threads nor processes with requests, so that health is answered whatever the server computes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import code_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2
from grpc_reflection.v1alpha._async import ReflectionServicer

from archcalc.service import faults
from archcalc.service.access import client_of
from archcalc.service.answering import Failed
from archcalc.service.arrivals import Arrivals
from archcalc.service.calls import SERVICE
from archcalc.service.observe import Observer

_grpc: Any = grpc
_kinds: Any = health_pb2.HealthCheckResponse
HEALTH = "grpc.health.v1.Health"
NAMES = ("", SERVICE.full_name)
"""The services of which the health can be asked; the empty name is for the server."""
MOST_STREAMS, IDLE_SECONDS = 256, 60.0
"""Streams of health and of reflection at once, of each kind, and the seconds after which an idle reflection ends."""


class Streams:
    """The number of open streams."""

    def __init__(self, kind: str, observer: Observer) -> None:
        self._kind, self._observer = kind, observer
        self._clients: Counter[str] = Counter()

    @asynccontextmanager
    async def one(self, client: str) -> AsyncGenerator[None]:
        """Count a stream of a client. Raises Failed if there are too many; a client has at most a quarter."""
        if self._clients.total() >= MOST_STREAMS or self._clients[client] >= MOST_STREAMS // 4:
            self._observer.refused("streams", kind=self._kind, client=client)
            text = f"too many streams of {self._kind} are open: try again later"
            raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text, faults.retry_after(1)))
        self._clients[client] += 1
        try:
            yield
        finally:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]


class HealthService:
    """The health of the server and of its service, which are the same."""

    def __init__(self, arrivals: Arrivals, observer: Observer) -> None:
        self._arrivals = arrivals
        self._streams = Streams("health", observer)
        self._serving = False
        self._changed = asyncio.Event()

    @property
    def serving(self) -> bool:
        """True while requests are welcome."""
        return self._serving

    @serving.setter
    def serving(self, value: bool) -> None:
        self._serving = value
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def handler(self) -> Any:
        """The service's handler."""
        methods = {
            "Check": _grpc.stream_unary_rpc_method_handler(self._check),
            "Watch": _grpc.stream_stream_rpc_method_handler(self._watch),
        }
        return _grpc.method_handlers_generic_handler(HEALTH, methods)

    async def _check(self, _: Any, context: Any) -> bytes:
        try:
            name = await self._asked(context)
        except Failed as failed:
            await _abort(context, failed)
            raise
        if name not in NAMES:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"there is no service {name[:100]!r}")
        return self._status()

    async def _watch(self, _: Any, context: Any) -> None:
        try:
            name = await self._asked(context)
            async with self._streams.one(client_of(context.peer())):
                while True:
                    changed = self._changed
                    unknown = _kinds(status=_kinds.SERVICE_UNKNOWN).SerializeToString()
                    await context.write(self._status() if name in NAMES else unknown)
                    await changed.wait()
        except Failed as failed:
            await _abort(context, failed)

    async def _asked(self, context: Any) -> str:
        raw = await self._arrivals.read(context, client_of(context.peer()))
        try:
            return health_pb2.HealthCheckRequest.FromString(raw).service
        except DecodeError:
            text = "the bytes are no HealthCheckRequest"
            raise Failed(faults.status(code_pb2.INVALID_ARGUMENT, text)) from None

    def _status(self) -> bytes:
        return _kinds(status=_kinds.SERVING if self._serving else _kinds.NOT_SERVING).SerializeToString()


class ReflectionService:
    """The description of the API; a stream of it that asks nothing for a minute ends."""

    def __init__(self, arrivals: Arrivals, observer: Observer) -> None:
        self._arrivals = arrivals
        self._streams = Streams("reflection", observer)
        self._servicer: Any = ReflectionServicer((SERVICE.full_name, HEALTH, reflection.SERVICE_NAME))

    async def answer(self, context: Any, client: str) -> None:
        """Answer a stream of a client. Raises Failed."""
        first = await self._arrivals.read(context, client)
        async with self._streams.one(client):
            async for response in self._servicer.ServerReflectionInfo(_requests(context, first), context):
                await context.write(response.SerializeToString())


async def _requests(context: Any, first: bytes) -> AsyncIterator[Any]:
    raw: Any = first
    while isinstance(raw, bytes):
        try:
            yield reflection_pb2.ServerReflectionRequest.FromString(raw)
        except DecodeError:
            text = "the bytes are no ServerReflectionRequest"
            raise Failed(faults.status(code_pb2.INVALID_ARGUMENT, text)) from None
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                raw = await context.read()
        except TimeoutError:
            return


async def _abort(context: Any, failed: Failed) -> None:
    await context.abort(faults.CODES[failed.status.code], failed.status.message)
