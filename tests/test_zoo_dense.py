"""DenseNet, EfficientNet, MnasNet, ShuffleNet, MobileNet v1 for Stanford Dogs, and the two fractal networks.

Every network that a library has is compared with it; the others are added up by hand from their papers or from the
authors' code. Figures that a paper prints and that its network does not have are named here, with what it has.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from reference import LayerRun, archcalc_layers, counts, reference

from archcalc import ArchcalcError, analyze
from archcalc.zoo import (
    Reference,
    densenet,
    efficientnet,
    fractal_of_fractalnet,
    fractalnet,
    mnasnet,
    mobilenet_v1,
    shufflenet_v1,
)

torch.set_num_threads(1)

FAMILIES = (
    *densenet.FAMILIES,
    *efficientnet.FAMILIES,
    *mnasnet.FAMILIES,
    *shufflenet_v1.FAMILIES,
    *fractalnet.FAMILIES,
    *fractal_of_fractalnet.FAMILIES,
)
DOGS = tuple(name for name in mobilenet_v1.FAMILIES[0].variants if "dogs" in name)
NAMES = (*[name for family in FAMILIES for name in family.variants], *DOGS)
BUILT: dict[str, Reference] = {
    name: found
    for family in (*FAMILIES, *mobilenet_v1.FAMILIES)
    for name, found in family.references.items()
    if name in NAMES and found.library != "account" and not found.part
}
BLOCK = "densenet_block_example"


def analyzed(name: str, **given: Any) -> Any:
    """The analysis of a network, all of whose numbers are plain here."""
    return analyze(name, **given)


def any_size(module: Any) -> torch.nn.Module:
    """pytorchcv's network with a global pool in place of its last one, which averages as many positions as 224 or 32 px
    leave and fits no smaller map."""
    if hasattr(module, "features") and hasattr(module.features, "final_pool"):
        module.features.final_pool = torch.nn.AdaptiveAvgPool2d(1)
    return module


@pytest.mark.parametrize("name", BUILT)
def test_a_network_is_the_one_that_others_built(name: str) -> None:
    """Parameters, running statistics, mult-adds and every convolution and linear layer, at two sizes."""
    found = BUILT[name]
    module = any_size(reference(found.library, found.model, **found.options))
    running = sum(b.numel() for key, b in module.named_buffers() if "running" in key)
    canonical = analyzed(name).input
    for size in (canonical, (3, 33, 47) if canonical[1] == 32 else (3, 129, 97)):
        theirs, ours = counts(module, size), analyzed(name, input=size, **found.settings)
        assert archcalc_layers(ours) == theirs.layers
        assert ours.totals[:3] == (theirs.params, running, theirs.mult_adds)


@pytest.mark.parametrize("name", NAMES)
def test_a_network_takes_sizes_that_are_neither_square_nor_even(name: str) -> None:
    """At 57 x 63 px every row has positions, a field as tall as wide or the whole input, and the same output."""
    analysis = analyzed(name, input=(16 if name == BLOCK else 3, 57, 63))
    for layer in analysis.layers:
        assert all(side > 0 for side in layer.output_shape)
        field = layer.receptive_field
        assert field.whole_input or field.size[0] == field.size[1] >= 1
    assert analysis.layers[-1].output_shape == (
        (36, 57, 63) if name == BLOCK else analyzed(name).layers[-1].output_shape
    )


@pytest.mark.parametrize(
    "name",
    [
        "densenet121",
        "densenet_40_k12",
        "efficientnet_b0",
        "efficientnet_b0_tf",
        "mnasnet_a1",
        "shufflenet_v1_g3_1.0x",
        "fractalnet_20_cifar",
        "fractal_of_fractalnet",
    ],
)
def test_arrays_of_sizes_give_the_ints_of_every_size(name: str) -> None:
    """One analysis on arrays of heights and widths is, element by element, the analyses of these sizes."""
    heights, widths = np.arange(33, 65, dtype=np.int64), np.arange(65, 33, -1, dtype=np.int64)
    swept = np.array(np.broadcast_arrays(heights, *analyzed(name, input=(3, heights, widths)).totals))[1:]
    for position in (0, 7, 15, 31):
        size = (3, int(heights[position]), int(widths[position]))
        assert swept[:, position].tolist() == list(analyzed(name, input=size).totals), size


# ---- DenseNet

# Huang et al. 2016, Table 2, millions of parameters; the last three: README of liuzhuang13/DenseNet, Wide-DenseNet
PRINTED_DENSENET = {
    "densenet_40_k12": 1.0,
    "densenet_100_k12": 7.0,
    "densenet_100_k24": 27.2,
    "densenet_bc_100_k12": 0.8,
    "densenet_bc_250_k24": 15.3,
    "densenet_bc_190_k40": 25.6,
    "densenet_bc_40_k36": 1.5,
    "densenet_bc_40_k48": 2.7,
    "densenet_bc_40_k60": 4.3,
}


@pytest.mark.parametrize("name", PRINTED_DENSENET)
def test_a_cifar_densenet_has_the_parameters_that_its_authors_print(name: str) -> None:
    assert round(analyzed(name).totals.params / 1e6, 1) == PRINTED_DENSENET[name]


@pytest.mark.parametrize(
    ("name", "layers", "k", "params"),
    [
        ("densenet_40_k12", 12, 12, 1_019_722),
        ("densenet_100_k12", 32, 12, 6_979_642),
        ("densenet_100_k24", 32, 24, 27_249_082),
    ],
)
def test_a_plain_densenet_is_what_its_paper_adds_up_to_by_hand(name: str, layers: int, k: int, params: int) -> None:
    """3L layers see 16, 16 + k ... 16 + (3L - 1)k channels; a transition after L and 2L layers keeps all of them."""
    grown = 16 + layers * k, 16 + 2 * layers * k, 16 + 3 * layers * k  # channels at the end of each block
    entering = [16 + k * before for before in range(3 * layers)]
    sides = [32] * layers + [16] * layers + [8] * layers
    first, last = 3 * 16 * 9, grown[2] * 10
    weights = first + 9 * k * sum(entering) + grown[0] ** 2 + grown[1] ** 2 + last
    normalised = 2 * (sum(entering) + sum(grown))  # a scale and a shift for each channel
    convolved = sum(9 * k * channels * side**2 for channels, side in zip(entering, sides, strict=True))
    mult_adds = first * 32**2 + convolved + grown[0] ** 2 * 32**2 + grown[1] ** 2 * 16**2 + last
    assert weights + normalised + 10 == params
    assert analyzed(name).totals[:3] == (params, normalised, mult_adds)


def test_pytorchcvs_plain_densenets_are_not_those_of_the_paper() -> None:
    """Their transitions halve the channels: 0.6M parameters where the paper prints 1.0M; with that they are ours."""
    theirs = counts(reference("pytorchcv", "densenet40_k12_cifar10"), (3, 32, 32))
    assert round(theirs.params / 1e6, 1) == 0.6
    halved = archcalc_layers(analyzed("densenet_40_k12", compression=0.5))
    assert sum((theirs.layers - halved).values()) > 0  # 24 channels in the first convolution, not 16


def test_a_dense_block_of_five_layers_by_hand() -> None:
    """LayerRun l of the block sees 16 + 4(l - 1) channels; all but the last are seen by each one after it."""
    rows = {layer.row: layer for layer in analyzed(BLOCK).layers}
    entering = [16, 20, 24, 28, 32]
    for number, channels in enumerate(entering, 1):
        conv = rows[f"denseblock.denselayer{number}.conv"]
        assert (conv.params, conv.mult_adds) == (9 * 4 * channels + 2 * channels, 9 * 4 * channels * 32 * 32)
        assert rows[f"denseblock.denselayer{number}.concat"].output_shape == (channels + 4, 32, 32)
        assert conv.receptive_field.size == (2 * number + 1, 2 * number + 1)
    assert analyzed(BLOCK).totals.params == 38 * sum(entering)


def test_densenet264_has_one_layer_more_than_its_name_says() -> None:
    """2 * (6 + 12 + 64 + 48) + 3 transitions + the first convolution + the classifier."""
    counted = {depth: analyzed(f"densenet{depth}").totals.weight_layers for depth in (121, 169, 201, 161, 264)}
    assert counted == {121: 121, 169: 169, 201: 201, 161: 161, 264: 265}


def test_densenet_parameters_are_a_polynomial_in_the_growth_rate() -> None:
    """A symbol for k gives one formula, and numbers put into it what the numbers give."""
    sympy: Any = pytest.importorskip("sympy")
    k = sympy.Symbol("k", integer=True, positive=True)
    formula = sympy.expand(analyzed("densenet_40_k12", growth=k).totals.params)
    for growth in (1, 12, 40):
        assert formula.subs(k, growth) == analyzed("densenet_40_k12", growth=growth).totals.params


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("densenet_41_k12", "3n \\+ 4"),
        ("densenet_bc_43_k12", "6n \\+ 4"),
        ("densenet_4_k12", "from 7"),
        ("shufflenet_v1_g4_0.5x", "does not split into 4 groups"),
        ("shufflenet_v1_g5_1.0x", "one of 1, 2, 3, 4, 8"),
    ],
)
def test_a_combination_that_cannot_be_built_is_refused_with_its_rule(name: str, rule: str) -> None:
    with pytest.raises(ArchcalcError, match=rule):
        analyzed(name)


# ---- EfficientNet, MnasNet, ShuffleNet, MobileNet

# Tan & Le 2019, Table 2: millions of parameters
PRINTED_EFFICIENTNET = {"b0": 5.3, "b1": 7.8, "b2": 9.2, "b3": 12, "b4": 19, "b5": 30, "b6": 43, "b7": 66}


def test_efficientnets_have_the_parameters_that_their_paper_prints_but_for_b2() -> None:
    """9.2M are printed for B2; its layers, the same in torchvision, timm and here, have 9.11M."""
    params = {model: analyzed(f"efficientnet_{model}").totals.params for model in PRINTED_EFFICIENTNET}
    others = {
        model: found
        for model, found in params.items()
        if round(found / 1e6, 1 if found < 10e6 else None) != PRINTED_EFFICIENTNET[model]
    }
    assert others == {"b2": 9_109_994}


def test_same_padding_shifts_the_field_of_an_efficientnet_and_changes_no_count() -> None:
    """On even sizes TensorFlow pads stride 2 at the bottom and the right only, so the fields begin further right."""
    plain, tf = analyzed("efficientnet_b0"), analyzed("efficientnet_b0_tf")
    assert plain.totals[:3] == tf.totals[:3]
    ours, theirs = (each.layers[1].receptive_field for each in (plain, tf))
    assert (ours.size, theirs.size) == ((3, 3), (3, 3))
    assert ours.offset != theirs.offset


def test_mnasnet_a1_has_the_figures_that_its_authors_print() -> None:
    """3.9M parameters and 312M mult-adds: README of the authors' TPU code."""
    totals = analyzed("mnasnet_a1").totals
    assert (round(totals.params / 1e6, 1), round(totals.mult_adds / 1e6)) == (3.9, 312)


# megvii-model/ShuffleNet-Series, ShuffleNetV1/README.md: millions of mult-adds and of parameters
PRINTED_SHUFFLENET = {
    "g3_2.0x": (524, 5.4),
    "g8_2.0x": (522, 6.5),
    "g3_1.5x": (292, 3.4),
    "g8_1.5x": (290, 4.3),
    "g3_1.0x": (138, 1.9),
    "g8_1.0x": (138, 2.4),
    "g3_0.5x": (38, 0.7),
    "g8_0.5x": (40, 1.0),
}


def test_shufflenets_have_the_figures_that_their_authors_print_but_for_one() -> None:
    """The authors' classifier has no bias: 1,000 parameters fewer. 137.5M mult-adds are printed as 138M."""
    found: dict[str, tuple[int, float]] = {}
    for name in PRINTED_SHUFFLENET:
        totals = analyzed(f"shufflenet_v1_{name}").totals
        found[name] = (round(totals.mult_adds / 1e6), round((totals.params - 1000) / 1e6, 1))
    assert {name: figures for name, figures in found.items() if figures != PRINTED_SHUFFLENET[name]} == {
        "g3_1.0x": (137, 1.9)
    }


def test_the_mult_adds_of_the_shufflenet_paper_leave_out_the_classifier() -> None:
    """Zhang et al. 2017, Table 1, last line: 143M, 140M, 137M, 133M and 137M."""
    for groups, printed in {1: 143, 2: 140, 3: 137, 4: 133, 8: 137}.items():
        layers = analyzed(f"shufflenet_v1_g{groups}_1.0x").layers
        assert round(sum(layer.mult_adds for layer in layers if layer.op == "conv") / 1e6) == printed


def test_a_quarter_of_a_shufflenet_has_the_printed_mult_adds_with_twelve_first_channels() -> None:
    """Table 2 prints 13M at 0.25x; the scaled first convolution has 6 channels, with which there are 11.0M."""
    found = [analyzed("shufflenet_v1_g1_0.25x", stem=stem).totals.mult_adds for stem in (6, 12)]
    assert [round(each / 1e6) for each in found] == [11, 13]


@pytest.mark.parametrize("name", DOGS)
def test_mobilenets_for_stanford_dogs_have_the_parameters_that_their_paper_prints(name: str) -> None:
    """Howard et al. 2017, Table 10: 3.3M, and 1.9M with alpha 0.75; the mult-adds there are for 1000 classes."""
    alpha = 1.0 if "1.0" in name else 0.75
    totals, imagenet = analyzed(name).totals, analyzed(name.removesuffix("_dogs120")).totals
    assert round(totals.params / 1e6, 1) == (3.3 if alpha == 1 else 1.9)
    assert imagenet.mult_adds - totals.mult_adds == int(1024 * alpha) * 880
    printed = {(1.0, 224): 569, (0.75, 224): 325, (1.0, 192): 418, (0.75, 192): 239}[alpha, analyzed(name).input[1]]
    assert round(imagenet.mult_adds / 1e6) == printed


# ---- FractalNet

# Larsson et al. 2016, Table 3: millions of parameters on CIFAR-100
PRINTED_FRACTALNET = {5: 0.3, 10: 0.8, 20: 2.1, 40: 4.8, 80: 10.2, 160: 21.1}


@pytest.mark.parametrize("depth", PRINTED_FRACTALNET)
def test_a_narrow_fractalnet_has_the_parameters_and_the_depth_that_its_paper_prints(depth: int) -> None:
    """The name's depth is that of the longest path: the field of the last block grows with its 3x3 convolutions."""
    analysis = analyzed(f"fractalnet_{depth}_cifar_narrow", classes=100)
    assert round(analysis.totals.params / 1e6, 1) == PRINTED_FRACTALNET[depth]
    path = depth // 5
    pool = next(layer for layer in analysis.layers if layer.row == "block5.pool")
    jumps = [1, 2, 4, 8, 16]
    assert pool.receptive_field.size[0] == 1 + sum(2 * path * jump + jump for jump in jumps)


def convolved(entering: int, channels: int, side: int, first: int, others: int) -> Counter[LayerRun]:
    """The convolutions of a fractal block: one for each of its columns on the input, the others on what they make."""
    shape = ((3, 3), (1, 1), 1, True, (side, side))
    layers = Counter({LayerRun("conv", entering, channels, *shape): first})
    layers[LayerRun("conv", channels, channels, *shape)] += others
    return layers


# entering channels, channels and side of each block, as the prototxt files spell them out
FRACTALNET = ((3, 64, 32), (64, 128, 16), (128, 256, 8), (256, 512, 4), (512, 512, 2))
MODULES = ((3, 64, 32), (64, 128, 16), (3, 128, 32), (128, 256, 8), (256, 512, 4), (128, 512, 8), (3, 512, 32))
GENERATED = {
    # name: blocks, convolutions on a block's input, others in a block, values that are classified, pools, joins
    "fractalnet_20_cifar_caffe": (FRACTALNET, 3, 4, 512, 15, 10),
    "fractalnet_40_cifar_caffe": (FRACTALNET, 4, 11, 512, 20, 20),
    "fractal_of_fractalnet": (MODULES, 3, 4, 2048, 36, 16),
}


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_fractal_network_has_every_layer_of_the_authors_files(name: str) -> None:
    """Layers, biases, pools and joins as in gustavla/fractalnet's generator with three columns, and as in
    fractalnet.prototxt (four columns) and FoF.prototxt of iPhysicist/CNNDesignPatterns."""
    blocks, first, others, flat, pools, joins = GENERATED[name]
    layers = Counter([LayerRun("linear", flat, 10, (), (), 1, bias=True, size=(1,))])
    for block in blocks:
        layers += convolved(*block, first, others)
    analysis = analyzed(name)
    assert archcalc_layers(analysis) == layers
    kinds = Counter(layer.op for layer in analysis.layers)
    assert (kinds["max_pool"], kinds["add"]) == (pools, joins)
    weights = sum(n * 9 * x.inputs * x.outputs for x, n in layers.items() if x.kind == "conv")
    biases = sum(n * x.outputs for x, n in layers.items())
    assert analysis.totals.params == weights + flat * 10 + biases  # batch norm learns nothing


def test_fractalnet_40_has_the_convolutions_of_the_generated_one_without_biases() -> None:
    """The same weights and mult-adds; two values a channel for batch norm instead of one bias."""
    ours, generated = analyzed("fractalnet_40_cifar").totals, analyzed("fractalnet_40_cifar_caffe").totals
    assert ours.mult_adds == generated.mult_adds
    assert ours.params - generated.params == 15 * (64 + 128 + 256 + 512 + 512)


def test_every_network_of_these_families_is_confirmed() -> None:
    """By a reference, by its paper's arithmetic or by its authors' files, all above."""
    here = {BLOCK, *GENERATED}
    here |= {"densenet_40_k12", "densenet_100_k12", "densenet_100_k24"}
    assert set(NAMES) - BUILT.keys() == here
