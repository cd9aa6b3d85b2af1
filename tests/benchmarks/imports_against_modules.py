"""Imports against the modules that they are of: random networks back, saved activations, receptive fields.

`python tests/benchmarks/imports_against_modules.py [networks] [memory] [fields]` exports 400 random networks, imports
them back and compares all figures; it compares the saved activations of 24 public models with what autograd keeps, and
the fields of 20 with gradients. Of each kind the tests take some.
"""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from archcalc.importers.exporting import keep_compiled_ops_out

sys.path.append(str(Path(__file__).parent.parent))

import test_importing_fields as imported_fields
import test_importing_memory as imported_memory
from round_trip import differences, imported
from test_importing_round_trip import drawn

COUNT = 400


def _network(seed: int) -> str:
    graph = drawn(seed)
    return "; ".join(map(str, differences(graph, imported(graph).graph())))


def _memory(name: str) -> str:
    ours, theirs = imported_memory.both(name)
    return "" if ours == theirs else f"{ours} bytes, autograd keeps {theirs}"


def _field(size: tuple[int, int, int]) -> Callable[[str], str]:
    def field(name: str) -> str:
        imported_fields.check(name, size)
        return ""

    return field


def report(title: str, subjects: Iterable[Any], difference: Callable[[Any], str]) -> None:
    """Print the subjects that differ, and how many there are."""
    every = list(subjects)
    wrong = 0
    for subject in every:
        try:
            said = difference(subject)
        except Exception as error:  # noqa: BLE001 - a failure of one is its difference
            said = f"{type(error).__name__}: {error} {traceback.format_tb(error.__traceback__)[-1].strip()}"
        if said:
            wrong += 1
            print(f"{title} {subject}: {said[:400]}", flush=True)
    print(f"{title}: {len(every)}, of which {wrong} differ", flush=True)


def main() -> None:
    wanted = sys.argv[1:] or ["networks", "memory", "fields"]
    warnings.simplefilter("ignore")
    keep_compiled_ops_out()
    if "networks" in wanted:
        report("random networks", range(COUNT), _network)
    if "memory" in wanted:
        report("saved activations", imported_memory.MODELS, _memory)
    if "fields" in wanted:
        report("receptive fields", imported_fields.QUICK, _field(imported_fields.ODD))
        report("receptive fields", imported_fields.LARGER, _field(imported_fields.EVEN))


if __name__ == "__main__":
    main()
