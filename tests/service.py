"""Servers for tests: in this process, or as a process of its own; always on a free port, always ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import patience
from google.protobuf import symbol_database
from grpc_status import rpc_status
from patience import HANGS

from archcalc.service.questions import CALLS
from archcalc.service.server import Limits, Server

settles = patience.settles


@contextmanager
def server(**limits: Any) -> Iterator[tuple[Server, str]]:
    """A server in this process, and its address."""
    running = Server(Limits(**{"grace": 1.0, "workers": 1, **limits}))
    address = f"127.0.0.1:{running.listen('127.0.0.1:0')}"
    running.start()
    try:
        yield running, address
    finally:
        running.stop()


class Process:
    """`archcalc serve` as a process; `address` is where it listens, `log` what it has said since."""

    def __init__(self, *options: str, listen: str = "127.0.0.1:0") -> None:
        self.log: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "archcalc", "serve", "--listen", listen, "--log-format", "json", *options],
            stderr=subprocess.PIPE,
            text=True,
        )
        self._heard = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        if not self._heard.wait(HANGS) or not self.said("listening"):
            self.end(signal.SIGKILL)
            raise AssertionError(f"the server did not start: {self.log}")
        [self.listening] = self.said("listening")
        self.address: str = self.listening["address"]

    def said(self, event: str) -> list[dict[str, Any]]:
        """The lines of the log about an event."""
        return [line for line in self.log if line["event"] == event]

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(json.loads(line))
            if self.log[-1]["event"] == "listening":
                self._heard.set()
        self._heard.set()

    def end(self, by: signal.Signals = signal.SIGTERM, within: float = HANGS) -> int:
        """End it; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._thread.join(HANGS)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@contextmanager
def process(*options: str, listen: str = "127.0.0.1:0") -> Iterator[Process]:
    """`archcalc serve` as a process, ended afterwards."""
    running = Process(*options, listen=listen)
    try:
        yield running
    finally:
        running.end()


def ask(address: str, method: str, request: Any, timeout: float = HANGS, **options: Any) -> Any:
    """The response to a request, or the responses; a request may be bytes that are none. Raises grpc.RpcError."""
    raw = request if isinstance(request, bytes) else request.SerializeToString()
    call = CALLS[method]
    with grpc.insecure_channel(address) as channel:
        kind = channel.unary_stream if call.streams else channel.unary_unary
        found = kind(call.path, response_deserializer=call.reader())(raw, timeout, **options)
        return list(found) if call.streams else found


def refusal(address: str, method: str, request: Any, timeout: float = HANGS) -> tuple[str, str, dict[str, Any]]:
    """The code of a call that fails, its message, and the details by the name of their kind."""
    try:
        ask(address, method, request, timeout)
    except grpc.RpcError as error:
        found: Any = error
        details: dict[str, Any] = {}
        status = rpc_status.from_call(found)
        for packed in status.details if status is not None else ():
            kind: Any = symbol_database.Default().GetSymbol(packed.TypeName())
            details[kind.DESCRIPTOR.name] = kind.FromString(packed.value)
        return found.code().name, found.details(), details
    return "OK", "", {}


def called(function: Any) -> str:
    """The name of a function's call: its own, but for `sweep_points`, whose call is older than `archcalc.sweep`."""
    name: str = function.__name__
    return "sweep" if name == "sweep_points" else name
