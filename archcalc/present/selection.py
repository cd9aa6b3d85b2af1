"""The table of `archcalc list` with conditions, an order or settings: chosen networks and their figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.analysis.quantities import errors_of, predicted, quantity_of, remark_on
from archcalc.analysis.results import settings_text
from archcalc.evidence.selecting import ALWAYS, NetworkSelection
from archcalc.present.latency import seconds
from archcalc.present.tables import Column, Table, human, human_bytes, left
from archcalc.present.words import by


def selection_table(found: NetworkSelection, where: Sequence[str], dataset: str) -> Table:
    """A table with a line for each chosen network: its costs, the figures that were asked for, and its accuracy."""
    extra = [key for key in found.rows[0].values if key not in ALWAYS] if found.rows else []
    accurate = any([row.recipe for row in found.rows])
    settings = [" ".join(settings_text(row.changed)) for row in found.rows]
    batches = len({(row.batch, row.dtype) for row in found.rows}) > 1
    columns = [
        left("name", "above"),
        *([left("settings")] if any(settings) else []),
        Column("description", right=False, narrow="trim", rank=2),
        Column("year"),
        Column("input"),
        *([Column("batch"), left("type")] if batches else []),
        Column("params", human),
        Column("mult-adds", human),
        *[_figure_column(key) for key in extra],
        *([Column("top-1", _percent), left("recipe")] if accurate else []),
    ]
    rows = [
        (
            row.name,
            *([changed] if any(settings) else []),
            row.summary,
            str(row.year),
            by(row.input),
            *([str(row.batch), row.dtype] if batches else []),
            row.values["params"],
            row.values["mult_adds"],
            *[row.values[key] for key in extra],
            *([row.top1, row.recipe] if accurate else []),
        )
        for row, changed in zip(found.rows, settings, strict=True)
    ]
    number = len({row.name for row in found.rows})
    caption = f"{number} architecture{'' if number == 1 else 's'}" + (f" with {' and '.join(where)}" if where else "")
    return Table(caption, columns if rows else [], rows, remarks=_selection_remarks(found, accurate, dataset))


def _figure_column(key: str) -> Column:
    quantity = quantity_of(key)
    return Column(quantity.label, {"bytes": human_bytes, "seconds": seconds}.get(quantity.unit, human))


def _percent(value: Any) -> str:
    return "" if value is None else f"{value:.2f}"


def _selection_remarks(found: NetworkSelection, accurate: bool, dataset: str) -> list[str]:
    remarks = [remark_on(key) for key in predicted(found.rows[0].values if found.rows else ())]
    if accurate:
        remarks.append(
            f"Top-1: per cent on {dataset}, the best published of one crop at that input without further training "
            "data; recipes differ, and `archcalc accuracy NAME` lists all."
        )
    if found.unknown:
        remarks.append(f"Left out: {found.unknown} networks without a figure that the condition needs.")
    if found.refused:
        first = found.refused[0]
        names = len({each.name for each in found.refused})
        remarks.append(f"Left out: {names} that cannot be built so, such as {first.name} ({first.reason}).")
    return remarks


def selection_data(found: NetworkSelection) -> list[dict[str, Any]]:
    """The chosen networks as plain data, for JSON."""
    return [
        {
            "name": row.name,
            "summary": row.summary,
            "year": row.year,
            "settings": dict(row.changed),
            "input": list(row.input),
            "batch": row.batch,
            "dtype": row.dtype,
            **row.values,
            **errors_of(row.values),
            **({"top1": row.top1, "top5": row.top5, "recipe": row.recipe} if row.recipe else {}),
        }
        for row in found.rows
    ]


def selection_records(found: NetworkSelection) -> list[dict[str, Any]]:
    """The chosen networks as flat dictionaries, for CSV."""
    accurate = any([row.recipe for row in found.rows])
    scores = dict.fromkeys(("top1", "top5", "recipe")) if accurate else {}
    return [
        {
            **{key: value for key, value in each.items() if key not in scores},
            "settings": " ".join(settings_text(each["settings"])),
            "input": by(each["input"]),
            **scores,
            **{key: each[key] for key in scores if key in each},
        }
        for each in selection_data(found)
    ]
