"""`archcalc audit`: the figures that the documents print, compared with computed ones."""

from __future__ import annotations

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.completion import complete_document, complete_verdict
from archcalc.cli.options import complete_name, format_options, show


@click.command("audit")
@click.argument("claims", nargs=-1)
@click.option("--claim", "named", multiple=True, metavar="ID", help="Show one figure in full, like the argument.")
@click.option("--document", metavar="000..004", shell_complete=complete_document, help="The figures of one document.")
@click.option("--architecture", metavar="NAME", help="The figures about one network.", shell_complete=complete_name)
@click.option(
    "--verdict",
    metavar="VERDICT",
    shell_complete=complete_verdict,
    help="exact, rounds (within), holds, wrong (contradicted), none (not computable).",
)
@format_options()
def audit_command(
    claims: tuple[str, ...],
    named: tuple[str, ...],
    document: str | None,
    architecture: str | None,
    verdict: str | None,
    form: str,
) -> None:
    """Check the figures that five lecture documents print: a line for each figure, or some CLAIMS in full.

    Exact: the number itself. Within the printed digits: the number rounds to it. Holds under: it follows from another
    reading (variant, convention, unit, input), the likeliest of those that `archcalc explain` tries. Contradicted: it
    follows from no reading. Not computable: a result of training, or a choice of the document.

    \b
    Examples:
      archcalc audit --verdict wrong
      archcalc audit --document 003 --architecture vgg16
      archcalc audit C0725
      archcalc audit --format csv > audit.csv
    """
    from archcalc.evidence.audit import audit, audit_claim
    from archcalc.present import claims as views

    if ids := (*claims, *named):
        if document or architecture or verdict:
            raise ArchcalcError("a claim in full takes no --document, --architecture or --verdict")
        cases = [audit_claim(each) for each in ids]
        records = views.audit_records([each.audited for each in cases])
        show([views.case_table(each) for each in cases], records, views.case_data(cases), form, exact=True, at_most=100)
        return
    result = audit(document, architecture, verdict)
    data = views.audit_data(result)
    show(views.audit_tables(result), data["claims"], data, form, exact=True, at_most=180)
