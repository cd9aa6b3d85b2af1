"""`archcalc formula`: closed forms of what a network costs."""

from __future__ import annotations

import sys
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.cli.options import chosen, complete_name, shape_options, show
from archcalc.present.tables import FORMATS


@click.command("formula")
@click.argument("name", shell_complete=complete_name)
@click.option("--symbols", metavar="A,B,...", help="H,W (default), S, N, C, K, or hyperparameters; `all` lists them.")
@shape_options
@click.option("--per-layer", is_flag=True, help="One line for every row of the cost table.")
@click.option("--exact", is_flag=True, help="Every residue class of the input size, and from where it holds.")
@click.option("--quantity", "quantities", multiple=True, metavar="Q", help="For --exact and --equals: mult_adds.")
@click.option("--equals", metavar="FORMULA", help="Compare with a formula of yours; exit code 1 if it differs.")
@click.option("--at", metavar="H=224,...", help="Evaluate the formulas there.")
@click.option("--batch", default="1", show_default=True, metavar="N", help="Images at once, for bytes.")
@click.option("--dtype", default="float32", show_default=True, metavar="TYPE", help="Type of a value, for bytes.")
@click.option("--format", "form", type=click.Choice((*FORMATS, "typst")), default="table", show_default=True)
def formula_command(name: str, symbols: str | None, per_layer: bool, exact: bool, **options: Any) -> None:
    """Closed forms of what NAME costs: params, mult-adds, memory and output size as polynomials.

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
    if symbols is not None and symbols.strip().lower() == "all":
        _list_symbols(name, options["form"])
        return
    asked = tuple([part.strip() for part in symbols.split(",")]) if symbols is not None else ("H", "W")
    if exact:
        if symbols is not None or per_layer or options["at"] or options["equals"]:
            raise ArchcalcError("--exact is for all sizes: it goes with --quantity, not with other choices")
        _exact(name, **options)
        return
    _closed(name, asked, per_layer, **options)


def _network(name: str, batch: str, dtype: str, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arguments of the question, and what was asked for beside the name."""
    from archcalc.request import read_batch

    given = chosen(name, **{key: options[key] for key in ("shape", "size", "classes", "settings", "aux")})
    changed = {key: value for key, value in given.items() if key != "input"}
    return {**given, "batch": read_batch(name, batch), "dtype": dtype}, changed


def _closed(
    name: str,
    symbols: tuple[str, ...],
    per_layer: bool,
    quantities: tuple[str, ...],
    equals: str | None,
    at: str | None,
    form: str,
    **options: Any,
) -> None:
    from archcalc.catalogue.descriptions import plain
    from archcalc.forms import formulas
    from archcalc.present import formulas as views

    network, changed = _network(name, **options)
    if equals is not None:
        verdict = formulas.compare_formula(name, equals, (*quantities, "mult_adds")[0], symbols, **network)
        click.echo(verdict.text)
        sys.exit(0 if verdict.equal else 1)
    if at is not None:
        values = formulas.evaluate(name, _values(at), **network)
        lines = plain(values), _tabular(form)
        show(views.value_table(values, at), [dict(values.counts)], *lines, exact=True, at_most=100)
        return
    sheet = formulas.formulas(name, symbols, **network)
    if form in ("latex", "typst"):
        click.echo((views.formula_latex if form == "latex" else views.formula_typst)(sheet, per_layer=per_layer))
        return
    table = (views.layer_table if per_layer else views.formula_table)(sheet, changed)
    records = (views.layer_records if per_layer else views.formula_records)(sheet)
    show(table, records, plain(sheet), form, exact=True, at_most=100)


def _exact(name: str, quantities: tuple[str, ...], form: str, **options: Any) -> None:
    from archcalc.catalogue.descriptions import plain
    from archcalc.forms.formulas import exact_formulas
    from archcalc.present import formulas as views

    network, changed = _network(name, **options)
    asked = quantities or ("mult_adds",)
    sheet = exact_formulas(name, asked, **network)
    tables = [views.exact_table(sheet, quantity, changed) for quantity in sheet.coefficients]
    show(tables, views.exact_records(sheet), plain(sheet), _tabular(form), exact=True, at_most=100)


def _list_symbols(name: str, form: str) -> None:
    from archcalc.forms.closed import symbols_of
    from archcalc.present import formulas as views

    known = symbols_of(name)
    records = [{"symbol": symbol, "meaning": meaning} for symbol, meaning in known.items()]
    show(views.symbol_table(name, known), records, records, _tabular(form), exact=True, at_most=100)


def _tabular(form: str) -> str:
    if form == "typst":
        raise ArchcalcError("--format typst is for formulas, not for this table")
    return form


def _values(text: str) -> dict[str, str]:
    """Symbols and their values: H=224,W=320."""
    values: dict[str, str] = {}
    for part in text.split(","):
        symbol, equals, value = part.strip().partition("=")
        if not equals or not symbol.strip() or not value.strip():
            raise ArchcalcError(f"--at takes symbols with values such as H=224,W=320, not {shown(text)}")
        if symbol.strip() in values:
            raise ArchcalcError(f"--at gives {symbol.strip()} twice")
        values[symbol.strip()] = value.strip()
    return values
