"""The atlas: the whole catalogue as one document.

All full cost tables would fill a thousand pages. So there is a chapter for each paper, by year, with a table of all its
networks; the full part (closed forms, published accuracies, figures, layers) is shown for one network of each family. A
long cost table is folded (`folding`): each line is then a block of the network. All networks are listed at the end with
their totals and page.

`archcalc report -o atlas.pdf` builds it, and releases include it. The source tree has a sample: a few telling chapters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from archcalc import __version__
from archcalc.analysis.results import Analysis
from archcalc.analysis.table import analyze
from archcalc.catalogue.descriptions import DOCUMENTS, Description
from archcalc.evidence.audit import Audited, audit
from archcalc.evidence.validation import CHECKS, ValidationRecord, records
from archcalc.present.names import pretty
from archcalc.present.tables import human, human_bytes
from archcalc.present.words import by
from archcalc.reports import accuracies, figures, folding, front, network, pictures
from archcalc.reports.blocks import Block, Definitions, Document, Grid, GridColumn, Heading, Paragraph, Text, TextSpan
from archcalc.reports.colophon import colophon
from archcalc.reports.documents import Progress, date, imprint, unobserved
from archcalc.reports.families import Paper, papers
from archcalc.reports.words import cell, curled, prose, sized
from archcalc.spaces.documented import describe

PLOTS = ("accuracy", "accuracy-params", "density", "years", "cifar", "ilsvrc")
"""The plots of the front matter."""
SAMPLE = ("lenet5", "resnet50", "unet")
"""The networks whose papers are in the sample; each represents its family."""
TITLE = "An atlas of neural networks"


def document(progress: Progress | None = None, jobs: int = 1) -> Document:
    """The atlas. `progress` is called `steps()` times with a description; `jobs` processes draw the figures."""
    return _document(papers(), PLOTS, progress or unobserved, jobs, TITLE, "archcalc report -o atlas.pdf")


def sample(progress: Progress | None = None) -> Document:
    """The atlas of the papers of `SAMPLE` alone. `progress` is called `sample_steps()` times."""
    title = f"{TITLE}: a sample"
    return _document(_sampled(), PLOTS[:1], progress or unobserved, 1, title, "archcalc report --all --output reports/")


def _document(
    shown: Sequence[Paper], plots: Sequence[str], step: Progress, jobs: int, title: str, command: str
) -> Document:
    tasks = [*plots, *[name for paper in shown for name in paper.representatives]]
    drawn: dict[str, list[Block]] = {}
    for task, blocks in zip(tasks, _done(tasks, jobs), strict=True):
        step(task)
        drawn[task] = blocks
    analyses = {each.name: analyze(each.name) for paper in shown for each in paper.networks}
    links = _links(shown)
    figures = audit().audited
    blocks = [*_front(shown, plots, analyses, links, drawn)]
    for number, paper in enumerate(shown):
        blocks += chapter(number, paper, analyses, links, drawn, figures)
    blocks += [*_all_networks(analyses, links), *_all_checks(links), *colophon(title, command)]
    return Document(
        title=title,
        subtitle=f"{len(links)} networks of {len(shown)} papers: their sizes, costs, memory and receptive fields",
        imprint=imprint(),
        author=f"archcalc {__version__}",
        date=date(),
        keywords=("neural networks", "parameters", "mult-adds", "memory", "receptive field", "catalogue"),
        blocks=blocks,
        book=True,
    )


def steps() -> int:
    """The number of steps that `document` reports."""
    return len(PLOTS) + sum(len(paper.representatives) for paper in papers())


def sample_steps() -> int:
    """The number of steps that `sample` reports."""
    return 1 + sum(len(paper.representatives) for paper in _sampled())


def _sampled() -> list[Paper]:
    return [paper for paper in papers() if set(SAMPLE) & set(paper.representatives)]


def _done(tasks: Sequence[str], jobs: int) -> Iterator[list[Block]]:
    """The results of drawing tasks, in order."""
    if jobs < 2:
        yield from map(drawing, tasks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(drawing, tasks)


def drawing(task: str) -> list[Block]:
    """The blocks of a drawing task: a plot of the front matter, or the part on a representative network."""
    if task in PLOTS:
        return [figures.plot(task, width=figures.TEXT_WIDTH)]
    analysis = analyze(task)
    return [
        network.heading(2, task),
        *network.closed_forms(task),
        *accuracies.published(task),
        *pictures.pictures(task),
        folding.layers(analysis),
    ]


def _links(shown: Sequence[Paper]) -> dict[str, str]:
    """The link to every network: to its own part, or to its paper's chapter."""
    return {
        each.name: f"#{network.label(each.name)}" if each.name in paper.representatives else f"#paper-{number}"
        for number, paper in enumerate(shown)
        for each in paper.networks
    }


def chapter(
    number: int,
    paper: Paper,
    analyses: Mapping[str, Analysis],
    links: Mapping[str, str],
    drawn: Mapping[str, list[Block]],
    audited: Sequence[Audited],
) -> list[Block]:
    """A paper: citation, its networks, printed numbers, and its representatives."""
    names = [each.name for each in paper.networks]
    descriptions = [describe(name) for name in names]
    known = [each for each in descriptions if isinstance(each, Description)]
    first = known[0]
    documents = dict.fromkeys(document for each in known for document in each.documents)
    facts: list[tuple[str, Text]] = [
        ("paper", network.citation(first)),
        ("documents", "; ".join(f"{each}, {DOCUMENTS[each]}" for each in documents)),
    ]
    notes = dict.fromkeys(note for each in known for note in each.notes)
    blocks: list[Block] = [
        Heading(1, paper.name, f"paper-{number}", chapter=True, subtitle=_subtitle(paper)),
        Definitions([fact for fact in facts if fact[1]]),
        *[Paragraph(prose(note), small=True) for note in notes],
        _variants(paper, known, analyses, links),
    ]
    about = [each for each in audited if each.claim.architecture in _called(known)]
    if about:
        blocks.append(network.claims_grid(about))
    return [*blocks, *[block for name in paper.representatives for block in drawn[name]]]


def _subtitle(paper: Paper) -> str:
    """The paper's title, and its year; empty if the chapter has no name of its own."""
    return f"{curled(paper.title)}, {paper.first.year}" if paper.name != paper.title else ""


def _called(known: Sequence[Description]) -> set[str]:
    return {name for each in known for name in (each.name, *each.aliases)}


def _variants(
    paper: Paper, known: Sequence[Description], analyses: Mapping[str, Analysis], links: Mapping[str, str]
) -> Grid:
    """A table with a line for each network of a paper."""
    rows: list[Sequence[Text]] = []
    for each in known:
        own = links[each.name] if each.name in paper.representatives else ""
        totals = analyses[each.name].totals
        rows.append([
            (TextSpan(each.name, "name", own),),
            prose(each.summary),
            sized(by(each.input)),
            *[cell("", human(count)) for count in (totals.params, totals.mult_adds, totals.activation_sum)],
            cell("", human_bytes(totals.peak_inference_bytes)),
            str(totals.weight_layers),
            _checked(each.name),
        ])  # fmt: skip
    columns = [
        GridColumn("network", right=False),
        GridColumn("what it is", right=False, share=1),
        *[GridColumn(word) for word in ("input", "params", "mult-adds", "activations", "peak", "layers", "checked")],
    ]
    caption: Text = [TextSpan("The networks of this paper", "strong"), "; linked: shown in full below. ",
                     "Checked: figures that were compared and agree."]  # fmt: skip
    return Grid(caption, columns, rows)


def _checked(name: str) -> str:
    """The number of figures of a network that agree, on all devices, or `differs`."""
    ran = [each for each in records() if name in each.networks]
    if not all(each.agrees(name) for each in ran):
        return "differs"
    return f"{sum(check.compared for each in ran for check in each.networks[name]):,}" if ran else "\u2013"


def _front(
    shown: Sequence[Paper],
    plots: Sequence[str],
    analyses: Mapping[str, Analysis],
    links: Mapping[str, str],
    drawn: Mapping[str, list[Block]],
) -> Iterator[Block]:
    yield from front.reading()
    yield Heading(1, "Side by side", "comparison")
    yield _side_by_side(shown, analyses, links)
    yield from front.accuracy(())
    for kind in plots:
        yield from drawn[kind]
    audited = audit()
    yield from front.printed(audited, "the catalogue\u2019s networks and layers")
    wrong = [each for each in audited.audited if each.verdict == "contradicted"]
    if wrong:
        yield network.claims_grid(wrong, caption=[TextSpan("Numbers that no reading gives", "strong"), "."])
    yield from front.validated([_by_paper(record, shown) for record in records()])


def _side_by_side(shown: Sequence[Paper], analyses: Mapping[str, Analysis], links: Mapping[str, str]) -> Grid:
    rows: list[Sequence[Text]] = []
    for paper in shown:
        for name in paper.representatives:
            totals = analyses[name].totals
            counts = (totals.params, totals.mult_adds, totals.activation_sum)
            sizes = (totals.peak_inference_bytes, totals.training_saved_bytes)
            rows.append([
                (TextSpan(name, "name", links[name]),),
                str(paper.first.year),
                sized(by(analyses[name].input)),
                *[cell("", human(count)) for count in counts],
                *[cell("", human_bytes(size)) for size in sizes],
                str(totals.weight_layers),
                [TextSpan("", "page", links[name])],
            ])  # fmt: skip
    words = ("year", "input", "params", "mult-adds", "activations", "peak", "training", "layers", "page")
    caption: Text = [TextSpan("One network of each family", "strong"), ", by year. Peak, training: memory at ",
                     "inference and saved for the backward pass, of one image in float32."]  # fmt: skip
    return Grid(caption, [GridColumn("network", right=False), *[GridColumn(word) for word in words]], rows)


def _by_paper(record: ValidationRecord, shown: Sequence[Paper]) -> Grid:
    """A table with a line for each paper: the networks that agree, and the figures compared in each check."""
    rows: list[Sequence[Text]] = []
    for number, paper in enumerate(shown):
        names = [each.name for each in paper.networks]
        outcomes = [check for name in names for check in record.networks.get(name, ()) if check.status != "not run"]
        sums = [sum(each.compared for each in outcomes if each.check == check) for check in CHECKS]
        agree = sum(record.agrees(name) for name in names)
        who = f"{paper.first.authors.partition(',')[0].partition(' & ')[0]} {paper.first.year}"
        rows.append([
            [TextSpan(pretty(paper.representatives[0]), "", f"#paper-{number}"), f", {who}"],
            f"{agree} of {len(names)}",
            *[f"{count:,}" if count else "\u2013" for count in sums],
        ])  # fmt: skip
    everything = sum(len(paper.networks) for paper in shown)
    agreeing = sum(record.agrees(each.name) for paper in shown for each in paper.networks)
    caption = network.validation_caption(record, f"{agreeing} of {everything} networks agree in all")
    return Grid(
        caption, [GridColumn("paper", right=False), GridColumn("agree"), *[GridColumn(check) for check in CHECKS]], rows
    )


def _all_networks(analyses: Mapping[str, Analysis], links: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(1, "All networks", "index", chapter=True)
    rows: list[Sequence[Text]] = [
        [
            (TextSpan(name, "name", links[name]),),
            *[cell("", human(count)) for count in (totals.params, totals.mult_adds)],
            [TextSpan("", "page", links[name])],
        ]
        for name in sorted(links)
        for totals in (analyses[name].totals,)
    ]
    caption: Text = [
        TextSpan("All networks by name", "strong"), ", and the page that each, or its chapter, is on. Inputs and "
        "further costs are in the chapters\u2019 tables."
    ]  # fmt: skip
    columns = [
        GridColumn("network", right=False, share=1),
        *[GridColumn(word) for word in ("params", "mult-adds", "page")],
    ]
    yield Grid(caption, columns, rows, abreast=2)


def _all_checks(links: Mapping[str, str]) -> Iterator[Block]:
    if records():
        yield Heading(1, "All checks", "checks")
    for record in records():
        yield front.matrix(record, links)
