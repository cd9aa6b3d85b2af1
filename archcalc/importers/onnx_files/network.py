"""Networks from ONNX files: a builder that walks the graph at any sizes of its inputs that the file leaves free."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from archcalc.algebra.dims import Shape, is_int, known_to_differ
from archcalc.base.errors import ArchcalcError, TooCostly
from archcalc.graph import Graph, Network, Value
from archcalc.importers.onnx_files.items import NameScope, StoredTensor
from archcalc.importers.onnx_files.model import OnnxInput, OnnxModel
from archcalc.importers.onnx_files.reader import read_model
from archcalc.importers.onnx_files.walk import Walk
from archcalc.importers.tensors import Made, Tensor, image

FREE = ((224, 128), (256, 64), (299, 77), (320, 32), (384, 16), (448, 512), (512, 256), (640, 1))
"""Sizes of free axes by default, the first at which the model can be built: of maps, and of anything else."""
CHANNELS = 3
"""Channels of a map whose sizes are all free."""
TIME = re.compile(r"seq|len|time|frame|step|token", re.IGNORECASE)
"""Names of a first axis that is no batch."""


def read_onnx(file: str | Path | bytes, name: str = "") -> Network:
    """The network of an ONNX file or of its bytes. Raises ArchcalcError for a file that cannot be read or built.

    Sizes that the file leaves free can be chosen; the batch, the first axis of the inputs, is 1 and left out.
    """
    label = name or ("model" if isinstance(file, bytes) else Path(file).stem)
    builder = _OnnxBuilder(read_model(file, label), label)
    builder.file = file
    if not builder.inputs:
        raise ArchcalcError(f"{label}: its outputs depend on no input", about="name")
    network = _first_that_builds(builder)
    return replace(network, summary=builder.summary, remarks=(f"{builder.summary}.",))


def onnx_file(network: Network) -> str | Path | bytes | None:
    """The ONNX file that a network was read from, or its bytes; None if it is from none."""
    builder: Any = network.builder
    return builder.file if isinstance(builder, _OnnxBuilder) else None


def _first_that_builds(builder: _OnnxBuilder) -> Network:
    """The network, its free sizes by default the first at which it can be built."""
    refused: ArchcalcError | None = None
    for sizes in FREE if builder.is_free else FREE[:1]:
        builder.sizes = sizes
        try:
            return _network(builder)
        except TooCostly:
            raise
        except ArchcalcError as error:
            refused = refused or error
    raise refused or ArchcalcError(f"{builder.name} cannot be built", about="name")


def _network(builder: _OnnxBuilder) -> Network:
    """The network of a builder, without inputs of which only the sizes matter."""
    network = builder.network()
    try:
        network.graph()
    except ArchcalcError:
        if not 0 < len(builder.unused) < len(builder.inputs):
            raise
        builder.inputs = tuple([each for each in builder.inputs if each.name not in builder.unused])
        network = builder.network()
        network.graph()
    return network


class _OnnxBuilder:
    """Builds the graph of a model on values for its inputs."""

    def __init__(self, model: OnnxModel, name: str) -> None:
        self.model = model
        self.name = name
        self.file: str | Path | bytes = b""
        """The file that the model was read from, or its bytes."""
        scope = NameScope(model.graph.nodes, model.graph.outputs, model.graph.stored, model.graph.known)
        self.all = tuple([each for each in model.graph.inputs if each.name not in model.graph.stored])
        self.inputs = tuple([each for each in self.all if each.name in scope.live])
        self.batch = self._batch()
        self.sizes = FREE[0]
        """Sizes of free axes by default: of maps, and of anything else."""
        self.unused: frozenset[str] = frozenset()
        """Inputs that the graph built last does not use."""
        self.summary = ""
        for each in self.inputs:
            if each.sizes is None:
                raise ArchcalcError(f"{name}: the file does not say the axes of the input {each.name}", about="name")

    def _batch(self) -> str:
        """The name of the size that is the batch; empty if there is none."""
        sizes = self.inputs[0].sizes if self.inputs else None
        first = sizes[0] if sizes else 1
        return first if isinstance(first, str) and not TIME.search(first) else ""

    @property
    def is_free(self) -> bool:
        """True if the file leaves a size free beside the batch."""
        return any([self._is_free(each, axis) for each in self.inputs for axis in range(len(each.sizes or ()))])

    def network(self) -> Network:
        """The network, not built yet."""
        self.unused = frozenset()
        labels = tuple([each.name for each in self.inputs])
        shapes = tuple([self.default(each) for each in self.inputs])
        return Network(self.name, self, shapes, labels=labels if len(labels) > 1 else (), free=True)

    def full(self, given: OnnxInput) -> Shape:
        """The sizes of an input, with the batch, free ones by default."""
        sizes = given.sizes or (1,)
        chosen: list[int] = []
        for axis, size in enumerate(sizes):
            free = self.sizes[0] if len(sizes) > 3 else self.sizes[1]
            if axis == 1 and len(sizes) == 4 and not any([is_int(each) for each in sizes[1:]]):
                free = CHANNELS
            chosen.append(size if is_int(size) else 1 if self._is_batch(given, axis) else free)
        return tuple(chosen)

    def default(self, given: OnnxInput) -> Shape:
        """The shape of an input, without the batch, free sizes by default."""
        return image(self.full(given))

    def _is_free(self, given: OnnxInput, axis: int) -> bool:
        return isinstance((given.sizes or ("",))[axis], str) and not self._is_batch(given, axis)

    def _is_batch(self, given: OnnxInput, axis: int) -> bool:
        size = (given.sizes or ("",))[axis]
        if not isinstance(size, str):
            return False
        return (
            (bool(size) and size == self.batch)
            or (axis == 0 and not TIME.search(size))
            or (axis == 1 and size in BATCH)
        )

    def __call__(self, *values: Value) -> tuple[Value, ...]:
        from archcalc.importers.onnx_files.operators import makers

        symbols = self._symbols([value.shape for value in values])
        graph = values[0].graph
        walk = Walk(self.model, graph, symbols, makers())
        source = self.model.graph
        scope = NameScope(source.nodes, source.outputs, source.stored, source.known)
        for each in self.all:
            scope.items[each.name] = Made(self.full(each))
        for given, value in zip(self.inputs, values, strict=True):
            scope.items[given.name] = Tensor(value, self._given(given, value.shape))
        found = walk.run(scope)
        outputs = [each.value for each in found if isinstance(each, Tensor)]
        if not outputs:
            raise ArchcalcError(f"{self.name}: its outputs depend on no input", about="name")
        outputs = pruned(graph, list(dict.fromkeys(outputs)))
        self._note(graph, outputs, walk)
        return tuple(outputs)

    def _given(self, given: OnnxInput, shape: Shape) -> Shape:
        """The sizes of an input with the batch, from a shape without it."""
        own = given.sizes or (1,)
        return shape if len(shape) == len(own) else (1, *shape)

    def _symbols(self, shapes: Sequence[Shape]) -> dict[str, Any]:
        """The value of every named size. Raises ArchcalcError for a size that is fixed and differs."""
        symbols: dict[str, Any] = {self.batch: 1} if self.batch else {}
        for given, shape in zip(self.inputs, shapes, strict=True):
            full = self._given(given, shape)
            if len(full) != len(given.sizes or (1,)):
                self._refuse(given, "has other axes")
            for axis, (size, dim) in enumerate(zip(given.sizes or (1,), full, strict=True)):
                if self._is_batch(given, axis):
                    wanted: Any = 1
                elif isinstance(size, str):
                    wanted = symbols.setdefault(size, dim) if size else dim
                else:
                    wanted = size
                if wanted is not dim and (is_int(wanted) != is_int(dim) or known_to_differ(wanted, dim)):
                    self._refuse(given, "has fixed sizes" if is_int(size) else f"has the size {size} twice")
        return symbols

    def _refuse(self, given: OnnxInput, said: str) -> None:
        shape = ", ".join([str(size) or "free" for size in given.sizes or ()])
        raise ArchcalcError(f"{self.name}: the input {given.name} {said} in the file: ({shape})", about="input")

    def _note(self, graph: Graph, outputs: Sequence[Value], walk: Walk) -> None:
        used = {value.index for value in outputs}.union(*[node.inputs for node in graph.nodes])
        self.unused = frozenset([each.name for place, each in enumerate(self.inputs) if place not in used])
        if not self.summary or not self.unused:
            self.summary = summary_of(self.model, walk)


BATCH = frozenset({"N", "n", "batch", "batch_size", "b", "B"})
"""Names of the batch where it is the second axis."""


def pruned(graph: Graph, outputs: Sequence[Value]) -> list[Value]:
    """Take away the ops that no output needs; return the outputs. Inputs stay."""
    needed = {value.index for value in outputs}
    for index in range(len(graph.nodes) - 1, -1, -1):
        if index in needed:
            needed.update(graph.nodes[index].inputs)
    places: dict[int, int] = {}
    owners: dict[int, int] = {}
    nodes, facts = list(graph.nodes), list(graph.facts)
    graph.nodes.clear()
    graph.facts.clear()
    for index, node in enumerate(nodes):
        if index in needed or node.op.role == "input":
            places[index] = len(graph.nodes)
            owner = owners.setdefault(node.owner, places[index])
            graph.nodes.append(node._replace(inputs=tuple([places[each] for each in node.inputs]), owner=owner))
            graph.facts.append(facts[index])
    return [Value(graph, places[value.index], value.shape) for value in outputs]


def summary_of(model: OnnxModel, walk: Walk) -> str:
    """A sentence on what the file holds: its opset, its weights and constants, their bits, unknown operators."""
    weights = [item for item in walk.used.values() if item.learnt]
    said = f"ONNX opset {model.opset}; {_tensors(walk.owned.values())} are weights of layers"
    if weights:
        said += f", {_tensors(weights)} weights used as they are"
    constants = len(walk.used) - len(weights)
    if constants:
        said += f", {constants} constant{'' if constants == 1 else 's'}"
    widths = Counter([item.bits for item in walk.owned.values() if item.bits != 32])
    for bits, count in sorted(widths.items()):
        said += f"; {count} of {bits} bits"
    if walk.unknown:
        said += f"; not counted: {', '.join(sorted(set(walk.unknown)))}"
    return said


def _tensors(items: Iterable[StoredTensor]) -> str:
    found = list(items)
    values = sum([prod(item.dims) for item in found])
    return f"{len(found)} tensors of {values:,} values"
