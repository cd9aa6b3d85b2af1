"""The process of a server: options, signals, logs and metrics."""

from __future__ import annotations

import logging
import re
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from archcalc import __version__
from archcalc.base.errors import ArchcalcError
from archcalc.service import guard
from archcalc.service.observe import Observer, log, log_to_stderr, serve_metrics
from archcalc.service.server import Limits, Server


def run(
    address: str,
    cert: str | None,
    key: str | None,
    client_ca: str | None,
    token_file: str | None,
    insecure: bool,
    metrics: str | None,
    log_level: str,
    cache: int,
    **limits: Any,
) -> None:
    """Serve until SIGTERM or SIGINT. Raises ArchcalcError on bad options, before anything is served."""
    credentials = guard.server_credentials(cert, key, client_ca)
    tokens = guard.read_tokens(token_file)
    log_to_stderr(log_level)
    registry, end_metrics, metrics_port = _metrics(metrics)
    server = Server(Limits(kept_bytes=cache * 2**20, **limits), tokens, Observer(registry))
    port = server.listen(address, credentials, insecure)
    ended = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(
            each, lambda number, _: (log(logging.INFO, "ending", signal=signal.strsignal(number)), ended.set())
        )
    server.start()
    where = address if address.startswith("unix") else f"{address.rpartition(':')[0]}:{port}"
    security = "none" if credentials is None else "mutual TLS" if client_ca else "TLS"
    said: dict[str, Any] = {"address": where, "security": security, "tokens": len(tokens), "version": __version__}
    log(logging.INFO, "listening", **said, **({} if metrics_port is None else {"metrics_port": metrics_port}))
    ended.wait()
    server.stop()
    end_metrics()
    log(logging.INFO, "ended")
    sys.stderr.flush()


def _metrics(address: str | None) -> tuple[Any, Callable[[], None], int | None]:
    if address is None:
        return None, lambda: None, None
    host, _, port = address.rpartition(":")
    if not host or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65535:
        raise ArchcalcError(f"--metrics takes HOST:PORT, a port from 0 to 65535, not {address!r}")
    try:
        return serve_metrics((host.strip("[]"), int(port)))
    except OSError as error:
        raise ArchcalcError(f"--metrics cannot listen on {address}: {error.strerror}") from error
