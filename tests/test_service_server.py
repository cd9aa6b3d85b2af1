"""The server under limits: what it refuses, when it stops working, and that one kind of call never holds up another."""

from __future__ import annotations

import math
import os
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
import service
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from patience import FOR_EVER, HANGS

import archcalc
from archcalc.service import dispatch, flights, processes, server
from archcalc.service.calls import SERVICE
from archcalc.service.client import Client
from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

VGG = contract.AnalyzeRequest(network=contract.Network(name="vgg16"))
LONG = contract.ValidateRandomNetworksRequest(count=5_000)


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[server.Server, str]]:
    with service.server() as found:
        yield found


@pytest.fixture
def address(shared: tuple[server.Server, str]) -> str:
    return shared[1]


def network(**fields: Any) -> contract.Network:
    return contract.Network(hyperparameters=fields.pop("given", {}), **fields)


WHOLE = contract.Value(whole=15)
REFUSED = [
    ("Analyze", b"\xff\xff\xff", "INVALID_ARGUMENT", ""),
    ("ValidateNetworks", b"\x0a\xff", "INVALID_ARGUMENT", ""),
    ("Analyze", contract.AnalyzeRequest(), "INVALID_ARGUMENT", "network"),
    ("Analyze", contract.AnalyzeRequest(network=network()), "INVALID_ARGUMENT", "network.source"),
    ("Analyze", contract.AnalyzeRequest(network=network(name="")), "NOT_FOUND", "network.name"),
    ("Analyze", contract.AnalyzeRequest(network=network(name="vgg16", dtype=77)), "INVALID_ARGUMENT", "network.dtype"),
    ("Analyze", contract.AnalyzeRequest(network=network(name="vgg16", batch=0)), "INVALID_ARGUMENT", "network.batch"),
    (
        "Analyze",
        contract.AnalyzeRequest(network=network(name="vgg16", inputs=[{"sizes": [3, -(2**63), 9]}])),
        "INVALID_ARGUMENT",
        "network.inputs[0].sizes[1]",
    ),
    (
        "Analyze",
        contract.AnalyzeRequest(network=network(name="vgg16", given={"depth": WHOLE})),
        "INVALID_ARGUMENT",
        "network.hyperparameters.depth",
    ),
    (
        "Analyze",
        contract.AnalyzeRequest(network=network(name="vgg16", given={"input": WHOLE})),
        "INVALID_ARGUMENT",
        "network.hyperparameters",
    ),
    (
        "Analyze",
        contract.AnalyzeRequest(network=network(name="vgg16", given={"depth": contract.Value()})),
        "INVALID_ARGUMENT",
        "network.hyperparameters.depth",
    ),
    ("CataloguePage", contract.CataloguePageRequest(page_size=-1), "INVALID_ARGUMENT", "page_size"),
    ("CataloguePage", contract.CataloguePageRequest(skip=-1), "INVALID_ARGUMENT", "skip"),
    ("Names", contract.NamesRequest(page_size=-(2**31)), "INVALID_ARGUMENT", "page_size"),
    ("Names", contract.NamesRequest(page_token="0"), "INVALID_ARGUMENT", "page_token"),  # noqa: S106
    ("Conventions", contract.ConventionsRequest(page_size=-1), "INVALID_ARGUMENT", "page_size"),
    ("Audit", contract.AuditRequest(document="003", page_size=-1), "INVALID_ARGUMENT", "page_size"),
    ("Audit", contract.AuditRequest(document="003", verdict=77), "INVALID_ARGUMENT", "verdict"),
    (
        "PublishedAccuracies",
        contract.PublishedAccuraciesRequest(names=["vgg16"], page_size=-5),
        "INVALID_ARGUMENT",
        "page_size",
    ),
    ("CataloguePage", contract.CataloguePageRequest(page_token="?"), "INVALID_ARGUMENT", "page_token"),  # noqa: S106
    ("Compare", contract.CompareRequest(), "INVALID_ARGUMENT", "networks"),
    ("Compare", contract.CompareRequest(networks=[network(name="vgg16")] * 65), "INVALID_ARGUMENT", "networks"),
    ("Sweep", contract.SweepRequest(network=network(name="vgg16")), "INVALID_ARGUMENT", "points"),
    ("ValidateNetworks", contract.ValidateNetworksRequest(names=["lenet5"], jobs=0), "INVALID_ARGUMENT", "jobs"),
    (
        "ValidateNetworks",
        contract.ValidateNetworksRequest(names=["lenet5"], checks=[9]),
        "INVALID_ARGUMENT",
        "checks[0]",
    ),
    (
        "ValidateNetworks",
        contract.ValidateNetworksRequest(names=["lenet5"], checks=[3, 0]),
        "INVALID_ARGUMENT",
        "checks[1]",
    ),
    (
        "ValidateNetworks",
        contract.ValidateNetworksRequest(names=["lenet5"], device="cuda:9999"),
        "FAILED_PRECONDITION",
        None,
    ),
    ("ValidateRandomNetworks", contract.ValidateRandomNetworksRequest(), "INVALID_ARGUMENT", "count"),
    (
        "Evaluate",
        contract.EvaluateRequest(network=network(name="vgg16"), values={"H": contract.Value(real=math.nan)}),
        "INVALID_ARGUMENT",
        "values",
    ),
]


@pytest.mark.parametrize(("method", "request_", "code", "field"), REFUSED)
def test_a_refusal_names_the_field_at_fault(address: str, method: str, request_: Any, code: str, field: str) -> None:
    found, message, details = service.refusal(address, method, request_)
    assert found == code
    assert message
    assert details["ErrorInfo"].domain == "archcalc"
    if field is not None:
        [violation] = details["BadRequest"].field_violations
        assert violation.field == field
        assert violation.description == message


THERE = network(name="vgg16")


@pytest.mark.parametrize(
    ("method", "request_", "field", "kind", "given", "nearest"),
    [
        ("Describe", contract.DescribeRequest(name="vgg61"), "name", "architecture", "vgg61", "vgg16"),
        (
            "Analyze",
            contract.AnalyzeRequest(network=network(name="restnet50")),
            "network.name",
            "architecture",
            "restnet50",
            "resnet50",
        ),
        (
            "Analyze",
            contract.AnalyzeRequest(network=THERE, convention="fvcor"),
            "convention",
            "convention",
            "fvcor",
            "fvcore",
        ),
        (
            "Compare",
            contract.CompareRequest(networks=[THERE, network(name="vgg61")]),
            "networks[1].name",
            "architecture",
            "vgg61",
            "vgg16",
        ),
        (
            "Derive",
            contract.DeriveRequest(network=THERE, layer="conv9_9", quantity="params"),
            "layer",
            "layer",
            "conv9_9",
            "conv5_3",
        ),
        (
            "Derive",
            contract.DeriveRequest(network=THERE, layer="conv1_1", quantity="parms"),
            "quantity",
            "quantity",
            "parms",
            "params",
        ),
        (
            "Plot",
            contract.PlotRequest(kind="acuracy"),
            "kind",
            "plot",
            "acuracy",
            "accuracy",
        ),
        ("AuditClaim", contract.AuditClaimRequest(id="C9999"), "id", "claim", "C9999", None),
    ],
)
def test_an_unknown_name_is_not_found_and_says_of_what_where_and_what_is_near(
    address: str, method: str, request_: Any, field: str, kind: str, given: str, nearest: str | None
) -> None:
    code, message, details = service.refusal(address, method, request_)
    assert code == "NOT_FOUND"
    assert given in message
    assert (details["ResourceInfo"].resource_type, details["ResourceInfo"].resource_name) == (kind, given)
    assert [violation.field for violation in details["BadRequest"].field_violations] == [field]
    assert (nearest is None and not details["NearestNames"].names) or nearest in details["NearestNames"].names


@pytest.mark.parametrize(
    ("method", "items", "most"),
    [
        ("CataloguePage", "entries", 100),
        ("Names", "names", 1000),
        ("Conventions", "conventions", 1000),
        ("Audit", "audited", 1000),
        ("Spaces", "spaces", 1000),
        ("CheckPublishedCosts", "disagreements", 1000),
    ],
)
def test_a_page_size_beyond_the_most_stands_for_the_most(address: str, method: str, items: str, most: int) -> None:
    kind = CALLS[method].request_class
    pages = [service.ask(address, method, kind(page_size=size)) for size in (0, most, most + 1, 2**31 - 1)]
    assert all(page == pages[0] for page in pages)
    assert len(getattr(pages[0], items)) == min(most, pages[0].total_size) > 0


@pytest.mark.parametrize(
    ("method", "fields", "items"),
    [("Spaces", {}, "spaces"), ("Select", {"pattern": "vgg"}, "rows"), ("CheckPublishedCosts", {}, "disagreements")],
)
def test_small_pages_together_are_the_whole_list(address: str, method: str, fields: dict[str, Any], items: str) -> None:
    request = CALLS[method].request_class(**fields)
    whole = service.ask(address, method, request)
    found: list[Any] = []
    request.page_size = 5
    while not found or request.page_token:
        page = service.ask(address, method, request)
        assert page.total_size == whole.total_size
        found += getattr(page, items)
        request.page_token = page.next_page_token
    assert found == list(getattr(whole, items))
    assert len(found) == whole.total_size > 5


def test_what_cannot_be_built_is_told_on_the_first_page_alone(address: str) -> None:
    small = contract.Setting(sizes=[8])
    request = contract.SelectRequest(pattern="vgg", settings=[small, contract.Setting()], page_size=3)
    first = service.ask(address, "Select", request)
    request.page_token = first.next_page_token
    assert len(first.refused) > 3
    assert request.page_token
    assert not service.ask(address, "Select", request).refused


def test_a_page_token_is_for_its_own_pattern(address: str) -> None:
    page = service.ask(address, "CataloguePage", contract.CataloguePageRequest(pattern="vgg", page_size=5))
    assert len(page.entries) == 5
    other = contract.CataloguePageRequest(pattern="resnet", page_token=page.next_page_token)
    assert service.refusal(address, "CataloguePage", other)[0] == "INVALID_ARGUMENT"


def test_totals_are_those_of_the_table_whichever_layers_it_has(address: str) -> None:
    tables = [
        service.ask(address, "Analyze", contract.AnalyzeRequest(network=THERE, detail=detail)).analysis
        for detail in (False, True)
    ]
    assert len(tables[0].layers) < len(tables[1].layers)
    [alone] = service.ask(address, "Compare", contract.CompareRequest(networks=[THERE])).networks
    assert all(table.totals == alone.totals for table in tables)


def test_health_and_reflection_tell_about_the_service(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        for name in ("", SERVICE.full_name):
            assert check(health_pb2.HealthCheckRequest(service=name), timeout=HANGS).status == 1
        told = ProtoReflectionDescriptorDatabase(channel)
        assert SERVICE.full_name in told.get_services()
        file = told.FindFileContainingSymbol(SERVICE.full_name)
        assert [method.name for method in file.service[0].method] == list(SERVICE.methods_by_name)


def test_an_unknown_method_is_unimplemented(address: str) -> None:
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as error:
        channel.unary_unary("/archcalc.v1.ArchcalcService/Nonsense")(b"", timeout=HANGS)
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_the_same_request_gets_the_same_bytes_and_kept_answers_have_a_limit() -> None:
    kept = flights.Kept(10_000)
    for number in range(1000):
        kept.put(("Analyze", str(number).encode()), (b"x" * 100,))
        assert kept.size <= 10_000
    assert kept.get(("Analyze", b"999")) == (b"x" * 100,)
    assert kept.get(("Analyze", b"0")) is None
    kept.put(("Analyze", b"large"), (b"x" * 5000,))
    assert kept.get(("Analyze", b"large")) is None


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a byte for every Analyze that has begun in a server where that never ends, and Describe fails."""
    file = tmp_path / "started"
    file.touch()
    monkeypatch.setattr(processes, "TEMPLATE", "stuck_template")
    monkeypatch.setenv("ARCHCALC_TEST_STARTED", str(file))
    return file


def analyze(number: int) -> bytes:
    """A request for a table; requests of different numbers are not the same."""
    return contract.AnalyzeRequest(network=contract.Network(name="vgg16", batch=number)).SerializeToString()


def test_work_stops_when_the_deadline_is_over_or_the_call_is_cancelled(started: Path) -> None:
    with service.server() as (running, address):
        before = worker_pids()
        code = service.refusal(address, "Analyze", analyze(1), timeout=2)[0]
        assert code == "DEADLINE_EXCEEDED"
        assert service.settles(lambda: (running.observer.active, running.dispatcher.lanes.busy) == (0, 0))
        begun = started.stat().st_size
        with grpc.insecure_channel(address) as channel:
            call = channel.unary_unary(CALLS["Analyze"].path).future(analyze(2), timeout=FOR_EVER)
            assert service.settles(lambda: started.stat().st_size > begun)
            call.cancel()
            assert service.settles(lambda: (running.observer.active, running.dispatcher.lanes.busy) == (0, 0))
        assert service.settles(lambda: len(worker_pids() - before) <= 1)


def test_more_calls_than_the_limit_are_refused_and_taken_again_later(started: Path) -> None:
    with service.server(concurrent=4) as (running, address), grpc.insecure_channel(address) as channel:
        ask = channel.unary_unary(CALLS["Analyze"].path)
        held = [ask.future(analyze(number), timeout=FOR_EVER) for number in (1, 2)]
        assert service.settles(lambda: running.observer.active == 2)
        code, message, details = service.refusal(address, "Names", contract.NamesRequest())
        assert (code, "this client" in message) == ("RESOURCE_EXHAUSTED", True)
        assert details["RetryInfo"].retry_delay.seconds == 1
        for call in held:
            call.cancel()
        assert service.settles(lambda: running.observer.active == 0)
        assert service.settles(lambda: service.refusal(address, "Names", contract.NamesRequest())[0] == "OK")
    assert started.exists()


def test_equal_requests_under_way_are_computed_once_until_none_of_them_waits(started: Path) -> None:
    with service.server() as (running, address), grpc.insecure_channel(address) as channel:
        ask = channel.unary_unary(CALLS["Analyze"].path)
        held = [ask.future(analyze(1), timeout=FOR_EVER) for _ in range(8)]
        assert service.settles(lambda: running.observer.shared == 7)
        assert service.settles(lambda: started.stat().st_size == 1)
        for call in held[1:]:
            call.cancel()
        assert service.settles(lambda: running.observer.active == 1)
        assert running.dispatcher.lanes.busy == 1
        held[0].cancel()
        assert service.settles(lambda: running.dispatcher.lanes.busy == 0)
        assert started.stat().st_size == 1


def test_a_request_that_is_too_large_is_refused_and_the_next_is_answered(address: str) -> None:
    large = contract.DescribeRequest(name="x" * 5_000_000)
    assert service.refusal(address, "Describe", large)[0] == "RESOURCE_EXHAUSTED"
    assert service.ask(address, "Describe", contract.DescribeRequest(name="vgg16")).description.name == "vgg16"


def worker_pids(niceness: int = 5) -> set[int]:
    """The processes of heavy requests of servers in this process: the nicer copies of its template processes.

    Those of long requests alone have a niceness of 10.
    """
    parents: dict[int, int] = {}
    templates: set[int] = set()
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path(f"/proc/{entry}/cmdline").read_bytes()
                status = Path(f"/proc/{entry}/status").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            parent = int(re.findall(r"^PPid:\t(\d+)$", status, flags=re.MULTILINE)[0])
            if b"_template" in words or b"service.template" in words:
                parents[int(entry)] = parent
                if parent == os.getpid():
                    templates.add(int(entry))
    least = {pid: _niceness(pid) + niceness for pid in templates}
    return {pid for pid, parent in parents.items() if parent in least and _niceness(pid) >= least[parent]}


def _niceness(pid: int) -> int:
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return 0


def test_heavy_calls_hold_up_no_quick_one_and_end_with_their_process_when_nobody_waits() -> None:
    before = worker_pids(10)
    with service.server(workers=1, waiting=2) as (running, address), grpc.insecure_channel(address) as channel:
        ask = channel.unary_stream(CALLS["ValidateRandomNetworks"].path)
        first = ask(LONG.SerializeToString(), timeout=FOR_EVER)
        assert len(next(first)) > 0
        second = ask(LONG.SerializeToString(), timeout=FOR_EVER)
        assert service.settles(lambda: running.dispatcher.lanes.waiting == 1)
        code, message, _ = service.refusal(address, "ValidateRandomNetworks", LONG)
        assert (code, "try again later" in message) == ("RESOURCE_EXHAUSTED", True)
        with ThreadPoolExecutor(8) as callers:
            tables = callers.map(lambda _: service.ask(address, "Analyze", VGG, timeout=HANGS), range(40))
            assert all(table.analysis.totals.values["params"].whole == 138_357_544 for table in tables)
        busy = worker_pids(10) - before
        assert len(busy) == 1
        second.cancel()
        assert service.settles(lambda: running.dispatcher.lanes.waiting == 0)
        first.cancel()
        assert service.settles(lambda: not busy & worker_pids(10))
        points = contract.SweepRequest(network=network(name="vgg16"), points=[contract.Point()])
        assert service.ask(address, "Sweep", points)[0].evaluations[0].totals.values["params"].whole == 138_357_544
    assert service.settles(lambda: worker_pids(10) <= before)


@pytest.mark.usefixtures("started")
def test_a_request_may_take_so_long_and_no_longer() -> None:
    with service.server(seconds=1) as (_, address):
        code, message, _ = service.refusal(address, "Analyze", analyze(1))
        assert (code, message) == ("DEADLINE_EXCEEDED", "this server allows 1 seconds for this request")
        assert service.ask(address, "Names", contract.NamesRequest(pattern="lenet5_dense")).names[0] == "lenet5_dense"


def test_a_worker_that_dies_fails_its_call_and_no_other() -> None:
    before = worker_pids(10)
    with service.server() as (_, address), grpc.insecure_channel(address) as channel:
        call = channel.unary_stream(CALLS["ValidateRandomNetworks"].path)(LONG.SerializeToString(), timeout=FOR_EVER)
        next(call)
        [pid] = worker_pids(10) - before
        os.kill(pid, 9)
        with pytest.raises(grpc.RpcError) as error:
            list(call)
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert service.ask(address, "GraphPicture", contract.GraphPictureRequest(network=network(name="lenet5")))


def test_calls_that_have_begun_may_finish_when_the_server_ends() -> None:
    with service.server(grace=FOR_EVER) as (running, address), Client(address, timeout=HANGS, patience=0) as client:
        answers = client.validate_random_networks(12, 1)
        next(answers)
        ending = threading.Thread(target=running.stop)
        ending.start()
        assert len(list(answers)) == 11
        ending.join(HANGS)
        assert not ending.is_alive()
        with pytest.raises(archcalc.ArchcalcError, match="unavailable"):
            client.analyze("vgg16")


@pytest.mark.usefixtures("started")
def test_a_mistake_in_archcalc_is_internal_is_logged_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with service.server() as (_, address):
        code, message, _ = service.refusal(address, "Describe", contract.DescribeRequest(name="vgg16"))
    assert code == "INTERNAL"
    assert "secret" not in message
    traces = [record.said["traceback"] for record in caplog.records if record.getMessage() == "mistake"]  # type: ignore[attr-defined]
    assert "a secret" in traces[-1]


def test_a_mistake_of_the_server_itself_is_logged_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(dispatch, "estimate", broken)
    with service.server() as (_, address):
        code, message, _ = service.refusal(address, "Describe", contract.DescribeRequest(name="vgg16"))
    assert (code, "secret" in message) == ("INTERNAL", False)
    [trace] = [record.said["traceback"] for record in caplog.records if record.getMessage() == "mistake"]  # type: ignore[attr-defined]
    assert "a secret" in trace
    assert "in broken" in trace
