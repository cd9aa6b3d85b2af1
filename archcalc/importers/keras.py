"""Keras models: what `model.to_json()` writes, of Keras 2 and of Keras 3, Sequential or Functional, as a network.

Every layer is a row with its own name; those of a model within the model have its name before theirs. A SeparableConv
is two rows, `.depthwise` and `.pointwise`. Keras' maps are (height, width, channels), those of a row (channels, height,
width). Layers that only act while training and keep no mask of every value (noise, random images, dropout of whole
channels) are no rows. A global pool whose vector is shaped into a map again stays a map of one position.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple, final

from archcalc.algebra.dims import Shape, is_int, known_to_differ, product
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.graph import Network, Op, Value
from archcalc.importers.described import (
    LARGEST,
    MOST_LAYERS,
    GivenFields,
    RowLabels,
    add_row,
    list_of,
    network_of,
    one_line,
)
from archcalc.importers.keras_layers import RESHAPE, rows_of
from archcalc.importers.keras_model import CONSTANTS, KerasCall, KerasLayer, KerasModel, TensorKey, parse_model
from archcalc.importers.keras_site import KerasSite, Rows
from archcalc.ops.combine import Multiply
from archcalc.ops.elementwise import Elementwise
from archcalc.ops.layout import ChannelsFirst, ChannelsLast, Flatten
from archcalc.ops.views import Reshape

INPUT_LAYER = "InputLayer"
FORMATS = ("channels_last", "channels_first")


class KerasTensor(NamedTuple):
    """A value, and True if it is a map of one position that Keras holds as a vector."""

    value: Value
    vector: bool = False


def read_keras(text: str, name: str, shape: tuple[int, ...] | None = None) -> Network:
    """The network of a Keras model, on `shape`, channels first, if it leaves sizes of its one input open.

    Raises ArchcalcError naming the layer and the rule for every fault.
    """
    model = parse_model(text, name)
    channels_first = _channels_first(model)
    own = shape if len(model.inputs) == 1 else None
    shapes = {key[0]: _shape(model, key[0], channels_first, own) for key in model.inputs}
    if len(shapes) < len(model.inputs):
        raise ArchcalcError(f"{name}: it names an input twice")
    plan = _Plan(model, channels_first)
    inputs = {label or "input": shape for label, shape in shapes.items()}
    return network_of(name, inputs, plan)


def _channels_first(model: KerasModel) -> bool:
    """The order of axes, by the layers that say it. Raises ArchcalcError where they do not agree."""
    said: dict[str, str] = {}
    stack = [model]
    while stack:
        for layer in stack.pop().layers:
            given = layer.config.get("data_format")
            if given in FORMATS:
                said.setdefault(given, layer.name)
            if layer.model is not None:
                stack.append(layer.model)
    if len(said) > 1:
        both = " and ".join([f"{form} in {one_line(layer)}" for form, layer in said.items()])
        raise ArchcalcError(f"{model.place}: its layers do not agree on the order of axes: {both}")
    return "channels_first" in said


def _shape(model: KerasModel, name: str, channels_first: bool, own: tuple[int, ...] | None) -> tuple[int, ...]:
    """The shape of an input, channels first: `own` where the model leaves it open. Raises ArchcalcError if both do."""
    layer = next((each for each in model.layers if each.name == name), None)
    config: Mapping[str, Any] = layer.config if layer is not None else {}
    given = list_of(config.get("batch_shape") or config.get("batch_input_shape"))
    place = f"{model.place}: the input {one_line(name)}".rstrip()
    if own is not None and (given is None or None in given[1:]):
        return own
    if given is None or not 2 <= len(given) <= 5:
        said = "has no batch_shape of 2 to 5 sizes: give its shape, or build the model before it is written"
        raise ArchcalcError(f"{place} {said}", about="input")
    sizes = given[1:]
    if not all([type(size) is int and 1 <= size <= LARGEST for size in sizes]):
        said = f"is {shown(given)}, and a network needs its sizes: give them, or write the model with a fixed input"
        raise ArchcalcError(f"{place} {said}", about="input")
    return tuple(sizes if channels_first else [sizes[-1], *sizes[:-1]])


class _Plan(NamedTuple):
    """The function that builds the network of a model."""

    model: KerasModel
    channels_first: bool

    def __call__(self, inputs: tuple[Value, ...], settings: Mapping[str, Any]) -> tuple[Value, ...]:
        run = _KerasRun(self.channels_first, inputs)
        outputs = run.model(self.model, tuple([KerasTensor(value) for value in inputs]), "")
        return tuple([run.flat(each, "output") for each in outputs])


@final
class _KerasRun:
    """One building of a network."""

    def __init__(self, channels_first: bool, inputs: tuple[Value, ...]) -> None:
        self._channels_first = channels_first
        self._graph = inputs[0].graph
        self._labels = RowLabels([node.row for node in self._graph.nodes])
        self._made: dict[tuple[str, ...], Rows] = {}
        """The ops of every layer, for its later calls, which share its weights."""
        self._steps = 0

    def model(self, model: KerasModel, inputs: tuple[KerasTensor, ...], path: str) -> tuple[KerasTensor, ...]:
        """The outputs of a model on some inputs."""
        if len(inputs) != len(model.inputs):
            raise ArchcalcError(f"{model.place}: it has {len(model.inputs)} inputs, and is called on {len(inputs)}")
        known: dict[TensorKey, KerasTensor] = dict(zip(model.inputs, inputs, strict=True))
        shaped = _shaped_again(model)
        for layer, number in _in_order(model):
            self._steps += 1
            if self._steps > MOST_LAYERS:
                raise ArchcalcError(f"{model.place}: more than {MOST_LAYERS:,} calls of layers")
            taken = [known[key] for key in layer.calls[number].inputs]
            if layer.model is None:
                known[layer.name, number] = self._layer(
                    model, layer, layer.calls[number], taken, path, layer.name in shaped
                )
                continue
            tensors = self.model(layer.model, tuple(taken), f"{path}{layer.name}\0")
            if len(tensors) != 1:
                raise ArchcalcError(
                    f"{model.place}: the model {one_line(layer.name)} within it has {len(tensors)} outputs"
                )
            known[layer.name, number] = tensors[0]
        return tuple([_known(known, key, model) for key in model.outputs])

    def flat(self, tensor: KerasTensor, name: str) -> Value:
        """The value of a tensor as Keras holds it."""
        if not tensor.vector:
            return tensor.value
        return add_row(self._labels.fresh(f"{name}.flatten"), tensor.value, Flatten())

    def _layer(
        self,
        model: KerasModel,
        layer: KerasLayer,
        call: KerasCall,
        taken: list[KerasTensor],
        path: str,
        shaped: bool,
    ) -> KerasTensor:
        fields = GivenFields(layer.config, f"{model.place}: layer {one_line(layer.name)} ({one_line(layer.kind)})")
        if not taken:
            raise fields.wrong("it takes no tensor")
        if layer.kind == INPUT_LAYER:
            return taken[0]
        name = (path + layer.name).replace("\0", ".")
        if layer.kind == RESHAPE:
            return self._reshape(fields, name, taken[0])
        values = [self.flat(each, name) for each in taken]
        if call.numbers and len(values) == 1:
            return KerasTensor(add_row(self._labels.fresh(name), values[0], Elementwise(CONSTANTS[layer.kind])))
        own = self._made.get((path, layer.name))
        rows = own if own is not None else self._rows(layer, fields, values, shaped)
        self._made[path, layer.name] = rows
        value = self._gated(values, rows)
        for suffix, ops in rows:
            value = (add_row(self._labels.fresh(name + suffix), value, *ops, reuse=own is not None),)
        return KerasTensor(value[0], vector=shaped and layer.kind.startswith("GlobalAverage"))

    def _rows(self, layer: KerasLayer, fields: GivenFields, values: list[Value], shaped: bool) -> Rows:
        rows = rows_of(layer.kind, KerasSite(fields, tuple([each.shape for each in values]), self._channels_first))
        if shaped and layer.kind.startswith("GlobalAverage"):
            return tuple([(suffix, tuple([op for op in ops if not isinstance(op, Flatten)])) for suffix, ops in rows])
        return rows

    def _gated(self, values: list[Value], rows: Rows) -> tuple[Value, ...]:
        """The values, the gate of a product second."""
        if len(values) == 2 and rows and isinstance(rows[0][1][0], Multiply) and _is_gate(values[0].shape):
            values.reverse()
        return tuple(values)

    def _reshape(self, fields: GivenFields, name: str, tensor: KerasTensor) -> KerasTensor:
        """A vector of a map, a map of one position of a vector, or the same shape again."""
        target = list_of(fields.get("target_shape"))
        if target is None or not all([type(size) is int for size in target]):
            raise fields.wrong(f"target_shape is a list of sizes, not {shown(fields.get('target_shape'))}")
        value = tensor.value
        if len(target) == 1 and target[0] in (-1, product(value.shape)) and not tensor.vector:
            if len(value.shape) == 1:
                return tensor
            return KerasTensor(add_row(self._labels.fresh(name), value, Flatten()))
        wanted = target if self._channels_first else [*target[-1:], *target[:-1]]
        same = len(wanted) == len(value.shape) and not any(
            [
                size != -1 and (not is_int(own) or known_to_differ(size, own))
                for size, own in zip(wanted, value.shape, strict=True)
            ]
        )
        if same and target.count(-1) <= 1:
            return KerasTensor(value)
        return KerasTensor(self._shaped(fields, name, target, self.flat(tensor, name)))

    def _shaped(self, fields: GivenFields, name: str, target: list[int], value: Value) -> Value:
        """The values in another shape, in Keras' order: channels last unless the model says otherwise."""
        known = product(tuple([size for size in target if size != -1]))
        if target.count(-1) > 1 or not 1 <= len(target) <= 4 or not all([size == -1 or size > 0 for size in target]):
            raise fields.wrong(f"target_shape is 1 to 4 sizes, one of them -1 at most, not {shown(target)}")
        sizes = tuple([size if size != -1 else product(value.shape) // known for size in target])
        first: tuple[Op, ...] = () if self._channels_first or len(value.shape) == 1 else (ChannelsLast(),)
        last: tuple[Op, ...] = () if self._channels_first or len(target) == 1 else (ChannelsFirst(),)
        return add_row(self._labels.fresh(name), value, *first, Reshape(sizes), *last)


def _is_gate(shape: Shape) -> bool:
    return len(shape) > 1 and all([is_int(size) and size == 1 for size in shape[1:]])


def _known(known: Mapping[TensorKey, KerasTensor], key: TensorKey, model: KerasModel) -> KerasTensor:
    if key not in known:
        raise ArchcalcError(f"{model.place}: no layer {shown(key[0])} is called {key[1] + 1} times")
    return known[key]


def _shaped_again(model: KerasModel) -> set[str]:
    """The layers whose output a Reshape gives axes again."""
    return {
        name
        for layer in model.layers
        if layer.kind == RESHAPE and len(list_of(layer.config.get("target_shape")) or ()) > 1
        for call in layer.calls
        for name, _ in call.inputs
    }


def _in_order(model: KerasModel) -> list[tuple[KerasLayer, int]]:
    """All calls of layers that the outputs need, each after those whose outputs it takes, else as they are written."""
    given = set(model.inputs)
    calls = {
        (layer.name, number): (place, layer)
        for place, layer in enumerate(model.layers)
        for number in range(len(layer.calls))
        if (layer.name, number) not in given
    }
    needed: set[TensorKey] = set()
    stack = [key for key in model.outputs if key in calls]
    while stack:
        key = stack.pop()
        if key not in needed:
            needed.add(key)
            stack.extend([each for each in calls[key][1].calls[key[1]].inputs if each in calls])
    return _sorted(model, {key: calls[key] for key in needed}, given)


def _sorted(
    model: KerasModel, calls: Mapping[TensorKey, tuple[int, KerasLayer]], given: set[TensorKey]
) -> list[tuple[KerasLayer, int]]:
    waits: dict[TensorKey, int] = {}
    users: dict[TensorKey, list[TensorKey]] = {}
    for key, (_, layer) in calls.items():
        sources = set(layer.calls[key[1]].inputs) - given
        lost = next((each for each in sources if each not in calls), None)
        if lost is not None:
            raise ArchcalcError(
                f"{model.place}: layer {one_line(key[0])} takes {shown(lost[0])}, which gives no such tensor"
            )
        waits[key] = len(sources)
        for each in sources:
            users.setdefault(each, []).append(key)
    ready = [(calls[key][0], key) for key, number in waits.items() if number == 0]
    heapify(ready)
    order: list[tuple[KerasLayer, int]] = []
    while ready:
        _, key = heappop(ready)
        order.append((calls[key][1], key[1]))
        for user in users.get(key, ()):
            waits[user] -= 1
            if waits[user] == 0:
                heappush(ready, (calls[user][0], user))
    if len(order) < len(calls):
        raise ArchcalcError(f"{model.place}: its layers take each other's outputs in a circle")
    return order
