"""Attack a server: `python tests/attacks/service_attacks.py [--only NAME,NAME] [--seconds S] [--write FILE.md]`.

Starts `archcalc serve`, and for each attack the attackers, in processes of their own, while another process with a
connection and a token of its own asks cheap calls at a steady rate: an answer that the server keeps, one that it has
to compute, and its health. Prints what they took before and meanwhile, and what the server was seen to do. All is on
loopback addresses, bounded in time and number, and ended. The attackers have a lower priority than the server,
as those on other machines would not take its processors.

The two tables: attacks during which cheap calls are timed, and cases that have an outcome and no such times.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import resource
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))
import frames
import grpc
import grpc.aio
import service
import trustme
from frames import Frames
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

TOKENS = {name: f"the-token-of-{name}-in-the-tests" for name in ("probe", "attacker")}
HEALTH, WATCH = "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
KINDS = ("cached", "computed", "health", "connecting")
"""What the probe asks: a kept answer, one that is computed, the health, and the health on a new connection."""
ATTACKERS_NICE = 10
SETTLE, BOUND = 0.5, 60.0
"""Seconds between the beginning of an attack and the first probe, and the most that an attacker lives."""
STREAMING = frozenset([call.path for call in CALLS.values() if call.streams])
ANALYZE = CALLS["Analyze"].path
VGG = CALLS["Analyze"].request(("vgg16",), {}).SerializeToString()
LARGE = contract.AnalyzeRequest(network=contract.Network(name="multi_resnet_4502_k2_w1")).SerializeToString()
"""A request with an answer of megabytes that is kept."""
FORMULAS = (
    "1/h", "2**h", "h/h", "h//3", "floor(h/3)", "ceil(h/3)**50", "h**0.5", "(h+1)**8192", "(h+w+1)**999", "(h+7*w)**-5",
    "83410944*h*w + 2048000*h**-1", "(h*w)/h", "w/9.443", "min(h//83410944)", "+".join(["h"] * 999),
    "((((h+w)**9)**9)**9)",
)  # fmt: skip


class Target(NamedTuple):
    """A server, as attackers know it."""

    address: str
    http: str
    metrics: str
    ca: str | None
    pid: int


class Stage:
    """What an attacker tells the process that started it, and is told by it."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        self._end = time.monotonic() + BOUND
        self._told = False

    def begun(self) -> None:
        """The attack is under way."""
        self._pipe.send(None)

    def over(self, wait: float = 0) -> bool:
        """Whether the attack should end, after waiting so long for that."""
        if not self._told and self._pipe.poll(wait):
            self._told = self._pipe.recv() is None
        return self._told or time.monotonic() > self._end


Attack = Callable[[Target, Stage], str]
"""An attack, in a process of its own; returns what happened to the attacker, for the table."""
ATTACKS: dict[str, Attack] = {}
EXPECTED: dict[str, tuple[str, ...]] = {}
"""By the attack: reasons of refusals that are to be counted, or `handshakes`."""
SETUP: dict[str, dict[str, Any]] = {}
"""By the attack: what its server needs, `tls` or `files` (the limit of open files)."""


def attack(*expected: str, **setup: Any) -> Callable[[Attack], Attack]:
    """Add an attack; refusals of one of the `expected` reasons are counted by the server."""

    def add(function: Attack) -> Attack:
        name = function.__name__
        ATTACKS[name], EXPECTED[name], SETUP[name] = function, expected, setup
        return function

    return add


# --- Attacks, frame by frame, from another address.


def _held(connections: list[Frames], stage: Stage) -> str:
    """Keep connections open until the attack is over; how many the server has closed."""
    stage.begun()
    while not stage.over(0.2):
        pass
    closed = sum([not each.drain() for each in connections])
    for each in connections:
        each.close()
    return f"{closed} of {len(connections)} connections were closed"


def _header_only(target: Target, stage: Stage, token: str, streams: int, path: str = ANALYZE) -> str:
    connections = [Frames(target.address, token=token, ca=target.ca) for _ in range(8)]
    for each in connections:  # a connection has at most 100 calls at once
        each.socket.sendall(b"".join([each.begun(path)[1] for _ in range(streams // 8)]))
    return _held(connections, stage)


@attack("not_received")
def header_only_streams(target: Target, stage: Stage) -> str:
    """Calls whose headers come and whose requests do not."""
    return _header_only(target, stage, TOKENS["attacker"], 800)


@attack("no_token")
def header_only_streams_without_token(target: Target, stage: Stage) -> str:
    """The same of a stranger."""
    return _header_only(target, stage, "", 800)


@attack("no_token", tls=True)
def header_only_streams_over_tls(target: Target, stage: Stage) -> str:
    """The same over TLS."""
    return _header_only(target, stage, "", 800)


@attack("not_received")
def header_only_health(target: Target, stage: Stage) -> str:
    """Questions about the health that never arrive."""
    return _header_only(target, stage, "", 800, HEALTH)


@attack("not_received")
def trickling_bodies(target: Target, stage: Stage) -> str:
    """Requests of 3 MB that arrive byte by byte; every one ends after ten seconds, and another begins."""
    connections = [Frames(target.address, token=TOKENS["attacker"]) for _ in range(8)]
    streams: list[tuple[Frames, int]] = []
    for each in connections * 75:
        number, head = each.begun(ANALYZE)
        announced = frames.message(b"\0" * 3_000_000)[:5]
        each.socket.sendall(head + frames.frame(frames.DATA, 0, number, announced))
        streams.append((each, number))
    stage.begun()
    while not stage.over(0.2):
        for each, number in streams:
            with contextlib.suppress(OSError):
                each.socket.sendall(frames.frame(frames.DATA, 0, number, b"x"))
        for each in connections:
            each.drain()
    for each in connections:
        each.close()
    return f"{len(streams)} bodies"


@attack("streams")
def idle_reflection(target: Target, stage: Stage) -> str:
    """Streams of reflection that ask once and stay."""
    asked = reflection_pb2.ServerReflectionRequest(list_services="").SerializeToString()
    connections = [Frames(target.address, token=TOKENS["attacker"]) for _ in range(4)]
    for each in connections:
        for _ in range(64):
            each.ask(REFLECTION, asked, end=False)
    return _held(connections, stage)


@attack("streams")
def health_watches(target: Target, stage: Stage) -> str:
    """Watchers of the health."""
    connections = [Frames(target.address) for _ in range(4)]
    for each in connections:
        for _ in range(90):
            each.ask(WATCH, b"")
    return _held(connections, stage)


@attack(files=256)
def idle_connections(target: Target, stage: Stage) -> str:
    """300 connections that ask nothing, at a server that may open 256 files."""
    connections: list[Frames] = []
    for _ in range(300):
        with contextlib.suppress(OSError):
            connections.append(Frames(target.address))
    return _held(connections, stage)


@attack("slow_reader")
def unread_large_answers(target: Target, stage: Stage) -> str:
    """300 connections that ask for a kept answer of megabytes and read nothing."""
    warm = Frames(target.address, token=TOKENS["attacker"])
    warm.ask(ANALYZE, LARGE)
    end = time.monotonic() + 40
    while time.monotonic() < end and not warm.socket.recv(2**16).count(b"multi_resnet"):
        pass
    connections = [warm]
    for _ in range(300):
        with contextlib.suppress(OSError):
            connections.append(Frames(target.address, token=TOKENS["attacker"], room=2**12))
            connections[-1].ask(ANALYZE, LARGE)
    return _held(connections, stage)


@attack()
def unread_pictures(target: Target, stage: Stage) -> str:
    """Streams of pictures in pieces that nobody reads."""
    connections = [Frames(target.address, token=TOKENS["attacker"], room=2**12) for _ in range(4)]
    asked = contract.GraphPictureRequest(network=contract.Network(name="resnet152"), open_levels="full")
    for each in connections:
        for _ in range(32):
            each.ask(CALLS["GraphPicture"].path, asked.SerializeToString())
    return _held(connections, stage)


def _flood(target: Target, stage: Stage, content: Callable[[Frames], bytes], streams: bool = False) -> str:
    """Send the same again and again, and begin another connection when the server ends one."""
    sent, opened, at = 0, 0, None
    stage.begun()
    while not stage.over():
        try:
            if at is None:
                at, opened = Frames(target.address, token=TOKENS["attacker"]), opened + 1
                once = content(at)
            at.socket.sendall(content(at) if streams else once)
            sent += len(once)
            if not at.drain():
                raise ConnectionResetError
        except OSError:
            if at is not None:
                at.close()
            at = None
            time.sleep(0.01)
    if at is not None:
        at.close()
    return f"{sent / 2**20:.0f} MiB on {opened} connections"


@attack()
def pings(target: Target, stage: Stage) -> str:
    return _flood(target, stage, lambda _: 500 * frames.frame(frames.PING, 0, 0, bytes(8)))


@attack()
def settings(target: Target, stage: Stage) -> str:
    return _flood(target, stage, lambda _: 500 * frames.frame(frames.SETTINGS, 0, 0))


@attack()
def rapid_resets(target: Target, stage: Stage) -> str:
    """Calls that are reset in the moment in which they begin."""

    def content(at: Frames) -> bytes:
        said = b""
        for _ in range(50):
            number, head = at.begun(ANALYZE)
            request = frames.frame(frames.DATA, frames.END_STREAM, number, frames.message(VGG))
            said += head + request + frames.frame(frames.RESET, 0, number, frames.CANCEL.to_bytes(4))
        return said

    return _flood(target, stage, content, streams=True)


@attack()
def continuations(target: Target, stage: Stage) -> str:
    """Headers that do not end."""

    def content(at: Frames) -> bytes:
        number, head = at.begun(ANALYZE, end_headers=False)
        more = frames.frame(frames.CONTINUATION, 0, number, frames.fields(x=1000 * "a"))
        return head + 100 * more

    return _flood(target, stage, content, streams=True)


@attack()
def empty_data(target: Target, stage: Stage) -> str:
    """Bodies of frames without content."""

    def content(at: Frames) -> bytes:
        number, head = at.begun(ANALYZE)
        return head + 500 * frames.frame(frames.DATA, 0, number)

    return _flood(target, stage, content, streams=True)


# --- Attacks on the other ports.


def _plain(at: str, count: int, said: bytes) -> list[socket.socket]:
    host, _, port = at.rpartition(":")
    opened: list[socket.socket] = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            one = socket.create_connection((host, int(port)), 10, ("127.0.0.2", 0))
            opened.append(one)
            one.sendall(said)
    return opened


def _kept_open(opened: list[socket.socket], stage: Stage) -> str:
    stage.begun()
    while not stage.over(0.2):
        pass
    for each in opened:
        each.close()
    return f"{len(opened)} connections"


@attack()
def header_only_http(target: Target, stage: Stage) -> str:
    """Requests over HTTP whose head does not end."""
    head = b"POST /archcalc.v1.ArchcalcService/Analyze HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return _kept_open(_plain(target.http, 400, head), stage)


@attack()
def bodies_over_http(target: Target, stage: Stage) -> str:
    """Requests over HTTP whose body does not come."""
    head = (
        "POST /archcalc.v1.ArchcalcService/Analyze HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {TOKENS['attacker']}\r\nContent-Length: 3000000\r\n\r\n"
    )
    return _kept_open(_plain(target.http, 400, head.encode()), stage)


@attack()
def idle_metrics(target: Target, stage: Stage) -> str:
    """240 connections to the port of the metrics that ask nothing."""
    return _kept_open(_plain(target.metrics, 240, b""), stage)


@attack("handshakes", tls=True)
def bad_handshakes(target: Target, stage: Stage) -> str:
    """Connections that begin TLS with random bytes."""
    stage.begun()
    count = 0
    while not stage.over(0.01):
        for each in _plain(target.address, 4, os.urandom(200)):
            each.close()
            count += 1
    return f"{count} connections"


# --- Attacks with proper calls of another client, or of the same.


def _calls(
    target: Target,
    stage: Stage,
    at_once: int,
    ask: Callable[[int], tuple[str, bytes]],
    *,
    token: str = TOKENS["attacker"],
    timeout: float | None = 60,
    rate: float = 0,
) -> str:
    """Keep so many calls in progress, or begin `rate` a second; returns how often each status came."""
    codes: Counter[str] = Counter()

    async def run() -> None:
        count = iter(range(10**9))
        ended = asyncio.Event()
        given = {"timeout": timeout, "metadata": (("authorization", f"Bearer {token}"),)}
        options = (("grpc.max_receive_message_length", 2**27), ("grpc.use_local_subchannel_pool", 1))
        async with grpc.aio.insecure_channel(target.address, options) as channel:

            async def caller() -> None:
                while not ended.is_set():
                    code = await _status(channel, *ask(next(count)), given)
                    codes[code] += 1
                    await asyncio.sleep(at_once / rate if rate else 0.05 * (code == "RESOURCE_EXHAUSTED"))

            callers = [asyncio.create_task(caller()) for _ in range(at_once)]
            stage.begun()
            while not await asyncio.to_thread(stage.over, 0.1):
                pass
            ended.set()
            await asyncio.sleep(0.1)
            for each in callers:
                each.cancel()
            await asyncio.gather(*callers, return_exceptions=True)

    asyncio.run(run())
    return ", ".join([f"{code} {count}" for code, count in sorted(codes.items())])


async def _status(channel: Any, path: str, request: bytes, given: dict[str, Any]) -> str:
    """The status of a call."""
    try:
        if path in STREAMING:
            async for _ in channel.unary_stream(path)(request, **given):
                pass
        else:
            await channel.unary_unary(path)(request, **given)
    except grpc.aio.AioRpcError as error:
        return error.code().name
    except Exception as error:  # noqa: BLE001
        return f"failed with {error!r}"
    return "OK"


def _network(method: str, name: str, **fields: Any) -> tuple[str, bytes]:
    call = CALLS[method]
    return call.path, call.request_class(network=contract.Network(name=name), **fields).SerializeToString()


@attack()
def endless_networks(target: Target, stage: Stage) -> str:
    """Networks with millions of operations, all of other names."""
    return _calls(target, stage, 16, lambda n: _network("Analyze", f"multi_resnet_9002_k100_w{n % 97 + 2}"))


def _compared(number: int) -> tuple[str, bytes]:
    classes = lambda n: contract.Value(whole=n + 2)
    networks = [
        contract.Network(name="nasnet_a_large", batch=64 * number + n + 1, hyperparameters={"classes": classes(n)})
        for n in range(64)
    ]
    return CALLS["Compare"].path, contract.CompareRequest(networks=networks).SerializeToString()


@attack()
def comparisons(target: Target, stage: Stage) -> str:
    """16 comparisons at once of 64 large networks each."""
    return _calls(target, stage, 16, _compared)


@attack()
def comparisons_of_the_same_client(target: Target, stage: Stage) -> str:
    """The same with the token of those who ask cheap calls."""
    return _calls(target, stage, 16, _compared, token=TOKENS["probe"])


def _cheap(number: int) -> tuple[str, bytes]:
    request = CALLS["Analyze"].request(("resnet152",), {"batch": number % 10**6 + 1})
    return ANALYZE, request.SerializeToString()


@attack()
def computed_calls(target: Target, stage: Stage) -> str:
    """Cheap calls that are all different, 64 at once."""
    return _calls(target, stage, 64, _cheap)


@attack()
def computed_calls_of_the_same_client(target: Target, stage: Stage) -> str:
    return _calls(target, stage, 64, _cheap, token=TOKENS["probe"])


@attack()
def kept_calls(target: Target, stage: Stage) -> str:
    """A kept answer, 64 at once."""
    return _calls(target, stage, 64, lambda _: (ANALYZE, VGG))


@attack()
def too_many_calls(target: Target, stage: Stage) -> str:
    """400 computed calls at once on many connections' worth of streams."""
    return _calls(target, stage, 400, _cheap)


@attack()
def hopeless_deadlines(target: Target, stage: Stage) -> str:
    """Calls with a deadline of a millisecond."""
    return _calls(target, stage, 64, _cheap, timeout=0.001)


@attack()
def cancelled_reports(target: Target, stage: Stage) -> str:
    """Reports that are given up after 0.3 seconds."""
    return _calls(target, stage, 4, lambda n: (CALLS["Report"].path, _report(n)), timeout=0.3)


def _report(number: int) -> bytes:
    return contract.ReportRequest(names=["vgg16", "resnet50", f"wrn_{16 + 6 * (number % 20)}_2"]).SerializeToString()


@attack()
def oversized_requests(target: Target, stage: Stage) -> str:
    """Requests of 5 MB."""
    large = bytes(5_000_000)
    return _calls(target, stage, 8, lambda _: (ANALYZE, large), rate=100)


@attack()
def formulas(target: Target, stage: Stage) -> str:
    """Formulas that are not polynomials, or have too many terms."""
    return _calls(target, stage, 16, lambda n: _network("CompareFormula", "resnet50", text=FORMULAS[n % len(FORMULAS)]))


@attack()
def long_texts(target: Target, stage: Stage) -> str:
    """Names of many characters outside ASCII, which errors repeat."""
    return _calls(target, stage, 16, lambda n: _network("Analyze", chr(0x4E00 + n % 999) * 200))


@attack()
def unknown_methods(target: Target, stage: Stage) -> str:
    return _calls(target, stage, 16, lambda n: (f"/archcalc.v1.ArchcalcService/No{n}", b""))


@attack("worker_deaths")
def killed_workers(target: Target, stage: Stage) -> str:
    """The idle and busy workers of the server are killed twice a second, with calls in them."""
    stage.begun()
    killed = 0
    while not stage.over(0.5):
        for pid in workers(target.pid)[1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
    return f"{killed} killed"


@attack()
def killed_templates(target: Target, stage: Stage) -> str:
    """The template of the workers is killed every second."""
    stage.begun()
    killed = 0
    while not stage.over(1):
        for pid in workers(target.pid)[0]:
            if children(pid):  # so that it has started
                os.kill(pid, signal.SIGKILL)
                killed += 1
    return f"{killed} killed"


# --- The processes of a server.


def children(pid: int) -> list[int]:
    """The children of a process."""
    found: list[int] = []
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((each / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(each.name))
    return found


def workers(pid: int) -> tuple[list[int], list[int]]:
    """The template of a server, and the workers."""
    templates = [each for each in children(pid) if b"archcalc.service.template" in _command(each)]
    return templates, [each for one in templates for each in children(one)]


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def resident(pid: int) -> float:
    """MiB in memory."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    return 0


def descriptors(pid: int) -> tuple[int, int]:
    """Open files of a process, and how many of them are sockets."""
    kinds: list[str] = []
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            kinds.append(str(each.readlink()))
    return len(kinds), sum([each.startswith("socket:") for each in kinds])


# --- The probe.


class Measured(NamedTuple):
    """Seconds of each kind of cheap call, and the kinds and statuses of those that failed."""

    seconds: dict[str, list[float]]
    failed: list[str]

    def at(self, kind: str, part: float) -> float:
        """A quantile in milliseconds."""
        times = sorted(self.seconds[kind])
        return 1000 * times[min(len(times) - 1, int(part * len(times)))] if times else float("nan")


def probe(pipe: Any, target: Target) -> None:
    """Ask cheap calls at a steady rate, for as long as each message says; until one says None."""
    asyncio.run(_probe(pipe, target))


async def _probe(pipe: Any, target: Target) -> None:
    metadata = (("authorization", f"Bearer {TOKENS['probe']}"),)
    check = health_pb2.HealthCheckRequest().SerializeToString()
    numbers = iter(range(int.from_bytes(os.urandom(2)) + 2, 10**9))

    def connected() -> Any:
        options = (("grpc.use_local_subchannel_pool", 1),)
        if target.ca is None:
            return grpc.aio.insecure_channel(target.address, options)
        secure = grpc.ssl_channel_credentials(Path(target.ca).read_bytes())
        return grpc.aio.secure_channel(target.address.replace("127.0.0.1", "localhost"), secure, options)

    def asked(kind: str) -> tuple[str, bytes]:
        if kind in ("health", "connecting"):
            return HEALTH, check
        more = {} if kind == "cached" else {"batch": next(numbers)}
        return ANALYZE, CALLS["Analyze"].request(("vgg16",), more).SerializeToString()

    async with connected() as channel:
        while (told := await asyncio.to_thread(pipe.recv)) is not None:
            seconds, rate = told
            found = Measured({kind: [] for kind in KINDS}, [])

            async def ask(kind: str, found: Measured = found) -> None:
                path, request = asked(kind)
                began = time.perf_counter()
                try:
                    if kind == "connecting":
                        async with connected() as fresh:
                            await fresh.unary_unary(path)(request, timeout=10)
                    else:
                        await channel.unary_unary(path)(request, timeout=10, metadata=metadata)
                except grpc.aio.AioRpcError as error:
                    found.failed.append(f"{kind} {error.code().name}")
                found.seconds[kind].append(time.perf_counter() - began)

            loop = asyncio.get_running_loop()
            begin, tasks, number = loop.time(), [], 0
            while (at := number / rate) < seconds:
                await asyncio.sleep(max(0.0, begin + at - loop.time()))
                kind = KINDS[number % 3] if number % 24 else "connecting"
                tasks.append(asyncio.create_task(ask(kind)))
                number += 1
            await asyncio.gather(*tasks)
            pipe.send(found)


# --- Scenes.


class Row(NamedTuple):
    """What one attack did."""

    name: str
    idle: Measured
    during: Measured
    said: str
    resident: tuple[float, float]
    """MiB of the server and of all its workers, at the end of the attack."""
    files: tuple[int, int]
    """Open files and sockets of the server then."""
    files_before: int
    files_after: int
    refused: dict[str, float]
    """By reason, how many were counted more than before; worker deaths and handshakes too."""
    lines: Counter[str]
    """Lines of the log by event."""
    folders: int
    """Temporary folders of workers that have something in them, afterwards."""


class Scene:
    """A server with tokens, and a probe."""

    def __init__(self, rate: float = 90, tls: bool = False, files: int = 0) -> None:
        """`rate` is the number of cheap calls a second, `files` a limit of open files."""
        self._rate = rate
        self.folder = Path(tempfile.mkdtemp(prefix="attacks-"))
        tokens = self.folder / "tokens"
        tokens.write_text("".join([f"{name} {token}\n" for name, token in TOKENS.items()]))
        options = ["--token-file", str(tokens), "--metrics", "127.0.0.1:0", "--http", "127.0.0.1:0"]
        ca = None
        if tls:
            options += self._certificates()
            ca = str(self.folder / "ca.pem")
        (self.folder / "tmp").mkdir()
        with _changed(files, self.folder / "tmp"):
            self.server = service.Process(*options, "--log-level", "info")
        said = self.server.listening
        metrics = f"127.0.0.1:{said['metrics_port']}"
        self.target = Target(self.server.address, said["http"], metrics, ca, self.server.process.pid)
        self._pipe, theirs = _context.Pipe()
        self._probe = _context.Process(target=probe, args=(theirs, self.target), daemon=True)
        self._probe.start()
        self._attacker: tuple[Any, Any] | None = self._new_attacker()
        self.measure(1)

    def _new_attacker(self) -> tuple[Any, Any]:
        """A process that attacks when it is told so, and the pipe to it."""
        ours, theirs = _context.Pipe()
        process = _context.Process(target=_attack, args=(theirs, self.target), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def _certificates(self) -> list[str]:
        authority = trustme.CA()
        issued = authority.issue_cert("localhost", "127.0.0.1")
        authority.cert_pem.write_to_path(self.folder / "ca.pem")
        issued.private_key_pem.write_to_path(self.folder / "key.pem")
        issued.cert_chain_pems[0].write_to_path(self.folder / "cert.pem")
        return ["--cert", str(self.folder / "cert.pem"), "--key", str(self.folder / "key.pem")]

    def measure(self, seconds: float) -> Measured:
        """What cheap calls take now."""
        self._pipe.send((seconds, self._rate))
        if not self._pipe.poll(seconds + 60):
            raise AssertionError("the cheap calls do not end")
        return self._pipe.recv()

    def counted(self) -> dict[str, float]:
        """Refusals by reason, worker deaths and failed handshakes that the metrics count."""
        with urllib.request.urlopen(f"http://{self.target.metrics}/metrics", timeout=20) as response:
            lines = response.read().decode().splitlines()
        found: dict[str, float] = {}
        for line in lines:
            name, _, value = line.rpartition(" ")
            if name.startswith("archcalc_refused_requests_total{"):
                found[name.split('"')[1]] = float(value)
            elif name.startswith("archcalc_worker_deaths_total{"):
                found["worker_deaths"] = found.get("worker_deaths", 0) + float(value)
            elif name == "archcalc_tls_handshake_failures_total":
                found["handshakes"] = float(value)
        return found

    def attacked(self, name: str, seconds: float, idle: float = 0) -> Row:
        """Attack, and measure meanwhile; before it for `idle` seconds if that is not 0."""
        pid = self.target.pid
        before, lines = self.counted(), len(self.server.log)
        quiet = self.measure(idle) if idle else Measured({}, [])
        opened = descriptors(pid)[0]
        attacker = self._attacker or self._new_attacker()
        self._attacker = None
        try:
            attacker[1].send(name)
            if not attacker[1].poll(BOUND):
                raise AssertionError(f"{name} does not begin")
            attacker[1].recv()
            time.sleep(SETTLE)
            during = self.measure(seconds)
            memory = resident(pid), sum(map(resident, workers(pid)[1]))
            files = descriptors(pid)
            attacker[1].send(None)
            if attacker[1].poll(BOUND):
                said = attacker[1].recv()
                self._attacker = attacker
            else:
                said = "did not end"
        finally:
            if self._attacker is None:
                attacker[0].kill()
        service.settles(lambda: descriptors(pid)[0] <= opened + 8, 15)
        service.settles(lambda: not self.filled_folders(), 10)
        after = self.counted()
        refused = {key: value - before.get(key, 0) for key, value in after.items() if value > before.get(key, 0)}
        events = Counter([line["event"] for line in self.server.log[lines:]])
        return Row(
            name, quiet, during, said, memory, files, opened, descriptors(pid)[0], refused, events,
            len(self.filled_folders()),
        )  # fmt: skip

    def filled_folders(self) -> list[Path]:
        """Temporary files that calls have left."""
        return list((self.folder / "tmp").glob("archcalc-*/*/*"))

    def close(self) -> int:
        """End all; the exit code of the server."""
        with contextlib.suppress(OSError):
            self._pipe.send(None)
        self._probe.join(5)
        self._probe.kill()
        if self._attacker is not None:
            self._attacker[0].kill()
        code = self.server.end(within=60)
        shutil.rmtree(self.folder, ignore_errors=True)
        return code


_context = multiprocessing.get_context("spawn")


def _attack(pipe: Any, target: Target) -> None:
    """Attack as often as a name comes, and say what happened."""
    os.nice(ATTACKERS_NICE)
    while (name := pipe.recv()) is not None:
        pipe.send(ATTACKS[name](target, Stage(pipe)))


@contextmanager
def _changed(files: int, temporary: Path) -> Generator[None]:
    """Let processes that are started in this block have another limit of open files and another temporary folder."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(temporary)
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


@contextmanager
def scene(rate: float = 90, tls: bool = False, files: int = 0) -> Iterator[Scene]:
    """A server and a probe, ended afterwards."""
    opened = Scene(rate, tls, files)
    try:
        yield opened
    finally:
        opened.close()


# --- The table.

HEAD = (
    "attack", "cached p50", "p99", "x idle", "computed p50", "p99", "x idle", "health p99", "connect p99", "failed",
    "server MiB", "workers MiB", "files", "sockets", "left", "counted", "log lines", "attacker saw",
)  # fmt: skip


def shown(row: Row, idle: list[Measured]) -> tuple[str, ...]:
    """The cells of a row; `idle` are the measurements of the server at rest."""
    cells: list[str] = [row.name.replace("_", " ")]
    for kind in ("cached", "computed"):
        rest = statistics.median([each.at(kind, 0.99) for each in idle])
        p50, p99 = row.during.at(kind, 0.5), row.during.at(kind, 0.99)
        cells += [f"{p50:.1f}", f"{p99:.1f}", f"{p99 / rest:.1f}"]
    cells += [f"{row.during.at('health', 0.99):.1f}", f"{row.during.at('connecting', 0.99):.1f}"]
    failed = ", ".join([f"{what} {count}" for what, count in Counter(row.during.failed).items()]) or "0"
    counted = ", ".join([f"{reason} {count:.0f}" for reason, count in row.refused.items()])
    lines = ", ".join([f"{event} {count}" for event, count in row.lines.items()])
    cells += [failed, f"{row.resident[0]:.0f}", f"{row.resident[1]:.0f}", *map(str, row.files)]
    cells += [f"{row.files_after - row.files_before:+d} files, {row.folders} folders", counted, lines, row.said]
    return tuple(cells)


def main() -> int:
    from service_cases import CASES

    parser = argparse.ArgumentParser(description="Attack a server and time cheap calls meanwhile.")
    parser.add_argument("--only", default="", help="names of attacks, separated by commas")
    parser.add_argument("--seconds", type=float, default=4, help="time of each attack")
    parser.add_argument("--write", help="a Markdown file for the table")
    given = parser.parse_args()
    names = [name for name in ATTACKS if not given.only or name in given.only.split(",")]
    table: list[tuple[str, ...]] = []
    failed = False
    for setup in ({}, {"tls": True}, {"files": 256}):
        chosen = [name for name in names if SETUP[name] == setup]
        if not chosen:
            continue
        with scene(**setup) as opened:
            idle = [opened.measure(given.seconds)]
            for name in chosen:
                row = opened.attacked(name, given.seconds, given.seconds / 2)
                idle.append(row.idle)
                failed = failed or bool(row.during.failed)
                table.append(shown(row, idle))
                print(" | ".join(table[-1]), flush=True)
            rest = [statistics.median([each.at(kind, 0.99) for each in idle]) for kind in KINDS]
            print(f"idle p99 ({setup}): {', '.join(f'{kind} {at:.1f}' for kind, at in zip(KINDS, rest, strict=True))}")
    ends = [("case", "what was seen"), ("---", "---")]
    for name, case in CASES.items():
        if given.only and name not in given.only.split(","):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                ends.append((name.replace("_", " "), case(Path(folder))))
            except AssertionError as error:
                failed = True
                ends.append((name.replace("_", " "), f"wrong: {error}"))
        print(" | ".join(ends[-1]), flush=True)
    if given.write:
        lines = [HEAD, ("---",) * len(HEAD), *table]
        written = ["".join([f"| {' | '.join(each)} |\n" for each in part]) for part in (lines, ends)]
        Path(given.write).write_text("\n".join(written))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
