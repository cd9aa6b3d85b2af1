"""Health check of a server: `python -m archcalc.service.health HOST:PORT [AUTHORITY [NAME]]`; exit code 0: it serves.

With the file of a certificate authority the connection uses TLS; NAME is the name in the certificate, if it is not
HOST.
"""

from __future__ import annotations

import sys
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from archcalc.service.guard import read_file


def serving(target: str, ca: str | None = None, name: str | None = None) -> bool:
    """Return True if a server accepts calls; `name` is that in its certificate, if it is not the host of `target`."""
    options = [("grpc.ssl_target_name_override", name)] if name else []
    library: Any = grpc
    channel: Any = (
        library.insecure_channel(target, options)
        if ca is None
        else library.secure_channel(target, grpc.ssl_channel_credentials(read_file(ca, "the authority")), options)
    )
    with channel:
        try:
            stub: Any = health_pb2_grpc.HealthStub(channel)
            answer: Any = stub.Check(health_pb2.HealthCheckRequest(), timeout=4)
        except grpc.RpcError:
            return False
    return answer.status == health_pb2.HealthCheckResponse.SERVING


if __name__ == "__main__":
    sys.exit(0 if serving(*sys.argv[1:4]) else 1)
