"""The record of step memory beside archcalc's predictions: what PyTorch kept alive, line by line.

The programs of the recorded networks are kept in `tests/data/step_programs.tar.xz`, so that comparing needs neither
PyTorch nor the libraries. `python tests/step_record.py` imports the networks anew and keeps their programs, with
`--page` it writes reports/memory.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from archcalc import Graph
from archcalc.analysis.backward import backward_mult_adds
from archcalc.analysis.cost import costs
from archcalc.analysis.memory import KINDS
from archcalc.analysis.memory.step import inference, training_step, weights
from archcalc.importers.exported import read_exported
from archcalc.importers.imported import network_from
from archcalc.importers.sources import Source
from archcalc.training import PRECISIONS, Training

DATA = Path(__file__).parent / "data"
RECORD, PROGRAMS = DATA / "step_memory.json.xz", DATA / "step_programs.tar.xz"
MEMBER = "archcalc/models/model.json"
IMPLEMENTATIONS = {"forloop": "loop", "foreach": "foreach", "fused": "fused"}
PHASES = {"forward": "forward", "backward": "backward", "optimizer": "step"}
CLOSE = 0.02
"""The difference that needs no reason."""

AUXILIARY = "in training the model has auxiliary heads, which its trace in evaluation mode has not"
PARTS: Mapping[str, str] = {"torchvision:googlenet": AUXILIARY, "torchvision:inception_v3": AUXILIARY}
"""By network, what the trained model has and its trace has not."""
MASKED = "the learnt mask of attention keeps PyTorch from its fused kernel on the CPU, and products save their factors"
DROPOUT = "the CPU keeps dropout masks as floats: predicted are the bytes of a GPU"
LAYOUT = "in float32 the memory-efficient kernel on CUDA lays its output so that joining the heads is a copy"
MAPS = "under the CPU's autocast the cross entropy of maps holds one more copy of the output"
CACHED = "in evaluation mode the model keeps the biases of attention that it has gathered from its weights"
ENLARGED = "open: predicted is that CUDA's autocast enlarges maps in float32, as it does for a single layer"
ONE_MORE = "open: one value is predicted to live longer than it does"
ONE_LESS = "open: one value lives longer than predicted"
POSITIONS = "the positions are encoded once for a batch, and counted for each image"
STEP, INFERENCE = "training step", "inference"
EXPLAINED: Mapping[tuple[str, str, str, str], str] = {
    ("timm:coatnet_0_rw_224", "cpu", "", STEP): MASKED,
    ("timm:tiny_vit_5m_224", "cpu", "", STEP): MASKED,
    ("torchvision:vit_b_16", "cuda", "float32", STEP): LAYOUT,
    ("torchvision:lraspp_mobilenet_v3_large", "cpu", "amp_bf16", STEP): MAPS,
    ("timm:hrnet_w18_small", "cuda", "amp_bf16", STEP): ENLARGED,
    ("timm:levit_128s", "", "", INFERENCE): CACHED,
    ("timm:tiny_vit_5m_224", "", "", INFERENCE): CACHED,
    ("timm:pvt_v2_b0", "", "", INFERENCE): ONE_MORE,
    ("timm:cait_xxs24_224", "cuda", "amp_bf16", INFERENCE): ONE_MORE,
    ("timm:edgenext_xx_small", "cuda", "amp_bf16", INFERENCE): ONE_MORE,
    ("timm:gmlp_ti16_224", "cuda", "", INFERENCE): ONE_MORE,
    ("timm:xcit_nano_12_p16_224", "cuda", "amp_bf16", INFERENCE): ONE_MORE,
    ("timm:xcit_nano_12_p16_224", "cpu", "amp_bf16", INFERENCE): ONE_LESS,
    ("timm:resmlp_12_224", "", "amp_bf16", INFERENCE): ONE_LESS,
    ("timm:xcit_nano_12_p16_224", "", "", "forward FLOPs"): POSITIONS,
    ("timm:xcit_nano_12_p16_224", "", "", "backward FLOPs"): POSITIONS,
}
"""By network, device, precision (both empty: any) and figure the reason of a difference above 2 %, or what is known of
one that is open."""


def explained(network: str, device: str, precision: str, what: str) -> str:
    """The reason of a difference in a figure; empty if none is known."""
    for each in ((device, precision), (device, ""), ("", precision), ("", "")):
        if (network, *each, what) in EXPLAINED:
            return EXPLAINED[network, each[0], each[1], what]
    return ""


class Compared(NamedTuple):
    """A figure of the record and the prediction of it, in bytes or FLOPs."""

    network: str
    device: str
    precision: str
    batch: int
    optimizer: str
    what: str
    """`training step`, `inference`, `optimizer state`, `optimizer step`, `forward FLOPs` or `backward FLOPs`."""
    predicted: int
    recorded: int
    reason: str
    """The reason of a difference, if one is known."""

    @property
    def error(self) -> float:
        """The relative error of the prediction."""
        return self.predicted / self.recorded - 1 if self.recorded else float(self.predicted != self.recorded)


def programs() -> dict[str, bytes]:
    """The programs that are kept, by the names of their networks."""
    with tarfile.open(PROGRAMS, "r:xz") as archive:
        return {each.name.replace("+", ":"): held.read() for each in archive if (held := archive.extractfile(each))}


@cache
def lines() -> tuple[dict[str, Any], ...]:
    """The lines of the record, without the first, which has versions."""
    with lzma.open(RECORD, "rt", encoding="utf-8") as record:
        return tuple([json.loads(line) for line in record][1:])


def graph_of(name: str, program: bytes) -> Graph:
    """The graph of a program that is kept."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr(MEMBER, program)
    return network_from(read_exported(target.getvalue(), name), name).graph()


def compared(graph: Graph, line: Mapping[str, Any]) -> Iterator[Compared]:
    """The comparisons of a line of the record."""
    own = (line["network"], line["device"], line["precision"], line["batch"])
    if "flops" in line:
        yield from _flops(graph, line, own)
    elif "optimizers" in line:
        yield from _optimizers(graph, line, own)
    else:
        yield from _steps(graph, line, own)


def _steps(graph: Graph, line: Mapping[str, Any], own: tuple[str, str, str, int]) -> Iterator[Compared]:
    network, device, precision, batch = own
    training = Training(line["optimizer"], precision, IMPLEMENTATIONS[line["implementation"]])
    step: Any = training_step(graph, batch, "float32", training, device=device)  # pyright: ignore[reportArgumentType]
    theirs = max([line[phase][0] for phase in PHASES.values()])
    reason = PARTS.get(network) or explained(network, device, precision, STEP)
    if line.get("stochastic_depth") and line["depth"] != "off":
        reason = "stochastic depth is traced in evaluation mode, where it is the identity"
    elif line.get("dropout") and device == "cpu" and not reason:
        reason = DROPOUT
    yield Compared(*own, line["optimizer"], "training step", step.peak(), theirs, reason)
    if "inference" in line:
        held: Any = sum(weights(graph), 0)
        width = PRECISIONS[precision].width
        ours: Any = inference(graph, batch, PRECISIONS[precision], device=device)  # pyright: ignore[reportArgumentType]
        parts = AUXILIARY.replace("in training ", "") if network in PARTS else explained(*own[:3], INFERENCE)
        yield Compared(*own, "", "inference", ours.peak() + held * width, line["inference"][0], parts)


def _optimizers(graph: Graph, line: Mapping[str, Any], own: tuple[str, str, str, int]) -> Iterator[Compared]:
    for name, (state, peak) in line["optimizers"].items():
        optimizer, implementation = name.split("/")
        training = Training(optimizer, own[2], IMPLEMENTATIONS[implementation])
        step: Any = training_step(graph, own[3], "float32", training)
        last = step.moments[-1]
        ours: Any = dict(zip(KINDS, last.alive, strict=True))["optimizer_state"]
        reason = PARTS.get(own[0], "")
        yield Compared(*own, name, "optimizer state", ours, state, reason)
        yield Compared(*own, name, "optimizer step", step.peak("optimizer"), peak[0], reason)


def _flops(graph: Graph, line: Mapping[str, Any], own: tuple[str, str, str, int]) -> Iterator[Compared]:
    each = costs(graph)
    forward, backward, too_many = line["flops"]
    products: Any = sum([cost.work.multiply_accumulate for cost in each], 0)
    gradients: Any = backward_mult_adds(graph, each)
    for what, ours, theirs in (
        ("forward FLOPs", products, forward),
        ("backward FLOPs", gradients, backward - too_many),
    ):
        reason = PARTS.get(own[0]) or explained(*own[:3], what)
        yield Compared(*own, "", what, 2 * ours * own[3], theirs, reason)


def every() -> list[Compared]:
    """All comparisons of the networks whose programs are kept."""
    found: list[Compared] = []
    kept = programs()
    for name in kept:
        graph = graph_of(name, kept[name])
        for line in lines():
            if line["network"] == name:
                found += compared(graph, line)
    return found


def summary(found: Sequence[Compared]) -> list[tuple[str, str, str, int, int, int, float, float]]:
    """For each kind, device and precision: figures, those within 0.1 % and within 2 %, median and largest error."""
    groups: dict[tuple[str, str, str], list[float]] = {}
    for each in found:
        groups.setdefault((each.what, each.device, each.precision), []).append(abs(each.error))
    return [
        (
            *key,
            len(errors),
            sum([e <= 0.001 for e in errors]),
            sum([e <= CLOSE for e in errors]),
            median(errors),
            max(errors),
        )
        for key, errors in sorted(groups.items())
    ]


def write_page(folder: Path) -> None:
    """Write README.md, and steps.csv with all figures, in a folder."""
    found = every()
    with lzma.open(RECORD, "rt", encoding="utf-8") as record:
        versions: Mapping[str, str] = json.loads(next(record))["versions"]
    rows = [
        f"| {what} | {device} | {precision} | {count} | {exact} | {close} | {100 * middle:.3f} | {100 * most:.1f} |"
        for what, device, precision, count, exact, close, middle, most in summary(found)
    ]
    reasons: dict[str, dict[str, float]] = {}
    for each in found:
        if abs(each.error) > CLOSE:
            worst = reasons.setdefault(each.reason, {})
            worst[each.network] = max(worst.get(each.network, 0.0), each.error, key=abs)
    why = [
        f"| {reason} | {', '.join([f'{name} ({100 * error:+.1f} %)' for name, error in sorted(worst.items())])} |"
        for reason, worst in sorted(reasons.items())
    ]
    networks = len({each.network for each in found})
    text = PAGE.format(
        networks=networks,
        figures=len(found),
        versions=", ".join([f"{name} {version}" for name, version in versions.items()]),
        rows="\n".join(rows),
        reasons="\n".join(why),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(text, encoding="utf-8")
    with (folder / "steps.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Compared._fields)
        writer.writerows(found)


PAGE = """# Memory of steps, predicted and kept alive

Generated by `python tests/step_record.py --page`: {figures} figures of {networks} models of torchvision and timm.
Recorded are the storages that PyTorch keeps alive, counted after every operator of a whole training step (forward
pass, cross entropy, backward pass, optimizer) and of an inference, and the FLOPs of PyTorch's counter, without the
excess that it counts for grouped convolutions. The models ran on fake tensors, which need no memory, on the CPU and on
CUDA ({versions}). On the CPU these keep what real tensors keep, to the byte in float32 for all networks that were
tried; on CUDA no GPU has confirmed them yet. Predicted is what `archcalc memory` says of the traced models.
[steps.csv](steps.csv) has every figure.

| figure | device | precision | figures | within 0.1 % | within 2 % | median error, % | largest error, % |
| :--- | :--- | :--- | ---: | ---: | ---: | ---: | ---: |
{rows}

## Errors above 2 %

| reason | networks, with the largest error of each |
| :--- | :--- |
{reasons}
"""


def main() -> None:
    """Import the networks of the record, or those that are named, and keep their programs; or write the page."""
    if sys.argv[1:] == ["--page"]:
        write_page(Path(__file__).parent.parent / "reports" / "memory")
        return
    wanted = sys.argv[1:] or sorted({line["network"] for line in lines()})
    found = programs() if PROGRAMS.exists() else {}
    for name in wanted:
        source = Source(name)
        source.program({})
        held = source.file({})
        with zipfile.ZipFile(io.BytesIO(held) if isinstance(held, bytes) else str(held)) as file:
            found[name] = file.read(MEMBER)
        print(name, flush=True)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name in sorted(found):
            member = tarfile.TarInfo(name.replace(":", "+"))
            member.size = len(found[name])
            archive.addfile(member, io.BytesIO(found[name]))
    PROGRAMS.write_bytes(lzma.compress(plain.getvalue(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
