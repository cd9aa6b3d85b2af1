"""`archcalc front` and `archcalc best`: what is read off the table of a sweep; options of the plots of tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.options import output_options, show

if TYPE_CHECKING:
    from archcalc.figures import Kind, TablePlot

Command = TypeVar("Command", bound=Callable[..., Any])

RANGE = click.option(
    "--range",
    "ranges",
    multiple=True,
    metavar="COLUMN=LOW..HIGH",
    help="Only networks in a regime: from LOW on and below HIGH, one of which may be left out.",
)


def sweep_options(command: Command) -> Command:
    """The options of `archcalc plot` for tables of sweeps."""
    for option in (
        click.option("--best", default="", metavar="COLUMN", help="space: trends of the best 25 % by it."),
        RANGE,
        click.option("--maximize", multiple=True, metavar="COLUMN", help="front, space: more of it is better."),
        click.option("--y", multiple=True, metavar="COLUMN", help="front: vertical axis; space: that of a panel."),
        click.option("--x", default="", metavar="COLUMN", help="front, space: horizontal axis, mult_adds by default."),
        click.option("--column", default="", metavar="COLUMN", help="edf, space: of the distribution; mult_adds."),
    ):
        command = option(command)
    return command


def sweep_of(kind: Kind, files: tuple[str, ...], request: dict[str, Any]) -> TablePlot:
    """The tables and columns of a plot, whose options are taken out of those of the command."""
    from archcalc.figures import TablePlot

    given = {name: request.pop(name) for name in ("column", "x", "y", "maximize", "ranges", "best")}
    return TablePlot(files if kind.networks == "tables" else (), **given)


def refuse_server(context: click.Context, what: str) -> None:
    """Raise ArchcalcError where a server is asked, which does not see files of this machine."""
    if context.find_root().params.get("server") is not None:
        raise ArchcalcError(f"{what} reads tables on this machine: leave --server (ARCHCALC_SERVER) out")


@click.command("front")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option("--minimize", multiple=True, metavar="COLUMN", help="A quantity of which less is better.")
@click.option("--maximize", multiple=True, metavar="COLUMN", help="A quantity of which more is better.")
@RANGE
@click.option("--distinct", is_flag=True, help="Of networks that are equal in these quantities, only the first.")
@output_options
@click.pass_context
def front_command(
    context: click.Context,
    files: tuple[str, ...],
    minimize: tuple[str, ...],
    maximize: tuple[str, ...],
    ranges: tuple[str, ...],
    distinct: bool,
    form: str,
    exact: bool,
) -> None:
    """Print the Pareto front of the networks in FILEs, tables of sweeps, in two or three quantities.

    A file is .parquet, .arrow or .csv, and may have columns of your own, such as a measured error. Of networks that are
    equal in these quantities all are on the front, or none.

    \b
    Examples:
      archcalc front regnetx.parquet --minimize mult_adds --minimize error
      archcalc front regnetx.parquet regnety.parquet --minimize params --maximize accuracy -o front.csv
      archcalc front regnetx.parquet --minimize params --minimize activations --maximize mult_adds --distinct
      archcalc front regnetx.parquet --minimize params --minimize error --range mult_adds=360M..400M
    """
    from archcalc.present import sweeps as views
    from archcalc.spaces.fronts import front
    from archcalc.spaces.ranges import read_range

    refuse_server(context, "front")
    read = [read_range(each) for each in ranges]
    found = front(files, minimize, maximize, read, distinct=distinct)
    show(views.front_table(found), views.front_records(found), views.front_data(found), form, exact)


@click.command("best")
@click.argument("file", type=click.Path())
@click.option("--column", required=True, metavar="COLUMN", help="The quantity of which less is better.")
@click.option("--maximize", is_flag=True, help="More of it is better.")
@click.option("--by", default="mult_adds", show_default=True, metavar="COLUMN", help="The quantity of the regimes.")
@click.option(
    "--regimes", metavar="A,B,...", help="Limits of the regimes: below A, from A to B ...; by default 1, 2, 5, 10 ..."
)
@click.option(
    "--median", "medians", multiple=True, metavar="COLUMN", help="Its median over the best 25 % of each regime, too."
)
@RANGE
@output_options
@click.pass_context
def best_command(
    context: click.Context,
    file: str,
    column: str,
    maximize: bool,
    by: str,
    regimes: str | None,
    medians: tuple[str, ...],
    ranges: tuple[str, ...],
    form: str,
    exact: bool,
) -> None:
    """Print the best network of each regime of mult-adds in FILE, the table of a sweep.

    A regime has its low limit and not its high one.

    \b
    Examples:
      archcalc best regnetx.parquet --column error --regimes 200M,400M,800M
      archcalc best regnetx.parquet --column accuracy --maximize --median depth --median w_m
      archcalc best regnetx.parquet --column mult_adds --maximize --by latency@t4 --regimes 0.001,0.002
    """
    from archcalc.present import sweeps as views
    from archcalc.spaces.distributions import best_in_regimes
    from archcalc.spaces.ranges import read_edges, read_range
    from archcalc.spaces.tables import table_of

    refuse_server(context, "best")
    limits = None if regimes is None else read_edges(regimes)
    read = [read_range(each) for each in ranges]
    table = table_of(file)
    found = best_in_regimes(table, column, by, limits, maximize=maximize, medians=medians, ranges=read)
    names = table.find(column), table.find(by)
    records = views.best_records(found)
    show(views.best_table(table, *names, found, maximize=maximize), records, records, form, exact)
