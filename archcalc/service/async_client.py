"""The client for asyncio.

>>> async with archcalc.AsyncClient("127.0.0.1:50051") as client:      # doctest: +SKIP
...     print((await client.analyze("vgg16")).totals.params)
138357544
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

import grpc.aio

from archcalc.service import faults
from archcalc.service.calls import Call
from archcalc.service.connection import PATIENCE, Attempts, Connection, credentials, options_for
from archcalc.service.questions import Questions


class AsyncClient(Questions, Connection):
    """A connection to a server: `await client.analyze("vgg16")`.

    Results that arrive one by one are iterated: `async for each in client.validate_networks(["vgg16"])`.
    """

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
        """As `Client`; it must be created and used in a running event loop."""
        secure = credentials(ca, cert, key)
        super().__init__(target, token, timeout, patience, secure is not None, insecure)
        options = options_for(target)
        self.channel: Any = (
            grpc.aio.insecure_channel(target, options)
            if secure is None
            else grpc.aio.secure_channel(target, secure, options)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection, and cancel calls in progress."""
        await self.channel.close()

    def ask_later(self, call: Call[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any:
        """A coroutine for the result of a call, or an asynchronous iterator of its results."""
        if call.streams and not call.answer.whole:
            return call.answer.gathered_later(self._items(call, args, kwargs))
        return self._result(call, args, kwargs)

    async def _items(self, call: Call[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        async with aclosing(self._begun(call, call.request(args, kwargs))) as responses:
            async for response in responses:
                for item in call.answer.result([response]):
                    yield item

    async def _result(self, call: Call[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        request = call.request(args, kwargs)
        if call.streams:

            async def together() -> Any:
                return call.answer.result([response async for response in self._responses(call, request)])

            return await self._tried(together)
        method = self.channel.unary_unary(call.path, response_deserializer=call.reader())
        responses: list[Any] = []
        while not responses or call.answer.following(request, responses[-1]):
            raw = request.SerializeToString(deterministic=True)

            async def once(raw: bytes = raw) -> Any:
                return await method(raw, **self.given(call))

            responses.append(await self._tried(once))
        return call.answer.result(responses)

    async def _tried(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What `ask` returns, asked again while the server restarts. Raises what a failed call means."""
        attempts = Attempts(self)
        while True:
            try:
                result = await ask()
            except grpc.aio.AioRpcError as error:
                pause = attempts.pause_after(error)
                if pause is None:
                    raise faults.as_error(error, self.target) from None
                await asyncio.sleep(pause)
            else:
                self.reached = True
                return result

    async def _begun(self, call: Call[..., Any], request: Any) -> AsyncGenerator[Any]:
        """The responses of a stream, which is asked for again only before the first of them."""
        attempts = Attempts(self)
        begun = False
        while True:
            try:
                async with aclosing(self._responses(call, request)) as responses:
                    async for response in responses:
                        begun = self.reached = True
                        yield response
            except grpc.aio.AioRpcError as error:
                pause = None if begun else attempts.pause_after(error)
                if pause is None:
                    raise faults.as_error(error, self.target) from None
                await asyncio.sleep(pause)
            else:
                return

    async def _responses(self, call: Call[..., Any], request: Any) -> AsyncGenerator[Any]:
        method = self.channel.unary_stream(call.path, response_deserializer=call.reader())
        responses = method(request.SerializeToString(deterministic=True), **self.given(call))
        try:
            async for response in responses:
                yield response
        finally:
            responses.cancel()
