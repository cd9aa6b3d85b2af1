"""The share of broken zoo files that `archcalc validate` catches.

    python tests/benchmarks/mutants.py [--every N] [--record] [FILE...]

Every literal of every zoo file is broken in turn (see tests/mutating.py), or of the files named, or one in N. A mutant
that changes no graph at any of three sizes is of no effect. It is caught if the check of references differs or fails
for one of the networks that it changes, the smallest first. Prints the shares by kind and every survivor. With
--record what became of the mutants of each file goes to mutants.json beside this file, and the table of all files to
mutants.md, where survivors stand with the reasons of survivors.toml.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
import warnings
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from mutating import ZOO, Mutant, fingerprint, fingerprints, in_child, install, mutants, users

from archcalc import zoo
from archcalc.validation import references
from archcalc.validation.runner import validate_one

HERE = Path(__file__).parent
RECORD, PAGE = HERE / "mutants.json", HERE / "mutants.md"
REASONS: dict[tuple[str, str, str], str] = {
    (each["file"], place, each["change"]): each["reason"]
    for each in tomllib.loads((HERE / "survivors.toml").read_text(encoding="utf-8"))["survivors"]
    for place in each["places"]
}
"""Why a mutant is not noticed, by its file, the line of its source, and the change."""
OUTCOMES = ("same", "caught", "survived")
NONE = [0, 0, 0]
INTRODUCTION = """\
The share of broken zoo files that `archcalc validate` catches, with the check of references alone: every number, truth
value, keyword, branch and operator of every zoo file is broken in turn; of a file that says so, one in so many. A
mutant of no effect changes no graph at any of three inputs. Made by `python tests/benchmarks/mutants.py --record`."""
CHECKS = ("references",)
READ = 12
"""The references of a file that are run before its mutants are tried."""
TRIED = 12
"""The most changed networks that are validated for a mutant."""


class Result(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    outcome: str
    """`caught`, `survived`, or `same` where no graph changes."""
    by: str
    """The network that caught it, or those that were validated in vain."""


def _unbroken(file: str) -> dict[str, Any]:
    """The networks that may depend on a file: those with a second account first, small ones first."""
    found = fingerprints(file)
    sizes = {name: len(zoo.network(name).graph().nodes) for name in found}
    return {name: found[name] for name in sorted(found, key=lambda name: (not _compared(name), sizes[name]))}


def _keep_references() -> None:
    """Let each reference be built and run once in a process, and not for every mutant."""
    build = references.ReferenceModel
    kept: dict[str, Any] = {}

    def find(reference: Any) -> Any:
        key = repr(reference)
        if key not in kept:
            kept[key] = build(reference)
        return kept[key]

    references.ReferenceModel = find  # type: ignore[assignment,misc]


def judge(chosen: list[Mutant]) -> list[Result]:
    """Try the mutants of a file, each in a child process, so that nothing of it stays."""
    before = _unbroken(chosen[0].file)
    if len(chosen) > 1:  # so that the children find references read
        for name in [name for name in before if _compared(name)][:READ]:
            validate_one(name, "cpu", CHECKS)
    results: list[Result] = []
    for mutant in chosen:
        outcome, _, by = in_child(lambda mutant=mutant: "\n".join(_tried(mutant, before))).partition("\n")
        results.append(Result(mutant, outcome, by) if outcome else Result(mutant, "caught", "the process died"))
    return results


def _tried(mutant: Mutant, before: dict[str, Any]) -> tuple[str, str]:
    """Look at the networks in turn until one that is changed is caught."""
    warnings.simplefilter("ignore")
    tried: list[str] = []
    try:
        install(mutant)
        for name, unbroken in before.items():
            network = zoo.find(name)
            after = None if network is None else fingerprint(network)
            if after == unbroken:
                continue
            if network is None or after[0] is None or isinstance(after[0], str):
                return "caught", f"{name} cannot be built"
            if any(each.status in ("differs", "failed") for each in validate_one(name, "cpu", CHECKS).outcomes):
                return "caught", name
            tried.append(name if _compared(name) else f"{name} (no reference)")
            if len(tried) == TRIED:
                break
    except Exception as error:  # noqa: BLE001 - the file cannot be imported
        return "caught", f"{type(error).__name__}"
    return ("survived", ", ".join(tried)) if tried else ("same", "")


def _compared(name: str) -> bool:
    network = zoo.network(name)
    return network.family is not None and name in network.family.references


class Tested(NamedTuple):
    """What became of the mutants of a file."""

    counts: dict[str, list[int]]
    """For each kind the mutants of no effect, those caught and those that survived."""
    survivors: list[list[str]]
    """For each survivor its kind, the line of the source, the change, and the networks that were validated in vain."""
    every: int
    """One in so many was tried."""


def tested(results: Iterable[Result], every: int) -> Tested:
    """The counts and the survivors of a file."""
    counts: dict[str, list[int]] = {}
    survivors: list[list[str]] = []
    for mutant, outcome, by in results:
        counts.setdefault(mutant.kind, [0] * len(OUTCOMES))[OUTCOMES.index(outcome)] += 1
        if outcome == "survived":
            survivors.append([mutant.kind, place(mutant), mutant.change, by])
    return Tested(counts, survivors, every)


def place(mutant: Mutant) -> str:
    """The line of the source that is broken."""
    return (ZOO / f"{mutant.file}.py").read_text(encoding="utf-8").splitlines()[mutant.line - 1].strip()


def page(files: dict[str, Tested]) -> str:
    """The table by kind, the table by file, and the survivors with their reasons."""
    kinds = sorted({kind for each in files.values() for kind in each.counts})
    by_kind = {kind: [each.counts.get(kind, NONE) for each in files.values()] for kind in kinds}
    by_file = {f"`{name}.py`": [*each.counts.values()] for name, each in files.items()}
    lines = ["# Broken zoo files", "", INTRODUCTION, ""]
    lines += _table("broken", by_kind)
    lines += _table("file", {f"{name}{_share(files[name[1:-4]])}": rows for name, rows in by_file.items()})
    lines += ["The survivors:", ""]
    for name, each in files.items():
        for kind, source, change, by in each.survivors:
            reason = REASONS.get((name, source, change), "Not explained.")
            lines.append(f"- `{name}.py`, `{source}`, {kind}: `{change}`. Tried: {by}. {reason}")
    return "\n".join(lines) + "\n"


def _share(each: Tested) -> str:
    return f", one in {each.every}" if each.every > 1 else ""


def _table(head: str, counted: dict[str, list[list[int]]]) -> list[str]:
    """The lines of a table, with a row for all."""
    sums = {name: [sum(column) for column in zip(*rows, strict=True)] for name, rows in counted.items()}
    total = [sum(column) for column in zip(*sums.values(), strict=True)]
    lines = [f"| {head} | mutants | of no effect | caught | survived | share |", f"| :--- |{' ---: |' * 5}"]
    for name, (same, caught, survived) in (sums | {"all": total}).items():
        share = f"{100 * caught / (caught + survived):.1f} %" if caught + survived else "-"
        lines.append(f"| {name} | {same + caught + survived} | {same} | {caught} | {survived} | {share} |")
    return [*lines, ""]


def main(every: int, files: list[str], record: bool) -> None:
    """Try the mutants of some files; keep the results, or print them."""
    by_file = [found for file in files if (found := list(mutants(file, every)))]
    kept = {name: Tested(*each) for name, each in json.loads(RECORD.read_text()).items()} if record else {}
    _keep_references()
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
        for future in as_completed([pool.submit(judge, each) for each in sorted(by_file, key=len, reverse=True)]):
            results = future.result()
            kept[results[0].mutant.file] = tested(results, every)
            if record:
                RECORD.write_text(json.dumps(kept, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    text = page(dict(sorted(kept.items())))
    if record:
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The share of broken zoo files that `archcalc validate` catches.")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("files", nargs="*")
    asked = parser.parse_args()
    everything = sorted(path.stem for path in ZOO.glob("*.py") if path.stem != "__init__" and users(path.stem))
    main(asked.every, asked.files or everything, asked.record)
