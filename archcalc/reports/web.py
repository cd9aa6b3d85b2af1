"""A document as one HTML page that includes its figures, without scripts or external resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from archcalc.forms.sheets import FormulaTerm, Written
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
    plain,
)
from archcalc.reports.markdown import letters

STYLE = """
body { margin: 2rem auto; padding: 0 1rem; max-width: 62rem; color: #1a1a1a; background: #fff;
  font: 1rem/1.45 "Libertinus Serif", "Palatino Linotype", Palatino, Georgia, serif; }
h1, h2, h3, h4 { line-height: 1.2; margin: 2.2rem 0 0.8rem; }
.subtitle, dt { font-style: italic; }
.imprint, .remark, figcaption, caption { font-size: 0.85rem; }
.imprint, .remark { color: #5f5f5f; }
.remark { margin: 0.2rem 0; }
.name, svg text { font-family: "Source Sans Pro", "Source Sans 3", "Segoe UI", Helvetica, Arial, sans-serif; }
.name { font-size: 0.93em; }
a { color: #004a76; text-decoration: none; }
nav ol { columns: 2; }
dl { display: grid; grid-template-columns: 9rem 1fr; gap: 0.25rem 1rem; }
dd { margin: 0; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.85rem; border: solid #1a1a1a; border-width: 1.5px 0;
  font-variant-numeric: lining-nums tabular-nums; }
caption { text-align: left; padding-bottom: 0.4rem; }
th { font-weight: normal; font-style: italic; border-bottom: 1px solid #1a1a1a; vertical-align: bottom; }
th, td { padding: 0.12rem 0.5rem; text-align: left; vertical-align: top; }
.right { text-align: right; }
.part td { border-top: 1px solid #c9c9c9; }
tfoot td { border-top: 1px solid #1a1a1a; }
figure { margin: 1.5rem 0; }
figure svg { max-width: 100%; height: auto; }
.sides { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
.sides > div { flex: 1 1 20rem; }
"""


def web_page(document: Document) -> str:
    """The document as HTML."""
    headings = [block for block in document.blocks if isinstance(block, Heading) and block.level == 1]
    contents = "".join(
        f'<li><a href="#{escape(each.label)}">{escape(each.full)}</a></li>' for each in headings if each.label
    )
    body = "\n".join([part for number, block in enumerate(document.blocks) for part in _block(block, f"b{number}")])
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="author" content="{escape(document.author)}">
<meta name="keywords" content="{escape(", ".join(document.keywords))}">
<title>{escape(document.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(document.title)}</h1>
<p class="subtitle">{escape(document.subtitle)}</p>
<p class="imprint">{escape(document.imprint)}</p>
<nav aria-label="Contents"><ol>{contents}</ol></nav>
<main>
{body}
</main>
</body>
</html>
"""


def _block(block: Block, key: str) -> Iterator[str]:
    match block:
        case Heading(level, _, label):
            own = f' id="{escape(label)}"' if label else ""
            yield f"<h{level + 1}{own}>{escape(block.full)}</h{level + 1}>"
            if block.subtitle:
                yield f'<p class="subtitle">{escape(block.subtitle)}</p>'
        case Paragraph(text, small):
            yield f"<p>{_text(text)}</p>" if not small else f'<p class="remark">{_text(text)}</p>'
        case Definitions(rows):
            yield "<dl>" + "".join(f"<dt>{escape(word)}</dt><dd>{_text(text)}</dd>" for word, text in rows) + "</dl>"
        case Grid():
            yield from _grid(block)
        case Formulas():
            yield from _formulas(block)
        case Figure(svg, caption, description):
            yield f"<figure>{_picture(svg, description, key)}<figcaption>{_text(caption)}</figcaption></figure>"
        case Sides(left, right, _):
            yield '<div class="sides">'
            for side, blocks in (("l", left), ("r", right)):
                inner = [part for n, each in enumerate(blocks) for part in _block(each, f"{key}{side}{n}")]
                yield f"<div>{''.join(inner)}</div>"
            yield "</div>"


def _picture(svg: bytes, description: str, key: str) -> str:
    """An SVG inside a page: without its prologue, and with only the ids that it refers to, made unique in the page."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    text = re.sub(r'\s\bid="([^"]*)"', lambda match: f' id="{key}-{match[1]}"' if match[1] in used else "", text)
    text = re.sub(r'(href="#|url\(#)', rf"\g<1>{key}-", text)
    end = text.index(">")
    return f'{text[:end]} role="img" aria-label="{escape(description)}"{text[end:]}'


def _grid(grid: Grid) -> Iterator[str]:
    side = [' class="right"' if column.right else "" for column in grid.columns]
    heads = "".join(
        f'<th scope="col"{where}>{escape(column.heading)}</th>'
        for where, column in zip(side, grid.columns, strict=True)
    )

    def line(row: Sequence[Text], part: bool = False) -> str:
        cells = "".join(f"<td{where}>{_text(cell)}</td>" for where, cell in zip(side, row, strict=True))
        return f'<tr class="part">{cells}</tr>' if part else f"<tr>{cells}</tr>"

    body = "\n".join(line(row, number in grid.parts) for number, row in enumerate(grid.rows))
    foot = f"<tfoot>{''.join(map(line, grid.totals))}</tfoot>" if grid.totals else ""
    yield f'<div class="scroll"><table><caption>{_text(grid.caption)}</caption><thead><tr>{heads}</tr></thead>'
    yield f"<tbody>{body}</tbody>{foot}</table></div>"
    yield from _remarks(grid.remarks)


def _formulas(block: Formulas) -> Iterator[str]:
    lines = "".join(
        f"<tr><td>{escape(each.name)}</td><td>{mathematics(each.formula)}</td><td>{escape(each.unit)}</td></tr>"
        for each in block.lines
    )
    heads = "".join(f'<th scope="col">{word}</th>' for word in ("quantity", "closed form", "unit"))
    yield f'<div class="scroll"><table><caption>{_text(block.caption)}</caption><thead><tr>{heads}</tr></thead>'
    yield f"<tbody>{lines}</tbody></table></div>"
    if block.letters:
        yield f'<p class="remark">{escape(letters(block.letters))}.</p>'
    yield from _remarks(block.remarks)


def _remarks(lines: Sequence[Text]) -> Iterator[str]:
    for each in lines:
        yield f'<p class="remark">{_text(each)}</p>'


def mathematics(formula: Written) -> str:
    """A formula as MathML, composed from its terms."""
    members = [f"<mrow>{''.join(_terms(each))}</mrow>" for each in formula.polynomials]
    if len(members) == 1:
        return f"<math>{members[0]}</math>"
    rows = "".join(f'<mtr><mtd style="text-align:left">{each}</mtd></mtr>' for each in members)
    return f"<math><mi>max</mi><mo>{{</mo><mtable>{rows}</mtable></math>"


def _terms(terms: Sequence[FormulaTerm]) -> Iterator[str]:
    for place, (coefficient, exponents) in enumerate(terms):
        negative = coefficient.startswith("-")
        if negative or place:
            yield "<mo>\u2212</mo>" if negative else "<mo>+</mo>"
        number = coefficient.removeprefix("-")
        if number != "1" or not exponents:
            top, _, bottom = number.partition("/")
            shown = [f"<mn>{int(each):,}</mn>" for each in (top, bottom) if each]
            yield f"<mfrac>{''.join(shown)}</mfrac>" if bottom else shown[0]
        for letter, power in exponents.items():
            yield (
                f"<mi>{escape(letter)}</mi>"
                if power == 1
                else f"<msup><mi>{escape(letter)}</mi><mn>{power}</mn></msup>"
            )


def _text(text: Text) -> str:
    return "".join([_part(part) for part in ([text] if isinstance(text, str) else text)])


ARROW = "\u2192"
"""The text of a link to a page number, as HTML has no pages."""


def _part(part: str | TextSpan) -> str:
    shown = escape(plain([part])) or ARROW * (not isinstance(part, str) and part.style == "page")
    if isinstance(part, str):
        return shown
    before, after = {"name": ('<span class="name">', "</span>"), "strong": ("<strong>", "</strong>"),
                     "title": ("<cite>", "</cite>"), "variable": ("<var>", "</var>"), "index": ("<sub>", "</sub>"),
                     "power": ("<sup>", "</sup>")}.get(part.style, ("", ""))  # fmt: skip
    marked = f"{before}{shown}{after}"
    safe = part.link.startswith(("#", "https://"))
    return f'<a href="{escape(part.link)}">{marked}</a>' if safe else marked
