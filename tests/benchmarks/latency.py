"""How well times are predicted: efficiencies of devices, fitted to timm's published throughput, and their errors.

Measured are tables of throughput of timm's models (huggingface/pytorch-image-models, folder `results/`, Apache-2.0),
kept in `tests/data/throughput.csv.xz` for the catalogue's networks and for further public models that archcalc imports.
Their kernels are kept in `tests/data/kernels.json.xz`, so that fitting needs neither PyTorch nor timm.

`python tests/benchmarks/latency.py` fits each table and prints the error on families that were left out, beside
baselines; `--write` writes archcalc/data/efficiency.csv and reports/latency. Needs numpy and scipy.
`--pack TABLES PROGRAMS` makes both records anew, from a folder of timm's tables and one of exported programs.

The fit: the logarithm of predicted over measured time, soft-L1 loss, with all networks but the family that is judged.
The catalogue's families are left out one by one, the further models in six parts, no family in two of them.
"""

from __future__ import annotations

import argparse
import csv
import json
import lzma
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import spearmanr

from archcalc import Request, analyze, zoo
from archcalc.analysis.latency.kernels import KINDS, Kernel, forward_kernels, step_kernels
from archcalc.analysis.latency.roofline import tiled
from archcalc.base.errors import ArchcalcError
from archcalc.hardware.devices import device
from archcalc.training import PRECISIONS, Training

DATA = Path(__file__).parent.parent / "data"
MEASURED, KERNELS = DATA / "throughput.csv.xz", DATA / "kernels.json.xz"
PACKAGE = Path(__file__).parent.parent.parent / "archcalc" / "data"
KEYS = tuple(KINDS)

FAST_NORMS = re.compile(
    r"(beit|convnext|davit|eva|focalnet|gcvit|hiera|convformer|caformer|poolformer|mambaout|maxxvit|coatnext|mobilevitv2"
    r"|rdnet|regnetz_\w*evos)"
)
"""Models with timm's own classes of layer and group norms, which run in the lower type with its option --fast-norm.

The tables do not say whether it was given: this is an assumption. On the RTX 4090 (nchw) ConvNeXt is predicted 24 % too
slow without it and 8 % with it, ConvNeXt V2 18 and 8 %, GCViT 20 % too slow and 2 % too fast, DaViT 18 % and 8 %. Other
models with these classes speak against it: FocalNet is 2 % too slow without it and 15 % too fast with it, Hiera 2 and
15 %, CoatNeXt 4 and 24 % too fast. BEiT is off by a quarter either way."""


class Table(NamedTuple):
    """A table of measured throughput."""

    name: str
    device: str
    task: str
    runtime: str
    layout: str
    precision: str
    given: bool
    """True if it was there when the model was chosen; the others were read afterwards."""


def _table(name: str, key: str, runtime: str = "eager", *, given: bool = False, precision: str = "amp_fp16") -> Table:
    task = "training" if name.startswith("train") else "inference"
    layout = "nhwc" if "nhwc" in name else "nchw"
    return Table(name, key, task, runtime, layout, precision, given)


TABLES = (
    _table("infer-amp-nchw-pt240-cu124-rtx3090", "rtx-3090", given=True),
    _table("infer-amp-nhwc-pt240-cu124-rtx3090", "rtx-3090", given=True),
    _table("infer-amp-nchw-pt240-cu124-rtx4090", "rtx-4090", given=True),
    _table("infer-amp-nhwc-pt240-cu124-rtx4090", "rtx-4090", given=True),
    _table("infer-amp-nchw-pt240-cu124-rtx4090-dynamo", "rtx-4090", "compiled", given=True),
    _table("train-amp-nchw-pt112-cu113-rtx3090", "rtx-3090", given=True),
    _table("infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo", "i7-12700h", "compiled", given=True, precision="float32"),
    _table("infer-amp-nchw-pt291-cu130-5090", "rtx-5090"),
    _table("infer-amp-nchw-pt291-cu130-5090-dynamo", "rtx-5090", "compiled"),
    _table("infer-fp32-nchw-pt240-cpu-i9_10940x-dynamo", "i9-10940x", "compiled", precision="float32"),
    _table("train-amp-nhwc-pt112-cu113-rtx3090", "rtx-3090"),
    _table("infer-amp-nchw-pt113-cu117-rtx3090", "rtx-3090"),
    _table("infer-amp-nchw-pt210-cu121-rtx3090", "rtx-3090"),
    _table("infer-amp-nhwc-pt113-cu117-rtx3090", "rtx-3090"),
    _table("infer-amp-nhwc-pt210-cu121-rtx3090", "rtx-3090"),
    _table("infer-amp-nchw-pt291-cu128-4090", "rtx-4090"),
    _table("infer-amp-nchw-pt291-cu128-4090-dynamo", "rtx-4090", "compiled"),
    _table("infer-fp32-nchw-pt221-cpu-i9_10940x-dynamo", "i9-10940x", "compiled", precision="float32"),
)
FITTED = TABLES[:11]
"""The tables that give rows of efficiencies; the others repeat them with other versions of PyTorch."""
WAYS: Mapping[str, tuple[str, Any, bool, bool]] = {
    "eager": ("amp_fp16", "cuda", False, False),
    "fast": ("amp_fp16", "cuda", False, True),
    "compiled": ("amp_fp16", "cuda", True, False),
    "cpu": ("float32", "cpu", True, False),
}


class Row(NamedTuple):
    """A measured row: a network, its size and batch, and the seconds for an image."""

    model: str
    size: int
    batch: int
    seconds: float


@cache
def measured() -> dict[str, list[Row]]:
    """The measured rows by table, of networks whose kernels are known."""
    with lzma.open(MEASURED, "rt", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    found: dict[str, list[Row]] = {}
    for row in rows:
        rate = float(row["images_per_second"])
        found.setdefault(row["table"], []).append(Row(row["model"], int(row["size"]), int(row["batch"]), 1 / rate))
    return found


@cache
def networks() -> dict[str, Any]:
    """By `model@size`: the name in the catalogue or nothing, totals, and the kernels of every way to run it."""
    with lzma.open(KERNELS, "rt", encoding="utf-8") as file:
        return json.load(file)


@cache
def _families() -> dict[str, str]:
    return {each.name: str(Path(str(each.file)).name) for each in zoo.networks()}


def family(model: str, name: str) -> str:
    """The family of a network: its file in the catalogue, or the first word of a further model's name."""
    if name:
        return _families()[name]
    return "+" + re.match(r"[a-z]+", model).group(0)  # type: ignore[union-attr]


class Fit:
    """A table with the kernels of its rows as arrays."""

    def __init__(self, table: Table) -> None:
        self.table, self.on = table, device(table.device)
        self.rows = measured()[table.name]
        known = [networks()[f"{row.model}@{row.size}"] for row in self.rows]
        self.core = np.array([bool(each["name"]) for each in known])
        self.families = np.array([family(row.model, each["name"]) for row, each in zip(self.rows, known, strict=True)])
        self.seconds = np.array([row.seconds for row in self.rows])
        self.totals = np.array([each["totals"] for each in known], float)
        parts: list[Any] = []
        for index, (row, each) in enumerate(zip(self.rows, known, strict=True)):
            array = np.array(each["kernels"][self._way(row.model)], float)
            amounts = array[:, [1, 3, 5]] / row.batch + array[:, [2, 4, 6]]
            parts.append(np.column_stack([np.full(len(array), index), array[:, 0], amounts, array[:, [7, 8]]]))
        stacked = np.concatenate(parts)
        self.index, self.kind = stacked[:, 0].astype(int), stacked[:, 1].astype(int)
        self.flops, self.values, self.weights, self.tiles, self.count = stacked[:, 2:7].T

    @property
    def cpu(self) -> bool:
        """True on a processor."""
        return self.on.kind == "cpu"

    def _way(self, model: str) -> str:
        if self.table.task == "training":
            return "fast training" if FAST_NORMS.match(model) else "training"
        if self.cpu:
            return "cpu"
        if self.table.runtime == "compiled":
            return "compiled"
        return "fast" if FAST_NORMS.match(model) else "eager"

    @property
    def start(self) -> Any:
        """The logarithms of the efficiencies that a fit begins with, towards which it is drawn a little."""
        if self.cpu:
            return np.log([0.4, 0.4, 0.4, 0.2, 0.6, 0.6, 3.0])
        return np.log([0.8, 0.6, 0.4, 0.85, 0.6, 0.5])

    def times(self, shares: Any) -> Any:
        """Predicted seconds for an image of every row."""
        is_kind = [self.kind == place for place in range(len(KEYS))]
        peak = self.on.peak("float32" if self.cpu else "float16")
        if self.cpu:
            *rates, weights, values, launch = np.exp(shares)
            rate = np.select(is_kind[:4], rates, 1.0) * peak
            compute = self.flops / rate
            memory = self.weights / (weights * self.on.bandwidth) + self.values / (values * self.on.bandwidth)
            total = np.hypot(compute, memory) + launch * 1e-6
            return np.bincount(self.index, total * self.count, len(self.rows))
        matmul, conv, grouped, pointwise, of_conv, by_channel = np.exp(shares)
        rate = np.select(is_kind[:4], [matmul * peak, conv * peak, grouped * peak, self.on.peak("float32")], 1.0)
        bandwidth = np.select(is_kind, [pointwise, of_conv, of_conv, by_channel, pointwise]) * self.on.bandwidth
        total = np.hypot(self.flops * self.tiles / rate, (self.values + self.weights) / bandwidth)
        return np.bincount(self.index, total * self.count, len(self.rows))

    def fit(self, mask: Any) -> Any:
        """The logarithms of the efficiencies that fit some rows."""

        def residuals(shares: Any) -> Any:
            return np.concatenate([np.log(self.times(shares) / self.seconds)[mask], 0.3 * (shares - self.start)])

        return least_squares(residuals, self.start, loss="soft_l1", f_scale=0.05).x

    def left_out(self) -> Any:
        """Predictions for every row by a fit that has not seen its family."""
        found = np.zeros(len(self.rows))
        own = sorted(set(self.families[self.core]))
        others = sorted(set(self.families) - set(own))
        np.random.default_rng(0).shuffle(others)
        for group in [*[[name] for name in own], *[others[part::6] for part in range(6)]]:
            mask = np.isin(self.families, group)
            if mask.any():
                found[mask] = self.times(self.fit(~mask))[mask]
        return found


class Errors(NamedTuple):
    """Errors of predictions."""

    rows: int
    median: float
    p90: float
    within_20: float
    spearman: float


def errors(predicted: Any, seconds: Any) -> Errors:
    """Errors of predicted times."""
    off = np.abs(predicted / seconds - 1)
    rank = float(spearmanr(predicted, seconds)[0])
    return Errors(len(off), float(np.median(off)), float(np.percentile(off, 90)), float(np.mean(off <= 0.2)), rank)


def baselines(fit: Fit, mask: Any) -> dict[str, Errors]:
    """Predictions by one number times a constant, and by mult-adds and activations together; families left out."""
    names = ("parameters", "mult-adds", "activations")
    found: dict[str, Errors] = {}
    for place, name in enumerate(names):
        found[name] = errors(_left_out(fit, mask, fit.totals[:, [place]]), fit.seconds[mask])
    found["a * mult-adds + b * activations"] = errors(_left_out(fit, mask, fit.totals[:, [1, 2]]), fit.seconds[mask])
    return found


def _left_out(fit: Fit, mask: Any, numbers: Any) -> Any:
    predicted = np.zeros(len(fit.rows))
    for name in sorted(set(fit.families[mask])):
        own = fit.families == name
        start = np.log(np.median(fit.seconds[~own] / numbers[~own].sum(1)) / 2) * np.ones(numbers.shape[1])

        def residuals(logs: Any, seen: Any = ~own) -> Any:
            return np.log(numbers[seen] @ np.exp(logs) / fit.seconds[seen])

        shares = least_squares(residuals, start, loss="soft_l1", f_scale=0.2).x
        predicted[own] = numbers[own] @ np.exp(shares)
    return predicted[mask]


def pack(tables: Path, programs: Path) -> None:
    """Make both records: the measured rows of networks whose kernels are known, and these kernels."""
    known: dict[str, Any] = {}
    rows: list[list[Any]] = []
    graphs = _Graphs(programs)
    for table in TABLES:
        with (tables / f"benchmark-{table.name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                model, task = row["model"].split(".")[0], "train" if table.task == "training" else "infer"
                if not row[f"{task}_samples_per_sec"] or not row[f"{task}_batch_size"]:
                    continue  # the model did not run
                size, batch = int(row[f"{task}_img_size"]), int(float(row[f"{task}_batch_size"]))
                key = f"{model}@{size}"
                if key not in known:
                    known[key] = graphs.record(model, size, float(row["param_count"]))
                if known[key]:
                    name = known[key]["name"]
                    rows.append([table.name, model, name, size, batch, row[f"{task}_samples_per_sec"]])
    with lzma.open(MEASURED, "wt", encoding="utf-8", newline="") as file:
        heads = ["table", "model", "network", "size", "batch", "images_per_second"]
        csv.writer(file, lineterminator="\n").writerows([heads, *rows])
    kept = {key: each for key, each in sorted(known.items()) if each}
    with lzma.open(KERNELS, "wt", encoding="utf-8", preset=9) as file:
        json.dump(kept, file, separators=(",", ":"))
    print(
        f"{len(rows)} rows of {len(kept)} networks and sizes, {sum(bool(each['name']) for each in kept.values())} own"
    )


class _Graphs:
    """Networks by timm's names: those of the catalogue, and programs in a folder."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.own: dict[str, str] = {each.name: each.name for each in zoo.networks()}
        for each in zoo.networks():
            reference = each.family.references.get(each.name)
            if reference and reference.library in ("torchvision", "timm") and reference.is_whole:
                self.own[reference.model] = each.name

    def record(self, model: str, size: int, params: float) -> Any:
        """The record of a network at a size; nothing if it is unknown or its parameters differ from those printed."""
        try:
            name, graph = self._graph(model, size)
        except ArchcalcError:
            return None
        if graph is None or any(node.op.kind == "unknown" for node in graph.nodes):
            return None
        totals = analyze(graph).totals
        if abs(totals.params / 1e6 - params) > (0.0101 if name else 0.012 * params + 0.01):
            return None
        numbers = [totals.params, totals.mult_adds, totals.activation_sum]
        kernels = {way: _both(graph, *given) for way, given in WAYS.items() if way != "fast" or FAST_NORMS.match(model)}
        kernels["training"] = _steps(graph, fast_norms=False)
        if FAST_NORMS.match(model):
            kernels["fast training"] = _steps(graph, fast_norms=True)
        return {"name": name, "totals": numbers, "kernels": kernels}

    def _graph(self, model: str, size: int) -> Any:
        from archcalc.importers.exported import read_exported
        from archcalc.importers.imported import network_from

        shape = (3, size, size)
        if model in self.own:
            name = self.own[model]
            graph = Request.of(name, input=shape).graph
            return name, graph
        file = self.programs / f"{model}.pt2"
        if not file.exists():
            return "", None
        return "", network_from(read_exported(file.read_bytes(), model), model).graph(shape, {})


def _both(graph: Any, precision: str, where: Any, compiled: bool, fast: bool) -> list[list[float]]:
    def kernels(batch: int) -> list[Kernel]:
        given = {"device": where, "compiled": compiled, "fast_norms": fast}
        return forward_kernels(graph, batch, PRECISIONS[precision], **given)

    return _linear(kernels(1), kernels(2))


def _steps(graph: Any, *, fast_norms: bool) -> list[list[float]]:
    def kernels(batch: int) -> list[Kernel]:
        phases = step_kernels(graph, batch, PRECISIONS["amp_fp16"], Training(), fast_norms=fast_norms)
        return [kernel for phase in phases.values() for kernel in phase]

    return _linear(kernels(1), kernels(2))


def _linear(one: Sequence[Kernel], two: Sequence[Kernel]) -> list[list[float]]:
    """Kernels as [kind, FLOPs, FLOPs an image, activation bytes, an image, weight bytes, an image, tiles, count]."""
    counts: dict[tuple[float, ...], int] = {}
    for first, second in zip(one, two, strict=True):
        row: list[float] = [KEYS.index(first.kind)]
        for field in ("flops", "activation_bytes", "weight_bytes"):
            small, large = getattr(first, field), getattr(second, field)
            row += [2 * small - large, large - small]
        row.append(round(tiled(first) / first.flops, 4) if first.flops else 1)
        counts[tuple(row)] = counts.get(tuple(row), 0) + 1
    return [[*row, count] for row, count in counts.items()]


COLUMNS = (
    *("device", "kind", "task", "runtime", "layout"),
    *(f"{kind}_rate" for kind in KEYS if kind != "pointwise"),
    *(f"{kind}_bandwidth" for kind in KEYS),
    *("weights_bandwidth", "launch_us", "table", "rows", "median_error", "p90_error", "within_20", "spearman"),
)


def shares_of(fit: Fit, logs: Any) -> dict[str, float]:
    """The columns of a row that a fit gives."""
    given = [round(float(share), 4) for share in np.exp(logs)]
    if fit.cpu:
        *rates, weights, values, launch = given
        found = dict(zip([f"{kind}_rate" for kind in KEYS], rates, strict=False))
        found |= {f"{kind}_bandwidth": values for kind in KEYS}
        return found | {"weights_bandwidth": weights, "launch_us": launch}
    matmul, conv, grouped, pointwise, of_conv, by_channel = given
    rates = {"matmul_rate": matmul, "conv_rate": conv, "grouped_conv_rate": grouped, "depthwise_conv_rate": 1.0}
    bands = {"matmul": pointwise, "conv": of_conv, "grouped_conv": of_conv, "depthwise_conv": by_channel}
    return rates | {f"{kind}_bandwidth": share for kind, share in (bands | {"pointwise": pointwise}).items()}


class Result(NamedTuple):
    """The evaluation of a table."""

    fit: Fit
    shares: Any
    predicted: Any
    own: Errors
    """On networks of the catalogue."""
    further: Errors
    """On further models."""
    baselines: Mapping[str, Errors]
    families: Mapping[str, tuple[float, float, int]]
    """By family of the catalogue: the median error, the median of signed errors, and the rows."""


def evaluate(table: Table) -> Result:
    """Fit a table and judge the fit on families that were left out."""
    fit = Fit(table)
    predicted = fit.left_out()
    signed = predicted / fit.seconds - 1
    families: dict[str, tuple[float, float, int]] = {}
    for name in sorted(set(fit.families[fit.core])):
        own = signed[fit.families == name]
        families[name] = (float(np.median(np.abs(own))), float(np.median(own)), len(own))
    return Result(
        fit,
        fit.fit(np.ones(len(fit.rows), bool)),
        predicted,
        errors(predicted[fit.core], fit.seconds[fit.core]),
        errors(predicted[~fit.core], fit.seconds[~fit.core]),
        baselines(fit, fit.core),
        families,
    )


def mean_rows(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Rows of efficiencies for devices without a table: geometric means, judged on a device that was left out."""
    found: list[dict[str, Any]] = []
    groups: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        table = result.fit.table
        kind = "cpu" if result.fit.cpu else "gpu"
        groups.setdefault((kind, table.task, table.runtime, table.layout), []).append(result)
    for (kind, task, runtime, layout), every in groups.items():
        predicted: list[Any] = []
        seconds: list[Any] = []
        devices = sorted({each.fit.table.device for each in every})
        for each in every:
            others = [other.shares for other in every if other.fit.table.device != each.fit.table.device]
            if others:
                core = each.fit.core
                predicted.append(each.fit.times(np.mean(others, axis=0))[core])
                seconds.append(each.fit.seconds[core])
        if not predicted:
            continue
        judged = errors(np.concatenate(predicted), np.concatenate(seconds))
        shares = shares_of(every[0].fit, np.mean([each.shares for each in every], axis=0))
        own = {"device": "", "kind": kind, "task": task, "runtime": runtime, "layout": layout}
        found.append(own | shares | {"table": f"means of {', '.join(devices)}"} | error_columns(judged))
    return found


def error_columns(judged: Errors) -> dict[str, Any]:
    """The columns of a row that say how good it is."""
    return {
        "rows": judged.rows,
        "median_error": round(judged.median, 4),
        "p90_error": round(judged.p90, 4),
        "within_20": round(judged.within_20, 4),
        "spearman": round(judged.spearman, 4),
    }


def efficiency_rows(results: Sequence[Result]) -> list[dict[str, Any]]:
    """The rows of archcalc/data/efficiency.csv."""
    rows: list[dict[str, Any]] = []
    fitted = [each for each in results if each.fit.table in FITTED]
    for each in fitted:
        table = each.fit.table
        kind = "cpu" if each.fit.cpu else "gpu"
        own = {"device": table.device, "kind": kind, "task": table.task}
        own |= {"runtime": table.runtime, "layout": table.layout, "table": table.name}
        rows.append(own | shares_of(each.fit, each.shares) | error_columns(each.own))
    return rows + mean_rows(fitted)


def line(name: str, found: Errors) -> str:
    """Errors as a row of a table in Markdown."""
    return (
        f"| {name} | {found.rows} | {100 * found.median:.1f} % | {100 * found.p90:.1f} % | "
        f"{100 * found.within_20:.0f} % | {found.spearman:.4f} |"
    )


HEAD = (
    "| {} | rows | median error | 90 % within | within 20 % | Spearman |\n| :--- | ---: | ---: | ---: | ---: | ---: |"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", nargs=2, type=Path, metavar=("TABLES", "PROGRAMS"))
    parser.add_argument("--write", action="store_true", help="write archcalc/data/efficiency.csv and reports/latency")
    parser.add_argument("names", nargs="*", help="tables, by parts of their names; by default all")
    given = parser.parse_args()
    if given.pack:
        pack(*given.pack)
        return
    chosen = [table for table in TABLES if not given.names or any(name in table.name for name in given.names)]
    results: list[Result] = []
    with ProcessPoolExecutor() as pool:
        results += pool.map(evaluate, chosen)
    for result in results:
        table = result.fit.table
        print(f"{table.name} ({table.device})\n{HEAD.format('predicted from')}")
        print(line("archcalc", result.own))
        for name, found in result.baselines.items():
            print(line(name, found))
        print(line("archcalc, further models", result.further))
        worst = sorted(result.families.items(), key=lambda each: -each[1][0])[:4]
        print("families:", ", ".join(f"{name} {100 * signed:+.0f} % ({rows})" for name, (_, signed, rows) in worst))
        print("shares:", shares_of(result.fit, result.shares), "\n", flush=True)
    if given.write:
        with (PACKAGE / "efficiency.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(efficiency_rows(results))
        from latency_page import write_page

        write_page(results)


if __name__ == "__main__":
    main()
