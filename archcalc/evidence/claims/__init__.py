"""Claims: the figures that the lecture documents print, each with its source and the expression that computes it.

`data/claims.csv` has the figures. `data/claims_selectors.csv` has for each its printed form and the expression that
computes it, in the grammar of `archcalc.algebra.expressions`, `data/claims_notes.csv` the probable origin of wrong
ones, and `data/document_lines.csv` the lines of the documents.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from archcalc.base.errors import UnknownName
from archcalc.base.spelling import shown


class Claim(NamedTuple):
    """One printed figure."""

    id: str
    document: str
    """The first three digits of the document's name."""
    line: int
    section: str
    architecture: str
    scope: str
    """The layer or the part of the network."""
    quantity: str
    text: str
    """The figure as printed in the document."""
    number: str
    """The figure as a number; empty if it is no number."""
    unit: str
    comment: str
    printed: str
    """Its printed form: a number, `shape: 224x224x3`, `formula: (3*3*3)*64 = 1,728`, or `statement`."""
    selector: str
    """The expression that computes it (`archcalc.algebra.expressions`), or `not computable: ` and the reason."""
    slip: str
    """The probable slip: an expression that gives a wrong figure; empty if none is known."""
    note: str
    """The probable cause of a wrong figure, or the reason for another reading."""

    @property
    def reason(self) -> str:
        """The reason why the figure cannot be computed; empty if it can."""
        return self.selector.removeprefix(NOT_COMPUTABLE) if self.selector.startswith(NOT_COMPUTABLE) else ""


NOT_COMPUTABLE = "not computable: "


def _lines(name: str) -> list[list[str]]:
    text = files("archcalc").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))[1:]


def _by_id(name: str) -> Mapping[str, list[str]]:
    return {key: rest for key, *rest in _lines(name)}


@cache
def claims() -> tuple[Claim, ...]:
    """All figures, in the order of the documents."""
    selectors = _by_id("claims_selectors.csv")
    notes = _by_id("claims_notes.csv")
    result: list[Claim] = []
    for key, document, line, *words in _lines("claims.csv"):
        fields = (*words, *selectors[key], *notes.get(key, ["", ""]))
        result.append(Claim._make((key, document[:3], int(line), *fields)))
    return tuple(result)


def claim(id: str) -> Claim:
    """The claim of an id, `C0123` or `123`. Raises UnknownName."""
    known = {each.id: each for each in claims()}
    wanted = id.strip().upper()
    wanted = f"C{wanted.removeprefix('C').zfill(4)}"
    if wanted not in known:
        first, *_, last = known
        raise UnknownName(f"no claim is called {shown(id)}; they are {first} to {last}", (), "id", "claim", id)
    return known[wanted]


@cache
def document_lines() -> Mapping[tuple[str, int], str]:
    """The lines of the documents that claims were read from, by document and line number."""
    return {(document, int(line)): text for document, line, text in _lines("document_lines.csv")}
