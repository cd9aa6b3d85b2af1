"""OpenTelemetry of the server: what spans and metrics say of calls, and that no secret is among it."""

from __future__ import annotations

import asyncio
import importlib
import logging
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from patience import HANGS

from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.service import telemetry

pytest.importorskip("opentelemetry.sdk")

from opentelemetry import trace
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

SECRET = "a-token-that-nobody-may-see"  # noqa: S105
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
"""A trace that a client has begun: https://www.w3.org/TR/trace-context/."""


class Recorded:
    """OpenTelemetry that keeps everything in memory."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.telemetry = telemetry.start(
            "tested", span_processor=SimpleSpanProcessor(self.exporter), metric_reader=self.reader, instance="one"
        )

    @property
    def spans(self) -> dict[str, Any]:
        found = self.exporter.get_finished_spans()
        assert len({each.name for each in found}) == len(found)
        return {each.name: each for each in found}

    def counts(self, metric: str) -> dict[tuple[str, str], int]:
        """The number of measurements by method and code."""
        data: Any = self.reader.get_metrics_data()
        points = [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for each in scope.metrics
            if each.name == metric
            for point in each.data.data_points
        ]
        return {(p.attributes["rpc.method"], p.attributes["rpc.response.status_code"]): p.count for p in points}


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    for name in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SDK_DISABLED", "OTEL_TRACES_SAMPLER"):
        monkeypatch.delenv(name, raising=False)
    found = Recorded()
    yield found
    found.telemetry.stop()


class Echo(grpc.GenericRpcHandler):
    """A service of bytes: an answer within a span, a failure, an error, one that never ends, and a stream."""

    def service(self, handler_call_details: Any) -> Any:
        name = handler_call_details.method.rpartition("/")[2]
        if name == "Count":
            return grpc.unary_stream_rpc_method_handler(self.count)
        return grpc.unary_unary_rpc_method_handler(getattr(self, name.lower())) if name in METHODS else None

    async def answer(self, request: bytes, context: Any) -> bytes:
        with telemetry.span("compute", lane="quick"):
            return request

    async def check(self, request: bytes, context: Any) -> bytes:
        return request

    async def fail(self, request: bytes, context: Any) -> bytes:
        telemetry.identify("made-by-the-server")
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no")
        raise AssertionError

    async def crash(self, request: bytes, context: Any) -> bytes:
        raise ValueError("wrong")

    async def hang(self, request: bytes, context: Any) -> bytes:
        await asyncio.sleep(HANGS)
        return request

    async def count(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        for each in range(int(request)):
            yield str(each).encode()
            await asyncio.sleep(0.001)


METHODS = ("Answer", "Fail", "Crash", "Hang", "Check")


@asynccontextmanager
async def channel(recorded: Recorded | None) -> AsyncIterator[Any]:
    server = grpc.aio.server(interceptors=recorded.telemetry.interceptors if recorded else ())
    server.add_generic_rpc_handlers((Echo(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as found:
            yield found
    finally:
        await server.stop(None)


async def settled(recorded: Recorded, name: str) -> Any:
    """The span of a call, which ends a moment after its client knows the answer."""
    end = time.monotonic() + HANGS
    while name not in recorded.spans:
        assert time.monotonic() < end, recorded.spans
        await asyncio.sleep(0.01)
    return recorded.spans[name]


def everything(spans: dict[str, Any]) -> str:
    return "\n".join(span.to_json() for span in spans.values())


def test_a_call_has_a_span_in_the_trace_of_its_client_with_the_computation_within(recorded: Recorded) -> None:
    metadata = (("traceparent", PARENT), ("x-request-id", "given-7"), ("authorization", f"Bearer {SECRET}"))

    async def run() -> None:
        async with channel(recorded) as there:
            assert await there.unary_unary("/a.Service/Answer")(b"x", metadata=metadata, timeout=HANGS) == b"x"
            await settled(recorded, "/a.Service/Answer")

    asyncio.run(run())
    call, computed = recorded.spans["/a.Service/Answer"], recorded.spans["compute"]
    assert f"{call.context.trace_id:032x}" == PARENT.split("-")[1]
    assert f"{call.parent.span_id:016x}" == PARENT.split("-")[2]
    assert call.kind == trace.SpanKind.SERVER
    assert (call.attributes["rpc.service"], call.attributes["rpc.method"]) == ("a.Service", "Answer")
    assert computed.parent.span_id == call.context.span_id
    assert computed.attributes["archcalc.lane"] == "quick"
    assert call.attributes[telemetry.REQUEST_ID] == computed.attributes[telemetry.REQUEST_ID] == "given-7"
    assert call.resource.attributes["service.name"] == "tested"
    assert call.resource.attributes["service.instance.id"] == "one"
    assert SECRET not in everything(recorded.spans)
    assert "given-7" in everything(recorded.spans)  # the search above would find what is there
    assert recorded.counts("rpc.server.call.duration") == {("a.Service/Answer", "OK"): 1}


def test_failures_errors_and_cancelled_calls_are_told_apart(
    recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with channel(recorded) as there:
            for method in ("Fail", "Crash", "Hang"):
                with pytest.raises(grpc.RpcError):
                    await there.unary_unary(f"/a.Service/{method}")(b"x", timeout=0.3 if method == "Hang" else HANGS)
                await settled(recorded, f"/a.Service/{method}")

    with caplog.at_level(logging.CRITICAL, "grpc"):
        asyncio.run(run())
    codes = {name.rpartition("/")[2]: span.attributes["rpc.grpc.status_code"] for name, span in recorded.spans.items()}
    assert codes["Fail"] == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert codes["Hang"] == grpc.StatusCode.CANCELLED.value[0]
    assert recorded.spans["/a.Service/Fail"].attributes[telemetry.REQUEST_ID] == "made-by-the-server"
    assert recorded.counts("rpc.server.call.duration") == {
        ("a.Service/Fail", "INVALID_ARGUMENT"): 1,
        ("a.Service/Crash", "UNKNOWN"): 1,
        ("a.Service/Hang", "CANCELLED"): 1,
    }


def test_a_stream_is_one_span_whether_it_is_read_to_its_end_or_left(
    recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with channel(recorded) as there:
            whole = there.unary_stream("/a.Service/Count")(b"50", timeout=HANGS)
            assert len([each async for each in whole]) == 50
            await settled(recorded, "/a.Service/Count")
            left = there.unary_stream("/b.Service/Count")(b"1000000", timeout=HANGS)
            await left.read()
            left.cancel()
            await settled(recorded, "/b.Service/Count")

    asyncio.run(run())
    assert recorded.spans["/a.Service/Count"].attributes["rpc.grpc.status_code"] == 0
    assert "/b.Service/Count" in recorded.spans  # its status is OK if its frames are collected before the call ends
    assert recorded.counts("rpc.server.call.duration") == {
        ("a.Service/Count", "OK"): 1,
        ("b.Service/Count", "CANCELLED"): 1,
    }
    own = [record for record in caplog.records if record.name != "opentelemetry.context"]  # left where it began
    assert not [record for record in own if record.levelno >= logging.WARNING]


def test_probes_and_unknown_methods_leave_nothing(recorded: Recorded) -> None:
    """A stranger who invents methods makes no new series."""

    async def run() -> None:
        async with channel(recorded) as there:
            await there.unary_unary("/grpc.health.v1.Health/Check")(b"x", timeout=HANGS)
            for each in range(5):
                with pytest.raises(grpc.RpcError):
                    await there.unary_unary(f"/a.Service/Invented{each}")(b"x", timeout=HANGS)
            await there.unary_unary("/a.Service/Answer")(b"x", timeout=HANGS)
            await settled(recorded, "/a.Service/Answer")

    asyncio.run(run())
    assert set(recorded.counts("rpc.server.call.duration")) == {("a.Service/Answer", "OK")}
    assert "/grpc.health.v1.Health/Check" not in recorded.spans
    assert "/a.Service/Answer" in recorded.spans


@pytest.mark.parametrize("names", ["", "http/dup"])
def test_requests_over_http_have_spans_and_what_may_be_secret_is_hidden(
    names: str, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where all headers are asked for, and attributes have their older and their newer names."""
    semantic = importlib.import_module(
        "opentelemetry.instrumentation._semconv"
    )._OpenTelemetrySemanticConventionStability
    monkeypatch.setattr(semantic, "_initialized", False)
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", names)
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST", ".*")

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        with telemetry.span("compute"):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    sent: list[str] = []
    headers = {
        "traceparent": PARENT,
        "x-request-id": "given-8",
        "authorization": f"Bearer {SECRET}",
        "cookie": f"session={SECRET}",
        "x-api-key": SECRET,
        "x-other": "seen",
    }
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/a.Service/Answer",
        "raw_path": b"/a.Service/Answer",
        "query_string": f"access_token={SECRET}".encode(),
        "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    asyncio.run(recorded.telemetry.wrap(app)(scope, receive, send))
    assert sent == ["http.response.start", "http.response.body"]
    found = {span.kind: span for span in recorded.spans.values()}
    call = found[trace.SpanKind.SERVER]
    assert f"{call.context.trace_id:032x}" == PARENT.split("-")[1]
    assert call.attributes[telemetry.REQUEST_ID] == "given-8"
    assert recorded.spans["compute"].attributes[telemetry.REQUEST_ID] == "given-8"
    assert "seen" in everything(recorded.spans)
    assert ("url.path" in call.attributes) == bool(names)
    assert call.attributes["http.url"] == "http://127.0.0.1:2/a.Service/Answer"
    assert SECRET not in everything(recorded.spans)


def test_while_it_is_off_spans_are_nothing() -> None:
    with telemetry.span("compute", lane="quick") as nothing:
        telemetry.identify("7")
        assert nothing is None
        assert not trace.get_current_span().get_span_context().is_valid

    async def run() -> None:
        async with channel(None) as there:
            assert await there.unary_unary("/a.Service/Answer")(b"x", timeout=HANGS) == b"x"

    asyncio.run(run())


def test_the_variables_say_where_it_goes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "named-by-the-variable")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.version=9.9,deployment.environment.name=test")
    running = telemetry.start()
    with telemetry.span("compute"):
        pass
    running.stop()
    said = capsys.readouterr().out
    for wanted in ('"compute"', "named-by-the-variable", '"service.version": "9.9"', "deployment.environment.name"):
        assert wanted in said
    for variable in ("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        with monkeypatch.context() as patch:
            patch.setenv(variable, "pigeon")
            with pytest.raises(ArchcalcError, match=f"{variable} is one of .*, not 'pigeon'"):
                telemetry.start()
    with telemetry.span("compute"):  # a start that failed has turned nothing on
        assert not trace.get_current_span().get_span_context().is_valid


@pytest.mark.parametrize("protocol", telemetry.PROTOCOLS)
def test_a_collector_that_is_away_does_not_hold_up_the_end(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", away)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
    running = telemetry.start()
    with telemetry.span("compute"):
        pass
    began = time.monotonic()
    running.stop(1.0)
    assert time.monotonic() - began < HANGS / 60


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    sentence = r"--telemetry needs opentelemetry-sdk, which is not installed: pip install 'archcalc\[otel\]'"
    with pytest.raises(MissingTool, match=sentence):
        telemetry.start()
