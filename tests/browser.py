"""Browsers for tests: a page in Chromium or Firefox, as the system has them, driven by Playwright.

Firefox is spoken to in WebDriver BiDi, which the stock browser understands; Playwright's own builds are not needed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

NODE = Path(__file__).parent / "node" / "node_modules"
AXE = NODE / "axe-core" / "axe.min.js"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
"""The browser; empty if there is none."""
FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), "")
"""The browser; empty if there is none."""
DESKTOP, PHONE, PROJECTOR = (1280, 900), (390, 844), (1920, 1080)

in_chromium = pytest.mark.skipif(not CHROMIUM, reason="no chromium: apt-get install chromium")
in_firefox = pytest.mark.skipif(not FIREFOX, reason="no firefox: apt-get install firefox-esr")
with_axe = pytest.mark.skipif(not AXE.exists(), reason="npm install --prefix tests/node")


@contextmanager
def driver() -> Iterator[Playwright]:
    """Playwright, whose browsers end with the block.

    While it lives, its thread has a running loop: a fixture of a module may have it, not one of the session.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


def chromium(playwright: Playwright) -> Browser:
    """A new browser."""
    return playwright.chromium.launch(executable_path=CHROMIUM)


def firefox(playwright: Playwright) -> Browser:
    """A new browser. It keeps no page for the way back, on which Playwright would wait for it to be loaded."""
    kept = {"browser.sessionhistory.max_total_viewers": 0, "fission.bfcacheInParent": False}
    return playwright.firefox.launch(executable_path=FIREFOX, channel="moz-firefox", firefox_user_prefs=kept)


def errors_of(page: Page) -> list[str]:
    """What goes wrong on a page from now on: exceptions, and what its console calls an error."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    return errors


def show(page: Page, window: tuple[int, int], *, dark: bool = False, media: str = "screen") -> None:
    """Set the window, and in Chromium the colours that the reader prefers and the medium."""
    page.set_viewport_size({"width": window[0], "height": window[1]})
    page.emulate_media(color_scheme="dark" if dark else "light", media=media)  # type: ignore[arg-type]
    settle(page)


def settle(page: Page) -> None:
    """Wait for two frames, so that what observes the layout has run."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")


def axe(page: Page, within: str = "document") -> tuple[int, list[Any]]:
    """The number of axe's rules that the page keeps, and what breaks others."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
    passes, found = page.evaluate(
        f"axe.run({within}).then((found) => [found.passes.length, found.violations.map((each) =>"
        " `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 200))}`)])"
    )
    return passes, found
