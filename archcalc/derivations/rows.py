"""Derivations of quantities of one row of the cost table, or of one op: each op's equations, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, final

from archcalc.algebra.dims import Shape
from archcalc.algebra.expressions import parse
from archcalc.analysis.backward import factors, learns, needs_gradient
from archcalc.analysis.cost import Cost, costs
from archcalc.analysis.receptive_field import Field, fields
from archcalc.derivations.letters import SIZES, OpReading, channels_first, meaning, read, sizes
from archcalc.derivations.results import Part
from archcalc.derivations.working import Equation, LetterValue, Zero, applies, equation, equations, keeps_shape
from archcalc.graph import Graph, channels_last

Lines = tuple[Equation | Zero, ...]


@final
class GraphAnalyses:
    """A graph and its analyses, each computed on first use."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def costs(self) -> list[Cost]:
        """The cost of every node."""
        return costs(self.graph)

    @cached_property
    def fields(self) -> list[Field]:
        """The receptive field of every node."""
        return fields(self.graph)

    @cached_property
    def channels_last(self) -> list[bool]:
        """For every node, True if its channels are last."""
        return channels_last(self.graph)


def shape_of(net: GraphAnalyses, index: int) -> Shape:
    """The output of a node as (channels, height, width)."""
    shape = net.graph.nodes[index].shape
    return channels_first(shape, net.channels_last[index])


def reading_of(net: GraphAnalyses, index: int) -> OpReading:
    """A node in the terms of the formulas."""
    node = net.graph.nodes[index]
    return read(node.op, [net.graph.nodes[i].shape for i in node.inputs], [net.channels_last[i] for i in node.inputs])


def heading(net: GraphAnalyses, index: int) -> str:
    """An op with its fields, and the shapes of its inputs: Conv(out=64, kernel=7) on 3 x 224 x 224."""
    node = net.graph.nodes[index]
    if node.op.role == "input":
        return "the input"
    return f"{node.op!r} on {listed([_by(shape_of(net, i)) for i in node.inputs])}"


def _by(shape: Shape) -> str:
    return " x ".join(map(str, shape))


def listed(words: Sequence[str]) -> str:
    """Words joined by commas and `and`; of many only the first two and the last."""
    if len(words) > 4:
        return f"{words[0]}, {words[1]} ... {words[-1]} ({len(words)} inputs)"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def summed(net: GraphAnalyses, indices: Sequence[int], quantity: str) -> tuple[tuple[Part, ...], Any]:
    """Derivations of params, buffers, mult_adds or backward_mult_adds of some ops, and their sum."""
    parts: list[Part] = []
    for index in indices:
        if quantity == "backward_mult_adds":
            lines = _backward(net, index)
        else:
            lines = tuple(equations(reading_of(net, index), quantity))
            again = quantity in ("params", "buffers") and net.graph.nodes[index].owner != index
            if again and isinstance(lines[-1], Equation):  # an op without weights shares none
                lines = (_shared(net, index, quantity),)
        parts.append(Part(heading(net, index), lines))
    counted = [line for part in parts if isinstance(line := part.lines[-1], Equation)]
    if len(counted) > 1:
        left, what = counted[0].left, counted[0].meaning
        terms = LetterValue(f"{left}_i", f"{what} of operation i", tuple([line.value for line in counted]))
        together = equation(left, what, parse(f"sum({left}_i over i)"), (terms,))
        parts.append(Part("Together", (together,)))
    return tuple(parts), parts[-1].lines[-1].value if len(counted) > 1 else sum([line.value for line in counted])


def _shared(net: GraphAnalyses, index: int, quantity: str) -> Zero:
    owner = net.graph.nodes[net.graph.nodes[index].owner].row
    return Zero(
        "P" if quantity == "params" else "Q", quantity, f"it uses the weights of {owner} once more, counted there"
    )


def _backward(net: GraphAnalyses, index: int) -> Lines:
    """Mult-adds of the backward pass: each product once for the weights, once for an input that needs a gradient."""
    node = net.graph.nodes[index]
    *before, forward = equations(reading_of(net, index), "mult_adds")
    if isinstance(forward, Zero):
        return (Zero("M_back", "backward mult-adds", forward.reason, forward.source),)
    every = learns(net.graph)
    needs, learnt = needs_gradient(net.graph, every), every[index]
    factor = factors(net.graph, index, needs, learnt)
    inner = any([needs[i] for i in node.inputs])
    if node.op.role not in ("conv", "linear") or len(node.inputs) > 1:
        says = (
            "each product once for each of its factors that needs a gradient" if inner else "nothing learns before it"
        )
        if node.op.role not in ("conv", "linear") and inner:
            says = "each product once for each of its two factors"
    else:
        says = "each product once for its weights" if learnt else "nothing for its weights"
        says += ", and once for its input" if inner else "; nothing learns before it, so its input needs no gradient"
    letters = (LetterValue("f", meaning("f"), factor), LetterValue("M", meaning("M"), forward.value))
    source = "Rumelhart et al. 1986, equations (6) and (7)"
    back = equation("M_back", "backward mult-adds", parse("f * M"), letters, source, says)
    return (*before, forward, back)


def shapes(net: GraphAnalyses, indices: Sequence[int], wanted: Sequence[str]) -> tuple[Part, ...]:
    """The output's channels, height and width, op by op; ops that keep the shape are only named."""
    kept = [i for i in indices if keeps_shape(reading_of(net, i))]
    parts: list[Part] = []
    for index in [i for i in indices if i not in kept] or indices[:1]:
        reading = reading_of(net, index)
        has = [quantity for quantity in wanted if applies(reading, quantity)]
        lines = [line for quantity in has for line in equations(reading, quantity)]
        if lines:
            parts.append(Part(heading(net, index), tuple(lines)))
    if len(indices) > 1 and kept:
        names = listed(list(dict.fromkeys(net.graph.nodes[i].op.kind for i in kept)))
        parts[-1] = parts[-1]._replace(remark=f"{names} {'keeps' if len(kept) == 1 else 'keep'} the shape.")
    return tuple(parts)


def outcome(net: GraphAnalyses, index: int, parts: Sequence[Part]) -> dict[str, Any]:
    """The derived values of the letters of a node's output, in the order (channels, height, width)."""
    values = {line.left: line.value for part in parts for line in part.lines}
    return {letter: values[letter] for letter in sizes(shape_of(net, index)) if letter in values}


def counted(
    net: GraphAnalyses, indices: Sequence[int], batch: Any = None, width: int = 0
) -> tuple[tuple[Part, ...], Any]:
    """Elements of the output of a row or, with a batch and bytes of a value, their memory."""
    parts = shapes(net, indices, ("channels", *SIZES[len(shape_of(net, indices[-1])) - 1]))
    values = outcome(net, indices[-1], parts)
    order = [name for name in ("L_out", "D_out", "H_out", "W_out", "C_out") if name in values]
    letters = [LetterValue(name, meaning(name), values[name]) for name in order]
    formula = parse(" * ".join(order))
    elements = equation(
        "A", "activations", formula, letters, "document 003, VGG parameters and memory", "every value of the output"
    )
    lines: Lines = (elements,)
    if batch is not None:
        of = (
            LetterValue("A", meaning("A"), elements.value),
            LetterValue("b", meaning("b"), width),
            LetterValue("B", meaning("B"), batch),
        )
        source = "document 003, VGG parameters and memory (24M * 4 bytes)"
        lines = (elements, equation("E", "memory in bytes", parse("A * b * B"), of, source))
    return (*parts, Part("Together" if len(parts) else "", lines)), lines[-1].value
