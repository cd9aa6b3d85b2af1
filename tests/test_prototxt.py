"""Caffe nets as prototxt: those that the catalogue has from Caffe are the same networks; its rounding, its layers.

The texts are written here from the papers' tables with the names of Caffe's fields. That the catalogue's networks are
Caffe's own is checked elsewhere: tests of the zoo, `references`, archcalc/validation/accounts.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_checks import answer, heads, refusal, totals

from archcalc import analyze, closed_form
from archcalc.graph import Network
from archcalc.importers.caffe_layers import READERS
from archcalc.importers.layer_list import read_layers
from archcalc.importers.prototxt_text import parse_text


def read(text: str) -> Network:
    return read_layers(text, name="mine", form="caffe")


def data(*shape: int, name: str = "data") -> str:
    sizes = " ".join([f"dim: {size}" for size in (10, *shape)])
    return f'layer {{ name: "{name}" type: "Input" top: "{name}" input_param {{ shape: {{ {sizes} }} }} }}\n'


class Prototxt:
    """A net that is written layer after layer; each takes the blob that the one before gave unless another is named."""

    def __init__(self, *shape: int) -> None:
        self.text = data(*shape)
        self.blob = "data"

    def add(self, kind: str, name: str, given: str = "", *, bottoms: tuple[str, ...] = (), top: str = "") -> str:
        taken = " ".join([f'bottom: "{each}"' for each in bottoms or (self.blob,)])
        self.blob = top or name
        self.text += f'layer {{\n  name: "{name}"\n  type: "{kind}"\n  {taken}\n  top: "{self.blob}"\n  {given}\n}}\n'
        return self.blob

    def in_place(self, kind: str, name: str, given: str = "") -> str:
        return self.add(kind, name, given, top=self.blob)

    def conv(self, name: str, out: int, kernel: int, more: str = "", **given: Any) -> str:
        fields = f"num_output: {out} kernel_size: {kernel} {more}"
        return self.add("Convolution", name, f"convolution_param {{ {fields} }}", **given)

    def relu(self) -> str:
        return self.in_place("ReLU", f"relu_{self.blob}")

    def pool(self, name: str, kernel: int, stride: int, pad: int = 0, kind: str = "MAX", **given: Any) -> str:
        fields = f"pool: {kind} kernel_size: {kernel} stride: {stride} pad: {pad}"
        return self.add("Pooling", name, f"pooling_param {{ {fields} }}", **given)

    def mean(self, name: str) -> str:
        return self.add("Pooling", name, "pooling_param { pool: AVE global_pooling: true }")

    def fc(self, name: str, out: int) -> str:
        return self.add("InnerProduct", name, f"inner_product_param {{ num_output: {out} }}")

    def lrn(self, name: str) -> str:
        return self.add("LRN", name, "lrn_param { local_size: 5 alpha: 1e-4 beta: .75 }")

    def normed(self, name: str, out: int, kernel: int, stride: int = 1, **given: Any) -> str:
        self.conv(name, out, kernel, f"stride: {stride} pad: {kernel // 2} bias_term: false", **given)
        self.in_place("BatchNorm", f"bn_{name}", "batch_norm_param { use_global_stats: true }")
        return self.in_place("Scale", f"scale_{name}", "scale_param { bias_term: true }")


def alexnet(pool_first: bool) -> str:
    net = Prototxt(3, 227, 227)
    for number, (out, kernel, more) in enumerate([(96, 11, "stride: 4"), (256, 5, "pad: 2 group: 2")], 1):
        net.conv(f"conv{number}", out, kernel, more)
        net.relu()
        if pool_first:
            net.pool(f"pool{number}", 3, 2)
        net.lrn(f"norm{number}")
        if not pool_first:
            net.pool(f"pool{number}", 3, 2)
    for number, out, group in ((3, 384, 1), (4, 384, 2), (5, 256, 2)):
        net.conv(f"conv{number}", out, 3, f"pad: 1 group: {group}")
        net.relu()
    net.pool("pool5", 3, 2)
    for number in (6, 7):
        net.fc(f"fc{number}", 4096)
        net.relu()
        net.in_place("Dropout", f"drop{number}", "dropout_param { dropout_ratio: 0.5 }")
    net.fc("fc8", 1000)
    return net.text


def googlenet() -> str:
    table = """3a 64 96 128 16 32 32; 3b 128 128 192 32 96 64; 4a 192 96 208 16 48 64; 4b 160 112 224 24 64 64;
    4c 128 128 256 24 64 64; 4d 112 144 288 32 64 64; 4e 256 160 320 32 128 128; 5a 256 160 320 32 128 128;
    5b 384 192 384 48 128 128"""
    net = Prototxt(3, 224, 224)
    net.conv("conv1/7x7_s2", 64, 7, "pad: 3 stride: 2"), net.relu(), net.pool("pool1", 3, 2), net.lrn("norm1")
    net.conv("conv2/reduce", 64, 1), net.relu(), net.conv("conv2", 192, 3, "pad: 1"), net.relu(), net.lrn("norm2")
    net.pool("pool2", 3, 2)
    for line in table.split(";"):
        name, *widths = line.split()
        one, reduce3, three, reduce5, five, last = map(int, widths)
        x = (net.blob,)
        a = (net.conv(f"{name}/1x1", one, 1, bottoms=x), net.relu())[0]
        net.conv(f"{name}/3x3_reduce", reduce3, 1, bottoms=x), net.relu()
        b = (net.conv(f"{name}/3x3", three, 3, "pad: 1"), net.relu())[0]
        net.conv(f"{name}/5x5_reduce", reduce5, 1, bottoms=x), net.relu()
        c = (net.conv(f"{name}/5x5", five, 5, "pad: 2"), net.relu())[0]
        net.pool(f"{name}/pool", 3, 1, 1, bottoms=x)
        d = (net.conv(f"{name}/pool_proj", last, 1), net.relu())[0]
        net.add("Concat", f"{name}/output", bottoms=(a, b, c, d))
        if name in ("3b", "4e"):
            net.pool(f"pool_{name}", 3, 2)
    net.mean("pool5")
    net.in_place("Dropout", "drop", "dropout_param { dropout_ratio: 0.4 }")
    net.fc("classifier", 1000)
    return net.text


def squeezenet(version: str, conv10: str = "") -> str:
    first, kernel, pools = {"1.0": (96, 7, ("2", "5", "9")), "1.1": (64, 3, ("2", "4", "6"))}[version]
    net = Prototxt(3, 227, 227)
    net.conv("conv1", first, kernel, "stride: 2"), net.relu()
    for fire, width in zip("23456789", (128, 128, 256, 256, 384, 384, 512, 512), strict=True):
        if fire in pools:
            net.pool(f"pool{fire}", 3, 2)
        x = (net.conv(f"fire{fire}/squeeze", width // 8, 1), net.relu())[:1]
        a = (net.conv(f"fire{fire}/1", width // 2, 1, bottoms=x), net.relu())[0]
        b = (net.conv(f"fire{fire}/3", width // 2, 3, "pad: 1", bottoms=x), net.relu())[0]
        net.add("Concat", f"fire{fire}/concat", bottoms=(a, b))
    net.in_place("Dropout", "drop9"), net.conv("conv10", 1000, 1, conv10), net.relu(), net.mean("pool10")
    return net.text


def vgg16() -> str:
    net = Prototxt(3, 224, 224)
    for group, (width, number) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
        for each in range(number):
            net.conv(f"conv{group}_{each + 1}", width, 3, "pad: 1"), net.relu()
        net.pool(f"pool{group}", 2, 2)
    net.fc("fc6", 4096), net.relu(), net.in_place("Dropout", "drop6")
    net.fc("fc7", 4096), net.relu(), net.in_place("Dropout", "drop7")
    net.fc("fc8", 1000)
    return net.text


def lenet() -> str:
    net = Prototxt(1, 28, 28)
    net.conv("conv1", 20, 5), net.pool("pool1", 2, 2), net.conv("conv2", 50, 5), net.pool("pool2", 2, 2)
    net.fc("ip1", 500), net.relu(), net.fc("ip2", 10)
    return net.text


def resnet50() -> str:
    net = Prototxt(3, 224, 224)
    net.normed("conv1", 64, 7, 2), net.relu(), net.pool("pool1", 3, 2)
    for group, (width, number) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)], 2):
        for each in range(number):
            name, stride, x = f"res{group}{'abcdef'[each]}", 2 if each == 0 and group > 2 else 1, net.blob
            short = net.normed(f"{name}_branch1", 4 * width, 1, stride, bottoms=(x,)) if each == 0 else x
            net.normed(f"{name}_branch2a", width, 1, stride, bottoms=(x,)), net.relu()
            net.normed(f"{name}_branch2b", width, 3), net.relu()
            y = net.normed(f"{name}_branch2c", 4 * width, 1)
            net.add("Eltwise", name, bottoms=(short, y)), net.relu()
    net.add("Pooling", "pool5", "pooling_param { kernel_size: 7 stride: 1 pool: AVE }")
    net.fc("fc1000", 1000)
    return net.text


NETS = {
    "caffenet": alexnet(pool_first=True),
    "alexnet": alexnet(pool_first=False),
    "googlenet": googlenet(),
    "squeezenet1_0_caffe": squeezenet("1.0", "pad: 1"),
    "squeezenet1_1": squeezenet("1.1"),
    "vgg16": vgg16(),
    "lenet_caffe": lenet(),
    "resnet50_v1": resnet50(),
}


def without_kinds_of_mean(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Costs of rows, sorted: branches may be written in another order, and a mean over all be a pool."""
    return sorted([(str(shape), params, mult_adds) for _, shape, params, mult_adds in found])


@pytest.mark.parametrize("name", NETS)
def test_a_net_of_caffe_is_the_catalogues(name: str) -> None:
    network = read(NETS[name])
    size = {"input": network.input}
    assert without_kinds_of_mean(heads(network)) == without_kinds_of_mean(heads(name, **size))
    assert totals(network)[:2] == totals(name, **size)[:2]
    assert totals(network)[2] == totals(name, **size)[2]


def test_sizes_and_closed_forms_are_those_of_the_network_itself() -> None:
    mine = read(NETS["squeezenet1_1"])
    assert totals(mine, input=(3, 300, 211)) == totals("squeezenet1_1", input=(3, 300, 211))
    own, other = (closed_form(each, ("H", "W")) for each in (read(NETS["vgg16"]), "vgg16"))
    assert own.quantities == other.quantities


def old_format(text: str) -> str:
    """The same net in the format before 2014-11, its input before the layers."""
    names = {"Convolution": "CONVOLUTION", "ReLU": "RELU", "Pooling": "POOLING", "InnerProduct": "INNER_PRODUCT"}
    names |= {"Dropout": "DROPOUT", "Concat": "CONCAT", "LRN": "LRN"}
    _, _, rest = text.partition("\n")
    for new, old in names.items():
        rest = rest.replace(f'type: "{new}"', f"type: {old}")
    sizes = " ".join([f"input_dim: {size}" for size in (10, *read(text).input)])
    return f'name: "old" input: "data" {sizes}\n{rest.replace("layer {", "layers {")}'


@pytest.mark.parametrize("name", ["caffenet", "googlenet"])
def test_the_old_format_is_read_too(name: str) -> None:
    old = old_format(NETS[name])
    assert "layers {" in old
    assert "CONVOLUTION" in old
    assert heads(read(old)) == heads(read(NETS[name]))


TRAINING = """
name: "train_val"  # with comments, and commas; and semicolons
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN }
  transform_param { mirror: true crop_size: 227 mean_file: "a\\"b" } data_param < source: 'x', batch_size: 256; > }
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST } transform_param { crop_size: 67 } }
layer { name: "c" type: "Convolution" bottom: "data" top: "c" param { lr_mult: 1 } param { lr_mult: 2 }
  convolution_param { num_output: 8 kernel_h: 3 kernel_w: 5 stride: 2 pad_h: 1 pad_w: 2 weight_filler { std: 1e-2 } } }
layer { name: "noise" type: "Dropout" bottom: "c" top: "c" exclude { phase: TEST } }
layer { name: "stage" type: "Dropout" bottom: "c" top: "c" include { stage: "x" } }
layer { name: "fc" type: "InnerProduct" bottom: "c" top: "fc" inner_product_param { num_output: 3 bias_term: 0 } }
layer { name: "aux" type: "InnerProduct" bottom: "c" top: "aux" inner_product_param { num_output: 2 } }
layer { name: "accuracy" type: "Accuracy" bottom: "fc" bottom: "label" top: "accuracy" include { phase: TEST } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }
"""


def test_a_file_for_training_is_the_network_of_the_test_phase() -> None:
    network = read(TRAINING)
    assert network.inputs == ((3, 67, 67),)
    assert [layer.name for layer in analyze(network).layers] == ["input", "c", "fc", "aux"]
    values = 8 * 34 * 34
    assert analyze(network).totals.params == 8 * 3 * 15 + 8 + 3 * values + 2 * values + 2
    graph = network.graph()
    assert [graph.nodes[index].shape for index in graph.outputs] == [(2,), (3,)]
    assert read(TRAINING.replace("crop_size: 67", "crop_size: 67 force_gray: true")).inputs == ((1, 67, 67),)


def test_a_shape_that_a_file_does_not_have_can_be_given() -> None:
    text = TRAINING.replace("crop_size: 67", "mirror: false")
    assert read_layers(text, name="mine", form="caffe", input=(1, 28, 28)).inputs == ((1, 28, 28),)
    assert read_layers(TRAINING, name="mine", form="caffe", input=(1, 28, 28)).inputs == ((3, 67, 67),)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "pad", "caffe"),
    [
        (112, 3, 2, 0, 56),
        (55, 3, 2, 0, 27),
        (7, 2, 2, 1, 4),
        (6, 3, 2, 1, 4),
        (5, 3, 3, 1, 2),
        (28, 3, 1, 1, 28),
        (4, 3, 3, 1, 2),
    ],
)
def test_pools_round_up_as_caffe_does(size: int, kernel: int, stride: int, pad: int, caffe: int) -> None:
    """The sizes by hand: ceil((n + 2p - k) / s) + 1, one less if the last window begins at n + p or beyond."""
    net = Prototxt(2, size, size)
    net.pool("pool", kernel, stride, pad)
    assert analyze(read(net.text)).layers[-1].output_shape == (2, caffe, caffe)
    net = Prototxt(2, size, size)
    net.add(
        "Pooling", "pool", f"pooling_param {{ kernel_size: {kernel} stride: {stride} pad: {pad} round_mode: FLOOR }}"
    )
    floored = (size + 2 * pad - kernel) // stride + 1
    assert analyze(read(net.text)).layers[-1].output_shape == (2, floored, floored)


def layer(kind: str, given: str = "", bottoms: tuple[str, ...] = ("data",), tops: tuple[str, ...] = ("y",)) -> str:
    ends = " ".join([*[f'bottom: "{each}"' for each in bottoms], *[f'top: "{each}"' for each in tops]])
    return f'layer {{ name: "{tops[0]}" type: "{kind}" {ends} {given} }}\n'


ONE = data(6, 8, 8)
TWO = ONE + data(6, 1, 1, name="gate")


def conv(given: str, kind: str = "Convolution", **more: Any) -> str:
    return layer(kind, f"convolution_param {{ {given} }}", **more)


def then(kind: str, given: str = "") -> str:
    return layer(kind, given, ("y",), ("z",))


AB = ("a", "b")
OFFSET = "crop_param { axis: 2 offset: 1 offset: 3 }"
CROPPED = conv("num_output: 2 kernel_size: 5", tops=("small",)) + layer("Crop", OFFSET, ("data", "small"))
LAYERS: list[tuple[str, tuple[int, ...], int]] = [
    (conv("num_output: 3 kernel_size: 4 stride: 2 pad: 1", "Deconvolution"), (3, 16, 16), 6 * 3 * 16 + 3),
    (conv("num_output: 6 group: 6 kernel_size: 4 bias_term: false", "Deconvolution"), (6, 11, 11), 6 * 16),
    (conv("num_output: 6 kernel_size: 3", "ConvolutionDepthwise"), (6, 6, 6), 60),
    (conv("num_output: 4 kernel_size: 3 dilation: 2"), (4, 4, 4), 4 * 54 + 4),
    (conv("num_output: 4 kernel_size: 3 kernel_size: 1"), (4, 6, 8), 4 * 18 + 4),
    (layer("BatchNorm"), (6, 8, 8), 0),
    (layer("BatchNorm") + then("Scale"), (6, 8, 8), 6),
    (layer("BatchNorm") + then("Scale", "scale_param { bias_term: true }"), (6, 8, 8), 12),
    (layer("Eltwise", "eltwise_param { operation: PROD }", ("data", "data")), (6, 8, 8), 0),
    (layer("Concat", "concat_param { concat_dim: 1 }", ("data", "data")), (12, 8, 8), 0),
    (layer("Split", tops=AB) + layer("Eltwise", "", AB), (6, 8, 8), 0),
    (layer("Slice", "slice_param { slice_point: 2 }", tops=AB) + layer("Concat", "", ("b", *AB)), (10, 8, 8), 0),
    (layer("Slice", tops=(*AB, "c")) + layer("Eltwise", "", (*AB, "c")), (2, 8, 8), 0),
    (CROPPED + layer("Concat", "", ("y", "small"), ("z",)), (8, 4, 4), 2 * 6 * 25 + 2),
    (layer("Power", "power_param { scale: 0.5 }"), (6, 8, 8), 0),
    (layer("Flatten"), (384,), 0),
    (layer("Reshape", "reshape_param { shape { dim: 0 dim: -1 } }"), (384,), 0),
    (layer("Reshape", "reshape_param { shape { dim: [0, 6, 0, 8] } }") + then("TanH"), (6, 8, 8), 0),
    (layer("ShuffleChannel", "shuffle_channel_param { group: 3 }"), (6, 8, 8), 0),
    (layer("Pooling", "pooling_param { pool: AVE global_pooling: true }"), (6, 1, 1), 0),
    (layer("Pooling", "pooling_param { global_pooling: true }"), (6, 1, 1), 0),
    (layer("Reshape", "reshape_param { shape { dim: 0 dim: 3 dim: -1 dim: 8 } }"), (3, 16, 8), 0),
    (layer("PReLU"), (6, 8, 8), 6),
    (layer("PReLU", "prelu_param { channel_shared: true }"), (6, 8, 8), 1),
    (layer("ReLU", "relu_param { negative_slope: 0.1 }") + then("ELU"), (6, 8, 8), 0),
    (
        layer("AbsVal") + then("Log") + layer("Exp", "", ("z",), ("w",)) + layer("BNLL", "", ("w",), ("v",)),
        (6, 8, 8),
        0,
    ),
    (layer("Power", "power_param { power: 2 shift: 1 scale: 0.5 }"), (6, 8, 8), 0),
    (layer("Eltwise", "eltwise_param { operation: MAX }", ("data",) * 3), (6, 8, 8), 0),
    (layer("Eltwise", "eltwise_param { coeff: 1 coeff: -1 }", ("data", "data")), (6, 8, 8), 0),
    (layer("Softmax"), (6, 8, 8), 0),
    (layer("Sigmoid") + then("ReLU6") + layer("Swish", "", ("z",), ("w",)), (6, 8, 8), 0),
]
GATED: list[tuple[str, tuple[int, ...], int]] = [
    (layer("Scale", "scale_param { axis: 0 }", ("data", "gate")), (6, 8, 8), 0),
    (layer("Axpy", "", ("gate", "data", "data")), (6, 8, 8), 0),
]
SHAPES = [*[(ONE + text, *rest) for text, *rest in LAYERS], *[(TWO + text, *rest) for text, *rest in GATED]]


@pytest.mark.parametrize(("text", "shape", "params"), SHAPES)
def test_the_shape_and_parameters_of_a_layer(text: str, shape: tuple[int, ...], params: int) -> None:
    """By hand, from Caffe's documentation of its layers."""
    graph = read(text).graph()
    assert graph.nodes[graph.outputs[0]].shape == shape
    assert sum(facts.params.learnable for facts in graph.facts) == params


def test_every_type_that_is_read_has_an_example() -> None:
    text = "".join([*NETS.values(), *[text for text, _, _ in (*LAYERS, *GATED)]])
    assert {kind for kind in READERS if f'type: "{kind}"' not in text} <= {"Convolution3D", "DepthwiseConvolution"}


def test_layers_in_place_are_part_of_the_row_that_they_work_on() -> None:
    network = read(NETS["resnet50_v1"])
    graph = network.graph()
    assert [node.op.kind for node in graph.nodes if node.row == "conv1"] == ["conv", "batch_norm", "relu"]
    assert "scale_conv1" not in {node.row for node in graph.nodes}


FAULTS = {
    ONE + layer("Convolutoin"): "mine: layer y (Convolutoin): layers of type 'Convolutoin' are not read; nearest of",
    ONE + conv("kernel_size: 3"): "layer y (Convolution): it needs num_output",
    ONE + conv("num_output: 3"): "it needs kernel_size",
    ONE + conv("num_output: 2 kernel_size: 9"): "mine / y: a window of 9 does not fit",
    ONE + conv("num_output: 2.5 kernel_size: 9"): "num_output is a whole number",
    ONE + layer("Convolution", "convolution_param: 3"): "convolution_param is a message in braces",
    ONE + layer("ReLU", "", ("dta",)): "layer y (ReLU): no layer before it gives 'dta'; nearest: data",
    ONE + layer("Reshape", "reshape_param { shape { dim: 2 dim: -1 } }"): "it keeps the batch, 0, before other sizes",
    ONE + layer("Reshape", "reshape_param { shape { dim: 0 dim: 7 dim: -1 } }"): "its values do not fill (7, 54)",
    ONE + layer("Reshape", "reshape_param { shape { dim: [0, 0, 0, 0, 0] } }"): "its input has no size for each 0",
    ONE + layer("LRN", "lrn_param { norm_region: WITHIN_CHANNEL }"): "norm_region is ACROSS_CHANNELS, not",
    ONE + layer("Pooling", "pooling_param { kernel_size: 1 stride: 2 }"): "a window that begins outside the input",
    ONE + layer("Scale", "scale_param { bias_term: true }"): "a scale with a bias is read only after",
    ONE + layer("Eltwise", "eltwise_param { coeff: 1 coeff: 2 }", ("data", "data")): "a sum with coefficients",
    ONE + layer("Concat", "concat_param { axis: 2 }", ("data", "data")): "axis '2' is not 1",
    ONE + layer("ReLU", "", ("data", "data")): "it takes 1 bottoms, not 2",
    ONE + layer("ReLU", tops=("a", "b")): "it has 2 tops, not 1",
    ONE + layer("Interp"): "layers of type 'Interp' are not read",
    layer("ReLU"): "no layer before it gives 'data'",
    layer("Data", "", (), ("data",)) + layer("ReLU"): "the shape of the input data is not in the file",
    layer("Python", "", (), ("data",)) + layer("ReLU"): "the shape of the input data is not in the file",
    ONE: "mine: it has no input, or no layer takes one",
    'input: "data" input_dim: 1 input_dim: 0\n' + layer("ReLU"): "mine: the input data: a shape is",
    'input: "data" input_dim: 1 input: "x"' + layer("ReLU"): "mine: it has 2 inputs and 1 shapes",
    'layers { layer { name: "a" type: "conv" } }': "the format of Caffe before 2014 is not read",
    'layer { name: "a" } ': "a layer has a name and one type",
    "layer: 3": "a layer is a message in braces",
    "": "mine: a net has layers",
    "layer { name: }": "mine, line 1: '}' is no value of the field 'name'",
    'layer {\n name "a" }': "mine, line 2: after the field 'name' stands : or {",
    'layer {\n name: "a"': "mine, line 2: the text ends before }",
    "layer {\n }\n }": "mine, line 3: a field has a name, and '}' is none",
    "layer {\n a: 'b\n' }": "mine, line 2",
    "a {" * 60: "more than 50 messages are within one another",
    f"a: {'1' * 99}": "the number",
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), FAULTS.items(), ids=[words[:60] for words in FAULTS.values()])
def test_a_fault_is_named_with_its_line_or_layer(text: str, words: str) -> None:
    assert words in refusal(text, "caffe")


def test_values_of_the_text_format() -> None:
    text = r"""a: "x\"y" a: 'z' b: -1 b: 0x1F b: 1.5e3 b: .5 b: 2f c: true c: MAX d { e: [1, 2] e: 3 } d: < e: 4 >"""
    assert parse_text(text, "mine") == {
        "a": ['x"y', "z"],
        "b": [-1, 31, 1500.0, 0.5, 2.0],
        "c": [True, "MAX"],
        "d": [{"e": [1, 2, 3]}, {"e": [4]}],
    }


SIGNS = ["{", "}", "<", ">", "[", "]", ":", "#", "\n", '"data"', '"y"', "3", "-1", "0.5", "true", "MAX", '"ReLU"']
NAMES = ["layer", "layers", "name", "type", "bottom", "top", "convolution_param", "num_output", "kernel_size"]
TOKENS = st.sampled_from([*SIGNS, *NAMES, "dim", "input", "input_dim", "shape", '"Convolution"'])
PARTS = st.sampled_from([ONE, *[layer(kind) for kind in READERS], layer("Slice", tops=("a", "b")), layer("Axpy")])


@settings(max_examples=150, deadline=None)
@given(st.lists(PARTS, max_size=3), st.lists(TOKENS, max_size=12))
def test_any_tokens_are_a_network_or_an_error(parts: list[str], tokens: list[str]) -> None:
    answer("".join(parts) + " ".join(tokens), "caffe")
    answer(ONE + layer("Convolution", f"convolution_param {{ {' '.join(tokens)} }}"), "caffe")


SIZES = [
    "axis",
    "pad",
    "kernel_size",
    "stride",
    "offset",
    "shape",
    "dim",
    "coeff",
    "group",
    "num_output",
    "slice_point",
]
VALUES = ["0", "-1", "1e40", "nan", "MAX", "{ }", "{ dim: 0 }", "[1, 2]", "99999999999", '""', "true"]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(READERS)), st.sampled_from([*SIZES, "pool"]), st.sampled_from(VALUES))
def test_any_field_is_a_network_or_an_error(kind: str, field: str, value: str) -> None:
    for key in ("convolution_param", "pooling_param", "inner_product_param", f"{kind.lower()}_param"):
        answer(ONE + layer(kind, f"{key} {{ num_output: 4 kernel_size: 3 {field}: {value} }}"), "caffe")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_network_or_an_error(text: str) -> None:
    answer(text, "caffe")
    answer(f"{ONE} layer {{ {text}", "caffe")
