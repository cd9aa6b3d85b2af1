"""Replaying a program: its calls, one after another, as ops on values of a graph, at any sizes of its inputs.

Shapes of a program include the batch, which is set to 1 here; a first axis of size 1 is left out of the shapes of a
graph. A call whose operator is not known becomes an `Unknown` with the shape that the trace gave, so that nothing is
silently zero; a value that depends on no input and no weight is a constant, and how it is made is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archcalc.algebra.dims import Dim, Shape, is_int, product
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Graph, Op, Origin, Value
from archcalc.importers.call_site import CallSite, Handler, operator_name, tensors_in
from archcalc.importers.in_place import is_in_place
from archcalc.importers.program import OperatorCall, Program, Size
from archcalc.importers.sizes import Unreadable, evaluate
from archcalc.importers.tensors import Appender, Made, Tensor, Unsupported, image, is_empty, known_to_differ_in_numbers
from archcalc.ops.values import FixedTensor, Unknown, Weight
from archcalc.ops.views import Reshape


class Replay(Appender):
    """One build of a program's graph."""

    def __init__(self, program: Program, live: frozenset[str], graph: Graph, sizes: Mapping[str, Any]) -> None:
        super().__init__(graph)
        self.program = program
        self.live = live
        self.sizes = sizes
        self.tensors: dict[str, Tensor | Made] = {}
        self._evaluated: dict[str, Any] = {}
        self._layers: dict[tuple[str, ...], tuple[Op, int]] = {}
        self.owned: set[str] = set()
        self.held: dict[int, int] | None = None if program.held is None else {}
        """What becomes `Graph.held`."""
        self.call: OperatorCall | None = None
        """The call whose ops are appended."""
        self.aliases: dict[str, str] = {}
        """Weights seen with other axes, by the name of the view, until they become values."""

    def run(self, handlers: Mapping[str, Handler], inputs: Iterable[tuple[str, Value]]) -> list[Value]:
        """Apply all calls that an output needs; return the outputs."""
        for name, value in inputs:
            self.tensors[name] = Tensor(value, self.full(name))
        ends: dict[str, int] = {}
        for call in self.program.calls:
            before = len(self.graph.nodes)
            if any([name in self.live for name in call.outputs]):
                check_cancelled()
                self._apply(call, handlers)
                self._holds_arguments(before)
            ends |= dict.fromkeys(call.outputs, len(self.graph.nodes) - 1)
        self._holds(ends)
        found = [self.tensors.get(name) for name in self.program.outputs]
        return [each.value for each in found if isinstance(each, Tensor)]

    def _holds_arguments(self, start: int) -> None:
        """Note that a call holds its arguments until its last node; `start` is its first."""
        nodes = self.graph.nodes
        if self.held is not None and len(nodes) - start > 1:
            given = [source for node in nodes[start:] for source in node.inputs if source < start]
            self.held |= dict.fromkeys(given, len(nodes) - 1)

    def _holds(self, ends: Mapping[str, int]) -> None:
        """Note in the graph until which node the code holds values, given the last node of the call of each tensor."""
        if self.held is None:
            return
        for name, until in (self.program.held or {}).items():
            found = self.tensors.get(name)
            end = ends.get(until, 0) if until else len(self.graph.nodes)
            if isinstance(found, Tensor):
                self.held[found.value.index] = max(self.held.get(found.value.index, 0), end)
        self.graph.held = self.held | (self.graph.held or {})

    def size(self, size: Size) -> Any:
        """The value of a size."""
        if isinstance(size, int):
            return size
        if size not in self._evaluated:
            self._evaluated[size] = evaluate(size, self.sizes)
        return self._evaluated[size]

    def full(self, name: str) -> Shape:
        """The shape of a tensor of the program, with the batch."""
        return tuple([self.size(size) for size in self.program.tensors[name].sizes])

    def tensor(self, name: str) -> Tensor | Made:
        """A tensor of the program; a weight that no layer owns becomes a value where it is first used."""
        known = self.tensors.get(name)
        if known is not None:
            return known
        if name in self.aliases:
            full = self.full(name)
            weight = self.weight(self.aliases[name])
            self.tensors[name] = Tensor(self.viewed(weight.value, image(full), ""), full)
            return self.tensors[name]
        stored = self.program.stored.get(name)
        if stored is None:
            raise ArchcalcError(f"{self.program.name}: the tensor {name} is used before it is made", about="name")
        full = self.full(name)
        if stored.kind != "parameter":
            self.tensors[name] = Made(full, stored.path if self.program.tensors[name].floating else "")
            return self.tensors[name]
        return self.weight(name)

    def weight(self, name: str) -> Tensor:
        """A stored tensor as a value of the graph."""
        known = self.tensors.get(name)
        if isinstance(known, Tensor):
            return known
        full, stored = self.full(name), self.program.stored[name]
        op = Weight(image(full)) if stored.kind == "parameter" else FixedTensor(image(full), buffer=True)
        self.owned.add(name)
        made = Tensor(self.apply(op, (), stored.path, own=True), full)
        self._owns(made.value, [name])
        self.tensors[name] = made
        return made

    def _variant(self, call: OperatorCall) -> str:
        """The variant of an operator that a call is: see `Origin`."""
        if isinstance(call.arguments.get("padding"), str):
            return "padding"
        if call.arguments.get("scale_factors") is not None:
            return "scale_factors"
        first = next(tensors_in(call.arguments.values()), "")
        meta = self.program.tensors.get(first)
        expected = 1
        axes = [*zip(self.full(first), meta.traced, meta.strides, strict=False)] if meta is not None else []
        for size, traced, stride in reversed(axes):
            if not (is_int(size) and size == 1) and stride != expected:
                return "strided"
            expected *= traced
        return ""

    def _base(self, name: str) -> str | None:
        """The class of `torch.nn` that a class is or is derived from: for its own, that is known of any file."""
        if name.startswith("torch.nn.modules."):
            return name
        return None if self.program.holders is None else self.program.bases.get(name, "")

    def _owns(self, value: Value, weights: Sequence[str]) -> None:
        """Note the names of a node's parameters in the module that owns them."""
        origin = self.graph.origins.get(value.index)
        if origin is not None and weights:
            kept = [self.program.stored[name].path.rpartition(".") for name in weights if name in self.program.stored]
            path = self.call.path if self.call is not None else ""
            own = tuple([name for place, _, name in kept if place == path])
            self.graph.origins[value.index] = origin._replace(weights=own)

    def value(self, name: str) -> Tensor:
        """A tensor of the program as a value of the graph; a constant is made where it is used."""
        found = self.tensor(name)
        if isinstance(found, Tensor):
            return found
        value = self.apply(FixedTensor(image(found.full), bool(found.name)), (), found.name or "constant")
        made = Tensor(value, found.full)
        if found.name:
            self.tensors[name] = made
        return made

    def apply(
        self, op: Op, inputs: Sequence[Value], path: str, *, own: bool = False, owner: int | None = None
    ) -> Value:
        """Append an op, and note the call that it is from."""
        value = super().apply(op, inputs, path, own=own, owner=owner)
        if self.call is not None and self.call.classes:
            self.graph.origins[value.index] = self._origin(self.call)
        return value

    def _origin(self, call: OperatorCall) -> Origin:
        """The call as what a node is from."""
        tensors = self.program.tensors
        full = self.full(next(name for name in call.outputs if name)) if any(call.outputs) else ()
        return Origin(
            operator_name(call),
            self._variant(call),
            call.function,
            call.classes,
            self._base(call.classes[-1]),
            None if self.program.holders is None else call.path not in self.program.holders,
            batch=full[0] if full else 1,
            axes=tuple([len(tensors[name].sizes) for name in tensors_in(call.arguments.values()) if name in tensors]),
            module=call.path,
            in_place=is_in_place(call),
        )

    def layer(self, op: Op, x: Value, weights: Sequence[str], path: str) -> Value:
        """Append a layer with stored weights; one whose first weight was used before shares it."""
        weights = [self.aliases.get(name, name) for name in weights]
        key = tuple(weights[:1])
        first = self._layers.get(key) if key else None
        value = self.apply(op, (x,), path, own=True, owner=None if first is None else first[1])
        if key and first is None:
            self._layers[key] = (op, value.index)
        self.owned.update(weights)
        self._owns(value, weights)
        return value

    def is_free(self, name: str) -> bool:
        """Return True if a weight is stored and is not a value of the graph yet, so that a layer can own it."""
        name = self.aliases.get(name, name)
        stored = self.program.stored.get(name)
        return stored is not None and stored.kind == "parameter" and name not in self.tensors

    def is_last(self, value: Value) -> bool:
        """Return True if a value has its channels on the last axis, as far as its ops tell."""
        node = self.graph.nodes[value.index]
        while node.inputs and node.op.channel_axis == "kept" and not node.op.on_last_axis:
            node = self.graph.nodes[node.inputs[0]]
        return node.op.on_last_axis or node.op.channel_axis == "last"

    def is_stored(self, name: str) -> bool:
        """Return True if the model keeps a tensor."""
        return self.aliases.get(name, name) in self.program.stored

    def is_layer(self, name: str) -> bool:
        """Return True if a layer owns a weight, so that another can share it."""
        return (self.aliases.get(name, name),) in self._layers

    def _apply(self, call: OperatorCall, handlers: Mapping[str, Handler]) -> None:
        self._needs_shapes(call)
        site = CallSite(self, call)
        self.call = call
        if self._is_made(site) or self._is_alias(site):
            return
        before = len(self.graph.nodes)
        held = dict(self.tensors), dict(self._layers), set(self.owned)
        try:
            self._call(site, handlers)
        except (Unsupported, ArchcalcError, KeyError, IndexError):
            self._take_back(before, *held)
            self._unknown(site)

    def _needs_shapes(self, call: OperatorCall) -> None:
        """Raise ArchcalcError for a call whose output has a size that only the values of its input decide."""
        for name in call.outputs:
            if name in self.live:
                try:
                    self.full(name)
                except Unreadable as error:
                    place = f" in {call.path}" if call.path else ""
                    said = f"{self.program.name}: the shape of what {call.operator}{place} gives is not known: {error}"
                    raise ArchcalcError(said, about="name") from None

    def _is_made(self, site: CallSite) -> bool:
        """Note a call that depends on no input and no weight, or gives no values; return True if it is one."""
        names = [name for name in site.call.outputs if name in self.live]
        fulls = [self.full(name) for name in names]
        if not all(map(is_empty, fulls)) and not (site.constant and site.name_of_operator not in KEPT):
            return False
        self.tensors |= {name: Made(full) for name, full in zip(names, fulls, strict=True)}
        return True

    def _is_alias(self, site: CallSite) -> bool:
        """Note a weight that is only seen with other axes; return True if the call does that."""
        tensors, outputs = site.tensors, site.call.outputs
        if site.name_of_operator not in VIEWS or len(tensors) != 1 or len(outputs) != 1 or not self.is_free(tensors[0]):
            return False
        self.aliases[outputs[0]] = self.aliases.get(tensors[0], tensors[0])
        return True

    def _call(self, site: CallSite, handlers: Mapping[str, Handler]) -> None:
        """Apply a call's ops. Raises Unsupported for one that is not known."""
        handler = handlers.get(site.call.operator.removesuffix("_"))
        if handler is None:
            raise Unsupported("it is not known")
        made = handler(site)
        values = [made] if isinstance(made, Value) else list(made)
        for name, value in zip(site.call.outputs, values, strict=False):
            if name in self.live:
                if value is None:
                    raise Unsupported("an output is missing")
                self.tensors[name] = self._settled(site, name, value)

    def _take_back(self, count: int, tensors: Any, layers: Any, owned: Any) -> None:
        while len(self.graph.nodes) > count:
            self.graph.take_back()
        self.tensors, self._layers, self.owned = tensors, layers, owned
        self.rows.forget()

    def _settled(self, site: CallSite, name: str, value: Value) -> Tensor:
        """A value with the shape that the trace gave. Raises Unsupported if the op's own rule gave another."""
        full = self.full(name)
        wanted = image(full)
        if len(value.shape) != len(wanted) or known_to_differ_in_numbers(value.shape, wanted):
            if known_to_differ_in_numbers((product(value.shape),), (product(wanted),)):
                raise Unsupported(f"its shape would be {value.shape}, and the trace says {wanted}")
            value = self.apply(Reshape(wanted), (value,), site.call.path)
        return Tensor(value, full)

    def _unknown(self, site: CallSite) -> None:
        """Append a call that is not known, or not in this form, with the shapes that the trace gave."""
        stored = [name for name in site.tensors if self.is_free(name)]
        inputs = [self.value(name).value for name in site.tensors if name not in stored]
        own = [name for name in dict.fromkeys(stored) if not self.is_layer(name)]
        weights: Dim = sum([product(self.full(name)) for name in own], 0)
        self.owned.update([self.aliases.get(name, name) for name in stored])
        for name in site.call.outputs:
            if name in self.live:
                full = self.full(name)
                op = Unknown(site.call.operator, image(full), weights)
                made = self.apply(op, inputs, site.call.path)
                self.tensors[name] = Tensor(made, full)
                self._layers |= {(self.aliases.get(each, each),): (op, made.index) for each in own}
                weights, own = 0, []


KEPT = frozenset({"matmul", "bmm", "mm", "einsum", "baddbmm", "addmm", "conv2d", "linear", "conv1d"})
"""Products are counted even where they depend on no input, as they are computed again for each one."""


VIEWS = frozenset(
    {"view", "reshape", "unsqueeze", "squeeze", "flatten", "detach", "alias", "contiguous", "to", "clone"}
)
"""Operators that keep the order of a weight's values, so that a layer can own what they give."""
