"""The client of the service: every call is a method.

>>> with archcalc.Client("127.0.0.1:50051") as client:           # doctest: +SKIP
...     client.analyze("vgg16").totals.params
138357544

Results and errors are those of `archcalc` itself. Your own network is sent as its graph, or as the file that it was
read from, without weights; no code is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any, Self

import grpc

from archcalc.base.questions import sent_to
from archcalc.service import faults
from archcalc.service.calls import Call
from archcalc.service.connection import PATIENCE, Attempts, Connection, call_of, credentials, options_for
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
        patience: float = PATIENCE,
        insecure: bool = False,
    ) -> None:
        """Connect to HOST:PORT, with TLS if `ca` is the file of the certificate authority of the server.

        `cert` and `key` are files for mutual TLS, `token` is a bearer token, `timeout` the deadline of each call in
        seconds. If the server has answered before and is not there now, a call waits for it for `patience` seconds.
        `insecure` allows to send a token without TLS to another machine. Raises ArchcalcError.
        """
        secure = credentials(ca, cert, key)
        super().__init__(target, token, timeout, patience, secure is not None, insecure)
        options = options_for(target)
        self.channel: Any = (
            grpc.insecure_channel(target, options) if secure is None else grpc.secure_channel(target, secure, options)
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
            if call.answer.whole:
                return self._tried(lambda: call.answer.result(list(self._responses(call, request))))
            return call.answer.gathered(_items(call, self._begun(call, request)))
        method = self.channel.unary_unary(call.path, response_deserializer=call.reader())
        responses: list[Any] = []
        while not responses or call.answer.following(request, responses[-1]):
            raw = request.SerializeToString(deterministic=True)
            responses.append(self._tried(lambda raw=raw: method(raw, **self.given(call))))
        return call.answer.result(responses)

    def _tried(self, ask: Callable[[], Any]) -> Any:
        """What `ask` returns, asked again while the server restarts. Raises what a failed call means."""
        attempts = Attempts(self)
        while True:
            try:
                result = ask()
            except grpc.RpcError as error:
                pause = attempts.pause_after(error)
                if pause is None:
                    raise faults.as_error(error, self.target) from None
                time.sleep(pause)
            else:
                self.reached = True
                return result

    def _begun(self, call: Call[..., Any], request: Any) -> Generator[Any]:
        """The responses of a stream, which is asked for again only before the first of them."""
        attempts = Attempts(self)
        begun = False
        while True:
            try:
                for response in self._responses(call, request):
                    begun = self.reached = True
                    yield response
            except grpc.RpcError as error:
                pause = None if begun else attempts.pause_after(error)
                if pause is None:
                    raise faults.as_error(error, self.target) from None
                time.sleep(pause)
            else:
                return

    def _responses(self, call: Call[..., Any], request: Any) -> Generator[Any]:
        method = self.channel.unary_stream(call.path, response_deserializer=call.reader())
        responses = method(request.SerializeToString(deterministic=True), **self.given(call))
        try:
            yield from responses
        finally:
            responses.cancel()


def _items(call: Call[..., Any], stream: Generator[Any]) -> Iterator[Any]:
    """The results in the responses of a stream, which ends with this iterator."""
    with closing(stream):
        for response in stream:
            yield from call.answer.result([response])
