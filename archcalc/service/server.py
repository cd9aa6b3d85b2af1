"""The gRPC server: asyncio for input and output, worker processes for all computing.

Everything that a client may leave open has a limit: a request that does not arrive (`arrivals`), a response that is not
taken, a connection without calls, a stream of health or reflection (`standard`). None occupies a thread or a process.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import ssl
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.rpc import code_pb2
from grpc_reflection.v1alpha import reflection as reflecting

from archcalc.base.errors import ArchcalcError
from archcalc.service import faults, telemetry
from archcalc.service.access import Access, client_of
from archcalc.service.answering import Failed
from archcalc.service.arrivals import Arrivals
from archcalc.service.calls import SERVICE, Call
from archcalc.service.dispatch import Dispatcher, Limits
from archcalc.service.guard import OwnedSocket, addresses_of, check_address, host_and_port, is_local
from archcalc.service.observe import Caller, Observer
from archcalc.service.questions import CALLS
from archcalc.service.standard import HealthService, ReflectionService

__all__ = ["Limits", "Server"]

_T = TypeVar("_T")
_grpc: Any = grpc  # its functions have no complete types
_aio: Any = grpc.aio
SMALL = 2**14
"""Bytes of a response that count as taken at once."""
STREAMS = 100
"""Calls at once on one connection, the least that RFC 9113 recommends; a client holds back further ones itself. What a
flood has begun waits in front of the calls of others: with 256 so many waited that gRPC cancelled some of these.
"""
QUIET, LONGEST_QUIET = 0.2, 5.0
"""Seconds without a refused call after which the server may stop, and the most seconds to wait for that."""
_RUN, _NUMBERS = secrets.token_hex(6), itertools.count(1)
REQUEST_ID = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)


class Server:
    """The service on an address, from `start` to `stop`; its event loop has a thread of its own."""

    def __init__(
        self,
        limits: Limits | None = None,
        access: Access | None = None,
        observer: Observer | None = None,
        *,
        reflection: bool = True,
        interceptors: Sequence[Any] = (),
    ) -> None:
        self.limits = limits or Limits()
        self.observer = observer or Observer()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="archcalc-server", daemon=True)
        self._thread.start()
        self._owned: list[OwnedSocket] = []
        self._serving = self.run(self._made(access or Access(), reflection, interceptors))

    async def _made(self, access: Access, reflection: bool, interceptors: Sequence[Any]) -> GrpcServer:
        return GrpcServer(
            Dispatcher(self.limits, self.observer), access, reflection=reflection, interceptors=interceptors
        )

    @property
    def dispatcher(self) -> Dispatcher:
        return self._serving.dispatcher

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """The result of a coroutine in the server's event loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def listen(
        self, address: str, credentials: Callable[[], grpc.ServerCredentials] | None = None, plain: bool = False
    ) -> int:
        """Listen on an address, HOST:PORT (port 0: any free port) or unix:PATH; return the port.

        `credentials` makes those for TLS, as each of the addresses that a name stands for needs its own.

        Raises ArchcalcError if the address is in use, and if traffic could be overheard: it is no loopback address,
        there is no TLS, and `plain` is False.
        """
        check_address(address, "--listen")
        if credentials is None and not plain and not is_local(address):
            raise ArchcalcError(
                f"--listen {address} can be reached from other machines: give --cert and --key, or --insecure to serve "
                "without encryption"
            )
        if address.startswith("unix:"):
            self._owned.append(OwnedSocket(address, "--listen"))
        several = (address,) if address.startswith("unix") else addresses_of(address, "--listen")
        port = 0
        for each in several:
            same = f"{each.rpartition(':')[0]}:{port}" if port and each.endswith(":0") else each
            port = self.run(self._serving.listen(same, credentials and credentials()))
        return port

    def listen_http(
        self,
        address: str,
        origins: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        plain: bool = False,
        wrap: Callable[[Any], Any] = lambda app: app,
    ) -> int:
        """Answer over HTTP as well, on HOST:PORT: Connect, gRPC-Web and JSON; return the port.

        Pages of `origins` may ask. Raises ArchcalcError as `listen` does, and MissingTool without the packages.
        """
        host, port = host_and_port(address, "--http")
        if tls is None and not plain and not is_local(address):
            raise ArchcalcError(
                f"--http {address} can be reached from other machines: give --cert and --key, or --insecure to serve "
                "without encryption"
            )
        return self.run(self._serving.listen_http(host, port, origins=origins, context=tls, wrap=wrap))

    def set_http_certificate(self, tls: ssl.SSLContext) -> None:
        """Use another certificate for new connections over HTTP."""
        if self._serving.web is not None:
            self._serving.web.context = tls

    def start(self) -> None:
        """Start the processes and answer. Raises ArchcalcError."""
        self.run(self._serving.start())

    def stop(self, grace: float | None = None, hurry: threading.Event | None = None) -> None:
        """Refuse new calls, give those in progress `grace` seconds to finish, and stop; at once when `hurry` is set.

        A second call does nothing.
        """
        if self.loop.is_closed():
            return
        self.run(self._serving.stop(self.limits.grace if grace is None else grace, hurry or threading.Event()))
        for each in self._owned:
            each.release()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class GrpcServer:
    """gRPC calls in, answers of a dispatcher out."""

    def __init__(
        self, dispatcher: Dispatcher, access: Access, *, reflection: bool = True, interceptors: Sequence[Any] = ()
    ) -> None:
        self.dispatcher, self.access = dispatcher, access
        self._observer = dispatcher.observer
        self._arrivals = Arrivals(self._observer)
        self.health = HealthService(self._arrivals, self._observer)
        self._reflection = ReflectionService(self._arrivals, self._observer)
        self._unsent: Counter[str] = Counter()
        """Bytes of large responses that clients have not taken yet."""
        self._sweeping: asyncio.Task[None] | None = None
        self._refused_at = 0.0
        self.web: Any = None
        """The server over HTTP, if there is one."""
        self._server: Any = _aio.server(interceptors=list(interceptors), options=_options(dispatcher.limits))
        generic = _grpc.method_handlers_generic_handler
        handlers = {call.method: self._handler(call) for call in CALLS.values()}
        self._server.add_generic_rpc_handlers((generic(SERVICE.full_name, handlers), self.health.handler()))
        if reflection:
            described = {"ServerReflectionInfo": _grpc.stream_stream_rpc_method_handler(self._describe)}
            self._server.add_generic_rpc_handlers((generic(reflecting.SERVICE_NAME, described),))

    async def listen(self, address: str, credentials: grpc.ServerCredentials | None) -> int:
        """Listen on an address with numbers; return the port. Raises ArchcalcError."""
        try:
            if credentials is None:
                return self._server.add_insecure_port(address)
            return self._server.add_secure_port(address, credentials)
        except RuntimeError:
            text = "it is in use, or not an address of this machine"
            raise ArchcalcError(f"--listen: cannot listen on {address}: {text}") from None

    async def listen_http(self, host: str, port: int, **options: Any) -> int:
        """Listen for HTTP; `options` are those of WebServer. Raises ArchcalcError."""
        from archcalc.service.web import web_server

        def identify(authorization: str | None, peer: str) -> str:
            try:
                return self.access.identify(authorization, peer)
            except Failed:
                self._observer.refused("no_token", client=client_of(peer))
                raise

        def handshake_failed(peer: str, error: Exception) -> None:
            self._observer.handshake_failed(f"{peer}: {error}")

        self.web = web_server(
            self.dispatcher,
            identify=identify,
            healthy=lambda: self.health.serving,
            refused=self._observer.refused,
            handshake_failed=handshake_failed,
            **options,
        )
        await self.web.start(host, port)
        return self.web.port

    async def start(self) -> None:
        """Answer calls, when the first processes are there. Raises ArchcalcError."""
        try:
            await self.dispatcher.start()
        except OSError as error:
            raise ArchcalcError(f"no worker process can be started: {error.strerror}") from error
        await self._server.start()
        self._sweeping = asyncio.create_task(self._arrivals.sweep())
        self.health.serving = True

    async def stop(self, grace: float, hurry: threading.Event) -> None:
        """Drain, refuse new calls, wait for those in progress, end.

        Calls that have arrived and are not yet handled when gRPC's server stops would be cancelled without a message,
        so it stops when no call has come for a moment.
        """
        self.health.serving = False
        await _until(hurry.is_set, self.dispatcher.limits.drain if grace else 0)
        self.dispatcher.closed = True
        loop = asyncio.get_running_loop()
        self._refused_at = loop.time()
        await _until(lambda: hurry.is_set() or loop.time() > self._refused_at + QUIET, LONGEST_QUIET)
        closing = asyncio.create_task(self._stop_web(grace))
        stopping = asyncio.create_task(self._server.stop(LONGEST_DEADLINE))
        await _until(lambda: hurry.is_set() or stopping.done(), grace)
        if not stopping.done():
            await self._server.stop(None)  # two graces that end at the same moment make gRPC use a server that is freed
        await stopping
        await _until(lambda: hurry.is_set() or closing.done(), grace)
        if not closing.done():
            await self._stop_web(0)
        await closing
        if self._sweeping is not None:
            self._sweeping.cancel()
        await _let_end()
        self.dispatcher.stop()

    async def _stop_web(self, grace: float) -> None:
        if self.web is not None:
            await self.web.stop(grace)

    # --- Calls.

    def _handler(self, call: Call[..., Any]) -> Any:
        """A handler of bytes; a call of one request is handled as a stream of them, so that its arrival has a limit."""
        if not call.streams:
            return _grpc.stream_unary_rpc_method_handler(self._unary(call))
        return _grpc.stream_stream_rpc_method_handler(self._streamed(call))

    def _unary(self, call: Call[..., Any]) -> Callable[[Any, Any], Awaitable[bytes]]:
        async def answer(_: Any, context: Any) -> bytes:
            caller = _caller(context)
            try:
                raw, caller = await self._received(context, caller)
                [response] = await self.dispatcher.whole(call, raw, caller)
                self._charge(context, caller, len(response))
            except Failed as failed:
                raw = b""
                await _abort(context, failed, caller)
                raise
            return response

        return answer

    def _streamed(self, call: Call[..., Any]) -> Callable[[Any, Any], AsyncGenerator[bytes]]:
        async def answer(_: Any, context: Any) -> AsyncGenerator[bytes]:
            caller = _caller(context)
            try:
                raw, caller = await self._received(context, caller)
                async with aclosing(self.dispatcher.answer(call, raw, caller)) as responses:
                    context.add_done_callback(_closing(responses))  # a cancelled call leaves this function in a `yield`
                    async for response in responses:
                        yield response
            except Failed as failed:
                raw = b""
                await _abort(context, failed, caller)

        return answer

    async def _describe(self, _: Any, context: Any) -> None:
        caller = _caller(context)
        try:
            await self._reflection.answer(context, self._known(context, caller).client)
        except Failed as failed:
            await _abort(context, failed, caller)

    def _known(self, context: Any, caller: Caller) -> Caller:
        """The client by its token, if tokens are needed. Raises Failed."""
        authorization = next((value for key, value in context.invocation_metadata() if key == "authorization"), None)
        try:
            return caller._replace(client=self.access.identify(authorization, context.peer()))
        except Failed:
            self._observer.refused("no_token", client=caller.client, request_id=caller.request_id)
            raise

    async def _received(self, context: Any, caller: Caller) -> tuple[bytes, Caller]:
        """The request of a call, and its client by its token. Raises Failed."""
        caller = self._known(context, caller) if self.access.tokens else caller
        raw = await self._arrivals.read(context, caller.client, caller.request_id)
        if self.dispatcher.closed:
            self._refused_at = asyncio.get_running_loop().time()
        most = self.dispatcher.limits.request_bytes
        if len(raw) > most:
            self._observer.refused("too_large", client=caller.client, request_id=caller.request_id)
            text = f"the request has {len(raw):,} bytes, more than the {most:,} that this server reads"
            raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text))
        telemetry.identify(caller.request_id)
        left: float | None = context.time_remaining()
        if left is not None and left < LONGEST_DEADLINE:  # a little earlier, so that the client is told what happened
            caller = caller._replace(remaining=max(0.0, left - min(0.005, left / 10)))
        return raw, caller

    def _charge(self, context: Any, caller: Caller, size: int) -> None:
        """Count a large response until the client has taken it. Raises Failed if too much is not taken yet."""
        if size <= SMALL:
            return
        most = self.dispatcher.limits.sending_bytes
        client = caller.client
        if self._unsent.total() + size > most or self._unsent[client] + size > max(most // 4, size):
            self._observer.refused("slow_reader", client=client, request_id=caller.request_id)
            text = "too many responses are not read yet: read them, or try again later"
            raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text, faults.retry_after(1)))
        self._unsent[client] += size

        def taken(_: Any) -> None:
            self._unsent[client] -= size
            if not self._unsent[client]:
                del self._unsent[client]

        context.add_done_callback(taken)


LONGEST_DEADLINE = 1e8
"""Seconds beyond which a deadline is none."""


def _caller(context: Any) -> Caller:
    """Who asks, by the address; the name of the request is the client's, which is then told it again, or a new one."""
    for key, value in context.invocation_metadata():
        if key == "x-request-id" and isinstance(value, str) and REQUEST_ID.fullmatch(value):
            context.set_trailing_metadata((("x-request-id", value),))
            return Caller(client_of(context.peer()), value, "grpc")
    return Caller(client_of(context.peer()), f"{_RUN}-{next(_NUMBERS)}", "grpc")


async def _abort(context: Any, failed: Failed, caller: Caller) -> None:
    """End a call with an error, by another one that gRPC keeps until Python collects garbage: without the request."""
    failed.__traceback__ = failed.__context__ = None
    fitted = faults.fitting(failed.status)
    metadata = ((faults.DETAILS, fitted.SerializeToString()), ("x-request-id", caller.request_id))
    await context.abort(faults.CODES[fitted.code], fitted.message, metadata)


def _closing(responses: AsyncGenerator[bytes]) -> Callable[[Any], None]:
    """A callback for the end of a call that gives its work up, if that has not ended."""

    def close(_: Any) -> None:
        tasks.add(task := asyncio.ensure_future(_closed(responses)))
        task.add_done_callback(tasks.discard)

    tasks: set[asyncio.Future[None]] = set()
    return close


async def _closed(responses: AsyncGenerator[bytes]) -> None:
    with suppress(RuntimeError):  # it is running, and ends by itself
        await responses.aclose()


async def _until(holds: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds, at most so long. It may be set in another thread, so it is looked at."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not holds() and (left := end - loop.time()) > 0:  # noqa: ASYNC110
        await asyncio.sleep(min(0.02, left))


async def _let_end() -> None:
    """Wait for tasks that have been cancelled, so that what they hold is given back; cancel those that do not end."""
    for _ in range(2):
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if left:
            _, left = await asyncio.wait(left, timeout=1)
        for each in left:
            each.cancel()


def _options(limits: Limits) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", 2 * limits.request_bytes),  # to refuse, count and explain it ourselves
        ("grpc.max_send_message_length", limits.response_bytes),
        ("grpc.max_concurrent_streams", STREAMS),
        ("grpc.max_metadata_size", 16 * 2**10),
        ("grpc.so_reuseport", 0),  # a port that is in use is an error
        ("grpc.max_allowed_incoming_connections", connections()),
        ("grpc.server_handshake_timeout_ms", 10_000),
        ("grpc.max_connection_idle_ms", 300_000),
        ("grpc.max_connection_age_ms", 3_600_000),  # clients connect again without a failed call
        ("grpc.max_connection_age_grace_ms", int(1000 * limits.long_seconds) + 60_000),
        ("grpc.keepalive_time_ms", 60_000),  # a client that has vanished is noticed
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ]


def connections() -> int:
    """The number of connections that the limit of open files allows, with a reserve for all else."""
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 10_000 if files == resource.RLIM_INFINITY else max(16, min(10_000, files - max(96, files // 4)))
