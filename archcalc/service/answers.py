"""Results in responses: one result in one response, in pages, or as a stream."""

from __future__ import annotations

import base64
import binascii
import zlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from time import monotonic
from typing import Any, final

from archcalc.base.cancellation import check_cancelled
from archcalc.service.faults import Refused
from archcalc.service.messages.fields import PLAIN, AnyField, MessageField, Record
from archcalc.spaces.streaming import MOST_STREAMED, AsyncSweepStream, SweepPart, SweepStream
from archcalc.spaces.sweeping import MOST_DRAWN

PIECE = 2**16
"""The bytes of a file in one message."""
TOGETHER = 100
"""The items of a streamed list in one message."""
TURN_SECONDS = 1.0
"""The time after which a turn of a sweep ends with its stretch."""
TURN_BYTES = 2**20
"""Bytes of rows after which it does: with those of the stretch, what is computed ahead of the client."""


class Answer(ABC):
    """The conversion of a result to responses, and of responses to a result."""

    whole = True
    """True if all responses together are one result, and not a result each."""
    turns = False
    """True if the responses are computed turn by turn, as those of `Turns`."""

    @abstractmethod
    def responses(self, request: Any, result: Any) -> Iterator[dict[str, Any]]:
        """The fields of each response."""

    @abstractmethod
    def result(self, responses: Sequence[Any]) -> Any:
        """The result in the responses; for a stream of results, those in one response."""

    def arguments(self, request: Any) -> dict[str, Any]:
        """Arguments of the function that depend on the form of the answer, such as the page. Raises Refused."""
        return {}

    def fields(self, given: dict[str, Any]) -> dict[str, Any]:
        """Fields of the request in place of some arguments, which are removed from `given`."""
        return {}

    def turn(self, request: Any, responses: Sequence[Any]) -> bool:
        """Return True if another turn follows the responses of one; `request` is then changed to its request."""
        return False

    def gathered(self, items: Iterator[Any]) -> Any:
        """What a client gives for a stream of results."""
        return items

    def gathered_later(self, items: AsyncIterator[Any]) -> Any:
        """What an asynchronous client gives for a stream of results."""
        return items

    def following(self, request: Any, response: Any) -> bool:
        """Return True if the result continues after a response; `request` is then changed to the next request."""
        return False


@final
class One(Answer):
    """A result in a field of its response."""

    def __init__(self, name: str, field: AnyField) -> None:
        self.name, self.field = name, field

    def responses(self, request: Any, result: Any) -> Iterator[dict[str, Any]]:
        yield {self.name: self.field.write(result)}

    def result(self, responses: Sequence[Any]) -> Any:
        return self.field.read(getattr(responses[0], self.name))


@final
class WholeResult(Answer):
    """A result that has the fields of its response."""

    def __init__(self, field: AnyField) -> None:
        self.field = field

    def responses(self, request: Any, result: Any) -> Iterator[dict[str, Any]]:
        fields: Any = self.field.write(result)
        yield fields

    def result(self, responses: Sequence[Any]) -> Any:
        return self.field.read(responses[0])


@final
class Chunks(Answer):
    """A file, in pieces."""

    def responses(self, request: Any, result: Any) -> Iterator[dict[str, Any]]:
        for first in range(0, len(result), PIECE):
            yield {"chunk": result[first : first + PIECE]}

    def result(self, responses: Sequence[Any]) -> Any:
        return b"".join([each.chunk for each in responses])


@final
class Stream(Answer):
    """Results as they are computed, one in each response; with `together` a hundred, after a first one alone."""

    whole = False

    def __init__(self, name: str, field: AnyField, *, together: bool = False) -> None:
        self.name, self.field, self.together = name, field, together

    def responses(self, request: Any, result: Any) -> Iterator[dict[str, Any]]:
        if not self.together:
            for item in result:
                yield {self.name: self.field.write(item)}
            return
        for batch in _batches(result):
            yield {self.name: [self.field.write(item) for item in batch]}

    def result(self, responses: Sequence[Any]) -> Any:
        held = getattr(responses[0], self.name)
        return [self.field.read(each) for each in (held if self.together else (held,))]


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of items, the first item alone, so that the client receives it at once."""
    batch: list[Any] = []
    most = 1
    for item in items:
        check_cancelled()
        batch.append(item)
        if len(batch) >= most:
            yield batch
            batch, most = [], TOGETHER
    if batch:
        yield batch


@final
class Turns(Answer):
    """The pieces of a sweep, computed turn by turn.

    A turn takes a process for a moment. Its responses end with the end of the sweep, or where another turn goes on,
    which the server begins when the client has taken them. So a client that is slow or stops reading keeps no process.
    """

    whole = False
    turns = True

    def __init__(self, field: MessageField) -> None:
        self.field = field

    def responses(self, request: Any, result: Any) -> Iterator[dict[str, Any]]:
        until, size = monotonic() + TURN_SECONDS, 0
        try:
            for piece in result.pieces():
                yield self.field.write(piece)
                if isinstance(piece, SweepPart):
                    size += piece.batch.nbytes
                    if piece.may_pause and (size >= TURN_BYTES or monotonic() >= until):
                        return
        finally:
            result.close()

    def turn(self, request: Any, responses: Sequence[Any]) -> bool:
        last = responses[-1]
        if not last.HasField("part"):
            return False
        rows = sum([each.part.rows for each in responses if each.HasField("part")])
        if request.HasField("sample"):
            request.sample -= rows
        request.limit = (request.limit if request.HasField("limit") else MOST_STREAMED) - rows
        request.draws = (request.draws if request.HasField("draws") else MOST_DRAWN) - (last.part.drawn - request.start)
        request.start = last.part.drawn
        return True

    def result(self, responses: Sequence[Any]) -> Any:
        return [self.field.read(responses[0])]

    def gathered(self, items: Iterator[Any]) -> Any:
        return SweepStream(items)

    def gathered_later(self, items: AsyncIterator[Any]) -> Any:
        return AsyncSweepStream(items)


class _Paged(Answer):
    """A result in pages: each request has a number of items, and the token from the page before."""

    def __init__(self, items: str, most: int) -> None:
        """`items` is the response's field for the items of a page, of which there are at most `most`."""
        self.items, self.most = items, most

    def size(self, request: Any) -> int:
        """The number of items on a page: as many as asked for, and at most `most`; `read` has refused negative ones."""
        return min(request.page_size or self.most, self.most)

    def first(self, request: Any) -> int:
        """The first item of a page, from its token, which also has a checksum of the request that it continues."""
        if not request.page_token:
            return 0
        try:
            mark, first = base64.urlsafe_b64decode(request.page_token).decode("ascii").split(".")
            if mark == _mark(request) and first.isdigit() and len(first) <= 9:
                return int(first)
        except (binascii.Error, UnicodeError, ValueError):
            pass
        raise Refused("page_token is not from a response to this request", about="page_token")

    def page(self, request: Any, items: int, total: int) -> dict[str, Any]:
        """The fields of a response about its page, which has `items` of the total."""
        following = self.first(request) + items
        token = base64.urlsafe_b64encode(f"{_mark(request)}.{following}".encode()).decode()
        return {"total_size": total, "next_page_token": token if items and following < total else ""}


def _mark(request: Any) -> str:
    """A checksum of a request, the same for all its pages."""
    bare = type(request)()
    bare.CopyFrom(request)
    bare.page_token, bare.page_size = "", 0
    return f"{zlib.crc32(bare.SerializeToString(deterministic=True)):08x}"


@final
class Pages(_Paged):
    """All items of a result, page by page; `record` is for a result with more fields than its items."""

    def __init__(
        self,
        items: str,
        field: AnyField = PLAIN,
        most: int = 1000,
        *,
        record: Record | None = None,
        first: str = "",
        kind: Callable[[Any], Any] = tuple,
    ) -> None:
        """`first` is a field of the record, a list, that the first page alone has; `kind` makes the result of items."""
        super().__init__(items, most)
        self.field, self.record, self.on_first, self.kind = field, record, first, kind

    def responses(self, request: Any, result: Any) -> Iterator[dict[str, Any]]:
        first, size = self.first(request), self.size(request)
        every = result if self.record is None else getattr(result, self.items)
        some = every[first : first + size]
        if self.record is None:
            fields = {self.items: [self.field.write(each) for each in some]}
        else:
            fields = self.record.write(result._replace(**{self.items: some}))
            if self.on_first and first:
                del fields[self.on_first]
        yield {**fields, **self.page(request, len(some), len(every))}

    def arguments(self, request: Any) -> dict[str, Any]:
        self.first(request)
        return {}

    def gathered(self, items: Iterator[Any]) -> Any:
        """What a client gives for a stream of results."""
        return items

    def gathered_later(self, items: AsyncIterator[Any]) -> Any:
        """What an asynchronous client gives for a stream of results."""
        return items

    def following(self, request: Any, response: Any) -> bool:
        request.page_token = response.next_page_token
        return bool(response.next_page_token)

    def result(self, responses: Sequence[Any]) -> Any:
        if self.record is None:
            return self.kind(
                [self.field.read(each) for response in responses for each in getattr(response, self.items)]
            )
        pages = [self.record.read(response) for response in responses]
        return pages[0]._replace(**{self.items: tuple([each for page in pages for each in getattr(page, self.items)])})


@final
class OnePage(_Paged):
    """A page of a function that returns pages itself: it takes `first` and `size`, and returns `total_size` too."""

    def __init__(self, items: str, record: Record, most: int) -> None:
        super().__init__(items, most)
        self.record = record

    def arguments(self, request: Any) -> dict[str, Any]:
        return {"first": request.skip + self.first(request), "size": self.size(request)}

    def responses(self, request: Any, result: Any) -> Iterator[dict[str, Any]]:
        page = self.page(request, len(getattr(result, self.items)), result.total_size - request.skip)
        yield {**self.record.write(result), "next_page_token": page["next_page_token"]}

    def fields(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"skip": given.pop("first", 0), "page_size": min(given.pop("size", self.most), self.most)}

    def result(self, responses: Sequence[Any]) -> Any:
        return self.record.read(responses[0])
