"""Tables of `archcalc explain`: what the audit knows of a number, and the readings that give it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archcalc.algebra.amounts import Span
from archcalc.evidence.audit import Audited
from archcalc.evidence.explain import Explained, Explanation
from archcalc.evidence.readings import Reading
from archcalc.present.claims import computed, explanation_of, plain_value
from archcalc.present.tables import Column, Table, human, human_bytes, left

LAYERS = {"depth": "layers", "convs": "convolutions", "linears": "linear layers"}
NAMED = ("variant", "sibling", "convention", "size")
"""Kinds of changes that have columns of their own."""


def explanation_tables(explanation: Explanation, limit: int) -> list[Table]:
    """The figures of the audit that are this number, if there are any, and the readings or the nearest ones."""
    return [*([_known(explanation)] if explanation.known else []), _readings(explanation, limit)]


def _known(explanation: Explanation) -> Table:
    """A line for each verdict of the audit on the number."""
    contradicted = any(each.verdict == "contradicted" for each in explanation.known)
    said = "The audit contradicts" if contradicted else "The audit knows"
    return Table(
        caption=f"{said} {explanation.printed.text} of {explanation.architecture}",
        columns=[
            left("claim"),
            left("document"),
            left("of", "wrap"),
            left("verdict", "wrap"),
            left("reading or reason", "wrap"),
        ],
        rows=[
            (
                each.claim.id,
                f"{each.claim.document}, line {each.claim.line}",
                f"{each.claim.quantity}, {each.claim.scope}",
                each.verdict,
                explanation_of(each),
            )
            for each in explanation.known
        ],
    )


def _readings(explanation: Explanation, limit: int) -> Table:
    """A table of the likeliest readings, or of the nearest ones if none gives the number."""
    count = human_bytes if explanation.printed.unit == "bytes" else human
    write = _shape if "output" in explanation.quantities else count
    shown = explanation.readings[:limit] or explanation.nearest
    if not shown:
        return Table(_caption(explanation), [], [], remarks=_remarks(explanation, limit))
    return Table(
        caption=_caption(explanation),
        columns=[
            left("architecture", "above"),
            Column("input"),
            left("quantity", "trim"),
            Column("value", write),
            Column("off"),
            left("counted by", "above"),
            left("assuming", "wrap"),
            *([left("")] if any(each.strength == "weak" for each in shown) else []),
        ],
        rows=[
            (*_line(each), *([_mark(each)] if any(other.strength == "weak" for other in shown) else []))
            for each in shown
        ],
        remarks=_remarks(explanation, limit),
    )


def _caption(explanation: Explanation) -> str:
    printed = explanation.printed
    where = explanation.architecture or f"the {explanation.networks} networks of the catalogue"
    among = f"{printed.text} as {' or '.join(explanation.quantities)} of {where}"
    count = len(explanation.readings)
    readings = f"{count} reading{'s' if count > 1 else ''}"
    if any(each.strength == "claimed" for each in explanation.readings):
        return f"{among}: {readings}{', likeliest first' if count > 1 else ''}"
    if count:
        return f"No certain reading of {among}: {readings} that may agree by chance"
    near = "the nearest" if explanation.nearest else "nothing comes near"
    return f"No reading gives {among}; {near}"


def _remarks(explanation: Explanation, limit: int) -> list[str]:
    remarks: list[str] = []
    count = len(explanation.readings)
    if count > limit:
        remarks.append(f"{count - limit} more with --limit {count}.")
    if any(each.strength == "weak" for each in explanation.readings):
        remarks.append(
            "Weak: with so few digits, so many assumptions are tried that one of them often agrees by chance."
        )
    if explanation.by_chance:
        many = explanation.by_chance > 1
        agree = f"{explanation.by_chance} far-fetched readings agree" if many else "A far-fetched reading agrees"
        remarks.append(f"{agree} with it, as with most numbers of so few digits; left out.")
    if "output" not in explanation.quantities:
        ways = [_between(span) for span in explanation.printed.spans() if not span.changed]
        remarks.append(f"Its digits mean {' or, if its final zeros are not significant, '.join(ways)}.")
    elif not explanation.readings:
        remarks.append("Read as the size of an output; that of a receptive field is printed as `field 483`.")
    return remarks


def _line(each: Explained) -> tuple[Any, ...]:
    reading = each.reading
    return (
        ", ".join(reading.networks),
        "x".join(map(str, reading.input)),
        LAYERS.get(each.fact, each.quantity),
        _rounded(reading.value),
        f"{reading.distance:.1%}",
        reading.convention,
        otherwise(reading),
    )


def _mark(each: Explained) -> str:
    return "weak" if each.strength == "weak" else ""


def otherwise(reading: Reading) -> str:
    """The changes of a reading in words, except those that have columns of their own."""
    changed = [change.words for change in reading.changes if change.kind not in NAMED]
    return "; ".join([*changed, *([reading.digits] if reading.digits else [])])


def _between(span: Span) -> str:
    low, high = (int(side) if side.denominator == 1 else float(side) for side in (span.low, span.high))
    return f"{low:,} to {high:,}"


def _shape(value: Any) -> str:
    return computed(value, "shape")


def _rounded(value: Any) -> Any:
    if not isinstance(value, Fraction):
        return value
    return int(value) if value.denominator == 1 else float(value)


def explanation_records(explanation: Explanation) -> list[dict[str, Any]]:
    """The audit's verdicts as flat dictionaries, then readings: those that give the number, or else the nearest."""
    readings = [_record(each) for each in explanation.readings or explanation.nearest]
    return [*[_audited(each) for each in explanation.known], *readings]


def _record(each: Explained) -> dict[str, Any]:
    return {
        "strength": each.strength,
        "architecture": each.reading.networks[0],
        "input": "x".join(map(str, each.reading.input)),
        "quantity": each.quantity,
        "fact": each.fact,
        "convention": each.reading.convention,
        "changes": "; ".join(change.words for change in each.reading.changes),
        "digits": each.reading.digits,
        "value": plain_value(each.reading.value),
        "agrees": each.reading.agrees,
        "distance": each.reading.distance,
        "weight": each.plausibility.weight,
        "by_chance": each.by_chance,
        "claim": None,
        "reason": None,
    }


def _audited(each: Audited) -> dict[str, Any]:
    """A verdict of the audit in the keys of a reading."""
    return {
        "strength": each.verdict,
        "architecture": each.claim.architecture,
        "input": None,
        "quantity": each.claim.quantity,
        "fact": each.claim.selector,
        "convention": None,
        "changes": each.reading,
        "digits": None,
        "value": plain_value(each.computed if each.under is None else each.under),
        "agrees": each.verdict != "contradicted",
        "distance": None,
        "weight": None,
        "by_chance": None,
        "claim": each.claim.id,
        "reason": each.reason,
    }


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """The audit's verdicts and the readings of a number, for JSON."""
    span = explanation.printed.spans()[0]
    readings = explanation.readings or explanation.nearest
    return {
        "printed": explanation.printed.text,
        "number": plain_value(explanation.printed.value),
        "unit": explanation.printed.unit,
        "low": plain_value(span.low),
        "high": plain_value(span.high),
        "architecture": explanation.architecture or None,
        "quantities": list(explanation.quantities),
        "networks": explanation.networks,
        "claimed": any(each.strength == "claimed" for each in explanation.readings),
        "found": bool(explanation.readings),
        "left_out": explanation.by_chance,
        "audit": [
            {"claim": each.claim.id, "document": each.claim.document, "line": each.claim.line}
            | {"of": f"{each.claim.quantity}, {each.claim.scope}", "verdict": each.verdict}
            | {"reading": each.reading, "reason": each.reason, "computed": plain_value(each.computed)}
            for each in explanation.known
        ],
        "readings": [
            {key: value for key, value in _record(each).items() if key not in ("claim", "reason")} for each in readings
        ],
    }
