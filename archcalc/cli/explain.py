"""`archcalc explain`: readings of a printed number."""

from __future__ import annotations

import sys
from typing import Any

import click

from archcalc.cli.completion import complete_printed
from archcalc.cli.options import complete_name, output_options, show
from archcalc.cli.requests import networks_of, shape_options


@click.command("explain")
@click.argument("number")
@click.option(
    "--architecture",
    metavar="NAME",
    help="The network that it is printed for; else the catalogue.",
    shell_complete=complete_name,
)
@click.option(
    "--quantity",
    metavar="QUANTITY",
    shell_complete=complete_printed,
    help="params, mult_adds, activations, layers, parameter_bytes, field, output, ...",
)
@click.option(
    "--changes", type=click.IntRange(0, 4), help="Assumptions that may differ: 2, in the catalogue at most 1."
)
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Lines of the table.")
@shape_options
@output_options
def explain_command(
    number: str,
    architecture: str | None,
    quantity: str | None,
    changes: int | None,
    limit: int,
    form: str,
    exact: bool,
    **given: Any,
) -> None:
    """Find the variant, convention, input, classes, heads and unit that give a printed NUMBER within its digits.

    NUMBER is as papers print it: 25.6M, 3.8G, 4.1 GFLOPs, 5 billion multiply-adds, 138,357,544, 98 MB, 22 layers,
    field 483 (a receptive field), 7x7x2048 (an output).

    A reading is marked weak where, with so few digits, one of so many assumptions often agrees by chance. Readings that
    say nothing are left out: then there is no reading. What the audit says of the number comes first.

    \b
    Examples:
      archcalc explain 3.8G --architecture resnet50
      archcalc explain '98 MB' --architecture resnet50
      archcalc explain 7.8G --architecture resnet50 --quantity mult_adds --changes 3
      archcalc explain 24M --architecture vgg16
      archcalc explain 'field 483' --architecture resnet50
      archcalc explain 54K --architecture model.py:Classifier --size 32
      archcalc explain 138,357,544
    """
    import gc

    from archcalc.evidence.explain import explain, size_of_search
    from archcalc.present import explanations as views

    (network,) = networks_of([architecture] if architecture is not None else [], **given) or (None,)
    gc.disable()  # graphs have no reference cycles; a search for them takes a quarter of the whole time
    hidden = architecture is not None or not sys.stderr.isatty()
    with click.progressbar(length=size_of_search(network), file=sys.stderr, label="searching", hidden=hidden) as bar:
        explanation = explain(number, architecture=network, quantity=quantity, changes=changes, advance=bar.update)
    tables = views.explanation_tables(explanation, limit)
    show(tables, views.explanation_records(explanation), views.explanation_data(explanation), form, exact, at_most=160)
