"""`archcalc --server HOST:PORT` prints what archcalc prints without a server, byte for byte, and works nothing out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import service
from click.testing import CliRunner, Result
from patience import HANGS

from archcalc import graph
from archcalc.base.errors import ArchcalcError
from archcalc.cli import COMMANDS, cli

SPACE_FILE = str(Path(__file__).parent / "data" / "space.toml")
FORMS = ("table", "csv", "json", "markdown", "latex")
ASKED = (
    ("list", "vgg"),
    ("show", "resnet50"),
    ("show", "shufflenet_v1_g1_1.5x"),
    ("show", "anynet_d"),
    ("spaces",),
    ("space", "anynet_d"),
    ("space", SPACE_FILE),
    ("sweep", SPACE_FILE, "--where", "params > 11.2M"),
    ("space", "resnet18", "--over", "size=96..224:16", "--where", "size % 32 == 0"),
    ("sweep", "mobilenet_v1", "--over", "width=0.25..1:0.25", "--over", "size=128..224:32", "--where", "params < 4M"),
    ("sweep", "regnetx", "--sample", "7", "--seed", "3", "--quantities", "params,latency@t4", "--batch", "2"),
    ("table", "vgg16"),
    ("table", "googlenet", "--aux"),
    ("table", "mobilenet_v1", "--set", "width=0.75", "--size", "192", "--batch", "8", "--dtype", "float16"),
    ("table", "lenet5", "--detail"),
    ("rf", "resnet50"),
    ("rf", "resnet18", "swin_t", "unet"),
    ("compare", "alexnet", "vgg16", "resnet50"),
    ("list", "resnet5", "--convention", "fvcore"),
    ("list", "vgg", "--where", "params < 135M and top1 > 0", "--sort", "-top1"),
    ("list", "vgg1?", "--size", "64", "--size", "96", "--batch", "8", "--sort", "peak"),
    ("compare", "mobilenet_v1", "--set", "width=0.5", "--set", "width=1", "--size", "160", "--size", "224"),
    ("diff", "vgg16", "vgg19"),
    ("table", "resnet18", "--depth", "1", "--share"),
    ("rf", "vgg16", "--convolutional"),
    ("table", "resnet18", "--convention", "thop"),
    ("formula", "resnet50"),
    ("formula", "vgg16", "--per-layer"),
    ("formula", "resnet18", "--exact", "--quantity", "mult_adds"),
    ("formula", "lenet5", "--symbols", "all"),
    ("formula", "resnet50", "--at", "H=224,W=320"),
    ("conventions",),
    ("conventions", "fvcore"),
    ("devices", "t4"),
    ("memory", "resnet50", "--batch", "8", "--optimizer", "adam"),
    ("latency", "resnet18", "--device", "rtx-4090", "--batch", "64", "--precision", "amp_fp16", "--layers"),
    ("latency", "swin_t", "--device", "rtx-3090", "--batch", "64", "--precision", "amp_fp16", "--step"),
    ("energy", "resnet18", "--dtype", "float16", "--batch", "8", "--layers"),
    ("memory", "vgg16", "--precision", "amp_bf16", "--train-from", "fc8", "--device", "t4", "--images", "1281167"),
    ("list", "resnet1*", "--where", "training_step_bytes<1GB", "--optimizer", "adam", "--batch", "4"),
    ("formula", "resnet18", "--symbols", "N", "--optimizer", "adam", "--precision", "amp_fp16"),
    ("solve", "resnet50", "--target", "training_step_bytes=16GiB", "--optimizer", "adam", "--for", "batch"),
    ("reconcile", "unet", "--tools", "thop,fvcore"),
    ("audit", "--document", "003", "--verdict", "wrong"),
    ("audit", "C0725", "C0001"),
    ("explain", "3.8G", "--architecture", "resnet50"),
    ("accuracy", "resnet50", "vgg16", "--dataset", "imagenet"),
    ("accuracy", "resnet50", "densenet121", "--check"),
    ("scaling", "resnet50"),
    ("scaling", "depthwise_separable_example", "depthwise_separable_example_standard"),
    ("solve", "mobilenet_v1", "--target", "mult_adds=300M", "--for", "width"),
)
WHY = (("alexnet", "conv1", "params"), ("resnet50", "layer4.2.conv2", "receptive_field"), ("unet", "total", "peak"))
OTHER = (
    ("list",),
    ("show", "resnet50", "--bibtex"),
    ("table", "vgg16", "--exact"),
    ("table", "resnet50", "--size", "1000000", "--batch", "1000000", "--exact"),
    ("graph", "googlenet"),
    ("graph", "vgg16", "--depth", "full", "--set", "depth=11"),
    ("formula", "resnet50", "--format", "typst"),
    ("formula", "resnet50", "--equals", "83410944*h*w + 2048000"),
    ("formula", "resnet50", "--equals", "h*w"),
    *[("why", *what, "--format", form) for form in ("text", "markdown", "latex", "typst", "json") for what in WHY],
    ("accuracy", "--recipes"),
    ("plot",),
    ("plot", "sizes", "lenet5", "--format", "csv"),
    ("plot", "memory", "lenet5", "--batch", "8", "--precision", "bfloat16", "--format", "csv"),
    ("plot", "memory-batch", "lenet5", "vgg11", "--batch", "4", "--device", "t4", "--device", "l4", "--format", "csv"),
    ("plot", "roofline", "lenet5", "--device", "t4", "--batch", "4", "--dtype", "float16", "--format", "csv"),
    ("plot", "roofline", "lenet5", "--device", "i7-12700h", "--format", "csv"),
    ("plot", "roofline", "lenet5", "--device", "nosuch", "--format", "csv"),
    ("report", "lenet5", "--format", "md"),
    ("validate", "lenet5", "lenet5_dense", "--checks", "shapes,parameters"),
    ("validate", "lenet5", "--checks", "parameters", "--format", "json"),
    ("validate", "--random", "2", "--seed", "5"),
    ("sweep", "anynet_d", "--constraint", "w4 <= 2*w1", "--where", "params < 9M", "--sample", "5", "--exact"),
    ("sweep", "darts", "--sample", "3", "--seed", "9", "--format", "json"),
    ("sweep", "resnet18", "--over", "size=1..60:1", "--set", "stem=deep", "--limit", "50", "--dtype", "float16"),
    ("sweep", "anynet_d", "--where", "params < 1", "--sample", "5", "--draws", "2k"),
    ("sweep", "resnet18", "--over", "nonsense=1..60:1"),
    ("sweep", "anynet_d", "--sample", "3", "--quantities", "parms"),
    ("sweep", "anynet_d"),
    ("sweep", "resnet18"),
    ("sweep", "vgg61", "--over", "size=1..60:1"),
    ("table", "vgg61"),
    ("table", "anynet_a"),
    ("table", "vgg16", "--size", "16"),
    ("table", "vgg16", "--size", "9" * 30),
    ("table", "vgg16", "--input", "4x224x224"),
    ("table", "vgg16", "--set", "depth=15"),
    ("table", "vgg16", "--set", "name=vgg11"),
    ("table", "vgg16", "--set", "colour=red"),
    ("table", "vgg16", "--classes", "ten"),
    ("table", "vgg16", "--batch", "x"),
    ("table", "vgg16", "--dtype", "int4"),
    ("memory", "resnet51"),
    ("memory", "resnet50", "--optimizer", "adan"),
    ("memory", "resnet50", "--optimizer", "rmsprop", "--implementation", "fused"),
    ("memory", "resnet50", "--train-from", "layer5"),
    ("memory", "resnet50", "--batch", "0"),
    ("memory", "resnet50", "--batch", "9" * 30),
    ("memory", "resnet50", "--device", "a100"),
    ("list", "vgg", "--where", "training_step_bytes<1GB", "--train-from", "nosuch"),
    ("rf", "resnet50", "resnet51"),
    ("list", "zzz"),
    ("show", "nonsense"),
    ("graph", "lenet5", "--depth", "none"),
    ("validate", "lenet5", "--device", "tpu"),
    ("validate", "lenet5", "--checks", "nonsense"),
    ("validate", "lenet6"),
    ("formula", "resnet50", "--symbols", "Q"),
    ("formula", "resnet50", "--equals", "().__class__"),
    ("why", "alexnet", "conv9", "params"),
    ("conventions", "fvcor"),
    ("list", "--convention", "fvcor"),
    ("table", "vgg16", "--convention", "fvcor"),
    ("reconcile", "unet", "--tools", "nonsense"),
    ("audit", "C9999"),
    ("audit", "--verdict", "so-so"),
    ("explain", "a lot"),
    ("accuracy", "--dataset", "nonsense"),
    ("plot", "nonsense", "-o", "never.svg"),
    ("scaling", "resnet50", "--symbols", "S"),
    ("solve", "resnet50", "--target", "mult_adds=some", "--for", "size"),
    ("solve", "resnet50", "--target", "mult_adds=1G", "--for", "colour"),
    ("solve", "resnet50", "--target", "training_step_bytes=1G", "--for", "batch", "--train-from", "nosuch"),
)
NOT_ASKED = {"site", "serve", "measure", "export", "front", "best"}
"""Commands that are about this machine, or read or write files of this machine only."""

EVERYTHING = [*[(*command, "--format", form) for command in ASKED for form in FORMS], *OTHER]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with service.process() as running:
        yield running.address


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args, standalone_mode=False, env={"COLUMNS": "100"})


@pytest.mark.parametrize("command", EVERYTHING, ids=lambda command: " ".join(command)[:70])
def test_a_server_makes_no_difference(address: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    here = run(*command)

    def worked_out(*_: object) -> None:
        raise AssertionError("worked out here and not by the server")

    monkeypatch.setattr(graph.Graph, "apply", worked_out)
    there = run("--server", address, *command)
    assert (there.exit_code, there.stdout, there.stderr) == (here.exit_code, here.stdout, here.stderr)
    assert str(there.exception) == str(here.exception)
    assert type(there.exception) is type(here.exception)


def test_every_command_is_asked_above() -> None:
    assert {command[0] for command in EVERYTHING} == set(COMMANDS) - NOT_ASKED


def test_a_server_measures_nothing(address: str) -> None:
    result = CliRunner().invoke(cli, ["--server", address, "measure", "lenet5"])
    assert isinstance(result.exception, ArchcalcError)
    assert str(result.exception) == "measure runs networks on this machine: leave --server (ARCHCALC_SERVER) out"


def test_a_server_exports_nothing(address: str) -> None:
    result = CliRunner().invoke(cli, ["--server", address, "export", "lenet5", "--to", "scalesim"])
    assert isinstance(result.exception, ArchcalcError)
    assert str(result.exception) == "export writes files on this machine: leave --server (ARCHCALC_SERVER) out"


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (("front", "a.csv", "--minimize", "params", "--minimize", "error"), "front"),
        (("best", "a.csv", "--column", "error"), "best"),
        (("plot", "edf", "a.csv", "--format", "csv"), "the plot edf"),
    ],
)
def test_a_server_reads_no_tables(address: str, command: tuple[str, ...], what: str) -> None:
    result = CliRunner().invoke(cli, ["--server", address, *command])
    assert isinstance(result.exception, ArchcalcError)
    said = f"{what} makes and reads tables on this machine: leave --server (ARCHCALC_SERVER) out"
    assert str(result.exception) == said


@pytest.mark.parametrize("options", [("--step",), ("--channels-last",), ("--compiled",), ("--precision", "amp_fp16")])
def test_a_roofline_with_options_that_a_server_is_not_told_is_refused(address: str, options: tuple[str, ...]) -> None:
    command = ("plot", "roofline", "resnet18", "--device", "rtx-3090", *options, "--format", "csv")
    result = CliRunner().invoke(cli, ["--server", address, *command])
    assert isinstance(result.exception, ArchcalcError)
    assert str(result.exception).endswith("ask about resnet18 with these options on this machine")


def test_files_are_written_here_and_the_server_sees_no_path(address: str, tmp_path: Path) -> None:
    for place in ("here", "there"):
        start = [] if place == "here" else ["--server", address]
        (tmp_path / place).mkdir()
        run(*start, "graph", "lenet5", "-o", str(tmp_path / place / "lenet5.svg"))
        run(*start, "plot", "profile", "lenet5", "-o", str(tmp_path / place / "profile.pdf"))
        run(*start, "scaling", "lenet5", "-o", str(tmp_path / place / "scaling.png"))
        run(*start, "reconcile", "lenet5", "--to", "thop", "-o", str(tmp_path / place / "steps.svg"))
        run(*start, "report", "lenet5", "-o", str(tmp_path / place / "report.html"))
        run(*start, "validate", "lenet5", "--checks", "parameters", "--record", str(tmp_path / place / "record.json"))
    for name in ("lenet5.svg", "profile.pdf", "scaling.png", "steps.svg", "report.html", "record.json"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


OWN = (
    ("table", "examples/mine.py", "--format", "csv"),
    ("rf", "examples/mine.py"),
    ("memory", "examples/mine.py", "--batch", "4", "--optimizer", "adam", "--set", "width=32"),
    ("formula", "examples/mine.py"),
    ("reconcile", "examples/mine.py", "--tools", "fvcore"),
    ("table", "examples/mine.py", "--set", "width=32", "--size", "48", "--format", "csv"),
    ("table", "examples/mine.py", "--set", "width=32"),
    ("compare", "examples/mine.py", "--set", "width=16", "--set", "width=32"),
    ("diff", "examples/mine.py", "--set", "width=16", "--set", "width=32"),
    ("rf", "examples/mine.py", "--set", "depth=1", "--set", "depth=3"),
    ("why", "examples/mine.py", "conv1", "params", "--set", "width=32"),
    ("reconcile", "examples/mine.py", "--set", "width=32", "--to", "thop"),
)


@pytest.mark.parametrize("command", OWN, ids=" ".join)
def test_a_network_of_ones_own_is_built_here_and_asked_about_there(
    address: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    here, there = run(*command), run("--server", address, *command)
    assert here.exit_code == 0, here.stderr
    assert (there.exit_code, there.stdout, there.stderr) == (here.exit_code, here.stdout, here.stderr)


def test_whole_processes_print_the_same_bytes(address: str) -> None:
    """With the server named by an option or by the environment; errors too."""

    def output(*args: str, **env: str) -> tuple[int, bytes, bytes]:
        command = [sys.executable, "-m", "archcalc", *args]
        done = subprocess.run(command, capture_output=True, check=False, timeout=HANGS, env=os.environ | env)
        return done.returncode, done.stdout, done.stderr

    for command in (["table", "vgg16"], ["table", "vgg61"]):
        here = output(*command)
        assert output("--server", address, *command) == here
        assert output(*command, ARCHCALC_SERVER=address) == here
