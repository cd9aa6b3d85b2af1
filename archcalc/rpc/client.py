"""Clients of the service: the door's questions, answered by a server.

>>> with archcalc.Client("127.0.0.1:50051") as client:           # doctest: +SKIP
...     client.analyze("vgg16").totals.params
138357544

Results are those of `archcalc` itself, errors too. Arguments that the contract has no place for (a text where it has a
number) are refused by the function that would answer here, as it refuses them without a server.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from inspect import isgenerator
from types import TracebackType
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

import grpc
import grpc.aio

from archcalc import rendering
from archcalc.errors import ArchcalcError
from archcalc.query import (
    accuracy,
    accuracy_check,
    catalogue,
    claims,
    conventions,
    costs,
    derivations,
    evaluation,
    explain,
    formula_sheets,
    formulas,
    networks,
    ratios,
    reconciling,
    scaling,
    solving,
    structure,
)
from archcalc.questions import answered_by
from archcalc.rpc import faults, requests, shaped
from archcalc.rpc.calls import BY_QUESTION, CALLS, SERVICE, Call
from archcalc.rpc.convert import Unsendable
from archcalc.rpc.guard import read_file
from archcalc.validate import runner

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")

QUICK, SLOW = "30s", "3600s"
"""Deadlines of quick calls and of heavy ones, unless a client has one of its own."""

RETRY = {
    "maxAttempts": 4,
    "initialBackoff": "0.1s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
"""Every call may be repeated: its answer depends on nothing but its request."""

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
"""Deadlines and retries, as gRPC's service config says them."""

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
    """Credentials for TLS from files: the authority that vouches for the server, and for mutual TLS a certificate and
    its key; `ca` "" stands for the authorities that gRPC knows. None without any.
    """
    if (cert is None) != (key is None):
        raise ArchcalcError("a certificate and its key go together")
    if ca is None and cert is None:
        return None
    authority = read_file(ca, "the authority") if ca else None
    if cert is None or key is None:
        return grpc.ssl_channel_credentials(authority)
    return grpc.ssl_channel_credentials(authority, read_file(key, "the key"), read_file(cert, "the certificate"))


def _call_of(asked: Callable[..., Any]) -> Call:
    call = BY_QUESTION.get(requests.unwrap(asked))
    if call is None:
        raise ArchcalcError(f"the service has no call for {asked.__name__}")
    return call


def _request(call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    try:
        return call.request(args, kwargs).SerializeToString()
    except Unsendable as error:
        with answered_by(None):
            refused = call.asked(*args, **kwargs)  # raises what is wrong, as it does without a server
            if isgenerator(refused):
                next(refused, None)
        raise ArchcalcError(f"a server cannot be asked this: {error}") from None


class _Asked(Generic[_P, _R]):
    """A method that puts a question to the server: with the parameters and the result of the door's function."""

    def __init__(self, asked: Callable[_P, _R]) -> None:
        self.asked = asked
        self.__doc__ = asked.__doc__

    @overload
    def __get__(self, client: None, kind: Any) -> Self: ...
    @overload
    def __get__(self, client: Client, kind: Any) -> Callable[_P, _R]: ...
    def __get__(self, client: Client | None, kind: Any) -> Any:
        if client is None:
            return self

        def ask(*args: Any, **kwargs: Any) -> Any:
            return client.answer(self.asked, args, kwargs)

        return ask


class _Connection:
    """Where a server is, and who asks."""

    def __init__(self, target: str, token: str | None, timeout: float | None) -> None:
        self.target = target
        self.timeout = timeout
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def given(self, call: Call) -> dict[str, Any]:
        """What every call says beside its request: its deadline and who asks."""
        deadline = DEADLINES[call.method] if self.timeout is None else self.timeout
        return {"timeout": deadline, "metadata": self.metadata}


class Client(_Connection):
    """Asks a server; safe to use from several threads. Close it, or use it in a `with` statement."""

    analyze = _Asked(costs.analyze)
    names = _Asked(networks.names)
    resolve = _Asked(networks.resolve)
    describe = _Asked(catalogue.describe)
    spaces = _Asked(catalogue.spaces)
    page = _Asked(catalogue.page)
    structure = _Asked(structure.structure)
    symbols_of = _Asked(formulas.symbols_of)
    formulas = _Asked(formula_sheets.formulas)
    exact_formulas = _Asked(formula_sheets.exact_formulas)
    evaluate = _Asked(formula_sheets.evaluate)
    compare_formula = _Asked(formula_sheets.compare_formula)
    derive = _Asked(derivations.derive)
    solve = _Asked(solving.solve)
    scaling = _Asked(scaling.scaling)
    compare_laws = _Asked(ratios.compare_laws)
    count = _Asked(conventions.count)
    conventions = _Asked(conventions.conventions)
    reconcile = _Asked(reconciling.reconcile)
    audit = _Asked(claims.audit)
    case = _Asked(claims.case)
    explain = _Asked(explain.explain)
    located = _Asked(accuracy.located)
    check_points = _Asked(accuracy_check.check_points)
    compare = _Asked(shaped.compare)
    stage_fields = _Asked(shaped.stage_fields)
    sweep = _Asked(evaluation.sweep)
    graph_picture = _Asked(rendering.graph_picture)
    plot = _Asked(rendering.plot)
    scaling_figure = _Asked(rendering.scaling_figure)
    report = _Asked(rendering.report)
    conditions = _Asked(runner.conditions)
    verdicts = _Asked(runner.verdicts)
    random_verdicts = _Asked(runner.random_verdicts)

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
        """Connect to HOST:PORT, with TLS if `ca` names the file of the authority that vouches for the server.

        `cert` and `key` are files for mutual TLS, `token` is a bearer token, `timeout` is in seconds, for every call.
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
        """Drop the connection and what is under way."""
        self.channel.close()

    @contextmanager
    def answering(self) -> Generator[Self]:
        """Within this block, `archcalc.analyze` and all other questions are answered by the server."""
        with answered_by(self):
            yield self

    def answer(self, asked: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any:
        """Put a question of the door to the server. Raises what the question raises, and ServerError."""
        call = _call_of(asked)
        raw = _request(call, args, kwargs)
        kind = self.channel.unary_stream if call.streams else self.channel.unary_unary
        ask = kind(call.path, response_deserializer=call.reader())
        if not call.streams:
            try:
                return call.result(ask(raw, **self.given(call)))
            except grpc.RpcError as error:
                raise faults.as_error(error, self.target) from None
        items = self._items(call, ask(raw, **self.given(call)))
        return b"".join(items) if call.whole else items

    def _items(self, call: Call, responses: Any) -> Iterator[Any]:
        try:
            for response in responses:
                yield from call.items(response)
        except grpc.RpcError as error:
            raise faults.as_error(error, self.target) from None
        finally:
            responses.cancel()


class _Awaited(Generic[_P, _R]):
    """A method of the asyncio client: a coroutine, or an asynchronous iterator where results are streamed."""

    def __init__(self, asked: Callable[_P, _R]) -> None:
        self.asked = asked
        self.__doc__ = asked.__doc__

    @overload
    def __get__(self, client: None, kind: Any) -> Self: ...
    @overload
    def __get__(
        self: _Awaited[_P, Iterator[_T]], client: AsyncClient, kind: Any
    ) -> Callable[_P, AsyncIterator[_T]]: ...
    @overload
    def __get__(self, client: AsyncClient, kind: Any) -> Callable[_P, Awaitable[_R]]: ...
    def __get__(self, client: AsyncClient | None, kind: Any) -> Any:
        if client is None:
            return self
        call = _call_of(self.asked)
        answer = client.stream if call.streams and not call.whole else client.answer

        def ask(*args: Any, **kwargs: Any) -> Any:
            return answer(call, args, kwargs)

        return ask


class AsyncClient(_Connection):
    """Asks a server, in asyncio: `await client.analyze("vgg16")`, `async for verdict in client.verdicts(["vgg16"])`."""

    analyze = _Awaited(costs.analyze)
    names = _Awaited(networks.names)
    resolve = _Awaited(networks.resolve)
    describe = _Awaited(catalogue.describe)
    spaces = _Awaited(catalogue.spaces)
    page = _Awaited(catalogue.page)
    structure = _Awaited(structure.structure)
    symbols_of = _Awaited(formulas.symbols_of)
    formulas = _Awaited(formula_sheets.formulas)
    exact_formulas = _Awaited(formula_sheets.exact_formulas)
    evaluate = _Awaited(formula_sheets.evaluate)
    compare_formula = _Awaited(formula_sheets.compare_formula)
    derive = _Awaited(derivations.derive)
    solve = _Awaited(solving.solve)
    scaling = _Awaited(scaling.scaling)
    compare_laws = _Awaited(ratios.compare_laws)
    count = _Awaited(conventions.count)
    conventions = _Awaited(conventions.conventions)
    reconcile = _Awaited(reconciling.reconcile)
    audit = _Awaited(claims.audit)
    case = _Awaited(claims.case)
    explain = _Awaited(explain.explain)
    located = _Awaited(accuracy.located)
    check_points = _Awaited(accuracy_check.check_points)
    compare = _Awaited(shaped.compare)
    stage_fields = _Awaited(shaped.stage_fields)
    sweep = _Awaited(evaluation.sweep)
    graph_picture = _Awaited(rendering.graph_picture)
    plot = _Awaited(rendering.plot)
    scaling_figure = _Awaited(rendering.scaling_figure)
    report = _Awaited(rendering.report)
    conditions = _Awaited(runner.conditions)
    verdicts = _Awaited(runner.verdicts)
    random_verdicts = _Awaited(runner.random_verdicts)

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
        """As `Client`; made and used in a running event loop."""
        super().__init__(target, token, timeout)
        secure = credentials(ca, cert, key)
        self.channel: Any = (
            grpc.aio.insecure_channel(target, OPTIONS)
            if secure is None
            else grpc.aio.secure_channel(target, secure, OPTIONS)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Drop the connection and what is under way."""
        await self.channel.close()

    async def answer(self, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of a call. Raises what the question raises, and ServerError."""
        if call.streams:
            return b"".join([piece async for piece in self.stream(call, args, kwargs)])
        ask = self.channel.unary_unary(call.path, response_deserializer=call.reader())
        try:
            return call.result(await ask(_request(call, args, kwargs), **self.given(call)))
        except grpc.aio.AioRpcError as error:
            raise faults.as_error(error, self.target) from None

    async def stream(self, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        """The results of a call as they come."""
        ask = self.channel.unary_stream(call.path, response_deserializer=call.reader())
        responses = ask(_request(call, args, kwargs), **self.given(call))
        try:
            async for response in responses:
                for item in call.items(response):
                    yield item
        except grpc.aio.AioRpcError as error:
            raise faults.as_error(error, self.target) from None
        finally:
            responses.cancel()
