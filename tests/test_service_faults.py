"""Whatever a client sends or does, the server gives a proper status, answers the next call, and keeps nothing."""

from __future__ import annotations

import gc
import http.client
import os
import socket
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import grpc
import pytest
import service
import webs
from patience import FOR_EVER, HANGS
from test_service_server import worker_pids

from archcalc.service.client import Client
from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

VGG = contract.AnalyzeRequest(network=contract.Network(name="vgg16")).SerializeToString()
LONG = contract.ValidateRandomNetworksRequest(count=5_000).SerializeToString()


def test_no_text_of_a_client_is_run_or_opened(tmp_path: Path) -> None:
    """Texts that would leave a mark if they were evaluated, formatted, or taken for a path."""
    mark = tmp_path / "mark"
    touch = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    texts = [touch, f"{{0.__class__}}$(touch {mark})", str(mark), f"../{mark}", f"-o{mark}", "/dev/random"]
    with service.server() as (_, address):
        for text in texts:
            value = contract.Value(text=text)
            network = contract.Network(name="mobilenet_v1", hyperparameters={"width": value})
            named = contract.Network(name=text)
            for method, request in (
                ("Analyze", contract.AnalyzeRequest(network=network)),
                ("Analyze", contract.AnalyzeRequest(network=named)),
                ("Analyze", contract.AnalyzeRequest(network=contract.Network(name="vgg16"), convention=text)),
                ("GraphPicture", contract.GraphPictureRequest(network=named)),
                ("GraphPicture", contract.GraphPictureRequest(network=network, open_levels=text)),
                ("ValidateNetworks", contract.ValidateNetworksRequest(names=["lenet5"], device=text)),
                ("ValidateNetworks", contract.ValidateNetworksRequest(names=[text])),
            ):
                assert service.refusal(address, method, request)[0] in ("INVALID_ARGUMENT", "NOT_FOUND")
    assert not mark.exists()


def threads_and_files() -> tuple[int, int]:
    return threading.active_count(), len(os.listdir("/proc/self/fd"))


def test_calls_that_are_cancelled_at_once_leave_nothing_behind() -> None:
    """Quick and heavy ones, 10,000 in all, most of them before the server has looked at them.

    Others are answered meanwhile; on this connection streams are refused until those before have ended.
    """
    workers = worker_pids(10)
    with service.server(workers=1, waiting=4) as (running, address):
        service.ask(address, "Analyze", VGG)
        before = threads_and_files()
        with grpc.insecure_channel(address) as channel:
            quick = channel.unary_unary(CALLS["Analyze"].path)
            heavy = channel.unary_stream(CALLS["ValidateRandomNetworks"].path)
            for number in range(10_000):
                if number % 20:
                    quick.future(VGG, timeout=HANGS).cancel()
                else:
                    heavy(LONG, timeout=HANGS).cancel()
            with Client(address, timeout=HANGS) as other:
                assert other.analyze("vgg16").totals.params == 138_357_544
        assert service.settles(lambda: running.observer.active == 0)
        assert service.settles(lambda: (running.dispatcher.lanes.busy, running.dispatcher.lanes.waiting) == (0, 0))
        assert service.settles(lambda: service.refusal(address, "Analyze", VGG)[0] == "OK")
        assert len(worker_pids(10) - workers) <= 1
        threads, files = threads_and_files()
        assert threads < before[0] + 100  # the pools' own are started when they are first needed
        assert files <= before[1] + 8


def test_a_client_that_is_killed_in_the_middle_of_a_stream_ends_its_work() -> None:
    code = (
        "import sys\nfrom archcalc.service.client import Client\n"
        "for drawn in Client(sys.argv[1]).validate_random_networks(5000, 1): print(drawn.seed, flush=True)\n"
    )
    before = worker_pids(10)
    with service.server() as (running, address):
        with subprocess.Popen([sys.executable, "-c", code, address], stdout=subprocess.PIPE) as client:
            assert client.stdout is not None
            assert client.stdout.readline()
            busy = worker_pids(10) - before
            client.kill()
        assert service.settles(lambda: not busy & worker_pids(10))
        assert service.settles(lambda: running.observer.active == 0)
        assert service.ask(address, "Analyze", VGG).analysis.totals.values["params"].whole == 138_357_544


def test_a_client_that_reads_nothing_holds_up_nobody() -> None:
    """Streams whose messages nobody takes: gRPC's flow control stops them, and quick calls are answered."""
    shapes = [contract.Shape(sizes=[3, side, side]) for side in range(32, 9000)]
    points = [contract.Point(input=shape) for shape in shapes]
    request = contract.SweepRequest(network=contract.Network(name="vgg16"), points=points).SerializeToString()
    with service.server(workers=2) as (_, address), grpc.insecure_channel(address) as channel:
        held = [channel.unary_stream(CALLS["Sweep"].path)(request, timeout=FOR_EVER) for _ in range(6)]
        for _ in range(20):
            assert (
                service.ask(address, "Analyze", VGG, timeout=HANGS).analysis.totals.values["params"].whole
                == 138_357_544
            )
        for stream in held:
            stream.cancel()


@pytest.mark.parametrize("how", ["unary", "stream", "http"])
def test_a_refused_request_is_not_kept_until_garbage_is_collected(how: str) -> None:
    """Errors hold the frames that they went through, and those the request; a cycle of them would stay for long."""
    raw, times = bytes(3_000_000), 8
    with service.server() as (running, address):
        port = running.listen_http("127.0.0.1:0", ())

        def refused() -> None:
            if how == "http":
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANGS)
                connection.request("POST", f"{webs.SERVICE}/Analyze", raw, {"content-type": "application/proto"})
                response = connection.getresponse()
                assert (response.status, b"invalid_argument" in response.read()) == (400, True)
                connection.close()
            else:
                method = "Analyze" if how == "unary" else "Sweep"
                assert service.refusal(address, method, raw)[0] == "INVALID_ARGUMENT"

        refused()
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            for _ in range(times):
                refused()
            assert service.settles(lambda: running.observer.active == 0)
            assert service.settles(lambda: tracemalloc.get_traced_memory()[0] < 2 * len(raw), 10)
        finally:
            tracemalloc.stop()
            gc.enable()


@pytest.mark.parametrize(
    "content", [b"\0", b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 99]
)
def test_bytes_that_are_no_grpc_end_their_connection_and_no_other(content: bytes) -> None:
    with service.server() as (_, address), Client(address, timeout=HANGS) as client:
        host, _, port = address.partition(":")
        for _ in range(20):
            with socket.create_connection((host, int(port)), timeout=HANGS) as raw:
                raw.sendall(content)
        assert client.analyze("lenet5").totals.params == 60_000
