"""`archcalc scaling`: growth of costs with size, width and depth, and their ratios in symbols."""

from __future__ import annotations

from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.completion import complete_symbols
from archcalc.cli.options import complete_name, exact_option, figure_file, format_options, show
from archcalc.cli.own import is_own
from archcalc.cli.requests import network_options, request_of
from archcalc.request import Request


@click.command("scaling")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_name)
@click.option(
    "--symbols",
    metavar="A,B",
    shell_complete=complete_symbols,
    help="For ratios: S, C, K or hyperparameters; by default all in common.",
)
@network_options
@format_options(figure="a figure of the laws of one network")
@exact_option
def scaling_command(
    names: tuple[str, ...],
    symbols: str | None,
    form: str,
    exact: bool,
    **network: Any,
) -> None:
    """Print scaling laws of a network in its size, widths and depths, or the ratios of the costs of several networks.

    Exponents and coefficients are those of exact polynomials. A second line has the factor by which a quantity
    grows if the value is doubled or, if the network does not accept that, the exponent at the value itself.

    \b
    Examples:
      archcalc scaling resnet50
      archcalc scaling mobilenet_v1 --size 192 -o mobilenet.svg
      archcalc scaling depthwise_separable_example depthwise_separable_example_standard
      archcalc scaling resnet50 resnet101 resnet152
    """
    first, *others = names
    file = figure_file()
    if others:
        if file is not None:
            raise ArchcalcError(f"{file}: a figure is of the laws of one network, not of ratios")
        _ratios(first, others, symbols, form, exact, **network)
        return
    if symbols is not None:
        raise ArchcalcError("--symbols are those of a ratio: name two networks")
    from archcalc.present import scaling as views_scaling
    from archcalc.search.scaling import scaling

    request = request_of(first, **network)
    if file is not None:
        _draw(request, file)
        return
    result = scaling(request)
    style = "latex" if form == "latex" else "text"
    show(views_scaling.scaling_tables(result, style, exact), result.records(), result.to_dict(), form, exact)


def _ratios(first: str, others: list[str], symbols: str | None, form: str, exact: bool, **network: Any) -> None:
    from archcalc.present import scaling as views_scaling
    from archcalc.search.ratios import compare_laws

    wanted = [part.strip() for part in symbols.split(",")] if symbols else None
    request = request_of(first, **network)
    seconds = [request_of(other, **network).network if is_own(other) else other for other in others]
    ratios = [compare_laws(request, other, symbols=wanted) for other in seconds]
    records = [record for each in ratios for record in each.records()]
    style = "latex" if form == "latex" else "text"
    data = ratios[0].to_dict() if len(ratios) == 1 else [each.to_dict() for each in ratios]
    tables = views_scaling.comparison_tables(ratios, style, request.settings, request.input)
    show(tables, records, data, form, exact)


def _draw(request: Request, file: str) -> None:
    """Write a figure; nothing is written if the request is invalid."""
    from archcalc.base.files import destination
    from archcalc.figures import save
    from archcalc.figures import scaling as module
    from archcalc.search.scaling import scaling

    form = save.read_format(None, file)
    with destination(file) as write:
        result = scaling(request, samples=True)
        write(save.render(save.drawn(module, result, module.WIDTH), form))
