"""`archcalc sweep`: quantities of the networks of a whole design space, or of a sample of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.files import STDOUT
from archcalc.base.spelling import shown
from archcalc.cli.options import exact_option, show
from archcalc.cli.requests import network_options, training_of, training_options
from archcalc.cli.spaces import complete_space, space_of
from archcalc.present.tables import FORMATS

SHOWN = 20
"""Rows of a printed table, unless another number is given."""
MOST_PRINTED = 100_000
"""Rows that are printed in formats for programs, at most."""
FOR_PROGRAMS = ("csv", "tsv", "json")


def complete_quantities(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of the last quantity of a list."""
    from archcalc.analysis.quantities import QUANTITIES

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{key}" for key in QUANTITIES if key.startswith(last)]


@click.command("sweep")
@click.argument("name", metavar="SPACE|FILE.toml|NETWORK", shell_complete=complete_space)
@click.option("--over", multiple=True, metavar="AXIS=VALUES", help="An axis: width=16..512:16, 16..1024 log 2, 1,2,4.")
@click.option("--constraint", "constraints", multiple=True, metavar="TEXT", help="On axes: w2 >= w1 ...")
@click.option(
    "--quantities",
    default="params,mult_adds",
    show_default=True,
    metavar="LIST",
    shell_complete=complete_quantities,
    help="Quantities, joined by commas.",
)
@click.option("--where", multiple=True, metavar="CONDITION", help="On axes and quantities: mult_adds < 400M ...")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Draw N points at random that fulfil all.")
@click.option("--seed", type=click.IntRange(min=0), default=0, metavar="S", help="Which are drawn; 0.")
@click.option("--draws", metavar="N", default="100M", show_default=True, help="Look at so many for a sample, at most.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help=f"Print so many rows; {SHOWN} in a table.")
@click.option("-o", "--output", "file", metavar="FILE", help="Write all rows to a .parquet, .arrow or .csv file.")
@click.option("--restart", is_flag=True, help="Start over, whatever parts of FILE an earlier sweep has left.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Processes of this machine; 1.")
@click.option("--dask", default="", metavar="ADDRESS", help="Run on the workers of this Dask scheduler.")
@click.option("--chunk", type=click.IntRange(min=1), metavar="N", help="Points of a task, at most.")
@click.option("--format", "form", type=click.Choice(FORMATS, case_sensitive=False), default="table", show_default=True)
@exact_option
@network_options
@training_options
@click.pass_context
def sweep_command(
    context: click.Context,
    name: str,
    over: tuple[str, ...],
    constraints: tuple[str, ...],
    quantities: str,
    where: tuple[str, ...],
    sample: int | None,
    seed: int,
    draws: str,
    limit: int | None,
    file: str | None,
    form: str,
    exact: bool,
    **given: Any,
) -> None:
    """Compute quantities of all networks of a design space, or of a sample that fulfils conditions.

    SPACE is one that `archcalc spaces` lists, FILE.toml one of your own, and --over makes one of NETWORK, of
    hyperparameters and of sizes of its input (size, or height and width). A name of both, such as mobilenet_v1, is the
    space, and with --over a space of the network.

    With -o, rows are written in parts beside FILE, which is made of them at the end: a sweep that was interrupted goes
    on when the same command is given again. Any number of --jobs gives the same rows.

    \b
    Examples:
      archcalc sweep mobilenet_v1
      archcalc sweep regnetx --sample 500 --seed 1 --where "mult_adds < 800M" -o regnetx.parquet
      archcalc sweep mobilenet_v1 --over width=0.1..2:0.01 --where "mult_adds < 500M" --sample 5 --seed 1
      archcalc sweep resnext50_32x4d --over width=1..8 --quantities params,peak_inference_bytes --batch 8 -o x.parquet
    """
    from archcalc.spaces.plans import SweepPlan

    if context.find_root().params.get("server") is not None:
        local = [name for name in ("jobs", "dask", "chunk") if given[name] not in (1, "", None)]
        if local:
            raise ArchcalcError(f"--{local[0]} is for a sweep on this machine: leave --server (ARCHCALC_SERVER) out")
    file = None if file in STDOUT else file
    training = training_of(given)
    running = {key: given.pop(key) for key in ("restart", "jobs", "dask")}
    chunk = given.pop("chunk")
    bounds: dict[str, Any] = {"draws": _draws(draws)} | ({} if chunk is None else {"chunk": chunk})
    space, batch, dtype = _space(name, over, constraints, given)
    keys = [each.strip() for each in quantities.split(",") if each.strip()]
    plan = SweepPlan(space, keys, where, sample, seed, batch, dtype, training)
    if file is None:
        if running.pop("restart"):
            raise ArchcalcError("--restart is for parts of a file; name it by -o FILE")
        _print(plan, limit, form, exact, {**running, **bounds})
        return
    if limit is not None:
        raise ArchcalcError("--limit is for rows that are printed; -o writes all, and --sample takes some of them")
    _write(plan, file, {**running, **bounds})


def _draws(text: str) -> int:
    from archcalc.algebra.amounts import COUNTS, read_amount

    amount = read_amount(text, COUNTS)
    if amount is None or amount < 1 or amount.denominator != 1 or amount > 2**62:
        raise ArchcalcError(f"--draws takes a number of points such as 100M, not {shown(text)}")
    return int(amount)


def _space(
    name: str, over: tuple[str, ...], constraints: tuple[str, ...], given: dict[str, Any]
) -> tuple[Any, Any, str]:
    """The space, the batch and the dtype. Raises ArchcalcError for several values of an option."""
    for option, key in (("--batch", "batches"), ("--dtype", "dtypes"), ("--input", "shapes"), ("--size", "sizes")):
        if len(given[key]) > 1:
            raise ArchcalcError(f"{option} has {len(given[key])} values: one is meant here")
    network = {key: given[key] for key in ("sizes", "classes", "aux")}
    space = space_of(name, over, constraints, given["settings"], next(iter(given["shapes"]), None), **network)
    return space, given["batches"][0], given["dtypes"][0]


def _print(plan: Any, limit: int | None, form: str, exact: bool, options: dict[str, Any]) -> None:
    """Print the first rows."""
    from archcalc.cli.progress import shown_progress
    from archcalc.present.sweeping import found_remarks, sweep_table
    from archcalc.spaces.sweeping import swept

    most = limit or (MOST_PRINTED if form in FOR_PROGRAMS else SHOWN)
    with shown_progress() as watch:
        rows = swept(plan, watch=watch, limit=most + 1, **options)
    records = rows.to_arrow().to_pylist()[:most]
    more = len(rows) > most
    if more and limit is None and form in FOR_PROGRAMS:
        raise ArchcalcError(f"there are more than {most:,} rows: write them by -o FILE.parquet, or --limit them")
    drawn = rows.metadata["drawn"]
    remarks = [] if more else found_remarks(plan, len(records), drawn)
    if more:
        remarks.append(f"These are the first {most:,} rows: --limit N prints more, -o FILE.parquet writes all.")
    data = {**rows.metadata, "rows": records}
    show(sweep_table(plan, records, remarks), records, data, form, exact)


def _write(plan: Any, file: str, options: dict[str, Any]) -> None:
    """Write all rows to a file."""
    from archcalc.cli.progress import shown_progress
    from archcalc.present.sweeping import found_remarks
    from archcalc.spaces.sweeping import SweepProgress, swept

    last: list[SweepProgress] = []
    try:
        with shown_progress() as watch:

            def note(progress: SweepProgress) -> None:
                last[:] = [progress]
                if watch is not None:
                    watch(progress)

            rows = swept(plan, output=file, watch=note, **options)
    except KeyboardInterrupt:
        _say_stopped(file, last)
        raise
    drawn: int = rows.metadata["drawn"]
    click.echo(f"archcalc: {file}: {len(rows):,} rows", err=True)
    for remark in found_remarks(plan, len(rows), drawn):
        click.echo(f"archcalc: {remark}", err=True)


def _say_stopped(file: str, last: list[Any]) -> None:
    if not Path(f"{file}.parts").is_dir():
        return
    done = f" at {last[0].drawn:,} points, {last[0].rows:,} rows" if last else ""
    click.echo(f"archcalc: stopped{done}; the same command goes on from the parts in {file}.parts", err=True)
