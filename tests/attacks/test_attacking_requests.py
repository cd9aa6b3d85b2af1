"""Requests of strangers: for each call many are answered, the others refused, and none is a mistake of archcalc."""

from __future__ import annotations

from random import Random

import pytest
import random_requests
import service

from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

THERE = contract.ResolveRequest(network=contract.Network(name="lenet5"))
QUICK = [method for method in CALLS if random_requests.SLOW.get(method, random_requests.COUNT) > 2000]


@pytest.mark.parametrize("method", QUICK)
def test_random_requests_for_each_call_are_answered_or_refused(method: str) -> None:
    """For about a second each; `python tests/attacks/random_requests.py` asks all calls 100,000."""
    found = random_requests.fuzz(method, random_requests.in_process, seed=1, count=60, seconds=1.2)
    assert found.findings == []
    assert found.asked >= 1
    assert found.asked < random_requests.ENOUGH or found.answered >= random_requests.LEAST


def test_random_requests_of_strangers_get_proper_statuses_from_a_server() -> None:
    with service.server() as (_, address):
        for method in QUICK:
            found = random_requests.fuzz_server(method, address, seed=1, count=40, seconds=1.2)
            assert found.findings == []
            assert found.asked >= 1
        assert service.ask(address, "Resolve", THERE).resolved.name == "lenet5"


def seeds() -> list[Random]:
    return [Random(seed) for seed in (1, 1, 2)]  # noqa: S311


def test_requests_are_known_for_every_call_and_a_seed_gives_them_again() -> None:
    assert set(random_requests.PROPER) == set(CALLS)
    assert set(random_requests.SLOW) < set(CALLS)
    for method in CALLS:
        first, again, other = ([random_requests.drawn(random, method) for _ in range(3)] for random in seeds())
        assert first == again
        assert method in ("Spaces", "ValidationConditions") or first != other


def test_a_server_is_asked_as_often_as_wanted_and_its_mistakes_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    with service.server() as (running, address):
        found = random_requests.fuzz_server("Names", address, seed=1, count=30)
        assert (found.asked, found.findings) == (30, [])
        assert found.codes["OK"] >= 6
        monkeypatch.setattr(running.dispatcher, "whole", None)
        found = random_requests.fuzz_server("Names", address, seed=1, count=5)
        assert {code for code, _, _ in found.findings} == {"UNKNOWN"}


def test_an_unexpected_exception_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> object:
        raise KeyError("conv1")

    raw = THERE.SerializeToString()
    assert random_requests.in_process("Resolve", raw) == ("OK", "")
    monkeypatch.setattr(CALLS["Resolve"], "function", broken)
    code, reason = random_requests.in_process("Resolve", raw)
    assert code == "INTERNAL"
    assert "KeyError" in reason
    found = random_requests.fuzz("Resolve", random_requests.in_process, seed=1, count=20)
    assert {code for code, _, _ in found.findings} == {"INTERNAL"}
