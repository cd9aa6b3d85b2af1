"""Derivations of quantities of a whole network: sums over its rows, by stage, and the step at which memory peaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.algebra.expressions import parse
from archcalc.analysis.backward import learns, needs_gradient
from archcalc.analysis.cost import depths
from archcalc.analysis.memory import footprint, last_uses, storages
from archcalc.derivations.letters import meaning
from archcalc.derivations.results import Listing, Part
from archcalc.derivations.rows import GraphAnalyses, shape_of
from archcalc.derivations.working import Equation, LetterValue, equation
from archcalc.graph import HEADING, op_names

Worked = tuple[tuple[Part, ...], Any]

FOLDED = {
    "params": ("P", "parameters"),
    "buffers": ("Q", "buffers"),
    "mult_adds": ("M", "mult-adds"),
    "backward_mult_adds": ("M_back", "backward mult-adds"),
    "activation_sum": ("A", "activations"),
}
"""Quantities that are sums over the rows."""


def folded(net: GraphAnalyses, quantity: str) -> Worked:
    """The sum over all rows, stage by stage."""
    left, what = FOLDED[quantity]
    count = _counter(net, quantity)
    stages: dict[str, dict[str, int]] = {}
    for index, node in enumerate(net.graph.nodes):
        rows = stages.setdefault(node.row.split(".")[0], {})
        rows[node.row] = rows.get(node.row, 0) + count(index)
    lines = [(stage, len(rows), sum(rows.values())) for stage, rows in stages.items()]
    shown = tuple([line for line in lines if line[2]])
    terms = LetterValue(f"{left}_l", f"{what} of stage l", tuple([value for _, _, value in shown]))
    total = equation(left, what, parse(f"sum({left}_l over l)"), (terms,), says=_counts(quantity))
    left_out = [stage for stage, _, value in lines if not value]
    words = f"None in {', '.join(left_out)}." if 0 < len(left_out) <= 8 else ""
    return (Part("", (total,), words, Listing(("stage", "rows", what), shown)),), total.value


def _counts(quantity: str) -> str:
    if quantity == "activation_sum":
        return "the input and every conv, linear, pool and merge output once; all else works in place"
    if quantity == "backward_mult_adds":
        return "each product once for the gradient of its weights, and once for that of an input that needs one"
    return ""


def _counter(net: GraphAnalyses, quantity: str) -> Callable[[int], Any]:
    """The function that gives the term of each node in the sum."""
    nodes, each = net.graph.nodes, net.costs
    if quantity == "backward_mult_adds":
        learnt = learns(net.graph)
        needs = needs_gradient(net.graph, learnt)

        def back(index: int) -> Any:
            inner = any([needs[i] for i in nodes[index].inputs])
            factor = learnt[index] + inner if nodes[index].op.role in ("conv", "linear") else 2 * inner
            return each[index].work.multiply_accumulate * factor

        return back
    counters: dict[str, Callable[[int], Any]] = {
        "params": lambda index: each[index].parameters.learnable,
        "buffers": lambda index: each[index].parameters.running,
        "mult_adds": lambda index: each[index].work.multiply_accumulate,
        "activation_sum": lambda index: (
            each[index].activations if nodes[index].op.role in HEADING or nodes[index].op.role == "input" else 0
        ),
    }
    return counters[quantity]


def in_bytes(worked: Worked, letter: str, batch: Any, width: int) -> Worked:
    """A count of values converted to bytes of a dtype, for a batch if one is given."""
    parts, value = worked
    letters = [LetterValue(letter, "values", value), LetterValue("b", meaning("b"), width)]
    formula = f"{letter} * b"
    if batch is not None:
        letters.append(LetterValue("B", meaning("B"), batch))
        formula += " * B"
    line = equation("E", "bytes", parse(formula), letters, "document 003, VGG parameters and memory (24M * 4 bytes)")
    return (*parts, Part("", (line,))), line.value


def peak(net: GraphAnalyses) -> Worked:
    """The step of the written order at which the most values are alive, and the tensors that are alive then."""
    graph, each = net.graph, net.costs
    facts = [each.memory for each in graph.facts]
    storage = storages(graph, facts, ("always", "inference"))
    last_use = last_uses(graph, storage)
    best: Any = 0
    alive, now, at = [0], list[int](), 0
    for index, root in enumerate(storage):
        if root == index:
            now.append(index)
        held = sum([each[i].activations for i in now])  # pyright: ignore[reportCallIssue, reportArgumentType]
        if held > best:
            best, alive, at = held, list(now), index
        now = [i for i in now if last_use[i] > index]
    names = op_names(graph)
    rows = tuple([(names[i], " x ".join(map(str, shape_of(net, i))), each[i].activations) for i in alive])
    terms = LetterValue("A_l", "values of tensor l", tuple([row[2] for row in rows]))
    says = f"the most that is alive at once: at step {at} of {len(storage) - 1}, which writes {names[at]}"
    total = equation("A", "values alive", parse("sum(A_l over l)"), (terms,), says=says)
    words = (
        "A step holds the tensors that later steps still read, and its own output; views share their input's storage."
    )
    return (Part("", (total,), words, Listing(("tensor", "shape", "values"), rows)),), total.value


def saved(net: GraphAnalyses, batch: Any, width: int) -> Worked:
    """Bytes that autograd saves for the backward pass."""
    kept = footprint(net.graph, net.costs)
    wide = kept.float32_elements
    statistics = () if is_int(wide) and wide == 0 else (LetterValue("s", "statistics of an image", wide),)
    letters = (
        LetterValue("A", "saved values: inputs or outputs that a backward formula needs", kept.saved_elements),
        LetterValue("b", meaning("b"), width),
        *statistics,
        LetterValue("e", "further bytes: indices of max pooling, masks of dropout", kept.saved_bytes),
        LetterValue("B", meaning("B"), batch),
        LetterValue("q", "statistics of a batch", kept.statistics),
        LetterValue("c", "bytes saved once for a batch", kept.once_bytes),
    )
    source = "torch/csrc/autograd, derivatives.yaml"
    each = "A * b + s * max(b, 4) + e" if statistics else "A * b + e"
    formula = parse(f"({each}) * B + q * max(b, 4) + c")
    line = equation("E", "bytes saved for the backward pass", formula, letters, source)
    return (Part("", (line,)),), line.value


def weight_layers(net: GraphAnalyses) -> Worked:
    """Convolutions and linear layers on the longest path, stage by stage."""
    graph = net.graph
    depth = depths(graph)
    at = max(graph.outputs, key=lambda i: depth[i])
    on: list[str] = []
    while graph.nodes[at].inputs:
        if graph.nodes[at].op.role in ("conv", "linear"):
            on.append(graph.nodes[at].row)
        at = max(graph.nodes[at].main, key=lambda i: (depth[i], -i))
    stages: dict[str, list[str]] = {}
    for row in reversed(on):
        stages.setdefault(row.split(".")[0], []).append(row)
    listed = tuple([(stage, len(rows), _ends(rows)) for stage, rows in stages.items()])
    terms = LetterValue("n_l", "weight layers of stage l", tuple([len(rows) for rows in stages.values()]))
    source = "document 003, Full GoogLeNet architecture: parallel layers count as 1"
    says = "convolutions and linear layers on the longest path; shortcuts and gates do not count"
    total: Equation = equation("L", "weight layers", parse("sum(n_l over l)"), (terms,), source, says)
    return (Part("", (total,), "", Listing(("stage", "layers", "from and to"), listed)),), total.value


def _ends(rows: Sequence[str]) -> str:
    return rows[0] if len(rows) == 1 else f"{rows[0]} to {rows[-1]}"
