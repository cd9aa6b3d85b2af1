"""The README shows what the present code prints."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n\$ archcalc (.*?)\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_a_command_prints_what_the_readme_shows(command: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(cli, shlex.split(command), standalone_mode=False)
    said = f"archcalc: {result.exception}" if isinstance(result.exception, ArchcalcError) else result.stdout
    assert said.split() == shown.split()
    assert said.strip() == shown.strip()


def test_the_python_examples_give_what_the_readme_shows() -> None:
    blocks = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README", str(README), 0)
    assert len(test.examples) >= 8
    assert doctest.DocTestRunner().run(test).failed == 0


def test_every_command_line_of_the_readme_is_a_command_with_options_that_exist() -> None:
    lines = [
        line for line in re.findall(r"^archcalc .*$", TEXT, flags=re.MULTILINE) if not line.startswith("archcalc:")
    ]
    assert len(lines) >= 8
    for line in lines:
        name, *rest = shlex.split(line, comments=True)[1:]
        command = cli.get_command(None, name)  # type: ignore[arg-type]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in rest if word.startswith("--")} <= known, line
