"""How layers are joined: values, ops and the facts that an op states, and the tape that records them.

A `Value` is a tensor without data: it knows its shape and the graph it belongs to. Calling an `Op` on values appends
one node to that graph and returns the new value, so the nodes stand in the order in which they were written, every
shape is computed once, and every analysis is a plain loop over `Graph.nodes`.

`row` groups the ops that a table prints as one line, `block` puts a label before the rows of a part of the network.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, ClassVar, Concatenate, Literal, NamedTuple, ParamSpec, TypeAlias, TypeVar, dataclass_transform

from archcalc.algebra.dims import Dim, Shape
from archcalc.base.errors import ArchcalcError, RuleError
from archcalc.base.questions import go_on

Role: TypeAlias = Literal["input", "conv", "linear", "pool", "merge", "norm", "activation", "layout"]
"""What kind of layer an op is; conv, linear, pool and merge head a row of the table."""

HEADING: frozenset[str] = frozenset({"conv", "linear", "pool", "merge"})


class Parameters(NamedTuple):
    """Values that an op owns, in elements."""

    weight: Dim = 0
    bias: Dim = 0
    running: Dim = 0
    """Buffers such as running statistics: stored with the weights, not learnt by gradient."""

    @property
    def learnable(self) -> Dim:
        return self.weight + self.bias


class Work(NamedTuple):
    """What an op does for one image, in primitive operations."""

    multiply_accumulate: Dim = 0
    """Of convolutions, linear layers and matrix products only; taps that fall on zero padding included."""
    multiply: Dim = 0
    add: Dim = 0
    compare: Dim = 0
    divide: Dim = 0
    exponential: Dim = 0
    """Exponentials and error functions."""
    power: Dim = 0
    """Powers and square roots."""


class Axis(NamedTuple):
    """How an output unit looks back along one axis.

    Unit j is computed from positions `j * stride - padding + t * dilation` for `0 <= t < kernel` of the input grid
    after `up - 1` empty positions were put between its units. A position that falls between units is not a unit.
    """

    kernel: int = 1
    stride: int = 1
    padding: Dim = 0
    dilation: int = 1
    up: int = 1


class Window(NamedTuple):
    """The window of a layer on each spatial axis."""

    height: Axis
    width: Axis


class Reach(Enum):
    """A field that is no window."""

    WHOLE = "whole input"
    """Every output unit depends on every input position."""
    IRREGULAR = "irregular"
    """The windows differ from unit to unit, as in adaptive pooling to a size that does not divide."""


class Memory(NamedTuple):
    """What an op leaves in memory: it follows from how PyTorch's autograd is written, not from a formula of the layer.

    Source: torch/csrc/autograd `derivatives.yaml`, the arguments that each backward formula names.
    """

    shares: Literal["never", "inference", "always"] = "never"
    """Whether the output is the input's own storage: a view, or the identity when not training."""
    saves_inputs: bool = False
    saves_output: bool = False
    saved_for: Literal["op", "inputs", "others"] = "op"
    """Whose gradient an input is kept for: of anything in the op, of an input only, or (in a product) of another input.

    Where nothing of the kind needs a gradient, the input is not kept.
    """
    extra_elements: Dim = 0
    """Further elements of the network's dtype kept for backward, for one image."""
    extra_bytes: Dim = 0
    """Further bytes for one image, whatever the dtype: the 8-byte indices of a max pool, the mask of a dropout."""
    statistics: Dim = 0
    """Values of at least four bytes kept once for a whole batch: the mean and the deviation of batch norm."""
    once_bytes: Dim = 0
    """Bytes kept once for a whole batch, whatever the dtype."""


POINTWISE = Window(Axis(), Axis())
NO_PARAMETERS = Parameters()
NO_WORK = Work()
KEEPS_NOTHING = Memory()
KEEPS_INPUTS = Memory(saves_inputs=True)
KEEPS_OUTPUT = Memory(saves_output=True)
VIEW = Memory(shares="always")


@dataclass_transform(frozen_default=True)
class Op(ABC):
    """One operation of a network: frozen fields, and six facts about it given the shapes of its inputs.

    Every fact is abstract here, so that no inherited zero can hide an omission. Shapes exclude the batch.

    A subclass lists its fields as a dataclass does. `dataclasses` itself would spend 0.4 ms for each op on writing and
    compiling the constructor, a tenth of a whole `archcalc table vgg16` over all of them.
    """

    role: ClassVar[Role]
    kind: ClassVar[str]
    """The op's name in tables and JSON: the class name in snake case."""
    fields: ClassVar[tuple[str, ...]]
    _required: ClassVar[frozenset[str]]

    def __init_subclass__(cls) -> None:
        cls.kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()
        cls.fields = tuple(cls.__annotations__)
        cls._required = frozenset([name for name in cls.fields if name not in cls.__dict__])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = dict(zip(self.fields, args, strict=False)) | kwargs
        if len(given) != len(args) + len(kwargs) or not self._required <= given.keys() <= set(self.fields):
            raise TypeError(f"{type(self).__name__} has the fields {self.fields}, not {args} and {kwargs}")
        vars(self).update(given)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    @abstractmethod
    def shape(self, *args: Any, **kwargs: Any) -> Shape:
        """The output's shape. Raises RuleError if the input shapes break a rule."""

    @abstractmethod
    def params(self, *args: Any, **kwargs: Any) -> Parameters:
        """The parameters and buffers that the op owns, in elements."""

    @abstractmethod
    def work(self, *args: Any, **kwargs: Any) -> Work:
        """What the op does for one image at inference."""

    @abstractmethod
    def window(self, *args: Any, **kwargs: Any) -> Window | Reach:
        """What part of its inputs an output unit depends on."""

    @abstractmethod
    def memory(self, *args: Any, **kwargs: Any) -> Memory:
        """What the op shares with its inputs and what autograd keeps of it."""

    @abstractmethod
    def lower(self, torch: Any, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """The PyTorch module or function that the op stands for; `torch` is passed in, never imported here."""

    def __call__(self, *inputs: Value) -> Value:
        """Append this op to the inputs' graph and return its output."""
        return inputs[0].graph.apply(self, inputs)

    def attributes(self) -> dict[str, Any]:
        """The op's fields by name."""
        return {name: getattr(self, name) for name in self.fields}

    def __repr__(self) -> str:
        given = (
            f"{name}={value!r}"
            for name, value in self.__dict__.items()
            if type(value) is not type(default := getattr(type(self), name, None)) or value != default
        )
        return f"{type(self).__name__}({', '.join(given)})"


class Node(NamedTuple):
    """One op as applied: where its inputs come from, the shape it made, and the row it is printed in."""

    op: Op
    inputs: tuple[int, ...]
    shape: Shape
    row: str
    owner: int
    """The node whose parameters it uses: its own index unless it applies an op once more."""


class Value:
    """A tensor without data: the output of node `index` of `graph`, with `shape` (batch excluded)."""

    __slots__ = ("graph", "index", "shape")

    def __init__(self, graph: Graph, index: int, shape: Shape) -> None:
        self.graph = graph
        self.index = index
        self.shape = shape

    @property
    def channels(self) -> Dim:
        """The size of the first axis."""
        return self.shape[0]


class Input(Op):
    """The network's input of a given shape (channels, height, width)."""

    size: Shape
    role = "input"

    def shape(self) -> Shape:
        return self.size

    def params(self) -> Parameters:
        return NO_PARAMETERS

    def work(self) -> Work:
        return NO_WORK

    def window(self) -> Window:
        return POINTWISE

    def memory(self) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any) -> Callable[..., Any]:
        return torch.nn.Identity()


class Graph:
    """A network as it was written: `nodes` in order, node 0 the input, `outputs` the indices of its results."""

    def __init__(self, name: str, shape: Shape) -> None:
        """Begin a graph with one input of `shape` (channels, height, width)."""
        self.name = name
        self.nodes: list[Node] = [Node(Input(shape), (), shape, "input", 0)]
        self.outputs: tuple[int, ...] = ()
        self.prefix = ""
        self.row = ""
        self.reuse = False
        self._first: dict[int, int] = {}
        self._taken = {"input"}

    @property
    def input(self) -> Value:
        """The network's input. It is made anew each time: a graph that held its values would be freed late."""
        return Value(self, 0, self.nodes[0].shape)

    def apply(self, op: Op, inputs: tuple[Value, ...]) -> Value:
        """Append one op. Raises ArchcalcError naming the op, the shapes, the row and the rule that broke."""
        go_on()
        try:
            shape = op.shape(*[value.shape for value in inputs])
        except RuleError as error:
            shapes = ", ".join(show_shape(value.shape) for value in inputs)
            row = self.row or self.prefix.rstrip(".")
            place = f"{self.name} / {row}" if row else self.name
            raise ArchcalcError(f"{op!r} on {shapes} in {place}: {error}") from error
        index = len(self.nodes)
        row = self.row or self.open_row(op.kind)
        owner = self._first.get(id(op), index)
        if owner >= index or self.nodes[owner].op is not op:
            self._first[id(op)] = owner = index
        elif not self.reuse:
            if op.params(*[value.shape for value in inputs]) != NO_PARAMETERS:
                raise ArchcalcError(f"{op!r} in {self.name} / {row} was applied before; reuse=True shares its weights")
            owner = index
        self.nodes.append(Node(op, tuple([value.index for value in inputs]), shape, row, owner))
        return Value(self, index, shape)

    def finish(self, *outputs: Value) -> Graph:
        """Name the network's results, main output first, and check that every value leads to one."""
        self.outputs = tuple(value.index for value in outputs)
        used = set(self.outputs).union(*(node.inputs for node in self.nodes))
        for index, node in enumerate(self.nodes):
            if index not in used:
                raise ArchcalcError(f"{node.op!r} in {self.name} / {node.row}: its output is never used")
        return self

    def open_row(self, label: str) -> str:
        """The path of a new row in the current block. Raises ArchcalcError if it is taken."""
        row = self.prefix + label
        if row in self._taken:
            raise ArchcalcError(f"{self.name}: two rows are called {row}")
        self._taken.add(row)
        return row


_P = ParamSpec("_P")
_R = TypeVar("_R")


def chain(x: Value | Sequence[Value], *ops: Op) -> Value:
    """Apply `ops` in turn; the first gets all of `x`."""
    first, *rest = ops
    value = first(x) if isinstance(x, Value) else first(*x)
    for op in rest:
        value = op(value)
    return value


def row(label: str, x: Value | Sequence[Value], *ops: Op, reuse: bool = False) -> Value:
    """Apply `ops` in turn to `x` and print them as one row: at most one conv, linear, pool or merge among them.

    An op object is one layer, with weights of its own. With `reuse`, op objects that were applied before are applied
    again, weights shared: their parameters count once, their work each time.

    Raises ArchcalcError if the label is taken in this block or the ops head more than one row.
    """
    graph = x.graph if isinstance(x, Value) else x[0].graph
    if sum([op.role in HEADING for op in ops]) > 1:
        raise ArchcalcError(f"{graph.name} / {label}: a row holds one conv, linear, pool or merge, not {ops}")
    graph.row, graph.reuse = graph.open_row(label), reuse
    try:
        return chain(x, *ops)
    finally:
        graph.row, graph.reuse = "", False


def block(label: str, build: Callable[Concatenate[Value, _P], _R], x: Value, *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call `build(x, ...)` with `label.` put before the label of every row that it opens."""
    graph = x.graph
    outer = graph.prefix
    graph.prefix = f"{outer}{label}."
    try:
        return build(x, *args, **kwargs)
    finally:
        graph.prefix = outer


def channels_last(graph: Graph) -> list[bool]:
    """For every node whether its map has the channels on the last axis: (height, width, channels)."""
    last: list[bool] = []
    for op, inputs, *_ in graph.nodes:
        follows = bool(inputs) and op.kind != "channels_first" and last[inputs[0]]
        last.append(op.kind == "channels_last" or follows)
    return last


def op_names(graph: Graph) -> list[str]:
    """A unique name for every node: its row and its op's kind, numbered where a row has several of a kind."""
    taken: dict[str, int] = {}
    names: list[str] = []
    for node in graph.nodes:
        name = node.row if node.op.role == "input" else f"{node.row}.{node.op.kind}"
        taken[name] = taken.get(name, 0) + 1
        names.append(name if taken[name] == 1 else f"{name}{taken[name]}")
    return names


def show_shape(shape: Shape) -> str:
    """A shape as text: (64, 56, 56)."""
    return f"({', '.join(str(dim) for dim in shape)})"
