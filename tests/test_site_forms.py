"""The closed forms of a page: those of the API, with terms that give the totals of the page."""

from __future__ import annotations

import json
from fractions import Fraction
from math import prod
from typing import Any

import pytest

import archcalc
from archcalc.analysis.quantities import Basis, totals
from archcalc.request import Request
from archcalc.site.forms import QUANTITIES, network_forms
from archcalc.site.network_page import network_page

NETWORKS = ("lenet5", "vgg16", "resnet50", "googlenet", "unet", "swin_t", "squeeze_excite_example", "nasnet_a_cifar")


def value(terms: list[list[Any]], letters: dict[str, int]) -> int:
    """The largest of some polynomials: what a page computes."""
    sums = [
        sum(Fraction(number) * prod(letters[x] ** n for x, n in powers.items()) for number, powers in each)
        for each in terms
    ]
    return int(max(sums))


def letters_at(forms: dict[str, Any], **symbols: int) -> dict[str, int]:
    return {each["letter"]: (symbols[each["symbol"]] - each["residue"]) // each["period"] for each in forms["letters"]}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_terms_give_the_totals_at_another_size_and_batch(name: str) -> None:
    forms = network_forms(name, batch=3)
    request = Request.of(name, batch=5)
    sizes = dict(zip("HW", request.shape[-2:], strict=True))
    periods = {each["symbol"]: each["period"] for each in forms["letters"]}
    larger = {axis: size + 2 * periods[axis] for axis, size in sizes.items() if axis in periods}
    request = request.on((request.shape[0], *larger.values())) if larger else request
    expected = totals(Basis.of(request), QUANTITIES)
    found = letters_at(forms, N=5, **larger)
    for key in QUANTITIES:
        assert value(forms["forms"][key]["terms"], found) == expected[key], (name, key)


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "lenet5"])
def test_the_formulas_are_those_of_the_api(name: str) -> None:
    ours = network_forms(name, dtype="float16")
    theirs = archcalc.closed_form(name, ("H", "W", "N"), dtype="float16")
    assert {key: form["text"] for key, form in ours["forms"].items()} == {
        key: theirs.quantities[key].text for key in QUANTITIES
    }
    assert [each["definition"] for each in ours["letters"]] == [each.definition() for each in theirs.symbols]
    assert ours["forms"]["mult_adds"]["latex"] == theirs.quantities["mult_adds"].latex


def test_a_page_has_every_total_that_has_a_form_here() -> None:
    page = network_page("resnet50")
    assert set(QUANTITIES) <= set(page["totals"])
    assert json.loads(json.dumps(network_forms("resnet50"))) == network_forms("resnet50")
