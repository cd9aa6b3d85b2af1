"""The share of broken zoo files that `archcalc validate` catches.

`python tests/benchmarks/mutants.py [EVERY [FILE...]]` breaks every literal of every zoo file in turn (see
tests/mutating.py), or one in EVERY. A mutant that changes no graph at any of three sizes is left out. It is caught if a
check against something outside of archcalc differs or fails for one of the networks that it changes, the smallest
first. Prints the shares by kind and every survivor.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from mutating import Mutant, fingerprints, in_child, install, mutants

from archcalc import zoo
from archcalc.validation import references
from archcalc.validation.runner import validate_one

CHECKS = ("references",)
READ = 12
"""The references of a file that are run before its mutants are tried."""
TRIED = 4
"""The most changed networks that are validated for a mutant."""


class Result(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    outcome: str
    """`caught`, `survived`, or `same` where no graph changes."""
    by: str
    """The network that caught it, or those that were validated in vain."""


_read: set[str] = set()


@cache
def _unbroken(file: str) -> dict[str, Any]:
    return fingerprints(file)


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


def _read_references(file: str) -> None:
    """Run the references of the smallest networks of a file, so that its mutants find them read."""
    known = [zoo.network(name) for name in _unbroken(file) if _compared(name)]
    for network in sorted(known, key=lambda each: len(each.graph().nodes))[:READ]:
        validate_one(network.name, "cpu", CHECKS)


def judge(mutant: Mutant) -> Result:
    """Try a mutant in a child process, so that nothing of it stays."""
    before = _unbroken(mutant.file)
    if mutant.file not in _read:
        _read.add(mutant.file)
        _read_references(mutant.file)
    outcome, _, by = in_child(lambda: "\n".join(_tried(mutant, before))).partition("\n")
    return Result(mutant, outcome or "caught", by or "the process died")


def _tried(mutant: Mutant, before: dict[str, Any]) -> tuple[str, str]:
    warnings.simplefilter("ignore")
    install(mutant)
    try:
        after = fingerprints(mutant.file)
    except Exception as error:  # noqa: BLE001 - the file cannot be imported
        return "caught", f"import: {type(error).__name__}"
    changed = [name for name in before if after.get(name) != before[name]]
    if not changed:
        return "same", ""
    for name in changed:
        if name not in after or after[name][0] is None or isinstance(after[name][0], str):
            return "caught", f"{name} cannot be built"
    smallest = sorted(changed, key=lambda name: (not _compared(name), len(zoo.network(name).graph().nodes)))
    tried = list(islice(smallest, TRIED))
    for name in tried:
        if any(each.status in ("differs", "failed") for each in validate_one(name, "cpu", CHECKS).outcomes):
            return "caught", name
    return "survived", ", ".join([name if _compared(name) else f"{name} (no reference)" for name in tried])


def _compared(name: str) -> bool:
    network = zoo.network(name)
    return network.family is not None and name in network.family.references


def main(every: int, files: Iterable[str]) -> None:
    """Print the shares and the survivors."""
    chosen = [each for file in files for each in mutants(file)][::every]
    _keep_references()
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
        results = list(pool.map(judge, chosen, chunksize=8))
    counts = Counter((each.mutant.kind, each.outcome) for each in results)
    print("| broken | mutants | of no effect | caught | survived | share |")
    print("| :--- | ---: | ---: | ---: | ---: | ---: |")
    for kind in [*sorted({kind for kind, _ in counts}), ""]:
        same, caught, survived = [
            sum(n for (each, outcome), n in counts.items() if kind in (each, "") and outcome == wanted)
            for wanted in ("same", "caught", "survived")
        ]
        share = f"{100 * caught / (caught + survived):.1f} %" if caught + survived else "-"
        print(f"| {kind or 'all'} | {same + caught + survived} | {same} | {caught} | {survived} | {share} |")
    print()
    for each in results:
        if each.outcome == "survived":
            print(
                f"{each.mutant.file}.py:{each.mutant.line}: {each.mutant.kind}: {each.mutant.change}; tried: {each.by}"
            )


if __name__ == "__main__":
    step, *named = sys.argv[1:] or ["1"]
    main(int(step), named or sorted(zoo.files()))
