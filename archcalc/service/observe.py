"""Observation of the server: a log on stderr with a JSON object on each line, and optional Prometheus metrics."""

from __future__ import annotations

import datetime
import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from archcalc.base.extras import need

LOG = logging.getLogger("archcalc.service")
LEVELS = ("debug", "info", "warning", "error")


class _Json(logging.Formatter):
    """Formats a record as a JSON object: time, level, event, and details."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds")
        said: dict[str, Any] = {"time": at, "level": record.levelname.lower(), "event": record.getMessage()}
        said |= getattr(record, "said", {})
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def log_to_stderr(level: str) -> None:
    """Log records from `level` on; debug has a line for every call."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    LOG.setLevel(level.upper())


def log(level: int, event: str, **said: Any) -> None:
    """Log an event with details."""
    if LOG.isEnabledFor(level):
        LOG.log(level, event, extra={"said": said})


class Observer:
    """Counts, times and logs calls; without a registry there are no metrics."""

    def __init__(self, registry: Any = None) -> None:
        """Metrics go into a prometheus_client registry."""
        self._metrics = None if registry is None else _Metrics(registry)
        self._lock = threading.Lock()
        self.active = 0

    def begin(self) -> float:
        with self._lock:
            self.active += 1
        return time.perf_counter()

    def end(self, method: str, code: str, began: float) -> None:
        seconds = time.perf_counter() - began
        with self._lock:
            self.active -= 1
        if self._metrics is not None:
            self._metrics.observe(method, code, seconds)
        log(logging.DEBUG, "call", method=method, code=code, seconds=round(seconds, 6))

    def stranger(self) -> None:
        """Record that a call without a token was refused."""
        if self._metrics is not None:
            self._metrics.strangers.inc()
        log(logging.DEBUG, "no token")

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Add a metric whose value is computed whenever the metrics are read."""
        if self._metrics is not None:
            self._metrics.watch(name, text, value)


class _Metrics:
    def __init__(self, registry: Any) -> None:
        from prometheus_client import Counter, Histogram

        self._registry = registry
        self._calls = Counter("archcalc_calls", "Calls that have ended.", ("method", "code"), registry=registry)
        self._seconds = Histogram(
            "archcalc_call_seconds",
            "Time from the request to the end of the response.",
            ("method",),
            registry=registry,
            buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600),
        )
        self.strangers = Counter("archcalc_calls_without_token", "Calls that were refused.", registry=registry)
        self._known: dict[tuple[str, str], tuple[Any, Any]] = {}

    def observe(self, method: str, code: str, seconds: float) -> None:
        metrics = self._known.get((method, code))
        if metrics is None:
            metrics = self._known[method, code] = (self._calls.labels(method, code), self._seconds.labels(method))
        metrics[0].inc()
        metrics[1].observe(seconds)

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        from prometheus_client import Gauge

        Gauge(name, text, registry=self._registry).set_function(value)


def serve_metrics(address: tuple[str, int]) -> tuple[Any, Callable[[], None], int]:
    """Serve metrics over HTTP. Returns the registry, a function that stops serving, and the port. Raises OSError."""
    need("prometheus_client", "serve --metrics")
    from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, start_http_server

    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    server, thread = start_http_server(address[1], address[0], registry)

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return registry, end, server.server_port
