"""The engine of the explorer: its answers are those of the command line, in this Python and in Pyodide alike."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from onnx_models import kept

import archcalc
from archcalc.cli import cli
from archcalc.site.bundles import bundles
from archcalc.site.engine import QUESTIONS, answer, exact_numbers
from archcalc.site.package import LEFT_OUT, package_zip

ROOT = Path(archcalc.__file__).parent
TOML = 'input = "3x32x32"\nlayers = ["conv 16 3x3 p1, relu", "conv 16 3x3, relu", "gap, flatten, linear 10"]'
MODEL = kept("torchvision_shufflenet_v2_x0_5.script")
ONNX = b64encode(MODEL).decode()
OPEN = 'layers = ["conv 16 3x3 p1, relu", "gap, flatten, linear 10"]'

SAME: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("table", {"name": "lenet5"}, "table lenet5"),
    (
        "table",
        {"name": "resnet18", "size": "320x256", "batch": "8", "dtype": "fp16", "classes": 10},
        "table resnet18 --size 320x256 --batch 8 --dtype fp16 --classes 10",
    ),
    (
        "table",
        {"name": "mobilenet_v1", "settings": {"width": "0.75"}, "depth": 1, "share": True, "convention": "fvcore"},
        "table mobilenet_v1 --set width=0.75 --depth 1 --share --convention fvcore",
    ),
    ("table", {"name": "googlenet", "aux": True, "detail": True}, "table googlenet --aux --detail"),
    ("table", {"name": "unet", "input": [1, 700, 572]}, "table unet --input 1x700x572"),
    ("rf", {"name": "vgg16", "convolutional": True}, "rf vgg16 --convolutional"),
    ("formulas", {"name": "squeezenet1_0", "symbols": ["S", "N"]}, "formula squeezenet1_0 --symbols S,N"),
    ("reconcile", {"name": "alexnet", "to": "fvcore"}, "reconcile alexnet --to fvcore"),
    ("reconcile", {"name": "lenet5", "tools": ["thop"]}, "reconcile lenet5 --tools thop"),
    ("compare", {"networks": [{"name": "alexnet"}, {"name": "vgg16"}]}, "compare alexnet vgg16"),
    ("diff", {"networks": [{"name": "vgg11"}, {"name": "vgg13"}], "depth": 1}, "diff vgg11 vgg13 --depth 1"),
    (
        "memory",
        {"name": "resnet18", "batch": 16, "training": {"optimizer": "adam"}, "device": "t4"},
        "memory resnet18 --batch 16 --optimizer adam --device t4",
    ),
    (
        "latency",
        {"name": "resnet18", "batch": 64, "dtype": "float16", "device": "t4"},
        "latency resnet18 --batch 64 --dtype float16 --device t4",
    ),
    ("energy", {"name": "lenet5", "dtype": "int8"}, "energy lenet5 --dtype int8"),
    ("explain", {"number": "138M", "architecture": {"name": "vgg16"}}, "explain 138M --architecture vgg16"),
    ("conventions", {}, "conventions"),
    ("conventions", {"name": "thop"}, "conventions thop"),
    ("devices", {}, "devices"),
    ("table", {"file": {"name": "net.toml", "text": TOML}, "size": 64}, "table net.toml --size 64"),
    ("table", {"file": {"name": "open.toml", "text": OPEN}, "size": "48"}, "table open.toml --size 48"),
    ("table", {"file": {"name": "net.toml", "path": "net.toml"}, "batch": 2}, "table net.toml --batch 2"),
    ("formulas", {"file": {"name": "net.toml", "text": TOML}}, "formula net.toml"),
    ("table", {"file": {"name": "a.onnx", "base64": ONNX}}, "table a.onnx"),
    ("table", {"file": {"name": "a.onnx", "path": "a.onnx"}, "size": 288}, "table a.onnx --size 288"),
)
"""Questions, and the commands that print the same."""

WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("table", {"name": "resnet5"}, "table resnet5"),
    ("table", {"name": "vgg16", "size": 7}, "table vgg16 --size 7"),
    ("table", {"name": "vgg16", "size": "7y"}, "table vgg16 --size 7y"),
    ("table", {"name": "vgg16", "input": "3x224", "size": None}, "table vgg16 --input 3x224"),
    ("table", {"name": "vgg16", "input": "3x224x224", "size": 3}, "table vgg16 --input 3x224x224 --size 3"),
    ("table", {"name": "vgg16", "batch": "none"}, "table vgg16 --batch none"),
    ("table", {"name": "vgg16", "dtype": "float3"}, "table vgg16 --dtype float3"),
    ("table", {"name": "vgg16", "settings": {"widht": "2"}}, "table vgg16 --set widht=2"),
    ("table", {"name": "vgg16", "classes": "many"}, "table vgg16 --classes many"),
    ("table", {"name": "vgg16", "convention": "fvcor"}, "table vgg16 --convention fvcor"),
    ("why", {"name": "vgg16", "layer": "conv9", "quantity": "params"}, "why vgg16 conv9 params"),
    ("why", {"name": "vgg16", "layer": "conv1_1", "quantity": "prams"}, "why vgg16 conv1_1 prams"),
    ("latency", {"name": "vgg16", "device": "rtx"}, "latency vgg16 --device rtx"),
    ("table", {"file": {"name": "bad.toml", "path": "bad.toml"}}, "table bad.toml"),
    ("table", {"file": {"name": "bad.toml", "text": 'layers = ["konv 3"]'}}, "table bad.toml"),
    ("table", {"file": {"name": "open.toml", "text": OPEN}}, "table open.toml"),
    ("table", {"file": {"name": "bad.onnx", "path": "bad.onnx"}}, "table bad.onnx"),
)
"""Questions without an answer, and the commands that print the same sentence."""

FAULTS: tuple[Any, ...] = (
    None, 3, "", [], {}, {"question": 3}, {"question": "tabel"}, {"question": "table"},
    {"question": "table", "given": 3},
    *[
        {"question": question, "given": given}
        for question in sorted(QUESTIONS)
        for given in (
            {"name": 3},
            {"name": None},
            {"name": "vgg16", "file": {}},
            {"file": 3},
            {"file": {"name": "x.onnx", "base64": "!"}},
            {"file": {"name": "x.onnx", "base64": "AAAA"}},
            {"file": {"name": "x.onnx", "path": "/nothing/here"}},
            {"file": {"name": "x.toml", "path": "/"}},
            {"file": {"name": "x.toml"}},
            {"file": {"name": 3, "text": ""}},
            {"file": {"name": "x.exe", "text": ""}},
            {"networks": 3},
            {"networks": [3]},
            {"networks": [{"name": "lenet5"}, {"name": "lenet"}]},
            {"name": "lenet5", "nothing": 1},
            {"name": "lenet5", "settings": [1]},
            {"name": "lenet5", "training": {"optimizer": 3}},
            {"name": "lenet5", "training": {"optimiser": "adam"}},
            {"name": "lenet5", "batch": {}},
            {"name": "lenet5", "dtype": []},
            {"name": "lenet5", "input": [[1], 2]},
            {"name": "lenet5", "size": {}},
            {"name": "lenet5", "layer": 3, "quantity": [], "device": 3, "form": 3},
            {"number": [], "to": 3, "tools": 3, "symbols": 3},
            {"name": {}, "pattern": 3},
        )
    ],
)  # fmt: skip
"""What is no question, and questions with arguments of other types."""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("net.toml", TOML), ("open.toml", OPEN), ("bad.toml", 'layers = ["konv 3"]')):
        Path(name).write_text(text, encoding="utf-8")
    Path("a.onnx").write_bytes(MODEL)
    Path("bad.onnx").write_bytes(b"1234")


def ask(question: str, given: dict[str, Any]) -> Any:
    return json.loads(answer(json.dumps({"question": question, "given": given})))


def printed(command: str, *more: str) -> str:
    args = [*command.split(), *more]
    run = CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False, env={"COLUMNS": "100"})
    return run.stdout.rstrip("\n")


@pytest.mark.parametrize(("question", "given", "command"), SAME, ids=[command for _, _, command in SAME])
def test_an_answer_is_what_the_command_line_prints(question: str, given: dict[str, Any], command: str) -> None:
    data = ask(question, given)["result"]
    expected = exact_numbers(json.loads(printed(command, "--format", "json")))
    if question == "formulas":
        data = {key: value for key, value in data.items() if key not in ("caption", "remarks")}
    if command == "conventions thop":
        data = dict(data)
    assert data == (expected if question != "devices" or isinstance(expected, list) else [expected])
    for form in ("csv", "markdown", "latex"):
        assert ask(question, {**given, "form": form})["result"] == printed(command, "--format", form), form


def test_a_derivation_is_that_of_the_command_line() -> None:
    given = {"name": "resnet50", "layer": "layer4.2.conv2", "quantity": "receptive_field"}
    command = "why resnet50 layer4.2.conv2 receptive_field"
    for form in ("text", "markdown", "latex", "typst"):
        assert ask("why", {**given, "form": form})["result"] == printed(command, "--format", form), form
    data = ask("why", given)["result"]
    text = printed(command, "--format", "text")
    assert data["title"] in text
    assert f"Result: {data['result']}" in text
    equations = [line for block in data["blocks"] if block["kind"] == "equation" for line in block["text"]]
    assert equations[-1].split(" = ")[1] in text
    assert next(block["rows"] for block in data["blocks"] if block["kind"] == "listing")[0][0] == "conv1"


@pytest.mark.parametrize(("question", "given", "command"), WRONG, ids=[command for _, _, command in WRONG])
def test_an_error_is_the_sentence_of_the_command_line(question: str, given: dict[str, Any], command: str) -> None:
    with pytest.raises(archcalc.ArchcalcError) as raised:
        printed(command)
    said = ask(question, given)["error"]
    assert said["message"] == " ".join(str(raised.value).split())
    assert (said["about"], said["kind"]) == (raised.value.about, type(raised.value).__name__)


def test_an_error_names_the_row() -> None:
    assert ask("table", {"name": "vgg16", "size": 7})["error"]["row"] == "pool3"


def test_every_question_is_answered() -> None:
    """Whatever is asked, the answer is a result or an error of archcalc in one line, and not a fault of Python."""
    for asked in FAULTS:
        said = json.loads(answer(json.dumps(asked)))
        if "error" in said:
            assert said["error"]["message"].strip(), asked
            assert not said["error"]["message"].startswith("unexpected"), (asked, said)
            assert "\n" not in said["error"]["message"]
    for text in ("", "{", "\0", '{"question": ' * 100):
        assert json.loads(answer(text))["error"]["message"]


def test_a_fault_of_the_package_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("archcalc.analysis.table.costs", broken)
    said = ask("table", {"name": "lenet5"})["error"]
    assert said == {"message": "unexpected ZeroDivisionError: a b", "about": "", "row": "", "kind": "ZeroDivisionError"}


def test_numbers_that_javascript_would_round_are_texts() -> None:
    found = ask("table", {"name": "vgg16", "size": 1_000_000})["result"]["totals"]["mult_adds"]
    assert int(found) == archcalc.analyze("vgg16", input=(3, 1_000_000, 1_000_000)).totals.mult_adds > 2**53
    assert isinstance(found, str)


def test_the_package_for_the_browser_is_the_package() -> None:
    with ZipFile(BytesIO(package_zip())) as archive:
        names = archive.namelist()
        for name in names:
            assert archive.read(name) == (ROOT.parent / name).read_bytes()
    assert package_zip() == package_zip()
    for left in LEFT_OUT:
        assert not [name for name in names if name.startswith(f"archcalc/{left}")]
    assert all((ROOT / left).exists() for left in LEFT_OUT if not left.startswith("data/"))


def questions() -> list[str]:
    """Questions of all kinds, and such as have no answer, as JSON."""
    asked = [(question, given) for question, given, _ in (*SAME, *WRONG) if "path" not in given.get("file", {})]
    asked += [("why", {"name": name, "layer": "total", "quantity": "mult_adds"}) for name in ("lenet5", "swin_t")]
    asked += [("network", {"name": name}) for name in ("nasnet_a_mobile", "densenet121", "fractalnet_20_cifar")]
    asked += [
        ("graph", {"name": "unet"}),
        ("graph", {"name": "lenet5", "view": "graph"}),
        ("names", {"pattern": "vgg"}),
    ]
    asked += [("export", {"name": "lenet5", "to": "scalesim"})]
    return [json.dumps({"question": question, "given": given}) for question, given in asked] + [
        *map(json.dumps, FAULTS[::7])
    ]


def same(one: Any, other: Any) -> bool:
    """Equal to the byte, but for the last digits of real numbers: exp and log differ between machines."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-13)
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


ALONE = """
import json, sys
sys.path[:0] = [sys.argv[1]]
from archcalc.site.engine import answer
print(json.dumps([answer(each) for each in json.load(sys.stdin)]))
"""


def test_the_package_for_the_browser_answers_alone(tmp_path: Path) -> None:
    """In a Python without any other package, from its zip file, it gives the same answers."""
    file = tmp_path / "package.zip"
    file.write_bytes(package_zip())
    asked = questions()
    command = [sys.executable, "-S", "-E", "-c", ALONE, str(file)]
    run = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    for question, said in zip(asked, json.loads(run.stdout), strict=True):
        assert said == answer(question), question


@pytest.mark.skipif(not shutil.which("npm"), reason="there is no Node with npm")
def test_pyodide_gives_the_same_answers(tmp_path: Path) -> None:
    """The library made for the browser answers in Pyodide, which runs in Node too, what this Python does."""
    node, web = shutil.which("node") or "", bundles()
    (tmp_path / "package.zip").write_bytes(package_zip())
    made = [node, str(web / "engine-files.mjs"), str(tmp_path / "package.zip"), str(tmp_path / "engine")]
    subprocess.run(made, check=True, capture_output=True)
    asked = questions()
    (tmp_path / "questions.json").write_text(json.dumps(asked))
    command = [node, str(web / "test" / "answers.mjs"), str(tmp_path / "engine"), str(tmp_path / "questions.json")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    for question, said in zip(asked, json.loads(run.stdout), strict=True):
        assert same(json.loads(said), json.loads(answer(question))), question
