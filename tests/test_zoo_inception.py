"""The Inception family, Xception and PolyNet against networks that others built or, where none is the same, by hand."""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib import import_module
from typing import Any

import pytest
import torch
from reference import Counts, archcalc_layers, counts, reference

from archcalc import Analysis, analyze, zoo
from archcalc.base.errors import ArchcalcError
from archcalc.zoo import (
    bn_inception,
    inception_block_v2,
    inception_resnet,
    inception_v3,
    inception_v4,
    polynet,
    xception,
)

Size = tuple[int, int, int]
MODULES = (inception_v3, inception_block_v2, bn_inception, inception_v4, inception_resnet, xception, polynet)
FAMILIES = {name: family for module in MODULES for family in module.FAMILIES for name in family.variants}
REFERENCES = {
    name: found
    for name, family in FAMILIES.items()
    if (found := family.references.get(name)) and found.library != "account" and not found.part
}


@cache
def built(library: str, model: str, options: tuple[tuple[str, Any], ...]) -> torch.nn.Module:
    """The reference; pytorchcv's last pool, which averages all positions of the canonical size, made global."""
    module = reference(library, model, **dict(options))
    features: Any = getattr(module, "features", None)
    if hasattr(features, "final_pool"):
        features.final_pool = torch.nn.AdaptiveAvgPool2d(1)
    return module


def canonical(name: str) -> Size:
    return FAMILIES[name].variants[name].input


def larger(name: str) -> Size:
    """An oblong input; BN-Inception has its own, because some of its maps must be even."""
    channels, height, width = canonical(name)
    return bn_inception.ODD if name.startswith("bn_") else (channels, height + 34, width + 65)


def test_every_variant_has_a_reference() -> None:
    """No network of these families is admitted on our word."""
    assert all(name in family.references for name, family in FAMILIES.items())


@pytest.mark.parametrize("size", [canonical, larger])
@pytest.mark.parametrize("name", REFERENCES)
def test_a_network_is_the_one_that_others_built(name: str, size: Any) -> None:
    """Parameters, running statistics, mult-adds and every convolution and linear layer equal the reference's."""
    given = REFERENCES[name]
    module = built(given.library, given.model, tuple(given.options.items()))
    theirs = counts(module, size(name))
    ours = analyze(name, input=size(name), **given.settings)
    assert archcalc_layers(ours) == theirs.layers
    assert ours.totals.params == theirs.params
    assert ours.totals.mult_adds == theirs.mult_adds
    assert ours.totals.buffers == running(module)


def running(module: torch.nn.Module) -> int:
    return sum(buffer.numel() for name, buffer in module.named_buffers() if "running" in name)


def rows(analysis: Analysis) -> dict[str, tuple[Any, Any]]:
    """Parameters and mult-adds of every row that has either."""
    return {row.row: (row.params, row.mult_adds) for row in analysis.layers if row.params or row.mult_adds}


def test_inception_v3_at_120_classes_has_the_classifiers_that_torchvision_has() -> None:
    """With 120 classes the classifier and the auxiliary head lose 880 rows of 2,048 and 768 weights and a bias."""
    full, small = (analyze("inception_v3_with_aux", classes=n).totals.params for n in (1000, 120))
    assert full - small == 880 * (2048 + 1) + 880 * (768 + 1)


def test_module_one_has_a_3x3_convolution_where_the_code_has_a_5x5() -> None:
    """Figure 5 beside torchvision's InceptionA: 48 to 64 channels with 9 instead of 25 weights each, 35x35 times."""
    figure, code = analyze("inception_block_v2_1"), analyze("inception_block_v2_1_torchvision")
    mine, theirs = rows(figure), rows(code)
    changed = {"branch3x3_2", "branch5x5_2", "branch3x3_1", "branch5x5_1"}
    assert {row: mine[row] for row in mine if row not in changed} == {
        row: theirs[row] for row in theirs if row not in changed
    }
    assert mine["branch3x3_1"] == theirs["branch5x5_1"] == (288 * 48 + 2 * 48, 288 * 48 * 35 * 35)
    assert mine["branch3x3_2"] == (48 * 64 * 9 + 2 * 64, 48 * 64 * 9 * 35 * 35)
    assert theirs["branch5x5_2"] == (48 * 64 * 25 + 2 * 64, 48 * 64 * 25 * 35 * 35)


def field(name: str, row: str) -> Any:
    return next(layer.receptive_field for layer in analyze(name).layers if layer.row == row)


def test_asymmetric_kernels_see_more_of_one_axis_than_of_the_other() -> None:
    """A 1x7 sees seven positions of a row; a 7x1 after it makes that 7x7, two pairs 13x13; III has 1x3 beside 3x1."""
    assert field("inception_block_v2_2", "branch7x7_2").size == (1, 7)
    assert field("inception_block_v2_2", "branch7x7_3").size == (7, 7)
    assert field("inception_block_v2_2", "branch7x7dbl_3").size == (7, 7)
    assert field("inception_block_v2_2", "branch7x7dbl_4").size == (13, 7)
    assert field("inception_block_v2_2", "branch7x7dbl_5").size == (13, 13)
    assert field("inception_block_v2_3", "branch3x3_2a").size == (1, 3)
    assert field("inception_block_v2_3", "branch3x3_2b").size == (3, 1)
    assert field("inception_block_v2_3", "branch3x3dbl_3b").size == (5, 3)
    assert field("inception_block_v2_3", "concat").size == (5, 5)


# google-research/receptive_field, README: TF-Slim's networks; field, stride, padding
FIELDS = {
    "bn_inception_slim": ("inception5b.concat", 699, 32, 318),
    "inception_v3": ("Mixed_7c.concat", 1311, 32, 618),
    "inception_v4": ("inception_c.2.concat", 2071, 32, 998),
    "inception_resnet_v2": ("Conv2d_7b_1x1", 3039, 32, 1482),
}


@pytest.mark.parametrize("name", FIELDS)
def test_receptive_fields_are_those_that_their_authors_published(name: str) -> None:
    """Size, stride and padding of the last map, as Araujo et al. 2019 computed them from TF-Slim's graphs."""
    row, size, stride, padding = FIELDS[name]
    found = field(name, row)
    assert (found.size, found.stride, found.offset) == ((size, size), (stride, stride), (-padding, -padding))


@pytest.mark.parametrize("name", FAMILIES)
def test_every_unit_before_a_global_pool_has_a_field(name: str) -> None:
    """Branches that meet have the same stride, and only what follows the global pool sees the whole input."""
    shown = {layer.row: layer.receptive_field for layer in analyze(name).layers}
    whole = {row for row, seen in shown.items() if seen.whole_input}
    pooled = ("avgpool", "fc", "features", "AuxLogits.avgpool", "AuxLogits.fc")
    assert whole == {row for row in shown if row in pooled}
    assert all(seen.size for row, seen in shown.items() if row not in whole)


def test_bn_inception_is_the_ported_network_without_its_biases() -> None:
    """One bias for each normalised channel: 10,016; nothing else differs."""
    paper, ported = analyze("bn_inception"), analyze("bn_inception_pytorchcv")
    biases = sum(layer.outputs for layer in archcalc_layers(ported).elements() if layer.kind == "conv")
    assert ported.totals.params - paper.totals.params == biases == 10_016
    assert [row.output_shape for row in paper.layers] == [row.output_shape for row in ported.layers]
    assert paper.totals.mult_adds == ported.totals.mult_adds


def test_bn_inception_with_576_channels_has_the_parameters_that_open_model_zoo_prints() -> None:
    """googlenet-v2: 11.185 million, with batch norm folded into one bias for each channel."""
    narrow = analyze("bn_inception", pooled=96)
    shapes = {row.row: row.output_shape for row in narrow.layers}
    assert shapes["inception4c.concat"] == shapes["inception4d.concat"] == (576, 14, 14)
    assert shapes["inception4e.concat"] == (1024, 7, 7)
    scales = narrow.totals.buffers // 2
    assert round((narrow.totals.params - scales) / 1e6, 3) == 11.185


def test_tf_slims_bn_inception_differs_by_its_separable_first_convolution() -> None:
    """TF-Slim's inception_v2.py: 7x7 on 3 colours to 8 channels each, then 1x1 from 24 to 64 with biases and without
    batch norm; the rest is the same. Its test counts 10,173,112 values before the classifier, without scales.
    """
    slim, plain = rows(analyze("bn_inception_slim")), rows(analyze("bn_inception", pooled=96))
    assert slim.pop("conv1_dw") == (7 * 7 * 24, 7 * 7 * 24 * 112 * 112)
    assert slim.pop("conv1_pw") == (24 * 64 + 64, 24 * 64 * 112 * 112)
    assert plain.pop("conv1") == (7 * 7 * 3 * 64 + 2 * 64, 7 * 7 * 3 * 64 * 112 * 112)
    assert slim == plain
    totals = analyze("bn_inception_slim").totals
    assert totals.params + totals.buffers // 2 - (1024 + 1) * 1000 == 10_173_112


def test_inception_resnet_v1_is_facenets_without_its_sixth_module_c_and_its_features() -> None:
    """The paper's Figure 15 has five modules C and one linear layer; pytorchcv confirms all other rows."""
    paper, facenet = rows(analyze("inception_resnet_v1")), rows(analyze("inception_resnet_v1_facenet"))
    assert paper.pop("fc") == (1792 * 1000 + 1000, 1792 * 1000)
    assert facenet.pop("fc") == (512 * 1000 + 1000, 512 * 1000)
    assert facenet.pop("features") == (1792 * 512 + 2 * 512, 1792 * 512)
    sixth = {row for row in facenet if row.startswith("inception_c.5.")}
    assert len(sixth) == 5
    assert paper == {row: facenet[row] for row in facenet if row not in sixth}


# parameters in millions, whether batch norm scales are learnt, and whether running statistics are counted
PRINTED = {
    "inception_v4": (42.648, False, False),  # Open Model Zoo, googlenet-v4: as many values with batch norm folded
    "inception_resnet_v2": (55.87, False, True),  # Keras
    "xception": (22.9, True, True),  # Keras
}


@pytest.mark.parametrize("name", PRINTED)
def test_parameters_are_those_that_other_frameworks_print(name: str) -> None:
    """With or without the scale of batch norm and the running statistics, to the digits printed."""
    printed, scaled, statistics = PRINTED[name]
    params, buffers, *_ = analyze(name).totals
    values = params - (0 if scaled else buffers // 2) + (buffers if statistics else 0)
    digits = len(str(printed).partition(".")[2])
    assert round(values / 1e6, digits) == printed


POLYNET = "pytorchcv.models.polynet"


def modules_of_polynet() -> tuple[Counts, Counts]:
    """pytorchcv's function F of type B, and its 2-way module of two of them."""
    theirs = import_module(POLYNET)
    with torch.device("meta"):
        one = theirs.TwoWayBBlock().eval()
        two = theirs.MultiResidual(scale=1.0, res_block=theirs.TwoWayBBlock, num_blocks=2).eval()
    size = canonical("polynet_2way_module")
    return counts(one, size), counts(two, size)


def test_polynets_modules_have_the_layers_of_two_functions_and_the_parameters_of_one_or_two() -> None:
    """2-way and mpoly-2 are two functions; poly-2 runs one of them twice: its parameters once, its mult-adds twice."""
    one, two = modules_of_polynet()
    for name in ("polynet_2way_module", "polynet_poly2_module", "polynet_mpoly2_module"):
        ours = analyze(name)
        assert archcalc_layers(ours) == two.layers == Counter({layer: 2 * n for layer, n in one.layers.items()}), name
        assert ours.totals.mult_adds == two.mult_adds == 2 * one.mult_adds, name
        assert ours.totals.params == (one.params if "_poly2_" in name else two.params), name


def test_second_order_modules_look_twice_as_far_as_modules_with_branches_side_by_side() -> None:
    """F of type B has a field of 7x7; F(F(x)) sees 13x13, G beside F no more than F."""
    assert field("polynet_2way_module", "add").size == (7, 7)
    assert field("polynet_poly2_module", "add").size == field("polynet_mpoly2_module", "add").size == (13, 13)


@pytest.mark.parametrize("name", ["polynet_poly3_module", "polynet_mpoly3_module", "polynet_3way_module"])
def test_polynets_modules_go_by_their_order(name: str) -> None:
    """A name with another number is a module of that order."""
    one, _ = modules_of_polynet()
    totals = analyze(name).totals
    assert totals.mult_adds == 3 * one.mult_adds
    assert totals.params == (1 if "_poly" in name else 3) * one.params


def test_the_functions_of_polynet_are_scaled_from_one_to_seven_tenths() -> None:
    """pytorchcv prints the constants of the released model to six digits, module by module."""
    graph = analyze("polynet", detail=True)
    ours: dict[str, float] = {}
    for layer in graph.layers:
        if layer.op == "scale":
            ours[layer.row.rpartition(".")[0]] = layer.attributes["factor"]
    module = built("pytorchcv", "polynet", ())
    theirs = [part.scale for part in module.modules() if type(part).__name__ in ("PolyResidual", "MultiResidual")]
    assert len(theirs) == 40
    assert [1.0, *(round(scale, 6) for scale in ours.values())] == theirs


@pytest.mark.parametrize(
    "name", ["inception_v3", "inception_v4", "inception_resnet_v1", "inception_resnet_v2", "polynet"]
)
def test_networks_that_pad_nothing_refuse_an_image_that_is_too_small(name: str) -> None:
    """At 32x32 a window of stride 2 does not fit any more: an ArchcalcError says so."""
    with pytest.raises(ArchcalcError, match=r"does not fit"):
        analyze(name, input=(3, 32, 32))


def test_bn_inception_refuses_a_size_at_which_its_branches_do_not_meet() -> None:
    """240 px leaves 15x15 positions before 4e, which its convolutions take to 8x8 and its max pool to 7x7."""
    with pytest.raises(ArchcalcError, match=r"inception4e\.concat.*do not match"):
        analyze("bn_inception", input=(3, 240, 240))
    assert analyze("bn_inception_slim", input=(3, 240, 240)).totals.params == analyze("bn_inception_slim").totals.params


@pytest.mark.parametrize("name", FAMILIES)
def test_parameters_do_not_change_with_the_size(name: str) -> None:
    """A global pool ends every one of them, so an odd size changes the work and not the weights."""
    given: Any = analyze(name).totals
    grown: Any = analyze(name, input=larger(name)).totals
    assert grown.params == given.params
    assert grown.mult_adds > given.mult_adds


def test_the_catalogue_finds_them_by_their_loose_names() -> None:
    """Names are matched without case, - and _."""
    loose = {"Inception-V4": "inception_v4", "InceptionResNetV2": "inception_resnet_v2", "BN-Inception": "bn_inception"}
    assert {name: zoo.network(name).name for name in loose} == loose
