"""The common part of both clients: deadlines and retries, credentials, and the call for a function."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from inspect import unwrap
from typing import Any

import grpc

from archcalc.base.errors import ArchcalcError
from archcalc.service.calls import SERVICE, Call
from archcalc.service.guard import is_local, read_file
from archcalc.service.questions import BY_FUNCTION, CALLS

QUICK, SLOW = "30s", "3600s"
"""Deadlines of quick calls and of heavy ones, unless a client sets its own."""

RETRY = {
    "maxAttempts": 5,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
"""The policy of retries: every call may be repeated, as its answer depends only on its request."""

SERVICE_CONFIG: dict[str, Any] = {
    "methodConfig": [
        {"name": [{"service": SERVICE.full_name}], "timeout": QUICK, "retryPolicy": RETRY},
        {
            "name": [{"service": SERVICE.full_name, "method": call.method} for call in CALLS.values() if call.heavy],
            "timeout": SLOW,
            "retryPolicy": RETRY,
        },
    ],
    "loadBalancingConfig": [{"round_robin": {}}],
}
"""Deadlines, retries, and the use of all addresses of a name in turn, in the form of gRPC's service config."""

DEADLINES = {call.method: float((SLOW if call.heavy else QUICK).removesuffix("s")) for call in CALLS.values()}
"""The deadlines of the service config in seconds. They are also given with each call: gRPC's Python library does not
tell the server of those in the config, and ends calls up to two seconds early by them (grpc/grpc issue 40633).
"""

PATIENCE = 20.0
"""Seconds that a client waits for a server that has answered before and is not there now, as while it restarts."""
PAUSE, LONGEST_PAUSE = 0.1, 1.0
"""Seconds between attempts: at first, and at most."""


def options_for(target: str) -> tuple[tuple[str, Any], ...]:
    """The options of a channel. A proxy is not used for this machine."""
    return (
        ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
        ("grpc.enable_retries", 1),
        ("grpc.max_receive_message_length", 64 * 2**20),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        *([("grpc.enable_http_proxy", 0)] if is_local(target) else []),
    )


def credentials(ca: str | None, cert: str | None, key: str | None) -> grpc.ChannelCredentials | None:
    """Credentials for TLS from files: the server's certificate authority, and for mutual TLS a certificate and its key.
    If `ca` is "", the authorities are those that gRPC knows. None if no file is given.
    """
    if (cert is None) != (key is None):
        raise ArchcalcError("a certificate and its key go together")
    if ca is None and cert is None:
        return None
    authority = read_file(ca, "the authority") if ca else None
    if authority is not None and b"-----BEGIN CERTIFICATE-----" not in authority:
        raise ArchcalcError(f"the authority {ca} is no certificate in PEM")
    if cert is None or key is None:
        return grpc.ssl_channel_credentials(authority)
    return grpc.ssl_channel_credentials(authority, read_file(key, "the key"), read_file(cert, "the certificate"))


def call_of(function: Callable[..., Any]) -> Call[..., Any]:
    """The call for a function. Raises ArchcalcError if there is none."""
    call = BY_FUNCTION.get(unwrap(function))
    if call is None:
        raise ArchcalcError(f"the service has no call for {function.__name__}")
    return call


class Attempts:
    """The attempts of one call: more than one only while a server that has answered before is not there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pause = PAUSE
        self._until: float | None = None

    def pause_after(self, error: Any) -> float | None:
        """The seconds to wait before another attempt, None if there is none."""
        if not self._connection.reached or not _server_left(error):
            return None
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._connection.patience
        if now >= self._until:
            return None
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause * random.uniform(0.5, 1)  # noqa: S311  # so that clients do not come all at once


def _server_left(error: Any) -> bool:
    """Return True if a call has failed because the server is not there, or ended while the call was on its way.

    gRPC's core cancels calls that no handler has taken when a server ends; a caller who cancels sees another exception,
    except where the channel is closed.
    """
    code = error.code()
    if code is grpc.StatusCode.CANCELLED:
        return "Channel closed" not in (error.details() or "")
    return code is grpc.StatusCode.UNAVAILABLE


class Connection:
    """A connection: the address of the server, and the metadata of every call."""

    def __init__(
        self, target: str, token: str | None, timeout: float | None, patience: float, secure: bool, insecure: bool
    ) -> None:
        """Raises ArchcalcError if a token would be sent in clear to another machine, unless `insecure` is True."""
        if token and not secure and not insecure and not is_local(target):
            raise ArchcalcError(
                f"the token would be sent to {target} without encryption: give the file of its authority "
                "(ca, or --ca on the command line), or allow it (insecure, --insecure)"
            )
        self.target = target
        self.timeout = timeout
        self.patience = patience
        self.reached = False
        """True once the server has answered."""
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def given(self, call: Call[..., Any]) -> dict[str, Any]:
        """The deadline and the metadata of a call."""
        deadline = DEADLINES[call.method] if self.timeout is None else self.timeout
        return {"timeout": deadline, "metadata": self.metadata}
