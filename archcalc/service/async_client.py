"""The client for asyncio.

>>> async with archcalc.AsyncClient("127.0.0.1:50051") as client:      # doctest: +SKIP
...     print((await client.analyze("vgg16")).totals.params)
138357544
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

import grpc.aio

from archcalc import request as networks
from archcalc.analysis import structure
from archcalc.analysis import table as costs
from archcalc.catalogue import listing as catalogue
from archcalc.conventions import counting as conventions
from archcalc.conventions import reconciling
from archcalc.derivations import derive as derivations
from archcalc.evidence import accuracy, accuracy_check, explain
from archcalc.evidence import audit as claims
from archcalc.forms import closed as formulas
from archcalc.forms import formulas as formula_sheets
from archcalc.reports import rendering
from archcalc.search import ratios, scaling, solving
from archcalc.search import sweep as evaluation
from archcalc.service import faults, shaped
from archcalc.service.calls import Call
from archcalc.service.connection import OPTIONS, Connection, call_of, credentials, request_of
from archcalc.validation import runner

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")


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
        call = call_of(self.asked)
        answer = client.stream if call.streams and not call.whole else client.answer

        def ask(*args: Any, **kwargs: Any) -> Any:
            return answer(call, args, kwargs)

        return ask


class AsyncClient(Connection):
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
            return call.result(await ask(request_of(call, args, kwargs), **self.given(call)))
        except grpc.aio.AioRpcError as error:
            raise faults.as_error(error, self.target) from None

    async def stream(self, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        """The results of a call as they come."""
        ask = self.channel.unary_stream(call.path, response_deserializer=call.reader())
        responses = ask(request_of(call, args, kwargs), **self.given(call))
        try:
            async for response in responses:
                for item in call.items(response):
                    yield item
        except grpc.aio.AioRpcError as error:
            raise faults.as_error(error, self.target) from None
        finally:
            responses.cancel()
