"""One node as conventions see it."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.algebra.dims import Shape
from archcalc.graph import Parameters, Work


class Site(NamedTuple):
    """One node as a measure sees it: counts are for one image."""

    op: Any
    inputs: tuple[Shape, ...]
    output: Shape
    parameters: Parameters
    """Those of a node that applies an op once more are nothing: its owner has them."""
    work: Work
