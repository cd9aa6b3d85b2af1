"""The questions of the explorer: each calls a function of the API, and shows its result as the command line does.

A result is `TableAnswer`: tables, flat records and data, as for `--format`; or `TextAnswer`: data, and texts in other
formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, unknown
from archcalc.present.tables import Table
from archcalc.request import Request
from archcalc.site.requested import device_of, request_of

if TYPE_CHECKING:
    from archcalc.analysis.results import Analysis

Networks = Sequence[Mapping[str, Any]]
Result = TypeVar("Result")


class TableAnswer(NamedTuple):
    """A result as tables, as flat records, and as data."""

    tables: Sequence[Table]
    records: Sequence[dict[str, Any]]
    data: Any


class TextAnswer(NamedTuple):
    """A result as data, and the functions that write it in other formats."""

    data: Any
    texts: Mapping[str, Callable[[], str]]


def network(request: Request, convention: str | None = None, **given: Any) -> Any:
    """The data of a network's page."""
    from archcalc.site.network_page import network_page

    return network_page(request, convention=convention, **given)


def table(
    request: Request,
    detail: bool = False,
    depth: int | None = None,
    share: bool = False,
    convention: str | None = None,
) -> TableAnswer:
    """The cost table: `archcalc table`."""
    from archcalc.analysis.blocks import at_depth
    from archcalc.analysis.table import analyze
    from archcalc.present import cost_records, costs

    analysis = analyze(request, detail=detail, convention=convention)
    if depth is not None:
        analysis = at_depth(analysis, depth)
    records = cost_records.cost_records([analysis], share)
    return TableAnswer([costs.cost_table(analysis, share)], records, cost_records.cost_data(analysis, share))


def rf(request: Request, convolutional: bool = False) -> TableAnswer:
    """The receptive field of every layer: `archcalc rf`."""
    from archcalc.analysis.stages import field_data, field_records
    from archcalc.analysis.table import analyze
    from archcalc.present.costs import field_table

    analysis = analyze(request, convolutional=convolutional)
    return TableAnswer([field_table(analysis)], field_records(analysis), field_data(analysis))


def why(request: Request, layer: str, quantity: str = "", width: int = 100) -> TextAnswer:
    """The derivation of a number: `archcalc why`, as blocks for a page or as text, Markdown, LaTeX or Typst."""
    from archcalc.derivations.derive import derive
    from archcalc.present.derivation_blocks import derivation_blocks
    from archcalc.present.derivations import TextNotation
    from archcalc.present.typeset import WRITERS

    derivation = derive(request, layer, quantity)
    texts = {form: partial(writer().whole, derivation) for form, writer in WRITERS.items()}
    return TextAnswer(derivation_blocks(derivation), {"text": partial(TextNotation(width).whole, derivation), **texts})


def formulas(request: Request, symbols: Sequence[str] = (), per_layer: bool = False) -> TableAnswer | TextAnswer:
    """The closed forms in text, LaTeX and Typst: `archcalc formula`."""
    from archcalc.catalogue.descriptions import plain
    from archcalc.forms.formulas import formulas as closed
    from archcalc.present import formulas as views

    sheet = closed(request, tuple(symbols))
    table = (views.layer_table if per_layer else views.formula_table)(sheet, dict(request.settings))
    records = (views.layer_records if per_layer else views.formula_records)(sheet)
    data = plain(sheet) | {"caption": table.caption, "remarks": table.sentences(exact=True)}
    texts = _texts(TableAnswer([table], records, data), exact=True)
    texts["latex"] = partial(views.formula_latex, sheet, per_layer=per_layer)
    return TextAnswer(data, texts | {"typst": partial(views.formula_typst, sheet, per_layer=per_layer)})


def forms(request: Request) -> Any:
    """The closed forms that a network's page shows, with their terms."""
    from archcalc.site.forms import network_forms

    return network_forms(request)


def reconcile(
    request: Request, tools: Sequence[str] = (), start: str = "mult_adds", to: str | None = None
) -> TableAnswer:
    """The total of every convention, and the steps from one to another: `archcalc reconcile`."""
    from archcalc.conventions.reconciling import reconcile as reconciled
    from archcalc.present import conventions as views

    found = reconciled(request, tools=list(tools), start=start, to=to)
    steps = found.waterfalls if tools or to is not None else ()
    tables, records = views.reconciliation_tables(found, steps), views.reconciliation_records(found, steps)
    return TableAnswer(tables, records, views.reconciliation_data(found))


def compare(networks: Networks = (), convention: str | None = None, quantities: Sequence[str] = ()) -> TableAnswer:
    """The totals of several networks, and their ratios to the first: `archcalc compare`."""
    from archcalc.analysis.quantities import LATENCY, TOTALS, predicted, read_quantity
    from archcalc.analysis.several import with_latencies
    from archcalc.analysis.table import analyze, comparison
    from archcalc.present import cost_records, costs

    further = tuple(dict.fromkeys([read_quantity(each, (*TOTALS, LATENCY), "quantity") for each in quantities]))

    def analyzed(request: Request) -> Analysis:
        return with_latencies(analyze(request, convention=convention), request, predicted(further))

    analyses = _each(networks, analyzed)
    data = comparison(analyses)
    return TableAnswer([costs.compare_table(analyses, further)], cost_records.comparison_records(data), data)


def diff(networks: Networks = (), depth: int | None = None) -> TableAnswer:
    """The differences of two networks, layer by layer: `archcalc diff`."""
    from archcalc.analysis.blocks import at_depth
    from archcalc.analysis.difference import compared
    from archcalc.analysis.table import analyze
    from archcalc.present import difference as views

    analyses = _each(networks, analyze)
    if len(analyses) != 2:
        raise ArchcalcError(f"diff takes two networks, not {len(analyses)}", about="networks")
    found = compared(*[each if depth is None else at_depth(each, depth) for each in analyses])
    tables, records = [views.difference_table(found)], views.difference_records(found)
    return TableAnswer(tables, records, views.difference_data(found))


def _each(networks: Networks, function: Callable[[Request], Result]) -> list[Result]:
    """A result for each of several networks; an error says which it is about."""
    if not isinstance(networks, list):
        raise ArchcalcError(f"networks are a list of requests, not {cut(repr(networks))}", about="networks")
    found: list[Result] = []
    for index, each in enumerate(networks):
        try:
            found.append(function(request_of(each)))
        except ArchcalcError as error:
            error.about = f"networks[{index}]" + (f".{error.about}" if error.about else "")
            raise
    if not found:
        raise ArchcalcError("at least one network is compared", about="networks")
    return found


def align(networks: Networks = ()) -> dict[str, Any]:
    """The layers and stages of networks that stand for each other, for the page that compares them."""
    from archcalc.site.compare_page import alignment

    def built(request: Request) -> Request:
        _ = request.graph
        return request

    return alignment(_each(networks, built))


def steps(request: Request, start: str = "mult_adds", only: str | None = None) -> dict[str, Any]:
    """The totals of all conventions and the steps to each, in words, for the page that compares networks."""
    from archcalc.site.compare_page import reconciliation

    return reconciliation(request, start, only)


def memory(request: Request, device: Any = None, images: int | None = None) -> TableAnswer:
    """The memory of an inference and of a training step: `archcalc memory`."""
    from archcalc.analysis.memory.statement import memory as stated
    from archcalc.present import memory as views

    statement = stated(request, device=None if device is None else device_of(device))
    tables, data = views.memory_tables(statement, images), views.memory_data(statement, images)
    return TableAnswer(tables, views.memory_records(statement), data)


def latency(request: Request, device: Any, layers: bool = False, **given: Any) -> TableAnswer:
    """The time of an inference or a training step on a device: `archcalc latency`."""
    from archcalc.analysis.latency.statement import latency as predicted
    from archcalc.present import latency as views

    statement = predicted(request, device=device_of(device), **given)
    return TableAnswer(
        views.latency_tables(statement, layers), views.latency_records(statement, layers), statement.to_dict()
    )


def energy(request: Request, table: str = "horowitz2014-45nm", layers: bool = False) -> TableAnswer:
    """Two bounds on the energy of an inference: `archcalc energy`."""
    from archcalc.analysis.energy import energy as bounds
    from archcalc.present import energy as views

    found = bounds(request, table=table)
    return TableAnswer(
        views.energy_tables(found, layers), views.energy_records(found, layers), views.energy_data(found, layers)
    )


def explain(
    number: str,
    architecture: Mapping[str, Any] | None = None,
    quantity: str | None = None,
    changes: int | None = None,
    limit: int = 10,
) -> TableAnswer:
    """The readings of a printed number: `archcalc explain`."""
    from archcalc.evidence.explain import explain as explained
    from archcalc.present import explanations as views

    of = None if architecture is None else request_of(architecture)
    found = explained(number, architecture=of, quantity=quantity, changes=changes)
    tables, records = views.explanation_tables(found, limit), views.explanation_records(found)
    return TableAnswer(tables, records, views.explanation_data(found))


def graph(request: Request, view: str = "volume", format: str | None = None, **given: Any) -> str:
    """A picture as text, SVG or Graphviz's dot: `archcalc graph`. SVG of other views than volume needs Graphviz."""
    from archcalc.base.questions import checked
    from archcalc.pictures import pictures

    if format not in (None, "svg", "dot"):
        raise ArchcalcError("a picture is svg or dot here: pdf and png need Typst", about="format")
    asked = checked(pictures.Picture)(view=view, **given)
    return pictures.render(asked, format, request).decode()


def picture(request: Request) -> Any:
    """The data of a page's picture, which the page folds and lays out."""
    from archcalc.site import pictures

    return pictures.picture(request)


def volume(request: Request) -> str:
    """The feature maps to scale, as SVG whose boxes name their rows."""
    from archcalc.site import pictures

    return pictures.volume(request)


def export(request: Request, to: str, layout: str = "convolution") -> dict[str, Any]:
    """The files of a network for a tool that models hardware: `archcalc export`."""
    from archcalc.catalogue.descriptions import plain
    from archcalc.exporters.export import export as exported

    return {key: plain(value) for key, value in vars(exported(request, to, layout)).items()}


def conventions(name: str = "") -> TableAnswer:
    """All ways of counting, or one with its weights: `archcalc conventions`."""
    from archcalc.conventions.counting import conventions as every
    from archcalc.conventions.counting import find_convention
    from archcalc.present import conventions as views

    if name:
        one = find_convention(name)
        data = views.convention_data(one)
        return TableAnswer(views.convention_tables(one), data["terms"], data)
    found = every()
    data = [views.convention_data(each) for each in found]
    return TableAnswer([views.conventions_table(found)], views.convention_records(found), data)


def devices(name: Any = "") -> TableAnswer:
    """All devices, or those that a name fits: `archcalc devices`."""
    from archcalc.hardware.devices import Device, find_devices
    from archcalc.hardware.devices import devices as every
    from archcalc.present import devices as views

    own = device_of(name)
    found = (own,) if isinstance(own, Device) else find_devices(own) if own else every()
    tables = views.device_tables(found[0]) if name and len(found) == 1 else [views.devices_table(found)]
    return TableAnswer(
        tables, [views.device_record(each) for each in found], [views.device_data(each) for each in found]
    )


def names(pattern: str = "") -> list[str]:
    """The names of the networks of the catalogue."""
    from archcalc.request import names as every

    return list(every(pattern))


def _texts(shown: TableAnswer, exact: bool) -> dict[str, Callable[[], str]]:
    """The functions that write a result in the formats of tables."""
    from archcalc.present import layout, markup

    def joined(write: Callable[[Table, bool], str]) -> str:
        return "\n\n".join([write(each, exact) for each in shown.tables])

    return {
        "text": partial(joined, lambda each, exact: layout.as_text(each, exact, 100)),
        "csv": partial(markup.as_csv, shown.records),
        "tsv": partial(markup.as_tsv, shown.records),
        "markdown": partial(joined, markup.as_markdown),
        "latex": partial(joined, markup.as_latex),
        "html": partial(markup.as_html, shown.tables, exact),
    }


def written(result: Any, form: str, *, exact: bool) -> Any:
    """A result as data (`json`), or its text in another format. Raises ArchcalcError for a format that it lacks."""
    if form == "json":
        return result.data if isinstance(result, (TableAnswer, TextAnswer)) else result
    texts: Mapping[str, Callable[[], str]] = {}
    if isinstance(result, TableAnswer):
        texts = _texts(result, exact)
    elif isinstance(result, TextAnswer):
        texts = result.texts
    if form not in texts:
        raise unknown("format", form, ["json", *texts], f"there are {', '.join(['json', *texts])}", about="form")
    return texts[form]()
