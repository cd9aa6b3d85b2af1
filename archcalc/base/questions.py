"""Who answers a question: the function that is called, unless someone else has been named to answer.

A function that answers a question of the door is marked with `@question`. Within `with answered_by(respondent)`, a
call of it goes to the respondent instead, with the arguments as given: so the command line runs against a server
without knowing that there is one, and the door knows nothing of servers.

How long whoever asked will wait is known here too: long work calls `go_on()` between its steps, and stops there when
nobody waits for the answer any more.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Respondent(Protocol):
    """Someone who answers questions: gets the function that would answer here and its arguments, returns its result."""

    def answer(self, asked: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any: ...


class GivenUp(Exception):
    """Nobody waits for the answer any more."""


_respondent: ContextVar[Respondent | None] = ContextVar("respondent", default=None)
_patience: ContextVar[Callable[[], bool] | None] = ContextVar("patience", default=None)


def question(answer: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a function of the door that someone else may answer; its name is the name of the question."""

    @wraps(answer)
    def ask(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        respondent = _respondent.get()
        return answer(*args, **kwargs) if respondent is None else respondent.answer(answer, args, kwargs)

    ask.is_question = True  # pyright: ignore[reportAttributeAccessIssue]
    return ask


@contextmanager
def answered_by(respondent: Respondent | None) -> Generator[None]:
    """Questions in this block are answered by someone else; None: here."""
    before = _respondent.set(respondent)
    try:
        yield
    finally:
        _respondent.reset(before)


@contextmanager
def while_waiting(waits: Callable[[], bool]) -> Generator[None]:
    """Work in this block stops, with GivenUp, at its next step after `waits` has become false."""
    before = _patience.set(waits)
    try:
        yield
    finally:
        _patience.reset(before)


def go_on() -> None:
    """Raise GivenUp if nobody waits for the answer any more: called between the steps of long work."""
    waits = _patience.get()
    if waits is not None and not waits():
        raise GivenUp
