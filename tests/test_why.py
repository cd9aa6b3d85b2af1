"""`archcalc why`: every format of a derivation, and what the command does with bad input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from patience import HANGS

from archcalc.algebra.expressions import parse
from archcalc.cli import cli
from archcalc.derivations.derive import LAYER_QUANTITIES, TOTAL_QUANTITIES
from archcalc.present.typeset import broken

ASKED = (
    *[("resnet50", "conv1", quantity) for quantity in LAYER_QUANTITIES],
    *[("googlenet", "total", quantity) for quantity in TOTAL_QUANTITIES],
    ("resnet50", "layer4.2.conv3", "receptive_field"),
    ("resnet50", "fc", "receptive_field"),
    ("unet", "up1.conv2", "receptive_field"),
    ("seresnet50", "layer2.0.conv2", "field_size"),
    ("nasnet_a_mobile", "stage3.cell4.concat", "field_size"),
    ("inception_v3", "mixed6b.branch7x7_2", "receptive_field"),
    ("swin_t", "stage1.0.attention", "mult_adds"),
    ("lenet5", "c3", "params"),
)
LONG = ("resnet1202_cifar", "densenet264", "nasnet_a_large", "mobilenet_v1")


def run(*args: str) -> subprocess.CompletedProcess[str]:
    """archcalc as a process of its own, its output captured."""
    return subprocess.run(
        [sys.executable, "-m", "archcalc", *args], capture_output=True, text=True, check=False, timeout=HANGS
    )


@cache
def out(*args: str) -> str:
    """What a command prints on 80 columns, run in this process."""
    environment = {**os.environ, "COLUMNS": "80"}
    result = CliRunner(env=environment).invoke(cli, ["why", *args], standalone_mode=False, catch_exceptions=False)
    return result.stdout


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_text_fits_80_columns_and_ends_in_a_result(asked: tuple[str, ...]) -> None:
    text = out(*asked)
    assert max(map(len, text.splitlines())) <= 80
    assert "\nResult: " in text


@pytest.mark.parametrize("name", LONG)
def test_totals_of_long_networks_fit_80_columns_too(name: str) -> None:
    for quantity in ("params", "peak_inference", "weight_layers"):
        assert max(map(len, out(name, "total", quantity).splitlines())) <= 80


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_json_holds_formulas_and_steps_that_read_back(asked: tuple[str, ...]) -> None:
    data = json.loads(out(*asked, "--format", "json"))
    lines = [line for part in data["parts"] for line in part["lines"] if "formula" in line]
    for line in lines:
        values = {each["name"]: each["value"] for each in line["letters"]}
        value = parse(line["formula"]["text"]).evaluate(values)
        assert str(value) == str(line["value"])
        assert all(str(parse(step["text"]).evaluate({})) == str(value) for step in line["steps"])
    assert {"architecture", "layer", "quantity", "unit", "value", "sources"} <= data.keys()


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_latex_opens_and_closes_what_it_should(asked: tuple[str, ...]) -> None:
    text = out(*asked, "--format", "latex")
    assert text.count(r"\begin{") == text.count(r"\end{") > 0 or "align" not in text
    for row in re.split(r"\\\\\n|\n  &", text):
        assert row.count(r"\left") == row.count(r"\right")
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert text.count("$") % 2 == 0


def test_typst_of_every_derivation_compiles() -> None:
    typst = pytest.importorskip("typst")
    page = "\n\n".join(out(*asked, "--format", "typst") for asked in ASKED)
    assert typst.compile(page.encode(), format="pdf").startswith(b"%PDF")


@pytest.mark.parametrize("asked", ASKED[:3], ids=" ".join)
def test_markdown_puts_equations_between_dollar_signs(asked: tuple[str, ...]) -> None:
    text = out(*asked, "--format", "markdown")
    assert text.startswith("### ")
    assert text.count("$$\n\\begin{aligned}") == text.count("\\end{aligned}\n$$")


def test_a_long_equation_is_broken_at_its_signs_and_loses_nothing() -> None:
    for language in ("latex", "typst"):
        equation = parse(" + ".join(f"max({n}, 2) * (a - {n})" for n in range(2, 40)))
        written = getattr(equation, language)()
        pieces = broken(written)
        assert " ".join(pieces) == written
        assert all(piece[0] == "+" for piece in pieces[1:])
        assert all(len(piece) < 130 and piece.count("(") == piece.count(")") for piece in pieces)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("resnet5", "conv1", "params"), "no architecture is called 'resnet5'"),
        (("resnet50", "convv1", "params"), "resnet50 has no layer 'convv1'; nearest: conv1"),
        (("resnet50", "conv2", "params"), "16 layers of resnet50 end in 'conv2'"),
        (("resnet50", "conv1", "flops"), "a layer has no quantity 'flops'"),
        (("resnet50", "fc", "output_height"), "is a vector: it has no height"),
        (("vgg16", "pool5", "shape", "--size", "16"), "a window of 2 does not fit"),
        (("vgg16", "conv1_1", "memory", "--batch", "no"), "a batch is a whole number"),
        (("vgg16", "conv1_1", "memory", "--dtype", "int3"), "no dtype is called 'int3'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(args: tuple[str, ...], said: str) -> None:
    result = run("why", *args)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_sizes_batches_and_hyperparameters_enter_the_derivation() -> None:
    text = out("resnet50", "conv1", "memory_bytes", "--size", "320x256", "--batch", "8", "--dtype", "float16")
    assert "160 * 128 * 64" in text
    assert "* 2 * 8" in text
    assert "width=0.5" in out("mobilenet_v1", "conv1", "params", "--set", "width=0.5")


def test_layers_and_quantities_complete() -> None:
    def items(words: list[str], begun: str) -> list[str]:
        completion = ShellComplete(cli, {}, "archcalc", "_ARCHCALC_COMPLETE")
        return [item.value for item in completion.get_completions(["why", *words], begun)]

    assert items(["resnet18"], "layer1.0.conv") == [
        "layer1.0.conv1",
        "layer1.0.conv2",
        "layer1.0.conv1.conv",
        "layer1.0.conv1.batch_norm",
        "layer1.0.conv1.relu",
        "layer1.0.conv2.conv",
        "layer1.0.conv2.batch_norm",
    ]
    assert items(["resnet18"], "tot") == ["total"]
    assert items(["no_such_network"], "") == []
    assert items(["resnet18", "conv1"], "field") == ["field_size", "field_stride", "field_offset"]
    assert "peak_inference" in items(["resnet18", "total"], "peak")


def test_a_derivation_imports_no_heavy_library() -> None:
    for args in (["resnet50", "layer1.0.conv2", "params"], ["resnet50", "layer4.2.conv3", "receptive_field"]):
        call = f"main({['why', *args]})"
        code = f"import sys; from archcalc.cli import main\ntry: {call}\nexcept SystemExit: print(*sys.modules)"
        modules = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
        assert not {"torch", "numpy", "sympy", "pandas", "matplotlib", "grpc", "typst"} & set(modules)


def test_a_shape_names_its_axes_in_the_order_of_its_numbers() -> None:
    assert "Result: 96 x 55 x 55 (channels x height x width)" in run("why", "alexnet", "conv1", "output_shape").stdout
