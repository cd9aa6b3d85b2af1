"""`archcalc table`, `rf` and `compare`: costs and receptive fields."""

from __future__ import annotations

from typing import Any

import click

from archcalc.cli.options import complete_name, convention_option, network_options, output_options, request_of, show


@click.command("table")
@click.argument("name", shell_complete=complete_name)
@network_options
@convention_option
@click.option("--detail", is_flag=True, help="One line for every operation instead of every layer.")
@output_options
def table_command(name: str, detail: bool, convention: str | None, form: str, exact: bool, **network: Any) -> None:
    """Print the cost table of NAME: one line for every convolution, pool, linear layer and merge.

    \b
    Examples:
      archcalc table vgg16
      archcalc table mobilenet_v1 --set width=0.75 --size 192
      archcalc table googlenet --aux --exact
      archcalc table resnet50 --format json
      archcalc table resnet50 --convention fvcore
    """
    from archcalc.analysis.table import analyze
    from archcalc.present import costs as views

    analysis = analyze(request_of(name, **network), detail=detail, convention=convention)
    show(views.cost_table(analysis), analysis.records(), analysis.to_dict(), form, exact)


@click.command("rf")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_name)
@network_options
@output_options
def rf_command(names: tuple[str, ...], form: str, exact: bool, **network: Any) -> None:
    """Print receptive fields: of every layer of one network, or after each stage of several.

    \b
    Examples:
      archcalc rf resnet50
      archcalc rf resnet18 resnet34 resnet50 resnet101
    """
    from archcalc.analysis.stages import field_data, field_records, stage_data, stage_fields, stage_records
    from archcalc.analysis.table import analyze
    from archcalc.present import costs as views

    analyses = [analyze(request_of(name, **network)) for name in names]
    if len(analyses) == 1:
        table = views.field_table(analyses[0])
        show(table, field_records(analyses[0]), field_data(analyses[0]), form, exact)
        return
    matrix = stage_fields(analyses)
    table = views.stage_table(analyses, matrix)
    show(table, stage_records(analyses, matrix), stage_data(analyses, matrix), form, exact)


@click.command("compare")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_name)
@network_options
@convention_option
@output_options
def compare_command(names: tuple[str, ...], convention: str | None, form: str, exact: bool, **network: Any) -> None:
    """Print the totals of several networks side by side, with their ratios to the first.

    \b
    Examples:
      archcalc compare alexnet vgg16 resnet50
      archcalc compare resnet50 resnet50_v1 --size 320 --exact
      archcalc compare alexnet resnet50 --convention torch
    """
    from archcalc.analysis.table import analyze, comparison
    from archcalc.present import costs as views

    analyses = [analyze(request_of(name, **network), convention=convention) for name in names]
    data = comparison(analyses)
    show(views.compare_table(analyses), data, data, form, exact)
