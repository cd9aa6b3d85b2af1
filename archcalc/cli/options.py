"""Options that several commands share, and completion of names; those of `archcalc.cli.output` too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import click

from archcalc.cli.output import (
    as_json,
    emit,
    exact_option,
    figure_file,
    format_options,
    output_options,
    show,
    text_width,
)

__all__ = [  # what commands import from here; output is in a module of its own
    "Seconds",
    "as_json",
    "complete_convention",
    "complete_description",
    "complete_name",
    "convention_option",
    "emit",
    "exact_option",
    "figure_file",
    "format_options",
    "output_options",
    "show",
    "text_width",
]

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
    from archcalc.zoo import DESIGN_SPACES

    names = [name for name in DESIGN_SPACES if name.startswith(incomplete.lower())]
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
