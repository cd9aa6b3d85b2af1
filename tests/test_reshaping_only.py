"""A network that only reshapes moves no byte and multiplies nothing: its figures are 0, absent or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import service
from click.testing import CliRunner, Result
from patience import HANGS

from archcalc import Network, analyze, validate
from archcalc.cli import cli
from archcalc.service.client import Client

FLAT = 'input = "3x4x4"\nlayers = "flatten"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("flat.toml").write_text(FLAT)
    return "flat.toml"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_mult_adds_for_each_byte_are_absent_where_no_byte_moves() -> None:
    totals = analyze(Network.from_layers(FLAT), batch=3).totals
    assert (totals.bytes_moved, totals.mult_adds, totals.activation_sum) == (0, 0, 48)
    assert totals.arithmetic_intensity is None
    pooled = analyze(Network.from_layers('input = "3x4x4"\nlayers = "maxpool 2x2"\n')).totals
    assert (pooled.bytes_moved, pooled.arithmetic_intensity) == (4 * (48 + 12), 0)


@pytest.mark.parametrize(
    "command",
    [
        ("table",), ("table", "--format", "json"), ("table", "--format", "csv"), ("rf",), ("compare",), ("formula",),
        ("scaling",), ("reconcile",), ("graph",), ("show",), ("plot types", "--format", "svg"),
        ("report", "--format", "html"),
    ],
)  # fmt: skip
def test_commands_answer(command: tuple[str, ...], file: str) -> None:
    word, *options = command
    result = run(*word.split(), file, *options)
    assert result.exit_code == 0, result.exception
    assert "flat" in result.stdout


@pytest.mark.parametrize(("kind", "said"), [("profile", "has no convolution, pool"), ("sizes", "has no mult-adds")])
def test_plots_without_anything_to_draw_say_so(kind: str, said: str, file: str) -> None:
    assert said in str(run("plot", kind, file, "--format", "csv").exception)


def test_pytorch_agrees_that_it_counts_and_keeps_nothing() -> None:
    verdict = validate(Network.from_layers(FLAT))
    assert verdict.agrees, verdict
    compared = {each.check: each.compared for each in verdict.outcomes if each.status == "agrees"}
    assert {"shapes", "parameters", "flops", "memory"} <= compared.keys()


def test_the_service_answers_the_same() -> None:
    network = Network.from_layers(FLAT)
    with service.server() as (_, address), Client(address, timeout=HANGS) as client:
        assert client.analyze(network).totals == analyze(network).totals
