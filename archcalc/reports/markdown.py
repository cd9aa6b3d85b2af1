"""A document as Markdown: texts, tables and formulas, without figures and their captions, which it says once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from archcalc.forms.sheets import Letter
from archcalc.reports.blocks import (
    Block,
    Definitions,
    Document,
    Figure,
    Formulas,
    Grid,
    Heading,
    Paragraph,
    Sides,
    Text,
    TextSpan,
)


def markdown(document: Document) -> str:
    """The document as Markdown with pipe tables, ended by a newline."""
    parts = [f"# {escaped(document.title)}", f"*{escaped(document.subtitle)}*", escaped(document.imprint)]
    if any([_has_figure(block) for block in document.blocks]):
        parts.append("Figures are in the PDF and HTML of this report.")
    parts += [part for block in document.blocks for part in _block(block)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text with all characters of markup escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~&])", r"\\\1", " ".join(text.split()))


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level):
            yield f"{'#' * (level + 1)} {escaped(block.full)}"
            if block.subtitle:
                yield f"*{escaped(block.subtitle)}*"
        case Paragraph(text):
            yield _text(text)
        case Definitions(rows):
            yield "\n".join([f"- *{escaped(word)}*: {_text(text)}" for word, text in rows])
        case Grid():
            yield from _grid(block)
        case Formulas():
            yield from _formulas(block)
        case Figure():
            return
        case Sides(left, right, _):
            for each in (*left, *right):
                yield from _block(each)


def _has_figure(block: Block) -> bool:
    if isinstance(block, Sides):
        return any([_has_figure(each) for each in (*block.left, *block.right)])
    return isinstance(block, Figure)


def _grid(grid: Grid) -> Iterator[str]:
    rule = ["---:" if column.right else ":---" for column in grid.columns]
    totals = [[f"**{_text(cell)}**" if cell else "" for cell in row] for row in grid.totals]
    heads = [escaped(column.heading) for column in grid.columns]
    lines = [heads, rule, *[[_text(cell) for cell in row] for row in grid.rows], *totals]
    yield _text(grid.caption)
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines)
    yield from [_text(each) for each in grid.remarks]


def _formulas(block: Formulas) -> Iterator[str]:
    heads = ["quantity", "closed form", "unit"]
    lines = [[escaped(each.name), f"$`{each.formula.latex}`$", escaped(each.unit)] for each in block.lines]
    yield _text(block.caption)
    yield "\n".join(f"| {' | '.join(line)} |" for line in [heads, [":---"] * 3, *lines])
    if block.letters:
        yield f"{escaped(letters(block.letters))}."
    yield from [_text(each) for each in block.remarks]


def letters(definitions: Sequence[Letter]) -> str:
    """The definitions of the letters of formulas."""
    return "; ".join(f"{each.definition}: {each.meaning}" for each in definitions)


def _text(text: Text) -> str:
    return "".join([_part(part) for part in ([text] if isinstance(text, str) else text)]).strip()


def _part(part: str | TextSpan) -> str:
    if isinstance(part, str):
        lead, trail = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
        return f"{lead and ' '}{escaped(part)}{trail and part.strip() and ' '}"
    inner = escaped(part.text)
    shown = {"name": f"`{_code(part.text)}`", "strong": f"**{inner}**", "title": f"*{inner}*"}.get(part.style, inner)
    shown = {"variable": f"*{inner}*", "index": f"\\_{inner}", "power": f"^{inner}"}.get(part.style, shown)
    spaced = shown + " " * (part.text != part.text.rstrip())
    return f"[{shown}]({quote(part.link, safe=':/')})" if part.link.startswith("https://") else spaced


def _code(text: str) -> str:
    """Text between backticks, in which a backtick cannot end them."""
    return " ".join(text.replace("`", "'").split())
