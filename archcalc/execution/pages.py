"""Pages for folders of records: README.md, tables in Markdown, lists of names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from archcalc.base.files import destination


def write_page(folder: Path, heading: str, text: str) -> Path | None:
    """Write README.md in a folder of records; return None, without writing, if there is another README.md."""
    page = folder / "README.md"
    if page.exists() and not page.read_text(encoding="utf-8").startswith(heading):
        return None
    with destination(str(page)) as write:
        write(text.encode())
    return page


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with names in the first column and numbers in the others."""
    marks = "| :--- |" + " ---: |" * (len(heads) - 1)
    return "\n".join([f"| {' | '.join(heads)} |", marks, *[f"| {' | '.join(row)} |" for row in rows]])


def made_with(python: str, versions: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Sentences on the software and hardware of a record."""
    software = ", ".join([f"Python {python}", *[f"{name} {version}" for name, version in versions.items()]])
    hardware = "; ".join(f"{name} {said}" for name, said in environment.items())
    return f"{software}." + (f" Run on: {hardware}." if hardware else "")


def some(names: Sequence[str]) -> str:
    """The first few of some names, each once."""
    different = list(dict.fromkeys(names))
    return ", ".join(different) if len(different) <= 4 else f"{', '.join(different[:3])} and {len(different) - 3} more"
