"""The command line: parse, call `query`, print. Data goes to stdout, messages to stderr; bad input exits with 2."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from archcalc import __version__
from archcalc.errors import ArchcalcError
from archcalc.tables import FORMATS, Table

Command = TypeVar("Command", bound=Callable[..., Any])


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; every error is one line on stderr and exit code 2."""
    try:
        code: Any = cli.main(args, prog_name="archcalc", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        sys.exit(2)
    except click.ClickException as error:
        _fail(error.format_message())
    except ArchcalcError as error:
        _fail(str(error))
    except click.Abort:
        sys.exit(130)
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> None:
    click.echo(f"archcalc: {' '.join(message.split())}", err=True)
    sys.exit(2)


def complete_name(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of architectures that begin with what was typed."""
    from archcalc.query import names

    return [name for name in names() if name.startswith(incomplete.lower())]


def network_options(command: Command) -> Command:
    """The options that say which input and which hyperparameters a network gets."""
    for option in (
        click.option("--aux", is_flag=True, help="With auxiliary heads, in parameters and mult-adds alike."),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A hyperparameter of its own."),
        click.option("--classes", metavar="N", help="Outputs of the classifier."),
        click.option(
            "--dtype", default="float32", show_default=True, metavar="TYPE", help="Type of a value, for bytes."
        ),
        click.option("--batch", default="1", show_default=True, metavar="N", help="Images at once, for bytes."),
        click.option("--size", metavar="S|HxW", help="Input height and width."),
        click.option("--input", "shape", metavar="CxHxW", help="Input channels, height and width."),
    ):
        command = option(command)
    return command


def output_options(command: Command) -> Command:
    """The options that say how a result is printed."""
    for option in (
        click.option("--exact", is_flag=True, help="All digits in tables."),
        click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True),
    ):
        command = option(command)
    return command


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Examples: archcalc table vgg16 · archcalc rf resnet18 resnet50 · archcalc compare alexnet vgg16",
)
@click.version_option(__version__, "--version", message="archcalc %(version)s")
def cli() -> None:
    """Exact sizes, parameters, mult-adds, memory and receptive fields of documented neural networks.

    Completion of commands and names: eval "$(_ARCHCALC_COMPLETE=bash_source archcalc)" in ~/.bashrc
    (zsh_source and fish_source likewise).
    """


@cli.command("list")
@click.argument("pattern", default="", shell_complete=complete_name)
@output_options
def list_command(pattern: str, form: str, exact: bool) -> None:
    """The architectures whose name or description holds PATTERN.

    \b
    Examples:
      archcalc list
      archcalc list vgg
      archcalc list 'resnet*_cifar'
    """
    from archcalc import views
    from archcalc.query import catalogue

    entries = catalogue(pattern)
    records = [entry._asdict() | {"input": views.by(entry.input)} for entry in entries]
    data = [entry._asdict() for entry in entries]
    show(views.catalogue_table(entries), records, data, form, exact)


@cli.command("show")
@click.argument("name", shell_complete=complete_name)
@output_options
def show_command(name: str, form: str, exact: bool) -> None:
    """What NAME is: citation, input, hyperparameters with their ranges, deviations between sources.

    \b
    Examples:
      archcalc show mobilenet_v1
      archcalc show resnet50 --format json
    """
    from archcalc import views
    from archcalc.query import describe

    description = describe(name)
    options = [option._asdict() for option in description.hyperparameters]
    data = description._asdict() | {"hyperparameters": options}
    show(views.description_table(description), options, data, form, exact)


@cli.command("table")
@click.argument("name", shell_complete=complete_name)
@network_options
@click.option("--detail", is_flag=True, help="One line for every operation instead of every layer.")
@output_options
def table_command(name: str, detail: bool, form: str, exact: bool, **network: Any) -> None:
    """The cost table of NAME: one line for every convolution, pool, linear layer and merge.

    \b
    Examples:
      archcalc table vgg16
      archcalc table mobilenet_v1 --set width=0.75 --size 192
      archcalc table googlenet --aux --exact
      archcalc table resnet50 --format json
    """
    from archcalc import views

    analysis = analyze(name, detail=detail, **network)
    show(views.cost_table(analysis), analysis.records(), analysis.to_dict(), form, exact)


@cli.command("rf")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_name)
@network_options
@output_options
def rf_command(names: tuple[str, ...], form: str, exact: bool, **network: Any) -> None:
    """Receptive fields: of every layer of one network, or after each stage of several.

    \b
    Examples:
      archcalc rf resnet50
      archcalc rf resnet18 resnet34 resnet50 resnet101
    """
    from archcalc import views
    from archcalc.query import field_data, field_records, stage_data, stage_fields, stage_records

    analyses = [analyze(name, **network) for name in names]
    if len(analyses) == 1:
        table = views.field_table(analyses[0])
        show(table, field_records(analyses[0]), field_data(analyses[0]), form, exact)
        return
    matrix = stage_fields(analyses)
    table = views.stage_table(analyses, matrix)
    show(table, stage_records(analyses, matrix), stage_data(analyses, matrix), form, exact)


@cli.command("compare")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_name)
@network_options
@output_options
def compare_command(names: tuple[str, ...], form: str, exact: bool, **network: Any) -> None:
    """Totals of several networks side by side, with their ratio to the first.

    \b
    Examples:
      archcalc compare alexnet vgg16 resnet50
      archcalc compare resnet50 resnet50_v1 --size 320 --exact
    """
    from archcalc import views
    from archcalc.query import comparison

    analyses = [analyze(name, **network) for name in names]
    data = comparison(analyses)
    show(views.compare_table(analyses), data, data, form, exact)


@cli.command("validate")
@click.argument("names", nargs=-1, shell_complete=complete_name)
@click.option("--all", "everything", is_flag=True, help="Every architecture of the catalogue.")
@click.option("--device", default="cpu", show_default=True, metavar="cpu|cuda|meta", help="Where the models run.")
@click.option("--checks", metavar="A,B,...", help="Only these checks.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes at a time.")
@click.option("--record", "file", metavar="FILE", help="Write a JSON record, and the page README.md beside it.")
@click.option("--random", "count", type=click.IntRange(1, 10_000_000), metavar="N", help="Check N random networks.")
@click.option("--seed", type=click.IntRange(0, 2**62), default=0, show_default=True, help="The first random network.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
def validate_command(names: tuple[str, ...], **options: Any) -> None:
    """Check archcalc's numbers against PyTorch models that are executed. Exit code 1 on any disagreement.

    Checks: shapes, parameters, flops (torch's FlopCounterMode), fvcore, references (torchvision, timm, pytorchcv),
    field (gradients), memory (storages and what autograd keeps).

    \b
    Examples:
      archcalc validate resnet50 vgg16
      archcalc validate --all --jobs 2 --record reports/validation/cpu.json
      archcalc validate resnet50 --device cuda --checks shapes,fvcore,memory
      archcalc validate --random 10000 --seed 1
    """
    from archcalc.validate_cli import run

    sys.exit(run(names, **options))


def analyze(
    name: str,
    shape: str | None,
    size: str | None,
    batch: str,
    dtype: str,
    classes: str | None,
    settings: tuple[str, ...],
    aux: bool,
    detail: bool = False,
) -> Any:
    """`query.analyze` for the options of a command."""
    from archcalc.query import analyze as ask
    from archcalc.query import default_input

    chosen: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise ArchcalcError(f"--set takes KEY=VALUE, not {setting!r}")
        if key in chosen:
            raise ArchcalcError(f"--set {key} is given twice")
        chosen[key] = value
    for key, value in (("classes", classes), ("aux", True if aux else None)):
        if value is not None:
            if key in chosen:
                raise ArchcalcError(f"{key} is given twice")
            chosen[key] = value
    if shape is not None and size is not None:
        raise ArchcalcError("--input and --size both say the size; give one")
    given: tuple[Any, ...] | None = None
    if shape is not None:
        given = _sides(shape, 3, "--input", "3x320x320")
    elif size is not None:
        sides = _sides(size, 2, "--size", "320 or 320x256")
        given = (default_input(name, chosen)[0], *sides)
    return ask(name, input=given, batch=batch, dtype=dtype, detail=detail, **chosen)  # pyright: ignore[reportArgumentType]


def _sides(text: str, count: int, option: str, example: str) -> tuple[int, ...]:
    """Sizes joined by x; one number stands for a height and a width."""
    parts = re.split("[x\u00d7,]", text.strip().lower())
    if count == 2 and len(parts) == 1:
        parts *= 2
    if len(parts) != count or not all(re.fullmatch(r"[+-]?\d{1,40}", part) for part in parts):
        shown = text if len(text) <= 60 else text[:60] + "..."
        raise ArchcalcError(f"{option} takes sizes such as {example}, not {shown!r}")
    return tuple(map(int, parts))


def show(table: Table, records: Sequence[dict[str, Any]], data: Any, form: str, exact: bool) -> None:
    """Print a result in the format asked for."""
    from archcalc import tables

    if form == "json":
        click.echo(as_json(data))
    elif form == "csv":
        click.echo(tables.as_csv(records))
    elif form == "markdown":
        click.echo(tables.as_markdown(table, exact))
    elif form == "latex":
        click.echo(tables.as_latex(table, exact))
    else:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        click.echo(tables.as_text(table, exact, _width(), _bold if colour else str))


def as_json(data: Any) -> str:
    """JSON with one line for every key of the result and for every item of its lists."""
    import json

    def compact(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def spread(value: Any, indent: str) -> str:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            items: Any = value  # pyright: ignore[reportUnknownVariableType]
            return "[\n" + ",\n".join(f"{indent}  {compact(item)}" for item in items) + f"\n{indent}]"
        return compact(value)

    if isinstance(data, list):
        return spread(data, "")
    return "{\n" + ",\n".join(f"  {compact(key)}: {spread(value, '  ')}" for key, value in data.items()) + "\n}"


def _bold(text: str) -> str:
    return click.style(text, bold=True)


def _width() -> int | None:
    """Columns of the terminal, or of $COLUMNS; None (as wide as it comes) where output goes elsewhere."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    return os.get_terminal_size().columns if sys.stdout.isatty() else None
