"""Foreign models by name: on the command line, from files, with what was traced kept; and files that are no models."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
import sympy
import torch
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from archcalc import ArchcalcError, Network, analyze, solve
from archcalc.cli import cli
from archcalc.importers.exported import read_exported
from archcalc.importers.exporting import export
from archcalc.importers.guards import matters
from archcalc.importers.imported import network_from
from archcalc.importers.naming import kind_of
from archcalc.importers.sizes import Unreadable, evaluate, holds, symbols

MODEL = """
import torch
from torch import nn

print("a model may print")


class Net(nn.Module):
    def __init__(self, width: int = 8, classes: int = 10) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1)
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).mean((2, 3)))


class Odd(nn.Module):
    def forward(self, x):
        return torch.fft.fft2(x).real.sum((2, 3))


class Sevens(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        if x.shape[2] % 7:
            raise ValueError("sevens only")
        return self.conv(x)


class Chooses(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        return self.conv(x) if x.sum() > 0 else x


def broken():
    raise RuntimeError("no luck")


def number():
    return 7
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    (tmp_path / "net.py").write_text(MODEL, encoding="utf-8")
    return str(tmp_path / "net.py")


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, standalone_mode=False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("timm:resnet50", "timm"),
        ("torchvision:vgg16", "torchvision"),
        ("pytorchcv:resnet18", "pytorchcv"),
        ("hf:config.json", "hf"),
        ("net.py:make", "file"),
        ("some/net.py", ""),
        ("package.module:factory", "module"),
        ("a/b.pt2", "program"),
        ("a/b.onnx", "onnx"),
        ("net.toml", "toml"),
        ("model.json", "keras"),
        ("deploy.prototxt", "caffe"),
        ("resnet50", ""),
        ("timm:", ""),
    ],
)
def test_a_name_says_what_it_is(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_a_class_of_a_file_is_a_network_and_its_arguments_are_hyperparameters(model: str) -> None:
    """Width 16: 16 * 27 + 16 parameters of the convolution, 16 * 10 + 10 of the classifier."""
    found = run("table", f"{model}:Net", "--size", "16", "--set", "width=16", "--format", "json")
    totals = json.loads(found.stdout)["totals"]
    assert totals["params"] == 16 * 27 + 16 + 170
    assert totals["mult_adds"] == 16 * 27 * 256 + 160


def test_an_argument_of_a_factory_can_be_searched_for(model: str) -> None:
    from archcalc.cli.own import load

    solution = solve(load(f"{model}:Net", (3, 8, 8), None, {}), {"params": 1000}, "width")
    assert solution.within is not None
    assert solution.within.value == (1000 - 10) // 38


def test_what_was_traced_is_kept_and_the_next_command_needs_no_pytorch(model: str) -> None:
    """The second command runs neither the file, which would print, nor PyTorch; a changed file is traced again."""
    command = ("table", f"{model}:Net", "--size", "12", "--format", "csv")
    first = run(*command)
    code = f"import sys; from archcalc.cli import _run; _run({list(command)!r}); print('torch' in sys.modules)"
    second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert second.stdout == f"{first.stdout}False\n"
    Path(model).write_text(MODEL.replace("classes: int = 10", "classes: int = 5"), encoding="utf-8")
    assert run(*command).stdout != first.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("timm:resnet_fifty",), "timm has no model resnet_fifty"),
        (("{}:Nett", "--size", "8"), "has nothing called Nett; did you mean Net?"),
        (("{}:Net",), "give its input by --size or --input|give the shape of its input"),
        (("{}:broken", "--size", "8"), "RuntimeError: no luck"),
        (("{}:Chooses", "--size", "8"), "torch.export cannot trace it"),
        (("{}:Net", "--size", "8", "--set", "depth=3"), "unexpected keyword argument 'depth'"),
        (("{}:Sevens", "--size", "8"), "sevens only"),
        (("nothing.pt2",), "is not a file"),
        (("no.such.module:net", "--size", "8"), "No module named 'no'"),
    ],
)
def test_a_model_that_cannot_be_had_is_an_error_in_one_line(model: str, words: tuple[str, ...], said: str) -> None:
    result = run("table", *[word.format(model) for word in words])
    assert isinstance(result.exception, ArchcalcError), result.exception
    assert any(part in str(result.exception) for part in said.split("|")), str(result.exception)
    assert "\n" not in str(result.exception)


def test_an_operator_that_is_not_known_is_listed_and_the_totals_are_lower_bounds(model: str) -> None:
    shown = " ".join(run("table", f"{model}:Odd", "--size", "8").stdout.split())
    assert "Not counted: aten.fft_fft2, 1 time (unknown): params, mult-adds and memory are lower bounds." in shown
    result = run("table", f"{model}:Odd", "--size", "8", "--strict")
    assert isinstance(result.exception, ArchcalcError)
    assert "Not counted" in str(result.exception)


def traced(module: torch.nn.Module, *shape: int) -> bytes:
    return export(module, (torch.empty(2, *shape),))


def test_a_program_holds_where_its_guards_do() -> None:
    """The model asks whether its height is a multiple of 7: the trace at 14 is right at 21, and refused at 20."""
    space: dict[str, Any] = {}
    exec(MODEL, space)  # noqa: S102
    network = network_from(read_exported(traced(space["Sevens"](), 3, 14, 14)), "sevens")
    assert analyze(network, input=(3, 21, 5)).totals.mult_adds == 12 * 105
    with pytest.raises(ArchcalcError, match="H % 7 == 0"):
        analyze(network, input=(3, 20, 5))


def test_a_file_of_torch_export_itself_is_read(tmp_path: Path) -> None:
    """What `torch.export.save` writes, weights and stack traces included, gives what our own file gives."""
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU()).eval()
    auto = torch.export.Dim.AUTO
    program = torch.export.export(module, (torch.empty(2, 3, 8, 8),), dynamic_shapes=({0: auto, 2: auto, 3: auto},))
    torch.export.save(program, tmp_path / "model.pt2")
    ours = network_from(read_exported(traced(module, 3, 8, 8)), "model")
    for shape in ((3, 8, 8), (3, 9, 20)):
        theirs = analyze(Network.load(str(tmp_path / "model.pt2")), input=shape)
        assert theirs.totals == analyze(ours, input=shape).totals


def test_weights_that_no_output_needs_are_said() -> None:
    class Spare(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.spare = torch.nn.Linear(4, 4), torch.nn.Linear(4, 25)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.used(x)

    analysis = analyze(Network.from_torch(Spare(), (4,)))
    assert analysis.totals.params == 20
    assert analysis.remarks == ("Not used at inference, and not counted: 125 parameters of spare.",)


# ---- expressions


NAMES = st.sampled_from(["s0", "s53"])
WHOLE = st.integers(-20, 20)


def grown(children: st.SearchStrategy[sympy.Expr]) -> st.SearchStrategy[sympy.Expr]:
    return st.one_of(
        st.tuples(children, children).map(lambda pair: pair[0] + pair[1]),
        st.tuples(children, children).map(lambda pair: pair[0] * pair[1]),
        st.tuples(children, st.integers(1, 9)).map(lambda pair: sympy.floor(pair[0] / pair[1])),
        st.tuples(children, st.integers(1, 9)).map(lambda pair: sympy.ceiling(pair[0] / pair[1])),
        st.tuples(children, children).map(lambda pair: sympy.Max(*pair)),
        st.tuples(children, st.integers(1, 9)).map(lambda pair: sympy.Mod(*pair)),
    )


EXPRESSIONS = st.recursive(
    st.one_of(NAMES.map(lambda name: sympy.Symbol(name, integer=True, positive=True)), WHOLE.map(sympy.Integer)),
    grown,
    max_leaves=6,
)


@given(EXPRESSIONS, st.integers(1, 300), st.integers(1, 300))
def test_a_size_has_the_value_that_sympy_gives(expression: sympy.Expr, height: int, width: int) -> None:
    values = {"s0": height, "s53": width}
    expected = expression.subs({sympy.Symbol(key, integer=True, positive=True): value for key, value in values.items()})
    assert evaluate(sympy.srepr(expression), values) == int(expected)


@given(st.text(max_size=40))
def test_text_that_is_no_size_is_refused(text: str) -> None:
    for function in (evaluate, holds):
        try:
            function(text, {"s0": 4})
        except ArchcalcError:
            continue


@pytest.mark.parametrize(
    "text",
    [
        "((1 + L['x'].size()[2] // 16) / (1 + L['x'].size()[3] // 4)) < 1.0",
        "L['x'].size()[2] / 3 >= L['x'].size()[3] / 2",
        "2.5 * L['x'].size()[2] != 0.5 * L['x'].size()[3]",
        "L['x'].size()[2] * 0.1 <= L['x'].size()[3] / L['x'].size()[2]",
        "L['x'].size()[2] // 2 + L['x'].size()[3] % 3 == 4",
        "math.ceil((-0.5 + torch.sym_float(L['x'].size()[2] // 16)) * 0.5) == 1 - math.floor(-L['x'].size()[3] / 8)",
        "torch.sym_max(3, L['x'].size()[2]) > torch.sym_min(20, L['x'].size()[3])",
    ],
)
def test_a_condition_holds_where_python_says_so(text: str) -> None:
    """Quotients and fractions in it are compared without rounding."""
    for height in range(1, 40):
        for width in range(1, 40, 3):
            given = SimpleNamespace(size=lambda height=height, width=width: (1, 3, height, width))
            expected = eval(text, {"L": {"x": given}, "math": math, "torch": torch})  # noqa: S307
            assert holds(text, {"x.2": height, "x.3": width}) == expected, (height, width)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "s0",
        "(lambda: 1)()",
        "[1][0]",
        "Symbol('x')",
        "1 if 2 else 3",
        "9**9**9",
        "",
        "0/0",
        "1 % 0",
    ],
)
def test_code_is_no_size(text: str) -> None:
    with pytest.raises(Unreadable):
        evaluate(text, {"s0": 4})


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        ("L['x'].size()[2] == 224", True),
        ("(L['x'].size()[2] // 4) % 7 == 0", True),
        ("L['x'].size()[2] % 32 != 0", True),
        ("(L['x'].size()[2] // 4) != 14", True),
        ("(L['x'].size()[2] // 4) != 1", False),
        ("(L['x'].size()[2] * L['x'].size()[3]) != L['x'].size()[2]", False),
        ("L['x'].size()[2] != L['x'].size()[3]", True),
        ("1 < L['x'].size()[2]", False),
    ],
)
def test_guards_that_no_count_depends_on_are_known(guard: str, expected: bool) -> None:
    assert matters(guard) == expected
    assert symbols(guard) <= {"x.2", "x.3"}


# ---- files that are none


GOOD = traced(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU()), 3, 8, 8)


def graph_of(data: bytes) -> Any:
    with ZipFile(BytesIO(data)) as archive:
        return json.loads(archive.read(archive.namelist()[0]))


def archived(graph: Any) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("a/models/model.json", json.dumps(graph))
    return target.getvalue()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all parts of nested lists and dictionaries."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *[each for key, part in inner for each in places(part, (*path, key))]]


EVERY = places(graph_of(GOOD))[1:]
ODD = st.one_of(st.none(), st.integers(-3, 2**70), st.text(max_size=5), st.just([]), st.just({}), st.booleans())


@given(st.lists(st.tuples(st.sampled_from(EVERY), ODD), min_size=1, max_size=3))
def test_a_changed_file_is_a_network_or_an_error(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    graph = graph_of(GOOD)
    for path, value in changes:
        *outer, last = path
        place = graph
        try:
            for key in outer:
                place = place[key]
            place[last] = value
        except (KeyError, IndexError, TypeError):
            continue
    try:
        analyze(network_from(read_exported(archived(graph)), "changed"))
    except ArchcalcError:
        return


@given(st.binary(max_size=200), st.integers(0, len(GOOD)))
def test_bytes_that_are_no_program_are_refused(data: bytes, cut: int) -> None:
    for given_bytes in (data, GOOD[:cut], GOOD[:cut] + data + GOOD[cut:]):
        try:
            read_exported(given_bytes)
        except ArchcalcError:
            continue
