"""Functions that a server can answer: each is marked with `@question`.

Such a function is called like any other. Within `with sent_to(client)` its arguments go to the client, which returns
the result of a server: so the command line runs against a server with the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Sender(Protocol):
    """A client: sends a function's arguments to a server and returns the result."""

    def send(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any: ...


_client: ContextVar[Sender | None] = ContextVar("client", default=None)


def question(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a function that a server can answer; the server's method has the same name."""

    @wraps(function)
    def ask(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        client = _client.get()
        return function(*args, **kwargs) if client is None else client.send(function, args, kwargs)

    ask.is_question = True  # pyright: ignore[reportAttributeAccessIssue]
    return ask


@contextmanager
def sent_to(client: Sender) -> Generator[None]:
    """Send calls of marked functions within this block to a client's server."""
    before = _client.set(client)
    try:
        yield
    finally:
        _client.reset(before)
