"""Pages of records: README.md of a folder, tables in Markdown, names in a remark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from archcalc.base.files import destination


def write_page(folder: Path, heading: str, text: str) -> Path | None:
    """Write README.md of a folder of records; None where another README.md stands there."""
    page = folder / "README.md"
    if page.exists() and not page.read_text(encoding="utf-8").startswith(heading):
        return None
    with destination(str(page)) as write:
        write(text.encode())
    return page


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column has names and the others numbers."""
    marks = "| :--- |" + " ---: |" * (len(heads) - 1)
    return "\n".join([f"| {' | '.join(heads)} |", marks, *[f"| {' | '.join(row)} |" for row in rows]])


def made_with(python: str, versions: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Software and hardware of a record, in sentences."""
    software = ", ".join([f"Python {python}", *[f"{name} {version}" for name, version in versions.items()]])
    hardware = "; ".join(f"{name} {said}" for name, said in environment.items())
    return f"{software}." + (f" Run on: {hardware}." if hardware else "")


def some(names: Sequence[str]) -> str:
    """The first few of some names, each once."""
    found = list(dict.fromkeys(names))
    return ", ".join(found) if len(found) <= 4 else f"{', '.join(found[:3])} and {len(found) - 3} more"
