"""Tables: a heading, columns, rows of cells, totals and remarks; `layout` and `markup` write them.

rich and tabulate do this too, but each takes 20 to 50 ms for imports and layout, and a whole command takes 70 ms. So
tables are laid out here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

Format = Literal["table", "csv", "tsv", "json", "markdown", "latex", "html"]
FORMATS: tuple[Format, ...] = ("table", "csv", "tsv", "json", "markdown", "latex", "html")


def human(value: Any) -> str:
    """A count in four digits with a decimal K, M, G, T or P: 15470264320 is 15.47G, 999 is 999."""
    if isinstance(value, str) or value is None:
        return value or ""
    if not isinstance(value, (int, float)) and not hasattr(value, "numerator"):  # a Fraction has one
        return str(value)  # a symbol, an array: counts of sizes that are no numbers
    for limit, unit in ((1e3, ""), (1e6, "K"), (1e9, "M"), (1e12, "G"), (1e15, "T"), (1e18, "P")):
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


def exact_bytes(value: Any) -> str:
    """A number of bytes with all its digits: 1,234 B."""
    return f"{digits(value)} B"


def signed_digits(value: Any) -> str:
    """A difference of counts with its sign and all its digits: +1,344."""
    return f"{value:+,}" if isinstance(value, int) and value else digits(value)


EXACT: dict[Callable[[Any], str], Callable[[Any], str]] = {human: digits, human_bytes: digits, signed: signed_digits}
"""What writes a cell when all digits are asked for, for each function that rounds."""

Narrow = Literal["keep", "wrap", "names", "above", "trim", "drop"]
"""The behaviour of a column on a narrow terminal: unchanged; cells wrapped, or wrapped between names, which stay whole;
cells that are too long on a line of their own, above their row's; cells cut at the end; or the column left out."""


class Column(NamedTuple):
    """A column: its heading, the function that writes a cell, its alignment, and its behaviour on a narrow terminal.

    Where there is no room for all columns, those with the highest `rank` above 0 go first, all of one rank together.
    """

    heading: str
    write: Callable[[Any], str] = str
    right: bool = True
    narrow: Narrow = "keep"
    rank: int = 0
    of_last: bool = False
    """True for a column that says something of the one before, and is left out with it."""


def left(heading: str, narrow: Narrow = "keep") -> Column:
    """A column of words."""
    return Column(heading, right=False, narrow=narrow)


class Aside(NamedTuple):
    """A cell in parentheses: a count that is not part of the column's total."""

    value: Any


class ByteRemark(NamedTuple):
    """A remark with numbers of bytes, written as the table's are: `Peak {}, saved {}.`"""

    text: str
    numbers: tuple[Any, ...]


class Table(NamedTuple):
    """A heading, rows of cells (None: empty), rows of totals below a line, remarks, and remarks on single columns.

    A remark on a column, in `notes` by the column's heading, is left out together with the column. A table without
    columns is its caption and its remarks.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    totals: Sequence[Sequence[Any]] = ()
    remarks: Sequence[str | ByteRemark] = ()
    notes: Sequence[tuple[str, str]] = ()

    def cells(self, exact: bool) -> tuple[list[list[str]], list[list[str]]]:
        """All cells as text: rows and totals. With `exact`, counts keep all their digits."""
        writers = [EXACT.get(column.write, column.write) if exact else column.write for column in self.columns]

        def lines(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
            return [[_written(write, cell) for write, cell in zip(writers, row, strict=True)] for row in rows]

        return lines(self.rows), lines(self.totals)

    def sentences(self, exact: bool, shown: Sequence[str] | None = None) -> list[str]:
        """The remarks as text, and in one more the notes on the columns with the headings `shown` (None: on all)."""
        write = exact_bytes if exact else human_bytes
        said = [each if isinstance(each, str) else each.text.format(*map(write, each.numbers)) for each in self.remarks]
        notes = [note for heading, note in self.notes if shown is None or heading in shown]
        return [*said, *([" ".join(notes)] if notes else [])]


def _written(write: Callable[[Any], str], cell: Any) -> str:
    if cell is None:
        return ""
    return f"({write(cell.value)})" if isinstance(cell, Aside) else write(cell)
