"""`archcalc formula`: closed forms of a network's costs."""

from __future__ import annotations

import sys
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.cli.options import complete_name, request_of, shape_options, show
from archcalc.present.tables import FORMATS
from archcalc.request import Request


@click.command("formula")
@click.argument("name", shell_complete=complete_name)
@click.option("--symbols", metavar="A,B,...", help="H,W (default), S, N, C, K, or hyperparameters; `all` lists them.")
@shape_options
@click.option("--per-layer", is_flag=True, help="One line for every row of the cost table.")
@click.option(
    "--exact", is_flag=True, help="All residue classes of the input size, and the size from which each holds."
)
@click.option("--quantity", "quantities", multiple=True, metavar="Q", help="For --exact and --equals: mult_adds.")
@click.option("--equals", metavar="FORMULA", help="Compare with your formula; exit code 1 if it differs.")
@click.option("--at", metavar="H=224,...", help="Evaluate the formulas at these values.")
@click.option("--batch", default="1", show_default=True, metavar="N", help="Images at once, for bytes.")
@click.option("--dtype", default="float32", show_default=True, metavar="TYPE", help="Type of a value, for bytes.")
@click.option("--format", "form", type=click.Choice((*FORMATS, "typst")), default="table", show_default=True)
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
    request = request_of(name, **network)
    if symbols is not None and symbols.strip().lower() == "all":
        _list_symbols(request, form)
        return
    requested = tuple([part.strip() for part in symbols.split(",")]) if symbols is not None else ()
    if exact:
        if symbols is not None or per_layer or at or equals:
            raise ArchcalcError("--exact is for all sizes: of the other options it takes --quantity only")
        _exact(request, quantities, form)
    elif equals is not None:
        _compare(request, equals, (*quantities, "mult_adds")[0], requested)
    elif at is not None:
        _evaluate(request, at, form)
    else:
        _closed(request, requested, per_layer, form)


def _compare(request: Request, text: str, quantity: str, symbols: tuple[str, ...]) -> None:
    from archcalc.forms.formulas import compare_formula

    verdict = compare_formula(request, text, quantity, symbols)
    click.echo(verdict.text)
    sys.exit(0 if verdict.equal else 1)


def _evaluate(request: Request, at: str, form: str) -> None:
    from archcalc.catalogue.descriptions import plain
    from archcalc.forms.formulas import evaluate
    from archcalc.present import formulas as views

    values = evaluate(request, _values(at))
    table = views.value_table(values, at)
    show(table, [dict(values.counts)], plain(values), _tabular(form), exact=True, at_most=100)


def _closed(request: Request, symbols: tuple[str, ...], per_layer: bool, form: str) -> None:
    from archcalc.catalogue.descriptions import plain
    from archcalc.forms import formulas
    from archcalc.present import formulas as views

    sheet = formulas.formulas(request, symbols)
    changed = dict(request.settings)
    if form in ("latex", "typst"):
        click.echo((views.formula_latex if form == "latex" else views.formula_typst)(sheet, per_layer=per_layer))
        return
    table = (views.layer_table if per_layer else views.formula_table)(sheet, changed)
    records = (views.layer_records if per_layer else views.formula_records)(sheet)
    show(table, records, plain(sheet), form, exact=True, at_most=100)


def _exact(request: Request, quantities: tuple[str, ...], form: str) -> None:
    from archcalc.catalogue.descriptions import plain
    from archcalc.forms.formulas import exact_formulas
    from archcalc.present import formulas as views

    sheet = exact_formulas(request, quantities or ("mult_adds",))
    axes = [f"smallest_{axis}s" for axis in ("length", "depth", "height", "width")]
    data = {key: value for key, value in plain(sheet).items() if value or key not in axes}
    tables = [views.exact_table(sheet, quantity, dict(request.settings)) for quantity in sheet.coefficients]
    show(tables, views.exact_records(sheet), data, _tabular(form), exact=True, at_most=100)


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
