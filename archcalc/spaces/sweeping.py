"""Sweeps: quantities of the networks at all points of a space, or at a sample of those that fulfil conditions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, final

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.questions import are_sent, checked
from archcalc.base.spelling import cut
from archcalc.request import Request
from archcalc.spaces.arrow import arrow
from archcalc.spaces.executors import CHUNK, FIRST, Crew, Cutter, crew_of, in_order
from archcalc.spaces.named import space_meant
from archcalc.spaces.parts import Parts, parts_of, suffix_of
from archcalc.spaces.plans import DEFAULT_QUANTITIES, METADATA, PROBLEM, SweepPlan
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.stretches import Stretch
from archcalc.training import DEFAULT_TRAINING, Training

if TYPE_CHECKING:
    import pandas

MOST_ROWS = 10_000_000
"""Rows of a sweep that is not written to a file, at most."""
MOST_DRAWN = 100_000_000
"""Points that are looked at for a sample, at most, unless another number is given."""


class SweepProgress(NamedTuple):
    """What is done of a sweep, all parts of earlier runs included."""

    drawn: int
    """Points that were looked at."""
    points: int | None
    """Points that there are to look at; None: there is no end, as they are drawn with replacement."""
    rows: int
    """Rows that were found."""
    wanted: int | None
    """Rows that are wanted; None: all."""
    before: int = 0
    """Points that an earlier run had looked at."""
    rows_before: int = 0
    """Rows that an earlier run had found."""


@final
class SweepRows:
    """The rows of a sweep: in memory, or in the file that they were written to.

    Iterated over, it gives Arrow record batches; `len` is the number of rows.
    """

    def __init__(self, batches: Callable[[], Iterator[Any]], schema: Any, rows: int, path: str = "") -> None:
        self._batches, self._schema, self._rows = batches, schema, rows
        self.path = path
        """The file that has the rows; empty if they are in memory."""

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[Any]:
        return self._batches()

    def __repr__(self) -> str:
        return f"<{self._rows:,} rows of {', '.join(self.columns)}>"

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns: `index`, the axes, the quantities, and `problem` if a network cannot be built."""
        return tuple(self._schema.names)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The sweep's metadata: `space`, `constraints`, `where`, `seed`, `drawn` (points looked at), and others.

        Empty for a .csv file that is opened later.
        """
        return json.loads(dict[bytes, bytes](self._schema.metadata or {}).get(METADATA, b"{}"))

    def to_arrow(self) -> Any:
        """All rows as an Arrow table. Raises ArchcalcError for more than `MOST_ROWS`."""
        if self._rows > MOST_ROWS:
            said = f"{self._rows:,} rows are more than {MOST_ROWS:,}: go through the batches, or query {self.path}"
            raise ArchcalcError(said)
        return arrow().Table.from_batches(list(self), schema=self._schema)

    def to_pandas(self) -> pandas.DataFrame:
        """All rows as a data frame; raises as `to_arrow` does, and MissingTool without pandas."""
        need("pandas", "to_pandas")
        return self.to_arrow().to_pandas()


Watch = Callable[[SweepProgress], None]


def steps(
    plan: SweepPlan,
    crew: Crew | None = None,
    *,
    start: int = 0,
    stop: int | None = None,
    wanted: int | None = None,
    chunk: int = CHUNK,
) -> Generator[Stretch]:
    """The rows of a plan, stretch by stretch, of the points at positions from `start` to before `stop`; None: no end.

    After `wanted` rows it ends; the last stretch then ends with the last row.
    """
    found = 0
    first = FIRST if wanted is None else min(FIRST, 2 * max(wanted, 8))  # few rows may be few networks
    stretches = in_order(plan, Cutter(start, stop, chunk, first), crew)
    try:
        while wanted is None or found < wanted:
            stretch = next(stretches, None)
            if stretch is None:
                break
            if wanted is not None and found + stretch.batch.num_rows >= wanted:
                stretch = stretch.first(wanted - found)
            found += stretch.batch.num_rows
            yield stretch
    finally:
        stretches.close()


def run(
    plan: SweepPlan,
    crew: Crew | None = None,
    *,
    parts: Parts | None = None,
    limit: int | None = None,
    draws: int = MOST_DRAWN,
    chunk: int = CHUNK,
    watch: Watch | None = None,
) -> tuple[list[Any], int]:
    """The record batches of a plan, unless they go to `parts`, and the number of points that were looked at.

    It ends after the sample, or after `limit` rows. What goes to parts is written when it is interrupted, too.
    """
    length = plan.drawing.length
    stop = length if plan.sample is None else draws if length is None else min(draws, length)
    wanted = plan.sample if limit is None else min(limit, plan.sample or limit)
    start, rows = (parts.stop, parts.total) if parts else (0, 0)
    before, rows_before, batches = start, rows, list[Any]()
    drawn = start
    bounds: dict[str, Any] = {"start": start, "stop": stop, "wanted": None if wanted is None else wanted - rows}
    source = _asked(plan, **bounds) if are_sent() else steps(plan, crew, chunk=chunk, **bounds)
    try:
        for stretch in source:
            batch, drawn = stretch.batch, stretch.stop
            rows += batch.num_rows
            if parts is not None:
                parts.add(batch, drawn)
            elif batch.num_rows:
                batches.append(batch)
                _check_memory(rows)
            if watch is not None:
                watch(SweepProgress(drawn, length, rows, wanted, before, rows_before))
    except BaseException:
        if parts is not None:
            parts.flush()
        raise
    finally:
        source.close()
    if parts is not None:
        parts.flush(complete=True)
    return batches, drawn


def _asked(plan: SweepPlan, *, start: int, stop: int | None, wanted: int | None) -> Generator[Stretch]:
    """The steps of a plan, computed by the server that questions are sent to, in as many calls as its limits take."""
    from archcalc.spaces.streaming import ALL, MOST_STREAMED, sweep_space

    while (wanted is None or wanted > 0) and (stop is None or start < stop):
        most = MOST_STREAMED if wanted is None else min(wanted, MOST_STREAMED)
        stream = sweep_space(
            plan.space,
            plan.quantities,
            plan.where,
            None if plan.sample is None else most,
            plan.seed,
            plan.batch,
            plan.dtype,
            plan.training,
            start,
            most,
            MOST_DRAWN if stop is None else min(stop - start, MOST_DRAWN),
        )
        try:
            for part in stream.parts():
                yield Stretch(start, part.drawn, part.batch, None, 0.0)
                start = part.drawn
                wanted = None if wanted is None else wanted - part.batch.num_rows
        finally:
            stream.close()
        if stream.end is None or stream.end.ended == ALL:
            return
        start = stream.end.drawn


def _check_memory(rows: int) -> None:
    if rows > MOST_ROWS:
        raise _too_many(f"more than {MOST_ROWS:,}")


def _too_many(number: str) -> ArchcalcError:
    return ArchcalcError(f"{number} rows are too many for memory: write them to a file by output, or draw a sample")


@checked
def sweep(
    space: Any,
    *,
    over: Mapping[str, Any] | None = None,
    constraints: Sequence[str] = (),
    quantities: Sequence[str] = DEFAULT_QUANTITIES,
    where: Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    batch: Any = 1,
    dtype: str = "float32",
    training: Training = DEFAULT_TRAINING,
    jobs: int = 1,
    dask: str = "",
    executor: Executor | None = None,
    output: str | None = None,
    restart: bool = False,
    draws: int = MOST_DRAWN,
    chunk: int = CHUNK,
    progress: Watch | None = None,
) -> SweepRows:
    """Quantities of the networks at all points of a design space, or at a sample of them, as a table.

    `space` is a DesignSpace, the name of one, the path of its TOML file, or a network with axes in `over`: `{"width":
    "16..512:16"}`. `over` may change axes of a space by name or of a file. `constraints` are on axes, conditions in
    `where` on axes and quantities (`mult_adds < 400M`); a row fulfils them all. `sample` is the number of
    rows that are drawn at random; the seed fixes which, on any number of processes. Drawing ends at `draws` points.

    It runs in this process, in `jobs` processes, on the workers of the Dask scheduler at the address `dask`, or on any
    `executor`. A script that uses `jobs` needs `if __name__ == "__main__":` around what it does. `output` is a file
    (.parquet, .arrow or .csv) for any number of rows; its parts are in a folder beside it until it is whole, and a
    sweep that was interrupted goes on from them, or with `restart` begins again. `progress` is called with a
    SweepProgress.

    Raises UnknownName and ArchcalcError for what cannot be read, for counts that do not fit into 64 bits, for parts of
    another sweep, and for more than 10 million rows without `output`. A point at which no network can be built has no
    quantities, and the reason in the column `problem`.

    >>> rows = sweep("mobilenet_v1", over={"width": "0.25..1:0.25", "size": "128..224:32"}, where=["mult_adds < 50M"])
    >>> rows.to_arrow().select(["width", "size", "mult_adds"]).to_pylist()[0]
    {'width': 0.25, 'size': 128, 'mult_adds': 13570048}
    """
    plan = SweepPlan(space_of(space, over, constraints), quantities, where, sample, seed, batch, dtype, training)
    for name, value in (("draws", draws), ("chunk", chunk)):
        if type(value) is not int or value < 1:
            raise ArchcalcError(f"{name} is a whole number from 1, not {cut(repr(value))}", name)
    return swept(
        plan,
        jobs=jobs,
        dask=dask,
        executor=executor,
        output=output,
        restart=restart,
        draws=draws,
        chunk=chunk,
        watch=progress,
    )


def swept(
    plan: SweepPlan,
    *,
    jobs: int = 1,
    dask: str = "",
    executor: Executor | None = None,
    output: str | None = None,
    restart: bool = False,
    watch: Watch | None = None,
    **bounds: Any,
) -> SweepRows:
    """The rows of a plan; arguments are those of `sweep`, and the bounds of `run`."""
    if are_sent() and (jobs != 1 or dask or executor is not None or plan.evaluator is not None):
        said = "a server computes this sweep: jobs, dask, executor and evaluator are for sweeps on this machine"
        raise ArchcalcError(said, "jobs")
    if output is not None:
        suffix_of(output)
    elif (plan.sample or 0) > MOST_ROWS:
        raise _too_many(f"{plan.sample:,}")
    elif plan.sample is None and not plan.where and bounds.get("limit") is None and plan.points > MOST_ROWS:
        raise _too_many(f"{plan.points:,}")
    with ExitStack() as stack:
        parts = None if output is None else stack.enter_context(parts_of(output, plan, restart=restart))
        if parts is not None and parts.complete:
            return _joined(plan, parts, str(output))
        crew = stack.enter_context(crew_of(jobs, dask, executor))
        batches, drawn = run(plan, crew, parts=parts, watch=watch, **bounds)
        if parts is not None:
            return _joined(plan, parts, str(output))
    return _in_memory(plan, batches, drawn)


def _in_memory(plan: SweepPlan, batches: list[Any], drawn: int) -> SweepRows:
    table = arrow().Table.from_batches(batches, schema=plan.schema)
    if table.column(PROBLEM).null_count == table.num_rows:
        table = table.drop_columns([PROBLEM])
    table = table.replace_schema_metadata(plan.metadata(drawn))
    return SweepRows(lambda: iter(table.to_batches()), table.schema, table.num_rows)


def _joined(plan: SweepPlan, parts: Parts, file: str) -> SweepRows:
    drawn = parts.stop
    parts.join(file)
    return rows_of(file, plan.schema.with_metadata(plan.metadata(drawn)))


def rows_of(file: str, schema: Any = None) -> SweepRows:
    """The rows in a file that a sweep was written to; they are read as they are gone through.

    `schema` says the types and the metadata of a .csv file, which has none. Raises ArchcalcError for what is no such
    file.
    """
    suffix = suffix_of(file)
    pyarrow = arrow()
    try:
        if suffix == ".parquet":
            whole = arrow("parquet").ParquetFile(file)
            return SweepRows(whole.iter_batches, whole.schema_arrow, whole.metadata.num_rows, file)
        if suffix == ".arrow":
            reader = pyarrow.ipc.open_file(pyarrow.memory_map(file))
            count = sum([reader.get_batch(place).num_rows for place in range(reader.num_record_batches)])
            each = range(reader.num_record_batches)
            return SweepRows(lambda: map(reader.get_batch, each), reader.schema, count, file)
        return _of_csv(file, schema)
    except (OSError, pyarrow.ArrowInvalid) as error:
        raise ArchcalcError(f"{file} cannot be read: {' '.join(str(error).split())[:200]}", "output") from error


def _of_csv(file: str, schema: Any) -> SweepRows:
    csv = arrow("csv")
    kinds = {} if schema is None else {field.name: field.type for field in schema}
    options = csv.ConvertOptions(column_types=kinds, strings_can_be_null=True)

    def batches() -> Iterator[Any]:
        with csv.open_csv(file, convert_options=options) as stream:
            yield from stream

    with csv.open_csv(file, convert_options=options) as stream:
        found, count = stream.schema, sum([batch.num_rows for batch in stream])
    return SweepRows(batches, found.with_metadata(None if schema is None else schema.metadata), count, file)


def space_of(given: Any, over: Mapping[str, Any] | None = None, constraints: Sequence[str] = ()) -> DesignSpace:
    """The space that is meant: one that is given, by its name or TOML file too, or a network's with axes in `over`.

    `over` has other values of some axes of a space by name or of a file. A name of a space and of a network, such as
    mobilenet_v1, is the space, or with axes of the network the network. `constraints` come on top of a space's own.
    Raises UnknownName, and ArchcalcError for a network without axes, and for axes of a DesignSpace.
    """
    texts = (constraints,) if isinstance(constraints, str) else tuple(constraints)
    found = _found(given, over or ())
    if isinstance(found, DesignSpace):
        if over and isinstance(given, DesignSpace):
            raise ArchcalcError(f"{found.name} has axes of its own; over is for networks", "over")
        return found.narrowed(over or (), texts) if over or texts else found
    if not over:
        _ = Request.of(found).resolved  # raises UnknownName
        raise ArchcalcError(f"{cut(str(found))} is a network: give its axes in over", "over")
    return DesignSpace.of(found, over=over, where=texts)


def _found(given: Any, axes: Collection[str]) -> Any:
    """The space of a name or of a TOML file, or what was given."""
    if isinstance(given, Path) or (isinstance(given, str) and given.endswith(".toml")):
        from archcalc.spaces.files import read_space

        return read_space(str(given))
    meant = space_meant(given, axes) if isinstance(given, str) else None
    return given if meant is None else meant
