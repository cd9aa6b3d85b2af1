"""Worker processes, as the server sees them: started as copies of a template, killed when their work is not wanted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from google.rpc import status_pb2

from archcalc.service import template
from archcalc.service.answering import Failed
from archcalc.service.worker import HEADER, request_frame

TEMPLATE = "archcalc.service.template"
"""The module that the template process runs."""
STARTING = 120.0
"""Seconds for the template to start, and to answer."""
AHEAD = 2**18
"""Bytes of responses that are read from a process before they are taken."""


class Mistake(Exception):
    """An unexpected error in a worker, which is a bug of archcalc; the message is its traceback."""


class Died(Exception):
    """A worker's process ended in the middle of a request; `begun` is False if it had not begun with it."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__("the process died")
        self.begun = begun


class TooLongToRead(Exception):
    """A request whose reading takes too long."""


class Template:
    """The template process. It is started again if it has died."""

    def __init__(self, ended: Callable[[int, int], None], lost: Callable[[int], None]) -> None:
        """Both are called in the event loop: `ended` with the number and the exit status of each worker that has ended,
        `lost` with the number of a template that has ended, which tells of none of its workers any more.
        """
        self._ended, self._lost = ended, lost
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.starts = 0
        self._closed = False

    async def fork(self, niceness: int) -> tuple[int, int, socket.socket]:
        """A new worker: the numbers of its process and of its template, the server's end of the connection.

        Raises OSError.
        """
        forking = asyncio.ensure_future(asyncio.to_thread(self._fork, niceness, asyncio.get_running_loop()))
        try:
            return await asyncio.shield(forking)
        except asyncio.CancelledError:
            forking.add_done_callback(_abandon)
            raise

    def _fork(self, niceness: int, loop: asyncio.AbstractEventLoop) -> tuple[int, int, socket.socket]:
        with self._lock:
            for _ in range(2):
                ours, theirs = socket.socketpair()
                number = 0
                try:
                    with theirs:
                        number = self._ask(niceness, theirs, loop)
                finally:
                    if number <= 0:
                        ours.close()
                if number < 0:
                    raise OSError(-number, os.strerror(-number))
                if number:
                    return number, self.starts, ours
                self._drop()
        raise OSError(0, "the template of worker processes ends at once")

    def _ask(self, niceness: int, connection: socket.socket, loop: asyncio.AbstractEventLoop) -> int:
        """The number of a new process; below 0 that of an error, 0 if the template has died. Raises OSError."""
        if self._closed:
            raise OSError(0, "the server is shutting down")
        control = self._control or self._start(loop)
        try:
            socket.send_fds(control, [bytes([niceness])], [connection.fileno()])
            said = control.recv(template.NUMBER.size)
        except OSError:
            return 0
        return template.NUMBER.unpack(said)[0] if said else 0

    def _start(self, loop: asyncio.AbstractEventLoop) -> socket.socket:
        ours, theirs = socket.socketpair()
        ends, tell = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # this program itself
                [sys.executable, "-P", "-m", TEMPLATE, str(theirs.fileno()), str(tell)],
                pass_fds=(theirs.fileno(), tell),
                stdin=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                process_group=0,
            )
        finally:
            theirs.close()
            os.close(tell)
        self.starts += 1
        ours.settimeout(STARTING)
        try:
            started = bool(ours.recv(template.NUMBER.size))
        except TimeoutError:
            started = False
        if not started:
            ours.close()
            os.close(ends)
            self._end()
            raise OSError(0, "the template of worker processes did not start")
        self._control = ours
        loop.call_soon_threadsafe(self._watch, ends, self.starts)
        return ours

    def _watch(self, ends: int, number: int) -> None:
        """Read the ends of workers until the template has ended."""
        loop = asyncio.get_running_loop()

        def read() -> None:
            told = os.read(ends, template.END.size)  # written at once, so never in part
            if told:
                self._ended(*template.END.unpack(told))
                return
            loop.remove_reader(ends)
            os.close(ends)
            self._lost(number)

        loop.add_reader(ends, read)

    def _drop(self) -> None:
        """Forget a template that has died."""
        if self._control is not None:
            self._control.close()
        self._control = None
        self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End the template; there is no other one."""
        with self._lock:
            self._closed = True
            if self._control is not None:
                self._control.close()
                self._control = None
            self._end()


def _abandon(forking: asyncio.Future[tuple[int, int, socket.socket]]) -> None:
    """End a new worker for which nobody waits any more: it ends when its connection does."""
    if not forking.cancelled() and forking.exception() is None:
        forking.result()[2].close()


class Process:
    """A worker."""

    def __init__(
        self, pid: int, template: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, folder: Path
    ) -> None:
        self.pid, self.template = pid, template
        self.requests = 0
        self.killed = self.ended = False
        self.orphaned = False
        """True if its template has died, so that nobody tells of its end."""
        self._reader, self._writer, self._folder = reader, writer, folder

    @classmethod
    async def start(cls, forking: Template, niceness: int, folders: Path) -> Process:
        """A new worker, whose temporary files are in a folder of its own in `folders`. Raises OSError."""
        pid, number, connection = await forking.fork(niceness)
        reader, writer = await asyncio.open_connection(sock=connection, limit=AHEAD)
        folder = folders / str(pid)
        try:
            folder.mkdir(exist_ok=True)
        except OSError:
            writer.transport.abort()  # which ends the worker
            raise
        return cls(pid, number, reader, writer, folder)

    async def answer(
        self, method: str, raw: bytes, until: float, reading: float, memory: int, nodes: int
    ) -> AsyncGenerator[bytes]:
        """The responses to a request, which may take `memory` bytes, about networks of at most `nodes` nodes.

        Raises Failed, Mistake, Died, TimeoutError at the time `until` of the event loop, and TooLongToRead if the
        request is not read `reading` seconds after the process began with it.
        """
        self.requests += 1
        begun = False
        read_by = until
        loop = asyncio.get_running_loop()
        try:
            self._writer.write(request_frame(method, raw, memory=memory, nodes=nodes, folder=str(self._folder)))
            while True:
                async with asyncio.timeout_at(min(until, read_by)):
                    kind, content = await self._frame()
                if kind == b"B":
                    begun, read_by = True, loop.time() + reading
                    continue
                read_by = until
                if kind == b"R":
                    yield content
                elif kind == b"E":
                    return
                elif kind == b"F":
                    raise Failed(status_pb2.Status.FromString(content))
                elif kind == b"X":
                    raise Mistake(content.decode(errors="replace"))
        except TimeoutError:
            if until <= read_by:
                raise
            raise TooLongToRead from None
        except (asyncio.IncompleteReadError, OSError):
            self.ended = True
            raise Died(begun=begun) from None

    async def _frame(self) -> tuple[bytes, bytes]:
        kind, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
        return kind, await self._reader.readexactly(length)

    @property
    def gone(self) -> bool:
        """True if it has ended, which its connection shows before the template tells."""
        return self.ended or self.killed or self._reader.at_eof()

    @property
    def usable(self) -> bool:
        """True if it can answer: it has not ended, and nobody has removed its folder to clean /tmp."""
        return not self.gone and self._folder.is_dir()

    def clean(self) -> None:
        """Remove the temporary files of the last request."""
        with contextlib.suppress(OSError):
            if any(self._folder.iterdir()):
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder.mkdir(exist_ok=True)

    def remove_folder(self) -> None:
        """Remove the folder, after the end of the process."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill the process and all processes that it started."""
        if not (self.killed or self.ended):
            self.killed = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self._writer.transport.abort()
