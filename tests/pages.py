"""Pages of the documentation as programs: their blocks run in order, in a new folder, and print what they show.

- A block `console` has commands after `$ `, each with its output: archcalc's run in this process, `python FILE` in
  another one. The output may be left out, then the command must succeed.
- A block `python` with prompts is a doctest; the names of earlier blocks of the page are known.
- A block with a caption, which Sphinx shows above it, is a file of that name.
- Blocks within a directive between colons, such as a note, are run like others.
- Blocks in other languages, such as `sh`, are not run: they are for commands that install, serve or reach the network.
"""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if page.exists() and "_build" not in page.parts and "made" not in page.parts]
BLOCK = re.compile(
    r"^( *)(`{3,}|:{3,}(?={code-block}))(\{[\w-]+\}|\w*) *([^\n]*)\n(.*?)^\1\2 *$", re.DOTALL | re.MULTILINE
)
OPTION = re.compile(r"^:([\w-]+): *(.*)\n", re.MULTILINE)


class Block(NamedTuple):
    """A block of code; `file` is the name of the file that it is, if any."""

    language: str
    text: str
    file: str
    line: int


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a page in order."""
    for found in BLOCK.finditer(text):
        _, _, language, argument, body = found.groups()
        options: dict[str, str] = {}
        while language == "{code-block}" and (option := OPTION.match(body)):
            options[option[1]] = option[2]
            body = body[option.end() :]
        if language == "{code-block}":
            language = argument
        yield Block(
            language, body.lstrip("\n"), options.get("caption", "").strip("`"), text[: found.start()].count("\n") + 1
        )


def words() -> str:
    """All that the documentation says, with single spaces between words."""
    return " ".join(" ".join(page.read_text(encoding="utf-8") for page in PAGES).split())


def prepare(folder: Path) -> None:
    """Give a page the examples of the repository, which it may name as `examples/...`."""
    shutil.copytree(
        ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("node_modules", "__pycache__")
    )


def run(page: Path) -> None:
    """Run the blocks of a page in the current folder. Raises AssertionError that names the line."""
    known: dict[str, Any] = {}
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if block.file:
            Path(block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            _console(block.text, where)
        elif block.language == "python" and ">>>" in block.text:
            test = doctest.DocTestParser().get_doctest(block.text, known, where, str(page), block.line)
            assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, clear_globs=False).failed == 0, where
            known = test.globs
        elif block.language == "python":
            compile(block.text, where, "exec")


def _console(text: str, where: str) -> None:
    assert text.startswith("$ "), f"{where}: a console block begins with a command"
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.split("\n")
        command = lines.pop(0)
        while command.endswith("\\"):
            command = command[:-1] + lines.pop(0).strip()
        shown = "\n".join(lines)
        said = _said(shlex.split(command, comments=True), f"{where}: {command}")
        if shown.strip():
            assert said.split() == shown.split(), f"{where}: {command}"
            assert said.strip() == shown.strip(), f"{where}: {command}"


def _said(words: list[str], where: str) -> str:
    program, *rest = words
    if program == "python":
        done = subprocess.run([sys.executable, *rest], capture_output=True, text=True, check=False, encoding="utf-8")
        assert done.returncode == 0, f"{where}: {done.stderr}"
        return done.stdout
    assert program == "archcalc", f"{where}: only archcalc and python run in a console block"
    result = CliRunner().invoke(cli, rest, standalone_mode=False)
    if isinstance(result.exception, ArchcalcError):
        return f"archcalc: {result.exception}"
    if result.exception is not None:
        raise AssertionError(where) from result.exception
    return result.stdout
