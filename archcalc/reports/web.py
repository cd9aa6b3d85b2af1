"""A document as one HTML page that includes its figures, style and script, and needs nothing else.

The page works from a file, without scripts, and where a policy forbids inline styles: all style is in one element, all
script in another, and the page's own policy allows these two by their hashes and nothing else. The script only adds:
tables that are sorted and searched, and values under the pointer.

In the dark, figures are inverted and their hues turned back (a filter of CSS), so that every picture follows, whoever
drew it: text keeps its contrast, colours their distances, and white becomes the page's own ground. A drawing for a
light and another for a dark ground would double the page.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files

from archcalc.reports import web_tables
from archcalc.reports.blocks import (
    Block,
    Definitions,
    Document,
    Figure,
    Formulas,
    Grid,
    Heading,
    MarkedDrawing,
    Paragraph,
    Sides,
)
from archcalc.reports.web_pictures import inlined, width_of
from archcalc.reports.web_text import rich


def web_page(document: Document) -> str:
    """The document as HTML."""
    page = _Page(document.blocks)
    body = "\n".join([part for number, block in enumerate(document.blocks) for part in page.block(block, f"b{number}")])
    style = _resource("web.css") + "".join(page.rules)
    script = _resource("web.js")
    allowed = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{allowed}; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="author" content="{escape(document.author)}">
<meta name="description" content="{escape(document.subtitle)}">
<meta name="keywords" content="{escape(", ".join(document.keywords))}">
<title>{escape(document.title)}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>{escape(document.title)}</h1>
<p class="subtitle">{escape(document.subtitle)}</p>
<p class="imprint">{escape(document.imprint)}</p>
</header>
{_contents(document.blocks)}
<main id="content" tabindex="-1">
{body}
</main>
<script>{script}</script>
</body>
</html>
"""


def _resource(name: str) -> str:
    return files("archcalc.reports").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _contents(blocks: Sequence[Block]) -> str:
    entries = [each for each in blocks if isinstance(each, Heading) and each.level == 1 and each.label]
    lines = "".join([f'<li><a href="#{escape(each.label)}">{escape(each.full)}</a></li>' for each in entries])
    return f'<nav aria-label="Contents"><ol>{lines}</ol></nav>' if lines else ""


class _Page:
    """The body of a page: its rows as targets of links, and the rules of style that single figures need."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.rules: list[str] = []
        self.labels: set[str] = set()
        self.rows: dict[str, str] = {}
        """The first row of every block of a network, and every row, by its label."""
        for grid in blocks:
            if not isinstance(grid, Grid) or not grid.label or grid.label in self.labels:
                continue
            self.labels.add(grid.label)
            ids = [own for own in web_tables.row_ids(grid) if own]
            self.rows |= {own: own for own in ids}
            for own in ids:
                parts = own.removeprefix(f"{grid.label}-").split(".")
                for length in range(1, len(parts)):
                    self.rows.setdefault(f"{grid.label}-{'.'.join(parts[:length])}", own)

    def target(self, label: str) -> str:
        """The row that a box of a picture leads to: its own, the first of its block, or that of the block around it."""
        known = next((each for each in self.labels if label.startswith(f"{each}-")), "")
        parts = label.removeprefix(f"{known}-").split(".")
        tried = [f"{known}-{'.'.join(parts[:length])}" for length in range(len(parts), 0, -1)]
        return next((self.rows[each] for each in tried if each in self.rows), "") if known else ""

    def block(self, block: Block, key: str) -> Iterator[str]:
        match block:
            case Heading(level, _, label):
                own = f' id="{escape(label)}"' if label else ""
                yield f"<h{level + 1}{own}>{escape(block.full)}</h{level + 1}>"
                if block.subtitle:
                    yield f'<p class="subtitle">{escape(block.subtitle)}</p>'
            case Paragraph(text, small):
                yield f"<p>{rich(text)}</p>" if not small else f'<p class="remark">{rich(text)}</p>'
            case Definitions(rows):
                lines = [f"<div><dt>{escape(word)}</dt><dd>{rich(text)}</dd></div>" for word, text in rows]
                yield f"<dl>{''.join(lines)}</dl>"
            case Grid():
                yield from web_tables.table(block, key)
            case Formulas():
                yield from web_tables.formulas(block, key)
            case Figure():
                yield from self.figure(block, key)
            case Sides(left, right, _):
                yield '<div class="sides">'
                for side, blocks in (("l", left), ("r", right)):
                    inner = [part for n, each in enumerate(blocks) for part in self.block(each, f"{key}{side}{n}")]
                    yield f"<div>{''.join(inner)}</div>"
                yield "</div>"

    def figure(self, block: Figure, key: str) -> Iterator[str]:
        """A picture, with another for narrow screens, its caption, and its values as a table."""
        wide = "for-wide" if block.narrow else ""
        yield f'<figure class="picture" id="{key}">'
        yield self.framed(
            MarkedDrawing(block.svg, block.marks), block.description, key, wide, plot=block.data is not None
        )
        if block.narrow is not None:
            yield self.framed(block.narrow, block.description, f"{key}n", "for-narrow", plot=True)
        yield f"<figcaption>{rich(block.caption)}</figcaption>"
        yield "</figure>"
        if block.data is not None or block.command:
            shown = list(web_tables.table(block.data, f"{key}d")) if block.data else []
            command = f'<p class="remark">Drawn by <code>{escape(block.command)}</code></p>' if block.command else ""
            head = f"Values ({len(block.data.rows)} rows)" if block.data else "The command that draws this"
            yield f"<details><summary>{head}</summary>{''.join(shown)}{command}</details>"

    def framed(self, drawing: MarkedDrawing, description: str, key: str, classes: str, *, plot: bool) -> str:
        """A picture in its frame, in which it scrolls where it would be too small to read."""
        self.rules.append(f"#{key}f{{--own:{width_of(drawing.svg):.0f}px}}\n")
        picture = inlined(drawing, description, key, self.target)
        name = " ".join(filter(None, ("frame", "plot" if plot else "", classes)))
        return f'<div class="{name}" id="{key}f" tabindex="0">{picture}</div>'
