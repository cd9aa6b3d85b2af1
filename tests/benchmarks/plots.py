"""Plots: whole processes against importing matplotlib.pyplot, interleaved in one run.

`python tests/benchmarks/plots.py` prints the ratio of medians for every kind; the aim is at most 2.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BASE = ["-c", "import matplotlib.pyplot"]
PLOTS = (
    ["accuracy"],
    ["accuracy", "--convention", "canziani_2017"],
    ["accuracy-params"],
    ["density"],
    ["years"],
    ["cifar"],
    ["mobilenet"],
    ["ilsvrc"],
    ["profile", "vgg16"],
    ["field", "vgg16", "resnet50"],
    ["types", "mobilenet_v1"],
    ["sizes", "resnet50"],
)
ROUNDS = 5


def seconds(args: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *args], capture_output=True, check=True)
    return time.perf_counter() - begin


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        runs = [BASE, *(["-m", "archcalc", "plot", *plot, "-o", str(Path(folder, "plot.svg"))] for plot in PLOTS)]
        times: list[list[float]] = [[] for _ in runs]
        for _ in range(ROUNDS):
            for kept, args in zip(times, runs, strict=True):
                kept.append(seconds(args))
    medians = [statistics.median(kept) for kept in times]
    for args, median in zip([BASE, *PLOTS], medians, strict=True):
        print(f"{median * 1e3:7.1f} ms  {median / medians[0]:5.2f} x  {' '.join(args)}")


if __name__ == "__main__":
    main()
