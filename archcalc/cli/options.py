"""Options that several commands share, completion of names, and printing in all formats."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.cli.own import is_own
from archcalc.present.tables import FORMATS, Table

if TYPE_CHECKING:
    from archcalc.request import Request

Command = TypeVar("Command", bound=Callable[..., Any])


class Seconds(click.FloatRange):
    """A number of seconds in a range; unlike click's type, it refuses not-a-number."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return number


def complete_name(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of the name of an architecture."""
    from archcalc.request import names

    return [name for name in names() if name.startswith(incomplete.lower())]


def complete_description(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of the name of an architecture or a design space."""
    from archcalc.catalogue.listing import spaces

    names = [space.name for space in spaces() if space.name.startswith(incomplete.lower())]
    return [*complete_name(context, parameter, incomplete), *names]


def complete_convention(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of the name of a convention; after a comma, of the next in a list."""
    from archcalc.conventions.counting import conventions

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{each.name}" for each in conventions() if each.name.startswith(last.lower())]


def convention_option(command: Command) -> Command:
    """The option --convention."""
    return click.option(
        "--convention",
        metavar="NAME",
        shell_complete=complete_convention,
        help="Count as a tool or paper does; `archcalc conventions` lists them.",
    )(command)


def shape_options(command: Command) -> Command:
    """The options for a network's input and hyperparameters."""
    for option in (
        click.option("--aux", is_flag=True, help="With auxiliary heads, in both parameters and mult-adds."),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A hyperparameter of the network."),
        click.option("--classes", metavar="N", help="Outputs of the classifier."),
        click.option("--size", metavar="S|HxW", help="Input height and width."),
        click.option("--input", "shape", metavar="CxHxW", help="Input channels, height and width."),
    ):
        command = option(command)
    return command


def network_options(command: Command) -> Command:
    """The options of `shape_options`, and those for counts of bytes."""
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
    """The options for the format of a result."""
    for option in (
        click.option("--exact", is_flag=True, help="All digits in tables."),
        click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True),
    ):
        command = option(command)
    return command


def request_of(
    name: str,
    shape: str | None,
    size: str | None,
    classes: str | None,
    settings: tuple[str, ...],
    aux: bool,
    batch: str = "1",
    dtype: str = "float32",
) -> Request:
    """The request from a network's name and the options of `network_options`."""
    from archcalc.request import Request, resolve

    own = _given(settings)
    for key, value in (("classes", classes), ("aux", True if aux else None)):
        if value is not None:
            if key in own:
                raise ArchcalcError(f"{key} is given twice")
            own[key] = value
    if shape is not None and size is not None:
        raise ArchcalcError("--input and --size both give the size; use one of them")
    given = None if shape is None else _sides(shape, "--input", "3x320x320")
    network: Any = name
    if is_own(name):
        from archcalc.cli.own import load

        network = load(name, given, None if size is None else _square(size, 2), own)
        own = {key: value for key, value in own.items() if network.settings.get(key) is None}
    request = Request.of(network, batch=batch, dtype=dtype)
    request = replace(request, settings=own)
    if size is not None:
        channels, *sides = resolve(request).input
        request = replace(request, input=(channels, *_square(size, len(sides))))
    return request if given is None else replace(request, input=given)


def _given(settings: tuple[str, ...]) -> dict[str, Any]:
    """Hyperparameters from the values of --set."""
    own: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise ArchcalcError(f"--set takes KEY=VALUE, not {setting!r}")
        if key in own:
            raise ArchcalcError(f"--set {key} is given twice")
        own[key] = value
    return own


def _square(text: str, axes: int) -> tuple[int, ...]:
    """The sizes from --size: one number stands for all axes."""
    sides = _sides(text, "--size", "320 or 320x256")
    if len(sides) not in (1, axes):
        raise ArchcalcError(f"--size takes sizes such as 320 or 320x256, not {shown(text)}")
    return sides * axes if len(sides) == 1 else sides


def _sides(text: str, option: str, example: str) -> tuple[int, ...]:
    """Sizes joined by x."""
    parts = re.split("[x\u00d7,]", text.strip().lower())
    if len(parts) > 8 or not all(re.fullmatch(r"[+-]?\d{1,40}", part) for part in parts):
        raise ArchcalcError(f"{option} takes sizes such as {example}, not {shown(text)}")
    return tuple(map(int, parts))


def show(
    result: Table | Sequence[Table],
    records: Sequence[dict[str, Any]],
    data: Any,
    form: str,
    exact: bool,
    at_most: int | None = None,
) -> None:
    """Print a result in the requested format; without a terminal, text is at most `at_most` wide."""
    from archcalc.present import tables

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
        click.echo("\n\n".join(tables.as_text(table, exact, text_width() or at_most, bold) for table in parts))


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


def text_width() -> int | None:
    """The width of the terminal, or $COLUMNS; None (unlimited) if the output is not a terminal."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    return os.get_terminal_size().columns if sys.stdout.isatty() else None
