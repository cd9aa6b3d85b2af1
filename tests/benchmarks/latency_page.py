"""The page of the evaluation of predicted times: reports/latency."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from latency import Errors, Result

FOLDER = Path(__file__).parent.parent.parent / "reports" / "latency"
REASONS = {
    ("gpu", "efficientnet"): (
        "compiled, networks with SiLU take longer than their bytes say (EfficientNet and RegNetZ; MnasNet with the "
        "same convolutions and ReLU does not)"
    ),
    ("gpu", "vgg"): "convolutions on its large maps reach less of the peak than those of residual networks do",
    ("gpu", "swin"): "what PyTorch's code for windows moves is stated by a rule, not observed",
    ("gpu", "mnasnet"): "compiled, it is too slow where EfficientNet is too fast: both have one share",
    ("gpu", "nasnet_a"): "many small convolutions by channel, and joins of maps",
    ("gpu", "inception_v3"): "many convolutions with few channels, and 1 x 7 windows",
    ("gpu", "inception_v4"): "many convolutions with few channels, and 1 x 7 windows",
    ("gpu", "senet"): "convolutions in 64 groups have the share of those in 32 and in few groups",
    ("gpu", "resnext"): "convolutions in groups have one share, which those of RegNetX draw the other way",
    ("gpu", "seresnext"): "convolutions in groups have one share, which those of RegNetX draw the other way",
    ("gpu", "regnetx"): "convolutions in groups have one share, which those of ResNeXt draw the other way",
    ("cpu", "vgg"): "its largest layers' weights do not fit the cache",
    ("cpu", "wrn"): "its layers' weights do not fit the cache",
    ("cpu", "swin"): "rolling and cutting windows takes longer on a processor than its bytes say",
    ("cpu", "densenet"): "growing maps are copied for each join",
}
"""By kind of devices and family, what is supposed of the reason of a large error."""


def page(results: Sequence[Result]) -> str:
    """The page."""
    parts = [_opening(), _summary(results), _rank(results), _canziani(results)]
    parts += [_table(each) for each in results]
    return "\n".join(parts)


def _opening() -> str:
    return """# What predicts the time of a network

Predicted are the times of timm's models on the devices of its published tables (huggingface/pytorch-image-models,
folder `results/`, Apache-2.0), by `archcalc latency`: for each kernel the root of the squares' sum of FLOPs over the
peak rate and bytes over the bandwidth, at shares of both that are fitted to each table. Every error is that of families
of networks that were left out of the fit. Made by
`python tests/benchmarks/latency.py --write`, which says more.

The form of the model was chosen by the figures of the tables without a mark, and for processors by those of the i9 too;
the others marked * had no part in it. Rows are networks of the catalogue whose parameters agree
with those printed to the last digit; *further models* are other public models, imported through torch.export.
timm's own norm classes are assumed to run in the lower type (its option --fast-norm), which the tables do not say.
On the RTX 4090 (nchw) ConvNeXt is predicted 24 % too slow without this and 8 % with it, GCViT 20 % too slow and 2 %
too fast; FocalNet, Hiera and CoatNeXt, which have these classes too, are predicted better without it.
"""


def _summary(results: Sequence[Result]) -> str:
    lines = [
        "## Errors",
        "",
        "| table | device | rows | median error | 90 % within | within 20 % | Spearman | further, median | rows |",
        "| :--- | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in results:
        table, own, further = each.fit.table, each.own, each.further
        name, rank = f"{table.name}{'' if table.given else ' *'}", f"{own.spearman:.4f}"
        lines.append(
            f"| {name} | {table.device} | {own.rows} | {100 * own.median:.1f} % | {100 * own.p90:.1f} % | "
            f"{100 * own.within_20:.0f} % | {rank} | {100 * further.median:.1f} % | {further.rows} |"
        )
    return "\n".join([*lines, ""])


def _rank(results: Sequence[Result]) -> str:
    lines = [
        "## Beside one number",
        "",
        "Spearman's rank correlation with the measured time, and in parentheses the median error after one constant is",
        "fitted, on families that were left out.",
        "",
        "| table | archcalc | parameters | mult-adds | activations | a * mult-adds + b * activations |",
        "| :--- | ---: | ---: | ---: | ---: | ---: |",
    ]

    def cell(found: Errors) -> str:
        return f"{found.spearman:.3f} ({100 * found.median:.0f} %)"

    for each in results:
        cells = " | ".join([cell(each.own), *[cell(found) for found in each.baselines.values()]])
        lines.append(f"| {each.fit.table.name} | {cells} |")
    return "\n".join([*lines, ""])


def _canziani(results: Sequence[Result]) -> str:
    inference = [each for each in results if each.fit.table.task == "inference"]
    gpus = [each for each in inference if not each.fit.cpu]
    cpus = [each for each in inference if each.fit.cpu]

    def spread(every: Sequence[Result], name: str) -> str:
        ranks = [each.baselines[name].spearman for each in every]
        off = [100 * each.baselines[name].median for each in every]
        return f"{min(ranks):.2f} to {max(ranks):.2f}, median error {min(off):.0f} to {max(off):.0f} %"

    return f"""## Are operations a reliable estimate of inference time?

Canziani, Paszke & Culurciello 2016 (arXiv:1605.07678) found time and operations in a linear relation on a Jetson
TX1, and concluded that operations are a reliable estimate of inference time. On the GPUs of these tables they are not:
mult-adds rank networks with {spread(gpus, "mult-adds")}; activations rank them with {spread(gpus, "activations")}.
On the processors of these tables, at batch 1, it is the other way round: mult-adds {spread(cpus, "mult-adds")};
activations {spread(cpus, "activations")}. An RTX 4090 does 164 FLOPs in float16 in the
time in which it moves a byte, and few layers have as many. A roofline of both holds on all of these devices.
"""


def _table(result: Result) -> str:
    table, fit = result.fit.table, result.fit
    signed = result.predicted / fit.seconds - 1
    lines = [f"## {table.name}", "", "The ten networks with the largest errors, one size of each:", ""]
    lines += [
        "| network | family | size | predicted | measured | error |",
        "| :--- | :--- | ---: | ---: | ---: | ---: |",
    ]
    seen: set[str] = set()
    for index in np.argsort(-np.abs(np.where(fit.core, signed, 0))):
        row = fit.rows[index]
        if row.model in seen:
            continue
        seen.add(row.model)
        lines.append(
            f"| {row.model} | {fit.families[index]} | {row.size} | {1e6 * result.predicted[index]:.4g} us | "
            f"{1e6 * row.seconds:.4g} us | {100 * signed[index]:+.0f} % |"
        )
        if len(seen) == 10:
            break
    lines += [
        "",
        "Families whose median error is above 15 %, and what is supposed of the reason (none is verified):",
        "",
    ]
    kind = "cpu" if fit.cpu else "gpu"
    found = [(name, off, rows) for name, (size, off, rows) in result.families.items() if size > 0.15]
    for name, off, rows in sorted(found, key=lambda each: -abs(each[1])):
        what = "1 row" if rows == 1 else f"{rows} rows"
        lines.append(f"- {name} ({what}): {100 * off:+.0f} %; {REASONS.get((kind, name), 'nothing')}")
    if not found:
        lines.append("- none")
    return "\n".join([*lines, ""])


def write_page(results: Sequence[Result]) -> None:
    """Write the page, and the predictions as a table."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "README.md").write_text(page(results), encoding="utf-8")
    with (FOLDER / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "model", "network", "size", "batch", "predicted_us", "measured_us"])
        for each in results:
            if not each.fit.table.given:
                continue
            for row, predicted in zip(each.fit.rows, each.predicted, strict=True):
                name = _name(row)
                if name:
                    times = [f"{1e6 * predicted:.5g}", f"{1e6 * row.seconds:.5g}"]
                    writer.writerow([each.fit.table.name, row.model, name, row.size, row.batch, *times])


def _name(row: Any) -> str:
    from latency import networks

    return networks()[f"{row.model}@{row.size}"]["name"]
