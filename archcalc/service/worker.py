"""A process that answers requests, one after the other: a copy of the template process (`template`).

It reads and writes frames on a socket: a letter, the length of the content in four bytes, and the content. It reads
requests (`C`: a line of JSON with the limits and the name of the call, then the bytes of the request). It writes `B`
when it begins with one, `A` when it has read it, responses (`R`), then an end (`E`), a google.rpc.Status (`F`) or the
traceback of an unexpected error (`X`). Only messages of the contract are exchanged, no code.

The memory that a request may take is limited by the system (RLIMIT_DATA), and its temporary files are in a folder of
its own, which the server removes.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import struct
import tempfile
import threading
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, NoReturn

HEADER = struct.Struct(">cI")


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """The bytes of a frame.

    >>> frame(b"R", b"abc")
    b'R\\x00\\x00\\x00\\x03abc'
    """
    return HEADER.pack(kind, len(content)) + content


def request_frame(method: str, raw: bytes, **limits: Any) -> bytes:
    """The frame of a request; `limits` are memory, nodes and folder."""
    return frame(b"C", json.dumps({"method": method, **limits}).encode() + b"\n" + raw)


def _receive(stream: BinaryIO) -> bytes | None:
    """The content of the next frame; None at the end of the stream."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    _, length = HEADER.unpack(head)
    content = stream.read(length)
    return content if len(content) == length else None


def run(connection: socket.socket, niceness: int) -> NoReturn:
    """Answer requests until the server closes the connection; work in progress is then dropped."""
    os.setpgid(0, 0)  # what it starts ends with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the server lets calls finish, and ends this process itself
    os.nice(niceness)
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(connection.makefile("rb"), requests), daemon=True).start()
    out = connection.makefile("wb", buffering=0)

    def send(kind: bytes, content: bytes = b"") -> None:
        left = memoryview(frame(kind, content))
        while left:
            left = left[out.write(left) or 0 :]

    while True:
        _answer(send, requests.get())


def _listen(stream: BinaryIO, requests: SimpleQueue[bytes]) -> None:
    while (content := _receive(stream)) is not None:
        requests.put(content)
    os.killpg(0, signal.SIGKILL)  # with the processes that validation has started


def _answer(send: Callable[..., None], content: bytes) -> None:
    from archcalc.base.limits import limited
    from archcalc.service.answering import Failed, answers
    from archcalc.service.questions import CALLS

    said, _, raw = content.partition(b"\n")
    limits: dict[str, Any] = json.loads(said)
    call = CALLS[limits.pop("method")]
    send(b"B")
    try:
        with limited(nodes=limits.pop("nodes")), limits_of_request(**limits):
            for response in answers(call, raw, lambda: send(b"A")):
                send(b"R", response)
        send(b"E")
    except Failed as failed:
        send(b"F", failed.status.SerializeToString())
    except Exception:  # noqa: BLE001  # the server logs it and answers INTERNAL
        send(b"X", traceback.format_exc().encode())


@contextmanager
def limits_of_request(memory: int, folder: str) -> Generator[None]:
    """Let this process take `memory` bytes more in this block, and keep temporary files in `folder`.

    What would take more raises MemoryError. No limit of memory where the system does not tell the size of a process.
    """
    before = resource.getrlimit(resource.RLIMIT_DATA)
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
        most = pages * resource.getpagesize() + memory
        if before[0] == resource.RLIM_INFINITY or most < before[0]:
            resource.setrlimit(resource.RLIMIT_DATA, (most, before[1]))
    except (OSError, ValueError):
        pass
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
