"""Tables of sweeps, read back: columns as numpy arrays, and whole rows of a few networks.

A table is a parquet, Arrow or CSV file that a sweep has written, to which a person may have added columns, such as the
measured error of each network. A parquet file is read column by column: only those that are asked for. The folder
FILE.parts of an unfinished sweep is read as a table of the rows that are there.

For other questions any query engine reads the same file. With DuckDB (`pip install 'archcalc[query]'`):

    import duckdb

    duckdb.sql("select depth, median(params) from 'regnetx.parquet' where mult_adds < 400e6 group by depth")

and with Polars (`pip install polars`), which reads only what it needs as well:

    import polars

    polars.scan_parquet("regnetx.parquet").filter(polars.col("mult_adds") < 400_000_000).collect()
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias, final

from archcalc.analysis.quantities import QUANTITIES
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.spelling import cut, matched, shown, unknown

TableLike: TypeAlias = Any
"""A table of a sweep: the path of its file, its rows (`archcalc.sweep`), a table of pyarrow, columns by name, or a
`SweepTable`."""

SUFFIXES: Mapping[str, str] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".csv": "csv",
}
"""The format of a file by its suffix."""
PARTS = ".parts"
"""The suffix of the folder of an unfinished sweep."""
NOT_NUMBERS = ("problem",)
METADATA = b"archcalc"
"""The key of the schema's metadata under which a sweep states its space, quantities and sample, as JSON."""


@final
class SweepTable:
    """A table of a sweep: its name, its columns by name, and what the sweep says of itself (`details`)."""

    def __init__(self, name: str, data: Any) -> None:
        """`data` is a table of pyarrow, or an open parquet file of it. Raises ArchcalcError for a repeated column."""
        schema = data.schema_arrow if hasattr(data, "schema_arrow") else data.schema
        self.name = name
        self._data = data
        self.names: tuple[str, ...] = tuple(schema.names)
        self.details: Mapping[str, Any] = _details(schema.metadata)
        twice = next((each for each in self.names if self.names.count(each) > 1), None)
        if twice is not None:
            raise ArchcalcError(f"{name} has two columns {twice}")

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self._data.metadata.num_rows if self._is_file else self._data.num_rows)

    @property
    def title(self) -> str:
        """The title or name of its design space if the sweep states it, else that of the file without its suffix."""
        return str(self.details.get("title") or self.details.get("space") or self.name)

    @property
    def chosen(self) -> str:
        """Which networks of the space it has, in words; empty where the sweep does not say it, and for all."""
        seed, where = self.details.get("seed", 0), str(self.details.get("where") or "")
        parts = [f"drawn at random with seed {seed}"] if self.details.get("sample") else []
        parts += [f"with {where}"] if where else []
        if self.details.get("unfinished"):
            parts.append(f"of a sweep that is unfinished, {self.details['drawn']:,} points so far")
        return ", ".join(parts)

    @property
    def remark(self) -> str:
        """A sentence on the networks that it has of its space; empty where there is nothing to say."""
        points = str(self.details.get("points") or "")
        of = f" of {int(points):,}" if points.isdigit() and len(points) < 40 else ""
        return f"{self.title}: {self.rows:,}{of} points, {self.chosen}." if self.chosen else ""

    def find(self, word: str) -> str:
        """The name of the column that a word means: a column, or another name of a quantity. Raises UnknownName."""
        if word in self.names:
            return word
        meant = {matched(name): name for name in self.names}
        for key, quantity in QUANTITIES.items():
            if key in self.names:
                meant |= {matched(alias): key for alias in quantity.aliases if matched(alias) not in meant}
        if matched(word) in meant:
            return meant[matched(word)]
        raise unknown("column", word, meant, f"{self.name} has {', '.join(self.names)}", about="column",
                      said=f"{self.name} has no column {shown(word)}")  # fmt: skip

    def numbers(self, word: str) -> tuple[Any, Any]:
        """A column of numbers: an array of int64 or float64, and an array that is true where there is a number.

        A null and a NaN, as a network has that cannot be built, are no numbers. Raises ArchcalcError for a column of
        text.
        """
        name = self.find(word)
        return _numbers(self._column(name), f"{self.name}: column {name}")

    def take(self, places: Any) -> list[dict[str, Any]]:
        """The rows at these places, counted from 0, in this order: the value of every column by its name."""
        numpy: Any = need("numpy", "a table of a sweep")
        wanted = numpy.asarray(places, dtype=numpy.int64)
        if not self._is_file:
            return self._data.take(wanted).to_pylist()
        order = numpy.argsort(wanted, kind="stable")
        found: list[dict[str, Any]] = []
        start = 0
        for group in range(self._data.num_row_groups):
            end = start + self._data.metadata.row_group(group).num_rows
            first, last = numpy.searchsorted(wanted[order], (start, end))
            if first < last:
                found += self._data.read_row_group(group).take(wanted[order[first:last]] - start).to_pylist()
            start = end
        back = numpy.argsort(order, kind="stable")
        return [found[place] for place in back]

    @property
    def _is_file(self) -> bool:
        return hasattr(self._data, "read_row_group")

    def _column(self, name: str) -> Any:
        return self._data.read(columns=[name]).column(0) if self._is_file else self._data.column(name)


def table_of(source: TableLike) -> SweepTable:
    """The table of a sweep: from the path of a file, its rows, a table of pyarrow, or columns (arrays, lists) by name.

    Raises ArchcalcError for what is no table, and MissingTool without pyarrow.

    >>> table = table_of({"mult_adds": [4, 2, 3], "error": [0.25, 0.5, None]})
    >>> table.rows, table.numbers("error")[1].tolist(), table.take([1])
    (3, [True, True, False], [{'mult_adds': 2, 'error': 0.5}])
    """
    if isinstance(source, SweepTable):
        return source
    arrow = need("pyarrow", "a table of a sweep")
    if isinstance(source, (str, Path)):
        return _opened(Path(source))
    if isinstance(source, arrow.Table):
        return SweepTable("table", source)
    if hasattr(source, "to_arrow") and hasattr(source, "path"):  # rows of archcalc.sweep
        return _opened(Path(source.path)) if source.path else SweepTable("table", source.to_arrow())
    if isinstance(source, Mapping):
        return SweepTable("table", _reading("table", lambda: arrow.table(dict(source))))  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    said = "a table of a sweep is a file, rows of archcalc.sweep, a table of pyarrow, or columns by name"
    raise ArchcalcError(f"{said}, not {cut(repr(source))}", about="table")


def tables_of(sources: Sequence[TableLike] | TableLike) -> list[SweepTable]:
    """The tables of one source or of several, with different titles. Raises ArchcalcError as `table_of` does."""
    several = isinstance(sources, Sequence) and not isinstance(sources, str)
    tables = [table_of(each) for each in (sources if several else [sources])]  # pyright: ignore[reportUnknownVariableType]
    if not tables:
        raise ArchcalcError("name a file with the table of a sweep", about="table")
    titles = titles_of(tables)
    twice = next((title for title in titles if titles.count(title) > 1), None)
    if twice is not None:
        raise ArchcalcError(f"two tables are called {twice}; give their files different names", about="table")
    return tables


def titles_of(tables: Sequence[SweepTable]) -> list[str]:
    """The titles of tables; where two of one space are looked at together, the names of their files."""
    titles = [each.title for each in tables]
    return [each.name if titles.count(title) > 1 else title for each, title in zip(tables, titles, strict=True)]


def is_table(source: TableLike) -> bool:
    """Return True if a source is not text, or is a path, but for that of a TOML file: not the name of a space."""
    if not isinstance(source, (str, Path)):
        return True
    path = Path(source)
    return path.suffix.lower() != ".toml" and bool(re.fullmatch(r"\.[A-Za-z]+", path.suffix) or len(path.parts) > 1)


def _opened(path: Path) -> SweepTable:
    form = SUFFIXES.get(path.suffix.lower())
    if path.suffix == PARTS:
        if not path.is_dir():
            raise ArchcalcError(f"{path}: there is no such folder", about="table")
        from archcalc.spaces.parts import read_parts

        return SweepTable(path.with_suffix("").stem, _reading(str(path), lambda: read_parts(path)))
    if form is None:
        raise ArchcalcError(f"{path}: a table of a sweep is a .parquet, .arrow or .csv file", about="table")
    if not path.is_file():
        parts = Path(f"{path}{PARTS}")
        so_far = f"; {parts} has the rows so far of a sweep that is unfinished" if parts.is_dir() else ""
        raise ArchcalcError(f"{path}: there is no such file{so_far}", about="table")
    open_file = {"parquet": _parquet, "arrow": _arrow, "csv": _csv}[form]
    return SweepTable(path.stem, _reading(str(path), lambda: open_file(str(path))))


def _reading(name: str, read: Callable[[], Any]) -> Any:
    """What `read` returns. Raises ArchcalcError in one line where pyarrow cannot read it."""
    arrow = need("pyarrow", "a table of a sweep")
    try:
        return read()
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        first = " ".join(str(error).split()) or type(error).__name__
        raise ArchcalcError(f"{name} cannot be read: {first[:200]}", about="table") from None


def _parquet(path: str) -> Any:
    return import_module("pyarrow.parquet").ParquetFile(path, memory_map=True)


def _arrow(path: str) -> Any:
    arrow = import_module("pyarrow")
    ipc = import_module("pyarrow.ipc")
    stream = arrow.memory_map(path)
    is_file = stream.read(6) == b"ARROW1"
    stream.seek(0)
    return (ipc.open_file if is_file else ipc.open_stream)(stream).read_all()


def _csv(path: str) -> Any:
    """A CSV file; where the first block does not tell the type of a column, the whole file does."""
    arrow, csv = import_module("pyarrow"), import_module("pyarrow.csv")
    convert = csv.ConvertOptions(strings_can_be_null=True)
    try:
        return csv.read_csv(path, convert_options=convert)
    except arrow.ArrowInvalid:
        whole = csv.ReadOptions(block_size=min(Path(path).stat().st_size + 1, 2**31 - 1))
        return csv.read_csv(path, read_options=whole, convert_options=convert)


def _details(metadata: Mapping[bytes, bytes] | None) -> Mapping[str, Any]:
    """What a sweep says of itself in the schema's metadata; empty where it says nothing."""
    try:
        said = json.loads((metadata or {}).get(METADATA, b"{}"))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _numbers(column: Any, what: str) -> tuple[Any, Any]:
    numpy: Any = need("numpy", "a table of a sweep")
    types = import_module("pyarrow.types")
    compute = import_module("pyarrow.compute")
    kind = column.type
    if types.is_null(kind):
        return numpy.zeros(len(column)), numpy.zeros(len(column), dtype=bool)
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind)):
        raise ArchcalcError(f"{what} is of {kind}, not of numbers", about="column")
    whole = types.is_boolean(kind) or (types.is_integer(kind) and not types.is_uint64(kind))
    there = column.is_valid().to_numpy()
    filled = compute.cast(column, "int64" if whole else "float64")
    values = compute.fill_null(filled, 0).to_numpy() if column.null_count else filled.to_numpy()
    return (values, there) if whole else (values, there & ~numpy.isnan(values))


def unit_of_column(table: SweepTable, column: str) -> str:
    """The unit of a column: as the sweep states it, that of the quantity, or none."""
    stated: Any = table.details.get("quantities", {})
    if isinstance(stated, dict) and column in stated:
        return str(stated[column])  # pyright: ignore[reportUnknownArgumentType]
    if column.startswith("latency@"):
        return "seconds"
    return QUANTITIES[column].unit if column in QUANTITIES else ""


def heading(column: str) -> str:
    """The words for a column: the label of a quantity, else the column's name as it is."""
    if column.startswith("latency@"):
        return f"time on {column.partition('@')[2]}"
    return QUANTITIES[column].label if column in QUANTITIES else column
