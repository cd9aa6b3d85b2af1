"""`archcalc.analyze` and what it returns."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archcalc
from archcalc import zoo
from archcalc.evidence.documented import documented_first


def test_names_all_resolve_to_themselves_and_are_unique() -> None:
    names = archcalc.names()
    assert len(set(names)) == len(names) > 50
    for name in names:
        assert archcalc.analyze(name).architecture == name


@pytest.mark.parametrize(
    ("given_name", "canonical"),
    [
        ("VGG-16", "vgg16"),
        ("ResNet_50.v1", "resnet50_v1"),
        ("resnet1202", "resnet1202_cifar"),
        ("alexnet_grouped", "alexnet"),
        ("mobilenet_v1", "mobilenet_v1_1.0_224"),
        ("mobilenetv1_0.5_160", "mobilenet_v1_0.5_160"),
        ("mobilenet_v1_0.33", "mobilenet_v1_0.33"),
    ],
)
def test_names_are_matched_without_case_and_separators(given_name: str, canonical: str) -> None:
    assert archcalc.analyze(given_name).architecture == canonical


def test_an_unknown_name_carries_the_nearest_ones() -> None:
    with pytest.raises(archcalc.UnknownName) as caught:
        archcalc.analyze("resnet5O")
    assert "resnet50" in caught.value.nearest


def test_results_are_frozen() -> None:
    result = archcalc.analyze("lenet5")
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.batch = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        result.totals.params = 0  # type: ignore[misc]


def test_pandas_holds_every_layer_with_whole_numbers() -> None:
    result = archcalc.analyze("resnet50")
    frame = result.to_pandas()
    assert len(frame) == len(result.layers)
    assert int(frame["params"].sum()) == result.totals.params
    assert frame["height"].dtype == "Int64"


def test_the_notebook_shows_the_name_and_every_row() -> None:
    result = archcalc.analyze("lenet5")
    html = result._repr_html_()
    assert "lenet5" in html
    assert html.count("<tr") == len(result.layers) + 2  # the head and the totals
    assert "NA" not in html


def test_input_channels_change_the_first_layer_only() -> None:
    colour, grey = archcalc.analyze("resnet18"), archcalc.analyze("resnet18", in_channels=1)
    changed = [a.name for a, b in zip(colour.layers, grey.layers, strict=True) if a.params != b.params]
    assert changed == ["conv1"]
    assert colour.layers[1].params - grey.layers[1].params == 2 * 49 * 64


@given(st.sampled_from(["resnet18", "googlenet", "mobilenet_v1", "nin_imagenet"]), st.integers(64, 400))
@settings(max_examples=40, deadline=None)
def test_params_do_not_depend_on_the_size_of_convolutional_networks(name: str, size: int) -> None:
    assert archcalc.analyze(name, input=(3, size, size)).totals.params == archcalc.analyze(name).totals.params


@given(st.integers(100, 300), st.integers(100, 300))
@settings(max_examples=25, deadline=None)
def test_height_and_width_are_told_apart(height: int, width: int) -> None:
    tall = archcalc.analyze("resnet18", input=(3, height, width))
    wide = archcalc.analyze("resnet18", input=(3, width, height))
    assert tall.totals == wide.totals
    for a, b in zip(tall.layers, wide.layers, strict=True):
        assert a.output_shape[1:] == b.output_shape[:0:-1]


def test_very_deep_networks_need_no_recursion() -> None:
    assert archcalc.analyze("resnet1202").totals.weight_layers == 1202


def test_what_the_documents_print_most_figures_of_comes_first() -> None:
    """So a run that is cut short has what a reader of the documents looks for."""
    order = documented_first(archcalc.names())
    assert sorted(order) == sorted(archcalc.names())
    assert order[:6] == ["vgg16", "mobilenet_v1_1.0_224", "alexnet_simplified", "alexnet", "googlenet", "resnet50"]
    described = [bool(zoo.network(name).family.documents) for name in order]
    assert described == sorted(described, reverse=True)
    assert documented_first(["swin_t", "resnet50"]) == ["resnet50", "swin_t"]
