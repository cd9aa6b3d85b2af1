"""Inverse problems: the largest value of a variable within a budget, and the smallest that reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.base.spelling import cut
from archcalc.request import NetworkLike, Request
from archcalc.search.built_curves import find_cost_curve, one_by_one
from archcalc.search.searching import Search, targeted
from archcalc.search.solutions import Bound, Solution, Solved
from archcalc.search.targets import read_targets
from archcalc.search.variables import VariedNetwork, steps

__all__ = ["Bound", "Solution", "Solved", "solve"]


@question
def solve(
    network: NetworkLike,
    targets: Mapping[str, Any],
    variable: str,
    *,
    multiple_of: Any = None,
    **given: Any,
) -> Solution:
    """The largest value of a variable that is within all targets, and the smallest that reaches them all.

    `targets` map quantities (`params`, `mult_adds`, `activation_sum`, `parameter_bytes`, `peak_inference_bytes`,
    `training_saved_bytes`, `receptive_field`) to numbers, text such as "300M" or "2GiB", or the name of another
    network, which stands for that network's value; numbers are mult-adds and elements per image, parameters, bytes and
    pixels. A latency on a device (`latency@rtx-4090`, "5ms" or a number of seconds for the batch) is a prediction: the
    remarks say how large its error is. `variable` is `size` (of a square input, in pixels), `batch`, or a
    hyperparameter; `multiple_of` limits it to multiples of a number. `given` are the settings of a request: `input`,
    `batch`, `dtype` and hyperparameters.

    Raises UnknownName for an unknown network, quantity or variable, and ArchcalcError if a target cannot be read or
    cannot be met.

    >>> solution = solve("mobilenet_v1", {"mult_adds": "300M"}, "size", multiple_of=32)
    >>> solution.within.value, solution.reaches.value
    (160, 192)
    """
    for key, value in given.items():
        if key not in ("input", "training") and not isinstance(value, (str, int, float)):
            raise ArchcalcError(f"solve searches among numbers: {key} is {cut(repr(value))}", key)
    request = Request.of(network, **given)
    _check_input(request)
    varied = VariedNetwork(request)
    wanted = read_targets(targets, varied.request())
    varying = varied.variable(variable)
    step = steps(varying, multiple_of)
    quantities = tuple([target.quantity for target in wanted])

    def enough(counts: Mapping[str, Any]) -> bool:
        return all([targeted(counts, target) > 2 * target.value for target in wanted])

    cost_curve = find_cost_curve(varied, varying, quantities, step, enough)
    search = Search(varied, varying, cost_curve, wanted, step)
    if cost_curve.interpolated and search.neighbours[1] is not None:
        search = Search(varied, varying, one_by_one(varied, varying, quantities, step, enough), wanted, step)
    return search.solution()


def _check_input(request: Request) -> None:
    """Raise ArchcalcError for an input with other axes than the network's, which no value of a variable would mend."""
    network = request.resolved
    if request.input is not None and len(network.inputs) == 1:
        network.check_shape(request.input)
        network.check_axes(tuple(request.input), network.input)
