"""Servers over HTTP for tests, in a loop of their own thread, over a core that answers in threads or as it is told."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

from patience import HANGS

from archcalc.service.answering import answers
from archcalc.service.calls import Call
from archcalc.service.web.connections import WebServer
from archcalc.service.web.core import Caller, WebLimits
from archcalc.service.web.messages import Conversions

SERVICE = "/archcalc.v1.ArchcalcService"


class Direct:
    """A core that answers in a thread, without limits; `callers` are those who have asked."""

    def __init__(self) -> None:
        self.callers: list[Caller] = []

    async def answer(self, call: Call[..., Any], raw: bytes, caller: Caller) -> AsyncGenerator[bytes]:
        self.callers.append(caller)
        found, end = answers(call, raw), object()
        while (part := await asyncio.to_thread(next, found, end)) is not end:
            yield part  # type: ignore[misc]


class Told:
    """A core that answers what a function says."""

    def __init__(self, says: Callable[..., AsyncGenerator[bytes]]) -> None:
        self.answer = says


class Running(NamedTuple):
    server: WebServer
    loop: asyncio.AbstractEventLoop
    port: int
    refused: list[str]

    def do(self, coroutine: Any) -> Any:
        """The result of a coroutine in the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(HANGS)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """The response to a request; `_` in names of headers stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANGS)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, given)
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def post(
        self, call: str, body: bytes | str | dict[str, Any], kind: str = "application/json", **headers: str
    ) -> Reply:
        given = (
            json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
        )
        return self.ask("POST", f"{SERVICE}/{call}", given, content_type=kind, **headers)


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def web(core: Any = None, limits: WebLimits | None = None, grace: float = 1, **options: Any) -> Iterator[Running]:
    """A server on a free port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    refused: list[str] = []
    with ThreadPoolExecutor(1) as pool:  # the process for conversions has a test of its own
        options.setdefault("conversions", Conversions(pool))
        server = WebServer(core or Direct(), limits=limits, refused=refused.append, **options)
        try:
            asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), loop).result(HANGS)
            yield Running(server, loop, server.port, refused)
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(grace), loop).result(HANGS)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(HANGS)
            loop.close()
