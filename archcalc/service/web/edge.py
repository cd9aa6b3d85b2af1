"""What stands around connectrpc: paths, who may ask from a page, request ids, what `curl` sends, slow clients."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import traceback
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from archcalc import __version__, v1
from archcalc.service.calls import Call
from archcalc.service.observe import log
from archcalc.service.questions import CALLS
from archcalc.service.web.core import WebLimits
from archcalc.service.web.endpoints import EXCHANGE, Endpoints, Exchange, reads_only

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

MISTAKE = "an error in archcalc; the server's log has the details"
PIECE = 2**16
"""Bytes of a response that are handed to the connection at once."""
_PATHS = {call.path: call for call in CALLS.values()}
_ID = re.compile(r"[!-~]{1,64}")
_FORM = "application/x-www-form-urlencoded"
_UNARY = ("application/json", "application/proto")
_STREAMS = ("application/connect+json", "application/connect+proto")
_WEB = ("application/grpc-web", "application/grpc-web+proto", "application/grpc-web+json")
_TEXT = ("application/grpc-web-text", "application/grpc-web-text+proto")
"""gRPC-Web in base64, which connectrpc does not speak: pages with Google's client ask so unless told otherwise."""
_ACCEPTS = (b"accept-encoding", b"connect-accept-encoding", b"grpc-accept-encoding")
_ASKED = (
    "authorization, content-type, connect-protocol-version, connect-timeout-ms, connect-content-encoding, "
    "connect-accept-encoding, grpc-timeout, grpc-accept-encoding, if-none-match, x-grpc-web, x-request-id, x-user-agent"
)
_TOLD = "etag, grpc-message, grpc-status, grpc-status-details-bin, retry-after, x-request-id"
_PREFLIGHT_SECONDS = 7200
_GRPC = {Code.PERMISSION_DENIED: 7, Code.UNIMPLEMENTED: 12, Code.INVALID_ARGUMENT: 3}


class SlowReader(ConnectionError):
    """The client does not take the response in time."""


class Refusal(NamedTuple):
    """A response that is no call's."""

    status: int
    code: Code
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Edge:
    """The ASGI application: all that the server over HTTP answers."""

    def __init__(
        self,
        endpoints: Endpoints,
        limits: WebLimits,
        *,
        origins: Collection[str] = (),
        healthy: Callable[[], bool] = lambda: True,
        refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`origins` are those whose pages may ask, such as `https://example.org`, or `*` for all.

        `refused` is told why a client lost its connection: not_received, slow_reader.
        """
        self.closing = False
        """True: connections are closed after their response."""
        self.limits, self._endpoints = limits, endpoints
        self.origins = frozenset(origins)
        """The origins whose pages may ask; may be changed."""
        self._healthy, self._refused = healthy, refused

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _Request(self, scope, receive, send).answer()

    # --- For requests.

    def allows(self, origin: str) -> bool:
        """Return True if pages of an origin may ask."""
        return "*" in self.origins or origin in self.origins

    @property
    def shares(self) -> bool:
        """True if pages of some other origins may ask."""
        return bool(self.origins)

    @property
    def any_page(self) -> bool:
        """True if pages of all origins may ask."""
        return "*" in self.origins

    @property
    def healthy(self) -> bool:
        return self._healthy()

    def refuse(self, reason: str) -> None:
        self._refused(reason)

    async def ask(self, exchange: Exchange, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer a call."""
        token = EXCHANGE.set(exchange)
        try:
            await self._endpoints.app(scope, receive, send)  # pyright: ignore[reportArgumentType]
        finally:
            if exchange.error is not None:
                exchange.error.__traceback__ = exchange.error.__context__ = None
            self._endpoints.sent(exchange)
            EXCHANGE.reset(token)


class _Request:
    """One request and its response."""

    def __init__(self, edge: Edge, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self._edge, self._scope, self._given_receive, self._given_send = edge, scope, receive, send
        self._limits = edge.limits
        self._headers = _headers(scope["headers"])
        self._origin = self._headers.get("origin")
        self._type = self._headers.get("content-type", "").partition(";")[0].strip().lower()
        self._coded = b"" if self._type in _TEXT else None
        """The end of the request's base64 that is not decoded yet; None if it is not in base64."""
        if self._coded is not None:
            self._type = "application/grpc-web+proto"
        asked = self._headers.get("x-request-id", "")
        self._id = asked if _ID.fullmatch(asked) else secrets.token_hex(8)
        self._until = asyncio.get_running_loop().time() + self._limits.receiving
        self._received, self._whole = 0, False
        self._start: dict[str, Any] | None = None
        self._started, self._ended = False, False

    async def answer(self) -> None:
        call = _PATHS.get(self._scope["path"])
        try:
            if (refusal := self._refusal(call)) is not None:
                await self._refuse(refusal)
            elif call is None:
                await self._page(self._scope["path"])
            else:
                await self._edge.ask(self._exchange(), self._asked(call), self._receive, self._send)
        except SlowReader:
            self._edge.refuse("slow_reader")
        except (ConnectError, TimeoutError, ConnectionError):
            pass  # what could be said of it is said
        except Exception as error:  # noqa: BLE001
            log(logging.ERROR, "mistake", request_id=self._id, traceback="".join(traceback.format_exception(error)))
            if not self._started:
                with suppress(ConnectionError):
                    await self._refuse(Refusal(500, Code.INTERNAL, MISTAKE))
        if not self._ended:
            self._abort()

    # --- What is asked.

    def _exchange(self) -> Exchange:
        client = self._scope.get("client")
        peer = client[0] if client else "unix"
        return Exchange(self._id, peer, self._headers.get("authorization"), self._kind, packs=self._packs())

    @property
    def _kind(self) -> str:
        return "grpc-web" if self._type in _WEB else "connect"

    def _packs(self) -> bool:
        """Return True if the client takes gzip, which each protocol says in a header of its own."""
        name = "connect-accept-encoding" if self._type in _STREAMS else "accept-encoding"
        name = "grpc-accept-encoding" if self._type in _WEB else name
        accepted = [each.strip().replace(" ", "") for each in self._headers.get(name, "").lower().split(",")]
        return any([each.partition(";")[0] == "gzip" and not re.search(r";q=0(\.0*)?$", each) for each in accepted])

    def _asked(self, call: Call[..., Any]) -> dict[str, Any]:
        """The request for connectrpc: without headers that are not in ASCII, with the type that is meant."""
        dropped = (*_ACCEPTS, b"content-type")
        headers = [each for each in self._scope["headers"] if each[1].isascii() and each[0] not in dropped]
        if self._packs():
            headers += [(name, b"gzip") for name in _ACCEPTS]
        if self._scope["method"] == "POST":
            headers.append((b"content-type", self._meant().encode()))
        return {**self._scope, "headers": headers}

    def _meant(self) -> str:
        """The type of the body. `curl -d` says that it is a form, which no call takes: it is read as JSON."""
        return "application/json" if self._type in ("", _FORM) else self._type

    def _refusal(self, call: Call[..., Any] | None) -> Refusal | None:
        """Why the request is not answered, before anything of its body is read; None if it is."""
        if self._origin is not None and not self._edge.allows(self._origin) and not self._is_own(self._origin):
            said = (
                f"pages of {self._origin[:100]} may not ask this server: it is started with --cors ORIGIN to let them"
            )
            return Refusal(403, Code.PERMISSION_DENIED, said)
        method, path = self._scope["method"], self._scope["path"]
        if call is None and path not in _PAGES:
            return Refusal(404, Code.UNIMPLEMENTED, f"there is nothing at {quote(path[:100])}: / says what there is")
        allowed = "GET, HEAD" if call is None else "GET, POST" if reads_only(call) and not call.streams else "POST"
        if method == "OPTIONS":
            return self._options(allowed)
        if method not in allowed.split(", "):
            said = f"the method is {' or '.join(allowed.split(', '))}"
            return Refusal(405, Code.UNIMPLEMENTED, said, ((b"allow", allowed.encode()),))
        return None if call is None else self._no_request(call)

    def _no_request(self, call: Call[..., Any]) -> Refusal | None:
        """Why the request is none of a call; None if it may be one."""
        if self._scope["method"] == "GET":
            ascii_only = self._scope["query_string"].isascii()
            said = "the query of the URL is not percent-encoded"
            return None if ascii_only else Refusal(400, Code.INVALID_ARGUMENT, said)
        taken = (*(_STREAMS if call.streams else _UNARY), *_WEB)
        if self._meant() in taken:
            return None
        said = f"{call.method} takes content-type {', '.join(taken)}, not {quote(self._type[:100], safe='/+')}"
        if self._type.startswith("application/grpc"):
            said = "gRPC is answered at another port, that of --listen; here are gRPC-Web and Connect"
        elif call.streams and self._meant() in _UNARY:
            said += "; its responses are a stream"
        return Refusal(415, Code.UNIMPLEMENTED, said, ((b"accept-post", ", ".join(taken).encode()),))

    def _is_own(self, origin: str) -> bool:
        """Return True if a page comes from this server, or from another behind the same proxy."""
        place = urlsplit(origin).netloc.lower()
        return bool(place) and place == self._headers.get("host", "").lower()

    def _options(self, methods: str) -> Refusal:
        headers = [(b"allow", f"{methods}, OPTIONS".encode())]
        if self._origin is not None and "access-control-request-method" in self._headers:
            headers += [
                (b"access-control-allow-methods", methods.encode()),
                (b"access-control-allow-headers", _ASKED.encode()),
                (b"access-control-max-age", str(_PREFLIGHT_SECONDS).encode()),
            ]
        return Refusal(204, Code.UNKNOWN, "", tuple(headers))

    # --- Responses that are no call's.

    async def _refuse(self, refusal: Refusal) -> None:
        headers = [*refusal.headers]
        status, body = refusal.status, b""
        if status != 204 and self._type in _WEB:
            status = 200
            headers += [
                (b"content-type", self._type.encode()),
                (b"grpc-status", str(_GRPC.get(refusal.code, 13)).encode()),
                (b"grpc-message", quote(refusal.message).encode()),
            ]
        elif status != 204:
            headers.append((b"content-type", b"application/json"))
            body = json.dumps({"code": refusal.code.value, "message": refusal.message}).encode()
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def _page(self, path: str) -> None:
        status, kind, body = _PAGES[path](self._edge)
        if status == 404:
            await self._refuse(Refusal(404, Code.UNIMPLEMENTED, body.decode()))
            return
        headers = [(b"content-type", kind), (b"cache-control", b"no-store" if path == "/healthz" else b"max-age=3600")]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    # --- The body of the request.

    async def _receive(self) -> dict[str, Any]:
        """A part of the body, within the limits. Raises ConnectError."""
        if self._whole:
            return await self._given_receive()
        most = self._limits.request_bytes
        if int(self._headers.get("content-length", "0")) > most + 5:  # the 5 bytes are those of an envelope
            raise ConnectError(Code.RESOURCE_EXHAUSTED, f"a request has at most {most} bytes")
        try:
            async with asyncio.timeout_at(self._until):
                part = await self._given_receive()
        except TimeoutError:
            self._edge.refuse("not_received")
            said = f"the request did not arrive within {self._limits.receiving:g} seconds"
            raise ConnectError(Code.DEADLINE_EXCEEDED, said) from None
        self._whole = not part.get("more_body", False)
        self._received += len(part.get("body", b""))
        if self._received > most + 5:
            raise ConnectError(Code.RESOURCE_EXHAUSTED, f"a request has at most {most} bytes")
        return part if self._coded is None else {**part, "body": self._decoded(self._coded + part.get("body", b""))}

    def _decoded(self, coded: bytes) -> bytes:
        """The bytes of the request in its base64, but for an end of which more is to come. Raises ConnectError."""
        whole = len(coded) if self._whole else len(coded) // 4 * 4
        self._coded = coded[whole:]
        try:
            return b64decode(coded[:whole], validate=True)
        except ValueError:
            raise ConnectError(Code.INVALID_ARGUMENT, "the request is not in base64") from None

    # --- The response.

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        start, body = self._start, message.get("body", b"")
        if self._coded is not None:
            body = b64encode(body)
        more = message.get("more_body", False)
        if start is not None:
            self._start, self._started = None, True
            headers = self._response_headers(start, None if more else len(body))
            matches = start["status"] == 200 and self._knows(headers)
            if matches:
                start["status"], body = 304, b""
                dropped = (b"content-type", b"content-encoding", b"content-length")
                headers = [each for each in headers if each[0] not in dropped]
            await self._give({"type": "http.response.start", "status": start["status"], "headers": headers})
        limit = self._limits.writing + len(body) / self._limits.slowest
        try:
            async with asyncio.timeout(limit):
                for first in range(0, max(len(body), 1), PIECE):
                    piece, last = body[first : first + PIECE], first + PIECE >= len(body) and not more
                    await self._give({"type": "http.response.body", "body": piece, "more_body": not last})
        except TimeoutError:
            raise SlowReader from None
        self._ended = not more

    async def _give(self, message: dict[str, Any]) -> None:
        """Hand a message to the connection. Raises ConnectionError if it takes none, as behind what is no HTTP."""
        try:
            await self._given_send(message)
        except Exception as error:
            raise ConnectionError from error

    def _knows(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Return True if the client has kept this very answer."""
        known = self._headers.get("if-none-match")
        marks = [value.decode() for name, value in headers if name == b"etag"]
        if known is None or not marks:
            return False
        return known.strip() == "*" or marks[0].removeprefix("W/") in re.findall(r'"[!#-~]*"', known)

    def _response_headers(self, start: dict[str, Any], size: int | None) -> list[tuple[bytes, bytes]]:
        given = [(name.lower(), value) for name, value in start["headers"]]
        if self._coded is not None:
            given = [each if each[0] != b"content-type" else (each[0], _TEXT[1].encode()) for each in given]
        headers = [each for each in given if each != (b"content-encoding", b"identity")]
        names = {name for name, _ in headers}
        headers.append((b"date", formatdate(usegmt=True).encode()))
        headers.append((b"x-request-id", self._id.encode()))
        headers.append((b"x-content-type-options", b"nosniff"))
        if size is not None and start["status"] != 204:
            headers.append((b"content-length", str(size).encode()))
        if b"cache-control" not in names and self._scope["method"] == "GET":
            headers.append((b"cache-control", b"no-store"))
        if self._edge.shares:
            if self._origin is not None and self._edge.allows(self._origin):
                allowed = b"*" if self._edge.any_page else self._origin.encode()
                headers.append((b"access-control-allow-origin", allowed))
                headers.append((b"access-control-expose-headers", _TOLD.encode()))
            if not self._edge.any_page:
                headers.append((b"vary", b"Origin"))
        if self._edge.closing:
            headers.append((b"connection", b"close"))
        return headers

    def _abort(self) -> None:
        """Close the connection: the response cannot be completed."""
        abort = self._scope.get("state", {}).get("abort")
        if abort is not None:
            abort()


def _headers(given: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The first value of each header that is in ASCII, by its name in lower case."""
    found: dict[str, str] = {}
    for name, value in given:
        if value.isascii():
            found.setdefault(name.decode("ascii").lower(), value.decode("ascii"))
    return found


# --- Pages.


def _front(_: Edge) -> tuple[int, bytes, bytes]:
    text = f"archcalc {__version__}: parameters, mult-adds and memory of neural networks. Calls: POST "
    return (
        200,
        b"text/plain; charset=utf-8",
        f"{text}/archcalc.v1.ArchcalcService/CALL; contract: /openapi.json\n".encode(),
    )


def _health(edge: Edge) -> tuple[int, bytes, bytes]:
    healthy = edge.healthy
    return 200 if healthy else 503, b"text/plain; charset=utf-8", b"serving\n" if healthy else b"not serving\n"


@cache
def _contract() -> bytes | None:
    path = Path(v1.__file__).parent / "openapi.json"
    return path.read_bytes() if path.exists() else None


def _openapi(_: Edge) -> tuple[int, bytes, bytes]:
    held = _contract()
    return (200, b"application/json", held) if held is not None else (404, b"", b"this archcalc has no OpenAPI file")


_PAGES: dict[str, Callable[[Edge], tuple[int, bytes, bytes]]] = {
    "/": _front,
    "/healthz": _health,
    "/openapi.json": _openapi,
}
