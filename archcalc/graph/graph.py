"""The graph of a network: values, the nodes that compute them, and the rows and blocks that group the nodes.

A `Value` is a tensor without data: it knows its shape and the graph it belongs to. Calling an `Op` on values appends
one node to that graph and returns the new value, so the nodes are in the order in which they were written, every
shape is computed once, and every analysis is a plain loop over `Graph.nodes`.

`row` groups the ops that a table prints as one line, `block` puts a label before the rows of a part of the network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from archcalc.algebra.dims import Dim, Shape
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError, RuleError
from archcalc.base.limits import check_nodes
from archcalc.base.spelling import cut, shown
from archcalc.graph.facts import Facts, facts_of
from archcalc.graph.op import HEADING, NO_PARAMETERS, OP_CLASSES, Input, Op

if TYPE_CHECKING:
    from archcalc.graph.block_sums import BlockSums


class Node(NamedTuple):
    """One application of an op: the nodes of its inputs, its output's shape, and the row that it is printed in."""

    op: Op
    inputs: tuple[int, ...]
    shape: Shape
    row: str
    owner: int
    """The node whose parameters it uses: its own index, unless the op was applied before."""

    @property
    def main(self) -> tuple[int, ...]:
        """The inputs on paths of layers: all of them, or only the first of a product with a gate."""
        return self.inputs[:1] if self.op.gated else self.inputs


class Origin(NamedTuple):
    """The call in the code of a model from which a node of an imported graph is: what tools that watch code go by."""

    operator: str
    """The operator of PyTorch, without namespace and without the `_` of in-place ones, such as `relu`."""
    variant: str
    """`padding` if the padding of a convolution is a word, `scale_factors` if a map is enlarged by factors, `strided`
    if the values of the first tensor do not lie in order; else empty."""
    function: str
    """The function of Python, such as `function.relu`: see `archcalc.importers.program`; empty if it is not known."""
    classes: tuple[str, ...]
    """The classes of the modules around the call, outermost first, with their packages."""
    base: str | None
    """The class of `torch.nn` that the innermost of them is or is derived from; empty if there is none, None if that is
    not known."""
    leaf: bool | None
    """True if the innermost module holds no other modules; None if that is not known."""
    weights: tuple[str, ...] = ()
    """The names of the parameters that the node owns, in their module, such as `weight`."""
    batch: Dim = 1
    """The size of the first axis of the output of the call, as the model sees it for one image."""
    axes: tuple[int, ...] = ()
    """The number of axes of each tensor that the call is given, the batch included."""
    module: str = ""
    """The path of the innermost module around the call, such as `layer1.0.conv1`."""
    in_place: bool = False
    """True if the call writes its output over its first tensor."""


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

    def __repr__(self) -> str:
        return f"Value of {show_shape(self.shape)}"


class Graph:
    """The graph of a network: `nodes` in the order written, inputs first, and `outputs`, the indices of its results.

    >>> from archcalc import Graph, row
    >>> from archcalc.ops import Conv, ReLU
    >>> graph = Graph("small", (3, 32, 32))
    >>> x = row("conv1", graph.input, Conv(16, 3, padding=1), ReLU())
    >>> graph.finish(x).nodes[1].shape
    (16, 32, 32)
    """

    def __init__(self, name: str, *shapes: Shape, labels: Sequence[str] = ()) -> None:
        """Begin a graph with an input for each of `shapes`: (channels, height, width), batch excluded.

        `labels` name the rows of the inputs; by default `input`, or `input1`, `input2` ... where there are several.
        Raises ArchcalcError for a name that is not one line of text, and for a shape without axes or with a size
        below 1.
        """
        self.name = name
        _check_label("a network", name)
        for shape in shapes:
            if not shape or any([type(side) is int and side < 1 for side in shape]):
                said = f"sizes from 1 on, such as (3, 32, 32), not {show_shape(shape)}"
                raise ArchcalcError(f"{name}: an input is a shape of {said}", about="input")
        rows = labels or ["input" if len(shapes) == 1 else f"input{i}" for i in range(1, len(shapes) + 1)]
        self.nodes: list[Node] = [
            Node(Input(shape), (), shape, label, i) for i, (shape, label) in enumerate(zip(shapes, rows, strict=True))
        ]
        self.facts: list[Facts] = [facts_of(node.op, ()) for node in self.nodes]
        """The facts of each node's op on its input shapes."""
        self.outputs: tuple[int, ...] = ()
        self.origins: dict[int, Origin] = {}
        """The calls that nodes are from, by the nodes' indices; empty for a graph that no traced model is behind."""
        self.held: dict[int, int] | None = None
        """Nodes whose values the code of a traced model holds after their last use, and for each the last node during
        which it does, the number of nodes if it does when the outputs are returned; None if that is not known."""
        self.prefix = ""
        self.row = ""
        self.reuse = False
        self.known: BlockSums | None = None
        """Sums of blocks that were built before, which stand in place of their nodes; None for all nodes."""
        self._first: dict[int, int] = {}
        self._taken = set(rows)

    @property
    def inputs(self) -> tuple[Value, ...]:
        """The network's inputs, made anew at each call: a graph that held its own values would be freed late."""
        return tuple([Value(self, i, each.shape) for i, each in enumerate(self.nodes) if each.op.role == "input"])

    @property
    def input(self) -> Value:
        """The first input: the only one of most networks."""
        return Value(self, 0, self.nodes[0].shape)

    def replay(self, *inputs: Value) -> tuple[Value, ...]:
        """Apply the same ops to other inputs, in the graph of those and in rows of the same names; return the outputs.

        Raises ArchcalcError, as `apply` does, where a shape breaks a rule.
        """
        graph = inputs[0].graph
        values: list[Value] = []
        given = iter(inputs)
        row = ""
        for index, node in enumerate(self.nodes):
            if node.op.role == "input":
                values.append(next(given))
                continue
            if node.row != row:
                row = node.row
                graph._taken.add(row)  # noqa: SLF001
            graph.row, graph.reuse = row, node.owner != index
            try:
                values.append(graph.apply(node.op, tuple([values[source] for source in node.inputs])))
                if index in self.origins:
                    graph.origins[values[-1].index] = self.origins[index]
            finally:
                graph.row, graph.reuse = "", False
        if self.held is not None:
            places = [*[value.index for value in values], len(graph.nodes)]
            graph.held = {places[index]: places[until] for index, until in self.held.items()} | (graph.held or {})
        return tuple([values[index] for index in self.outputs])

    def apply(self, op: Op, inputs: tuple[Value, ...]) -> Value:
        """Append one op. Raises ArchcalcError naming the op, the shapes, the row and the rule that broke."""
        nodes, known = self.nodes, self.facts
        index = len(nodes)
        if index % 32 == 1:
            check_cancelled()
            check_nodes(self.name, index)
        if len(inputs) == 1 and inputs[0].graph is self:
            sources = (inputs[0].index,)
            given = (known[sources[0]],)
        else:
            self._check_own(inputs)
            sources = tuple([value.index for value in inputs])
            given = tuple([known[source] for source in sources])
        try:
            facts = facts_of(op, given)
        except RuleError as error:
            shapes = ", ".join(show_shape(value.shape) for value in inputs)
            row = self.row or self.prefix.rstrip(".")
            place = f"{self.name} / {row}" if row else self.name
            raise ArchcalcError(f"{op!r} on {shapes} in {place}: {error}", row=row) from error
        row = self.row or self.open_row(op.kind)
        owner = self._first.setdefault(id(op), index)
        if owner >= index or nodes[owner].op is not op:
            self._first[id(op)] = owner = index
        elif not self.reuse:
            if facts.params is not NO_PARAMETERS and any(type(part) is not int or part for part in facts.params):
                raise ArchcalcError(f"{op!r} in {self.name} / {row} was applied before; reuse=True shares its weights")
            owner = index
        shape = facts.shape
        nodes.append(Node(op, sources, shape, row, owner))
        known.append(facts)
        return Value(self, index, shape)

    def _check_own(self, values: Sequence[Value]) -> None:
        for value in values:
            if value.graph is not self:
                place = f"{self.name} / {self.row}" if self.row else self.name
                raise ArchcalcError(
                    f"{place}: {value!r} is a value of another graph, which was built before or beside it"
                )

    def take_back(self) -> None:
        """Remove the op that was applied last, and its row if it was the only one there; its output must be unused."""
        row = self.nodes.pop().row
        self.facts.pop()
        if row != self.row and self.nodes[-1].row != row:
            self._taken.discard(row)
        self.origins.pop(len(self.nodes), None)

    def finish(self, *outputs: Value) -> Graph:
        """Name the network's results, main output first, and check that every value leads to one."""
        self._check_own(outputs)
        if all([node.op.role == "input" for node in self.nodes]):
            raise ArchcalcError(f"{self.name}: it has no operations, and returns its input as it is")
        self.outputs = tuple(value.index for value in outputs)
        used = set(self.outputs).union(*(node.inputs for node in self.nodes))
        for index, node in enumerate(self.nodes):
            if index not in used:
                said = f"{node.op!r} in {self.name} / {node.row}: its output is never used"
                raise ArchcalcError(said if node.inputs else f"{self.name}: the input {node.row} is never used")
        return self

    def open_row(self, label: str) -> str:
        """The path of a new row in the current block. Raises ArchcalcError if there is such a row already."""
        row = self.prefix + label
        if row in self._taken:
            raise ArchcalcError(f"{self.name}: two rows are called {row}")
        self._taken.add(row)
        return row


_P = ParamSpec("_P")
_R = TypeVar("_R")


def chain(x: Value | Sequence[Value], *ops: Op) -> Value:
    """Apply `ops` in turn; the first gets all of `x`."""
    given: Any = x
    inputs: tuple[Value, ...] = (given,) if type(x) is Value else tuple(given)
    graph = inputs[0].graph
    for op in ops:
        inputs = (graph.apply(op, inputs),)
    return inputs[0]


_ROWS: set[tuple[type, ...]] = set()
"""The classes of ops that made a row before."""


def _check_ops(place: str, ops: Sequence[Op]) -> None:
    """Raise ArchcalcError unless ops can be a row."""
    other = next((op for op in ops if type(op) not in OP_CLASSES), None)
    if other is not None or not ops:
        what = f"{other!r} is no operation" if ops else "it has none"
        raise ArchcalcError(f"{place}: a row applies operations such as Conv(16, 3), and {what}")
    if sum([op.role in HEADING for op in ops]) > 1:
        raise ArchcalcError(f"{place}: a row holds one conv, linear, pool or merge, not {ops}")


def row(label: str, x: Value | Sequence[Value], *ops: Op, reuse: bool = False) -> Value:
    """Apply `ops` in turn to `x` and print them as one row: at most one conv, linear, pool or merge among them.

    The first op gets all of `x`: `row("add", (x, y), Add())`.

    An op object is one layer, with weights of its own. With `reuse`, op objects that were applied before are applied
    again, weights shared: their parameters count once, their work each time.

    Raises ArchcalcError if the block has a row of that label, or if more than one of the ops heads a row.

    >>> from archcalc.ops import Conv, ReLU
    >>> graph = Graph("example", (3, 32, 32))
    >>> row("conv1", graph.inputs[0], Conv(16, 3, stride=2, padding=1), ReLU()).shape
    (16, 16, 16)
    """
    values = (x,) if type(x) is Value else x
    if not isinstance(values, (tuple, list, Sequence)) or not values or not all([type(v) is Value for v in values]):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArchcalcError(f"row {shown(label)}: its input is a Value of a graph or several, not {cut(repr(x))}")
    graph = values[0].graph
    _check_label(f"{graph.name}: a row", label)
    kinds = tuple([type(op) for op in ops])
    if kinds not in _ROWS:
        _check_ops(f"{graph.name} / {label}", ops)
        if len(kinds) <= 4 and len(_ROWS) < 10_000:
            _ROWS.add(kinds)
    graph.row, graph.reuse = graph.open_row(label), reuse
    try:
        return chain(x, *ops)
    finally:
        graph.row, graph.reuse = "", False


def block(label: str, build: Callable[Concatenate[Value, _P], _R], x: Value, *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call `build(x, ...)` with `label.` put before the label of every row that it opens; nothing if it is empty.

    >>> from archcalc.ops import Conv
    >>> graph = Graph("example", (3, 32, 32))
    >>> x = block("stem", lambda x: row("conv", x, Conv(16, 3)), graph.inputs[0])
    >>> graph.nodes[-1].row
    'stem.conv'
    """
    graph = x.graph
    outer = graph.prefix
    if label:
        graph.prefix = f"{outer}{label}."
    try:
        return build(x, *args, **kwargs) if graph.known is None else graph.known.call(build, x, args, kwargs)
    finally:
        graph.prefix = outer


def channels_last(graph: Graph) -> list[bool]:
    """For every node, True if its map has the channels on the last axis: (height, width, channels)."""
    last: list[bool] = []
    for op, inputs, shape, _, _ in graph.nodes:
        follows = op.channel_axis == "kept" and bool(inputs) and last[inputs[0]]
        last.append((follows or op.channel_axis == "last" or op.on_last_axis) and len(shape) > 1)
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


def _check_label(what: str, label: str) -> None:
    """Raise ArchcalcError unless a label is text on one line."""
    if not isinstance(label, str) or not label.strip() or not label.isprintable():  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArchcalcError(f"{what} has a name of one line, not {label!r}")


def show_shape(shape: Shape) -> str:
    """A shape as text: (64, 56, 56)."""
    return f"({', '.join(str(dim) for dim in shape)})"
