"""Scaling laws: the growth of each quantity with input size, widths and depths, and the steps of the cost curve.

Exponents and leading coefficients are those of exact polynomials; nothing is fitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from types import NoneType
from typing import Any, Literal

from archcalc.algebra.curves import (
    Coefficients,
    Curve,
    Number,
    count_of,
    curve_of,
    derivative,
    polynomial_at,
    shifted,
    trimmed,
)
from archcalc.analysis.quantities import QUANTITIES
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.forms.results import Formula
from archcalc.forms.symbols import axes_of
from archcalc.graph import Real, Whole
from archcalc.request import NetworkLike, Request
from archcalc.search.built_curves import by_interpolation
from archcalc.search.closed_form_curves import by_closed_forms, by_size, form_at
from archcalc.search.cost_curves import CostCurve, Piece
from archcalc.search.inverses import lettered
from archcalc.search.laws import CostStep, CostSteps, Law, Scaling, VariableLaws
from archcalc.search.variables import Variable, VariedNetwork

SHOWN = ("params", "mult_adds", "activation_sum", "peak_inference_bytes", "training_saved_bytes")
LEFT_OUT = ("batch", "classes", "in_channels", "dropout")
"""Variables that are left out: every network has them, or they cost nothing."""


@question
def scaling(
    network: NetworkLike,
    *,
    samples: bool = False,
    **given: Any,
) -> Scaling:
    """The scaling laws of a network: the growth of its quantities with its input size and each numeric hyperparameter.

    `given` are the settings of a request: `input` (channels, height, width) in pixels is the size at which local
    exponents are taken and from which the steps of the cost curve are listed; `batch` and `dtype` matter for bytes
    only; hyperparameters that are given are held fixed. With `samples` the laws of each variable come with exact counts
    at many of its values, for a plot.

    Raises UnknownName for a network that the catalogue does not have, and ArchcalcError for a setting that is not
    accepted. A hyperparameter in which there is no law is listed in `without`, with the reason.

    >>> laws = scaling("resnet50")
    >>> [(law.quantity, law.exponent) for law in laws.variables[0].laws][:2]
    [('params', 0), ('mult_adds', 2)]
    >>> laws.cost_steps.period
    32
    """
    request = Request.of(network, **given)
    varied = VariedNetwork(replace(request, input=None))
    if request.input is not None:
        varied.at(request.input)
    by_variable: list[VariableLaws] = []
    without: dict[str, str] = {}
    steps: CostSteps | None = None
    own = varied.network.hyperparameters
    sized: list[tuple[str, Any]] = [("size", None)] if axes_of(varied.network) else []
    for key, kind in [*sized, *[(key, kind) for key, kind in own.items() if key != "size"]]:
        if key in LEFT_OUT or (key in varied.given and key != "size") or not isinstance(kind, (Whole, Real, NoneType)):
            continue
        variable = varied.variable(key)
        try:
            laws, cost_curve = _laws(varied, variable)
        except ArchcalcError as error:
            without[key] = str(error)
            continue
        by_variable.append(laws._replace(samples=_samples(varied, variable, cost_curve)) if samples else laws)
        if key == "size" and cost_curve is not None:
            steps = _steps(variable, cost_curve, len(varied.network.places))
    network = varied.network
    return Scaling(
        architecture=network.name,
        citation=network.citation,
        input=varied.shape,
        batch=varied.batch,
        dtype=varied.dtype,
        changed=varied.changed,
        variables=tuple(by_variable),
        cost_steps=steps,
        without=without,
        further_inputs=varied.further_inputs,
    )


def _laws(varied: VariedNetwork, variable: Variable) -> tuple[VariableLaws, CostCurve | None]:
    """The laws in one variable, and the cost curve that they follow from. Raises ArchcalcError if there are none."""
    if isinstance(variable.kind, Real):
        return _laws_of_real(varied, variable), None
    kind: Literal["size", "width", "depth"] = "width"
    if variable.name == "size":
        cost_curve, kind = by_size(varied, variable, SHOWN), "size"
    else:
        cost_curve = by_closed_forms(varied, variable, SHOWN)
        if cost_curve is None:
            cost_curve, kind = by_interpolation(varied, variable, SHOWN), "depth"
    if cost_curve is None or not cost_curve.pieces:
        raise ArchcalcError(f"the cost is no polynomial in {variable.name}")
    piece = _piece_at(cost_curve, variable.present) or max(cost_curve.pieces, key=lambda each: each.numbers[-1][1])
    laws = tuple([_law(cost_curve, piece, variable, quantity) for quantity in SHOWN])
    return VariableLaws(variable.name, variable.meaning, kind, variable.present, laws, cost_curve.how), cost_curve


def _piece_at(cost_curve: CostCurve, value: int) -> Piece | None:
    for piece in cost_curve.pieces:
        n, rest = divmod(value - piece.progression.residue, piece.progression.period)
        if not rest and any(first <= n <= last for first, last in piece.numbers):
            return piece
    return None


def largest_at(curve: Curve, last: Number) -> Coefficients:
    """The polynomial of a curve that is the largest at the last number of its range."""
    return max(curve, key=lambda part: polynomial_at(part, last))


def _law(cost_curve: CostCurve, piece: Piece, variable: Variable, quantity: str) -> Law:
    (period, residue), numbers, curves = piece
    curve = curves[quantity]
    top = largest_at(curve, numbers[-1][1])
    exponent = len(top) - 1
    letter, definition = lettered(variable, period, residue)
    n = Fraction(variable.present - residue, period)
    doubled = cost_curve.at(2 * variable.present)
    present = cost_curve.at(variable.present)
    return Law(
        quantity=quantity,
        unit=QUANTITIES[quantity].unit,
        exponent=exponent,
        leading=_tidy(Fraction(top[-1]) / period**exponent),
        formula=Formula(count_of(curve, letter), QUANTITIES[quantity].unit),
        letter=letter,
        domain=f"{definition}{letter} >= {numbers[0][0]}",
        local=_local(curve, n, Fraction(variable.present, period)),
        doubled=None if doubled is None or not present else _ratio(doubled[quantity], present[quantity]),
    )


def _tidy(number: Fraction) -> Number:
    return int(number) if number.denominator == 1 else number


def _ratio(above: int, below: int) -> Number | None:
    return _tidy(Fraction(above, below)) if below else None


def _local(curve: Curve, n: Number, position: Number) -> Number:
    """The local exponent x * q'(x) / q(x) of a polynomial q in n, where x is `position`: the value over the period."""
    part = max(curve, key=lambda each: polynomial_at(each, n))
    value = polynomial_at(part, n)
    slope = polynomial_at(derivative(part), n)
    return _tidy(Fraction(slope) * position / value) if value else 0


def _laws_of_real(varied: VariedNetwork, variable: Variable) -> VariableLaws:
    form = form_at(varied, variable, variable.present)
    symbol = form.symbols[0]
    present = Fraction(str(variable.present))
    laws: list[Law] = []
    now = varied.counts(variable, variable.present, SHOWN)
    twice = varied.counts(variable, float(2 * present), SHOWN) if 2 * present <= Fraction(str(variable.high)) else None
    for quantity in SHOWN:
        curve = curve_of(form.quantities[quantity].value)
        top = largest_at(curve, min([bound for bound in (symbol.largest, symbol.limit) if bound is not None]))
        laws.append(
            Law(
                quantity=quantity,
                unit=QUANTITIES[quantity].unit,
                exponent=len(top) - 1,
                leading=top[-1],
                formula=form.quantities[quantity],
                letter=symbol.letter,
                domain=symbol.definition(),
                local=_local(curve, present, present),
                doubled=None if twice is None or now is None else _ratio(twice[quantity], now[quantity]),
            )
        )
    if all(law.exponent == 0 for law in laws):
        raise ArchcalcError(f"nothing depends on {variable.name}")
    how = f"The closed form at {variable.name} = {variable.present:g}"
    return VariableLaws(variable.name, variable.meaning, "width", variable.present, tuple(laws), how)


def _samples(
    varied: VariedNetwork, variable: Variable, cost_curve: CostCurve | None
) -> tuple[tuple[Any, Mapping[str, int]], ...]:
    """Counts at values from a quarter to four times the present one: at every size, or at most at forty values."""
    if cost_curve is None:
        present = Fraction(str(variable.present))
        steps = [float(present * each / 8) for each in range(2, 33)]
        samples: list[tuple[Any, Any]] = [
            (value, varied.counts(variable, value, SHOWN)) for value in steps if variable.low <= value <= variable.high
        ]
    else:
        near = [
            (value, cost_curve.at(value)) for value in range(max(variable.present // 4, 1), 4 * variable.present + 1)
        ]
        samples = [each for each in near if each[1] is not None]
        if variable.name != "size":
            every = -(-len(samples) // 40)
            samples = [each for i, each in enumerate(samples) if i % every == 0 or each[0] == variable.present]
    return tuple([each for each in samples if each[1] is not None])


def _steps(variable: Variable, cost_curve: CostCurve, axes: int) -> CostSteps | None:
    """The steps from the present size, rounded down to a whole period, over one period."""
    period = cost_curve.pieces[0].progression.period
    if period == 1:
        return None
    base = max(variable.present - variable.present % period, period)
    every = list(_each_step(cost_curve, period, base, axes))
    steps = [step for step in every if step.rises["mult_adds"]]
    steps.sort(key=lambda step: (-step.rises["mult_adds"], step.before))
    return CostSteps(period, len(cost_curve.pieces), len(every) - len(steps), tuple(steps))


def _each_step(cost_curve: CostCurve, period: int, base: int, axes: int) -> Iterator[CostStep]:
    classes = {piece.progression.residue: piece for piece in cost_curve.pieces}
    for size in range(base + 1, base + period + 1):
        before, after = cost_curve.at(size - 1), cost_curve.at(size)
        if before is None or after is None:
            continue
        rises = {key: _tidy(Fraction(after[key], before[key]) - 1) if before[key] else 0 for key in SHOWN}
        lower, upper = classes[(size - 1) % period], classes[size % period]
        moved = shifted(lower.curves["mult_adds"], 1, -1 if size % period == 0 else 0)
        difference = _minus(upper.curves["mult_adds"], moved)
        area = Fraction(size, size - 1) ** axes - 1
        yield CostStep(size % period, size - 1, size, rises, area, Formula(count_of((difference,), "s"), "mult-adds"))


def _minus(one: Curve, other: Curve) -> Coefficients:
    return trimmed([a - b for a, b in zip_longest(one[0], other[0], fillvalue=0)])


__all__ = ["SHOWN", "CostStep", "CostSteps", "Law", "Scaling", "VariableLaws", "scaling"]
