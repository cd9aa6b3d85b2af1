"""The client of the service: every call is a method.

>>> with archcalc.Client("127.0.0.1:50051") as client:           # doctest: +SKIP
...     client.analyze("vgg16").totals.params
138357544

Results and errors are those of `archcalc` itself. Your own network is sent as its graph, or as the file that it was
read from, without weights; no code is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any, Self

import grpc

from archcalc.base.questions import sent_to
from archcalc.service import faults
from archcalc.service.calls import Call
from archcalc.service.connection import OPTIONS, Connection, call_of, credentials
from archcalc.service.questions import Questions


class Client(Questions, Connection):
    """A connection to a server; safe to use from several threads. Close it, or use it in a `with` statement."""

    def __init__(
        self,
        target: str = "127.0.0.1:50051",
        *,
        ca: str | None = None,
        cert: str | None = None,
        key: str | None = None,
        token: str | None = None,
        timeout: float | None = None,
    ) -> None:
        """Connect to HOST:PORT, with TLS if `ca` is the file of the certificate authority of the server.

        `cert` and `key` are files for mutual TLS, `token` is a bearer token, `timeout` the deadline of each call in
        seconds.
        """
        super().__init__(target, token, timeout)
        secure = credentials(ca, cert, key)
        self.channel: Any = (
            grpc.insecure_channel(target, OPTIONS) if secure is None else grpc.secure_channel(target, secure, OPTIONS)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, and cancel calls in progress."""
        self.channel.close()

    @contextmanager
    def answering(self) -> Generator[Self]:
        """Within this block, `archcalc.analyze` and all other functions of the API are answered by the server."""
        with sent_to(self):
            yield self

    def send(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any:
        """The result of a call, given as the function that computes it without a server."""
        return self.ask(call_of(function), args, kwargs)

    def ask(self, call: Call[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any:
        """The result of a call. Raises what the function raises, and ServerError."""
        request = call.request(args, kwargs)
        if call.streams:
            stream = self._responses(call, request)
            if call.answer.whole:
                return call.answer.result(list(stream))
            return call.answer.gathered(_items(call, stream))
        method = self.channel.unary_unary(call.path, response_deserializer=call.reader())
        responses: list[Any] = []
        try:
            while not responses or call.answer.following(request, responses[-1]):
                responses.append(method(request.SerializeToString(deterministic=True), **self.given(call)))
        except grpc.RpcError as error:
            raise faults.as_error(error, self.target) from None
        return call.answer.result(responses)

    def _responses(self, call: Call[..., Any], request: Any) -> Generator[Any]:
        method = self.channel.unary_stream(call.path, response_deserializer=call.reader())
        responses = method(request.SerializeToString(deterministic=True), **self.given(call))
        return self._each(responses)

    def _each(self, responses: Any) -> Generator[Any]:
        try:
            yield from responses
        except grpc.RpcError as error:
            raise faults.as_error(error, self.target) from None
        finally:
            responses.cancel()


def _items(call: Call[..., Any], stream: Generator[Any]) -> Iterator[Any]:
    """The results in the responses of a stream, which ends with this iterator."""
    with closing(stream):
        for response in stream:
            yield from call.answer.result([response])
