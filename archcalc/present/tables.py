"""Tables as text: aligned columns, Markdown, LaTeX, CSV.

rich and tabulate do this too, but each takes 20 to 50 ms for imports and layout, and a whole command takes 70 ms. So
tables are laid out here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, Literal, NamedTuple

Format = Literal["table", "csv", "json", "markdown", "latex"]
FORMATS: tuple[Format, ...] = ("table", "csv", "json", "markdown", "latex")


def human(value: Any) -> str:
    """A count in four digits with a decimal K, M, G or T: 15470264320 is 15.47G, 999 is 999."""
    if isinstance(value, str) or value is None:
        return value or ""
    for limit, unit in ((1e3, ""), (1e6, "K"), (1e9, "M"), (1e12, "G"), (1e15, "T")):
        if value < limit * 0.99995:
            scaled = value / limit * 1e3
            return f"{scaled:.{4 - len(str(int(scaled)))}f}{unit}" if unit else str(value)
    return f"{value:.3e}"


def human_bytes(value: Any) -> str:
    """A number of bytes in four digits with decimal kB, MB, GB, TB."""
    text = human(value)
    return text.replace("K", "k") + "B" if text else ""


def signed(value: Any) -> str:
    """A difference of counts with its sign, in four digits: +1.344G, -25.6K, 0."""
    if isinstance(value, str) or value is None or not value:
        return human(value)
    return f"{'-' if value < 0 else '+'}{human(abs(value))}"


def digits(value: Any) -> str:
    """A count with all its digits, in groups of three."""
    return f"{value:,}" if isinstance(value, int) else human(value)


Narrow = Literal["keep", "wrap", "cut", "trim", "drop"]
"""The behaviour of a column on a narrow terminal: unchanged, cells wrapped, cells cut in the middle or at the end, or
the column left out."""


class Column(NamedTuple):
    """A column: its heading, the function that writes a cell, its alignment, and its behaviour on a narrow terminal."""

    heading: str
    write: Callable[[Any], str] = str
    right: bool = True
    narrow: Narrow = "keep"


def left(heading: str, narrow: Narrow = "keep") -> Column:
    """A column of words."""
    return Column(heading, right=False, narrow=narrow)


class Table(NamedTuple):
    """A heading, rows of cells (None: empty), rows of totals below a line, and remarks."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    totals: Sequence[Sequence[Any]] = ()
    remarks: Sequence[str] = ()

    def cells(self, exact: bool) -> tuple[list[list[str]], list[list[str]]]:
        """All cells as text: rows and totals. With `exact`, counts keep all their digits."""

        def write(column: Column, cell: Any) -> str:
            if cell is None:
                return ""
            if exact and column.write in (human, human_bytes):
                return digits(cell)
            if exact and column.write is signed and isinstance(cell, int):
                return f"{cell:+,}" if cell else "0"
            return column.write(cell)

        def lines(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
            return [[write(column, cell) for column, cell in zip(self.columns, row, strict=True)] for row in rows]

        return lines(self.rows), lines(self.totals)


def as_text(table: Table, exact: bool = False, width: int | None = None, bold: Callable[[str], str] = str) -> str:
    """Aligned columns, at most `width` wide: with narrower gaps, fewer columns or cut cells where they must be."""
    rows, totals = table.cells(exact)
    headings = [column.heading for column in table.columns]
    shown = list(range(len(headings)))
    widths = [max(map(len, cells)) for cells in zip(headings, *rows, *totals, strict=True)]
    gap = 2
    if width is not None:
        shown, widths, gap = _fit(table.columns, widths, width)

    def lines(cells: Sequence[str]) -> list[str]:
        parts = [_continued(cells[i], widths[i], table.columns[i]) for i in shown]
        return [
            (" " * gap).join(map(fitted, each, [widths[i] for i in shown], [table.columns[i] for i in shown])).rstrip()
            for each in zip_longest(*parts, fillvalue="")
        ]

    rule = (" " * gap).join("-" * widths[i] for i in shown)
    out = [*[bold(part) for part in _wrap(table.caption, width)], ""] if table.caption else []
    if any(headings):
        out += [*map(bold, lines(headings)), rule]
    out += [part for cells in rows for part in lines(cells)]
    if totals:
        out += [rule, *[part for cells in totals for part in lines(cells)]]
    dropped = [headings[i] for i in range(len(headings)) if i not in shown]
    remarks = list(table.remarks)
    if dropped:
        remarks.append(f"Too narrow for: {', '.join(dropped)}. A wider terminal or --format csv has all columns.")
    return "\n".join(
        out + ([""] + [wrapped for remark in remarks for wrapped in _wrap(remark, width)] if remarks else [])
    )


def _fit(columns: Sequence[Column], widths: list[int], width: int) -> tuple[list[int], list[int], int]:
    """The columns to show, their widths, and the gap between them."""
    shown = list(range(len(columns)))
    for gap in (2, 1):
        if _total(widths, shown, gap) <= width:
            return shown, widths, gap
    widths = _squeezed(columns, widths, _total(widths, shown, 2) - width)
    if _total(widths, shown, 2) <= width:
        return shown, widths, 2
    droppable = [i for i in shown if columns[i].narrow == "drop"]
    while droppable and _total(widths, shown, 1) > width:
        shown.remove(droppable.pop())
    over = max(0, _total(widths, shown, 1) - width)
    widths = list(widths)
    for narrow, least in (("trim", 22), ("cut", 24), ("trim", 12), ("cut", 12)):
        for i in shown:
            if columns[i].narrow == narrow:
                spare = min(over, max(0, widths[i] - least))
                widths[i] -= spare
                over -= spare
    return shown, widths, 2 if _total(widths, shown, 2) <= width else 1


def _squeezed(columns: Sequence[Column], widths: list[int], over: int) -> list[int]:
    """Widths reduced by `over` in all: only of columns whose cells may wrap, the widest first, to no less than 12."""
    widths = list(widths)
    wrapped = [i for i in range(len(widths)) if columns[i].narrow == "wrap" and widths[i] > 12]
    while over > 0 and wrapped:
        widest = max(wrapped, key=widths.__getitem__)
        if widths[widest] <= 12:
            break
        widths[widest] -= 1
        over -= 1
    return widths


def _continued(text: str, width: int, column: Column) -> list[str]:
    """The lines of a cell: several if it is too long and its column may wrap."""
    if column.narrow != "wrap" or len(text) <= width:
        return [text]
    import textwrap

    return textwrap.wrap(text, width, break_on_hyphens=False)


def _total(widths: list[int], shown: list[int], gap: int) -> int:
    return sum(widths[i] for i in shown) + gap * (len(shown) - 1)


def fitted(text: str, width: int, column: Column) -> str:
    """Text padded or cut to the width of its column; a name is cut in the middle."""
    if len(text) > width:
        end = (width - 2) // 2 if column.narrow == "cut" else 0
        text = f"{text[: width - 2 - end]}..{text[len(text) - end :]}"
    return text.rjust(width) if column.right else text.ljust(width)


def _wrap(text: str, width: int | None) -> list[str]:
    if width is None or len(text) <= width:
        return [text]
    import textwrap

    return textwrap.wrap(text, width, break_on_hyphens=False)


def as_markdown(table: Table, exact: bool = False) -> str:
    """A pipe table with its caption above and its remarks below."""
    rows, totals = table.cells(exact)

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    rule = ["---:" if column.right else ":---" for column in table.columns]
    bold = [[f"**{cell}**" if cell else "" for cell in cells] for cells in totals]
    body = map(line, [[column.heading for column in table.columns], rule, *rows, *bold])
    caption = [f"**{table.caption}**", ""] if table.caption else []
    return "\n".join([*caption, *body, *(["", *table.remarks] if table.remarks else [])])


def as_latex(table: Table, exact: bool = False) -> str:
    """A `tabular` in the style of the booktabs package."""
    rows, totals = table.cells(exact)

    def line(cells: Sequence[str]) -> str:
        return " & ".join(map(latex_escape, cells)) + r" \\"

    spec = "".join("r" if column.right else "l" for column in table.columns)
    headings = [column.heading for column in table.columns]
    body = [*([line(headings), r"\midrule"] if any(headings) else []), *map(line, rows)]
    if totals:
        body += [r"\midrule", *map(line, totals)]
    notes = [f"% {remark}" for remark in [table.caption, *table.remarks] if remark]
    return "\n".join([*notes, rf"\begin{{tabular}}{{{spec}}}", r"\toprule", *body, r"\bottomrule", r"\end{tabular}"])


def latex_escape(text: str) -> str:
    """Text with LaTeX's special characters made harmless."""
    names = {"\\": "backslash", "~": "asciitilde", "^": "asciicircum", "<": "less", ">": "greater"}
    special = {mark: rf"\text{name}{{}}" for mark, name in names.items()}
    return re.sub(r"[\\~^<>&%$#_{}]", lambda match: special.get(match[0], "\\" + match[0]), text)


def as_csv(records: Sequence[dict[str, Any]]) -> str:
    """Records as comma-separated values with a header line; None is an empty field."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().rstrip("\n")
