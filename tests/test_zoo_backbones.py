"""Options of backbones: stems, blocks of each group, output stride, shortcuts and widths, against what others built."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
import torch
from gradients import check_every_unit
from reference import counts, reference

from archcalc import ArchcalcError, analyze, zoo
from archcalc.forms.closed import closed_form
from archcalc.graph import Graph, Value
from archcalc.validation.subject import CheckedNetwork
from archcalc.validation.traces import differences, trace
from archcalc.zoo import preresnet, resnet

INPUTS = ((3, 224, 224), (3, 193, 161))


def same(name: str, settings: dict[str, Any], module: torch.nn.Module, sizes: Any = INPUTS) -> None:
    """Every operation of a module is ours, with the same kernel, stride, padding and dilation, joined alike."""
    network = zoo.network(name)
    for size in sizes:
        graph = network.graph(size, settings)
        theirs = counts(module, size)
        totals = analyze(name, input=size, **settings).totals
        assert (totals.params, totals.mult_adds) == (theirs.params, theirs.mult_adds)
        ours = trace(CheckedNetwork(name, "cpu").model(graph, "meta"), size)
        assert differences(ours, trace(module, size)) == ([], [])


# our name, torchvision's, and its `replace_stride_with_dilation` for an output stride
TORCHVISIONS = [("resnet50", "resnet50"), ("resnext50_32x4d", "resnext50_32x4d"), ("wrn50_2", "wide_resnet50_2")]
REPLACED = {32: (False, False, False), 16: (False, False, True), 8: (False, True, True)}


@pytest.mark.parametrize("output_stride", REPLACED)
@pytest.mark.parametrize(("name", "theirs"), TORCHVISIONS)
def test_dilated_networks_are_torchvisions(name: str, theirs: str, output_stride: int) -> None:
    module = reference("torchvision", theirs, replace_stride_with_dilation=REPLACED[output_stride])
    same(name, {"output_stride": output_stride}, module)


TIMMS = [
    ("resnet18", "resnet18"),
    ("resnet34", "resnet34"),
    ("resnet50", "resnet50"),
    ("seresnet50", "seresnet50"),
    ("seresnext50_32x4d", "seresnext50_32x4d"),
    ("res2net50_26w_4s", "res2net50_26w_4s"),
    ("res2next50", "res2next50"),
    ("preresnet50_timm", "resnetv2_50"),
    ("regnetx_400mf", "regnetx_004"),
]


@pytest.mark.parametrize("output_stride", [16, 8])
@pytest.mark.parametrize(("name", "theirs"), TIMMS)
def test_dilated_networks_are_timms(name: str, theirs: str, output_stride: int) -> None:
    """Also basic blocks, whose second convolution is dilated by twice as much as the first where a stride went."""
    same(name, {"output_stride": output_stride}, reference("timm", theirs, output_stride=output_stride))


@pytest.mark.parametrize("output_stride", [32, 16, 8])
def test_dilated_senets_are_timms_with_the_pool_of_caffe(output_stride: int) -> None:
    """Also the 3x3 projections, which stay 3x3 where their stride is left out."""
    module = reference("timm", "senet154", output_stride=output_stride, drop_rate=0.2)
    module.maxpool = torch.nn.MaxPool2d(3, 2, ceil_mode=True)
    same("senet154", {"output_stride": output_stride}, module)


def test_the_map_of_a_dilated_network_is_larger_by_what_its_strides_are_smaller() -> None:
    """ResNet-50 at 224 px: 7x7 positions of stride 32, 14x14 of 16 or 28x28 of 8."""
    last = {s: analyze("resnet50", output_stride=s).layers[-3] for s in (32, 16, 8)}
    assert {s: layer.output_shape[1:] for s, layer in last.items()} == {32: (7, 7), 16: (14, 14), 8: (28, 28)}
    assert {s: layer.receptive_field.stride for s, layer in last.items()} == {s: (s, s) for s in last}
    assert {layer.params for layer in last.values()} == {0}


@pytest.mark.parametrize("output_stride", [4, 2, 1])
@pytest.mark.parametrize("unit", [resnet.basic, preresnet.basic])
def test_fields_of_dilated_groups_are_those_of_gradients(unit: Any, output_stride: int) -> None:
    """Every unit of three groups with a total stride of 4, 2 or 1, at a size that no stride divides."""

    def build(x: Value) -> Value:
        def small(x: Value, width: int, stride: int, dilations: resnet.Dilations) -> Value:
            return unit(x, width // 32, stride, dilations=dilations)

        return resnet.backbone(x, (1, 2, 1), small, output_stride, reached=1)

    check_every_unit(build, (1, 21, 14))


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_a_stem_for_cifar_is_torchvisions_network_with_its_first_layers_replaced(name: str) -> None:
    """One 3x3 convolution of stride 1 and no pool, as is usual for 32 px; 11,173,962 parameters for ResNet-18."""
    module = reference("torchvision", name, num_classes=10)
    with torch.device("meta"):
        module.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        module.maxpool = torch.nn.Identity()
    same(name, {"stem": "3x3", "classes": 10}, module, [(3, 32, 32), (3, 45, 38)])
    if name == "resnet18":
        assert analyze(name, input=(3, 32, 32), stem="3x3", classes=10).totals.params == 11_173_962


def test_a_deep_stem_is_timms_resnet50c() -> None:
    same("resnet50", {"stem": "deep"}, reference("timm", "resnet50c"))


def test_stems_of_pre_activation_networks_are_timms() -> None:
    """timm has no batch norm after the last convolution of any stem."""
    same("preresnet50_timm", {"stem": "deep"}, reference("timm", "resnetv2_50", stem_type="deep"))
    module = reference("timm", "resnetv2_50")
    with torch.device("meta"):
        module.stem = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    same("preresnet50_timm", {"stem": "3x3"}, module, [(3, 32, 32), (3, 45, 38)])


def test_a_stem_of_a_senet_is_that_of_the_authors_other_networks_twice_as_wide() -> None:
    """timm's class of the authors' networks: one 7x7 convolution instead of three 3x3, in the other ones of 64."""
    from timm.models.senet import SEBottleneck, SENet

    with torch.device("meta"):
        wide = SENet(
            SEBottleneck, (1, 2, 3, 1), 64, 16, inplanes=128, downsample_kernel_size=3, downsample_padding=1
        ).eval()
    same("senet154", {"stem": "7x7", "blocks": (1, 2, 3, 1)}, wide)


@pytest.mark.parametrize("blocks", ["2,2,2,2", (1, 2, 3, 1), [3, 4, 23, 3]])
def test_blocks_of_each_group_are_those_of_timms_class(blocks: Any) -> None:
    from timm.models.resnet import BasicBlock, Bottleneck, ResNet

    each = [int(count) for count in blocks.split(",")] if isinstance(blocks, str) else list(blocks)
    with torch.device("meta"):
        narrow, plain = (ResNet(kind, each).eval() for kind in (Bottleneck, BasicBlock))
    same("resnet50", {"blocks": blocks}, narrow)
    same("resnet18", {"blocks": blocks}, plain)


def test_blocks_of_another_depth_are_that_depth() -> None:
    assert analyze("resnet50", blocks="3,4,23,3").totals == analyze("resnet101").totals
    assert analyze("resnext50_32x4d", blocks=(3, 4, 23, 3)).totals == analyze("resnext101_32x4d").totals


def test_wide_networks_take_widths_between_whole_ones() -> None:
    """135, 270 and 540 channels: k = 8.4375; the closed form in k says the same, and 8.43 is refused."""
    totals = analyze("wrn_28_10", k=8.4375).totals
    convolutions = {layer.output_shape[0] for layer in analyze("wrn_28_10", k="8.4375").layers if layer.op == "conv"}
    assert convolutions == {16, 135, 270, 540}
    assert zoo.network("wrn_28_8.4375").graph().nodes[-1].shape == (10,)
    form = closed_form("wrn_28_10", ("k",))
    assert form.quantities["params"](k=Fraction(135, 16)) == totals.params
    assert analyze("wrn50_2", k=1.5).totals.params < analyze("wrn50_2").totals.params


def test_shortcuts_of_wide_networks_are_a_choice() -> None:
    """Padding leaves the three projections out, 16 to 160, 160 to 320 and 320 to 640; none leaves out all sums."""
    projected, padded, none = (analyze("wrn_28_10", shortcut=kind) for kind in ("projection", "padding", "none"))
    weights = 16 * 160 + 160 * 320 + 320 * 640
    assert projected.totals.params - padded.totals.params == weights
    assert none.totals.params == padded.totals.params
    assert sum(layer.op == "add" for layer in padded.layers) == 12
    assert not any(layer.op == "add" for layer in none.layers)


def test_zero_channels_in_place_of_projections_leave_out_their_parameters() -> None:
    """Of 1x1 convolutions between groups; in RoR-3 with batch norm, and the shortcuts around groups stay."""
    projections = {
        "multi_resnet_26_k2_w10": 16 * 160 + 160 * 320 + 320 * 640,
        "multi_resnet_200_k5_w1": 16 * 64 + 64 * 128 + 128 * 256,
        "ror3_110": 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64,
        "stochastic_depth_resnet110_cifar": 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64,
        "resnext29_8x64d_cifar": 64 * 256 + 256 * 512 + 512 * 1024 + 2 * (256 + 512 + 1024),
    }
    for name, params in projections.items():
        projected, padded = (analyze(name, shortcut=kind) for kind in ("projection", "padding"))
        assert projected.totals.params - padded.totals.params == params
        sums = [sum(layer.op == "add" for layer in each.layers) for each in (projected, padded)]
        assert sums[0] == sums[1]


def residual(graph: Graph) -> int:
    """How many blocks of a graph have a full 3x3 convolution, and a sum with something that goes around it."""
    sums = {node.row.rpartition(".")[0] for node in graph.nodes if node.op.kind == "add"} - {""}
    convolutions = [node for node in graph.nodes if node.op.kind == "conv" and node.op.kernel == 3]
    full = [node.row for node in convolutions if node.op.groups != node.shape[0]]
    return sum(any(row.startswith(f"{inside}.") for row in full) for inside in sums)


WITHOUT = {
    "regnetx": (("stem", "blocks"), "its stem is one 3x3 convolution, and its blocks follow from five numbers"),
    "inception_resnet": (resnet.BACKBONE, "its blocks have branches, and reductions of their own between the groups"),
    "polynet": (resnet.BACKBONE, "its blocks have branches, and reductions of their own between the groups"),
    "squeezenet": (resnet.BACKBONE, "max pools halve the size wherever a table has them; sums go around some modules"),
    "highway": (("shortcut",), "a layer sums two gated branches of one shape; there is nothing to project"),
    "fitnet_highway": (("shortcut",), "a layer sums two gated branches of one shape; there is nothing to project"),
    "fractalnet": (("shortcut",), "it has no shortcuts: every path that is joined has a convolution"),
    "fractal_of_fractalnet": (("shortcut",), "it has no shortcuts: every path that is joined has a convolution"),
}
"""Options that families of residual blocks do not have, and why."""


def test_a_family_of_residual_blocks_has_the_options_of_its_relatives() -> None:
    """For large images those of backbones; for CIFAR shortcuts of two kinds. What is left out is in a list."""
    families = {id(each.family): each for each in zoo.networks()}.values()
    found = {each for each in families if residual(each.graph(None, each.settings)) > 1}
    missing = {
        (each.file, option)
        for each in found
        for option in (resnet.BACKBONE if min(each.input[1:]) > 100 else ("shortcut",))
        if option not in each.hyperparameters
    }
    assert missing == {(file, option) for file, (options, _) in WITHOUT.items() for option in options}
    assert {"resnet", "senet", "multi_resnet", "ror3", "wrn", "regnetx"} <= {each.file for each in found}


def test_the_first_width_of_plain_densenets_is_an_option() -> None:
    """The authors' later code has 2k: 1.06M parameters for 40 layers where the paper prints 1.0M."""
    later = analyze("densenet_40_k12", first=24).totals.params
    assert (round(later / 1e6, 2), round(analyze("densenet_40_k12").totals.params / 1e6, 1)) == (1.06, 1.0)
    assert analyze("densenet121", first=64).totals == analyze("densenet121").totals


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("resnet50", {"blocks": "3,x"}, "such as 3,4,6,3, not '3,x'"),
    ("resnet50", {"blocks": (3, 0, 6, 3)}, "such as 3,4,6,3, not (3, 0, 6, 3)"),
    ("resnet50", {"blocks": "4"}, "such as 3,4,6,3, not 4"),
    ("resnet50", {"output_stride": 4}, "is one of 32, 16, 8, not 4"),
    ("resnet50", {"stem": "5x5"}, "is one of 7x7, 3x3, deep, not '5x5'"),
    ("wrn_28_10", {"k": 8.43}, "k (widening of all channels) is a multiple of 1/16, not 8.43"),
    ("wrn_28_10", {"k": 0.5}, "is from 1 to 100, not 0.5"),
    ("resnet50", {"classes": 10.5}, "is a whole number, not 10.5"),
]


@pytest.mark.parametrize(("name", "given", "said"), REFUSED)
def test_an_option_out_of_range_is_refused_in_a_sentence(name: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ArchcalcError, match=re.escape(said)):
        analyze(name, **given)
