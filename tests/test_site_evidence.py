"""What a network's page says beside its costs equals what the API says."""

from __future__ import annotations

import json

import pytest

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import matched
from archcalc.evidence.accuracy import points
from archcalc.evidence.audit import audit, names_of
from archcalc.evidence.claims import claims, document_lines
from archcalc.figures.throughput import published_rates
from archcalc.present.claims import computed, explanation_of
from archcalc.present.names import pretty
from archcalc.site.about import about
from archcalc.site.evidence import accuracies_of, claims_of, evidence, rates_of

NAMES = archcalc.names()
JUDGED = ("lenet5", "resnet50", "inception_naive_example")


def test_every_figure_is_on_the_pages_of_the_networks_that_the_audit_finds_it_by() -> None:
    found = {each.id: names_of(each) for each in claims()}
    for name in NAMES:
        own = [key for key, called in found.items() if matched(name) in called]
        assert [each.id for each in claims_of(name)] == own, name
    assert sum([len(claims_of(name)) for name in NAMES]) > 600


@pytest.mark.parametrize("name", JUDGED)
def test_figures_and_verdicts_are_those_of_the_audit(name: str) -> None:
    listed = evidence(name)["claims"]
    judged = audit(architecture=name).audited
    assert [each["id"] for each in listed] == [each.claim.id for each in judged]
    for ours, theirs in zip(listed, judged, strict=True):
        assert (ours["document"], ours["line"], ours["printed"]) == (*theirs.claim[1:3], theirs.claim.text)
        assert ours["verdict"] == theirs.verdict
        assert ours["computed"] == computed(theirs.computed, theirs.claim.printed)
        assert ours["words"] == explanation_of(theirs)
        assert ours["says"] == document_lines()[ours["document"], ours["line"]]


def test_accuracies_are_those_of_the_api() -> None:
    for name in {*NAMES[::4], *JUDGED}:
        try:
            theirs = points([name])
        except ArchcalcError:
            theirs = ()
        ours = accuracies_of(name)
        assert sorted(map(repr, ours)) == sorted(map(repr, theirs)), name
    assert sum([len(accuracies_of(name)) for name in NAMES]) > 400


def test_the_best_accuracy_of_a_data_set_comes_first() -> None:
    listed = evidence("resnet50")["accuracies"]
    assert listed[0]["top1"] == max([each["top1"] for each in listed if each["dataset"] == listed[0]["dataset"]])


def test_every_published_rate_is_on_a_page() -> None:
    shown = [each for name in NAMES for each in rates_of(name)]
    assert sorted(map(repr, shown)) == sorted(map(repr, published_rates()))


def test_the_page_says_how_much_there_is() -> None:
    found = evidence("resnet50")
    said = about("resnet50", found)["evidence"]
    assert sum(said["claims"].values()) == len(found["claims"]) > 10
    assert said["accuracies"] == len(found["accuracies"])
    assert said["rates"] == len(found["rates"])
    assert said["validated"] == {"agrees": len(found["validated"][0]["checks"])}
    assert about("resnet50")["title"] == pretty("resnet50")


@pytest.mark.parametrize("name", ["lenet5", "resnet50", "unet"])
def test_the_data_are_json(name: str) -> None:
    found = evidence(name)
    assert json.loads(json.dumps(found)) == found
