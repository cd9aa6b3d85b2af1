"""Health check of a server, for probes of containers and balancers: `python -m archcalc.service.health HOST:PORT`.

It asks the standard service `grpc.health.v1.Health`, which needs no token. Exit codes: 0, the server serves; 1, it does
not, or no server answers; 2, the check was asked for wrongly. One line says why. With --ca the connection uses TLS,
with --cert and --key mutual TLS. Every option may stand in the environment, as ARCHCALC_HEALTH_TARGET,
ARCHCALC_HEALTH_CA, ..., so that one command in an image or a manifest does for every way to serve.
"""

from __future__ import annotations

import argparse
import os
import ssl
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.service.guard import check_address, read_file

TIMEOUT = 4.0
"""Seconds for a check, unless the caller says otherwise: shorter than the period of any usual probe."""


VARIABLES = "ARCHCALC_HEALTH_"
"""The beginning of the names of environment variables that stand for options."""


class Health(NamedTuple):
    """The health of a server: whether it serves, and a sentence for people."""

    serving: bool
    sentence: str


def check(
    target: str,
    *,
    ca: str | None = None,
    cert: str | None = None,
    key: str | None = None,
    name: str | None = None,
    service: str = "",
    timeout: float = TIMEOUT,
) -> Health:
    """The health of the server at HOST:PORT or unix:PATH, asked within `timeout` seconds.

    `ca` is the file of the certificate authority of a server with TLS; `cert` and `key` are the files of this client's
    certificate and key, for mutual TLS; `name` is the name in the server's certificate, if it is not HOST. `service` is
    the full name of a gRPC service; "" is the server as a whole. Raises ArchcalcError for files that cannot be used and
    for an address that is none.
    """
    check_address(target, "the check", 1)
    if not 0 < timeout <= 3600:
        raise ArchcalcError(f"--timeout takes seconds, more than 0 and at most 3600, not {timeout:g}")
    credentials = _credentials(ca, cert, key)
    options: list[tuple[str, Any]] = [("grpc.enable_http_proxy", 0)]  # a probe asks this server, not a proxy
    if name:
        options.append(("grpc.ssl_target_name_override", name))
    library: Any = grpc
    channel: Any = (
        library.insecure_channel(target, options)
        if credentials is None
        else library.secure_channel(target, credentials, options)
    )
    with channel:
        try:
            stub: Any = health_pb2_grpc.HealthStub(channel)
            answer: Any = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=timeout)
        except grpc.RpcError as error:
            return Health(serving=False, sentence=f"{target}: {_reason(error, service, timeout)}")
    status = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    return Health(answer.status == health_pb2.HealthCheckResponse.SERVING, f"{target}: {status}")


def serving(target: str, ca: str | None = None, name: str | None = None, **options: Any) -> bool:
    """Return True if a server accepts calls; the other options are those of `check`."""
    return check(target, ca=ca, name=name, **options).serving


def _credentials(ca: str | None, cert: str | None, key: str | None) -> grpc.ChannelCredentials | None:
    if (cert is None) != (key is None):
        raise ArchcalcError("--cert and --key go together")
    if ca is None:
        if cert is not None:
            raise ArchcalcError("--cert and --key need --ca: without TLS nobody asks for them")
        return None
    authority = read_file(ca, "the authority")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(ca)
    except ssl.SSLError as error:
        raise ArchcalcError(f"--ca {ca} has no certificate in PEM") from error
    if cert is None or key is None:
        return grpc.ssl_channel_credentials(authority)
    pair = read_file(key, "the key"), read_file(cert, "the certificate")
    try:
        context.load_cert_chain(cert, key, password=lambda: b"")  # a probe has nobody to ask for a password
    except (ssl.SSLError, ValueError) as error:
        raise ArchcalcError(
            f"--cert {cert} and --key {key} are not a certificate and its key, both in PEM, without a password"
        ) from error
    return grpc.ssl_channel_credentials(authority, *pair)


def _reason(error: Any, service: str, timeout: float) -> str:
    """The reason of an answer that is none, in words."""
    code = error.code()
    if code == grpc.StatusCode.NOT_FOUND:
        return f"no service {shown(service)}"
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"no answer within {timeout:g} seconds"
    details = " ".join((error.details() or "").split())
    return f"no answer: {details or code.name}"


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArchcalcError(f"--timeout takes seconds, not {shown(text)}") from None


def main(args: Sequence[str]) -> int:
    """Print the health of a server; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m archcalc.service.health",
        description="Check whether a server serves.",
        epilog="Every option may stand in the environment, too: ARCHCALC_HEALTH_TARGET, ARCHCALC_HEALTH_CA, ...",
    )
    parser.add_argument("target", nargs="?", metavar="HOST:PORT|unix:PATH", help="the address of the server")
    parser.add_argument("older", nargs="*", metavar="AUTHORITY [NAME]", help="an older form of --ca and --name")
    for option, metavar, without, text in (
        ("ca", "FILE", "", "with TLS: certificate of the server's authority"),
        ("cert", "FILE", "", "with mutual TLS: the certificate of the check"),
        ("key", "FILE", "", "with mutual TLS: its key"),
        ("name", "NAME", "", "the name in the server's certificate, if it is not HOST"),
        ("service", "NAME", "", "one service; by default the server as a whole"),
        ("timeout", "SECONDS", f"{TIMEOUT:g}", "by default %(default)s"),
    ):
        usual = os.environ.get(f"{VARIABLES}{option.upper()}") or without
        parser.add_argument(f"--{option}", metavar=metavar, default=usual, help=text)
    options = parser.parse_args(args)
    options.target = options.target or os.environ.get(f"{VARIABLES}TARGET")
    if not options.target:
        parser.error("which server? Give HOST:PORT or unix:PATH")
    if len(options.older) > 2:
        parser.error("AUTHORITY [NAME] is an older form of --ca and --name: no more than two")
    ca, name = *options.older, *(options.ca, options.name)[len(options.older) :]
    try:
        found = check(
            options.target,
            ca=ca or None,
            cert=options.cert or None,
            key=options.key or None,
            name=name or None,
            service=options.service,
            timeout=_seconds(options.timeout),
        )
    except ArchcalcError as error:
        print(f"archcalc: {error}", file=sys.stderr)  # noqa: T201
        return 2
    print(found.sentence, file=sys.stdout if found.serving else sys.stderr)
    return 0 if found.serving else 1


if __name__ == "__main__":
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # the one line is this module's
    sys.exit(main(sys.argv[1:]))
