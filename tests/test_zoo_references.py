"""Every network of the catalogue against one that others built, or, where nobody built it, against its paper by hand.

The references are run: their parameters, their multiply-accumulates and every convolution and linear layer that they
execute must be ours. All kinds of layer agree as they stand; two things are done to a reference before it runs:
pytorchcv's final average pool is made global (see `any_size`), and torchvision's GoogLeNet is run in training mode when
its auxiliary heads are asked for, because in evaluation mode it skips them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import torch
from reference import LayerRun, archcalc_layers, counts, reference

from archcalc import analyze, zoo

Size = tuple[int, int, int]


class Row(NamedTuple):
    """A network of ours, who else built it, and the inputs on which both are compared."""

    name: str
    library: str
    id: str
    inputs: tuple[Size, ...] = ((3, 224, 224), (3, 225, 301))
    theirs: Mapping[str, Any] = MappingProxyType({})
    ours: Mapping[str, Any] = MappingProxyType({})
    training: bool = False


SQUARE = ((3, 224, 224),)
FC6 = ((3, 227, 227), (3, 228, 230))  # sizes at which pool5 of AlexNet is 6x6, as the reference's fc6 needs
ZF = ((3, 224, 224), (3, 225, 226))
CIFAR = ((3, 32, 32), (3, 33, 47))
QUARTERS = ((3, 32, 32), (3, 36, 44))  # pytorchcv pads its pools where Caffe rounds up: the same at multiples of 4

TEN = {"num_classes": 10}
BLOCKS = {
    **{n: {"blocks": n, "bottleneck": False} for n in (20, 32, 44, 56, 110, 1202)},
    **{n: {"blocks": n, "bottleneck": True} for n in (164, 1001)},
}
VGG = (11, 13, 16, 19)
ADAPTIVE = {"adaptive_pool": True}
ALPHAS = {1.0: "mobilenet_w1", 0.75: "mobilenet_w3d4", 0.5: "mobilenet_wd2", 0.25: "mobilenet_wd4"}
SIZES = (224, 192, 160, 128)

ROWS = (
    *[Row(f"vgg{n}", "torchvision", f"vgg{n}", SQUARE) for n in VGG],
    *[Row(f"vgg{n}_bn", "torchvision", f"vgg{n}_bn", SQUARE) for n in VGG],
    *[Row(f"vgg{n}_torchvision", "torchvision", f"vgg{n}", ((3, 224, 224), (3, 256, 331))) for n in VGG],
    *[Row(f"vgg{n}_bn", "torchvision", f"vgg{n}_bn", ((3, 225, 256),), ours=ADAPTIVE) for n in VGG],
    Row("alexnet_simplified", "pytorchcv", "alexnet", FC6),
    Row("alexnet_owt", "torchvision", "alexnet"),
    Row("zfnet", "pytorchcv", "zfnet", ZF),
    Row("zfnet_wide_cs231n", "pytorchcv", "zfnetb", ZF),
    Row("nin_cifar", "pytorchcv", "nin_cifar10", QUARTERS),
    Row("googlenet_torchvision", "torchvision", "googlenet", theirs={"aux_logits": False}),
    Row("googlenet_torchvision", "torchvision", "googlenet", ours={"aux": True}, training=True),
    *[Row(f"resnet{n}", "torchvision", f"resnet{n}") for n in (18, 34, 50, 101, 152)],
    *[Row(f"resnet{n}_v1", "pytorchcv", f"resnet{n}") for n in (50, 101, 152)],
    *[Row(f"resnet{n}_cifar_projection", "pytorchcv", f"resnet{n}_cifar10", CIFAR) for n in (20, 56, 110)],
    *[
        Row(f"resnet{n}_cifar_projection", "pytorchcv", "resnet_cifar.get_resnet_cifar", CIFAR, BLOCKS[n] | TEN)
        for n in (32, 44)
    ],
    Row("resnet164_cifar_projection", "pytorchcv", "resnet164bn_cifar10", CIFAR),
    Row("resnet1001_cifar_projection", "pytorchcv", "resnet1001_cifar10", ((3, 32, 32),)),
    Row("resnet1202_cifar_projection", "pytorchcv", "resnet1202_cifar10", ((3, 32, 32),)),
    *[Row(f"mobilenet_v1_{alpha}_{n}", "pytorchcv", ALPHAS[alpha], ((3, n, n),)) for alpha in ALPHAS for n in SIZES],
    Row("mobilenet_v1_0.75_224", "pytorchcv", "mobilenet_w3d4", ((3, 201, 224),)),
    *[Row(f"mobilenet_v1_1.0_{n}", "timm", "mobilenetv1_100", ((3, n, n), (3, n + 1, n))) for n in SIZES],
    Row("mobilenet_v1_1.25_224", "timm", "mobilenetv1_125"),
    # other hyperparameters
    Row("resnet50", "torchvision", "resnet50", theirs={"num_classes": 120}, ours={"classes": 120}),
    Row("vgg16", "torchvision", "vgg16", SQUARE, {"num_classes": 120}, {"classes": 120}),
    Row("mobilenet_v1", "timm", "mobilenetv1_100", ((1, 96, 96),), {"in_chans": 1}, {"in_channels": 1}),
    Row("resnet20_cifar_projection", "pytorchcv", "resnet20_cifar100", CIFAR, ours={"classes": 100}),
)

COMPARED = [
    pytest.param(row, size, id=f"{row.name}-{row.library}-{row.id}-{'x'.join(map(str, size))}-{row.ours or ''}")
    for row in ROWS
    for size in row.inputs
]


def any_size(module: torch.nn.Module) -> torch.nn.Module:
    """pytorchcv's network with a global pool in place of its last one.

    That one averages 7x7 or 8x8 positions, all that there are at the canonical size, and fits no smaller one.
    """
    for part in module.children():
        if isinstance(getattr(part, "final_pool", None), torch.nn.AvgPool2d):
            part.final_pool = torch.nn.AdaptiveAvgPool2d(1)
    return module


def build(row: Row) -> torch.nn.Module:
    module = any_size(reference(row.library, row.id, **row.theirs))
    return module.train() if row.training else module


@pytest.mark.parametrize(("row", "size"), COMPARED, ids=lambda given: given.name if isinstance(given, Row) else None)
def test_a_network_is_the_one_that_others_built(row: Row, size: Size) -> None:
    """Parameters, running statistics, mult-adds and every convolution and linear layer equal the reference's."""
    module = build(row)
    theirs = counts(module, size)
    ours = analyze(row.name, input=size, **row.ours)
    assert archcalc_layers(ours) == theirs.layers
    assert ours.totals.params == theirs.params
    assert ours.totals.mult_adds == theirs.mult_adds
    assert ours.totals.buffers == sum(b.numel() for name, b in module.named_buffers() if "running" in name)


WITHOUT_PROJECTIONS = {
    **{f"resnet{n}_cifar": BLOCKS[n] for n in BLOCKS},
    **{f"plain{n}_cifar": BLOCKS[n] for n in (20, 32, 44, 56, 110)},
    "plain18": None,
    "plain34": None,
}


def projection(inputs: int, outputs: int, stride: int, side: int) -> LayerRun:
    return LayerRun("conv", inputs, outputs, (1, 1), (stride, stride), 1, bias=False, size=(side, side))


BASIC = Counter([projection(16, 32, 2, 16), projection(32, 64, 2, 8)])
BOTTLENECK = Counter([projection(16, 64, 1, 32), projection(64, 128, 2, 16), projection(128, 256, 2, 8)])
IMAGENET = Counter([projection(64, 128, 2, 28), projection(128, 256, 2, 14), projection(256, 512, 2, 7)])


def with_projections(name: str) -> tuple[torch.nn.Module, Counter[LayerRun]]:
    """The residual network of that depth with 1x1 convolutions where the shape changes (option B), and these."""
    blocks = WITHOUT_PROJECTIONS[name]
    if blocks is None:
        return reference("torchvision", name.replace("plain", "resnet")), IMAGENET
    module = any_size(reference("pytorchcv", "resnet_cifar.get_resnet_cifar", **TEN, **blocks))
    return module, BOTTLENECK if blocks["bottleneck"] else BASIC


@pytest.mark.parametrize("name", WITHOUT_PROJECTIONS)
def test_shortcuts_without_parameters_leave_the_reference_minus_its_projections(name: str) -> None:
    """Option A and plain networks have the parameters of the option B network that do not belong to a projection."""
    module, projections = with_projections(name)
    parts = {key: part.numel() for key, part in module.named_parameters()}
    kept = {key: size for key, size in parts.items() if "identity_conv" not in key and "downsample" not in key}
    assert len(parts) - len(kept) == 3 * projections.total()  # a weight, and the scale and shift of its normalisation
    assert analyze(name).totals.params == sum(kept.values())


@pytest.mark.parametrize(
    "name", [name for name in WITHOUT_PROJECTIONS if not name.startswith(("resnet1001", "resnet12"))]
)
def test_shortcuts_without_parameters_leave_every_other_layer(name: str) -> None:
    """Option A and plain networks run the layers of the option B network, its two or three projections apart."""
    module, projections = with_projections(name)
    ours = analyze(name)
    assert archcalc_layers(ours) + projections == counts(module, ours.input).layers


def rows(name: str, **hyperparameters: Any) -> dict[str, tuple[int, int]]:
    """Parameters and mult-adds of every row that has parameters."""
    layers = analyze(name, **hyperparameters).layers
    return {layer.row: (layer.params, layer.mult_adds) for layer in layers if layer.params}


ByHand = dict[str, tuple[int, int, int]]
"""For each row its weights, its biases, and the output positions at which the weights are used."""

# Krizhevsky et al. 2012, section 3.5: number of kernels and their size, on either GPU
ALEXNET: ByHand = {
    "conv1": (96 * 11 * 11 * 3, 96, 55 * 55),
    "conv2": (256 * 5 * 5 * 48, 256, 27 * 27),
    "conv3": (384 * 3 * 3 * 256, 384, 13 * 13),
    "conv4": (384 * 3 * 3 * 192, 384, 13 * 13),
    "conv5": (256 * 3 * 3 * 192, 256, 13 * 13),
    "fc6": (4096 * 6 * 6 * 256, 4096, 1),
    "fc7": (4096 * 4096, 4096, 1),
    "fc8": (1000 * 4096, 1000, 1),
}

# Caffe's model zoo, nin_imagenet/train_val.prototxt; 54, 27, 13 and 6 positions a side
NIN: ByHand = {
    "conv1": (96 * 11 * 11 * 3, 96, 54 * 54),
    "cccp1": (96 * 96, 96, 54 * 54),
    "cccp2": (96 * 96, 96, 54 * 54),
    "conv2": (256 * 5 * 5 * 96, 256, 27 * 27),
    "cccp3": (256 * 256, 256, 27 * 27),
    "cccp4": (256 * 256, 256, 27 * 27),
    "conv3": (384 * 3 * 3 * 256, 384, 13 * 13),
    "cccp5": (384 * 384, 384, 13 * 13),
    "cccp6": (384 * 384, 384, 13 * 13),
    "conv4": (1024 * 3 * 3 * 384, 1024, 6 * 6),
    "cccp7": (1024 * 1024, 1024, 6 * 6),
    "cccp8": (1000 * 1024, 1000, 6 * 6),
}

LENET_DENSE: ByHand = {
    "C1": (6 * 5 * 5 * 1, 6, 28 * 28),
    "C3": (16 * 5 * 5 * 6, 16, 10 * 10),
    "C5": (120 * 5 * 5 * 16, 120, 1),
    "F6": (84 * 120, 84, 1),
    "output": (10 * 84, 10, 1),
}

# Szegedy et al. 2014, Table 1: output side and depth, #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj
INCEPTION = (
    ("3a", 28, 256, 64, 96, 128, 16, 32, 32),
    ("3b", 28, 480, 128, 128, 192, 32, 96, 64),
    ("4a", 14, 512, 192, 96, 208, 16, 48, 64),
    ("4b", 14, 512, 160, 112, 224, 24, 64, 64),
    ("4c", 14, 512, 128, 128, 256, 24, 64, 64),
    ("4d", 14, 528, 112, 144, 288, 32, 64, 64),
    ("4e", 14, 832, 256, 160, 320, 32, 128, 128),
    ("5a", 7, 832, 256, 160, 320, 32, 128, 128),
    ("5b", 7, 1024, 384, 192, 384, 48, 128, 128),
)
GOOGLENET: ByHand = {
    "conv1": (64 * 7 * 7 * 3, 64, 112 * 112),
    "conv2_reduce": (64 * 64, 64, 56 * 56),
    "conv2": (192 * 3 * 3 * 64, 192, 56 * 56),
    "fc": (1000 * 1024, 1000, 1),
}
entering = 192
for module, side, depth, one, reduce3, three, reduce5, five, pool in INCEPTION:
    GOOGLENET |= {
        f"inception{module}.1x1": (one * entering, one, side * side),
        f"inception{module}.3x3_reduce": (reduce3 * entering, reduce3, side * side),
        f"inception{module}.3x3": (three * 3 * 3 * reduce3, three, side * side),
        f"inception{module}.5x5_reduce": (reduce5 * entering, reduce5, side * side),
        f"inception{module}.5x5": (five * 5 * 5 * reduce5, five, side * side),
        f"inception{module}.pool_proj": (pool * entering, pool, side * side),
    }
    entering = depth
# section 5: a 5x5 average pool with stride 3 leaves 4x4 of the 14x14 maps of 4a and 4d
HEADS: ByHand = {
    "aux1.conv": (128 * 512, 128, 4 * 4),
    "aux1.fc1": (1024 * 4 * 4 * 128, 1024, 1),
    "aux1.fc2": (1000 * 1024, 1000, 1),
    "aux2.conv": (128 * 528, 128, 4 * 4),
    "aux2.fc1": (1024 * 4 * 4 * 128, 1024, 1),
    "aux2.fc2": (1000 * 1024, 1000, 1),
}

HAND = {
    "alexnet": (ALEXNET, 60_965_224, 724_406_816),
    "caffenet": (ALEXNET, 60_965_224, 724_406_816),
    "nin_imagenet": (NIN, 7_595_176, 1_100_188_800),
    "lenet5_dense": (LENET_DENSE, 61_706, 416_520),
    # 57 convolutions and a linear layer: Caffe's bvlc_googlenet, deploy.prototxt, and train_val.prototxt with the heads
    "googlenet": (GOOGLENET, 6_998_552, 1_582_671_872),
    "googlenet_with_aux": (GOOGLENET | HEADS, 13_378_280, 1_591_044_096),
}


@pytest.mark.parametrize("name", HAND)
def test_a_network_is_what_its_paper_adds_up_to_by_hand(name: str) -> None:
    """Every row with parameters has the weights, biases and mult-adds that the paper's widths give, and the totals."""
    table, params, mult_adds = HAND[name]
    assert rows(name) == {row: (weights + biases, weights * uses) for row, (weights, biases, uses) in table.items()}
    assert analyze(name).totals[:3] == (params, 0, mult_adds)


def test_alexnet_normalises_before_and_caffenet_after_pooling() -> None:
    """AlexNet's two normalisations work on the maps of conv1 and conv2, CaffeNet's on those of pool1 and pool2."""

    def normalised(name: str) -> list[tuple[int, ...]]:
        return [x.output_shape for x in analyze(name, detail=True).layers if x.op == "local_response_norm"]

    assert normalised("alexnet") == [(96, 55, 55), (256, 27, 27)]
    assert normalised("caffenet") == [(96, 27, 27), (256, 13, 13)]


def test_lenet5_has_the_parameters_and_connections_that_its_paper_prints() -> None:
    """LeCun et al. 1998, section II-B; a connection is a mult-add or, once for each unit, the bias."""
    printed = {"C1": (156, 122_304), "C3": (1_516, 151_600), "C5": (48_120, 48_120), "F6": (10_164, 10_164)}
    analysis = analyze("lenet5")
    layers = {layer.row: layer for layer in analysis.layers}
    assert {row: (layers[row].params, layers[row].mult_adds + layers[row].activations) for row in printed} == printed
    assert {row: params for row, (params, _) in rows("lenet5").items() if row not in printed} == {"S2": 12, "S4": 32}
    assert analysis.totals.params == 60_000


def test_no_network_is_admitted_unconfirmed() -> None:
    """Every network is confirmed here, by products that a document prints, or as its family says."""
    here = {row.name for row in ROWS} | WITHOUT_PROJECTIONS.keys() | HAND.keys() | {"lenet5"}
    printed = {"inception_naive_example", "inception_bottleneck_example"}  # test_zoo_claims.py
    others = [each for each in zoo.networks() if each.name not in here | printed]
    assert [each.name for each in others if not (each.name in each.family.references or each.family.confirmed)] == []


# Caffe's pools round up, which shows at other sizes than 227 px; SqueezeNet's conv10 pads by 1
CAFFES = [
    ("caffenet", 224, 60_965_224, 720_608_384),
    ("alexnet_simplified", 224, 62_378_344, 1_131_457_664),
    ("squeezenet1_0_caffe", 227, 1_248_424, 861_339_936),
    ("lenet_caffe", 28, 431_080, 2_293_000),
]


@pytest.mark.parametrize(("name", "side", "params", "mult_adds"), CAFFES)
def test_networks_of_caffe_have_its_figures(name: str, side: int, params: int, mult_adds: int) -> None:
    totals = analyze(name, input=(analyze(name).input[0], side, side)).totals
    assert (totals.params, totals.mult_adds) == (params, mult_adds)
