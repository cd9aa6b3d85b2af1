"""`archcalc serve`: the service over gRPC and HTTP."""

from __future__ import annotations

import os
from typing import Any

import click

from archcalc.cli.options import Seconds


@click.command("serve")
@click.option(
    "--listen",
    "address",
    default="127.0.0.1:50051",
    show_default=True,
    metavar="ADDRESS",
    help="Where to answer over gRPC: HOST:PORT or unix:PATH.",
)
@click.option("--http", metavar="HOST:PORT", help="Answer over HTTP as well: JSON, Connect, gRPC-Web.")
@click.option(
    "--cors",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Pages of this origin may ask over HTTP; * for all. Repeatable.",
)
@click.option("--cert", metavar="FILE", help="Certificate (PEM), for TLS.")
@click.option("--key", metavar="FILE", help="Key of the certificate (PEM).")
@click.option("--client-ca", metavar="FILE", help="Clients need a certificate of this authority (mutual TLS).")
@click.option("--token-file", metavar="FILE", help="Clients need a bearer token: a line for each, TOKEN or NAME TOKEN.")
@click.option("--insecure", is_flag=True, help="Accept connections from other machines without TLS.")
@click.option(
    "--no-reflection", "reflection", flag_value=False, default=True, help="Do not describe the API to clients."
)
@click.option("--metrics", metavar="HOST:PORT", help="Prometheus metrics over HTTP; off by default.")
@click.option("--insecure-metrics", is_flag=True, help="Show the metrics to other machines, which need no token.")
@click.option("--telemetry", is_flag=True, help="Traces and metrics by OpenTelemetry, as the OTEL_* variables say.")
@click.option(
    "--log-level",
    type=click.Choice(("debug", "info", "warning", "error"), case_sensitive=False),
    default="info",
    show_default=True,
    help="debug: a line for every call.",
)
@click.option(
    "--log-format",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="json: an object on each line.",
)
@click.option(
    "--concurrent",
    metavar="N",
    type=click.IntRange(1, 10_000),
    default=256,
    show_default=True,
    help="Requests at once.",
)
@click.option(
    "--workers", metavar="N", type=click.IntRange(1, 64), default=3, show_default=True, help="Heavy requests at once."
)
@click.option(
    "--waiting",
    metavar="N",
    type=click.IntRange(0, 1000),
    default=64,
    show_default=True,
    help="Heavy requests waiting.",
)
@click.option(
    "--cache",
    metavar="MIB",
    type=click.IntRange(0, 100_000),
    default=64,
    show_default=True,
    help="Memory for answers that are kept.",
)
@click.option(
    "--worker-memory",
    metavar="MIB",
    type=click.IntRange(64, 10**6),
    default=2048,
    show_default=True,
    help="Memory that a heavy request may take.",
)
@click.option("--seconds", type=Seconds(1), default=120.0, show_default=True, help="Time limit of a heavy request.")
@click.option(
    "--long-seconds", type=Seconds(1), default=3600.0, show_default=True, help="Time limit of validation and reports."
)
@click.option("--grace", type=Seconds(0), default=30.0, show_default=True, help="Time for calls to finish at shutdown.")
@click.option(
    "--drain",
    type=Seconds(0),
    default=0.0,
    show_default=True,
    help="At shutdown, time to answer as before while health checks fail.",
)
def serve_command(**options: Any) -> None:
    """Serve requests over gRPC and, with --http, over HTTP until SIGTERM or Ctrl-C; calls that have begun may finish.

    A second SIGTERM or Ctrl-C ends at once; SIGHUP reads tokens and certificates again. The log on stderr has one event
    on each line, at level debug one for every call. Other machines can connect only with TLS, or with --insecure.
    Whoever can connect may ask, if there is no --token-file.

    \b
    Examples:
      archcalc serve
      archcalc serve --listen 0.0.0.0:50051 --cert server.pem --key server.key --token-file tokens
      archcalc serve --http 127.0.0.1:8080 --cors https://example.org
      archcalc serve --listen unix:/run/archcalc.sock --metrics 127.0.0.1:9464
    """
    if os.environ.get("GRPC_VERBOSITY", "").upper() != "DEBUG":
        os.environ["GRPC_VERBOSITY"] = "INFO"  # failed handshakes, which the log tells in its own form
    from archcalc.service.serve import run

    run(**options)
