"""The server over HTTP: uvicorn's HTTP/1.1 in the running loop, with the limits of time and number that it lacks.

uvicorn has a limit for idle connections alone, and that after their first request. A watch looks at every connection
each second: whether one waits for the head of a request, for its body, or for a client that takes no response, and for
how long. HTTP/2 is left to a proxy and to the port of gRPC: in Python each of its frames would cost time of the loop
that serves all.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import traceback
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from archcalc.base.errors import ArchcalcError
from archcalc.service.guard import why
from archcalc.service.observe import log
from archcalc.service.web.core import Answering, Identify, WebLimits
from archcalc.service.web.edge import Edge
from archcalc.service.web.endpoints import Endpoints
from archcalc.service.web.messages import Conversions

WATCH = 1.0
"""Seconds between two looks at the connections."""
LATER = 1.5
"""The time for a request to arrive, in that which the app allows, after which its connection is closed."""
BUFFERED = 2**16
"""Bytes of a response that wait in memory for the client to take them."""
KERNEL_BUFFERED = 2**18
"""Bytes of it that wait in the kernel, which would take several megabytes."""
UNREAD = 2**20
"""Bytes of a request that are thrown away behind an early response; a client that sends more is cut off."""


class _Silent(logging.Logger):
    """uvicorn's log without what a stranger can cause."""

    def __init__(self) -> None:
        super().__init__("archcalc.service.web", logging.ERROR)

    def error(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log an exception; an incomplete response is none: its connection was closed on purpose."""
        if (error := kwargs.get("exc_info")) is not None:
            log(logging.ERROR, "mistake", where="http", traceback="".join(traceback.format_exception(error)))


class _Connection(H11Protocol):
    """One connection."""

    def __init__(self, server: WebServer) -> None:
        super().__init__(server.config, server.state, {"abort": self.abort})
        self._server = server
        self.logger = _SILENT
        self._early: list[bytes] = []
        self._unread = 0
        self._taken = 0
        self._last: Any = None
        self._since = self.loop.time()

    # --- asyncio's calls; those before connection_made are of a TLS handshake that has just ended.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if not self._server.admits(self):
            self.transport = transport
            transport.abort()
            return
        transport.set_write_buffer_limits(BUFFERED)
        with suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFERED)
        super().connection_made(transport)
        early, self._early = self._early, []
        for data in early:
            self.data_received(data)

    def data_received(self, data: bytes) -> None:
        if not self._made:
            self._early.append(data)
            return
        if self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY:
            self._unread += len(data)
            if self._unread > UNREAD:
                self.transport.abort()
                return
        else:
            self._unread = 0
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._made:
            super().connection_lost(exc)

    def resume_writing(self) -> None:
        self._taken += 1
        super().resume_writing()

    @property
    def _made(self) -> bool:
        return getattr(self, "flow", None) is not None

    def abort(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    # --- For the watch.

    @property
    def _cycle(self) -> RequestResponseCycle | None:
        """The last request and its response; None before the first."""
        return self.cycle

    @property
    def busy(self) -> bool:
        """True while a request is being answered."""
        return self._cycle is not None and not self._cycle.response_complete

    def waits(self) -> str:
        """What the connection waits for: a name of a limit of time, or `` if for the answer."""
        if self.transport.is_closing():
            return "writing"
        if self.flow.write_paused and not self.busy:
            return "writing"
        if self.conn.their_state is h11.SEND_BODY:
            return "receiving"
        if self.busy:
            return ""
        return "head" if self._cycle is None or self.conn.trailing_data[0] else "idle"

    def look(self, now: float) -> str:
        """The limit of time that is exceeded; empty if none is."""
        waits = self.waits()
        state = (waits, id(self.cycle), self._taken)
        if state != self._last:
            self._last, self._since = state, now
        if not waits:
            return ""
        limit: float = getattr(self._server.limits, waits)
        if waits == "receiving":
            limit *= LATER  # the app, which says what is wrong, is first
        return waits if now - self._since > limit else ""

    @property
    def quiet(self) -> tuple[bool, float] | None:
        """Whether something was ever asked, and since when nothing is; None while something is."""
        return None if self.busy or self.transport.is_closing() else (self._cycle is not None, self._since)


_SILENT = _Silent()


class _Handshake(asyncio.Protocol):
    """A connection that has not spoken TLS yet."""

    def __init__(self, server: WebServer, context: ssl.SSLContext) -> None:
        self._server, self._context = server, context

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.pause_reading()
        self._server.greet(self._secure(transport), transport)

    async def _secure(self, transport: asyncio.Transport) -> None:
        connection = _Connection(self._server)
        seconds = self._server.limits.handshake
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport,
                connection,
                self._context,
                server_side=True,
                ssl_handshake_timeout=seconds,
                ssl_shutdown_timeout=seconds,
            )
        except (OSError, ssl.SSLError) as error:
            peer = transport.get_extra_info("peername")
            transport.abort()
            self._server.handshake_failed(peer[0] if peer else "unix", error)
            return
        if secured is not None:
            connection.connection_made(secured)


class WebServer:
    """The service over HTTP on an address, in the running loop, from `start` to `stop`.

    >>> import asyncio
    >>> from urllib.request import urlopen
    >>> class Nobody:
    ...     def answer(self, call, raw, caller, /): ...
    >>> async def health():
    ...     server = WebServer(Nobody())
    ...     await server.start("127.0.0.1", 0)
    ...     try:
    ...         url = f"http://127.0.0.1:{server.port}/healthz"
    ...         return await asyncio.to_thread(lambda: urlopen(url).read())
    ...     finally:
    ...         await server.stop(1)
    >>> asyncio.run(health())
    b'serving\\n'
    """

    def __init__(
        self,
        core: Answering,
        *,
        identify: Identify = lambda _, peer: f"ip {peer}",
        limits: WebLimits | None = None,
        origins: Collection[str] = (),
        context: ssl.SSLContext | None = None,
        healthy: Callable[[], bool] = lambda: True,
        refused: Callable[[str], None] = lambda _: None,
        handshake_failed: Callable[[str, Exception], None] = lambda _, __: None,
        conversions: Conversions | None = None,
        wrap: Callable[[Any], Any] = lambda app: app,
    ) -> None:
        """`identify` tells clients apart, and turns strangers away. `origins`: see Edge. `context`: for TLS.

        `refused` is told why a client lost its connection: not_received, slow_reader, connections (there are too many).
        `handshake_failed` is told the IP address of a client without TLS, and the error. `conversions` convert JSON.
        `wrap` puts something around the ASGI app, as telemetry does.
        """
        self.limits = limits or WebLimits()
        self.context = context
        """The certificate, for the connections that follow: it can be changed while the server runs."""
        self.refused, self.handshake_failed = refused, handshake_failed
        self._endpoints = Endpoints(core, identify, self.limits, conversions)
        self.edge = Edge(self._endpoints, self.limits, origins=origins, healthy=healthy, refused=refused)
        app: Any = wrap(self.edge)
        self.config = Config(
            app,
            http=_Connection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # who asks is who connects: others' word is not taken for it
            timeout_keep_alive=round(self.limits.idle) + 1,  # the watch is first
            h11_max_incomplete_event_size=self.limits.head_bytes,
            reset_contextvars=True,
        )
        self.config.load()
        self.state = ServerState()
        self._listener: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None
        self._greetings: dict[asyncio.Task[None], asyncio.Transport] = {}

    async def start(self, host: str, port: int) -> None:
        """Listen on an address (port 0: any free port). Raises ArchcalcError if that is not possible."""
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(self._protocol, host, port, backlog=self.limits.connections)
        except OSError as error:
            raise ArchcalcError(f"--http: cannot listen on {host}:{port}: {why(error)}") from error
        self._watch = loop.create_task(self._look())

    @property
    def port(self) -> int:
        """The port on which the server listens."""
        if self._listener is None:
            raise RuntimeError("the server is not started")
        return self._listener.sockets[0].getsockname()[1]

    @property
    def connections(self) -> int:
        """Connections, those in a TLS handshake included."""
        return len(self.state.connections) + len(self._greetings)

    async def stop(self, grace: float) -> None:
        """Accept no more connections, give requests in progress `grace` seconds to finish, and stop."""
        if self._listener is not None:
            self._listener.close()
        self.edge.closing = True
        for transport in self._greetings.values():
            transport.abort()
        for each in self._all():
            each.shutdown()
        await self._ended(grace)
        for task in self.state.tasks:
            task.cancel()
        for each in self._all():
            each.abort()
        await self._ended(1)  # what was cancelled ends in a few turns of the loop
        if self._watch is not None:
            self._watch.cancel()
        self._endpoints.conversions.close()

    async def _ended(self, seconds: float) -> None:
        """Wait until all requests and connections have ended, but only so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.state.tasks or self.state.connections:  # noqa: ASYNC110  # uvicorn tells nobody
                    await asyncio.sleep(0.02)

    # --- For connections.

    def admits(self, connection: _Connection) -> bool:
        """Make room for a connection, at the cost of one that is idle. False if there is no room.

        One that has never asked goes before those that have, and the one that is idle for longest before others.
        """
        if self.connections < self.limits.connections:
            return True
        self.refused("connections")
        idle = [(each.quiet, each) for each in self._all() if each.quiet is not None]
        if not idle:
            return False
        min(idle, key=lambda each: each[0])[1].abort()
        return True

    def greet(self, secure: Any, transport: asyncio.Transport) -> None:
        """Start a TLS handshake, if there are not too many."""
        if len(self._greetings) >= self.limits.connections:
            secure.close()
            transport.abort()
            self.refused("connections")
            return
        task = asyncio.get_running_loop().create_task(secure)
        self._greetings[task] = transport
        task.add_done_callback(lambda done: self._greetings.pop(done, None))

    def _protocol(self) -> asyncio.Protocol:
        return _Connection(self) if self.context is None else _Handshake(self, self.context)

    def _all(self) -> list[_Connection]:
        return [each for each in self.state.connections if isinstance(each, _Connection)]

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        times = (self.limits.head, self.limits.idle, self.limits.receiving, self.limits.writing)
        while True:
            await asyncio.sleep(min(WATCH, *[each / 4 for each in times]))
            for each in self._all():
                waits = each.look(loop.time())
                if waits:
                    if waits != "idle":
                        self.refused("slow_reader" if waits == "writing" else "not_received")
                    each.abort()
