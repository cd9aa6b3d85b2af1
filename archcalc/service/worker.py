"""A process that answers heavy calls, one after the other: `python -m archcalc.service.worker`.

It reads and writes frames on stdin and stdout: a letter, the length of the content in four bytes, and the content. It
reads calls (`C`: the name of the call, a zero byte, the request) and writes responses (`R`), then an end (`E`), a
google.rpc.Status (`F`) or the traceback of an unexpected error (`X`). Only messages of the contract are exchanged, no
code.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import threading
import traceback
from queue import SimpleQueue
from typing import BinaryIO

HEADER = struct.Struct(">cI")


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
    try:
        for response in answers(CALLS[method.decode()], raw):
            send(out, b"R", response)
        send(out, b"E")
    except Failed as failed:
        send(out, b"F", failed.status.SerializeToString())
    except Exception:  # noqa: BLE001  # the server logs it and answers INTERNAL
        send(out, b"X", traceback.format_exc().encode())


if __name__ == "__main__":
    main()
