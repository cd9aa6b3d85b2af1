"""The last page of the atlas: how to cite it, its licence, its address, and what it was made with."""

from __future__ import annotations

from archcalc import __version__
from archcalc.reports.blocks import Block, Definitions, Heading, Text, TextSpan
from archcalc.reports.documents import date

AUTHORS = "The archcalc authors"
LICENCE = "MIT"
"""The licence, as in `pyproject.toml`."""
YEAR = "2026"
"""The year of the copyright, as in the file LICENSE."""
ADDRESS = ""
"""The address of the project, as in `pyproject.toml`; empty while that has none."""


def colophon(title: str, command: str) -> list[Block]:
    """The section for a document with this title, which a command builds."""
    rows: list[tuple[str, Text]] = [
        ("how to cite", [f"{AUTHORS} ({YEAR}). ", TextSpan(title, "title"), f". Made by archcalc {__version__}."]),
        ("networks", "Cite the paper of a network too; each chapter begins with its own."),
        ("licence", f"{LICENCE}. Copyright \u00a9 {YEAR} {AUTHORS}."),
        ("address", [TextSpan(ADDRESS, "", ADDRESS)] if ADDRESS else ""),
        ("version", f"archcalc {__version__}" + (f"; validated {date()}" if date() else "")),
        ("data", ["The numbers as CSV are under ", TextSpan("reports/data", "name"), " of the source tree."]),
        ("made with", "Typst, matplotlib and Graphviz; set in Libertinus Serif and Source Sans Pro."),
        ("made by", [TextSpan(command, "name")]),
    ]
    return [Heading(1, "Colophon", "colophon"), Definitions([(word, said) for word, said in rows if said])]
