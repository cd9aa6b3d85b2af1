"""One stretch of positions of a sweep: the rows of its points, as an Arrow record batch.

This is what another process is asked for: the plan as bytes, and two numbers.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from functools import lru_cache
from time import perf_counter
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.spaces.arrow import arrow
from archcalc.spaces.plans import INDEX, PROBLEM, SweepPlan

LARGEST = 2**63 - 1


class Stretch(NamedTuple):
    """The rows of the points at positions from `start` to before `stop`."""

    start: int
    stop: int
    batch: Any
    """A record batch with the plan's schema, in the order of the positions."""
    positions: Any
    """The position of every row, counted from `start`: an array; None if all points are taken."""
    seconds: float
    """The time that it took."""

    def behind(self, row: int) -> int:
        """The position behind that of a row. Without an array of positions a point's position is its index."""
        if self.positions is None:
            return self.batch.column(INDEX)[row].as_py() + 1
        return self.start + int(self.positions[row]) + 1

    def first(self, rows: int) -> Stretch:
        """The stretch up to the last of its first `rows` rows, at least one."""
        positions = None if self.positions is None else self.positions[:rows]
        return self._replace(stop=self.behind(rows - 1), batch=self.batch.slice(0, rows), positions=positions)


def stretch_of(payload: bytes, start: int, stop: int) -> Stretch:
    """The rows of a stretch of positions, of the plan in `payload`."""
    return computed(_plan(payload), start, stop)


@lru_cache(maxsize=4)
def _plan(payload: bytes) -> SweepPlan:
    """The plan, kept so that what its evaluator has built is built once."""
    return pickle.loads(payload)  # noqa: S301  from the process that asks


def computed(plan: SweepPlan, start: int, stop: int) -> Stretch:
    """The rows of a stretch of positions.

    Raises ArchcalcError for a count that does not fit into 64 bits, naming the point.
    """
    import numpy

    began = perf_counter()
    drawing, space = plan.drawing, plan.space
    columns: dict[str, Any] = {}
    if space.has_indices:
        columns[INDEX] = drawing.indices(start, stop)
        columns |= space.columns(columns[INDEX])
    else:
        columns |= drawing.columns(start, stop)
    allowed = space.allowed(columns)
    positions = numpy.flatnonzero(allowed)
    if len(positions) < len(allowed):
        columns = {name: column[positions] for name, column in columns.items()}
    axes = {name: columns[name] for name in space.names}
    if len(positions):
        found = plan.working.evaluate(axes)
        columns |= {key: _checked(key, found.columns[key], columns, space.names) for key in plan.computed}
        if found.problems:
            columns[PROBLEM] = numpy.full(len(positions), None, dtype=object)
            for row, text in found.problems.items():
                columns[PROBLEM][row] = text
        if plan.where:
            kept = numpy.flatnonzero(plan.filter.kept({**axes, **{key: columns[key] for key in plan.computed}}))
            columns = {name: column[kept] for name, column in columns.items()}
            positions = positions[kept]
    else:
        columns |= {key: numpy.ma.array([], dtype=numpy.int64) for key in plan.computed}
    batch = _batch(plan, columns)
    return Stretch(start, stop, batch, None if plan.sample is None else positions, perf_counter() - began)


def _checked(key: str, column: Any, columns: Mapping[str, Any], axes: tuple[str, ...]) -> Any:
    """A column of whole or real numbers of 64 bits. Raises ArchcalcError for a number that does not fit."""
    import numpy

    if column.dtype.kind == "O":
        mask = numpy.ma.getmaskarray(column)
        data = numpy.ma.getdata(column)
        missing = mask | numpy.array([value is None for value in data], dtype=bool)
        for row in numpy.flatnonzero(~missing).tolist():
            if isinstance(data[row], int) and not -LARGEST <= data[row] <= LARGEST:
                point = ", ".join([f"{name}={columns[name][row]}" for name in axes])
                at = f"index {columns[INDEX][row]}: " if INDEX in columns else ""
                said = f"{key} at {at}{point} is {data[row]}, more than 64 bits hold"
                raise ArchcalcError(said, "quantities")
        kept = [0 if gone else value for value, gone in zip(data, missing.tolist(), strict=True)]
        return numpy.ma.array(numpy.array(kept), mask=missing)
    if column.dtype.kind == "f":
        return numpy.ma.masked_invalid(column, copy=False)
    return column


def _batch(plan: SweepPlan, columns: Mapping[str, Any]) -> Any:
    """The record batch of columns of one length; there is no column of problems where there is none."""
    import numpy

    pyarrow = arrow()
    rows = len(columns[plan.space.names[0]])
    arrays: list[Any] = []
    for field in plan.schema:
        if field.name not in columns:
            arrays.append(pyarrow.nulls(rows, field.type))
            continue
        column = columns[field.name]
        mask: Any = numpy.ma.getmaskarray(column) if numpy.ma.is_masked(column) else None
        values = numpy.ma.getdata(column)
        if pyarrow.types.is_integer(field.type) and values.dtype.kind == "f":
            values = _whole(field.name, values, False if mask is None else mask)
        arrays.append(pyarrow.array(values, type=field.type, mask=mask))
    return pyarrow.RecordBatch.from_arrays(arrays, schema=plan.schema)


def _whole(name: str, values: Any, mask: Any) -> Any:
    """Whole numbers that were computed as floats. Raises ArchcalcError if one has decimals."""
    import numpy

    values = numpy.where(mask, 0, values)
    whole = values.astype(numpy.int64)
    if (whole != values).any():
        raise ArchcalcError(f"{name} is no whole number at a point of the space", "quantities")
    return whole
