"""One build of a model's graph: its nodes, one after another, as ops on values, or as numbers that are known at once.

Shapes include the batch, which is set to 1; a first axis of size 1 is left out of the shapes of values. What depends on
no input and no weight is a constant, and how it is made is not shown. Unknown operators become an `Unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.algebra.dims import Dim, Shape, is_int, known_to_differ, product
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError, RuleError, TooCostly
from archcalc.base.spelling import cut
from archcalc.graph import Graph, Op, Value
from archcalc.importers.onnx_files.host import HOST, HostCall
from archcalc.importers.onnx_files.items import (
    Item,
    NameScope,
    StoredTensor,
    constant,
    dims_of,
    is_constant,
)
from archcalc.importers.onnx_files.known import Numbers
from archcalc.importers.onnx_files.model import AttributeOf, OnnxGraph, OnnxModel, OnnxNode
from archcalc.importers.onnx_files.paths import clean
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.onnx_files.stored import filled, seen
from archcalc.importers.onnx_files.unknowns import unknown_outputs
from archcalc.importers.rows import RowNames
from archcalc.importers.tensors import Appender, Made, Tensor, Unsupported, image
from archcalc.ops.values import FixedTensor, Weight
from archcalc.ops.views import Reshape

MOST_CALLS = 100_000
"""Nodes that are built, those of functions and loops each time, at most."""
DEEPEST_CALLS = 16
"""Functions and sub-graphs within each other, at most."""


class BuildLimit(TooCostly):
    """A model that is too large to be built, at whatever sizes."""


class Walk(Appender):
    """The state of one build."""

    def __init__(self, model: OnnxModel, graph: Graph, symbols: Mapping[str, Any], makers: Mapping[str, Maker]) -> None:
        super().__init__(graph)
        self.model = model
        self.symbols = symbols
        """The sizes that names of sizes stand for."""
        self.makers = makers
        self.owned: dict[str, StoredTensor] = {}
        """Stored tensors that are weights of layers, by their names in the file."""
        self.used: dict[str, StoredTensor] = {}
        """Stored tensors that are values of the graph: weights used as they are, and constants."""
        self.unknown: list[str] = []
        self._values: dict[str, Tensor] = {}
        self._layers: dict[str, int] = {}
        self._calls = 0
        self._depth = 0

    # ---- graphs

    def run(self, scope: NameScope) -> list[Item]:
        """Build all nodes that an output needs; return the outputs. Raises ArchcalcError for what cannot be built."""
        self._depth += 1
        if self._depth > DEEPEST_CALLS:
            raise BuildLimit(f"functions are nested more than {DEEPEST_CALLS} deep", about="name")
        for node in scope.nodes:
            if not scope.live.isdisjoint(node.outputs):
                self._count()
                self._node(node, scope)
        self._depth -= 1
        return [scope.find(name) for name in scope.outputs if name]

    def attribute(self, node: OnnxNode, name: str, scope: NameScope) -> Any:
        """An attribute of a node; in a function perhaps one of the call."""
        value = node.attributes.get(name)
        return scope.attributes.get(value.name) if isinstance(value, AttributeOf) else value

    def inner(self, graph: OnnxGraph, scope: NameScope, path: str, given: Sequence[Item] = ()) -> list[Item]:
        """Build a sub-graph once, with these items for its inputs."""
        within = NameScope(graph.nodes, graph.outputs, graph.stored, graph.known, scope, f"{path}." if path else "")
        within.attributes = scope.attributes
        within.items |= {each.name: item for each, item in zip(graph.inputs, given, strict=False)}
        return self.run(within)

    def _count(self) -> None:
        self._calls += 1
        if self._calls > MOST_CALLS:
            raise BuildLimit(f"more than {MOST_CALLS} nodes would be built", about="name")
        if self._calls % 32 == 1:
            check_cancelled()

    def _node(self, node: OnnxNode, scope: NameScope) -> None:
        if id(node) in scope.merged:
            scope.items[node.outputs[0]] = scope.merged[id(node)]
            return
        try:
            results = self._results(node, scope)
        except RuleError as error:
            said = f"{self.graph.name}: {node.operator} {cut(node.name)}".strip()
            raise ArchcalcError(f"{said}: {error}", about="input") from error
        except ArchcalcError:
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            said = f"{node.operator} {cut(node.name)}".strip()
            raise ArchcalcError(f"{said}: {type(error).__name__}: {cut(str(error))}", about="name") from error
        for name, item in zip(node.outputs, results, strict=False):
            if name and item is not None:
                scope.items[name] = item

    def _results(self, node: OnnxNode, scope: NameScope) -> Sequence[Item | None]:
        if (node.domain, node.operator) in self.model.functions:
            return self._call(node, scope)
        if node.operator == "Constant" and not node.domain:
            attributes = {name: self.attribute(node, name, scope) for name in node.attributes}
            return [constant(node._replace(attributes=attributes))]
        site = OnnxSite(self, node, scope)
        if not node.domain or node.domain == "com.microsoft":
            for attempt in (self._numbers, seen, self._constant):
                found = attempt(site)
                if found is not None:
                    return found
        return self._shown(site)

    def _shown(self, site: OnnxSite) -> list[Item | None]:
        """The outputs of a node as values of the graph."""
        before, held = len(self.graph.nodes), self._held()
        try:
            return self._made(site)
        except Unsupported as error:
            while len(self.graph.nodes) > before:
                self.graph.take_back()
            self._restore(held)
            self.rows.forget()
            return unknown_outputs(self, site, str(error))

    def _made(self, site: OnnxSite) -> list[Item | None]:
        """The outputs of a node by its operator. Raises Unsupported if that is not known, or leaves out an output."""
        maker = self.makers.get(site.operator)
        if maker is None:
            raise Unsupported("it is not known")
        made = maker(site)
        results = listed(made)
        results += [None] * (len(site.node.outputs) - len(results))
        if any([site.wanted(place) and item is None for place, item in enumerate(results)]):
            raise Unsupported("an output is missing")
        return results

    def _held(self) -> tuple[Any, ...]:
        return dict(self._values), dict(self._layers), dict(self.owned), dict(self.used)

    def _restore(self, held: tuple[Any, ...]) -> None:
        self._values, self._layers, self.owned, self.used = held

    def _call(self, node: OnnxNode, scope: NameScope) -> list[Item]:
        function = self.model.functions[node.domain, node.operator]
        own = {name: self.attribute(node, name, scope) for name in node.attributes}
        path = scope.prefix + clean(node.name)
        within = NameScope(function.nodes, function.outputs, {}, {}, None, f"{path}." if path else "")
        within.attributes = {**function.defaults, **{key: value for key, value in own.items() if value is not None}}
        for name, given in zip(function.inputs, node.inputs, strict=False):
            if given:
                within.items[name] = scope.find(given)
        return self.run(within)

    # ---- what is not shown

    def _numbers(self, site: OnnxSite) -> Sequence[Item] | None:
        """The results of a node whose inputs are known, or that asks for sizes only."""
        if site.operator in ("Shape", "Size") and site.item(0) is not None:
            sizes = site.full(0)
            if site.operator == "Size":
                return [Numbers((product(sizes),), ())]
            picked = sizes[site.given("start", 0) : site.given("end")]
            return [Numbers(tuple(picked), (len(picked),))]
        if site.operator == "ConstantOfShape" and (weights := filled(site)) is not None:
            return [weights]
        if site.operator not in HOST or not all(map(is_constant, site.items)):
            return None
        inputs = [item.numbers if isinstance(item, StoredTensor) else item for item in site.items]
        for item, given in zip(site.items, inputs, strict=True):
            if isinstance(given, Made) or (given is None and item is not None):
                return None
        return self._computed(site, [item if isinstance(item, Numbers) else None for item in inputs])

    def _computed(self, site: OnnxSite, inputs: list[Numbers | None]) -> Sequence[Item] | None:
        attributes = {name: self.attribute(site.node, name, site.scope) for name in site.node.attributes}
        try:
            return [HOST[site.operator](HostCall(inputs, attributes, site.opset))]
        except Unsupported:
            return None

    def _constant(self, site: OnnxSite) -> Sequence[Item | None] | None:
        """The results of a node that depends on no input and no weight: only their sizes matter."""
        if not site.items or site.operator in PRODUCTS | CONTROL or not site.is_constant:
            return None
        maker = self.makers.get(site.operator)
        if maker is None:
            return None
        outer = self.graph, self.rows
        self.graph = Graph("constants", (1,))
        self.rows = RowNames(self.graph)
        held, merged = self._held(), dict(site.scope.merged)
        try:
            made = maker(site)
        except Unsupported:
            return None
        finally:
            self.graph, self.rows = outer
            self._restore(held)
            site.scope.merged = merged
        return [Made(dims_of(item)) if isinstance(item, Tensor) else item for item in listed(made)]

    # ---- values

    def value(self, item: Item) -> Tensor:
        """Anything as a value of the graph; a weight that no layer owns becomes one where it is first used."""
        if isinstance(item, Tensor):
            return item
        full = dims_of(item) or (1,)
        if not isinstance(item, StoredTensor) or not (item.floating or item.learnt):
            return Tensor(self.apply(FixedTensor(image(full)), (), "constant"), full)
        if item.origin not in self._values:
            shared = self._layers.get(item.origin)
            op = Weight(image(full)) if item.learnt else FixedTensor(image(full), product(item.dims) != 1)
            self._values[item.origin] = Tensor(self.apply(op, (), clean(item.origin), own=True, owner=shared), full)
            self.used[item.origin] = item
        known = self._values[item.origin]
        return Tensor(self.viewed(known.value, image(full), ""), full)

    def is_free(self, kept: StoredTensor) -> bool:
        """Return True if a layer can own a stored tensor: it is no value of the graph yet."""
        return kept.origin not in self._values

    def layer(self, op: Op, x: Value, weights: Sequence[StoredTensor], path: str) -> Value:
        """Append a layer with stored weights; one whose first weight was used before shares it, of a norm all weights.

        Converters store equal tensors once, and scales of norms may well be equal.
        """
        first = " ".join([each.origin for each in weights]) if op.role == "norm" else weights[0].origin
        value = self.apply(op, (x,), path, own=True, owner=self._layers.get(first))
        self._layers.setdefault(first, value.index)
        self.owned |= {each.origin: each for each in weights}
        return value

    def settled(self, value: Value, full: Shape, path: str) -> Tensor:
        """A value with its sizes. Raises ArchcalcError if the op's own rule gave another number of values."""
        wanted = image(full)
        if len(wanted) != len(value.shape) or any([_differ(a, b) for a, b in zip(wanted, value.shape, strict=True)]):
            value = self.apply(Reshape(wanted), (value,), path)
        return Tensor(value, full)


PRODUCTS = frozenset({"MatMul", "Gemm", "Conv", "ConvTranspose", "Einsum", "MatMulInteger", "ConvInteger"})
"""Products are counted even where they depend on no input, as they are computed again for each one."""
CONTROL = frozenset({"If", "Loop", "Scan"})


def listed(made: Item | Sequence[Item | None]) -> list[Item | None]:
    """What a maker gives, as a list."""
    return [made] if isinstance(made, (Tensor, StoredTensor, Numbers, Made)) else list(made)


def _differ(one: Dim, other: Dim) -> bool:
    if is_int(one) != is_int(other):
        return known_to_differ(one, other)
    return is_int(one) and one != other
