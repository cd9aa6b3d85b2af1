"""Check with fvcore's FlopCountAnalysis, for each class of operators and each module.

fvcore counts one for a multiply-accumulate, as we do, and adds batch norm, layer norm and adaptive pooling to the same
sum; so classes are compared, not totals. The check fails if fvcore leaves out an operator that looks like a convolution
or a matrix product (it returns 0 for `padding="same"`, which our models therefore do not use).
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from importlib import import_module, metadata
from typing import Any

from archcalc.analysis.cost import Cost, costs
from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.base.extras import need
from archcalc.conventions.fvcore import CONVENTIONS
from archcalc.conventions.measures import Measures
from archcalc.graph import Graph
from archcalc.validation.outcome import Ledger, Outcome, not_run
from archcalc.validation.subject import CheckedNetwork

NAME = "fvcore"
CLASSES = {"addmm": "linear", "linear": "linear", "bmm": "matmul", "baddbmm": "matmul", "matmul": "matmul"}
"""Our classes of fvcore's operators; others keep their name."""
OPERATORS = {
    "conv_transpose": "conv",
    "table_conv": "conv",
    "window_attention": "matmul",
    "global_avg_pool": "adaptive_avg_pool2d",
    "adaptive_avg_pool": "adaptive_avg_pool2d",
    "bilinear_sample": "grid_sampler",
}
"""The class of our kinds of ops, if its name differs; `2d` is for images."""
(FVCORE,) = CONVENTIONS
FLOAT = 4
LIMIT = 3 * 1024**3
"""Bytes of all values of a network above which a smaller input is traced."""
PRODUCT_LIKE = re.compile(r"conv|matmul|mm$|linear|einsum|attention|bilinear")


def operator(kind: str, axes: int) -> str:
    """The class of a kind of op on maps of some axes."""
    return OPERATORS.get(kind, kind).replace("2d", f"{axes}d")


COUNTED = {operator(kind, axes) for kind in FVCORE.terms for axes in (1, 2, 3)}


def check(subject: CheckedNetwork) -> Outcome:
    """Compare counts by class and, for convolutions and linear layers, by module."""
    if subject.device == "meta":
        return not_run(NAME, "fvcore traces real tensors; the meta device has none")
    try:
        with warnings.catch_warnings(action="ignore"):  # it is written for an older PyTorch and warns at length
            need("fvcore", f"the check {NAME}")
            fvcore: Any = import_module("fvcore.nn")
            return _compare(subject, fvcore)
    except MissingTool as missing:
        return not_run(NAME, str(missing))


NOTHING = frozenset({"aten::scaled_dot_product_attention"})
"""Products that fvcore is known to leave out: a bug of its convention."""


def _compare(subject: CheckedNetwork, fvcore: Any) -> Outcome:
    ledger = Ledger(NAME, f"fvcore {metadata.version('fvcore')} on {subject.against}")
    graph = _traceable(subject, ledger)
    model = subject.model(graph)
    analysis: Any = fvcore.FlopCountAnalysis(model, tuple(subject.data(graph)))
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")  # noqa: FBT003
    theirs: Counter[str] = Counter()
    for operator, flops in analysis.by_operator().items():
        theirs[CLASSES.get(str(operator), str(operator))] += int(flops)
    each = costs(graph)
    ours = by_class(graph)
    for kind in sorted(set(ours) | (set(theirs) & COUNTED)):
        ledger.total(kind, ours[kind], theirs[kind])
    others = sorted(set(theirs) - set(ours))
    if others:
        ledger.note(f"fvcore counts besides: {', '.join(others)}")
    _by_module(ledger, graph, each, model.names, analysis.by_module())
    left = sorted(name for name in analysis.unsupported_ops() if PRODUCT_LIKE.search(name) and name not in NOTHING)
    ledger.equal("convolutions and products that fvcore left uncounted", [], left)
    return ledger.close()


def _traceable(subject: CheckedNetwork, ledger: Ledger) -> Graph:
    """The graph at an input whose trace fits into memory: fvcore holds all values of a network until the end."""
    graph = subject.graph()
    channels, *sizes = subject.input
    while _held(graph) > LIMIT:
        sizes = [size // 2 for size in sizes]
        try:
            graph = subject.graph((channels, *sizes))
        except ArchcalcError:
            break
        ledger.note(f"at {'x'.join(map(str, (channels, *sizes)))}, because fvcore holds every value at once")
    return graph


def _held(graph: Graph) -> int:
    elements: Any = [cost.activations for cost in costs(graph)]
    return FLOAT * sum(elements)


def by_class(graph: Graph) -> Counter[str]:
    """The counts that fvcore should return, by class: its convention (`archcalc conventions fvcore`)."""
    measures = Measures(graph)
    ours: Counter[str] = Counter()
    for kind, terms in FVCORE.terms.items():
        for term in terms:
            amounts: Any = measures.of(kind, term.measure)
            for index, amount in zip(measures.kinds.get(kind, ()), amounts, strict=True):
                ours[operator(kind, len(graph.nodes[index].shape) - 1)] += term.weight * amount
    return +ours


def _by_module(ledger: Ledger, graph: Graph, each: list[Cost], names: list[str], theirs: Any) -> None:
    """Compare every module with mult-adds; a module that is applied more than once is compared with the sum."""
    ours: Counter[str] = Counter()
    for node, cost in zip(graph.nodes, each, strict=True):
        if node.op.role in ("conv", "linear"):
            mult_adds: Any = cost.work.multiply_accumulate
            ours[names[node.owner]] += mult_adds
    for name, mult_adds in ours.items():
        ledger.equal(name, mult_adds, int(theirs[name]))
