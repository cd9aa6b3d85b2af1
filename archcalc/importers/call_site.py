"""A call of a program with its arguments as handlers read them: tensors, sizes, numbers, and what they append."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from archcalc.algebra.dims import Shape, is_int
from archcalc.graph import Op, Value
from archcalc.importers.program import OperatorCall, Ref, SizeRef, listed
from archcalc.importers.tensors import Made, Tensor, Unsupported
from archcalc.ops.applied import Each, Given
from archcalc.ops.elementwise import Combine

if TYPE_CHECKING:
    from archcalc.importers.replay import Replay

Handler: TypeAlias = "Callable[[CallSite], Value | Sequence[Value | None]]"
"""Makes the outputs of a call as values; None for an output that nothing uses."""


class CallSite:
    """A call with its arguments as handlers read them."""

    def __init__(self, replay: Replay, call: OperatorCall) -> None:
        self.replay = replay
        self.call = call
        self.tensors = list(tensors_in(call.arguments.values()))

    @property
    def name_of_operator(self) -> str:
        """The name of its operator, without namespace and without the `_` of in-place ones."""
        return operator_name(self.call)

    @property
    def constant(self) -> bool:
        """True if the call depends on no input and no weight."""
        return all(
            [isinstance(self.replay.tensor(name), Made) for name in self.tensors if not self._stored(name)]
        ) and (not any([self._stored(name) for name in self.tensors]))

    def _stored(self, name: str) -> bool:
        stored = self.replay.program.stored.get(self.replay.aliases.get(name, name))
        return stored is not None and stored.kind == "parameter"

    def given(self, *names: str, default: Any = None) -> Any:
        """An argument by any of its names: numbers, words, references."""
        for name in names:
            value = self.call.arguments.get(name)
            if value is not None:
                return value
        return default

    def dim(self, name: str, default: Any = None) -> Any:
        """An argument that is a size."""
        value = self.given(name, default=default)
        return self.replay.size(value.text) if isinstance(value, SizeRef) else value

    def dims(self, name: str) -> list[Any]:
        """An argument that is a list of sizes."""
        return [
            self.replay.size(each.text) if isinstance(each, SizeRef) else each for each in self.given(name, default=[])
        ]

    def name(self, *names: str) -> str:
        """The name of the tensor that an argument is; empty if it is none."""
        value = self.given(*names)
        return value.name if isinstance(value, Ref) else ""

    def tensor(self, *names: str) -> Tensor:
        """An argument that is a tensor. Raises Unsupported if it is none."""
        name = self.name(*names)
        if not name:
            raise Unsupported(f"its {names[0]} is no tensor")
        return self.replay.value(name)

    def several(self, name: str) -> list[Tensor]:
        """An argument that is a list of tensors."""
        return [self.replay.value(each.name) for each in self.given(name, default=[]) if isinstance(each, Ref)]

    def stored(self, name: str) -> str:
        """The name of a weight that a layer can own: a stored parameter or float buffer; else empty."""
        found = self.name(name)
        kept = self.replay.program.stored.get(found)
        return found if kept is not None and found not in self.replay.tensors else ""

    def full(self, place: int = 0) -> Shape:
        """The shape of an output, with the batch."""
        return self.replay.full(self.call.outputs[place])

    def wanted(self, place: int) -> bool:
        """Return True if something uses an output."""
        return place < len(self.call.outputs) and self.call.outputs[place] in self.replay.live

    def apply(self, op: Op, *inputs: Tensor | Value) -> Value:
        """Append an op."""
        values = [each.value if isinstance(each, Tensor) else each for each in inputs]
        return self.replay.apply(op, values, self.call.path)

    def view(self, tensor: Tensor, sizes: Shape) -> Value:
        """A tensor's value in another shape; itself if it has that."""
        return self.replay.viewed(tensor.value, sizes, self.call.path)

    def whole(self, tensor: Tensor) -> Tensor:
        """A tensor whose value has the first axis too, for an op that works along it."""
        return Tensor(self.view(tensor, tensor.full), tensor.full) if tensor.dropped else tensor

    def layer(self, op: Op, x: Value, *weights: str) -> Value:
        """Append a layer with the weights of some arguments: stored ones are its own, computed ones are inputs."""
        bias = self.name("bias") if "bias" in weights and op.attributes().get("bias") else ""
        if bias and self._has_bias_apart(bias):
            plain = type(op)(**{**op.attributes(), "bias": False})
            return self._with_bias(self.layer(plain, x, *[each for each in weights if each != "bias"]), bias)
        names = [name for each in weights if (name := self.name(each))]
        if all([self.replay.is_free(name) or self.replay.is_layer(name) for name in names[:1]]):
            return self.replay.layer(op, x, names, self.call.path)
        values = [
            self.replay.weight(name) if name in self.replay.program.stored else self.replay.value(name)
            for name in names
        ]
        return self.replay.apply(Given(op), [x, *[each.value for each in values]], self.call.path, own=True)

    def _has_bias_apart(self, bias: str) -> bool:
        """Return True for a bias that is computed, or learnt beside a weight that another layer owns."""
        if not self.replay.is_stored(bias):
            return not self.replay.is_free(bias)
        weight = self.name("weight")
        return bool(weight) and self.replay.is_layer(weight) and bias not in self.replay.owned

    def _with_bias(self, y: Value, name: str) -> Value:
        """A layer's output with a bias that is not the layer's, one for each channel."""
        bias = self.replay.value(name).value
        channels_last = self.replay.graph.nodes[y.index].op.on_last_axis
        sizes = bias.shape if channels_last else (*bias.shape, *[1] * (len(y.shape) - 1))
        return self.apply(Combine("add"), y, self.replay.viewed(bias, sizes, self.call.path))

    def on_maps(self, op: Op, x: Tensor, axes: int, *weights: str) -> Value:
        """Append a layer that works on maps with some spatial axes: one, or each of several folded into the batch."""
        shape = x.full if len(x.full) == axes + 1 else x.full[1:]
        if len(x.full) > axes + 1 and not (is_int(x.full[0]) and x.full[0] == 1):
            return self.layer(Each(op), self.view(x, x.full), *weights)
        return self.layer(op, self.view(x, shape), *weights)


def operator_name(call: OperatorCall) -> str:
    """The name of a call's operator, without namespace and without the `_` of in-place ones."""
    return call.operator.removeprefix("aten.").rstrip("_")


def tensors_in(values: Iterable[Any]) -> Iterator[str]:
    """The names of the tensors among some arguments."""
    for value in values:
        if isinstance(value, Ref):
            yield value.name
        elif isinstance(value, list):
            yield from tensors_in(listed(value))
