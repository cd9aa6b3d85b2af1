"""What happens to a server and to its clients in single cases: restarts, signals, sockets, dead processes, stampedes.

Each case returns what was seen, for the table of `service_attacks`, and raises AssertionError where it is not right.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import grpc.aio
import service
from service_attacks import workers

from archcalc.base.errors import ArchcalcError
from archcalc.service.client import Client
from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

Case: TypeAlias = Callable[[Path], str]
"""From an empty folder to what was seen."""
CASES: dict[str, Case] = {}
VGG = contract.AnalyzeRequest(network=contract.Network(name="vgg16"))
OLD, NEW = "first-token-of-the-tests", "second-token-of-the-tests"


def case(function: Case) -> Case:
    CASES[function.__name__] = function
    return function


async def _asked(address: str, method: str, requests: list[Any], done: Callable[[], None] = lambda: None) -> list[str]:
    """The statuses of requests that are sent at once."""
    async with grpc.aio.insecure_channel(address, (("grpc.use_local_subchannel_pool", 1),)) as channel:
        ask = channel.unary_unary(CALLS[method].path)

        async def one(request: Any) -> str:
            try:
                await ask(request.SerializeToString(), timeout=120)
            except grpc.aio.AioRpcError as error:
                return error.code().name
            finally:
                done()
            return "OK"

        return await asyncio.gather(*map(one, requests))


def _counted(running: service.Process, name: str) -> float:
    url = f"http://127.0.0.1:{running.listening['metrics_port']}/metrics"
    with urllib.request.urlopen(url, timeout=20) as response:
        lines = response.read().decode().splitlines()
    return sum([float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)])


def _stampede(count: int) -> str:
    page = contract.CataloguePageRequest(page_size=100)
    with service.process() as running:
        began = time.perf_counter()
        service.ask(running.address, "CataloguePage", page)
        alone = time.perf_counter() - began
    with service.process("--metrics", "127.0.0.1:0") as running:
        began = time.perf_counter()
        codes = asyncio.run(_asked(running.address, "CataloguePage", count * [page]))
        together = time.perf_counter() - began
        shared = _counted(running, "archcalc_shared_answers_total") + _counted(running, "archcalc_cache_hits_total")
    assert codes == count * ["OK"], Counter(codes)
    assert shared == count - 1
    return f"alone {alone:.2f} s, all {count} {together:.2f} s; computed once"


@case
def cold_start_of_13(_: Path) -> str:
    """Thirteen equal calls to a server that has just started are computed once."""
    return _stampede(13)


@case
def cold_start_of_64(_: Path) -> str:
    return _stampede(64)


@case
def heavy_calls_of_two_clients(folder: Path) -> str:
    """One heavy call is answered long before the many of another client."""
    tokens = folder / "tokens"
    tokens.write_text(f"many {OLD}\none {NEW}\n")

    def request(number: int) -> Any:
        networks = [contract.Network(name="densenet_264", batch=20 * number + n + 1) for n in range(20)]
        return contract.CompareRequest(networks=networks).SerializeToString()

    async def run(address: str) -> tuple[float, int, list[str]]:
        async with grpc.aio.insecure_channel(address) as channel:
            ask = channel.unary_unary(CALLS["Compare"].path)

            async def one(token: str, number: int) -> str:
                try:
                    await ask(request(number), timeout=120, metadata=(("authorization", f"Bearer {token}"),))
                except grpc.aio.AioRpcError as error:
                    return error.code().name
                return "OK"

            many = [asyncio.create_task(one(OLD, number)) for number in range(12)]
            await asyncio.sleep(0.5)
            began = time.perf_counter()
            code = await one(NEW, 99)
            took = time.perf_counter() - began
            left = sum([not each.done() for each in many])
            for each in many:
                each.cancel()
            await asyncio.gather(*many, return_exceptions=True)
            return took, left, [code]

    with service.process("--token-file", str(tokens)) as running:
        took, left, codes = asyncio.run(run(running.address))
    assert codes == ["OK"]
    assert left >= 6
    return f"answered after {took:.1f} s, when {left} of the other client's 12 were not"


@case
def restart_under_load(_: Path) -> str:
    """A server ends and another takes its place; every call of the shipped client is answered."""
    lost: list[str] = []
    answered = Counter[bool]()
    ending, restarted = threading.Event(), threading.Event()
    running = service.Process()
    at = running.address
    with Client(at) as client:

        def caller(number: int) -> None:
            while not ending.is_set():
                try:
                    client.analyze("vgg16", batch=1 + number + 8 * (answered.total() % 1000))
                    answered[restarted.is_set()] += 1
                except ArchcalcError as error:
                    lost.append(str(error))

        client.analyze("vgg16")
        callers = [threading.Thread(target=caller, args=(number,), daemon=True) for number in range(8)]
        for each in callers:
            each.start()
        try:
            time.sleep(0.7)
            assert running.end() == 0
            time.sleep(0.9)
            running = service.Process(listen=at)
            restarted.set()
            assert service.settles(lambda: answered[True] > 50, 60)
        finally:
            ending.set()
            for each in callers:
                each.join(60)
            running.end()
    assert lost == []
    assert answered[False] > 0
    return f"{answered.total()} calls answered, 0 lost"


def _status(address: str, token: str) -> str:
    try:
        service.ask(address, "Analyze", VGG, metadata=(("authorization", f"Bearer {token}"),))
    except grpc.RpcError as error:
        return error.code().name  # type: ignore[attr-defined]
    return "OK"


@case
def changed_tokens(folder: Path) -> str:
    """SIGHUP reads tokens again; a file that cannot be read changes nothing."""
    tokens = folder / "tokens"
    tokens.write_text(f"{OLD}\n")
    with service.process("--token-file", str(tokens)) as running:
        first = [_status(running.address, each) for each in (OLD, NEW)]
        tokens.write_text(f"{NEW}\n")
        running.process.send_signal(signal.SIGHUP)
        assert service.settles(lambda: running.said("reloaded"), 20)
        second = [_status(running.address, each) for each in (OLD, NEW)]
        tokens.write_text("short\n")
        running.process.send_signal(signal.SIGHUP)
        assert service.settles(lambda: running.said("not reloaded"), 20)
        third = [_status(running.address, each) for each in (OLD, NEW)]
        assert running.end() == 0
    assert not any(OLD in str(line) or NEW in str(line) for line in running.log)
    assert first == ["OK", "UNAUTHENTICATED"]
    assert second == third == ["UNAUTHENTICATED", "OK"]
    return "old refused, new answered, a wrong file ignored"


@case
def second_signal(_: Path) -> str:
    """It ends the grace that calls in progress have."""
    with service.process("--grace", "300") as running, Client(running.address, patience=0) as client:
        slow = client.validate_random_networks(30, 1)
        next(slow)
        running.process.send_signal(signal.SIGINT)
        assert service.settles(lambda: running.said("ending"), 20)
        time.sleep(0.7)
        assert running.process.poll() is None
        running.process.send_signal(signal.SIGINT)
        code = running.process.wait(60)
        with contextlib.suppress(ArchcalcError):
            list(slow)
        running.end()
    assert code == 0
    assert running.said("ending at once")
    return "ended at once, exit code 0"


@case
def two_servers_on_a_socket(folder: Path) -> str:
    """The second is refused, the first goes on and removes the socket at its end."""
    at = f"unix:{folder}/socket"
    with service.process(listen=at) as running:
        command = [sys.executable, "-m", "archcalc", "serve", "--listen", at]
        second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 2
        assert "another server listens there" in second.stderr
        service.ask(running.address, "Analyze", VGG)
        assert (folder / "socket").exists()
        assert running.end() == 0
    assert not (folder / "socket").exists()
    return "the second is refused, the first answers"


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _answers_after(kill: Callable[[service.Process], None], times: int = 5) -> tuple[service.Process, Counter[str]]:
    """How often each status comes after processes of a server were killed, and the server's log."""
    codes: Counter[str] = Counter()
    with service.process("--metrics", "127.0.0.1:0") as running:
        for number in range(times):
            requests = [
                contract.AnalyzeRequest(network=contract.Network(name="vgg16", batch=2 + 8 * number + n))
                for n in range(4)
            ]
            codes.update(asyncio.run(_asked(running.address, "Analyze", requests)))
            kill(running)
            requests = [
                contract.AnalyzeRequest(network=contract.Network(name="vgg16", batch=1002 + 8 * number + n))
                for n in range(4)
            ]
            codes.update(asyncio.run(_asked(running.address, "Analyze", requests)))
        if _counted(running, "archcalc_worker_deaths_total"):
            codes["deaths counted"] = int(_counted(running, "archcalc_worker_deaths_total"))
    return running, codes


@case
def idle_workers_killed(_: Path) -> str:
    """The next calls are answered by others; deaths are counted and logged."""
    running, codes = _answers_after(lambda running: _kill(workers(running.process.pid)[1]))
    assert set(codes) == {"OK", "deaths counted"}, codes
    assert running.said("worker died")
    return f"{codes['OK']} calls answered, {codes['deaths counted']} deaths counted"


@case
def templates_killed(_: Path) -> str:
    """The next calls are answered, and workers can be started again."""

    def kill(running: service.Process) -> None:
        templates, forked = workers(running.process.pid)
        _kill(templates)
        time.sleep(0.1)
        _kill(forked[:1])

    running, codes = _answers_after(kill)
    assert set(codes) <= {"OK", "deaths counted"}, codes
    assert running.said("template process died")
    return f"{codes['OK']} calls answered, {len(running.said('template process died'))} deaths logged"


@case
def templates_and_workers_killed(_: Path) -> str:
    """So also when all are dead at once."""

    def kill(running: service.Process) -> None:
        templates, forked = workers(running.process.pid)
        _kill([*templates, *forked])

    running, codes = _answers_after(kill)
    assert set(codes) <= {"OK", "deaths counted"}, codes
    assert running.said("template process died")
    return f"{codes['OK']} calls answered, {len(running.said('template process died'))} deaths logged"


@case
def busy_worker_killed(_: Path) -> str:
    """Its call fails, with a status that says so, and no other does."""
    with service.process("--metrics", "127.0.0.1:0") as running:
        service.ask(running.address, "Analyze", VGG)
        before = {each for each in workers(running.process.pid)[1] if _runs(each)}
        found: list[str] = []
        request = contract.ReportRequest(names=["vgg16", "resnet50", "resnet152"])
        asking = threading.Thread(target=lambda: found.append(service.refusal(running.address, "Report", request)[0]))
        asking.start()
        assert service.settles(lambda: set(filter(_runs, workers(running.process.pid)[1])) - before, 60)
        _kill(list(set(filter(_runs, workers(running.process.pid)[1])) - before))
        asking.join(60)
        service.ask(running.address, "Analyze", VGG)
        assert service.settles(lambda: _counted(running, "archcalc_worker_deaths_total") >= 1, 20)
    assert found == ["RESOURCE_EXHAUSTED"]
    assert len(running.said("worker died")) == 1
    return "RESOURCE_EXHAUSTED, counted and logged"


def _runs(pid: int) -> bool:
    """Whether a process has used more than 0.3 seconds of a processor."""
    try:
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return False
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") > 0.3
