"""Networks without their classifier (`classes=0`): timm's with `num_classes=0`, and all before the last layer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from reference import counts, reference

from archcalc import ArchcalcError, analyze, zoo
from archcalc.graph import Network
from archcalc.zoo import CLASSES, CONVOLVED

EVERY = tuple(zoo.networks())
TIMMS = {
    each.name: found
    for each in EVERY
    if (found := each.family.references.get(each.name)) and found.library == "timm" and not found.part
    if not each.settings.get("aux")
}
# networks that are compared with another library's model, with the name that timm has for it
ELSEWHERE = {
    "resnet50": "resnet50",
    "resnet18": "resnet18",
    "vgg16": "vgg16",
    "vgg11_bn": "vgg11_bn",
    "densenet121": "densenet121",
    "resnext50_32x4d": "resnext50_32x4d",
    "wrn50_2": "wide_resnet50_2",
}
HEADS = [each for each in EVERY if each.hyperparameters.get("classes") is CLASSES and not each.settings.get("aux")]


@pytest.mark.parametrize("name", [*TIMMS, *ELSEWHERE])
def test_without_a_classifier_a_network_is_timms_without_one(name: str) -> None:
    """Parameters and mult-adds of timm's model with `num_classes=0`, at the network's own input."""
    if name in TIMMS:
        module = reference("timm", TIMMS[name].model, **{**TIMMS[name].options, "num_classes": 0})
    else:
        module = reference("timm", ELSEWHERE[name], num_classes=0)
    ours = analyze(name, classes=0)
    theirs = counts(module, ours.input)
    assert (ours.totals.params, ours.totals.mult_adds) == (theirs.params, theirs.mult_adds)


def test_resnet50_has_the_parameters_of_public_threads_without_its_classifier() -> None:
    features = analyze("resnet50", classes="0")
    assert (features.totals.params, features.layers[-1].output_shape) == (23_508_032, (2048,))


@pytest.mark.parametrize("network", HEADS, ids=lambda each: each.name)
def test_no_classes_leave_out_the_last_layer_and_nothing_else(network: Network) -> None:
    """All rows but the classifier's (and its softmax) are the same, and its parameters and mult-adds are gone."""
    whole, features = analyze(network), analyze(network, classes=0)
    kept = len(features.layers)
    left_out = whole.layers[kept:]
    assert [layer.op for layer in left_out] in (["linear"], ["linear", "softmax"], ["radial_basis"])
    assert [layer[:2] for layer in features.layers] == [layer[:2] for layer in whole.layers[:kept]]
    last = features.layers[-1]
    for ours, same in zip(features.layers, whole.layers, strict=False):
        assert (ours.params, ours.mult_adds, ours.activations) == (same.params, same.mult_adds, same.activations)
        assert ours.receptive_field == same.receptive_field or ours is last  # which ends with what flattens it
    for quantity in ("params", "mult_adds"):
        gone = sum(getattr(layer, quantity) for layer in left_out)
        assert getattr(features.totals, quantity) == getattr(whole.totals, quantity) - gone


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("squeezenet1_0", {}, "(outputs of the last convolution, which is the classifier) is from 1 to 10000000, not 0"),
    ("unet", {}, "classes (maps of the output) is from 1 to 10000000, not 0"),
    ("spatial_transformer", {}, "spatial_transformer has no hyperparameter 'classes'"),
    ("googlenet", {"aux": True}, "classes=0 leaves out the classifier, but auxiliary ones need classes: aux=false"),
    ("resnet50", {"classes": -1}, "is from 1 to 10000000, or 0, not -1"),
]


@pytest.mark.parametrize(("name", "given", "said"), REFUSED)
def test_a_network_that_has_no_features_apart_says_so(name: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ArchcalcError, match=re.escape(said)):
        analyze(name, **{"classes": 0, **given})


def test_every_network_with_classes_has_one_of_the_three_kinds() -> None:
    """A family whose classifier is no last linear layer says so by its kind: none is refused only when it is built."""
    kinds = {id(each.hyperparameters["classes"]) for each in EVERY if "classes" in each.hyperparameters}
    known = {id(CLASSES), id(CONVOLVED), id(zoo.network("unet").hyperparameters["classes"])}
    assert kinds == known
