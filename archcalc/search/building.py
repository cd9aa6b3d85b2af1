"""Landscapes without closed forms: polynomials through networks that were built, or every network built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

from archcalc.algebra.curves import Curve, Progression, interpolated, shifted
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Whole
from archcalc.search.covering import by_closed_forms, by_size
from archcalc.search.knobs import Knob, Subject, limits, multiples, setting
from archcalc.search.landscapes import FEW, MOST, Landscape, Piece

FIRST = 8
"""Settings that a polynomial is tried on first."""
HIGHEST_DEGREE = 3
"""Of a polynomial in a depth: with each added layer wider by as much, a layer's cost is quadratic, their sum cubic."""


def by_interpolation(subject: Subject, knob: Knob, quantities: Sequence[str]) -> Landscape | None:
    """Polynomials through the first settings of a Whole knob, checked further on; None where they do not fit.

    Tried on all settings that the network takes, then on every second, third ... of them.
    """
    first = _accepted(subject, knob, quantities, islice(multiples(knob, Fraction(1)), FEW), FIRST)
    values = list(first)
    gaps = {b - a for a, b in pairwise(values)}
    if len(values) < FIRST or len(gaps) != 1:
        return None
    for stride in range(1, 5):
        more = islice(range(values[-1] + 1, knob.high), FEW) if len(values) < FIRST * stride else iter(())
        first |= _accepted(subject, knob, quantities, more, FIRST * stride - len(values))
        values = list(first)
        if {b - a for a, b in pairwise(values)} != gaps:
            return None
        for skip in range(4):
            found = _through(knob, quantities, first, stride, skip)
            if found is not None:
                gap = values[1] - values[0]
                ahead = (knob.present, 3 * knob.present, values[skip] + 64 * gap)
                further = [value for each in ahead if (value := _further(values[skip], gap, each, knob.high))]
                if all(found.at(value) == subject.counts(knob, value, quantities) for value in further):
                    return found._replace(how=_told(knob, values[skip:], further, found.pieces))
    return None


def _through(
    knob: Knob, quantities: Sequence[str], first: Mapping[Any, Mapping[str, Any]], stride: int, skip: int
) -> Landscape | None:
    """Polynomials through all settings but those skipped, one for every residue class."""
    values, high = list(first), knob.high
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
    return Landscape(tuple(pieces), {value: first[value] for value in values[:skip]}, "", interpolated=True)


def _told(knob: Knob, values: Sequence[int], further: Sequence[int], pieces: Sequence[Piece]) -> str:
    """What a closed form went through and where it was checked."""
    needed = len(pieces) * (
        1 + max([len(part) - 1 for piece in pieces for curve in piece.curves.values() for part in curve])
    )
    through, checked = values[:needed], sorted({*values[needed:], *further} - {*values[:needed]})
    classes = "" if len(pieces) == 1 else f" on {len(pieces)} residue classes"
    shown = f"{_listed(checked)}" if len(checked) <= 12 else f"{_listed(checked[:4])} ... {_listed(checked[-3:])}"
    return f"Interpolated{classes} at {knob.name} = {_listed(through)}, checked at {shown}"


def _listed(values: Sequence[Any]) -> str:
    return ", ".join([f"{each:g}" if isinstance(each, float) else str(each) for each in values])


def _further(start: int, gap: int, value: int, high: int) -> int:
    """The setting of a progression nearest below a value, 0 if the progression does not have one."""
    value = min(value, high)
    return value - (value - start) % gap if value >= start else 0


def _accepted(
    subject: Subject, knob: Knob, quantities: Sequence[str], values: Iterator[Any], most: int
) -> dict[Any, dict[str, Any]]:
    """The first settings that a network takes."""
    result: dict[Any, dict[str, Any]] = {}
    for value in values:
        counts = subject.counts(knob, value, quantities)
        if counts is not None:
            result[value] = counts
        if len(result) == most:
            break
    return result


def one_by_one(
    subject: Subject, knob: Knob, quantities: Sequence[str], step: Fraction, enough: Callable[[Mapping[str, Any]], bool]
) -> Landscape:
    """Every setting built, up to where all those probed beyond are `enough`."""
    options = knob.options()
    if options:
        built = _accepted(subject, knob, quantities, iter(options), len(options) + 1)
        return Landscape((), built, f"Every {knob.name} was built: {_listed([*built])}")
    low, high = limits(knob, step)
    last, beyond = high, []
    if high - low > FEW:
        last, beyond = _bracketed(subject, knob, quantities, step, enough)
    built = _accepted(subject, knob, quantities, (setting(knob, n * step) for n in range(low, last + 1)), MOST)
    if len(built) == MOST:
        raise _too_many(subject, knob, step, last - low)
    more = f"; beyond it only {_listed(beyond)}, where the cost is more than twice every target" if beyond else ""
    steps = "" if step == 1 else f" in steps of {float(step):g}"
    ends = _listed([setting(knob, low * step), setting(knob, last * step)]).replace(", ", " to ")
    return Landscape((), built, f"Every {knob.name} from {ends}{steps} was built, {len(built)} networks{more}")


def _bracketed(
    subject: Subject, knob: Knob, quantities: Sequence[str], step: Fraction, enough: Callable[[Mapping[str, Any]], bool]
) -> tuple[int, list[Any]]:
    """How many steps to go, and the settings probed beyond, at all of which it is `enough`."""
    low, high = limits(knob, step)

    def probed(n: int) -> Mapping[str, Any] | None:
        return subject.counts(knob, setting(knob, n * step), quantities)

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
        last, beyond = high, []
    if last - low > MOST and taken * 2 > len(probes) // 2:
        raise _too_many(subject, knob, step, last - low)
    return last, [setting(knob, n * step) for n in beyond if n > last]


def _closer(
    probed: Callable[[int], Mapping[str, Any] | None],
    enough: Callable[[Mapping[str, Any]], bool],
    low: int,
    high: int,
    beyond: list[int],
) -> tuple[int, list[int]]:
    """A nearer end than `high`, by halving the way to `low` a few times."""
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


def _too_many(subject: Subject, knob: Knob, step: Fraction, count: int) -> ArchcalcError:
    coarser = step * -(-count // (MOST // 2))
    return ArchcalcError(
        f"{subject.found.name}: {count + 1} settings of {knob.name} would have to be built one by one; ask for "
        f"multiples of {float(coarser):g} or more (--multiple-of)",
        about="multiple_of",
    )


def landscape(
    subject: Subject, knob: Knob, quantities: Sequence[str], step: Fraction, enough: Callable[[Mapping[str, Any]], bool]
) -> Landscape:
    """What a network costs at every setting of a knob, the surest way that there is."""
    if isinstance(knob.kind, Whole):
        found = by_size(subject, knob, quantities) if knob.name == "size" else None
        found = found or by_closed_forms(subject, knob, quantities)
        if found is None and knob.high - knob.low >= 3 * FIRST:
            found = by_interpolation(subject, knob, quantities)
        if found is not None:
            return found
    return one_by_one(subject, knob, quantities, step, enough)
