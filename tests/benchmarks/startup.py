"""Start-up: whole processes against importing click and rich, interleaved in one run.

`python tests/benchmarks/startup.py` prints the ratio of medians; the aim is at most 1.6 for `table` and `rf`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

BASE = ["-c", "import click, rich.console, rich.table"]
COMMANDS = (
    ["table", "vgg16"],
    ["rf", "resnet50"],
    ["table", "vgg61"],
    ["list"],
    ["why", "resnet50", "layer1.0.conv2", "params"],
)
ROUNDS = 25


def seconds(args: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *args], capture_output=True, check=False)
    return time.perf_counter() - begin


def main() -> None:
    runs = [BASE, *(["-m", "archcalc", *command] for command in COMMANDS)]
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS):
        for kept, args in zip(times, runs, strict=True):
            kept.append(seconds(args))
    medians = [statistics.median(kept) for kept in times]
    for args, median in zip(runs, medians, strict=True):
        print(f"{median * 1e3:7.1f} ms  {median / medians[0]:5.2f} x  {' '.join(args)}")


if __name__ == "__main__":
    main()
