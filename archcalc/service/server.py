"""The server: grpcio's thread pool, a cache of answers, limits, and a shutdown that lets calls finish.

It uses threads, not asyncio: on two cores, with 64 clients, bare servers of both kinds answer about as many calls per
second (`tests/benchmarks/service.py` measures both), and a table that is computed in a thread does not delay others.
Quick calls, heavy calls and reflection have separate threads, so that none waits for another kind; heavy calls, and all
calls about a network in a file, are answered in separate processes (`workers`).
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, NoReturn

import grpc
from google.rpc import code_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from archcalc.base.cancellation import Cancelled, cancellable
from archcalc.base.errors import ArchcalcError
from archcalc.service import faults
from archcalc.service.answering import Failed, answers
from archcalc.service.calls import SERVICE, Call
from archcalc.service.guard import Bearer, Gate, check_address, is_local
from archcalc.service.observe import Observer, log
from archcalc.service.questions import CALLS
from archcalc.service.workers import Mistake, Workers

_grpc: Any = grpc  # its functions have no complete types


class Limits(NamedTuple):
    """The limits of the server's load."""

    concurrent: int = 256
    """Calls at once; more are refused with RESOURCE_EXHAUSTED."""
    threads: int = 16
    """Quick calls that are answered at once; the others wait for a moment."""
    workers: int = 2
    """Processes for heavy calls."""
    waiting: int = 16
    """Heavy calls that wait for a process; more are refused."""
    seconds: float = 3600
    """The time limit of a heavy call in seconds."""
    reading: float = 60
    """Seconds to read the request of a heavy call, files of networks in it included."""
    request_bytes: int = 4 * 2**20
    """Bytes of a request: a file of a network has up to 4,000,000."""
    response_bytes: int = 64 * 2**20
    kept_bytes: int = 64 * 2**20
    """Bytes of memory for cached answers."""
    grace: float = 30
    """Seconds for calls to finish when the server stops."""


class Kept:
    """A cache of answers by request, which drops the least recently used when they take too much memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, bytes], tuple[bytes, ...]] = OrderedDict()

    def get(self, method: str, raw: bytes) -> tuple[bytes, ...] | None:
        with self._lock:
            answer = self._answers.get((method, raw))
            if answer is not None:
                self._answers.move_to_end((method, raw))
            return answer

    def put(self, method: str, raw: bytes, answer: tuple[bytes, ...]) -> None:
        size = len(raw) + sum(map(len, answer)) + 500
        if size > self._most // 8:
            return
        with self._lock:
            if (method, raw) in self._answers:
                return
            self._answers[method, raw] = answer
            self._bytes += size
            while self._bytes > self._most:
                (_, old), dropped = self._answers.popitem(last=False)
                self._bytes -= len(old) + sum(map(len, dropped)) + 500

    @property
    def size(self) -> int:
        """The bytes of all cached answers."""
        return self._bytes


class Server:
    """The service on an address, from `start` to `stop`."""

    def __init__(
        self,
        limits: Limits | None = None,
        tokens: tuple[bytes, ...] = (),
        observer: Observer | None = None,
    ) -> None:
        limits = limits or Limits()
        self.limits = limits
        self._observer = observer or Observer()
        self._kept = Kept(limits.kept_bytes)
        self._workers = Workers(limits.workers, limits.waiting, limits.seconds, limits.reading)
        self._quick = ThreadPoolExecutor(limits.threads, "quick")
        self._heavy = ThreadPoolExecutor(limits.concurrent, "heavy")
        self._few = ThreadPoolExecutor(4, "reflection")
        self._slots = threading.Semaphore(limits.threads)
        self._either = ThreadPoolExecutor(limits.threads + limits.workers + limits.waiting, "either")
        """For quick calls about networks: as many more threads as can wait for a process, if the network is a file."""
        self._health: Any = health.HealthServicer()
        self._gate = Gate()
        self._server = _grpc.server(
            self._quick,
            interceptors=[self._gate, *([Bearer(tokens, self._observer.stranger)] if tokens else [])],
            options=_options(limits),
            maximum_concurrent_rpcs=limits.concurrent,
        )
        methods = {call.method: self._handler(call) for call in CALLS.values()}
        self._server.add_generic_rpc_handlers((_grpc.method_handlers_generic_handler(SERVICE.full_name, methods),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._server.add_generic_rpc_handlers((_reflection(self._few),))
        for name, text, value in (
            ("archcalc_calls_active", "Calls in progress.", lambda: self._observer.active),
            ("archcalc_heavy_busy", "Heavy calls that have a process.", lambda: self._workers.busy),
            ("archcalc_heavy_waiting", "Heavy calls that wait for a process.", lambda: self._workers.waiting),
            ("archcalc_heavy_turns", "Times that a heavy call got a process.", lambda: self._workers.turns),
            ("archcalc_workers_started", "Processes started for heavy calls.", lambda: self._workers.started),
            ("archcalc_kept_bytes", "Memory of answers that are kept.", lambda: self._kept.size),
        ):
            self._observer.watch(name, text, value)

    def listen(self, address: str, credentials: grpc.ServerCredentials | None = None, plain: bool = False) -> int:
        """Listen on an address, HOST:PORT (port 0: any free port) or unix:PATH; return the port.

        Raises ArchcalcError if the address is in use, and if traffic could be overheard: it is no loopback address,
        there is no TLS, and `plain` is False.
        """
        check_address(address, "--listen")
        if credentials is None and not plain and not is_local(address):
            raise ArchcalcError(
                f"{address} can be reached from other machines: give --cert and --key, or --insecure to serve "
                "without encryption"
            )
        try:
            if credentials is None:
                return self._server.add_insecure_port(address)
            return self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise ArchcalcError(
                f"cannot listen on {address}: it is in use, or not an address of this machine"
            ) from error

    def start(self) -> None:
        self._workers.warm()
        self._server.start()
        for name in ("", SERVICE.full_name):
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    def stop(self, grace: float | None = None) -> None:
        """Refuse new calls, give those in progress `grace` seconds to finish, and stop."""
        self._health.enter_graceful_shutdown()
        self._gate.close()
        self._server.stop(self.limits.grace if grace is None else grace).wait()
        self._workers.close()
        for pool in (self._quick, self._either, self._heavy, self._few):
            pool.shutdown(wait=False, cancel_futures=True)

    # --- Calls.

    def _handler(self, call: Call[..., Any]) -> Any:
        """A handler of bytes: invalid requests get a proper error, and requests with a cached answer are not parsed."""
        if not call.streams:
            return _grpc.unary_unary_rpc_method_handler(
                self._on(self._heavy if call.heavy else self._either if call.networks else self._quick, self._one(call))
            )
        return _grpc.unary_stream_rpc_method_handler(self._on(self._heavy, self._many(call)))

    @staticmethod
    def _on(pool: ThreadPoolExecutor, behavior: Any) -> Any:
        behavior.experimental_thread_pool = pool
        return behavior

    def _one(self, call: Call[..., Any]) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        kept, observer = self._kept, self._observer

        def answer(raw: bytes, context: grpc.ServicerContext) -> bytes:
            began = observer.begin()
            code = "OK"
            try:
                answered = kept.get(call.method, raw)
                if answered is None:
                    answered = tuple(self._work(call, raw, context))
                    if call.kept:
                        kept.put(call.method, raw, answered)
                return answered[0]
            except Exception as error:  # noqa: BLE001
                status = self._status(call, error, context)
                code = faults.CODES[status.code].name
                _abort(context, status)
            finally:
                observer.end(call.method, code, began)

        return answer

    def _many(self, call: Call[..., Any]) -> Callable[[bytes, grpc.ServicerContext], Iterator[bytes]]:
        kept, observer = self._kept, self._observer

        def answer(raw: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
            began = observer.begin()
            code = "CANCELLED"
            parts: list[bytes] = []
            try:
                for part in kept.get(call.method, raw) or self._work(call, raw, context):
                    if call.kept:
                        parts.append(part)
                    yield part
                if call.kept:
                    kept.put(call.method, raw, tuple(parts))
                code = "OK"
            except Exception as error:  # noqa: BLE001
                status = self._status(call, error, context)
                code = faults.CODES[status.code].name
                _abort(context, status)
            finally:
                observer.end(call.method, code, began)

        return answer

    def _work(self, call: Call[..., Any], raw: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        if call.answer.turns:
            yield from self._in_turns(call, raw, context)
        elif call.heavy or call.holds_file(raw):
            parts = self._workers.answer(call.method, raw, context)
            yield from parts if not call.answer.whole else list(parts)  # a slow reader does not occupy a process
        else:
            with self._slots, cancellable(lambda: not context.is_active()):
                yield from answers(call, raw)

    def _in_turns(self, call: Call[..., Any], raw: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        """The responses of a call that takes a process for a turn, and gives it back before they are sent."""
        until = time.monotonic() + self.limits.seconds
        parts = list(self._workers.answer(call.method, raw, context))
        request, read = call.read(raw), call.reader()
        yield from parts
        while call.answer.turn(request, [read(part) for part in parts]):
            if time.monotonic() >= until:
                text = f"this server allows {self.limits.seconds:g} seconds for a call"
                raise Failed(faults.status(code_pb2.DEADLINE_EXCEEDED, text))
            parts = list(self._workers.answer(call.method, request.SerializeToString(), context, again=True))
            yield from parts[1:]  # without another header

    def _status(self, call: Call[..., Any], error: Exception, context: grpc.ServicerContext) -> status_pb2.Status:
        if isinstance(error, Failed):
            return error.status
        if isinstance(error, Cancelled):
            code = code_pb2.DEADLINE_EXCEEDED if context.time_remaining() == 0 else code_pb2.CANCELLED
            return faults.status(code, "the request was cancelled")
        shown = str(error) if isinstance(error, Mistake) else "".join(traceback.format_exception(error))
        log(logging.ERROR, "mistake", method=call.method, traceback=shown)
        return faults.status(code_pb2.INTERNAL, "an error in archcalc; the server's log has the details")


def _abort(context: grpc.ServicerContext, status: status_pb2.Status) -> NoReturn:
    context.set_trailing_metadata(((faults.DETAILS, status.SerializeToString()),))
    context.abort(faults.CODES[status.code], status.message)


def _options(limits: Limits) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", limits.request_bytes),
        ("grpc.max_send_message_length", limits.response_bytes),
        ("grpc.max_concurrent_streams", 2 * limits.concurrent + 100),  # beyond the limit calls are refused, not queued
        ("grpc.max_metadata_size", 16 * 2**10),
        ("grpc.so_reuseport", 0),  # a port that is in use is an error
        ("grpc.keepalive_time_ms", 60_000),  # a client that has vanished is noticed
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ]


def _reflection(pool: ThreadPoolExecutor) -> Any:
    """The reflection service, on separate threads: a client that keeps it open does not delay other calls."""
    servicer: Any = reflection.ReflectionServicer((SERVICE.full_name, health.SERVICE_NAME, reflection.SERVICE_NAME))

    def info(requests: Any, context: Any) -> Any:
        return servicer.ServerReflectionInfo(requests, context)

    info.experimental_thread_pool = pool  # pyright: ignore[reportFunctionMemberAccess]
    handler = _grpc.stream_stream_rpc_method_handler(
        info,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return _grpc.method_handlers_generic_handler(reflection.SERVICE_NAME, {"ServerReflectionInfo": handler})
