"""Totals of the catalogue's networks at their own inputs, kept in a file, so that a list of all need not build each.

The file says of which source it was made: a digest of all files that totals follow from. Where they have changed since,
nothing counts as kept, and totals are worked out. `python tests/generate.py` makes the file anew.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import NamedTuple

SOURCES = ("algebra", "algebra/expressions", "analysis", "graph", "ops", "zoo")
FILE = "data/totals.csv"


class KeptTotals(NamedTuple):
    """Totals of a network at its own input."""

    params: int
    mult_adds: int


@cache
def kept() -> dict[str, KeptTotals]:
    """The totals of every network by its name; empty if they were made of another source."""
    file = files("archcalc").joinpath(FILE)
    if not file.is_file():
        return {}
    (_, digest, *_), *rows = csv.reader(io.StringIO(file.read_text(encoding="utf-8")))
    if digest != source_digest():
        return {}
    return {name: KeptTotals(int(params), int(mult_adds)) for name, params, mult_adds in rows}


def written(totals: Iterable[tuple[str, KeptTotals]]) -> str:
    """The file's text for the totals of all networks and the source as it is."""
    rows = "".join([f"{name},{each.params},{each.mult_adds}\n" for name, each in totals])
    return f"source,{source_digest()},\n{rows}"


def source_digest() -> str:
    """A digest of the names and the text of all files that totals follow from."""
    found = blake2b(digest_size=16)
    for folder in SOURCES:
        parts = [each for each in files("archcalc").joinpath(folder).iterdir() if each.name.endswith(".py")]
        for part in sorted(parts, key=lambda each: each.name):
            text = part.read_bytes()
            found.update(f"{folder}/{part.name} {len(text)}\n".encode() + text)
    return found.hexdigest()
