"""Closed forms run backwards: the largest setting of a knob within a budget, and the smallest that reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.base.questions import question
from archcalc.request import NetworkLike, Request
from archcalc.search.building import landscape, one_by_one
from archcalc.search.knobs import Subject, steps
from archcalc.search.searching import Search, at_setting
from archcalc.search.solutions import Bound, Solution, Solved
from archcalc.search.targets import read_targets

__all__ = ["Bound", "Solution", "Solved", "solve"]


@question
def solve(
    network: NetworkLike,
    targets: Mapping[str, Any],
    knob: str,
    *,
    multiple_of: Any = None,
    **given: Any,
) -> Solution:
    """The largest setting of a knob that is within all targets, and the smallest that reaches them all.

    `targets` map quantities (`params`, `mult_adds`, `activation_sum`, `parameter_bytes`, `peak_inference_bytes`,
    `training_saved_bytes`, `receptive_field`) to numbers, text such as "300M" or "2GiB", or the name of another
    network, which stands for that network's value. `knob` is `size` (of a square input), `batch`, or a hyperparameter.

    Raises ArchcalcError where a word or number cannot be read or a target cannot be met.
    """
    subject = Subject(Request.of(network, **given))
    wanted = read_targets(targets, subject.batch, subject.dtype)
    turned = subject.knob(knob)
    step = steps(turned, multiple_of)
    quantities = tuple([target.quantity for target in wanted])

    def enough(counts: Mapping[str, Any]) -> bool:
        return all([at_setting(counts, target) > 2 * target.value for target in wanted])

    land = landscape(subject, turned, quantities, step, enough)
    search = Search(subject, turned, land, wanted, step)
    if land.interpolated and search.neighbours[1] is not None:
        search = Search(subject, turned, one_by_one(subject, turned, quantities, step, enough), wanted, step)
    return search.solution()
