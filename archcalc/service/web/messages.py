"""Messages as JSON and back, as https://protobuf.dev/programming-guides/json defines it; large ones in a process.

Names of fields are in lowerCamelCase (snake_case is read too), enum values by name, 64-bit integers are strings. The
conversion of a megabyte takes about a second, so that large messages are converted in a process of their own.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import resource
import signal
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from multiprocessing import get_context, parent_process
from typing import Any, NamedTuple

from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass

from archcalc.v1 import archcalc_pb2 as contract

SMALL = 2**12
"""Bytes of a message that is converted at once, in about a millisecond; larger ones are converted in a process."""
MEMORY = 2**30
"""Bytes of memory of that process."""
LEVEL = 6


class NoMessage(NamedTuple):
    """Why a request in JSON cannot be read, and the field that the reason is about, empty if there is none."""

    reason: str
    about: str = ""


class Exhausted(Exception):
    """A conversion takes more memory than there is."""


def to_json(name: str, raw: bytes) -> bytes:
    """A message of the contract in JSON: `name` is that of its kind, `raw` its bytes.

    >>> to_json("Shape", bytes([10, 2, 3, 32]))
    b'{"sizes": ["3", "32"]}'
    """
    message = _kind(name).FromString(raw)
    return json_format.MessageToJson(message, indent=None, ensure_ascii=False).encode()


def from_json(name: str, text: bytes) -> bytes | NoMessage:
    """The bytes of a message in JSON; no text at all is a message without fields.

    >>> from_json("Shape", b'{"sizes": [3, "32"]}')
    b'\\n\\x02\\x03 '
    >>> from_json("Network", b'{"nam": "vgg16"}').reason
    'Network has no field nam; it has name, graph, file, inputs, batch, dtype, hyperparameters, training'
    """
    if not (text := text.strip()):
        return b""
    if not text.startswith(b"{"):
        return NoMessage("the request is no JSON object, such as {}")
    try:
        return json_format.Parse(text.decode(), _kind(name)()).SerializeToString()
    except UnicodeDecodeError:
        return NoMessage("the request is not in UTF-8")
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a text does to the parser, it is the text that is wrong
        return _unreadable(str(error))


def _kind(name: str) -> Any:
    return GetMessageClass(contract.DESCRIPTOR.message_types_by_name[name])


_UNKNOWN = re.compile(
    r'Message type "[\w.]*?(\w+)" has no field named "(.{0,100}?)" at "\w+\.?(.*?)"\.\s+'
    r'Available Fields\(except extensions\): "\[(.*)\]"',
    re.DOTALL,
)
_INSIDE = re.compile(r"Failed to parse ([\w\[\]]+) field: ")
_PLACE = re.compile(r' at "?\w+\.([\w.\[\]]+?)"?\.*$')


_PLAIN = {
    "invalid literal for int() with base 10": "not a whole number",
    "could not convert string to float": "not a number",
}


def _unreadable(said: str) -> NoMessage:
    """The reason in the words of the parser of google.protobuf, shortened."""
    if found := _UNKNOWN.search(said):
        kind, field, place, known = found.groups()
        about = f"{place}.{field}" if place else field
        return NoMessage(f"{kind} has no field {field}; it has {known.replace(chr(39), '')}", about)
    steps: list[str] = []
    while found := _INSIDE.match(said):
        steps.append(found[1])
        said = said[found.end() :]
    about = ".".join(steps)
    if found := _PLACE.search(said):
        about, said = found[1], said[: found.start()]
    said = said.removeprefix("Failed to parse JSON: ").rstrip(".")
    if said.startswith("Failed to load JSON: "):
        return NoMessage(f"the request is no JSON: {said.replace('Failed to load JSON: ', '')}")
    for python, plain in _PLAIN.items():
        said = said.replace(python, plain)
    said = said[0].lower() + said[1:] if said else "the value has the wrong type"
    return NoMessage(f"{about}: {said}" if about else f"the request cannot be read: {said}", about)


def to_packed(_: str, raw: bytes) -> bytes:
    """Bytes in the format of gzip."""
    return gzip.compress(raw, LEVEL, mtime=0)


def to_packed_json(name: str, raw: bytes) -> bytes:
    """A message of the contract in JSON, in the format of gzip."""
    return to_packed(name, to_json(name, raw))


def _prepare() -> None:
    """Make a process for conversions small and polite, and end it with the server, which may be killed."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # which may be sent to the server's group; the server ends this process
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    server = parent_process()
    if server is not None:
        threading.Thread(target=lambda: (server.join(), os._exit(1)), daemon=True).start()


class Conversions:
    """Conversions of messages of any size, which do not hold up other requests. A client has one large one at a time.

    `executor` converts large messages instead of a process of this object.
    """

    def __init__(self, executor: Executor | None = None) -> None:
        self._given = executor
        self._own: ProcessPoolExecutor | None = None
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}

    async def run(
        self,
        function: Callable[[str, bytes], Any],
        name: str,
        data: bytes,
        client: str,
        known: Callable[[], Any] = lambda: None,
    ) -> Any:
        """What a function of this module returns, or `known` when it is the client's turn. Raises Exhausted."""
        if len(data) <= SMALL:
            return function(name, data)
        async with self._turn(client):
            if (found := known()) is not None:
                return found
            for _ in range(2):  # a process that another conversion has ended is no reason to refuse this one
                executor = self._given or self._process()
                try:
                    return await asyncio.get_running_loop().run_in_executor(executor, function, name, data)
                except BrokenProcessPool:
                    if self._own is executor:
                        self._own = None
                except MemoryError:
                    break
        raise Exhausted

    @asynccontextmanager
    async def _turn(self, client: str) -> AsyncGenerator[None]:
        lock, waiting = self._turns.get(client, (asyncio.Lock(), 0))
        self._turns[client] = lock, waiting + 1
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._turns[client]
            if waiting == 1:
                del self._turns[client]
            else:
                self._turns[client] = lock, waiting - 1

    def _process(self) -> Executor:
        if self._own is None:
            self._own = ProcessPoolExecutor(1, get_context("forkserver"), _prepare)
        return self._own

    def close(self) -> None:
        """End the process; conversions in progress fail."""
        if self._own is not None:
            working: dict[int, Any] = dict(getattr(self._own, "_processes", None) or {})
            self._own.shutdown(wait=False, cancel_futures=True)
            for process in working.values():
                process.kill()  # Python would wait for it at its end
            self._own = None
