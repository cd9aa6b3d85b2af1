"""`archcalc conventions`, `archcalc reconcile` and `--convention`, as a user meets them."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from archcalc.conventions.counting import conventions


def run(*args: str, columns: int = 120, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": str(columns), **variables}
    command = [sys.executable, "-m", "archcalc", *args]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def printed(*args: str, columns: int = 120) -> str:
    result = run(*args, columns=columns)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def test_the_list_has_every_convention_and_fits_the_terminal() -> None:
    text = printed("conventions", columns=100)
    assert all(f"\n{each.name} " in text for each in conventions())
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("convention", [each.name for each in conventions()])
def test_each_convention_shows_its_weights_and_its_bugs(convention: str) -> None:
    from click.testing import CliRunner

    from archcalc.cli.conventions import conventions_command

    result = CliRunner().invoke(conventions_command, [convention, "--format", "json"])
    assert result.exit_code == 0
    data = json.loads(result.output)
    assert data["name"] == convention
    assert data["terms"]
    assert bool(data["bugs"]) >= any(term["bug"] for term in data["terms"])
    text = CliRunner().invoke(conventions_command, [convention]).output
    assert all(bug["versions"] in text for bug in data["bugs"])


def test_a_waterfall_is_printed_to_the_unit() -> None:
    lines = [line.split() for line in printed("reconcile", "resnet50", "--to", "fvcore").splitlines()]
    numbers = {line[-2] if line[-1] == "mult-adds" else line[-1] for line in lines if line}
    assert {"4,089,184,256", "+22,227,968", "+100,352"} <= numbers


def test_every_format_has_the_same_numbers() -> None:
    """JSON has lines and waterfalls, CSV the steps that were asked for, Markdown and LaTeX the tables."""
    asked = ("reconcile", "densenet121", "--tools", "thop,ptflops", "--from", "fvcore")
    data = json.loads(printed(*asked, "--format", "json"))
    assert [line["name"] for line in data["lines"]] == [
        "fvcore",
        "thop",
        "thop@reference",
        "ptflops",
        "ptflops@reference",
    ]
    assert [fall["end"]["name"] for fall in data["waterfalls"]] == [line["name"] for line in data["lines"][1:]]
    for fall in data["waterfalls"]:
        assert fall["start"]["total"] + sum(step["amount"] for step in fall["steps"]) == fall["end"]["total"]
    rows = list(csv.DictReader(io.StringIO(printed(*asked, "--format", "csv"))))
    for fall in data["waterfalls"]:
        own = [row for row in rows if row["end"] == fall["end"]["name"]]
        assert [int(row["amount"]) for row in own if row["part"] == "step"] == [s["amount"] for s in fall["steps"]]
        assert int(own[-1]["amount"]) == fall["end"]["total"]
    for form in ("markdown", "latex"):
        text = printed(*asked, "--format", form)
        assert all(f"{line['total']:,}" in text for line in data["lines"])


def test_without_tools_every_way_of_counting_work_has_a_line() -> None:
    lines = json.loads(printed("reconcile", "resnet50", "--format", "json"))["lines"]
    work = {each.name for each in conventions() if each.quantity == "work"}
    assert work <= {line["name"] for line in lines}
    assert all(line["total"] == int(line["total"]) for line in lines)


def test_parameters_are_reconciled_as_work_is() -> None:
    """Running statistics: a mean and a variance for each of 26,560 channels."""
    text = printed("reconcile", "resnet50", "--from", "params", "--to", "params_with_statistics")
    assert "+ batch norm running statistics" in text
    assert "+53,120" in text


@pytest.mark.parametrize(
    ("args", "heading", "said"),
    [
        (("table", "lenet5", "--convention", "torch"), "FLOPs", "FLOPs as torch counts (torch 2.13.0)"),
        (("compare", "alexnet", "lenet5", "--convention", "ptflops"), "Macs", "Macs (mixed) as ptflops counts"),
        (("list", "lenet", "--convention", "bianco-2018"), "FLOPs", "FLOPs as bianco_2018 counts"),
        (("table", "resnet18", "--convention", "params_with_statistics"), "params", "Nothing is left out."),
        (("table", "resnet50", "--convention", "torchinfo_forward_backward"), "177.8MB", "once more for gradients"),
        (("compare", "vgg16", "lenet5", "--convention", "torchinfo_forward_backward"), "108.5MB", "bytes (float32) as"),
        (("list", "vgg16", "--convention", "torchinfo_forward_backward"), "108.5MB", "bytes (float32) as"),
    ],
)
def test_a_table_names_the_unit_and_what_is_left_out(args: tuple[str, ...], heading: str, said: str) -> None:
    text = " ".join(printed(*args).split())
    assert f" {heading} " in text
    assert said in text
    assert "left out" in text.lower()


def test_csv_and_json_have_the_count_beside_the_mult_adds() -> None:
    rows = list(
        csv.DictReader(io.StringIO(printed("compare", "resnet50", "vgg16", "--convention", "torch", "--format", "csv")))
    )
    assert [int(row["counted"]) for row in rows] == [2 * int(row["mult_adds"]) for row in rows]
    assert rows[0]["unit"] == "FLOPs"
    assert rows[0]["left_out"].split()[0] == "batch_norm"
    entries = json.loads(printed("list", "resnet50", "--convention", "torch", "--format", "json"))
    assert all(entry["counted"] == 2 * entry["mult_adds"] for entry in entries)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("table", "lenet5", "--convention", "fvcor"), "no convention is called 'fvcor'; nearest: fvcore"),
        (("list", "lenet", "--convention", "thopp"), "no convention is called 'thopp'; nearest: thop"),
        (("reconcile", "lenet5", "--tools", "fvcore,nosuch"), "no convention or tool is called 'nosuch'"),
        (("reconcile", "lenet5", "--to", "params"), "no steps lead from one to the other"),
        (("reconcile", "lenet5", "--to", "thop@other"), "no implementation 'other' of lenet5 is known"),
        (("reconcile", "lenet5", "-o", "a.svg"), "a figure shows the steps to one convention: name it with --to"),
        (("reconcile", "lenet5", "--to", "thop", "-o", "a.gif"), "a.gif"),
        (
            ("reconcile", "lenet5", "--set", "convention=thop"),
            "lenet5 has no hyperparameter 'convention'; it has dense",
        ),
        (("conventions", "x" * 200), "no convention is called 'xxxx"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(args: tuple[str, ...], message: str) -> None:
    result = run(*args)
    assert result.returncode == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert len(result.stderr) < 300


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_a_figure_is_written_and_is_the_same_again(suffix: str, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    for file in files:
        assert printed("reconcile", "unet", "--size", "572", "--to", "thop", "-o", str(file)) == ""
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert first[:4] in {b"%PDF", b"\x89PNG"} if suffix != "svg" else ET.fromstring(first).tag.endswith("svg")  # noqa: S314


def test_conventions_are_completed_after_a_comma_too() -> None:
    def offered(*words: str) -> set[str]:
        text = " ".join(words)
        result = run(_ARCHCALC_COMPLETE="bash_complete", COMP_WORDS=text, COMP_CWORD=str(len(words) - 1))
        return set(result.stdout.split())

    assert "plain,fvcore" in offered("archcalc", "table", "lenet5", "--convention", "fv")
    assert "plain,thop" in offered("archcalc", "conventions", "th")
    assert "plain,fvcore,thop" in offered("archcalc", "reconcile", "lenet5", "--tools", "fvcore,th")


@pytest.mark.parametrize(
    ("args", "unloaded"),
    [
        (["table", "vgg16"], {"archcalc.conventions.fvcore", "archcalc.conventions.measures"}),
        (["table", "vgg16", "--convention", "fvcore"], set()),
        (["reconcile", "vgg16"], set()),
    ],
)
def test_start_up_loads_what_is_asked_for(args: list[str], unloaded: set[str]) -> None:
    """No heavy library for tables; no convention's data unless a convention is asked for."""
    code = f"import sys; from archcalc.cli import main\ntry: main({args})\nexcept SystemExit: print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(result.stdout.splitlines()[-1].split())
    assert "archcalc.request" in loaded
    assert not loaded & (unloaded | {"torch", "sympy", "pandas", "matplotlib", "grpc", "numpy"})
