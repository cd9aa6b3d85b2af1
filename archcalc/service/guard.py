"""Access to the server: addresses, certificates and tokens."""

from __future__ import annotations

import hmac
import ipaddress
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown

_grpc: Any = grpc
HEALTH = "/grpc.health.v1.Health/"
SHORTEST_TOKEN = 16
QUIET, LONGEST = 0.2, 2.0
"""Seconds without a call after which the server may stop, and the most seconds to wait for that."""


def is_local(address: str) -> bool:
    """Return True if only this machine can reach an address: a loopback HOST:PORT, or unix:PATH."""
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(address: str, option: str, lowest: int = 0) -> None:
    """Raise ArchcalcError unless an address is unix:PATH, or HOST:PORT with a port from `lowest` to 65535."""
    if address.startswith(("unix:", "unix-abstract:")):
        return
    host, _, port = address.rpartition(":")
    if not host or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or not lowest <= int(port) <= 65535:
        raise ArchcalcError(
            f"{option} takes HOST:PORT, a port from {lowest} to 65535, or unix:PATH, not {shown(address)}"
        )


def read_file(file: str, what: str) -> bytes:
    """The contents of a file that is given by an option. Raises ArchcalcError if it cannot be read."""
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ArchcalcError(f"{what} {file} cannot be read: {error.strerror}") from error


def server_credentials(cert: str | None, key: str | None, client_ca: str | None) -> grpc.ServerCredentials | None:
    """Credentials for TLS, with `client_ca` for mutual TLS; None if no certificate is given."""
    if (cert is None) != (key is None):
        raise ArchcalcError("--cert and --key go together")
    if cert is None or key is None:
        if client_ca is not None:
            raise ArchcalcError("--client-ca needs --cert and --key")
        return None
    pair = (read_file(key, "--key"), read_file(cert, "--cert"))
    authority = None if client_ca is None else read_file(client_ca, "--client-ca")
    return grpc.ssl_server_credentials([pair], authority, require_client_auth=authority is not None)


def read_tokens(file: str | None) -> tuple[bytes, ...]:
    """The tokens in a file, one on each line, of at least 16 characters; empty if no file is given."""
    if file is None:
        return ()
    lines = [line.strip() for line in read_file(file, "--token-file").splitlines()]
    tokens = tuple(line for line in lines if line and not line.startswith(b"#"))
    if not tokens or min(map(len, tokens)) < SHORTEST_TOKEN:
        raise ArchcalcError(f"--token-file {file}: one token on each line, of at least {SHORTEST_TOKEN} characters")
    return tokens


class Gate(grpc.ServerInterceptor[Any, Any] if TYPE_CHECKING else grpc.ServerInterceptor):
    """Accepts calls until it is closed; accepted calls continue."""

    def __init__(self) -> None:
        self.shut = False
        self.last = 0.0
        """The time of the last refused call, by time.monotonic."""

        def refuse(_request: Any, context: grpc.ServicerContext) -> None:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the server is shutting down")

        self._refused = _grpc.unary_unary_rpc_method_handler(refuse)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        if not self.shut or handler_call_details.method.startswith(HEALTH):
            return continuation(handler_call_details)
        self.last = time.monotonic()
        return self._refused

    def close(self) -> None:
        """Refuse calls, and wait until none has come for a moment.

        Calls that have arrived and are not yet handled when gRPC's server stops would be cancelled without a message.
        """
        self.shut = True
        self.last = began = time.monotonic()
        while time.monotonic() < min(self.last + QUIET, began + LONGEST):
            time.sleep(QUIET / 10)


class Bearer(grpc.ServerInterceptor[Any, Any] if TYPE_CHECKING else grpc.ServerInterceptor):
    """Accepts calls with one of the tokens; health checks need none."""

    def __init__(self, tokens: Sequence[bytes], refused: Callable[[], None]) -> None:
        """`refused` is called for every refused call."""
        self._known = [b"bearer " + token for token in tokens]

        def refuse(_request: Any, context: grpc.ServicerContext) -> None:
            refused()
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "a bearer token is needed: authorization: Bearer TOKEN")

        self._refused = _grpc.unary_unary_rpc_method_handler(refuse)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        if handler_call_details.method.startswith(HEALTH) or self._knows(handler_call_details.invocation_metadata):
            return continuation(handler_call_details)
        return self._refused

    def _knows(self, metadata: Any) -> bool:
        for key, value in metadata or ():
            if key == "authorization":
                given = value.encode() if isinstance(value, str) else value
                scheme, _, token = given.partition(b" ")
                shown = scheme.lower() + b" " + token.strip()
                return any([hmac.compare_digest(shown, known) for known in self._known])
        return False
