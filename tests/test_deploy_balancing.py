"""Two servers behind a balancer, one of which is killed under load: a client with retries loses no answer.

The balancers are HAProxy and nginx with the files of `deploy/balancers`, where they are installed, and gRPC's own
`round_robin` in the client, which needs none.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import pytest
import service
from deploying import DEPLOY
from patience import HANGS

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.service.client import Client
from archcalc.service.connection import SERVICE_CONFIG, options_for

CALLERS, EACH = 8, 60
"""Threads that ask at the same time, and the calls of each."""

NAMES = ("vgg16", "resnet18", "lenet5", "alexnet_owt", "squeezenet1_0")


def answered(running: service.Process) -> int:
    """The calls that a server has answered, by its own metrics."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.log[0]['metrics_port']}/metrics", timeout=HANGS) as page:
        text = page.read().decode()
    counts = re.findall(r"^grpc_server_handled_total\{[^}]*\} (\S+)$", text, flags=re.MULTILINE)
    return int(sum(map(float, counts)))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def balancer(name: str, addresses: list[str], folder: Path) -> Iterator[str]:
    """HAProxy or nginx before servers, as the file of `deploy/balancers` sets it up; the address of the balancer."""
    here = f"127.0.0.1:{free_port()}"
    text = next((DEPLOY / "balancers").glob(f"{name}.*")).read_text(encoding="utf-8")
    for old, new in zip(("127.0.0.1:50051", "127.0.0.1:50061", "127.0.0.1:50062"), (here, *addresses), strict=True):
        assert f" {old}" in text
        text = text.replace(f" {old}", f" {new}")
    for each in (
        "client_body",
        "proxy",
        "fastcgi",
        "uwsgi",
        "scgi",
    ):  # nginx makes them, in a folder that it may not use
        text = text.replace("http {", f"http {{\n    {each}_temp_path {each};", 1)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    command = {
        "haproxy": ["haproxy", "-db", "-f", str(file)],
        "nginx": ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(file), "-g", "daemon off;"],
    }[name]
    with (folder / "said").open("w", encoding="utf-8") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            assert service.settles(lambda: process.poll() is not None or connects(here))
            assert process.poll() is None, (folder / "said").read_text(encoding="utf-8")
            yield here
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def connects(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True


def client(target: str) -> Client:
    """The client as it is shipped."""
    return Client(target, timeout=HANGS)


def balancing_client(addresses: list[str]) -> Client:
    """The client as it is shipped, over both addresses, one call here, the next there."""
    config = json.dumps({**SERVICE_CONFIG, "loadBalancingConfig": [{"round_robin": {}}]})
    made = Client(addresses[0], timeout=HANGS)
    made.channel.close()
    options = [(key, config if key == "grpc.service_config" else value) for key, value in options_for("127.0.0.1:1")]
    made.channel = grpc.insecure_channel(f"ipv4:{','.join(addresses)}", options)
    return made


class Load:
    """Threads that ask for tables of networks, each with a client of its own, and compare the answers."""

    def __init__(self, clients: list[Client], calls: int = EACH) -> None:
        self.right = {name: archcalc.analyze(name).totals.params for name in NAMES}
        self.outcomes: Counter[str] = Counter()
        self.slowest = 0.0
        self._given = 1
        self._lock = threading.Lock()
        self.threads = [threading.Thread(target=self._ask, args=(each, calls), daemon=True) for each in clients]

    def _ask(self, by: Client, calls: int) -> None:
        for place in range(calls):
            name = NAMES[place % len(NAMES)]
            began = time.monotonic()
            try:
                if place % 12 == 0:  # a worker computes it, and no other call asks it
                    target = 400_000_000 + 100_000 * self._next()
                    found = by.solve("mobilenet_v1", {"mult_adds": target}, "width")
                    right = found.within.counts["mult_adds"] <= target <= found.reaches.counts["mult_adds"]
                elif place % 2:
                    right = by.analyze(name).totals.params == self.right[name]
                else:
                    right = by.analyze(name, classes=self._next()).totals.params > 0
                outcome = "right" if right else "wrong"
            except ArchcalcError as error:
                outcome = str(error)
            with self._lock:
                self.outcomes[outcome] += 1
                self.slowest = max(self.slowest, time.monotonic() - began)

    def _next(self) -> int:
        """A number that no other call has had."""
        with self._lock:
            self._given += 1
            return self._given

    @property
    def done(self) -> int:
        with self._lock:
            return self.outcomes.total()


def one_is_killed(clients: list[Client], servers: list[service.Process]) -> Load:
    """Ask; kill the first server after a third of the calls; wait until all have ended."""
    load = Load(clients)
    for thread in load.threads:
        thread.start()
    wanted = len(clients) * EACH
    assert service.settles(lambda: load.done >= wanted // 3)
    before = [answered(each) for each in servers]
    assert min(before) >= wanted // 20, f"both answer: {before}"
    servers[0].end(signal.SIGKILL)
    killed_at = load.done
    for thread in load.threads:
        thread.join(HANGS)
    assert not any(thread.is_alive() for thread in load.threads)
    print(f"killed after {killed_at} calls; {dict(load.outcomes)}; slowest {load.slowest:.2f} s")
    assert killed_at < wanted * 0.9, "the rest of the load came after the kill"
    return load


@contextmanager
def two_servers() -> Iterator[list[service.Process]]:
    with ExitStack() as stack:
        yield [stack.enter_context(service.process("--metrics", "127.0.0.1:0")) for _ in range(2)]


@pytest.mark.parametrize("name", ["haproxy", "nginx"])
def test_behind_a_balancer_no_answer_is_lost_when_a_server_is_killed(name: str, tmp_path: Path) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    with two_servers() as servers, balancer(name, [each.address for each in servers], tmp_path) as address:
        clients = [client(address) for _ in range(CALLERS)]
        load = one_is_killed(clients, servers)
        for each in clients:
            each.close()
    assert load.outcomes == {"right": load.done}


def test_a_client_that_balances_itself_loses_no_answer_when_a_server_is_killed() -> None:
    with two_servers() as servers:
        clients = [balancing_client([each.address for each in servers]) for _ in range(CALLERS)]
        load = one_is_killed(clients, servers)
        for each in clients:
            each.close()
    assert load.outcomes == {"right": load.done}


def test_without_a_second_server_calls_are_lost() -> None:
    """The load would notice: with one server alone, which is killed, calls fail."""
    with service.process("--metrics", "127.0.0.1:0") as running:
        by = Client(running.address, timeout=2, patience=0)
        load = Load([by], 16)
        load.threads[0].start()
        assert service.settles(lambda: load.done >= 8)
        running.end(signal.SIGKILL)
        load.threads[0].join(HANGS)
        by.close()
    assert load.outcomes.total() > load.outcomes["right"] >= 5
