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
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from mutating import Mutant, fingerprint, fingerprints, in_child, install, mutants

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
    for name in [name for name in before if _compared(name)][:READ]:  # so that the children find them read
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


def main(every: int, files: Iterable[str]) -> None:
    """Print the shares and the survivors."""
    sampled = [each for file in files for each in mutants(file)][::every]
    by_file = [list(group) for _, group in groupby(sampled, key=lambda each: each.file)]
    _keep_references()
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
        found = pool.map(judge, sorted(by_file, key=len, reverse=True))
        results = sorted(
            [each for some in found for each in some], key=lambda each: (each.mutant.file, each.mutant.line)
        )
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
