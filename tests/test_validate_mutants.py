"""A deliberately wrong formula is caught by at least two checks that do not depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from archcalc.graph import Op, facts
from archcalc.ops.conv import Conv
from archcalc.ops.pool import MaxPool
from archcalc.validation.runner import validate_one

CHECKS = ("shapes", "parameters", "flops", "fvcore", "references", "field")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Facts of equal ops are shared: those of a mutant are nobody else's."""
    facts.forget()
    yield
    facts.forget()


def instead(op: type[Op], fact: str, **fields: Any) -> Callable[..., Any]:
    """The fact that an op with other fields would state; an op that has these fields already states the truth."""
    true = getattr(op, fact)

    def state(self: Any, *shapes: Any) -> Any:
        return true(op(**{**self.attributes(), **fields}), *shapes)

    return state


MUTANTS = [
    ("stride", "mobilenet_v1_0.25_128", Conv, "work", {"stride": 1}),
    ("groups", "mobilenet_v1_0.25_128", Conv, "params", {"groups": 1}),
    ("bias", "nin_cifar", Conv, "params", {"bias": False}),
    ("padding", "mobilenet_v1_0.25_128", Conv, "shape", {"padding": 0}),
    ("ceil", "googlenet_torchvision", MaxPool, "shape", {"ceil": False}),
    ("window", "resnet18", MaxPool, "window", {"padding": 0}),
]


@pytest.mark.parametrize(("rule", "network", "op", "fact", "fields"), MUTANTS, ids=[mutant[0] for mutant in MUTANTS])
def test_a_wrong_formula_is_caught(
    rule: str, network: str, op: type[Op], fact: str, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two checks at least; the window of a pool is stated to the receptive field alone, so one check has it."""
    monkeypatch.setattr(op, fact, instead(op, fact, **fields))
    verdict = validate_one(network, "cpu", CHECKS)
    caught = [outcome.check for outcome in verdict.outcomes if outcome.status in ("differs", "failed")]
    assert len(caught) >= (1 if rule == "window" else 2), verdict


def test_the_same_networks_pass_unharmed() -> None:
    """So that what the mutants show is the mutants' doing."""
    for network in {mutant[1] for mutant in MUTANTS}:
        verdict = validate_one(network, "cpu", CHECKS)
        assert verdict.agrees, verdict
