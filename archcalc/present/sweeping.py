"""The table of `archcalc sweep`: a line for each point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from archcalc.analysis.quantities import predicted, quantity_of, remark_on
from archcalc.present.latency import seconds
from archcalc.present.tables import Column, Table, human, human_bytes, left
from archcalc.spaces.plans import INDEX, PROBLEM, REAL, SweepPlan
from archcalc.spaces.space import is_size


def sweep_table(plan: SweepPlan, records: Sequence[Mapping[str, Any]], remarks: Sequence[str]) -> Table:
    """A table with a line for each row: the axes, the quantities, and the reason where there is no network."""
    names = [name for name in plan.columns if name != PROBLEM or any([each.get(PROBLEM) for each in records])]
    columns = [_column(plan, name, place) for place, name in enumerate(names)]
    rows = [[each[name] for name in names] for each in records]
    said = [*remarks, *[remark_on(key) for key in predicted(plan.computed)]]
    return Table(_caption(plan), columns if records else [], rows, remarks=said)


def _column(plan: SweepPlan, name: str, place: int) -> Column:
    """A column; on a narrow terminal the index goes first, then the last axes, then the last quantities."""
    if name == PROBLEM:
        return left(PROBLEM, "wrap")
    if name == INDEX:
        return Column(name, str, rank=1000)
    if name in plan.space.names:
        right = plan.space.axis(name).is_numeric
        of_input = plan.space.assemble is None and is_size(name, plan.space.resolved)
        return Column(f"input {name}" if of_input else name, _axis, right=right, rank=500 + place)
    first = name == plan.quantities[0]
    return Column(quantity_of(name).label, _writer(name), rank=0 if first else 1 + place)


def _writer(key: str) -> Callable[[Any], str]:
    unit = quantity_of(key).unit
    if unit == "seconds":
        return seconds
    if key == REAL:
        return _real
    return human_bytes if unit == "bytes" else str if unit in ("pixels", "layers") else human


def _axis(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _real(value: Any) -> str:
    return f"{value:.4g}"


def _caption(plan: SweepPlan) -> str:
    parts = [f"{plan.space.name}: {plan.points:,} points"]
    if plan.where:
        parts.append(f"with {' and '.join(plan.where)}")
    if plan.sample is not None:
        parts.append(f"{plan.sample:,} drawn with seed {plan.seed}")
    return ", ".join(parts)


def found_remarks(plan: SweepPlan, rows: int, drawn: int) -> list[str]:
    """A sentence where a sample has fewer rows than are wanted."""
    if plan.sample is None or rows >= plan.sample:
        return []
    length = plan.drawing.length
    end = "the space has no more" if length is not None and drawn >= length else "--draws N looks at more"
    return [f"Only {rows:,} of {plan.sample:,} rows were found among {drawn:,} points: {end}."]
