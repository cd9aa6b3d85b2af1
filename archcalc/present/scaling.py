"""Tables of `archcalc scaling`: exponents and leading coefficients, steps of the cost curve, ratios of networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from archcalc.analysis.quantities import QUANTITIES
from archcalc.analysis.results import settings_text
from archcalc.graph.axes import extent, position
from archcalc.present.tables import Column, Table, human, left
from archcalc.present.words import by, by_all, cited
from archcalc.search.ratios import RatioLaws
from archcalc.search.scaling import SHOWN, CostSteps, Law, Scaling, VariableLaws

MOST_STEPS = 3
"""Steps in the table; the JSON output has all."""


def scaling_tables(scaling: Scaling, style: str = "text", exact: bool = False) -> list[Table]:
    """A table with a line for each variable, one of the steps of the cost curve, and formulas as remarks."""
    changed = "".join(f", {each}" for each in settings_text(scaling.changed))
    rows: list[list[Any]] = []
    for growth in scaling.variables:
        rows.append([growth.variable, *[_leading(growth, law, exact) for law in growth.laws]])
        if not growth.present:  # 0 has no double, and stands for no width where a network chooses its own
            continue
        label = "from {}, doubled" if any(law.doubled is not None for law in growth.laws) else "exponent at {}"
        rows.append([f"  {label.format(_value(growth.present))}", *[_doubled(law) for law in growth.laws]])
    shape = by_all((scaling.input, *scaling.further_inputs))
    laws = Table(
        caption=f"{scaling.architecture}{changed}, input {shape}: growth of its cost{cited(scaling.citation)}",
        columns=[left("growth with"), *[Column(QUANTITIES[key].label) for key in SHOWN]],
        rows=rows,
    )
    tables = [laws]
    if scaling.cost_steps is not None:
        tables.append(_steps_table(scaling.cost_steps, scaling.input))
    tables[-1] = tables[-1]._replace(remarks=[*tables[-1].remarks, *_remarks(scaling, style)])
    return tables


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _letter(growth: VariableLaws) -> str:
    return "S" if growth.variable == "size" else growth.variable if len(growth.variable) < 3 else growth.variable[0]


def _leading(growth: VariableLaws, law: Law, exact: bool) -> str:
    """The fastest-growing term, as text: 81.46K S^2."""
    number = int(law.leading) if law.leading == int(law.leading) else float(law.leading)
    if law.exponent == 0:
        return "constant"
    power = _letter(growth) if law.exponent == 1 else f"{_letter(growth)}^{law.exponent}"
    written = f"{number:,}" if exact else human(number) if number >= 1000 else f"{number:.4g}"
    return f"{written} {power}"


def _doubled(law: Law) -> str:
    """The factor at twice the present value, or the exponent at the present value; empty for a constant."""
    if law.exponent == 0:
        return ""
    return f"{float(law.local):.3g}" if law.doubled is None else f"x{float(law.doubled):.3g}"


def _steps_table(curve: CostSteps, shape: Sequence[Any]) -> Table:
    """The steepest steps of one position."""
    one = position(shape)
    rows = [
        [
            f"{step.before} to {step.after}",
            *[f"{100 * float(rise):+.2f} %" for rise in [*[step.rises[key] for key in SHOWN[1:]], step.area]],
        ]
        for step in curve.steps[:MOST_STEPS]
    ]
    if not rows:
        apart = f"; of {curve.period} sizes in a row the network accepts {curve.taken}"
        return Table(f"No step of one {one} adds mult-adds{apart if curve.taken < curve.period else ''}", (), ())
    classes = f", of which the network accepts {curve.taken}" if curve.taken < curve.period else ""
    flat = f"; {curve.flat} steps of one {one} add no mult-adds" if curve.flat else ""
    return Table(
        caption=f"Cost of one more {one}, the steepest steps first; "
        f"the formulas repeat every {curve.period} {one}s{classes}{flat}",
        columns=[left("size"), *[Column(QUANTITIES[key].label) for key in SHOWN[1:]], Column(f"by {extent(shape)}")],
        rows=rows,
    )


def _remarks(scaling: Scaling, style: str) -> Iterator[str]:
    for growth in scaling.variables:
        domains: dict[str, list[str]] = {}
        for law in growth.laws:
            if law.quantity in ("mult_adds", "params") and law.exponent:
                formula = law.formula.latex if style == "latex" else law.formula.text
                domains.setdefault(law.domain, []).append(f"{law.quantity} = {formula}")
        for domain, formulas in domains.items():
            yield f"{'; '.join(formulas)}; {domain}"
        if growth.kind == "depth":
            yield f"{growth.how}."
    if scaling.without:
        yield f"No polynomial in {', '.join(scaling.without)}: the cost there is found by building networks."


def comparison_tables(
    comparisons: list[RatioLaws],
    style: str = "text",
    settings: Mapping[str, Any] = MappingProxyType({}),
    shape: Sequence[Any] | None = None,
) -> list[Table]:
    """A table for each pair of networks, with the ratio of each quantity of the first to that of the second.

    `settings` and `shape` are the hyperparameters and the input that both were given, for the words.
    """
    own = "".join(f", {each}" for each in settings_text(settings))
    at = "their own inputs" if shape is None else f"an input of {by(shape)}"
    tables: list[Table] = []
    for each in comparisons:
        rows: list[list[Any]] = []
        for ratio in each.ratios:
            limit = "" if ratio.limit is None else _written(ratio.limit, style)
            rows.append(
                [QUANTITIES[ratio.quantity].label, _written(ratio, style), limit, f"{float(ratio.at_present):.4g}"]
            )
        limits = any(row[2] for row in rows)
        columns = [left("ratio of"), left("in symbols", "wrap"), left("for large S", "wrap"), Column("value")]
        keep = [0, 1, 2, 3] if limits else [0, 1, 3]
        meanings = [f"{symbol}: {meaning}" for symbol, meaning in each.symbols.items()]
        remarks = ["; ".join([*meanings, each.how] if each.how else meanings) + "."]
        remarks.append(f"Value: of {each.architecture} and {each.other}{own or ' as named'}, at {at}.")
        remarks += [f"No ratio of {key}: {why}." for key, why in each.left_out.items()]
        tables.append(
            Table(
                caption=f"{each.architecture} to {each.other}: ratios of their closed forms, in lowest terms{own}",
                columns=[columns[i] for i in keep],
                rows=[[row[i] for i in keep] for row in rows],
                remarks=remarks,
            )
        )
    return tables


def _written(ratio: Any, style: str) -> str:
    return ratio.text("latex" if style == "latex" else "text")
