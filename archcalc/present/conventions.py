"""Tables of `archcalc conventions` and `archcalc reconcile`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.analysis.results import settings_text
from archcalc.conventions import OTHERS, RUN_ON_ANY_AXES, Convention, Term
from archcalc.conventions.measures import MEASURES
from archcalc.conventions.reconciling import Line, Reconciliation, Step, Waterfall
from archcalc.conventions.results import LeftOut
from archcalc.graph.axes import example
from archcalc.present.tables import Column, Table, human, left
from archcalc.present.words import by_all
from archcalc.zoo import find


def conventions_table(conventions: Sequence[Convention]) -> Table:
    """A table with a line for each convention."""
    return Table(
        caption=f"{len(conventions)} conventions",
        columns=[
            left("name"),
            left("unit", "wrap"),
            left("tool and version", "wrap"),
            Column("bugs"),
            left("source", "drop"),
        ],
        rows=[(c.name, c.unit, _tool(c), str(len(c.bugs) or ""), c.source) for c in conventions],
        remarks=["`archcalc conventions NAME` shows the weights and the bugs of one."],
    )


def convention_tables(convention: Convention) -> list[Table]:
    """Tables of a convention: its source, and the weights for each kind of op."""
    facts = [
        ("unit", convention.unit),
        ("counts", convention.summary),
        ("tool", _tool(convention)),
        ("source", convention.source),
        *[("note", note) for note in convention.notes],
    ]
    kinds: dict[tuple[Term, ...], list[str]] = {}
    for kind, terms in convention.terms.items():
        kinds.setdefault(terms, []).append(_words(kind))
    bugs = [f"Bug ({bug.versions}): {bug.summary}. Seen in: {bug.evidence}." for bug in convention.bugs]
    remarks = [part for bug in bugs for part in ("", bug)][1:]
    return [
        Table(
            caption=f"{convention.name}: a way of counting {convention.quantity}",
            columns=[left("", "keep"), left("", "wrap")],
            rows=[fact for fact in facts if fact[1]],
        ),
        Table(
            caption="",
            columns=[left("operation", "wrap"), left("counted", "wrap")],
            rows=[(", ".join(ops), _sum(terms)) for terms, ops in kinds.items()],
            remarks=([] if OTHERS in convention.terms else ["All other operations count as nothing."])
            + (["", *remarks] if remarks else []),
        ),
    ]


def convention_data(convention: Convention) -> dict[str, Any]:
    """A convention as plain data."""
    return {
        "name": convention.name,
        "summary": convention.summary,
        "unit": convention.unit,
        "quantity": convention.quantity,
        "tool": convention.tool,
        "versions": convention.versions,
        "source": convention.source,
        "notes": list(convention.notes),
        "terms": [
            {
                "op": kind,
                "weight": term.weight,
                "measure": term.measure,
                "meaning": MEASURES[term.measure].meaning,
                "bug": term.bug is not None,
            }
            for kind, terms in convention.terms.items()
            for term in terms
        ],
        "bugs": [bug._asdict() for bug in convention.bugs],
    }


def convention_records(conventions: Sequence[Convention]) -> list[dict[str, Any]]:
    """Conventions as flat dictionaries."""
    keys = ("name", "unit", "quantity", "tool", "versions", "summary", "source")
    return [
        {key: getattr(each, key) for key in keys} | {"bugs": "; ".join(bug.summary for bug in each.bugs)}
        for each in conventions
    ]


def reconciliation_tables(reconciliation: Reconciliation, shown: Sequence[Waterfall]) -> list[Table]:
    """A table with a line for each convention, and one for each waterfall shown."""
    changed = "".join(f", {each}" for each in settings_text(reconciliation.changed))
    base, shape = reconciliation.lines[0], by_all(_inputs(reconciliation))
    return [
        Table(
            caption=f"{reconciliation.architecture}{changed}, input {shape}: counts by convention",
            columns=[
                left("convention"),
                Column("total", human),
                left("unit", "wrap"),
                Column("bugs", narrow="drop"),
                left("left out", "wrap"),
            ],
            rows=[
                (line.name, line.total, line.convention.unit, _bugs(line.bugs), left_out_words(line.left_out))
                for line in reconciliation.lines
            ],
            remarks=_line_remarks(reconciliation, base, shown),
        ),
        *[waterfall_table(each) for each in shown],
    ]


def _inputs(reconciliation: Reconciliation) -> tuple[tuple[Any, ...], ...]:
    return (reconciliation.input, *reconciliation.further_inputs)


def _line_remarks(reconciliation: Reconciliation, base: Line, shown: Sequence[Waterfall]) -> list[str]:
    one = example(_inputs(reconciliation))
    remarks = [f"Counts are for one {one}. Left out: operations that the convention does not count."]
    if any([line.bugs for line in reconciliation.lines]):
        remarks.append("Bugs: the part of the total that comes from mistakes of the tool.")
    models: dict[str, None] = {}
    doubts: dict[str, None] = {}
    for line in reconciliation.lines:
        model, *more = line.implementation.split("; ")
        if model:
            models[f"@{line.name.partition('@')[2]}: {model}"] = None
        doubts |= dict.fromkeys(f"{each}." for each in more)
    if models:
        remarks.append(f"Counted in an implementation, where it differs; {'; '.join(models)}.")
    remarks += doubts
    kind = example([reconciliation.input])
    if kind in ("sequence", "volume") and any(line.convention.tool for line in reconciliation.lines):
        run = f"{', '.join(RUN_ON_ANY_AXES[:-1])} and {RUN_ON_ANY_AXES[-1]}"
        remarks.append(
            f"Of the tools {run} were run on {kind}s; the counts of others follow from their rules for images."
        )
    alike = [line for line in reconciliation.lines if line.convention.quantity == base.convention.quantity]
    if not shown and len(alike) > 1:
        asked = f"--from {base.name} --to {alike[-1].name}"
        command = f"`{asked}`"
        if find(reconciliation.architecture) is not None:
            command = f"`archcalc reconcile {reconciliation.architecture} --from {base.name} --to {alike[-1].name}`"
        remarks.append(f"{command} shows the steps from {base.name} to a convention.")
    return remarks


def waterfall_table(waterfall: Waterfall) -> Table:
    """A table with a line for each step; start and steps add up to the end."""
    start, end = waterfall.start, waterfall.end
    rows: list[tuple[str, Any, str]] = [(start.name, start.total, start.convention.unit)]
    rows += [(step_words(step), _signed(step.amount), step.reason) for step in waterfall.steps]
    return Table(
        caption=f"From {start.name} to {end.name}",
        columns=[left("", "wrap"), Column("", _number), left("", "wrap")],
        rows=rows,
        totals=[(end.name, end.total, end.convention.unit)],
    )


def step_words(step: Step) -> str:
    """A step as a term of a sum: `+ 2 x batch norm output elements`."""
    sign = "-" if step.weight < 0 else "+"
    times = f"{abs(step.weight)} x " if abs(step.weight) != 1 else ""
    return f"{sign} {times}{_words(step.op)} {step.meaning}{' (bug)' if step.bug else ''}"


def left_out_words(left_out: Sequence[LeftOut]) -> str:
    """The kinds of ops that compute something and are not counted."""
    kinds = [each.op for each in left_out if not (is_int(each.operations) and each.operations == 0)]
    return ", ".join(map(_words, kinds)) or "nothing"


def reconciliation_data(reconciliation: Reconciliation) -> dict[str, Any]:
    """A reconciliation as plain data."""
    return {
        "architecture": reconciliation.architecture,
        "input": list(reconciliation.input),
        **(
            {"further_inputs": [list(each) for each in reconciliation.further_inputs]}
            if reconciliation.further_inputs
            else {}
        ),
        "changed": dict(reconciliation.changed),
        "lines": [
            _line_data(line) | {"left_out": [each._asdict() for each in line.left_out]} for line in reconciliation.lines
        ],
        "waterfalls": [
            {
                "start": _line_data(each.start),
                "end": _line_data(each.end),
                "steps": [step._asdict() for step in each.steps],
            }
            for each in reconciliation.waterfalls
        ],
    }


def reconciliation_records(reconciliation: Reconciliation, shown: Sequence[Waterfall]) -> list[dict[str, Any]]:
    """The lines as flat dictionaries, or the steps of the waterfalls shown."""
    if not shown:
        return [_line_data(line) | {"left_out": left_out_words(line.left_out)} for line in reconciliation.lines]
    return [
        {"start": each.start.name, "end": each.end.name} | dict(row)
        for each in shown
        for row in (
            _record("start", each.start.name, each.start.total),
            *[_record("step", step_words(step), step.amount, step.reason) for step in each.steps],
            _record("end", each.end.name, each.end.total),
        )
    ]


def _record(part: str, what: str, amount: Any, reason: str = "") -> Mapping[str, Any]:
    return {"part": part, "what": what, "amount": amount, "reason": reason}


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "total": line.total,
        "unit": line.convention.unit,
        "quantity": line.convention.quantity,
        "tool": line.convention.tool,
        "versions": line.convention.versions,
        "implementation": line.implementation,
        "bugs": line.bugs,
    }


def _tool(convention: Convention) -> str:
    return f"{convention.tool} {convention.versions}".strip()


def _sum(terms: Sequence[Term]) -> str:
    """The terms of an op as a sum in words."""
    text = ""
    for place, term in enumerate(terms):
        sign = "- " if term.weight < 0 else "+ " if place else ""
        times = f"{abs(term.weight)} x " if abs(term.weight) != 1 else ""
        bug = " (bug)" if term.bug is not None else ""
        text += f"{' ' if place else ''}{sign}{times}{MEASURES[term.measure].meaning}{bug}"
    return text


def _words(kind: str) -> str:
    return "any other operation" if kind == OTHERS else kind.replace("_", " ")


def _whole(amount: Any) -> Any:
    """An amount, as a whole number if it is a fraction that is one."""
    return amount.numerator if isinstance(amount, Fraction) and amount.denominator == 1 else amount


def _bugs(amount: Any) -> str:
    """The part of a total that comes from bugs; empty if there are none."""
    amount = _whole(amount)
    return "" if is_int(amount) and amount == 0 else _signed(amount)


def _signed(amount: Any) -> Any:
    """A step's amount with all its digits and its sign."""
    amount = _whole(amount)
    return f"{amount:+,}" if is_int(amount) else f"+ {amount}"


def _number(amount: Any) -> str:
    amount = _whole(amount)
    return f"{amount:,}" if is_int(amount) else str(amount)
