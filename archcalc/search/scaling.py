"""Scaling laws: how each quantity of a network grows with size, widths and depths, and where the stairs are.

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
from archcalc.graph import Real, Whole
from archcalc.request import NetworkLike, Request
from archcalc.search.building import by_interpolation
from archcalc.search.covering import by_closed_forms, by_size, form_at
from archcalc.search.inverses import lettered
from archcalc.search.knobs import Knob, Subject
from archcalc.search.landscapes import Landscape, Piece
from archcalc.search.laws import Growth, Law, Scaling, Stairs, Step

SHOWN = ("params", "mult_adds", "activation_sum", "peak_inference_bytes", "training_saved_bytes")
LEFT_OUT = ("batch", "classes", "in_channels", "dropout")
"""What every network has, and what costs nothing."""


@question
def scaling(
    network: NetworkLike,
    *,
    samples: bool = False,
    **given: Any,
) -> Scaling:
    """How the quantities of a network grow with the size of its input and with each of its hyperparameters.

    `input` gives the size from which steps are counted and at which local exponents are taken. With `samples` each
    growth has exact counts at many settings, for a plot.

    Raises ArchcalcError for a network or a setting that does not exist.
    """
    request = Request.of(network, **given)
    subject = Subject(replace(request, input=None))
    if request.input is not None:
        subject.at(request.input)
    growths: list[Growth] = []
    without: dict[str, str] = {}
    stairs: Stairs | None = None
    own = subject.found.hyperparameters
    for key, kind in [("size", None), *[(key, kind) for key, kind in own.items() if key != "size"]]:
        if key in LEFT_OUT or (key in subject.given and key != "size") or not isinstance(kind, (Whole, Real, NoneType)):
            continue
        knob = subject.knob(key)
        try:
            found, land = _growth(subject, knob)
        except ArchcalcError as error:
            without[key] = str(error)
            continue
        growths.append(found._replace(samples=_samples(subject, knob, land)) if samples else found)
        if key == "size" and land is not None:
            stairs = _steps(knob, land)
    found = subject.found
    return Scaling(
        architecture=found.name,
        citation=found.citation,
        input=subject.shape,
        batch=subject.batch,
        dtype=subject.dtype,
        changed={key: subject.settings[key] for key in subject.given},
        growths=tuple(growths),
        stairs=stairs,
        without=without,
    )


def _growth(subject: Subject, knob: Knob) -> tuple[Growth, Landscape | None]:
    """The laws in one knob. Raises ArchcalcError where there are none."""
    if isinstance(knob.kind, Real):
        return _real_growth(subject, knob), None
    kind: Literal["size", "width", "depth"] = "width"
    if knob.name == "size":
        land, kind = by_size(subject, knob, SHOWN), "size"
    else:
        land = by_closed_forms(subject, knob, SHOWN)
        if land is None:
            land, kind = by_interpolation(subject, knob, SHOWN), "depth"
    if land is None or not land.pieces:
        raise ArchcalcError(f"no polynomial in {knob.name} was found")
    piece = _piece_at(land, knob.present) or max(land.pieces, key=lambda each: each.numbers[-1][1])
    laws = tuple([_law(land, piece, knob, quantity) for quantity in SHOWN])
    return Growth(knob.name, knob.meaning, kind, knob.present, laws, land.how), land


def _piece_at(land: Landscape, value: int) -> Piece | None:
    for piece in land.pieces:
        n, rest = divmod(value - piece.progression.residue, piece.progression.period)
        if not rest and any(first <= n <= last for first, last in piece.numbers):
            return piece
    return None


def largest_at(curve: Curve, last: Number) -> Coefficients:
    """The polynomial of a curve that is the largest at the last number that it is for."""
    return max(curve, key=lambda part: polynomial_at(part, last))


def _law(land: Landscape, piece: Piece, knob: Knob, quantity: str) -> Law:
    (period, residue), numbers, curves = piece
    curve = curves[quantity]
    top = largest_at(curve, numbers[-1][1])
    exponent = len(top) - 1
    letter, definition = lettered(knob, period, residue)
    n = Fraction(knob.present - residue, period)
    doubled = land.at(2 * knob.present)
    present = land.at(knob.present)
    return Law(
        quantity=quantity,
        unit=QUANTITIES[quantity].unit,
        exponent=exponent,
        leading=_tidy(Fraction(top[-1]) / period**exponent),
        formula=Formula(count_of(curve, letter), QUANTITIES[quantity].unit),
        letter=letter,
        domain=f"{definition}{letter} >= {numbers[0][0]}",
        local=_local(curve, n, Fraction(knob.present, period)),
        doubled=None if doubled is None or not present else _ratio(doubled[quantity], present[quantity]),
    )


def _tidy(number: Fraction) -> Number:
    return int(number) if number.denominator == 1 else number


def _ratio(above: int, below: int) -> Number | None:
    return _tidy(Fraction(above, below)) if below else None


def _local(curve: Curve, n: Number, knob: Number) -> Number:
    """The exponent knob * q'(knob) / q(knob), with q a polynomial in n.

    `knob` is the setting in units of the period.
    """
    part = max(curve, key=lambda each: polynomial_at(each, n))
    value = polynomial_at(part, n)
    slope = polynomial_at(derivative(part), n)
    return _tidy(Fraction(slope) * knob / value) if value else 0


def _real_growth(subject: Subject, knob: Knob) -> Growth:
    form = form_at(subject, knob, knob.present)
    symbol = form.symbols[0]
    present = Fraction(str(knob.present))
    laws: list[Law] = []
    now = subject.counts(knob, knob.present, SHOWN)
    twice = subject.counts(knob, float(2 * present), SHOWN) if 2 * present <= Fraction(str(knob.high)) else None
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
        raise ArchcalcError(f"nothing depends on {knob.name}")
    how = f"The closed form at {knob.name} = {knob.present:g}"
    return Growth(knob.name, knob.meaning, "width", knob.present, tuple(laws), how)


def _samples(subject: Subject, knob: Knob, land: Landscape | None) -> tuple[tuple[Any, Mapping[str, int]], ...]:
    """Counts at settings from a quarter to four times the present one: at every size, else at forty at most."""
    if land is None:
        present = Fraction(str(knob.present))
        steps = [float(present * each / 8) for each in range(2, 33)]
        found: list[tuple[Any, Any]] = [
            (value, subject.counts(knob, value, SHOWN)) for value in steps if knob.low <= value <= knob.high
        ]
    else:
        near = [(value, land.at(value)) for value in range(max(knob.present // 4, 1), 4 * knob.present + 1)]
        found = [each for each in near if each[1] is not None]
        if knob.name != "size":
            every = -(-len(found) // 40)
            found = [each for i, each in enumerate(found) if i % every == 0 or each[0] == knob.present]
    return tuple([each for each in found if each[1] is not None])


def _steps(knob: Knob, land: Landscape) -> Stairs | None:
    """The steps from the present size, rounded down to a whole period, over one period."""
    period = land.pieces[0].progression.period
    if period == 1:
        return None
    base = max(knob.present - knob.present % period, period)
    found = list(_each_step(land, period, base))
    steps = [step for step in found if step.rises["mult_adds"]]
    steps.sort(key=lambda step: (-step.rises["mult_adds"], step.before))
    return Stairs(period, len(land.pieces), len(found) - len(steps), tuple(steps))


def _each_step(land: Landscape, period: int, base: int) -> Iterator[Step]:
    classes = {piece.progression.residue: piece for piece in land.pieces}
    for size in range(base + 1, base + period + 1):
        before, after = land.at(size - 1), land.at(size)
        if before is None or after is None:
            continue
        rises = {key: _tidy(Fraction(after[key], before[key]) - 1) if before[key] else 0 for key in SHOWN}
        lower, upper = classes[(size - 1) % period], classes[size % period]
        moved = shifted(lower.curves["mult_adds"], 1, -1 if size % period == 0 else 0)
        difference = _minus(upper.curves["mult_adds"], moved)
        area = Fraction(size * size, (size - 1) ** 2) - 1
        yield Step(size % period, size - 1, size, rises, area, Formula(count_of((difference,), "s"), "mult-adds"))


def _minus(one: Curve, other: Curve) -> Coefficients:
    return trimmed([a - b for a, b in zip_longest(one[0], other[0], fillvalue=0)])


__all__ = ["SHOWN", "Growth", "Law", "Scaling", "Stairs", "Step", "scaling"]
