"""The documentation shows what the present code prints, and its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import pages
import pytest

from archcalc.cli import cli

NAMES = [str(page.relative_to(pages.ROOT)) for page in pages.PAGES]
LINK = re.compile(r"\]\(<?((?!https?:|mailto:|#)[^)>\s#]+)")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_prints_what_it_shows(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    pages.prepare(tmp_path)
    pages.run(pages.ROOT / name)


@pytest.mark.parametrize("name", NAMES)
def test_commands_that_a_page_does_not_run_exist_with_their_options(name: str) -> None:
    for block in pages.blocks((pages.ROOT / name).read_text(encoding="utf-8")):
        if block.language not in {"sh", "bash", "shell"}:
            continue
        text = block.text.replace("\\\n", " ")
        for line in re.findall(r"^(?:\.venv/bin/)?archcalc ([^&|;>\n]*)", text, flags=re.MULTILINE):
            words = shlex.split(line, comments=True)
            command = cli.get_command(None, words[0])  # type: ignore[arg-type]
            assert command is not None, line
            known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
            assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, line


@pytest.mark.parametrize("name", NAMES)
def test_files_that_a_page_links_to_are_there(name: str) -> None:
    page = pages.ROOT / name
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "made/" not in target:  # pages that are made when the site is built, which checks these links
            assert (page.parent / unquote(target)).exists(), target


def test_the_readme_is_short() -> None:
    assert len((pages.ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
