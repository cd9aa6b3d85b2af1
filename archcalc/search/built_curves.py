"""Cost curves from built networks, for variables without closed forms: interpolated, or built at every value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

from archcalc.algebra.curves import Curve, Progression, interpolated, shifted
from archcalc.analysis.quantities import predicted
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Whole
from archcalc.search.closed_form_curves import by_closed_forms, by_size
from archcalc.search.cost_curves import FEW, MOST, CostCurve, Piece
from archcalc.search.variables import Variable, VariedNetwork, as_value, limits, multiples

FIRST = 8
"""The number of values that a polynomial is first fitted to and checked on."""
HIGHEST_DEGREE = 3
"""The highest degree in a depth: if each added layer is wider by a constant, its cost is quadratic, the sum cubic."""
AHEAD = (24, 40, 48, 64)
"""The steps beyond the first values at which a polynomial is checked: windows of attention that are nearly as large as
the map cost more than smaller and larger ones."""


def by_interpolation(varied: VariedNetwork, variable: Variable, quantities: Sequence[str]) -> CostCurve | None:
    """Polynomials through the first values of a whole-number variable, checked at larger ones; None if they do not fit.

    First all values that the network accepts are tried, then every second, third and fourth of them.
    """
    first = _accepted(varied, variable, quantities, islice(multiples(variable, Fraction(1)), FEW), FIRST)
    values = list(first)
    gaps = {b - a for a, b in pairwise(values)}
    if len(values) < FIRST or len(gaps) != 1:
        return None
    for stride in range(1, 5):
        more = islice(range(values[-1] + 1, variable.high), FEW) if len(values) < FIRST * stride else iter(())
        first |= _accepted(varied, variable, quantities, more, FIRST * stride - len(values))
        values = list(first)
        if {b - a for a, b in pairwise(values)} != gaps:
            return None
        for skip in range(4):
            cost_curve = _through(variable, quantities, first, stride, skip)
            if cost_curve is not None:
                gap = values[1] - values[0]
                ahead = (variable.present, 3 * variable.present, *[values[skip] + each * gap for each in AHEAD])
                further = [value for each in ahead if (value := _further(values[skip], gap, each, variable.high))]
                if all(cost_curve.at(value) == varied.counts(variable, value, quantities) for value in further):
                    return cost_curve._replace(how=_interpolation(variable, values[skip:], further, cost_curve.pieces))
    return None


def _through(
    variable: Variable, quantities: Sequence[str], first: Mapping[Any, Mapping[str, Any]], stride: int, skip: int
) -> CostCurve | None:
    """Polynomials through all values but the first `skip`, one for each residue class modulo `stride`."""
    values, high = list(first), variable.high
    period = (values[1] - values[0]) * stride
    pieces: list[Piece] = []
    for start in range(skip, skip + stride):
        chosen = values[start::stride]
        parts = {key: interpolated([first[value][key] for value in chosen], HIGHEST_DEGREE, 2) for key in quantities}
        begin, residue = divmod(values[start], period)
        curves: dict[str, Curve] = {key: shifted((part,), 1, -begin) for key, part in parts.items() if part is not None}
        if len(curves) < len(parts):
            return None
        pieces.append(Piece(Progression(period, residue), ((begin, (high - residue) // period),), curves))
    return CostCurve(tuple(pieces), {value: first[value] for value in values[:skip]}, "", interpolated=True)


def _interpolation(variable: Variable, values: Sequence[int], further: Sequence[int], pieces: Sequence[Piece]) -> str:
    """A sentence with the values that polynomials were fitted to and those where they were checked."""
    needed = len(pieces) * (
        1 + max([len(part) - 1 for piece in pieces for curve in piece.curves.values() for part in curve])
    )
    through, checked = values[:needed], sorted({*values[needed:], *further} - {*values[:needed]})
    classes = "" if len(pieces) == 1 else f" on {len(pieces)} residue classes"
    shown = f"{_listed(checked)}" if len(checked) <= 12 else f"{_listed(checked[:4])} ... {_listed(checked[-3:])}"
    return f"Interpolated{classes} at {variable.name} = {_listed(through)}, checked at {shown}"


def _listed(values: Sequence[Any]) -> str:
    return ", ".join([f"{each:g}" if isinstance(each, float) else str(each) for each in values])


def _further(start: int, gap: int, value: int, high: int) -> int:
    """The largest member of a progression that is not above a value; 0 if there is none."""
    value = min(value, high)
    return value - (value - start) % gap if value >= start else 0


def _accepted(
    varied: VariedNetwork, variable: Variable, quantities: Sequence[str], values: Iterator[Any], most: int
) -> dict[Any, dict[str, Any]]:
    """Counts at the first values that the network accepts, `most` of them."""
    result: dict[Any, dict[str, Any]] = {}
    for value in values:
        counts = varied.counts(variable, value, quantities)
        if counts is not None:
            result[value] = counts
        if len(result) == most:
            break
    return result


def one_by_one(
    varied: VariedNetwork,
    variable: Variable,
    quantities: Sequence[str],
    step: Fraction,
    enough: Callable[[Mapping[str, Any]], bool],
) -> CostCurve:
    """A cost curve from building the network at every value, up to the first at which all costs are `enough`."""
    options = variable.options()
    if options:
        built = _accepted(varied, variable, quantities, iter(options), len(options) + 1)
        return CostCurve((), built, f"Every {variable.name} was built: {_listed([*built])}")
    low, high = limits(variable, step)
    last, beyond = high, []
    if high - low > FEW:
        last, beyond = _bracketed(varied, variable, quantities, step, enough)
    built = _accepted(varied, variable, quantities, (as_value(variable, n * step) for n in range(low, last + 1)), MOST)
    if len(built) == MOST:
        raise _too_many(varied, variable, step, last - low)
    more = f"; beyond these only {_listed(beyond)}, where the cost is more than twice every target" if beyond else ""
    steps = "" if step == 1 else f" in steps of {float(step):g}"
    ends = _listed([as_value(variable, low * step), as_value(variable, last * step)]).replace(", ", " to ")
    return CostCurve((), built, f"Every {variable.name} from {ends}{steps} was built, {len(built)} networks{more}")


def _bracketed(
    varied: VariedNetwork,
    variable: Variable,
    quantities: Sequence[str],
    step: Fraction,
    enough: Callable[[Mapping[str, Any]], bool],
) -> tuple[int, list[Any]]:
    """The last step to build, and the values beyond it that were tried: at all of these the cost is `enough`."""
    low, high = limits(variable, step)

    def probed(n: int) -> Mapping[str, Any] | None:
        return varied.counts(variable, as_value(variable, n * step), quantities)

    probes = [high, *[low + (1 << k) for k in reversed(range((high - low).bit_length())) if low + (1 << k) < high]]
    last, taken = high, 0
    beyond: list[int] = []
    for place, n in enumerate(probes):
        counts = probed(n)
        taken += counts is not None
        if counts is not None and not enough(counts):
            if place and taken * 2 > place:
                last, beyond = _closer(probed, enough, n, last, beyond)
            break
        if counts is not None:
            beyond.insert(0, n)
        last = n
    else:
        near = [n for n in beyond if n - low <= FEW]  # all cost too much: the first values show which costs least
        last, beyond = (near[-1], beyond[len(near) :]) if near else (high, [])
    if not taken and last - low > FEW:
        _check_any(varied, variable, [as_value(variable, n * step) for n in range(low, low + FEW)])
    if last - low > MOST and taken * 2 > len(probes) // 2:
        raise _too_many(varied, variable, step, last - low)
    return last, [as_value(variable, n * step) for n in beyond if n > last]


def _check_any(varied: VariedNetwork, variable: Variable, values: Sequence[Any]) -> None:
    """Raise ArchcalcError, with the reason at the first, unless the network can be built at one of some values."""
    if _accepted(varied, variable, (), iter(values), 1):
        return
    try:
        _ = varied.request_at(variable, values[0]).graph
    except ArchcalcError as error:
        said = f"at none of the values of {variable.name} that were tried can it be built; at {values[0]}"
        raise ArchcalcError(f"{varied.network.name}: {said}: {error}", error.about) from None


def _closer(
    probed: Callable[[int], Mapping[str, Any] | None],
    enough: Callable[[Mapping[str, Any]], bool],
    low: int,
    high: int,
    beyond: list[int],
) -> tuple[int, list[int]]:
    """A smaller upper end than `high`, from three halvings of the interval down to `low`."""
    for _ in range(3):
        middle = (low + high) // 2
        counts = probed(middle)
        if counts is None or middle == low:
            break
        if enough(counts):
            high, beyond = middle, [middle, *beyond]
        else:
            low = middle
    return high, beyond


def _too_many(varied: VariedNetwork, variable: Variable, step: Fraction, count: int) -> ArchcalcError:
    coarser = step * -(-count // (MOST // 2))
    return ArchcalcError(
        f"{varied.network.name}: {count + 1} values of {variable.name} would have to be built one by one; use "
        f"multiples of {float(coarser):g} or more (--multiple-of)",
        about="multiple_of",
    )


def find_cost_curve(
    varied: VariedNetwork,
    variable: Variable,
    quantities: Sequence[str],
    step: Fraction,
    enough: Callable[[Mapping[str, Any]], bool],
) -> CostCurve:
    """The cost curve of a variable: from closed forms, else by interpolation, else by building every value.

    A prediction is no polynomial: with one among the quantities, every value is built.
    """
    if isinstance(variable.kind, Whole) and not predicted(quantities):
        cost_curve = by_size(varied, variable, quantities) if variable.name == "size" else None
        cost_curve = cost_curve or by_closed_forms(varied, variable, quantities)
        if cost_curve is None and variable.high - variable.low >= 3 * FIRST:
            cost_curve = by_interpolation(varied, variable, quantities)
        if cost_curve is not None:
            return cost_curve
    return one_by_one(varied, variable, quantities, step, enough)
