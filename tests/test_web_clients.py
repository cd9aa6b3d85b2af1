"""The service over HTTP, asked by clients that share no code with archcalc: Connect for ECMAScript, a browser, Go."""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc_tools
import pytest
from google.rpc import code_pb2
from grpc_tools import protoc
from patience import FOR_EVER, HANGS
from webs import Direct, Told, web

import archcalc
from archcalc.service import faults
from archcalc.service.answering import Failed
from archcalc.service.calls import Call

EXAMPLES = Path(__file__).parent.parent / "examples" / "service"
GO = Path(__file__).parent / "go"
NODE = Path(__file__).parent / "node"
PROTO = Path(__file__).parent.parent / "proto"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


async def slow_for_some(call: Call[..., Any], raw: bytes, caller: Any) -> AsyncGenerator[bytes]:
    """Answers, but never about the network `slow`."""
    if b"slow" in raw:
        await asyncio.sleep(FOR_EVER)
    async for each in Direct().answer(call, raw, caller):
        yield each


def descriptors(file: Path) -> Path:
    """The contract as a FileDescriptorSet, in a file."""
    known = Path(grpc_tools.__file__).parent / "_proto"
    given = [f"-I{PROTO}", f"-I{known}", "--include_imports", f"--descriptor_set_out={file}"]
    assert protoc.main(["protoc", *given, "archcalc/v1/archcalc.proto"]) == 0
    return file


@pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules" / "@connectrpc").exists(),
    reason="npm install --prefix tests/node",
)
@pytest.mark.parametrize("protocol", ["connect", "grpc-web"])
def test_connect_for_ecmascript_gets_the_same_answers(protocol: str, tmp_path: Path) -> None:
    with web(Told(slow_for_some)) as running:
        url = f"http://127.0.0.1:{running.port}"
        command = ["node", str(NODE / "web.mjs"), protocol, url, str(descriptors(tmp_path / "contract.binpb"))]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 0, done.stderr
    vgg = archcalc.analyze("vgg16")
    answers = json.loads(done.stdout)
    assert len(answers) >= 2
    for told in answers.values():
        assert told["params"] == str(vgg.totals.params)
        assert told["layers"] == [[layer.name, str(layer.mult_adds)] for layer in vgg.layers]
        sizes = [archcalc.analyze("resnet18", input=(3, side, side)) for side in (64, 96)]
        assert told["swept"] == [str(each.totals.mult_adds) for each in sizes]
        assert (told["code"], told["late"]) == ("NotFound", "DeadlineExceeded")
        assert "vgg16" in told["near"]


@pytest.mark.skipif(shutil.which("go") is None, reason="no Go is installed")
def test_a_client_in_go_without_a_package_gets_the_same_answers(tmp_path: Path) -> None:
    with web() as running:
        command = ["go", "run", str(GO / "main.go"), f"http://127.0.0.1:{running.port}"]
        made = {**os.environ, "GOCACHE": str(tmp_path), "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS, env=made)
    assert done.returncode == 0, done.stderr
    params = str(archcalc.analyze("vgg16").totals.params)
    told = {"posted": params, "got": params, "again": 304, "status": 404, "code": "not_found"}
    assert json.loads(done.stdout) == told


PAGE = """<!doctype html><title>waiting</title><script type="module">
const url = "http://127.0.0.1:PORT/archcalc.v1.ArchcalcService/Analyze";
const body = JSON.stringify({ network: { name: "vgg16" } });
const headers = { "content-type": "application/json", "connect-protocol-version": "1" };
const message = encodeURIComponent(body);
const ways = {
  post: () => fetch(url, { method: "POST", body, headers }),
  form: () => fetch(url, { method: "POST", body: new URLSearchParams(body) }),
  get: () => fetch(`${url}?encoding=json&message=${message}`),
  again: () => fetch(`${url}?encoding=json&message=${message}`),
};
const told = {};
for (const [way, ask] of Object.entries(ways)) {
  try {
    const response = await ask();
    const read = await response.json();
    const value = read.analysis?.totals.values.params.whole ?? read.code;
    told[way] = [response.status, value, response.headers.has("x-request-id")];
  } catch (error) {
    told[way] = error.name;
  }
}
document.body.textContent = JSON.stringify(told);
</script><body></body>"""


@contextmanager
def pages(text: str) -> Iterator[int]:
    """A server with a page, and the port: another origin."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(HANGS)


def dumped(url: str, folder: Path) -> str:
    """A page as a browser has it when its scripts have ended; what the browser says, if it has none."""
    command = [
        *(str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--no-first-run", "--disable-background-networking", f"--user-data-dir={folder}"),
        *("--virtual-time-budget=60000", "--dump-dom", url),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    return done.stdout or done.stderr[-2000:]


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
@pytest.mark.parametrize("allowed", [True, False])
def test_a_page_in_a_browser_asks_only_where_its_origin_is_allowed(allowed: bool, tmp_path: Path) -> None:
    origins: list[str] = []
    core = Direct()
    with web(core, origins=origins) as running, pages(PAGE.replace("PORT", str(running.port))) as port:
        if allowed:
            running.server.edge.origins = frozenset({f"http://127.0.0.1:{port}"})
        shown = dumped(f"http://127.0.0.1:{port}/", tmp_path)
    told = json.loads(shown.partition("<body>")[2].partition("</body>")[0] or pytest.fail(shown))
    if allowed:
        right = [200, str(archcalc.analyze("vgg16").totals.params), True]
        assert {way: told[way] for way in ("post", "get", "again")} == dict.fromkeys(("post", "get", "again"), right)
        assert told["form"][:2] == [400, "invalid_argument"]  # what a form encodes is no JSON
        assert len(core.callers) == 2  # the browser has kept the answer of its first GET
    else:
        assert told == dict.fromkeys(("post", "form", "get", "again"), "TypeError")
        assert core.callers == []


# --- The clients of examples/service.


def run_example(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS, **options)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl is installed")
def test_the_example_for_a_shell_prints_answers_and_fails_with_the_servers_error() -> None:
    command = ["sh", str(EXAMPLES / "curl.sh")]
    with web() as running:
        url = f"http://127.0.0.1:{running.port}"
        done = run_example(*command, url)
    assert done.returncode == 0, done.stderr
    unet, resnet, vgg = map(json.loads, done.stdout.splitlines())
    assert unet["description"]["title"] == archcalc.describe("unet").title
    for told, right in ((resnet, archcalc.analyze("resnet50", batch=8, classes=10)), (vgg, archcalc.analyze("vgg16"))):
        assert told["analysis"]["totals"]["values"]["params"]["whole"] == str(right.totals.params)

    def refuse(_authorization: str | None, _peer: str) -> str:
        raise Failed(faults.status(code_pb2.UNAUTHENTICATED, "a bearer token is needed"))

    with web(identify=refuse) as running:
        done = run_example(*command, f"http://127.0.0.1:{running.port}", "a-token")
    assert done.returncode != 0
    assert "a bearer token is needed" in done.stdout


@pytest.mark.skipif(shutil.which("go") is None, reason="no Go is installed")
def test_the_example_in_go_prints_counts_and_the_servers_error(tmp_path: Path) -> None:
    made = {**os.environ, "GOCACHE": str(tmp_path), "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
    with web() as running:
        done = run_example("go", "run", str(EXAMPLES / "client.go"), f"http://127.0.0.1:{running.port}", env=made)
    assert done.returncode == 0, done.stderr
    vgg = archcalc.analyze("vgg16").totals
    right, wrong = done.stdout.splitlines()
    assert right == f"vgg16 {vgg.params} {vgg.mult_adds}"
    assert wrong.startswith("not_found: no architecture is called 'vgg61'")


@pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules" / "@connectrpc").exists(),
    reason="npm install --prefix tests/node",
)
def test_the_example_with_connect_prints_answers_and_the_servers_error(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "client.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE / "node_modules")
    descriptors(tmp_path / "contract.binpb")
    with web() as running:
        done = run_example("node", "client.mjs", f"http://127.0.0.1:{running.port}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    *right, wrong = done.stdout.splitlines()
    sizes = [archcalc.analyze("resnet18", input=(3, side, side)) for side in (64, 96)]
    vgg = archcalc.analyze("vgg16").totals.params
    assert right == [f"vgg16 {vgg}", *[f"resnet18 {each.totals.mult_adds}" for each in sizes]]
    assert wrong.startswith("NotFound no architecture is called 'vgg61'")


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
def test_the_example_page_shows_the_layers_of_a_network(tmp_path: Path) -> None:
    text = (EXAMPLES / "page.html").read_text(encoding="utf-8")
    with web(origins=["*"]) as running, pages(text) as port:
        shown = dumped(f"http://127.0.0.1:{port}/?server=http://127.0.0.1:{running.port}", tmp_path)
    vgg = archcalc.analyze("vgg16")
    assert f"vgg16: {vgg.totals.params} parameters, {vgg.totals.mult_adds} mult-adds" in shown
    rows = [
        "".join(
            f"<td>{cell}</td>"
            for cell in (each.name, "x".join(map(str, each.output_shape)), each.params, each.mult_adds)
        )
        for each in vgg.layers
    ]
    assert [row for row in rows if f"<tr>{row}</tr>" not in shown] == []
