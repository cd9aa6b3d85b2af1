"""The layers of a Caffe net in the test phase, and where each of their inputs comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import nearest, shown
from archcalc.importers.described import LARGEST, MOST_LAYERS, GivenFields, list_of, one_line, table_of
from archcalc.importers.prototxt_text import Message

OLD_TYPES = {
    "BNLL": "BNLL",
    "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output",
    "LRN": "LRN",
    "MVN": "MVN",
    "RELU": "ReLU",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "TANH": "TanH",
}
"""Types of the format before 2014-11 that are spelt in another way than word by word."""
INPUTS = ("Input", "Data", "ImageData", "MemoryData", "DummyData", "WindowData", "HDF5Data")
LEFT_OUT = frozenset({"Accuracy", "Silence", "HDF5Output"})
"""Layers that compute nothing of the network's output, beside all whose name has Loss in it."""


class CaffeLayer(NamedTuple):
    """A layer: its name, type, inputs and outputs, and its fields."""

    name: str
    type: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    message: Message
    place: str

    def fields(self, *keys: str) -> GivenFields:
        """The fields of some of its messages, such as `convolution_param`; a field that stands once is its value."""
        merged: dict[str, list[Any]] = {}
        for key in keys:
            for each in self.message.get(key, []):
                inner = table_of(each)
                if inner is None:
                    raise ArchcalcError(f"{self.place}: {key} is a message in braces")
                for name, values in inner.items():
                    merged.setdefault(name, []).extend(values)
        return GivenFields({name: each[0] if len(each) == 1 else each for name, each in merged.items()}, self.place)


class Blob(NamedTuple):
    """An output of a layer: the place of the layer in the net (those of inputs are below 0), and of the output."""

    layer: int
    top: int = 0


class CaffeNet(NamedTuple):
    """The layers that compute something, the blobs that each takes, the net's inputs, and its outputs."""

    place: str
    layers: tuple[CaffeLayer, ...]
    sources: tuple[tuple[Blob, ...], ...]
    inputs: Mapping[str, tuple[int, ...]]
    input_blobs: tuple[Blob, ...]
    outputs: tuple[Blob, ...]
    users: Mapping[Blob, Sequence[int]]
    """The layers that take each blob."""


def read_net(message: Message, name: str, shape: tuple[int, ...] | None = None) -> CaffeNet:
    """The net of a message, on `shape` if the file has none of its one input.

    Raises ArchcalcError naming the layer for every fault.
    """
    layers = [layer for layer in _layers(message, name) if _in_test(layer)]
    shapes = _declared(message, name)
    computing: list[CaffeLayer] = []
    for layer in layers:
        if layer.type in INPUTS or (layer.tops and not layer.bottoms):
            _add_inputs(layer, shapes)
        elif layer.type not in LEFT_OUT and "Loss" not in layer.type:
            computing.append(layer)
    return _linked(name, computing, shapes, shape)


def _layers(message: Message, name: str) -> list[CaffeLayer]:
    given = message.get("layer", []) or message.get("layers", [])
    if not given or ("layer" in message and "layers" in message):
        raise ArchcalcError(f"{name}: a net has layers, all `layer {{...}}` or all `layers {{...}}`")
    if len(given) > MOST_LAYERS:
        raise ArchcalcError(f"{name}: there are more than {MOST_LAYERS:,} layers")
    return [_layer(each, name, number, "layers" in message) for number, each in enumerate(given, 1)]


def _layer(given: Any, name: str, number: int, old: bool) -> CaffeLayer:
    place = f"{name}: layer {number}"
    message: Message | None = table_of(given)
    if message is None:
        raise ArchcalcError(f"{place}: a layer is a message in braces")
    if "layer" in message:
        said = "the format of Caffe before 2014 is not read: its tool upgrade_net_proto_text writes the new one"
        raise ArchcalcError(f"{place}: {said}")
    kinds, names = message.get("type", []), message.get("name", [])
    if len(kinds) != 1 or not isinstance(kinds[0], str) or not all([isinstance(each, str) for each in names]):
        raise ArchcalcError(f"{place}: a layer has a name and one type")
    kind: str = kinds[0]
    if old and kind.isupper():
        kind = OLD_TYPES.get(kind) or "".join([word.capitalize() for word in kind.split("_")])
    own: str = names[-1] if names else f"{kind}{number}"
    place = f"{name}: layer {one_line(own)} ({one_line(kind)})"
    ends = [message.get(key, []) for key in ("bottom", "top")]
    if not all([isinstance(each, str) for end in ends for each in end]):
        raise ArchcalcError(f"{place}: bottom and top are names of blobs")
    return CaffeLayer(own, kind, tuple(ends[0]), tuple(ends[1]), message, place)


def _in_test(layer: CaffeLayer) -> bool:
    """True if a layer is part of the net in the test phase, without stages."""
    rules = {key: layer.message.get(key, []) for key in ("include", "exclude")}
    met = {key: any([_met(rule) for rule in each]) for key, each in rules.items()}
    return met["include"] if rules["include"] else not met["exclude"]


def _met(rule: Any) -> bool:
    given = table_of(rule)
    return given is not None and given.get("phase", ["TEST"])[-1] == "TEST" and not given.get("stage")


def _declared(message: Message, name: str) -> dict[str, tuple[int, ...]]:
    """The inputs that stand before the layers: `input` with `input_dim` or `input_shape`."""
    names, shapes, sizes = (message.get(key, []) for key in ("input", "input_shape", "input_dim"))
    if shapes:
        each: list[list[Any]] = [(table_of(shape) or {}).get("dim", []) for shape in shapes]
    else:
        each = [sizes[i : i + 4] for i in range(0, len(sizes), 4)]
    if len(each) != len(names) or not all([isinstance(one, str) for one in names]):
        raise ArchcalcError(f"{name}: it has {len(names)} inputs and {len(each)} shapes", about="input")
    return {one: _shape(shape, f"{name}: the input {one_line(one)}") for one, shape in zip(names, each, strict=True)}


def _shape(sizes: Any, place: str) -> tuple[int, ...]:
    """A shape without the batch, which is its first size."""
    given = list_of(sizes) or []
    if not 1 <= len(given) <= 5 or not all([type(size) is int and 1 <= size <= LARGEST for size in given]):
        raise ArchcalcError(f"{place}: a shape is a batch, channels and sizes, not {shown(given)}", about="input")
    return tuple(given[1:]) or (1,)


def _add_inputs(layer: CaffeLayer, shapes: dict[str, tuple[int, ...]]) -> None:
    """Add the blobs that a layer of data gives; labels and the like have no shape, ()."""
    if layer.type in ("Input", "DummyData"):
        fields = layer.fields("input_param", "dummy_data_param")
        each = fields.get("shape", [])
        given = [table_of(shape) or {} for shape in list_of(each) or [each]]
        if len(given) == 1:
            given = given * len(layer.tops)
        if len(given) != len(layer.tops):
            raise ArchcalcError(f"{layer.place}: it has {len(layer.tops)} tops and {len(given)} shapes", about="input")
        for top, shape in zip(layer.tops, given, strict=True):
            shapes[top] = _shape(shape.get("dim", []), layer.place)
        return
    for number, top in enumerate(layer.tops):
        shapes[top] = () if number else _data(layer)


def _data(layer: CaffeLayer) -> tuple[int, ...]:
    """The shape of the images of a layer of data; () where the file does not say it.

    Images are as large as their crop, and of three channels, as Caffe's tools make them, unless the layer says gray.
    """
    if layer.type == "MemoryData":
        fields = layer.fields("memory_data_param")
        return tuple([fields.whole(key) for key in ("channels", "height", "width")])
    own = {"Data": "data_param", "ImageData": "image_data_param", "WindowData": "window_data_param"}
    fields = layer.fields("transform_param", own.get(layer.type, ""))
    crop = fields.whole("crop_size", 0, least=0)
    gray = fields.flag("force_gray", default=False) or not fields.flag("is_color", default=True)
    return (1 if gray else 3, crop, crop) if crop else ()


def _linked(
    name: str, layers: list[CaffeLayer], shapes: Mapping[str, tuple[int, ...]], shape: tuple[int, ...] | None
) -> CaffeNet:
    """The net with the source of every input: the blob of that name that was given last."""
    latest = {blob: Blob(-1 - number) for number, blob in enumerate(shapes)}
    inputs = {blob: label for label, blob in latest.items()}
    users: dict[Blob, list[int]] = {}
    sources: list[tuple[Blob, ...]] = []
    for number, layer in enumerate(layers):
        lost = next((each for each in layer.bottoms if each not in latest), None)
        if lost is not None:
            near = nearest(lost, list(latest))
            hint = f"; nearest: {', '.join(near)}" if near else ""
            raise ArchcalcError(f"{layer.place}: no layer before it gives {shown(lost)}{hint}")
        taken = tuple([latest[each] for each in layer.bottoms])
        sources.append(taken)
        for blob in taken:
            users.setdefault(blob, []).append(number)
        latest |= {top: Blob(number, place) for place, top in enumerate(layer.tops)}
    used = [blob for blob in inputs if blob in users]
    own = {inputs[blob]: shapes[inputs[blob]] or (shape if shape and len(used) == 1 else ()) for blob in used}
    _check_inputs(name, own)
    given = [Blob(number, place) for number, layer in enumerate(layers) for place in range(len(layer.tops))]
    outputs = tuple([blob for blob in reversed(given) if blob not in users])
    return CaffeNet(name, tuple(layers), tuple(sources), own, tuple(used), outputs, users)


def _check_inputs(name: str, inputs: Mapping[str, tuple[int, ...]]) -> None:
    if not inputs:
        raise ArchcalcError(f"{name}: it has no input, or no layer takes one", about="input")
    unknown = next((label for label, shape in inputs.items() if not shape), None)
    if unknown is not None:
        said = "is not in the file, which has no crop_size: give it, or take the deploy file of the net"
        raise ArchcalcError(f"{name}: the shape of the input {one_line(unknown)} {said}", about="input")
