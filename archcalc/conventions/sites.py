"""Sites: the inputs of measures."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, Shape
from archcalc.graph import Origin, Parameters, Work


class Site(NamedTuple):
    """A node with everything that measures are computed from, for one image."""

    op: Any
    inputs: tuple[Shape, ...]
    output: Shape
    parameters: Parameters
    """Parameters; only the first node that applies an op has them."""
    work: Work
    times: Dim = 1
    """How many maps of these shapes it is applied to."""
    origin: Origin | None = None
    """The call in the code of a model that it is from, if that is known."""
