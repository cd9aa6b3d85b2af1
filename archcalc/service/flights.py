"""Answers that are kept, and answers under way, which equal requests share."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

Key = tuple[str, bytes]
"""The name of a call and the bytes of a request."""
Parts = tuple[bytes, ...]
"""The responses of an answer."""
OVERHEAD = 500
"""Bytes that a kept answer takes beside its own."""


class Kept:
    """A cache of answers by request, which drops the least recently used when they take too much memory.

    >>> kept = Kept(10_000)
    >>> kept.put(("Describe", b"request"), (b"response",))
    >>> kept.get(("Describe", b"request"))
    (b'response',)
    """

    def __init__(self, most: int) -> None:
        """Keep at most `most` bytes."""
        self._most = most
        self._answers: OrderedDict[Key, Parts] = OrderedDict()
        self.size = 0
        """The bytes of all cached answers."""

    def get(self, key: Key) -> Parts | None:
        """The answer to a request, None if it is not kept."""
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def put(self, key: Key, answer: Parts) -> None:
        """Keep an answer, unless it takes more than an eighth of the memory."""
        size = _size(key, answer)
        if size > self._most // 8 or key in self._answers:
            return
        self._answers[key] = answer
        self.size += size
        while self.size > self._most:
            self.size -= _size(*self._answers.popitem(last=False))


def _size(key: Key, answer: Parts) -> int:
    return len(key[1]) + sum(map(len, answer)) + OVERHEAD


class Flights:
    """Answers under way. Each is computed once for all who ask, and given up when none of them waits any more."""

    def __init__(self, joined: Callable[[], None]) -> None:
        """`joined` is called for each request that joins another one's answer."""
        self._under_way: dict[Key, tuple[asyncio.Task[Parts], list[int]]] = {}
        self._joined = joined

    async def answer(self, key: Key, compute: Callable[[], Awaitable[Parts]]) -> Parts:
        """The answer that `compute` gives, or that it is giving to another request. Raises what it raises."""
        flight = self._under_way.get(key)
        if flight is None:
            task = asyncio.ensure_future(compute())
            flight = self._under_way[key] = task, [0]
            task.add_done_callback(lambda _: self._done(key, task))
        else:
            self._joined()
        task, waiting = flight
        waiting[0] += 1
        try:
            return await asyncio.shield(task)
        finally:
            waiting[0] -= 1
            if not waiting[0] and not task.done():
                self._forget(key, task)
                task.cancel()

    def _done(self, key: Key, task: asyncio.Task[Parts]) -> None:
        self._forget(key, task)
        if not task.cancelled():
            task.exception()  # asyncio reports one that nobody has asked for, as when all have gone

    def _forget(self, key: Key, task: asyncio.Task[Parts]) -> None:
        if self._under_way.get(key, (None,))[0] is task:
            del self._under_way[key]
