"""Sites: one node with all that measures need."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.algebra.dims import Shape
from archcalc.graph import Parameters, Work


class Site(NamedTuple):
    """One node with all that measures need: counts are for one image."""

    op: Any
    inputs: tuple[Shape, ...]
    output: Shape
    parameters: Parameters
    """Parameters; a node that applies an op once more has none, its owner has them."""
    work: Work
