"""The design spaces of documents by name: one file for each group, imported when one of its spaces is asked for.

A file has a function `space(name)` that makes the space of a canonical name.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from archcalc.base.spelling import matched, unknown
from archcalc.spaces.space import DesignSpace

GROUPS: Mapping[str, str] = {
    "anynet_a": "anynet",
    "anynet_b": "anynet",
    "anynet_c": "anynet",
    "anynet_d": "anynet",
    "anynet_e": "anynet",
    "regnetx": "regnet",
    "regnety": "regnet",
    "nasnet_a": "cells",
    "darts": "cells",
    "enas_micro": "cells",
    "enas_macro": "cells",
}
"""The file of every space."""


def find_space(name: str) -> DesignSpace | None:
    """The space of a name, which is matched without case, `-`, `_` and `.`; None if there is none.

    >>> find_space("AnyNet-C").size()
    316659348799488
    """
    for known, group in GROUPS.items():
        if matched(known) == matched(name):
            space: DesignSpace = import_module(f"{__name__}.{group}").space(known)
            return space
    return None


def named_space(name: str) -> DesignSpace:
    """The space of a name. Raises UnknownName with the nearest known names."""
    found = find_space(name)
    if found is None:
        raise unknown("design space", name, list(GROUPS), f"there are {', '.join(GROUPS)}")
    return found
