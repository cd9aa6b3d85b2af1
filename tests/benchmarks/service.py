"""Throughput of the service: Analyze(vgg16) with 64 callers, against a bare echo server of the same framework that
returns the same bytes; the same where each request is another, so that each is computed; and how soon the first call
after the start is answered.

`python tests/benchmarks/service.py` prints ratios of rounds that were taken in turn, to a bare server of the same kind
(asyncio) and to one of threads; the aims are at least 85 % of the first, and a first call under 200 ms.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

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
BASES = ("echo, asyncio", "echo, threads")
NEW = "... all different"
DIFFERENT = count(2)


def different() -> bytes:
    """A request for the table of VGG-16 that has not been asked before, of another batch."""
    return TABLE.request(("vgg16",), {"batch": next(DIFFERENT)}).SerializeToString()


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


async def load(address: str, seconds: float, each_new: bool = False) -> list[float]:
    """The times of all calls that 64 callers get answered; all ask the same, or each what nobody has asked before."""
    async with grpc.aio.insecure_channel(address) as channel:
        method = channel.unary_unary(TABLE.path)
        return await ask_all([lambda: method(different() if each_new else REQUEST, timeout=30)] * CALLERS, seconds)


async def ask_all(callers: Sequence[Callable[[], Awaitable[Any]]], seconds: float) -> list[float]:
    """The times of all calls; every caller asks again when it has been answered, until the seconds are over."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def caller(ask: Callable[[], Awaitable[Any]]) -> None:
        while (began := time.perf_counter()) < end:
            await ask()
            times.append(time.perf_counter() - began)

    await asyncio.gather(*map(caller, callers))
    return times


@contextmanager
def echoing(kind: str) -> Iterator[tuple[str, int]]:
    """A bare server in a process of its own: its address and its process."""
    process = subprocess.Popen([sys.executable, __file__, kind], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"127.0.0.1:{process.stdout.readline().strip()}", process.pid
    finally:
        process.kill()
        process.wait()


def first_call() -> float:
    """Seconds from a ready server's first request to its answer, the connection among them."""
    with service.process() as running, Client(running.address) as client:
        began = time.perf_counter()
        client.analyze("vgg16")
        return time.perf_counter() - began


def main() -> None:
    with echoing("threads") as (threads, _), echoing("asyncio") as (loop, _), service.process() as running:
        targets = {"echo, threads": threads, "echo, asyncio": loop, "archcalc serve": running.address}
        targets[NEW] = running.address
        rates: dict[str, list[float]] = {name: [] for name in targets}
        tails: dict[str, list[float]] = {name: [] for name in targets}
        for name, address in targets.items():
            asyncio.run(load(address, 1.0, name == NEW))
        for _ in range(ROUNDS):
            for name, address in targets.items():
                times = sorted(asyncio.run(load(address, SECONDS, name == NEW)))
                rates[name].append(len(times) / SECONDS)
                tails[name].append(times[int(len(times) * 0.99)])
    for name in targets:
        rate, tail = statistics.median(rates[name]), statistics.median(tails[name])
        parts = [statistics.median([a / b for a, b in zip(rates[name], rates[base], strict=True)]) for base in BASES]
        print(f"{name:16} {rate:6.0f} calls/s ({parts[0]:4.0%}, {parts[1]:4.0%})   p99 {tail * 1e3:5.1f} ms")
    print(f"first call after the start: {statistics.median(first_call() for _ in range(5)) * 1e3:.0f} ms")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        echo(sys.argv[1])
    else:
        main()
