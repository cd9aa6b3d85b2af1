"""`archcalc front`, `best` and the plots of tables, as a user meets them."""

from __future__ import annotations

import csv
import io
import json
import statistics
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.spaces import tables

SWEEP, OTHER = "tests/data/sweep_regnetx.csv", "tests/data/sweep_shallow.csv"


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args, standalone_mode=False, env={"COLUMNS": "100"})


def printed(*args: str) -> str:
    result = run(*args)
    assert result.exception is None, result.exception
    return result.stdout


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def given(path: str) -> list[dict[str, str]]:
    return rows_of(Path(path).read_text(encoding="utf-8"))


FRONT = ("front", SWEEP, "--minimize", "mult_adds", "--minimize", "error")


def test_every_format_of_a_front_has_the_same_networks(tmp_path: Path) -> None:
    lines = rows_of(printed(*FRONT, "--format", "csv"))
    data = json.loads(printed(*FRONT, "--format", "json"))
    text = printed(*FRONT)
    assert [int(each["index"]) for each in lines] == [each["index"] for each in data["networks"]]
    assert data["compared"] == len(given(SWEEP))
    assert text.splitlines()[0].startswith(f"Pareto front of sweep_regnetx: {len(lines)} of 150 networks")
    assert len(text.split("\n\n")[1].splitlines()) == 2 + len(lines)
    file = tmp_path / "front.csv"
    assert printed(*FRONT, "-o", str(file)) == ""
    assert rows_of(file.read_text(encoding="utf-8")) == lines


def test_a_front_of_rows_is_a_front_of_its_own(tmp_path: Path) -> None:
    """The front that was written is read again, and nothing falls off it."""
    file = str(tmp_path / "front.csv")
    printed("front", SWEEP, OTHER, "--minimize", "params", "--maximize", "mult_adds", "-o", file)
    again = printed("front", file, "--minimize", "params", "--maximize", "mult_adds", "--format", "csv")
    assert again == Path(file).read_text(encoding="utf-8")
    assert {each["table"] for each in rows_of(again)} == {"sweep_regnetx", "sweep_shallow"}


def test_the_best_of_each_regime_is_the_row_of_the_file() -> None:
    args = ("best", SWEEP, "--column", "error", "--regimes", "400M,800M", "--median", "depth")
    lines = rows_of(printed(*args, "--format", "csv"))
    for line, (low, high) in zip(lines, ((0, 4e8), (4e8, 8e8), (8e8, 1e30)), strict=True):
        own = [row for row in given(SWEEP) if low <= int(row["mult_adds"]) < high]
        best = min(own, key=lambda row: float(row["error"]))
        assert {key: line[key] for key in best} == best
        assert int(line["networks"]) == len(own)
    assert "400M to 800M" in printed(*args)
    assert [each["networks"] for each in json.loads(printed(*args, "--format", "json"))] == [
        int(each["networks"]) for each in lines
    ]


def test_more_is_better_where_it_is_said() -> None:
    (line,) = rows_of(printed("best", SWEEP, "--column", "error", "--maximize", "--by", "depth", "--regimes", "1",
                              "--range", "depth=1..", "--format", "csv"))[1:]  # fmt: skip
    assert float(line["error"]) == max(float(row["error"]) for row in given(SWEEP))


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("front", SWEEP), "of two or three quantities, not of 0"),
        (("front", SWEEP, "--minimize", "erro", "--minimize", "params"), "nearest: error"),
        (("front", SWEEP, SWEEP, "--minimize", "error", "--minimize", "params"), "two tables are called sweep_regnetx"),
        ((*FRONT, "--range", "params"), "is not a range such as mult_adds=360M..400M"),
        ((*FRONT, "--range", "params=..1"), "no network is left that has mult_adds and error"),
        (("best", SWEEP, "--column", "error", "--regimes", "2M,1M"), "ascend"),
        (("best", "nowhere.parquet", "--column", "error"), "there is no such file"),
        (("plot", "front", SWEEP, "--y", "error", "--maximize", "params", "-o", "x.svg"), "is no axis of this plot"),
        (("plot", "edf", SWEEP, "--column", "flop", "-o", "x.svg"), "has no column 'flop'"),
        (("plot", "space", *[SWEEP] * 7, "-o", "x.svg"), "two tables are called"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_that_names_it(args: tuple[str, ...], words: str) -> None:
    error = run(*args).exception
    assert isinstance(error, ArchcalcError)
    assert words in str(error)
    assert "\n" not in str(error)


def test_the_data_of_a_plot_are_those_of_the_command() -> None:
    plotted = rows_of(printed("plot", "front", SWEEP, "--y", "error", "--format", "csv"))
    printed_rows = rows_of(printed(*FRONT, "--format", "csv"))
    assert [each["index"] for each in plotted] == [each["index"] for each in printed_rows]


def test_the_query_that_the_documentation_shows_reads_the_file_of_a_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement is taken from the docstring of `archcalc.spaces.tables`."""
    import duckdb
    import pyarrow.csv
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.csv.read_csv(SWEEP), tmp_path / "regnetx.parquet")
    query = (tables.__doc__ or "").partition('duckdb.sql("')[2].partition('")')[0]
    monkeypatch.chdir(tmp_path)
    found = dict(duckdb.sql(query).fetchall())
    monkeypatch.undo()
    small = [row for row in given(SWEEP) if int(row["mult_adds"]) < 400e6]
    assert set(found) == {int(row["depth"]) for row in small}
    for depth, median in found.items():
        assert median == statistics.median(int(row["params"]) for row in small if int(row["depth"]) == depth)
