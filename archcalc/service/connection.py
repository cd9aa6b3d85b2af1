"""The common part of both clients: deadlines and retries, credentials, and the call for a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import unwrap
from typing import Any

import grpc

from archcalc.base.errors import ArchcalcError
from archcalc.service.calls import SERVICE, Call
from archcalc.service.guard import read_file
from archcalc.service.questions import BY_FUNCTION, CALLS

QUICK, SLOW = "30s", "3600s"
"""Deadlines of quick calls and of heavy ones, unless a client sets its own."""

RETRY = {
    "maxAttempts": 4,
    "initialBackoff": "0.1s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
"""The policy of retries: every call may be repeated, as its answer depends only on its request."""

SERVICE_CONFIG = {
    "methodConfig": [
        {"name": [{"service": SERVICE.full_name}], "timeout": QUICK, "retryPolicy": RETRY},
        {
            "name": [{"service": SERVICE.full_name, "method": call.method} for call in CALLS.values() if call.heavy],
            "timeout": SLOW,
            "retryPolicy": RETRY,
        },
    ],
    "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
}
"""Deadlines and retries, in the form of gRPC's service config."""

DEADLINES = {call.method: float((SLOW if call.heavy else QUICK).removesuffix("s")) for call in CALLS.values()}
"""The deadlines of the service config in seconds. They are also given with each call: gRPC's Python library does not
tell the server of those in the config, and ends calls up to two seconds early by them (grpc/grpc issue 40633).
"""

OPTIONS = (
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.enable_retries", 1),
    ("grpc.max_receive_message_length", 64 * 2**20),
    ("grpc.keepalive_time_ms", 60_000),
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
    if cert is None or key is None:
        return grpc.ssl_channel_credentials(authority)
    return grpc.ssl_channel_credentials(authority, read_file(key, "the key"), read_file(cert, "the certificate"))


def call_of(function: Callable[..., Any]) -> Call[..., Any]:
    """The call for a function. Raises ArchcalcError if there is none."""
    call = BY_FUNCTION.get(unwrap(function))
    if call is None:
        raise ArchcalcError(f"the service has no call for {function.__name__}")
    return call


class Connection:
    """A connection: the address of the server, and the metadata of every call."""

    def __init__(self, target: str, token: str | None, timeout: float | None) -> None:
        self.target = target
        self.timeout = timeout
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def given(self, call: Call[..., Any]) -> dict[str, Any]:
        """The deadline and the metadata of a call."""
        deadline = DEADLINES[call.method] if self.timeout is None else self.timeout
        return {"timeout": deadline, "metadata": self.metadata}
