"""Mixed load with faults for a long time: `python tests/benchmarks/soak.py [--minutes M] [--seed S]`, 30 unless said.

`archcalc serve` as a process is asked over gRPC by both clients of the package and over HTTP by `http.client`: answers
that are cached and that are not, heavy calls, streams, graphs, sweeps, plots. Meanwhile calls are cancelled, clients
and workers and their template are killed, bytes broken, streams opened and left, and so on (`FAULTS`). After a fifth of
the time the server is ended and started again, and no call of the clients may be lost by that.

Every five seconds: memory, open files, threads and temporary files of the server, and of its other processes; at the
end the medians of the first and of the last third of the time since the restart, and the slopes. Exit code 1 if one of
them grew, if a call ended as none may (INTERNAL, UNKNOWN, UNAVAILABLE, CANCELLED), or if something was left over.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "attacks"))
sys.path.insert(0, str(Path(__file__).parent.parent))
import grpc
import random_requests
import service
from google.protobuf import json_format
from webs import SERVICE

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.service.async_client import AsyncClient
from archcalc.service.client import Client
from archcalc.service.questions import CALLS

SYNC, ASYNC, HTTP = 4, 4, 2
"""Callers of each kind."""
EVERY, FAULT_EVERY, WARM = 5.0, 2.0, 60.0
RESTART = 0.2
"""The part of the time before the restart."""
TIMEOUT = 120.0
TOKEN = "a-token-of-the-soak-"  # noqa: S105
QUICK = ("Analyze", "Describe", "Names", "CataloguePage", "Memory", "Latency", "Energy", "Structure", "Derive", "Count")
HEAVY = (
    *("Solve", "Formulas", "ExactFormulas", "Evaluate", "CompareFormula", "Scaling", "Explain", "AuditClaim"),
    *("Reconcile", "Select", "PublishedAccuracies", "CompareLaws"),
)
STREAMS = ("Sweep", "SweepSpace")
GRAPHS = ("GraphPicture",)
PLOTS = ("Plot", "Plot", "ScalingFigure", "Report")
LONG = ("ValidateNetworks", "ValidateRandomNetworks")
KINDS = {("kept",): 60, ("new",): 25, QUICK: 25, HEAVY: 10, STREAMS: 6, GRAPHS: 4, PLOTS: 1, LONG: 0.1}
"""Calls, and how often they are drawn."""
ANSWERED = {
    *("OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "OUT_OF_RANGE", "RESOURCE_EXHAUSTED"),
    *("DEADLINE_EXCEEDED", "UNIMPLEMENTED"),
}
"""Codes that a caller may get."""
NAMES = archcalc.names()


class Soak:
    """What all threads share."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.tokens = folder / "tokens"
        self.tokens.write_text("".join(f"caller{i} {TOKEN}{i}\n" for i in range(10)), encoding="ascii")
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.ended = threading.Event()
        self.restarting = threading.Event()
        self.codes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.handled: Counter[str] = Counter()
        """Codes of all calls as the server has counted them."""
        self.mistakes: list[Any] = []
        self.running = self.started("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0")
        self.address: str = self.running.address
        self.http: str = self.running.listening["http"]
        self.metrics = f"127.0.0.1:{self.running.listening['metrics_port']}"

    def started(self, address: str, http: str, metrics: str) -> service.Process:
        os.environ["TMPDIR"] = str(self.temporary)  # by which the server's processes are known
        try:
            return service.Process(
                *("--http", http, "--metrics", metrics, "--token-file", str(self.tokens), "--cache", "4"),
                *("--workers", "2", "--worker-memory", "256", "--grace", "60"),
                listen=address,
            )
        finally:
            del os.environ["TMPDIR"]

    def end(self) -> None:
        """End the server, and note what it leaves."""
        self.handled += self.counted()
        pid = self.running.process.pid
        code = self.running.end(within=120)
        self.mistakes += self.running.said("mistake")
        if code:
            self.wrong.append(f"the server ended with {code}")
        if not service.settles(lambda: not self.processes(), 10):
            self.wrong.append(f"processes of the server {pid} are left: {self.processes()}")
        if left := list(self.temporary.iterdir()):
            self.wrong.append(f"temporary files are left: {left}")

    def restart(self) -> None:
        self.restarting.set()
        self.end()
        self.running = self.started(self.address, self.http, self.metrics)
        self.restarting.clear()

    def counted(self) -> Counter[str]:
        """The server's count of calls by their codes."""
        found: Counter[str] = Counter()
        line = r'^grpc_server_handled_total{grpc_code="(\w+)".*} (\S+)$'
        for code, number in re.findall(line, self.page(), re.MULTILINE):
            found[code] += int(float(number))
        return found

    def page(self) -> str:
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=60) as page:
            return page.read().decode()

    def processes(self) -> dict[int, str]:
        """The server's processes by number: "server", "template", "worker", "other"."""
        mark, found = f"TMPDIR={self.temporary}".encode(), {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError):
                    if mark in Path(f"/proc/{entry}/environ").read_bytes().split(b"\0"):
                        found[int(entry)] = self.role(int(entry))
        return found

    def role(self, pid: int) -> str:
        server = self.running.process.pid
        if pid == server:
            return "server"
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        parent = int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        return "other" if b"service.template" not in words else "template" if parent == server else "worker"

    def token(self, number: int) -> str:
        return f"{TOKEN}{number}"

    def note(self, how: str, method: str, code: str, reason: str = "") -> None:
        self.codes[f"{how} {code}"] += 1
        if code not in ANSWERED:
            self.wrong.append(f"{how} {method}: {code} {reason}")


# --- Callers.


def question(random: Random) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """A call and its arguments."""
    [kind] = random.choices(list(KINDS), list(KINDS.values()))
    method = random.choice(kind)
    if method == "kept":
        return "Analyze", ("vgg16",), {}
    if method == "new":
        return "Analyze", (random.choice(NAMES),), {"batch": random.randint(1, 10**6)}
    return method, *random_requests.PROPER[method](random)


def code_of(error: ArchcalcError) -> str:
    """The code of the gRPC error that a client has turned into one of archcalc; "OK" if the request was never sent."""
    found: Any = error.__context__
    return found.code().name if isinstance(found, grpc.RpcError) else "OK"


def sync_caller(soak: Soak, number: int) -> None:
    random = Random(f"sync {number} {soak.seed}")  # noqa: S311
    with Client(soak.address, timeout=TIMEOUT, token=soak.token(number)) as client:
        while not soak.ended.is_set():
            method, args, kwargs = question(random)
            code, reason = "OK", ""
            try:
                found = client.ask(CALLS[method], args, kwargs)
                if isinstance(found, Iterator):
                    list(found)
            except ArchcalcError as error:
                code, reason = code_of(error), str(error)
            soak.note("Client", method, code, reason)


def async_callers(soak: Soak) -> None:
    async def caller(client: AsyncClient, number: int) -> None:
        random = Random(f"async {number} {soak.seed}")  # noqa: S311
        while not soak.ended.is_set():
            method, args, kwargs = question(random)
            code, reason = "OK", ""
            try:
                found = client.ask_later(CALLS[method], args, kwargs)
                if isinstance(found, AsyncIterator):
                    async for _ in found:
                        pass
                else:
                    await found
            except ArchcalcError as error:
                code, reason = code_of(error), str(error)
            soak.note("AsyncClient", method, code, reason)

    async def all_of_them() -> None:
        async with AsyncClient(soak.address, timeout=TIMEOUT, token=soak.token(4)) as client:
            await asyncio.gather(*(caller(client, number) for number in range(ASYNC)))

    asyncio.run(all_of_them())


def http_caller(soak: Soak, number: int) -> None:
    """Asks JSON, of streams Connect's; asks again while the server restarts, as no client of this package."""
    random = Random(f"http {number} {soak.seed}")  # noqa: S311
    connection = http.client.HTTPConnection(soak.http, timeout=TIMEOUT)
    while not soak.ended.is_set():
        method, args, kwargs = question(random)
        request = CALLS[method].request(args, kwargs)
        content = json_format.MessageToJson(request).encode()
        kind = "application/json"
        if CALLS[method].streams:
            kind, content = "application/connect+json", b"\0" + len(content).to_bytes(4, "big") + content
        headers = {"content-type": kind, "authorization": f"Bearer {soak.token(5 + number)}"}
        for attempt in range(60):
            try:
                connection.request("POST", f"{SERVICE}/{method}", content, headers)
                response = connection.getresponse()
                raw = response.read()
                status = response.status
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                status, raw = 0, repr(error).encode()
            if status not in (0, 503):
                break
            if not attempt and not soak.restarting.is_set():
                soak.faults["HTTP call sent again"] += 1
            time.sleep(0.5)
        said = re.findall(rb'"code": ?"(\w+)"', raw[:2000] + raw[-2000:])
        code = said[-1].decode().upper() if said and (status != 200 or CALLS[method].streams) else "OK"
        soak.note("HTTP", method, code if status else "UNAVAILABLE", raw[:300].decode(errors="replace"))
    connection.close()


# --- Faults.


def stub(soak: Soak, channel: Any, method: str, number: int = 8) -> Callable[..., Any]:
    """A call of bytes, with a token."""
    call = CALLS[method]
    found = channel.unary_stream(call.path) if call.streams else channel.unary_unary(call.path)
    metadata = (("authorization", f"Bearer {soak.token(number)}"),)

    def ask(raw: bytes, timeout: float = TIMEOUT) -> Any:
        return (found if call.streams else found.future)(raw, timeout=timeout, metadata=metadata)

    return ask


def sweep_of(count: int, name: str = "resnet50") -> bytes:
    points = [random_requests.Point((3, side, side)) for side in range(224, 224 + count)]
    return CALLS["Sweep"].request((name, points), {}).SerializeToString()


def cancelled_calls(soak: Soak, random: Random) -> None:
    with grpc.insecure_channel(soak.address) as channel:
        for _ in range(20):
            method = random.choice(("Analyze", "Solve", "ValidateRandomNetworks", "Sweep", "Plot", "Scaling"))
            asked = stub(soak, channel, method)(random_requests.proper(random, method).SerializeToString())
            time.sleep(random.choice((0, 0, 0.01, 0.2)))
            asked.cancel()
        stream = stub(soak, channel, "Sweep")(sweep_of(2000))
        with contextlib.suppress(grpc.RpcError):
            next(stream)
        stream.cancel()


def killed_client(soak: Soak, _random: Random) -> None:
    code = (
        "import sys\nfrom archcalc.service.client import Client\nfrom archcalc.search.sweep import Point\n"
        "points = [Point((3, side, side)) for side in range(224, 6000)]\n"
        "for each in Client(sys.argv[1], token=sys.argv[2]).sweep('densenet121', points): print(1, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, soak.address, soak.token(8)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as client:
        assert client.stdout is not None
        client.stdout.readline()
        client.kill()


def killed_worker(soak: Soak, random: Random) -> None:
    workers = [pid for pid, role in soak.processes().items() if role == "worker"]
    if workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(random.choice(workers), signal.SIGKILL)


def killed_template(soak: Soak, _random: Random) -> None:
    for pid, role in soak.processes().items():
        if role == "template":
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def later(seconds: float, do: Callable[[], Any]) -> None:
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()


def slow_reader(soak: Soak, random: Random) -> None:
    """Streams that nobody reads, for some seconds."""
    channel = grpc.insecure_channel(soak.address)
    for _ in range(2):
        stub(soak, channel, "Sweep", 9)(sweep_of(3000))
    later(random.uniform(1, 30), channel.close)


def slow_reader_of_http(soak: Soak, random: Random) -> None:
    """Large answers that nobody reads, and a request that arrives a byte at a time."""
    content = json_format.MessageToJson(CALLS["CataloguePage"].request((), {})).encode()
    head = (
        f"POST {SERVICE}/CataloguePage HTTP/1.1\r\nhost: {soak.http}\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {soak.token(9)}\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    several = [connected(soak.http) for _ in range(3)]
    for each in several[:2]:
        each.sendall((head.encode() + content) * 20)
    several[2].sendall(head.encode()[:50])
    later(random.uniform(1, 30), lambda: [each.close() for each in several])


def connected(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def bad_bytes(soak: Soak, random: Random) -> None:
    for address in (soak.address, soak.http, soak.metrics):
        for content in (b"\0", b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + random.randbytes(99)):
            with contextlib.suppress(OSError), connected(address) as raw:
                raw.sendall(content)


def random_messages(soak: Soak, random: Random) -> None:
    """Requests of all kinds, many of them improper."""
    with grpc.insecure_channel(soak.address) as channel:
        for _ in range(40):
            method = random.choice(QUICK + HEAVY + STREAMS + GRAPHS)
            asked = stub(soak, channel, method)(random_requests.drawn(random, method))
            code, reason = "OK", ""
            try:
                list(asked) if CALLS[method].streams else asked.result()
            except grpc.RpcError as error:
                found: Any = error
                code, reason = found.code().name, found.details()
            if code != "UNAVAILABLE" or not soak.restarting.is_set():
                soak.note("random bytes", method, code, reason)


def header_only_streams(soak: Soak, random: Random) -> None:
    """Calls whose request never comes."""
    channel = grpc.insecure_channel(soak.address)
    ended = threading.Event()

    def nothing() -> Iterator[bytes]:
        ended.wait(60)
        yield from ()

    metadata = (("authorization", f"Bearer {soak.token(9)}"),)
    for _ in range(30):
        channel.stream_unary(CALLS["Analyze"].path).future(nothing(), metadata=metadata)

    def end() -> None:
        ended.set()
        channel.close()

    later(random.uniform(1, 20), end)


def expired_deadlines(soak: Soak, random: Random) -> None:
    with grpc.insecure_channel(soak.address) as channel:
        for _ in range(20):
            method = random.choice(QUICK + HEAVY + STREAMS + GRAPHS)
            raw = random_requests.proper(random, method).SerializeToString()
            asked = stub(soak, channel, method)(raw, timeout=random.choice((0.0, 0.001, 0.02, 0.2)))
            with contextlib.suppress(grpc.RpcError):
                list(asked) if CALLS[method].streams else asked.result()


def hangup(soak: Soak, random: Random) -> None:
    """Other tokens beside those of the callers, or a file that cannot be read as one."""
    content = soak.tokens.read_text(encoding="ascii")
    own = [line for line in content.splitlines() if line.startswith("caller")]
    other = random.choice([f"other {TOKEN}{random.randint(100, 10**9)}", "short", "too many words"])
    soak.tokens.write_text("\n".join([*own, other]), encoding="ascii")
    soak.running.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    soak.tokens.write_text("\n".join(own), encoding="ascii")


def too_large_requests(soak: Soak, _random: Random) -> None:
    with grpc.insecure_channel(soak.address) as channel:
        for size in (5_000_000, 3_900_000):
            with contextlib.suppress(grpc.RpcError):
                stub(soak, channel, "Analyze")(bytes(size)).result()
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection(soak.http, timeout=30)
        headers = {"content-type": "application/json", "authorization": f"Bearer {soak.token(8)}"}
        connection.request("POST", f"{SERVICE}/Analyze", bytes(5_000_000), headers)
        connection.getresponse().read()
        connection.close()


def without_token(soak: Soak, _random: Random) -> None:
    with Client(soak.address, timeout=TIMEOUT, patience=0) as client:
        for _ in range(20):
            with contextlib.suppress(ArchcalcError):
                client.analyze("vgg16")
                soak.wrong.append("answered without a token")


def broken_http(soak: Soak, random: Random) -> None:
    """Connections that end in the middle of a request or of an answer."""
    content = sweep_of(500)
    for kind in range(6):
        head = (
            f"POST {SERVICE}/Sweep HTTP/1.1\r\nhost: {soak.http}\r\ncontent-type: application/connect+proto\r\n"
            f"authorization: Bearer {soak.token(8)}\r\ncontent-length: {len(content) + 5}\r\n\r\n"
        ).encode()
        whole = head + b"\0" + len(content).to_bytes(4, "big") + content
        with contextlib.suppress(OSError), connected(soak.http) as raw:
            raw.sendall(whole[: random.randrange(len(whole))] if kind % 2 else whole)
            if not kind % 2:
                raw.recv(random.choice((1, 10_000)))


def connections(soak: Soak, _random: Random) -> None:
    """New connections, one after the other and many at once."""
    for _ in range(10):
        with Client(soak.address, timeout=TIMEOUT, token=soak.token(8)) as client, contextlib.suppress(ArchcalcError):
            client.analyze("vgg16")
    several = [connected(random_address) for random_address in (soak.address, soak.http) for _ in range(50)]
    for each in several:
        each.close()


FAULTS = (
    *(cancelled_calls, killed_client, killed_worker, killed_worker, killed_template, slow_reader, slow_reader_of_http),
    *(bad_bytes, random_messages, header_only_streams, expired_deadlines, hangup, too_large_requests, without_token),
    *(broken_http, connections),
)


def faults(soak: Soak) -> None:
    """All faults in turn, in an order of chance."""
    random = Random(f"faults {soak.seed}")  # noqa: S311
    while True:
        for fault in random.sample(FAULTS, len(FAULTS)):
            while soak.restarting.is_set() and not soak.ended.is_set():
                time.sleep(0.1)
            if soak.ended.is_set():
                return
            try:
                fault(soak, random)
            except (OSError, grpc.RpcError) as error:
                if not soak.restarting.is_set():
                    soak.wrong.append(f"{fault.__name__}: {error!r}")
            soak.faults[fault.__name__] += 1
            soak.ended.wait(FAULT_EVERY)


def guarded(soak: Soak, work: Callable[..., None], *given: Any) -> threading.Thread:
    """A thread, whose unexpected errors count as wrong."""

    def run() -> None:
        try:
            work(soak, *given)
        except BaseException:  # noqa: BLE001
            soak.wrong.append(traceback.format_exc())

    return threading.Thread(target=run)


# --- What does not grow.


class Sample(NamedTuple):
    """The state of the server at a time."""

    minutes: float
    server_mib: float
    workers_mib: float
    open_files: float
    threads: float
    processes: float
    folders: float
    files: float


ALLOWED = Sample(0, 8, 128, 8, 4, 3, 3, 3)
"""What the median of the last third may be above that of the first beyond a twentieth: there is always some noise."""


def sample(soak: Soak, began: float) -> Sample:
    found = soak.processes()
    server = soak.running.process.pid
    folders = files = 0
    for _, below, plain in os.walk(soak.temporary):
        folders, files = folders + len(below), files + len(plain)
    return Sample(
        (time.monotonic() - began) / 60,
        resident(server),
        sum(resident(pid) for pid in found if pid != server),
        len(os.listdir(f"/proc/{server}/fd")),
        len(os.listdir(f"/proc/{server}/task")),
        len(found),
        folders,
        files,
    )


def resident(pid: int) -> float:
    """MiB of memory of a process; 0 if it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def grown(samples: list[Sample]) -> list[str]:
    """Print the medians of the first and the last third; the names of those that grew."""
    found = []
    third = max(1, len(samples) // 3)
    minutes = [each.minutes for each in samples]
    for name, allowed in zip(Sample._fields[1:], ALLOWED[1:], strict=True):
        values = [getattr(each, name) for each in samples]
        first, last = statistics.median(values[:third]), statistics.median(values[-third:])
        slope = statistics.linear_regression(minutes, values).slope * 60
        said = f"{name:12} first third {first:8.1f}  last third {last:8.1f}  highest {max(values):8.1f}"
        print(f"{said}  slope {slope:+8.1f} an hour")
        if last > first + max(allowed, first / 20):
            found.append(name)
    return found


def watch(soak: Soak, seconds: float) -> list[Sample]:
    """Restart the server after a part of the time; samples since then, without the first minute."""
    began = time.monotonic()
    samples: list[Sample] = []
    restarted = 0.0
    number = 0
    while (passed := time.monotonic() - began) < seconds:
        if not restarted and passed > RESTART * seconds:
            soak.restart()
            restarted = time.monotonic() - began
            print(f"{restarted / 60:6.1f} min: restarted", flush=True)
        now = sample(soak, began)
        if restarted and passed > restarted + min(WARM, seconds / 10):
            samples.append(now)
        if not number % 6:
            shown = "  ".join(f"{name} {value:.0f}" for name, value in zip(Sample._fields[1:], now[1:], strict=True))
            print(f"{now.minutes:6.1f} min: {sum(soak.codes.values()):9,} calls  {shown}", flush=True)
        number += 1
        time.sleep(EVERY)
    return samples


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soak = Soak(Path(folder), given.seed)
        try:
            threads = [
                *(guarded(soak, sync_caller, number) for number in range(SYNC)),
                guarded(soak, async_callers),
                *(guarded(soak, http_caller, number) for number in range(HTTP)),
                guarded(soak, faults),
            ]
            for thread in threads:
                thread.start()
            samples = watch(soak, 60 * given.minutes)
            soak.ended.set()
            for thread in threads:
                thread.join(2 * TIMEOUT)
            if any(thread.is_alive() for thread in threads):
                soak.wrong.append("a caller hangs")
            idle = r"^archcalc_(?:requests_in_progress|lane_busy_\w+{.*}|lane_waiting_requests{.*}) (\S+)$"
            if not service.settles(lambda: not any(map(float, re.findall(idle, soak.page(), re.MULTILINE))), 60):
                soak.wrong.append("requests are in progress without a client")
            print("at rest:", sample(soak, time.monotonic())._asdict())
            soak.end()
        finally:
            soak.ended.set()
            soak.running.end(signal.SIGKILL)
    found = grown(samples)
    for title, counts in (("callers", soak.codes), ("server", soak.handled), ("faults", soak.faults)):
        print(f"{title}:", ", ".join(f"{key} {number:,}" for key, number in sorted(counts.items())))
    bad = [code for code in ("INTERNAL", "UNKNOWN", "UNAVAILABLE") if soak.handled[code]]
    print(f"{len(soak.mistakes)} mistakes in the log", *[each.get("traceback") for each in soak.mistakes[:5]], sep="\n")
    print(f"{len(soak.wrong)} wrong", *soak.wrong[:20], sep="\n")
    print("grown:", ", ".join(found) or "nothing", "; codes that may not be:", ", ".join(bad) or "none")
    return 1 if found or bad or soak.wrong or soak.mistakes else 0


if __name__ == "__main__":
    raise SystemExit(main())
