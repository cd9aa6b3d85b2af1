"""The template of worker processes: `python -m archcalc.service.template CONTROL ENDS`, as the server starts it.

It has imported what answers need and copies itself (fork) for every worker, so that one starts in a few milliseconds
and shares its memory with the others. It has one thread and never answers a request itself.

CONTROL is the number of a socket. The server sends a byte, the niceness of a worker, with the worker's end of a
connection; the template answers with the number of the process in four bytes, or with that of an error below 0. ENDS is
the number of a pipe to the server, on which the end of each worker is told: its number and its exit status as of
`waitpid`, four bytes each.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress

NUMBER = struct.Struct(">i")
END = struct.Struct(">ii")
PR_SET_CHILD_SUBREAPER = 36
"""Of `prctl(2)`."""


def main(control: int, ends: int) -> None:
    """Start workers until the server closes the control socket."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    os.dup2(2, 1)  # the output of libraries
    _adopt()
    _prepare()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, _do_nothing)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    server = socket.socket(fileno=control)
    server.sendall(NUMBER.pack(os.getpid()))
    while True:
        ready, _, _ = select.select([server, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_ends(ends)
        if server in ready:
            content, descriptors, _, _ = socket.recv_fds(server, 1, 1)
            if not content:
                return
            try:
                pid = os.fork()
            except OSError as error:  # no memory, or too many processes
                pid = -(error.errno or errno.EAGAIN)
            if not pid:
                _become_worker(descriptors[0], content[0], (control, ends, woken, wake))
            os.close(descriptors[0])
            server.sendall(NUMBER.pack(pid))


def _do_nothing(_number: int, _frame: object) -> None:
    """Let the signal interrupt `select`."""


def _adopt() -> None:
    """Become the parent of processes whose worker has ended (Linux), so that their ends are noted here.

    In a container they would be children of the server, which waits for none, and remain as zombies.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _prepare() -> None:
    """Import what most answers need and compute one, so that workers begin with it."""
    from archcalc.service.answering import answers
    from archcalc.service.questions import CALLS

    call = CALLS["Analyze"]
    list(answers(call, call.request(("vgg16",), {}).SerializeToString()))
    gc.collect()
    gc.freeze()  # so that collections in workers do not copy the memory that they share


def _tell_ends(ends: int) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)  # what a worker has started, if something else than the server has ended it
        os.write(ends, END.pack(pid, status))


def _become_worker(descriptor: int, niceness: int, others: tuple[int, ...]) -> None:
    from archcalc.service import worker

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for each in others:
        os.close(each)
    try:
        worker.run(socket.socket(fileno=descriptor), niceness)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
