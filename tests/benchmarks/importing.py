"""How many public models archcalc imports, and whether its counts are those of PyTorch's own counter.

`python tests/benchmarks/importing.py [--libraries timm,torchvision,pytorchcv] [--shard K/N] [--record FILE] [NAME...]`
builds each model without weights on the meta device, exports and imports it, and compares parameters with
the module's and mult-adds with `FlopCounterMode` (attention by its math backend). At two other sizes the prediction is
compared with the counter at that size, or refused. Each model has a process of its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LIMIT = 400
"""Seconds for one model."""


def names(library: str) -> list[str]:
    """The models of a library that take images or tokens."""
    from archcalc.validation.models import keep_compiled_ops_out

    keep_compiled_ops_out()
    if library == "timm":
        import timm

        return timm.list_models()
    if library == "torchvision":
        import torchvision

        skipped = ("retinanet", "ssd", "fcos", "rcnn", "raft")
        return [name for name in torchvision.models.list_models() if not any(part in name for part in skipped)]
    if library == "pytorchcv":
        from pytorchcv.model_provider import _models

        return sorted(_models)
    raise SystemExit(f"unknown library {library}")


def build(library: str, name: str) -> tuple[Any, tuple[int, ...]]:
    """A model on the meta device, and the shape of its input without the batch."""
    import torch

    from archcalc.validation.models import keep_compiled_ops_out

    keep_compiled_ops_out()
    with torch.device("meta"):
        if library == "timm":
            import timm

            model = timm.create_model(name)
            return model.eval(), tuple(model.default_cfg["input_size"])
        if library == "torchvision":
            import torchvision

            given = (
                {"weights_backbone": None} if "segmentation" in str(torchvision.models.get_model_builder(name)) else {}
            )
            model = torchvision.models.get_model(name, weights=None, **given)
            video = "video" in model.__module__
            size = 299 if name == "inception_v3" else 224
            return model.eval(), (3, 16, 112, 112) if video else (3, size, size)
        from pytorchcv.model_provider import get_model

        model = get_model(name)
        return model.eval(), (getattr(model, "in_channels", 3), *getattr(model, "in_size", (224, 224)))


def counted(model: Any, shape: tuple[int, ...]) -> int:
    """Mult-adds of one example as PyTorch's counter has them."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    model.requires_grad_(requires_grad=False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        model(torch.empty(1, *shape, device="meta"))
    return counter.get_total_flops() // 2


def one(library: str, name: str) -> dict[str, Any]:
    """The record of one model."""
    import torch

    from archcalc import analyze
    from archcalc.importers.exported import read_exported
    from archcalc.importers.exporting import export
    from archcalc.importers.imported import network_from

    record: dict[str, Any] = {"library": library, "name": name}
    try:
        model, shape = build(library, name)
    except Exception as error:  # noqa: BLE001 - whatever a library raises
        return record | {"failed": f"build: {type(error).__name__}: {str(error)[:200]}"}
    record |= {"input": list(shape), "params": sum(each.numel() for each in model.parameters())}
    try:
        record["mult_adds"] = counted(model, shape)
    except Exception as error:  # noqa: BLE001
        record["counter"] = f"{type(error).__name__}: {str(error)[:200]}"
    begin = time.perf_counter()
    try:
        data = export(model, (torch.empty(2, *shape, device="meta"),))
    except Exception as error:  # noqa: BLE001
        return record | {"failed": f"export: {type(error).__name__}: {str(error)[:300]}"}
    record["export_s"] = round(time.perf_counter() - begin, 2)
    begin = time.perf_counter()
    try:
        program = read_exported(data, name)
        network = network_from(program, name)
        analysis = analyze(network)
    except Exception as error:  # noqa: BLE001
        return record | {"failed": f"import: {type(error).__name__}: {str(error)[:300]}"}
    record["import_s"] = round(time.perf_counter() - begin, 3)
    record |= {"our_params": analysis.totals.params, "our_mult_adds": analysis.totals.mult_adds}
    record["notes"] = list(program.notes)
    record["unused"] = (
        record["params"] - analysis.totals.params if any("Not used" in said for said in analysis.remarks) else 0
    )
    record["unknown"] = sorted({str(each.attributes["operator"]) for each in analysis.layers if each.op == "unknown"})
    record["symbolic"] = all(isinstance(size, str) for size in program.tensors[program.inputs[0]].sizes[2:])
    if record["symbolic"] and "mult_adds" in record:
        record["others"] = [other(model, network, (shape[0], *[size + add for size in shape[1:]])) for add in (32, -31)]
    return record


def other(model: Any, network: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    """The prediction at another size beside the counter there."""
    from archcalc import ArchcalcError, analyze

    found: dict[str, Any] = {"input": list(shape)}
    try:
        found["our_mult_adds"] = analyze(network, input=shape).totals.mult_adds
    except ArchcalcError as error:
        found["refused"] = str(error)[:200]
    try:
        found["mult_adds"] = counted(model, shape)
    except Exception as error:  # noqa: BLE001
        found["counter"] = f"{type(error).__name__}: {str(error)[:100]}"
    return found


COLUMNS = [
    "library",
    "name",
    "input",
    "params",
    "our_params",
    "unused",
    "mult_adds",
    "our_mult_adds",
    "symbolic",
    "export_s",
    "import_s",
    "failed",
]


def _other_size(given: dict[str, Any]) -> str:
    """Another size of a model: the prediction and PyTorch's count there."""
    ours, theirs = given.get("our_mult_adds", "refused"), given.get("mult_adds", "refused")
    return f"{'x'.join(map(str, given['input']))}:{ours}/{theirs}"


def write(files: list[Path], folder: Path) -> None:
    """Write the page and the table of some records; of a model that was run twice, the last record."""
    from importlib.metadata import version

    from archcalc.importers.page import page, verdict

    every = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    records = list({(each["library"], each["name"]): each for each in every}.values())
    records.sort(key=lambda each: (each["library"], each["name"]))
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "timm", "torchvision", "pytorchcv"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(page(records, packages), encoding="utf-8")
    with (folder / "models.csv").open("w", encoding="utf-8", newline="") as target:
        table = csv.writer(target, lineterminator="\n")
        table.writerow([*COLUMNS, "outcome", "other_sizes"])
        for each in records:
            sizes = [_other_size(given) for given in each.get("others", ())]
            shown = each | {"input": "x".join(map(str, each.get("input", ())))}
            table.writerow([*[shown.get(key, "") for key in COLUMNS], verdict(each), " ".join(sizes)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--libraries", default="timm,torchvision,pytorchcv")
    parser.add_argument("--shard", default="1/1")
    parser.add_argument("--record", type=Path)
    parser.add_argument("--one", nargs=2)
    parser.add_argument("--page", nargs="+", type=Path, metavar="FILE", help="write reports/importing from records")
    given = parser.parse_args()
    if given.page:
        write(given.page, Path(__file__).parent.parent.parent / "reports" / "importing")
        return
    if given.one:
        print(json.dumps(one(*given.one)))
        return
    part, parts = map(int, given.shard.split("/"))
    for library in given.libraries.split(","):
        wanted = [name for name in names(library) if not given.names or name in given.names]
        for name in wanted[part - 1 :: parts]:
            try:
                done = subprocess.run(
                    [sys.executable, __file__, "--one", library, name],
                    capture_output=True,
                    text=True,
                    timeout=LIMIT,
                    check=False,
                )
                lines = done.stdout.strip().splitlines()
                record = (
                    json.loads(lines[-1])
                    if done.returncode == 0 and lines
                    else {
                        "library": library,
                        "name": name,
                        "failed": f"process: {done.stderr[-300:]}",
                    }
                )
            except subprocess.TimeoutExpired:
                record = {"library": library, "name": name, "failed": f"no answer within {LIMIT} s"}
            text = json.dumps(record)
            print(text[:400], flush=True)
            if given.record:
                with given.record.open("a") as file:
                    file.write(text + "\n")


if __name__ == "__main__":
    main()
