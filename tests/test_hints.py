"""What messages, notes and help texts tell people to type: it runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.cli import COMMANDS, cli

PACKAGE = Path(archcalc.__file__).parent
LONG = {"measure", "report", "serve", "site", "validate"}
"""Commands that take long or run until they are stopped: their options are checked, they are not run."""
PLACES = {
    "NAME": "lenet5",
    "LAYER": "C1",
    "QUANTITY": "params",
    "FILE": "file",
    "N": "2",
    "D": "t4",
    "FILE.svg": "file.svg",
    "VERDICT": "wrong",
    "mine.py:mine": "lenet5",
    "model.py:Classifier": f"{Path(__file__).parent.parent / 'examples' / 'vit.py'}:Classifier",
    "mine.toml": str(Path(__file__).parent.parent / "examples" / "device.toml"),
    "C0123": "C0031",
}
"""What stands for the words in capitals, and for names that only a reader's own files have."""
NAMED = {"conventions": "fvcore", "devices": "t4", "space": "anynet_d"}
"""What NAME stands for where it is not a network."""


def write_sweeps(folder: Path) -> None:
    """Tables of sweeps under the names that examples use, with columns of a person's own."""
    import pyarrow.csv
    import pyarrow.parquet

    table = pyarrow.csv.read_csv(Path(__file__).parent / "data" / "sweep_regnetx.csv")
    for own in ("accuracy", "latency@t4"):
        table = table.append_column(own, table["error"])
    for name in ("regnetx", "regnety"):
        pyarrow.parquet.write_table(table, folder / f"{name}.parquet")


def hints() -> list[str]:
    """Every command in the sources: in backquotes, and in the examples of help texts."""
    found: list[str] = []
    for file in PACKAGE.rglob("*.py"):
        if "v1" not in file.relative_to(PACKAGE).parts:
            text = file.read_text(encoding="utf-8")
            found += re.findall(r"`(archcalc [^`\n]+)`", text)
            found += re.findall(r"^ {4,8}(archcalc [a-z]+ ?[^`\n]*)$", text, re.MULTILINE)
    filled = {re.sub(r"(?<= )\{[\w.]*\}(?= |$)", "lenet5", each) for each in found}
    return sorted(each for each in filled if "{" not in each and len(each.split()) > 2)


def run(line: str) -> None:
    """Run a command as it is typed, with the names of places filled in. Fails unless it succeeds."""
    words = shlex.split(re.split(r" [>|] ", line)[0], comments=True)[1:]
    places = PLACES | ({"NAME": NAMED[words[0]]} if words[0] in NAMED else {})
    words = [places.get(word, word) for word in words]
    if words and words[0].startswith("-"):
        return
    command = cli.get_command(None, words[0])  # type: ignore[arg-type]
    assert command is not None, line
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    options = [
        word for before, word in zip(["", *words], words, strict=False) if before != "--sort"
    ]  # -top1 is a value
    assert {word.partition("=")[0] for word in options if re.match(r"--?[a-zA-Z]", word)} <= known | {"--help"}, line
    if words[0] in LONG or "--show" in words or words[0] == "plot":
        return
    result = CliRunner().invoke(cli, words, standalone_mode=False)
    assert result.exception is None or isinstance(result.exception, SystemExit), (line, result.exception)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_sweeps(tmp_path)
    return tmp_path


def test_there_are_hints_for_most_commands() -> None:
    named = {each.split()[1] for each in hints()}
    assert len(hints()) > 60
    assert named >= set(COMMANDS) - {"serve"}


@pytest.mark.parametrize("hint", hints())
@pytest.mark.usefixtures("folder")
def test_a_hint_in_the_sources_is_a_command_that_runs(hint: str) -> None:
    run(hint)


MISTAKES = (
    "tabel vgg16",
    "vgg16",
    "resnet-50",
    "xyzzy",
    "table nosuch",
    "table anynet_a",
    "table vgg16 --set nosuch=1",
    "table vgg16 --convention nosuch",
    "show nosuch",
    "conventions nosuch",
    "devices nosuch",
    "memory nosuch",
    "memory resnet50 --device nosuch",
    "memory lenet5 --train-from nosuch",
    "why resnet50 nosuch params",
    "why resnet50 conv1",
    "why resnet50 conv1 flops",
    "reconcile resnet50 --tools params",
    "reconcile resnet50 --tools fvcore",
    "reconcile resnet50",
    "formula resnet50 --symbols nosuch",
    "accuracy nosuch",
    "accuracy lenet5_dense",
    "accuracy --recipe nosuch",
    "explain 1234567 --architecture resnet50",
    "audit C9999",
    "conventions",
    "devices",
    "spaces",
    "audit --document 004",
)
"""Commands whose errors or notes say what to type."""


def said(line: str) -> str:
    result = CliRunner().invoke(cli, shlex.split(line), standalone_mode=False, env={"COLUMNS": "1000"})
    assert result.exception is None or isinstance(result.exception, (ArchcalcError, click.ClickException)), line
    return f"{result.stdout} {result.exception or ''}"


@pytest.mark.parametrize("line", MISTAKES)
@pytest.mark.usefixtures("folder")
def test_a_hint_that_is_printed_runs_as_it_is_printed(line: str) -> None:
    for hint in re.findall(r"`(archcalc [^`]+)`", said(line)):
        run(hint)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("tabel vgg16", "no command is called 'tabel'; nearest: table"),
        ("vgg16", "`archcalc table vgg16`"),
        ("ResNet-50", "`archcalc table ResNet-50`"),
        ("xyzzy", "`archcalc --help` lists all"),
        ("why resnet50 conv1", "a layer has output_shape, output_channels"),
        ("why resnet50 total", "a whole network has params"),
        ("why resnet50 conv1 flops", "nearest: mult_adds"),
    ],
)
def test_a_mistake_is_answered_with_what_was_meant(line: str, hint: str) -> None:
    assert hint in said(line)


@pytest.mark.parametrize(
    ("odd", "usual"),
    [
        ("table vgg16 --dtype fp16", "table vgg16 --dtype float16"),
        ("table vgg16 --dtype Half", "table vgg16 --dtype float16"),
        ("table vgg16 --dtype BF16", "table vgg16 --dtype bfloat16"),
        ("table vgg16 --dtype double --format CSV", "table vgg16 --dtype float64 --format csv"),
        ("table vgg16 --dtype float", "table vgg16"),
        ("accuracy resnet50 --dataset ImageNet", "accuracy resnet50 --dataset imagenet"),
        ("accuracy resnet50 --recipe Torchvision-V1", "accuracy resnet50 --recipe torchvision_v1"),
        ("audit --verdict rounds", "audit --verdict within"),
        ("audit --verdict none", "audit --verdict 'not computable'"),
        ("audit --verdict Wrong", "audit --verdict contradicted"),
    ],
)
def test_a_value_may_be_spelt_as_people_do(odd: str, usual: str) -> None:
    assert said(odd) == said(usual)


@pytest.mark.parametrize("amount", ["1e9", "1G", "1g", "1B", "1,000,000,000", "1000M", "1000000000"])
def test_a_target_is_read_like_a_printed_number(amount: str) -> None:
    answer = said(f"solve resnet50 --target mult_adds={amount} --for size --format json")
    assert answer == said("solve resnet50 --target mult_adds=1000000000 --for size --format json").replace(
        '"given": "1000000000"', f'"given": "{amount}"'
    )


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("table vgg16 --dtype b", {"bf16", "bfloat16"}),
        ("table mobilenet_v1 --set w", {"width="}),
        ("audit --verdict r", {"rounds"}),
        ("audit --document 00", {"000", "001", "002", "003", "004"}),
        ("explain 3 --quantity pa", {"params", "parameter_bytes"}),
        ("devices A1", {"a10", "a10g", "a100-40gb", "a100-80gb-sxm"}),
        ("formula resnet50 --symbols H,", {"H,W", "H,S", "H,N"}),
        ("formula resnet50 --quantity mult", {"mult_adds"}),
        ("validate --checks shapes,fl", {"shapes,flops"}),
        ("solve mobilenet_v1 --target mult", {"mult_adds="}),
    ],
)
def test_values_of_options_are_completed(line: str, offered: set[str]) -> None:
    from click.shell_completion import ShellComplete

    *before, incomplete = line.split()
    found = ShellComplete(cli, {}, "archcalc", "_ARCHCALC_COMPLETE").get_completions(before, incomplete)
    assert offered <= {each.value for each in found}


def test_dir_has_the_public_names_and_no_others() -> None:
    shown = [name for name in dir(archcalc) if not name.startswith("__")]
    assert {*archcalc.__all__, "Client", "AsyncClient"} - {"__version__"} == set(shown)
    assert all(getattr(archcalc, name) is not None for name in shown if "Client" not in name)
