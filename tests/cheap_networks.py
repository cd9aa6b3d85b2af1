"""Stand-ins for what computes the quantities of a sweep: cheap, and able to fail. Other processes import this file."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from archcalc.spaces.space import DesignSpace


class Found(NamedTuple):
    columns: Mapping[str, Any]
    problems: Mapping[int, str]


def of_point(width: int, classes: int) -> tuple[int, int] | None:
    """Params and mult-adds, numbers that look irregular; None where there is no network."""
    return None if width % 17 == 0 else (width * 10_007 + classes, (width * width * classes) % 1_000_003)


@dataclass(frozen=True)
class Cheap:
    """Params and mult-adds of `of_point`; `seconds` of work for a stretch."""

    seconds: float = 0.0

    def evaluate(self, columns: Mapping[str, Any]) -> Found:
        time.sleep(self.seconds)
        width, classes = columns["width"], columns["classes"]
        gone = width % 17 == 0
        params = np.ma.array(width * 10_007 + classes, mask=gone)
        mult_adds = np.ma.array((width * width * classes) % 1_000_003, mask=gone)
        problems = {row: f"no network of width {width[row]}" for row in np.flatnonzero(gone).tolist()}
        return Found({"params": params, "mult_adds": mult_adds}, problems)


@dataclass(frozen=True)
class Deadly:
    """As Cheap; a stretch with the width `width` kills its process, each time or only until `once` exists."""

    width: int
    once: str = ""

    def evaluate(self, columns: Mapping[str, Any]) -> Found:
        if self.width in columns["width"] and not (self.once and Path(self.once).exists()):
            if self.once:
                Path(self.once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Cheap().evaluate(columns)


@dataclass(frozen=True)
class Large:
    """Params that do not fit into 64 bits at one width."""

    def evaluate(self, columns: Mapping[str, Any]) -> Found:
        params = np.array([2**63 if width == 40 else int(width) for width in columns["width"]], dtype=object)
        return Found({"params": params, "mult_adds": columns["width"]}, {})


def space(widths: str = "1..64", classes: str = "1..50", where: tuple[str, ...] = ("width <= classes",)) -> DesignSpace:
    """A space whose axes `of_point` takes."""
    over = {"width": widths, "classes": classes}
    return DesignSpace.of("resnet18", over=over, where=where, name="cheap")
