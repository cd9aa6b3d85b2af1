"""What share of their peaks devices reach, fitted to published throughput, with the error of the predictions.

A row of `data/efficiency.csv` is fitted to one table of measured throughput, by `tests/benchmarks/latency.py`, which
says how. For each kind of kernels it has the share of the peak rate and the share of the memory bandwidth that are
reached. Its errors are those on families of networks that were left out of the fit. Rows without a device are the
geometric means of several devices' rows, for devices without a table; their errors are those on a device that was left
out.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.package import read_text
from archcalc.hardware.devices import Device

RUNTIMES: Mapping[str, str] = {
    "eager": "PyTorch operator by operator",
    "compiled": "torch.compile: elementwise operations, norms and reductions joined",
}
LAYOUTS: Mapping[str, str] = {
    "nchw": "PyTorch's own layout",
    "nhwc": "channels_last",
}
TASKS = ("inference", "training")
LAUNCH: Mapping[str, float] = {"eager": 10e-6, "compiled": 5e-6}
"""Seconds that a GPU's kernel takes at least, for the host that launches it.

An assumption: 5 to 25 microseconds of work on the host for an operator are published
(https://jiahuanglin.xyz/all_lessons/gpu_kernel_serving/18_pytorch_to_kernel.html). Measured tables with batches of
hundreds of images do not test it.
"""
TILE = (64, 32)
"""Columns and depth of the tiles in which a GPU computes matrix products: sizes are rounded up to whole tiles.

Source: NVIDIA, "Matrix Multiplication Background User's Guide", tile quantization; of the four sizes that were tried,
these fit best where families of further models were left out.
"""

_DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")
_KINDS = ("matmul", "conv", "grouped_conv", "depthwise_conv", "pointwise")


class Efficiency(NamedTuple):
    """Shares of peaks that a device reaches, and the error of predictions with them."""

    device: str
    """The device's key; empty: the mean of several devices' rows."""
    kind: str
    """`gpu` or `cpu`."""
    task: str
    """One of `TASKS`."""
    runtime: str
    """One of `RUNTIMES`."""
    layout: str
    """One of `LAYOUTS`."""
    rates: Mapping[str, float]
    """By kind of kernels, the share of the peak rate."""
    bandwidths: Mapping[str, float]
    """By kind of kernels, the share of the memory bandwidth; more than 1 where caches keep values."""
    weights_bandwidth: float | None
    """The share of the bandwidth at which weights are read; None: as all else."""
    launch: float
    """Seconds that each kernel takes beside its work, on processors."""
    table: str
    """The table that it was fitted to, or the tables."""
    rows: int
    """Measured rows of the catalogue's networks that the errors are taken over."""
    median_error: float
    """Relative errors of the predictions: their median."""
    p90_error: float
    """The error that 90 % of the predictions do not exceed."""
    within_20: float
    """The share of predictions within 20 %."""
    spearman: float
    """Spearman's rank correlation of predicted and measured times."""


@cache
def efficiencies() -> tuple[Efficiency, ...]:
    """Every row of the table.

    >>> sorted({each.device for each in efficiencies() if each.task == "inference" and each.device})
    ['i7-12700h', 'i9-10940x', 'rtx-3090', 'rtx-4090', 'rtx-5090']
    """
    return tuple([_row(cells) for cells in csv.DictReader(read_text(_DATA, "efficiency.csv").splitlines())])


def _row(cells: dict[str, str]) -> Efficiency:
    return Efficiency(
        device=cells["device"],
        kind=cells["kind"],
        task=cells["task"],
        runtime=cells["runtime"],
        layout=cells["layout"],
        rates={kind: float(cells[f"{kind}_rate"]) for kind in _KINDS[:-1]},
        bandwidths={kind: float(cells[f"{kind}_bandwidth"]) for kind in _KINDS},
        weights_bandwidth=float(cells["weights_bandwidth"]) if cells["weights_bandwidth"] else None,
        launch=float(cells["launch_us"] or 0) / 1e6,
        table=cells["table"],
        rows=int(cells["rows"]),
        median_error=float(cells["median_error"]),
        p90_error=float(cells["p90_error"]),
        within_20=float(cells["within_20"]),
        spearman=float(cells["spearman"]),
    )


def kind_of(device: Device) -> str:
    """`cpu` for processors, `gpu` for all else."""
    return "cpu" if device.kind == "cpu" else "gpu"


def efficiency_of(device: Device, task: str = "inference", runtime: str = "eager", layout: str = "nchw") -> Efficiency:
    """The row for a device: its own, or else the mean of those of its kind, or else that of the only device measured.

    Raises ArchcalcError where no table of that kind of devices was fitted to: nothing is filled in.

    >>> from archcalc.hardware.devices import device
    >>> efficiency_of(device("t4")).table, efficiency_of(device("t4"), "training").device
    ('means of rtx-3090, rtx-4090, rtx-5090', 'rtx-3090')
    """
    alike = [each for each in efficiencies() if (each.kind, each.task) == (kind_of(device), task)]
    fits = [each for each in alike if (each.runtime, each.layout) == (runtime, layout)]
    for wanted in (device.key, ""):
        found = [each for each in fits if each.device == wanted]
        if found:
            return found[-1]
    if fits:
        return fits[-1]
    have = ", ".join(sorted({f"{each.runtime} {each.layout}" for each in alike})) or "none"
    what = "processors" if kind_of(device) == "cpu" else "GPUs"
    said = f"no measured table of {task}, {runtime} {layout}, on {what} was fitted to; there are: {have}"
    raise ArchcalcError(said, "runtime")
