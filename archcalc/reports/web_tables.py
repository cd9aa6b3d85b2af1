"""Tables of a web page: captions, heads, rows with ids, and the number by which each cell is sorted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from archcalc.reports.blocks import Formulas, Grid, GridColumn, ShownNumber, Text, anchor, plain
from archcalc.reports.web_mathematics import letters, mathematics
from archcalc.reports.web_text import rich

LONG = 15
"""The most rows of a table without a field to search in it."""
WIDE, LONG_NAME = 26, 14
"""Lengths in letters: a longer cell is broken into lines, a longer name in the first column after dots."""
UNITS = {"": 1, "K": 10**3, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
SHOWN = re.compile(r"\(?([+\u2212-]?[\d,]*\.?\d+)[\u202f ]?([KkMGTP]?)B?(?: ?%)?\)?")
"""A number as tables show it: 1,234; (15.47G); 102.2 MB; -0.5 %."""


def table(grid: Grid, key: str) -> Iterator[str]:
    """A table in a frame of its own, in which it scrolls where it is wider than the page."""
    sides = [_side(column, [plain(row[place]) for row in grid.rows]) for place, column in enumerate(grid.columns)]
    heads = "".join(
        f'<th scope="col"{side}>{escape(column.heading)}</th>' if column.heading else f"<td{side}></td>"
        for side, column in zip(sides, grid.columns, strict=True)
    )
    ids = row_ids(grid)
    body = "\n".join(_row(grid, sides, row, number in grid.parts, ids[number]) for number, row in enumerate(grid.rows))
    foot = f"<tfoot>{''.join([_row(grid, sides, row) for row in grid.totals])}</tfoot>" if grid.totals else ""
    long = " data-long" if len(grid.rows) > LONG else ""
    yield from framed(
        key, rich(grid.caption), f"<thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody>{foot}", grid.remarks, long
    )


def framed(key: str, caption: str, rows: str, remarks: Sequence[Text], long: str = "") -> Iterator[str]:
    """The rows of a table with its caption above and its remarks below."""
    yield f'<figure class="table"{long}><figcaption id="{key}">{caption}</figcaption>'
    yield f'<div class="frame" tabindex="0" role="group" aria-labelledby="{key}">'
    yield f'<table aria-labelledby="{key}">{rows}</table></div></figure>'
    yield from remarked(remarks)


def remarked(lines: Sequence[Text]) -> Iterator[str]:
    """Remarks below a table."""
    for each in lines:
        yield f'<p class="remark">{rich(each)}</p>'


def formulas(block: Formulas, key: str) -> Iterator[str]:
    """Formulas as a table."""
    lines = "".join(
        f'<tr><th scope="row">{escape(each.name)}</th><td>{mathematics(each.formula)}</td>'
        f"<td>{escape(each.unit)}</td></tr>"
        for each in block.lines
    )
    heads = "".join(f'<th scope="col">{word}</th>' for word in ("quantity", "closed form", "unit"))
    where = [f'<p class="remark">{letters(block.letters)}.</p>'] if block.letters else []
    yield from framed(key, rich(block.caption), f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody>", ())
    yield from where
    yield from remarked(block.remarks)


def row_ids(grid: Grid) -> list[str]:
    """The ids of a table's rows, in order; empty where it has none or where a row before has the same."""
    named = [anchor(grid.label, plain(row[0])) if grid.label and plain(row[0]) else "" for row in grid.rows]
    first = {own: place for place, own in reversed([*enumerate(named)])}
    return [own if first[own] == place else "" for place, own in enumerate(named)]


def _side(column: GridColumn, cells: Sequence[str]) -> str:
    """The classes of a column: on the right, and of texts that may be broken into lines."""
    broken = column.share > 0 and max(map(len, cells), default=0) > WIDE
    words = [word for word, has in (("right", column.right), ("words", broken)) if has]
    return f' class="{" ".join(words)}"' if words else ""


def _row(grid: Grid, sides: Sequence[str], row: Sequence[Text], part: bool = False, own: str = "") -> str:
    marked = (' class="part"' if part else "") + (f' id="{escape(own)}"' if own else "")
    cells = [
        _cell(cell, column, side, place == 0)
        for place, (cell, column, side) in enumerate(zip(row, grid.columns, sides, strict=True))
    ]
    return f"<tr{marked}>{''.join(cells)}</tr>"


def _cell(cell: Text, column: GridColumn, side: str, first: bool) -> str:
    shown = rich(cell)
    if first and len(plain(cell)) > LONG_NAME:
        shown = breakable(shown)
    name, scope = ("th", ' scope="row"') if first and shown else ("td", "")
    value = sort_value(cell) if column.right else None
    exact = "" if value is None else f' data-value="{_digits(value)}"'
    if isinstance(cell, ShownNumber) and isinstance(cell.value, int) and f"{cell.value:,}" != cell.strip("()"):
        exact += f' title="{cell.value:,}"'
    return f"<{name}{scope}{side}{exact}>{shown}</{name}>"


def breakable(shown: str) -> str:
    """A name in which a line may end after a dot and an underscore: the first column stays in view on a phone.

    >>> breakable('<b class="a.b">conv1_1.bias</b>')
    '<b class="a.b">conv1_<wbr>1.<wbr>bias</b>'
    """
    return re.sub(r"(?<=[._])(?=\w)(?![^<]*>)", "<wbr>", shown)


def _digits(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))


def sort_value(cell: Text) -> int | float | None:
    """The number by which a cell is sorted: its exact value, or the number that it shows; None if it is none.

    >>> sort_value("1,792"), sort_value("(15.47G)"), sort_value("whole")
    (1792, 15470000000, None)
    """
    if isinstance(cell, ShownNumber):
        return cell.value
    found = SHOWN.fullmatch(plain(cell))
    if found is None:
        return None
    text = found[1].replace(",", "").replace("\u2212", "-")
    scaled = float(text) * UNITS[found[2]]
    return round(scaled) if found[2] or "." not in text else scaled
