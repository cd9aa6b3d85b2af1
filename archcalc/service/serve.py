"""The process of a server: options, signals, logs and metrics."""

from __future__ import annotations

import datetime
import faulthandler
import logging
import os
import re
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from queue import Full, Queue
from typing import Any

import grpc.aio

from archcalc import __version__
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.service import guard
from archcalc.service.access import Access, read_tokens
from archcalc.service.metrics import MetricsServer
from archcalc.service.observe import Observer, end_log, log, log_to_stderr, new_registry
from archcalc.service.server import Limits, Server
from archcalc.service.telemetry import start

_aio: Any = grpc.aio  # it has no complete types
HANDSHAKE = re.compile(r"[Hh]andshake.*?(?:failed|error|timed out|shutdown)", re.ASCII)
"""What gRPC's core logs of a failed TLS handshake; its API tells of none."""
ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[a-z0-9.\[\]:_-]+", re.ASCII)
"""What browsers send as an origin: a scheme and a host, in small letters; `null` for a page that is a file."""
ONE_SIGNAL_SECONDS = 0.5
"""The time in which two signals are one: a terminal or a supervisor may send one to the process and to its group."""
LINES, LONGEST_LINE = 10_000, 2**16
"""Lines of the log that wait to be written, and characters of a line that a library writes."""
EXPIRY_SECONDS = 6 * 3600
"""The time between warnings of a certificate that expires soon."""


def run(
    address: str,
    http: str | None,
    origins: tuple[str, ...],
    cert: str | None,
    key: str | None,
    client_ca: str | None,
    token_file: str | None,
    insecure: bool,
    metrics: str | None,
    insecure_metrics: bool,
    log_level: str,
    log_format: str,
    cache: int,
    worker_memory: int,
    reflection: bool,
    telemetry: bool,
    **limits: Any,
) -> None:
    """Serve until SIGTERM or SIGINT; a second one ends at once. SIGHUP reads tokens and certificates again.

    Raises ArchcalcError on bad options, before anything is served.
    """
    tls = _Tls(guard.CertificateFiles.of(cert, key, client_ca))
    access = Access(read_tokens(token_file))
    metrics_at = None if metrics is None else guard.host_and_port(metrics, "--metrics")
    if metrics is not None and not guard.is_local(metrics) and not insecure_metrics:
        raise ArchcalcError(
            f"--metrics {metrics} can be reached from other machines, without TLS or a token: give an address of this "
            "machine, or --insecure-metrics"
        )
    if origins and http is None:
        raise ArchcalcError("--cors is for pages that ask over HTTP: give --http, too")
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ArchcalcError(f"--cors takes an origin such as https://example.org, or *, not {shown(origin)}")
    registry = None if metrics_at is None else new_registry()
    observer = Observer(registry)
    traces = start() if telemetry else None
    with _captured_stderr(observer) as stream:
        log_to_stderr(log_level, log_format, stream)
        logging.getLogger("grpc._cython.cygrpc").addFilter(_not_of_clients_that_left)
        kept = Limits(kept_bytes=cache * 2**20, memory=worker_memory * 2**20, **limits)
        interceptors = () if traces is None else traces.interceptors
        try:
            server = Server(kept, access, observer, reflection=reflection, interceptors=interceptors)
        except OSError as error:
            raise ArchcalcError(f"there is no folder for temporary files (TMPDIR): {error.strerror}") from error
        ending, hurry = threading.Event(), threading.Event()
        try:
            said: dict[str, Any] = {}
            port = server.listen(address, tls.credentials, insecure)
            if http is not None:
                wrapped = {} if traces is None else {"wrap": traces.wrap}
                at = server.listen_http(http, origins, tls.context(), insecure, **wrapped)
                said["http"] = f"{http.rpartition(':')[0]}:{at}"
            if metrics_at is not None:
                said["metrics_port"] = _serve_metrics(server, registry, metrics_at)
            tls.observe(observer)
            _on_signals(
                ending,
                hurry,
                lambda: _reload(access, token_file, tls, server),
                lambda: {"calls": server.observer.active, "grace": kept.grace},
            )
            server.start()
            where = address if address.startswith("unix") else f"{address.rpartition(':')[0]}:{port}"
            log(
                logging.INFO,
                "listening",
                address=where,
                security=tls.security,
                tokens=len(access.tokens),
                version=__version__,
                **said,
            )
            while not ending.wait(EXPIRY_SECONDS):
                tls.warn()
        finally:
            server.stop(hurry=hurry) if ending.is_set() else server.stop(0)
            if traces is not None:
                traces.stop()
        log(logging.INFO, "ended")


def _noted(_number: int, _frame: object) -> None:
    """Do nothing in the main thread: the thread of signals does it."""


def _on_signals(
    ending: threading.Event, hurry: threading.Event, reload: Callable[[], None], left: Callable[[], dict[str, Any]]
) -> None:
    """Set `ending` at the first SIGTERM or SIGINT and `hurry` at the second; reload at SIGHUP.

    `left` gives what the log says of calls that may still finish. A thread of its own reads the numbers of signals from
    a socket: Python runs handlers in the main thread alone, and while that waits for a lock it does not notice a signal
    that the system has given to another thread.
    """
    numbers, write = socket.socketpair()
    write.settimeout(0)
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, _noted)
    signal.set_wakeup_fd(write.detach(), warn_on_full_buffer=False)

    def end(number: int, began: float, now: float) -> float:
        """Begin to end; the time of the first signal."""
        again = ending.is_set()
        if again and now - began < ONE_SIGNAL_SECONDS:
            return began
        log(
            logging.INFO,
            "ending at once" if again else "ending",
            signal=signal.strsignal(number),
            **({} if again else left()),
        )
        (hurry if again else ending).set()
        return began or now

    def listen() -> None:
        began = 0.0
        while True:
            for number in numbers.recv(64):
                if number == signal.SIGHUP:
                    threading.Thread(target=reload, daemon=True).start()
                elif number in {signal.SIGTERM, signal.SIGINT}:
                    began = end(number, began, time.monotonic())

    threading.Thread(target=listen, name="archcalc-signals", daemon=True).start()


def _reload(access: Access, token_file: str | None, tls: _Tls, server: Server) -> None:
    """Read tokens and certificates again; if one of them cannot be read, all stay as they were."""
    try:
        tokens, context = read_tokens(token_file), tls.context()
        tls.read()
    except ArchcalcError as error:
        log(logging.ERROR, "not reloaded", reason=str(error))
        return
    except Exception as error:  # noqa: BLE001  # in this thread nobody else would tell of it
        log(logging.ERROR, "not reloaded", reason=f"{type(error).__name__}: {error}")
        return
    access.tokens = tokens
    if context is not None:
        server.set_http_certificate(context)
    log(logging.INFO, "reloaded", tokens=len(access.tokens), **tls.said())
    tls.warn()


class _Tls:
    """The certificate of the moment."""

    def __init__(self, files: guard.CertificateFiles | None) -> None:
        self._files = files
        self._current = None if files is None else files.read()
        self.security = "none" if files is None else "TLS" if files.client_ca is None else "mutual TLS"

    def read(self) -> None:
        if self._files is not None:
            self._current = self._files.read()

    def context(self) -> ssl.SSLContext | None:
        """The context for HTTP. Raises ArchcalcError."""
        return None if self._files is None else self._files.context()

    def said(self) -> dict[str, Any]:
        return {} if self._current is None else {"certificate_expires": self._current.expires.isoformat()}

    @property
    def credentials(self) -> Callable[[], Any] | None:
        return None if self._files is None else lambda: guard.server_credentials(lambda: self._current)

    def observe(self, observer: Observer) -> None:
        if self._current is None:
            return

        def expires() -> float:
            return 0.0 if self._current is None else self._current.expires.timestamp()

        text = "When the server's certificate expires, in seconds since 1970."
        observer.watch("archcalc_certificate_expiry_timestamp_seconds", text, expires)
        self.warn()

    def warn(self) -> None:
        """Log a warning if the certificate expires soon."""
        if self._current is not None:
            left = self._current.expires - datetime.datetime.now(datetime.UTC)
            if left < guard.SOON:
                level = logging.WARNING if left > datetime.timedelta() else logging.ERROR
                log(level, "certificate expires", **self.said(), days=round(left / datetime.timedelta(days=1), 1))


def _serve_metrics(server: Server, registry: Any, at: tuple[str, int]) -> int:
    serving = MetricsServer(registry)
    try:
        server.run(serving.start(*at))
    except OSError as error:
        raise ArchcalcError(f"--metrics: cannot listen on {at[0]}:{at[1]}: {guard.why(error)}") from error
    return serving.port


class _Output:
    """A stream that is written in a thread of its own: if nobody reads the log, the server goes on, and lines are lost.

    `descriptor` is that of the file.
    """

    def __init__(self, descriptor: int) -> None:
        self._lines: Queue[bytes] = Queue(LINES)
        self._descriptor = descriptor
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        with suppress(Full):
            self._lines.put_nowait(text.encode(errors="replace"))

    def flush(self) -> None:
        """Do nothing: lines are written at once."""

    def close(self) -> bool:
        """Write what is left; False if nobody reads it."""
        with suppress(Full):
            self._lines.put_nowait(b"")
        self._thread.join(1)
        return not self._thread.is_alive()

    def _write(self) -> None:
        while line := self._lines.get():
            with suppress(OSError):  # nobody reads it any more
                while line:
                    line = line[os.write(self._descriptor, line) :]


def _not_of_clients_that_left(record: logging.LogRecord) -> bool:
    """Whether a line of gRPC is about something else than an answer that its client did not wait for."""
    return record.exc_info is None or not isinstance(record.exc_info[1], _aio.InternalError)


@contextmanager
def _captured_stderr(observer: Observer) -> Generator[_Output]:
    """Turn lines that libraries write to stderr into log lines; the stream that is given is the real stderr.

    gRPC's core tells of failed handshakes there alone.
    """
    sys.stderr.flush()
    real = os.dup(2)
    read, write = os.pipe()
    os.dup2(write, 2)
    os.close(write)
    stream = _Output(real)
    was_enabled = faulthandler.is_enabled()
    faulthandler.enable(real)  # nobody would read from the pipe what a crash has to say

    def listen() -> None:
        with os.fdopen(read, encoding="utf-8", errors="replace") as lines:
            while line := lines.readline(LONGEST_LINE):
                _note(line.strip(), observer)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield stream
    finally:
        sys.stderr.flush()
        os.dup2(real, 2)
        faulthandler.enable(2) if was_enabled else faulthandler.disable()
        thread.join(1)
        end_log()
        if stream.close():
            os.close(real)


def _note(line: str, observer: Observer) -> None:
    if HANDSHAKE.search(line):
        observer.handshake_failed(line.partition("] ")[2][:300] or line[:300])
    elif line:
        log(logging.DEBUG, "output", text=line[:2000])
