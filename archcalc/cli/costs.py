"""`archcalc table`, `rf`, `compare` and `diff`: costs and receptive fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.options import complete_name, convention_option, output_options, show
from archcalc.cli.requests import network_options, requests_of

if TYPE_CHECKING:
    from archcalc.analysis.results import Analysis
    from archcalc.request import Request

DEPTH = click.option(
    "--depth",
    type=click.IntRange(min=1),
    metavar="N",
    help="A line for each stage (1), block (2) ... instead of layer.",
)


@click.command("table")
@click.argument("name", shell_complete=complete_name)
@network_options
@convention_option
@click.option("--detail", is_flag=True, help="One line for every operation instead of every layer.")
@DEPTH
@click.option("--share", is_flag=True, help="Each count in per cent of its total, too.")
@click.option("--strict", is_flag=True, help="An operator that is not known is an error, not a lower bound.")
@output_options
def table_command(
    name: str,
    detail: bool,
    depth: int | None,
    share: bool,
    strict: bool,
    convention: str | None,
    form: str,
    exact: bool,
    **network: Any,
) -> None:
    """Print the cost table of NAME: one line for every convolution, pool, linear layer and merge.

    An option with several values, such as --size 224 --size 320, gives a table for each.

    \b
    Examples:
      archcalc table vgg16
      archcalc table mobilenet_v1 --set width=0.75 --size 192
      archcalc table resnet50 --depth 1 --share
      archcalc table googlenet --aux --exact
      archcalc table resnet50 --format json
      archcalc table resnet50 --convention fvcore
    """
    from archcalc.analysis.table import NOT_COUNTED, analyze
    from archcalc.present import cost_records as flat
    from archcalc.present import costs as views

    if detail and depth is not None:
        raise ArchcalcError("--detail has a line for every operation, --depth one for several layers; use one of them")
    asked = requests_of([name], **network)
    analyses = [analyze(each, detail=detail, convention=convention) for each in asked]
    unknown = [each for analysis in analyses for each in analysis.remarks if each.startswith(NOT_COUNTED)]
    if strict and unknown:
        raise ArchcalcError(f"{name}: {unknown[0]}", about="name")
    remarks = [_on_parameters(request, each) for request, each in zip(asked, analyses, strict=True)]
    if depth is not None:
        from archcalc.analysis.blocks import at_depth

        analyses = [at_depth(each, depth) for each in analyses]
    tables = [views.cost_table(each, share, remark) for each, remark in zip(analyses, remarks, strict=True)]
    records, data = flat.cost_records(analyses, share), [flat.cost_data(each, share) for each in analyses]
    show(tables, records, data if len(data) > 1 else data[0], form, exact)


def _on_parameters(request: Request, analysis: Analysis) -> str:
    """A remark on parameters that are others at the network's own input; empty at that input."""
    from archcalc.analysis.table import analyze
    from archcalc.present.words import parameters_by_input

    if request.input is None:
        return ""
    try:
        own = analyze(replace(request, input=None))
    except ArchcalcError:  # its own settings need the input of the request
        return ""
    if own.totals.params == analysis.totals.params:
        return ""
    detail = len(own.layers) != len(analysis.layers)
    return parameters_by_input(analysis, analyze(replace(request, input=None), detail=True) if detail else own)


@click.command("rf")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_name)
@network_options
@click.option(
    "--convolutional",
    is_flag=True,
    help="The classifier read as convolutions as large as the map: its layers have a window too.",
)
@output_options
def rf_command(names: tuple[str, ...], convolutional: bool, form: str, exact: bool, **network: Any) -> None:
    """Print receptive fields: of every layer of one network, or after each stage of several.

    Networks of different families are compared stride by stride: /8 is their last layer of stride 8.

    \b
    Examples:
      archcalc rf resnet50
      archcalc rf resnet18 resnet34 resnet50 resnet101
      archcalc rf vgg16 --convolutional
    """
    from archcalc.analysis.stages import field_data, field_records, stage_data, stage_fields, stage_records
    from archcalc.analysis.table import analyze
    from archcalc.present import costs as views

    analyses = [analyze(each, convolutional=convolutional) for each in requests_of(names, **network)]
    if len(analyses) == 1:
        table = views.field_table(analyses[0])
        show(table, field_records(analyses[0]), field_data(analyses[0]), form, exact)
        return
    matrix = stage_fields(analyses)
    table = views.stage_table(analyses, matrix)
    show(table, stage_records(analyses, matrix), stage_data(analyses, matrix), form, exact)


def complete_quantity(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a quantity of a cost table."""
    from archcalc.analysis.quantities import TOTALS

    return [each for each in TOTALS if each.startswith(incomplete)]


@click.command("compare")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_name)
@network_options
@convention_option
@click.option(
    "--quantity",
    "quantities",
    multiple=True,
    metavar="QUANTITY",
    shell_complete=complete_quantity,
    help="A column for it too: training_step_bytes, latency@rtx-4090 ...",
)
@output_options
def compare_command(
    names: tuple[str, ...],
    convention: str | None,
    quantities: tuple[str, ...],
    form: str,
    exact: bool,
    **network: Any,
) -> None:
    """Print the totals of several networks side by side, with their ratios to the first.

    An option with several values gives a line for each: one network at several sizes, batches or settings.

    \b
    Examples:
      archcalc compare alexnet vgg16 resnet50
      archcalc compare resnet50 resnet50_v1 --size 320 --exact
      archcalc compare mobilenet_v1 --set width=0.5 --set width=1 --size 160 --size 224
      archcalc compare alexnet resnet50 --convention torch
      archcalc compare resnet50 vgg16 --quantity latency@rtx-4090 --batch 256 --dtype float16
    """
    from archcalc.analysis.quantities import LATENCY, TOTALS, predicted, read_quantity
    from archcalc.analysis.several import with_latencies
    from archcalc.analysis.table import analyze, comparison
    from archcalc.present import cost_records as flat
    from archcalc.present import costs as views

    further = tuple(dict.fromkeys([read_quantity(each, (*TOTALS, LATENCY), "quantity") for each in quantities]))
    requests = requests_of(names, **network)
    analyses = [with_latencies(analyze(each, convention=convention), each, predicted(further)) for each in requests]
    data = comparison(analyses)
    show(views.compare_table(analyses, further), flat.comparison_records(data), data, form, exact)


@click.command("diff")
@click.argument("names", nargs=-1, required=True, metavar="FIRST [SECOND]", shell_complete=complete_name)
@network_options
@DEPTH
@output_options
def diff_command(names: tuple[str, ...], depth: int | None, form: str, exact: bool, **network: Any) -> None:
    """Print how two networks differ, layer by layer, and what each difference costs.

    One network at two sizes, or with two values of a hyperparameter, is two networks.

    \b
    Examples:
      archcalc diff vgg16 vgg19
      archcalc diff resnet50 resnet50_v1
      archcalc diff resnet50 --size 224 --size 256 --depth 1
      archcalc diff vgg16 --set depth=16 --set depth=19 --format csv
    """
    from archcalc.present import difference as views

    found = _difference(names, depth, network)
    show(views.difference_table(found), views.difference_records(found), views.difference_data(found), form, exact)


def _difference(names: Sequence[str], depth: int | None, network: dict[str, Any]) -> Any:
    from archcalc.analysis.difference import compared
    from archcalc.analysis.table import analyze

    asked = requests_of(names, **network)
    if len(asked) != 2:
        said = "two names, or one name with two values of an option such as --size 224 --size 256"
        raise ArchcalcError(f"diff takes {said}; these options stand for {len(asked)}")
    analyses = [analyze(each) for each in asked]
    if depth is not None:
        from archcalc.analysis.blocks import at_depth

        analyses = [at_depth(each, depth) for each in analyses]
    return compared(*analyses)
