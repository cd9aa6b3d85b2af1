"""Observation of the server: a log on stderr, one event on a line, and optional Prometheus metrics.

The metrics of calls have the names of the interceptors of the gRPC ecosystem (grpc_server_handled_total and so on), so
that existing dashboards show them; the others begin with `archcalc_`.
"""

from __future__ import annotations

import datetime
import json
import logging
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from archcalc.base.extras import need

LOG = logging.getLogger("archcalc.service")
LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("text", "json")
EACH_SECOND = 10
"""Lines a second of one event, beyond which lines are left out and counted."""


class Caller(NamedTuple):
    """The client of a request."""

    client: str
    """Its identity for limits: `token NAME`, `ip 192.0.2.1`, or `local` for a socket of this machine."""
    request_id: str
    """A name of the request, in logs and traces and in the metadata of the answer."""
    transport: str
    """`grpc`, `grpc-web` or `connect`."""
    remaining: float | None = None
    """Seconds until its deadline; None if it has none."""


class _Formatter(logging.Formatter):
    """Formats a record: time, level, event, and details; as a line of text, or as a JSON object."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds")
        said: dict[str, Any] = dict(getattr(record, "said", {}))
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        level = record.levelname.lower()
        if self._as_json:
            return json.dumps(
                {"time": at, "level": level, "event": record.getMessage(), **said}, ensure_ascii=False, default=str
            )
        trace = said.pop("traceback", "")
        details = "".join([f" {key}={_shown(value)}" for key, value in said.items()])
        return f"{at} {level:<7} {record.getMessage()}{details}" + (f"\n{trace}" if trace else "")


def _shown(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    plain = text.isprintable() and not any([each in text for each in ' "='])
    return text if plain and text else json.dumps(text, ensure_ascii=False)


class _Sparing(logging.Filter):
    """Lets through only so many lines a second of one event; the next line says how many were left out."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0, 0])

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno <= logging.DEBUG:
            return True
        seen = self._seen[record.msg if record.name == LOG.name else record.name]
        if record.created - seen[0] >= 1:
            if seen[2]:
                record.said = {**getattr(record, "said", {}), "left_out": int(seen[2])}
            seen[:] = [record.created, 0, 0]
        seen[1] += 1
        if seen[1] > EACH_SECOND:
            seen[2] += 1
            return False
        return True


def log_to_stderr(level: str, style: str = "text", stream: Any = None) -> None:
    """Log records from `level` on, as text or json; debug has a line for every call."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter(as_json=style == "json"))
    handler.addFilter(_Sparing())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    LOG.setLevel(level.upper())


def end_log() -> None:
    """Log nothing more."""
    logging.getLogger().handlers[:] = []


def log(level: int, event: str, **said: Any) -> None:
    """Log an event with details."""
    if LOG.isEnabledFor(level):
        LOG.log(level, event, extra={"said": said})


class Observer:
    """Counts, times and logs what the server does; without a registry there are no metrics."""

    def __init__(self, registry: Any = None) -> None:
        """Metrics go into a prometheus_client registry."""
        self._metrics = None if registry is None else _Metrics(registry)
        self.active = self.shared = 0
        """Requests in progress, and those that have joined an answer under way."""

    def begin(self, method: str, kind: str) -> float:
        """Note that a request has arrived; the time, for `end`."""
        self.active += 1
        if self._metrics is not None:
            self._metrics.began(method, kind)
        return time.perf_counter()

    def end(self, method: str, kind: str, code: str, began: float, caller: Caller, message: str = "") -> None:
        """Note that a request has ended with a status."""
        seconds = time.perf_counter() - began
        self.active -= 1
        if self._metrics is not None:
            self._metrics.ended(method, kind, code, seconds)
        level = logging.WARNING if code in _OURS else logging.DEBUG
        if LOG.isEnabledFor(level):
            said = {"request_id": caller.request_id, "client": caller.client, "transport": caller.transport}
            more = {"message": message} if message else {}
            log(level, "call", method=method, code=code, seconds=round(seconds, 6), **said, **more)

    def refused(self, reason: str, **said: Any) -> None:
        """Record that something was refused."""
        if self._metrics is not None:
            self._metrics.refused.labels(reason).inc()
        log(logging.INFO, "refused", reason=reason, **said)

    def looked_up(self, *, kept: bool) -> None:
        """Record whether an answer was cached."""
        if self._metrics is not None:
            self._metrics.lookups[kept].inc()

    def joined(self) -> None:
        """Record that a request joined an answer under way."""
        self.shared += 1
        if self._metrics is not None:
            self._metrics.shared.inc()

    def waited(self, lane: str, seconds: float) -> None:
        """Record the time that a request has waited for a process."""
        if self._metrics is not None:
            self._metrics.waited.labels(lane).observe(seconds)

    def worker_started(self, lane: str) -> None:
        if self._metrics is not None:
            self._metrics.starts.labels(lane).inc()

    def worker_ended(self, lane: str, reason: str) -> None:
        """Record the end of a worker: crashed, time, cancelled or retired."""
        if self._metrics is not None:
            self._metrics.deaths.labels(lane, reason).inc()

    def handshake_failed(self, said: str) -> None:
        """Record that a client could not connect by TLS."""
        if self._metrics is not None:
            self._metrics.handshakes.inc()
        meanings = [meaning for pattern, meaning in _HANDSHAKES.items() if re.search(pattern, said)]
        told = {"reason": meanings[0], "said": said} if meanings else {"reason": said}
        log(logging.WARNING, "TLS handshake failed", **told)

    def watch(self, name: str, text: str, value: Callable[[], float], **labels: str) -> None:
        """Add a metric whose value is computed whenever the metrics are read."""
        if self._metrics is not None:
            self._metrics.watch(name, text, value, labels)


_HANDSHAKES = {
    "WRONG_VERSION_NUMBER|HTTP_REQUEST": "the client does not use TLS",
    "(?i)alert.unknown.ca": "the client does not trust the certificate",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the client has no certificate",
}
"""What the texts of OpenSSL and BoringSSL about a handshake contain, and what that means."""

_OURS = frozenset({"INTERNAL", "UNKNOWN", "DATA_LOSS"})
"""Codes that are faults of the server."""


class _Metrics:
    def __init__(self, registry: Any) -> None:
        from prometheus_client import Counter, Histogram

        from archcalc import __version__
        from archcalc.service.calls import SERVICE

        self._registry = registry
        self._service = SERVICE.full_name
        call = ("grpc_type", "grpc_service", "grpc_method")
        buckets = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600)
        self._started = Counter("grpc_server_started", "Calls that have begun.", call, registry=registry)
        self._handled = Counter("grpc_server_handled", "Calls that ended.", (*call, "grpc_code"), registry=registry)
        self._seconds = Histogram(
            "grpc_server_handling_seconds", "Time of a call.", call, registry=registry, buckets=buckets
        )
        self.refused = Counter("archcalc_refused_requests", "Requests refused.", ("reason",), registry=registry)
        self.lookups = {
            True: Counter("archcalc_cache_hits", "Answers from the cache.", registry=registry),
            False: Counter("archcalc_cache_misses", "Answers that were not in the cache.", registry=registry),
        }
        self.shared = Counter("archcalc_shared_answers", "Requests that joined another's answer.", registry=registry)
        self.waited = Histogram(
            "archcalc_lane_wait_seconds", "Time to wait for a process.", ("lane",), registry=registry, buckets=buckets
        )
        self.starts = Counter("archcalc_worker_starts", "Worker processes started.", ("lane",), registry=registry)
        self.deaths = Counter(
            "archcalc_worker_deaths", "Worker processes ended, by reason.", ("lane", "reason"), registry=registry
        )
        self.handshakes = Counter("archcalc_tls_handshake_failures", "TLS handshakes failed.", registry=registry)
        self._gauges: dict[str, Any] = {}
        self._known: dict[tuple[str, str, str], tuple[Any, Any]] = {}
        self.watch("archcalc_build_info", "The version of the server.", lambda: 1, {"version": __version__})

    def began(self, method: str, kind: str) -> None:
        self._started.labels(kind, self._service, method).inc()

    def ended(self, method: str, kind: str, code: str, seconds: float) -> None:
        metrics = self._known.get((method, kind, code))
        if metrics is None:
            labels = (kind, self._service, method)
            metrics = self._handled.labels(*labels, code), self._seconds.labels(*labels)
            self._known[method, kind, code] = metrics
        metrics[0].inc()
        metrics[1].observe(seconds)

    def watch(self, name: str, text: str, value: Callable[[], float], labels: dict[str, str]) -> None:
        from prometheus_client import Gauge

        gauge = self._gauges.get(name)
        if gauge is None:
            gauge = self._gauges[name] = Gauge(name, text, tuple(labels), registry=self._registry)
        (gauge.labels(**labels) if labels else gauge).set_function(value)


def new_registry() -> Any:
    """A registry of metrics, with those of the process. Raises MissingTool."""
    need("prometheus_client", "serve --metrics")
    from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    return registry
