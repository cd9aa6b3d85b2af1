"""The page of reports/sweeps: rates of sweeps, and what a sweep of 10^10 rows on 100 workers costs at these rates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "reports/sweeps/README.md"
ROWS, WORKERS, TASK = 10**10, 100, 2**17
QUANTITIES = ("params", "params, mult_adds", "params, mult_adds, activation_sum")
TEXT = """# What a sweep costs

Rates of sweeps over the design space `regnetx`, by `python tests/benchmarks/sweeps.py --write` on two cores of a shared
machine. Rates differ from run to run by tens of percent; ratios are taken in one run.

## Beside kernels written by hand

{rows:,.0f} RegNetX of a grid of 13,178,400 in one process, from the axes to the columns, in millions of networks a
second of processor time. The kernel is numpy, written for this family alone; its numbers equal archcalc's.

| quantities | archcalc, M/s | numpy by hand, M/s | ratio of times |
| :--- | ---: | ---: | ---: |
{grid}

All 339,728,256 RegNetX, params and mult_adds, on two cores: {seconds:.0f} s in two processes ({all:.2f} M/s), beside
{numba_seconds:.0f} s in a kernel written by hand in numba with two threads ({numba:.2f} M/s): a ratio of {ratio:.1f}.
The sums of all parameters and of all mult-adds are the same. The largest process has {peak:.0f} MiB.

## Into a file

The RegNetX of one w_0, 10,958,976 rows with an index, six axes and two quantities, to a parquet file of {bytes:.1f}
bytes a row:

| where | M rows/s |
| :--- | ---: |
| one process | {file_1:.2f} |
| two processes | {file_2:.2f} |
| Dask, two workers of one thread | {dask_2:.2f} |

## 10^10 rows on 100 workers

Computed from the rates above; it was not run.

- Computing: {one:.2f} M networks a second and worker make {compute} on {workers} workers, in {tasks:,} tasks of
  {task:,} points. A scheduler hands out {per_second:,.0f} tasks a second then.
- Writing: one process collects all rows and writes them, {writer:.2f} M a second: {writing}. This, not computing, is
  the limit: one worker computes {busy:.1f} times as fast. Where `--where` keeps few rows it
  is not: workers drop the others.
- Size: {bytes:.1f} bytes a row make {size:.0f} GB.
- So split such a sweep along an axis, into a sweep and a file for each worker (`--over w_0=80 -o w80.parquet`).
  {workers} at once take {split}, at the rate of one process. DuckDB, Polars and the commands `front`, `best` and `plot`
  read several files as one.
"""


def duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def write(measured: Mapping[str, float]) -> None:
    """Write the page."""
    millions = {key: value / 1e6 for key, value in measured.items()}
    grid = [
        f"| {names} | {millions[f'grid {count}']:.2f} | {millions[f'hand {count}']:.2f} | "
        f"{measured[f'hand {count}'] / measured[f'grid {count}']:.2f} |"
        for count, names in enumerate(QUANTITIES, 1)
    ]
    one = measured["all"] / 2
    compute, writer = ROWS / (WORKERS * one), max(measured["file 2"], measured["file 1"])
    page = TEXT.format(
        rows=measured["rows"],
        grid="\n".join(grid),
        seconds=measured["seconds"],
        all=millions["all"],
        numba=millions["numba"],
        numba_seconds=measured["all"] * measured["seconds"] / measured["numba"],
        ratio=measured["numba"] / measured["all"],
        peak=measured["peak"],
        bytes=measured["bytes"],
        file_1=millions["file 1"],
        file_2=millions["file 2"],
        dask_2=millions["dask 2"],
        one=one / 1e6,
        compute=duration(compute),
        workers=WORKERS,
        tasks=ROWS // TASK,
        task=TASK,
        per_second=ROWS / TASK / compute,
        writer=writer / 1e6,
        writing=duration(ROWS / writer),
        busy=one / writer,
        size=measured["bytes"] * ROWS / 1e9,
        split=duration(ROWS / (WORKERS * measured["file 1"])),
    )
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page)
