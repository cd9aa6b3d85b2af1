"""Chromium for tests, over its debugging pipe: a page is opened, asked in JavaScript, clicked and looked at.

No package is needed: the protocol is JSON between NUL bytes (https://chromedevtools.github.io/devtools-protocol).
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from patience import HANGS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
"""The browser; empty if there is none."""
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--force-color-profile=srgb", "--remote-debugging-pipe",
)  # fmt: skip
WITH_PIPES = (
    "import os, sys; reads, writes = map(int, sys.argv[1:3]); os.dup2(reads, 98); os.dup2(writes, 99); "
    "os.dup2(98, 3); os.dup2(99, 4); os.closerange(98, 100); os.execv(sys.argv[3], sys.argv[3:])"
)
"""A program that gives its two pipes the numbers that Chromium expects, and becomes Chromium."""


class Page:
    """A tab of the browser."""

    def __init__(self, reads: int, writes: int) -> None:
        self.reads, self.writes, self.number, self.session = reads, writes, 0, ""
        self.rest, self.loads = b"", 0
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.errors: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + HANGS
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.reads], [], [], max(end - time.monotonic(), 0))
            assert ready, "the browser does not answer"
            part = os.read(self.reads, 1 << 20)
            assert part, "the browser ended"
            self.rest += part
        message, _, self.rest = self.rest.partition(b"\0")
        said = json.loads(message)
        if said.get("method") == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(said["params"]["exceptionDetails"])[:500])
        self.loads += said.get("method") == "Page.loadEventFired"
        if said.get("method") == "Log.entryAdded" and said["params"]["entry"]["level"] == "error":
            self.errors.append(said["params"]["entry"]["text"])
        return said

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a method of the protocol."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writes, json.dumps(message).encode() + b"\0")
        while (said := self._next()).get("id") != self.number:
            pass
        assert "error" not in said, f"{method}: {said.get('error')}"
        return said["result"]

    def open(self, address: str, *, scripts: bool = True) -> None:
        """Load a page, and wait until it is laid out, which a page that may not run scripts cannot tell."""
        for each in ("about:blank", address):  # from the page itself, a fragment would load nothing
            before = self.loads
            self.call("Page.navigate", url=each)
            while self.loads == before:  # it may have been told before the answer to the call
                self._next()
        if scripts:
            self.settle()

    def settle(self) -> None:
        """Wait for two frames, so that what observes the layout has run."""
        self.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page."""
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def show(self, width: int, height: int, *, dark: bool = False, media: str = "") -> None:
        """Set the window, the colours that the reader prefers, and the medium."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)
        self.settle()

    def press(self, key: str) -> None:
        """Press a key: Tab, Enter."""
        code = {"Tab": 9, "Enter": 13}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            given = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", **given, **(text if kind == "keyDown" else {}))

    def picture(self, **clip: float) -> bytes:
        """A screenshot as PNG."""
        area = {"clip": {**clip, "scale": 1}} if clip else {}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", **area)["data"])


@contextmanager
def browser() -> Iterator[Page]:
    """A tab of a new browser, which ends with the block."""
    to_browser, from_browser = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="archcalc-browser-", ignore_cleanup_errors=True) as profile:
        command = [sys.executable, "-c", WITH_PIPES, str(to_browser[0]), str(from_browser[1])]
        command += [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}"]
        process = subprocess.Popen(
            command, pass_fds=(to_browser[0], from_browser[1]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_browser[0])
        os.close(from_browser[1])
        try:
            yield Page(from_browser[0], to_browser[1])
        finally:
            process.terminate()
            process.wait(HANGS)
            os.close(from_browser[0])
            os.close(to_browser[1])
