"""Tables in markup and as data: Markdown, LaTeX, HTML, CSV and TSV."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from archcalc.present.tables import Column, Table


def as_markdown(table: Table, exact: bool = False) -> str:
    """A pipe table with its caption above and its remarks below."""
    rows, totals = table.cells(exact)

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    def escaped(lines: Sequence[Sequence[str]]) -> list[list[str]]:
        return [list(map(markdown_escape, cells)) for cells in lines]

    rule = ["---:" if column.right else ":---" for column in table.columns]
    bold = [[f"**{cell}**" if cell else "" for cell in cells] for cells in escaped(totals)]
    headings = escaped([[column.heading for column in table.columns]])
    body = list(map(line, [*headings, rule, *escaped(rows), *bold])) if rows or totals else []
    caption = [f"**{markdown_escape(table.caption)}**"] if table.caption else []
    sentences = list(map(markdown_escape, table.sentences(exact)))
    return "\n\n".join(["\n".join(part) for part in (caption, body, sentences) if part])


def markdown_escape(text: str) -> str:
    """Text with Markdown's marks made harmless; an underscore within a word is none."""
    return re.sub(r"[\\`*<|]|(?<![^\W_])_|_(?![^\W_])", lambda match: "\\" + match[0], text)


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
    notes = [f"% {remark}" for remark in [table.caption, *table.sentences(exact)] if remark]
    if not (rows or totals):
        return "\n".join(notes)
    return "\n".join([*notes, rf"\begin{{tabular}}{{{spec}}}", r"\toprule", *body, r"\bottomrule", r"\end{tabular}"])


def latex_escape(text: str) -> str:
    """Text with LaTeX's special characters made harmless."""
    names = {"\\": "backslash", "~": "asciitilde", "^": "asciicircum", "<": "less", ">": "greater"}
    special = {mark: rf"\text{name}{{}}" for mark, name in names.items()}
    return re.sub(r"[\\~^<>&%$#_{}]", lambda match: special.get(match[0], "\\" + match[0]), text)


STYLE = """:root { color-scheme: light dark; }
body { font: 1rem/1.4 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; width: fit-content; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; padding: 0.3rem 0; }
th, td { padding: 0.15rem 0.6rem; vertical-align: top; text-align: left; }
.number { text-align: right; }
thead th, tfoot tr:first-child td { border-bottom: 1px solid; }
tfoot tr:first-child td { border-top: 1px solid; border-bottom: none; font-weight: bold; }
p { max-width: 45rem; }"""
"""The style of a page: the system's font, and the colours of the reader's light or dark mode."""


def as_html(tables: Sequence[Table], exact: bool = False) -> str:
    """One page with all tables, which refers to no other file."""
    from html import escape

    title = next((table.caption for table in tables if table.caption), "archcalc")
    head = f'<meta charset="utf-8">\n<title>{escape(title)}</title>\n<style>\n{STYLE}\n</style>'
    body = "\n".join(_html(table, exact) for table in tables)
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>'


def _html(table: Table, exact: bool) -> str:
    """A table with its caption, and its remarks as paragraphs."""
    from html import escape

    rows, totals = table.cells(exact)

    def line(cells: Sequence[str], tag: str) -> str:
        return f"<tr>{''.join(map(cell, cells, table.columns, [tag] * len(cells)))}</tr>"

    def cell(text: str, column: Column, tag: str) -> str:
        kind = ' class="number"' if column.right else ""
        scope = ' scope="col"' if tag == "th" else ""
        return f"<{tag}{scope}{kind}>{escape(text)}</{tag}>"

    paragraphs = [f"<p>{escape(each)}</p>" for each in table.sentences(exact) if each]
    if not (rows or totals):
        return "\n".join([*([f"<p><b>{escape(table.caption)}</b></p>"] if table.caption else []), *paragraphs])
    headings = [column.heading for column in table.columns]
    parts = ["<table>"]
    parts += [f"<caption>{escape(table.caption)}</caption>"] if table.caption else []
    parts += [f"<thead>{line(headings, 'th')}</thead>"] if any(headings) else []
    parts += ["<tbody>", *[line(cells, "td") for cells in rows], "</tbody>"]
    parts += ["<tfoot>", *[line(cells, "td") for cells in totals], "</tfoot>"] if totals else []
    return "\n".join([*parts, "</table>", *paragraphs])


def as_csv(records: Sequence[dict[str, Any]]) -> str:
    """Records as comma-separated values with a header line; None is an empty field."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().rstrip("\n")


def as_tsv(records: Sequence[dict[str, Any]]) -> str:
    """Records as lines of values separated by tabs, with a header line; None is an empty field.

    A tab or a line end in a value is written as a space, so that every line is a record.
    """
    keys = list(records[0]) if records else []
    rows = [[each.get(key) for key in keys] for each in records]
    lines = [keys, *[["" if value is None else re.sub(r"[\t\r\n]+", " ", str(value)) for value in row] for row in rows]]
    return "\n".join(map("\t".join, lines))
