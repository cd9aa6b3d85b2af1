"""The catalogue passes validation: of every family the network with the fewest mult-adds, on the CPU.

`archcalc validate --all` checks every network; its record stands in reports/validation.
"""

from __future__ import annotations

import pytest

from archcalc import analyze, zoo
from archcalc.catalogue.listing import catalogue
from archcalc.validation.models import load, own_input
from archcalc.validation.runner import CHECKS, validate_one

COST = {entry.name: entry.mult_adds for entry in catalogue()}
FAMILIES = {id(each.family): each.family for each in zoo.networks()}.values()
CHEAPEST = [min(family.variants, key=lambda name: COST[name]) for family in FAMILIES]


LARGE = 350
"""Ops above which a network is checked without the checks that run it at several sizes or unit by unit."""
QUICK = ("parameters", "flops", "memory")


@pytest.mark.parametrize("name", CHEAPEST)
def test_a_network_of_every_family_passes_validation(name: str) -> None:
    checks = CHECKS if len(analyze(name, detail=True).layers) <= LARGE else QUICK
    verdict = validate_one(name, "cpu", checks)
    assert verdict.agrees, [outcome for outcome in verdict.outcomes if outcome.status in ("differs", "failed")]


PARTS = [each.name for each in zoo.networks() if (given := each.family.references.get(each.name)) and given.part]


@pytest.mark.parametrize("name", [*PARTS, "preresnet50_timm"])
def test_a_network_that_the_tests_of_the_zoo_leave_out_is_its_reference(name: str) -> None:
    """Parts of models, which are compared at the input that they read there; a convolution as the last linear layer."""
    (outcome,) = validate_one(name, "cpu", ("references",)).outcomes
    assert outcome.status == "agrees", outcome.differences


def test_the_input_of_a_part_is_compared() -> None:
    given = zoo.network("regnetx_block_s1").family.references["regnetx_block_s1"]  # type: ignore[union-attr]
    assert own_input(given, load(given)) == (64, 28, 28)
    assert own_input(given._replace(part="s2.b1"), load(given)) == (32, 56, 56)
