"""The metrics over HTTP, in the server's event loop: a few connections at a time, and none that stays idle."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

CONNECTIONS = 32
"""Connections at once; more are closed."""
SECONDS = 5.0
"""Time to send a request and to take the answer."""
LONGEST = 2**14
"""Bytes of the head of a request."""


class MetricsServer:
    """Answers `GET /metrics` with the metrics of a registry, in the format that the request accepts."""

    def __init__(self, registry: Any) -> None:
        self._registry = registry
        self._server: asyncio.Server | None = None
        self._connections = 0
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises OSError."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=LONGEST, backlog=CONNECTIONS)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                if self._connections > CONNECTIONS:
                    return
                async with asyncio.timeout(SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answer(head.decode("latin-1")))
                    writer.close()
                    await writer.wait_closed()
        finally:
            self._connections -= 1
            writer.transport.abort()  # nothing is left, unless the client reads nothing

    def _answer(self, head: str) -> bytes:
        from prometheus_client.exposition import choose_encoder

        first, *lines = head.split("\r\n")
        method, _, rest = first.partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        if method not in ("GET", "HEAD") or path not in ("/", "/metrics"):
            return _response("404 Not Found", "text/plain; charset=utf-8", b"metrics are at /metrics\n")
        accepted = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("accept:")]
        encode, kind = choose_encoder(accepted[0] if accepted else "")
        content: bytes = encode(self._registry)
        return _response("200 OK", kind, content if method == "GET" else b"")


def _response(status: str, kind: str, content: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    return head.encode("latin-1") + content
