"""Keras models as `to_json` writes them have the parameters and shapes that Keras counts, layer by layer.

tests/data/keras_models.json: models that Keras 3 built (backend PyTorch), what `to_json` gave of them, without
initializers, regularizers, constraints and data types, and for each layer `count_params()`, the elements of its
trainable weights and `output.shape`. Keras read the shortened text again and counted the same.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_checks import answer, heads, refusal, rows, totals

from archcalc import analyze, closed_form
from archcalc.graph import Network
from archcalc.importers.keras_layers import READERS
from archcalc.importers.layer_list import read_layers

RECORDED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "data/keras_models.json").read_text())[
    "models"
]
LEFT_OUT = {"InputLayer", "SpatialDropout2D"}


def read(model: Any) -> Network:
    return read_layers(json.dumps(model), name="mine", form="keras")


def channels_first(shape: list[int], name: str) -> tuple[int, ...]:
    return tuple(shape if name == "channels_first" else [*shape[-1:], *shape[:-1]])


@pytest.mark.parametrize("name", RECORDED)
def test_every_layer_has_the_parameters_and_the_shape_that_keras_says(name: str) -> None:
    recorded = RECORDED[name]
    found = rows(read(recorded["model"]))
    for layer, kind, stored, learnt, shape in recorded["rows"]:
        own = [row for row in found if row == layer or row.startswith(f"{layer}.")]
        if kind in LEFT_OUT or (layer == "gate_shape" and not own):
            continue
        assert own, layer
        assert sum(found[row][0] for row in own) == stored, layer
        assert sum(found[row][1] for row in own) == learnt, layer
        wanted = channels_first(shape, name)
        assert found[own[-1]][2] in (wanted, (*wanted, 1, 1)) if kind.startswith("Global") else (wanted,), layer
    assert sum(stored for stored, _, _ in found.values()) == recorded["params"]


def test_most_layers_that_are_read_are_among_the_recorded() -> None:
    seen = {row[1] for recorded in RECORDED.values() for row in recorded["rows"]}
    training = {kind for kind in READERS if kind.startswith(("Random", "Gaussian", "Spatial", "Alpha", "Activity"))}
    rare = {"SyncBatchNormalization", "Normalization", "LayerScale", "StochasticDepth", "Softmax"}
    of_other_axes = {kind for kind in READERS if any([kind.replace(f"{axes}D", "2D") in seen for axes in (1, 3)])}
    assert set(READERS) - training - rare - of_other_axes <= seen


def as_keras2(model: dict[str, Any]) -> dict[str, Any]:
    """The same model as Keras 2 writes it."""
    model = deepcopy(model)
    config = model["config"]
    for layer in config["layers"]:
        if layer["class_name"] in ("Functional", "Sequential"):
            layer["config"] = as_keras2(layer)["config"]
        if "batch_shape" in layer["config"]:
            layer["config"]["batch_input_shape"] = layer["config"].pop("batch_shape")
        nodes = [each["args"] for each in layer.get("inbound_nodes", [])]
        flat = [node[0] if isinstance(node[0], list) else node for node in nodes]
        layer["inbound_nodes"] = [[[*each["config"]["keras_history"], {}] for each in node] for node in flat]
    if model["class_name"] == "Sequential":
        first, *rest = config["layers"]
        if first["class_name"] == "InputLayer":
            rest[0]["config"] |= {"batch_input_shape": first["config"]["batch_input_shape"]}
            config["layers"] = rest
    for key in ("input_layers", "output_layers"):
        if key in config and isinstance(config[key][0], str):
            config[key] = [config[key]]
    return {"class_name": model["class_name"], "config": config, "keras_version": "2.4.0", "backend": "tensorflow"}


@pytest.mark.parametrize("name", sorted(set(RECORDED) - {"more"}))
def test_both_formats_of_keras_are_one_network(name: str) -> None:
    model = RECORDED[name]["model"]
    old = as_keras2(model)
    assert rows(read(old)) == rows(read(model))
    assert heads(read(old)) == heads(read(model))
    assert totals(read({"format": "layers-model", "modelTopology": {"model_config": old}})) == totals(read(model))


def test_mult_adds_of_transposed_convolutions_and_of_dense_layers_on_maps() -> None:
    """A transposed convolution multiplies each input value by a kernel; a dense layer works at each position."""
    found = {layer.name: layer.mult_adds for layer in analyze(read(RECORDED["image"]["model"])).layers}
    shapes = {row[0]: row[4] for row in RECORDED["image"]["rows"]}
    high, wide, channels = shapes["pool2"]
    assert found["up1"] == high * wide * channels * 5 * 9
    high, wide, channels = shapes["up1"]
    assert found["up2"] == high * wide * channels * 6 * 4
    assert found["squeeze"] == 12 * 3
    sequence = {layer.name: layer.mult_adds for layer in analyze(read(RECORDED["sequence"]["model"])).layers}
    length, features = {row[0]: row[4] for row in RECORDED["sequence"]["rows"]}["crop"]
    assert sequence["each"] == length * features * 9


def test_layers_that_are_called_twice_share_their_weights() -> None:
    once = 4 * 4 * 9 + 4, 4 * 4 + 4
    network = read(RECORDED["shared"]["model"])
    assert analyze(network).totals.params == sum(once)
    assert analyze(network).totals.mult_adds == 2 * 256 * (4 * 4 * 9) + 2 * 256 * 16
    assert [layer.name for layer in analyze(network).layers if layer.mult_adds] == [
        "inner.conv",
        "shared",
        "shared_2",
        "inner.conv_2",
    ]


def test_sizes_and_closed_forms_are_asked_as_of_any_network() -> None:
    convnet = read(RECORDED["convnet"]["model"])
    assert (
        analyze(convnet, input=(1, 36, 36)).totals.params == RECORDED["convnet"]["params"] + (7 * 7 - 5 * 5) * 64 * 10
    )
    pooled = read(RECORDED["inputs"]["model"])
    assert pooled.labels == ("picture", "features")
    first = read(RECORDED["channels_first"]["model"])
    assert str(closed_form(first, ("H", "W")).quantities["mult_adds"]).startswith("648*h*w")


def model(
    *layers: tuple[str, dict[str, Any]], shape: Any = (None, 8, 8, 3), kind: str = "Sequential"
) -> dict[str, Any]:
    """A Sequential model of layers after an input."""
    given = [{"class_name": name, "config": {"name": f"layer{i}", **config}} for i, (name, config) in enumerate(layers)]
    start = {"class_name": "InputLayer", "config": {"name": "image", "batch_shape": shape}}
    return {"class_name": kind, "config": {"name": "m", "layers": [start, *given]}}


@pytest.mark.parametrize(
    ("layer", "config", "shape"),
    [
        ("Normalization", {"axis": -1}, (3, 8, 8)),
        ("Activation", {"activation": {"class_name": "function", "config": "relu6"}}, (3, 8, 8)),
        ("Activation", {"activation": {"class_name": "Softmax", "config": {}}}, (3, 8, 8)),
        ("Softmax", {"axis": [3]}, (3, 8, 8)),
        ("LayerScale", {"projection_dim": 3}, (3, 8, 8)),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "same", "strides": 3}, (4, 3, 3)),
        ("Conv2D", {"filters": 4, "kernel_size": {"class_name": "__tuple__", "items": [3, 1]}}, (4, 6, 8)),
        ("Flatten", {}, (192,)),
        ("Reshape", {"target_shape": [4, -1]}, (48, 4)),
        ("UpSampling2D", {"size": [2, 3], "interpolation": "bicubic"}, (3, 16, 24)),
        ("Reshape", {"target_shape": [-1]}, (192,)),
        ("MaxPooling2D", {"pool_size": [3, 3], "strides": None}, (3, 2, 2)),
    ],
)
def test_other_spellings_of_layers(layer: str, config: dict[str, Any], shape: tuple[int, ...]) -> None:
    graph = read(model((layer, config))).graph()
    assert graph.nodes[graph.outputs[0]].shape == shape


CONV = ("Conv2D", {"filters": 4, "kernel_size": 3})
FUNCTIONAL = RECORDED["shared"]["model"]
RELU: dict[str, Any] = {"class_name": "ReLU", "config": {"name": "a"}}
BOTH_FORMATS = [("ReLU", {"data_format": f"channels_{order}"}) for order in ("last", "first")]


def test_sizes_that_a_model_leaves_open_can_be_given() -> None:
    """As of keras.applications without a classifier; a model that has its sizes keeps them."""
    opened = json.dumps(model(CONV, shape=(None, None, None, 3)))
    assert read_layers(opened, name="mine", form="keras", input=(3, 9, 8)).input == (3, 9, 8)
    unbuilt = json.dumps({"class_name": "Sequential", "config": {"layers": [RELU]}})
    assert read_layers(unbuilt, name="mine", form="keras", input=(7, 5)).input == (7, 5)
    fixed = json.dumps(RECORDED["convnet"]["model"])
    assert read_layers(fixed, name="mine", form="keras", input=(1, 9, 9)).input == (1, 28, 28)


FAULTS: dict[str, tuple[Any, str]] = {
    "nearest": (model(("Conv2d", {})), "mine: layer layer0 (Conv2d): layers of class 'Conv2d' are not read; nearest"),
    "missing": (model(("Conv2D", {"kernel_size": 3})), "layer layer0 (Conv2D): it needs filters, a whole number"),
    "number": (model(("Conv2D", {"filters": "x", "kernel_size": 3})), "filters is a whole number from 1 to"),
    "kernel": (model(("Conv2D", {"filters": 4, "kernel_size": [1, 2, 3]})), "or one for each of the 2 axes, not"),
    "window": (model(CONV, CONV, CONV, CONV), "mine / layer3: a window of 3 does not fit into an input of 2"),
    "axes": (model(("Conv1D", {"filters": 4, "kernel_size": 3})), "its input has 2 axes beside the channels"),
    "axis": (model(("BatchNormalization", {"axis": 1})), "axis '1' is not the axis of the channels, 3"),
    "no scale": (model(("BatchNormalization", {"scale": False})), "with a shift but no scale is not read"),
    "activation": (model(("Activation", {"activation": "sin"})), "the activation 'sin' is not one of linear, relu"),
    "slopes": (model(("PReLU", {"shared_axes": None})), "a slope for each value of a map is not read"),
    "group": (model(("GroupNormalization", {"groups": 2})), "3 input channels do not split into 2 groups"),
    "slope": (model(("ReLU", {"negative_slope": 0.1, "max_value": 6})), "a ReLU with a threshold"),
    "reshape": (model(("Reshape", {"target_shape": [4, 49]})), "its values do not fill (4, 49)"),
    "reshapes": (model(("Reshape", {"target_shape": [-1, -1]})), "target_shape is 1 to 4 sizes, one of them -1"),
    "resize": (model(("UpSampling2D", {"interpolation": "area"})), "interpolation is one of nearest, bilinear"),
    "merge": (model(("Add", {})), "layer layer0 (Add): it takes several tensors, not 1"),
    "open": (model(CONV, shape=(None, None, None, 3)), "a network needs its sizes"),
    "unbuilt": ({"class_name": "Sequential", "config": {"layers": [RELU]}}, "no batch_shape"),
    "formats": (model(*BOTH_FORMATS), "do not agree"),
    "empty": ({"class_name": "Sequential", "config": {"layers": []}}, "a model without layers"),
    "subclass": ({"class_name": "MyModel", "config": {}}, "it is a MyModel, not what to_json() gives"),
    "list": ([1, 2], "it is no model"),
    "twice": ({"class_name": "Sequential", "config": {"layers": [RELU] * 2}}, "two layers are called 'a'"),
    "no ops": (model(("GaussianNoise", {})), "it has no operations"),
    "name": (model(("ReLU", {"name": "a\nb", "threshold": 1})), "layer a?b (ReLU)"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_layer(fault: str) -> None:
    given, words = FAULTS[fault]
    assert words in refusal(json.dumps(given), "keras")


def changed(path: tuple[Any, ...], value: Any) -> str:
    """The Functional model with one place changed."""
    given = deepcopy(FUNCTIONAL)
    at = given
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return json.dumps(given)


def test_faults_of_calls_are_named() -> None:
    layers = FUNCTIONAL["config"]["layers"]
    place = next(i for i, layer in enumerate(layers) if layer["name"] == "shared")
    node = ("config", "layers", place, "inbound_nodes", 0)
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["nobody", 0, 0]}}
    assert "layer shared takes 'nobody', which gives no such tensor" in refusal(
        changed((*node, "args"), [tensor]), "keras"
    )
    assert "it takes '2.5', and only tensors of layers are read" in refusal(changed((*node, "args"), [2.5]), "keras")
    assert "takes a tensor by a keyword" in refusal(changed((*node, "kwargs"), {"mask": tensor}), "keras")
    assert "in a circle" in refusal(changed((*node, "args"), [["mean", 0, 0]]), "keras")
    assert "it takes output 1 of 'image'" in refusal(changed((*node, "args"), [["image", 0, 1]]), "keras")
    assert "names its input_layers and output_layers" in refusal(changed(("config", "output_layers"), []), "keras")
    assert "no layer 'shared' is called 9 times" in refusal(
        changed(("config", "output_layers"), ["shared", 8, 0]), "keras"
    )


def test_text_that_is_no_json_or_too_deep_is_refused() -> None:
    assert "mine: it is not JSON" in refusal("{", "keras")
    assert "too deep within one another" in refusal("[" * 100_000, "keras")
    deep = model(("ReLU", {}))
    for _ in range(21):
        deep = {"class_name": "Sequential", "config": {"name": "m", "layers": [deep]}}
    assert "more than 20 models are within one another" in refusal(json.dumps(deep), "keras")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 300)
    | st.sampled_from(["same", "relu", "image", "x", "", "1"])
    | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["config", "name", "items"]), inner, max_size=2)
    ),
    max_leaves=4,
)
PLACES = [(name, i) for name, each in RECORDED.items() for i in range(len(each["model"]["config"]["layers"]))]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_change_of_a_model_is_a_network_or_an_error(data: st.DataObject) -> None:
    name, number = data.draw(st.sampled_from(PLACES))
    given_model = deepcopy(RECORDED[name]["model"])
    layer = given_model["config"]["layers"][number]
    at = data.draw(st.sampled_from([layer, layer["config"], given_model["config"], given_model]))
    key = data.draw(st.sampled_from(sorted(at)))
    at[key] = data.draw(JSON)
    answer(json.dumps(given_model), "keras")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=50), JSON)
def test_any_text_is_a_network_or_an_error(text: str, value: Any) -> None:
    answer(text, "keras")
    answer(json.dumps(value), "keras")
    answer(json.dumps({"class_name": "Functional", "config": {"layers": value}}), "keras")
