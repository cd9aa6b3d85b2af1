"""Plots, fronts and regimes straight from design spaces, and from what an unfinished sweep has so far."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.figures import Plot, TablePlot
from archcalc.reports.rendering import drawn_plot
from archcalc.spaces.fronts import front
from archcalc.spaces.sources import SpaceSample, tables_from
from archcalc.spaces.sweeping import SweepProgress
from archcalc.spaces.tables import table_of

OVER = ("--over", "width=0.25..1:0.25", "--over", "size=128..224:32")


def printed(*args: str) -> str:
    result = CliRunner().invoke(cli, args, standalone_mode=False, env={"COLUMNS": "100"})
    if result.exception is not None:
        raise result.exception
    return result.stdout


DRAWN = ("--sample", "60", "--seed", "3", "--where", "mult_adds < 2G")


@pytest.mark.parametrize(
    "command",
    [
        ("front", "{}", "--minimize", "params", "--maximize", "activations", "--range", "mult_adds=100M.."),
        ("best", "{}", "--column", "params", "--median", "depth"),
        ("plot", "edf", "{}"),
        ("plot", "edf", "{}", "--column", "depth"),
        ("plot", "front", "{}", "--y", "params", "--range", "depth=10..40"),
        ("plot", "space", "{}", "--best", "params", "--y", "activations", "--y", "w_m"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_space_gives_what_the_file_of_its_sweep_gives(command: tuple[str, ...], tmp_path: Path) -> None:
    """In CSV, as far as a table of the columns that are needed has those of the file."""
    file = str(tmp_path / "regnetx.parquet")
    printed("sweep", "regnetx", *DRAWN, "--quantities", "mult_adds,params,activations", "-o", file)
    args = [[each.format(source) for each in command] for source in ("regnetx", file)]
    direct, read = (
        [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
        for lines in (
            printed(*args[0], *DRAWN, "--format", "csv").splitlines(),
            printed(*args[1], "--format", "csv").splitlines(),
        )
    )
    assert direct
    assert direct == [{key: row[key] for key in direct[0]} for row in read]


def test_columns_of_a_space_are_its_axes_and_the_quantities_that_are_needed() -> None:
    sample = SpaceSample(5, 1, quantities=("macs", "buffers"), where=("params > 1M",))
    (table,) = tables_from(["regnetx"], ["peak", "depth", "macs"], sample)
    assert table.names[-3:] == ("peak_inference_bytes", "mult_adds", "buffers")
    assert table.rows == 5
    assert table.title == "RegNetX"
    assert table.chosen == "drawn at random with seed 1, with params > 1M"
    assert table.remark == "RegNetX: 5 of 339,728,256 points, drawn at random with seed 1, with params > 1M."
    rows = archcalc.sweep("regnetx", quantities=["peak", "macs", "buffers"], sample=5, seed=1, where=["params > 1M"])
    assert table.take(range(5)) == rows.to_arrow().to_pylist() == table_of(rows).take(range(5))


def test_rows_of_a_sweep_are_a_table_wherever_they_are(tmp_path: Path) -> None:
    file = str(tmp_path / "all.csv")
    for rows in (archcalc.sweep("mobilenet_v1"), archcalc.sweep("mobilenet_v1", output=file)):
        assert table_of(rows).rows == 16
        found = front(rows, minimize=["params"], maximize=["mult_adds"])
        assert [row["size"] for row in found.rows] == [224] * 4


def test_a_plot_says_how_its_networks_were_chosen() -> None:
    def said(*names: str, **given: object) -> str:
        request = Plot("edf", sweep=TablePlot(names, sample=SpaceSample(**given)))  # pyright: ignore[reportArgumentType]
        return drawn_plot(request).decode().partition("<desc>")[2].partition("</desc>")[0]

    drawn = said("regnetx", "anynet_e", sample=9, seed=4, where=("mult_adds < 9G",))
    assert "Networks: 9 of RegNetX, 9 of AnyNetX E, drawn at random with seed 4, with mult_adds &lt; 9G." in drawn
    assert "Networks: 16 of MobileNet v1." in said("mobilenet_v1")


def test_fronts_of_spaces_with_other_axes_have_the_columns_of_both() -> None:
    """In the plot's data; a network has none of the other space's."""
    args = ("plot", "front", "wrn", "mobilenet_v1", "--y", "params", "--maximize", "params", "--format", "csv")
    lines = [line.split(",") for line in printed(*args).splitlines()]
    assert lines[0] == ["table", "index", "depth", "k", "mult_adds", "params", "width", "size"]
    assert {line[0]: line[6:] == ["", ""] for line in lines[1:]} == {"Wide ResNet": True, "MobileNet v1": False}


def test_a_network_with_axes_and_a_file_of_a_space_are_drawn(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('network = "resnet18"\ntitle = "Mine"\n[axes]\nsize = "64..128:32"\n', encoding="utf-8")
    lines = printed("plot", "edf", str(file), "--column", "mult_adds", "--format", "csv").splitlines()
    assert [line.partition(",")[0] for line in lines] == ["table", "Mine", "Mine", "Mine"]
    lines = printed("best", "mobilenet_v1", *OVER, "--column", "params", "--format", "csv", "--set", "classes=10")
    assert min(int(line.split(",")[-2]) for line in lines.splitlines()[1:]) < 470_000  # 1000 classes have 470,072


@pytest.fixture
def unfinished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder of a sweep that was interrupted after some of its parts."""
    file = str(tmp_path / "part.parquet")
    seen: list[SweepProgress] = []
    monkeypatch.setattr("archcalc.spaces.parts.SECONDS", 0.0)

    def stop(progress: SweepProgress) -> None:
        seen.append(progress)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archcalc.sweep("efficientnet_dimensions", sample=400, seed=2, chunk=40, output=file, progress=stop)
    return f"{file}.parts"


def test_the_parts_of_an_unfinished_sweep_are_a_table(unfinished: str) -> None:
    """Of the first rows; nothing in the folder is changed, what is broken or half written there among it."""
    folder = Path(unfinished)
    (folder / "9-12.arrow").write_bytes(b"no arrow")
    (folder / "12-20.partial").write_bytes(b"")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    table = table_of(unfinished)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert 0 < table.rows < 400
    whole = archcalc.sweep("efficientnet_dimensions", sample=400, seed=2).to_arrow().to_pylist()
    assert table.take(range(table.rows)) == whole[: table.rows]
    assert "problem" not in table.names
    words = f"drawn at random with seed 2, of a sweep that is unfinished, {table.rows} points so far"
    assert table.chosen == words
    assert words in drawn_plot(Plot("edf", sweep=TablePlot((unfinished,)))).decode()
    text = " ".join(printed("front", unfinished, "--minimize", "params", "--maximize", "mult_adds").split())
    assert f"EfficientNet by dimensions: {table.rows} of 11,616 points, {words}." in text
    assert words in " ".join(printed("best", unfinished, "--column", "params").split())


def test_a_file_that_is_not_there_yet_names_its_parts(unfinished: str, tmp_path: Path) -> None:
    file = unfinished.removesuffix(".parts")
    with pytest.raises(ArchcalcError, match=r"there is no such file; .*parquet.parts has the rows so far of a sweep"):
        table_of(file)
    empty = tmp_path / "b.csv.parts"
    empty.mkdir()
    with pytest.raises(ArchcalcError, match=r"b.csv.parts is not the folder of an unfinished sweep"):
        table_of(empty)
    (empty / "request.json").write_text(json.dumps({"request": {"space": "b"}}), encoding="utf-8")
    with pytest.raises(ArchcalcError, match=r"b.csv.parts has no rows yet"):
        table_of(empty)
    with pytest.raises(ArchcalcError, match=r"none.csv.parts: there is no such folder"):
        table_of("none.csv.parts")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("plot", "edf", "regnetx"), "regnetx has 339,728,256 points: draw some of them by --sample 500"),
        (("plot", "edf", "a.csv", "--sample", "5"), "are not for a.csv, a table: --range takes some of its networks"),
        (("plot", "edf", "a.csv", "--over", "a=5"), "are not for a.csv, a table"),
        (("plot", "accuracy", "--sample", "5"), "the plot accuracy shows no table of a sweep"),
        (("plot", "accuracy", "--over", "a=1"), "the plot accuracy is of networks, not of design spaces"),
        (("plot", "edf", "regnetz", "--sample", "5"), "no design space and no architecture is called 'regnetz'"),
        (("plot", "edf", "regnetx.txt"), "a table of a sweep is a .parquet, .arrow or .csv file"),
        (("plot", "edf", "resnet18"), "resnet18 is a network: --over makes a space of it"),
        (("best", "regnetx", "--sample", "5", "--column", "flap"), "regnetx has no axis 'flap', and no quantity is"),
        (("best", "mobilenet_v1", "--column", "params", "--where", "params < 1"), "no network that fulfils params < 1"),
        (("front", "regnetx", "--minimize", "params", "--sample", "5"), "of two or three quantities, not of 1"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_that_names_it(args: tuple[str, ...], said: str) -> None:
    output = ("-o", "x.svg") if args[0] == "plot" else ()
    with pytest.raises(ArchcalcError) as raised:
        printed(*args, *output)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_python_names_it_too() -> None:
    with pytest.raises(ArchcalcError, match="'nowhere' is neither a design space"):
        tables_from(["nowhere"], [])
    with pytest.raises(ArchcalcError, match="are for design spaces, and a table has its networks already"):
        tables_from(["a.csv"], [], SpaceSample(3))


@pytest.mark.parametrize(
    "command",
    [("front", "mobilenet_v1", "--minimize", "latency@t4"), ("best", "mobilenet_v1", "--column", "latency@t4")],
    ids=lambda command: command[0],
)
def test_a_table_of_predictions_states_their_error(command: tuple[str, ...]) -> None:
    more = ("--maximize", "mult_adds") if command[0] == "front" else ()
    said = " ".join(printed(*command, *more).split())
    assert "latency@t4 is a prediction" in said
    assert "Expected error" in said
    assert "is a prediction" not in printed(command[0], "mobilenet_v1", *_counts(command[0]))


def _counts(name: str) -> tuple[str, ...]:
    return ("--minimize", "params", "--maximize", "mult_adds") if name == "front" else ("--column", "params")
