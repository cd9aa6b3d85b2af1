"""The processes that answer heavy calls, so that these do not delay quick calls and end at once when cancelled.

The process of a call that is cancelled or out of time is killed and replaced. So the work stops immediately, also in
PyTorch or Graphviz, and its memory is freed.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any, Protocol

from google.rpc import code_pb2, status_pb2

from archcalc.base.cancellation import Cancelled
from archcalc.service import faults
from archcalc.service.answering import Failed
from archcalc.service.worker import receive, send

CALLS_OF_A_PROCESS = 200
"""The number of calls after which a process is replaced, to free memory that libraries hold."""


class Waiting(Protocol):
    """The context of a call, as in gRPC: it says whether the client still waits for the answer."""

    def is_active(self) -> bool: ...
    def add_callback(self, callback: Callable[[], None], /) -> bool: ...


class Mistake(Exception):
    """An unexpected error in a worker, which is a bug of archcalc; the message is its traceback."""


class TooLongToRead(Exception):
    """A request whose reading takes too long."""


class Worker:
    """A process that answers heavy calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.killed = False
        self._lock = threading.Lock()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "archcalc.service.worker"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            process_group=0,
        )
        self._process: Any = process

    def answer(self, method: str, raw: bytes, until: float, read: float) -> Iterator[bytes]:
        """The responses to a request.

        Raises Failed, Mistake, TimeoutError at the time `until` (of time.monotonic), TooLongToRead if the request is
        not read `read` seconds after the process began to, EOFError if the process has died.
        """
        self.calls += 1
        try:
            send(self._process.stdin, b"C", method.encode() + b"\0" + raw)
        except OSError:
            raise EOFError from None
        output = select.poll()
        output.register(self._process.stdout, select.POLLIN)
        read_until = until
        while True:
            left = min(until, read_until) - time.monotonic()
            if left <= 0 or not output.poll(left * 1000):
                raise TimeoutError if until <= read_until else TooLongToRead
            frame = receive(self._process.stdout)
            if frame is None:
                raise EOFError
            kind, content = frame
            if kind == b"E":
                return
            if kind in b"SB":
                read_until = until if kind == b"B" else time.monotonic() + read
                continue
            if kind == b"F":
                raise Failed(status_pb2.Status.FromString(content))
            if kind == b"X":
                raise Mistake(content.decode(errors="replace"))
            yield content

    def kill(self) -> None:
        """Kill the process and all processes that it started."""
        with self._lock:
            if self.killed:
                return
            self.killed = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and wait for its end."""
        self.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class Workers:
    """Several processes, and the calls that wait for one of them."""

    def __init__(self, count: int, waiting: int, seconds: float, reading: float) -> None:
        """Allow at most `count` processes, `waiting` calls that wait, `seconds` for a call and `reading` to read it."""
        self.most, self.most_waiting, self.seconds, self.reading = count, waiting, seconds, reading
        self.busy = self.waiting = self.started = self.turns = 0
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._closed = False

    def warm(self) -> None:
        """Start the first process, so that no call has to wait for it."""
        worker = self._start()
        with self._changed:
            self._idle.append(worker)

    def answer(self, method: str, raw: bytes, who: Waiting, *, again: bool = False) -> Generator[bytes]:
        """The responses to a request, from a process. Raises Failed, Cancelled or Mistake.

        `again`: it goes on with a call that had a process before; it waits for one however many others do.
        """
        until = time.monotonic() + self.seconds
        worker = self._take(who, again=again)
        job = _Job(worker)
        try:
            if not who.add_callback(job.stop):
                raise Cancelled  # noqa: TRY301  # ends the process below as everything does
            yield from worker.answer(method, raw, until, self.reading)
        except EOFError:
            job.stop()
            if not who.is_active():
                raise Cancelled from None
            text = "the process of this call died, probably for lack of memory"
            raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text)) from None
        except TimeoutError:
            job.stop()
            text = f"this server allows {self.seconds:g} seconds for a call"
            raise Failed(faults.status(code_pb2.DEADLINE_EXCEEDED, text)) from None
        except TooLongToRead:
            job.stop()
            text = f"this server allows {self.reading:g} seconds to read a request"
            raise Failed(faults.status(code_pb2.DEADLINE_EXCEEDED, text)) from None
        except (Failed, Mistake):
            raise
        except BaseException:  # the client has gone, and this generator is closed in the middle
            job.stop()
            raise
        finally:
            job.end()
            self._give_back(worker)

    def close(self) -> None:
        """End all processes."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for worker in idle:
            worker.close()

    def _start(self) -> Worker:
        self.started += 1
        return Worker()

    def _take(self, who: Waiting, *, again: bool = False) -> Worker:
        """A free process. Raises Failed if too many calls wait, and Cancelled if the client has gone."""
        with self._changed:
            if not again and self.waiting >= self.most_waiting and self.busy >= self.most:
                text = f"{self.busy} heavy calls are in progress and {self.waiting} wait: try again later"
                raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, text))
            if self.busy >= self.most and not who.add_callback(self._wake):
                raise Cancelled
            self.waiting += 1
            try:
                self._changed.wait_for(lambda: self.busy < self.most or self._closed or not who.is_active())
            finally:
                self.waiting -= 1
            if self._closed or not who.is_active():
                self._changed.notify()
                raise Cancelled
            self.busy += 1
            self.turns += 1
            worker = self._idle.pop() if self._idle else None
        try:
            return worker or self._start()
        except OSError as error:
            self._release()
            raise Failed(faults.status(code_pb2.RESOURCE_EXHAUSTED, f"no process: {error.strerror}")) from error

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _give_back(self, worker: Worker) -> None:
        """Keep a process for the next call, or replace it."""
        spent = worker.killed or worker.calls >= CALLS_OF_A_PROCESS
        if spent:
            worker.close()
        with self._changed:
            closed = self._closed
            if not spent and not closed:
                self._idle.append(worker)
        if closed and not spent:
            worker.close()
        self._release()

    def _release(self) -> None:
        with self._changed:
            self.busy -= 1
            self._changed.notify()


class _Job:
    """A call in a process: it can be stopped until it has ended, without stopping the next call of the process."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._lock = threading.Lock()
        self._ended = False

    def stop(self) -> None:
        with self._lock:
            if not self._ended:
                self._worker.kill()

    def end(self) -> None:
        with self._lock:
            self._ended = True
