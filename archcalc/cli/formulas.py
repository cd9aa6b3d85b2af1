"""`archcalc formula`: closed forms of a network's costs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.cli.completion import complete_counted, complete_symbols
from archcalc.cli.options import complete_name, emit, format_options, show
from archcalc.cli.requests import byte_options, request_of, requests_of, shape_options, training_of, training_options
from archcalc.present.tables import FORMATS, Table
from archcalc.request import Request

if TYPE_CHECKING:
    from archcalc.forms.sheets import FormulaSheet


@click.command("formula")
@click.argument("name", shell_complete=complete_name)
@click.option(
    "--symbols",
    metavar="A,B,...",
    shell_complete=complete_symbols,
    help="H,W (default), S, N, C, K, or hyperparameters; `all` lists them.",
)
@shape_options
@click.option("--per-layer", is_flag=True, help="One line for every row of the cost table.")
@click.option(
    "--exact", is_flag=True, help="All residue classes of the input size, and the size from which each holds."
)
@click.option(
    "--quantity",
    "quantities",
    multiple=True,
    metavar="Q",
    shell_complete=complete_counted,
    help="Of these quantities only.",
)
@click.option("--equals", metavar="FORMULA", help="Compare with your formula; exit code 1 if it differs.")
@click.option("--at", metavar="H=224,...", help="Evaluate the formulas at these values.")
@byte_options
@training_options
@format_options(formats=(*FORMATS, "typst"))
def formula_command(
    name: str,
    symbols: str | None,
    per_layer: bool,
    exact: bool,
    quantities: tuple[str, ...],
    equals: str | None,
    at: str | None,
    form: str,
    **network: Any,
) -> None:
    """Print closed forms of the costs of NAME: params, mult-adds, memory and output size as polynomials.

    A formula holds on one residue class of the input size, that of the network's own input or of --size: ResNet-50
    at H = 32h, W = 32w. --exact gives the polynomials of all classes; together they hold at every size.

    \b
    Examples:
      archcalc formula resnet50
      archcalc formula resnet50 --symbols S,K,N
      archcalc formula mobilenet_v1 --symbols S,width
      archcalc formula vgg16 --per-layer --format latex
      archcalc formula resnet50 --exact --quantity mult_adds
      archcalc formula resnet50 --equals '83410944*h*w + 2048000'
    """
    training = training_of(network)
    if symbols is not None and symbols.strip().lower() == "all":
        _list_symbols(request_of(name, **network), form)
        return
    requested = tuple([part.strip() for part in symbols.split(",")]) if symbols is not None else ()
    if exact and (symbols is not None or per_layer or at or equals):
        raise ArchcalcError("--exact is for all sizes: of the other options it takes --quantity only")
    if equals is not None:
        _compare(replace(request_of(name, **network), training=training), equals, _one(quantities), requested)
        return
    if quantities and per_layer:
        raise ArchcalcError("--per-layer has params and mult-adds of every row: leave --quantity out")
    asked = [replace(each, training=training) for each in requests_of([name], **network)]
    if exact:
        answers = [_exact(each, quantities, form) for each in asked]
    elif at is not None:
        answers = [_evaluate(each, at, quantities, form) for each in asked]
    elif form in ("latex", "typst"):
        emit("\n\n".join([_mathematics(each, requested, quantities, per_layer, form) for each in asked]))
        return
    else:
        answers = [_closed(each, requested, quantities, per_layer) for each in asked]
    _print(answers, asked, form)


class FormulaAnswer(NamedTuple):
    """What is printed for one request: tables, flat dictionaries for CSV, and data for JSON."""

    tables: list[Table]
    records: list[dict[str, Any]]
    data: Any


def _print(answers: list[FormulaAnswer], asked: list[Request], form: str) -> None:
    """Print the answers; records of several say which request they belong to."""
    records = answers[0].records
    if len(answers) > 1:
        records = [
            {**_who(request), **each} for request, answer in zip(asked, answers, strict=True) for each in answer.records
        ]
    data = [answer.data for answer in answers]
    tables = [table for answer in answers for table in answer.tables]
    show(tables, records, data if len(data) > 1 else data[0], form, exact=True, at_most=100)


def _who(request: Request) -> dict[str, Any]:
    from archcalc.analysis.results import settings_text
    from archcalc.request import resolve

    name, shape = resolve(request)
    settings = " ".join(settings_text(request.settings))
    sizes = "x".join(map(str, shape))
    return {"architecture": name, "settings": settings, "input": sizes, "batch": request.batch, "dtype": request.dtype}


def _one(quantities: tuple[str, ...]) -> str:
    if len(quantities) > 1:
        raise ArchcalcError("--equals compares one formula with that of one --quantity")
    return (*quantities, "mult_adds")[0]


def _compare(request: Request, text: str, quantity: str, symbols: tuple[str, ...]) -> None:
    from archcalc.forms.formulas import compare_formula

    verdict = compare_formula(request, text, quantity, symbols)
    emit(verdict.text)
    sys.exit(0 if verdict.equal else 1)


def _evaluate(request: Request, at: str, quantities: tuple[str, ...], form: str) -> FormulaAnswer:
    from archcalc.catalogue.descriptions import plain
    from archcalc.forms.formulas import evaluate
    from archcalc.present import formulas as views

    _tabular(form)
    values = evaluate(request, _values(at))
    values = values._replace(counts=_chosen(values.counts, quantities))
    table = views.value_table(values, at, dict(request.settings))
    return FormulaAnswer([table], [dict(values.counts)], plain(values))


def _sheet(request: Request, symbols: tuple[str, ...], quantities: tuple[str, ...]) -> FormulaSheet:
    from archcalc.forms import formulas

    sheet = formulas.formulas(request, symbols)
    return sheet._replace(quantities=_chosen(sheet.quantities, quantities))


def _chosen(every: Mapping[str, Any], quantities: tuple[str, ...]) -> dict[str, Any]:
    """The quantities that --quantity names; all without it. Raises UnknownName for one that has no formula."""
    from archcalc.analysis.quantities import read_quantity

    wanted = [read_quantity(each, list(every), "closed form") for each in quantities] or list(every)
    return {key: every[key] for key in wanted}


def _mathematics(
    request: Request, symbols: tuple[str, ...], quantities: tuple[str, ...], per_layer: bool, form: str
) -> str:
    from archcalc.present import formulas as views

    write = views.formula_latex if form == "latex" else views.formula_typst
    return write(_sheet(request, symbols, quantities), per_layer=per_layer)


def _closed(request: Request, symbols: tuple[str, ...], quantities: tuple[str, ...], per_layer: bool) -> FormulaAnswer:
    from archcalc.catalogue.descriptions import plain
    from archcalc.present import formulas as views

    sheet = _sheet(request, symbols, quantities)
    table = (views.layer_table if per_layer else views.formula_table)(sheet, dict(request.settings))
    records = (views.layer_records if per_layer else views.formula_records)(sheet)
    return FormulaAnswer([table], records, plain(sheet))


def _exact(request: Request, quantities: tuple[str, ...], form: str) -> FormulaAnswer:
    from archcalc.catalogue.descriptions import plain
    from archcalc.forms.formulas import exact_formulas
    from archcalc.present import formulas as views

    _tabular(form)
    sheet = exact_formulas(request, quantities or ("mult_adds",))
    axes = [f"smallest_{axis}s" for axis in ("length", "depth", "height", "width")]
    data = {key: value for key, value in plain(sheet).items() if value or key not in axes}
    tables = [views.exact_table(sheet, quantity, dict(request.settings)) for quantity in sheet.coefficients]
    return FormulaAnswer(tables, views.exact_records(sheet), data)


def _list_symbols(request: Request, form: str) -> None:
    from archcalc.forms.closed import formula_symbols
    from archcalc.present import formulas as views

    known = formula_symbols(request)
    name = request.network if isinstance(request.network, str) else request.network.name
    records = [{"symbol": symbol, "meaning": meaning} for symbol, meaning in known.items()]
    show(views.symbol_table(name, known), records, records, _tabular(form), exact=True, at_most=100)


def _tabular(form: str) -> str:
    if form == "typst":
        raise ArchcalcError("--format typst is for formulas, not for this table")
    return form


def _values(text: str) -> dict[str, str]:
    """Symbols and their values, read from H=224,W=320."""
    values: dict[str, str] = {}
    for part in text.split(","):
        symbol, equals, value = part.strip().partition("=")
        if not equals or not symbol.strip() or not value.strip():
            raise ArchcalcError(f"--at takes symbols with values such as H=224,W=320, not {shown(text)}")
        if symbol.strip() in values:
            raise ArchcalcError(f"--at gives {symbol.strip()} twice")
        values[symbol.strip()] = value.strip()
    return values
