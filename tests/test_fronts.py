"""Pareto fronts of tables: against brute force on small tables, on large ones by their laws, and from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.base.errors import ArchcalcError
from archcalc.spaces import fronts
from archcalc.spaces.fronts import front, pareto
from archcalc.spaces.ranges import read_range
from archcalc.spaces.tables import SweepTable, table_of, tables_of, titles_of

NUMBERS = st.one_of(st.integers(0, 6), st.sampled_from([-(2**63), 2**63 - 1, -1]))


def beats(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def brute_force(rows: list[tuple[int, ...]], maximize: list[bool]) -> list[int]:
    costs = [tuple(-value if down else value for value, down in zip(row, maximize, strict=True)) for row in rows]
    best = [at for at, row in enumerate(costs) if not any(beats(other, row) for other in costs)]
    return sorted(best, key=lambda at: costs[at])


@given(st.data(), st.sampled_from([2, 3]))
def test_a_front_is_what_comparing_all_pairs_leaves(data: st.DataObject, size: int) -> None:
    rows = data.draw(st.lists(st.tuples(*[NUMBERS] * size), min_size=1, max_size=40))
    maximize = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    columns = [numpy.array(column, dtype=numpy.int64) for column in zip(*rows, strict=True)]
    assert pareto(columns, maximize).tolist() == brute_force(rows, maximize)


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("few", [0, 10])
def test_fronts_in_blocks_and_after_a_sample_are_the_same(size: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every short cut for large tables is taken on tables that brute force can check."""
    monkeypatch.setattr(fronts, "FEW", few)
    monkeypatch.setattr(fronts, "SAMPLE", 7)
    monkeypatch.setattr(fronts, "BLOCK", 3)
    random = numpy.random.default_rng(size)
    for number in range(150):
        rows = random.integers(0, 4 + number, (random.integers(few, 120) + 1, size))
        rows[:, -1] += (number % 3) * (200 - rows[:, 0] - rows[:, 1])  # some tables have long fronts
        maximize = [bool(each) for each in random.integers(0, 2, size)]
        columns = [each.astype(float) if number % 2 else each for each in rows.T]
        assert pareto(columns, maximize).tolist() == brute_force([tuple(row) for row in rows.tolist()], maximize)


@pytest.mark.parametrize("size", [2, 3])
def test_a_large_front_beats_all_that_is_not_on_it_and_nothing_on_it(size: int) -> None:
    random = numpy.random.default_rng(1)
    columns = [random.random(200_000) for _ in range(size)]
    best = pareto(columns)
    on = numpy.zeros(200_000, dtype=bool)
    on[best] = True
    rows = numpy.stack(columns, axis=1)
    beaten = numpy.zeros(200_000, dtype=bool)
    for row in rows[best]:
        beaten |= (rows >= row).all(axis=1) & (rows > row).any(axis=1)
    assert (beaten == ~on).all()
    assert 5 < len(best) < 1000


def test_equal_networks_are_all_on_the_front_or_one_of_them() -> None:
    table = {"params": [1, 1, 2, 1], "error": [0.5, 0.5, 0.5, 0.5], "depth": [3, 4, 5, 6]}
    found = front(table, minimize=["params", "error"])
    assert [row["depth"] for row in found.rows] == [3, 4, 6]
    single = front(table, minimize=["params", "error"], distinct=True)
    assert [row["depth"] for row in single.rows] == [3]
    assert (single.equal, found.equal) == (2, 0)


def written(folder: Path, form: str, columns: dict[str, Any], name: str = "space") -> str:
    table = pyarrow.table(columns)
    path = folder / f"{name}.{form}"
    if form == "csv":
        pyarrow.csv.write_csv(table, path)
    elif form == "arrow":
        with pyarrow.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    else:
        pyarrow.parquet.write_table(table, path, row_group_size=2)
    return str(path)


COLUMNS = {
    "index": [0, 1, 2, 3, 4],
    "kernel": ["a", "b", "c", "d", "e"],
    "mult_adds": [400_000_000, 2**62 + 1, 100, None, 50],
    "error": [0.25, 0.125, 0.5, 0.75, None],
    "problem": [None, None, None, "width is too small", None],
}


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv"])
def test_a_table_is_read_from_each_format(form: str, tmp_path: Path) -> None:
    """Whole numbers stay exact, what is missing is no number, and whole rows come in the order asked for."""
    table = table_of(written(tmp_path, form, COLUMNS))
    assert (table.name, table.rows, table.names) == ("space", 5, tuple(COLUMNS))
    values, there = table.numbers("mult-adds")
    assert values[:3].tolist() == [400_000_000, 2**62 + 1, 100]
    assert there.tolist() == [True, True, True, False, True]
    assert [row["kernel"] for row in table.take([4, 0, 2])] == ["e", "a", "c"]
    found = front(table, minimize=["mult_adds", "error"])
    assert [row["index"] for row in found.rows] == [2, 0, 1]
    assert (found.compared, found.without) == (3, 2)


def test_a_range_leaves_networks_out(tmp_path: Path) -> None:
    path = written(tmp_path, "parquet", COLUMNS)
    found = front(path, minimize=["mult_adds", "error"], ranges=[read_range("mult_adds=101..500M")])
    assert [row["index"] for row in found.rows] == [0]


def test_several_files_have_one_front_and_each_row_says_its_table(tmp_path: Path) -> None:
    one = written(tmp_path, "csv", {"params": [5, 1], "error": [1, 4]}, "one")
    two = written(tmp_path, "parquet", {"error": [3.5, 0.5], "params": [1, 9]}, "two")
    found = front([one, two], minimize=["params", "error"])
    assert [(row["table"], row["params"]) for row in found.rows] == [("two", 1), ("one", 5), ("two", 9)]


def test_a_table_says_its_space_and_two_of_one_space_are_told_apart(tmp_path: Path) -> None:
    said = {b"archcalc": json.dumps({"space": "regnetx", "quantities": {"cost": "seconds"}}).encode()}
    for name in ("first", "second"):
        table = pyarrow.table({"cost": [1.0]}).replace_schema_metadata(said)
        pyarrow.parquet.write_table(table, tmp_path / f"{name}.parquet")
    first, second = tables_of([str(tmp_path / f"{name}.parquet") for name in ("first", "second")])
    assert first.title == "regnetx"
    assert titles_of([first]) == ["regnetx"]
    assert titles_of([first, second]) == ["first", "second"]
    with pytest.raises(ArchcalcError, match="two tables are called first"):
        tables_of([str(tmp_path / "first.parquet")] * 2)


def bad(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_what_is_no_table_is_said_in_one_line(tmp_path: Path) -> None:
    sources: dict[str, Any] = {
        "there is no such file": str(tmp_path / "none.parquet"),
        "is a .parquet, .arrow or .csv file": bad(tmp_path, "a.xlsx", b""),
        "a.parquet cannot be read": bad(tmp_path, "a.parquet", b"PAR1 and no more"),
        "a.arrow cannot be read": bad(tmp_path, "a.arrow", b"nothing\nof the kind"),
        "a.csv cannot be read": bad(tmp_path, "a.csv", b"a,b\n1,2,3\n4,5\n"),
        "not 7": 7,
    }
    for words, source in sources.items():
        with pytest.raises(ArchcalcError) as raised:
            table_of(source)
        assert words in str(raised.value)
        assert "\n" not in str(raised.value)


def test_a_csv_file_whose_later_rows_have_another_type_is_read(tmp_path: Path) -> None:
    rows = b"error\n" + b"1\n" * 800_000 + b"0.5\n"
    values, there = table_of(bad(tmp_path, "late.csv", rows)).numbers("error")
    assert (values[0], values[-1], bool(there.all())) == (1, 0.5, True)


@pytest.mark.parametrize(
    ("minimize", "words"),
    [
        (["params"], "of two or three quantities, not of 1"),
        (["params", "error", "depth", "name"], "of two or three quantities, not of 4"),
        (["params", "parameters"], "takes params once only"),
        (["params", "eror"], "nearest: error"),
        (["params", "kernel"], "column kernel is of string, not of numbers"),
        (["params", "nothing"], "no network is left that has params and nothing"),
    ],
)
def test_a_front_of_other_columns_is_refused(minimize: list[str], words: str) -> None:
    table = {"params": [1], "error": [0.5], "depth": [1], "name": ["x"], "kernel": ["x"], "nothing": [None]}
    with pytest.raises(ArchcalcError) as raised:
        front(table, minimize=minimize)
    assert words in str(raised.value)


def test_a_repeated_column_is_refused() -> None:
    table = pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2])], names=["a", "a"])
    with pytest.raises(ArchcalcError, match="has two columns a"):
        SweepTable("twice", table)


@pytest.mark.parametrize("text", ["params", "=1..2", "a=1", "a=..", "a=2..1", "a=1..1", "a=x..2", "a=inf..", "a=nan.."])
def test_a_text_that_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ArchcalcError, match=r"is not (a |below )"):
        read_range(text)
