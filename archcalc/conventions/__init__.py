"""Conventions: ways of counting work, parameters and memory, as data with a source.

A convention lists for every kind of op the measures of a node that it counts, with weights: fvcore counts two for each
element of a batch norm's output, `"batch_norm": (Term(2, "affine_elements"), ...)`. The measures are defined in
`archcalc.conventions.measures`. A wrong count of a tool is a term like any other, marked as a bug.

There is a file for each tool or paper, with its `CONVENTIONS`; the files are imported when a convention is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Quantity = Literal["work", "parameters", "memory"]


class Bug(NamedTuple):
    """A bug of a tool: its wrong count, the versions, and the evidence."""

    summary: str
    versions: str
    evidence: str


class Term(NamedTuple):
    """One term of an op's count: `weight` times a measure of the node."""

    weight: int
    measure: str
    """A name in `archcalc.conventions.measures.MEASURES`."""
    bug: Bug | None = None
    """The bug, if the tool is meant to count something else."""


Terms = Mapping[str, tuple[Term, ...]]
"""The terms by kind of op (`conv`, `batch_norm`, ...), and under `OTHERS` those of all other kinds.

If a kind is missing and there is no entry `OTHERS`, the convention is not known to count the kind, and every count
lists it as left out.
"""

OTHERS = "*"


class Convention(NamedTuple):
    """A named way of counting: the weights of each kind of op."""

    name: str
    summary: str
    source: str
    """The paper, or the place in the tool's code."""
    unit: str
    """The unit of a count: mult-adds, FLOPs, Macs (mixed), parameters, bytes."""
    terms: Terms
    tool: str = ""
    """The package that counts so; empty for the convention of a paper."""
    versions: str = ""
    """The versions of the tool for which this holds."""
    quantity: Quantity = "work"
    notes: tuple[str, ...] = ()
    other_bugs: tuple[Bug, ...] = ()
    """Bugs that no count here shows, as no op here has the feature: batches, padding="same", ..."""

    def of(self, kind: str) -> tuple[Term, ...]:
        """The terms of a kind of op; empty for one that it leaves out."""
        terms = self.terms.get(kind)
        return self.terms.get(OTHERS, ()) if terms is None else terms

    @property
    def bugs(self) -> tuple[Bug, ...]:
        """The bugs among its terms, each once, and the others."""
        bugs = {term.bug: None for terms in self.terms.values() for term in terms if term.bug is not None}
        return (*bugs, *self.other_bugs)


PRODUCTS = (
    *("conv", "conv_transpose", "table_conv", "linear", "window_attention"),
    *("matmul", "attention", "einsum", "rnn", "gru", "lstm"),
    *("given_conv", "given_conv_transpose", "given_linear"),
)
"""The kinds of ops that multiply and accumulate; the tools were run on these."""

RUN_ON_ANY_AXES = ("fvcore", "thop", "torch", "torchinfo", "torchprofile", "torchscan")
"""The tools that were run on sequences and volumes too; the others were run on images alone."""

ALIASES: Mapping[str, str] = {"macs": "mult_adds", "madds": "mult_adds", "multiadds": "mult_adds"}
"""Other names of conventions, as they are compared: in lower case, without `-` and `_`."""

FLOPS = Convention(
    "flops",
    "two for each multiply-accumulate of convolutions, linear layers and matrix products: a multiplication and an "
    "addition; biases, normalisation, activations and pooling not",
    "a multiply-accumulate is two operations of floating-point arithmetic; no tool counts just so on every network",
    "FLOPs",
    dict.fromkeys((*PRODUCTS, OTHERS), (Term(2, "multiply_accumulate"),)),
)

MULT_ADDS = Convention(
    "mult_adds",
    "multiply-accumulates of convolutions, linear layers and matrix products, one each; taps on zero padding counted, "
    "biases, normalisation, activations and pooling not",
    "the papers' tables, e.g. Howard et al. 2017, arXiv:1704.04861, Table 1",
    "mult-adds",
    dict.fromkeys((*PRODUCTS, OTHERS), (Term(1, "multiply_accumulate"),)),
)
