"""Throughput of the service: Analyze(vgg16) with 64 callers, against a bare echo server of the same framework that
returns the same bytes; the same where no answer is kept, so that each is worked out anew; and how soon the first call
after the start is answered.

`python tests/benchmarks/service.py` prints ratios of rounds that were taken in turn; the aims are at least 70 % of the
bare thread-pool server's calls a second, p99 within twice its, and a first call under 200 ms.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

from archcalc.service.answering import answers
from archcalc.service.client import Client
from archcalc.service.questions import CALLS

sys.path.insert(0, str(Path(__file__).parent.parent))
import service

CALLERS, SECONDS, ROUNDS = 64, 3.0, 5
TABLE = CALLS["Analyze"]
REQUEST = TABLE.request(("vgg16",), {}).SerializeToString()
THREADS = 16


def echo(kind: str) -> None:
    """Serve the bytes of the table of VGG-16 and do nothing else, until killed."""
    [content] = answers(TABLE, REQUEST)
    service_name, method = TABLE.path[1:].split("/")

    def answer(_request: bytes, _context: object) -> bytes:
        return content

    async def answer_later(_request: bytes, _context: object) -> bytes:
        return content

    async def serve_async() -> None:
        server = grpc.aio.server()
        handler = grpc.unary_unary_rpc_method_handler(answer_later)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service_name, {method: handler}),))
        print(server.add_insecure_port("127.0.0.1:0"), flush=True)
        await server.start()
        await server.wait_for_termination()

    if kind == "asyncio":
        asyncio.run(serve_async())
        return
    server = grpc.server(ThreadPoolExecutor(THREADS))
    handler = grpc.unary_unary_rpc_method_handler(answer)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service_name, {method: handler}),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    server.wait_for_termination()


async def load(address: str, seconds: float) -> list[float]:
    """The times of all calls that 64 callers get answered."""
    times: list[float] = []
    async with grpc.aio.insecure_channel(address) as channel:
        ask = channel.unary_unary(TABLE.path)
        end = time.perf_counter() + seconds

        async def caller() -> None:
            while (began := time.perf_counter()) < end:
                await ask(REQUEST, timeout=30)
                times.append(time.perf_counter() - began)

        await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return times


def first_call() -> float:
    """Seconds from a ready server's first request to its answer, the connection among them."""
    with service.process() as running, Client(running.address) as client:
        began = time.perf_counter()
        client.analyze("vgg16")
        return time.perf_counter() - began


def main() -> None:
    echoes = {
        kind: subprocess.Popen([sys.executable, __file__, kind], stdout=subprocess.PIPE, text=True)
        for kind in ("threads", "asyncio")
    }
    try:
        targets = {f"echo, {kind}": f"127.0.0.1:{each.stdout.readline().strip()}" for kind, each in echoes.items()}
        with service.process() as running, service.process("--cache", "0") as forgetful:
            targets["archcalc serve"] = running.address
            targets["... no cache"] = forgetful.address
            rates: dict[str, list[float]] = {name: [] for name in targets}
            tails: dict[str, list[float]] = {name: [] for name in targets}
            for address in targets.values():
                asyncio.run(load(address, 1.0))
            for _ in range(ROUNDS):
                for name, address in targets.items():
                    times = sorted(asyncio.run(load(address, SECONDS)))
                    rates[name].append(len(times) / SECONDS)
                    tails[name].append(times[int(len(times) * 0.99)])
    finally:
        for each in echoes.values():
            each.kill()
            each.wait()
    base_rate, base_tail = (statistics.median(kept["echo, threads"]) for kept in (rates, tails))
    for name in targets:
        rate, tail = statistics.median(rates[name]), statistics.median(tails[name])
        part, times = rate / base_rate, tail / base_tail
        print(f"{name:16} {rate:6.0f} calls/s ({part:4.0%})   p99 {tail * 1e3:5.1f} ms ({times:.2f} x)")
    print(f"first call after the start: {statistics.median(first_call() for _ in range(5)) * 1e3:.0f} ms")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        echo(sys.argv[1])
    else:
        main()
