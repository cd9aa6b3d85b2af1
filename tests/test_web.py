"""The service over HTTP: what curl, browsers and connectrpc's own client get is what the service answers."""

from __future__ import annotations

import asyncio
import base64
import gzip
import http.client
import json
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import trustme
from connectrpc.client import ConnectClient
from connectrpc.code import Code
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from google.protobuf import json_format
from google.rpc import code_pb2, error_details_pb2, status_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import FOR_EVER, HANGS
from service import settles
from webs import SERVICE, Direct, Running, Told, web

from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.service import faults
from archcalc.service.answering import Failed, answers
from archcalc.service.calls import Call
from archcalc.service.questions import CALLS
from archcalc.service.web import web_server
from archcalc.service.web.core import WebLimits
from archcalc.service.web.messages import SMALL, Conversions, NoMessage, from_json, to_json
from archcalc.v1 import archcalc_pb2 as contract

LENET: dict[str, Any] = {"network": {"name": "lenet5"}}
ANALYZE = f"{SERVICE}/Analyze"
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("Analyze", LENET),
    ("Analyze", {"network": {"name": "mobilenet_v1", "hyperparameters": {"width": {"real": 0.5}}, "batch": "8"}}),
    ("Names", {"pattern": "resnet5"}),
    ("CataloguePage", {"pattern": "vgg", "pageSize": 3}),
    ("Describe", {"name": "anynet_a"}),
    ("Memory", {"network": {"name": "lenet5", "batch": 8, "training": {"optimizer": "OPTIMIZER_ADAM"}}}),
    ("Sweep", {"network": {"name": "lenet5"}, "points": [{"input": {"sizes": [1, 32, 32]}}] * 3}),
    ("GraphPicture", {"network": {"name": "lenet5"}, "format": "GRAPH_FORMAT_DOT"}),
]
"""Calls, and requests in JSON."""
KINDS = [(kind, codec) for kind in ("connect", "grpc-web") for codec in ("proto", "json")]


def request_of(method: str, asked: dict[str, Any]) -> Any:
    return json_format.ParseDict(asked, CALLS[method].request_class())


def answered(method: str, asked: dict[str, Any]) -> list[Any]:
    """The responses that the core gives."""
    call = CALLS[method]
    return [call.reader()(each) for each in answers(call, request_of(method, asked).SerializeToString())]


def oracle(
    running: Running, kind: str, codec: str, method: str, asked: Any, get: bool = False, **options: Any
) -> list[Any]:
    """The responses that connectrpc's client gets. Raises ConnectError."""
    call = CALLS[method]
    stream = StreamType.SERVER_STREAM if call.streams else StreamType.UNARY
    facts: Any = MethodInfo(
        name=call.method,
        service_name=SERVICE[1:],
        input=call.request_class,
        output=call.response_class,
        idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
        stream_type=stream,
    )
    request = asked if not isinstance(asked, dict) else request_of(method, asked)

    async def ask() -> list[Any]:
        form = google_protobuf_binary_codec() if codec == "proto" else google_protobuf_json_codec()
        protocol = ProtocolType.CONNECT if kind == "connect" else ProtocolType.GRPC_WEB
        async with ConnectClient(f"http://127.0.0.1:{running.port}", codec=form, protocol=protocol) as client:
            if call.streams:
                return [each async for each in client.execute_server_stream(request=request, method=facts, **options)]
            return [await client.execute_unary(request=request, method=facts, use_get=get, **options)]

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def direct() -> Iterator[Running]:
    with web() as running:
        yield running


# --- The same answers.


@pytest.mark.parametrize(("kind", "codec"), KINDS)
@pytest.mark.parametrize(("method", "asked"), ASKED)
def test_connectrpc_s_client_gets_what_the_service_answers(
    direct: Running, method: str, asked: dict[str, Any], kind: str, codec: str
) -> None:
    assert oracle(direct, kind, codec, method, asked) == answered(method, asked)


@pytest.mark.parametrize(("method", "asked"), [each for each in ASKED if not CALLS[each[0]].streams])
def test_get_gets_the_same_and_may_be_kept(direct: Running, method: str, asked: dict[str, Any]) -> None:
    for codec in ("proto", "json"):
        assert oracle(direct, "connect", codec, method, asked, get=True) == answered(method, asked)
    query = urlencode({"connect": "v1", "encoding": "json", "message": json.dumps(asked)}, quote_via=quote)
    found = direct.ask("GET", f"{SERVICE}/{method}?{query}")
    assert found.status == 200
    assert found.json == direct.post(method, asked).json == json_format.MessageToDict(answered(method, asked)[0])
    assert found.headers["cache-control"] == "public, max-age=3600"
    again = direct.ask("GET", f"{SERVICE}/{method}?{query}", If_None_Match=f'"other", {found.headers["etag"]}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", found.headers["etag"])
    assert again.headers["cache-control"] == "public, max-age=3600"
    other = direct.ask("GET", f"{SERVICE}/{method}?{query}", If_None_Match='"other"')
    assert (other.status, other.body) == (200, found.body)


def test_what_one_client_may_know_is_kept_by_nobody_between(direct: Running) -> None:
    query = urlencode({"encoding": "json", "message": json.dumps(LENET)})
    found = direct.ask("GET", f"{ANALYZE}?{query}", Authorization="Bearer x")
    assert found.headers["cache-control"] == "private, max-age=3600"
    unknown = urlencode({"encoding": "json", "message": json.dumps({"network": {"name": "vgg61"}})})
    assert direct.ask("GET", f"{ANALYZE}?{unknown}").headers["cache-control"] == "no-store"
    by_proto = urlencode({"encoding": "proto", "base64": "1", "message": encoded(LENET)})
    assert direct.ask("GET", f"{ANALYZE}?{by_proto}").headers["etag"] != found.headers["etag"]


def encoded(asked: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(request_of("Analyze", asked).SerializeToString()).decode().rstrip("=")


@pytest.mark.parametrize("method", sorted(CALLS))
def test_every_call_is_there_over_every_protocol(direct: Running, method: str) -> None:
    """A request with a field that its message does not have comes to the call's reader of JSON, and no further."""
    unknown = b'{"noSuchField": 1}'
    call = CALLS[method]
    said = f"{call.descriptor.input_type.name} has no field noSuchField; it has "
    envelope = b"\0" + len(unknown).to_bytes(4, "big") + unknown
    if call.streams:
        found = direct.post(method, envelope, "application/connect+json")
        assert found.status == 200
        assert json.loads(found.body[5:])["error"]["message"].startswith(said)
        assert direct.ask("GET", f"{SERVICE}/{method}").status == 405
    else:
        found = direct.post(method, unknown)
        assert (found.status, found.json["code"]) == (400, "invalid_argument")
        assert found.json["message"].startswith(said)
        query = urlencode({"encoding": "json", "message": unknown})
        assert direct.ask("GET", f"{SERVICE}/{method}?{query}").body == found.body
    found = direct.post(method, envelope, "application/grpc-web+json")
    assert found.status == 200
    assert b"grpc-status: 3\r\n" in found.body
    assert quote(said).encode() in found.body


def test_curl_without_a_content_type_is_answered(direct: Running) -> None:
    curl = shutil.which("curl")
    url = f"http://127.0.0.1:{direct.port}{ANALYZE}"
    if curl is not None:
        command = [curl, "-sS", "--max-time", str(HANGS), "-d", json.dumps(LENET), url]
        done = subprocess.run(command, capture_output=True, check=True)
        assert json.loads(done.stdout) == json_format.MessageToDict(answered("Analyze", LENET)[0])
    for kind in ("application/x-www-form-urlencoded", "", "application/json; charset=utf-8"):
        found = direct.post("Analyze", LENET, kind)
        assert (found.status, found.headers["content-type"]) == (200, "application/json")
        assert found.json["analysis"]["totals"]["values"]["params"] == {"whole": "60000"}
    assert direct.post("Names", "", "").json == direct.post("Names", {}).json


def test_responses_and_requests_are_compressed_where_that_is_asked(direct: Running) -> None:
    plain = direct.post("Analyze", LENET)
    assert "content-encoding" not in plain.headers
    for accepted in ("gzip", "br, gzip;q=0.5", "deflate, GZIP"):
        found = direct.post("Analyze", LENET, Accept_Encoding=accepted)
        assert found.headers["content-encoding"] == "gzip"
        assert gzip.decompress(found.body) == plain.body
    for refused in ("gzip;q=0", "identity", "br, gzip; q=0.0"):
        assert direct.post("Analyze", LENET, Accept_Encoding=refused).body == plain.body
    packed = gzip.compress(json.dumps(LENET).encode())
    assert direct.post("Analyze", packed, content_encoding="gzip").body == plain.body
    assert direct.post("Analyze", packed, content_encoding="br").status == 501


@pytest.mark.parametrize("kind", ["application/grpc-web-text", "application/grpc-web-text+proto"])
@pytest.mark.parametrize(("method", "asked"), ASKED)
def test_grpc_web_in_base64_is_grpc_web(direct: Running, method: str, asked: dict[str, Any], kind: str) -> None:
    raw = request_of(method, asked).SerializeToString()
    envelope = b"\0" + len(raw).to_bytes(4, "big") + raw
    plain = direct.post(method, envelope, "application/grpc-web+proto")
    found = direct.post(method, base64.b64encode(envelope), kind)
    assert (found.status, found.headers["content-type"]) == (200, "application/grpc-web-text+proto")
    assert b"".join(base64.b64decode(each) for each in quanta(found.body)) == plain.body
    with connected(direct) as stream:  # in pieces that divide its groups of four
        stream.sendall(head(method, len(base64.b64encode(envelope)), kind))
        for byte in base64.b64encode(envelope):
            stream.sendall(bytes([byte]))
        assert b"HTTP/1.1 200 " in stream.recv(100)
    bad = direct.post(method, "?" * 8, kind)
    assert b"grpc-status: 3" in b"".join(base64.b64decode(each) for each in quanta(bad.body))


def quanta(text: bytes) -> list[bytes]:
    """The groups of four characters, which are padded where a part of a stream ends."""
    return [text[first : first + 4] for first in range(0, len(text), 4)]


# --- Errors.


@pytest.mark.parametrize(("kind", "codec"), KINDS)
@pytest.mark.parametrize("streams", [False, True])
def test_every_status_comes_to_the_client_with_its_details(kind: str, codec: str, streams: bool) -> None:
    method = "Sweep" if streams else "Analyze"
    details = [
        error_details_pb2.ErrorInfo(reason="R", domain="archcalc"),
        error_details_pb2.RetryInfo(retry_delay={"seconds": 2}),  # type: ignore[arg-type]
        contract.NearestNames(names=["vgg16"]),
    ]
    given: list[status_pb2.Status] = []

    async def fails(_call: Any, _raw: bytes, _caller: Any) -> AsyncGenerator[bytes]:
        raise Failed(given[-1])
        yield b""

    with web(Told(fails)) as running:
        for name, number in code_pb2.Code.items():
            if not number:
                continue
            given.append(faults.status(number, f"100 % {name} über\nlines", *details))
            with pytest.raises(ConnectError) as caught:
                oracle(running, kind, codec, method, {})
            assert caught.value.code.name == {"CANCELLED": "CANCELED"}.get(name, name)
            assert caught.value.message == given[-1].message
            held = [(each.type_name, each.message_bytes) for each in caught.value.details]
            assert held == [(each.TypeName(), each.value) for each in given[-1].details]


def test_an_error_can_be_read_by_eye(direct: Running) -> None:
    found = direct.post("Analyze", {"network": {"name": "vgg61"}})
    assert (found.status, found.json["code"]) == (404, "not_found")
    shown = {each["type"]: each["debug"] for each in found.json["details"]}
    assert shown["google.rpc.BadRequest"]["fieldViolations"][0]["field"] == "network.name"
    assert "vgg16" in shown["archcalc.v1.NearestNames"]["names"]


@pytest.mark.parametrize(
    ("text", "said", "field"),
    [
        ('{"network": {"nam": "vgg16"}}', "Network has no field nam; it has name, graph, file", "network.nam"),
        ('{"colour": 1}', "AnalyzeRequest has no field colour; it has network, detail", "colour"),
        ('{"network": {"dtype": "FLOAT"}}', "network.dtype: invalid enum value FLOAT", "network.dtype"),
        ('{"network": {"batch": "many"}}', "network.batch: not a whole number: 'many'", "network.batch"),
        ('{"network": {"batch": 1.5}}', "network.batch: ", "network.batch"),
        ('{"network": {"name": 5}}', "network.name: ", "network.name"),
        ('{"network": 5}', "network: ", "network"),
        (
            '{"network": {"name": "a", "graph": {}}}',
            'network: message type "archcalc.v1.Network" should not',
            "network",
        ),
        (
            '{"network": {"inputs": [{"sizes": [1, "x"]}]}}',
            "network.inputs.sizes: not a whole number: 'x'",
            "network.inputs.sizes",
        ),
        ("[]", "the request is no JSON object, such as {}", ""),
        ("null", "the request is no JSON object, such as {}", ""),
        ("network=vgg16", "the request is no JSON object, such as {}", ""),
        ("{", "the request is no JSON: Expecting property name", ""),
        ('{"network": {}, "network": {}}', "the request is no JSON: duplicate key network", ""),
        ('{"a":' * 200_000, "the request is no JSON: maximum recursion depth exceeded", ""),
        ('{"network": {"batch": ' + "1" * 5000 + "}}", "the request is no JSON: Exceeds the limit", ""),
        (b'{"network": {"name": "\xff"}}', "the request is not in UTF-8", ""),
    ],
)
def test_what_is_wrong_in_json_is_said_and_named(direct: Running, text: str | bytes, said: str, field: str) -> None:
    found = direct.post("Analyze", text)
    assert (found.status, found.json["code"]) == (400, "invalid_argument")
    assert found.json["message"].startswith(said)
    assert "\n" not in found.json["message"]
    (violation,) = found.json["details"][0]["debug"]["fieldViolations"]
    assert violation.get("field", "") == field


FIELDS = st.sampled_from(["network", "name", "graph", "nodes", "fields", "inputs", "training", "batch"])
PLAIN = st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers()
JSON = st.recursive(PLAIN, lambda each: st.lists(each, max_size=3) | st.dictionaries(FIELDS, each))


@settings(max_examples=300, deadline=None)
@given(st.text().map(str.encode) | st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_text_is_a_message_or_is_said_to_be_none(text: bytes) -> None:
    found = from_json("AnalyzeRequest", text)
    if isinstance(found, NoMessage):
        assert found.reason
    else:
        assert read(from_json("AnalyzeRequest", to_json("AnalyzeRequest", found))) == read(found)


def read(raw: Any) -> Any:
    return contract.AnalyzeRequest.FromString(raw)


def test_paths_methods_and_types_that_are_not_answered_say_so(direct: Running) -> None:
    for path in ("/nope", "/archcalc.v1.ArchcalcService/Analyse", SERVICE, "/%ff%0d%0a", "/../etc/passwd"):
        found = direct.ask("POST", path, b"{}", content_type="application/json")
        assert (found.status, found.json["code"]) == (404, "unimplemented")
    with pytest.raises(ConnectError) as caught:
        oracle_elsewhere(direct)
    assert caught.value.code is Code.UNIMPLEMENTED
    found = direct.ask("PUT", ANALYZE, b"{}")
    assert (found.status, found.headers["allow"], found.json["code"]) == (405, "GET, POST", "unimplemented")
    assert direct.ask("POST", "/healthz", b"").headers["allow"] == "GET, HEAD"
    for kind in ("text/xml", "application/connect+json", "application/grpc", "application/json+x", "\xe9"):
        found = direct.post("Analyze", LENET, kind)
        assert found.status == (200 if kind == "\xe9" else 415)  # a value that is not in ASCII is none
    found = direct.post("Sweep", {})
    assert (found.status, "application/connect+json" in found.headers["accept-post"]) == (415, True)
    assert direct.ask("GET", f"{ANALYZE}?encoding=json&message=%").json["code"] == "invalid_argument"
    assert direct.ask("GET", f"{ANALYZE}?encoding=json").json["message"].startswith("'message' parameter is required")
    assert direct.ask("GET", f"{ANALYZE}?encoding=xml&message=x").status == 415


def oracle_elsewhere(running: Running) -> None:
    facts: Any = MethodInfo(
        name="Analyse",
        service_name=SERVICE[1:],
        input=contract.AnalyzeRequest,
        output=contract.AnalyzeResponse,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.UNARY,
    )

    async def ask() -> None:
        address = f"http://127.0.0.1:{running.port}"
        codec = google_protobuf_binary_codec()
        async with ConnectClient(address, codec=codec, protocol=ProtocolType.GRPC_WEB) as client:
            await client.execute_unary(request=contract.AnalyzeRequest(), method=facts)

    asyncio.run(ask())


def test_a_mistake_of_archcalc_is_internal_and_says_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    async def mistaken(_call: Any, _raw: bytes, _caller: Any) -> AsyncGenerator[bytes]:
        raise ZeroDivisionError("secret")
        yield b""

    with web(Told(mistaken)) as running:
        found = running.post("Analyze", LENET)
    assert (found.status, found.json["code"], b"secret" in found.body) == (500, "internal", False)
    assert "secret" in caplog.records[-1].said["traceback"]  # type: ignore[attr-defined]


# --- Who asks.


def test_the_core_is_told_who_asks_and_how_long_they_wait() -> None:
    core = Direct()
    with web(core, identify=lambda token, peer: f"{token} {peer}") as running:
        found = running.post("Names", {}, Authorization="Bearer t", X_Request_Id="mine", Connect_Timeout_Ms="90000")
        assert found.headers["x-request-id"] == "mine"
        client, request_id, transport, remaining = core.callers[-1]
        assert (client, request_id, transport) == ("Bearer t 127.0.0.1", "mine", "connect")
        assert remaining is not None
        assert 0 < remaining <= 90
        oracle(running, "grpc-web", "proto", "Names", {}, timeout_ms=80_000)
        client, request_id, transport, remaining = core.callers[-1]
        assert (client, transport) == ("None 127.0.0.1", "grpc-web")
        assert remaining is not None
        assert 0 < remaining <= 80
        for given in ("x" * 65, "a b", "", "é"):
            made = running.post("Names", {}, X_Request_Id=given).headers["x-request-id"]
            assert (made, len(made)) == (core.callers[-1].request_id, 16)
        assert core.callers[-1].remaining is None
        assert core.callers[-1].request_id != core.callers[-2].request_id


def test_a_stranger_is_refused_before_the_body_is_read() -> None:
    def identify(authorization: str | None, _: str) -> str:
        if authorization != "Bearer right":
            raise Failed(faults.status(code_pb2.UNAUTHENTICATED, "a bearer token is needed"))
        return "token right"

    with web(identify=identify) as running:
        for method, asked in ASKED:
            assert oracle(running, "connect", "proto", method, asked, headers={"authorization": "Bearer right"})
            for kind, codec in KINDS:
                with pytest.raises(ConnectError) as caught:
                    oracle(running, kind, codec, method, asked, headers={"authorization": "Bearer wrong"})
                assert (caught.value.code, caught.value.message) == (Code.UNAUTHENTICATED, "a bearer token is needed")
        with connected(running) as stream:
            stream.sendall(head("Analyze", 1000))  # without a body
            assert b"HTTP/1.1 401 " in stream.recv(10_000)
        assert running.ask("GET", "/healthz").status == 200


def test_a_deadline_ends_the_work() -> None:
    ended = threading.Event()

    async def waits(_call: Any, _raw: bytes, _caller: Any) -> AsyncGenerator[bytes]:
        try:
            await asyncio.sleep(FOR_EVER)
            yield b""
        finally:
            ended.set()

    with web(Told(waits)) as running:
        for kind, codec in KINDS:
            for method in ("Analyze", "Sweep"):
                ended.clear()
                with pytest.raises(ConnectError) as caught:
                    oracle(running, kind, codec, method, {}, timeout_ms=100)
                assert caught.value.code is Code.DEADLINE_EXCEEDED
                assert ended.wait(HANGS)
        found = running.post("Analyze", {}, Connect_Timeout_Ms="100")
        assert (found.status, found.json["code"]) == (504, "deadline_exceeded")
        for bad in ("-1", "1e3", "99999999999"):
            assert running.post("Analyze", {}, Connect_Timeout_Ms=bad).status == 400
        ended.clear()
        with connected(running) as stream:
            stream.sendall(head("Analyze", 2) + b"{}")
            assert not ended.wait(0.2)
        assert ended.wait(HANGS)  # the client has gone


# --- Pages of browsers.


def test_pages_of_other_origins_may_ask_only_if_they_are_allowed() -> None:
    page, other = "https://page.example", "https://other.example"
    asks = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "content-type"}
    with web(origins=[page]) as running:
        for origin, allowed in ((page, True), (other, False), ("null", False), (f"{page}.evil.example", False)):
            preflight = running.ask("OPTIONS", ANALYZE, Origin=origin, **asks)
            found = running.post("Analyze", LENET, Origin=origin)
            assert (preflight.status, found.status) == ((204, 200) if allowed else (403, 403))
            for each in (preflight, found):
                assert each.headers.get("access-control-allow-origin") == (origin if allowed else None)
                assert "Origin" in each.headers["vary"]
            if allowed:
                assert preflight.headers["access-control-allow-methods"] == "GET, POST"
                for name in ("connect-protocol-version", "connect-timeout-ms", "x-grpc-web", "x-request-id"):
                    assert name in preflight.headers["access-control-allow-headers"].split(", ")
                for name in ("grpc-status", "grpc-message", "grpc-status-details-bin"):
                    assert name in found.headers["access-control-expose-headers"].split(", ")
        assert running.post("Analyze", LENET).status == 200  # without a browser
        own = running.post("Analyze", LENET, Origin=f"http://127.0.0.1:{running.port}")
        assert (own.status, "access-control-allow-origin" in own.headers) == (200, False)
        failed = running.post("Analyze", {"network": {"name": "vgg61"}}, Origin=page)
        assert (failed.status, failed.headers["access-control-allow-origin"]) == (404, page)
    with web(origins=["*"]) as running:
        found = running.post("Analyze", LENET, Origin=other)
        assert (found.status, found.headers["access-control-allow-origin"]) == (200, "*")
    with web() as running:
        found = running.post("Analyze", LENET, Origin=page)
        assert (found.status, found.json["code"]) == (403, "permission_denied")
        assert not [name for name in found.headers if name.startswith("access-control")]


def test_pages_about_the_server() -> None:
    healthy = [True]
    with web(healthy=lambda: healthy[0]) as running:
        assert running.ask("GET", "/").body.startswith(b"archcalc ")
        for path in ("/", "/healthz"):
            assert running.ask("HEAD", path).body == b""
        assert running.ask("GET", "/healthz").status == 200
        healthy[0] = False
        assert running.ask("GET", "/healthz").status == 503


# --- Attacks.


@pytest.fixture
def tight() -> Iterator[Running]:
    limits = WebLimits(head=1, idle=1, receiving=1, writing=1, connections=8, request_bytes=2**16)
    with web(limits=limits) as running:
        yield running


def connected(running: Running) -> socket.socket:
    stream = socket.create_connection(("127.0.0.1", running.port), timeout=HANGS)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


def head(method: str, length: int, kind: str = "application/json") -> bytes:
    lines = f"POST {SERVICE}/{method} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
    return lines.encode()


def read_all(stream: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    found = b""
    try:
        while part := stream.recv(2**16):
            found += part
    except ConnectionError:
        pass
    return found


def test_a_request_that_is_too_large_is_refused(tight: Running) -> None:
    large = json.dumps({"network": {"name": "x" * 2**16}})
    for kind in ("application/json", "application/proto"):
        found = tight.post("Analyze", large, kind)
        assert (found.status, found.json["code"]) == (429, "resource_exhausted")
    with connected(tight) as stream:
        stream.sendall(head("Analyze", 2**40))
        assert b"HTTP/1.1 429 " in stream.recv(10_000)
        with pytest.raises(ConnectionError):  # and what comes after is not read for long
            stream.sendall(bytes(2**28))
    with connected(tight) as stream:
        stream.sendall(head("Analyze", 0).replace(b"content-length: 0", b"transfer-encoding: chunked"))
        stream.sendall(b"20000\r\n" + b" " * 0x20000 + b"\r\n")
        assert b"HTTP/1.1 429 " in stream.recv(10_000)
    envelope = b"\0\xff\xff\xff\xff{}"
    found = tight.post("Sweep", envelope, "application/connect+json")
    assert json.loads(found.body[5:])["error"]["code"] == "resource_exhausted"


def test_a_request_that_grows_when_it_is_decompressed_is_refused_and_takes_no_memory(tight: Running) -> None:
    bomb = gzip.compress(bytes(64 * 2**20))
    assert len(bomb) < 2**16 + 2**14
    bomb = bomb[: 2**16]
    tracemalloc.start()
    try:
        found = tight.post("Analyze", bomb, content_encoding="gzip")
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()
    assert (found.status, found.json["code"]) == (429, "resource_exhausted")
    query = urlencode(
        {"encoding": "json", "base64": "1", "compression": "gzip", "message": base64.urlsafe_b64encode(bomb[:9000])}
    )
    found = tight.ask("GET", f"{ANALYZE}?{query}")
    assert (found.status, found.json["code"]) == (429, "resource_exhausted")
    packed = gzip.compress(bomb)[: 2**16]
    envelope = b"\1" + len(packed).to_bytes(4, "big") + packed
    found = tight.post("Sweep", envelope, "application/connect+json", Connect_Content_Encoding="gzip")
    assert "error" in json.loads(found.body[5:])
    members = gzip.compress(b"") * 3000
    began = time.perf_counter()
    found = tight.post("Analyze", members, content_encoding="gzip")
    assert (found.status, found.json["message"]) == (400, "the request's gzip is not one whole member")
    assert time.perf_counter() - began < HANGS
    for broken in (gzip.compress(b"{}")[:-1], b"no gzip"):
        assert tight.post("Analyze", broken, content_encoding="gzip").status == 400


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", "not_received"),
        (b"POST / HTT", "not_received"),
        (b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", ""),
        (b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET ", "not_received"),
        (head("Analyze", 10), "not_received"),
        (head("Analyze", 10) + b"{", "not_received"),
        (head("nope", 10) + b"{", "not_received"),
    ],
)
def test_a_connection_on_which_nothing_comes_is_closed(tight: Running, sent: bytes, told: str) -> None:
    with connected(tight) as stream:
        stream.sendall(sent)
        found = read_all(stream)
    if sent.startswith(b"POST /archcalc.v1.ArchcalcService/Analyze"):
        assert b"HTTP/1.1 504 " in found
    assert (tight.refused[-1] if tight.refused else "") == told
    assert settles(lambda: tight.server.connections == 0)


def test_heads_that_trickle_are_cut_off(tight: Running) -> None:
    def trickle(stream: socket.socket) -> None:
        while True:
            stream.sendall(b"a")
            time.sleep(0.01)

    with connected(tight) as stream, pytest.raises(ConnectionError):
        trickle(stream)
    with connected(tight) as stream:
        stream.sendall(b"GET /" + b"a" * 2**20)
        assert read_all(stream)[:12] in (b"HTTP/1.1 400", b"")


def large_answers(size: int, count: int = 1) -> Told:
    """A core with responses of so many bytes, of which each has the bytes of the same object."""
    raw = contract.GraphPictureResponse(chunk=bytes(size)).SerializeToString()

    async def says(_call: Any, _raw: bytes, _caller: Any) -> AsyncGenerator[bytes]:
        for _ in range(count):
            yield raw

    return Told(says)


@pytest.mark.parametrize("method", ["Analyze", "GraphPicture"])
def test_clients_that_take_no_response_lose_their_connection_and_take_no_memory(method: str) -> None:
    size = 8 * 2**20
    limits = WebLimits(writing=0.5, slowest=2**30, sending_bytes=2**40)
    kind = "application/connect+proto" if method == "GraphPicture" else "application/proto"
    body = b"\0\0\0\0\0" if method == "GraphPicture" else b""
    with web(large_answers(size, 4), limits) as running:
        tracemalloc.start()
        try:
            streams = [connected(running) for _ in range(16)]
            for each in streams:
                each.sendall(head(method, len(body), kind) + body)
            assert settles(lambda: running.refused.count("slow_reader") == 16)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert most < 16 * 2 * (2**20) + (16 if method == "GraphPicture" else 0) * size + 4 * size
        assert settles(lambda: running.server.connections == 0)
        for each in streams:
            assert len(read_all(each)) < size
    for each in streams:
        each.close()


def test_large_answers_that_are_being_sent_have_a_limit_for_each_client_and_together() -> None:
    size = 8 * 2**20

    def identify(authorization: str | None, _: str) -> str:
        return authorization or ""

    with web(large_answers(size), WebLimits(sending_bytes=9 * size), identify=identify) as running:
        streams: list[socket.socket] = []
        codes: list[str] = []
        for client in "aaabbbcccdddeee":
            stream = connected(running)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**12)
            asked = head("Analyze", 0, "application/proto").replace(
                b"host: x", b"host: x\r\nauthorization: " + client.encode()
            )
            stream.sendall(asked)
            codes.append(stream.recv(12)[-3:].decode())
            streams.append(stream)
        assert codes == ["200", "200", "429"] * 4 + ["429"] * 3
        assert running.post("Analyze", b"", "application/proto").status == 429
        for each in streams:
            each.close()
        assert settles(lambda: running.post("Analyze", b"", "application/proto").status == 200)


def test_connections_have_a_limit_and_one_that_asks_gets_the_place_of_one_that_is_idle(tight: Running) -> None:
    asker = http.client.HTTPConnection("127.0.0.1", tight.port, timeout=HANGS)
    asker.request("GET", "/healthz")
    assert asker.getresponse().read() == b"serving\n"
    idle = [connected(tight) for _ in range(8)]
    assert settles(lambda: "connections" in tight.refused)
    for _ in range(4):
        assert tight.ask("GET", "/healthz").status == 200
    asker.request("GET", "/healthz")  # it has asked before, and keeps its place
    assert asker.getresponse().read() == b"serving\n"
    asker.close()
    for each in idle:
        each.close()
    waiting = threading.Event()

    async def waits(_call: Any, _raw: bytes, _caller: Any) -> AsyncGenerator[bytes]:
        waiting.set()
        await asyncio.sleep(FOR_EVER)
        yield b""

    with web(Told(waits), WebLimits(connections=2)) as running:
        busy = [connected(running) for _ in range(2)]
        for each in busy:
            waiting.clear()
            each.sendall(head("Analyze", 2) + b"{}")
            assert waiting.wait(HANGS)
        with connected(running) as late:
            assert read_all(late) == b""
        for each in busy:
            each.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nx: \xff\r\norigin: \xff\r\n\r\n",
        b"GET " + ANALYZE.encode() + b"?message=\xff&encoding=json HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" * 200,
        head("Analyze", 10) + b"{" + head("Analyze", 10),
    ],
)
def test_no_bytes_are_a_mistake(tight: Running, sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with connected(tight) as stream:
        stream.sendall(sent)
        read_all(stream)
    assert tight.ask("GET", "/healthz").status == 200
    assert not [each for each in caplog.records if each.levelname in ("WARNING", "ERROR")]


# --- Large messages.


def test_large_messages_are_converted_in_a_process_which_may_die() -> None:
    asked = {"network": {"graph": graph(2000)}}
    text = json.dumps(asked).encode()
    assert len(text) > SMALL
    conversions = Conversions()

    async def convert() -> bytes:
        return await conversions.run(from_json, "AnalyzeRequest", text, "a")

    async def dies() -> None:
        for process in list(conversions._own._processes.values()):  # type: ignore[union-attr]
            process.kill()

    with web(conversions=conversions) as running:
        reads = CALLS["Analyze"].request_class.FromString
        assert reads(running.do(convert())) == request_of("Analyze", asked)
        running.do(dies())
        assert reads(running.do(convert())) == request_of("Analyze", asked)
        found = running.post("Analyze", asked)
        assert found.json == json_format.MessageToDict(answered("Analyze", asked)[0])


SERVES = """
import asyncio, os, signal
from archcalc.service.web.messages import SMALL, Conversions, from_json, to_packed
async def main():
    conversions = Conversions()
    await conversions.run(to_packed, "", bytes(2 * SMALL), "a")
    print(*conversions._own._processes, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def test_the_process_for_conversions_ends_with_a_server_that_is_killed() -> None:
    done = subprocess.run([sys.executable, "-c", SERVES], stdout=subprocess.PIPE, text=True, check=False, timeout=HANGS)
    assert done.returncode == -signal.SIGKILL
    assert settles(lambda: not running_process(int(done.stdout)))


def running_process(pid: int) -> bool:
    """Return True while a process runs; one that has ended and is not yet reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def graph(nodes: int) -> dict[str, Any]:
    """A chain of convolutions."""
    conv = {"op": "conv", "fields": {"out": {"whole": 4}, "kernel": {"whole": 3}, "padding": {"whole": 1}}}
    made = [{**conv, "inputs": [index], "row": f"conv{index}"} for index in range(nodes)]
    return {
        "name": "chain",
        "inputs": [{"row": "input", "shape": {"sizes": [4, 8, 8]}}],
        "nodes": made,
        "outputs": [nodes],
    }


def test_an_answer_that_is_too_large_as_json_says_how_to_ask() -> None:
    with web(large_answers(2**20), WebLimits(json_bytes=2**19)) as running:
        found = running.post("Analyze", {})
        assert (found.status, found.json["code"]) == (400, "out_of_range")
        assert found.json["message"].endswith("ask with content-type application/proto")
        assert running.post("Analyze", b"", "application/proto").status == 200


# --- The server.


def test_requests_in_progress_are_answered_when_the_server_stops() -> None:
    begun, finish = threading.Event(), threading.Event()

    async def waits(call: Call[..., Any], raw: bytes, caller: Any) -> AsyncGenerator[bytes]:
        begun.set()
        await asyncio.to_thread(finish.wait, HANGS)
        async for each in Direct().answer(call, raw, caller):
            yield each

    found: list[Any] = []
    with web(Told(waits), grace=HANGS) as running:
        asking = threading.Thread(target=lambda: found.append(running.post("Analyze", LENET)))
        idle = http.client.HTTPConnection("127.0.0.1", running.port, timeout=HANGS)
        idle.request("GET", "/healthz")
        idle.getresponse().read()
        asking.start()
        assert begun.wait(HANGS)
        stopping = asyncio.run_coroutine_threadsafe(running.server.stop(HANGS), running.loop)
        assert idle.sock.recv(1) == b""  # an idle connection is closed at once
        idle.close()
        with pytest.raises(ConnectionRefusedError):
            connected(running)
        finish.set()
        asking.join(HANGS)
        stopping.result(HANGS)
        assert (found[0].status, found[0].headers["connection"]) == (200, "close")
        assert running.server.connections == 0


def test_requests_that_take_longer_than_the_grace_are_given_up() -> None:
    begun, ended = threading.Event(), threading.Event()

    async def waits(_call: Any, _raw: bytes, _caller: Any) -> AsyncGenerator[bytes]:
        begun.set()
        try:
            await asyncio.sleep(FOR_EVER)
            yield b""
        finally:
            ended.set()

    with web(Told(waits)) as running, connected(running) as stream:
        stream.sendall(head("Analyze", 2) + b"{}")
        assert begun.wait(HANGS)
        running.do(running.server.stop(0))
        assert ended.wait(HANGS)
        assert running.server.connections == 0


def test_a_package_that_is_missing_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("uvicorn", "connectrpc"):
        monkeypatch.setitem(sys.modules, module, None)
        said = f"serving over HTTP needs {module}, which is not installed: pip install 'archcalc[web]'"
        with pytest.raises(MissingTool, match=re.escape(said)):
            web_server(Direct())


def test_an_address_that_is_in_use_is_refused() -> None:
    with web() as running, pytest.raises(ArchcalcError, match=r"cannot listen on 127\.0\.0\.1:"):
        running.do(type(running.server)(Direct()).start("127.0.0.1", running.port))


def tls(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    return context


def test_tls_with_a_certificate_that_is_changed_while_the_server_runs() -> None:
    first, second = trustme.CA(), trustme.CA()
    failures: list[tuple[str, Exception]] = []
    limits = WebLimits(handshake=3)
    told: Any = lambda *each: failures.append(each)
    with web(context=tls(first), limits=limits, handshake_failed=told) as running:

        def ask(ca: trustme.CA) -> Any:
            trusts = ssl.create_default_context()
            ca.configure_trust(trusts)
            connection = http.client.HTTPSConnection("localhost", running.port, timeout=HANGS, context=trusts)
            connection.request("POST", ANALYZE, json.dumps(LENET))
            found = json.loads(connection.getresponse().read())
            connection.close()
            return found

        for _ in range(20):  # a request that comes with the end of the handshake is not lost
            assert ask(first)["analysis"]["architecture"] == "lenet5"
        with pytest.raises(ssl.SSLError):
            ask(second)
        running.server.context = tls(second)
        assert ask(second)["analysis"]["architecture"] == "lenet5"
        assert settles(lambda: len(failures) == 1)
        with connected(running) as stream:
            stream.sendall(b"GET / HTTP/1.1\r\n\r\n")
            read_all(stream)
        with connected(running) as stream:
            assert read_all(stream) == b""  # who says nothing is not waited for
        assert settles(lambda: len(failures) == 3)
        assert {peer for peer, _ in failures} == {"127.0.0.1"}
        assert settles(lambda: running.server.connections == 0)
