"""Conventions: how work is counted, as data with a source.

A convention says for every kind of op which measures of a node it counts and how often: fvcore counts two for each
element of a batch norm's output, `"batch_norm": (Term(2, "affine_elements"), ...)`. The measures are named and written
down once, in `archcalc.conventions.measures`. What a tool counts wrongly is a term like any other, marked as a bug.

One file here for each tool or paper, with `CONVENTIONS`; they are imported when conventions are asked for by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Quantity = Literal["work", "parameters"]


class Bug(NamedTuple):
    """A bug of a tool: what it counts wrongly, the versions, and the evidence."""

    summary: str
    versions: str
    evidence: str


class Term(NamedTuple):
    """One thing that a convention counts of an op: `weight` times a measure of the node."""

    weight: int
    measure: str
    """A name in `archcalc.conventions.measures.MEASURES`."""
    bug: Bug | None = None
    """The bug, if the tool means something else than it counts."""


Terms = Mapping[str, tuple[Term, ...]]
"""By kind of op (`conv`, `batch_norm`, ...) what is counted of each; under `OTHERS` what of all that are not named.

A kind that is not named, and nothing stands under `OTHERS`: the convention is not known to count anything of it, and
every count lists it as left out.
"""

OTHERS = "*"


class Convention(NamedTuple):
    """A named way of counting: the weights of each kind of op."""

    name: str
    summary: str
    source: str
    """The paper, or the tool with the place in its code."""
    unit: str
    """The unit of a count: mult-adds, FLOPs, Macs (mixed), parameters."""
    terms: Terms
    tool: str = ""
    """The package that counts so; empty for a paper's way."""
    versions: str = ""
    """The versions of the tool for which this holds."""
    quantity: Quantity = "work"
    notes: tuple[str, ...] = ()
    other_bugs: tuple[Bug, ...] = ()
    """Bugs of what no op here stands for, and which no count here shows: batches, padding="same", ..."""

    def of(self, kind: str) -> tuple[Term, ...]:
        """The terms of a kind of op; empty for one that it leaves out."""
        found = self.terms.get(kind)
        return self.terms.get(OTHERS, ()) if found is None else found

    @property
    def bugs(self) -> tuple[Bug, ...]:
        """The bugs among its terms, each once, and the others."""
        found = {term.bug: None for terms in self.terms.values() for term in terms if term.bug is not None}
        return (*found, *self.other_bugs)


PRODUCTS = ("conv", "conv_transpose", "table_conv", "linear", "window_attention")
"""The kinds of ops that multiply and accumulate, of which tools were asked."""

MULT_ADDS = Convention(
    "mult_adds",
    "multiply-accumulates of convolutions, linear layers and matrix products, one each; taps on zero padding counted, "
    "biases, normalisation, activations and pooling not",
    "the papers' tables, e.g. Howard et al. 2017, arXiv:1704.04861, Table 1",
    "mult-adds",
    dict.fromkeys((*PRODUCTS, OTHERS), (Term(1, "multiply_accumulate"),)),
)
