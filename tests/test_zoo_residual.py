"""The later residual families: against those who built them too, and by hand where nobody did."""

from __future__ import annotations

import zlib
from collections import Counter
from functools import partial
from typing import Any

import pytest
import torch
from reference import LayerRun, archcalc_layers, counts, reference
from timm.layers import SEModule

from archcalc import ArchcalcError, analyze, zoo
from archcalc.execution.model import Model
from archcalc.zoo import (
    Family,
    Reference,
    multi_resnet,
    preresnet,
    res2net,
    res2next,
    resnext,
    ror3,
    senet,
    seresnet,
    seresnext,
    stochastic_depth,
    wrn,
)

FILES = (preresnet, wrn, resnext, seresnet, seresnext, senet, res2net, res2next, multi_resnet, ror3, stochastic_depth)
FAMILIES: tuple[Family, ...] = tuple(family for file in FILES for family in file.FAMILIES)
NAMES = [name for family in FAMILIES for name in family.variants]
REFERENCES = {
    name: given
    for family in FAMILIES
    for name, given in family.references.items()
    if given.library != "account" and not given.differs
}

TEN = {"num_classes": 10}
# networks that have no name of their own here, and other hyperparameters
MORE = {
    "wrn_16_4": Reference("pytorchcv", "wrn_cifar.get_wrn_cifar", {**TEN, "blocks": 16, "width_factor": 4}),
    "wrn_22_3": Reference(
        "pytorchcv",
        "wrn_cifar.get_wrn_cifar",
        {"num_classes": 100, "blocks": 22, "width_factor": 3},
        settings={"classes": 100},
    ),
    "resnext101_32x8d": Reference("torchvision", "resnext101_32x8d"),
    "resnext20_32x2d_cifar": Reference("pytorchcv", "resnext20_32x2d_cifar10"),
    "seresnext101_32x8d": Reference("timm", "seresnext101_32x8d"),
    "seresnet50": Reference(
        "timm", "seresnet50", {"block_args": {"attn_layer": partial(SEModule, rd_ratio=1 / 8)}}, {"reduction": 8}
    ),
    "res2net50_16w_3s": Reference("timm", "res2net50_26w_4s", {"base_width": 16, "block_args": {"scale": 3}}),
    "ror3_56": Reference("pytorchcv", "ror3_56_cifar100", settings={"classes": 100}),
    # with one residual function a block: the pre-activation nets, whose depth counts the same layers or three more
    "multi_resnet_26_k1_w10": Reference("pytorchcv", "wrn28_10_cifar10"),
    "multi_resnet_110_k1_w2": Reference(
        "pytorchcv", "wrn_cifar.get_wrn_cifar", {**TEN, "blocks": 112, "width_factor": 2}
    ),
}
CASES = [*[case for case in REFERENCES.items() if not case[0].endswith("_timm")], *MORE.items()]
"""A 1x1 convolution in place of the last linear layer, as timm has it, is left to the check of references."""


def any_size(module: torch.nn.Module) -> torch.nn.Module:
    """pytorchcv's network with a global pool in place of its last one, which averages the canonical 7x7 or 8x8 only."""
    for part in module.children():
        if isinstance(getattr(part, "final_pool", None), torch.nn.AvgPool2d):
            part.final_pool = torch.nn.AdaptiveAvgPool2d(1)
    return module


def inputs(name: str) -> list[tuple[int, int, int]]:
    """The canonical input and, up to 164 layers, one of odd sides; multiples of 4 where these are needed."""
    canonical = zoo.network(name).input
    other = {224: (3, 161, 203), 32: (3, 36, 44) if name.startswith("ror3") else (3, 33, 47)}[canonical[1]]
    return [canonical] if "200" in name or "1001" in name else [canonical, other]


@pytest.mark.parametrize(("name", "given"), CASES, ids=[f"{name}-{given.model}" for name, given in CASES])
def test_a_network_is_the_one_that_others_built(name: str, given: Reference) -> None:
    """Parameters, running statistics, mult-adds and every convolution and linear layer equal the reference's."""
    module = any_size(reference(given.library, given.model, **given.options))
    for size in inputs(name):
        theirs, ours = counts(module, size), analyze(name, input=size, **given.settings)
        assert archcalc_layers(ours) == theirs.layers
        assert ours.totals.params == theirs.params
        assert ours.totals.mult_adds == theirs.mult_adds
        assert ours.totals.buffers == sum(b.numel() for key, b in module.named_buffers() if "running" in key)


WIRED = (
    "preresnet18",
    "preresnet50_v1",
    "wrn_16_4",
    "resnext20_32x2d_cifar",
    "seresnet50",
    "res2net50_26w_4s",
    "ror3_56",
)


def fill(module: torch.nn.Module) -> torch.nn.Module:
    """Weights and statistics that depend on their name and shape alone, so that no layer must be paired with another.

    Their sizes keep the signal alive through all layers.
    """
    module.to_empty(device="cpu")
    with torch.no_grad():
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            kind = name.rpartition(".")[2]
            if kind == "num_batches_tracked":
                continue
            seed = zlib.crc32(repr((kind, tuple(tensor.shape))).encode())
            uniform = torch.rand(tensor.shape, generator=torch.Generator().manual_seed(seed))
            if tensor.dim() > 1:
                tensor.copy_((2 * uniform - 1) * (1.5 / tensor[0].numel()) ** 0.5)
            else:
                tensor.copy_(uniform / 5 - 0.1 if kind in ("bias", "running_mean") else 0.7 + 0.4 * uniform)
    return module.eval()


@pytest.mark.parametrize("name", WIRED)
def test_a_network_computes_what_the_one_of_others_does(name: str) -> None:
    """With equal weights the two give equal outputs, so that layers are joined alike and not only the same ones."""
    given, found = REFERENCES.get(name) or MORE[name], zoo.network(name)
    size = (3, 71, 67) if found.input[1] == 224 else (3, 20, 16) if name.startswith("ror3") else (3, 17, 19)
    theirs = fill(any_size(reference(given.library, given.model, **given.options)))
    with torch.device("meta"):
        ours = Model(found.graph(size, {**found.settings, **given.settings}))
    fill(ours)
    images = torch.randn(2, *size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected, computed = theirs(images), ours(images)
    spread = (expected[0] - expected[1]).abs().max()
    assert spread > expected.abs().max() / 1000  # the images have not been forgotten on the way
    torch.testing.assert_close(computed, expected, rtol=1e-5, atol=float(spread) / 1000)


CONFIRMED_BY_HAND = {
    "preresnet164_cifar_v1",
    "preresnet1001_cifar_v1",
    *[f"multi_resnet_{depth}_k{k}_w{w}" for depth, k, w in multi_resnet.TABLE],
    "stochastic_depth_resnet110_cifar",
    "stochastic_depth_resnet1202_cifar",
}


def test_every_network_has_a_reference_or_is_added_by_hand() -> None:
    """What no library has stands in the list of this file's other tests, and its family says what confirms it."""
    assert set(NAMES) - REFERENCES.keys() == CONFIRMED_BY_HAND
    families = {name: zoo.network(name).family for name in CONFIRMED_BY_HAND}
    assert all(family.confirmed or name in family.references for name, family in families.items())


@pytest.mark.parametrize("name", NAMES)
def test_a_network_says_what_its_rows_see(name: str) -> None:
    """After the stem and before the global pool every row has a field that is finite, gates left out."""
    layers = analyze(name).layers
    before = [layer for layer in layers[: [x.row for x in layers].index("avgpool")] if ".se." not in layer.row]
    sights = [layer.receptive_field.local or layer.receptive_field for layer in before]
    assert all(sight.size is not None and sight.size[0] == sight.size[1] > 0 for sight in sights)
    gated = name.startswith("se")
    assert before[-1].receptive_field.whole_input is gated


def millions(name: str) -> float:
    return analyze(name).totals.params / 1e6


# document 002, the table of Wide ResNets on CIFAR and the one on ImageNet
PRINTED = {
    "wrn_40_1": 0.6,
    "wrn_40_2": 2.2,
    "wrn_40_4": 8.9,
    "wrn_40_8": 35.7,
    "wrn_28_10": 36.5,
    "wrn_28_12": 52.5,
    "wrn_22_8": 17.2,
    "wrn_22_10": 26.8,
    "wrn_16_8": 11.0,
    "wrn_16_10": 17.1,
    "wrn50_2": 68.9,
    "preresnet200": 64.7,
    # the authors' list of Multi-Residual Networks
    "multi_resnet_200_k5_w1": 10.2,
    "multi_resnet_398_k5_w1": 20.4,
    # the authors' of Res2Net
    "res2net50_26w_4s": 25.7,
}


@pytest.mark.parametrize("name", PRINTED)
def test_a_network_has_the_parameters_that_are_printed(name: str) -> None:
    """Millions of parameters round to the one decimal that the document or the authors print."""
    assert round(millions(name), 1) == PRINTED[name]


def test_the_multi_resnets_of_26_layers_do_not_have_the_printed_154_million() -> None:
    """Printed are 72M for two functions and 154M for four: 72.69M cut off, and 145.11M with two digits exchanged.

    A network of k functions has a fixed part and k equal parts, so 154M would leave 72 - (154 - 72) < 0 for the rest.
    """
    one, two, four = [millions(f"multi_resnet_26_k{k}_w10") for k in (1, 2, 4)]
    assert (int(two), int(four)) == (72, 145)
    assert four - two == pytest.approx(2 * (two - one))


def test_the_printed_parameters_of_preresnet1001_leave_batch_norm_out() -> None:
    """10.2M are the 10.178M weights of convolutions and classifier; with scales and shifts there are 10.328M."""
    layers = analyze("preresnet1001_cifar", detail=True).layers
    weights = sum(layer.params for layer in layers if layer.op in ("conv", "linear"))
    # groups of 111 blocks with w = 16, 32, 64: c*w + 9*w*w + w*c, where c is 4w but what comes in for the first block
    blocks = sum(110 * 17 * w * w + entering * w + 13 * w * w for w, entering in ((16, 16), (32, 64), (64, 128)))
    projections = 16 * 64 + 64 * 128 + 128 * 256
    assert weights == 9 * 3 * 16 + blocks + projections + 2570
    assert round(weights / 1e6, 1) == 10.2
    assert round(millions("preresnet1001_cifar"), 2) == 10.33


@pytest.mark.parametrize("depth", [164, 1001])
def test_the_stride_of_preresnet_cifar_v1_is_in_the_first_convolution(depth: int) -> None:
    """Two 1x1 convolutions, 64 to 32 and 128 to 64 channels, run at a quarter of the positions; the rest is equal."""
    late, early = analyze(f"preresnet{depth}_cifar"), analyze(f"preresnet{depth}_cifar_v1")

    def pair(first: int, second: int, side: int) -> list[LayerRun]:
        """The convolutions of the two blocks at the strides of the first and of the second convolution."""
        return [
            layer
            for width, size in ((32, side), (64, side // 2))
            for layer in (
                LayerRun("conv", 2 * width, width, (1, 1), (first, first), 1, bias=False, size=(size, size)),
                LayerRun(
                    "conv", width, width, (3, 3), (second, second), 1, bias=False, size=(512 // width, 512 // width)
                ),
            )
        ]

    assert archcalc_layers(late) - archcalc_layers(early) == Counter(pair(1, 2, 32))
    assert archcalc_layers(early) - archcalc_layers(late) == Counter(pair(2, 1, 16))
    assert early.totals[:2] == late.totals[:2]
    assert late.totals.mult_adds - early.totals.mult_adds == 64 * 32 * (32**2 - 16**2) + 128 * 64 * (16**2 - 8**2)


GROUPS = ((16, 32), (32, 16), (64, 8))  # width and side of the three groups


def bottlenecks(k: int, n: int) -> tuple[int, int]:
    """Parameters and mult-adds of groups of n blocks with k bottleneck functions, by the authors' code."""
    params, mult_adds, entering = 0, 0, 16
    for width, side in GROUPS:
        out = 4 * width
        first = k * (entering * width + 9 * width**2 + width * out) + entering * out
        others = (n - 1) * k * (out * width + 9 * width**2 + width * out)
        norms = 2 * entering + k * 2 * (width + width) + (n - 1) * k * 2 * (out + width + width)
        params += first + others + norms
        mult_adds += (first + others) * side**2
        entering = out
    return params, mult_adds


def wide(k: int, n: int, w: int) -> tuple[int, int]:
    """Parameters and mult-adds of groups of n blocks with k functions of two 3x3 convolutions, w times as wide."""
    params, mult_adds, entering = 0, 0, 16
    for narrow, side in GROUPS:
        width = w * narrow
        first = k * (9 * entering * width + 9 * width**2) + entering * width
        others = (n - 1) * k * 18 * width**2
        norms = 2 * entering + k * 2 * width + (n - 1) * k * 2 * (width + width)
        params += first + others + norms
        mult_adds += (first + others) * side**2
        entering = width
    return params, mult_adds


@pytest.mark.parametrize(
    ("name", "groups", "last"),
    [
        ("multi_resnet_200_k5_w1", bottlenecks(5, 22), 256),  # 200 = 9 * 22 + 2
        ("multi_resnet_398_k5_w1", bottlenecks(5, 44), 256),
        ("multi_resnet_26_k2_w10", wide(2, 4, 10), 640),  # 26 = 6 * 4 + 2
        ("multi_resnet_26_k4_w10", wide(4, 4, 10), 640),
    ],
)
def test_a_multi_resnet_is_what_the_authors_layers_add_up_to(name: str, groups: tuple[int, int], last: int) -> None:
    """Three groups between a 3x3 convolution to 16 channels and a normalised mean with a classifier of 10 outputs."""
    params, mult_adds = groups
    totals = analyze(name).totals
    assert totals.params == 9 * 3 * 16 + params + 2 * last + (10 * last + 10)
    assert totals.mult_adds == 9 * 3 * 16 * 32**2 + mult_adds + 10 * last


@pytest.mark.parametrize("depth", [110, 1202])
def test_stochastic_depth_is_tested_as_the_resnet(depth: int) -> None:
    """Every convolution, parameter and mult-add of the tested network is one of the ResNet of that depth."""
    ours, plain = analyze(f"stochastic_depth_resnet{depth}_cifar"), analyze(f"resnet{depth}_cifar")
    assert archcalc_layers(ours) == archcalc_layers(plain)
    assert ours.totals == plain.totals


@pytest.mark.parametrize(("blocks", "kept"), [(54, 40.25), (600, 449.75)])
def test_stochastic_depth_trains_three_quarters_of_the_blocks(blocks: int, kept: float) -> None:
    """Block l of L survives with probability 1 - l/L * (1 - p_L); with p_L = 0.5, (3L - 1)/4 survive on average."""
    expected = stochastic_depth.expected_blocks
    assert expected(blocks) == kept == (3 * blocks - 1) / 4
    for last in (0.2, 0.5, 0.8):
        one_by_one = sum(1 - number / blocks * (1 - last) for number in range(1, blocks + 1))
        assert expected(blocks, last) == pytest.approx(one_by_one)
    assert expected(blocks, 1) == blocks


def field(name: str, row: str) -> int:
    sight = {layer.row: layer.receptive_field for layer in analyze(name).layers}[row]
    (height, _) = (sight.local or sight).size or (0, 0)
    return height


ENDS = ("layer1.2.add", "layer2.3.add", "layer3.5.add", "layer4.2.add")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        # document 003 prints 35, 91, 267, 427 for the stride in the 3x3; kernels that widen nothing change nothing
        *[(name, (35, 91, 267, 427)) for name in ("preresnet50", "wrn50_2", "resnext50_32x4d", "seresnet50")],
        *[(name, (35, 99, 291, 483)) for name in ("preresnet50_v1", "seresnet50_v1")],
        # 11 after the stem; in jumps of 4, 8, 16, 32 each group's first block has one 3x3 on its longest path, with the
        # jump before its stride, and each later block scale - 1
        ("res2net50_26w_4s", (67, 219, 715, 1131)),
        ("res2net50_48w_2s", (35, 91, 267, 427)),
    ],
)
def test_the_groups_of_a_network_see_what_their_3x3_convolutions_widen(name: str, fields: tuple[int, ...]) -> None:
    """The receptive field at the end of each group, gates left out, is that of the longest path of convolutions."""
    assert tuple(field(name, row) for row in ENDS) == fields


@pytest.mark.parametrize(
    ("name", "options", "rule"),
    [
        ("wrn_30_4", {}, "a depth is 6n [+] 4"),
        ("wrn_40_4", {"depth": 41}, "a depth is 6n [+] 4"),
        ("resnext30_8x64d_cifar", {}, "9n [+] 2"),
        ("resnext51_32x4d", {}, "one of 14, 26, 38, 50, 101, 152"),
        ("multi_resnet_201_k5_w1", {}, "9n [+] 2"),
        ("multi_resnet_29_k2_w10", {}, "6n [+] 2"),
        ("ror3_56", {"depth": 57}, "6n [+] 8"),
        ("ror3_56", {"input": (3, 33, 33)}, "do not match"),
        ("seresnet50", {"reduction": 512}, "from 1 to 256"),
        ("res2net50_26w_1s", {}, "from 2 to 64"),
    ],
)
def test_an_impossible_network_names_the_rule_that_it_breaks(name: str, options: dict[str, Any], rule: str) -> None:
    """Depths, splits and sizes that fit no network of the family are an error of one line."""
    with pytest.raises(ArchcalcError, match=rule) as caught:
        analyze(name, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("WRN-28-10", "wrn_28_10"),
        ("wrn16_8", "wrn_16_8"),
        ("WRN-50-2", "wrn50_2"),
        ("wrn_34_3", "wrn_34_3"),
        ("Res2Net50-26w-4s", "res2net50_26w_4s"),
        ("res2net50", "res2net50_26w_4s"),
        ("res2net50_18w_5s", "res2net50_18w_5s"),
        ("ResNeXt-29-8x64d", "resnext29_8x64d_cifar"),
        ("SE-ResNeXt-50-32x4d", "seresnext50_32x4d"),
        ("SENet-154", "senet154"),
        ("preresnet164", "preresnet164_cifar"),
        ("multi-resnet-56-k3-w1", "multi_resnet_56_k3_w1"),
        ("RoR-3-110", "ror3_110"),
    ],
)
def test_a_name_leads_to_its_network(name: str, canonical: str) -> None:
    """Names as papers spell them find the network, and parametrised names one that can be built."""
    assert analyze(name).architecture == canonical
