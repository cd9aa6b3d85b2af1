"""The values of a plot for a screen: a box around each mark that tells its record, and the records as a table.

Figures say nothing of which mark is which record. So a mark is given a record only if they agree: its coordinates are
numbers of the record, in the unit of the axis. A mark that agrees with several records or with none has no box.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archcalc.reports.blocks import Grid, GridColumn, PlotMark, ShownNumber, Text, TextSpan

Record = Mapping[str, object]
NAMES = ("layer", "label", "entry", "type", "architecture", "network", "device")
"""The keys that say what a record is of, the most telling first."""
LEAST = 3.0
"""Half the side of the smallest box, in points."""
UNITS = (1.0, 1e2, 1e3, 1e6, 1e9, 1e12)
"""Numbers of a record divided by one of these are coordinates: milliseconds, per cent, millions."""

EQUAL, ROUNDED = 1e-9, 3e-6
"""Relative differences of a coordinate and a number of a record, and of one that is rounded to six digits there."""


class MarkedPoint(NamedTuple):
    """A mark of a figure: its coordinates (None: not one of a record), and its box in points from the figure's top."""

    x: float | None
    y: float | None
    box: tuple[float, float, float, float]


def marks(figure: Any, records: Sequence[Record]) -> list[PlotMark]:
    """The marks that agree with one record, largest first, so that none is hidden by a larger one."""
    varying = _varying(records)
    found: dict[tuple[int, str], PlotMark] = {}
    for number, axes in enumerate(figure.axes):
        for gid, points in _points(figure, axes).items():
            for box, record in _agreeing(gid, points, records):
                left, high, right, low = [round(float(side), 2) for side in box]
                mark = PlotMark(left, high, right, low, says(record, varying))
                before = found.get((number, mark.says))
                if before is None or _area(before) < _area(mark):
                    found[number, mark.says] = mark
    return sorted(found.values(), key=_area, reverse=True)


def _area(mark: PlotMark) -> float:
    return (mark.right - mark.left) * (mark.bottom - mark.top)


def _points(figure: Any, axes: Any) -> dict[str, list[MarkedPoint]]:
    """The marks of axes by the id that their artist has."""
    from matplotlib.patches import Rectangle

    groups: dict[str, list[MarkedPoint]] = {}
    top = figure.get_figheight() * 72
    for line in axes.lines:
        radius = max(LEAST, line.get_markersize() / 2 if line.get_marker() not in ("None", "", None) else LEAST)
        for x, y in line.get_xydata() if line.get_gid() else ():
            right, up = axes.transData.transform((x, y))
            box = (right - radius, top - up - radius, right + radius, top - up + radius)
            groups.setdefault(line.get_gid(), []).append(MarkedPoint(float(x), float(y), box))
    frame = axes.get_window_extent()
    for bar in axes.patches:
        if isinstance(bar, Rectangle) and bar.get_gid() and bar.get_y() == 0:
            sides = [float(axes.transData.transform((x, 0))[0]) for x in (bar.get_x(), bar.get_x() + bar.get_width())]
            box = (sides[0], top - float(frame.y1), sides[1], top - float(frame.y0))
            groups.setdefault(str(bar.get_gid()), []).append(MarkedPoint(None, float(bar.get_height()), box))
    return groups


def _agreeing(gid: str, points: Sequence[MarkedPoint], records: Sequence[Record]) -> Iterator[tuple[Any, Record]]:
    """The points of one artist that are one record each."""
    named = [each for each in records if any(isinstance(value, str) and _ends(gid, value) for value in each.values())]
    among = named or records
    for place, point in enumerate(points):
        fitting: list[Record] = []
        for near in (EQUAL, ROUNDED):
            fitting = fitting or [each for each in among if _fits(point, each, bool(named), near)]
        if len(points) == len(among) and among[place] in fitting:
            fitting = [among[place]]
        if len(fitting) == 1:
            yield point.box, fitting[0]


def _ends(gid: str, value: str) -> bool:
    return bool(value) and (gid == value or gid.endswith(f" {value}"))


def _fits(point: MarkedPoint, record: Record, named: bool, near: float) -> bool:
    """Return True if a point's coordinates are numbers of a record; one is enough for a point that names it."""
    numbers = [each for each in record.values() if isinstance(each, (int, float)) and not isinstance(each, bool)]
    agree = [
        any([math.isclose(number / unit, side, rel_tol=near) for number in numbers for unit in UNITS])
        for side in (point.x, point.y)
        if side is not None
    ]
    return any(agree) if named else all(agree)


def says(record: Record, keys: Sequence[str]) -> str:
    """The values of a record in lines, its names first.

    >>> record = {"layer": "conv1", "params": 1792, "count": 86704128, "convention": "mult_adds"}
    >>> print(says(record, ["params", "count"]))
    conv1
    params 1,792
    mult adds 86,704,128
    """
    names = dict.fromkeys([str(record[key]) for key in NAMES if key in keys and record.get(key)])
    name = ", ".join(names) or next((str(record[key]) for key in NAMES if record.get(key)), "")
    lines = [
        f"{_heading(key, record)} {written(key, record[key])}" for key in keys if key not in NAMES and key in record
    ]
    return "\n".join([*([name] if name else []), *lines])


def _varying(records: Sequence[Record]) -> list[str]:
    """The keys whose values are not the same in all records."""
    keys = dict.fromkeys([key for each in records for key in each])
    return [key for key in keys if len({str(each.get(key)) for each in records}) > 1 or len(records) == 1]


def _heading(key: str, record: Record) -> str:
    word = str(record["convention"]) if key == "count" and record.get("convention") else key
    return word.replace("_", " ")


def written(key: str, value: object) -> str:
    """A value as a reader writes it: counts in groups of three digits, years without."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if key == "year" else f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:.6g}"
    return "" if value is None else str(value)


def table(heading: str, records: Sequence[Record]) -> Grid | None:
    """The records as a table; what is the same in all is said below it. None if there are none."""
    if not records:
        return None
    keys = _varying(records)
    first = sorted([key for key in keys if key in NAMES], key=NAMES.index)
    keys = [*first, *[key for key in keys if key not in first]]
    same = [f"{key.replace('_', ' ')} {written(key, value)}" for key, value in records[0].items() if key not in keys]
    right = [all(_is_number(each.get(key)) for each in records) for key in keys]
    columns = [GridColumn(_heading(key, records[0]), number) for key, number in zip(keys, right, strict=True)]
    rows = [[_cell(key, each.get(key)) for key in keys] for each in records]
    remarks = [f"The same in all rows: {'; '.join(same)}."] if same else []
    return Grid([TextSpan("Values", "strong"), f" of the plot \u201c{heading}\u201d."], columns, rows, (), remarks)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cell(key: str, value: object) -> Text:
    shown = written(key, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return ShownNumber(shown, value)
    return (TextSpan(shown, "name"),) if key in ("architecture", "layer", "network") and shown else shown
