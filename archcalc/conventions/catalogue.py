"""All conventions: from the files beside this one that state `CONVENTIONS`."""

from __future__ import annotations

import os
from importlib import import_module

from archcalc.base.package import file_names
from archcalc.conventions import FLOPS, MULT_ADDS, Convention

MACHINERY = frozenset(
    [
        *("__init__", "calls", "catalogue", "containers", "counting", "implementations", "measures", "products"),
        *("reconciling", "results", "sites", "taps"),
    ]
)


def all_conventions() -> tuple[Convention, ...]:
    """The papers' mult-adds first, the rest by file name."""
    stems = sorted(name[:-3] for name in file_names(os.path.dirname(__file__)) if name.endswith(".py"))
    files = [import_module(f"archcalc.conventions.{stem}").CONVENTIONS for stem in stems if stem not in MACHINERY]
    return (MULT_ADDS, FLOPS, *[each for file in files for each in file])
