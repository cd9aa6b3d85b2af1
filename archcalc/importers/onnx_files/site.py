"""A node with its inputs and attributes as handlers read them, and the ops that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from archcalc.algebra.dims import Shape, is_int, product
from archcalc.graph import Op, Value
from archcalc.importers.onnx_files.items import Item, NameScope, StoredTensor, dims_of, is_constant, same, same_shape
from archcalc.importers.onnx_files.known import Numbers
from archcalc.importers.onnx_files.model import OnnxNode
from archcalc.importers.onnx_files.paths import own_module, path_of
from archcalc.importers.tensors import Made, Tensor, Unsupported, image
from archcalc.ops.applied import Each, Given

if TYPE_CHECKING:
    from archcalc.importers.onnx_files.walk import Walk

Maker: TypeAlias = "Callable[[OnnxSite], Item | Sequence[Item | None]]"
"""Makes the outputs of a node; None for one that nothing uses."""


class OnnxSite:
    """A node and what its inputs stand for."""

    def __init__(self, walk: Walk, node: OnnxNode, scope: NameScope) -> None:
        self.walk = walk
        self.node = node
        self.scope = scope
        self.items: list[Item | None] = [scope.find(name) if name else None for name in node.inputs]

    @cached_property
    def path(self) -> str:
        """The module that it belongs to."""
        return self.scope.prefix + path_of(self.node, self._weight())

    def _weight(self) -> str:
        item = self.items[1] if len(self.items) > 1 else None
        return item.origin if isinstance(item, StoredTensor) and item.learnt else ""

    @property
    def operator(self) -> str:
        """The name of the operator, after its domain if that is not ONNX's own."""
        return f"{self.node.domain}.{self.node.operator}" if self.node.domain else self.node.operator

    def given(self, name: str, default: Any = None) -> Any:
        """An attribute."""
        value = self.walk.attribute(self.node, name, self.scope)
        return default if value is None else value

    def item(self, place: int) -> Item | None:
        """An input; None if it is left out."""
        return self.items[place] if place < len(self.items) else None

    def needed(self, place: int) -> Item:
        """An input. Raises Unsupported if it is left out."""
        found = self.item(place)
        if found is None:
            raise Unsupported(f"its input {place + 1} is missing")
        return found

    def tensor(self, place: int = 0) -> Tensor:
        """An input as a value of the graph. Raises Unsupported if it is left out."""
        return self.walk.value(self.needed(place))

    def tensors(self) -> list[Tensor]:
        """All inputs as values."""
        return [self.walk.value(item) for item in self.items if item is not None]

    def kept(self, place: int) -> StoredTensor | None:
        """An input that the file stores, else None."""
        found = self.item(place)
        return found if isinstance(found, StoredTensor) else None

    def full(self, place: int) -> Shape:
        """The sizes of an input, with the batch."""
        return dims_of(self.needed(place))

    def numbers(self, place: int) -> Numbers | None:
        """The known values of an input; None if it is left out. Raises Unsupported if they are not known."""
        found = self.item(place)
        found = found.numbers if isinstance(found, StoredTensor) else found
        if isinstance(found, Numbers):
            return found
        if self.item(place) is None:
            return None
        raise Unsupported(f"its input {place + 1} is not known before the network runs")

    def list(self, name: str, place: int = -1) -> list[Any] | None:
        """Sizes: an attribute in older opsets, an input in newer ones; None if they are left out."""
        value = self.given(name)
        if value is not None:
            return list(value) if isinstance(value, Sequence) else [value]  # pyright: ignore[reportUnknownArgumentType]
        found = self.numbers(place) if place >= 0 else None
        return None if found is None else found.whole

    def number(self, name: str, place: int = -1) -> Any:
        """A single number: an attribute in older opsets, an input in newer ones; None if it is left out."""
        value = self.given(name)
        if value is not None:
            return value
        found = self.numbers(place) if place >= 0 else None
        return None if found is None or not found.values else found.values[0]

    @property
    def opset(self) -> int:
        """The version of ONNX's own operators."""
        return self.walk.model.opset

    def wanted(self, place: int) -> bool:
        """Return True if something uses an output."""
        return place < len(self.node.outputs) and self.node.outputs[place] in self.scope.live

    @property
    def is_constant(self) -> bool:
        """True if it depends on no input and no weight.

        So it is for arithmetic of a constant that is made on the way, with stored numbers that no module names.
        """
        if all(map(is_constant, self.items)):
            return True
        return (
            self.operator in ("Add", "Sub", "Mul", "Div", "Pow")
            and any([isinstance(item, Made) and not same(product(item.full), 1) for item in self.items])
            and all([is_constant(item) or (isinstance(item, StoredTensor) and not item.named) for item in self.items])
        )

    # ---- results

    def apply(self, op: Op, *inputs: Tensor | Value, own: bool | None = None) -> Value:
        """Append an op."""
        values = [each.value if isinstance(each, Tensor) else each for each in inputs]
        owns = own_module(self.node) and op.role in ("conv", "linear", "norm", "pool") if own is None else own
        return self.walk.apply(op, values, self.path, own=owns)

    def result(self, value: Value, full: Shape) -> Tensor:
        """A value as an output of some sizes, with the batch."""
        return self.walk.settled(value, full or (1,), self.path)

    def pointwise(self, op: Op, x: Tensor | None = None) -> Tensor:
        """Append an op that keeps the sizes of its input."""
        x = self.tensor() if x is None else x
        return self.result(self.apply(op, x), x.full)

    def view(self, tensor: Tensor, sizes: Shape) -> Value:
        """A tensor's value in another shape; itself if it has that."""
        return self.walk.viewed(tensor.value, sizes, self.path)

    def whole(self, tensor: Tensor) -> Tensor:
        """A tensor whose value has the first axis too, for an op that works along it."""
        return Tensor(self.view(tensor, tensor.full), tensor.full) if tensor.dropped else tensor

    def layer(self, op: Op, x: Value, *places: int) -> Value:
        """Append a layer with the weights of some inputs: stored ones are its own, computed ones are further inputs."""
        items = [item for place in places if (item := self.item(place)) is not None]
        weights = [item for item in items if isinstance(item, StoredTensor)]
        if items and isinstance(items[0], StoredTensor) and self.walk.is_free(items[0]):
            return self.walk.layer(op, x, weights, self.path)
        values = [self.walk.value(item).value for item in items]
        return self.walk.apply(Given(op) if values else op, [x, *values], self.path, own=True)

    def on_maps(self, op: Op, x: Tensor, *places: int) -> Tensor:
        """Append a layer that works on maps: one, or each of several folded into the batch."""
        if len(x.full) < 2:
            raise Unsupported("its input has no channels")
        if is_int(x.full[0]) and x.full[0] == 1:
            value = self.layer(op, self.view(x, x.full[1:]), *places)
            return self.result(value, (1, *value.shape))
        value = self.layer(Each(op), self.view(x, x.full), *places)
        return self.result(value, value.shape)

    def uncounted(self, full: Shape) -> Tensor:
        """An output of some sizes whose work is not known."""
        from archcalc.importers.onnx_files.unknowns import uncounted

        return uncounted(self.walk, self, full)

    def merge(self, node: OnnxNode, result: Item) -> None:
        """Say that a later node is built already."""
        self.scope.merged[id(node)] = result

    def unchanged(self, x: Tensor, full: Shape) -> bool:
        """Return True if a tensor's value has the shape that some sizes have without the batch."""
        return same_shape(image(full), x.value.shape)
