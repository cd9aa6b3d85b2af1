"""A process that answers heavy calls, one after the other: `python -m archcalc.service.worker`.

It reads and writes frames on stdin and stdout: a letter, the length of the content in four bytes, and the content. It
reads calls (`C`: the name of the call, a zero byte, the request). It writes `S` when it begins to read the request and
`B` when it has, responses (`R`), then an end (`E`), a google.rpc.Status (`F`) or the traceback of an unexpected error
(`X`). Only messages of the contract are exchanged, no code. While it reads a request, its memory is limited.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

HEADER = struct.Struct(">cI")
READING = 2 * 2**30
"""Bytes of memory that a request may take while it is read, beside what the process has."""


def send(stream: BinaryIO, kind: bytes, content: bytes = b"") -> None:
    """Write a frame."""
    stream.write(HEADER.pack(kind, len(content)) + content)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Read a frame; None at the end of the stream."""
    head = _read(stream, HEADER.size)
    if head is None:
        return None
    kind, length = HEADER.unpack(head)
    content = _read(stream, length)
    return None if content is None else (kind, content)


def _read(stream: BinaryIO, length: int) -> bytes | None:
    """Read `length` bytes from a pipe, which may return fewer at a time; None if it ends before."""
    parts: list[bytes] = []
    while length:
        part = stream.read(length)
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def main() -> None:
    """Answer calls until the server closes the pipe; work in progress is then dropped."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the server lets calls finish, and ends this process itself
    os.nice(5)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # the output of libraries must not come between frames
    calls: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, calls), daemon=True).start()
    while True:
        _answer(out, calls.get())


def _listen(stream: BinaryIO, calls: SimpleQueue[bytes]) -> None:
    while (frame := receive(stream)) is not None:
        calls.put(frame[1])
    os.killpg(0, signal.SIGKILL)  # with the processes that validation has started


def _answer(out: BinaryIO, frame: bytes) -> None:
    from archcalc.service.answering import Failed, answers
    from archcalc.service.questions import CALLS

    method, _, raw = frame.partition(b"\0")
    send(out, b"S")
    try:
        with limited_memory(READING) as free:

            def begins() -> None:
                free()
                send(out, b"B")

            for response in answers(CALLS[method.decode()], raw, begins):
                send(out, b"R", response)
        send(out, b"E")
    except Failed as failed:
        send(out, b"F", failed.status.SerializeToString())
    except Exception:  # noqa: BLE001  # the server logs it and answers INTERNAL
        send(out, b"X", traceback.format_exc().encode())


@contextmanager
def limited_memory(more: int) -> Generator[Callable[[], None]]:
    """Let this process take so many bytes more in this block, or until the function that is given is called.

    What would take more raises MemoryError. Without a limit where the system does not tell the size of a process.
    """
    before = resource.getrlimit(resource.RLIMIT_AS)

    def free() -> None:
        resource.setrlimit(resource.RLIMIT_AS, before)

    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + more
        if before[0] == resource.RLIM_INFINITY or most < before[0]:
            resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    except (OSError, ValueError):
        pass
    try:
        yield free
    finally:
        free()


if __name__ == "__main__":
    main()
