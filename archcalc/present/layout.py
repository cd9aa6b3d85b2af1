"""Tables as text: aligned columns that fit a width.

No line is wider, and the cells of the first column, which are names, are never cut: in turn, gaps become narrower,
cells wrap, columns are left out, and long names get a line of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from archcalc.present.tables import Column, Table

LEAST_WRAPPED, LEAST_TRIMMED, LEAST_NAME = 12, 22, 18
"""The least widths of cells that wrap, of cells that are cut at the end, and of names, in columns."""
WRAPPED = ("wrap", "names")
"""The columns whose cells wrap; in the first, words are broken before another column is left out."""
LONGEST_WORD = 40
"""The longest word that is not broken where a cell wraps."""


class Fit(NamedTuple):
    """The columns that are shown, the widths of all, and the gap between two."""

    shown: list[int]
    widths: list[int]
    gap: int
    most: int | None
    """The widest line that there may be."""

    @property
    def total(self) -> int:
        """The width of a line."""
        return sum(self.widths[i] for i in self.shown) + self.gap * (len(self.shown) - 1)


def as_text(table: Table, exact: bool = False, width: int | None = None, bold: Callable[[str], str] = str) -> str:
    """Aligned columns, at most `width` wide (None: as wide as they are); the last remark names columns left out."""
    rows, totals = table.cells(exact)
    headings = [column.heading for column in table.columns]
    cells = [headings, *rows, *totals]
    fit = Fit(list(range(len(headings))), [max(map(len, each)) for each in zip(*cells, strict=True)], 2, width)
    if width is not None:
        fit = _fitting(table.columns, cells, fit, width)
    rule = (" " * fit.gap).join("-" * fit.widths[i] for i in fit.shown)
    out = [*[bold(part) for part in wrapped(table.caption, width)], ""] if table.caption else []
    if any(headings):
        out += [*map(bold, _lines(headings, fit, table.columns)), rule]
    out += [line for each in rows for line in _lines(each, fit, table.columns)]
    if totals:
        out += [rule, *[line for each in totals for line in _lines(each, fit, table.columns)]]
    remarks = [*table.sentences(exact, [headings[i] for i in fit.shown]), *_left_out(headings, fit)]
    if not headings:
        out = out[:-1]
    return "\n".join(out + ([""] + [part for remark in remarks for part in wrapped(remark, width)] if remarks else []))


def _fitting(columns: Sequence[Column], cells: Sequence[Sequence[str]], fit: Fit, width: int) -> Fit:
    """The columns, their widths and the gap with which no line is wider than `width`."""
    for smaller in _narrower(columns, cells, fit, width):
        if smaller.total <= width:
            return smaller._replace(gap=2) if smaller._replace(gap=2).total <= width else smaller
    return fit._replace(shown=[0], widths=[min(width, fit.widths[0]), *fit.widths[1:]])


def _narrower(columns: Sequence[Column], cells: Sequence[Sequence[str]], fit: Fit, width: int) -> Iterator[Fit]:
    """Ever narrower ways to show a table, the best first."""
    yield fit
    yield fit._replace(gap=1)
    least = _least(columns, cells, fit)
    broken = [LEAST_WRAPPED if columns[i].narrow == "wrap" else each for i, each in enumerate(least)]
    yield _squeezed(columns, fit, least, ("wrap",), width)
    fit = fit._replace(gap=1)
    yield _squeezed(columns, fit, least, ("wrap",), width)
    optional = [i for i in fit.shown if columns[i].narrow == "drop"]
    ranks = sorted({columns[i].rank for i in fit.shown if columns[i].rank}, reverse=True)
    ways = [*[[i] for i in reversed(optional)], *[[i for i in fit.shown if columns[i].rank == rank] for rank in ranks]]
    ways += [[i] for i in reversed(fit.shown) if i and i not in optional and not columns[i].rank]
    for place, dropped in enumerate([[], *ways]):
        kept = [i for i in fit.shown if i not in dropped]
        fit = fit._replace(shown=[i for i in kept if not columns[i].of_last or i - 1 in kept])
        if place < len(optional):
            yield _squeezed(columns, fit, least, ("wrap",), width)
        else:
            yield _squeezed(columns, fit, least, ("wrap", "trim"), width)
            yield _squeezed(columns, fit, least, ("wrap", "trim", "above"), width)
            yield _squeezed(columns, fit, broken, ("wrap", "trim", "above"), width)


def _least(columns: Sequence[Column], cells: Sequence[Sequence[str]], fit: Fit) -> list[int]:
    """The width to which each column can be reduced so that no word of a cell is broken, unless it is very long."""
    least = list(fit.widths)
    for i, column in enumerate(columns):
        if column.narrow in WRAPPED:
            words = max([len(word) for row in cells for word in row[i].split()], default=0)
            least[i] = min(fit.widths[i], max(LEAST_WRAPPED, min(words, LONGEST_WORD)))
        elif column.narrow in ("trim", "above"):
            floor = LEAST_TRIMMED if column.narrow == "trim" else LEAST_NAME
            least[i] = min(fit.widths[i], max(floor, len(column.heading)))
    return least


def _squeezed(columns: Sequence[Column], fit: Fit, least: list[int], ways: Sequence[str], width: int) -> Fit:
    """Columns of these ways reduced as far as is needed, the widest first."""
    widths, over = list(fit.widths), fit.total - width
    for way in ways:
        reduced = [i for i in fit.shown if columns[i].narrow in (WRAPPED if way == "wrap" else (way,))]
        while over > 0 and (spare := [i for i in reduced if widths[i] > least[i]]):
            widths[max(spare, key=widths.__getitem__)] -= 1
            over -= 1
    return fit._replace(widths=widths)


def _left_out(headings: Sequence[str], fit: Fit) -> list[str]:
    """A sentence on the columns that are left out, if there are any."""
    dropped = [headings[i] for i in range(len(headings)) if i not in fit.shown]
    named = ", ".join(dict.fromkeys([each for each in dropped if len(each) > 1]))
    return [f"Too narrow for: {named}. A wider terminal or --format csv has all columns."] if named else []


def _lines(cells: Sequence[str], fit: Fit, columns: Sequence[Column]) -> Iterator[str]:
    """The lines of a row."""
    first, *others = fit.shown
    name = cells[first]
    if len(name) > fit.widths[first] and columns[first].narrow in ("keep", "above"):
        yield from wrapped(name, fit.most)
        name = ""
        if not any(cells[i] for i in others):
            return
    texts = [name, *[cells[i] for i in others]]
    parts = [_parts(text, fit.widths[i], columns[i]) for i, text in zip(fit.shown, texts, strict=True)]
    for each in zip_longest(*parts, fillvalue=""):
        fitted = [
            text.rjust(fit.widths[i]) if columns[i].right else text.ljust(fit.widths[i])
            for i, text in zip(fit.shown, each, strict=True)
        ]
        yield (" " * fit.gap).join(fitted).rstrip()


def _parts(text: str, width: int, column: Column) -> list[str]:
    """The lines of a cell: several if it is too long, or one that is cut at its end if its column is trimmed."""
    if len(text) <= width:
        return [text]
    return [f"{text[: width - 2]}.."] if column.narrow == "trim" else wrapped(text, width)


def wrapped(text: str, width: int | None) -> list[str]:
    """The lines of a paragraph; the spaces that it begins with stay. A word is broken only if it is wider itself."""
    if width is None or len(text) <= width:
        return [text]
    import textwrap

    indent = " " * (len(text) - len(text.lstrip(" ")))
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)
