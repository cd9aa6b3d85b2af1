"""What `test_processes` has done in other processes; light to import there."""

from __future__ import annotations

import os
import time
from pathlib import Path

from patience import HANGS


def double(name: str) -> str:
    return name * 2


def fail(name: str) -> str:
    raise ValueError(name)


def process(_: str) -> int:
    return os.getpid()


def forever(name: str) -> str:
    if name == "slow":
        time.sleep(600)
    return name


def process_or_forever(name: str) -> int:
    forever(name)
    return os.getpid()


def die(name: str) -> str:
    if name == "fatal":
        os._exit(9)
    return name


def die_once(name: str, folder: str) -> str:
    """Dies the first time."""
    mark = Path(folder) / name
    if not mark.exists():
        mark.touch()
        os._exit(9)
    return name


def beside(name: str, folder: str, least: int = 1) -> tuple[str, ...]:
    """The names that run at the same time; the first ones wait until they are `least`."""
    here, met = Path(folder) / name, Path(folder).with_suffix(".met")
    here.touch()
    for _ in range(100 * HANGS):
        if met.exists():
            break
        if len(list(Path(folder).iterdir())) >= least:
            met.touch()
        time.sleep(0.01)
    time.sleep(0.1)
    found = tuple(sorted(path.name for path in Path(folder).iterdir()))
    here.unlink()
    return found


def set_up(folder: str) -> None:
    (Path(folder) / str(os.getpid())).touch()
