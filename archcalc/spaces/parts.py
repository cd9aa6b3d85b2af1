"""The parts of a sweep that is written to a file: a folder beside it, from which an interrupted sweep goes on.

The folder `out.parquet.parts` has the file `request.json`, with a digest of all that the rows depend on, and a file
`START-STOP.arrow` for every part: the rows of the points at positions from START to before STOP, in order. A part is
written under another name and renamed once it is whole. At the end the parts are joined to one file, and removed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple, final

from archcalc.base.errors import ArchcalcError
from archcalc.base.files import destination
from archcalc.spaces.arrow import arrow
from archcalc.spaces.plans import INDEX, METADATA, PROBLEM, SweepPlan

FORMATS = (".parquet", ".arrow", ".csv")
"""The suffixes of files that a sweep is written to."""
ROWS = 2**20
"""Rows of a part and of a row group, at most about."""
SECONDS = 10.0
"""The time after which a part is written even if it has few rows."""
REQUEST = "request.json"
_PART = re.compile(r"(\d+)-(\d+)\.arrow")
_TOLD = b"archcalc.part"


class WrittenPart(NamedTuple):
    """A part that is written: its positions, the number of its rows, and of those without a network."""

    start: int
    stop: int
    rows: int
    problems: int
    complete: bool
    """True if the sweep ends with it."""


def suffix_of(file: str) -> str:
    """The suffix of a file that a sweep is written to. Raises ArchcalcError for another."""
    suffix = Path(file).suffix.lower()
    if suffix not in FORMATS:
        raise ArchcalcError(f"{file}: a sweep is a .parquet, .arrow or .csv file", "output")
    return suffix


@contextmanager
def parts_of(file: str, plan: SweepPlan, *, restart: bool = False) -> Generator[Parts]:
    """The parts of a file, those of an earlier sweep among them, for one process at a time.

    Raises ArchcalcError if the parts are those of another sweep, unless `restart` is set, or if another process writes
    them, or if they cannot be written.
    """
    folder = Path(f"{file}.parts")
    try:
        with _opened(folder, file, plan, restart=restart) as parts:
            yield parts
    except OSError as error:
        raise ArchcalcError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from error


@contextmanager
def _opened(folder: Path, file: str, plan: SweepPlan, *, restart: bool) -> Generator[Parts]:
    if Path(file).is_dir():
        raise ArchcalcError(f"{file} is not a file, but a folder")
    folder.mkdir(exist_ok=True)
    with (folder / REQUEST).open("a+b") as stream, _locked(stream, folder):
        stream.seek(0)
        before = stream.read()
        if restart or not before:
            for path in folder.iterdir():
                if path.name != REQUEST:
                    path.unlink()
            stream.truncate(0)
            metadata = json.loads(plan.metadata(0)[METADATA])
            told = {"fingerprint": plan.fingerprint, "request": plan.description(), "metadata": metadata}
            stream.write(json.dumps(told, indent=1, ensure_ascii=False).encode())
            stream.flush()
        elif _fingerprint(before) != plan.fingerprint:
            said = f"{folder} has parts of another sweep; start over by --restart (restart=True), or name another file"
            raise ArchcalcError(f"{said}{_difference(before, plan)}", "output")
        yield Parts(folder, plan)


def _fingerprint(told: bytes) -> str:
    try:
        return str(json.loads(told)["fingerprint"])
    except (ValueError, LookupError, TypeError):  # it was not written to its end
        return ""


def _difference(told: bytes, plan: SweepPlan) -> str:
    """What is different in the request of earlier parts, in words."""
    try:
        before: dict[str, Any] = json.loads(told)["request"]
        differ = [key for key, value in json.loads(json.dumps(plan.description())).items() if before.get(key) != value]
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    return f" (different: {', '.join(differ)})" if differ else ""


@contextmanager
def _locked(stream: Any, folder: Path) -> Generator[None]:
    """Keep other processes out of a folder until the end of this one, however it ends."""
    try:
        import fcntl
    except ImportError:  # a system without such locks
        yield
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ArchcalcError(f"{folder} is being written by another process", "output") from None
    yield


@final
class Parts:
    """Parts in a folder, and the rows that wait to become the next one."""

    def __init__(self, folder: Path, plan: SweepPlan) -> None:
        self.folder, self.plan = folder, plan
        self.written = _found(folder)
        self.waiting: list[Any] = []
        self.rows = 0
        """The number of rows that wait."""
        self.start = self.stop = self.written[-1].stop if self.written else 0
        """The positions of the rows that wait, from `start` to before `stop`."""
        self.last = monotonic()

    @property
    def total(self) -> int:
        """The number of rows, those that wait included."""
        return sum([each.rows for each in self.written]) + self.rows

    @property
    def complete(self) -> bool:
        """True if all parts are written."""
        return bool(self.written) and self.written[-1].complete

    def add(self, batch: Any, stop: int) -> None:
        """Add the rows of the points up to before a position; they are written once there are enough."""
        if batch.num_rows:
            self.waiting.append(batch)
            self.rows += batch.num_rows
        self.stop = stop
        if self.rows >= ROWS or monotonic() - self.last >= SECONDS:
            self.flush()

    def flush(self, *, complete: bool = False) -> None:
        """Write the rows that wait as a part; an empty one says that its points have no rows."""
        if self.stop == self.start and not complete:
            return
        pyarrow = arrow()
        table = pyarrow.Table.from_batches(self.waiting, schema=self.plan.schema)
        problems = table.num_rows - table.column(PROBLEM).null_count
        part = WrittenPart(self.start, self.stop, table.num_rows, problems, complete)
        told = {_TOLD: json.dumps(part._asdict()).encode()}
        path = self.folder / f"{self.start}-{self.stop}.arrow"
        partial = path.with_suffix(".partial")
        options = pyarrow.ipc.IpcWriteOptions(compression="lz4")
        with partial.open("wb") as stream:
            with pyarrow.ipc.new_file(stream, self.plan.schema.with_metadata(told), options=options) as writer:
                writer.write_table(table, max_chunksize=ROWS)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
        self.written.append(part)
        self.waiting, self.rows, self.start, self.last = [], 0, self.stop, monotonic()

    def tables(self) -> Iterator[Any]:
        """The rows as tables of about a row group, those that were written, without `problem` where there is none."""
        pyarrow = arrow()
        drop = not any([each.problems for each in self.written])
        kept: list[Any] = []
        for part in self.written:
            with pyarrow.memory_map(str(self.folder / f"{part.start}-{part.stop}.arrow")) as source:
                table = pyarrow.ipc.open_file(source).read_all().replace_schema_metadata(None)
            kept.append(table.drop_columns([PROBLEM]) if drop else table)
            while sum([each.num_rows for each in kept]) >= ROWS:
                whole = pyarrow.concat_tables(kept)
                yield whole.slice(0, ROWS)
                kept = [whole.slice(ROWS)]
        yield pyarrow.concat_tables(kept) if kept else self.plan.schema.empty_table().drop_columns([PROBLEM])

    def join(self, file: str) -> None:
        """Write all parts to one file, which is there whole or not at all, and remove them."""
        metadata = self.plan.metadata(self.stop)
        tables = self.tables()
        first = next(tables)
        schema = first.schema.with_metadata(metadata)
        with destination(file) as write, _writer(suffix_of(file), _Stream(write), schema, self.plan.space.names) as add:
            add(first)
            for table in tables:
                add(table)
        shutil.rmtree(self.folder)


def read_parts(folder: Path) -> Any:
    """What the folder of an unfinished sweep has so far, an Arrow table; nothing in it is changed.

    Its metadata are those of the sweep, with the number of points that were looked at as `drawn`, and `unfinished`.
    Raises ArchcalcError where there is no part yet, and for what is no such folder.
    """
    pyarrow = arrow()
    try:
        told = json.loads((folder / REQUEST).read_bytes())
        metadata = dict(told.get("metadata") or {"space": told["request"]["space"]})
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise ArchcalcError(f"{folder} is not the folder of an unfinished sweep", about="table") from None
    found = _found(folder, remove=False)
    if not found:
        raise ArchcalcError(f"{folder} has no rows yet", about="table")
    tables: list[Any] = []
    for part in found:
        with pyarrow.memory_map(str(folder / f"{part.start}-{part.stop}.arrow")) as source:
            tables.append(pyarrow.ipc.open_file(source).read_all().replace_schema_metadata(None))
    table = pyarrow.concat_tables(tables)
    if not any([part.problems for part in found]):
        table = table.drop_columns([PROBLEM])
    metadata |= {"drawn": found[-1].stop, "unfinished": not found[-1].complete}
    return table.replace_schema_metadata({METADATA: json.dumps(metadata, ensure_ascii=False).encode()})


def _found(folder: Path, *, remove: bool = True) -> list[WrittenPart]:
    """The parts in a folder, from position 0 as far as they follow on each other; others are removed, if wanted."""
    pyarrow = arrow()

    def drop(path: Path) -> None:
        if remove:
            path.unlink()

    names = [(match, path) for path in folder.iterdir() if (match := _PART.fullmatch(path.name))]
    found: list[WrittenPart] = []
    for match, path in sorted(names, key=lambda each: (int(each[0][1]), int(each[0][2]))):
        if int(match[1]) != (found[-1].stop if found else 0):
            drop(path)
            continue
        try:
            with pyarrow.memory_map(str(path)) as source:
                told = dict[bytes, bytes](pyarrow.ipc.open_file(source).schema.metadata or {})[_TOLD]
            found.append(WrittenPart(**json.loads(told)))
        except (pyarrow.ArrowInvalid, LookupError, TypeError, ValueError):
            drop(path)
    for path in folder.glob("*.partial"):
        drop(path)
    return found


@final
class _Stream:
    """A file to write to, as Arrow wants one."""

    def __init__(self, write: Any) -> None:
        self.write_bytes = write
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self.write_bytes(view)
        return view.nbytes

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        """Do nothing: all bytes are passed on."""

    def close(self) -> None:
        self.closed = True


@contextmanager
def _writer(suffix: str, stream: _Stream, schema: Any, axes: tuple[str, ...]) -> Generator[Callable[[Any], None]]:
    """The function that writes a table to a file of a format.

    In parquet, axes and problems are words of a dictionary, and indices differences; quantities have too many values
    for a dictionary, which would be begun and given up in every row group.
    """
    if suffix == ".csv":
        csv = arrow("csv")
        stream.write(f"{','.join(schema.names)}\n".encode())
        made = csv.CSVWriter(stream, schema, write_options=csv.WriteOptions(include_header=False))  # it would be quoted
        bounds: dict[str, int] = {}
    elif suffix == ".arrow":
        made, bounds = arrow("ipc").new_file(stream, schema), {"max_chunksize": ROWS}
    else:
        words = [name for name in schema.names if name in (*axes, PROBLEM)]
        differences = {INDEX: "DELTA_BINARY_PACKED"} if INDEX in schema.names else None
        made = arrow("parquet").ParquetWriter(
            stream, schema, compression="zstd", use_dictionary=words, column_encoding=differences
        )
        bounds = {"row_group_size": ROWS}
    with made as writer:

        def add(table: Any) -> None:
            writer.write_table(table.replace_schema_metadata(schema.metadata), **bounds)

        yield add
