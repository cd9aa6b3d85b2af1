"""Closed forms: whole processes against importing sympy, every architecture, and evaluation at a million sizes.

`python tests/benchmarks/formulas.py` prints ratios of medians taken in one run. Aims: `archcalc formula resnet50` at
most 2 x `import sympy`; any architecture under 3 s; a million sizes at least 100 x faster than as many calls.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from archcalc import names, zoo
from archcalc.analysis.cost import costs
from archcalc.analysis.table import sums
from archcalc.forms.closed import closed_form, exact_form

PROCESSES = (
    ["-c", "import sympy"],
    ["-m", "archcalc", "formula", "resnet50"],
    ["-m", "archcalc", "formula", "resnet50", "--exact"],
    ["-m", "archcalc", "formula", "resnet1202_cifar"],
    ["-m", "archcalc", "formula", "resnet1202_cifar", "--exact"],
    ["-m", "archcalc", "formula", "densenet264", "--exact"],
)
ROUNDS = 9
POINTS = 1_000_000


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def processes() -> None:
    times: list[list[float]] = [[] for _ in PROCESSES]
    for _ in range(ROUNDS):
        for kept, args in zip(times, PROCESSES, strict=True):
            kept.append(
                seconds(lambda args=args: subprocess.run([sys.executable, *args], capture_output=True, check=True))
            )
    medians = [statistics.median(kept) for kept in times]
    for args, median in zip(PROCESSES, medians, strict=True):
        print(f"{median * 1e3:7.0f} ms  {median / medians[0]:5.2f} x  {' '.join(args)}")


def catalogue() -> None:
    for ask in (closed_form, exact_form):
        slowest = max((seconds(lambda name=name, ask=ask: ask(name)), name) for name in names())
        print(f"{slowest[0]:7.2f} s   slowest {ask.__name__} of {len(names())}: {slowest[1]}")


def million() -> None:
    draw = np.random.default_rng(0)
    heights, widths = draw.integers(1, 2048, POINTS), draw.integers(1, 2048, POINTS)
    form, found = exact_form("resnet50"), zoo.network("resnet50")

    def engine() -> None:
        sums(costs(found.graph((3, 224, 225), found.settings)))

    one = statistics.median(seconds(engine) for _ in range(51))
    exact = statistics.median(seconds(lambda: form.evaluate("mult_adds", heights, widths)) for _ in range(5))
    plain = statistics.median(seconds(lambda: (83_410_944 * heights + 36_719_616) * widths + 5) for _ in range(5))
    print(f"{exact * 1e3:7.0f} ms  resnet50 mult_adds at {POINTS:,} sizes: {POINTS / exact / 1e6:.1f} M points/s")
    print(f"{plain * 1e3:7.0f} ms  a numpy polynomial of degree 2: {POINTS / plain / 1e6:.1f} M points/s")
    print(f"{one * 1e6:7.0f} us  one call of the engine; as many calls take {one * POINTS / exact:,.0f} x as long")


if __name__ == "__main__":
    processes()
    catalogue()
    million()
