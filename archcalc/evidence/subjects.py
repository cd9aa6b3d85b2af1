"""Subjects of facts: a network of the catalogue with its rows, or a chain of ops that makes an example."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any

from archcalc import zoo
from archcalc.algebra.expressions import Expression, Identifier, Subject
from archcalc.base.errors import ArchcalcError
from archcalc.conventions.measures import Measures
from archcalc.graph import HEADING, Graph, Network, Value, row
from archcalc.ops.conv import Conv
from archcalc.ops.linear import Linear
from archcalc.ops.pool import GlobalAvgPool, MaxPool

NO_LETTERS: Mapping[str, int] = {}


class GraphRows:
    """A graph with its measures and its rows, each computed once."""

    def __init__(self, graph: Graph, settings: Mapping[str, Any]) -> None:
        self.graph = graph
        self.settings = settings
        self.measures = Measures(graph)
        self.rows: dict[str, list[int]] = {}
        for index, node in enumerate(graph.nodes):
            self.rows.setdefault(node.row, []).append(index)
        self.kept: dict[str, Any] = {}

    def head(self, name: str) -> int:
        """The main node of a row: its conv, linear, pool or merge."""
        indices = self.rows[name]
        return next((i for i in indices if self.graph.nodes[i].op.role in HEADING), indices[0])

    def entering(self, name: str) -> tuple[Any, ...]:
        """The input shape of a row's main node."""
        sources = self.graph.nodes[self.head(name)].inputs
        return self.graph.nodes[sources[0]].shape if sources else self.leaving(name)

    def leaving(self, name: str) -> tuple[Any, ...]:
        """The output shape of a row."""
        return self.graph.nodes[self.rows[name][-1]].shape

    def select(self, patterns: tuple[str, ...]) -> list[str]:
        """The rows that match any pattern, in the network's order. Raises ArchcalcError if a pattern matches none."""
        chosen: set[str] = set()
        for pattern in patterns:
            matches = set(self._matching(pattern))
            if not matches:
                raise ArchcalcError(f"{self.graph.name} has no row {pattern!r}")
            chosen |= matches
        return [name for name in self.rows if name in chosen]

    def _matching(self, pattern: str) -> Iterator[str]:
        match = re.fullmatch(r"(?:([\dx]+)->)?([^>]+?)(?:->([\dx]+))?", pattern)
        before, name, after = match.groups() if match else (None, pattern, None)
        for each in self.rows:
            if fnmatchcase(each, name) and all(
                shape is None or shape == "x".join(map(str, printed_shape(has)))
                for shape, has in ((before, self.entering(each)), (after, self.leaving(each)))
            ):
                yield each


def printed_shape(shape: tuple[Any, ...]) -> tuple[Any, ...]:
    """A shape as documents print it: height, width, channels."""
    return (*shape[1:], shape[0])


_own: ContextVar[Network | None] = ContextVar("own", default=None)


@contextmanager
def named(network: Network) -> Generator[None]:
    """Within this block, a network's name stands for this network, even if the catalogue has another of that name."""
    before = _own.set(network)
    try:
        yield
    finally:
        _own.reset(before)


def find(name: str) -> Network:
    """The network of a fact's name. Raises UnknownName with the nearest known names."""
    own = _own.get()
    return own if own is not None and own.name == name else _in_catalogue(name)


@cache
def _in_catalogue(name: str) -> Network:
    return zoo.network(name)


def network(name: str, settings: tuple[tuple[str, Any], ...] = (), size: int | None = None) -> GraphRows:
    """A network with hyperparameters and, if given, a square input. Raises ArchcalcError."""
    return _built(find(name), settings, size)


@lru_cache(maxsize=128)
def _built(network: Network, settings: tuple[tuple[str, Any], ...], size: int | None) -> GraphRows:
    chosen = network.settled(dict(settings))
    channels = chosen.get("in_channels", network.input[0])
    return GraphRows(network.graph(None if size is None else (channels, size, size), chosen), chosen)


def plain(subject: Subject, letters: Mapping[str, int] = NO_LETTERS) -> GraphRows:
    """The network or the example of a subject, without changes."""
    settings = {key: setting(value, letters) for key, value in subject.settings}
    if subject.name in EXAMPLES:
        return GraphRows(example(subject.name, settings), settings)
    size = settings.pop("size", None)
    return network(subject.name, tuple(settings.items()), size)


def setting(value: Expression, letters: Mapping[str, int] = NO_LETTERS) -> Any:
    """The value of a setting: a number, or a word such as true."""
    if isinstance(value, Identifier) and value.name not in letters:
        return value.name
    number: Any = value.evaluate(letters)
    return int(number) if number == int(number) else float(number)


EXAMPLES = ("conv", "depthwise", "linear", "max_pool", "gap")


def example(kind: str, settings: Mapping[str, Any]) -> Graph:
    """The graph of a chain of `times` equal ops on a square input.

    Settings: `kernel`, `stride`, `padding`, `in` and `out` channels, `input` or `output` positions a side (output 1 by
    default), `width` of a kernel that is not square, `bias` (true or false), `rounding` (floor or ceil).
    """
    given = {"in": 1, "out": 1, "kernel": 1, "stride": 1, "padding": 0, "times": 1, "bias": "true", "rounding": "floor"}
    unknown = settings.keys() - given.keys() - {"input", "output", "width"}
    if unknown:
        raise ArchcalcError(f"{kind} has no setting {min(unknown)!r}")
    it: dict[str, Any] = given | dict(settings)
    channels, kernel, side = it["in"], it["kernel"], it.get("output", 1)
    for _ in range(it["times"]):
        side = (side - 1) * it["stride"] + kernel - 2 * it["padding"]
    side = it.get("input", side)
    width = it.get("width", kernel)
    graph = Graph(kind, (channels,) if kind == "linear" else (channels, side, side + width - kernel))
    value: Value = graph.input
    for index in range(it["times"]):
        value = row(f"{kind}{index + 1}", value, _op(kind, it, (kernel, width)))
    return graph.finish(value)


def _op(kind: str, it: Mapping[str, Any], window: tuple[int, int]) -> Any:
    bias = it["bias"] == "true"
    if kind == "linear":
        return Linear(it["out"], bias)
    if kind == "max_pool":
        return MaxPool(it["kernel"], it["stride"], it["padding"], ceil=it["rounding"] == "ceil")
    if kind == "gap":
        return GlobalAvgPool()
    groups = it["in"] if kind == "depthwise" else 1
    out = it["in"] if kind == "depthwise" else it["out"]
    return Conv(out, window, it["stride"], it["padding"], groups=groups, bias=bias)
