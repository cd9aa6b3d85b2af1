"""Tables of `archcalc front` and `archcalc best`: networks of a sweep, with their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from archcalc.analysis.quantities import QUANTITIES, predicted, remark_on
from archcalc.base.errors import ArchcalcError
from archcalc.present.latency import seconds
from archcalc.present.tables import Column, Table, human, human_bytes
from archcalc.spaces.distributions import Regime
from archcalc.spaces.fronts import Front
from archcalc.spaces.tables import NOT_NUMBERS, SweepTable, heading

_UNSEEN = ("index", *NOT_NUMBERS)
"""Columns that text leaves out; CSV and JSON have them."""


def value_text(value: Any) -> str:
    """A value of a column that is no quantity: a whole number as it is, another with at most six digits."""
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)


def _time(value: Any) -> str:
    return "" if value is None else seconds(value)


def _writer(column: str) -> Callable[[Any], str]:
    if column.startswith("latency@"):
        return _time
    if column in QUANTITIES:
        return human_bytes if QUANTITIES[column].unit == "bytes" else human
    return value_text


def quantity_text(column: str, value: Any) -> str:
    """A value of a column as text, in four digits where it is a quantity: 400.2M."""
    return _writer(column)(value)


def _columns(names: Sequence[str], rows: Iterable[Mapping[str, Any]], first_rank: int) -> list[Column]:
    """A column for each name; the last of them is left out first where there is no room."""
    words = {name for row in rows for name in names if isinstance(row.get(name), str)}
    return [
        Column(heading(name), _writer(name), right=name not in words, rank=first_rank and first_rank + place)
        for place, name in enumerate(names)
    ]


def front_table(found: Front) -> Table:
    """A table with a line for each network of a front: the quantities of the front first."""
    objectives = [*found.minimize, *found.maximize]
    names = list(found.rows[0])
    labels = ["table"] if len(found.tables) > 1 else []
    others = [name for name in names if name not in (*objectives, *labels, *_UNSEEN)]
    columns = [*_columns([*labels, *objectives], found.rows, 0), *_columns(others, found.rows, 1)]
    rows = [[row.get(name) for name in (*labels, *objectives, *others)] for row in found.rows]
    least, most = (" and ".join(map(heading, each)) for each in (found.minimize, found.maximize))
    wanted = " and ".join([*([f"least {least}"] if least else []), *([f"most {most}"] if most else [])])
    number = len(found.rows)
    caption = f"Pareto front of {', '.join(found.tables)}: {number:,} of {found.compared:,} networks, {wanted}"
    return Table(caption, columns, rows, remarks=_front_remarks(found))


def _front_remarks(found: Front) -> list[str]:
    remarks = ["No other network is at least as good in each of these quantities and better in one."]
    if found.equal:
        remarks.append(f"Left out: {found.equal:,} that equal one of these networks in them.")
    if found.without:
        remarks.append(f"Not compared: {found.without:,} that lack one of them, as those do that cannot be built.")
    return [*remarks, *found.chosen, *_on_predictions((*found.minimize, *found.maximize))]


def _on_predictions(columns: Iterable[str]) -> list[str]:
    """What is to be known of columns that are predictions; nothing of a column of one's own that is called alike."""
    remarks: list[str] = []
    for key in predicted(columns):
        try:
            remarks.append(remark_on(key))
        except ArchcalcError:
            continue
    return remarks


def front_records(found: Front) -> list[dict[str, Any]]:
    """The networks of a front with all of their columns, for CSV and JSON."""
    names = dict.fromkeys([name for row in found.rows for name in row])
    return [dict.fromkeys(names) | row for row in found.rows]


def front_data(found: Front) -> dict[str, Any]:
    """A front as plain data, for JSON."""
    return {
        "minimize": list(found.minimize),
        "maximize": list(found.maximize),
        "tables": list(found.tables),
        "compared": found.compared,
        "without": found.without,
        "equal": found.equal,
        "networks": front_records(found),
    }


def _limits(regime: Regime, write: Callable[[Any], str]) -> str:
    """A regime in words: 200M to 400M."""
    low, high = (None if end is None else write(int(end) if end == int(end) else end) for end in regime[:2])
    if low is None:
        return "all" if high is None else f"below {high}"
    return f"from {low}" if high is None else f"{low} to {high}"


def best_table(table: SweepTable, column: str, by: str, found: Sequence[Regime], *, maximize: bool) -> Table:
    """A table with a line for each regime that has networks: how many, the best value, medians, and the best row."""
    shown = [each for each in found if each.networks]
    best = [each.best or {} for each in shown]
    medians = list(shown[0].medians)
    others = [by, *[name for name in table.names if name not in (column, by, *_UNSEEN)]]
    columns = [
        Column(f"{heading(by)} of regime", right=False, narrow="above"),
        Column("networks", human),
        Column(f"best {heading(column)}", _writer(column)),
        Column("median of best 25 %", _writer(column), narrow="wrap"),
        *[each._replace(heading=f"median {each.heading}") for each in _columns(medians, (), 1)],
        *_columns(others, best, 1 + len(medians)),
    ]
    write = _limit_writer(by)
    rows = [
        [_limits(each, write), each.networks, each.value, each.median, *each.medians.values(), *map(row.get, others)]
        for each, row in zip(shown, best, strict=True)
    ]
    total = sum([each.networks for each in found])
    what = f"{'most' if maximize else 'least'} {heading(column)}"
    caption = f"Best networks of {table.title} by regime of {heading(by)}: {what}, of {total:,} networks"
    of = (
        f"Medians are over the best 25 % of a regime's networks by {heading(column)}; other columns are the best one's."
    )
    empty = len(found) - len(shown)
    remarks = [of, *([f"Regimes without a network: {empty}."] if empty else []), *filter(None, [table.remark])]
    remarks += _on_predictions((column,))
    return Table(caption, columns, rows, remarks=remarks)


def _limit_writer(by: str) -> Callable[[Any], str]:
    write = _writer(by)
    if write is value_text:
        return value_text

    def trimmed(value: Any) -> str:
        text = write(value)
        digits = text.rstrip("KMGTPkB")
        return digits.rstrip("0").rstrip(".") + text[len(digits) :] if "." in digits else text

    return trimmed


def best_records(found: Sequence[Regime]) -> list[dict[str, Any]]:
    """A flat dictionary for each regime: its limits, numbers and medians, and every column of its best row."""
    names = dict.fromkeys([name for each in found for name in each.best or ()])
    return [
        {
            "regime_low": each.low,
            "regime_high": each.high,
            "networks": each.networks,
            "best_quarter_median": each.median,
            **{f"median_{name}": value for name, value in each.medians.items()},
            **dict.fromkeys(names),
            **(each.best or {}),
        }
        for each in found
    ]
