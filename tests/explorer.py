"""The explorer for tests: its site, built once for a test run, and a file server that says what it was asked for."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from once import once
from patience import HANGS

if TYPE_CHECKING:
    import pytest

FOLDER = "/some/folder/"
"""Where the site lies on its host: not at the root, so that no address may be absolute."""
COMPRESSED = (".html", ".js", ".mjs", ".css", ".json", ".svg", ".txt")
"""What hosts of files compress."""


def build(folder: Path) -> None:
    """Build the site, as the command line does."""
    command = [sys.executable, "-m", "archcalc", "site", "-o", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 0, done.stderr


def built(factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built once for all tests."""
    return once(factory, "site", build)


class Site(NamedTuple):
    """The site on a host of files."""

    address: str
    """The address of its folder, which ends in a slash."""
    folder: Path
    asked: list[str]
    """The paths that were asked for."""
    missed: list[str]
    """Those of them that there are not."""


class Host(SimpleHTTPRequestHandler):
    """Files below `FOLDER`; what browsers can unpack is compressed, as hosts do."""

    protocol_version = "HTTP/1.1"
    asked: list[str]
    missed: list[str]

    def __init__(self, *given: Any, asked: list[str], missed: list[str], directory: str) -> None:
        self.asked, self.missed = asked, missed
        super().__init__(*given, directory=directory)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self.missed.append(self.path)
        super().send_error(code, message, explain)

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix(FOLDER) if path.startswith(FOLDER) else "/no such folder")

    def send_head(self) -> Any:
        self.asked.append(self.path)
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if file.suffix not in COMPRESSED or not file.is_file():
            return super().send_head()
        packed = gzip.compress(file.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        return io.BytesIO(packed)


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """The site on a host at 127.0.0.1."""
    asked: list[str] = []
    missed: list[str] = []
    host = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, asked=asked, missed=missed, directory=str(folder)))
    thread = threading.Thread(target=host.serve_forever, args=(0.05,))
    host.daemon_threads = True  # a browser may keep connections
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{host.server_port}{FOLDER}", folder, asked, missed)
    finally:
        host.shutdown()
        host.server_close()
        thread.join(HANGS)
