"""Random networks: graphs drawn op by op, with branches, merges and odd sizes, for the checks that need no reference.

A graph is drawn with a `random.Random`, so that a seed reproduces it and hypothesis can shrink it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from archcalc.analysis.receptive_field import fields
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Graph, Op, Value
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.layout import ChannelShuffle, Crop, Flatten, Slice, Subsample, ZeroPad
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm, ChannelScale, LayerNorm, LocalResponseNorm
from archcalc.ops.pointwise import (
    GELU,
    Complement,
    Dropout,
    HardSigmoid,
    HardSwish,
    ReLU,
    ReLU6,
    Scale,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from archcalc.ops.pool import AdaptiveAvgPool, AvgPool, GlobalAvgPool, MaxPool, Subsampling
from archcalc.validation import field, flops, memory, parameters, shapes
from archcalc.validation.outcome import Ledger, Outcome
from archcalc.validation.subject import CheckedNetwork

ACTIVATIONS = (GELU, Complement, HardSigmoid, HardSwish, ReLU, ReLU6, Sigmoid, SiLU, Softmax, Tanh)
CHECKS = (shapes.check, parameters.check, flops.check, memory.check)


def _pair(random: Random, low: int, high: int) -> Any:
    """One number, or two."""
    if random.random() < 0.6:
        return random.randint(low, high)
    return (random.randint(low, high), random.randint(low, high))


def _sides(random: Random) -> Any:
    kind = random.choice(("none", "one", "two", "four", "same"))
    if kind == "four":
        return tuple((random.randint(0, 2), random.randint(0, 2)) for _ in range(2))
    return {"none": 0, "one": random.randint(0, 2), "two": (random.randint(0, 2), random.randint(0, 2))}.get(
        kind, "same"
    )


def _groups(random: Random, channels: int) -> int:
    return random.choice([n for n in range(1, channels + 1) if channels % n == 0])


def _conv(random: Random, channels: int) -> Op:
    groups = _groups(random, channels)
    out = groups * random.randint(1, 3)
    window = (_pair(random, 1, 4), _pair(random, 1, 3), _sides(random), _pair(random, 1, 2))
    return Conv(out, *window, groups, bias=random.random() < 0.5)


def _transposed(random: Random, channels: int) -> Op:
    groups = _groups(random, channels)
    kernel, stride = _pair(random, 1, 4), _pair(random, 1, 3)
    return ConvTranspose(groups * random.randint(1, 2), kernel, stride, random.randint(0, 1), groups=groups)


def _pool(random: Random, _: int) -> Op:
    kernel, stride = _pair(random, 1, 3), _pair(random, 1, 3)
    padding, ceil = random.choice((0, 0, 1, "same")), random.random() < 0.4
    if random.random() < 0.5:
        return MaxPool(kernel, stride, padding, ceil and padding != "same")
    return AvgPool(kernel, stride, padding, ceil and padding != "same", padding == "same" or random.random() < 0.5)


def _edges(random: Random) -> tuple[int, int, int, int]:
    top, bottom, left, right = (random.randint(0, 2) for _ in range(4))
    return top, bottom, left, right


def _slice(random: Random, channels: int) -> Op:
    start = random.randint(0, channels - 1)
    return Slice(start, random.randint(start + 1, channels))


def _simple(random: Random, channels: int) -> Op:
    plain: list[Callable[[], Op]] = [
        *ACTIVATIONS,
        BatchNorm,
        Dropout,
        lambda: Scale(0.5),
        lambda: ChannelScale(channels_first=True),
        lambda: LayerNorm(channels_first=True),
        lambda: LocalResponseNorm(random.randint(1, 5)),
        lambda: ChannelShuffle(_groups(random, channels)),
    ]
    return random.choice(plain)()


STEPS: tuple[Callable[[Random, int], Op], ...] = (
    _conv,
    _conv,
    _conv,
    _transposed,
    _pool,
    _slice,
    _simple,
    _simple,
    lambda random, _: Crop(*_edges(random)),
    lambda random, _: ZeroPad(*_edges(random), random.randint(0, 1), random.randint(0, 1)),
    lambda random, _: Subsample(random.randint(1, 3)),
    lambda random, _: Subsampling(random.randint(1, 3)),
    lambda random, _: AdaptiveAvgPool(_pair(random, 1, 4)),
)


def draw(random: Random, name: str = "random", steps: int = 12) -> Graph:
    """A network of at most `steps` ops before its values are joined into one vector of outputs."""
    graph = Graph(name, (random.randint(1, 6), random.randint(6, 30), random.randint(6, 30)))
    values = [graph.input]
    for _ in range(random.randint(1, steps)):
        values.append(_merge(random, values) or _grow(random, values))
        if values[-1] is values[-2] or not _has_fields(graph):
            values.pop()
    read = {source for node in graph.nodes for source in node.inputs}
    loose = [value for value in values if value.index not in read] or [values[-1]]
    vectors = [Flatten()(_ended(random, value)) for value in _unnamed(loose)]
    joined = Concat()(*vectors) if len(vectors) > 1 else vectors[0]
    return graph.finish(Linear(random.randint(1, 5))(joined))


def _ended(random: Random, value: Value) -> Value:
    """A value, or its means. After a view always the means: PyTorch would flatten a copy, and our Flatten is a view."""
    node = value.graph.nodes[value.index]
    view = node.op.memory(*[value.graph.nodes[source].shape for source in node.inputs]).shares != "never"
    return GlobalAvgPool()(value) if view or random.random() < 0.5 else value


def _unnamed(values: list[Value]) -> Iterator[Value]:
    """The values, with a new row opened for each, as several ops of one kind may follow."""
    for number, value in enumerate(values):
        value.graph.prefix = f"end{number}."
        yield value
    values[0].graph.prefix = ""


def _grow(random: Random, values: list[Value]) -> Value:
    """A further op on an earlier value; the last value itself if the drawn op does not fit."""
    value = random.choice(values[-3:])
    shape: Any = value.shape
    value.graph.prefix = f"step{len(value.graph.nodes)}."
    try:
        op = random.choice(STEPS)(random, shape[0])
        sides: Any = op.shape(shape)
        small = all(side <= 64 for side in sides)
        return op(value) if small else values[-1]
    except ArchcalcError:
        return values[-1]
    finally:
        value.graph.prefix = ""


def _merge(random: Random, values: list[Value]) -> Value | None:
    """Now and then, a sum, a product or a concatenation of earlier values of matching shapes; else None."""
    first = random.choice(values)
    fitting = [value for value in values if value.shape[1:] == first.shape[1:]]
    if random.random() < 0.7 or len(fitting) < 2:
        return None
    chosen = [random.choice(fitting) for _ in range(random.randint(2, 3))]
    alike = [value for value in chosen if value.shape == chosen[0].shape]
    kind = random.choice((Add, Multiply, Concat))
    first.graph.prefix = f"step{len(first.graph.nodes)}."
    try:
        if kind is Concat or len(alike) < 2:
            return Concat()(*chosen)
        return Multiply()(*alike[:2]) if kind is Multiply else Add()(*alike)
    finally:
        first.graph.prefix = ""


def _has_fields(graph: Graph) -> bool:
    """Return True if no branches of different strides meet; otherwise remove the last op and return False."""
    try:
        fields(graph)
    except ArchcalcError:
        graph.take_back()
        return False
    return True


def check(graph: Graph) -> list[Outcome]:
    """Shapes, parameters, flops, memory and receptive field of a drawn network."""
    subject = CheckedNetwork(graph)
    outcomes = [each(subject) for each in CHECKS]
    return [*outcomes, field.check_graph(graph, Ledger(field.NAME, field.AGAINST))]


def sample(count: int, seed: int) -> Iterator[tuple[int, Graph, list[Outcome]]]:
    """`count` networks and the outcomes of the checks of each; each has its own seed, from `seed` on."""
    for number in range(seed, seed + count):
        graph = draw(Random(number), f"random {number}")  # noqa: S311
        yield number, graph, check(graph)
