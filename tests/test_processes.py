"""Tasks in processes: results, memory, death, deadlines, and what is left when it is over."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from typing import Any

import processes_work as work
import pytest

from archcalc.base.cancellation import Cancelled, cancellable
from archcalc.execution import processes
from archcalc.execution.processes import Plan, run


def nothing(_: str) -> int:
    return 0


def test_every_name_has_its_result() -> None:
    assert dict(run(["a", "b", "c"], Plan(work.double, nothing, jobs=2))) == {"a": "aa", "b": "bb", "c": "cc"}


def test_what_a_task_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="broken"):
        list(run(["broken"], Plan(work.fail, nothing)))


def test_a_process_that_dies_takes_no_other_task_with_it() -> None:
    found = dict(run(["fatal", "a", "b"], Plan(work.die, nothing, jobs=2)))
    assert found == {"fatal": None, "a": "a", "b": "b"}


def test_a_task_whose_process_died_is_tried_once_more(tmp_path: Path) -> None:
    assert list(run(["a"], Plan(partial(work.die_once, folder=str(tmp_path)), nothing))) == [("a", "a")]


@pytest.mark.parametrize(("memory", "least", "most"), [(30, 2, 3), (20, 2, 2), (10, 1, 1), (1, 1, 1)])
def test_tasks_run_side_by_side_where_their_needs_fit(tmp_path: Path, memory: int, least: int, most: int) -> None:
    plan = Plan(partial(work.beside, folder=str(tmp_path), least=least), lambda _: 10, jobs=3, memory=memory)
    found = dict(run(["a", "b", "c", "d", "e"], plan))
    assert set(found) == set("abcde")
    assert least <= max(len(others or ()) for others in found.values()) <= most


def test_a_task_that_needs_more_than_there_is_runs_alone(tmp_path: Path) -> None:
    plan = Plan(partial(work.beside, folder=str(tmp_path)), lambda name: 99 if name == "b" else 1, jobs=2, memory=10)
    assert dict(run(["a", "b", "c"], plan))["b"] == ("b",)


def test_the_deadline_ends_what_runs_and_leaves_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(processes, "monotonic", lambda: now)
    found: list[Any] = []
    for name, _ in run(["slow", "quick"], Plan(work.forever, nothing, jobs=2, until=1.0)):
        found.append(name)
        now = 2.0
    assert found == ["quick"]


def test_work_ends_once_it_is_cancelled() -> None:
    with cancellable(lambda: True), pytest.raises(Cancelled):
        list(run(["slow"], Plan(work.forever, nothing)))


def test_no_process_is_left_when_the_results_are_not_read_to_the_end(tmp_path: Path) -> None:
    """Neither the one that waits for work nor the one that has some."""
    set_up = partial(work.set_up, str(tmp_path))
    results = run(["a", "slow"], Plan(work.process_or_forever, nothing, jobs=2, prepare=set_up))
    _, process = next(results)
    while len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.01)
    started = [int(path.name) for path in tmp_path.iterdir()]
    assert process in started
    results.close()
    for each in started:
        with pytest.raises(ProcessLookupError):
            os.kill(each, 0)


def test_a_spoilt_process_is_not_used_again() -> None:
    plan = Plan(work.process, nothing)
    (_, first), (_, second) = run(["a", "b"], plan)
    assert first == second
    (_, first), (_, second) = run(["a", "b"], plan._replace(spoils=lambda _: True))
    assert first != second


def test_every_process_is_set_up_once(tmp_path: Path) -> None:
    names = [str(number) for number in range(processes.TASKS_OF_A_PROCESS + 1)]
    found = dict(run(names, Plan(work.process, nothing, prepare=partial(work.set_up, str(tmp_path)))))
    assert {str(number) for number in found.values()} == {path.name for path in tmp_path.iterdir()}
    assert len(set(found.values())) == 2  # the first was replaced after so many tasks
