"""The command line: every format of every command, and what it does with bad input."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from patience import HANGS

import archcalc
from archcalc.cli import cli

COMMANDS = (
    ("list", "resnet5"),
    ("table", "vgg16"),
    ("table", "lenet5", "--detail"),
    ("table", "googlenet", "--aux"),
    ("rf", "resnet50"),
    ("rf", "resnet18", "resnet50", "vgg16"),
    ("compare", "alexnet", "vgg16", "resnet50"),
    ("devices",),
)


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """archcalc as a process of its own, its output captured."""
    return subprocess.run(
        [sys.executable, "-m", "archcalc", *args],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
        env=os.environ | env,
    )


def out(*args: str) -> str:
    """What a command prints, run in this process."""
    result = CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False)
    return result.stdout


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_json_and_csv_parse_and_agree_on_the_number_of_lines(command: tuple[str, ...]) -> None:
    data = json.loads(out(*command, "--format", "json"))
    records = list(csv.DictReader(io.StringIO(out(*command, "--format", "csv"))))
    items = data if isinstance(data, list) else data.get("layers") or data["stages"]
    assert len(items) == len(records) > 0


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_tables_fit_80_columns(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = out(*command).splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_markdown_and_latex_have_as_many_cells_in_every_line(command: tuple[str, ...]) -> None:
    markdown = [line for line in out(*command, "--format", "markdown").splitlines() if line.startswith("|")]
    latex = [line for line in out(*command, "--format", "latex").splitlines() if line.endswith(r"\\")]
    assert len({line.count("|") for line in markdown}) == 1
    assert len({len(re.findall(r"(?<!\\)&", line)) for line in latex}) == 1
    assert len(markdown) == len(latex) + 1


def test_json_of_table_has_the_documented_keys_and_exact_numbers() -> None:
    data = json.loads(out("table", "vgg16", "--format", "json"))
    assert {"architecture", "input", "batch", "dtype", "convention", "totals", "layers"} <= data.keys()
    assert data["totals"] == {
        "params": 138_357_544,
        "buffers": 0,
        "mult_adds": 15_470_264_320,
        "activation_sum": sum(layer["activations"] for layer in data["layers"]),
        "parameter_bytes": 4 * 138_357_544,
        "peak_inference_bytes": 2 * 4 * 64 * 224 * 224,
        "training_saved_bytes": data["totals"]["training_saved_bytes"],
        "training_step_bytes": 1_722_996_880,
        "bytes_moved": data["totals"]["bytes_moved"],
        "arithmetic_intensity": 15_470_264_320 / data["totals"]["bytes_moved"],
        "weight_layers": 16,
    }
    conv, last = data["layers"][1], data["layers"][-1]
    assert conv["output_shape"] == [64, 224, 224]
    assert conv["attributes"]["kernel"] == [3, 3]
    assert conv["receptive_field"] == {"size": [3, 3], "stride": [1, 1], "offset": [-1, -1], "whole_input": False}
    assert last["receptive_field"]["size"] is None
    assert last["receptive_field"]["whole_input"] is True


def test_detail_and_rows_have_the_same_totals_and_sums() -> None:
    rows = json.loads(out("table", "resnet18", "--format", "json"))
    ops = json.loads(out("table", "resnet18", "--detail", "--format", "json"))
    assert rows["totals"] == ops["totals"]
    assert len(ops["layers"]) > len(rows["layers"])
    for key in ("params", "buffers", "mult_adds"):
        assert sum(layer[key] for layer in rows["layers"]) == sum(layer[key] for layer in ops["layers"])
    assert len({layer["name"] for layer in ops["layers"]}) == len(ops["layers"])


def test_exact_prints_all_digits_and_the_plain_table_four() -> None:
    assert "15,470,264,320" in out("table", "vgg16", "--exact")
    assert "15.47G" in out("table", "vgg16")


def test_batch_and_dtype_change_bytes_and_nothing_else() -> None:
    one = json.loads(out("table", "resnet18", "--format", "json"))["totals"]
    many = json.loads(out("table", "resnet18", "--batch", "8", "--dtype", "float16", "--format", "json"))["totals"]
    assert many["peak_inference_bytes"] == one["peak_inference_bytes"] * 8 // 2
    assert many["parameter_bytes"] == one["parameter_bytes"] // 2
    assert many["mult_adds"] == one["mult_adds"]
    assert many["activation_sum"] == one["activation_sum"]


def test_auxiliary_heads_enter_params_and_mult_adds_together() -> None:
    bare, heads = (
        json.loads(out("table", "googlenet", *aux, "--format", "json"))["totals"] for aux in ((), ("--aux",))
    )
    named = json.loads(out("table", "googlenet_with_aux", "--format", "json"))["totals"]
    assert heads == named
    assert heads["params"] > bare["params"]
    assert heads["mult_adds"] > bare["mult_adds"]


def test_a_hyperparameter_by_option_is_the_network_of_that_name() -> None:
    asked = json.loads(out("table", "mobilenet_v1", "--set", "width=0.75", "--size", "192", "--format", "json"))
    named = json.loads(out("table", "MobileNet-v1-0.75-192", "--format", "json"))
    assert asked["totals"] == named["totals"]


BAD = [
    (("table", "vgg61"), r"vgg61.*nearest: .*vgg16"),
    (("table", ""), "archcalc list"),
    (("table", "../../etc/passwd"), "no architecture"),
    (
        ("table", "vgg16", "--size", "16"),
        r"MaxPool\(kernel=2, stride=2\) on \(512, 1, 1\) in vgg16 / pool5: a window of 2",
    ),
    (("table", "lenet5", "--size", "31"), r"lenet5 / C5: a window of 5 does not fit into an input of 4"),
    (("table", "vgg16", "--size", "0"), "1 to 1000000"),
    (("table", "vgg16", "--size", "-5"), "1 to 1000000"),
    (("table", "vgg16", "--size", "big"), "320x256.*'big'"),
    (("table", "vgg16", "--size", "9" * 5000), "320x256"),
    (("table", "vgg16", "--size", "1" + "0" * 30), "1 to 1000000"),
    (("table", "vgg16", "--input", "4x224x224"), "takes 3 input channels, not 4"),
    (("table", "vgg16", "--input", "224x224"), r"an input is \(channels, height, width\), not \(224, 224\)"),
    (("table", "vgg16", "--input", "3x224x224", "--size", "224"), "use one of them"),
    (("table", "vgg16", "--set", "colour=red"), "no hyperparameter 'colour'; it has depth"),
    (("table", "vgg16", "--set", "depth=15"), "one of 11, 13, 16, 19, not '15'"),
    (("table", "vgg16", "--set", "depth"), "KEY=VALUE"),
    (("table", "vgg16", "--set", "batch=2"), "vgg16 has no hyperparameter 'batch'; it has depth"),
    (("table", "vgg16", "--set", "depth=11", "--set", "depth=11"), "twice"),
    (("table", "mobilenet_v1", "--set", "width=0"), "0.01 to 16"),
    (("table", "mobilenet_v1", "--set", "width=__import__('os')"), "a number, not"),
    (("table", "mobilenet_v1_99999_224"), "0.01 to 16"),
    (("table", "squeezenet1_0", "--classes", "0"), "classes .* 1 to"),
    (("table", "vgg16", "--classes", "ten"), "a whole number, not 'ten'"),
    (("table", "vgg16", "--batch", "0"), "a batch is from 1"),
    (("table", "vgg16", "--batch", "x"), "a batch is a whole number"),
    (("table", "vgg16", "--dtype", "int4"), "no dtype is called 'int4'"),
    (("table", "vgg16", "--aux"), "no hyperparameter 'aux'"),
    (("table", "vgg16", "--format", "xml"), "'xml'"),
    (("rf", "resnet50", "resnet51"), "resnet51"),
    (("rf",), "NAMES"),
    (("compare", "vgg16", "nonsense-net-9000"), "nonsense-net-9000"),
    (("list", "zzz"), "no architecture matches 'zzz'"),
    (("nosuch",), "no command is called"),
]


@pytest.mark.parametrize(("args", "message"), BAD, ids=[" ".join(args)[:60] for args, _ in BAD])
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(args: tuple[str, ...], message: str) -> None:
    result = run(*args)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert re.search(message, result.stderr)
    assert "Traceback" not in result.stderr


def test_colour_is_only_for_terminals() -> None:
    assert "\x1b" not in run("table", "lenet5").stdout


def test_completion_offers_names_of_architectures() -> None:
    offered = run(_ARCHCALC_COMPLETE="bash_complete", COMP_WORDS="archcalc table resnet1", COMP_CWORD="2").stdout
    assert {"plain,resnet18", "plain,resnet101", "plain,resnet152_v1"} <= set(offered.split())


def test_the_light_path_imports_no_heavy_library() -> None:
    """`archcalc table vgg16` and `archcalc rf resnet50` start fast because of what they leave unloaded."""
    heavy = {"torch", "sympy", "pandas", "matplotlib", "grpc", "numpy"}
    for args in (["table", "vgg16"], ["rf", "resnet50"]):
        code = f"import sys; from archcalc.cli import main\ntry: main({args})\nexcept SystemExit: print(*sys.modules)"
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        loaded = set(result.stdout.splitlines()[-1].split())
        assert "archcalc.analysis.table" in loaded
        assert not heavy & loaded


def test_version_is_the_packages() -> None:
    assert run("--version").stdout == f"archcalc {archcalc.__version__}\n"
