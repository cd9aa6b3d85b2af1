"""The calls as endpoints of connectrpc, which speaks Connect and gRPC-Web.

Endpoints take and return bytes: messages of protobuf pass through as they are, those in JSON are converted here and not
in connectrpc's codecs, which would hold up the loop. Of its compression only the names are used, for the same reason.
"""

from __future__ import annotations

import hashlib
import json
import logging
import traceback
import zlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError, ErrorDetail
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.server import ConnectASGIApplication, Endpoint
from google.protobuf import json_format, symbol_database
from google.rpc import code_pb2, error_details_pb2, status_pb2
from protobuf import wkt

from archcalc.service import faults
from archcalc.service.answering import Failed
from archcalc.service.calls import SERVICE, Call
from archcalc.service.faults import Refused
from archcalc.service.observe import Caller, log
from archcalc.service.questions import CALLS
from archcalc.service.web.core import Answering, Identify, WebLimits
from archcalc.service.web.messages import (
    Conversions,
    Exhausted,
    NoMessage,
    from_json,
    to_json,
    to_packed,
    to_packed_json,
)

__all__ = ["CODES", "EXCHANGE", "Endpoints", "Exchange", "connect_error"]

CODES: dict[int, Code] = {
    int(number): Code(name.lower().replace("cancelled", "canceled")) for name, number in code_pb2.Code.items() if number
}
"""The codes of connectrpc by those of google.rpc."""
WORTH = 2**10
"""Bytes of a message from which on it is compressed ahead, in a thread or process."""
_KEPT_EACH = 8
"""A kept response has at most this part of the memory for them all."""
_DETAILS = error_details_pb2.ErrorInfo  # its module registers the kinds of details that errors have


@dataclass
class Exchange:
    """A request and its response, as `edge` sees them."""

    request_id: str
    peer: str
    """The IP address of the other end of the connection."""
    authorization: str | None
    transport: str
    packs: bool = False
    """True if responses are compressed."""
    client: str = ""
    sending: int = 0
    """Bytes of the response that are counted as being sent."""
    error: ConnectError | None = None
    """What ended the call. The frames in its traceback hold it and the request: `edge` lets them go."""


EXCHANGE: ContextVar[Exchange] = ContextVar("EXCHANGE")
"""The exchange of the task."""


class _JsonRequest(bytes):
    """A request in JSON."""

    __slots__ = ()


class _Packed(bytes):
    """A response that is compressed already."""

    __slots__ = ()


class _ProtoCodec:
    def name(self) -> str:
        return "proto"

    def encode(self, message: bytes) -> bytes:
        return message

    def decode(self, data: bytes | bytearray, message_class: type[bytes]) -> bytes:
        return bytes(data)


class _JsonCodec(_ProtoCodec):
    def name(self) -> str:
        return "json"

    def decode(self, data: bytes | bytearray, message_class: type[bytes]) -> bytes:
        return _JsonRequest(data)


class _Gzip:
    """gzip; a request is one member, as other members behind the first take time that grows with their square."""

    def name(self) -> str:
        return "gzip"

    def compress(self, data: bytes | bytearray | memoryview) -> bytes:
        return data if isinstance(data, _Packed) else to_packed("", bytes(data))

    def decompress(self, data: bytes | bytearray | memoryview, read_max_bytes: int | None = None) -> bytes:
        most = 2**62 if read_max_bytes is None else read_max_bytes
        stream = zlib.decompressobj(wbits=31)
        found = stream.decompress(data, most + 1)
        if len(found) > most:
            raise ConnectError(Code.RESOURCE_EXHAUSTED, f"a request has at most {most} bytes when it is decompressed")
        if not stream.eof or stream.unused_data:
            raise ConnectError(Code.INVALID_ARGUMENT, "the request's gzip is not one whole member")
        return found


class _Detail(ErrorDetail):
    """A detail of an error, with the readable form that Connect calls `debug`."""

    def value(self, *_: Any) -> Any:
        try:
            kind: Any = symbol_database.Default().GetSymbol(self.type_name)
            shown = json_format.MessageToDict(kind.FromString(self.message_bytes))
        except (KeyError, ValueError):
            return None
        return wkt.Struct.from_json(json.dumps(shown))


def connect_error(status: status_pb2.Status) -> ConnectError:
    """The error of connectrpc for a status of google.rpc, with its details."""
    details = [_Detail(wkt.Any(type_url=each.type_url, value=each.value)) for each in status.details]
    return ConnectError(CODES.get(status.code, Code.UNKNOWN), status.message, details)


class _Kept:
    """Responses in the form in which they were sent; drops the least recently used."""

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._held: OrderedDict[tuple[str, bytes, bool, bool], bytes] = OrderedDict()

    def get(self, key: tuple[str, bytes, bool, bool]) -> bytes | None:
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        return held

    def put(self, key: tuple[str, bytes, bool, bool], shown: bytes) -> None:
        size = len(key[1]) + len(shown) + 500
        if size > self._most // _KEPT_EACH or key in self._held:
            return
        self._held[key] = shown
        self._bytes += size
        while self._bytes > self._most:
            old, dropped = self._held.popitem(last=False)
            self._bytes -= len(old[1]) + len(dropped) + 500


class _Doors:
    """Turns strangers away before the body of their request is read."""

    def __init__(self, identify: Identify) -> None:
        self._identify = identify

    async def on_start(self, ctx: Any) -> None:
        exchange = EXCHANGE.get()
        try:
            exchange.client = self._identify(exchange.authorization, exchange.peer)
        except Failed as failed:
            raise connect_error(failed.status) from None

    async def on_end(self, token: None, ctx: Any, error: Exception | None, /) -> None:
        """Do nothing."""


class Endpoints:
    """The ASGI application of connectrpc with all calls; a request needs an Exchange in EXCHANGE."""

    def __init__(
        self, core: Answering, identify: Identify, limits: WebLimits, conversions: Conversions | None = None
    ) -> None:
        self.conversions = conversions or Conversions()
        self._core, self._limits = core, limits
        self._kept = _Kept(limits.kept_bytes)
        self._sending: dict[str, int] = {}
        self.app = _Application(
            service=self,
            endpoints=lambda service: {call.path: service.endpoint(call) for call in CALLS.values()},
            interceptors=[_Doors(identify)],
            read_max_bytes=limits.request_bytes,
            compressions=[_Gzip()],
            codecs=[_ProtoCodec(), _JsonCodec()],
        )

    def endpoint(self, call: Call[..., Any]) -> Any:
        """The endpoint of a call."""
        level = IdempotencyLevel.NO_SIDE_EFFECTS if reads_only(call) else IdempotencyLevel.UNKNOWN
        kind = StreamType.SERVER_STREAM if call.streams else StreamType.UNARY
        method = MethodInfo(
            name=call.method,
            service_name=SERVICE.full_name,
            input=bytes,
            output=bytes,
            idempotency_level=level,
            stream_type=kind,
        )
        if call.streams:
            return Endpoint.server_stream(method, self._many(call))
        return Endpoint.unary(method, self._one(call))

    def _one(self, call: Call[..., Any]) -> Callable[[bytes, Any], Awaitable[bytes]]:
        async def answer(request: bytes, ctx: Any) -> bytes:
            async with aclosing(self._responses(call, request, ctx)) as responses:
                return await anext(responses)

        return answer

    def _many(self, call: Call[..., Any]) -> Callable[[bytes, Any], AsyncIterator[bytes]]:
        def answer(request: bytes, ctx: Any) -> AsyncIterator[bytes]:
            return self._responses(call, request, ctx)

        return answer

    async def _responses(self, call: Call[..., Any], request: bytes, ctx: Any) -> AsyncGenerator[bytes]:
        exchange = EXCHANGE.get()
        as_json = isinstance(request, _JsonRequest)
        remaining = None if ctx.timeout_ms is None else max(0.0, ctx.timeout_ms / 1000)
        caller = Caller(exchange.client, exchange.request_id, exchange.transport, remaining)
        try:
            raw = await self._read(call, request, exchange) if as_json else request
            async with aclosing(self._core.answer(call, raw, caller)) as responses:
                async for response in responses:
                    shown = await self._shown(call, response, as_json, exchange)
                    self._count(exchange, len(shown))
                    if ctx.http_method == "GET":
                        self._allow_keeping(ctx, call, response, as_json, exchange)
                    yield shown
        except Failed as failed:
            exchange.error = connect_error(failed.status)
            raise exchange.error from None
        except Exhausted:
            text = "the conversion from or to JSON takes more memory than there is"
            exchange.error = ConnectError(Code.RESOURCE_EXHAUSTED, text)
            raise exchange.error from None
        except ConnectError as error:
            exchange.error = error
            raise
        except Exception as error:  # noqa: BLE001
            log(logging.ERROR, "mistake", method=call.method, traceback="".join(traceback.format_exception(error)))
            text = "an error in archcalc; the server's log has the details"
            exchange.error = ConnectError(Code.INTERNAL, text)
            raise exchange.error from None

    async def _read(self, call: Call[..., Any], text: bytes, exchange: Exchange) -> bytes:
        found = await self.conversions.run(from_json, call.descriptor.input_type.name, text, exchange.client)
        if not isinstance(found, NoMessage):
            return found
        status = faults.of_error(Refused(found.reason, about=found.about), call.place)
        raise Failed(status or faults.status(code_pb2.INVALID_ARGUMENT, found.reason))

    async def _shown(self, call: Call[..., Any], response: bytes, as_json: bool, exchange: Exchange) -> bytes:
        """The response as it is sent: in JSON if it was asked so, compressed if it is worth it."""
        packs = exchange.packs and len(response) >= WORTH
        if not as_json and not packs:
            return response
        size, most = len(response), self._limits.json_bytes
        if as_json and size > most:
            text = f"the answer has {size} bytes, and as JSON {most} at most: ask with content-type application/proto"
            raise ConnectError(Code.OUT_OF_RANGE, text)
        convert = to_packed if not as_json else to_packed_json if packs else to_json
        name = call.descriptor.output_type.name
        key = (name, response, as_json, packs)
        keeps = call.kept and not call.streams
        shown = self._kept.get(key)
        if shown is None:
            shown = await self.conversions.run(convert, name, response, exchange.client, lambda: self._kept.get(key))
            if keeps:
                self._kept.put(key, shown)
        return _Packed(shown) if packs else shown

    def _allow_keeping(
        self, ctx: Any, call: Call[..., Any], response: bytes, as_json: bool, exchange: Exchange
    ) -> None:
        """Let browsers and proxies keep the answer; what one client alone may know is kept by nobody between."""
        mark = hashlib.blake2b(response, digest_size=12, person=b"json" if as_json else b"proto").hexdigest()
        ctx.response_headers["etag"] = f'W/"{mark}"'
        scope = "public" if exchange.authorization is None else "private"
        keeps = f"{scope}, max-age={self._limits.max_age}" if call.kept else "no-store"
        ctx.response_headers["cache-control"] = keeps

    def _count(self, exchange: Exchange, size: int) -> None:
        """Count a response as being sent, in place of the one before it. Raises ConnectError if there are too many."""
        self.sent(exchange)
        most = self._limits.sending_bytes
        own = self._sending.get(exchange.client, 0)
        if size >= 2**16 and (own + size > most // 4 or sum(self._sending.values()) + size > most):
            text = "too many large answers are being sent to slow clients: try again in a moment"
            raise ConnectError(Code.RESOURCE_EXHAUSTED, text)
        self._sending[exchange.client] = own + size
        exchange.sending = size

    def sent(self, exchange: Exchange) -> None:
        """Count what was counted for an exchange as sent."""
        if exchange.sending:
            left = self._sending[exchange.client] - exchange.sending
            exchange.sending = 0
            if left:
                self._sending[exchange.client] = left
            else:
                del self._sending[exchange.client]


def reads_only(call: Call[..., Any]) -> bool:
    """Return True if the contract says that a call has no side effects: it is answered by GET too."""
    return call.descriptor.GetOptions().idempotency_level == 1


class _Application(ConnectASGIApplication[Endpoints]):
    @property
    def path(self) -> str:
        return f"/{SERVICE.full_name}"
