"""Calls of the service: conversion of a function's arguments to a request, and of its result to responses.

The contract names a call after the function and has a field for each argument. As an attribute of a client's class, a
call is a method, which returns the result or, in an asynchronous client, a coroutine.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import cached_property, wraps
from inspect import Parameter, Signature, signature, unwrap
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Graph, Network
from archcalc.request import Request
from archcalc.service.answers import Answer
from archcalc.service.bounds import check_bounds
from archcalc.service.costs import CallCost
from archcalc.service.faults import Refused
from archcalc.service.messages.fields import AnyField, Unsendable
from archcalc.v1 import archcalc_pb2 as contract

SERVICE = contract.DESCRIPTOR.services_by_name["ArchcalcService"]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")


class Synchronous(Protocol):
    """A client whose methods return results."""

    def ask(self, call: Call[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any: ...


class Asynchronous(Protocol):
    """A client whose methods are coroutines, or asynchronous iterators where results are streamed."""

    def ask_later(self, call: Call[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any: ...


def _nothing() -> None:
    """Do nothing."""


class Call(Generic[_P, _R]):
    """One call of the service."""

    def __init__(
        self,
        function: Callable[_P, _R],
        answer: Answer,
        *,
        cost: CallCost,
        heavy: bool = False,
        kept: bool = True,
        unsent: tuple[str, ...] = (),
        renamed: Mapping[str, str] | None = None,
        method: str = "",
        **arguments: AnyField,
    ) -> None:
        """`arguments` has the kind of field of each argument; parameter and field have the same name.

        `cost`: the weights from which the time of an answer is estimated, see `archcalc.service.costs`. `heavy`: the
        call may take more than a moment, and its clients wait longer. `kept`: the answer is cached for equal requests.
        `unsent`: parameters that do not change the answer. `renamed`: the fields of the parameters that the contract
        calls otherwise. `method`: the name in the contract where the function has another.
        """
        self.function = function
        self.answer = answer
        self.cost = cost
        self.heavy, self.kept, self.unsent, self.renamed = heavy, kept, unsent, renamed or {}
        self.arguments = arguments
        self.method = method or "".join([part.capitalize() for part in unwrap(function).__name__.split("_")])
        self.__doc__ = function.__doc__

    # --- As a method of a client.

    @overload
    def __get__(self, client: None, kind: object) -> Self: ...
    @overload
    def __get__(self, client: Synchronous, kind: object) -> Callable[_P, _R]: ...
    @overload
    def __get__(
        self: Call[_P, Iterator[_T]], client: Asynchronous, kind: object
    ) -> Callable[_P, AsyncIterator[_T]]: ...
    @overload
    def __get__(self, client: Asynchronous, kind: object) -> Callable[_P, Awaitable[_R]]: ...
    def __get__(self, client: Any, kind: object) -> Any:
        if client is None:
            return self
        ask = client.ask_later if hasattr(client, "ask_later") else client.ask

        @wraps(self.function)
        def method(*args: Any, **kwargs: Any) -> Any:
            return ask(self, args, kwargs)

        return method

    # --- Facts of the contract.

    @cached_property
    def descriptor(self) -> Any:
        return SERVICE.methods_by_name[self.method]

    @cached_property
    def path(self) -> str:
        """The name of the call on the wire."""
        return f"/{SERVICE.full_name}/{self.method}"

    @cached_property
    def streams(self) -> bool:
        """True if it has any number of responses."""
        return self.descriptor.server_streaming

    @cached_property
    def request_class(self) -> Any:
        return GetMessageClass(self.descriptor.input_type)

    @cached_property
    def response_class(self) -> Any:
        return GetMessageClass(self.descriptor.output_type)

    @cached_property
    def signature(self) -> Signature:
        return signature(self.function)

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters of the function."""
        return self.signature.parameters

    @cached_property
    def networks(self) -> tuple[str, ...]:
        """The fields of the request that hold a network or several."""
        fields = self.descriptor.input_type.fields
        kind = contract.Network.DESCRIPTOR
        return tuple([each.name for each in fields if each.message_type is kind])

    # --- In the server.

    def read(self, raw: bytes) -> Message:
        """The request in some bytes, with every field within the bounds of the contract.

        Raises Refused if it cannot be read, and if a field is out of bounds.
        """
        try:
            request = self.request_class.FromString(raw)
        except DecodeError:
            raise Refused(f"the bytes are no {self.descriptor.input_type.name}") from None
        check_bounds(request)
        return request

    def arguments_of(self, request: Any) -> dict[str, Any]:
        """The arguments in a request that `read` has returned. Raises Refused if it does not fit the contract."""
        arguments: dict[str, Any] = {}
        for name, field in self.arguments.items():
            key = self.renamed.get(name, name)
            described = request.DESCRIPTOR.fields_by_name[key]
            held = getattr(request, key)
            is_set = request.HasField(key) if described.has_presence else bool(held)
            if is_set or self.parameters[name].default is Parameter.empty:
                arguments[name] = _read(key, field, held)
        return arguments | self.answer.arguments(request)

    def place(self, about: str) -> str:
        """The field of the request that an error is about; empty if there is none."""
        steps = ["inputs" if step == "input" else step for step in about.split(".")]
        root, bracket, rest = steps[0].partition("[")
        if root in self.arguments:
            return ".".join([self.renamed.get(root, root) + bracket + rest, *steps[1:]])
        if root in self.renamed.values():
            return ".".join(steps)
        network = self.descriptor.input_type.fields_by_name.get("network")
        if network is None:
            return ""
        if root in contract.Training.DESCRIPTOR.fields_by_name:
            return ".".join(["network", "training", *steps])
        return ".".join(["network", *steps]) if root in network.message_type.fields_by_name else ""

    def responses(self, request: Message, begins: Callable[[], None] = _nothing) -> Iterator[bytes]:
        """The responses to a request; `begins` is called when the request has been read.

        Raises Refused, Unsendable, and what the function raises.
        """
        arguments = self.arguments_of(request)
        begins()
        result = self.function(**arguments)  # pyright: ignore[reportCallIssue]
        for fields in self.answer.responses(request, result):
            check_cancelled()
            yield _message(self.response_class, fields).SerializeToString()

    # --- In a client.

    def request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The request for some arguments. Raises ArchcalcError for arguments that cannot be sent or are refused."""
        given = dict(self.signature.bind(*args, **kwargs).arguments)
        for name, parameter in self.parameters.items():
            if parameter.kind is Parameter.VAR_KEYWORD:
                self._settle(given, given.pop(name, {}))
        fields = self.answer.fields(given)
        for name, value in given.items():
            if name in self.unsent or value is None:
                continue
            if name not in self.arguments:
                raise ArchcalcError(f"{name} cannot be sent to a server", about=name)
            try:
                fields[self.renamed.get(name, name)] = self.arguments[name].write(value)
            except Unsendable as error:
                raise ArchcalcError(f"{error}: this request cannot be sent to a server", about=name) from None
        try:
            return _message(self.request_class, fields)
        except Unsendable as error:
            self._refuse_own(given)
            raise ArchcalcError(f"a server cannot be asked this: {error}") from None

    def _refuse_own(self, given: dict[str, Any]) -> None:
        """Raise ArchcalcError where a network of one's own stands for a name."""
        for name, value in given.items():
            each: Any
            for each in value if isinstance(value, (list, tuple)) else (value,):  # pyright: ignore[reportUnknownVariableType]
                if isinstance(each, (Network, Graph, Request)):
                    asked = self.function.__name__
                    said = f"a server answers {asked} about networks of the catalogue alone, by their names"
                    own, what = Request.of(each).resolved.name, ", a network of your own,"
                    if isinstance(each, Request) and isinstance(each.network, str):
                        own, what = each.network, " with these options"
                    raise ArchcalcError(f"{said}: ask about {own}{what} on this machine", about=name)

    def _settle(self, given: dict[str, Any], settings: dict[str, Any]) -> None:
        """Move the given input, batch, dtype and hyperparameters into the requests of the networks."""
        if "network" in given:
            given["network"] = Request.of(given["network"], **settings)
        elif "networks" in given:
            given["networks"] = [Request.of(each, **settings) for each in given["networks"]]

    def reader(self) -> Callable[[bytes], Any]:
        """The function that reads a response."""
        return self.response_class.FromString


def _read(name: str, field: AnyField, held: Any) -> Any:
    """An argument from its field. Raises ArchcalcError with the field of the request in `about`."""
    try:
        return field.read(held)
    except Unsendable as error:
        raise Refused(f"{name}: {error}", about=name) from None
    except ArchcalcError as error:
        if name != "network":
            error.about = f"{name}{error.about if error.about.startswith('[') else f'.{error.about}'}"
        raise


def _message(kind: Any, fields: dict[str, Any]) -> Any:
    """A message with these fields. Raises Unsendable if one does not fit."""
    try:
        return kind(**fields)
    except (TypeError, ValueError) as error:
        raise Unsendable(str(error)) from None
