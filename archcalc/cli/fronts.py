"""`archcalc front` and `archcalc best`: what is read off tables of sweeps.

Options of the plots of tables too, and of design spaces of which tables are made on the spot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.cli.options import output_options, show
from archcalc.cli.own import is_own
from archcalc.cli.spaces import complete_space, space_of

if TYPE_CHECKING:
    from archcalc.figures import Kind, TablePlot
    from archcalc.spaces.sources import SpaceSample
    from archcalc.spaces.tables import SweepTable

Command = TypeVar("Command", bound=Callable[..., Any])

RANGE = click.option(
    "--range",
    "ranges",
    multiple=True,
    metavar="COLUMN=LOW..HIGH",
    help="Only networks in a regime: from LOW on and below HIGH, one of which may be left out.",
)


def sample_options(command: Command) -> Command:
    """The options for design spaces of which tables are made."""
    for option in (
        click.option("--seed", type=click.IntRange(min=0), default=0, metavar="S", help="Which are drawn; 0."),
        click.option(
            "--sample", type=click.IntRange(min=1), metavar="N", help="Of a space: draw N networks at random."
        ),
        click.option(
            "--where", multiple=True, metavar="CONDITION", help="Of a space: only networks with mult_adds < 800M ..."
        ),
        click.option("--over", multiple=True, metavar="AXIS=VALUES", help="An axis of a space: width=16..512:16 ..."),
    ):
        command = option(command)
    return command


def space_options(command: Command) -> Command:
    """The options of `sample_options`, and for all that counts depend on."""
    for option in (
        click.option("--dtype", default="float32", metavar="TYPE", help="Of a space: type of a value, for bytes."),
        click.option("--batch", default="1", metavar="N", help="Of a space: images at once; 1."),
        click.option("--input", "shape", metavar="CxHxW", help="The input of a network with --over."),
        click.option(
            "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A hyperparameter of a network with --over."
        ),
        click.option("--quantities", default="", metavar="LIST", help="Of a space: further columns, joined by commas."),
    ):
        command = option(command)
    return sample_options(command)


def sweep_options(command: Command) -> Command:
    """The options of `archcalc plot` for tables of sweeps."""
    for option in (
        click.option("--best", default="", metavar="COLUMN", help="space: trends of the best 25 % by it."),
        RANGE,
        click.option("--maximize", multiple=True, metavar="COLUMN", help="front, space: more of it is better."),
        click.option("--y", multiple=True, metavar="COLUMN", help="front: vertical axis; space: that of a panel."),
        click.option("--x", default="", metavar="COLUMN", help="front, space: horizontal axis, mult_adds by default."),
        click.option("--column", default="", metavar="COLUMN", help="edf, space: of the distribution; mult_adds."),
        sample_options,
    ):
        command = option(command)
    return command


def sweep_over(kind: Kind, request: dict[str, Any]) -> tuple[str, ...]:
    """The axes of design spaces of a plot, taken out of its options. Raises ArchcalcError for a plot of networks."""
    over: tuple[str, ...] = request.pop("over")
    if over and kind.networks != "tables":
        raise ArchcalcError(f"the plot {kind.name} is of networks, not of design spaces, so it takes no --over")
    return over


def sweep_of(kind: Kind, sources: tuple[str, ...], request: dict[str, Any]) -> TablePlot:
    """The sources and columns of a plot, whose options are taken out of those of the command."""
    from archcalc.figures import TablePlot
    from archcalc.spaces.sources import SpaceSample

    given = {name: request.pop(name) for name in ("column", "x", "y", "maximize", "ranges", "best")}
    sample = SpaceSample(**{name: request.pop(name) for name in ("sample", "seed", "where")})
    return TablePlot(sources if kind.networks == "tables" else (), sample=sample, **given)


def tables_of(
    sources: tuple[str, ...],
    columns: Sequence[str],
    sample: SpaceSample,
    over: tuple[str, ...] = (),
    settings: tuple[str, ...] = (),
    shape: str | None = None,
) -> list[SweepTable]:
    """The tables of files and of design spaces, of which `columns` are needed. Raises ArchcalcError."""
    from archcalc.cli.progress import shown_progress
    from archcalc.spaces.sources import ALL, tables_from
    from archcalc.spaces.tables import is_table

    files = [not is_own(each) and is_table(each) for each in sources]
    if all(files) and (sample != ALL or over or settings or shape):
        said = "--over, --where, --sample and the other options of a design space"
        raise ArchcalcError(f"{said} are not for {sources[0]}, a table: --range takes some of its networks")
    read = [
        each if is_file else space_of(each, over, (), settings, shape)
        for each, is_file in zip(sources, files, strict=True)
    ]
    return tables_from(read, columns, sample, shown_progress)


def _sample(options: dict[str, Any]) -> tuple[SpaceSample, dict[str, Any]]:
    """Which networks of a space are looked at, and the options that make a space."""
    from archcalc.spaces.sources import SpaceSample

    given = {name: options.pop(name) for name in ("sample", "seed", "where", "batch", "dtype")}
    given["batch"] = int(given["batch"]) if given["batch"].isdecimal() else given["batch"]
    quantities = tuple([each.strip() for each in options.pop("quantities").split(",") if each.strip()])
    return SpaceSample(quantities=quantities, **given), options


def refuse_server(context: click.Context, what: str) -> None:
    """Raise ArchcalcError where a server is asked, which does not see files of this machine and makes no tables."""
    if context.find_root().params.get("server") is not None:
        raise ArchcalcError(f"{what} makes and reads tables on this machine: leave --server (ARCHCALC_SERVER) out")


@click.command("front")
@click.argument("files", nargs=-1, required=True, metavar="FILE|SPACE...", shell_complete=complete_space)
@click.option("--minimize", multiple=True, metavar="COLUMN", help="A quantity of which less is better.")
@click.option("--maximize", multiple=True, metavar="COLUMN", help="A quantity of which more is better.")
@RANGE
@click.option("--distinct", is_flag=True, help="Of networks that are equal in these quantities, only the first.")
@space_options
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
    **options: Any,
) -> None:
    """Print the Pareto front of networks of design spaces in two or three quantities.

    FILE is the table of a sweep, .parquet, .arrow or .csv, and may have columns of your own, such as a measured error;
    FILE.parts has the rows so far of a sweep that is unfinished. Of a SPACE (a name that `archcalc spaces` lists, a
    TOML file, or a network with --over) the quantities that are needed are computed, for a sample if you want. Of
    networks that are equal in these quantities all are on the front, or none.

    \b
    Examples:
      archcalc front regnetx.parquet --minimize mult_adds --minimize error
      archcalc front mobilenet_v1 --minimize mult_adds --maximize params
      archcalc front regnetx --sample 5000 --seed 1 --minimize latency@t4 --maximize mult_adds
      archcalc front regnetx.parquet regnety.parquet --minimize params --maximize accuracy -o front.csv
      archcalc front regnetx.parquet --minimize params --minimize activations --maximize mult_adds --distinct
      archcalc front regnetx.parquet --minimize params --minimize error --range mult_adds=360M..400M
    """
    from archcalc.present import sweeps as views
    from archcalc.spaces.fronts import check_objectives, front
    from archcalc.spaces.ranges import read_range

    refuse_server(context, "front")
    read = [read_range(each) for each in ranges]
    sample, given = _sample(options)
    columns = tuple(dict.fromkeys([*minimize, *maximize, *[each.column for each in read]]))
    check_objectives([*minimize, *maximize])
    need("numpy", "a Pareto front")
    tables = tables_of(files, columns, sample, **given)
    found = front(tables, minimize, maximize, read, distinct=distinct)
    show(views.front_table(found), views.front_records(found), views.front_data(found), form, exact)


@click.command("best")
@click.argument("file", metavar="FILE|SPACE", shell_complete=complete_space)
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
@space_options
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
    **options: Any,
) -> None:
    """Print the best network of each regime of mult-adds in FILE, the table of a sweep, or of a design space.

    A regime has its low limit and not its high one. Of a SPACE (a name that `archcalc spaces` lists, a TOML file, or a
    network with --over) the quantities that are needed are computed, for a sample if you want.

    \b
    Examples:
      archcalc best regnetx.parquet --column error --regimes 200M,400M,800M
      archcalc best regnetx.parquet --column accuracy --maximize --median depth --median w_m
      archcalc best regnetx --sample 1000 --column params --maximize --by activations
      archcalc best regnetx.parquet --column mult_adds --maximize --by latency@t4 --regimes 0.001,0.002
    """
    from archcalc.present import sweeps as views
    from archcalc.spaces.distributions import best_in_regimes
    from archcalc.spaces.ranges import read_edges, read_range

    refuse_server(context, "best")
    limits = None if regimes is None else read_edges(regimes)
    read = [read_range(each) for each in ranges]
    sample, given = _sample(options)
    columns = tuple(dict.fromkeys([column, by, *medians, *[each.column for each in read]]))
    (table,) = tables_of((file,), columns, sample, **given)
    found = best_in_regimes(table, column, by, limits, maximize=maximize, medians=medians, ranges=read)
    names = table.find(column), table.find(by)
    records = views.best_records(found)
    show(views.best_table(table, *names, found, maximize=maximize), records, records, form, exact)
