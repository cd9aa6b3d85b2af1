"""The audit and explain: whole processes against importing click and rich, interleaved in one run.

`python tests/benchmarks/audit.py` prints medians and their ratio to the base. The aims: `audit` in 3 s, `explain` for
one architecture in 1 s, for the catalogue in 10 s.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

BASE = ["-c", "import click, rich.console, rich.table"]
COMMANDS = (
    ["audit"],
    ["audit", "C0725"],
    ["explain", "3.8G", "--architecture", "resnet50"],
    ["explain", "98 MB", "--architecture", "multi_resnet_398_k5_w1"],
    ["explain", "3.8G"],
    ["explain", "123456789"],
)
ROUNDS = 5


def seconds(args: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *args], capture_output=True, check=True)
    return time.perf_counter() - begin


def main() -> None:
    runs = [BASE, *(["-m", "archcalc", *command] for command in COMMANDS)]
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS):
        for kept, args in zip(times, runs, strict=True):
            kept.append(seconds(args))
    medians = [statistics.median(kept) for kept in times]
    for args, median in zip(runs, medians, strict=True):
        print(f"{median:7.2f} s  {median / medians[0]:7.1f} x  {' '.join(args)}")


if __name__ == "__main__":
    main()
