"""The service over HTTP: Connect, gRPC-Web and plain JSON, the same calls as over gRPC.

`curl -d '{"network": {"name": "vgg16"}}' http://HOST:PORT/archcalc.v1.ArchcalcService/Analyze` asks for a table. The
`connectrpc` package speaks the protocols (`endpoints`), `edge` has what a service that strangers call needs around it,
`connections` the server: uvicorn's HTTP/1.1 with limits of time and number.

Sources: https://connectrpc.com/docs/protocol, https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archcalc.base.extras import need

if TYPE_CHECKING:
    from archcalc.service.web.connections import WebServer
    from archcalc.service.web.core import Answering


def web_server(core: Answering, **options: Any) -> WebServer:
    """A server of `core` over HTTP, which listens after `await server.start(host, port)`.

    `options` are the arguments of WebServer. Raises MissingTool if the packages are not installed.
    """
    for module in ("connectrpc", "uvicorn"):
        need(module, "serving over HTTP")
    from archcalc.service.web.connections import WebServer

    return WebServer(core, **options)
