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
from grpc_tools import protoc
from patience import FOR_EVER, HANGS
from webs import Direct, Told, web

import archcalc
from archcalc.service.calls import Call

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


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
@pytest.mark.parametrize("allowed", [True, False])
def test_a_page_in_a_browser_asks_only_where_its_origin_is_allowed(allowed: bool, tmp_path: Path) -> None:
    origins: list[str] = []
    core = Direct()
    with web(core, origins=origins) as running, pages(PAGE.replace("PORT", str(running.port))) as port:
        if allowed:
            running.server.edge.origins = frozenset({f"http://127.0.0.1:{port}"})
        command = [
            *(str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-first-run", "--disable-background-networking", f"--user-data-dir={tmp_path}"),
            *("--virtual-time-budget=60000", "--dump-dom", f"http://127.0.0.1:{port}/"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    text = done.stdout.partition("<body>")[2].partition("</body>")[0]
    told = json.loads(text) if text else pytest.fail(done.stdout + done.stderr[-2000:])
    if allowed:
        right = [200, str(archcalc.analyze("vgg16").totals.params), True]
        assert {way: told[way] for way in ("post", "get", "again")} == dict.fromkeys(("post", "get", "again"), right)
        assert told["form"][:2] == [400, "invalid_argument"]  # what a form encodes is no JSON
        assert len(core.callers) == 2  # the browser has kept the answer of its first GET
    else:
        assert told == dict.fromkeys(("post", "form", "get", "again"), "TypeError")
        assert core.callers == []
