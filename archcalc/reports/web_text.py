"""Texts of a web page: names, links and emphasis as elements; every other letter as itself."""

from __future__ import annotations

from html import escape

from archcalc.reports.blocks import Text, TextSpan, plain

ELEMENTS = {
    "name": ('<span class="name">', "</span>"),
    "strong": ("<strong>", "</strong>"),
    "title": ("<cite>", "</cite>"),
    "variable": ("<var>", "</var>"),
    "index": ("<sub>", "</sub>"),
    "power": ("<sup>", "</sup>"),
}
ARROW = "\u2192"
"""The text of a link to a page number, as HTML has no pages."""


def rich(text: Text) -> str:
    """A text as HTML."""
    return "".join([_part(part) for part in ([text] if isinstance(text, str) else text)])


def _part(part: str | TextSpan) -> str:
    shown = escape(plain([part]))
    if isinstance(part, str):
        return shown
    if part.style == "page":
        shown = f'<span aria-hidden="true">{ARROW}</span><span class="unseen">to its part</span>'
    before, after = ELEMENTS.get(part.style, ("", ""))
    marked = f"{before}{shown}{after}"
    safe = part.link.startswith(("#", "https://"))
    return f'<a href="{escape(part.link)}">{marked}</a>' if safe else marked
