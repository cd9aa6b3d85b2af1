"""The capacity of the service: calls per second and core, latencies, memory, and what options cost.

`python tests/benchmarks/capacity.py --write` takes about five minutes on a quiet machine and writes the page of
reports/service; `--seconds 0.5 --rounds 1` is a try. Rates are given by the processor time of the server with all its
processes, so that they do not depend on how busy the machine is with the clients; ratios are to a bare server of
grpc.aio that was loaded in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import http.server
import importlib.util
import json
import os
import ssl
import statistics
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import trustme

from archcalc.base.extras import installed
from archcalc.service.questions import CALLS

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import service  # noqa: E402

_spec = importlib.util.spec_from_file_location("throughput", HERE / "service.py")
assert _spec is not None
assert _spec.loader is not None
throughput = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(throughput)

CLIENTS, HEAVY_CLIENTS, LEVELS = 64, 8, (1, 16, 64, 256)
TOKEN = "a-token-of-the-benchmark"  # noqa: S105
PLAIN = ("--http", "127.0.0.1:0", "--concurrent", "1024", "--workers", "2", "--waiting", "1000")
ASKED = {
    "cached": ("Analyze", lambda _: {"network": {"name": "vgg16"}}),
    "small": ("Analyze", lambda number: {"network": {"name": "vgg16", "batch": number}}),
    "heavy": ("Memory", lambda number: {"network": {"name": "densenet201", "batch": number}}),
}
"""The kinds of requests: the call, and its request by a number."""
NUMBERS = count(2)

Ask = Callable[[], Awaitable[Any]]


class Target(NamedTuple):
    """A server under load."""

    name: str
    grpc: str
    http: str = ""
    pid: int = 0
    authority: bytes | None = None


class Load(NamedTuple):
    """What a server did in a round."""

    calls: int
    seconds: float
    cpu: float
    """Processor time of the server in seconds."""
    times: list[float]

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds

    @property
    def each_core(self) -> float:
        """Calls in a second of processor time."""
        return self.calls / self.cpu

    def quantile(self, part: float) -> float:
        """The time of a call in milliseconds that this part of the calls does not exceed."""
        return 1000 * sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * part))]


# --- Processes.


def tree(pid: int) -> list[int]:
    """A process and all that it has started, by /proc."""
    found, parents = [pid], {}
    for each in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(each.name)] = int(_stat(int(each.name))[1])
        except OSError:
            continue
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, ..."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu(pid: int) -> float:
    """Processor time of a process and all that it has started, the ended ones included, in seconds."""
    total = 0
    for each in tree(pid):
        try:
            total += sum(map(int, _stat(each)[11:15]))
        except OSError:
            continue
    return total / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Memory of a process in MiB, its share of pages that several processes have."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


# --- Clients: each has a connection of its own.


def request(kind: str) -> tuple[str, Any]:
    """The name of a call and its request."""
    method, fields = ASKED[kind]
    return method, CALLS[method].request_class(**fields(next(NUMBERS)))


@asynccontextmanager
async def over_grpc(target: Target, kind: str, clients: int) -> AsyncIterator[list[Ask]]:
    """What so many clients do to ask once, over gRPC."""
    path = CALLS[ASKED[kind][0]].path
    metadata = (("authorization", f"Bearer {TOKEN}"),)
    same = request(kind)[1].SerializeToString()
    async with AsyncExitStack() as stack:
        asks: list[Ask] = []
        for _ in range(clients):
            options = [("grpc.use_local_subchannel_pool", 1)]
            if target.authority is None:
                channel = grpc.aio.insecure_channel(target.grpc, options)
            else:
                channel = grpc.aio.secure_channel(target.grpc, grpc.ssl_channel_credentials(target.authority), options)
            method = (await stack.enter_async_context(channel)).unary_unary(path)

            def ask(method: Any = method) -> Awaitable[Any]:
                raw = same if kind == "cached" else request(kind)[1].SerializeToString()
                return method(raw, timeout=60, metadata=metadata)

            asks.append(ask)
        yield asks


@asynccontextmanager
async def over_http(target: Target, kind: str, clients: int) -> AsyncIterator[list[Ask]]:
    """What so many clients do to ask once, by HTTP/1.1 and JSON on a connection that stays."""
    host, port = target.http.rsplit(":", 1)
    tls = None if target.authority is None else ssl.create_default_context(cadata=target.authority.decode())
    path = CALLS[ASKED[kind][0]].path
    fields = ASKED[kind][1]
    asks: list[Ask] = []
    writers: list[asyncio.StreamWriter] = []
    for _ in range(clients):
        reader, writer = await asyncio.open_connection(host, int(port), ssl=tls)
        writers.append(writer)

        async def ask(reader: asyncio.StreamReader = reader, writer: asyncio.StreamWriter = writer) -> None:
            body = json.dumps(fields(next(NUMBERS)))
            writer.write(
                f"POST {path} HTTP/1.1\r\nhost: {target.http}\r\ncontent-type: application/json\r\n"
                f"authorization: Bearer {TOKEN}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200"), head
            await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]))

        asks.append(ask)
    yield asks
    for writer in writers:
        writer.close()


WAYS = {"gRPC": over_grpc, "HTTP": over_http}


def load(target: Target, way: str, kind: str, clients: int, seconds: float) -> Load:
    """What a server does for so many clients."""

    async def run() -> Load:
        async with WAYS[way](target, kind, clients) as asks:
            await asyncio.gather(*(ask() for ask in asks))  # connects
            loop = asyncio.get_running_loop()
            before, began = cpu(target.pid), loop.time()
            times = await throughput.ask_all(asks, seconds)
            took = loop.time() - began
            return Load(len(times), took, max(cpu(target.pid) - before, 0.01), times)

    return asyncio.run(run())


# --- Servers.


@contextmanager
def serving(name: str, *options: str, authority: bytes | None = None) -> Iterator[Target]:
    """A server as a process, warm."""
    with service.process(*PLAIN, *options) as running:
        yield Target(name, running.address, running.listening["http"], running.process.pid, authority)


@contextmanager
def collector() -> Iterator[str]:
    """A collector of OpenTelemetry that takes everything and keeps nothing: its address."""

    class Sink(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def variants(folder: Path) -> Iterator[dict[str, tuple[tuple[str, ...], bytes | None]]]:
    """Options by what they add, and the authority that clients need with them."""
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.1", "localhost")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    (folder / "tokens").write_text(f"benchmark {TOKEN}\n")
    found: dict[str, tuple[tuple[str, ...], bytes | None]] = {
        "TLS": (("--cert", str(folder / "server.pem"), "--key", str(folder / "server.key")), ca.cert_pem.bytes()),
        "tokens": (("--token-file", str(folder / "tokens")), None),
        "metrics": (("--metrics", "127.0.0.1:0"), None),
        "log level debug": (("--log-level", "debug"), None),
    }
    if not installed("opentelemetry.sdk"):
        yield found
        return
    with collector() as address:
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address
        os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf"
        yield {**found, "telemetry": (("--telemetry",), None)}


# --- Measurements.


def middle(loads: list[Load], of: Callable[[Load], float]) -> float:
    return statistics.median(map(of, loads))


def rates(plain: Target, echo: Target, seconds: float, rounds: int) -> dict[str, Any]:
    """For each kind of request and way: calls a second, calls in a second of a core, and ratios to the echo."""
    cases = [(way, kind) for kind in ASKED for way in WAYS]
    found: dict[tuple[str, str], list[Load]] = {case: [] for case in [("echo", "cached"), *cases]}
    for _ in range(rounds):
        found["echo", "cached"].append(load(echo, "gRPC", "cached", CLIENTS, seconds))
        for way, kind in cases:
            clients = HEAVY_CLIENTS if kind == "heavy" else CLIENTS
            found[way, kind].append(load(plain, way, kind, clients, seconds))
    bases = found["echo", "cached"]
    return {
        f"{way} {kind}": {
            "rate": middle(loads, lambda each: each.rate),
            "core": middle(loads, lambda each: each.each_core),
            "ratio": statistics.median(a.each_core / b.each_core for a, b in zip(loads, bases, strict=True)),
            "rate ratio": statistics.median(a.rate / b.rate for a, b in zip(loads, bases, strict=True)),
        }
        for (way, kind), loads in found.items()
    }


def latencies(plain: Target, echo: Target, seconds: float) -> dict[str, Any]:
    """Quantiles of the time of a call in milliseconds, by the number of clients."""
    return {
        f"{name} {clients}": {
            "p50": (each := load(target, way, kind, clients, seconds)).quantile(0.5),
            "p99": each.quantile(0.99),
        }
        for name, target, way, kind in (
            ("echo", echo, "gRPC", "cached"),
            ("gRPC cached", plain, "gRPC", "cached"),
            ("HTTP cached", plain, "HTTP", "cached"),
            ("gRPC small", plain, "gRPC", "small"),
        )
        for clients in LEVELS
    }


def costs_of_options(plain: Target, seconds: float, rounds: int) -> dict[str, Any]:
    """The calls in a second of a core with each option, over those without; both in turn."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, variants(Path(folder)) as known:
        for name, (options, authority) in known.items():
            with serving(name, *options, authority=authority) as other:
                for way in WAYS:
                    ratios: list[float] = []
                    for _ in range(rounds):
                        without = load(plain, way, "cached", CLIENTS, seconds)
                        ratios.append(load(other, way, "cached", CLIENTS, seconds).each_core / without.each_core)
                    found[f"{way} {name}"] = statistics.median(ratios)
    return found


def memories(plain: Target) -> dict[str, float]:
    """Memory in MiB after load: the server itself, the other processes it always has, a worker, and all together."""
    pids = tree(plain.pid)
    children = {each for each in pids if int(_stat(each)[1]) == plain.pid}
    workers = [memory(each) for each in pids if each != plain.pid and each not in children]
    return {
        "server": memory(plain.pid),
        "others": sum(map(memory, children)),
        "workers": len(workers),
        "worker": statistics.median(workers),
        "all": sum(map(memory, pids)),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write the page of reports/service")
    options = parser.parse_args()
    with throughput.echoing("asyncio") as (address, pid), serving("plain") as plain:
        echo = Target("echo", address, pid=pid)
        idle = memories(plain)
        for kind in ("cached", "small"):
            for way in WAYS:
                load(plain, way, kind, CLIENTS, options.seconds / 2)
        measured = {
            "rates": rates(plain, echo, options.seconds, options.rounds),
            "latencies": latencies(plain, echo, options.seconds),
            "options": costs_of_options(plain, options.seconds / 2, options.rounds),
            "cores": os.cpu_count(),
            "idle": idle,
            "memory": memories(plain),
        }
    sys.path.insert(0, str(HERE))
    from capacity_page import PAGE, page

    text = page(measured)
    print(text)
    if options.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
