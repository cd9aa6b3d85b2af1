"""Cancellation: long work calls `check_cancelled()` between its steps, and ends there once it is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar


class Cancelled(Exception):
    """The work was cancelled: its result is no longer wanted."""


_cancelled: ContextVar[Callable[[], bool] | None] = ContextVar("cancelled", default=None)


@contextmanager
def cancellable(cancelled: Callable[[], bool]) -> Generator[None]:
    """End the work in this block, at its next check, once `cancelled()` is true."""
    before = _cancelled.set(cancelled)
    try:
        yield
    finally:
        _cancelled.reset(before)


def check_cancelled() -> None:
    """Raise Cancelled if the work that is being done was cancelled."""
    cancelled = _cancelled.get()
    if cancelled is not None and cancelled():
        raise Cancelled
