"""Tables for plots, fronts and regimes: those that are read, and those that are made of design spaces on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from archcalc.analysis.quantities import QUANTITIES, read_quantity
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.spelling import matched, shown
from archcalc.spaces.plans import DEFAULT_QUANTITIES, SweepPlan
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.sweeping import space_of, swept
from archcalc.spaces.tables import SweepTable, TableLike, is_table, table_of

MOST_POINTS = 200_000
"""Points of a space that are all taken where no sample is asked for, at most."""


class SpaceSample(NamedTuple):
    """Which networks of a design space are looked at, and how their quantities are counted."""

    sample: int | None = None
    """The number of networks that are drawn at random; None: all."""
    seed: int = 0
    where: tuple[str, ...] = ()
    """Conditions on axes and quantities."""
    quantities: tuple[str, ...] = ()
    """Quantities beside those that are needed."""
    batch: Any = 1
    dtype: str = "float32"


ALL = SpaceSample()


def tables_from(
    sources: Sequence[Any],
    columns: Sequence[str],
    sample: SpaceSample = ALL,
    watch: Callable[[], Any] | None = None,
) -> list[SweepTable]:
    """The tables of some sources: those of files as they are, and of design spaces with the columns that are needed.

    A source is what `table_of` takes, or a DesignSpace, its name, or its TOML file; `columns` are axes and quantities.
    `watch` gives a context whose value is called with the progress of a sweep. Raises ArchcalcError for a sample and
    conditions where all sources are tables, and for a large space without a sample; UnknownName for a column that a
    space has not.

    >>> (table,) = tables_from(["mobilenet_v1"], ["mult_adds", "width"])
    >>> table.names, table.rows
    (('index', 'width', 'size', 'mult_adds'), 16)
    """
    read = [space_in(source) or source for source in sources]
    if sample != ALL and not any([isinstance(each, DesignSpace) for each in read]):
        said = "sample, seed, where, quantities, batch and dtype are for design spaces"
        raise ArchcalcError(f"{said}, and a table has its networks already: a range takes some of them", about="sample")
    return [_made(each, columns, sample, watch) if isinstance(each, DesignSpace) else table_of(each) for each in read]


def space_in(source: TableLike | DesignSpace) -> DesignSpace | None:
    """The design space that a source is or names; None for a table. Raises as `space_of` does for what is neither."""
    if isinstance(source, DesignSpace):
        return source
    if is_table(source):
        return None
    try:
        return space_of(source)
    except UnknownName as error:
        said = "neither a design space (`archcalc spaces` lists them) nor a .parquet, .arrow or .csv file"
        raise UnknownName(f"{shown(str(source))} is {said}", error.nearest, "table", "table", str(source)) from None


def _made(space: DesignSpace, columns: Sequence[str], sample: SpaceSample, watch: Any) -> SweepTable:
    """The table of a space, with the quantities that are among the columns."""
    words = [each for each in columns if not _is_axis(space, each)]
    keys = [_quantity(space, each) for each in (*words, *sample.quantities)]
    plan = SweepPlan(
        space, keys or DEFAULT_QUANTITIES[:1], sample.where, sample.sample, sample.seed, sample.batch, sample.dtype
    )
    if sample.sample is None and plan.points > MOST_POINTS:
        said = f"{space.name} has {plan.points:,} points: draw some of them by --sample 500 (sample=500)"
        raise ArchcalcError(said, about="sample")
    if watch is None:
        rows = swept(plan)
    else:
        with watch() as progress:
            rows = swept(plan, watch=progress)
    if not len(rows):
        raise ArchcalcError(f"{space.name} has no network that fulfils {' and '.join(plan.where)}", about="where")
    return SweepTable(space.name, rows.to_arrow())


def _is_axis(space: DesignSpace, word: str) -> bool:
    return any([matched(word) == matched(name) for name in space.names])


def _quantity(space: DesignSpace, word: str) -> str:
    try:
        return read_quantity(word, tuple(QUANTITIES), "column", about="column")
    except UnknownName as error:
        said = f"{space.name} has no axis {shown(word)}, and no quantity is called so"
        near = f"nearest: {', '.join(error.nearest)}" if error.nearest else f"its axes are {', '.join(space.names)}"
        raise UnknownName(f"{said}; {near}", error.nearest, "column", "column", word) from None
