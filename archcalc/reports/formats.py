"""The formats of reports."""

from __future__ import annotations

from archcalc.base.extras import need
from archcalc.base.files import format_of
from archcalc.reports.blocks import Document

SUFFIXES = {".pdf": "pdf", ".html": "html", ".htm": "html", ".md": "md", ".markdown": "md"}


def read_format(given: str | None, file: str | None) -> str:
    """The requested format, or that of the file's suffix, or pdf. Raises ArchcalcError for another suffix."""
    return format_of(given, file, SUFFIXES, "pdf", "a report")


def check(form: str) -> None:
    """Raise MissingTool, before any work, if a package for reports of this format is not installed."""
    need("matplotlib", "a report", extra="report")
    if form == "pdf":
        from archcalc.reports.typesetting import typst

        typst()


def written(document: Document, form: str) -> bytes:
    """A document in one of the formats."""
    if form == "pdf":
        from archcalc.reports.typesetting import pdf

        return pdf(document)
    if form == "html":
        from archcalc.reports.web import web_page

        return web_page(document).encode()
    from archcalc.reports.markdown import markdown

    return markdown(document).encode()
