"""The loop nests of a graph: of every node that multiplies and accumulates, in the order of the nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, NamedTuple

from archcalc.algebra.dims import is_int
from archcalc.base.errors import ArchcalcError
from archcalc.exporters.loops import AxisLoops, ConvolutionLoops, LoopNest, ProductLoops, UniqueNames
from archcalc.graph import Graph, Node, Op
from archcalc.ops.applied import Each, Given
from archcalc.ops.attention import WindowAttention
from archcalc.ops.conv import Conv, ConvTranspose, TableConv
from archcalc.ops.linear import Linear
from archcalc.ops.products import Attention, Einsum, MatMul
from archcalc.ops.recurrent import GATES, Recurrent
from archcalc.ops.sliding import axes_of, per_axis, sides, taps
from archcalc.ops.values import Unknown

Sizes = tuple[int, ...]

TRANSPOSED = "transposed convolution as a product: its sums over overlapping patches are left out"
RECURRENT = "steps are rows, though each needs the one before"
TABLE = "each map reads channels of its own, copied for it"


@dataclass(frozen=True)
class Inputs:
    """The inputs of a node: shapes without the batch, nests that compute them, which are the same for all images."""

    shapes: tuple[Sizes, ...]
    sources: tuple[int | None, ...]
    fixed: tuple[bool, ...]
    batch: int
    first: int
    """The place in the list of the first nest of this node."""

    def matrices(
        self,
        suffix: str,
        pairs: int,
        n: int,
        k: int,
        m: int,
        places: tuple[int, int] = (0, 1),
        source: int | None = None,
    ) -> ProductLoops:
        """For each image `pairs` products of (n, k) with (k, m), of the inputs at two places.

        Where there is a single second matrix, and it is the same for all images, their first matrices stand one below
        another; where that holds of the first, the transposed product is written. `source` is the nest of the first
        factor, if it is not that of its input.
        """
        one, other = places
        first = self.sources[one] if source is None else source
        loops = ProductLoops(suffix, self.batch * pairs, n, k, m, first, self.sources[other])
        if self.fixed[other]:
            return replace(loops, pairs=pairs, rows=self.batch * n)
        if self.fixed[one]:
            turned = replace(loops, pairs=pairs, rows=self.batch * m, columns=n)
            return replace(turned, source=loops.weights, weights=loops.source)
        return loops


class Nests(NamedTuple):
    """The loop nests of a graph, and what is not in them."""

    loops: list[LoopNest]
    left_out: dict[str, int]
    """The number of nodes of each kind of op that has no multiply-accumulates."""
    unknown: dict[str, int]
    """The number of calls of each operator whose work is not known."""


def loop_nests(graph: Graph, batch: int = 1) -> Nests:
    """The loop nests of a graph for a batch of images; their mult-adds sum to `batch` times those of the graph.

    Raises ArchcalcError naming the layer for sizes that are no numbers, and for a product that no nest says exactly.

    >>> from archcalc.request import Request
    >>> sum(nest.mult_adds for nest in loop_nests(Request.of("lenet5").graph).loops)
    325680
    """
    found = Nests([], {}, {})
    names = UniqueNames()
    sources: list[int | None] = []
    fixed: list[bool] = []
    for node, facts in zip(graph.nodes, graph.facts, strict=True):
        before = tuple([sources[index] for index in node.inputs])
        fixed.append(node.op.role != "input" and all([fixed[index] for index in node.inputs]))
        sources.append(max([each for each in before if each is not None], default=None))
        amount = facts.work.multiply_accumulate
        if is_int(amount) and amount == 0:
            _leave_out(found, node)
            continue
        _numbers(graph, node, (amount,))
        shapes = tuple([_numbers(graph, node, graph.nodes[index].shape) for index in node.inputs])
        still = tuple([fixed[index] for index in node.inputs])
        parts = _parts(graph, node, Inputs(shapes, before, still, batch, len(found.loops)))
        if sum([part.mult_adds for part in parts]) != amount * batch:
            raise _inexact(graph, node)
        found.loops.extend([replace(part, name=names.of(f"{node.row}{part.name}")) for part in parts])
        sources[-1] = len(found.loops) - 1
    return found


def _leave_out(found: Nests, node: Node) -> None:
    """Count a node without multiply-accumulates."""
    if isinstance(node.op, Unknown):
        found.unknown[node.op.operator] = found.unknown.get(node.op.operator, 0) + 1
    elif node.op.role not in ("input", "layout"):
        found.left_out[node.op.kind] = found.left_out.get(node.op.kind, 0) + 1


def _numbers(graph: Graph, node: Node, shape: Sequence[Any]) -> Sizes:
    if not all([is_int(size) for size in shape]):
        sizes = ", ".join(map(str, shape))
        raise ArchcalcError(
            f"{graph.name} / {node.row}: an export needs sizes in numbers, not ({sizes})", about="input"
        )
    return tuple(map(_int, shape))


def _int(size: Any) -> int:
    return int(size)


def _inexact(graph: Graph, node: Node) -> ArchcalcError:
    said = f"the products of {node.op!r} cannot be written exactly as nested loops"
    return ArchcalcError(f"{graph.name} / {node.row}: {said}")


def _parts(graph: Graph, node: Node, inputs: Inputs) -> list[LoopNest]:
    """The nests of one node, whose names are what is added to its row's."""
    write = WRITERS.get(type(node.op))
    if write is None:
        raise _inexact(graph, node)
    return list(write(node.op, inputs))


def _conv(op: Conv, inputs: Inputs) -> Iterator[LoopNest]:
    (channels, *sizes) = inputs.shapes[0]
    every = sides(op.kernel, op.stride, op.padding, op.dilation, len(sizes))
    axes: list[AxisLoops] = []
    for side, size in zip(every, sizes, strict=True):
        before, after = side.pads(size)
        axes.append(
            AxisLoops(
                size, _int(side.positions(size)), side.kernel, side.stride, side.dilation, _int(before), _int(after)
            )
        )
    groups = _int(op.groups)
    yield ConvolutionLoops(
        "", inputs.batch, groups, _int(op.out) // groups, channels // groups, tuple(axes), inputs.sources[0]
    )


def _transposed(op: ConvTranspose, inputs: Inputs) -> Iterator[LoopNest]:
    channels, *sizes = inputs.shapes[0]
    groups = _int(op.groups)
    columns = _int(op.out) // groups * taps(op.kernel, axes_of(inputs.shapes[0]))
    rows = inputs.batch * prod(sizes)
    yield ProductLoops("", groups, rows, channels // groups, columns, inputs.sources[0], note=TRANSPOSED)


def _table(op: TableConv, inputs: Inputs) -> Iterator[LoopNest]:
    (kernel,) = set(per_axis("kernel", op.kernel, 1))
    axes = tuple([AxisLoops(size, size - kernel + 1, kernel, 1, 1, 0, 0) for size in inputs.shapes[0][1:]])
    widths = [len(maps) for maps in op.table]
    for width in sorted(set(widths)):
        suffix = f".maps_of_{width}"
        groups = widths.count(width)
        yield ConvolutionLoops(suffix, inputs.batch, groups, 1, width, axes, inputs.sources[0], note=TABLE)


def _linear(op: Linear, inputs: Inputs) -> Iterator[LoopNest]:
    *positions, features = inputs.shapes[0]
    yield ProductLoops("", 1, inputs.batch * prod(positions), features, _int(op.out), inputs.sources[0])


def _matmul(_op: MatMul, inputs: Inputs) -> Iterator[LoopNest]:
    (*many, n, k), (*others, _, m) = inputs.shapes
    if prod(others) == 1:  # one second matrix for all
        yield inputs.matrices("", 1, prod(many) * n, k, m)
        return
    axes = max(len(many), len(others))
    each = zip([1] * (axes - len(many)) + many, [1] * (axes - len(others)) + others, strict=True)
    yield inputs.matrices("", prod([max(pair) for pair in each]), n, k, m)


def _attention(_op: Attention, inputs: Inputs) -> Iterator[LoopNest]:
    queries, keys, values = inputs.shapes[:3]
    heads = inputs.batch * prod(queries[:-2])
    sources = inputs.sources
    yield ProductLoops(".scores", heads, queries[-2], queries[-1], keys[-2], sources[0], sources[1])
    yield ProductLoops(".values", heads, queries[-2], keys[-2], values[-1], inputs.first, sources[2])


def _windows(op: WindowAttention, inputs: Inputs) -> Iterator[LoopNest]:
    height, width, channels = inputs.shapes[0]
    area = _int(op.area)
    pairs = inputs.batch * op.heads * (height * width // area)
    each = channels // 3 // op.heads
    source = inputs.sources[0]
    yield ProductLoops(".scores", pairs, area, each, area, source, source)
    yield ProductLoops(".values", pairs, area, area, each, inputs.first, source)


def _einsum(op: Einsum, inputs: Inputs) -> Iterator[LoopNest]:
    left, _, result = op.equation.partition("->")
    letters = left.split(",")
    sizes: dict[str, int] = {}
    for word, shape in zip(letters, inputs.shapes, strict=True):
        sizes |= dict(zip(word, shape, strict=True))
    known, same = set(letters[0]), inputs.fixed[0]
    for place, word in enumerate(letters[1:], start=1):
        other, every = set(word), known | set(word)
        kept = every & set(result).union(*letters[place + 1 :])
        loops = replace(inputs, fixed=(same, *inputs.fixed[1:])).matrices(
            "" if len(letters) == 2 else f".product_{place}",
            _size(sizes, known & other & kept),
            _size(sizes, (known - other) & kept),
            _size(sizes, every - kept),
            _size(sizes, (other - known) & kept),
            (0, place),
            source=None if place == 1 else inputs.first + place - 2,
        )
        yield loops
        known, same = kept, same and inputs.fixed[place]


def _size(sizes: Mapping[str, int], letters: Iterable[str]) -> int:
    """The product of the sizes of some letters."""
    return prod([sizes[letter] for letter in letters])


def _recurrent(op: Recurrent, inputs: Inputs) -> Iterator[LoopNest]:
    *positions, features = inputs.shapes[0]
    rows = inputs.batch * prod(positions)
    hidden, gates = _int(op.hidden), GATES[op.cell] * _int(op.hidden)
    back = _int(op.projection) or hidden
    ways = ("forward", "backward") if op.bidirectional else ("forward",)
    place, source = inputs.first, inputs.sources[0]
    for layer in range(1, op.layers + 1):
        for way in ways:
            name = f".layer{layer}_{way}"
            yield ProductLoops(f"{name}_inputs", 1, rows, features, gates, source)
            yield ProductLoops(f"{name}_states", 1, rows, back, gates, place, note=RECURRENT)
            place += 2
            if op.projection:
                yield ProductLoops(f"{name}_projection", 1, rows, hidden, back, place - 1, note=RECURRENT)
                place += 1
        features, source = back * len(ways), place - 1


def _each(op: Each, inputs: Inputs) -> Iterator[LoopNest]:
    copies, *shape = inputs.shapes[0]
    own = replace(inputs, shapes=(tuple(shape), *inputs.shapes[1:]), batch=inputs.batch * copies)
    write = WRITERS.get(type(op.op))
    return iter(()) if write is None else iter(write(op.op, own))


def _given(op: Given, inputs: Inputs) -> Iterator[LoopNest]:
    write = WRITERS.get(type(op.op))
    weights = inputs.sources[1] if len(inputs.sources) > 1 else None
    apart = 1 if all(inputs.fixed[1:]) else inputs.batch  # images with weights of their own are like groups
    for part in () if write is None else write(op.op, inputs):
        if isinstance(part, ConvolutionLoops):
            yield replace(part, batch=part.batch // apart, groups=part.groups * apart, weights=weights)
        else:
            yield replace(part, rows=part.rows // apart, pairs=part.pairs * apart, weights=weights)


WRITERS: dict[type[Op], Callable[[Any, Inputs], Iterator[LoopNest]]] = {
    Conv: _conv,
    ConvTranspose: _transposed,
    TableConv: _table,
    Linear: _linear,
    MatMul: _matmul,
    Attention: _attention,
    WindowAttention: _windows,
    Einsum: _einsum,
    Recurrent: _recurrent,
    Each: _each,
    Given: _given,
}
"""What writes the nests of each op that multiplies and accumulates; of another one there is an error."""
