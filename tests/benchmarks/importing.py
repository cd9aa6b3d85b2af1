"""How many public models archcalc imports, and whether its counts are those of PyTorch's own counter.

`python tests/benchmarks/importing.py --record FILE [--libraries NAME,NAME] [--shard K/N] [MODEL...]` builds each model
of timm, torchvision, pytorchcv and transformers without weights on the meta device, exports and imports it, compares
parameters with the module's and mult-adds with `FlopCounterMode` (attention by its math backend). At three other sizes
the prediction is compared with the counter at that size, or refused. A model that reads values on its way is run on the
CPU. Each has a process of its own. `--again` imports the programs that were kept again; `--page FILE...` writes the
records into reports/importing, beside those of other models that are there.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import os
import random
import signal
import subprocess
import time
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

CONFIGURATIONS: dict[str, Any] = json.loads(Path(__file__).with_name("transformers.json").read_text(encoding="utf-8"))
"""Models of transformers by their configurations, some with fewer layers."""
LIMIT = 900
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
    if library == "transformers":
        return list(CONFIGURATIONS)
    raise SystemExit(f"unknown library {library}")


def build(library: str, name: str) -> tuple[Any, Any]:
    """A model on the meta device as archcalc builds it, and its input."""
    from archcalc.importers.worker import build

    if library != "transformers":
        module, (example,) = build(library, f"{library}:{name}", {}, None)
        return module.eval(), example
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(CONFIGURATIONS[name], file)
        file.flush()
        module, inputs = build("hf", f"hf:{file.name}", {}, None)
    (key, example), *_ = inputs.items()
    return _Named(module.eval(), key), example


def _Named(module: Any, key: str) -> Any:  # noqa: N802 - a class of a library that is imported late
    """A module that gives its only input by name, and returns what another one does."""
    import torch

    class Named(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, x: Any) -> Any:
            return self.module(**{key: x}).to_tuple()

    return Named().eval()


def counted(model: Any, example: Any, shape: tuple[int, ...]) -> int:
    """Mult-adds of one example as PyTorch's counter has them."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    model.requires_grad_(requires_grad=False)
    one = torch.zeros(1, *shape, dtype=example.dtype, device=example.device)
    try:
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            model(one)
    except RuntimeError as error:
        if "meta" not in str(error) or not example.is_meta:
            raise
        return counted(copy.deepcopy(model).to_empty(device="cpu"), torch.empty_like(example, device="cpu"), shape)
    return counter.get_total_flops() // 2


def first(library: str, name: str, folder: Path) -> dict[str, Any]:
    """The record of one model as PyTorch has it, at its own size and at three others; its program goes to a folder."""
    from archcalc.importers.exported import read_exported
    from archcalc.importers.exporting import export

    record: dict[str, Any] = {"library": library, "name": name}
    try:
        model, example = build(library, name)
    except Exception as error:  # noqa: BLE001 - whatever a library raises
        return record | {"failed": f"build: {type(error).__name__}: {str(error)[:200]}"}
    shape = tuple(example.shape[1:])
    record |= {"input": list(shape), "params": sum(each.numel() for each in model.parameters())}
    try:
        record["mult_adds"] = counted(model, example, shape)
    except Exception as error:  # noqa: BLE001
        record["counter"] = f"{type(error).__name__}: {str(error)[:200]}"
    begin = time.perf_counter()
    try:
        data = export(model, (example,))
    except Exception as error:  # noqa: BLE001
        return record | {"failed": f"export: {type(error).__name__}: {str(error)[:300]}"}
    record["export_s"] = round(time.perf_counter() - begin, 2)
    (folder / f"{library}-{name}.pt2").write_bytes(data)
    program = read_exported(data, name)
    record["notes"] = list(program.notes)
    record["symbolic"] = all(
        isinstance(size, str) for size in program.tensors[program.inputs[0]].sizes[2 if len(shape) > 1 else 1 :]
    )
    if record["symbolic"] and "mult_adds" in record:
        record["others"] = [other(model, example, size) for size in other_sizes(name, shape)]
    return record


def other_sizes(name: str, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Three other sizes: one 32 larger, one of two multiples of 32, one of any numbers; three lengths of tokens."""
    chance = random.Random(name)  # noqa: S311
    if len(shape) == 1:
        return [(chance.randrange(8, 500),) for _ in range(3)]
    channels, *sides = shape
    several = [chance.randrange(3, 12) * 32 for _ in sides]
    odd = [chance.randrange(side // 2, side * 3 // 2) for side in sides]
    return [(channels, *[side + 32 for side in sides]), (channels, *several), (channels, *odd)]


def other(model: Any, example: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    """The counter at another size."""
    try:
        return {"input": list(shape), "mult_adds": counted(model, example, shape)}
    except Exception as error:  # noqa: BLE001
        return {"input": list(shape), "counter": f"{type(error).__name__}: {str(error)[:100]}"}


@cache
def _commit() -> str:
    """The commit of archcalc that imports."""
    command = ["git", "log", "-1", "--format=%h"]
    return subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True).stdout.strip()


def second(record: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A record with archcalc's figures of the program that was kept."""
    from archcalc import ArchcalcError, analyze
    from archcalc.importers.exported import read_exported
    from archcalc.importers.imported import network_from

    file = folder / f"{record['library']}-{record['name']}.pt2"
    if record.get("failed", "").startswith("import:"):
        del record["failed"]
    if "failed" in record or not file.exists():
        return record
    record["commit"] = _commit()
    begin = time.perf_counter()
    try:
        network = network_from(read_exported(file.read_bytes(), record["name"]), record["name"])
        analysis = analyze(network)
    except Exception as error:  # noqa: BLE001
        return record | {"failed": f"import: {type(error).__name__}: {str(error)[:300]}"}
    record["import_s"] = round(time.perf_counter() - begin, 3)
    record |= {"our_params": analysis.totals.params, "our_mult_adds": analysis.totals.mult_adds}
    record["unused"] = (
        record["params"] - analysis.totals.params if any("Not used" in said for said in analysis.remarks) else 0
    )
    record["unknown"] = sorted({str(each.attributes["operator"]) for each in analysis.layers if each.op == "unknown"})
    for each in record.get("others", ()):
        try:
            each["our_mult_adds"] = analyze(network, input=tuple(each["input"])).totals.mult_adds
        except ArchcalcError as error:
            each["refused"] = str(error)[:200]
    return record


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
    "commit",
    "unknown",
    "counter",
    "failed",
]
NUMBERS = {"params", "our_params", "unused", "mult_adds", "our_mult_adds"}


def _other_size(given: dict[str, Any]) -> str:
    """Another size of a model: the prediction and PyTorch's count there."""
    ours, theirs = given.get("our_mult_adds", "refused"), given.get("mult_adds", "refused")
    return f"{'x'.join(map(str, given['input']))}:{ours}/{theirs}"


def _records(files: list[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def _read(row: dict[str, str]) -> dict[str, Any]:
    """The record of a row of the table."""
    record: dict[str, Any] = {key: int(row[key]) if key in NUMBERS else row[key] for key in COLUMNS if row[key]}
    record["input"] = [int(size) for size in row["input"].split("x") if size]
    record["symbolic"] = row["symbolic"] == "True"
    record["unknown"] = row["unknown"].split()
    record["others"] = [_read_other(each) for each in row["other_sizes"].split()]
    return record


def _read_other(text: str) -> dict[str, Any]:
    shape, _, counts = text.partition(":")
    ours, theirs = counts.split("/")
    found: dict[str, Any] = {"input": [int(size) for size in shape.split("x")]}
    found |= {"refused": ours} if ours == "refused" else {"our_mult_adds": int(ours)}
    return found if theirs == "refused" else found | {"mult_adds": int(theirs)}


def write(files: list[Path], folder: Path) -> None:
    """Write the page and the table of some records, beside the rows of the table that is there; the last of a model."""
    from importlib.metadata import distributions

    from archcalc.importers.page import page, verdict

    kept = (folder / "models.csv").read_text(encoding="utf-8") if (folder / "models.csv").exists() else ""
    every = [*map(_read, csv.DictReader(kept.splitlines())), *_records(files)]
    records = list({(each["library"], each["name"]): each for each in every}.values())
    records.sort(key=lambda each: (each["library"], each["name"]))
    named = ("torch", "timm", "torchvision", "pytorchcv", "transformers")
    versions = {each.name: each.version for each in distributions() if each.name in named}
    packages = ", ".join([f"{name} {versions[name]}" for name in named if name in versions])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(page(records, packages), encoding="utf-8")
    with (folder / "models.csv").open("w", encoding="utf-8", newline="") as target:
        table = csv.writer(target, lineterminator="\n")
        table.writerow([*COLUMNS, "outcome", "other_sizes"])
        for each in records:
            sizes = [_other_size(given) for given in each.get("others", ())]
            shown = each | {
                "input": "x".join(map(str, each.get("input", ()))),
                "unknown": " ".join(each.get("unknown", ())),
            }
            table.writerow([*[shown.get(key, "") for key in COLUMNS], verdict(each), " ".join(sizes)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--libraries", default="timm,torchvision,pytorchcv")
    parser.add_argument("--shard", default="1/1")
    parser.add_argument("--record", type=Path, required=True, metavar="FILE", help="where records go, one a line")
    parser.add_argument(
        "--programs", type=Path, metavar="FOLDER", help="where programs go; by default beside the records"
    )
    parser.add_argument("--again", action="store_true", help="import the programs of recorded models again")
    parser.add_argument("--page", nargs="+", type=Path, metavar="FILE", help="write reports/importing from records")
    given = parser.parse_args()
    if given.page:
        write(given.page, Path(__file__).parent.parent.parent / "reports" / "importing")
        return
    programs: Path = given.programs or given.record.with_suffix(".programs")
    programs.mkdir(parents=True, exist_ok=True)
    if given.again:
        records = [json.loads(line) for line in given.record.read_text().splitlines()]
        given.record.write_text("".join(f"{json.dumps(second(each, programs))}\n" for each in records))
        return
    part, parts = map(int, given.shard.split("/"))
    done = {(each["library"], each["name"]) for each in _records([given.record])} if given.record.exists() else set()
    for library in given.libraries.split(","):
        wanted = [name for name in names(library) if not given.names or name in given.names]
        random.Random(0).shuffle(wanted)  # noqa: S311
        for name in wanted[part - 1 :: parts]:
            if (library, name) not in done:
                _apart(library, name, given.record, programs)


def _apart(library: str, name: str, record: Path, programs: Path) -> None:
    """Record one model in a process of its own, forked from this one, which holds PyTorch and the library."""
    child = os.fork()
    if not child:
        signal.alarm(LIMIT)
        code = 1
        try:
            text = json.dumps(second(first(library, name, programs), programs))
            print(text[:300], flush=True)
            with record.open("a") as file:
                file.write(f"{text}\n")
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        failed = f"no answer within {LIMIT} s" if code == -signal.SIGALRM else f"the process ended with {code}"
        with record.open("a") as file:
            file.write(f"{json.dumps({'library': library, 'name': name, 'failed': failed})}\n")


if __name__ == "__main__":
    main()
