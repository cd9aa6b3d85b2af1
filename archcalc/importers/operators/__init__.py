"""Operators of PyTorch's programs: for each the op of archcalc that it is, one file for each topic.

A file lists its operators in `OPERATORS`; a new operator is one line there, or one function.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from archcalc.importers.call_site import Handler
from archcalc.importers.operators import arithmetic, layers, movement, products, reductions, sampling

TOPICS = (layers, arithmetic, reductions, movement, products, sampling)


@cache
def operators() -> Mapping[str, Handler]:
    """The function of every known operator, by its name without overload and without the `_` of in-place ones."""
    found: dict[str, Handler] = {}
    for each in TOPICS:
        found |= {f"aten.{name}": handler for name, handler in each.OPERATORS.items()}
    return found
