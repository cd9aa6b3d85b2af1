"""The explorer as files: links lead somewhere, pages are valid, small, and load nothing from elsewhere."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import explorer
import pytest
from browser import NODE
from conftest import LEFT_OUT
from patience import HANGS

import archcalc
from archcalc import zoo
from archcalc.site.lessons import listed

VNU = NODE / "vnu-jar" / "build" / "dist" / "vnu.jar"
TOP = ("index", "compare", "own", "lessons")
BEFORE_ENGINE = 100_000
"""Bytes that a page may transfer before the engine."""
GIANT = 1200
"""Operations of a network above which the tape of its page may take more."""
IMPORTS = re.compile(r"""(?:from|import)\s*["'](\./[^"']+)["']""")
"""A static import of a script, as the bundler writes it."""


class Parts(HTMLParser):
    """The elements of a page that matter here."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        """Addresses that a reader may follow."""
        self.loaded: list[str] = []
        """Addresses that the browser loads with the page."""
        self.inline: list[str] = []
        """Scripts within the page: the kinds of their elements, and attributes that are scripts."""
        self.policy = ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given["id"]} if "id" in given else set()
        self.inline += [name for name in given if name.startswith("on")]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag == "script" and "src" not in given:
            self.inline.append(given.get("type", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "src" in given or (tag in ("link", "use", "image") and "href" in given):
            self.loaded.append(given.get("src") or given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return explorer.built(tmp_path_factory)


@pytest.fixture(scope="module")
def pages(site):
    """The parts of every page of the site."""
    found = {file: Parts(file) for file in sorted(site.rglob("*.html"))}
    names = {file.relative_to(site).as_posix() for file in found}
    lessons = {f"lessons/{each['name']}.html" for each in listed()}
    assert names == {f"{name}.html" for name in TOP} | {f"networks/{name}.html" for name in archcalc.names()} | lessons
    return found


def target(page: Path, address: str) -> tuple[Path, str]:
    """The file and the fragment of an address on a page."""
    parts = urlsplit(address)
    return (page.parent / unquote(parts.path)).resolve() if parts.path else page, unquote(parts.fragment)


def test_every_link_leads_to_a_page_of_the_site_or_away_in_the_open(pages, site):
    wrong = []
    for page, parts in pages.items():
        for address in parts.links:
            if not address.startswith("https://"):
                file, fragment = target(page, address)
                if not (file.is_file() and (not fragment or file not in pages or fragment in pages[file].ids)):
                    wrong.append((page.name, address))
    assert wrong == []
    of_catalogue = {
        target(page, each)[0] for page, parts in pages.items() if page.stem == "index" for each in parts.links
    }
    assert len(of_catalogue & {site / "networks" / f"{name}.html" for name in archcalc.names()}) >= 10


def test_a_page_loads_only_files_beside_it_and_has_no_script_of_its_own(pages, site):
    for page, parts in pages.items():
        own = [each for each in parts.loaded if not each.startswith("data:")]
        assert len(own) >= 2
        for address in own:
            assert target(page, address)[0].is_file(), (page.name, address)
            assert target(page, address)[0].is_relative_to(site)
        assert set(parts.inline) <= {"application/json", "application/ld+json"}, page.name
        allowed = {word for rule in parts.policy.split(";") for word in rule.split()[1:]}
        assert allowed <= {"'none'", "'self'", "data:", "blob:", "'unsafe-inline'", "'wasm-unsafe-eval'"}
        assert re.search(r"script-src 'self' 'wasm-unsafe-eval'(;|$)", parts.policy)
        assert parts.policy.startswith("default-src 'none'")


@cache
def packed(file: Path) -> int:
    """Bytes of a file as hosts send it."""
    return len(gzip.compress(file.read_bytes(), 6))


@cache
def with_imports(script: Path) -> frozenset[Path]:
    """A script and those that it imports at once."""
    found = {script}
    for address in IMPORTS.findall(script.read_text(encoding="utf-8")):
        found |= with_imports((script.parent / address).resolve())
    return frozenset(found)


def test_a_page_shows_its_numbers_and_changes_them_after_few_bytes(pages):
    shown, live = {}, {}
    for page, parts in pages.items():
        loaded = [target(page, each)[0] for each in parts.loaded if not each.startswith("data:")]
        files = {page, *loaded}.union(*[with_imports(file) for file in loaded if file.suffix == ".js"])
        assert any(file.suffix == ".js" for file in files)
        live[page.stem] = sum(map(packed, files))
        shown[page.stem] = sum([packed(file) for file in files if file.suffix != ".json"])
    assert max(shown.values()) <= BEFORE_ENGINE
    large = {name for name, size in live.items() if size > BEFORE_ENGINE}
    assert {name for name in large if len(zoo.network(name).graph().nodes) <= GIANT} == set()


@pytest.mark.skipif(
    not (shutil.which("java") and VNU.exists()),
    reason="apt-get install default-jre-headless; npm install --no-save --ignore-scripts --prefix tests/node vnu-jar",
)
def test_pages_are_valid(site):
    files = [*[f"{name}.html" for name in TOP], *[f"networks/{name}.html" for name in LEFT_OUT["sample"]]]
    command = ["java", "-Xss4m", "-jar", str(VNU), "--errors-only", "--format", "json", *files]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=False, timeout=HANGS)
    assert json.loads(done.stderr or done.stdout)["messages"] == []
