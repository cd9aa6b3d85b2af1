"""`archcalc conventions` and `archcalc reconcile`: ways of counting, and the steps between their totals."""

from __future__ import annotations

from typing import Any

import click

from archcalc.cli.options import (
    complete_convention,
    complete_name,
    exact_option,
    figure_file,
    format_options,
    output_options,
    show,
)
from archcalc.cli.requests import request_of, shape_options


@click.command("conventions")
@click.argument("name", default="", shell_complete=complete_convention)
@output_options
def conventions_command(name: str, form: str, exact: bool) -> None:
    """List the ways of counting for `--convention`, with unit, tool, versions and bugs; or show NAME with its weights.

    \b
    Examples:
      archcalc conventions
      archcalc conventions fvcore
      archcalc conventions thop --format json
    """
    from archcalc.conventions.counting import conventions, find_convention
    from archcalc.present import conventions as views

    if name:
        convention = find_convention(name)
        data = views.convention_data(convention)
        show(views.convention_tables(convention), data["terms"], data, form, exact, at_most=100)
        return
    every = conventions()
    data = [views.convention_data(each) for each in every]
    show(views.conventions_table(every), views.convention_records(every), data, form, exact, at_most=120)


@click.command("reconcile")
@click.argument("name", shell_complete=complete_name)
@click.option(
    "--tools",
    metavar="A,B",
    shell_complete=complete_convention,
    help="Conventions or tools; all by default.",
)
@click.option(
    "--from",
    "start",
    default="mult_adds",
    show_default=True,
    metavar="NAME",
    shell_complete=complete_convention,
    help="The convention at which the steps begin.",
)
@click.option(
    "--to",
    "end",
    metavar="NAME",
    shell_complete=complete_convention,
    help="The convention to which the steps lead; those of --tools by default.",
)
@shape_options
@format_options(figure="a figure of the steps")
@exact_option
def reconcile_command(
    name: str,
    tools: str | None,
    start: str,
    end: str | None,
    form: str,
    exact: bool,
    **network: Any,
) -> None:
    """Explain why counts of NAME differ: the total of every convention, and the steps from one to another.

    The steps add up exactly. `ptflops@reference` is ptflops on the implementation that `archcalc show NAME` names,
    `ptflops@archcalc` on the model that archcalc executes; `ptflops@model` on a traced model of PyTorch as its code is
    written.

    \b
    Examples:
      archcalc reconcile resnet50
      archcalc reconcile resnet50 --tools fvcore,thop
      archcalc reconcile resnet50 --from fvcore --to ptflops
      archcalc reconcile unet --to thop -o unet.svg
      archcalc reconcile timm:resnet18 --tools ptflops,torchinfo
    """
    from archcalc.conventions.reconciling import reconcile
    from archcalc.present import conventions as views

    wanted = [tool.strip() for tool in (tools or "").split(",") if tool.strip()]
    reconciliation = reconcile(request_of(name, **network), tools=wanted, start=start, to=end)
    shown = reconciliation.waterfalls if wanted or end is not None else ()
    if (file := figure_file()) is not None:
        from archcalc.figures.waterfall import save

        save(reconciliation, file)
        return
    tables = views.reconciliation_tables(reconciliation, shown)
    records = views.reconciliation_records(reconciliation, shown)
    show(tables, records, views.reconciliation_data(reconciliation), form, exact)
