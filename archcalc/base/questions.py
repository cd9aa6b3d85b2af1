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

from archcalc.base.errors import ArchcalcError

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Sender(Protocol):
    """A client: sends a function's arguments to a server and returns the result."""

    def send(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any: ...


_client: ContextVar[Sender | None] = ContextVar("client", default=None)


def question(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a function that a server can answer; the server's method has the same name.

    A call with arguments that the function does not have, or of another type than it takes, raises ArchcalcError.
    """

    @wraps(function)
    def ask(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        client = _client.get()
        return safe(*args, **kwargs) if client is None else client.send(function, args, kwargs)

    safe = checked(function)
    ask.is_question = True  # pyright: ignore[reportAttributeAccessIssue]
    return ask


def checked(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The function, which raises ArchcalcError for arguments that it does not have or of another type than it takes."""

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except ArchcalcError:
            raise
        except (AttributeError, LookupError, OverflowError, TypeError, ValueError) as error:
            from archcalc.base.arguments import misuse

            problem = misuse(function, args, kwargs)
            if isinstance(error, OverflowError):
                problem = problem or ArchcalcError(f"{function.__name__}: a number is too large: {error}")
            if problem is None:
                raise
            raise problem from error

    return call


def are_sent() -> bool:
    """Return True within `sent_to`: questions are answered by a server."""
    return _client.get() is not None


@contextmanager
def sent_to(client: Sender) -> Generator[None]:
    """Send calls of marked functions within this block to a client's server."""
    before = _client.set(client)
    try:
        yield
    finally:
        _client.reset(before)
