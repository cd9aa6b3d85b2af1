"""The part of a report on one network: paper, totals, closed forms, published accuracies, validation, figures, layers,
printed numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.analysis.results import Analysis
from archcalc.analysis.table import analyze
from archcalc.base.errors import ArchcalcError
from archcalc.catalogue.descriptions import DOCUMENTS, Description
from archcalc.evidence.accuracy import in_catalogue
from archcalc.evidence.audit import Audited, audit
from archcalc.evidence.validation import NOT_ON_CUDA, Checked, ValidationRecord, records
from archcalc.forms.formulas import formulas
from archcalc.graph import Network
from archcalc.present import claims as views_claims
from archcalc.present.catalogue import confirmed
from archcalc.present.costs import cost_table
from archcalc.present.names import pretty
from archcalc.present.tables import digits, human_bytes
from archcalc.present.words import by_all
from archcalc.reports import accuracies, figures, pictures
from archcalc.reports.blocks import (
    Block,
    Definitions,
    FormulaLine,
    Formulas,
    Grid,
    GridColumn,
    Heading,
    Paragraph,
    Text,
    TextSpan,
)
from archcalc.reports.words import curled, grid, prose, sized, united
from archcalc.spaces.documented import SpaceDescription, describe

SHOWN = {
    "params": "parameters",
    "mult_adds": "mult-adds",
    "activation_sum": "activations",
    "peak_inference": "peak at inference",
    "training_saved_bytes": "saved for backward",
}
"""The closed forms of a report, with their names in it."""


def label(network: str) -> str:
    """The label of a network's part, for links; HTML allows no space in it."""
    return f"network-{'-'.join(network.split())}"


def section(network: str | Network) -> list[Block]:
    """The part on a network, on separate pages; for a network that is not in the catalogue, only its numbers."""
    analysis = analyze(network)
    own = analysis.architecture
    description = describe(own) if isinstance(network, str) else None
    assert not isinstance(description, SpaceDescription)  # noqa: S101  a name that `analyze` takes is a network's
    return [
        heading(1, own, chapter=True),
        paper(description, analysis),
        *[Paragraph(prose(note), small=True) for note in (description.notes if description else ())],
        Heading(2, "Closed forms"),
        *closed_forms(network),
        *([Heading(2, "Published accuracies"), *accuracies.published(own)] if description else []),
        *([Heading(2, "Validation"), *validation(own)] if description else []),
        *pictures.pictures(network),
        Heading(2, "Layers"),
        layers(analysis),
        *([Heading(2, "Printed numbers"), *claims(own)] if description else []),
    ]


def heading(level: int, network: str, *, chapter: bool = False) -> Heading:
    """The heading of a network's part: its name as papers write it, and its name in the catalogue if that differs."""
    written = pretty(network)
    return Heading(level, written, label(network), chapter, network if written != network else "")


def paper(description: Description | None, analysis: Analysis) -> Definitions:
    """Citation, totals and further facts, in words and numbers."""
    totals = analysis.totals
    about: list[tuple[str, Text]] = []
    more: list[tuple[str, Text]] = []
    if description is not None:
        about = [("paper", citation(description)), ("network", curled(description.summary))]
        more = [
            ("also called", _names(description.aliases)),
            (
                "further names",
                [
                    part
                    for each in description.patterns
                    for part in (TextSpan(each.name, "name"), f" ({each.summary}) ")
                ],
            ),
            ("confirmed", curled(sized(confirmed(description)))),
            ("documents", "; ".join(f"{each}, {DOCUMENTS[each]}" for each in description.documents)),
        ]
    rows: list[tuple[str, Text]] = [
        *about,
        ("input", sized(by_all(analysis.inputs))),
        ("parameters", united(f"{digits(totals.params)} ({human_bytes(totals.parameter_bytes)} of float32)")),
        ("mult-adds", digits(totals.mult_adds)),
        ("activations", united(
            f"{digits(totals.activation_sum)} in all, {human_bytes(totals.peak_inference_bytes)} alive at once "
            f"at inference, {human_bytes(totals.training_saved_bytes)} saved for backward")),
        ("weight layers", str(totals.weight_layers)),
        *more,
    ]  # fmt: skip
    return Definitions([(word, text) for word, text in rows if text])


def citation(description: Description) -> Text:
    """Authors, title, source and year; an arXiv number links to the paper."""
    address = description.citation.fields.get("url", "")
    return [
        f"{description.authors}, ",
        TextSpan(curled(description.title), "title"),
        ", ",
        TextSpan(description.source, "", address),
        f", {description.year}",
    ]


def _names(names: Sequence[str]) -> Text:
    return [part for each in names for part in (", ", TextSpan(each, "name"))][1:]


def closed_forms(network: str | Network) -> list[Block]:
    """The whole-network quantities as formulas in the input size."""
    try:
        sheet = formulas(network)
    except ArchcalcError as error:
        return [Paragraph(["No closed forms: ", *prose(str(error)), "."])]
    lines = [FormulaLine(word, sheet.quantities[key], sheet.quantities[key].unit) for key, word in SHOWN.items()]
    holds = [f"They hold where {curled(' and '.join(sheet.conditions))}."] if sheet.conditions else []
    sees = [f"Receptive field: {curled(sheet.receptive_field)}."]
    caption = [
        TextSpan("Costs in closed form", "strong"),
        " of ",
        TextSpan(sheet.architecture, "name"),
        ", exact for the input sizes below them.",
    ]
    return [Formulas(caption, lines, sheet.letters, [*sees, *holds])]


def validation(network: str) -> list[Block]:
    """The results of all checks, device by device."""
    having = [each for each in records() if network in each.networks]
    if not having:
        return [Paragraph(["No record of a validation has ", TextSpan(network, "name"), "."])]
    tables = [_checks(network, each) for each in having]
    return [*tables[:-1], tables[-1]._replace(remarks=unmeasured())]


def unmeasured() -> list[Text]:
    """A sentence on devices without a record."""
    return [] if any(each.cuda for each in records()) else [NOT_ON_CUDA]


def _checks(network: str, record: ValidationRecord) -> Grid:
    rows: list[Sequence[Text]] = [
        (each.check, str(each.compared) if each.status != "not run" else "", each.status, sized(_note(each)))
        for each in record.networks[network]
    ]
    heads = [
        GridColumn("check", right=False),
        GridColumn("figures"),
        *[GridColumn(word, right=False) for word in ("result", "compared with")],
    ]
    caption = validation_caption(record, "", network)
    return Grid(caption, [*heads[:-1], heads[-1]._replace(share=1)], rows)


def validation_caption(record: ValidationRecord, said: str = "", network: str = "") -> Text:
    """The device, the date and the versions of a record."""
    versions = ", ".join(f"{library} {version}" for library, version in record.versions.items())
    of = [" of ", TextSpan(network, "name")] if network else []
    result = f": {said}" if said else ""
    return [TextSpan("Validation", "strong"), *of, f" on {record.device}, {record.date}{result}. {versions}."]


def _note(each: Checked) -> str:
    if each.differences:
        return "; ".join(each.differences)
    return "; ".join(part for part in (each.against, each.note) if part)


def layers(analysis: Analysis) -> Grid:
    """The cost table."""
    table = cost_table(analysis)
    stages = [layer.row.partition(".")[0] for layer in analysis.layers]
    parts = [i for i in range(1, len(stages)) if stages[i] != stages[i - 1] and _long(stages, i)]
    shape = sized(by_all(analysis.inputs))
    return grid(
        table,
        [TextSpan("Layers", "strong"), " of ", TextSpan(analysis.architecture, "name"), f" for an input of {shape}."],
        parts=parts,
    )._replace(label=figures.layers_label(analysis.architecture))


def _long(stages: Sequence[str], place: int) -> bool:
    """Return True if a stage with several rows begins or ends here."""
    return stages.count(stages[place]) > 1 or stages.count(stages[place - 1]) > 1


def claims(network: str) -> list[Block]:
    """The figures that the documents print of a network, with verdicts."""
    try:
        figures_printed = audit(architecture=network).audited
    except ArchcalcError:  # no document prints a figure of it
        return [Paragraph("The documents print no number of this network.")]
    return [claims_grid(figures_printed)]


CLAIMS: Text = (TextSpan("Numbers that the documents print", "strong"), " of ")


def claims_grid(audited: Sequence[Audited], caption: Text = CLAIMS) -> Grid:
    """A table with a line for each printed number."""
    shown = [_spaced(each) for each in audited]
    networks = {each.claim.architecture for each in shown}
    about: Sequence[str | TextSpan] = (
        [TextSpan(next(iter(networks)), "name")] if len(networks) == 1 else ["these networks"]
    )
    return grid(
        views_claims.claims_table("", shown),
        caption if caption is not CLAIMS else [*CLAIMS, *about, ", and what follows from the layers."],
        exact=True,
        headings={"what": "quantity"},
        leave_out=("architecture",) if len(networks) == 1 else (),
        remarks=["Rounds: the number rounds to what is printed; holds: another reading gives it; wrong: none does."],
    )


def _spaced(each: Audited) -> Audited:
    """A figure with its quantity in words, and its network's name in the catalogue, if it has the network."""
    known = in_catalogue(each.claim.architecture)
    own = known.name if known is not None else each.claim.architecture
    return each._replace(claim=each.claim._replace(quantity=each.claim.quantity.replace("_", " "), architecture=own))
