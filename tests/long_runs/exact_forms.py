"""The law of exact forms at every size: formula(H, W) == analyze(H, W) for all valid H, W up to 512.

`python tests/long_runs/exact_forms.py [NAME ...]` takes all networks of the catalogue by default. The
engine computes on arrays of sizes; that these are its integers is proven in tests/test_zoo_symbols.py. Which sizes are
valid is compared one by one on each axis. Exit code 1 on any disagreement.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from archcalc import ArchcalcError, names, zoo
from archcalc.analysis.cost import activation_sum, costs
from archcalc.analysis.memory import footprint
from archcalc.analysis.table import sums
from archcalc.forms.closed import exact_form
from archcalc.forms.exact import ExactForm

TOP = 512


def accepted(form: ExactForm, axis: int) -> list[int]:
    """The sizes up to TOP that the form takes on an axis."""
    smallest, period = form.smallest[axis], form.periods[axis]
    return [size for size in range(1, TOP + 1) if (least := smallest[size % period]) is not None and size >= least]


def wrong_domain(name: str, form: ExactForm) -> list[str]:
    """Sizes that only one of form and engine takes, each axis beside one size of the other."""
    found = zoo.network(name)
    taken = [set(accepted(form, axis)) for axis in (0, 1)]
    wrong: list[str] = []
    for axis in (0, 1):
        other = max(taken[1 - axis])
        for size in range(1, TOP + 1):
            sides = (size, other) if axis == 0 else (other, size)
            try:
                found.graph((form.channels, *sides), found.settings)
                built = True
            except ArchcalcError:
                built = False
            if built != (size in taken[axis]):
                wrong.append(f"{name} at {sides}: the engine {'takes' if built else 'refuses'} it, the form does not")
    return wrong


def wrong_counts(name: str, form: ExactForm) -> tuple[int, list[str]]:
    """How many sizes were compared, and where any count differs."""
    found = zoo.network(name)
    heights, widths = (np.array(accepted(form, axis)) for axis in (0, 1))
    nodes = len(found.graph((form.channels, int(heights[-1]), int(widths[-1])), found.settings).nodes)
    step = max(1, 20_000_000 // (nodes * len(widths) * 4))
    wrong: list[str] = []
    for begin in range(0, len(heights), step):
        tall, wide = heights[begin : begin + step, None], widths[None, :]
        graph = found.graph((form.channels, tall, wide), found.settings)
        each = costs(graph)
        memory = footprint(graph, each)
        params, mult_adds = sums(each)
        engine = {
            "params": params,
            "mult_adds": mult_adds,
            "activation_sum": activation_sum(graph, each),
            "peak_inference": memory.peak_inference,
            "training_saved_bytes": memory.training_saved(1, 4),
        }
        for quantity, counts in engine.items():
            different = np.argwhere(
                np.broadcast_to(counts, (len(tall), len(widths))) != form.evaluate(quantity, tall, wide)
            )
            wrong += [f"{name} at {heights[begin + i]} x {widths[j]}: {quantity}" for i, j in different[:3]]
    return len(heights) * len(widths), wrong


def main() -> int:
    failed: list[str] = []
    compared = 0
    for name in sys.argv[1:] or names():
        begin = time.perf_counter()
        form = exact_form(name)
        count, wrong = wrong_counts(name, form)
        wrong += wrong_domain(name, form)
        compared += count
        failed += wrong
        print(
            f"{name}: {count:,} sizes, {len(wrong)} wrong, {time.perf_counter() - begin:.1f} s",
            *wrong[:5],
            sep="\n  ",
            flush=True,
        )
    print(f"{compared:,} sizes compared in five counts, {len(failed)} disagreements")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
