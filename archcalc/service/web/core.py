"""What the service over HTTP needs of the core, which answers calls, and the limits of its load."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any, NamedTuple, Protocol

from archcalc.service.calls import Call
from archcalc.service.observe import Caller

Identify = Callable[[str | None, str], str]
"""The identity of a client for its budgets, from its Authorization header and its IP address; raises Failed."""


class Answering(Protocol):
    """The core."""

    def answer(self, call: Call[..., Any], raw: bytes, caller: Caller, /) -> AsyncGenerator[bytes]:
        """The responses to a request as bytes of messages. Raises Failed only; closing it gives the work up."""
        ...


class WebLimits(NamedTuple):
    """The limits of the load of the server over HTTP. A client that exceeds one of time loses its connection."""

    request_bytes: int = 4 * 2**20
    """Bytes of a request, compressed and not compressed."""
    head_bytes: int = 32 * 2**10
    """Bytes of a request's line and headers; requests by GET are in the line."""
    json_bytes: int = 8 * 2**20
    """Bytes of a response message that is sent as JSON, before it is JSON."""
    kept_bytes: int = 16 * 2**20
    """Bytes of memory for responses that were converted to JSON or compressed."""
    sending_bytes: int = 256 * 2**20
    """Bytes of responses that are being sent, those of one client at most a quarter of them."""
    connections: int = 512
    handshake: float = 10
    """Seconds for a TLS handshake."""
    head: float = 10
    """Seconds for the line and headers of a request, from its first byte; on a new connection from its beginning."""
    idle: float = 60
    """Seconds that a connection stays open between requests."""
    receiving: float = 30
    """Seconds for a request to arrive."""
    writing: float = 30
    """Seconds for a response to be taken by the client, and more if it is large:"""
    slowest: int = 32 * 2**10
    """Bytes in a second that a client must take of a large response."""
    max_age: int = 3600
    """Seconds for which browsers and proxies may keep an answer to a GET."""
