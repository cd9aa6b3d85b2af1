"""The documentation is built as a site, everything has its place there, and its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pages

import archcalc
from archcalc import ops, zoo
from archcalc.analysis.quantities import QUANTITIES
from archcalc.cli import COMMANDS
from archcalc.conventions.catalogue import all_conventions
from archcalc.hardware.devices import devices


def test_the_site_is_built_without_a_warning_and_nothing_is_missing(tmp_path: Path) -> None:
    """One test, as building takes 15 seconds and writes pages of the reference beside the sources."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [str(pages.ROOT / "docs" / "build.sh"), str(tmp_path)],
        env=os.environ | {"OFFLINE": "yes", "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    links_lead_to_pages_and_anchors(tmp_path)
    links_out_of_the_site_are_absolute(tmp_path)
    commands_and_public_names_have_a_place(tmp_path)
    what_the_package_knows_has_a_place(tmp_path)


class _Page(HTMLParser):
    """The anchors and the links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (anchor := given.get("id")) is not None:
            self.anchors.add(anchor)
        link = given.get("href") if tag in {"a", "link"} else given.get("src")
        if link is not None:
            self.links.append(link)


@cache
def _page(path: Path) -> _Page:
    return _Page(path.read_text(encoding="utf-8"))


def links_lead_to_pages_and_anchors(site: Path) -> None:
    followed = 0
    for file in site.rglob("*.html"):
        if "_modules" in file.parts:  # their links back are to names that have moved
            continue
        for link in _page(file).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            assert target.exists(), f"{file.name}: {link}"
            if parts.fragment and target.suffix == ".html" and "_modules" not in target.parts:
                assert unquote(parts.fragment) in _page(target).anchors, f"{file.name}: {link}"
                followed += 1
    assert followed > 1000


def links_out_of_the_site_are_absolute(site: Path) -> None:
    for file in site.rglob("*.html"):
        assert not [link for link in _page(file).links if "../docs" in link or link.startswith("/")], file.name


def _anchors(site: Path, page: str) -> set[str]:
    return _page(site / "reference" / page).anchors


def commands_and_public_names_have_a_place(site: Path) -> None:
    assert {f"archcalc-{name}" for name in COMMANDS} <= _anchors(site, "commands.html")
    anchors = _anchors(site, "api.html")
    for name in archcalc._WHERE:
        home = getattr(archcalc, name)
        assert {f"archcalc.{name}", f"{home.__module__}.{home.__qualname__}"} & anchors, name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def what_the_package_knows_has_a_place(site: Path) -> None:
    made = site / "reference" / "made"
    in_operations = {anchor for page in (made / "operations").glob("*.html") for anchor in _page(page).anchors}
    assert {_slug(name) for name in ops.__all__} <= in_operations
    assert {_slug(each.name) for each in all_conventions()} <= {
        _slug(each) for each in _anchors(site, "made/conventions.html")
    }
    in_families = {_slug(each) for page in (made / "catalogue").glob("*.html") for each in _page(page).anchors}
    assert {_slug(name) for name in zoo.names()} <= in_families
    assert {_slug(each.name) for each in devices()} <= {_slug(each) for each in _anchors(site, "made/devices.html")}
    text = (made / "quantities.html").read_text(encoding="utf-8")
    assert [key for key in QUANTITIES if f">{key}<" not in text] == []
