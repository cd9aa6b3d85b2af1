"""Commands that take networks take the options for their input and hyperparameters too, as `table` does."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archcalc import analyze
from archcalc.cli import cli
from archcalc.importers.imported import network_of, original

EXAMPLES = Path(__file__).parent.parent / "examples"
MINE = f"{EXAMPLES / 'mine.py'}:net"
CLASSIFIER = f"{EXAMPLES / 'vit.py'}:Classifier"
LIST = str(EXAMPLES / "small.toml")
TAKING = ("show", "validate", "measure", "report", ("plot", "profile"), ("explain", "1K", "--architecture"))
"""Commands that take a network, but print no row or table for several requests."""
OPTIONS: dict[str, tuple[str, ...]] = {"validate": ("--checks", "shapes"), "report": ("--format", "md")}
OPTIONS |= {"measure": ("--batch", "1", "--no-training", "--seconds", "0.01"), "plot": ("--format", "csv")}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHCALC_CACHE", str(tmp_path / "cache"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def words(command: str | tuple[str, ...], name: str) -> tuple[str, ...]:
    command = (command,) if isinstance(command, str) else command
    return (*command, name, *OPTIONS.get(command[0], ()))


@pytest.mark.parametrize("command", TAKING)
def test_a_function_of_a_file_needs_an_input_and_takes_the_one_that_is_given(command: str | tuple[str, ...]) -> None:
    refused = run(*words(command, MINE))
    assert "give its input by --size or --input" in str(refused.exception)
    for option in (("--size", "16"), ("--input", "3x16x16")):
        taken = run(*words(command, MINE), *option, "--set", "width=4")
        assert taken.exit_code == 0, taken.exception


@pytest.mark.parametrize("name", [MINE, LIST, CLASSIFIER, "resnet18"])
def test_a_plot_has_the_figures_of_the_table_at_that_input(name: str) -> None:
    drawn = run("plot", "profile", name, "--size", "64", "--format", "csv")
    table = run("table", name, "--size", "64", "--format", "csv")
    drawn_rows, rows = (list(csv.DictReader(StringIO(each.stdout))) for each in (drawn, table))
    counts = {row["name"]: row["mult_adds"] for row in rows}
    assert drawn_rows
    assert {row["layer"]: row["count"] for row in drawn_rows} == {
        row["layer"]: counts[row["layer"]] for row in drawn_rows
    }


def test_a_report_has_the_totals_of_the_table_at_that_input() -> None:
    text = run("report", "resnet18", "--size", "64", "--classes", "10", "--format", "md").stdout
    totals = analyze("resnet18", input=(3, 64, 64), classes=10).totals
    assert text.startswith("# resnet18 classes=10 3x64x64\n")
    assert f"*mult-adds*: {totals.mult_adds:,}\n" in text
    assert f"*parameters*: {totals.params:,} " in text


def test_anchors_of_a_report_have_no_space() -> None:
    page = run("report", "lenet5", "--classes", "3", "--format", "html").stdout
    assert 'id="network-lenet5-classes=3"' in page
    assert 'id="network-lenet5 ' not in page


def test_validate_checks_at_that_input_and_says_what_it_compared_with() -> None:
    plain = json.loads(
        run(
            "validate",
            "resnet18",
            "--size",
            "40",
            "--set",
            "classes=7",
            "--checks",
            "shapes,references",
            "--format",
            "json",
        ).stdout
    )
    (network,) = plain["networks"]
    assert (network["name"], network["agrees"]) == ("resnet18 classes=7 3x40x40", True)
    assert network["checks"][1]["note"] == "a network that is not in the catalogue has no reference"


def test_a_model_of_fixed_size_is_compared_with_the_module_of_that_size() -> None:
    network = network_of("timm:vit_tiny_patch16_224", {"depth": 1})
    smaller = replace(network, inputs=((3, 64, 64),))
    assert original(network).pos_embed.shape == (1, 197, 192)
    assert original(smaller).pos_embed.shape == (1, 17, 192)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("validate", "--all", "--size", "32"), "--size is for networks by name, and none is given"),
        (("report", "--all", "--set", "width=3"), "--set width is for networks by name, and none is given"),
        (("report", "--aux"), "--aux is for networks by name, and none is given"),
        (("plot", "accuracy", "--input", "3x32x32"), "--input is for networks by name, and none is given"),
        (("plot", "accuracy", "resnet50", "--size", "64"), "there are none of resnet50 3x64x64"),
        (("plot", "sizes", LIST, "--size", "32", "--size", "33"), "--size has 2 values"),
        (("explain", "5K", "--size", "32"), "--size is for networks by name, and none is given"),
        (("show", "resnet50", "--size", "64"), "resnet50 is in the catalogue, and show has its metadata"),
        (("report", "resnet18", "--size", "0"), "resnet18"),
    ],
)
def test_options_that_change_no_network_are_refused(arguments: tuple[str, ...], said: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code != 0
    assert said in str(refused.exception)


def test_ratios_take_networks_of_files() -> None:
    result = run("scaling", "resnet18", LIST, MINE, "--size", "32")
    assert result.exit_code == 0, result.exception
    assert "resnet18" in result.stdout
    assert "small" in result.stdout


def test_show_has_no_table_without_hyperparameters(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(
        "from archcalc import Network\nfrom archcalc.ops import Conv\n"
        "net = Network.of(Network.build(lambda x: Conv(3, 3)(x), input=(3, 8, 8), name='one').graph())\n"
    )
    assert run("show", str(file)).stdout == "one, input 3x8x8: a network of one's own\n"


def test_a_hint_of_reconcile_names_no_network() -> None:
    said = run("reconcile", LIST).stdout
    assert "archcalc reconcile small" not in said
    assert "`--from mult_adds --to " in " ".join(said.split())


@pytest.mark.parametrize(("content", "said"), [(None, "is not a file"), (b"", "is empty")])
def test_onnx_files_that_are_none_are_named_by_their_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("none.onnx").write_bytes(content)
    assert str(run("table", "none.onnx").exception) == f"none cannot be read: 'none.onnx' {said}"
