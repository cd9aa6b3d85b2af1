"""The table of `archcalc solve`: the values on either side of a budget, and the closed forms with their inverses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archcalc.analysis.quantities import quantity_of
from archcalc.analysis.results import settings_text
from archcalc.present.latency import seconds
from archcalc.present.tables import Column, Table, human, human_bytes, left
from archcalc.present.words import by_all, cited
from archcalc.search.inverses import Inverse
from archcalc.search.solving import Bound, Solution, Solved

BESIDES: Mapping[str, str] = {
    "peak_inference_bytes": "peak_inference_bytes are activations: parameters and a library's workspace come on top.",
    "training_saved_bytes": "training_saved_bytes are saved activations: parameters, gradients, the optimizer's state "
    "and a library's workspace come on top, so a batch that fits them need not fit the device.",
}
"""What a device needs besides a quantity that is called memory."""


def _write(quantity: str) -> Any:
    return {"bytes": human_bytes, "pixels": str, "seconds": seconds}.get(quantity_of(quantity).unit, human)


def solution_table(solution: Solution, style: str = "text") -> Table:
    """A table with a line for each answer; its remarks are on the limit, closed forms, inverses and the search."""
    targets = {bound.quantity: bound.value for bound in solution.bounds}
    others = [key for key in ("mult_adds", "params") if key not in targets]
    columns: list[Column] = [left(""), Column(solution.variable, str)]
    for key in targets:
        columns += [Column(quantity_of(key).label, _write(key)), Column("of target")]
    columns += [Column(quantity_of(key).label, _write(key), narrow="drop") for key in others]
    ends = _ends(solution)
    rows: list[list[Any]] = []
    for label, point in ((f"{ends[0]} within", solution.within), (f"{ends[1]} reaching", solution.reaches)):
        if point is not None:
            cells: list[Any] = [label, _value(point.value)]
            for key, value in targets.items():
                cells += [point.counts[key], f"{float(100 * point.counts[key] / value):.1f} %" if value else ""]
            rows.append([*cells, *[point.counts[key] for key in others]])
    return Table(caption=_caption(solution), columns=columns, rows=rows, remarks=list(_remarks(solution, style)))


def _ends(solution: Solution) -> tuple[str, str]:
    """The words for the value within the targets and for the one that reaches them; choices are in order of cost."""
    values = [point.value for point in (solution.within, solution.reaches) if point is not None]
    if any(isinstance(value, (str, bool)) for value in values):
        return "costliest", "cheapest"
    return ("smallest", "largest") if solution.falls else ("largest", "smallest")


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if value in (True, False) else str(value)


def _caption(solution: Solution) -> str:
    changed = "".join(f", {each}" for each in settings_text(solution.changed))
    first, *_ = own = solution.input
    points = [point.input for point in (solution.within, solution.reaches) if point is not None]
    moved = any([shape[:1] != own[:1] for shape in points])  # tokens have their channels last, if they have any
    channels = first if not moved else own[-1] if len(own) > 1 else 1
    shape = (
        f"{channels} channel{'' if channels == 1 else 's'}"
        if solution.variable == "size"
        else by_all((solution.input, *solution.further_inputs))
    )
    wanted = " and ".join(map(_wanted, solution.bounds))
    return (
        f"{solution.architecture}{changed}, input {shape}: {solution.variable} for {wanted}{cited(solution.citation)}"
    )


def _wanted(bound: Bound) -> str:
    amount = _write(bound.quantity)(bound.value)
    origin = f" ({bound.given}'s)" if bound.given[:1].isalpha() else ""
    return f"{bound.quantity} = {amount}{origin}"


def _remarks(solution: Solution, style: str) -> Iterator[str]:
    yield from solution.remarks
    if len(solution.bounds) > 1 and solution.binding:
        alone = [
            f"{bound.quantity} alone allows {_value(bound.within)}"
            for bound in solution.bounds
            if bound.quantity != solution.binding and bound.within is not None
        ]
        yield f"{solution.binding} is the limit{': ' + ', '.join(alone) if alone else ''}."
    if _both(solution.within, solution.reaches):
        yield f"Nearest to the target: {_value(solution.nearest)}."
    for inverse in solution.inverses:
        yield from _formulas(inverse, style)
    yield from [BESIDES[bound.quantity] for bound in solution.bounds if bound.quantity in BESIDES]
    yield f"{solution.search}."


def _both(within: Solved | None, reaches: Solved | None) -> bool:
    return within is not None and reaches is not None and within.value != reaches.value


MOST_SHOWN = 4
"""The most polynomials of which the largest is written out."""


def _shortened(formula: str) -> str:
    """A maximum of many polynomials with the first of them and the number of the others."""
    parts = formula.split(", ")
    if len(parts) <= MOST_SHOWN or not formula.startswith(("max(", "\\max")):
        return formula
    return f"{', '.join(parts[: MOST_SHOWN - 1])}, and {len(parts) - MOST_SHOWN + 1} more)"


def _formulas(inverse: Inverse, style: str) -> Iterator[str]:
    formula = inverse.formula.latex if style == "latex" else inverse.formula.text
    yield f"{inverse.quantity} = {_shortened(formula)}, {inverse.domain}"
    if inverse.letter_at:
        backwards = inverse.latex if style == "latex" else inverse.text
        value = "" if inverse.value_at == inverse.letter_at else f", which is {inverse.value_at}"
        yield f"{backwards} = {inverse.letter_at} at T = {inverse.target}{value}"
