"""A document as PDF, set by Typst (https://typst.app) from the template beside this module.

The template is the only Typst code. It reads the blocks from a JSON file, in which every text is a string. So no part
of a name, a note or a claim can be read as markup or code. Formulas are composed from the terms of the polynomials. The
PDF is tagged (PDF/UA-1), with a description of every figure and formula.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.forms.sheets import FormulaTerm, Letter, Written
from archcalc.reports.blocks import (
    Block,
    Definitions,
    Document,
    Figure,
    Formulas,
    Grid,
    GridColumn,
    Heading,
    Paragraph,
    Sides,
    Text,
    TextSpan,
)

STANDARDS = ("ua-1",)
ONE_COLUMN = 45
"""The number of headings of contents that one column of a page has room for."""


@cache
def typst() -> Any:
    """The Typst compiler. Raises MissingTool if it is not installed."""
    return need("typst", "a report as PDF", otherwise="; .html and .md do not need it")


def pdf(document: Document) -> bytes:
    """The document as PDF; the same document gives the same bytes."""
    with TemporaryDirectory(prefix="archcalc-") as made:
        return _compiled(_workspace(Path(made), document))


def _compiled(main: Path) -> bytes:
    module = typst()
    fonts = module.Fonts(include_system_fonts=False, font_paths=[str(main.parent / "fonts")])
    try:
        return module.compile(
            str(main), root=str(main.parent), font_paths=fonts, format="pdf", pdf_standards=list(STANDARDS), timestamp=0
        )
    except module.TypstError as error:
        raise ArchcalcError(f"Typst cannot set the report: {error}") from error


def _workspace(folder: Path, document: Document) -> Path:
    """Write the files that Typst reads; return the main one."""
    pictures: list[bytes] = []
    data = _document(document, pictures)
    (folder / "document.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    for number, svg in enumerate(pictures):
        (folder / f"{number}.svg").write_bytes(svg)
    main = folder / "main.typ"
    main.write_text(files("archcalc.reports").joinpath("template.typ").read_text(encoding="utf-8"), encoding="utf-8")
    _fonts(folder / "fonts")
    return main


def _fonts(folder: Path) -> None:
    from archcalc.figures.style import font_file

    folder.mkdir()
    for bold in (False, True):
        shutil.copy(font_file(bold), folder / f"{bold:d}.ttf")


def _document(document: Document, pictures: list[bytes]) -> dict[str, Any]:
    date = [int(part) for part in document.date.split("-")] if document.date else None
    blocks = [_block(each, pictures) for each in document.blocks]
    entries = sum(each["kind"] == "heading" and each["level"] <= document.outline_depth for each in blocks)
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "running": document.title,
        "imprint": document.imprint,
        "author": document.author,
        "keywords": list(document.keywords),
        "date": date,
        "outline_depth": document.outline_depth,
        "columns": 2 if entries > ONE_COLUMN else 1,
        "book": document.book,
        "blocks": blocks,
    }


def _block(block: Block, pictures: list[bytes]) -> dict[str, Any]:  # noqa: PLR0911  one for each kind
    match block:
        case Heading():
            return {"kind": "heading", **block._asdict()}
        case Paragraph(text, small):
            return {"kind": "paragraph", "text": _text(text), "small": small}
        case Definitions(rows):
            return {"kind": "facts", "rows": [[word, _text(text)] for word, text in rows]}
        case Grid():
            return _grid(block)
        case Formulas():
            return _formulas(block)
        case Figure(svg, caption, description, width):
            pictures.append(svg)
            file = f"{len(pictures) - 1}.svg"
            return {"kind": "figure", "file": file, "caption": _text(caption), "alt": description, "width": width}
        case Sides(left, right, width):
            sides = {key: [_block(each, pictures) for each in side] for key, side in (("left", left), ("right", right))}
            return {"kind": "sides", "width": width, **sides}


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "kind": "grid",
        "caption": _text(grid.caption),
        "columns": [column._asdict() for column in grid.columns],
        "rows": [[_cell(*each) for each in zip(row, grid.columns, strict=True)] for row in grid.rows],
        "totals": [[_cell(*each) for each in zip(row, grid.columns, strict=True)] for row in grid.totals],
        "remarks": [_text(each) for each in grid.remarks],
        "parts": list(grid.parts),
        "abreast": grid.abreast,
    }


def _formulas(block: Formulas) -> dict[str, Any]:
    return {
        "kind": "formulas",
        "caption": _text(block.caption),
        "lines": [{"name": each.name, "formula": mathematics(each.formula), "unit": each.unit} for each in block.lines],
        "letters": [{"meaning": each.meaning, "parts": _definition(each)} for each in block.letters],
        "remarks": [_text(each) for each in block.remarks],
    }


Token = dict[str, Any]
"""A token of a formula: a number, a fraction, a letter with its power, or a sign."""


def mathematics(formula: Written) -> dict[str, Any]:
    """A formula for the template: its polynomials (several for a maximum), and its text."""
    return {"text": formula.text, "members": [_polynomial(terms) for terms in formula.polynomials]}


def _polynomial(terms: Sequence[FormulaTerm]) -> list[Token]:
    tokens: list[Token] = []
    for place, (coefficient, exponents) in enumerate(terms):
        negative = coefficient.startswith("-")
        if negative or place:
            tokens.append({"sign": "-" if negative else "+"})
        number = coefficient.removeprefix("-")
        if number != "1" or not exponents:
            top, _, bottom = number.partition("/")
            tokens.append({"fraction": [_grouped(top), _grouped(bottom)]} if bottom else {"number": _grouped(top)})
        tokens += [{"letter": letter, "power": power} for letter, power in exponents.items()]
    return tokens


def _grouped(number: str) -> str:
    return f"{int(number):,}"


def _definition(letter: Letter) -> list[dict[str, Any]]:
    """The definition of a letter and its range: H = 32 h + 3, and h >= 1."""
    own: Token = {"letter": letter.letter, "power": 1}
    parts: list[dict[str, Any]] = [
        {"text": f"{letter.letter} {sign} {number}", "members": [[own, {"sign": sign}, _number(number)]]}
        for sign, number in letter.range
    ]
    if letter.letter == letter.symbol:
        return parts
    scaled: list[Token] = [*([{"number": _grouped(str(letter.period))}] if letter.period != 1 else []), own]
    rest: list[Token] = [{"sign": "+"}, {"number": _grouped(str(letter.residue))}] if letter.residue else []
    text = f"{letter.symbol} = {letter.period} {letter.letter} + {letter.residue}"
    return [{"text": text, "members": [[{"letter": letter.symbol, "power": 1}, {"sign": "="}, *scaled, *rest]]}, *parts]


def _number(text: str) -> Token:
    top, _, bottom = text.partition("/")
    return {"fraction": [top, bottom]} if bottom else {"number": top}


def _cell(text: Text, column: GridColumn) -> list[Any]:
    """A cell; if its column may be narrower than a long name in it, the name can be broken after an underscore."""
    return _text(text, LONG_NAME if column.share else 0)


def _text(text: Text, long: int = 0) -> list[Any]:
    parts = (
        [TextSpan(text)]
        if isinstance(text, str)
        else [TextSpan(part) if isinstance(part, str) else part for part in text]
    )
    broken = [part._replace(text=breakable(part.text, long)) for part in parts]
    return [part.text if part == TextSpan(part.text) else part._asdict() for part in broken]


LONGEST_WORD, LONG_NAME = 45, 18
"""Lengths in letters: no name of the catalogue is as long as the first; the second may not fit into a column."""


def breakable(text: str, long: int = 0) -> str:
    """Text in which lines can end inside words longer than any name, and after underscores of names from `long` on."""
    text = re.sub(rf"\S{{{LONGEST_WORD},}}", lambda word: re.sub(r"(.{8})", "\\1\u200b", word[0]), text)
    return re.sub(rf"[\w.]{{{long},}}", lambda word: word[0].replace("_", "_\u200b"), text) if long else text
