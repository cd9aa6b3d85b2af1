"""A sweep as a stream: what its table is like, then rows as they are computed, then why it ends.

It is how a server answers a sweep: bounded in rows and in points, and it goes on from any position, so that a sweep of
any size is several of them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, final

from archcalc.analysis.quantities import predicted, quantity_of, remark_on
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.questions import question
from archcalc.base.spelling import cut
from archcalc.spaces.arrow import arrow
from archcalc.spaces.plans import DEFAULT_QUANTITIES, METADATA, PROBLEM, SweepPlan
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.stretches import Stretch
from archcalc.spaces.sweeping import MOST_DRAWN, space_of, steps
from archcalc.training import DEFAULT_TRAINING, Training

if TYPE_CHECKING:
    import pandas

MOST_STREAMED = 1_000_000
"""Rows of a stream, at most."""
PART_BYTES = 2**18
"""Bytes of the rows of a part, at most about."""
STRETCH_VALUES = 2**18
"""Values that are computed at a time, at most about."""
MOST_CHUNK = 2**15
FEWEST = 256
"""Points that are looked at together, whatever the number of columns."""
ALL, SAMPLE, LIMIT, DRAWS = "points", "sample", "limit", "draws"
ENDS = (ALL, SAMPLE, LIMIT, DRAWS)
"""Why a stream ends: all points were looked at; the sample is complete; there are as many rows as are allowed, or as
many points were looked at, and there may be more."""
WHOLE, NUMBER, TEXT, FLAG = "whole", "real", "text", "flag"
KINDS = (WHOLE, NUMBER, TEXT, FLAG)
"""Kinds of the values of a column."""


class SweepColumn(NamedTuple):
    """A column of a sweep's table."""

    name: str
    kind: str
    """`whole`, `real`, `text` or `flag`."""
    unit: str
    """The unit of a quantity; empty for an index, an axis and problems."""
    label: str
    """The heading of a quantity in tables; empty for others."""


class SweepHeader(NamedTuple):
    """What a sweep's table is like."""

    space: str
    columns: tuple[SweepColumn, ...]
    """In order; the last is `problem`."""
    points: int
    """The points of the space; all combinations if those that fulfil the constraints cannot be counted."""
    constraints: tuple[str, ...]
    remarks: tuple[str, ...]
    """Sentences on predicted quantities, with their expected errors."""


class SweepPart(NamedTuple):
    """Some rows, in order."""

    batch: Any
    """An Arrow record batch with the columns of the header."""
    drawn: int
    """The position up to which points were looked at; another stream goes on from there, behind these rows."""
    may_pause: bool = False
    """True if what comes next is still to be computed: a stream that is cut here loses no work."""


class SweepEnd(NamedTuple):
    """The end of a stream."""

    drawn: int
    """The position up to which points were looked at, from which another stream goes on."""
    ended: str
    """One of `ENDS`."""


SweepPiece: TypeAlias = SweepHeader | SweepPart | SweepEnd


@final
class SweepStream(Iterator[Any]):
    """The rows of a sweep as they come: an iterator of Arrow record batches, which can be gone through once."""

    def __init__(self, pieces: Iterable[SweepPiece]) -> None:
        self._pieces = iter(pieces)
        self._table = _StreamedTable()

    @property
    def header(self) -> SweepHeader:
        """What the table is like; it waits for the first message."""
        if self._table.header is None:
            self._table.take(next(self._pieces))
        return self._table.known

    @property
    def end(self) -> SweepEnd | None:
        """Why it ended; None before the end."""
        return self._table.end

    def pieces(self) -> Iterator[SweepPiece]:
        """The header, the parts and the end, as far as they are still to come."""
        for piece in self._pieces:
            part = self._table.take(piece)
            yield part or piece

    def parts(self) -> Iterator[SweepPart]:
        """The parts, those without rows among them, which say how many points were looked at."""
        for piece in self.pieces():
            if isinstance(piece, SweepPart):
                yield piece

    def __iter__(self) -> SweepStream:
        return self

    def __next__(self) -> Any:
        return next(part.batch for part in self.parts() if part.batch.num_rows)

    def to_arrow(self) -> Any:
        """The rows that are left as an Arrow table, without `problem` if every network could be built."""
        _ = self.header
        return self._table.joined(list(self))

    def to_pandas(self) -> pandas.DataFrame:
        """The same as a data frame. Raises MissingTool without pandas."""
        need("pandas", "to_pandas")
        return self.to_arrow().to_pandas()

    def close(self) -> None:
        """End it: nothing more is computed."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()


@final
class AsyncSweepStream(AsyncIterator[Any]):
    """The rows of a sweep as they come from a server: an asynchronous iterator of Arrow record batches."""

    def __init__(self, pieces: AsyncIterator[SweepPiece]) -> None:
        self._pieces = pieces
        self._table = _StreamedTable()

    async def header(self) -> SweepHeader:
        """What the table is like."""
        if self._table.header is None:
            self._table.take(await anext(self._pieces))
        return self._table.known

    @property
    def end(self) -> SweepEnd | None:
        """Why it ended; None before the end."""
        return self._table.end

    def __aiter__(self) -> AsyncSweepStream:
        return self

    async def __anext__(self) -> Any:
        async for piece in self._pieces:
            part = self._table.take(piece)
            if part is not None and part.batch.num_rows:
                return part.batch
        raise StopAsyncIteration

    async def to_arrow(self) -> Any:
        """The rows that are left as an Arrow table, without `problem` if every network could be built."""
        await self.header()
        return self._table.joined([batch async for batch in self])

    async def to_pandas(self) -> pandas.DataFrame:
        """The same as a data frame. Raises MissingTool without pandas."""
        need("pandas", "to_pandas")
        return (await self.to_arrow()).to_pandas()

    async def aclose(self) -> None:
        """End it: nothing more is computed."""
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()


@final
class _StreamedTable:
    """What is known of a table from the pieces so far."""

    def __init__(self) -> None:
        self.header: SweepHeader | None = None
        self.end: SweepEnd | None = None
        self.schema: Any = None

    @property
    def known(self) -> SweepHeader:
        if self.header is None:
            raise ArchcalcError("a sweep was sent without a header")
        return self.header

    def take(self, piece: SweepPiece) -> SweepPart | None:
        """The part that a piece is, with the columns of the header; None for a header and an end."""
        if isinstance(piece, SweepHeader):
            self.header, self.schema = piece, _schema(piece)
        elif isinstance(piece, SweepEnd):
            self.end = piece
        else:
            return piece._replace(batch=self._of(piece.batch))
        return None

    def _of(self, batch: Any) -> Any:
        """A batch with the columns of the header; a column without values may be of the type null."""
        if not batch.num_rows:
            return arrow().RecordBatch.from_pylist([], schema=self.schema)
        if batch.num_columns != len(self.known.columns):
            raise ArchcalcError("rows of a sweep were sent without some of their columns")
        columns = [
            column if column.type == each.type else column.cast(each.type)
            for column, each in zip(batch.columns, self.schema, strict=True)
        ]
        return arrow().RecordBatch.from_arrays(columns, schema=self.schema)

    def joined(self, batches: list[Any]) -> Any:
        table = arrow().Table.from_batches(batches, schema=self.schema)
        if table.column(PROBLEM).null_count == table.num_rows:
            table = table.drop_columns([PROBLEM])
        return table.replace_schema_metadata({METADATA: json.dumps(self._told(), ensure_ascii=False).encode()})

    def _told(self) -> dict[str, Any]:
        end = self.end or SweepEnd(0, "")
        header = self.known
        return {
            "space": header.space,
            "constraints": list(header.constraints),
            "quantities": {column.name: column.unit for column in header.columns if column.unit},
            "points": str(header.points),
            "drawn": end.drawn,
            "ended": end.ended,
        }


def _schema(header: SweepHeader) -> Any:
    """The Arrow schema of the columns of a header."""
    pyarrow = arrow()
    kinds = {WHOLE: pyarrow.int64(), NUMBER: pyarrow.float64(), TEXT: pyarrow.string(), FLAG: pyarrow.bool_()}
    return pyarrow.schema([(column.name, kinds[column.kind]) for column in header.columns])


@question
def sweep_space(
    space: str | DesignSpace,
    quantities: Sequence[str] = DEFAULT_QUANTITIES,
    where: Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    batch: Any = 1,
    dtype: str = "float32",
    training: Training = DEFAULT_TRAINING,
    start: int = 0,
    limit: int = MOST_STREAMED,
    draws: int = MOST_DRAWN,
) -> SweepStream:
    """The rows of `archcalc.sweep` as a stream of Arrow record batches, with a header before and an end behind them.

    `space` is a DesignSpace, the name of one, or the path of a TOML file. The stream ends after `sample` rows, which
    are drawn in the order that the seed fixes, after `limit` rows, and once `draws` points were looked at; its `end`
    says which. With the `drawn` of its end as `start`, another one goes on behind it.

    Raises UnknownName and ArchcalcError for what cannot be read, and for counts that do not fit into 64 bits.

    >>> space = DesignSpace.of("mobilenet_v1", over={"width": "0.25..1:0.25", "size": "128..224:32"})
    >>> stream = sweep_space(space, where=["mult_adds < 50M"])
    >>> [column.name for column in stream.header.columns]
    ['index', 'width', 'size', 'params', 'mult_adds', 'problem']
    >>> stream.to_arrow().select(["width", "size", "mult_adds"]).to_pylist()[0]
    {'width': 0.25, 'size': 128, 'mult_adds': 13570048}
    >>> stream.end
    SweepEnd(drawn=16, ended='points')
    """
    for name, value, least in (("start", start, 0), ("limit", limit, 1), ("draws", draws, 1)):
        if type(value) is not int or not least <= value <= 2**62:
            raise ArchcalcError(f"{name} is a whole number from {least} to 2^62, not {cut(repr(value))}", name)
    found = space_of(space)
    key = (found, tuple(quantities), tuple(where), sample is None, seed, batch, dtype, training)
    plan = _take(key) or SweepPlan(found, quantities, where, sample, seed, batch, dtype, training)
    return SweepStream(_kept(key, plan, _pieces(plan, sample, start, limit, draws)))


def _pieces(plan: SweepPlan, sample: int | None, start: int, limit: int, draws: int) -> Generator[SweepPiece]:
    yield _header(plan)
    length = plan.drawing.length
    stop = start + draws if length is None else min(start + draws, length)
    wanted = limit if sample is None else min(sample, limit)
    chunk = max(FEWEST, min(MOST_CHUNK, STRETCH_VALUES // len(plan.columns)))
    drawn, rows = start, 0
    for stretch in steps(plan, start=start, stop=stop, wanted=wanted, chunk=chunk):
        drawn, rows = stretch.stop, rows + stretch.batch.num_rows
        is_last = rows >= wanted or drawn >= stop
        yield from _parts(stretch, is_last=is_last)
    yield SweepEnd(drawn, _why(rows, drawn, sample, limit, length))


def _why(rows: int, drawn: int, sample: int | None, limit: int, length: int | None) -> str:
    if sample is not None and rows >= sample:
        return SAMPLE
    if rows >= limit:
        return LIMIT
    return ALL if length is not None and drawn >= length else DRAWS


def _parts(stretch: Stretch, *, is_last: bool) -> Iterator[SweepPart]:
    """The rows of a stretch in parts of bounded size."""
    batch = stretch.batch
    rows = max(1, batch.num_rows)
    most = max(1, PART_BYTES * rows // max(batch.nbytes, 1))
    for first in range(0, rows, most):
        last = min(first + most, rows)
        whole = last == rows
        drawn = stretch.stop if whole else stretch.behind(last - 1)
        yield SweepPart(batch.slice(first, last - first), drawn, may_pause=whole and not is_last)


def _header(plan: SweepPlan) -> SweepHeader:
    kinds = {"int64": WHOLE, "double": NUMBER, "string": TEXT, "bool": FLAG}
    columns: list[SweepColumn] = []
    for each in plan.schema:
        row = quantity_of(each.name) if each.name in plan.quantities else None
        unit, label = ("", "") if row is None else (row.unit, row.label)
        columns.append(SweepColumn(each.name, kinds[str(each.type)], unit, label))
    return SweepHeader(
        plan.space.name,
        tuple(columns),
        plan.points,
        tuple([each.text for each in plan.space.constraints]),
        tuple([remark_on(key) for key in predicted(plan.computed)]),
    )


# --- Plans of streams that ended, so that one that goes on behind another builds nothing again.

MOST_KEPT = 4
_spare: dict[Any, SweepPlan] = {}
"""Plans that no stream uses at present: one that is in use is not among them, as it is for one thread."""


def _take(key: Any) -> SweepPlan | None:
    try:
        return _spare.pop(key, None)
    except TypeError:  # an argument that is no key: the plan will refuse it
        return None


def _kept(key: Any, plan: SweepPlan, pieces: Generator[SweepPiece]) -> Generator[SweepPiece]:
    """The pieces of a plan, which is kept for the next stream, unless an error ends this one."""
    try:
        yield from pieces
    except GeneratorExit:
        _keep(key, plan)
        raise
    _keep(key, plan)


def _keep(key: Any, plan: SweepPlan) -> None:
    for old in list(_spare)[: max(0, len(_spare) + 1 - MOST_KEPT)]:
        _spare.pop(old, None)
    _spare[key] = plan
