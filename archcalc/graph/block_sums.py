"""Sums of blocks that were built before: a network of the same blocks as others is built without their nodes.

`Network.graph(..., known=BlockSums())` puts one node in the place of every block whose function, arguments and input
shapes are those of an earlier one, with the sums of the block's parameters, work and elements of outputs. So `params`,
`buffers`, `mult_adds` and `activation_sum` of such a graph are exact; no other quantity can be told, and asking for a
receptive field or for memory raises ArchcalcError.

It holds for functions whose result follows from their arguments: a function that reads variables of a module which
change, or the graph that it builds, is not for this. A function made in another is known by its code and by the values
that it takes from there. Arguments are numbers, words, functions, classes, values of the graph, tuples and lists of
these, and named tuples of all but values. A block with any other argument, and one that returns anything but one value,
is built anew each time. Two rows of one name in two blocks of one name are an error that is not noticed.

>>> from archcalc.zoo import network
>>> known = BlockSums()
>>> full = network("resnet50").graph()
>>> [len(network("resnet50").graph(known=known).nodes) for _ in range(2)], len(full.nodes)
([24, 24], 176)
>>> def mult_adds(graph): return sum(facts.work.multiply_accumulate for facts in graph.facts)
>>> mult_adds(network("resnet50").graph(known=known)) == mult_adds(full)
True
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, NoReturn, cast, final

from archcalc.algebra.dims import Shape
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.graph.facts import Facts, is_plain
from archcalc.graph.graph import Graph, Node, Value
from archcalc.graph.op import HEADING, NO_PARAMETERS, Op, Parameters, Work
from archcalc.graph.rules import Nothing, OpFormulas

LIMIT, MOST_TUPLES = 16_384, 256
"""Blocks that are kept, of which the oldest is forgotten first; one takes about two kilobytes. Tuples whose keys are
kept."""


@final
class SummedBlock(Op):
    """A block of which only sums are known; its output's elements are those of all rows of the block."""

    role = "merge"
    formulas = OpFormulas(
        (Nothing("sums only"),), (Nothing("sums only"),), (Nothing("sums only"),), (Nothing("sums only"),)
    )

    def shape(self, *args: Any) -> NoReturn:
        raise ArchcalcError("of a graph of block sums only parameters, work and elements are known")

    params = work = window = memory = shape

    def lower(self, torch: Any, *args: Any) -> NoReturn:
        self.shape()


class _Known:
    """The sums of one block."""

    __slots__ = ("facts", "kept", "output", "used")

    def __init__(self, facts: Facts | None, output: int, used: tuple[int, ...], kept: Any) -> None:
        self.facts = facts
        self.output = output
        """The place among the inputs of the one that the block returns as it is; -1 for a value of its own."""
        self.used = used
        """The places of the inputs that it reads."""
        self.kept = kept
        """The function and the arguments, which are known by their places in memory while they exist."""


_OP = SummedBlock()


class _Unkeyed(Exception):
    """An argument of which it is not known what it does."""


@final
class BlockSums:
    """The sums of blocks, kept from one network to the next; for one thread at a time."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._known: dict[Any, _Known | None] = {}
        self._tuples: dict[int, tuple[Any, Any]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def call(self, build: Callable[..., Any], x: Value, args: Any, kwargs: Any) -> Any:
        """What `build(x, ...)` returns, in the block that the graph of `x` is in."""
        graph, values = x.graph, [x]
        try:
            tokens = [self._token(each, values) for each in (*args, *kwargs.items())]
            key = (_function_token(build), *tokens, *[value.shape for value in values])
        except _Unkeyed:
            return build(x, *args, **kwargs)
        for value in values:
            if value.graph is not graph or not graph.facts[value.index].plain:
                return build(x, *args, **kwargs)
        known = self._known.get(key)
        if known is None:
            if key in self._known:  # built before, and of no use
                return build(x, *args, **kwargs)
            known = _built(graph, build, values, args, kwargs)
            if len(self._known) >= self._limit:
                del self._known[next(iter(self._known))]
            self._known[key] = known
            if known is None:
                return build(x, *args, **kwargs)
        return _put(graph, known, values)

    def _token(self, given: Any, values: list[Value]) -> Any:
        """A key of an argument; values of the graph are added to `values`."""
        kind = cast("type[Any]", type(given))
        if kind is Value:
            for place, value in enumerate(values):
                if value.index == given.index and value.graph is given.graph:
                    return (Value, place)
            values.append(given)
            return (Value, len(values) - 1)
        if kind is not tuple and not _is_named(kind):
            return (list, *[self._token(each, values) for each in given]) if kind is list else _plain_token(given)
        kept = self._tuples.get(id(given))
        if kept is not None:
            return kept[1]
        try:
            token = _plain_token(given)
        except _Unkeyed:
            if kind is not tuple:
                raise
            return (tuple, *[self._token(each, values) for each in given])
        if is_plain(given):  # a function may change what it has taken
            if len(self._tuples) >= MOST_TUPLES:
                self._tuples.clear()
            self._tuples[id(given)] = (given, token)
        return token


def _is_named(kind: type) -> bool:
    """Return True for a class of named tuples, whose values are all that its objects have."""
    return kind.__bases__ == (tuple,) and hasattr(kind, "_fields")


def _plain_token(given: Any) -> Any:
    """A key of what is no value of a graph. Whole numbers and words stand for themselves: True and 1.0 are not 1."""
    kind = cast("type[Any]", type(given))
    if kind is int or kind is str or given is None:
        return given
    if kind is bool or kind is float:
        return (kind, repr(given))
    if kind is tuple or _is_named(kind):
        return (kind, *[_plain_token(each) for each in given])
    if isinstance(given, type):
        return given
    return _function_token(given)


def _function_token(given: Any) -> Any:
    """A key of a function: its code, and what it has taken from the function that it was made in."""
    if type(given) is not FunctionType:
        raise _Unkeyed
    token = (FunctionType, id(given.__code__), id(given.__globals__))
    if given.__closure__ or given.__defaults__ or given.__kwdefaults__:
        taken = [each.cell_contents for each in given.__closure__ or ()]
        named = (given.__kwdefaults__ or {}).items()
        return (*token, *[_plain_token(each) for each in (*taken, *(given.__defaults__ or ()), *named)])
    return token


def _built(graph: Graph, build: Callable[..., Any], values: list[Value], args: Any, kwargs: Any) -> _Known | None:
    """The sums of a block, built in a graph of its own; None for a block that has to be built where it is used."""
    own = Graph(graph.name, *[value.shape for value in values])
    own.prefix, own.known = graph.prefix, graph.known
    inputs = {value.index: Value(own, place, value.shape) for place, value in enumerate(values)}
    first = len(values)
    moved = [_moved(each, inputs) for each in args]
    output = build(inputs[values[0].index], *moved, **{name: _moved(each, inputs) for name, each in kwargs.items()})
    nodes = own.nodes
    if type(output) is not Value or output.graph is not own:
        return None
    read = {source for node in nodes for source in node.inputs}
    inner = read | {output.index}
    if any([index not in inner for index in range(first, len(nodes))]):
        return None
    kept = (build, [_moved(each, {}) for each in (*args, *kwargs.values())])
    if output.index < first:
        return _Known(None, output.index, (), kept) if len(nodes) == first else None
    used = tuple([place for place in range(first) if place in read])
    return _Known(_summed(own, output.shape, first), -1, used, kept)


def _moved(given: Any, inputs: dict[int, Value]) -> Any:
    """An argument with the values of the graph replaced by inputs; by None if there are no inputs."""
    if type(given) is Value:
        return inputs.get(given.index)
    if type(given) is tuple or type(given) is list:
        return type(given)([_moved(each, inputs) for each in given])  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return given


def _summed(graph: Graph, shape: Shape, first: int) -> Facts:
    """The facts of a block: the sums over its nodes."""
    params: list[Parameters] = []
    work: list[Work] = []
    elements: Any = 0
    for index in range(first, len(graph.nodes)):
        node, facts = graph.nodes[index], graph.facts[index]
        if node.owner == index and facts.params is not NO_PARAMETERS:
            params.append(facts.params)
        work.append(facts.work)
        if node.op.role in HEADING:
            elements = elements + facts.elements
    return Facts.summed(
        _OP,
        shape,
        Parameters(*[sum(each) for each in zip(*params, strict=True)]),
        Work(*[sum(each) for each in zip(*work, strict=True)]),
        elements,
    )


def _put(graph: Graph, known: _Known, values: list[Value]) -> Value:
    """The output of a block, for which one node stands in the graph."""
    if known.facts is None:
        return values[known.output]
    nodes = graph.nodes
    index = len(nodes)
    if index % 32 == 1:
        check_cancelled()
    shape = known.facts.shape
    nodes.append(Node(_OP, tuple([values[place].index for place in known.used]), shape, graph.prefix[:-1], index))
    graph.facts.append(known.facts)
    return Value(graph, index, shape)
