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


def complete_description(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of architectures and design spaces that begin with what was typed."""
    from archcalc.query import spaces

    found = [space.name for space in spaces() if space.name.startswith(incomplete.lower())]
    return [*complete_name(context, parameter, incomplete), *found]


def shape_options(command: Command) -> Command:
    """The options that say which input and which hyperparameters a network gets."""
    for option in (
        click.option("--aux", is_flag=True, help="With auxiliary heads, in parameters and mult-adds alike."),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A hyperparameter of its own."),
        click.option("--classes", metavar="N", help="Outputs of the classifier."),
        click.option("--size", metavar="S|HxW", help="Input height and width."),
        click.option("--input", "shape", metavar="CxHxW", help="Input channels, height and width."),
    ):
        command = option(command)
    return command


def network_options(command: Command) -> Command:
    """`shape_options`, and what a count of bytes needs."""
    for option in (
        click.option(
            "--dtype", default="float32", show_default=True, metavar="TYPE", help="Type of a value, for bytes."
        ),
        click.option("--batch", default="1", show_default=True, metavar="N", help="Images at once, for bytes."),
        shape_options,
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
@click.argument("name", shell_complete=complete_description)
@click.option("--bibtex", is_flag=True, help="The citation only, for a BibTeX file.")
@output_options
def show_command(name: str, bibtex: bool, form: str, exact: bool) -> None:
    """What NAME is: citation, how it was confirmed, names, hyperparameters, and where sources disagree.

    \b
    Examples:
      archcalc show mobilenet_v1
      archcalc show resnet50 --bibtex
      archcalc show anynet_d
      archcalc show unet --format json
    """
    from archcalc import views
    from archcalc.descriptions import Space, plain
    from archcalc.query import describe

    description = describe(name)
    data = plain(description)
    if bibtex:
        if form != "table":
            raise ArchcalcError("--bibtex is a format of its own; leave --format out")
        click.echo(views.bibtex(description.citation))
    elif isinstance(description, Space):
        show(views.space_tables(description), space_records([data]), data, form, exact, at_most=80)
    else:
        options = [
            {key: each[key] for key in ("name", "value", "range", "meaning")} for each in data["hyperparameters"]
        ]
        show(views.description_tables(description), options, data, form, exact, at_most=80)


@cli.command("spaces")
@output_options
def spaces_command(form: str, exact: bool) -> None:
    """The network design spaces AnyNet A to E and RegNet: restrictions and sizes.

    \b
    Examples:
      archcalc spaces --exact
      archcalc show anynet_d
    """
    from archcalc import views
    from archcalc.descriptions import plain
    from archcalc.query import spaces

    found = spaces()
    data = [plain(each) for each in found]
    show(views.spaces_table(found), space_records(data), data, form, exact)


def space_records(data: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Design spaces as flat dictionaries."""
    keys = ("name", "restriction", "dimensions", "formula", "size", "printed", "source")
    return [{key: each[key] for key in keys} for each in data]


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


@cli.command("graph")
@click.argument("name", shell_complete=complete_name)
@click.option("-o", "--output", "file", metavar="FILE", help="Write here, in the format that the suffix says.")
@click.option("--format", "form", type=click.Choice(("dot", "svg")), help="By FILE's suffix, else dot.")
@click.option("--depth", metavar="N|full", help="Levels of blocks to open; as many as stay readable by default.")
@shape_options
def graph_command(name: str, file: str | None, form: str | None, depth: str | None, **network: Any) -> None:
    """A picture of how the layers of NAME are joined, as Graphviz DOT or as SVG.

    Equal blocks in a row are drawn once, with their number. --depth 1 draws the stages, 2 their blocks, 3 the
    layers of the blocks; full draws every layer, nothing left out. SVG needs Graphviz (pip install pygraphviz).

    \b
    Examples:
      archcalc graph googlenet -o googlenet.svg
      archcalc graph densenet264 --depth 2 -o densenet264.svg
      archcalc graph resnet50 --size 320 --depth full > resnet50.dot
    """
    from archcalc import graphviz, picture
    from archcalc.query import structure

    wanted = graphviz.read_format(form, file)
    levels = picture.read_depth(depth)
    with graphviz.destination(file) as write:
        graphviz.check_renderer(wanted)
        dot = picture.draw(structure(name, **chosen(name, **network)), levels)
        write(dot if wanted == "dot" else graphviz.to_svg(dot))


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


def analyze(name: str, batch: str, dtype: str, detail: bool = False, **network: Any) -> Any:
    """`query.analyze` for the options of a command."""
    from archcalc.query import analyze as ask

    return ask(name, batch=batch, dtype=dtype, detail=detail, **chosen(name, **network))  # pyright: ignore[reportArgumentType]


def chosen(
    name: str, shape: str | None, size: str | None, classes: str | None, settings: tuple[str, ...], aux: bool
) -> dict[str, Any]:
    """The input and the hyperparameters that `shape_options` say."""
    from archcalc.query import default_input

    own = _given(settings)
    for key, value in (("classes", classes), ("aux", True if aux else None)):
        if value is not None:
            if key in own:
                raise ArchcalcError(f"{key} is given twice")
            own[key] = value
    if shape is not None and size is not None:
        raise ArchcalcError("--input and --size both say the size; give one")
    given: tuple[Any, ...] | None = None
    if shape is not None:
        given = _sides(shape, 3, "--input", "3x320x320")
    elif size is not None:
        sides = _sides(size, 2, "--size", "320 or 320x256")
        given = (default_input(name, own)[0], *sides)
    return {"input": given, **own}


def _given(settings: tuple[str, ...]) -> dict[str, Any]:
    """What --set says."""
    own: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise ArchcalcError(f"--set takes KEY=VALUE, not {setting!r}")
        if key in {"name", "input", "batch", "dtype", "detail"}:
            raise ArchcalcError(f"--set takes a hyperparameter of the network, not {key!r}")
        if key in own:
            raise ArchcalcError(f"--set {key} is given twice")
        own[key] = value
    return own


def _sides(text: str, count: int, option: str, example: str) -> tuple[int, ...]:
    """Sizes joined by x; one number stands for a height and a width."""
    parts = re.split("[x\u00d7,]", text.strip().lower())
    if count == 2 and len(parts) == 1:
        parts *= 2
    if len(parts) != count or not all(re.fullmatch(r"[+-]?\d{1,40}", part) for part in parts):
        shown = text if len(text) <= 60 else text[:60] + "..."
        raise ArchcalcError(f"{option} takes sizes such as {example}, not {shown!r}")
    return tuple(map(int, parts))


def show(
    result: Table | Sequence[Table],
    records: Sequence[dict[str, Any]],
    data: Any,
    form: str,
    exact: bool,
    at_most: int | None = None,
) -> None:
    """Print a result in the format asked for; text at most so wide where no terminal says how wide."""
    from archcalc import tables

    parts = [result] if isinstance(result, Table) else result
    if form == "json":
        click.echo(as_json(data))
    elif form == "csv":
        click.echo(tables.as_csv(records))
    elif form == "markdown":
        click.echo("\n\n".join(tables.as_markdown(table, exact) for table in parts))
    elif form == "latex":
        click.echo("\n\n".join(tables.as_latex(table, exact) for table in parts))
    else:
        bold = _bold if sys.stdout.isatty() and "NO_COLOR" not in os.environ else str
        click.echo("\n\n".join(tables.as_text(table, exact, _width() or at_most, bold) for table in parts))


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
