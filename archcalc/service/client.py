"""Clients of the service: the door's questions, answered by a server.

>>> with archcalc.Client("127.0.0.1:50051") as client:           # doctest: +SKIP
...     client.analyze("vgg16").totals.params
138357544

Results are those of `archcalc` itself, errors too. Arguments that the contract has no place for (a text where it has a
number) are refused by the function that would answer here, as it refuses them without a server.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

import grpc

from archcalc import request as networks
from archcalc.analysis import structure
from archcalc.analysis import table as costs
from archcalc.base.questions import sent_to
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
            return client.send(self.asked, args, kwargs)

        return ask


class Client(Connection):
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
        with sent_to(self):
            yield self

    def send(self, asked: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any:
        """Put a question of the door to the server. Raises what the question raises, and ServerError."""
        call = call_of(asked)
        raw = request_of(call, args, kwargs)
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
