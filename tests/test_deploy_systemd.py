"""The systemd unit: it is understood, holds the server tightly, and fits its options."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
from deploying import DEPLOY, unknown_options

from archcalc.cli.serving import serve_command

UNIT = DEPLOY / "archcalc.service"


def settings() -> dict[str, list[str]]:
    """The settings of the unit; one that stands several times has several values."""
    text = re.sub(r"\\\n\s*", "", UNIT.read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith(("#", "[")):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


SETTINGS = settings()
[START] = SETTINGS["ExecStart"]


def analyze(*args: str) -> Any:
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, check=False)  # noqa: S607


def test_the_server_knows_its_options() -> None:
    assert unknown_options(START) == set()
    credentials = {each.partition(":")[0] for each in SETTINGS["LoadCredential"]}
    assert set(re.findall(r"%d/(\S+)", START)) == credentials


def test_it_is_given_the_time_that_the_server_takes_to_end() -> None:
    """With --grace as it is without an option, for none is given."""
    assert "--grace" not in START
    [grace] = [parameter.default for parameter in serve_command.params if parameter.name == "grace"]
    assert float(SETTINGS["TimeoutStopSec"][0]) >= float(grace) + 10
    assert SETTINGS["KillMode"] == ["mixed"]  # SIGTERM to the server, which ends its workers


def test_a_worker_that_is_killed_for_memory_does_not_end_the_service() -> None:
    assert SETTINGS["OOMPolicy"] == ["continue"]
    assert {"MemoryMax", "TasksMax"} <= SETTINGS.keys()


def test_it_has_no_capability_and_few_system_calls() -> None:
    assert SETTINGS["CapabilityBoundingSet"] == [""]
    assert SETTINGS["NoNewPrivileges"] == ["yes"]
    assert SETTINGS["SystemCallFilter"][0] == "@system-service"
    assert all(each.startswith("~") for each in SETTINGS["SystemCallFilter"][1:])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_every_setting_and_finds_little_exposure() -> None:
    checked = analyze("verify", "--man=no", str(UNIT))
    said = [line for line in checked.stderr.splitlines() if str(UNIT) in line or "archcalc.service" in line]
    assert [line for line in said if "is not executable" not in line] == []  # archcalc is not in /opt here
    rated = analyze("security", "--offline=yes", "--no-pager", str(UNIT))
    found = re.search(r"exposure level for archcalc\.service: ([\d.]+)", rated.stdout)
    assert found, rated.stderr
    assert float(found[1]) <= 2.0
