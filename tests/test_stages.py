"""Receptive fields of several networks: stage by stage within a family, stride by stride across families."""

from __future__ import annotations

import archcalc
from archcalc.analysis import stages
from archcalc.analysis.several import stage_fields
from archcalc.present.costs import stage_table


def sizes(*names: str) -> dict[str, list[int | None]]:
    return {
        each.stage: [None if field is None or field.size is None else field.size[0] for field in each.fields]
        for each in stage_fields(names).stages
    }


def test_networks_of_a_family_are_compared_stage_by_stage() -> None:
    assert sizes("resnet18", "resnet50", "resnet101")["layer3"] == [211, 267, 811]
    assert "conv3_3" in sizes("vgg11", "vgg16")


def test_networks_of_different_families_are_compared_stride_by_stride() -> None:
    """The values are those of the last layers by hand and in document 003: VGG-16's pool5 sees 212, ResNet-50's 427."""
    found = sizes("vgg16", "resnet50", "alexnet", "unet")
    assert list(found) == ["/1", "/2", "/4", "/8", "/16", "/32"]
    assert found["/32"] == [212, 427, 195, None]
    assert found["/16"] == [196, 267, 163, 140]
    assert found["/1"] == [5, None, None, 5]


def test_a_stage_of_one_name_at_two_strides_is_no_common_stage() -> None:
    """AlexNet's pool1 has stride 8, VGG's 2: their fields say nothing beside each other."""
    assert all(stage.startswith("/") for stage in sizes("alexnet", "vgg16"))


def test_the_table_says_where_a_network_stops_whose_stride_shrinks() -> None:
    """U-Net's first transposed convolution goes from 16 to 8 positions; VGG-16 has no smaller stride."""

    def remarks(*names: str) -> str:
        analyses = [archcalc.analyze(name) for name in names]
        return " ".join(stage_table(analyses, stages.stage_fields(analyses)).sentences(exact=False))

    assert remarks("unet", "vgg16").endswith("unet is shown up to up4.upconv, where its stride shrinks.")
    assert "shrinks" not in remarks("resnet50", "vgg16")
    assert "shrinks" not in remarks("unet", "unet_same")


def test_the_field_at_a_stride_is_that_of_a_layer_with_it() -> None:
    names = ["googlenet", "mobilenet_v1_1.0_224", "densenet121", "efficientnet_b0"]
    for name, column in zip(
        names, zip(*[each.fields for each in stage_fields(names).stages], strict=True), strict=True
    ):
        layers = [layer.receptive_field for layer in archcalc.analyze(name).layers]
        for row, field in zip(stage_fields(names).stages, column, strict=True):
            if field is not None:
                assert field in layers
                assert (field.local or field).stride == (int(row.stage[1:]),) * 2
