"""`archcalc energy`: bounds on the energy of an inference, from a published table."""

from __future__ import annotations

from typing import Any

import click

from archcalc.cli.options import complete_name, output_options, show
from archcalc.cli.requests import network_options, request_of


def complete_table(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of the name of a table."""
    from archcalc.hardware.energy import energy_tables

    return [name for name in energy_tables() if name.startswith(incomplete.lower())]


@click.command("energy")
@click.argument("name", shell_complete=complete_name)
@network_options
@click.option(
    "--table",
    default="horowitz2014-45nm",
    show_default=True,
    metavar="NAME",
    shell_complete=complete_table,
    help="The published table of energies.",
)
@click.option("--layers", is_flag=True, help="By layer too.")
@output_options
def energy_command(name: str, table: str, layers: bool, form: str, exact: bool, **options: Any) -> None:
    """State two bounds on the energy of an inference of NAME, by arithmetic and DRAM, from a published table.

    Never a measurement: operations and bytes times the energies of one operation and of one byte.

    \b
    Examples:
      archcalc energy resnet50
      archcalc energy mobilenet_v1 --dtype int8 --batch 8
      archcalc energy lenet5 --layers --format csv
    """
    from archcalc.analysis.energy import energy
    from archcalc.present import energy as views

    statement = energy(request_of(name, **options), table=table)
    tables = views.energy_tables(statement, layers)
    show(tables, views.energy_records(statement, layers), views.energy_data(statement, layers), form, exact)
