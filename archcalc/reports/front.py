"""The pages before the networks: guide to the numbers, networks side by side, accuracy, audit, validation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archcalc.analysis.results import Analysis
from archcalc.base.errors import ArchcalcError
from archcalc.catalogue.descriptions import DOCUMENTS
from archcalc.evidence.audit import VERDICTS, Audit, Counts, audit
from archcalc.evidence.validation import CHECKS, ValidationRecord
from archcalc.present import claims as views_claims
from archcalc.present import costs as views
from archcalc.reports import figures, meaning
from archcalc.reports.blocks import Block, Definitions, Grid, GridColumn, Heading, Paragraph, Text, TextSpan
from archcalc.reports.network import label, unmeasured, validation_caption
from archcalc.reports.words import TIMES, curled, grid, prose


def reading() -> list[Block]:
    """The section that explains the numbers."""
    return [
        Heading(1, "How to read the numbers", "meaning"),
        Paragraph(prose(meaning.NUMBERS)),
        Definitions([(word, prose(text)) for word, text in meaning.WORDS.items()]),
        Paragraph(["Five lecture documents are referred to by number: ", *_documents(), "."], small=True),
    ]


def _documents() -> list[str | TextSpan]:
    parts: list[str | TextSpan] = []
    for number, title in DOCUMENTS.items():
        parts += ["; " if parts else "", f"{number}, ", TextSpan(title, "title")]
    return parts


def comparison(analyses: Sequence[Analysis]) -> list[Block]:
    """Networks side by side, each with its ratio to the first."""
    first = analyses[0].architecture
    table = views.compare_table(analyses)
    caption: Text = [TextSpan("Totals", "strong"), f", and their ratio ({TIMES}) to ", TextSpan(first, "name"), "."]
    shown = grid(table, caption, headings={"x": TIMES})
    rows = [
        [(TextSpan(each.architecture, "name", f"#{label(each.architecture)}"),), *row[1:]]
        for each, row in zip(analyses, shown.rows, strict=True)
    ]
    return [Heading(1, "Side by side", "comparison"), shown._replace(rows=rows)]


def accuracy(kinds: Iterable[str] = ("accuracy",), names: Sequence[str] = ()) -> list[Block]:
    """The plots of accuracy against cost, in which some networks stand out."""
    drawn = [figures.plot(kind, width=figures.TEXT_WIDTH, marked=names) for kind in kinds]
    return [Heading(1, "Accuracy and cost", "accuracy"), Paragraph(prose(meaning.ACCURACIES)), *drawn]


def printed(audited: Audit | None, about: str) -> list[Block]:
    """The section with the verdicts on printed numbers."""
    heading = Heading(1, "Printed numbers", "audit")
    if audited is None:
        return [heading, Paragraph(f"The documents print no number of {about}.")]
    table = views_claims.summary_table(audited)
    shown = grid(
        table, [TextSpan("Numbers of the documents", "strong"), f" about {about}, by verdict."], leave_out=("",)
    )
    return [heading, Paragraph(prose(meaning.PRINTED)), shown]


def audit_of(networks: Sequence[str]) -> Audit | None:
    """The audit of some networks together; None if no document prints a figure of them."""
    audits: list[Audit] = []
    for network in networks:
        try:
            audits.append(audit(architecture=network))
        except ArchcalcError:
            continue
    if not audits:
        return None
    counts: Counts = {
        document: {
            verdict: number
            for verdict in VERDICTS
            if (number := sum(each.counts.get(document, {}).get(verdict, 0) for each in audits))
        }
        for document in sorted({document for each in audits for document in each.counts})
    }
    return Audit(tuple([each for one in audits for each in one.audited]), counts)


def validated(tables: Sequence[Grid]) -> list[Block]:
    """The results of validation, as a table for every record."""
    blocks: list[Block] = [Heading(1, "Validation", "validation"), *checks()]
    if not tables:
        return [*blocks, Paragraph("There is no record of a validation.")]
    return [*blocks, *tables[:-1], tables[-1]._replace(remarks=unmeasured())]


def checks() -> list[Block]:
    """The paragraph on what the checks compare."""
    what = "; ".join(f"{word}: {compared}" for word, compared in CHECKS.items())
    return [Paragraph(prose(meaning.VALIDATED)), Paragraph(curled(f"The checks compare with: {what}."), small=True)]


def matrix(record: ValidationRecord, links: Mapping[str, str]) -> Grid:
    """A table with a line for each network and a column for each check."""
    rows: list[Sequence[Text]] = []
    for network, link in links.items():
        outcomes = {each.check: each for each in record.networks.get(network, ())}
        cells = [
            _cell(outcomes[check].status, outcomes[check].compared) if check in outcomes else "" for check in CHECKS
        ]
        rows.append([(TextSpan(network, "name", link),), *cells])
    agreeing = sum(record.agrees(network) for network in links)
    caption = validation_caption(record, f"{agreeing} of {len(links)} networks agree in all")
    return Grid(caption, [GridColumn("network", right=False), *[GridColumn(check) for check in CHECKS]], rows)


def _cell(status: str, compared: int) -> str:
    return f"{compared:,}" if status == "agrees" else "\u2013" if status == "not run" else curled(status)
