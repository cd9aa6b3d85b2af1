"""Options that several commands share, completion of names, and printing in all formats."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from archcalc.present.tables import FORMATS, Table

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


def output_options(command: Command) -> Command:
    """The options for the format of a result."""
    for option in (
        click.option("--exact", is_flag=True, help="All digits in tables."),
        click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True),
    ):
        command = option(command)
    return command


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
