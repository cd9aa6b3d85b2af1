"""From the bytes of a request to the bytes of its responses, in the server and in its worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from google.rpc import code_pb2, status_pb2

from archcalc.service import faults
from archcalc.service.calls import Call
from archcalc.service.messages.fields import Unsendable


class Failed(Exception):
    """A request failed; `status` has the reason for the client."""

    def __init__(self, status: status_pb2.Status) -> None:
        super().__init__(status.message)
        self.status = status


def answers(call: Call[..., Any], raw: bytes, begins: Callable[[], None] | None = None) -> Iterator[bytes]:
    """The responses to a request; `begins` is called when the request has been read.

    Raises Failed; any other exception is a bug of archcalc.
    """
    try:
        request = call.read(raw)
        yield from call.responses(request) if begins is None else call.responses(request, begins)
    except Unsendable as error:
        raise Failed(faults.status(code_pb2.OUT_OF_RANGE, f"the answer does not fit: {error}")) from error
    except Exception as error:
        status = faults.of_error(error, call.place)
        if status is None:
            raise
        raise Failed(status) from error
