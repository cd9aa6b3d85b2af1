"""`archcalc formula`: every format, and what it does with bad input."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
import typst
from click.testing import CliRunner

from archcalc.cli import cli, main
from archcalc.forms.sheets import Letter
from archcalc.reports import typesetting


def out(*args: str, code: int = 0) -> str:
    result = CliRunner().invoke(cli, ["formula", *args], standalone_mode=False)
    assert (result.exit_code, result.exception) == (code, None) or isinstance(result.exception, SystemExit)
    return result.stdout


def test_the_table_prints_the_formula_its_symbols_and_where_it_holds() -> None:
    text = out("resnet50")
    assert "83410944*h*w + 2048000" in text
    assert "H = 32h, h >= 1" in text
    assert "427 pixels, stride 32" in text


def test_json_and_csv_hold_the_formulas_of_every_layer() -> None:
    data = json.loads(out("vgg16", "--per-layer", "--format", "json"))
    lines = list(csv.DictReader(io.StringIO(out("vgg16", "--per-layer", "--format", "csv"))))
    assert [layer["name"] for layer in data["layers"]] == [line["name"] for line in lines]
    assert {line["name"]: line["params"] for line in lines}["fc6"] == "102760448*h*w + 4096".replace(
        "102760448", str(4096 * 512)
    )
    terms = data["quantities"]["mult_adds"]["polynomials"][0]
    assert terms[0] == {"coefficient": "315293696", "exponents": {"h": 1, "w": 1}}


def test_exact_json_evaluates_to_the_engine() -> None:
    """Coefficients of every residue class, put together by hand, give ResNet-50 at 225 x 193."""
    data = json.loads(out("resnet50", "--exact", "--format", "json"))
    (terms,) = data["coefficients"]["mult_adds"]
    total = 0
    for term in terms:
        rows, columns = term["shape"]
        place = (225 % 32 if rows > 1 else 0) * columns + (193 % 32 if columns > 1 else 0)
        total += (
            term["coefficients"][place]
            * (225 // 32) ** term["exponents"].get("h", 0)
            * (193 // 32) ** term["exponents"].get("w", 0)
        )
    table = json.loads(CliRunner().invoke(cli, ["table", "resnet50", "--size", "225x193", "--format", "json"]).stdout)
    assert total == table["totals"]["mult_adds"]


@pytest.mark.parametrize("name", ["resnet50", "unet", "densenet121 --symbols growth,S", "alexnet --per-layer"])
def test_typst_output_compiles(name: str) -> None:
    assert typst.compile(out(*name.split(), "--format", "typst").encode(), format="pdf").startswith(b"%PDF")


def test_latex_output_is_balanced() -> None:
    text = out("unet", "--format", "latex")
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert text.count("{") == text.count("}")


def test_the_quantities_that_are_asked_for_are_all_that_is_printed() -> None:
    assert "receptive field" in out("resnet50")
    rows = out("resnet50", "--quantity", "params", "--quantity", "mult-adds").split("\n\n")[1].splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["params", "mult_adds"]


@pytest.mark.parametrize(
    ("options", "ranges"),
    [
        (("--size", "128"), {"table": "h = 0", "latex": "h = 0", "typst": "h = 0"}),
        (("--set", "window=56"), {"table": "1 <= h <= 2", "latex": r"h \ge 1, h \le 2", "typst": "h >= 1, h <= 2"}),
        ((), {"table": "h >= 1", "latex": r"h \ge 1", "typst": "h >= 1"}),
    ],
)
def test_formulas_that_hold_up_to_a_size_only_say_so_in_every_notation(
    options: tuple[str, ...], ranges: dict[str, str]
) -> None:
    """Swin's windows shrink on small maps: its formulas there are those of a few sizes."""
    for form, said in ranges.items():
        text = " ".join(out("swin_t", *options, "--format", form).split())
        assert re.search(rf"{re.escape(said)}(\.| |$)", text), form
    letter = json.loads(out("swin_t", *options, "--format", "json"))["letters"][0]
    parts = ranges["typst"].replace(",", "").split()
    bounds = dict(zip(parts[1::3], parts[2::3], strict=True))
    assert (letter["least"], letter["largest"]) == (
        (bounds["="],) * 2 if "=" in bounds else (bounds[">="], bounds.get("<=", ""))
    )
    shown = [part["text"] for part in typesetting._definition(Letter(**letter))[1:]]
    assert ", ".join(shown) == ranges["typst"]


def test_a_formula_of_ones_own_is_compared() -> None:
    assert "equal" in out("resnet50", "--equals", "2048000 + 83410944*h*w")
    assert "different" in out("resnet50", "--equals", "83410944*h*w", code=1)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["resnet50", "--symbols", "Q"], "no symbol 'Q'"),
        (["wrn_40_4", "--symbols", "depth"], "no polynomial in depth: it shapes the network"),
        (["resnet50", "--equals", "h**"], "at 4"),
        (["resnet50", "--at", "H"], "--at takes symbols with values"),
        (["resnet50", "--at", "H=1G2"], "H is a number"),
        (["resnet50", "--exact", "--quantity", "flop"], "no closed form is called 'flop'; nearest: mult_adds"),
        (["resnet50", "--exact", "--symbols", "H"], "--exact is for all sizes"),
        (["resnet50", "--exact", "--format", "typst"], "--format typst is for formulas"),
        (["resnet50", "--size", "0"], "an input size is from 1"),
        (["resnet50", "--size", "7x"], "--size takes sizes"),
        (["resnet50", "--dtype", "int3"], "no dtype is called 'int3'"),
        (["resnot50"], "nearest: resnet50"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["formula", *args])
    error = capsys.readouterr().err
    assert stop.value.code == 2
    assert re.fullmatch(r"archcalc: .*\n", error)
    assert message in error
