"""The layers of a Keras model as `model.to_json()` writes them, in Keras 2 and in Keras 3, and which calls which."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, shown
from archcalc.importers.described import MOST_LAYERS, MOST_NESTED, check_text, list_of, one_line, table_of

MODELS = frozenset({"Sequential", "Functional", "Model"})
CONSTANTS = {"Add": "add", "Subtract": "subtract", "Multiply": "multiply", "Divide": "divide", "TrueDivide": "divide"}
"""Operations of keras.ops that may take a constant, with the function of each value that they are then."""
TensorKey: TypeAlias = tuple[str, int]
"""A tensor: the name of the layer that gives it, and the number of the call."""


class KerasCall(NamedTuple):
    """A layer as it is called once: the tensors that it takes, and how many constants beside them."""

    inputs: tuple[TensorKey, ...]
    numbers: int = 0


class KerasLayer(NamedTuple):
    """A layer: its name, class and configuration, its calls, and its layers if it is a model."""

    name: str
    kind: str
    config: Mapping[str, Any]
    calls: tuple[KerasCall, ...]
    model: KerasModel | None


class KerasModel(NamedTuple):
    """A model: its layers in their order, its inputs and its outputs."""

    place: str
    layers: tuple[KerasLayer, ...]
    inputs: tuple[TensorKey, ...]
    outputs: tuple[TensorKey, ...]
    shape: Any = None
    """The shape that a Sequential model without an input layer was built for."""


def parse_model(text: str, name: str) -> KerasModel:
    """The model of a JSON text. Raises ArchcalcError for what is no model, or one whose layers are not in it."""
    check_text(name, text)
    try:
        given: Any = json.loads(text, object_hook=_plain)
    except ValueError as error:
        raise ArchcalcError(f"{name}: it is not JSON: {cut(str(error))}") from None
    except RecursionError:
        raise ArchcalcError(f"{name}: its lists and objects are too deep within one another") from None
    table = table_of(given) or {}
    for key in ("modelTopology", "model_config"):  # TensorFlow.js and HDF5 files put it there
        table = table_of(table.get(key)) or table
    kind = table.get("class_name")
    if not isinstance(kind, str) or kind not in MODELS:
        what = f"a {one_line(kind)}" if isinstance(kind, str) else "no model"
        said = f"it is {what}, not what to_json() gives of a Sequential or Functional Keras model"
        raise ArchcalcError(f"{name}: {said}")
    return _model(table, name, 0)


def _plain(given: dict[str, Any]) -> Any:
    """Tuples and shapes, which some of Keras' files write as objects, as lists."""
    return given["items"] if given.get("class_name") in ("__tuple__", "TensorShape") and "items" in given else given


def _model(given: Mapping[str, Any], place: str, depth: int) -> KerasModel:
    if depth > MOST_NESTED:
        raise ArchcalcError(f"{place}: more than {MOST_NESTED} models are within one another")
    config = table_of(given.get("config")) or {"layers": given.get("config")}  # Keras before 2.2.3 has a list here
    layers = list_of(config.get("layers"))
    if not layers:
        raise ArchcalcError(f"{place}: a model without layers; its layers are the list config.layers")
    if len(layers) > MOST_LAYERS:
        raise ArchcalcError(f"{place}: there are more than {MOST_LAYERS:,} layers")
    read = [_layer(one, place, number, depth) for number, one in enumerate(layers, 1)]
    twice = [layer for layer, times in Counter([layer.name for layer in read]).items() if times > 1]
    if twice:
        raise ArchcalcError(f"{place}: two layers are called {shown(twice[0])}")
    if given.get("class_name") == "Sequential":
        return _sequential(place, read, config)
    inputs = _tensors(config.get("input_layers"), f"{place}: input_layers")
    outputs = _tensors(config.get("output_layers"), f"{place}: output_layers")
    if not inputs or not outputs:
        raise ArchcalcError(f"{place}: a Functional model names its input_layers and output_layers")
    return KerasModel(place, tuple(read), inputs, outputs)


def _layer(given: Any, place: str, number: int, depth: int) -> KerasLayer:
    table = table_of(given) or {}
    config = table.get("config")
    own = table_of(config) or {}
    kind = table.get("class_name")
    if not isinstance(config, (dict, list)) or not isinstance(kind, str):
        raise ArchcalcError(f"{place}: layer {number} has no class_name and config")
    name = table.get("name") or own.get("name") or f"{kind.lower()}_{number}"
    if not isinstance(name, str):
        raise ArchcalcError(f"{place}: layer {number} has a name that is no text")
    calls = _calls(table.get("inbound_nodes"), f"{place}: layer {one_line(name)} ({one_line(kind)})", kind in CONSTANTS)
    inner = _model(table, f"{place} / {one_line(name)}", depth + 1) if kind in MODELS else None
    return KerasLayer(name, kind, own, calls, inner)


def _sequential(place: str, layers: list[KerasLayer], config: Mapping[str, Any]) -> KerasModel:
    """A chain of layers, the input before it."""
    first = layers[0]
    begun = first.kind == "InputLayer"
    names = [layer.name for layer in layers] if begun else ["", *[layer.name for layer in layers]]
    chained = layers[1:] if begun else layers
    calls = [
        layer._replace(calls=(KerasCall(((before, 0),)),)) for layer, before in zip(chained, names[:-1], strict=True)
    ]
    shape = config.get("build_input_shape")
    if not begun:
        shape = first.config.get("batch_input_shape") or first.config.get("batch_shape") or shape
        if first.model is not None:
            shape = shape or first.model.shape or _input_shape(first.model)
        begin = KerasLayer("", "InputLayer", {"batch_shape": shape}, (), None)
    else:
        begin = first._replace(calls=())
    return KerasModel(place, (begin, *calls), ((begin.name, 0),), ((names[-1], 0),), shape)


def _input_shape(model: KerasModel) -> Any:
    """The shape of the first input layer of a model."""
    name = model.inputs[0][0]
    config = next((layer.config for layer in model.layers if layer.name == name), None) or {}
    return config.get("batch_shape") or config.get("batch_input_shape")


def _calls(given: Any, place: str, constants: bool) -> tuple[KerasCall, ...]:
    """The calls of a layer: `inbound_nodes` as Keras 2 or as Keras 3 writes it."""
    nodes = list_of(given if given is not None else [])
    if nodes is None or len(nodes) > MOST_LAYERS:
        raise ArchcalcError(f"{place}: inbound_nodes is a list of calls")
    return tuple([_call(node, place, constants) for node in nodes])


def _call(node: Any, place: str, constants: bool) -> KerasCall:
    arguments = table_of(node)
    if arguments is None:
        return KerasCall(_tensors(node, place))
    if _tensors(arguments.get("kwargs"), place, strict=False):
        raise ArchcalcError(f"{place}: it takes a tensor by a keyword, which is not read")
    given = arguments.get("args")
    each = list_of(given) or []
    numbers = [one for one in each if type(one) in (int, float)] if constants else []
    tensors = [one for one in each if type(one) not in (int, float)] if numbers else given
    return KerasCall(_tensors(tensors, place), len(numbers))


def _tensors(given: Any, place: str, *, strict: bool = True) -> tuple[TensorKey, ...]:
    """All tensors in nested lists. With `strict` raises ArchcalcError for anything else among them."""
    found: list[TensorKey] = []
    stack: list[Any] = [given] if given is not None else []
    while stack:
        one = stack.pop()
        key = _tensor(one, place)
        table, each = table_of(one), list_of(one)
        if key is not None:
            found.append(key)
        elif each is not None:
            stack.extend(reversed(each))
        elif table is not None and (not strict or place.endswith("_layers")):
            stack.extend(reversed(list(table.values())))
        elif strict:
            raise ArchcalcError(f"{place}: it takes {shown(one)}, and only tensors of layers are read")
    return tuple(found)


def _tensor(given: Any, place: str) -> TensorKey | None:
    """A tensor: ["conv1", 0, 0] with or without keywords, or Keras 3's object with a keras_history."""
    table = table_of(given)
    history = list_of(given if table is None else (table_of(table.get("config")) or {}).get("keras_history"))
    if history is None or len(history) not in (3, 4):
        return None
    name, call, output = history[:3]
    if not isinstance(name, str) or type(call) is not int or type(output) is not int:
        return None
    if output != 0:
        raise ArchcalcError(f"{place}: it takes output {output} of {shown(name)}; layers with one output are read")
    return (name, call)
