"""The command line with a server, which answers all requests of commands."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def connected(
    server: str, ca: str | None, cert: str | None, key: str | None, token_file: str | None, insecure: bool
) -> Generator[None]:
    """Send the requests in this block to a server. Raises ArchcalcError if a file cannot be read."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # an error is one line, without those of gRPC's core
    from archcalc.service.access import read_tokens
    from archcalc.service.client import Client

    tokens = read_tokens(token_file)
    token = next(iter(tokens)).decode("ascii", "replace") if tokens else None
    with Client(server, ca=ca, cert=cert, key=key, token=token, insecure=insecure) as client, client.answering():
        yield
