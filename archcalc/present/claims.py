"""Tables of `archcalc audit`: printed figures with their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from archcalc.catalogue.descriptions import DOCUMENTS
from archcalc.evidence.audit import VERDICTS, Audit, Audited, Case, Verdict
from archcalc.present.tables import Column, Table, digits, human, left

BRIEF: dict[Verdict, str] = {
    "exact": "exact",
    "within the printed digits": "rounds",
    "holds under": "holds",
    "contradicted": "wrong",
    "not computable": "none",
    "not evaluated": "failed",
}
"""Verdicts in the table's column."""
MEANS: dict[Verdict, str] = {
    "exact": "the number itself",
    "within the printed digits": "it rounds to what is printed",
    "holds under": "another reading gives it",
    "contradicted": "no reading gives it",
    "not computable": "training, or a choice of the document",
    "not evaluated": "something went wrong",
}
LONG = 100_000
"""The smallest count that is shown in four digits."""


def computed(value: Any, printed: str) -> str:
    """The computed value as text: a count with all its digits, a share in per cent if it is printed so."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "holds" if value else "does not hold"
    if isinstance(value, tuple):
        sides: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
        return ("x" if printed.startswith("shape") else ", ").join(map(str, sides))
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return digits(int(value))
        return f"{float(value) * 100:.4g} %" if printed.endswith("%") else f"{float(value):.5g}"
    return digits(value) if isinstance(value, int) else str(value)


def shortly(value: Any, printed: str) -> str:
    """The computed value as text, with long counts in four digits."""
    whole = value if isinstance(value, int) and not isinstance(value, bool) else 0
    return human(whole) if whole >= LONG else computed(value, printed)


def explanation_of(each: Audited) -> str:
    """The reading that a figure holds under and the number that it gives, or the reason why it does not hold."""
    number = shortly(each.under, each.claim.printed)
    differs = number and each.under != each.computed
    return f"{number}: {each.reading}" if differs else each.reading or each.reason


def audit_tables(audit: Audit) -> list[Table]:
    """Two tables: the numbers of verdicts by document, and a line for each figure."""
    tables = [
        claims_table(
            f"Document {document}: {DOCUMENTS[document]}",
            [each for each in audit.audited if each.claim.document == document],
        )
        for document in sorted({each.claim.document for each in audit.audited})
    ]
    if tables:
        tables[-1] = tables[-1]._replace(remarks=["One figure in full: archcalc audit C0123."])
    return [summary_table(audit), *tables]


def summary_table(audit: Audit) -> Table:
    """A table with the numbers of verdicts by document."""
    documents = sorted(audit.counts)
    shown: list[Verdict] = [verdict for verdict in VERDICTS if audit.total(verdict) or verdict != "not evaluated"]
    rows = [
        (
            BRIEF[verdict],
            verdict,
            *[audit.counts[document].get(verdict, 0) for document in documents],
            audit.total(verdict),
            MEANS[verdict],
        )
        for verdict in shown
    ]
    sums = [sum(audit.counts[document].values()) for document in documents]
    return Table(
        caption="Printed figures by document and verdict",
        columns=[
            left(""),
            left("verdict"),
            *[Column(each) for each in documents],
            Column("all"),
            left("meaning", "wrap"),
        ],
        rows=rows,
        totals=[("", "all", *sums, sum(sums), None)],
    )


def claims_table(caption: str, audited: Sequence[Audited]) -> Table:
    """A table with a line for each figure: its claim, the computed value, the verdict."""
    return Table(
        caption=caption,
        columns=[
            left("claim"),
            left("architecture", "names"),
            left("what", "wrap"),
            left("printed", "wrap"),
            Column("computed", narrow="wrap"),
            left("verdict"),
            left("reading or reason", "wrap"),
        ],
        rows=[
            (
                each.claim.id,
                each.claim.architecture,
                f"{each.claim.quantity}, {each.claim.scope}",
                each.claim.text,
                shortly(each.computed, each.claim.printed),
                BRIEF[each.verdict],
                explanation_of(each),
            )
            for each in audited
        ],
    )


def case_table(case: Case) -> Table:
    """A table of one figure in full: its place, the computed value, the verdict and the reason."""
    audited, claim = case.audited, case.audited.claim
    several = case.facts != ((claim.selector, audited.computed),)
    lines = [
        ("document", f"{claim.document}, {DOCUMENTS[claim.document]}: line {claim.line}, {claim.section}"),
        ("its line", case.line),
        ("claim", f"{claim.quantity} of {claim.architecture}, {claim.scope}: {claim.text}"),
        ("unit", claim.unit),
        ("remark", claim.comment),
        ("read as", claim.printed),
        ("computed by", "" if claim.reason else claim.selector),
        *[("", f"{fact} = {computed(value, '')}") for fact, value in case.facts if value is not None and several],
        ("follows", computed(audited.computed, claim.printed)),
        ("verdict", audited.verdict),
        ("reading", audited.reading),
        ("", "" if audited.under in (None, audited.computed) else f"gives {computed(audited.under, claim.printed)}"),
        ("reason", audited.reason),
        ("likely slip", "" if case.slip is None else f"{claim.slip} = {computed(case.slip, claim.printed)}"),
    ]
    return Table(
        caption=claim.id,
        columns=[left(""), left("", "wrap")],
        rows=[line for line in lines if line[1]],
    )


def audit_records(audited: Sequence[Audited]) -> list[dict[str, Any]]:
    """Figures with their verdicts as flat dictionaries."""
    return [
        {
            "id": each.claim.id,
            "document": each.claim.document,
            "line": each.claim.line,
            "architecture": each.claim.architecture,
            "scope": each.claim.scope,
            "quantity": each.claim.quantity,
            "unit": each.claim.unit,
            "text": each.claim.text,
            "printed": each.claim.printed,
            "selector": each.claim.selector,
            "computed": plain_value(each.computed),
            "verdict": each.verdict,
            "reading": each.reading,
            "under": plain_value(each.under),
            "reason": each.reason,
        }
        for each in audited
    ]


def audit_data(audit: Audit) -> dict[str, Any]:
    """Counts of verdicts and the figures, for JSON."""
    return {
        "summary": {verdict: audit.total(verdict) for verdict in VERDICTS},
        "documents": {document: dict(counts) for document, counts in sorted(audit.counts.items())},
        "claims": audit_records(audit.audited),
    }


def case_data(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Figures in full, for JSON."""
    records = audit_records([case.audited for case in cases])
    return [
        record
        | {
            "document_line": case.line,
            "facts": {fact: plain_value(value) for fact, value in case.facts},
            "slip": case.audited.claim.slip,
            "slip_computed": plain_value(case.slip),
        }
        for record, case in zip(records, cases, strict=True)
    ]


def plain_value(value: Any) -> Any:
    """A number that JSON and CSV can hold; a shape as 224x224x3."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    sides: Any = value
    return "x".join(map(str, sides)) if isinstance(value, tuple) else value
