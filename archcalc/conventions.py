"""Conventions: how work is counted, as data with a source."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.dims import Dim
from archcalc.graph import Work


class Convention(NamedTuple):
    """A named way of counting: what one primitive operation of an op's work is worth."""

    name: str
    summary: str
    source: str
    weights: tuple[tuple[str, int], ...]

    def total(self, work: Work) -> Dim:
        """What an op's work comes to."""
        counted: Dim = 0
        for primitive, weight in self.weights:
            counted = counted + weight * getattr(work, primitive)
        return counted


MULT_ADDS = Convention(
    "mult_adds",
    "multiply-accumulates of convolutions, linear layers and matrix products, one each; taps on zero padding counted, "
    "biases, normalisation, activations and pooling not",
    "the papers' tables, e.g. Howard et al. 2017, arXiv:1704.04861, Table 1",
    (("multiply_accumulate", 1),),
)
