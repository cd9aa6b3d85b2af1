"""`archcalc serve` as it runs in production: signals, logs, metrics, TLS, tokens, addresses."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
import service
import trustme
from click.testing import CliRunner
from patience import HANGS

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.service import guard, server
from archcalc.service.async_client import AsyncClient
from archcalc.service.client import Client
from archcalc.service.connection import SERVICE_CONFIG, Attempts
from archcalc.service.faults import ServerError
from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

TOKEN = "a-token-of-the-tests"  # noqa: S105


def refused(*options: str) -> str:
    """What `archcalc serve` says instead of serving."""
    result = CliRunner().invoke(cli, ["serve", *options], standalone_mode=False)
    assert isinstance(result.exception, ArchcalcError), result
    return str(result.exception)


def test_sigterm_under_load_lets_calls_finish_and_ends_with_0() -> None:
    """Callers ask all the time; none of them gets anything but its answer or, after the signal, `unavailable`."""
    wrong: list[str] = []
    answered = threading.Semaphore(0)

    def caller(client: Client) -> None:
        while True:
            try:
                if client.analyze("vgg16").totals.params != 138_357_544:
                    wrong.append("a wrong answer")
            except ArchcalcError as error:
                if "unavailable" not in str(error):
                    wrong.append(str(error))
                return
            answered.release()

    with (
        service.process("--grace", str(HANGS)) as running,
        Client(running.address, timeout=HANGS, patience=0) as client,
    ):
        slow = client.validate_random_networks(8, 1)
        next(slow)
        callers = [threading.Thread(target=caller, args=(client,), daemon=True) for _ in range(8)]
        for each in callers:
            each.start()
        for _ in range(50):
            assert answered.acquire(timeout=HANGS)
        running.process.send_signal(signal.SIGTERM)
        assert len(list(slow)) == 7
        for each in callers:
            each.join(HANGS)
        assert not any(each.is_alive() for each in callers)
        assert running.process.wait(HANGS) == 0
        running.end()
    assert wrong == []
    assert [line["event"] for line in running.log if line["event"] != "refused"] == ["listening", "ending", "ended"]
    assert {line["reason"] for line in running.said("refused")} <= {"shutting_down"}
    assert running.said("ending")[0]["signal"] == "Terminated"
    assert running.said("ending")[0]["grace"] == HANGS
    assert 1 <= running.said("ending")[0]["calls"] <= 9


def test_a_log_that_nobody_reads_holds_up_neither_answers_nor_the_end(tmp_path: Path) -> None:
    address = f"unix:{tmp_path}/archcalc.sock"
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "archcalc", "serve", "--listen", address, "--log-level", "debug"]
    running = subprocess.Popen(command, stderr=writing)
    try:
        said = b""
        while b"listening" not in said:
            said += os.read(reading, 4096)
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while os.write(writing, b"x" * 4096):
                pass
        os.set_blocking(writing, True)
        with Client(address, timeout=HANGS) as client:
            for _ in range(50):
                assert client.analyze("lenet5").totals.params == 60_000
        running.send_signal(signal.SIGTERM)
        assert running.wait(HANGS) == 0
    finally:
        running.kill()
        running.wait()
        os.close(reading)
        os.close(writing)


def test_what_a_crash_has_to_say_is_in_the_log() -> None:
    command = [sys.executable, "-m", "archcalc", "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert "listening" in running.stderr.readline()
        running.send_signal(signal.SIGABRT)
        assert "Fatal Python error: Aborted" in running.stderr.read()
    assert running.returncode == -signal.SIGABRT


def test_calls_that_outlive_the_grace_are_unavailable_and_everything_is_tidied_up() -> None:
    """One call is in progress and others wait; the log has a line for each and nothing that Python has to say."""
    request = contract.ValidateRandomNetworksRequest(count=3000)
    codes: list[str] = []
    with (
        service.process("--grace", "0.2", "--log-level", "debug") as running,
        grpc.insecure_channel(running.address) as channel,
    ):
        call = channel.unary_stream(CALLS["ValidateRandomNetworks"].path)
        streams = [call(request.SerializeToString(), timeout=HANGS)]
        next(streams[0])
        streams += [call(request.SerializeToString(), timeout=HANGS) for _ in range(2)]
        running.process.send_signal(signal.SIGTERM)
        for each in streams:
            with pytest.raises(grpc.RpcError) as error:
                list(each)
            codes.append(error.value.code().name)
        assert running.process.wait(HANGS) == 0
        running.end()
    assert codes == ["UNAVAILABLE"] * 3
    ended = [line["code"] for line in running.said("call")]
    assert len(ended) == 3
    assert "CANCELLED" in ended
    assert set(ended) <= {"CANCELLED", "UNAVAILABLE"}  # the latter of one that arrives behind the signal
    assert not [line for line in running.log if line["level"] == "error"]
    assert not [line for line in running.said("output") if "never awaited" in line["text"]]


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "tgkill"), reason="this system sends no signal to one thread")
def test_a_signal_that_another_thread_takes_ends_the_server() -> None:
    """The system may give a signal to any thread; Python's main thread, which waits, is then not woken."""
    with service.process() as running:
        process = running.process.pid
        others = [int(task.name) for task in Path(f"/proc/{process}/task").iterdir() if task.name != str(process)]
        assert others
        assert ctypes.CDLL(None).tgkill(process, max(others), signal.SIGTERM) == 0
        assert running.process.wait(HANGS) == 0
    assert [line["event"] for line in running.log][-2:] == ["ending", "ended"]


def metrics(running: service.Process) -> str:
    url = f"http://127.0.0.1:{running.listening['metrics_port']}/metrics"
    with urllib.request.urlopen(url, timeout=HANGS) as page:
        return page.read().decode()


def test_metrics_and_a_line_for_every_call_are_there_when_asked_for() -> None:
    with service.process("--metrics", "127.0.0.1:0", "--log-level", "debug") as running:
        with Client(running.address, timeout=HANGS) as client:
            for name in ("vgg16", "vgg16", "nonsense-net"):
                try:
                    client.analyze(name)
                except archcalc.UnknownName:
                    continue
        text = metrics(running)
        running.end()
    values = dict(re.findall(r"^(\w+\{.*\}|\w+) (\S+)$", text, flags=re.MULTILINE))
    call = 'grpc_method="Analyze",grpc_service="archcalc.v1.ArchcalcService",grpc_type="unary"'
    assert values[f'grpc_server_handled_total{{grpc_code="OK",{call}}}'] == "2.0"
    assert values[f'grpc_server_handled_total{{grpc_code="NOT_FOUND",{call}}}'] == "1.0"
    assert values[f"grpc_server_handling_seconds_count{{{call}}}"] == "3.0"
    assert (values["archcalc_cache_hits_total"], values["archcalc_cache_misses_total"]) == ("1.0", "2.0")
    assert values["archcalc_requests_in_progress"] == "0.0"
    assert {"process_resident_memory_bytes", 'archcalc_lane_processes{lane="quick"}'} <= values.keys()
    lines = [line for line in running.log if line["event"] == "call"]
    assert [(line["method"], line["code"]) for line in lines] == [("Analyze", "OK")] * 2 + [("Analyze", "NOT_FOUND")]
    assert all({"time", "level", "seconds"} <= line.keys() for line in lines)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Two authorities, a server's and a client's certificate of the first, and a client's of the second."""
    folder = tmp_path_factory.mktemp("tls")
    found: dict[str, str] = {}

    def keep(name: str, blob: Any) -> None:
        found[name] = str(folder / name)
        blob.write_to_path(found[name])

    ca, other = trustme.CA(), trustme.CA()
    for name, authority, host in (("server", ca, "127.0.0.1"), ("client", ca, "caller"), ("stranger", other, "caller")):
        certificate = authority.issue_cert(host)
        keep(f"{name}.pem", certificate.cert_chain_pems[0])
        keep(f"{name}.key", certificate.private_key_pem)
    keep("ca.pem", ca.cert_pem)
    keep("other.pem", other.cert_pem)
    found["tokens"] = str(folder / "tokens")
    Path(found["tokens"]).write_text(f"# tokens\n\n{TOKEN}\nanother-token-of-the-tests\n", encoding="utf-8")
    return found


def serving(files: dict[str, str], *options: str) -> Any:
    return service.process("--cert", files["server.pem"], "--key", files["server.key"], *options)


def test_with_tls_only_those_connect_that_trust_the_server(files: dict[str, str]) -> None:
    with serving(files) as running:
        assert running.listening["security"] == "TLS"
        with Client(running.address, ca=files["ca.pem"], timeout=HANGS) as client:
            assert client.analyze("lenet5") == archcalc.analyze("lenet5")
        for ca in (None, files["other.pem"]):
            with (
                Client(running.address, ca=ca, timeout=HANGS) as client,
                pytest.raises(ArchcalcError, match="unavailable"),
            ):
                client.analyze("lenet5")


def test_every_address_of_a_name_has_tls_and_the_new_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `localhost` is 127.0.0.1 and ::1; here both are of IPv4, which every machine has."""
    monkeypatch.setattr(server, "addresses_of", lambda *_: ("127.0.0.1:0", "127.0.0.2:0"))
    authority = trustme.CA()

    def certificate() -> guard.Certificate:
        issued = authority.issue_cert("127.0.0.1", "127.0.0.2")
        issued.private_key_pem.write_to_path(tmp_path / "key")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "cert")
        return guard.CertificateFiles(str(tmp_path / "cert"), str(tmp_path / "key"), None).read()

    def shown(host: str, port: int) -> str:
        return ssl.get_server_certificate((host, port), timeout=HANGS)

    current = [certificate()]
    running = server.Server()
    try:
        port = running.listen("localhost:0", lambda: guard.server_credentials(lambda: current[0]))
        running.start()
        for _ in range(2):
            for host in ("127.0.0.1", "127.0.0.2"):
                assert shown(host, port).encode().split() == current[0].cert.split()
            current[0] = certificate()
    finally:
        running.stop(0)


def test_sighup_reads_tokens_and_certificates_again_and_keeps_all_of_them_if_one_is_broken(
    files: dict[str, str], tmp_path: Path
) -> None:
    paths = {name: tmp_path / name for name in ("server.pem", "server.key", "tokens")}
    for name, path in paths.items():
        path.write_bytes(Path(files[name]).read_bytes())
    options = ("--cert", str(paths["server.pem"]), "--key", str(paths["server.key"]), "--token-file")
    with service.process(*options, str(paths["tokens"])) as running:

        def answered(token: str) -> bool:
            with Client(running.address, ca=files["ca.pem"], timeout=HANGS, token=token) as client:
                try:
                    return client.analyze("lenet5").totals.params == 60_000
                except ArchcalcError as error:
                    return "unauthenticated" not in str(error)

        paths["tokens"].write_text("a-new-token-of-the-tests\n", encoding="utf-8")
        for name, broken in (("server.pem", b"none"), ("server.key", b"none"), ("server.key", None)):
            whole = paths[name].read_bytes()
            paths[name].unlink() if broken is None else paths[name].write_bytes(broken)
            before = len(running.said("not reloaded"))
            running.process.send_signal(signal.SIGHUP)
            assert service.settles(lambda before=before: len(running.said("not reloaded")) > before)
            assert str(paths[name]) in running.said("not reloaded")[-1]["reason"]
            assert answered(TOKEN)
            assert not answered("a-new-token-of-the-tests")
            paths[name].write_bytes(whole)
        running.process.send_signal(signal.SIGHUP)
        assert service.settles(lambda: bool(running.said("reloaded")))
        assert answered("a-new-token-of-the-tests")
        assert not answered(TOKEN)


def test_with_mutual_tls_only_those_connect_whom_the_server_trusts(files: dict[str, str]) -> None:
    with serving(files, "--client-ca", files["ca.pem"]) as running:
        assert running.listening["security"] == "mutual TLS"

        def ask(**pair: str) -> Any:
            with Client(running.address, ca=files["ca.pem"], timeout=HANGS, **pair) as client:
                return client.analyze("lenet5")

        assert ask(cert=files["client.pem"], key=files["client.key"]).totals.params == 60_000
        for pair in ({}, {"cert": files["stranger.pem"], "key": files["stranger.key"]}):
            with pytest.raises(ArchcalcError, match="unavailable"):
                ask(**pair)


def test_with_tokens_only_those_are_answered_that_bring_one_and_health_needs_none(files: dict[str, str]) -> None:
    with serving(files, "--token-file", files["tokens"], "--metrics", "127.0.0.1:0") as running:

        def ask(token: str | None) -> Any:
            with Client(running.address, ca=files["ca.pem"], timeout=HANGS, token=token) as client:
                return client.analyze("lenet5")

        for known in (TOKEN, "another-token-of-the-tests"):
            assert ask(known).totals.params == 60_000
        for unknown in (None, "", TOKEN[:-1], TOKEN + "x", "# tokens"):
            with pytest.raises(ArchcalcError, match=r"unauthenticated: a bearer token is needed"):
                ask(unknown)
        authority = grpc.ssl_channel_credentials(Path(files["ca.pem"]).read_bytes())
        with grpc.secure_channel(running.address, authority) as channel:
            assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=HANGS) == b"\x08\x01"
        assert 'archcalc_refused_requests_total{reason="no_token"} 5.0' in metrics(running)
    assert TOKEN not in str(running.log)


def test_the_command_line_uses_certificates_and_tokens_too(files: dict[str, str]) -> None:
    with serving(files, "--client-ca", files["ca.pem"], "--token-file", files["tokens"]) as running:
        secrets = ["--ca", files["ca.pem"], "--cert", files["client.pem"], "--key", files["client.key"]]
        start = ["--server", running.address, *secrets, "--token-file", files["tokens"]]
        there = CliRunner().invoke(cli, [*start, "table", "lenet5"], standalone_mode=False, catch_exceptions=False)
        here = CliRunner().invoke(cli, ["table", "lenet5"], standalone_mode=False, catch_exceptions=False)
        assert there.stdout == here.stdout


def test_a_unix_socket_is_served_too(tmp_path: Path) -> None:
    with (
        service.process(listen=f"unix:{tmp_path}/archcalc.sock") as running,
        Client(running.address, timeout=HANGS) as client,
    ):
        assert client.analyze("lenet5").totals.params == 60_000


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "10.1.2.3:50051", "example.org:50051", "192.168.0.1:0"])
def test_an_address_that_others_can_reach_needs_tls_or_an_explicit_word(address: str) -> None:
    assert "--insecure" in refused("--listen", address)
    assert not guard.is_local(address)


@pytest.mark.parametrize("address", ["127.0.0.1:0", "127.8.8.8:1", "[::1]:50051", "localhost:1", "unix:/run/a.sock"])
def test_an_address_of_this_machine_needs_neither(address: str) -> None:
    assert guard.is_local(address)


def test_options_that_do_not_fit_are_one_line_before_anything_is_served(tmp_path: Path, files: dict[str, str]) -> None:
    short = tmp_path / "short"
    short.write_text("secret\n", encoding="utf-8")
    assert "--cert and --key" in refused("--cert", files["server.pem"])
    assert "--client-ca needs" in refused("--client-ca", files["ca.pem"])
    assert "cannot be read" in refused("--cert", "/no/such/file", "--key", files["server.key"])
    assert "16 characters" in refused("--token-file", str(short))
    assert "secret" not in refused("--token-file", str(short))
    assert "HOST:PORT" in refused("--metrics", "nowhere")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "cannot listen" in refused("--listen", f"127.0.0.1:{port}")
        assert "--metrics: cannot listen" in refused("--metrics", f"127.0.0.1:{port}")
        assert refused("--listen", "127.0.0.1:0", "--http", f"127.0.0.1:{port}") == (
            f"--http: cannot listen on 127.0.0.1:{port}: it is in use"
        )


def test_a_server_that_is_not_there_is_one_line() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    result = CliRunner().invoke(cli, ["--server", address, "table", "vgg16"], standalone_mode=False)
    assert isinstance(result.exception, ArchcalcError)
    assert str(result.exception).startswith(f"server {address}: unavailable")
    assert "\n" not in str(result.exception)


def test_a_server_that_cannot_be_reached_is_said_in_a_sentence(files: dict[str, str]) -> None:
    """Each case is another mistake of a first try: a wrong port, address or host, TLS on one side alone."""

    def said(address: str, **options: Any) -> str:
        with Client(address, timeout=HANGS, **options) as client, pytest.raises(ServerError) as caught:
            client.analyze("lenet5")
        return str(caught.value)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    assert "unavailable: no server listens there (" in said(address)
    assert "HOST:PORT is needed (" in said("http://127.0.0.1:50051")
    assert "HOST:PORT is needed (" in said("127.0.0.1:port")
    assert "the host is not known (" in said("host.invalid:50051")
    with service.process("--http", "127.0.0.1:0") as running:
        assert "a server over HTTP is there; the port of gRPC" in said(running.listening["http"])
        assert "it does not use TLS" in said(running.address, ca=files["ca.pem"])
    with serving(files) as running:
        assert "it may need TLS" in said(running.address)
        assert service.settles(lambda: running.said("TLS handshake failed"))
        assert running.said("TLS handshake failed")[0]["reason"] == "the client does not use TLS"
        assert "its certificate is not of the authority" in said(running.address, ca=files["other.pem"])
    with pytest.raises(ArchcalcError, match=r"the authority .*tokens is no certificate in PEM"):
        Client("127.0.0.1:1", ca=files["tokens"])


def test_a_token_that_is_missing_and_one_that_is_not_known_are_told_apart(files: dict[str, str]) -> None:
    with service.process("--token-file", files["tokens"]) as running:
        for token, text in ((None, "needed:"), ("another-token-than-those", "needed that this server knows:")):
            with (
                Client(running.address, timeout=HANGS, token=token) as client,
                pytest.raises(ServerError, match=rf"a bearer token is {text} .*--token-file on the command line"),
            ):
                client.analyze("lenet5")


def test_what_browsers_do_not_send_as_an_origin_is_refused() -> None:
    for wrong in ("example.org", "https://example.org/page", "https://Example.org", "https://"):
        assert "--cors takes an origin such as https://example.org" in refused("--http", "127.0.0.1:0", "--cors", wrong)


def test_a_client_tries_again_while_the_server_is_not_there_yet() -> None:
    """The standard service config of gRPC says so: four attempts for UNAVAILABLE, and a deadline for every call."""
    attempts: list[int] = []

    def answer(_request: bytes, context: grpc.ServicerContext) -> bytes:
        attempts.append(len(attempts))
        if len(attempts) < 3:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
        assert 0 < context.time_remaining() < 60
        return b""

    from concurrent.futures import ThreadPoolExecutor

    server = grpc.server(ThreadPoolExecutor(2))
    handler = grpc.unary_unary_rpc_method_handler(answer)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("archcalc.v1.ArchcalcService", {"Names": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with Client(f"127.0.0.1:{port}") as client:
            assert client.names() == ()
    finally:
        server.stop(None).wait(HANGS)
    assert len(attempts) == 3


@pytest.mark.parametrize(
    ("code", "details", "reached", "again"),
    [
        (grpc.StatusCode.UNAVAILABLE, "the server is shutting down", True, True),
        (grpc.StatusCode.UNAVAILABLE, "connection refused", False, False),
        (grpc.StatusCode.CANCELLED, "Received RST_STREAM with error code 8", True, True),
        (grpc.StatusCode.CANCELLED, "Channel closed!", True, False),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "try again later", True, False),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded", True, False),
    ],
)
def test_a_call_is_asked_again_if_the_server_left_it(
    code: grpc.StatusCode, details: str, reached: bool, again: bool
) -> None:
    """Only if it has answered before: a server that was never there is told at once."""
    error = SimpleNamespace(code=lambda: code, details=lambda: details)
    with Client("127.0.0.1:1") as client:
        client.reached = reached
        assert (Attempts(client).pause_after(error) is not None) == again
        client.patience = -1.0
        assert Attempts(client).pause_after(error) is None


def test_every_call_has_a_deadline_in_the_service_config() -> None:
    quick, slow = SERVICE_CONFIG["methodConfig"]  # type: ignore[misc]
    assert quick["timeout"] == "30s"  # type: ignore[index]
    assert {each["method"] for each in slow["name"]} >= {"ValidateNetworks", "Sweep", "GraphPicture"}  # type: ignore[index]


def test_both_clients_take_the_same_options() -> None:
    from inspect import signature

    assert signature(Client.__init__).parameters == signature(AsyncClient.__init__).parameters


def test_the_examples_of_the_clients_run(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parent.parent / "docs" / "how-to" / "serve.md").read_text(encoding="utf-8")
    examples = re.findall(r"```py\n(.*?)```", text, flags=re.DOTALL)
    assert len(examples) == 2
    with service.process() as running:
        for example in examples:
            exec(example.replace("127.0.0.1:50051", running.address), {})  # noqa: S102
    vgg, resnet = [archcalc.analyze(name).totals.mult_adds for name in ("vgg16", "resnet50")]
    assert capsys.readouterr().out.splitlines() == [
        str(archcalc.analyze("vgg16", classes=10).totals.params),
        *[f"(3, {s}, {s}) {archcalc.analyze('resnet50', input=(3, s, s)).totals.mult_adds}" for s in (224, 225, 256)],
        "500",
        "7850",
        str(archcalc.analyze(archcalc.Network.load("examples/small.toml"), width=32).totals.params),
        f"{vgg} {resnet}",
    ]


def test_the_health_check_of_the_container_says_whether_calls_are_taken(files: dict[str, str]) -> None:
    from archcalc.service.health import serving as takes_calls

    with service.process() as running:
        assert takes_calls(running.address)
    assert not takes_calls(running.address)
    with serving(files) as running:
        assert takes_calls(running.address, files["ca.pem"])
        assert not takes_calls(running.address, files["other.pem"])
