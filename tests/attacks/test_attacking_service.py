"""What strangers do to a server: cheap calls and its health are answered meanwhile, and all comes back afterwards.

No time is compared here; `python tests/attacks/service_attacks.py` prints times.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import service_attacks
import service_cases
from service_attacks import ATTACKS, EXPECTED, SETUP, Scene

SECONDS, RATE = 0.7, 30
BUSY = {"cached RESOURCE_EXHAUSTED", "computed RESOURCE_EXHAUSTED"}
MAY_FAIL = {
    "killed_workers": {"computed RESOURCE_EXHAUSTED"},  # those that were in them
    "computed_calls_of_the_same_client": BUSY,  # beyond its own budget
    "comparisons_of_the_same_client": BUSY,
    "idle_connections": {"connecting UNAVAILABLE"},  # new connections, until the idle ones have ended
}
"""What may happen to cheap calls in some attacks; their health is answered in all."""


@pytest.fixture(scope="module")
def scenes() -> Generator[Any]:
    with ExitStack() as stack:

        @cache
        def opened(**setup: Any) -> Scene:
            return stack.enter_context(service_attacks.scene(RATE, **setup))

        yield opened


@pytest.mark.parametrize("name", ATTACKS)
def test_cheap_calls_are_answered_during_an_attack(name: str, scenes: Any) -> None:
    opened: Scene = scenes(**SETUP[name])
    row = opened.attacked(name, SECONDS)
    assert set(row.during.failed) <= MAY_FAIL.get(name, set())
    assert all(row.during.seconds.values())
    assert set(EXPECTED[name]) <= set(row.refused)
    assert "mistake" not in row.lines
    assert not re.search(r"INTERNAL|UNKNOWN|failed|did not end", row.said)
    assert row.files_after <= row.files_before + 8
    assert row.folders == 0
    assert row.resident[0] < 600
    assert opened.server.process.poll() is None


def test_refusals_are_lines_of_the_log(scenes: Any) -> None:
    opened: Scene = scenes()
    row = opened.attacked("header_only_streams_without_token", SECONDS)
    assert row.refused["no_token"] >= 400
    assert row.lines["refused"] >= 1
    assert {line["reason"] for line in opened.server.log if line["event"] == "refused"} >= {"no_token"}


@pytest.mark.parametrize("name", service_cases.CASES)
def test_a_case_ends_as_it_should(name: str, tmp_path: Path) -> None:
    assert service_cases.CASES[name](tmp_path)


def test_an_attack_that_stops_the_server_is_seen() -> None:
    """The suite can fail: cheap calls that are not answered are counted."""
    with service_attacks.scene(RATE) as opened:
        opened.server.end()
        found = opened.measure(0.5)
    assert len(found.failed) >= 10
    assert {each.split()[1] for each in found.failed} == {"UNAVAILABLE"}
