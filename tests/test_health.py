"""The health check that probes run: what it says and its exit codes, without TLS, with TLS, with mutual TLS."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
import service
import trustme
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from patience import HANGS

from archcalc.base.errors import ArchcalcError
from archcalc.service.calls import SERVICE
from archcalc.service.health import check, main


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An authority, a certificate for the name `archcalc`, a client's, and an authority that nobody trusts."""
    folder = tmp_path_factory.mktemp("tls")
    found: dict[str, str] = {}

    def keep(name: str, blob: Any) -> None:
        found[name] = str(folder / name)
        blob.write_to_path(found[name])

    ca = trustme.CA()
    for name in ("archcalc", "probe"):
        certificate = ca.issue_cert(name)
        keep(f"{name}.pem", certificate.cert_chain_pems[0])
        keep(f"{name}.key", certificate.private_key_pem)
    keep("ca.pem", ca.cert_pem)
    keep("other.pem", trustme.CA().cert_pem)
    found["nonsense.pem"] = str(folder / "nonsense.pem")
    Path(found["nonsense.pem"]).write_text("nothing of the kind\n", encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    with service.process() as running:
        yield running.address


@pytest.fixture(scope="module")
def mutual(files: dict[str, str]) -> Iterator[str]:
    options = ("--cert", files["archcalc.pem"], "--key", files["archcalc.key"], "--client-ca", files["ca.pem"])
    with service.process(*options) as running:
        yield running.address


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    """The exit code, and what was said: on stdout if the server serves, else on stderr."""
    code = main(args)
    out, err = capsys.readouterr()
    assert (out == "") == (code != 0)
    assert (out + err).count("\n") == 1
    return code, (out + err).strip()


def test_a_server_that_serves_is_0_one_that_is_away_is_1(plain: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, plain) == (0, f"{plain}: SERVING")
    assert run(capsys, plain, "--service", SERVICE.full_name) == (0, f"{plain}: SERVING")
    assert run(capsys, plain, "--service", "no.such.Service") == (1, f"{plain}: no service 'no.such.Service'")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        away = f"127.0.0.1:{taken.getsockname()[1]}"
    code, said = run(capsys, away)
    assert code == 1
    assert said.startswith(f"{away}: no answer: ")


def test_a_server_that_never_answers_is_1_when_the_time_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    """It accepts connections and says nothing, as one does whose loop hangs."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held: list[socket.socket] = []
        thread = threading.Thread(target=lambda: held.append(silent.accept()[0]), daemon=True)
        thread.start()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert run(capsys, address, "--timeout", "0.5") == (1, f"{address}: no answer within 0.5 seconds")
        thread.join(HANGS)
        for each in held:
            each.close()


def test_a_draining_server_is_1() -> None:
    server, known = grpc.server(ThreadPoolExecutor(1)), health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(known, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        known.set("", health_pb2.HealthCheckResponse.SERVING)
        assert check(address).serving
        known.enter_graceful_shutdown()
        assert check(address) == (False, f"{address}: NOT_SERVING")
    finally:
        server.stop(None).wait()


def test_mutual_tls_is_answered_with_a_certificate_that_the_server_trusts_alone(
    mutual: str, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    trusting = (mutual, "--ca", files["ca.pem"], "--name", "archcalc")
    pair = ("--cert", files["probe.pem"], "--key", files["probe.key"])
    assert run(capsys, *trusting, *pair) == (0, f"{mutual}: SERVING")
    for args in (trusting, (mutual,), (mutual, "--ca", files["other.pem"], "--name", "archcalc", *pair)):
        code, said = run(capsys, *args)
        assert code == 1, args
        assert said.startswith(f"{mutual}: no answer"), args
    code, _ = run(capsys, mutual, "--ca", files["ca.pem"], *pair)
    assert code == 1  # the certificate is for another name than 127.0.0.1
    assert run(capsys, mutual, files["ca.pem"], "archcalc", *pair) == (0, f"{mutual}: SERVING")  # the older form


def test_the_environment_may_say_it_all(
    mutual: str, files: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the image and the manifests do; an option wins, an empty variable is none."""
    said = {"TARGET": mutual, "CA": files["ca.pem"], "NAME": "archcalc", "SERVICE": ""}
    said |= {"CERT": files["probe.pem"], "KEY": files["probe.key"]}
    for name, value in said.items():
        monkeypatch.setenv(f"ARCHCALC_HEALTH_{name}", value)
    assert run(capsys) == (0, f"{mutual}: SERVING")
    assert run(capsys, "--name", "another")[0] == 1
    monkeypatch.setenv("ARCHCALC_HEALTH_TIMEOUT", "never")
    assert run(capsys)[0] == 2


def test_what_cannot_be_asked_is_2_with_a_sentence(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    here = "127.0.0.1:1"
    wrong = {
        ("127.0.0.1:99999",): "takes HOST:PORT",
        (here, "--timeout", "nan"): "--timeout takes seconds",
        (here, "--timeout", "0"): "--timeout takes seconds",
        (here, "--timeout", "soon"): "--timeout takes seconds, not 'soon'",
        (here, "--ca", files["ca.pem"], "--cert", files["probe.pem"]): "go together",
        (here, "--cert", files["probe.pem"], "--key", files["probe.key"]): "need --ca",
        (here, "--ca", "no-such-file.pem"): "cannot be read",
        (here, "--ca", files["nonsense.pem"]): "no certificate in PEM",
        (here, "--ca", files["ca.pem"], "--cert", files["probe.pem"], "--key", files["archcalc.key"]): "and its key",
    }
    for args, sentence in wrong.items():
        code, said = run(capsys, *args)
        assert code == 2, args
        assert said.startswith("archcalc: ")
        assert sentence in said
    for args in ((), (here, "a", "b", "c"), (here, "--no-such-option")):
        with pytest.raises(SystemExit) as ended:
            main(args)
        assert ended.value.code == 2
    capsys.readouterr()
    with pytest.raises(ArchcalcError, match="go together"):
        check(here, key=files["probe.key"])


def test_the_command_is_one_line_and_no_proxy_is_asked(plain: str) -> None:
    proxies = {
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "grpc_proxy": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-m", "archcalc.service.health", plain],
        env={**os.environ, **proxies},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{plain}: SERVING\n", "")
