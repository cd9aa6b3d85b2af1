"""Limits on the size of what is computed: a service sets them, so that no request takes more than it can spare.

None is in force unless one is set: on a machine of one's own any network may be built.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from archcalc.base.errors import TooCostly

_nodes: ContextVar[int | None] = ContextVar("nodes", default=None)


@contextmanager
def limited(*, nodes: int) -> Generator[None]:
    """Let no graph in this block have more than `nodes` nodes: the operations of a network, and its inputs.

    A graph that grows beyond it raises TooCostly; up to 32 nodes more may have been added by then.

    >>> from archcalc import analyze
    >>> with limited(nodes=100):
    ...     analyze("resnet50")
    Traceback (most recent call last):
    archcalc.base.errors.TooCostly: resnet50 has more than 100 operations, the most that are computed here: ask for \
fewer layers, blocks or branches, or compute it on a machine of your own
    """
    before = _nodes.set(nodes)
    try:
        yield
    finally:
        _nodes.reset(before)


def most_nodes() -> int | None:
    """The most nodes that a graph may have; None where no limit is in force."""
    return _nodes.get()


def check_nodes(name: str, nodes: int) -> None:
    """Raise TooCostly if a network with so many nodes is larger than the limit in force."""
    most = _nodes.get()
    if most is not None and nodes > most:
        raise TooCostly(
            f"{name} has more than {most:,} operations, the most that are computed here: ask for fewer layers, blocks"
            " or branches, or compute it on a machine of your own"
        )
