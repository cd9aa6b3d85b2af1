"""Names under which networks are found: their own, aliases, those of papers and documents, and those of libraries."""

from __future__ import annotations

from importlib import import_module

import pytest

from archcalc import ArchcalcError, analyze, names, zoo
from archcalc.base.errors import UnknownName

FAMILIES = [family for stem in zoo.files() for family in import_module(f"archcalc.zoo.{stem}").FAMILIES]


@pytest.mark.parametrize(
    "family", FAMILIES, ids=lambda family: f"{family.build.__name__}-{next(iter(family.variants))}"
)
def test_every_alias_finds_its_network(family: zoo.Family) -> None:
    """Also one that does not begin with the name of a file, such as `mobilenet`."""
    assert {alias: zoo.network(alias).name for alias in family.aliases} == dict(family.aliases)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("Inception-v1", "googlenet"),
        ("mobilenet", "mobilenet_v1_1.0_224"),
        ("wide_resnet50_2", "wrn50_2"),
        ("wide_resnet_28_10", "wrn_28_10"),
        ("WideResNet-40-4", "wrn_40_4"),
        ("preact_resnet18", "preresnet18"),
        ("swin_tiny", "swin_t"),
        ("Swin-Tiny-patch4-window7-224", "swin_t"),
        ("tf_efficientnet_b0", "efficientnet_b0_tf"),
        ("semnasnet_100", "mnasnet_a1"),
        ("regnetx_004", "regnetx_400mf"),
        ("seresnext50", "seresnext50_32x4d"),
    ],
)
def test_other_names_are_known(given: str, canonical: str) -> None:
    assert zoo.network(given).name == canonical


def test_a_librarys_name_finds_the_network_that_is_its_model() -> None:
    """Unless the name is one of the catalogue's own, as `alexnet`, or the model is changed for the comparison."""
    for each in zoo.networks():
        reference = each.family.references.get(each.name)
        if reference is None or not reference.is_whole or "." in reference.model:
            continue
        found = zoo.network(reference.model)
        own = found.family.references.get(found.name)
        same = own is not None and (own.library, own.model) == (reference.library, reference.model)
        assert same or found.name in names()


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("wideresnet", "wrn50_2"), ("mobilenet_v2", "mobilenet_v1_1.0_224"), ("resnet5O", "resnet50")],
)
def test_an_unknown_name_is_answered_with_near_ones(given: str, nearest: str) -> None:
    with pytest.raises(UnknownName) as caught:
        zoo.network(given)
    assert nearest in caught.value.nearest


@pytest.mark.parametrize(
    ("given", "blocks", "layers"),
    [("resnet50_cifar", 8, 50), ("resnet26_cifar", 4, 26), ("resnet29_cifar", 3, 29), ("preresnet38_cifar", 6, 38)],
)
def test_networks_for_cifar_are_known_by_any_depth(given: str, blocks: int, layers: int) -> None:
    """6n + 2 layers in basic blocks, or 9n + 2 in bottlenecks: convolutions on the longest path and the classifier."""
    network = zoo.network(given)
    assert network.settings["blocks"] == blocks
    assert analyze(given).totals.weight_layers == layers
    assert zoo.network("resnet20_cifar").settings == {"blocks": 3}


def test_a_depth_that_no_network_for_cifar_has_is_told_with_near_ones() -> None:
    said = r"6n \+ 2 layers in basic blocks or 9n \+ 2 in bottlenecks, not 18 \(near: 14, 20\)"
    with pytest.raises(ArchcalcError, match=said):
        zoo.network("resnet18_cifar")
