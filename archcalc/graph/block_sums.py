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
from archcalc.graph.facts import Facts
from archcalc.graph.graph import Graph, Node, Value
from archcalc.graph.op import HEADING, NO_PARAMETERS, NO_WORK, Op, Parameters, Work
from archcalc.graph.rules import Nothing, OpFormulas

LIMIT, MOST_TUPLES, MOST_FUNCTIONS = 8192, 256, 1024
"""Blocks that are kept, of which those that were not used for long are forgotten; one takes about a kilobyte.
Tuples and functions whose keys are kept."""


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


class _BlockFacts(Facts):
    """The sums of one block, as facts of the node that stands for it; of other facts there are none."""

    def __init__(self, output: int, used: tuple[int, ...], kept: Any) -> None:
        self.output = output
        """The place among the inputs of the one that the block returns as it is; -1 for a value of its own."""
        self.used = used
        """The places of the inputs that it reads."""
        self.kept = kept
        """The function and the arguments, which are known by their places in memory while they exist."""

    def take(self, shape: Shape, params: list[Parameters], work: list[Work], elements: Any) -> None:
        """Take the output's shape and the sums of what the rows of the block have."""
        self._op, self._inputs, self.shape, self.plain = _OP, (), shape, True
        self.params = Parameters(*map(sum, zip(*params, strict=True))) if params else NO_PARAMETERS
        self.work = Work(*map(sum, zip(*work, strict=True))) if work else NO_WORK
        self.elements = elements


_OP = SummedBlock()
_new_tuple = cast("Any", tuple).__new__
"""What makes a named tuple in half the time that its class takes."""


class _Unkeyed(Exception):
    """An argument of which it is not known what it does."""


@final
class BlockSums:
    """The sums of blocks, kept from one network to the next; for one thread at a time."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._half = max(1, limit // 2)
        self._known: dict[Any, _BlockFacts | None] = {}
        self._older: dict[Any, _BlockFacts | None] = {}
        """Blocks that were not used since the others began to be collected."""
        self._tuples: dict[int, tuple[Any, Any]] = {}
        """Tuples by their places in memory, each with a number that stands for its key."""
        self._numbers: dict[Any, Any] = {}
        self._simple: dict[Any, Any] = {}
        """The keys of functions that have taken nothing from where they were made."""
        self._next = 0

    def __len__(self) -> int:
        return len(self._known) + len(self._older)

    def call(self, build: Callable[..., Any], x: Value, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What `build(x, ...)` returns, in the block that the graph of `x` is in."""
        graph, values = x.graph, [x]
        try:
            key = self._key(build, values, args, kwargs)
        except _Unkeyed:
            return build(x, *args, **kwargs)
        facts = graph.facts
        for value in values:
            if value.graph is not graph or not facts[value.index].plain:
                return build(x, *args, **kwargs)
        known = self._known.get(key, _MISSING)
        if known is _MISSING:
            known = self._older.pop(key, _MISSING)
            if known is _MISSING:
                return self._new(key, build, values, args, kwargs)
            self._keep(key, known)
        if known is None:
            return build(x, *args, **kwargs)
        return _put(graph, known, values)

    def _key(self, build: Any, values: list[Value], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What identifies a block; all values that it is given are added to `values`."""
        x = values[0]
        tokens: list[Any] = [
            (self._simple.get(build) if type(build) is FunctionType else None) or self._function(build)
        ]
        if kwargs:
            tokens.append((dict, *kwargs))
            args = (*args, *kwargs.values())
        for given in args:
            kind: Any = type(given)  # pyright: ignore[reportUnknownVariableType]
            if kind is int or kind is str or given is None:
                tokens.append(given)
            elif kind is Value:
                if given.index == x.index:
                    tokens.append(_FIRST if given.graph is x.graph else self._token(given, values))
                elif len(values) == 1:
                    values.append(given)
                    tokens.append(_SECOND)
                else:
                    tokens.append(self._token(given, values))
            elif kind is bool:
                tokens.append(_TRUTHS[given])
            elif kind is tuple and (kept := self._tuples.get(id(given))) is not None:
                tokens.append(kept[1])
            else:
                tokens.append(self._token(given, values))
        for value in values:
            tokens.append(value.shape)  # noqa: PERF401  for one or two a comprehension is slower
        return tuple(tokens)

    def _token(self, given: Any, values: list[Value]) -> Any:
        """A key of an argument; values of the graph are added to `values`."""
        kind: Any = type(given)  # pyright: ignore[reportUnknownVariableType]
        if kind is Value:
            return _value_token(given, values)
        if kind is FunctionType:
            return self._simple.get(given) or self._function(given)
        if kind is list:
            return (list, *[self._token(each, values) for each in given])
        if kind is tuple or _is_named(kind):
            return self._tuple(given, values)
        return _plain_token(given)

    def _tuple(self, given: tuple[Any, ...], values: list[Value]) -> Any:
        """A key of a tuple, which is kept if it holds only numbers and words."""
        kept = self._tuples.get(id(given))
        if kept is not None:
            return kept[1]
        token = _numbers_and_words(given) if type(given) is tuple else None
        if token is not None:
            return self._numbered(given, token)
        try:  # with functions, which may change what they have taken
            return _plain_token(given)
        except _Unkeyed:
            if type(given) is not tuple:
                raise
        return (tuple, *[self._token(each, values) for each in given])

    def _function(self, given: Any) -> Any:
        """A key of a function, which is kept if it has taken nothing from where it was made."""
        token = _function_token(given)
        if len(token) == FUNCTION_PARTS:
            if len(self._simple) >= MOST_FUNCTIONS:
                self._simple.clear()
            self._simple[given] = token
        return token

    def _numbered(self, given: Any, token: Any) -> Any:
        """A number for the key of a tuple: equal tuples have the same as long as it is kept, others never get it."""
        if len(self._tuples) >= MOST_TUPLES:
            self._tuples.clear()
        if len(self._numbers) >= self._half:
            self._numbers.clear()
            self._tuples.clear()
        known = self._numbers.get(token)
        if known is None:
            self._next += 1
            self._numbers[token] = known = (_NUMBER, self._next)
        self._tuples[id(given)] = (given, known)
        return known

    def _new(self, key: Any, build: Callable[..., Any], values: list[Value], args: Any, kwargs: Any) -> Any:
        """What `build(x, ...)` returns where it was not called before; one node stands for it if that is possible."""
        graph = values[0].graph
        first = len(graph.nodes)
        others = [
            each for each in (*args, *kwargs.values()) if type(each) not in SIMPLE and id(each) not in self._tuples
        ]
        output = build(values[0], *args, **kwargs)
        known = None
        is_value = type(output) is Value and output.graph is graph
        if is_value and (others or build not in self._simple):  # the call may have changed a list, or what it has taken
            try:
                is_value = self._key(build, values[:1], args, kwargs) == key
            except _Unkeyed:
                is_value = False
        if is_value:
            kept = (build, [_without_values(each) for each in others]) if others else build
            known = _summed_up(graph, first, output, values, kept)
        self._keep(key, known)
        if known is None:
            return output
        del graph.nodes[first:], graph.facts[first:]
        if graph.origins:
            for index in [each for each in graph.origins if each >= first]:
                del graph.origins[index]
        return _put(graph, known, values)

    def _keep(self, key: Any, known: Any) -> None:
        if len(self._known) >= self._half:
            self._older, self._known = self._known, {}
        self._known[key] = known


_MISSING: Any = object()
FUNCTION_PARTS = 3
"""The parts of the key of a function that has taken nothing."""
SIMPLE = frozenset({int, str, bool, float, type(None), Value})
"""Types of arguments that a call leaves as they are, and whose keys keep what they stand for."""
_NUMBER = object()
_FIRST, _SECOND = (Value, 0), (Value, 1)
_TRUTHS = {False: (bool, 0), True: (bool, 1)}


def _value_token(given: Value, values: list[Value]) -> Any:
    """The place of a value among others, to which it is added if it is none of them."""
    for place, value in enumerate(values):
        if value.index == given.index and value.graph is given.graph:
            return (Value, place)
    values.append(given)
    return (Value, len(values) - 1)


def _is_named(kind: type) -> bool:
    """Return True for a class of named tuples, whose values are all that its objects have."""
    return kind.__bases__ == (tuple,) and hasattr(kind, "_fields")


def _numbers_and_words(given: tuple[Any, ...]) -> Any:
    """A key of a tuple of numbers, words and such tuples, as `_plain_token` gives it; None for any other."""
    token: list[Any] = [tuple]
    for each in given:
        kind = cast("Any", type(each))
        if kind is int or kind is str or each is None:
            token.append(each)
        elif kind is bool:
            token.append(_TRUTHS[each])
        elif kind is tuple and (inner := _numbers_and_words(each)) is not None:
            token.append(inner)
        else:
            return None
    return tuple(token)


def _plain_token(given: Any) -> Any:
    """A key of what is no value of a graph. Whole numbers and words stand for themselves: True and 1.0 are not 1."""
    kind: Any = type(given)  # pyright: ignore[reportUnknownVariableType]
    if kind is int or kind is str or given is None:
        return given
    if kind is bool:
        return _TRUTHS[given]
    if kind is float:
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


def _summed_up(graph: Graph, first: int, output: Value, values: list[Value], kept: Any) -> _BlockFacts | None:
    """The sums of the nodes from `first` on, which a block has added; None if one node cannot stand for them."""
    nodes = graph.nodes
    places = {value.index: place for place, value in enumerate(values)}
    if output.index < first:
        is_input = len(nodes) == first and output.index in places
        return _BlockFacts(places[output.index], (), kept) if is_input else None
    read = {output.index}
    params: list[Parameters] = []
    work: list[Work] = []
    elements: Any = 0
    for index, (node, facts) in enumerate(zip(nodes[first:], graph.facts[first:], strict=True), first):
        op, inputs, _, _, owner = node
        read.update(inputs)
        if owner < first:
            return None
        if owner == index and facts.params is not NO_PARAMETERS:
            params.append(facts.params)
        if facts.work is not NO_WORK:
            work.append(facts.work)
        if op.role in HEADING:
            elements = elements + facts.elements
    outer = [index for index in read if index < first]
    if len(read) - len(outer) < len(nodes) - first or not all([index in places for index in outer]):
        return None
    known = _BlockFacts(-1, tuple(sorted([places[index] for index in outer])), kept)
    known.take(output.shape, params, work, elements)
    return known


def _without_values(given: Any) -> Any:
    """An argument with None in the place of values of the graph, which would keep the graph."""
    if type(given) is Value:
        return None
    if type(given) is tuple or type(given) is list:
        return type(given)([_without_values(each) for each in given])  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return given


def _put(graph: Graph, known: _BlockFacts, values: list[Value]) -> Value:
    """The output of a block, for which one node stands in the graph."""
    if known.output >= 0:
        return values[known.output]
    nodes = graph.nodes
    index = len(nodes)
    if index % 32 == 1:
        check_cancelled()
    shape = known.shape
    used = known.used
    sources = (values[0].index,) if used == (0,) else tuple([values[place].index for place in used])
    nodes.append(_new_tuple(Node, (_OP, sources, shape, graph.prefix[:-1], index)))
    graph.facts.append(known)
    return Value(graph, index, shape)
