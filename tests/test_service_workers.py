"""Worker processes and their template: what is left when one of them ends, and what a lack of processes does."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import service
from patience import HANGS

from archcalc.service import processes
from archcalc.service.answering import Failed
from archcalc.service.lanes import LaneLimits, Lanes
from archcalc.service.observe import Observer
from archcalc.v1 import archcalc_pb2 as contract

DESCRIBE = contract.DescribeRequest(name="vgg16").SerializeToString()


@asynccontextmanager
async def working() -> AsyncGenerator[Lanes]:
    lanes = Lanes([LaneLimits("quick", 2, 8, 60, 2**29, 10_000)], Observer())
    try:
        yield lanes
    finally:
        lanes.close()


async def ask(lanes: Lanes, method: str = "Describe", raw: bytes = DESCRIBE) -> int:
    """The number of responses to a request."""
    async with aclosing(lanes.by_name["quick"].answer(method, raw, "a")) as parts:
        return len([part async for part in parts])


def of(lanes: Lanes) -> Any:
    """The parts of lanes that only they and these tests know."""
    return lanes


def workers(lanes: Lanes) -> list[int]:
    return list(of(lanes)._processes)


def members(group: int) -> list[str]:
    """The states of the processes of a group."""
    found: list[str] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, number = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(number) == group:
            found.append(state)
    return found


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), HANGS))


async def becomes_true(holds: Callable[[], bool]) -> bool:
    return await asyncio.to_thread(service.settles, holds)


def test_the_template_has_one_thread_so_that_it_may_be_copied() -> None:
    async def test() -> None:
        async with working() as lanes:
            assert await ask(lanes) == 1
            assert len(os.listdir(f"/proc/{of(lanes)._template._process.pid}/task")) == 1

    run(test)


def test_what_a_worker_has_started_ends_when_the_worker_is_killed_by_the_system() -> None:
    async def test() -> None:
        async with working() as lanes:
            request = contract.ValidateNetworksRequest(names=["resnet50", "vgg16", "densenet121"], jobs=2)
            task = asyncio.create_task(ask(lanes, "ValidateNetworks", request.SerializeToString()))
            assert await becomes_true(lambda: bool(workers(lanes)))
            [worker] = workers(lanes)
            assert await becomes_true(lambda: len(members(worker)) >= 3)
            os.kill(worker, 9)
            with pytest.raises(Failed, match="died"):
                await task
            assert await becomes_true(lambda: not members(worker))  # not even as zombies
            assert await becomes_true(lambda: not workers(lanes))

    run(test)


def test_a_template_that_is_killed_is_started_again() -> None:
    async def test() -> None:
        async with working() as lanes:
            assert await ask(lanes) == 1
            of(lanes)._template._process.kill()
            os.kill(workers(lanes)[0], 9)
            assert await ask(lanes) == 1
            assert of(lanes)._template.starts == 2

    run(test)


def test_a_folder_of_temporary_files_that_somebody_removes_is_made_again() -> None:
    async def test() -> None:
        async with working() as lanes:
            assert await ask(lanes) == 1
            shutil.rmtree(of(lanes)._folders.path)
            assert await ask(lanes) == 1
            folder = of(lanes)._folders.path
            assert len(list(folder.iterdir())) == 1
        assert not folder.exists()

    run(test)


def test_a_lack_of_processes_fails_requests_and_leaves_the_template_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crowded.py").write_text(
        f"""
import errno, os, sys
from archcalc.service import template

def fork(fork=os.fork):
    if os.path.exists({str(tmp_path / "full")!r}):
        raise OSError(errno.EAGAIN, "no process")
    return fork()

os.fork = fork
template.main(int(sys.argv[1]), int(sys.argv[2]))
""",
        encoding="utf-8",
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(processes, "TEMPLATE", "crowded")

    async def test() -> None:
        async with working() as lanes:
            (tmp_path / "full").touch()
            with pytest.raises(Failed, match="no process can be started: Resource temporarily unavailable"):
                await ask(lanes)
            (tmp_path / "full").unlink()
            assert await ask(lanes) == 1
            assert of(lanes)._template.starts == 1

    run(test)


def test_no_process_is_started_when_the_lanes_are_closed() -> None:
    async def test() -> None:
        async with working() as lanes:
            assert await ask(lanes) == 1
        with pytest.raises(OSError, match="shutting down"):
            await of(lanes)._template.fork(0)
        with pytest.raises(Failed, match="shutting down"):
            await ask(lanes)

    run(test)
